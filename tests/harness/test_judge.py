"""The judge: who is asked what, and what becomes of what a check says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assay.harness.checks import Check, NotApplicable, Remark, Undecided
from assay.harness.judge import DocumentJudge, judge_document, judge_set
from assay.harness.material import UNTP_KINDS, CredentialSet, Kind
from assay.harness.results import Finding, Outcome, RequirementResult
from assay.harness.row_verdicts import MAXIMUM_FINDINGS
from tests.harness.rows import AS_OF, BASES, document, failing, mutant, row

WRONG = Finding(expected="this", received="that")


def says(*sayings: Any, raises: Exception | None = None) -> Any:
    def function(target: Any) -> Iterator[Any]:
        yield from sayings
        if raises is not None:
            raise raises

    return function


def judged(*checks: Check, base: str = "dia", **changes: Any) -> list[RequirementResult]:
    return DocumentJudge({"ZZ-001": row(**changes)}, {"ZZ-001": list(checks)}).judge(mutant(base))


def only(results: list[RequirementResult]) -> RequirementResult:
    assert len(results) == 1
    return results[0]


def test_a_check_that_says_nothing_passes() -> None:
    assert only(judged(Check("ZZ-001", says(), kinds=UNTP_KINDS))).outcome is Outcome.PASSED


def test_a_finding_fails_the_row() -> None:
    result = only(judged(Check("ZZ-001", says(WRONG), kinds=UNTP_KINDS)))
    assert (result.outcome, result.findings) == (Outcome.FAILED, (WRONG,))


def test_a_remark_is_noted_and_passes() -> None:
    result = only(judged(Check("ZZ-001", says(Remark("odd, but fine")), kinds=UNTP_KINDS)))
    assert (result.outcome, result.note) == (Outcome.PASSED, "odd, but fine")


def test_undecided_is_inconclusive_and_keeps_its_words() -> None:
    result = only(judged(Check("ZZ-001", says(raises=Undecided("no list")), kinds=UNTP_KINDS)))
    assert (result.outcome, result.note) == (Outcome.INCONCLUSIVE, "no list")


def test_a_finding_before_a_check_gives_up_still_counts() -> None:
    result = only(judged(Check("ZZ-001", says(WRONG, raises=Undecided("no list")), kinds=UNTP_KINDS)))
    assert result.outcome is Outcome.FAILED


def test_a_rule_that_does_not_speak_of_the_document_is_not_applicable() -> None:
    result = only(judged(Check("ZZ-001", says(raises=NotApplicable("unsigned")), kinds=UNTP_KINDS)))
    assert (result.outcome, result.note) == (Outcome.NOT_APPLICABLE, "unsigned")


def test_a_check_that_crashes_is_our_error_and_never_a_failure() -> None:
    result = only(judged(Check("ZZ-001", says(raises=KeyError("x")), kinds=UNTP_KINDS)))
    assert result.outcome is Outcome.ERROR
    assert "Assay failed in" in result.note


def test_a_class_that_does_not_occur_makes_its_row_not_applicable() -> None:
    plain = document({key: value for key, value in BASES["dia"].items() if key != "issuingSoftware"})
    judge = DocumentJudge({"ZZ-001": row()}, {"ZZ-001": [Check("ZZ-001", says(), cls=("IssuingSoftware",))]})
    assert only(judge.judge(plain)).outcome is Outcome.NOT_APPLICABLE


def test_a_class_that_cannot_occur_in_a_kind_is_not_asked_about() -> None:
    assert judged(Check("ZZ-001", says(WRONG), cls=("Product",)), base="dia") == []


def test_kinds_limit_where_a_class_is_looked_at() -> None:
    check = Check("ZZ-001", says(WRONG), cls=("IssuingSoftware",), kinds=frozenset({Kind.DPP}))
    assert judged(check, base="dia") == []
    assert only(judged(check, base="dpp")).outcome is Outcome.FAILED


def test_a_check_that_is_silent_when_certified_is_not_called_on_certified_documents() -> None:
    assert mutant("dia").certified
    check = Check("ZZ-001", says(WRONG), kinds=UNTP_KINDS, silent_when_certified=True)
    assert only(judged(check)).outcome is Outcome.PASSED


def test_two_bases_give_two_results() -> None:
    text = Check("ZZ-001", says(), kinds=UNTP_KINDS, basis="text")
    schema = Check("ZZ-001", says(WRONG), kinds=UNTP_KINDS, basis="schema")
    found = {result.basis: result.outcome for result in judged(text, schema, basis="conflict")}
    assert found == {"text": Outcome.PASSED, "schema": Outcome.FAILED}


def test_what_is_wrong_by_text_and_by_schema_fails_outright() -> None:
    text = Check("ZZ-001", says(WRONG), kinds=UNTP_KINDS, basis="text")
    schema = Check("ZZ-001", says(WRONG), kinds=UNTP_KINDS, basis="schema")
    found = {result.basis: result.outcome for result in judged(text, schema)}
    assert found == dict.fromkeys(("text", "schema", None), Outcome.FAILED)


@pytest.mark.parametrize(("index", "fails"), [(7, False), ("7", False), (1.5, True), ([], True)])
def test_a_status_index_is_wrong_only_if_neither_source_admits_it(index: Any, fails: bool) -> None:
    found = failing(mutant("dia", ["set", "/credentialStatus/statusListIndex", index]))
    assert ("STS-005" in found) is fails


def test_rows_for_verifiers_never_judge_a_document() -> None:
    assert judged(Check("ZZ-001", says(WRONG), kinds=UNTP_KINDS), role=("VER",)) == []


@pytest.mark.parametrize("untp", ["0.5.0", "0.6.0", "0.6.1", "0.8.0"])
def test_rows_of_0_7_are_not_asked_of_other_versions(untp: str) -> None:
    found = mutant("dia")
    found.untp = untp
    judge = DocumentJudge({"ZZ-001": row()}, {"ZZ-001": [Check("ZZ-001", says(WRONG), kinds=UNTP_KINDS)]})
    assert judge.judge(found) == []


def test_a_document_that_was_not_held_against_the_schema_does_not_pass_it() -> None:
    found = mutant("dia")
    found.as_of = None
    rows = {"ZZ-001": row(check="schema", places=("RegisteredIdentity.registeredName",))}
    assert only(DocumentJudge(rows, {}).judge(found)).outcome is Outcome.INCONCLUSIVE


def test_the_compiled_judge_is_kept_for_the_same_catalogue() -> None:
    rows, checks = {"ZZ-001": row()}, {"ZZ-001": [Check("ZZ-001", says(), kinds=UNTP_KINDS)]}
    first = judge_document(mutant("dia"), rows, checks)
    second = judge_document(mutant("dia", ["set", "/name", "Another"]), rows, checks)
    assert first[0] is second[0], "passing results are shared between documents"


def test_set_rows_are_judged_once_over_the_whole_set() -> None:
    seen: list[int] = []

    def function(material: CredentialSet) -> Iterator[Finding]:
        seen.append(len(material.documents))
        yield WRONG

    checks = {"ZZ-001": [Check("ZZ-001", function, whole_set=True)]}
    material = CredentialSet(documents=(mutant("dia"), mutant("dpp")), as_of=AS_OF)
    result = only(judge_set(material, {"ZZ-001": row()}, checks))
    assert (result.outcome, seen) == (Outcome.FAILED, [2])
    assert DocumentJudge({"ZZ-001": row()}, checks).judge(mutant("dia")) == []


def test_findings_of_one_row_are_bounded_and_the_cut_is_told() -> None:
    def endless(target: Any) -> Iterator[Finding]:
        while True:
            yield WRONG

    result = only(judged(Check("ZZ-001", endless, kinds=UNTP_KINDS)))
    assert (result.outcome, len(result.findings)) == (Outcome.FAILED, MAXIMUM_FINDINGS)
    assert str(MAXIMUM_FINDINGS) in result.note
