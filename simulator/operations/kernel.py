"""The simulation kernel: simpy processes for sites and journeys, the stores between them, and the ledger they write.

Everything that varies is drawn from a stream named after the thing it belongs to, so the order in which simpy wakes
processes never changes a number. Time is whole minutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import simpy

from assay.simulator.facts import (
    Arrival,
    Conversion,
    Departure,
    Fact,
    Granularity,
    Imbalance,
    Lot,
    Material,
    Origin,
    Portion,
    Source,
)
from assay.simulator.operations.plan import Key, Plan, build_processes, make_plan
from assay.simulator.operations.process import Need, Process
from assay.simulator.operations.transport import Travel, travel
from assay.simulator.randomness import Stream
from assay.simulator.scenario import Route, Scenario, ScenarioError, SiteEntry

__all__ = ["MINUTES_PER_DAY", "Operation", "Store", "run"]

MINUTES_PER_DAY = 1440
_KG = 1_000_000

_Steps = Generator[Any, Any, None]


@dataclass(slots=True)
class _Heap:
    lot: Lot
    mass: int
    elements: dict[str, int]


class Store:
    """What lies at one facility: heaps of lots, oldest first. Draws are proportional and exact."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._heaps: dict[str, list[_Heap]] = {}
        self._changed = env.event()

    def add(self, portion: Portion) -> None:
        self._heaps.setdefault(portion.lot.product, []).append(
            _Heap(portion.lot, portion.mass, dict(portion.elements))
        )
        changed, self._changed = self._changed, self._env.event()
        changed.succeed()

    def held(self, product: str, element: str | None = None) -> int:
        """Milligrams of product, or of one element in it."""
        heaps = self._heaps.get(product, ())
        return sum(heap.mass if element is None else heap.elements.get(element, 0) for heap in heaps)

    def wait(self, needs: Iterable[Need]) -> _Steps:
        """Wait until every need can be met at once."""
        wanted = tuple(needs)
        while any(self.held(need.product, need.element) < need.amount for need in wanted):
            yield self._changed

    def take(self, need: Need) -> list[Portion]:
        """Draw from the oldest heaps. The last heap gives the smallest mass that holds what is still wanted."""
        left, taken = need.amount, []
        heaps = self._heaps.get(need.product, [])
        while left > 0:
            if not heaps:
                raise Imbalance(f"{need.product}: {left} more wanted than there is")
            heap = heaps[0]
            content = heap.mass if need.element is None else heap.elements.get(need.element, 0)
            if content <= left:
                heaps.pop(0)
                taken.append(Portion(heap.lot, heap.mass, heap.elements))
                left -= content
                continue
            mass = left if need.element is None else -(-left * heap.mass // content)
            drawn = {element: amount * mass // heap.mass for element, amount in heap.elements.items()}
            heap.mass -= mass
            for element, amount in drawn.items():
                heap.elements[element] -= amount
            taken.append(Portion(heap.lot, mass, drawn))
            left = 0
        return taken

    def elements(self) -> Counter[str]:
        """Milligrams by element over everything that lies here."""
        total: Counter[str] = Counter()
        for heaps in self._heaps.values():
            for heap in heaps:
                total.update(heap.elements)
        return total


@dataclass(slots=True)
class _Kernel:
    scenario: Scenario
    seed: int
    env: simpy.Environment
    facts: list[Fact]
    made: Counter[Key]
    stores: dict[str, Store]

    @property
    def now(self) -> int:
        """Whole minutes since the start: every delay is a whole number."""
        return int(self.env.now)

    def line(self, entry: SiteEntry, process: Process, numbers: Iterator[int]) -> _Steps:
        """One production line: lots one after the other, each as soon as its inputs lie ready.

        Lines of a site share ``numbers``, so a lot is named when it is started.
        """
        store = self.stores[entry.facility]
        yield self.env.timeout(entry.start_day * MINUTES_PER_DAY)
        for number in numbers:
            name = f"{entry.facility}/{entry.product}/{number:04d}"
            stream = Stream(self.seed, name, "process")
            batch = process.batch(int(entry.lot_kg * _KG), stream)
            yield from store.wait(batch.needs)
            portions = [portion for need in batch.needs for portion in store.take(need)]
            started = self.now
            work = max(1, entry.days_per_lot * MINUTES_PER_DAY)
            yield self.env.timeout(max(1, work - stream.below(max(1, work // 8))))
            material = batch.finish(self._by_product(portions))
            granularity: Granularity = "item" if entry.kind == "pack" else "batch"
            lot = Lot(
                name, entry.product, entry.facility, entry.kind, number, self.now, material, granularity
            )
            self.made[lot.facility, lot.product] += 1
            if portions:
                losses = _losses(name, portions, material)
                self.facts.append(
                    Conversion(entry.facility, number, started, self.now, tuple(portions), (lot,), losses)
                )
            else:
                origin: Origin = "bought" if entry.kind == "supplier" else "mined"
                self.facts.append(Source(lot, entry.facility, started, self.now, origin))
            store.add(Portion(lot, material.mass, material.elements))

    def _by_product(self, portions: Iterable[Portion]) -> dict[str, Material]:
        mass: Counter[str] = Counter()
        elements: dict[str, Counter[str]] = {}
        for portion in portions:
            product = portion.lot.product
            mass[product] += portion.mass
            elements.setdefault(product, Counter()).update(portion.elements)
        return {product: Material(mass[product], 0, elements[product]) for product in mass}

    def dispatch(self, place: int, route: Route, cargo: Mapping[str, int]) -> _Steps:
        """Send all cargo of a route, in as many consignments as its parcel size asks for, each when it lies ready."""
        origin = self.stores[route.origin]
        total = sum(cargo.values())
        count = -(-total // int(route.parcel_kg * _KG)) if route.parcel_kg else 1
        for number in range(1, count + 1):
            needs = [
                Need(product, amount * number // count - amount * (number - 1) // count)
                for product, amount in sorted(cargo.items())
            ]
            name = f"{route.origin}/{route.destination}/{number:04d}"
            trip = travel(route, Stream(self.seed, name, "journey"))
            yield from origin.wait(needs)
            yield self.env.timeout(trip.loading)
            yield from origin.wait(needs)  # another consignment may have been served meanwhile
            items = tuple(portion for need in needs for portion in origin.take(need))
            self.env.process(self.journey(name, place, route, trip, items))

    def journey(
        self, name: str, place: int, route: Route, trip: Travel, items: tuple[Portion, ...]
    ) -> _Steps:
        """One consignment on its way."""
        departed = self.now
        self.facts.append(Departure(name, place, route.origin, route.destination, departed, items))
        yield self.env.timeout(trip.minutes)
        self.facts.append(Arrival(name, place, route.origin, route.destination, departed, self.now, items))
        for portion in items:
            self.stores[route.destination].add(portion)


def _losses(name: str, portions: Iterable[Portion], material: Material) -> dict[str, int]:
    left: Counter[str] = Counter()
    for portion in portions:
        left.update(portion.elements)
    left.subtract(material.elements)
    for element, amount in left.items():
        if amount < 0:
            raise Imbalance(f"{name}: {-amount} mg of {element} came from nowhere")
    return dict(sorted(left.items()))


class Operation:
    """A corridor in operation. Raises :class:`ScenarioError` where the plan cannot work.

    ``facts`` may be gone through once; ``stores`` then hold what lies at each facility at the end.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        processes = build_processes(scenario)
        self.plan: Plan = make_plan(scenario, processes)
        entries: dict[Key, SiteEntry] = {(site.facility, site.product): site for site in scenario.sites}
        self._env = env = simpy.Environment()
        self.stores = {facility.id: Store(env) for facility in scenario.facilities}
        self._kernel = kernel = _Kernel(scenario, seed, env, [], Counter(), self.stores)
        for key in self.plan.order:
            numbers = iter(range(1, self.plan.lots[key] + 1))
            for _ in range(min(entries[key].lines, self.plan.lots[key])):
                env.process(kernel.line(entries[key], processes[key], numbers))
        for place, route in enumerate(scenario.routes):
            cargo = self.plan.shipments.get((route.origin, route.destination), {})
            if any(cargo.values()):
                env.process(kernel.dispatch(place, route, cargo))

    def facts(self) -> Iterator[Fact]:
        """Everything that happens until ``as_of``, in order of time. Only what is still in use stays in memory."""
        end = int((self.scenario.as_of - self.scenario.start).total_seconds()) // 60
        env, news = self._env, self._kernel.facts
        while env.peek() < end:
            env.step()
            if news:
                yield from news
                news.clear()
        _all_made(self.scenario, self._kernel.made, self.plan, end)


def run(scenario: Scenario, seed: int) -> Iterator[Fact]:
    """Run the corridor: its facts in order of time. Raises :class:`ScenarioError` where it cannot work."""
    return Operation(scenario, seed).facts()


def _all_made(scenario: Scenario, made: Counter[Key], plan: Plan, end: int) -> None:
    for key in plan.order:
        if made[key] < plan.lots[key]:
            raise ScenarioError(
                f"sites.{key[0]}: only {made[key]} of {plan.lots[key]} lots of {key[1]} were made by as_of "
                f"({end // MINUTES_PER_DAY} days after start); start earlier or raise margin (now {scenario.margin.value})"
            )
