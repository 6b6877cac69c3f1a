"""Chains of every mineral run, balance to the milligram, and do what their processes say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.simulator.chemistry import COMPOUNDS, PPM
from assay.simulator.facts import Arrival, Conversion, Ledger, Source
from assay.simulator.operations import Operation
from assay.simulator.process_types import process_types
from assay.simulator.scenario import Scenario
from tests.simulator.chains import (
    DATA,
    Site,
    books,
    brine,
    cathode_loop,
    cobalt,
    copper,
    lfp,
    recycling,
    scenario,
)

PACK = {"pack_kwh": {"value": 75, "unit": "KWH", "source": "UNTP battery sample"}}
LONG = "2029-01-01T00:00:00Z"


def tonnes(facility: str, product: str, amount: float, **other: Any) -> dict[str, Any]:
    return {"facility": facility, "product": product, "tonnes": amount, **other}


CHAINS: dict[str, tuple[Callable[[], list[Site]], dict[str, Any], list[tuple[str, str]]]] = {
    "brine": (brine, tonnes("abroad", "lithium-carbonate", 300), []),
    "cobalt": (cobalt, tonnes("abroad", "cobalt-sulphate", 150), [("buyer", "toller")]),
    "copper": (copper, tonnes("foil-mill", "copper-foil", 60), []),
    "lfp": (lfp, tonnes("cathode-plant", "lfp-powder", 40), []),
    "recycling": (recycling, tonnes("hydromet", "cobalt-sulphate", 5), []),
    "loop": (cathode_loop, {"facility": "pack-plant", "packs": 100, **PACK}, []),
}


def of(name: str, **other: Any) -> Scenario:
    sites, demand, returns = CHAINS[name]
    if name == "loop":
        parcels = {("li-mine", "li-mill"): 200_000, ("laterite-mine", "hpal"): 200_000}
        other = {"parcel_kg": 3_000, "parcels": parcels, **other}
    return scenario(
        *sites(), **{"demand": demand, "returns": returns, "as_of": LONG, "parcel_kg": 20_000, **other}
    )


@st.composite
def varied(draw: st.DrawFn) -> Scenario:
    """Any of the chains with parameters anywhere in their ranges, other lots, parcels and seeds of scrap."""
    name = draw(st.sampled_from(sorted(CHAINS)))
    sites, demand, returns = CHAINS[name]
    entries = sites()
    types = process_types()
    for entry in entries:
        kind = types[entry["process"]]
        if kind["kind"] in ("terminal", "market"):
            continue
        entry["lot_kg"] = draw(st.integers(kind["lot_kg"] // 2, kind["lot_kg"] * 2))
        names = sorted(set(kind["parameters"]) - {"carbon", "water", "energy", "pack_kwh", "secondary_share"})
        if names:
            parameter = draw(st.sampled_from(names))
            default = kind["parameters"][parameter]
            least, most = default["range"]
            spread = default.get("spread", 0)
            value = (
                draw(st.floats(least + spread, most - spread))
                if least + spread < most - spread
                else default["value"]
            )
            if parameter not in entry.get("parameters", {}) and round(value, 6) > 0:
                entry["parameters"] = {**entry.get("parameters", {}), parameter: round(value, 6)}
    parcel = draw(st.sampled_from([None, 15_000, 60_000]))
    return scenario(*entries, demand=demand, returns=returns, as_of="2031-01-01T00:00:00Z", parcel_kg=parcel)


@pytest.mark.parametrize("name", sorted(CHAINS))
def test_a_chain_of_library_processes_balances_and_meets_its_demand(name: str) -> None:
    ledger, operation = books(of(name), 1)
    assert ledger.balance()
    for (facility, product), (demand, _) in operation.plan.demanded.items():
        wanted = int((demand.tonnes or 0) * 10**9)
        made = sum(
            lot.material.mass for lot in ledger.lots.values()
            if lot.product == (demand.product or product) and lot.facility == facility
        )  # fmt: skip
        arrived = sum(
            portion.mass for fact in ledger.arrivals() if fact.destination == facility
            for portion in fact.items if portion.lot.product == product
        )  # fmt: skip
        assert max(made, arrived) >= wanted
    elements = {element for lot in ledger.lots.values() for element in lot.material.elements}
    assert elements <= {"Li", "Ni", "Co", "Mn", "Cu", "C", "Al", "Fe", "P"}


@given(varied(), st.integers(0, 2**63))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_chain_balances_to_the_milligram_whatever_its_parameters(world: Scenario, seed: int) -> None:
    ledger, _ = books(world, seed)
    assert set(ledger.balance().values()) == {0}


def test_the_same_scenario_and_seed_give_the_same_facts() -> None:
    world = of("cobalt")
    assert list(Operation(world, 3).facts()) == list(Operation(world, 3).facts())
    assert list(Operation(world, 3).facts()) != list(Operation(world, 4).facts())


@pytest.fixture(scope="module")
def loop() -> tuple[Ledger, Operation]:
    demand = {"facility": "pack-plant", "packs": 250, "days": 600, **PACK}
    return books(of("loop", demand=demand), 1)


def test_every_element_of_the_loop_is_on_the_books(loop: tuple[Ledger, Operation]) -> None:
    assert set(loop[0].balance()) >= {"Li", "Ni", "Co", "Mn", "Cu", "Al", "C"}


def test_recycled_salts_end_up_in_cathode_powder_again(loop: tuple[Ledger, Operation]) -> None:
    sources = {
        (portion.lot.facility, portion.lot.product)
        for fact in loop[0].conversions() if fact.facility == "cathode-plant"
        for portion in fact.inputs
    }  # fmt: skip
    assert ("hydromet", "nickel-sulphate") in sources
    assert ("hydromet", "lithium-carbonate") in sources


def test_packs_come_back_from_customers_and_are_taken_apart(loop: tuple[Ledger, Operation]) -> None:
    taken = {
        portion.lot.product
        for fact in loop[0].conversions() if fact.facility == "recycler"
        for portion in fact.inputs
    }  # fmt: skip
    assert taken == {"battery-pack", "cell-scrap", "cathode-scrap"}


def test_scrap_holds_what_the_product_does_not_and_losses_the_rest(loop: tuple[Ledger, Operation]) -> None:
    seen = 0
    for fact in loop[0].conversions():
        if fact.facility == "cell-plant":
            cells, scrap = fact.outputs
            into = sum(portion.elements.get("Ni", 0) for portion in fact.inputs)
            assert cells.material.elements["Ni"] + scrap.material.elements["Ni"] + fact.losses["Ni"] == into
            assert 0.9 <= scrap.material.elements["Ni"] / (into - cells.material.elements["Ni"]) <= 0.98
            seen += 1
    assert seen


def test_by_products_are_what_their_compound_says(loop: tuple[Ledger, Operation]) -> None:
    share = COMPOUNDS["cobalt-sulphate"].fraction("Co")
    lots = [lot for lot in loop[0].lots.values() if lot.product == "cobalt-sulphate"]
    assert lots
    for lot in lots:
        assert 0.98 * float(share) <= lot.material.elements["Co"] / lot.material.mass <= float(share)


def test_concentrates_are_as_moist_and_as_rich_as_the_library_says(loop: tuple[Ledger, Operation]) -> None:
    for lot in loop[0].lots.values():
        if lot.product == "mhp":
            assert 500_000 <= lot.material.moisture <= 600_000
            assert 0.38 <= lot.material.elements["Ni"] / lot.material.mass <= 0.40
            assert 0.02 <= lot.material.elements["Co"] / lot.material.mass <= 0.05


def test_packs_are_items_and_everything_else_is_a_batch(loop: tuple[Ledger, Operation]) -> None:
    levels = {(lot.kind, lot.granularity) for lot in loop[0].lots.values()}
    assert ("pack", "item") in levels
    assert {kind for kind, level in levels if level == "item"} == {"pack"}


def test_ponds_take_more_than_a_year_and_opening_stock_bridges_it() -> None:
    ledger, _ = books(of("brine"), 1)
    opening = [fact for fact in ledger.sources() if fact.origin == "opening"]
    assert sum(fact.lot.material.mass for fact in opening) == 3_000_000 * 10**6
    assert all(fact.time == 0 and fact.lot.facility == "ponds" for fact in opening)
    first = min(fact.time for fact in ledger.conversions() if fact.facility == "carbonate-plant")
    assert first < 120 * 1440
    for fact in ledger.conversions():
        if fact.facility == "ponds":
            assert 365 * 1440 <= fact.time - fact.started <= 540 * 1440


def test_two_feeds_of_one_product_are_blended_in_their_shares() -> None:
    ledger, _ = books(of("cobalt"), 1)
    sent: Counter[str] = Counter()
    for fact in ledger.arrivals():
        if fact.destination == "leach":
            sent[fact.origin] += sum(portion.mass for portion in fact.items)
    part = sent["diggers"] / sum(sent.values())
    assert 0.1 <= part <= 0.3
    mixed = [fact for fact in ledger.conversions() if fact.facility == "leach"]
    assert any(len({portion.lot.facility for portion in fact.inputs}) == 2 for fact in mixed)


def test_goods_off_specification_go_back_and_are_made_again() -> None:
    ledger, _ = books(of("cobalt", demand=tonnes("abroad", "cobalt-sulphate", 600)), 2)
    off = {lot.id for lot in ledger.lots.values() if lot.off_spec}
    back = [fact for fact in ledger.arrivals() if (fact.origin, fact.destination) == ("buyer", "toller")]
    assert back
    assert {portion.lot.id for fact in back for portion in fact.items} <= off
    again = [
        fact for fact in ledger.conversions()
        if fact.facility == "toller" and any(portion.lot.id in off for portion in fact.inputs)
    ]  # fmt: skip
    assert again
    assert all(
        lot.product == "cobalt-sulphate" and not lot.off_spec for fact in again for lot in fact.outputs
    )
    sold = {
        portion.lot.id for fact in ledger.arrivals() if fact.destination == "abroad" for portion in fact.items
    }
    assert not sold & off


def test_without_a_way_back_everything_off_specification_is_found_at_home() -> None:
    world = of("cobalt", returns=[], demand=tonnes("abroad", "cobalt-sulphate", 600))
    ledger, _ = books(world, 2)
    off = {lot.id for lot in ledger.lots.values() if lot.off_spec}
    moved = {portion.lot.id for fact in ledger.departures() for portion in fact.items}
    assert off
    assert not off & moved


def test_a_terminal_changes_nothing_but_the_place() -> None:
    ledger, _ = books(of("brine"), 1)
    assert not any(fact.facility == "port" for fact in ledger.facts if isinstance(fact, Source | Conversion))
    through = {p.lot.facility for fact in ledger.departures() if fact.origin == "port" for p in fact.items}
    assert through == {"carbonate-plant"}


def test_scrap_replaces_at_most_its_share_of_the_copper() -> None:
    ledger, _ = books(of("copper"), 1)
    seen = False
    for fact in ledger.conversions():
        if fact.facility == "smelter":
            total = sum(portion.elements["Cu"] for portion in fact.inputs)
            scrap = sum(p.elements["Cu"] for p in fact.inputs if p.lot.product == "copper-scrap")
            assert scrap <= 0.13 * total
            seen = seen or scrap > 0
    assert seen


def test_lfp_holds_iron_and_phosphorus_one_to_one() -> None:
    ledger, _ = books(of("lfp"), 1)
    for lot in ledger.lots.values():
        if lot.product == "lfp-powder":
            moles = lot.material.elements["Fe"] / 55.845 / (lot.material.elements["P"] / 30.974)
            assert moles == pytest.approx(1, abs=1e-4)
            assert lot.material.elements["Li"] / lot.material.mass == pytest.approx(0.0440, abs=1e-4)


def yearly(ledger: Ledger, product: str, *, wet: bool) -> Counter[int]:
    """Milligrams made by calendar year (scenarios start on 12 January 2026)."""
    from datetime import UTC, datetime, timedelta

    total: Counter[int] = Counter()
    for lot in ledger.lots.values():
        if lot.product == product:
            year = (datetime(2026, 1, 12, tzinfo=UTC) + timedelta(minutes=lot.made)).year
            mass = lot.material.mass
            total[year] += mass * PPM // (PPM - lot.material.moisture) if wet else mass
    return total


def test_no_calendar_year_exceeds_a_capacity() -> None:
    sites = copper()
    sites[3]["capacity_t_per_year"] = 20
    world = scenario(*sites, demand=tonnes("foil-mill", "copper-foil", 50), as_of=LONG, parcel_kg=20_000)
    made = yearly(books(world, 1)[0], "copper-foil", wet=False)
    assert len(made) == 3
    assert max(made.values()) <= 20 * 10**9


def test_no_calendar_year_exceeds_the_cap_of_a_mining_permit() -> None:
    permit = {**DATA["permits"][0], "facility": "pit", "annual_limit_t": 5000, "expires": "2030-06-30"}
    world = scenario(
        *copper(),
        demand=tonnes("foil-mill", "copper-foil", 50),
        as_of=LONG,
        parcel_kg=20_000,
        permits=[permit],
    )
    made = yearly(books(world, 1)[0], "copper-ore", wet=True)
    assert max(made.values()) <= 5000 * 10**9
    assert len(made) >= 2


def test_demand_over_days_is_spread_over_them(loop: tuple[Ledger, Operation]) -> None:
    made = sorted(lot.made for lot in loop[0].lots.values() if lot.product == "battery-pack")
    assert len(made) == 250
    assert made[-1] - made[0] >= 580 * 1440
    halves = [sum(time < (made[0] + made[-1]) / 2 for time in made), 125]
    assert abs(halves[0] - halves[1]) <= 15


def test_several_demands_are_met_side_by_side() -> None:
    world = of(
        "copper", demand=[tonnes("foil-mill", "copper-foil", 30), tonnes("smelter", "copper-cathode", 100)]
    )
    ledger, operation = books(world, 1)
    made: Counter[str] = Counter()
    for lot in ledger.lots.values():
        made[lot.product] += lot.material.mass
    assert made["copper-foil"] >= 30 * 10**9
    assert made["copper-cathode"] >= 100 * 10**9
    assert len(operation.plan.demanded) == 2


def test_stocktakes_come_at_the_end_of_every_period_and_a_day_before_the_end() -> None:
    world = of("lfp", accounting={"period_days": 30}, as_of="2026-12-31T00:00:00Z")
    times = sorted({fact.time for fact in books(world, 1)[0].stocktakes()})
    assert times[-1] == (353 - 1) * 1440
    assert all(time % (30 * 1440) == 0 for time in times[:-1])


def test_stock_does_not_grow_with_the_years() -> None:
    def most(years: int) -> int:
        demand = {"facility": "pack-plant", "packs": 150 * years, "days": 365 * years, **PACK}
        operation = Operation(of("loop", demand=demand, as_of=f"{2026 + years}-06-01T00:00:00Z"), 1)
        heaps = 0
        for number, fact in enumerate(operation.facts()):
            if number % 50 == 0 and fact.time < 300 * years * 1440:  # later only the leftovers come back
                heaps = max(heaps, sum(1 for store in operation.stores.values() for _ in store.contents()))
        return heaps

    assert most(3) <= 1.5 * most(2)


def test_facts_of_arrival_follow_their_departure(loop: tuple[Ledger, Operation]) -> None:
    departed: dict[str, int] = {}
    for fact in loop[0].facts:
        if isinstance(fact, Arrival):
            assert departed[fact.consignment] == fact.departed < fact.arrived
        elif hasattr(fact, "departed"):
            assert fact.consignment not in departed
            departed[fact.consignment] = fact.departed
    assert departed
