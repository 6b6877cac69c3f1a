"""Worlds of UNTP 0.6 as published: link relations are compact names, everything else is as in 0.7."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from assay.simulator import World, publish
from assay.simulator.dataset import Publication, write_dataset
from assay.simulator.issuance.discovery import (
    Directory,
    did_document,
    linked_identifiers,
    relation_prefix,
    resolver_description,
)
from assay.simulator.issuance.keys import signer_for

_OURS = {"dpp", "dcc", "dfr", "dte", "dia"}


def test_only_releases_before_0_7_prefix_their_relations() -> None:
    assert [relation_prefix(version) for version in ("0.7.0", "0.6.1", "0.6.0")] == ["", "untp:", "untp:"]


def test_linksets_name_the_same_targets_under_compact_relations(publication: Publication) -> None:
    seen = set()
    for identifier in linked_identifiers(publication.book):
        (bare,), (compact,) = identifier.linkset()["linkset"], identifier.linkset("untp:")["linkset"]
        renamed = {f"untp:{name}" if name in _OURS else name: value for name, value in bare.items()}
        assert compact == renamed
        seen |= compact.keys()
    assert {f"untp:{name}" for name in _OURS} | {"describedby"} <= seen


def test_services_of_did_documents_are_compact_relations(world: World, publication: Publication) -> None:
    directory = Directory(world)
    for entry in publication.book.agenda.entries:
        directory.see(entry)
    links = directory.links(publication.book)
    kinds = set()
    for organisation in world.organisations():
        signer = signer_for(world.seed, organisation.did)
        names = directory.numbers(organisation)
        bare = did_document(organisation, signer, links[organisation.id], names)
        compact = did_document(organisation, signer, links[organisation.id], names, "untp:")
        for old, new in zip(bare["service"], compact["service"], strict=True):
            assert new["type"] == (f"untp:{old['type']}" if old["type"] in _OURS else old["type"])
            assert (new["id"], new["serviceEndpoint"]) == (old["id"], old["serviceEndpoint"])
            kinds.add(new["type"])
    assert kinds == {"untp:dia", "untp:dfr", "describedby"}


def test_resolvers_describe_the_relations_that_they_use(world: World) -> None:
    for nation in world.nations.values():
        said = resolver_description(nation, "untp:")
        assert {one["key"] for one in said["supportedLinkType"]} == {f"untp:{name}" for name in _OURS}
        assert said["linkTypeDefault"] == "untp:dpp"


@pytest.mark.parametrize("version", ["0.6.1", "0.6.0"])
def test_a_world_is_written_in_the_version_that_was_asked_for(
    version: str, world: World, publication: Publication, tmp_path: Path
) -> None:
    dataset = write_dataset(world, tmp_path / "out", untp=version)
    assert dataset["untp"] == version
    current = {entry.url for entry in publication.book.agenda.entries}
    found = set()
    for file in sorted((tmp_path / "out" / "credentials").glob("*.jwt")):
        payload = file.read_bytes().split(b".")[1]
        document = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        assert document["@context"][1].endswith(f"/{version}/")
        found.add(document["id"])
    assert found == current


def test_a_publication_in_0_6_leads_to_the_same_credentials(world: World, publication: Publication) -> None:
    older = publish(world, "0.6.1")
    for (new, resolvable), (old, same) in zip(publication.resolvers(), older.resolvers(), strict=True):
        assert (old.url, same) == (new.url, resolvable)
        if new.role == "linkset":
            assert json.loads(re.sub(rb'"untp:(d\w\w)"', rb'"\1"', old.body)) == json.loads(new.body)
    assert {one.url for one in older.did_documents()} == {one.url for one in publication.did_documents()}


def test_whatever_registers_lead_to_is_published(world: World) -> None:
    older = publish(world, "0.6.1")
    registers = [json.loads(resource.body) for resource in older.registers()]
    pages = {page.url for page in older.pages()}
    software = [
        product
        for register in registers
        for entry in register["entries"]
        for product in entry.get("products", ())
    ]
    assert software
    assert all(product["url"] in pages and product["untpVersions"] == ["0.6.1"] for product in software)


def test_tables_of_a_world_do_not_depend_on_the_version(world: World, tmp_path: Path) -> None:
    for version in ("0.7.0", "0.6.1"):
        write_dataset(world, tmp_path / version, untp=version, formats=("jsonl", "parquet"))
    tables = sorted(path.relative_to(tmp_path / "0.7.0") for path in (tmp_path / "0.7.0").rglob("*.parquet"))
    assert {"claims", "events", "assessments"} <= {table.stem for table in tables}
    for table in tables:
        if table.stem == "links":  # these name relations as the version does
            continue
        current, older = ((tmp_path / version / table).read_bytes() for version in ("0.7.0", "0.6.1"))
        assert older == current, table
