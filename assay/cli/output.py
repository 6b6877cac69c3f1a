"""One run, shown as the user asked: one object on standard output, everything else on standard error or in files."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from assay.cli.errors import UsageError
from assay.harness.results import EXIT_CODES, RunResult
from assay.profiles.catalogue import Requirement

__all__ = ["FORMATS", "check_folder", "check_format", "exit_code", "show", "write_reports", "write_text"]

FORMATS = ("console", "json", "junit", "html")


def check_format(output: str) -> None:
    """:raises UsageError: a format that Assay does not write."""
    if output not in FORMATS:
        raise UsageError(f"--format '{output}' is unknown; choose one of: {', '.join(FORMATS)}")


def check_folder(folder: Path | None) -> None:
    """See, before any work is done, that reports can be written; nothing is made yet.

    :raises UsageError: a file, a place inside a file, or a folder that may not be written.
    """
    if folder is None:
        return
    there = folder.absolute()
    while not os.path.lexists(there):
        there = there.parent
    if not there.is_dir():
        raise UsageError(f"--out '{folder}' cannot be written: '{there}' is no folder; name another one")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"--out '{folder}' cannot be written: '{there}' is read-only; name another one")


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_reports(run: RunResult, folder: Path, catalogue: Mapping[str, Requirement]) -> None:
    """Write ``report.html``, ``report.json`` and ``junit.xml`` into a folder (made if missing).

    :raises UsageError: the folder cannot be written.
    """
    from assay.reports import html, json_report, junit

    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "report.html", html.render(run, catalogue))
        write_text(folder / "report.json", json_report.dumps(run))
        write_text(folder / "junit.xml", junit.dumps(run))
    except OSError as error:
        raise UsageError(f"--out '{folder}' cannot be written: {error}") from error


def show(run: RunResult, output: str, catalogue: Mapping[str, Requirement], *, verbose: bool = False) -> None:
    """Write the run to standard output in the chosen format."""
    if output == "console":
        from assay.reports.console import summary

        summary(run, verbose=verbose)
    elif output == "json":
        from assay.reports.json_report import dumps

        sys.stdout.write(dumps(run))
    elif output == "junit":
        from assay.reports.junit import dumps as junit_dumps

        sys.stdout.write(junit_dumps(run))
    else:
        from assay.reports.html import render

        sys.stdout.write(render(run, catalogue))


def exit_code(run: RunResult) -> int:
    """0 conformant or document_valid, 1 not conformant, 3 inconclusive."""
    return EXIT_CODES[run.verdict]
