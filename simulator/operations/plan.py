"""How much each site must make and each route must carry, worked out backwards from the finished packs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter

from assay.simulator.chemistry import PPM
from assay.simulator.operations.assembly import CellPlant, PackPlant
from assay.simulator.operations.cathode import Cathode
from assay.simulator.operations.concentrator import Concentrator
from assay.simulator.operations.mine import Mine, Supplier
from assay.simulator.operations.process import Process
from assay.simulator.operations.refinery import Refinery
from assay.simulator.scenario import Scenario, ScenarioError, SiteEntry

__all__ = ["Key", "Plan", "build_processes", "make_plan"]

Key = tuple[str, str]
"""Facility and product: what identifies a site."""

_KG = 1_000_000
_MAX_LOTS = 200_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Lots per site, and dry milligrams by product for each pair of facilities. ``order`` runs upstream to downstream."""

    order: tuple[Key, ...]
    lots: Mapping[Key, int]
    shipments: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)


def build_processes(scenario: Scenario) -> dict[Key, Process]:
    """One process per site. Raises :class:`ScenarioError` where its parameters do not suffice."""
    simple: dict[str, type[Mine | Supplier | Concentrator | Refinery | Cathode | CellPlant]] = {
        "mine": Mine,
        "supplier": Supplier,
        "concentrator": Concentrator,
        "refinery": Refinery,
        "cathode": Cathode,
        "cell": CellPlant,
    }
    entries = {(site.facility, site.product): site for site in scenario.sites}
    if len(entries) != len(scenario.sites):
        raise ScenarioError("sites: the same facility and product stand there twice; remove one")
    processes: dict[Key, Process] = {
        key: simple[entry.kind](entry) for key, entry in entries.items() if entry.kind != "pack"
    }
    for key, entry in entries.items():
        if entry.kind == "pack":
            cells = [
                (feed.origin, product)
                for product, feed in entry.feeds()
                if entries[feed.origin, product].kind == "cell"
            ]
            if len(cells) != 1:
                raise ScenarioError(
                    f"sites.{entry.facility}.inputs: a pack plant buys one kind of cell, not {len(cells)}"
                )
            plant = processes[cells[0]]
            assert isinstance(plant, CellPlant)
            processes[key] = PackPlant(entry, scenario.demand.pack_kwh, plant.kilograms_per_kwh, cells[0][1])
    return processes


def make_plan(scenario: Scenario, processes: Mapping[Key, Process]) -> Plan:
    """Work backwards from the packs; every amount carries the scenario's margin. Raises :class:`ScenarioError`."""
    entries = {(site.facility, site.product): site for site in scenario.sites}
    graph = {
        key: [(feed.origin, product) for product, feed in entry.feeds()] for key, entry in entries.items()
    }
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ScenarioError(f"sites: inputs go in a circle: {error.args[1]}; break it") from None
    margin = PPM + scenario.margin.ppm
    wanted: dict[Key, int] = {}
    lots: dict[Key, int] = {}
    shipments: dict[tuple[str, str], dict[str, int]] = {}
    for key in reversed(order):
        entry = entries[key]
        size = _lot_size(entry)
        if entry.kind == "pack" and entry.facility == scenario.demand.facility:
            lots[key] = scenario.demand.packs
        else:
            lots[key] = -(-wanted.get(key, 0) // size)
        if lots[key] > _MAX_LOTS:
            raise ScenarioError(
                f"sites.{entry.facility}.lot_kg: {entry.lot_kg} would need {lots[key]} lots; raise it"
            )
        for need in processes[key].batch(size, None).needs:
            origin = entry.inputs[need.product][0].origin
            grades = processes[origin, need.product].grades()
            if need.element is not None and not grades.get(need.element):
                raise ScenarioError(
                    f"sites.{origin}: {need.product} holds no {need.element}; {entry.facility} buys it for that"
                )
            grade = grades[need.element] if need.element is not None else Fraction(1)
            amount = int(need.amount * lots[key] / grade) * margin // PPM
            wanted[origin, need.product] = wanted.get((origin, need.product), 0) + amount
            cargo = shipments.setdefault((origin, entry.facility), {})
            cargo[need.product] = cargo.get(need.product, 0) + amount
    return Plan(order, lots, shipments)


def _lot_size(entry: SiteEntry) -> int:
    return int(entry.lot_kg * _KG)
