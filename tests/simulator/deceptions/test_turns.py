"""When an instance's turn comes: by the batch that is under way, wherever and whenever it travels."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assay.simulator import load_scenario
from assay.simulator.deceptions.base import Deception
from assay.simulator.deceptions.parts import Part
from assay.simulator.world import build_world

WORLD = build_world(load_scenario("crossroads"), 1)
END = WORLD.scenario.as_of


def player(instance: str, turn: int, *, newest: bool) -> Deception:
    one = Deception(Part(instance, "F38", False, "zw-south-mine", 100_000, turn), 1)
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


def test_a_place_that_makes_nothing_has_a_day_of_its_own() -> None:
    days = set()
    for number in range(20):
        one = player(f"F38-{number}", 0, newest=True)
        day = one.drawn_day(650_000)
        days.add(day)
        stranger = cast(Any, None)  # a lot of somebody else
        assert one.reached(day, stranger)
        assert day == WORLD.scenario.start or not one.reached(day - timedelta(seconds=1), stranger)
        assert day < WORLD.scenario.start + (END - WORLD.scenario.start) * 0.65
    assert len(days) == 20
