"""Whatever the seed and the parameters: nothing comes from nowhere, nothing is lost unseen, nothing happens too early."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.simulator import Scenario, World, load_scenario
from assay.simulator.facts import (
    Arrival,
    Conversion,
    Departure,
    Imbalance,
    Ledger,
    Lot,
    Material,
    Portion,
    Source,
)
from assay.simulator.operations.kernel import MINUTES_PER_DAY, Operation, Store
from assay.simulator.operations.process import Need
from assay.simulator.scenario import parse_scenario

FILE = Path(__file__).with_name("explicit_form.yaml")
DATA: dict[str, Any] = yaml.safe_load(FILE.read_bytes())
seeds = st.integers(0, 2**63)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """The default corridor with other yields, grades, lot sizes and demand."""
    data = copy.deepcopy(DATA)
    data["demand"]["packs"] = draw(st.integers(1, 40))
    data["demand"]["pack_kwh"]["value"] = draw(st.integers(20, 120))
    data["margin"]["value"] = draw(st.sampled_from([0.005, 0.03, 0.2]))
    for site in data["sites"]:
        site["lot_kg"] = draw(st.integers(site["lot_kg"] // 2, site["lot_kg"] * 3))
        site["days_per_lot"] = draw(st.integers(0, 2))
        if site["kind"] == "concentrator":
            site["parameters"]["recovery"]["value"] = draw(st.sampled_from([0.55, 0.7, 0.8]))
        if site["kind"] == "refinery":
            site["parameters"]["yield"]["value"] = draw(st.sampled_from([0.8, 0.88, 0.95]))
        if site["kind"] == "cathode":
            site["compound"] = draw(st.sampled_from(["NMC811", "NMC622"]))
        if site["kind"] == "cell":
            site["parameters"]["yield"]["value"] = draw(st.sampled_from([0.6, 0.92]))
    return parse_scenario(json.dumps(data, default=str).encode())  # JSON is YAML, and faster to write


def ore(name: str, mass: int, **elements: int) -> Lot:
    return Lot(name, "ore", "mine", "mine", 1, 5, Material(mass, 0, elements))


def check_books(scenario: Scenario, seed: int) -> Ledger:
    operation, ledger = Operation(scenario, seed), Ledger()
    for fact in operation.facts():
        ledger.add(fact)
    assert set(ledger.balance().values()) == {0}
    held = ledger.stock()
    for facility, store in operation.stores.items():
        assert +store.elements() == +held.get(facility, Counter())
        assert all(amount >= 0 for amount in held.get(facility, Counter()).values())
    drawn: Counter[str] = Counter()
    for fact in ledger.conversions():
        drawn.update({portion.lot.id: portion.mass for portion in fact.inputs})
        inputs: Counter[str] = Counter()
        for portion in fact.inputs:
            inputs.update(portion.elements)
        for lot in fact.outputs:
            inputs.subtract(lot.material.elements)
        inputs.subtract(fact.losses)
        assert not any(inputs.values())
        assert all(amount >= 0 for amount in fact.losses.values())
    # A lot is consumed at most once as a whole, wherever its parts went.
    assert all(mass <= ledger.lots[lot].material.mass for lot, mass in drawn.items())
    return ledger


@given(seeds)
@settings(max_examples=25)
def test_the_default_corridor_balances_to_the_milligram(seed: int) -> None:
    check_books(load_scenario(), seed)


@given(scenarios(), seeds)
@settings(max_examples=15)
def test_other_corridors_balance_to_the_milligram(scenario: Scenario, seed: int) -> None:
    ledger = check_books(scenario, seed)
    packs = [lot for lot in ledger.lots.values() if lot.kind == "pack"]
    assert len(packs) == scenario.demand.packs


def test_every_element_that_matters_is_on_the_books(world: World) -> None:
    assert set(world.ledger.balance()) == {"Li", "Ni", "Co", "Mn", "Cu", "Al", "C"}


def test_a_pack_holds_the_lithium_that_its_energy_needs(world: World) -> None:
    for lot in world.ledger.lots.values():
        if lot.kind == "pack":
            grams_per_kwh = lot.material.elements["Li"] / lot.material.energy
            assert 94 <= grams_per_kwh <= 104


def test_goods_are_moved_and_used_only_after_they_were_made_and_had_arrived(world: World) -> None:
    ledger = world.ledger
    arrived: dict[tuple[str, str], int] = {}
    for fact in ledger.facts:
        if isinstance(fact, Source):
            assert fact.started <= fact.time == fact.lot.made
            arrived[fact.lot.id, fact.facility] = fact.time
        elif isinstance(fact, Departure):
            assert all(arrived[portion.lot.id, fact.origin] < fact.departed for portion in fact.items)
        elif isinstance(fact, Arrival):
            for portion in fact.items:
                arrived[portion.lot.id, fact.destination] = fact.arrived
        elif isinstance(fact, Conversion):
            assert all(
                arrived[portion.lot.id, fact.facility] <= fact.started < fact.time for portion in fact.inputs
            )
            for lot in fact.outputs:
                arrived[lot.id, fact.facility] = fact.time


def test_lead_times_lie_between_the_least_and_most_days_of_their_legs(world: World) -> None:
    for journey in world.ledger.journeys():
        legs = world.scenario.routes[journey.route].legs
        assert journey.arrived is not None
        days = (journey.arrived - journey.departed) / MINUTES_PER_DAY
        assert sum(leg.days[0] for leg in legs) < days <= sum(leg.days[1] for leg in legs) + 0.5


def test_routes_are_at_least_as_long_as_the_great_circle(world: World) -> None:
    import math

    for route in world.scenario.routes:
        ends = [world.facilities[end].place for end in (route.origin, route.destination)]
        (lat1, lon1), (lat2, lon2) = [
            (math.radians(p.latitude / 1e6), math.radians(p.longitude / 1e6)) for p in ends
        ]
        haversine = (
            math.sin((lat2 - lat1) / 2) ** 2
            + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        )
        shortest = 2 * 6371 * math.asin(math.sqrt(haversine))
        travelled = sum(leg.km for leg in route.legs)
        assert shortest <= travelled <= 3 * shortest + 10


def test_no_leg_is_faster_than_its_vehicle(world: World) -> None:
    fastest = {
        "sea": 25 * 1.852 * 24,
        "rail": 1500,
        "road": 1200,
        "conveyor": 500,
    }  # km a day; 25 knots at sea
    for route in world.scenario.routes:
        for leg in route.legs:
            assert leg.km <= fastest[leg.mode] * max(leg.days[0], 0.25) + 300


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=6), st.data())
def test_a_store_gives_what_was_asked_for_and_keeps_the_rest(masses: list[int], data: st.DataObject) -> None:
    import simpy

    store = Store(simpy.Environment())
    for number, mass in enumerate(masses):
        store.add(Portion(ore(f"lot-{number}", mass), mass, {"Li": mass // 3}))
    total, lithium = sum(masses), sum(mass // 3 for mass in masses)
    wanted = data.draw(st.integers(0, total))
    taken = store.take(Need("ore", wanted))
    assert sum(portion.mass for portion in taken) == wanted
    assert store.held("ore") == total - wanted
    assert sum(portion.elements["Li"] for portion in taken) + store.held("ore", "Li") == lithium


@given(st.integers(3, 10**9), st.data())
def test_a_draw_by_content_brings_at_least_that_content(mass: int, data: st.DataObject) -> None:
    import simpy

    store = Store(simpy.Environment())
    store.add(Portion(ore("lot", mass), mass, {"Li": mass // 3}))
    wanted = data.draw(st.integers(1, mass // 3))
    taken = store.take(Need("ore", wanted, "Li"))
    assert sum(portion.elements["Li"] for portion in taken) >= wanted


def test_taking_more_than_there_is_is_a_defect() -> None:
    import simpy

    with pytest.raises(Imbalance, match="5 more wanted"):
        Store(simpy.Environment()).take(Need("ore", 5))


def test_a_lot_cannot_be_made_twice() -> None:
    ledger, source = Ledger(), Source(ore("a", 5), "mine", 0, 5)
    ledger.add(source)
    with pytest.raises(Imbalance, match="made twice"):
        ledger.add(source)


def test_goods_on_the_way_are_in_nobodys_stock_and_still_on_the_books() -> None:
    ledger = Ledger()
    lot = ore("a", 100, Li=10)
    ledger.add(Source(lot, "mine", 0, 5))
    ledger.add(Departure("c", 0, "mine", "plant", 8, (Portion(lot, 40, {"Li": 4}),)))
    assert ledger.balance() == {"Li": 0}
    assert ledger.stock() == {"mine": Counter({"Li": 6})}
    assert ledger.holdings(7) == {"mine": {"a": 100}}
    assert ledger.holdings(9) == {"mine": {"a": 60}}
    assert [row["fact"] for row in ledger.rows()] == ["source", "departure"]
    ledger.add(Arrival("c", 0, "mine", "plant", 8, 12, (Portion(lot, 40, {"Li": 4}),)))
    assert ledger.balance() == {"Li": 0}
    assert ledger.stock() == {"mine": Counter({"Li": 6}), "plant": Counter({"Li": 4})}
    assert ledger.holdings(11) == {"mine": {"a": 60}}
    assert ledger.holdings(12) == {"mine": {"a": 60}, "plant": {"a": 40}}


def test_an_element_that_nobody_accounts_for_shows_in_the_balance() -> None:
    ledger = Ledger()
    lot, salt = ore("a", 100, Li=10), Lot("b", "salt", "mine", "refinery", 1, 9, Material(50, 0, {"Li": 8}))
    ledger.add(Source(lot, "mine", 0, 5))
    ledger.add(Conversion("mine", 1, 6, 9, (Portion(lot, 100, {"Li": 10}),), (salt,), {"Li": 1}))
    assert ledger.balance() == {"Li": 1}
