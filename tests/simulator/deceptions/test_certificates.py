"""Certificates that nobody was entitled to issue or use: what the players change, and who sees it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.deceptions_worlds import Deceived, deceived
from tests.simulator.deceptions.exam import CERTIFICATES, SEVERITIES, exam, honest, judged


@pytest.fixture(scope="module")
def world() -> Deceived:
    return exam("0.5")


@pytest.mark.parametrize("severity", SEVERITIES)
def test_labels_name_exactly_what_differs_from_the_honest_world(severity: str) -> None:
    found = exam(severity)
    assert found.differences(honest(severity)) == found.labelled("changed", "added", "absent")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", CERTIFICATES)
def test_the_fraud_is_decided_and_seen_and_nothing_else(code: str, severity: str) -> None:
    assert judged(exam(severity), code) == {f"{code}-1": (True, True), f"{code}-1t": (False, False)}


@pytest.mark.parametrize("code", CERTIFICATES)
def test_an_honest_world_shows_nothing(code: str) -> None:
    assert deceived().seen(code) == []
    assert deceived().decided(code) == []


def attestation(world: Deceived, url: str) -> tuple[str, str, str]:
    credential = world.view.get(url)
    assert credential is not None
    assert credential.attestation is not None
    return credential.issuer, credential.attestation.issued_to, credential.attestation.assessor_level


def test_producer_and_twin_certify_themselves_to_a_customer_and_one_of_them_says_so(world: Deceived) -> None:
    for name, level in (("F18-1", "3rdParty"), ("F18-1t", "Self")):
        for url in world.labels[name]["root"]:
            issuer, holder, said = attestation(world, url)
            assert issuer == world.labels[name]["actors"][0] != holder
            credential = world.view.get(url)
            assert credential is not None
            assert credential.attestation is not None
            assert {one.organisation for one in credential.attestation.assessments} == {issuer}
            assert said.lower() == level.lower()


def test_severity_is_the_number_of_visits(world: Deceived) -> None:
    assert [len(exam(severity).labels["F18-1"]["root"]) for severity in ("0.05", "0.5")] == [1, 5]


def test_who_certifies_without_accreditation_is_new_here_and_the_twin_is_accredited_abroad(
    world: Deceived,
) -> None:
    for name, papers in (("F19-1", 0), ("F19-1t", 1)):
        (url, *_) = world.labels[name]["root"]
        credential = world.view.get(url)
        assert credential is not None
        assert credential.issuer not in {one.issuer for one in deceived().view.credentials()}
        given = [one for one in world.view.identities(credential.issuer)
                 if one.identity is not None and one.identity.register_type == "accreditation"]  # fmt: skip
        assert len(given) == papers
        assert all(one.url in world.labels[name]["added"] for one in given)


def test_an_accreditation_out_of_scope_is_for_another_scheme(world: Deceived) -> None:
    for name, covered in (("F20-1", False), ("F20-1t", True)):
        (url, *_) = world.labels[name]["root"]
        credential = world.view.get(url)
        assert credential is not None
        assert credential.attestation is not None
        scopes = [one.identity.scope for one in world.view.identities(credential.issuer)
                  if one.identity is not None and one.identity.register_type == "accreditation"]  # fmt: skip
        assert [(credential.attestation.scheme in scope) for scope in scopes] == [covered]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_certificate_ended_as_long_before_the_claim_as_the_twins_ends_after(severity: str) -> None:
    found, gaps = exam(severity), []
    for name in ("F21-1", "F21-1t"):
        (record,) = found.labels[name]["root"]
        certificate = found.view.get(found.labels[name]["told"]["certificate"])
        assert certificate is not None
        assert certificate.valid_until is not None
        (day,) = {claim.date for claim in found.view.get(record).claims  # type: ignore[union-attr]
                  if certificate.url in claim.evidence}  # fmt: skip
        assert day is not None
        gaps.append(certificate.valid_until.date() - day)
    assert gaps[0] < timedelta(0) < gaps[1]
    wanted = 730 * float(severity)
    assert [abs(gap.days) for gap in gaps] == pytest.approx([wanted, wanted], abs=2)


def test_a_withdrawn_certificate_was_followed_by_another_for_the_twin_only(world: Deceived) -> None:
    for name, again in (("F22-1", 0), ("F22-1t", 1)):
        label = world.labels[name]
        (url,) = [one for one in label["root"] if "/dcc/" in one]
        credential = world.view.get(url)
        assert credential is not None
        assert world.view.status(credential)
        assert not deceived().view.status(credential)
        assert len(label["added"]) == again
        for other in label["added"]:
            found = world.view.get(other)
            assert found is not None
            assert not world.view.status(found)
            assert found.valid_from == datetime.fromisoformat(label["from"]) - timedelta(days=1)


def test_a_record_relies_on_the_certificate_of_a_neighbour_which_names_both_sites_for_the_twin(
    world: Deceived,
) -> None:
    for name, both in (("F23-1", False), ("F23-1t", True)):
        (url,) = world.labels[name]["root"]
        record = world.view.get(url)
        assert record is not None
        links = {url for claim in record.claims for url in claim.evidence}
        papers = [paper for url in sorted(links) if (paper := world.view.get(url)) is not None]
        shown = [
            one
            for paper in papers
            if (one := paper.attestation) is not None and record.facility not in one.facilities
        ]
        shared = [
            one for paper in papers if (one := paper.attestation) is not None and len(one.facilities) == 2
        ]
        assert (bool(shown), bool(shared)) == (not both, both)
        assert all(record.facility in one.facilities for one in shared)
        assert len(world.labels[name]["absent"]) == 1, "its own certificate is never issued"


def test_the_business_register_shows_whose_the_certifier_is(world: Deceived) -> None:
    for name, captive in (("F27-1", True), ("F27-1t", False)):
        (url, *_) = world.labels[name]["root"]
        issuer, holder, level = attestation(world, url)
        assert level == "3rdParty"
        assert issuer != holder
        assert issuer in world.labels[name]["actors"]
        owners = {row["by"] for row in world.truth.acts("owns") if row["of"] == issuer}
        assert (holder in owners) == captive
        assert len(owners) == 1
