"""Levels and criteria that are not what the auditor wrote: what the players change, and who sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deceptions_worlds import Deceived, deceived, touched
from tests.simulator.deceptions.claims_worlds import SEVERITIES, claims_world

CODES = ("F24", "F25", "F26")
BETTER = {"50": "75", "75": "100", "AA": "AAA", "active": "conformant"}


@pytest.mark.parametrize("severity", SEVERITIES)
def test_labels_name_exactly_what_differs_from_the_honest_world(severity: str) -> None:
    found = claims_world(severity)
    assert found.differences(deceived()) == found.labelled("changed", "added", "absent")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", CODES)
def test_every_fraud_is_seen_and_decided_and_nothing_else(code: str, severity: str) -> None:
    found = claims_world(severity)
    seen, decided = found.seen(code), found.decided(code)
    mine = {url for one in found.labels.values() if one["code"] == code for url in one["root"]}
    for instance, label in found.labels.items():
        if label["code"] == code:
            assert bool(set(label["root"]) & touched(decided)) != label["honest"], instance
            near = found.seen_in_scope(instance) if severity == SEVERITIES[0] else seen
            assert bool(set(label["root"]) & touched(near)) != label["honest"], instance
    frauds = found.roots(code, honest=False)
    assert all(set(one.subjects) & frauds for one in [*seen, *decided])
    assert mine - frauds == found.roots(code, honest=True)


@pytest.mark.parametrize("code", CODES)
def test_an_honest_world_shows_nothing(code: str) -> None:
    assert not deceived().seen(code)


def test_a_record_claims_full_marks_and_the_next_level_where_its_certificate_says_less() -> None:
    found = claims_world("0.5")
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
    found = claims_world("0.5")
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


def product_claims(found: Deceived, url: str) -> list[dict[str, Any]]:
    claims: list[dict[str, Any]] = found.document(url)["credentialSubject"]["performanceClaim"]
    return claims


def criteria(claims: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for claim in claims for one in claim["referenceCriteria"]]


def test_a_site_mark_stands_among_the_claims_of_products_and_says_so_in_words() -> None:
    found, honest = claims_world("0.5"), deceived()
    for url in found.labels["F24-1"]["root"]:
        now, before = product_claims(found, url), product_claims(honest, url)
        assert len(now) == len(before)
        both = zip(now, before, strict=True)
        changed = [new for new, old in both if new["referenceCriteria"] != old["referenceCriteria"]]
        assert len(changed) == 1
        certificate = found.view.get(changed[0]["evidence"][0]["linkURL"])
        assert certificate is not None and certificate.attestation is not None
        assert not certificate.attestation.products
        assert changed[0]["referenceCriteria"][0]["id"] in certificate.attestation.criteria


def test_the_twin_of_a_site_mark_says_that_the_site_is_certified_and_claims_it_in_the_record_of_the_site() -> (
    None
):
    found, honest = claims_world("0.5"), deceived()
    for url in found.labels["F24-1t"]["root"]:
        assert criteria(product_claims(found, url)) == criteria(product_claims(honest, url))
        subject = found.document(url)["credentialSubject"]
        assert subject["description"].endswith(" From a certified site.")
        (record, *_) = found.view.facility_records(subject["producedAtFacility"]["id"])
        papers = [found.view.get(link) for claim in record.claims for link in claim.evidence]
        assert any(paper is not None and record.facility in paper.attestation.facilities for paper in papers)


def test_swapped_criteria_are_those_of_another_scheme_with_the_old_evidence() -> None:
    found = claims_world("0.5")
    for name, accepted in (("F26-1", False), ("F26-1t", True)):
        (record,) = found.labels[name]["root"]
        now, before = product_claims(found, record), product_claims(deceived(), record)
        both = zip(now, before, strict=True)
        swapped = [(new, old) for new, old in both if new["referenceCriteria"] != old["referenceCriteria"]]
        assert swapped
        for new, old in swapped:
            assert new["evidence"] == old["evidence"]
            pair = {
                "criterion": new["referenceCriteria"][0]["id"],
                "recognises": old["referenceCriteria"][0]["id"],
            }
            published = [
                {key: entry[key] for key in pair}
                for register in found.view.resources("open-data")
                if register.url.endswith("/equivalent-criteria")
                for entry in register.json["entries"]
            ]
            assert (pair in published) == accepted
