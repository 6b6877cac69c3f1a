"""When an instance's turn comes: by the batch that is under way, wherever and whenever it travels."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assay.simulator import load_scenario
from assay.simulator.deceptions.base import Deception
from assay.simulator.deceptions.parts import Part
from assay.simulator.deceptions.plans import planned_deliveries
from assay.simulator.facts import Departure
from assay.simulator.operations import run
from assay.simulator.world import build_world

WORLD = build_world(load_scenario("crossroads"), 1)
END = WORLD.scenario.as_of


def player(instance: str, turn: int, *, newest: bool, target: str = "zw-south-mine") -> Deception:
    one = Deception(Part(instance, "F38", False, target, 100_000, turn), 1)
    one.world = WORLD
    one._injector = cast(Any, SimpleNamespace(place=lambda lot: lot))  # lots are their own places here
    one.__dict__["_newest"] = newest
    return one


@pytest.mark.parametrize("newest", [False, True])
def test_a_batch_made_after_the_turn_brings_it_however_late_it_leaves(newest: bool) -> None:
    one = player("F38-1", 7, newest=newest)
    assert not one.reached(END, cast(Any, 7))
    assert one.reached(WORLD.scenario.start, cast(Any, 8))


def test_of_a_consignment_the_oldest_counts_or_the_newest() -> None:
    lots = cast(Any, (6, 7, 8))
    assert player("F38-1", 7, newest=True).reached(END, *lots)
    assert not player("F38-1", 7, newest=False).reached(END, *lots)


def test_where_stocks_go_in_lumps_the_oldest_lies_no_more_than_two_batches_behind() -> None:
    lots = cast(Any, (1, 5, 10))
    assert player("F38-1", 7, newest=False).reached(END, *lots)
    assert not player("F38-1", 8, newest=False).reached(END, *lots)


def test_of_a_place_that_makes_nothing_consignments_are_counted() -> None:
    planned = planned_deliveries(WORLD.scenario, "mz-north-terminal")
    assert planned > 10
    stranger, first = cast(Any, None), set()  # a lot of somebody else
    for number in range(60):
        one = player(f"F38-{number}", 0, newest=True, target="mz-north-terminal")
        reached = []
        for day in range(planned):
            moment = WORLD.scenario.start + timedelta(days=day)
            reached.append(one.reached(moment, stranger))
            assert (
                one.reached(moment, stranger) == reached[-1]
            )  # asked of another lot of the same consignment
        first.add(reached.index(True))
        assert all(reached[reached.index(True) :])
    assert min(first) <= planned // 10
    assert planned * 6 // 10 < max(first) < planned * 9 // 10


def test_what_happens_to_consignments_begins_with_any_of_them_and_at_once_without_a_turn() -> None:
    planned, first = planned_deliveries(WORLD.scenario, "zw-south-mine"), set()
    for number in range(60):
        one = player(f"F38-{number}", 1, newest=True)
        moments = (WORLD.scenario.start + timedelta(days=day) for day in range(planned))
        first.add(next(place for place, moment in enumerate(moments) if one.left(moment, cast(Any, 1))))
        assert player(f"F38-{number}", 0, newest=True).left(WORLD.scenario.start, cast(Any, 1))
    assert min(first) <= planned // 10
    assert max(first) >= planned * 8 // 10


def test_what_is_fetched_as_it_comes_is_told_by_its_batches() -> None:
    assert planned_deliveries(WORLD.scenario, "de-pack-plant") == 0
    one = player("F38-1", 7, newest=True, target="de-pack-plant")
    assert not one.left(END, cast(Any, 7))
    assert one.left(WORLD.scenario.start, cast(Any, 8))


def test_deliveries_are_planned_by_their_parcels() -> None:
    told = WORLD.scenario
    to, away = (planned_deliveries(told, "mz-north-terminal", inbound=inbound) for inbound in (True, False))
    moves = [fact for fact in run(told, 1) if isinstance(fact, Departure)]
    assert abs(to - sum(move.destination == "mz-north-terminal" for move in moves)) <= 1
    assert abs(away - sum(move.origin == "mz-north-terminal" for move in moves)) <= 1
    assert planned_deliveries(told, "de-market") == 0
