"""Certificates: assessor, authority, what was assessed, result and evidence."""

from __future__ import annotations

from typing import Any

import pytest

from assay.harness.material import Kind
from tests.harness.checks.bench import changed, document, findings, pointers

ASSESSMENT = "/credentialSubject/conformityAssessment/0"
CERTIFIER = "did:web:quandong-conformity.example"


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("3rdParty", True),
        ("buyer", True),
        ("hybrid", True),
        ("self", False),
        ("unspecified", False),
        ("2ndParty", False),
    ],
)
def test_only_a_self_assessment_may_be_issued_by_the_assessed(level: str, told: bool) -> None:
    subject = changed(
        "dcc",
        ["set", "/credentialSubject/issuedToParty/id", CERTIFIER],
        ["set", "/credentialSubject/assessorLevel", level],
    )
    assert pointers("DCC-004", subject) == (["/issuer/id"] if told else [])


def test_an_attestation_without_issuer_or_party_is_left_to_the_schema() -> None:
    assert findings("DCC-004", document(Kind.DCC, {"credentialSubject": {"assessorLevel": "3rdParty"}})) == []
    assert findings("DCC-004", document(Kind.DCC, None)) == []


def test_a_profile_without_identifier_does_not_count() -> None:
    assert findings("DCC-010", changed("dcc")) == []
    assert pointers("DCC-010", changed("dcc", ["del", "/credentialSubject/referenceProfile/id"])) == [
        "/credentialSubject"
    ]


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("authority-globalmra", True),
        ("authority-peer", True),
        ("scheme-cab", False),
        ("no-endorsement", False),
    ],
)
def test_levels_that_rest_on_an_authority_need_its_authorisation(level: str, told: bool) -> None:
    subject = changed(
        "dcc",
        ["set", "/credentialSubject/assessmentLevel", level],
        ["del", "/credentialSubject/authorisation"],
    )
    assert bool(findings("DCC-011", subject)) is told
    assert findings("DCC-011", changed("dcc", ["set", "/credentialSubject/assessmentLevel", level])) == []


@pytest.mark.parametrize(
    ("authority", "evidence", "told"),
    [
        ("did:web:authority.example", "https://authority.example/x", False),
        ("did:web:authority.example:bodies:7", "https://www.authority.example/x", False),
        ("https://register.authority.example/1", "https://authority.example/x", False),
        ("https://id.authority.co.example/1", "https://www.authority.co.example/x", False),
        ("did:webvh:QmScid:authority.example", "https://authority.example/x", False),
        ("did:web:authority.example", "https://certifier.example/x", True),
        ("did:web:authority.example", "https://notauthority.example/x", True),
        ("did:web:authority.example", "https://authority.example.evil.example/x", True),
        ("did:key:z6Mk", "https://certifier.example/x", False),
        ("did:web:authority.example", "ipfs://bafy", False),
    ],
)
def test_evidence_of_an_authorisation_lies_with_the_authority(
    authority: str, evidence: str, told: bool
) -> None:
    subject = changed(
        "dcc",
        ["set", "/credentialSubject/authorisation/0/issuingAuthority/id", authority],
        ["set", "/credentialSubject/authorisation/0/endorsementEvidence/linkURL", evidence],
    )
    assert bool(findings("DCC-013", subject)) is told


@pytest.mark.parametrize("member", ["assessedProduct", "assessedFacility"])
def test_an_empty_list_of_objects_names_nothing(member: str) -> None:
    assert pointers("DCC-015", document(Kind.DCC, _assessing({member: []}))) == [ASSESSMENT]


def _assessing(assessment: dict[str, Any]) -> dict[str, Any]:
    return {"credentialSubject": {"conformityAssessment": [assessment]}}


def test_one_assessed_organisation_is_enough() -> None:
    assert (
        findings(
            "DCC-015", document(Kind.DCC, _assessing({"assessedOrganisation": {"id": "did:web:x.example"}}))
        )
        == []
    )


def test_an_identity_check_may_be_denied_but_not_left_out() -> None:
    assert (
        findings("DCC-019", document(Kind.DCC, _assessing({"assessedProduct": [{"idVerifiedByCAB": False}]})))
        == []
    )
    for value in ({}, {"idVerifiedByCAB": "yes"}):
        assert len(findings("DCC-019", document(Kind.DCC, _assessing({"assessedFacility": [value]})))) == 1


@pytest.mark.parametrize(
    ("topics", "criteria", "told"),
    [
        ([{"id": "https://t.example/1"}], [{"id": "c"}], False),
        ([], [{"id": "c", "conformityTopic": [{"id": "https://t.example/1"}]}], False),
        ([], [{"id": "c", "conformityTopic": [{"id": "t"}]}, {"id": "d"}], True),
        ([], [], True),
        ([{}], [{"id": "c"}], True),
        (None, None, True),
    ],
)
def test_topics_stand_on_the_assessment_or_on_every_criterion(topics: Any, criteria: Any, told: bool) -> None:
    subject = document(Kind.DCC, _assessing({"conformityTopic": topics, "assessmentCriteria": criteria}))
    assert bool(findings("DCC-022", subject)) is told


def test_a_result_of_false_is_a_result() -> None:
    assert findings("DCC-026", document(Kind.DCC, _assessing({"conformance": False}))) == []
    assert pointers("DCC-026", document(Kind.DCC, _assessing({}))) == [ASSESSMENT]


def test_empty_performances_are_told_once_per_assessment() -> None:
    operations = [
        ["set", f"/credentialSubject/conformityAssessment/{i}/assessedPerformance", []] for i in (0, 2)
    ]
    assert pointers("DCC-028", changed("dcc", *operations)) == [
        f"/credentialSubject/conformityAssessment/{i}/assessedPerformance" for i in (0, 2)
    ]


def test_each_link_to_evidence_needs_a_digest_of_its_own() -> None:
    subject = changed(
        "dcc",
        ["del", f"{ASSESSMENT}/evidence/0/digestMultibase"],
        ["set", "/credentialSubject/auditableEvidence/digestMultibase", ""],
    )
    assert sorted(pointers("DCC-029", subject)) == [
        "/credentialSubject/auditableEvidence",
        f"{ASSESSMENT}/evidence/0",
    ]
    assert findings("DCC-029", changed("dcc", ["del", "/credentialSubject/auditableEvidence"])) == []
