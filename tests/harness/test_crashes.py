"""A check that fails over what it looks at: *error* for its row, with the evidence; never a trace, never a pass."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import pytest

from assay.harness import engine as engine_room
from assay.harness.adapters import Answer, Reading
from assay.harness.checks import Check, load_checks
from assay.harness.credential.fast import FastVerifier
from assay.harness.credential.intake import read
from assay.harness.engine import Engine, Settings
from assay.harness.forge.ring import Ring, default_judges
from assay.harness.graph import judge as graph_room
from assay.harness.graph.rules import rule
from assay.harness.graph.selftest import graph_requirements, honest_set
from assay.harness.material import Document
from assay.harness.results import Finding, Location, Outcome, RunResult, Verdict
from assay.harness.selftest import load_bases
from assay.harness.trials import ApiTrial, Attempt, run_check
from assay.profiles.catalogue import load_profiles
from assay.reports import json_report, junit
from assay.reports.html import render

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
RING = Ring()
BASES = load_bases()


def passport() -> Document:
    return read("dpp.jwt", RING.secure(BASES["dpp"]), evidence=("sha256:" + "e" * 64,))


def judged(*documents: Document) -> RunResult:
    return Engine(Settings(as_of=AS_OF)).judge(documents, RING.shelf())


def endless(depth: int) -> int:
    return endless(depth + 1)


def deep(target: Any) -> Iterator[Finding]:
    endless(0)
    yield Finding("", "")


def raising(error: Exception) -> Callable[[Any], Iterator[Finding]]:
    def fails(target: Any) -> Iterator[Finding]:
        raise error
        yield

    return fails


def late(target: Any) -> Iterator[Finding]:
    yield Finding("this much", "that much")
    raise ZeroDivisionError("division by zero")


CRASHES = {
    "ValueError": raising(ValueError("x" * 10**6)),
    "MemoryError": raising(MemoryError()),
    "RecursionError": deep,
    "ZeroDivisionError": late,
}
ROWS = ("DPP-011", "IN-016", "DID-014")
"""Rows on a node of a document, on a document as a whole, and on a set."""


def broken(monkeypatch: pytest.MonkeyPatch, row: str, function: Callable[[Any], Any]) -> Sequence[Check]:
    """Put another function in place of the checks of a row."""
    checks = cast("MutableMapping[str, Sequence[Check]]", load_checks())
    others = [replace(check, function=function, silent_when_certified=False) for check in checks[row]]
    monkeypatch.setitem(checks, row, others)
    return others


def outcomes(run: RunResult) -> dict[tuple[str, str | None], Outcome]:
    return {(one.requirement.key, one.basis): one.outcome for one in run.results}


@cache
def untouched() -> dict[tuple[str, str | None], Outcome]:
    return outcomes(judged(passport()))


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("row", ROWS)
def test_a_check_that_fails_is_an_error_of_its_row_alone(
    row: str, crash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = untouched()
    (check, *_) = broken(monkeypatch, row, CRASHES[crash])
    run = judged(passport())
    (result,) = [one for one in run.results if one.requirement.key == row]
    assert result.outcome is Outcome.ERROR
    assert re.match(rf"Assay failed in .*: {crash}\b", result.note)
    assert len(result.note) < 600
    assert {key: one for key, one in outcomes(run).items() if key[0] != row} == {
        key: one for key, one in before.items() if key[0] != row
    }
    (finding,) = result.findings
    assert finding.received.startswith(crash)
    if not check.whole_set:
        assert finding.at.artefact == run.subjects[0].digest
        assert finding.evidence == ("sha256:" + "e" * 64,)
    if result.requirement.decides_conformity:
        assert run.verdict is Verdict.INCONCLUSIVE
    for report in (json_report.dumps(run), junit.dumps(run), render(run)):
        assert "Traceback" not in report
        assert crash in report


def test_the_fast_path_tells_the_same_error(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, "DPP-031", CRASHES["RecursionError"])
    rows = load_profiles(("untp-0.7",))
    fast = FastVerifier(RING.shelf(), AS_OF, default_judges(), rows, load_checks())
    value = copy.deepcopy(BASES["dpp"])
    value["credentialSubject"]["colour"] = "grey"  # not certified, so no check is known to be silent
    told = fast.verify(RING.secure(value))
    (error,) = [one for one in told.results if one.requirement.id == "DPP-031"]
    assert (error.outcome, "RecursionError" in error.note) == (Outcome.ERROR, True)


def test_a_document_over_which_reading_fails_passes_nothing_and_the_others_are_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = engine_room.verify

    def verify(document: Document, *rest: Any) -> None:
        if document.source == "dcc.jwt":
            endless(0)
        whole(document, *rest)

    monkeypatch.setattr(engine_room, "verify", verify)
    run = judged(passport(), read("dcc.jwt", RING.secure(BASES["dcc"])))
    assert [subject.verdict for subject in run.subjects] == [Verdict.CONFORMANT, Verdict.INCONCLUSIVE]
    assert run.subjects[1].note.startswith("Assay failed")
    of_it = {one.outcome for one in run.results if 1 in one.subjects}
    assert of_it == {Outcome.ERROR}
    assert {one.requirement.profile for one in run.results if 1 in one.subjects} >= {"untp-0.7", "intake"}


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT 'pass' AS state, CAST('x' AS BIGINT) AS doc, '' AS pointer", "ConversionException"),
        ("SELECT nothing FROM nowhere", "CatalogException"),
        (
            "SELECT 'fail' AS state, 10000 AS doc, '' AS pointer, '' AS declared, '' AS material",
            "IndexError",
        ),
    ],
)
def test_a_rule_that_fails_takes_no_other_with_it(
    sql: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = graph_requirements()["G-204"]

    def chosen(profile: str, file: str) -> Any:
        found = rule(profile, file)
        return replace(found, sql=sql) if file in row.rules else found

    monkeypatch.setattr(graph_room, "rule", chosen)
    results = {one.requirement.id: one for one in graph_room.judge_graph(honest_set(), graph_requirements())}
    assert results["G-204"].outcome is Outcome.ERROR
    assert error in results["G-204"].note
    assert {one.outcome for name, one in results.items() if name != "G-204"} == {Outcome.PASSED}


def test_a_rule_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    endless_sql = (
        "SELECT 'pass' AS state, COUNT(*) AS doc, '' AS pointer FROM range(100000000) a, range(100000000) b"
    )
    monkeypatch.setattr(graph_room, "LONGEST_S", 0.3)
    monkeypatch.setattr(graph_room, "rule", lambda *name: replace(rule(*name), sql=endless_sql))
    results = graph_room.judge_graph(honest_set(), [graph_requirements()["G-204"]])
    assert [one.outcome for one in results] == [Outcome.ERROR]
    assert "InterruptException" in results[0].note


def test_a_set_that_cannot_be_joined_is_an_error_of_the_rules_and_no_map_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*rest: Any, **more: Any) -> Any:
        raise OverflowError("too large")

    monkeypatch.setattr(graph_room, "rows_of", fails)
    monkeypatch.setattr(sys.modules["assay.harness.graph.chain"], "rows_of", fails)
    documents = [read(f"{name}.jwt", RING.secure(BASES[name])) for name in ("dpp", "dcc")]
    run = judged(*documents)
    rules = {one.outcome for one in run.results if one.requirement.id.startswith("G-")}
    assert (rules, run.chain) == ({Outcome.ERROR}, None)
    assert {subject.verdict for subject in run.subjects} == {Verdict.CONFORMANT}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_check_of_an_endpoint_that_fails_is_an_error_with_what_was_exchanged(crash: str) -> None:
    row = load_profiles(("untp-0.7",))["VRF-001"]
    accepted = Attempt("a passport", Answer(Reading.ACCEPTED, reasons=(), evidence=("sha256:1",)))
    refused = Attempt("a forgery", Answer(Reading.REJECTED, reasons=(), evidence=("sha256:2",)))
    trial = ApiTrial("verify", 3, "https://verifier.example", accepted, (refused,), None)
    result = run_check(Check("VRF-001", CRASHES[crash]), row, trial)
    assert (result.outcome, result.subjects) == (Outcome.ERROR, (3,))
    assert [one.evidence for one in result.findings] == [("sha256:1", "sha256:2")]
    assert result.findings[0].at == Location(source="https://verifier.example")
