"""The tally: documents that share results are counted as if each had been counted by itself."""

from __future__ import annotations

import pytest

from assay.harness import tally as tallies
from assay.harness.judge import Judged
from assay.harness.results import Finding, Outcome, RequirementResult
from assay.harness.tally import Tally
from tests.harness.rows import row

A, B, C = row("AA-001"), row("AA-002"), row("AA-003")
PASSED = tuple(RequirementResult(one, Outcome.PASSED) for one in (A, B))
NOTED = RequirementResult(C, Outcome.NOT_APPLICABLE, note="no such thing")
OTHER = RequirementResult(C, Outcome.NOT_APPLICABLE, note="another reason")
SHARED = (*PASSED, NOTED)


def failed(words: str) -> RequirementResult:
    return RequirementResult(B, Outcome.FAILED, findings=(Finding(expected="this", received=words),))


DOCUMENTS = [
    Judged(SHARED, {2: OTHER}),
    Judged(SHARED, {}),
    Judged(SHARED, {1: failed("one")}),
    Judged((*PASSED,), {}),
    Judged(SHARED, {1: failed("two"), 0: RequirementResult(A, Outcome.ERROR, note="ours")}),
    Judged(SHARED, {}, outright=(failed("both"),)),
]


def each_by_itself() -> tuple[RequirementResult, ...]:
    tally = Tally()
    for index, judged in enumerate(DOCUMENTS):
        results = dict(enumerate(judged.shared)) | dict(judged.different)
        tally.add((*results.values(), *judged.outright), index)
    return tally.results()


@pytest.mark.parametrize("most", [0, 1, 2_048])
def test_sharing_results_changes_no_result(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(tallies, "_MOST_ALIKE", most)
    tally = Tally()
    for index, judged in enumerate(DOCUMENTS):
        tally.add_document(judged, index)
    assert tally.results() == each_by_itself()
    assert tally.results() == each_by_itself()  # asking changes nothing


def test_a_document_with_a_result_of_its_own_is_not_among_those_that_share_one() -> None:
    tally = Tally()
    for index, judged in enumerate(DOCUMENTS):
        tally.add_document(judged, index)
    found = {(one.requirement.id, one.outcome): one for one in tally.results()}
    assert found["AA-002", Outcome.PASSED].subjects == (0, 1, 3, 5)
    assert found["AA-002", Outcome.FAILED].subjects == (2, 4, 5)
    assert [one.received for one in found["AA-002", Outcome.FAILED].findings] == ["one", "two", "both"]
    assert found["AA-003", Outcome.NOT_APPLICABLE].note == "another reason; no such thing (4 times)"
