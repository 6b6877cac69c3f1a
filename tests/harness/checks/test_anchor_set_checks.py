"""Anchors beside registers and DID documents."""

from __future__ import annotations

import copy
from typing import Any

from assay.harness.judge import judge_set
from assay.harness.material import CredentialSet, Document
from assay.harness.results import Outcome
from assay.harness.selftest import Bench
from tests.harness.rows import AS_OF, BASES, document

ROWS = ("DIA-007", "DIA-016", "DIA-018", "DIA-019")


def outcomes(*documents: Document) -> dict[str, Outcome]:
    bench = Bench.default()
    wanted = {row: bench.requirements[row] for row in ROWS}
    results = judge_set(CredentialSet(documents=documents, as_of=AS_OF), wanted, bench.checks)
    return {result.requirement.id: result.outcome for result in results}


def anchor(**changes: Any) -> Document:
    value = copy.deepcopy(BASES["dia"])
    value["credentialSubject"].update(changes)
    return document(value)


def test_an_anchor_alone_is_not_asked_about_registers_and_members() -> None:
    assert set(outcomes(anchor()).values()) == {Outcome.NOT_APPLICABLE}


def test_an_anchor_with_its_register_and_its_member_passes() -> None:
    together = outcomes(anchor(), document(BASES["register_idr"]), document(BASES["did_member"]))
    assert set(together.values()) == {Outcome.PASSED}


def test_a_scheme_under_another_id_is_told_only_where_its_name_is_registered() -> None:
    register = document(BASES["register_idr"])
    renamed = {"type": ["IdentifierScheme"], "id": "https://other.example", "name": "Unheard of"}
    moved = {**BASES["dia"]["credentialSubject"]["idScheme"], "id": "https://other.example"}
    assert outcomes(anchor(idScheme=moved), register)["DIA-007"] is Outcome.FAILED
    assert outcomes(anchor(idScheme=renamed), register)["DIA-007"] is Outcome.NOT_APPLICABLE
    assert outcomes(anchor(idScheme=renamed), register)["DIA-016"] is Outcome.FAILED


def test_did_documents_of_others_say_nothing_about_an_anchor() -> None:
    other = {**BASES["did_member"], "id": "did:web:somebody-else.example"}
    assert outcomes(anchor(), document(other))["DIA-018"] is Outcome.NOT_APPLICABLE


def test_a_registration_number_at_the_end_of_a_uri_counts() -> None:
    member = {**BASES["did_member"], "alsoKnownAs": ["urn:korea:companies:KR-4018122907"]}
    assert outcomes(anchor(), document(member))["DIA-019"] is Outcome.PASSED
