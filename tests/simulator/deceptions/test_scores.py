"""Levels and criteria that are not what the auditor wrote: what the players change, and who sees it."""

from __future__ import annotations

import pytest

from tests.deceptions_worlds import Deceived, deceived, touched

CODES = ("F25",)
PAIRS = ", ".join(f"{{pattern: {code}, severity: {{severity}}, count: 2, twins: 2}}" for code in CODES)
SEVERITIES = ("0.05", "0.5")
BETTER = {"50": "75", "75": "100", "AA": "AAA", "active": "conformant"}


def world(severity: str) -> Deceived:
    return deceived(f"[{PAIRS.replace('{severity}', severity)}]")


@pytest.mark.parametrize("severity", SEVERITIES)
def test_labels_name_exactly_what_differs_from_the_honest_world(severity: str) -> None:
    found = world(severity)
    assert found.differences(deceived()) == found.labelled("changed", "added", "absent")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", CODES)
def test_every_fraud_is_seen_and_decided_and_nothing_else(code: str, severity: str) -> None:
    found = world(severity)
    seen, decided = found.seen(code), found.decided(code)
    mine = {url for one in found.labels.values() if one["code"] == code for url in one["root"]}
    for instance, label in found.labels.items():
        if label["code"] == code:
            assert bool(set(label["root"]) & touched(decided)) != label["honest"], instance
            assert bool(found.seen_in_scope(instance)) != label["honest"], instance
    frauds = found.roots(code, honest=False)
    assert all(set(one.subjects) & frauds for one in [*seen, *decided])
    assert mine - frauds == found.roots(code, honest=True)


@pytest.mark.parametrize("code", CODES)
def test_an_honest_world_shows_nothing(code: str) -> None:
    assert not deceived().seen(code)


def test_a_record_claims_full_marks_and_the_next_level_where_its_certificate_says_less() -> None:
    found = world("0.5")
    label = found.labels["F25-1"]
    (record,) = label["root"]
    raised = 0
    for claim in found.document(record)["credentialSubject"]["performanceClaim"]:
        link = claim["evidence"][0]
        certificate = found.view.get(link["linkURL"])
        assert certificate is not None and certificate.attestation is not None
        level = certificate.attestation.score
        if level in BETTER and link["linkName"] == f"Certificate, level {BETTER[level]}":
            assert claim["claimedPerformance"][0]["score"]["code"] == "fully"
            raised += 1
    assert raised == int(label["told"]["claimed"].split()[0])


def test_the_twin_tells_level_and_share_of_requirements_as_the_audit_found_them() -> None:
    found = world("0.5")
    (record,) = found.labels["F25-1t"]["root"]
    links = [
        claim["evidence"][0] for claim in found.document(record)["credentialSubject"]["performanceClaim"]
        if "% of requirements met" in claim["evidence"][0]["linkName"]
    ]  # fmt: skip
    assert links
    for link in links:
        certificate = found.view.get(link["linkURL"])
        assert certificate is not None and certificate.attestation is not None
        assessments = certificate.attestation.assessments
        met = 100 * sum(bool(one.conformance) for one in assessments) // len(assessments)
        words = f"Certificate, level {certificate.attestation.score}, {met} % of requirements met"
        assert link["linkName"] == words
