"""Who supplies whom: the sites of a scenario in order from the ground to the finished product, with their processes.

Planned feeds must not go in a circle. Secondary feeds (scrap, recycled salts) may: nothing is planned upon them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter

from assay.simulator.operations.assembly import CellPlant, FoilMill, PackPlant
from assay.simulator.operations.cathode import Cathode
from assay.simulator.operations.concentrator import Concentrator
from assay.simulator.operations.mine import Mine, Supplier
from assay.simulator.operations.process import Feedstock, Grades, Process
from assay.simulator.operations.recycler import Recycler
from assay.simulator.operations.refinery import Refinery
from assay.simulator.scenario import Scenario
from assay.simulator.sites import Feed, Parameter, ScenarioError, SiteEntry

__all__ = ["Graph", "Key", "build_graph", "planned_feeds"]

Key = tuple[str, str]
"""Facility and main product: what identifies a site."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Sites from upstream to downstream, who makes what where, and how. Terminals and markets have no process."""

    order: tuple[Key, ...]
    entries: Mapping[Key, SiteEntry]
    makers: Mapping[tuple[str, str], Key]
    """Facility and any product (by-products too): the site that it comes from."""
    processes: Mapping[Key, Process]
    grades: Mapping[tuple[str, str], tuple[Grades, Grades]]
    """Facility and product: least and typical grades."""


def planned_feeds(entry: SiteEntry, product: str) -> list[tuple[Feed, Fraction]]:
    """The feeds of a product that planning counts on, with their shares, which add up to one."""
    feeds = [feed for feed in entry.inputs[product] if not feed.secondary]
    stated = sum((Fraction(feed.share) for feed in feeds if feed.share is not None), Fraction(0))
    open_ = sum(feed.share is None for feed in feeds)
    if stated > 1 or (feeds and not open_ and stated != 1) or (open_ and stated == 1):
        raise ScenarioError(
            f"sites.{entry.facility}.inputs.{product}: shares add up to {float(stated):g}; let them add up to 1"
        )
    rest = (1 - stated) / open_ if open_ else Fraction(0)
    return [(feed, Fraction(feed.share) if feed.share is not None else rest) for feed in feeds]


def build_graph(scenario: Scenario) -> Graph:
    """Raises :class:`ScenarioError` where sites do not join, go in a circle, or lack parameters."""
    entries = {(site.facility, site.product): site for site in scenario.sites}
    if len(entries) != len(scenario.sites):
        raise ScenarioError("sites: the same facility and product stand there twice; remove one")
    makers: dict[tuple[str, str], Key] = {}
    for key, entry in entries.items():
        for product in entry.products:
            if (entry.facility, product) in makers:
                raise ScenarioError(
                    f"sites.{entry.facility}: {product} is made there twice; rename or remove one"
                )
            makers[entry.facility, product] = key
    _check_feeds(entries, makers)
    order = _order(entries, makers)
    processes: dict[Key, Process] = {}
    grades: dict[tuple[str, str], tuple[Grades, Grades]] = {}
    for key in order:
        entry = entries[key]
        feed = _feedstock(entry, grades)
        if entry.passes_on:
            product = entry.product
            grades[key] = (feed.least.get(product, {}), feed.typical.get(product, {}))
            continue
        process = processes[key] = _process(scenario, entry, feed, entries, makers, processes)
        for product in entry.products:
            grades[entry.facility, product] = (process.grades(product, -1), process.grades(product, 0))
    return Graph(order, entries, makers, processes, grades)


def _check_feeds(entries: Mapping[Key, SiteEntry], makers: Mapping[tuple[str, str], Key]) -> None:
    for entry in entries.values():
        if entry.passes_on and set(entry.inputs) != {entry.product}:
            raise ScenarioError(
                f"sites.{entry.facility}.inputs: a {entry.kind} passes on what comes in; "
                f"its only input is {entry.product}"
            )
        for product, feed in entry.feeds():
            if (feed.origin, product) not in makers:
                raise ScenarioError(
                    f"sites.{entry.facility}.inputs.{product}: no site at {feed.origin!r} makes it; "
                    "add one or name another facility"
                )


def _order(entries: Mapping[Key, SiteEntry], makers: Mapping[tuple[str, str], Key]) -> tuple[Key, ...]:
    graph = {
        key: [makers[feed.origin, product] for product, feed in entry.feeds() if not feed.secondary]
        for key, entry in entries.items()
    }
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(f"{facility} ({product})" for facility, product in reversed(error.args[1]))
        raise ScenarioError(
            f"sites: inputs go in a circle: {circle}; break it, or mark the feed that closes it secondary: true"
        ) from None


def _feedstock(entry: SiteEntry, grades: Mapping[tuple[str, str], tuple[Grades, Grades]]) -> Feedstock:
    least: dict[str, Grades] = {}
    typical: dict[str, Grades] = {}
    for product in entry.inputs:
        feeds = planned_feeds(entry, product)
        if not feeds:
            continue
        low = [grades[feed.origin, product][0] for feed, _ in feeds]
        names = set(low[0]).intersection(*low[1:])
        least[product] = {name: min(each[name] for each in low) for name in sorted(names)}
        mixed: dict[str, Fraction] = {}
        for feed, part in feeds:
            for name, grade in grades[feed.origin, product][1].items():
                mixed[name] = mixed.get(name, Fraction(0)) + grade * part
        typical[product] = mixed
    return Feedstock(least, typical)


def _process(
    scenario: Scenario,
    entry: SiteEntry,
    feed: Feedstock,
    entries: Mapping[Key, SiteEntry],
    makers: Mapping[tuple[str, str], Key],
    processes: Mapping[Key, Process],
) -> Process:
    if entry.kind in ("mine", "brine"):
        return Mine(entry)
    if entry.kind == "supplier":
        return Supplier(entry)
    if entry.kind == "pack":
        return _pack(scenario, entry, feed, entries, makers, processes)
    if entry.kind == "cathode":
        return Cathode(entry, feed)
    if entry.kind == "cell":
        return CellPlant(entry, feed)
    if entry.kind == "foil":
        return FoilMill(entry, feed)
    if entry.kind == "recycler":
        return Recycler(entry, feed)
    if entry.kind == "concentrator":
        return Concentrator(entry, feed)
    return Refinery(entry, feed)  # refinery, smelter, anode, hydromet


def _pack(
    scenario: Scenario,
    entry: SiteEntry,
    feed: Feedstock,
    entries: Mapping[Key, SiteEntry],
    makers: Mapping[tuple[str, str], Key],
    processes: Mapping[Key, Process],
) -> PackPlant:
    cells: dict[str, CellPlant] = {}
    for product, source in entry.feeds():
        maker = makers[source.origin, product]
        while entries[maker].passes_on:  # a terminal between the plants
            through = entries[maker].inputs[product][0].origin
            maker = makers[through, product]
        plant = processes.get(maker)
        if isinstance(plant, CellPlant) and product == entries[maker].product:
            cells.setdefault(product, plant)
    if len(cells) != 1:
        raise ScenarioError(
            f"sites.{entry.facility}.inputs: a pack plant buys one kind of cell, not {len(cells)}"
        )
    product, plant = next(iter(cells.items()))
    return PackPlant(entry, feed, _pack_kwh(scenario, entry), plant.kilograms_per_kwh, product)


def _pack_kwh(scenario: Scenario, entry: SiteEntry) -> Parameter:
    """Energy of the packs: what is asked for, else what the site says."""
    for demand in scenario.wants:
        if demand.pack_kwh is not None and demand.facility == entry.facility:
            return demand.pack_kwh
    if "pack_kwh" in entry.parameters:
        return entry.parameters["pack_kwh"]
    raise ScenarioError(f"missing key sites.{entry.facility}.parameters.pack_kwh; a pack plant needs it")
