"""``assay world check``: audit a world from its published credentials, and its ledger where it has one."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from assay.cli.errors import UsageError, usage_errors

__all__ = ["run_check", "world_app"]

world_app = typer.Typer(help="Look at a world as a whole.", no_args_is_help=True, rich_markup_mode=None)
_FORMATS = ("console", "json")


@world_app.callback()
def _root() -> None:
    pass


@world_app.command("check")
def check(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="A dataset, a folder of credentials, or a file with one on each line."
        ),
    ],
    assume: Annotated[
        Path | None,
        typer.Option(
            "--assume", metavar="FILE", help="Grades and other figures where documents state none (YAML)."
        ),
    ] = None,
    output: Annotated[str, typer.Option("--format", help="console or json, on standard output.")] = "console",
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every rule and every finding.")
    ] = False,
) -> None:
    """Prove from outside that a world is physically and legally consistent."""
    raise typer.Exit(run_check(path, assume=assume, output=output, verbose=verbose))


def run_check(path: Path, *, assume: Path | None, output: str, verbose: bool) -> int:
    """Audit and show; 0 consistent, 1 inconsistent, 3 nothing that could be checked.

    :raises UsageError: a path, flag or assumption that cannot be used.
    """
    from assay import __version__
    from assay.cli.sources import read_assumed_figures
    from assay.cli.start import imports_done
    from assay.harness.audit.judge import audit
    from assay.harness.audit.published import SourceError
    from assay.harness.results import EXIT_CODES, writable
    from assay.reports.console import ProgressLine

    imports_done()
    if output not in _FORMATS:
        raise UsageError(f"--format '{output}' is unknown; choose one of: {', '.join(_FORMATS)}")
    assumptions = read_assumed_figures(assume)
    with usage_errors(SourceError), ProgressLine() as progress:
        run = audit(
            path,
            assumptions,
            version=__version__,
            command=writable("assay " + shlex.join(sys.argv[1:])),
            listener=progress,
        )
    if output == "json":
        from assay.reports.json_report import dumps

        sys.stdout.write(dumps(run))
    else:
        from assay.reports.audit import summary

        summary(run, verbose=verbose)
    return EXIT_CODES[run.verdict]
