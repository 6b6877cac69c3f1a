"""Patterns name the kinds of claims and wishes that they do something about; whoever names too few would miss its chance in silence."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assay.simulator import load_scenario
from assay.simulator.claims import claims_of
from assay.simulator.deceptions.injector import Injector
from assay.simulator.deceptions.registry import players
from assay.simulator.issuance.agenda import schedule
from assay.simulator.operations import run
from assay.simulator.world import World, build_world

pytestmark = pytest.mark.whole_worlds


def played(world: World) -> tuple[Mapping[str, object], list[tuple[object, ...]], list[bytes]]:
    """Labels by instance, entries and acts of a world."""
    acts = list[bytes]()
    injector = Injector(world, acts.append)
    facts = injector.facts(run(world.scenario, world.seed))
    entries = [
        (one.url, one.valid_from, one.list_url, one.index, len(one.edits))
        for one in schedule(world, injector.claims(claims_of(world, facts)), injector)
    ]
    return {label["instance"]: label for label in injector.labels()}, entries, acts


def test_nobody_misses_a_claim_or_a_wish_that_it_would_act_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = build_world(load_scenario("crossroads-deceived"), 2)
    assert {part.code for part in world.parts} == set(players()), "every pattern plays"
    named = played(world)
    for player in players().values():
        monkeypatch.setattr(player, "hears", None)
        monkeypatch.setattr(player, "heeds", None)
    labels, entries, acts = played(world)
    assert [name for name, label in labels.items() if named[0].get(name) != label] == []
    assert (entries, acts) == named[1:]
