"""Every document of an honest world is what the protocol asks for, by the published rules and by our own checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from assay.harness.credential.intake import read
from assay.harness.credential.linked_data import LinkedDataJudge
from assay.harness.credential.schema import SchemaJudge
from assay.harness.credential.verify import Shelf
from assay.harness.engine import Engine, Settings
from assay.harness.material import DidDocument, StatusList
from assay.harness.results import Outcome, RunResult
from assay.profiles.untp_0_7 import codes
from assay.simulator import World
from assay.simulator.dataset import Publication
from assay.simulator.issuance.agenda import STATUS_LIST_SIZE

Documents = list[tuple[str, str, dict[str, Any]]]
KINDS = {
    "dpp": "DigitalProductPassport",
    "dcc": "DigitalConformityCredential",
    "dfr": "DigitalFacilityRecord",
    "dte": "DigitalTraceabilityEvent",
    "dia": "DigitalIdentityAnchor",
}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def test_a_world_has_credentials_of_every_kind(documents: Documents) -> None:
    assert {kind for kind, _, _ in documents} == set(KINDS)
    assert 70 <= len(documents) <= 160


def test_documents_meet_the_published_schemas(
    documents: Documents, publication: Publication, artefacts: Path
) -> None:
    folder = artefacts / "untp" / "0.7.0" / "schema"
    validators = {
        kind: jsonschema_rs.Draft202012Validator(
            json.loads((folder / f"{kind}.json").read_bytes()), validate_formats=True
        )
        for kind in (*KINDS, "cvc")
    }
    for kind, key, document in documents:
        assert [f"{key}: {error}" for error in validators[kind].iter_errors(document)] == []
    for scheme in publication.schemes():
        assert list(validators["cvc"].iter_errors(json.loads(scheme.body))) == []


def test_linksets_meet_the_published_schema(publication: Publication, artefacts: Path) -> None:
    schema = json.loads((artefacts / "untp" / "0.7.0" / "schema" / "linkset.json").read_bytes())
    validator = jsonschema_rs.Draft7Validator(schema)
    linksets = [resource for resource, _ in publication.resolvers() if resource.role == "linkset"]
    assert linksets
    for resource in linksets:
        assert [
            f"{resource.url}: {error}" for error in validator.iter_errors(json.loads(resource.body))
        ] == []


def test_registers_meet_the_published_schemas(publication: Publication, artefacts: Path) -> None:
    kinds = []
    for resource in publication.registers():
        kind = resource.url.rsplit("/", 1)[-1]
        kinds.append(kind)
        schema = json.loads((artefacts / "registers" / f"{kind}-register-schema.json").read_bytes())
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        assert [
            f"{resource.url}: {error}" for error in validator.iter_errors(json.loads(resource.body))
        ] == []
    assert sorted(kinds) == ["cvc", "cvc", "idr", "idr", "idr", "swi"]


def test_documents_are_certified_and_lose_nothing_in_linked_data(documents: Documents) -> None:
    schemas, linked_data = SchemaJudge(), LinkedDataJudge()
    for kind, key, document in documents:
        assert schemas.errors(KINDS[kind], document) == (), key
        assert schemas.certified(KINDS[kind], document), key
        assert linked_data.findings(document) == (), key


def test_units_countries_and_taxonomies_come_from_their_lists(documents: Documents) -> None:
    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            yield value
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    for _, key, document in documents:
        for node in walk(document):
            if "unit" in node:
                assert node["unit"] in codes.UNITS, key
            if "countryCode" in node:
                assert node["countryCode"] in codes.COUNTRIES, key
        for text in strings(document):
            prefix, _, slug = text.rpartition("/")
            if prefix.endswith("/conformity-topics"):
                assert text in codes.TOPICS or slug in codes.TOPICS, key
            if prefix.endswith("/performance-metrics"):
                assert text in codes.METRICS or slug in codes.METRICS, key


def test_identifiers_of_credentials_are_unique_and_so_are_places_in_status_lists(
    documents: Documents,
) -> None:
    assert len({document["id"] for _, _, document in documents}) == len(documents)
    places = {
        (d["credentialStatus"]["statusListCredential"], d["credentialStatus"]["statusListIndex"])
        for _, _, d in documents
    }
    assert len(places) == len(documents)
    assert all(0 <= index < STATUS_LIST_SIZE for _, index in places)


def test_credentials_are_issued_after_what_they_tell_and_are_in_force_at_the_end(
    world: World, publication: Publication
) -> None:
    for entry in publication.book.agenda.entries:
        assert entry.valid_from < world.scenario.as_of < entry.valid_until, entry.key
    passports = {e.about.batch.lot.id: e for e in publication.book.agenda.entries if e.kind == "dpp"}
    for move in publication.book.claims.moves:
        for quantity in move.sent:
            assert passports[quantity.lot.id].valid_from < move.departed, quantity.lot.id
    for lot, entry in passports.items():
        assert entry.valid_from > publication.book.claims.batches[lot].made


def test_only_invented_names_and_reserved_domains_are_used(publication: Publication) -> None:
    known = (
        "vocabulary.uncefact.org",
        "test.uncefact.org",
        "unstats.un.org",
        "www.w3.org",
        "ref.gs1.org",
        "plus.codes",
    )
    for resource in (*publication.credentials(), *publication.schemes(), *publication.did_documents()):
        body = resource.body
        if resource.role == "credential":
            continue
        for text in strings(json.loads(body)):
            if text.startswith("https://"):
                host = text.split("/")[2]
                assert host.endswith(".example") or host in (*known, "w3id.org", "www.iso.org"), text


def test_whatever_a_document_points_at_is_published_or_resolves(
    documents: Documents, publication: Publication
) -> None:
    for _ in publication.schemes():
        pass
    resolvers = list(publication.resolvers())
    there = {resource.url for resource, _ in resolvers}
    there |= {resolvable["uri"] for _, resolvable in resolvers if resolvable is not None}
    for part in (
        publication.credentials(),
        publication.status_lists(),
        publication.schemes(),
        publication.pages(),
    ):
        there |= {resource.url for resource in part}
    missing = {
        text
        for _, _, document in documents
        for text in strings(document)
        if text.startswith("https://") and ".example" in text and text.partition("#")[0] not in there
    }
    assert missing == set()


def test_digests_of_links_are_those_of_the_pages(documents: Documents, publication: Publication) -> None:
    pages = {page.url: page.digest for page in (publication.book.pages | publication.passing).values()}
    seen = 0

    def check(value: Any) -> None:
        nonlocal seen
        if isinstance(value, dict):
            url, digest = value.get("linkURL") or value.get("url"), value.get("digestMultibase")
            if digest is not None:
                assert pages[str(url)] == digest
                seen += 1
            for inner in value.values():
                check(inner)
        elif isinstance(value, list):
            for inner in value:
                check(inner)

    for _, _, document in documents:
        check(document)
    assert seen > len(documents)


@pytest.fixture(scope="module")
def verdict(world: World, publication: Publication) -> RunResult:
    """The whole world before the harness: nothing is fetched, everything is there."""
    resources = [
        *publication.credentials(),
        *publication.status_lists(),
        *publication.did_documents(),
        *publication.schemes(),
        *publication.registers(),
    ]
    resources += [resource for resource, _ in publication.resolvers() if resource.role == "linkset"]
    documents = [read(r.url, r.body, content_type=r.media_type) for r in resources]
    shelf = Shelf(
        {document.did: document for document in documents if isinstance(document, DidDocument)},
        {document.source: document for document in documents if isinstance(document, StatusList)},
    )
    anchors = frozenset(nation.anchor.did for nation in world.nations.values())
    return Engine(Settings(as_of=world.scenario.as_of, trust_anchors=anchors)).judge(documents, shelf)


def test_an_honest_world_is_conformant(verdict: RunResult) -> None:
    assert str(verdict.verdict) == "conformant"


def test_an_honest_world_violates_nothing_but_contradictions_of_the_specification(verdict: RunResult) -> None:
    open_ = [
        result
        for result in verdict.results
        if result.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE) and not result.requirement.position
    ]
    assert [(result.requirement.id, result.findings[:1]) for result in open_] == []
