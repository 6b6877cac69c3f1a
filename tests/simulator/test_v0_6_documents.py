"""Every document of an honest world in UNTP 0.6 is what 0.6 asks for, and says what its sister in 0.7 says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from assay.harness.credential.linked_data import LinkedDataJudge
from assay.profiles import untp_0_6
from assay.profiles.contracts.characteristics import dry_grades
from assay.profiles.contracts.declared_values import declared_grades
from assay.simulator import World
from assay.simulator.dataset import Publication
from assay.simulator.issuance.agenda import Entry
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.v0_6 import VERSIONS, Renderer

Documents = list[tuple[Entry, dict[str, Any]]]
KINDS = {
    "dpp": "DigitalProductPassport",
    "dcc": "DigitalConformityCredential",
    "dfr": "DigitalFacilityRecord",
    "dte": "DigitalTraceabilityEvent",
    "dia": "DigitalIdentityAnchor",
}


def rendered(publication: Publication, version: str) -> Documents:
    renderer = Renderer(Book(publication.world), version)
    entries = publication.book.agenda.entries
    return [(entry, orjson.loads(orjson.dumps(renderer.render(entry)))) for entry in entries]


@pytest.fixture(scope="module")
def legacy(publication: Publication) -> dict[str, Documents]:
    return {version: rendered(publication, version) for version in VERSIONS}


@pytest.fixture(scope="module")
def pairs(
    legacy: dict[str, Documents], documents: list[tuple[str, str, dict[str, Any]]]
) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Kind, 0.7 document, 0.6.1 document of every credential."""
    return [(k, new, old) for (k, _, new), (_, old) in zip(documents, legacy["0.6.1"], strict=True)]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


@pytest.mark.parametrize("version", VERSIONS)
def test_documents_meet_the_published_schemas(
    version: str, legacy: dict[str, Documents], artefacts: Path
) -> None:
    folder = artefacts / "untp" / version / "schema"
    validators = {
        kind: jsonschema_rs.Draft202012Validator(
            json.loads((folder / f"{kind}.json").read_bytes()), validate_formats=True
        )
        for kind in KINDS
    }
    assert {entry.kind for entry, _ in legacy[version]} == set(KINDS)
    for entry, document in legacy[version]:
        assert [f"{entry.key}: {error}" for error in validators[entry.kind].iter_errors(document)] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_documents_are_certified(version: str, legacy: dict[str, Documents]) -> None:
    """Closed schemas with code lists: real units, countries, business steps, and no member that a context does not know."""
    validators = {
        kind: jsonschema_rs.Draft202012Validator(untp_0_6.certificate(name, version), validate_formats=True)
        for kind, name in KINDS.items()
    }
    for entry, document in legacy[version]:
        assert [f"{entry.key}: {error}" for error in validators[entry.kind].iter_errors(document)] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_documents_lose_nothing_under_the_published_contexts(
    version: str, legacy: dict[str, Documents], artefacts: Path
) -> None:
    folder = artefacts / "untp" / version / "context"
    contexts = {
        untp_0_6.CONTEXT_URLS[version][name]: json.loads((folder / f"{kind}.jsonld").read_bytes())
        for kind, name in KINDS.items()
    }
    judge = LinkedDataJudge(contexts=contexts)
    for entry, document in legacy[version]:
        assert judge.findings(document) == (), entry.key


def test_masses_grades_carbon_and_dates_are_those_of_0_7(
    pairs: list[tuple[str, dict[str, Any], dict[str, Any]]],
) -> None:
    graded = footprints = 0
    for kind, new, old in pairs:
        for member in ("id", "validFrom", "validUntil", "name"):
            assert old[member] == new[member]
        if kind != "dpp":
            continue
        said, product = new["credentialSubject"], old["credentialSubject"]["product"]
        assert product["id"] == said["id"]
        assert product["productionDate"] == said["productionDate"]
        assert product["dimensions"] == said["dimensions"]
        claims = old["credentialSubject"]["conformityClaim"]
        assert declared_grades(claims) == dry_grades(said["characteristics"])
        graded += declared_grades(claims) is not None
        shares = [m["massFraction"] for m in said.get("materialProvenance", ())]
        assert [m["massFraction"] for m in old["credentialSubject"].get("materialsProvenance", ())] == shares
        for claim in said.get("performanceClaim", ()):
            performance = claim["claimedPerformance"][0]
            sister = next(one for one in claims if one["id"] == claim["id"])
            assert sister["declaredValue"][0]["metricValue"] == performance["measure"]
            assert sister["assessmentDate"] == claim["claimDate"]
            if performance["metric"]["id"].endswith("/product-carbon-footprint"):
                card = old["credentialSubject"]["emissionsScorecard"]
                assert card["carbonFootprint"] == performance["measure"]["value"]
                footprints += 1
    assert graded and footprints


def test_footprints_and_recycled_parts_are_those_of_0_7(
    pairs: list[tuple[str, dict[str, Any], dict[str, Any]]],
) -> None:
    seen = 0
    for kind, new, old in pairs:
        footprint = (
            new["credentialSubject"].get("characteristics", {}).get("footprint") if kind == "dpp" else None
        )
        if footprint is None:
            continue
        declared = {
            metric["metricName"]: metric["metricValue"]
            for claim in old["credentialSubject"]["conformityClaim"]
            for metric in claim["declaredValue"]
        }
        for name, measures in (
            ("Carbon footprint", footprint["carbon"]),
            ("Water use", [footprint["water"]]),
            ("Energy use", [footprint["energy"]]),
        ):
            for measure in measures:
                found = declared[f"{name}, {measure['boundary'].replace('-', ' ')}"]
                assert (found["value"], found["unit"]) == (measure["value"], measure["unit"])
                seen += 1
        for element, parts in footprint.get("recycled", {}).items():
            assert declared[f"Recycled: {element}, pre consumer"]["value"] == parts["preConsumer"]
            assert declared[f"Recycled: {element}, post consumer"]["value"] == parts["postConsumer"]
    assert seen


def test_every_claim_of_a_passport_names_a_criterion_and_evidence(legacy: dict[str, Documents]) -> None:
    for entry, document in legacy["0.6.1"]:
        if entry.kind == "dpp":
            claims = document["credentialSubject"]["conformityClaim"]
            assert len({claim["id"] for claim in claims}) == len(claims) > 0
            assert all(claim["assessmentCriteria"] and claim["conformityEvidence"] for claim in claims)


def _quantities_0_7(document: dict[str, Any]) -> list[tuple[str, float]]:
    return sorted(
        (product["product"]["id"], product["quantity"]["value"])
        for event in document["credentialSubject"]
        for name in ("inputProduct", "outputProduct", "movedProduct", "modifiedProduct")
        for product in event.get(name, ())
    )


def _quantities_0_6(document: dict[str, Any]) -> list[tuple[str, float]]:
    lists = ("inputQuantityList", "outputQuantityList", "quantityList", "childQuantityList")
    return sorted(
        (quantity["productId"], quantity["quantity"])
        for event in document["credentialSubject"]
        for name in lists
        for quantity in event.get(name, ())
    )


def test_events_move_and_make_the_same_kilograms_at_the_same_time(
    pairs: list[tuple[str, dict[str, Any], dict[str, Any]]],
) -> None:
    for kind, new, old in pairs:
        if kind == "dte":
            assert _quantities_0_6(old) == _quantities_0_7(new)
            assert {one["eventTime"] for one in old["credentialSubject"]} == {
                one["eventDate"] for one in new["credentialSubject"]
            }
            ids = [one["id"] for one in old["credentialSubject"]]
            assert len(set(ids)) == len(ids)


def test_assessments_state_the_same_values_for_the_same_criteria(
    pairs: list[tuple[str, dict[str, Any], dict[str, Any]]],
) -> None:
    seen = 0
    for kind, new, old in pairs:
        if kind == "dcc":
            for a, b in zip(
                new["credentialSubject"]["conformityAssessment"],
                old["credentialSubject"]["assessment"],
                strict=True,
            ):
                assert [c["id"] for c in a["assessmentCriteria"]] == [
                    c["id"] for c in b["assessmentCriteria"]
                ]
                assert a["assessedPerformance"][0]["measure"] == b["declaredValue"][0]["metricValue"]
                assert (a["conformance"], a["assessmentDate"]) == (b["conformance"], b["assessmentDate"])
                seen += 1
    assert seen


def test_all_ways_of_telling_an_event_are_used_where_they_fit(legacy: dict[str, Documents]) -> None:
    told = {
        (event["type"][0], event["bizStep"], event["action"])
        for entry, document in legacy["0.6.1"]
        if entry.kind == "dte"
        for event in document["credentialSubject"]
    }
    assert told >= {
        ("ObjectEvent", "commissioning", "add"),
        ("TransformationEvent", "commissioning", "add"),
        ("TransactionEvent", "shipping", "add"),
        ("TransactionEvent", "receiving", "observe"),
        ("AssociationEvent", "assembling", "add"),
        ("ObjectEvent", "stock_taking", "observe"),
    }


def test_coordinates_stand_longitude_first(legacy: dict[str, Documents], world: World) -> None:
    facilities = {facility.uri: facility for facility in world.facilities.values()}
    for entry, document in legacy["0.6.1"]:
        if entry.kind == "dfr":
            told = document["credentialSubject"]["facility"]
            place = facilities[told["id"]].place
            where = told["locationInformation"]["geoLocation"]["coordinates"]
            assert [round(number * 1_000_000) for number in where] == [place.longitude, place.latitude]


def test_digests_are_those_of_the_pages(publication: Publication) -> None:
    renderer = Renderer(Book(publication.world))
    seen = 0
    for entry in publication.book.agenda.entries:
        document = renderer.render(entry)
        pages = renderer.book.pages | {page.url: page for page in renderer.book.passing()}
        for node in nodes(document):
            if "hashDigest" in node:
                assert node["hashDigest"] == hashlib.sha256(pages[node["linkURL"]].body).hexdigest()
                seen += 1
    assert seen


def test_whatever_a_document_points_at_is_published_or_resolves(
    world: World, publication: Publication
) -> None:
    renderer = Renderer(Book(world))
    documents = [renderer.render(entry) for entry in publication.book.agenda.entries]
    there = {page.url for page in renderer.book.passing()}
    for scheme in renderer.schemes():
        there.add(scheme["id"])
        for profile in scheme["includedProfile"]:
            there |= {profile["id"], *(criterion["id"] for criterion in profile["criterion"])}
    resolvers = list(publication.resolvers())
    there |= {resource.url for resource, _ in resolvers}
    there |= {resolvable["uri"] for _, resolvable in resolvers if resolvable is not None}
    there |= {entry.url for entry in publication.book.agenda.entries}
    there |= {entry.list_url for entry in publication.book.agenda.entries}
    there |= set(renderer.book.pages) | {page.url for page in publication.book.pages.values()}
    missing = {
        text
        for document in documents
        for node in nodes(document)
        for value in node.values()
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str) and text.startswith("https://") and ".example" in text
        if text.partition("#")[0] not in there
    }
    assert missing == set()
