"""How much each site must make and each route must carry, worked out backwards from what is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.operations.graph import Graph, Key, planned_feeds
from assay.simulator.operations.process import KG, Need
from assay.simulator.scenario import Scenario
from assay.simulator.sites import Demand, ScenarioError

__all__ = ["Plan", "make_plan"]

_MAX_LOTS = 500_000
_TONNE = 1000 * KG


@dataclass(slots=True)
class Plan:
    """Amounts in dry milligrams. ``order`` runs from upstream to downstream."""

    order: tuple[Key, ...]
    lots: dict[Key, int] = field(default_factory=dict)
    """Most lots that a site starts; sites that live on secondary feeds alone are not in it, they have no limit."""
    demanded: dict[Key, tuple[Demand, int]] = field(default_factory=dict)
    """What is asked for directly: lots where the site makes something, milligrams at terminals and markets."""
    wanted: dict[tuple[str, str], int] = field(default_factory=dict)
    """What customers draw of a product at a facility."""
    needs: dict[Key, tuple[Need, ...]] = field(default_factory=dict)
    """What the least favourable batch draws."""
    draws: dict[tuple[Key, str], int] = field(default_factory=dict)
    """Mass of each planned input that the least favourable batch draws, margin included."""
    shipments: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """Planned cargo by origin and destination."""
    pickups: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Products that are fetched when they lie ready, by origin and destination."""


def make_plan(scenario: Scenario, graph: Graph) -> Plan:
    """Work backwards from the demands; every amount carries the margin. Raises :class:`ScenarioError`."""
    plan = Plan(graph.order)
    _demands(scenario, graph, plan)
    for key in reversed(graph.order):
        entry = graph.entries[key]
        if entry.passes_on:
            amount = (
                plan.wanted.get(key, 0) * (PPM + scenario.margin.ppm) // PPM
            )  # goods may come late, or go back
            if key in plan.demanded:
                amount += plan.demanded[key][1]
            _buy(plan, graph, key, entry.product, amount)
        else:
            _produce(scenario, graph, plan, key)
        for product, feed in entry.feeds():
            if feed.secondary and feed.origin != entry.facility:
                products = plan.pickups.setdefault((feed.origin, entry.facility), [])
                if product not in products:
                    products.append(product)
    return plan


def _demands(scenario: Scenario, graph: Graph, plan: Plan) -> None:
    for place, demand in enumerate(scenario.wants):
        name = "demand" if scenario.demand is demand else f"demands.{place - (scenario.demand is not None)}"
        if demand.product is not None:
            maker = graph.makers.get((demand.facility, demand.product))
            if maker is None:
                raise ScenarioError(
                    f"{name}: no site at {demand.facility!r} makes or sells {demand.product}; name another"
                )
            least = (
                _TONNE if graph.entries[maker].passes_on else graph.processes[maker].least()[demand.product]
            )
            amount = int((demand.tonnes or 0) * _TONNE)
            if least <= 0:
                raise ScenarioError(
                    f"{name}: {demand.product} is only a chance by-product there; ask elsewhere"
                )
            wish = amount if graph.entries[maker].passes_on else -(-amount // least)
        else:
            packers = [
                key for key, entry in graph.entries.items()
                if entry.kind == "pack" and entry.facility == demand.facility
            ]  # fmt: skip
            if len(packers) != 1:
                raise ScenarioError(
                    f"{name}.facility: {demand.facility!r} has {len(packers)} pack plants; name a facility with one"
                )
            maker, wish = packers[0], demand.packs or 0
        if maker in plan.demanded:
            raise ScenarioError(f"{name}: {maker[1]} of {maker[0]} is asked for twice; add the two up")
        plan.demanded[maker] = (demand, wish)


def _produce(scenario: Scenario, graph: Graph, plan: Plan, key: Key) -> None:
    entry, process = graph.entries[key], graph.processes[key]
    needs = plan.needs[key] = process.batch(None).needs
    least, lots = process.least(), 0
    if key in plan.demanded:
        lots = plan.demanded[key][1]
    for product in entry.products:
        amount = plan.wanted.get((entry.facility, product), 0)
        if product == entry.product:
            amount -= int(entry.opening_kg * KG)
        if amount > 0 and least.get(product, 0) <= 0:
            raise ScenarioError(
                f"sites.{entry.facility}: customers plan on {product}, which its inputs give by chance only; "
                "mark their feed secondary: true"
            )
        if amount > 0:
            lots = max(lots, -(-amount // least[product]))
    fed_by_chance = bool(entry.inputs) and not any(not feed.secondary for _, feed in entry.feeds())
    if fed_by_chance:
        if lots:
            raise ScenarioError(
                f"sites.{entry.facility}.inputs: every feed is secondary, yet {lots} lots of {key[1]} are planned upon; "
                "give it a planned feed, or mark the feeds of its customers secondary: true"
            )
        return
    if lots > _MAX_LOTS:
        raise ScenarioError(
            f"sites.{entry.facility}.lot_kg: {entry.lot_kg} would need {lots} lots; raise it or lower the demand"
        )
    plan.lots[key] = lots
    margin = PPM + scenario.margin.ppm
    for need in needs:
        grade = Fraction(1)
        if need.element is not None:
            low = [
                graph.grades[feed.origin, need.product][0].get(need.element, Fraction(0))
                for feed, _ in planned_feeds(entry, need.product)
            ]
            grade = min(low, default=Fraction(0))
            if not grade:
                raise ScenarioError(
                    f"sites.{entry.inputs[need.product][0].origin}: {need.product} holds no {need.element}; "
                    f"{entry.facility} buys it for that"
                )
        each = int(need.amount / grade)
        plan.draws[key, need.product] = each
        _buy(plan, graph, key, need.product, int(need.amount * lots / grade) * margin // PPM)


def _buy(plan: Plan, graph: Graph, key: Key, product: str, amount: int) -> None:
    """Spread what a site buys of a product over its planned feeds."""
    facility = key[0]
    for feed, part in planned_feeds(graph.entries[key], product):
        each = -(-amount * part.numerator // part.denominator)
        plan.wanted[feed.origin, product] = plan.wanted.get((feed.origin, product), 0) + each
        if feed.origin != facility:
            cargo = plan.shipments.setdefault((feed.origin, facility), {})
            cargo[product] = cargo.get(product, 0) + each
