"""The comparison with dppvalidator: every difference has a class, and every class stands on the page."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "bench" / "differential.py"))
CASE = TOOL["Case"]


def classes(
    deciding: tuple[str, ...] = (),
    errors: tuple[tuple[str, str, str], ...] = (),
    *,
    advice: tuple[str, ...] = (),
    by_schema: tuple[str, ...] = (),
    untp: str = "0.7.0",
) -> list[str | None]:
    return list(TOOL["differences"](CASE("x", untp, deciding, advice, by_schema, not errors, errors)))


HAZARD = ("CQ004", "$.credentialSubject.materialProvenance[0]", "no CAS number")
MISSING = ("SCH001", "$.credentialSubject", "'name' is a required property")
INDEX = ("SCH002", "$.credentialStatus.statusListIndex", "not of type 'integer'")
OLD_INDEX = ("MDL010", "$.credentialStatus.CredentialStatus.statusListIndex", "a valid string")


def test_every_class_is_told_on_the_page_with_a_number() -> None:
    page = TOOL["PAGE"].read_text(encoding="utf-8")
    assert TOOL["_documented"](page) == set(TOOL["CLASSES"])
    assert page.count(TOOL["BEGIN"]) == page.count(TOOL["END"]) == 1
    numbers = page.partition(TOOL["BEGIN"])[2].partition(TOOL["END"])[0]
    assert all(f"| `{name}` | " in numbers for name in TOOL["CLASSES"])


def test_two_that_say_the_same_do_not_differ() -> None:
    assert classes() == []
    assert classes(("DPP-002", "EXT-004"), (MISSING,)) == []


def test_a_refusal_for_an_unrelated_reason_is_no_agreement() -> None:
    assert classes(("VCP-021",), (HAZARD,)) == ["hazardous-substances", "token"]


def test_a_difference_without_reason_has_no_class() -> None:
    assert classes((), (MISSING,)) == [None]
    assert classes(("ZZ-001",)) == [None]
    assert classes((), (("CQ999", "$.credentialSubject.x", "new rule"),)) == [None]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (classes((), (MISSING,), advice=("DPP-011",)), ["advice"]),
        (classes((), (INDEX,), by_schema=("STS-005",)), ["status-entry-0.7"]),
        (classes((), (INDEX,)), [None]),
        (classes((), (OLD_INDEX,), untp="0.6.1"), ["status-index-0.6"]),
        (classes((), (OLD_INDEX,)), [None]),
        (list(TOOL["differences"](CASE("x", "0.7.0", ("VCP-012",), (), (), None, ()))), ["crash"]),
    ],
)
def test_what_the_peer_alone_says_has_a_class_only_under_its_condition(
    found: list[str | None], expected: list[str | None]
) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--peer-python", "/no/such/python"], "--peer-python /no/such/python: No such file or directory"),
        (["--peer-python", sys.executable, "--samples", "/no/such/folder"], "no such folder"),
    ],
)
def test_what_is_missing_is_told_in_one_line(arguments: list[str], words: str) -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "differential.py"), *arguments], capture_output=True, text=True
    )
    assert run.returncode == 2
    assert words in run.stderr
    assert len(run.stderr.splitlines()) == 1
