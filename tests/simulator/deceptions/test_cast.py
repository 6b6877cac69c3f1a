"""Who plays what where: names, targets, pairs, turns and guests, before anything is built."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.simulator.deceptions.cast import cast
from assay.simulator.deceptions.parts import Part
from assay.simulator.deceptions.registry import players
from assay.simulator.scenario import Scenario, parse_scenario
from tests.deceptions_worlds import little_text


@cache
def scenario(deceptions: str) -> Scenario:
    return parse_scenario(little_text(deceptions).encode(), "x.yaml")


def parts(deceptions: str, seed: int = 1) -> tuple[Part, ...]:
    return cast(scenario(deceptions), seed).parts


def test_instances_and_twins_are_numbered_and_know_each_other() -> None:
    found = parts("[{pattern: F21, count: 2, twins: 1}, {pattern: F21, count: 1, twins: 2}]")
    assert [(one.instance, one.twin, one.honest) for one in found] == [
        ("F21-1", "F21-1t", False),
        ("F21-2", None, False),
        ("F21-1t", "F21-1", True),
        ("F21-3", "F21-3t", False),
        ("F21-3t", "F21-3", True),
        ("F21-4t", None, True),
    ]
    assert [one.look_alike for one in found] == [None, None, "B07", None, "B07", "B07"]
    assert len({one.target for one in found}) == len(found), "a certificate of a site has one player only"


def test_a_look_alike_alone_is_honest_and_has_no_twin() -> None:
    found = parts("[{look_alike: B22, count: 2}]")
    assert [(one.instance, one.code, one.honest, one.twin, one.look_alike) for one in found] == [
        ("B22-1", "F18", True, None, "B22"),
        ("B22-2", "F18", True, None, "B22"),
    ]


def test_all_of_a_composite_play_at_one_target() -> None:
    found = parts("[{composite: both, of: [F36, F18], count: 2}]")
    assert [one.instance for one in found] == ["both-1-F18", "both-1-F36", "both-2-F18", "both-2-F36"]
    assert {one.composite for one in found} == {"both-1", "both-2"}
    assert len({(one.composite, one.target) for one in found}) == 2


def test_targets_that_are_named_are_taken_in_their_order() -> None:
    found = parts("[{pattern: F21, count: 1, twins: 1, at: [west-ponds, cell-plant]}]")
    assert [one.target for one in found] == ["west-ponds", "cell-plant"]


def test_patterns_of_single_batches_share_targets_only_when_every_one_is_used() -> None:
    targets = len(list(players()["F18"].targets(scenario(""))))
    found = parts(f"[{{pattern: F18, count: {targets}, twins: 2}}]")
    first, more = found[:targets], found[targets:]
    assert len({one.target for one in first}) == targets
    assert {one.target for one in more} <= {one.target for one in first}


@given(st.integers(1, 2**31), st.integers(1, 4), st.integers(0, 4))
@settings(max_examples=6, deadline=None)
def test_the_same_seed_gives_the_same_parts_and_no_other_entry_moves_them(
    seed: int, count: int, twins: int
) -> None:
    entry = f"{{pattern: F18, count: {count}, twins: {twins}}}"
    alone = parts(f"[{entry}]", seed)
    assert alone == parts(f"[{entry}]", seed)
    beside = parts(f"[{entry}, {{pattern: F41}}]", seed)
    assert [one for one in beside if one.code == "F18"] == list(alone)


def test_turns_differ_between_instances_and_targets_between_seeds() -> None:
    entry = "[{pattern: F40, count: 6}]"
    assert len({one.turn for one in parts(entry)}) > 2
    assert len({tuple(one.target for one in parts(entry, seed)) for seed in range(1, 6)}) > 1


def test_guests_come_last_and_are_known_by_who_brings_them() -> None:
    asked = scenario("[{pattern: F27, twins: 1}]")
    found = cast(asked, 1)
    before, after = asked.parties, found.scenario.parties
    assert after[: len(before)] == before
    assert [found.guests[one.id] for one in after[len(before) :]] == ["F27-1", "F27-1t", "F27-1t"]
    assert len({one.name for one in after}) == len(after)
    certifier = after[len(before)]
    operator = next(place.operator for place in asked.facilities if place.id == found.parts[0].target)
    assert certifier.owner == operator


def test_a_further_key_belongs_to_the_operator_of_the_target() -> None:
    found = cast(scenario("[{pattern: F37, count: 2, twins: 1}]"), 1)
    operators = {place.id: place.operator for place in found.scenario.facilities}
    assert set(found.keys) == {operators[one.target] for one in found.parts}
    generations = [key.generation for keys in found.keys.values() for key in keys]
    assert len(set(generations)) == 3
    assert min(generations) > 1
