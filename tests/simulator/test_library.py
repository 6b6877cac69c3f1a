"""The library that short scenarios draw on, and what becomes of a short scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assay.profiles.untp_0_7 import codes
from assay.simulator import ScenarioError, library
from assay.simulator.compact import expanded
from assay.simulator.governance_entries import TradeEntry
from assay.simulator.located import Block, line_of, read_yaml
from assay.simulator.process_types import process_types
from assay.simulator.scenario import Leg, NationEntry, ProductEntry, load_scenario, parse_scenario
from assay.simulator.trade_prices import price_table

FOLDER = Path(library.__file__).parent / "library"
NATIONS: dict[str, Any] = yaml.safe_load((FOLDER / "nations.yaml").read_bytes())
NAMES: dict[str, Any] = yaml.safe_load((FOLDER / "names.yaml").read_bytes())
LEGS: dict[str, Any] = yaml.safe_load((FOLDER / "legs.yaml").read_bytes())["legs"]
MODES: dict[str, Any] = yaml.safe_load((FOLDER / "legs.yaml").read_bytes())["modes"]
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "write-a-scenario.md"


@pytest.mark.parametrize("code", NATIONS)
def test_a_nation_of_the_library_is_whole_and_its_places_lie_in_it(code: str) -> None:
    nation = NationEntry.model_validate(library.nation(code, customs=True))
    assert code in codes.COUNTRIES
    assert nation.authority == f"{code.lower()}.example"
    assert nation.anchor.name.endswith("(example)")
    box = nation.bounds
    assert box.south < box.north and box.west < box.east
    habits = library.habits(code)
    assert habits["style"] in NAMES
    for _, _, _, latitude, longitude in habits["places"]:
        assert box.south <= latitude <= box.north and box.west <= longitude <= box.east


def test_the_nations_of_the_plan_are_there() -> None:
    wanted = [
        "AU",
        "KR",
        "DE",
        "CL",
        "AR",
        "US",
        "CA",
        "ZW",
        "CN",
        "KZ",
        "UZ",
        "CD",
        "ZM",
        "JP",
        "MZ",
        "ZA",
        "TZ",
        "PL",
        "SE",
        "FR",
    ]
    assert set(wanted) <= set(NATIONS)


@pytest.mark.parametrize("name", library.product_names())
def test_a_product_of_the_library_is_whole_and_has_a_price(name: str) -> None:
    product = ProductEntry.model_validate(library.product(name))
    assert product.hs
    assert len(product.category[0]) == 5
    assert name in price_table(TradeEntry())


def test_models_of_products_are_told_apart() -> None:
    models = [(library.product(name) or {})["model"] for name in library.product_names()]
    assert len(set(models)) == len(models)


@pytest.mark.parametrize("name", process_types())
def test_every_process_type_has_a_place_in_the_library(name: str) -> None:
    kind = process_types()[name]
    way = library.site_kind(kind["kind"], name)
    assert {"place", "trade", "activity", "process", "water", "injuries"} <= set(way)
    if kind["kind"] not in ("terminal", "market"):
        assert library.main_product(name) in library.product_names()
    assert set(kind.get("by_products", {})) <= set(library.product_names())


@pytest.mark.parametrize("name", LEGS)
def test_a_leg_of_the_library_is_whole_and_no_faster_than_its_mode(name: str) -> None:
    for stretch in library.leg("routes", name):
        leg = Leg.model_validate(stretch)
        assert 0 < leg.days[0] <= leg.days[1]
        assert leg.km / leg.days[0] <= MODES[leg.mode]["fast"] * 1.15


@given(st.sampled_from(sorted(MODES)), st.integers(1, 40_000))
def test_a_leg_with_a_distance_takes_days_that_grow_with_it(mode: str, km: int) -> None:
    (leg,) = library.leg("routes", f"{mode} {km}")
    assert leg["km"] == km and 0 <= leg["days"][0] <= leg["days"][1]
    assert library.leg("routes", f"{mode} {km * 2}")[0]["days"][1] >= leg["days"][1]


@pytest.mark.parametrize(
    "text", ["road", "road 0", "road -3", "by road 300", "hamburg-gwangyang", "road 310 km fast"]
)
def test_a_leg_that_is_unknown_or_has_no_distance_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"routes\.a: received"):
        library.leg("routes.a", text)


def test_names_belong_to_the_thing_they_name() -> None:
    one, other = library.Names("alpha"), library.Names("alpha")
    first = [one.root(f"site-{number}", "KR") for number in range(20)]
    assert len(set(first)) == 20
    assert [other.root(f"site-{number}", "KR") for number in range(20)] == first
    assert library.Names("beta").root("site-0", "KR") != first[0]


def test_what_a_scenario_states_stands_over_the_library() -> None:
    page = (
        "name: page\ntitle: A page\nstart: 2026-01-12T00:00:00Z\nas_of: 2026-11-01T00:00:00Z\n"
        "nations:\n  AU: {authority: minerals.example, permits: {name: Pilbara Office}}\n  KR:\n"
        "demand: {facility: mine, product: spodumene-ore, tonnes: 800}\n"
        "sites:\n  mine:\n    process: spodumene-mine\n    nation: AU\n    near: [-21.03, 118.90]\n"
        "    name: Old Mine\n    operator: {name: Grey Heron Ltd, registered: 2001-02-03}\n"
        "    parameters: {grade: 0.015}\n    lot_kg: 400000\n  yard: {process: terminal, product: spodumene-ore, nation: KR, near: [35.0, 127.7], from: mine}\n"
        "routes: {mine > yard: [road 130, port-hedland-gwangyang]}\n"
        "products: {spodumene-ore: {name: Rich spodumene ore}}\n"
        "carriers: {AU: Blue Finch Shipping Ltd}\n"
    )
    scenario = parse_scenario(page.encode())
    assert scenario.nations["AU"].authority == "minerals.example"
    permits = scenario.nations["AU"].permits
    assert permits is not None and (permits.name, permits.host) == ("Pilbara Office", "mineral-titles")
    mine = scenario.sites[0]
    assert (str(mine.parameters["grade"].value), int(mine.lot_kg)) == ("0.015", 400_000)
    parties = {party.id: party for party in scenario.parties}
    assert str(parties["grey-heron"].registered) == "2001-02-03"
    assert scenario.facilities[0].name == "Old Mine"
    assert scenario.facilities[0].operator == "grey-heron"
    assert scenario.routes[0].carrier == "blue-finch-shipping"
    assert scenario.products[0].name == "Rich spodumene ore"


def test_equal_pages_become_equal_scenarios() -> None:
    assert load_scenario("pilot-scale").model_dump() == load_scenario("pilot-scale").model_dump()


def test_another_site_changes_nobody_elses_name() -> None:
    raw = (FOLDER.parent.parent / "fixtures" / "scenarios" / "ca-ca-de.yaml").read_text(encoding="utf-8")
    more = raw.replace(
        "sites:\n", "sites:\n  spare-mine: {process: spodumene-mine, nation: CA, near: [50.1, -120.0]}\n", 1
    )
    before = {f.id: f.name for f in parse_scenario(raw.encode()).facilities}
    after = {f.id: f.name for f in parse_scenario(more.encode()).facilities}
    changed = {name for name, told in before.items() if after[name] != told}
    assert len(changed) <= 1, "only a name that the new site took first may differ"


def test_what_is_made_of_an_entry_stands_at_its_line() -> None:
    data = read_yaml(b"a: 1\nsites:\n  mine:\n    process: x\n  mill: {process: y}\n", "page")
    assert line_of(data, ["sites", "mill", "process"]) == 5
    assert line_of(data, ["sites", "mine", "nothing"]) == 3
    assert line_of(Block({"b": 2}, 7), ["b"]) == 7


def test_the_long_form_passes_unchanged() -> None:
    raw = Path(__file__).with_name("explicit_form.yaml").read_bytes()
    data = read_yaml(raw, "long")
    assert expanded(data) == data


def test_the_example_of_the_guide_can_be_run(tmp_path: Path) -> None:
    from assay.simulator import simulate

    text = GUIDE.read_text(encoding="utf-8")
    example = text.split("```yaml\n", 1)[1].split("```", 1)[0]
    page = tmp_path / "mine.yaml"
    page.write_text(example, encoding="utf-8")
    world = simulate(load_scenario(page), 1)
    assert set(world.ledger.balance().values()) == {0}
    assert sum(lot.kind == "pack" for lot in world.ledger.lots.values()) == 20


def test_the_guide_names_every_key() -> None:
    from assay.simulator.compact_sites import SITE_KEYS
    from assay.simulator.scenario import Scenario

    text = GUIDE.read_text(encoding="utf-8")
    keys = {*Scenario.model_fields, "carriers", *SITE_KEYS} - {"digest"}
    missing = [key for key in sorted(keys) if f"`{key}`" not in text]
    assert missing == []
