"""``assay patterns``: the handbook at a terminal."""

from __future__ import annotations

import json

import pytest

from assay.profiles.deceptions.handbook import look_alikes, patterns
from assay.profiles.deceptions.terms import FAMILIES
from tests.cli.test_bad_input import assay


def test_the_list_has_every_pattern_under_its_family_and_every_look_alike() -> None:
    code, out, err = assay("patterns", "list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    heads = [lines.index(meaning) for meaning in FAMILIES.values()]
    assert heads == sorted(heads)
    for row in patterns().values():
        (line,) = (number for number, text in enumerate(lines) if text.startswith(f"  {row.code} "))
        assert row.name in lines[line] and row.title in lines[line] and f"scope {row.scope}" in lines[line]
        assert max(head for head in heads if head < line) == lines.index(FAMILIES[row.family])
    for other in look_alikes().values():
        assert any(text.startswith(f"  {other.code}  {other.name} ") for text in lines)


def test_the_list_as_json_holds_whole_entries() -> None:
    code, out, _ = assay("patterns", "list", "--format", "json")
    rows = json.loads(out)
    assert code == 0 and [row["code"] for row in rows] == [*patterns(), *look_alikes()]
    assert all(row["sources"] for row in rows)


@pytest.mark.parametrize("asked", ["F37", "compromised-key", "Compromised Key"])
def test_a_page_tells_what_an_investigator_needs(asked: str) -> None:
    code, out, _ = assay("patterns", "explain", asked)
    row = patterns()["F37"]
    read = " ".join(out.split())
    assert code == 0
    for text in (row.title, row.who, row.how, row.check, row.confused_with, row.twin_how, *row.sources):
        assert text in read
    assert "technical" not in out and "may fail signature" in out and "B08" in out
    assert max(map(len, (line for line in out.splitlines() if line.startswith("  ")))) < 160


def test_a_page_of_a_look_alike_names_what_it_is_mistaken_for() -> None:
    code, out, _ = assay("patterns", "explain", "b08")
    read = " ".join(out.split())
    assert code == 0 and look_alikes()["B08"].why_honest in read
    assert "F29 carbon-cherry-picking, F37 compromised-key" in read


def test_a_page_as_json_is_the_entry() -> None:
    code, out, _ = assay("patterns", "explain", "F02", "--format", "json")
    page = json.loads(out)
    assert code == 0 and page["kind"] == "pattern" and page["check"] == patterns()["F02"].check
    assert page["tolerance_ppm"] == 20_000 and page["twin"] == "B10"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "impossible-yeild"), "impossible-yield"),
        (("explain", "domain"), "look-alike-domain"),
        (("explain", "F99"), "did you mean F"),
        (("explain", "nothing of the kind"), "assay patterns list"),
        (("explain", ""), "assay patterns list"),
        (("explain", "a\nb" * 9000), "is unknown"),
        (("explain", "F02", "--format", "xml"), "console, json"),
        (("list", "--format", "xml"), "console, json"),
    ],
)
def test_a_mistake_is_one_line_with_its_mend(arguments: tuple[str, ...], words: str) -> None:
    code, out, err = assay("patterns", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and err.startswith("assay: ") and words in err and len(err) < 500
