"""Discovery in worlds of UNTP 0.6: link relations are compact names, everything else is as in 0.7."""

from __future__ import annotations

from assay.simulator import World
from assay.simulator.dataset import Publication
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
