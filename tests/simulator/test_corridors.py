"""Every corridor that we ship: one page, plausible distances, books that balance, and paper that the harness accepts."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

import assay.fixtures
from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf
from assay.harness.engine import Engine, Settings
from assay.harness.material import DidDocument, StatusList
from assay.harness.results import Outcome
from assay.simulator import Scenario, World, load_scenario, publish, simulate
from assay.simulator.facts import Arrival, Conversion, Departure, Source
from assay.simulator.operations import run
from assay.simulator.operations.graph import build_graph
from assay.simulator.operations.plan import make_plan
from assay.simulator.scenario import scenario_names, scenario_titles

FOLDER = Path(assay.fixtures.__file__).parent / "scenarios"
NAMES = [name for name in scenario_names() if not load_scenario(name).deceptions]
"""Those in which nobody deceives."""
KINDS_AT_THE_START = {"mine", "brine", "supplier"}


def small(scenario: Scenario) -> Scenario:
    """The same corridor with next to no demand: as many sites and routes, as few goods as can be."""

    def little(demand: Any) -> Any:
        less: dict[str, Any] = {"days": None}
        less |= {"packs": 2} if demand.packs else {"tonnes": min(demand.tonnes, 4)}
        return demand.model_copy(update=less)

    one = little(scenario.demand) if scenario.demand else None
    demands = [little(d) for d in scenario.demands]
    routes = [route.model_copy(update={"parcel_kg": None}) for route in scenario.routes]  # all at once
    copy = scenario.model_copy(update={"demand": one, "demands": demands, "routes": routes})
    assert isinstance(copy, Scenario)
    return copy


@pytest.fixture(scope="module", params=NAMES)
def corridor(request: pytest.FixtureRequest) -> World:
    return simulate(small(load_scenario(request.param)), 1)


def test_the_corridors_of_the_plan_are_there_each_with_a_title() -> None:
    assert set(NAMES) >= {
        "au-kr-de-nmc811", "cl-kr-de", "ar-us-de", "ca-ca-de", "zw-cn-de", "kz-uz-kr-de", "cd-cn-kr-cobalt",
        "zm-jp-de-copper", "recycling-loop", "pilot-scale",
    }  # fmt: skip
    titles = scenario_titles()
    assert set(titles) == set(scenario_names())
    assert all(len(title) > 20 for title in titles.values())
    assert len(set(titles.values())) == len(titles)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"crossroads"}))
def test_a_corridor_is_one_page(name: str) -> None:
    lines = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_routes_are_at_least_the_great_circle_and_not_many_times_as_long(name: str) -> None:
    scenario = load_scenario(name)
    places = {f.id: (float(f.latitude), float(f.longitude)) for f in scenario.facilities}
    for route in scenario.routes:
        straight = great_circle(places[route.origin], places[route.destination])
        travelled = sum(leg.km for leg in route.legs)
        assert straight * 0.99 <= travelled <= max(30, straight * 5), (route.origin, route.destination)


def great_circle(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres over a sphere of 6,371 km."""
    (a, b), (c, d) = (tuple(map(math.radians, place)) for place in (one, other))
    part = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(part))


@pytest.mark.parametrize("name", NAMES)
def test_every_number_from_outside_says_where_it_comes_from(name: str) -> None:
    scenario = load_scenario(name)
    parameters = [
        p for site in scenario.sites for p in (*site.parameters.values(), *site.performance.values())
    ]
    parameters += [scenario.margin, *scenario.carbon.values()]
    assert all(parameter.source and parameter.unit for parameter in parameters)
    assert any(not parameter.verified for parameter in parameters)
    assert all(leg.source for route in scenario.routes for leg in route.legs)
    assert all(product.hs and product.codes_source for product in scenario.products)


@pytest.mark.parametrize("name", NAMES)
def test_everybody_is_invented_and_bears_a_name_of_their_own(name: str) -> None:
    scenario = load_scenario(name)
    assert all(nation.authority.endswith(".example") for nation in scenario.nations.values())
    names = [party.name for party in scenario.parties]
    assert len(set(names)) == len(names)
    assert len({facility.name for facility in scenario.facilities}) == len(scenario.facilities)


def test_books_balance_and_all_ends_before_the_world_is_looked_at(corridor: World) -> None:
    assert set(corridor.ledger.balance().values()) == {0}
    end = int((corridor.scenario.as_of - corridor.scenario.start).total_seconds()) // 60
    moments = [fact.time for fact in corridor.ledger.facts if isinstance(fact, Source | Conversion)]
    moments += [fact.arrived for fact in corridor.ledger.facts if isinstance(fact, Arrival)]
    assert moments and max(moments) < end
    sent, come = (
        Counter(f.consignment for f in corridor.ledger.facts if isinstance(f, kind))
        for kind in (Departure, Arrival)
    )
    assert sent == come


def test_every_site_that_is_planned_upon_does_something(corridor: World) -> None:
    busy = {lot.facility for lot in corridor.ledger.lots.values()}
    plan = make_plan(corridor.scenario, build_graph(corridor.scenario))
    assert {key[0] for key, lots in plan.lots.items() if lots} <= busy


def test_credentials_of_a_corridor_are_conformant(corridor: World) -> None:
    publication = publish(corridor)
    resources = [
        *publication.credentials(),
        *publication.status_lists(),
        *publication.did_documents(),
        *publication.schemes(),
        *publication.registers(),
    ]
    documents = [read(r.url, r.body, content_type=r.media_type) for r in resources]
    shelf = Shelf(
        {document.did: document for document in documents if isinstance(document, DidDocument)},
        {document.source: document for document in documents if isinstance(document, StatusList)},
    )
    anchors = frozenset(nation.anchor.did for nation in corridor.nations.values())
    verdict = Engine(Settings(as_of=corridor.scenario.as_of, trust_anchors=anchors)).judge(documents, shelf)
    retired = any(account.model == "book-and-claim" for account in corridor.scenario.custody)
    failed = [
        (result.requirement.id, result.findings[:1])
        for result in verdict.results
        if result.outcome is Outcome.FAILED
        and not result.requirement.position
        and not (
            retired and result.requirement.id == "IN-016"
        )  # retired credits are revoked, as they must be
    ]
    assert failed == []


def test_concentrate_leaves_zimbabwe_only_while_it_may() -> None:
    scenario = load_scenario("zw-cn-de")
    banned = {rule.product: rule.start for rule in scenario.governance.export_rules if rule.nation == "ZW"}
    abroad = {"port-terminal", "concentrate-refinery", "sulphate-refinery"}
    sent: dict[str, list[date]] = {}
    start = scenario.start
    for fact in run(scenario, 3):
        if isinstance(fact, Departure) and fact.destination in abroad and fact.origin != "port-terminal":
            day = date.fromordinal(start.date().toordinal() + fact.departed // 1440)
            for item in fact.items:
                sent.setdefault(item.lot.product, []).append(day)
    assert max(sent["spodumene-concentrate"]) < banned["spodumene-concentrate"]
    assert max(sent["lithium-sulphate"]) > banned["spodumene-concentrate"]
    assert "spodumene-ore" not in sent


def test_the_copper_chain_closes_where_the_official_sample_does_not() -> None:
    world = simulate(load_scenario("zm-jp-de-copper"), 1)
    smelting = [c for c in world.ledger.conversions() if c.facility == "smelter"]
    assert smelting
    scrap = 0
    for batch in smelting:
        copper_in = sum(portion.elements["Cu"] for portion in batch.inputs)
        scrap += sum(p.elements["Cu"] for p in batch.inputs if p.lot.product == "copper-scrap")
        cathode = batch.outputs[0].material
        assert 0.94 <= cathode.elements["Cu"] / copper_in <= 0.99
        assert abs(cathode.elements["Cu"] / cathode.mass - 0.9999) < 0.0001
    assert scrap > 0
    grades = [
        lot.material.elements["Cu"] / lot.material.mass
        for lot in world.ledger.lots.values()
        if lot.product == "copper-concentrate"
    ]
    assert all(0.28 <= grade <= 0.32 for grade in grades)
    days = [
        (j.arrived - j.departed) / 1440
        for j in world.ledger.journeys()
        if (j.origin, j.destination) == ("concentrator", "smelter")
    ]
    assert min(days) >= 30


def test_what_is_recycled_goes_back_into_cathode_powder() -> None:
    world = simulate(load_scenario("recycling-loop"), 1)
    used: Counter[str] = Counter()
    for batch in world.ledger.conversions():
        for portion in batch.inputs:
            used[f"{portion.lot.facility} > {batch.facility}"] += portion.mass
    for way in (
        "cathode-plant > dismantling-works", "cell-plant > dismantling-works",
        "dismantling-works > recovery-plant", "recovery-plant > cathode-plant",
    ):  # fmt: skip
        assert used[way] > 0, way


def test_pilot_scale_has_the_size_that_it_is_named_for() -> None:
    scenario = load_scenario("pilot-scale")
    assert len(scenario.nations) >= 5
    assert len(scenario.parties) >= 50
    assert len({scenario.software_of(party.id) for party in scenario.parties}) >= 5
    mined = {site.product for site in scenario.sites if site.kind in ("mine", "brine")}
    assert len(mined) >= 5
    assert (scenario.as_of - scenario.start).days > 2 * 365
    consignments = sum(isinstance(fact, Departure) for fact in run(scenario, 1))
    assert consignments >= 10_000


def test_everybody_issues_with_the_software_that_they_use() -> None:
    world = simulate(small(load_scenario("pilot-scale")), 1)
    publication = publish(world)
    seen: dict[str, set[str]] = {}
    for entry in publication.book.agenda.entries:
        document = orjson.loads(publication.payload(entry))
        seen.setdefault(document["issuingSoftware"]["id"], set()).add(entry.issuer.id)
    assert len(seen) >= 6
    for url, issuers in seen.items():
        _, product, version = url.rsplit("/", 2)
        assert {world.scenario.software_of(issuer)[1:] for issuer in issuers} == {(product, version)}
    listed = {
        product["url"]
        for register in publication.registers()
        for entry in orjson.loads(register.body)["entries"]
        for product in entry.get("products", ())
    }
    assert listed == set(seen)
