"""Facts speak for themselves: a row says everything, and a reader of the stream needs no ledger."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys

import pytest

from assay.simulator import World
from assay.simulator.facts import (
    Arrival,
    Conversion,
    Departure,
    Fact,
    Ledger,
    Lot,
    Material,
    Portion,
    Source,
    Stocktake,
    fact_row,
)
from assay.simulator.operations import run

ORE = Lot("mine/ore/0001", "ore", "mine", "mine", 1, 5, Material(100, 30_000, {"Li": 10}))
SALT = Lot("plant/salt/0001", "salt", "plant", "refinery", 1, 40, Material(50, 0, {"Li": 3}, 7), "item", True)
SOME = (Portion(ORE, 40, {"Li": 4}),)
FACTS: list[Fact] = [
    Source(ORE, "mine", 0, 5, "opening"),
    Departure("c", 0, "mine", "plant", 8, SOME),
    Arrival("c", 0, "mine", "plant", 8, 20, SOME),
    Conversion("plant", 1, 30, 40, SOME, (SALT,), {"Li": 1}),
    Stocktake("mine", 60, (Portion(ORE, 60, {"Li": 6}),)),
]


def test_a_row_says_what_happened_where_and_when() -> None:
    source, departure, arrival, conversion, stocktake = (fact_row(fact) for fact in FACTS)
    assert (source["fact"], source["origin"], source["time"]) == ("source", "opening", 5)
    assert source["outputs"][0] == {
        "lot": "mine/ore/0001", "product": "ore", "granularity": "batch", "off_spec": False,
        "mass": 100, "moisture": 30_000, "elements": {"Li": 10}, "energy": 0,
    }  # fmt: skip
    assert departure["time"] == arrival["departed"] == 8
    assert (arrival["fact"], arrival["time"]) == ("arrival", 20)
    assert (
        departure["items"]
        == arrival["items"]
        == [{"lot": "mine/ore/0001", "mass": 40, "elements": {"Li": 4}}]
    )
    assert (conversion["started"], conversion["time"], conversion["losses"]) == (30, 40, {"Li": 1})
    assert (conversion["outputs"][0]["granularity"], conversion["outputs"][0]["off_spec"]) == ("item", True)
    assert (stocktake["facility"], stocktake["time"]) == ("mine", 60)


def test_rows_are_plain_json(world: World) -> None:
    for row in world.ledger.rows():
        assert json.loads(json.dumps(row)) == row


def test_facts_survive_a_trip_to_another_process(world: World) -> None:
    assert pickle.loads(pickle.dumps(world.ledger.facts)) == world.ledger.facts


def test_lots_are_the_same_when_their_names_are() -> None:
    again = Lot(ORE.id, "ore", "mine", "mine", 1, 5, Material(1))
    assert {ORE: 1}[again] == 1


def test_holdings_count_goods_in_work_as_gone() -> None:
    ledger = Ledger()
    for fact in FACTS:
        ledger.add(fact)
    assert ledger.holdings(25) == {"mine": {ORE.id: 60}, "plant": {ORE.id: 40}}
    assert ledger.holdings(35) == {"mine": {ORE.id: 60}, "plant": {}}
    assert ledger.holdings(40) == {"mine": {ORE.id: 60}, "plant": {SALT.id: 50}}
    assert [journey.arrived for journey in ledger.journeys()] == [20]


def test_the_stream_is_what_the_ledger_collects(world: World) -> None:
    assert list(run(world.scenario, world.seed)) == world.ledger.facts


@pytest.mark.parametrize("salt", ["1", "2"])
def test_facts_do_not_depend_on_how_python_hashes_strings(world: World, salt: str) -> None:
    code = (
        "import json;from assay.simulator import load_scenario;from assay.simulator.facts import fact_row;"
        "from assay.simulator.operations import run;import hashlib;"
        "print(hashlib.sha256(json.dumps([fact_row(f) for f in run(load_scenario(), 9)]).encode()).hexdigest())"
    )
    expected = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        check=True,
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": salt},
        capture_output=True,
        check=True,
    )
    assert told.stdout == expected.stdout
