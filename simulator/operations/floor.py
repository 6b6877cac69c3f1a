"""What everybody at work shares: clock, stores, sites, routes, counts, and the facts that were not yet handed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import simpy

from assay.simulator.facts import Fact
from assay.simulator.operations.graph import Graph, Key
from assay.simulator.operations.pace import Limit, Pace, horizon, limits, routes_by_ends
from assay.simulator.operations.plan import Plan
from assay.simulator.operations.store import Store
from assay.simulator.scenario import Scenario
from assay.simulator.sites import SiteEntry

__all__ = ["Floor", "Site", "Steps", "parameter_ppm"]

Steps = Generator[Any, Any, None]
"""A simpy process."""


@dataclass(slots=True)
class Site:
    """A site at work. ``left`` lots may still be started (None: no limit)."""

    entry: SiteEntry
    store: Store
    left: int | None
    ceilings: dict[str, int]
    """By planned product: no further lot while so much of all of them lies ready."""
    limits: tuple[Limit, ...]
    may_come_back: bool
    """Whether a buyer can send goods back: there is a route."""
    interval: Fraction | None
    """Minutes between lots that are asked for over a number of days."""
    opened: simpy.Event
    """Comes true when the first lot is begun, with the minute as its value."""
    begun: int = 0
    """Lots that were begun, or wait for their inputs."""
    waiting: int = 0
    number: int = 0
    made: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By limit and calendar year, milligrams."""
    owed: list[tuple[str, int]] = field(default_factory=list)
    """Returned goods that are to be replaced: destination and milligrams."""

    def full(self) -> bool:
        return bool(self.ceilings) and all(
            self.store.held(product) >= most for product, most in self.ceilings.items()
        )


def parameter_ppm(entry: SiteEntry, name: str, default: int) -> int:
    parameter = entry.parameters.get(name)
    return default if parameter is None else parameter.ppm


class Floor:
    """The state of an operation."""

    def __init__(self, scenario: Scenario, seed: int, graph: Graph, plan: Plan, pace: Pace) -> None:
        self.scenario, self.seed = scenario, seed
        self.graph, self.plan, self.pace = graph, plan, pace
        self.env, self.end = simpy.Environment(), horizon(scenario)
        self.stores = {facility.id: Store(self.env) for facility in scenario.facilities}
        self.routes = routes_by_ends(scenario)
        self.markets = {key for key, entry in graph.entries.items() if entry.kind == "market"}
        self.facts: list[Fact] = []
        self.made: Counter[Key] = Counter()
        """Lots of the main product by site; milligrams delivered at terminals and markets."""
        self.inbound: Counter[tuple[str, str]] = Counter()
        """Milligrams called for and not yet there, by destination and product."""
        self.sent: Counter[str] = Counter()
        self.sites = {key: self._site(key) for key in graph.order if not graph.entries[key].passes_on}

    def _site(self, key: Key) -> Site:
        entry, pace = self.graph.entries[key], self.pace
        ceilings = {
            product: pace.ceilings[entry.facility, product]
            for product in entry.products
            if (entry.facility, product) in pace.ceilings
        }
        unlimited = key in self.plan.demanded or any(
            (entry.facility, product) in self.plan.wanted and product not in ceilings
            for product in entry.products
        )
        back = any(
            (destination, origin) in self.routes
            for (origin, destination), cargo in self.plan.shipments.items()
            if origin == entry.facility and entry.product in cargo
        )
        return Site(
            entry=entry,
            store=self.stores[entry.facility],
            left=self.plan.lots.get(key),
            ceilings={} if unlimited else ceilings,
            limits=tuple(limits(self.scenario, entry)),
            may_come_back=back,
            interval=pace.interval.get(key),
            opened=self.env.event(),
        )

    @property
    def now(self) -> int:
        """Whole minutes since the start: every delay is a whole number."""
        return int(self.env.now)

    def moment(self, minutes: int) -> datetime:
        """Date and time of a minute."""
        return self.scenario.start + timedelta(minutes=minutes)
