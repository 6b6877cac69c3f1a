"""A chain that cannot work is refused before the first fact, with the key, the value and the mend."""

from __future__ import annotations

from typing import Any

import pytest

from assay.simulator.operations import Operation
from assay.simulator.process_types import process_types, with_defaults
from assay.simulator.scenario import ScenarioError
from tests.simulator.chains import DATA, Site, copper, lfp, recycling, scenario

LONG = "2029-01-01T00:00:00Z"
FOIL = {"facility": "foil-mill", "product": "copper-foil", "tonnes": 50}


def refused(*sites: Site, demand: Any = None, **other: Any) -> str:
    """What is said about a scenario, wherever it is refused."""
    with pytest.raises(ScenarioError) as caught:
        Operation(
            scenario(*sites, **{"demand": demand or FOIL, "as_of": LONG, "parcel_kg": 20_000, **other}), 1
        )
    return str(caught.value)


def with_(place: int, **changes: Any) -> list[Site]:
    sites = copper()
    sites[place] = {**sites[place], **changes}
    return sites


def parameter(name: str, value: float, spread: float = 0) -> dict[str, Any]:
    return {name: {"value": value, "spread": spread, "unit": "1", "source": "a test"}}


def test_the_chain_works_as_long_as_nothing_is_wrong() -> None:
    assert Operation(scenario(*copper(), demand=FOIL, as_of=LONG, parcel_kg=20_000), 1).plan.lots


@pytest.mark.parametrize(
    ("sites", "said"),
    [
        (with_(2, parameters=parameter("yield", -0.1)), "sites.smelter.parameters.yield: -0.1 may fall below zero"),
        (with_(2, parameters=parameter("yield", 1.2)), "sites.smelter.parameters.yield: 1.2 with spread 0 leaves 0 to 1"),
        (with_(2, parameters=parameter("yield", 0)), "sites.smelter.parameters.yield: 0 with spread 0 may be zero"),
        (with_(2, parameters=parameter("yield", 0.99, 0.02)), "leaves 0 to 1; give a fraction"),
        (with_(2, parameters={"yield": 1.2}), "parameters.yield: 1.2 is outside 0.96 to 0.98"),
        (with_(2, parameters={"yeild": 0.97}), "parameters.yeild: a copper-smelter has no such parameter"),
        (with_(2, process="copper-smeltery"), "process: 'copper-smeltery' is no process type"),
        (with_(2, compound="NMC811"), "a smelter makes a simple compound"),
        (with_(2, compound="nickel-sulphate"), "copper-concentrate holds no Ni"),
        (with_(3, capacity_t_per_year=10), "sites.foil-mill.capacity_t_per_year: 10 t a year allows"),
        (with_(3, capacity_t_per_year=1), "is less than one lot"),
        (with_(3, lines=1, days_per_lot=700), "take until day"),
        (with_(3, by_products={"copper-scrap": {"recovery": {"value": 1.5, "unit": "1", "source": "a test"}}}), "1.5 leaves 0 to 1"),
        (with_(3, by_products=["gold"]), "a copper-foil-plant gives no 'gold' by itself"),
        (with_(0, elements={"Cu": 0.5}), "elements.Cu: 0.5 is outside 0.004 to 0.015"),
        (with_(2, inputs={"copper-concentrate": {"from": "mill", "secondary": True}}), "every feed is secondary"),
        (
            with_(2, inputs={"copper-concentrate": "mill", "copper-scrap": "foil-mill"}),
            "inputs go in a circle",
        ),
        (
            with_(2, inputs={"copper-concentrate": [{"from": "mill", "share": 0.7}]}),
            "shares add up to 0.7; let them add up to 1",
        ),
        (with_(3, lot_kg=0.001), "would need"),
    ],
)  # fmt: skip
def test_a_site_that_cannot_work_is_named_with_its_mend(sites: list[Site], said: str) -> None:
    assert said in refused(*sites)


def test_a_permit_that_is_too_small_for_the_demand_is_named() -> None:
    permit = {**DATA["permits"][0], "facility": "pit", "annual_limit_t": 1500, "expires": "2030-06-30"}
    said = refused(*copper(), permits=[permit])
    assert f"permits.{permit['number']}.annual_limit_t: 1500 t a year allows" in said
    assert "raise it, lower the demand or add another source" in said


def test_a_demand_that_cannot_be_met_in_time_is_refused() -> None:
    assert "start earlier" in refused(*copper(), as_of="2026-01-25T00:00:00Z")
    assert "do not fit between" in refused(*copper(), demand={**FOIL, "days": 1080})


def test_a_demand_for_what_nobody_makes_is_refused() -> None:
    assert "demand.facility" in refused(*copper(), demand={**FOIL, "product": "copper-ore"})


def test_what_comes_by_chance_cannot_be_planned_upon() -> None:
    sites = lfp()
    sites += [
        {
            "at": "recycler", "process": "battery-recycler", "product": "black-mass",
            "inputs": {"cathode-scrap": {"from": "cathode-plant", "secondary": True}},
        },
        {
            "at": "hydromet", "process": "brine-carbonate-plant", "product": "lithium-carbonate",
            "inputs": {"black-mass": "recycler"},
        },
    ]  # fmt: skip
    said = refused(*sites, demand={"facility": "hydromet", "product": "lithium-carbonate", "tonnes": 1})
    assert "recycler" in said
    assert "holds no Li" in said or "every feed is secondary" in said


def test_a_route_without_a_distance_is_refused() -> None:
    leg = {"mode": "road", "days": [1, 2], "source": "a test"}
    route = {"origin": "pit", "destination": "mill", "carrier": DATA["parties"][0]["id"], "legs": [leg]}
    assert "km; give the distance" in refused(*copper(), routes=[route])
    assert "km" in refused(*copper(), routes=[{**route, "legs": [{**leg, "km": 0}]}])


def test_a_missing_route_is_named() -> None:
    assert "there is no route from 'pit' to 'mill'; add one" in refused(*copper(), routes=[
        {"origin": "mill", "destination": "smelter", "carrier": DATA["parties"][0]["id"],
         "legs": [{"mode": "road", "km": 10, "days": [1, 2], "source": "a test"}]},
    ])  # fmt: skip


def test_recycled_products_can_be_planned_where_used_batteries_are() -> None:
    demand = {"facility": "hydromet", "product": "lithium-carbonate", "tonnes": 3}
    plan = Operation(scenario(*recycling(), demand=demand, as_of=LONG, parcel_kg=20_000), 1).plan
    assert plan.lots["depot", "used-batteries"] > 0


@pytest.mark.parametrize("name", sorted(process_types()))
def test_every_number_of_the_library_has_range_unit_source_and_a_verdict(name: str) -> None:
    kind = process_types()[name]
    by_products = [
        part
        for item in kind.get("by_products", {}).values()
        for part in item.values()
        if isinstance(part, dict)
    ]
    numbers = [*kind["parameters"].values(), *kind.get("elements", {}).values(), *by_products]
    assert numbers
    for number in numbers:
        least, most = number["range"]
        spread = number.get("spread", 0)
        assert least <= number["value"] - spread <= number["value"] + spread <= most
        assert number["unit"]
        assert len(number["source"]) > 3
        assert isinstance(number["verified"], bool)
    if kind["kind"] != "market":
        assert {"carbon"} <= set(kind["parameters"])


def test_a_value_outside_the_range_needs_a_source_of_its_own() -> None:
    site = {
        "process": "copper-smelter",
        "parameters": {"yield": {"value": 0.9, "unit": "1", "source": "an old plant"}},
    }
    assert with_defaults(site)["parameters"]["yield"]["value"] == 0.9
    with pytest.raises(ValueError, match=r"outside 0\.96 to 0\.98"):
        with_defaults({"process": "copper-smelter", "parameters": {"yield": 0.9}})


def test_a_bare_number_needs_a_process_type_that_knows_its_unit() -> None:
    with pytest.raises(ValueError, match="has no unit and source"):
        with_defaults({"kind": "refinery", "parameters": {"yield": 0.9}})
