"""``assay story``: one case of a world with deceptions, told for people who learn to find them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.errors import UsageError, usage_errors
from assay.cli.output import check_folder, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run_story", "run_story_list"]

_FORMATS = ("console", "json")
_HEADS = ("instance", "pattern", "what", "severity", "twin", "part of", "from")


def run_story(instance: str, data: Path, out: Path, *, honest: Path | None) -> int:
    """Write the page of one instance, or of all instances of a composite.

    :raises UsageError: a folder without labels, a name that there is none of, or a file that cannot be written.
    """
    from assay.harness.oracles.store import OracleError
    from assay.harness.story.gather import Cases
    from assay.harness.story.labels import UnknownCase
    from assay.reports.story.page import render

    if not instance.strip():
        raise UsageError("name an instance, such as F18-1; 'assay story --list' names all")
    if out.is_dir():
        raise UsageError(f"--out '{out}' is a folder; name a file, such as {out / 'story.html'}")
    check_folder(out.parent)
    with usage_errors(OracleError, prefix="--data: "):
        cases = Cases.open(data)
    with usage_errors(OracleError, prefix="--honest: "):
        if honest is not None:
            cases.compare_with(honest)
    with usage_errors(UnknownCase, OracleError):
        story = cases.story(instance)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_text(out, render(story))
    except OSError as error:
        raise UsageError(f"--out '{out}' cannot be written: {error}") from error
    kind = "honest" if story.honest else "a deception"
    sys.stdout.write(f"{out}: {story.name} ({kind}), {story.title}. {story.lead}\n")
    return 0


def run_story_list(data: Path, *, output: str) -> int:
    """Name every case of a world.

    :raises UsageError: a folder without labels, or a format that there is none of.
    """
    from assay.harness.oracles.store import OracleError
    from assay.harness.story.labels import labels_of, listed

    if output not in _FORMATS:
        raise UsageError(f"--format '{output}' is unknown; choose one of: {', '.join(_FORMATS)}")
    with usage_errors(OracleError, prefix="--data: "):
        rows = listed(labels_of(data))
    if output == "json":
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(_table(rows)) + "\n")
    return 0


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    cells = [_HEADS]
    for row in rows:
        what = f"honest, {row['look_alike']}" if row["honest"] else "deception"
        cells.append(
            (
                row["instance"],
                row["pattern"],
                what + (", below tolerance" if row["below_tolerance"] else ""),
                f"{100 * row['severity']:.3g} %",
                row["twin"] or "-",
                _plain(row["composite"] or "-"),
                row["from"][:10],
            )
        )
    widths = [max(len(row[place]) for row in cells) for place in range(len(_HEADS))]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]


def _plain(text: str) -> str:
    """No control characters on a terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
