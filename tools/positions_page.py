"""Write the table of docs/contradictions.md from the list of positions and the catalogue.

Run it after changing ``profiles/positions.yaml`` or a row's ``position`` or ``follows``: ``python tools/positions_page.py``.
"""

from __future__ import annotations

from pathlib import Path

from assay.profiles.catalogue import Requirement, load_profiles, profile_names
from assay.profiles.positions import positions

PAGE = Path(__file__).resolve().parent.parent / "docs" / "contradictions.md"
BEGIN, END = "<!-- positions: begin -->", "<!-- positions: end -->"


def table() -> str:
    """The positions as Markdown: rows that touch each, what either side says, what Assay does."""
    rows = load_profiles(tuple(profile_names())).values()
    lines = [
        "| position | rows | by the text | by the published artefact | Assay |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in positions().values():
        touching = sorted({_named(row) for row in rows if one.id in row.position})
        stance = one.stance + (f" (*{one.one_verdict}*)" if one.one_verdict else "")
        cells = (f"**{one.id}** {one.about}", ", ".join(touching) or "–", one.text, one.artefact, stance)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _named(row: Requirement) -> str:
    return f"{row.id} ({row.follows})" if row.follows else row.id


def page(text: str) -> str:
    """The page with its table replaced."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
