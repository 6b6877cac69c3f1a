"""What a user names on the command line becomes material: files, folders, standard input; URLs are left to the engine."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from assay.cli.errors import UsageError, usage_errors
from assay.harness.credential.intake import read, read_path
from assay.harness.credential.strict_json import MAXIMUM_BYTES
from assay.harness.material import Document

if TYPE_CHECKING:
    from assay.harness.audit.assumptions import Assumptions

__all__ = ["Sources", "parse_time", "read_assumed_figures", "read_assumptions", "read_sources"]

SUFFIXES = frozenset({"", ".json", ".jsonld", ".jwt", ".jws", ".vc", ".txt"})
"""What is read inside a folder (also files without a suffix); a file that is named itself is always read."""
_LINES = frozenset({".jsonl", ".ndjson"})
"""Files with a document on each line: as it is, or as the ``token`` or ``body`` of an object that says more about it."""
_NOT_JUDGED = frozenset({"ledger.jsonl", "accounts.jsonl"})
"""Lines of a simulated world that are no documents."""


@dataclass
class Sources:
    """Documents read from disk, URLs still to fetch, and files inside folders that were passed over."""

    documents: list[Document] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def read_sources(names: list[str]) -> Sources:
    """Read everything the user named, in the order given and folders sorted.

    :raises UsageError: a name that is neither a URL nor an existing file or folder.
    """
    found = Sources()
    for name in names:
        if not name:
            raise UsageError("source '' is empty; name a file, a folder ('.' for this one) or a URL")
        if name == "-":
            raw = sys.stdin.buffer.read(MAXIMUM_BYTES + 1)
            found.documents.append(read("standard input", raw))
        elif re.match(r"https?://", name, re.I):
            found.urls.append(name)
        elif Path(name).is_dir():
            _read_folder(Path(name), found)
        elif Path(name).is_fifo() and not name.startswith(("/dev/fd/", "/proc/")):
            # Opening it would wait for a writer that may never come; the shell's own <(command) has one.
            raise UsageError(
                f"source '{name}' is a pipe; give what comes out of it on standard input: assay validate -"
            )
        elif Path(name).suffix.lower() in _LINES and Path(name).is_file():
            _read_lines(Path(name), found)
        elif Path(name).exists():
            found.documents.append(read_path(Path(name)))
        else:
            raise UsageError(f"source '{name}' is no file, no folder and no http(s) URL; check the path")
    return found


def _read_folder(folder: Path, found: Sources) -> None:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        # did:web keeps DID documents under .well-known; what else stands there is no material of ours.
        if any(part.startswith(".") and part != ".well-known" for part in parts) or not path.is_file():
            continue
        if path.suffix.lower() in SUFFIXES and (path.suffix or ".well-known" not in parts):
            found.documents.append(read_path(path))
        elif path.suffix.lower() in _LINES and path.name not in _NOT_JUDGED:
            _read_lines(path, found)
        else:
            found.passed_over.append(str(path))


def _read_lines(path: Path, found: Sources) -> None:
    """Every line as a document of its own, named ``file:line``. A line that is no JSON object is read as it stands."""
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(MAXIMUM_BYTES + 1):
            number += 1
            if not line.strip():
                continue
            name = f"{path}:{number}"
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                row = None
            kept = row.get("token", row.get("body")) if isinstance(row, dict) else None
            if not isinstance(kept, str):
                found.documents.append(read(name, line))
            elif row.get("media_type") == "text/html":
                found.passed_over.append(name)
            else:
                found.documents.append(read(name, kept.encode("utf-8", "surrogatepass")))


def parse_time(text: str) -> datetime:
    """An instant from ``--at``: ISO 8601, UTC where no zone is given; now where empty.

    :raises UsageError: not ISO 8601.
    """
    if not text:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        instant = datetime.fromisoformat(text)
        instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"--at '{text}' is not ISO 8601 between the years 1 and 9999; write for example 2026-06-01 or 2026-06-01T12:00:00Z"
        ) from None
    return instant


def read_assumptions(path: Path | None) -> Mapping[str, Mapping[str, float]]:
    """Element grades the user vouches for: ``product id, name or category code: {Cu: 0.30}``, fractions of mass.

    :raises UsageError: as :func:`read_assumed_figures`.
    """
    return {} if path is None else read_assumed_figures(path).grades


def read_assumed_figures(path: Path | None) -> Assumptions:
    """Everything the user vouches for: element grades, and the figures that only ``assay world check`` reads.

    :raises UsageError: unreadable file, wrong shape, unknown key, a value out of range.
    """
    import yaml

    from assay.harness.audit.assumptions import AssumptionError, Assumptions, read_assumed

    if path is None:
        return Assumptions()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:  # of wrong dates and numbers, too
        raise UsageError(
            f"--assume '{path}' cannot be read as YAML: {' '.join(str(error).split())[:300]}; mend the file"
        ) from error
    with usage_errors(AssumptionError, prefix=f"--assume '{path}': "):
        return read_assumed(content)
