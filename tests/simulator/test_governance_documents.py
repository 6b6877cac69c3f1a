"""What is issued about governance: who vouches for whom, how certificates follow each other, what records say of a site."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from assay.simulator import simulate
from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.discovery import linked_identifiers
from assay.simulator.issuance.governance import Attested
from assay.simulator.publication import Publication

from .governance_worlds import governed, governed_data

Issued = dict[str, tuple[Entry, dict[str, Any]]]


@pytest.fixture(scope="module")
def publication() -> Publication:
    return Publication(simulate(governed(), 7))


@pytest.fixture(scope="module")
def issued(publication: Publication) -> Issued:
    """Key: entry and document."""
    render = publication.renderer.render
    return {entry.key: (entry, render(entry)) for entry in publication.book.agenda.entries}


def test_the_chain_of_accreditation_goes_from_the_apex_to_the_certifier(issued: Issued) -> None:
    recognition = issued["recognition/AU"][1]
    accreditation = issued["accreditation/AU/wattlebird-assurance"][1]
    apex = issued["body/worldwide-accreditation-compact"][1]
    assert recognition["issuer"]["id"] == apex["credentialSubject"]["id"]
    assert accreditation["issuer"]["id"] == recognition["credentialSubject"]["id"]
    assert apex["issuer"]["id"] == "did:web:trust.de.example"
    types = {d["credentialSubject"]["registerType"] for d in (recognition, accreditation, apex)}
    assert types == {"accreditation"}
    scope = accreditation["credentialSubject"]["registrationScope"]
    assert "https://quarrymark-council.de.example/scheme/quarrymark" in scope


def test_a_land_title_stands_in_the_land_register(issued: Issued) -> None:
    entry, document = issued["land/AU-LT-48213"]
    subject = document["credentialSubject"]
    assert (subject["registerType"], subject["registeredId"]) == ("land", "AU-LT-48213")
    assert entry.issuer.id == "au-land-register"
    assert any("/facility/" in uri for uri in subject["registrationScope"])


def test_the_audit_cycle_of_the_mine_is_there_in_order(issued: Issued) -> None:
    keys = [key for key in issued if key.startswith("audit/quarrymark/")]
    assert [key.rsplit("/", 2)[-2:] for key in keys] == [
        ["1", "initial"],
        ["1", "surveillance"],
        ["2", "renewal"],
    ]
    codes = [issued[key][1]["credentialSubject"]["profileScore"]["code"] for key in keys]
    assert codes == ["50", "50", "75"]
    kinds = [issued[key][1]["credentialSubject"]["attestationType"] for key in keys]
    assert kinds == ["certification", "verification", "certification"]
    superseded = [issued[key][0].about.superseded for key in keys]
    assert superseded == [True, True, False]


def test_assessments_say_what_is_missed_and_how_well_the_rest_is_met(issued: Issued) -> None:
    subject = issued["audit/quarrymark/tinderbush-mine/2/renewal"][1]["credentialSubject"]
    found = subject["conformityAssessment"]
    scores = {one["assessedPerformance"][0]["score"]["code"]: one["conformance"] for one in found}
    assert scores == {"fully": True, "substantially": True, "partly": False}
    missed = [one["name"] for one in found if not one["conformance"]]
    assert all(any("Open:" in line for line in one["specifiedCondition"]) for one in found)
    assert len(missed) == 1  # three in four of the social area, everything in the areas of three


def test_superseded_certificates_are_linked_as_such(publication: Publication, issued: Issued) -> None:
    mine = publication.world.facilities["tinderbush-mine"]
    links = next(i for i in linked_identifiers(publication.book) if i.uri == mine.uri).links
    by_url = {link.url: link for link in links}
    old = by_url[issued["audit/quarrymark/tinderbush-mine/1/initial"][0].url]
    new = by_url[issued["audit/quarrymark/tinderbush-mine/2/renewal"][0].url]
    assert (old.superseded, new.superseded) == (True, False)
    assert links.index(new) < links.index(old)


def test_what_expired_before_the_world_is_looked_at_is_not_published() -> None:
    data = governed_data()
    data["governance"]["audits"] = [
        {"scheme": "quarrymark", "facility": "tinderbush-mine", "level": "50", "published": "2016-03-01"}
    ]
    entries = Publication(simulate(governed(data), 7)).book.agenda.entries
    found = [e for e in entries if e.key.startswith("audit/")]
    as_of = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
    assert found
    assert all(e.valid_from <= as_of < e.valid_until for e in found)
    assert {e.key.split("/")[3] for e in found} == {"4"}  # the third ended in early 2026


def test_issuers_were_known_before_the_oldest_paper(issued: Issued) -> None:
    first = issued["audit/quarrymark/tinderbush-mine/1/initial"][0].valid_from
    for key in ("accreditation/AU/wattlebird-assurance", "body/au-accreditation", "recognition/AU"):
        assert issued[key][0].valid_from < first


def test_a_licence_is_given_by_customs_with_its_mandate(issued: Issued) -> None:
    entry, document = issued["export-licence/EXL-2026-0311"]
    subject = document["credentialSubject"]
    assert entry.issuer.role == "customs"
    assert subject["assessmentLevel"] == "authority-mandate"
    assert subject["authorisation"][0]["endorsementEvidence"]["linkURL"] == issued["body/au-customs"][0].url
    assert "No more than 20000 tonnes" in subject["conformityAssessment"][0]["specifiedCondition"]


def test_consent_names_the_people_and_the_day(issued: Issued) -> None:
    subject = issued["consent/tinderbush-mine/1"][1]["credentialSubject"]
    assert subject["description"].startswith("Tinder River people agreed")
    assert "Agreement recorded on 2018-11-02" in subject["conformityAssessment"][0]["specifiedCondition"]


def test_a_record_states_class_capacity_concession_and_owners(
    publication: Publication, issued: Issued
) -> None:
    subject = issued["facility/tinderbush-mine"][1]["credentialSubject"]
    assert "UNFC class E1;F1;G1" in subject["description"]
    assert "Annual capacity of 900,000 tonnes of spodumene ore" in subject["description"]
    assert subject["processCategory"][1]["code"] == "E1;F1;G1"
    ring = subject["locationInformation"]["geoBoundary"]
    assert ring[0] == ring[-1] == {"latitude": -21.1, "longitude": 118.8}
    link = subject["relatedDocument"][0]
    page = publication.book.pages[link["linkURL"]]
    assert page.digest == link["digestMultibase"]
    assert json.loads(page.body)["unfcClass"] == "E1;F1;G1"
    owners = [role["party"]["name"] for role in subject["relatedParty"] if role["role"] == "owner"]
    assert owners[1:] == ["Wirralong Nickel Cobalt Ltd", "Falkenau Zellenwerk GmbH"]


def test_a_record_claims_what_the_newest_certificate_of_its_day_found_met(issued: Issued) -> None:
    claims = issued["facility/tinderbush-mine"][1]["credentialSubject"]["performanceClaim"]
    shown = issued["audit/quarrymark/tinderbush-mine/1/initial"]  # the renewal came after the record
    found = {
        one["assessmentCriteria"][0]["id"]: one["assessedPerformance"]
        for one in shown[1]["credentialSubject"]["conformityAssessment"]
        if one["conformance"]
    }
    said = {
        claim["referenceCriteria"][0]["id"]: claim["claimedPerformance"]
        for claim in claims
        if claim["evidence"][0]["linkURL"] == shown[0].url
    }
    assert said == found
    assert all(performance[0]["score"]["code"] in ("fully", "substantially") for performance in said.values())


def test_the_business_register_shows_the_owners(publication: Publication, issued: Issued) -> None:
    subject = issued["business/tinderbush-lithium"][1]["credentialSubject"]
    page = publication.book.pages[subject["publicInformation"]].body.decode()
    assert "Owned by Wirralong Nickel Cobalt Ltd" in page
    assert "Owned by Falkenau Zellenwerk GmbH" in page


def test_schemes_publish_levels_and_ratings(publication: Publication) -> None:
    documents = {document["name"]: document for document in publication.renderer.schemes()}
    scheme = documents["Quarrymark Responsible Mining Standard"]
    assert [s["code"] for s in scheme["schemeScoringFramework"]["score"]] == [
        "100",
        "75",
        "50",
        "transparency",
    ]
    ratings = scheme["includedProfile"][0]["criterionScoringFramework"][0]["score"]
    assert [rating["code"] for rating in ratings] == ["fully", "substantially", "partly"]
    tags = {tag for criterion in scheme["includedProfile"][0]["criterion"] for tag in criterion["tag"]}
    assert {"critical", "integrity", "legacies", "social", "environment"} <= tags


def test_everything_is_issued_up_to_the_end_and_once(publication: Publication) -> None:
    entries = publication.book.agenda.entries
    assert len({entry.url for entry in entries}) == len(entries)
    said = [entry for entry in entries if isinstance(entry.about, Attested)]
    assert all(entry.about.assessed <= entry.valid_from <= publication.world.scenario.as_of for entry in said)


def test_the_same_seed_says_the_same(issued: Issued) -> None:
    again = Publication(simulate(governed(), 7))
    assert {e.key: again.renderer.render(e) for e in again.book.agenda.entries} == {
        key: document for key, (_, document) in issued.items()
    }
