"""How things are found in the default world: languages, edit links, and how long status lists may be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assay.simulator import World
from assay.simulator.dataset import Publication
from assay.simulator.issuance.discovery import LinkedIdentifier, linked_identifiers
from assay.simulator.sandbox.serve import _examples
from assay.simulator.sandbox.store import NodeStore, Resolvable, split
from assay.simulator.scenario import ScenarioError, parse_scenario

SHIPPED = Path(__file__).with_name("explicit_form.yaml")


@pytest.fixture(scope="module")
def identifiers(publication: Publication) -> list[LinkedIdentifier]:
    return list(linked_identifiers(publication.book))


def targets(identifier: LinkedIdentifier) -> list[dict[str, Any]]:
    (context,) = identifier.linkset()["linkset"]
    return [target for value in context.values() if isinstance(value, list) for target in value]


def test_data_sheets_in_a_nation_s_language_stand_beside_the_english_ones(
    publication: Publication, identifiers: list[LinkedIdentifier]
) -> None:
    spoken = {
        one.nation: [link.language for link in one.links]
        for one in identifiers
        if len({link.language for link in one.links}) > 1
    }
    assert spoken == {"KR": ["en", "ko"], "DE": ["en", "de"]}
    for one in identifiers:
        for link in one.links:
            page = publication.book.pages.get(link.url)
            if page is not None:
                assert f'<html lang="{link.language}">' in page.body.decode()
                assert link.title in page.body.decode()


def test_products_and_nothing_else_take_new_events_from_their_owner(
    world: World, identifiers: list[LinkedIdentifier]
) -> None:
    edits = {one.uri: [t for t in targets(one) if "edit" in t.get("rel", ())] for one in identifiers}
    products = {world.product_uri(lot) for lot in world.ledger.lots.values()}
    assert {uri for uri, found in edits.items() if found} <= products
    found = [target for group in edits.values() for target in group]
    assert len(found) >= 10
    for uri, group in edits.items():
        for target in group:
            assert target["href"] == uri
            assert target["method"] == ["POST", "Authorization"]
            assert target["accessRole"] == ["untp:accessRole#Owner"]


def test_a_resolver_is_tested_with_an_identifier_in_several_languages_first(
    world: World, identifiers: list[LinkedIdentifier]
) -> None:
    for nation, several in (("DE", True), ("AU", False)):
        known = {}
        for one in identifiers:
            if one.nation == nation:
                context = one.linkset()["linkset"][0]
                known[split(one.uri)] = Resolvable(one.uri, (context,), one.links[0].url)
        store = NodeStore(nation, nation, (), "", world.scenario.as_of, resolvables=known)
        chosen = _examples(store)
        first = known[split(chosen[0])].contexts[0]
        languages = {
            tuple(t.get("hreflang", ())) for v in first.values() if isinstance(v, list) for t in v
        } - {()}
        assert len(chosen) in (2, 3) and len(set(chosen)) == len(chosen)
        assert (len(languages) > 1) is several


@pytest.mark.parametrize("language", ["German", "DE", '""'])
def test_a_language_that_is_no_code_is_refused(language: str) -> None:
    raw = SHIPPED.read_text(encoding="utf-8")
    changed = raw.replace("data_sheets: {de:", f"data_sheets: {{{language}:", 1)
    assert changed != raw
    with pytest.raises(ScenarioError, match="data_sheets"):
        parse_scenario(changed.encode())
