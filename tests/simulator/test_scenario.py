"""A wrong scenario is refused with the key, the value and what to do about it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator import ScenarioError, load_scenario, simulate
from assay.simulator.claims import make_claims
from assay.simulator.issuance.v0_7.passports import product_values
from assay.simulator.scenario import Scenario, parse_scenario, scenario_names
from assay.simulator.scenario_checks import PRODUCT_CRITERIA

FILE = Path(__file__).with_name("explicit_form.yaml")
DEFAULT: dict[str, Any] = yaml.safe_load(FILE.read_bytes())


def changed(path: str, value: Any) -> bytes:
    """The default scenario with one value set (or, for None, deleted)."""
    data = copy.deepcopy(DEFAULT)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    place: Any = data
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(data, default=str).encode()


def site(kind: str) -> int:
    return next(number for number, entry in enumerate(DEFAULT["sites"]) if entry["kind"] == kind)


@pytest.mark.parametrize("name", scenario_names())
def test_the_scenarios_that_we_ship_can_be_run(name: str) -> None:
    scenario = load_scenario(name)
    assert isinstance(scenario, Scenario)
    assert simulate(scenario, 1).ledger.facts


@pytest.mark.parametrize("name", scenario_names())
def test_every_number_from_outside_says_where_it_comes_from(name: str) -> None:
    scenario = load_scenario(name)
    parameters = [
        p for entry in scenario.sites for p in (*entry.parameters.values(), *entry.performance.values())
    ]
    assert parameters
    assert all(parameter.source and parameter.unit for parameter in parameters)
    assert any(not parameter.verified for parameter in parameters)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("demand.pack", 3, "unknown key demand.pack, received '3'; did you mean 'packs'"),
        ("tytle", "x", "unknown key tytle, received 'x'; did you mean 'title'"),
        ("nations.AU.anchr", {}, "unknown key nations.AU.anchr, received '{}'; did you mean 'anchor'"),
        (
            "parties.0.natoin",
            "AU",
            "unknown key parties.tinderbush-lithium.natoin, received 'AU'; did you mean 'nation'",
        ),
        ("as_of", None, "missing key as_of; add it"),
        ("demand.packs", 0, "demand.packs: received '0'; it must be greater than or equal to 1"),
        ("as_of", "2025-01-01T00:00:00Z", "is not before as_of"),
        ("start", "2026-01-12T00:00:00", "has no time zone; write"),
        ("facilities.0.latitude", 51.2, "51.2, 118.9047 is outside AU; check latitude and longitude"),
        ("facilities.0.operator", "tinderbush-lithum", "did you mean 'tinderbush-lithium'"),
        ("parties.0.nation", "NZ", "'NZ' is not defined"),
        ("parties.1.id", "tinderbush-lithium", "'tinderbush-lithium' is defined twice; rename or remove one"),
        ("routes.0.carrier", "nobody", "routes.0.carrier: 'nobody' is not defined"),
        ("routes.1.legs.0.days", [5, 2], "must be least and most"),
        ("certifiers.DE", None, "nation 'DE' has none"),
        ("scheme", "plumblin", "did you mean 'plumbline'"),
        ("schemes.1.owner", "permits:KR", "'permits:KR' is not defined"),
        ("software.0", "inkpebble", "did you mean 'inkpebble-software'"),
        ("parties.0.id", "Not A Host", "the text must match pattern"),
        (f"sites.{site('cathode')}.compound", "NMC999", "'NMC999' is not defined"),
        (
            f"sites.{site('refinery')}.inputs",
            {"spodumene-concentrate": "saenal-refinery"},
            "no site at 'saenal-refinery'",
        ),
        ("demand.facility", "falkenau-cell-plant", "demand.facility"),
        ("carbon.sea", None, "'sea' is not defined"),
        ("products.1.model", "SPO-ORE", "products.model: 'SPO-ORE' is defined twice"),
        ("nations.KR.authority", "au.example", "nations.authority: 'au.example' is defined twice"),
        ("parties.0.id", "trust", "host 'trust' is used twice"),
        ("certifiers.KR", "dalmuri-certifcation", "did you mean 'dalmuri-certification'"),
        ("sites.0.inputs", {"spodumene-ore": "tinderbush-mine"}, "a mine buys nothing here"),
        (
            "sites.1.elements",
            {"Li": {"value": 0.1, "unit": "1", "source": "none"}},
            "only mines and suppliers state grades",
        ),
        (
            "schemes.0.profiles.0.criteria.0.topic",
            "green-house-gas-emissions",
            "did you mean 'greenhouse-gas-emissions'",
        ),
        ("schemes.0.profiles.0.criteria.0.metric", "carbon", "metric: 'carbon' is not defined"),
        ("schemes.0.profiles.0.criteria.0.unit", "TNE", "does not fit the metric; write 'KGM'"),
        ("schemes.0.profiles.1.subject", "facility", "give exactly one profile with subject 'product'"),
        ("schemes.0.profiles.1.criteria.0.id", "product-carbon", "did you mean 'product-carbon-footprint'"),
        ("sites.0.performance.water-recycling", None, "'water-recycling' is missing; the scheme asks for it"),
        ("permits.0.performance.disturbed-land", None, "permits.WMT-M45-0117.performance"),
        ("permits.0.expires", "2026-06-30", "it must be in force at as_of"),
        ("permits.0.scheme", "plumbline", "belongs to no permits body"),
        ("facilities.3.alias", "KR-TITLE-1", "KR has no permits body"),
    ],
)
def test_a_mistake_is_named_with_its_mend(path: str, value: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(changed(path, value), "mine.yaml")
    assert message in str(caught.value)
    assert all(re.match(r"mine\.yaml:\d+: \S", line) for line in str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            f"sites.{site('refinery')}.parameters.yield",
            None,
            "missing key sites.saenal-refinery.parameters.yield",
        ),
        (f"sites.{site('refinery')}.parameters.yield.value", 1.2, "leaves 0 to 1"),
        (f"sites.{site('concentrator')}.parameters.moisture.value", -0.5, "may fall below zero"),
        (f"sites.{site('refinery')}.compound", "nickel-sulphate", "spodumene-concentrate holds no Ni"),
        (f"sites.{site('cathode')}.compound", "nickel-sulphate", "a cathode plant needs NMC811"),
        (f"sites.{site('cathode')}.inputs.manganese-sulphate", None, "it carries the Mn"),
        ("demand.packs", 1_000_000, "raise it"),
        ("as_of", "2026-02-01T00:00:00Z", "start earlier"),
    ],
)
def test_a_chain_that_cannot_work_is_refused_before_anything_is_written(
    path: str, value: Any, message: str
) -> None:
    scenario = parse_scenario(changed(path, value))
    with pytest.raises(ScenarioError) as caught:
        simulate(scenario, 1)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"- 1\n- 2\n", "expected keys with values, received a list"),
        (b"a: [1, 2", "not readable as YAML"),
        (b"name: \xff\xfe\x00bad", "not readable as YAML"),
        (b"a: &x 1\nb: *x\n", "aliases"),
        (b"a: !!python/object/apply:os.system ['true']\n", "scenario:1: YAML tags"),
        (b"name: " + b"x" * 1_000_001, "larger than"),
        (b"a: " + b"[" * 40 + b"]" * 40, "scenario:1: nested deeper than 32 levels; flatten it"),
        (b"[" * 20_000, "nesting depth"),
    ],
)
def test_hostile_files_are_refused(raw: bytes, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        parse_scenario(raw)


@given(st.binary(max_size=300))
def test_no_bytes_cause_anything_but_a_scenario_error(raw: bytes) -> None:
    with pytest.raises(ScenarioError):
        parse_scenario(raw)


def test_a_name_that_we_do_not_ship_lists_those_we_do() -> None:
    with pytest.raises(ScenarioError, match="au-kr-de-nmc811"):
        load_scenario("au-kr-de")


def test_criteria_of_products_are_those_that_the_simulation_has_values_for() -> None:
    claims = make_claims(simulate(load_scenario(), 1))
    batch = next(iter(claims.batches.values()))
    assert set(product_values(batch)) == set(PRODUCT_CRITERIA)


def test_grades_of_a_supplier_cannot_exceed_the_whole() -> None:
    number = next(n for n, entry in enumerate(DEFAULT["sites"]) if entry["product"] == "copper-foil")
    with pytest.raises(ScenarioError, match="more than the whole; lower them"):
        parse_scenario(changed(f"sites.{number}.elements.Cu.value", 1.01))


def test_inputs_that_go_in_a_circle_are_refused() -> None:
    data = copy.deepcopy(DEFAULT)
    refinery = data["sites"][site("refinery")]
    refinery["inputs"] = {"battery-pack": "lindenhag-pack-plant"}
    data["routes"].append(
        {
            **copy.deepcopy(data["routes"][0]),
            "origin": "lindenhag-pack-plant",
            "destination": "saenal-refinery",
        }
    )
    with pytest.raises(ScenarioError, match="inputs go in a circle"):
        simulate(parse_scenario(json.dumps(data, default=str).encode()), 1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path / "none.yaml")
