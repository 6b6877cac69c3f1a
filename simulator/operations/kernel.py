"""The simulation kernel: simpy processes for sites and journeys, and the stream of facts that they make.

Everything that varies is drawn from a stream named after the thing it belongs to. Time is whole minutes. Only what is
still in use stays in memory: heaps that are not used up, batches in work, consignments under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import simpy

from assay.simulator.chemistry import PPM
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
    Stocktake,
)
from assay.simulator.operations.graph import Graph, Key, build_graph
from assay.simulator.operations.pace import (
    DAY,
    Limit,
    Pace,
    horizon,
    limits,
    make_pace,
    parcels,
    routes_by_ends,
    span,
    work_minutes,
)
from assay.simulator.operations.plan import Plan, make_plan
from assay.simulator.operations.process import KG, Batch, Need, Output, feeds_of, lot_size, scaled
from assay.simulator.operations.recycler import Recycler
from assay.simulator.operations.store import Store, aside
from assay.simulator.operations.transport import Travel, travel
from assay.simulator.randomness import Stream
from assay.simulator.scenario import Scenario
from assay.simulator.sites import Route, ScenarioError, SiteEntry

__all__ = ["MINUTES_PER_DAY", "Operation", "Store", "run"]

MINUTES_PER_DAY = DAY
_NEXT_LOOK = {"market": 7 * DAY}
"""How often goods are fetched that are taken as they come (assumption): finished goods weekly, scrap monthly."""
_MONTH = 30 * DAY
_TESTING = (3 * DAY, 10 * DAY)
"""From arrival to the return of goods that the buyer's laboratory found to be off specification (assumption)."""
_CLOSING = DAY
"""The last stocktake is so long before the world is looked at (assumption)."""

_Steps = Generator[Any, Any, None]


@dataclass(slots=True)
class _Site:
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


def _parameter_ppm(entry: SiteEntry, name: str, default: int) -> int:
    parameter = entry.parameters.get(name)
    return default if parameter is None else parameter.ppm


class _Kernel:
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

    def _site(self, key: Key) -> _Site:
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
        return _Site(
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

    def start(self) -> None:
        """Set everything in motion."""
        for key, site in self.sites.items():
            self._open(site)
            for _ in range(self.pace.lines.get(key, site.entry.lines or 1)):
                if site.left != 0:
                    self.env.process(self.line(key, site))
            process = self.graph.processes[key]
            if isinstance(process, Recycler) and site.left is not None and feeds_of(site.entry)[1]:
                self.env.process(self.scrap_line(key, site, process))
            if _parameter_ppm(site.entry, "off_spec", 0):
                self.env.process(self.rework(site))
        for ends, cargo in self.plan.shipments.items():
            cargo = {product: amount for product, amount in cargo.items() if amount}
            if not cargo:
                continue
            place, route = self.routes[ends]
            count = parcels(route, cargo, span(self.scenario))
            numbers = iter(range(1, 2 * count + 1 if route.parcel_kg else 2))
            for _ in range(self.pace.docks[ends]):
                self.env.process(self.dispatch(place, route, cargo, count, numbers))
        for ends, products in self.plan.pickups.items():
            place, route = self.routes[ends]
            self.env.process(self.pick_up(place, route, tuple(products)))

    def _open(self, site: _Site) -> None:
        """Opening stock: lots that were there on the first day."""
        left, entry = int(site.entry.opening_kg * KG), site.entry
        process = self.graph.processes[entry.facility, entry.product]
        grades = process.grades(entry.product, 0)
        moisture = _parameter_ppm(entry, "moisture", 0)
        energy = getattr(process, "kilograms_per_kwh", None)
        while left > 0:
            mass = min(left, lot_size(entry))
            elements = {name: mass * grade.numerator // grade.denominator for name, grade in grades.items()}
            watt_hours = int(Fraction(mass, 1000) / energy) if energy else 0
            lot = self._lot(
                site, entry.product, Material(mass, moisture, elements, watt_hours), site.number + 1
            )
            site.number += 1
            self.facts.append(Source(lot, entry.facility, 0, 0, "opening"))
            site.store.add(Portion(lot, mass, elements))
            left -= mass

    def _lot(
        self, site: _Site, product: str, material: Material, number: int, *, off_spec: bool = False
    ) -> Lot:
        entry = site.entry
        main = product == entry.product
        level: Granularity = (
            (entry.granularity or ("item" if entry.kind == "pack" else "batch")) if main else "batch"
        )
        name = f"{entry.facility}/{product}/{number:04d}"
        return Lot(name, product, entry.facility, entry.kind, number, self.now, material, level, off_spec)

    def line(self, key: Key, site: _Site) -> _Steps:
        """One production line: lots one after the other, each as soon as its inputs lie ready and somebody wants it.

        Lines of a site share its numbers, so a lot is named when it is started.
        """
        entry, store, process = site.entry, site.store, self.graph.processes[key]
        yield self.env.timeout(entry.start_day * DAY)
        while site.left is None or site.left > 0:
            if site.full():
                yield store.taken()
                continue
            if site.left is not None:
                site.left -= 1
            site.number += 1
            number = site.number
            site.waiting += 1
            if site.interval is not None:
                turn, site.begun = site.begun, site.begun + 1
                if turn:
                    begin = yield site.opened
                    yield self.env.timeout(max(0, int(begin + site.interval * turn) - self.now))
            stream = Stream(self.seed, f"{entry.facility}/{entry.product}/{number:04d}", "process")
            batch = process.batch(stream)
            work = work_minutes(entry)
            work = max(1, work - stream.below(max(1, work // 8)))
            yield from store.wait(batch.needs)
            source = None if batch.needs else batch.finish({})
            for limit in site.limits:
                yield from self._within(site, limit, source, work)
            if site.limits:
                yield from store.wait(batch.needs)
            if self.now + work >= self.end:
                return  # nothing is begun that nobody would see the end of
            portions = [portion for need in batch.needs for portion in store.take(need)]
            site.waiting -= 1
            if site.interval is not None and not site.opened.triggered:
                left = self.end - self.now - 2 * work
                site.interval = min(site.interval, Fraction(max(0, left), self.plan.demanded[key][1]))
                site.opened.succeed(self.now)
            job = self.job(key, site, number, work, portions, batch, stream)
            if site.left is None and entry.lines is None:
                self.env.process(job)  # what lives on scrap grows with it
            else:
                yield from job

    def scrap_line(self, key: Key, site: _Site, process: Recycler) -> _Steps:
        """What comes back by chance is worked up beside what was planned, as soon as it makes a batch."""
        while True:
            site.number += 1
            number = site.number
            stream = Stream(self.seed, f"{site.entry.facility}/{site.entry.product}/{number:04d}", "process")
            batch, work = process.by_chance(stream), work_minutes(site.entry)
            yield from site.store.wait(batch.needs)
            for limit in site.limits:
                yield from self._within(site, limit, None, work)
            if self.now + work >= self.end:
                return
            portions = [portion for need in batch.needs for portion in site.store.take(need)]
            self.env.process(self.job(key, site, number, work, portions, batch, stream))

    def job(
        self,
        key: Key,
        site: _Site,
        number: int,
        work: int,
        portions: list[Portion],
        batch: Batch,
        stream: Stream,
    ) -> _Steps:
        """One batch in work."""
        started = self.now
        yield self.env.timeout(work)
        self._finish(key, site, number, started, portions, batch.finish(_by_product(portions)), stream)

    def _within(self, site: _Site, limit: Limit, source: tuple[Output, ...] | None, work: int) -> _Steps:
        """Wait until a lot fits under a yearly limit, and take its share of it."""
        amount = lot_size(site.entry)
        if limit.wet and source is not None:
            amount = source[0][1].mass * PPM // (PPM - source[0][1].moisture) + 1
        while True:
            year = self._moment(self.now + work).year
            if site.made[limit.key, year] + amount <= limit.tonnes:
                site.made[limit.key, year] += amount
                return
            turn = self._moment(self.now).replace(
                year=self._moment(self.now).year + 1,
                month=1,
                day=1,
                hour=0,
                minute=0,
                second=0,
                microsecond=0,
            )
            wait = int((turn - self._moment(self.now)).total_seconds()) // 60 + 1
            yield self.env.timeout(max(1, wait))

    def _moment(self, minutes: int) -> datetime:
        return self.scenario.start + timedelta(minutes=minutes)

    def _finish(
        self,
        key: Key,
        site: _Site,
        number: int,
        started: int,
        portions: list[Portion],
        outputs: tuple[Output, ...],
        stream: Stream,
    ) -> None:
        """Write down what a batch gave, and put it where it belongs."""
        entry = site.entry
        off = stream.below(PPM) < _parameter_ppm(entry, "off_spec", 0)
        escapes = off and site.may_come_back and stream.below(PPM) < _parameter_ppm(entry, "escape", 0)
        lots = tuple(
            self._lot(site, product, material, number, off_spec=off and place == 0)
            for place, (product, material) in enumerate(outputs)
        )
        if portions:
            self._convert(entry.facility, number, started, portions, lots)
        else:
            origin: Origin = "bought" if entry.kind == "supplier" else "mined"
            for lot in lots:
                self.facts.append(Source(lot, entry.facility, started, self.now, origin))
        for place, lot in enumerate(lots):
            shelf = aside(lot.product) if place == 0 and off and not escapes else None
            site.store.add(Portion(lot, lot.material.mass, lot.material.elements), shelf)
        self.made[key] += 1

    def _convert(
        self, facility: str, number: int, started: int, portions: list[Portion], lots: tuple[Lot, ...]
    ) -> None:
        losses = _losses(lots[0].id, portions, lots)
        self.facts.append(Conversion(facility, number, started, self.now, tuple(portions), lots, losses))

    def rework(self, site: _Site) -> _Steps:
        """Lots that were set aside are made again, and what a buyer sent back is replaced."""
        entry, store, shelf = site.entry, site.store, aside(site.entry.product)
        while True:
            mass = store.first(shelf)
            if not mass:
                yield store.added()
                continue
            work = max(1, work_minutes(entry) // 2)
            if self.now + work >= self.end:
                return
            portions = store.take(Need(shelf, mass))
            site.number += 1
            number, started = site.number, self.now
            yield self.env.timeout(work)
            good = _parameter_ppm(entry, "rework_yield", PPM)
            material = portions[0].lot.material
            elements = scaled(portions[0].elements, good)
            lot = self._lot(
                site, entry.product, Material(mass * good // PPM, material.moisture, elements), number
            )
            self._convert(entry.facility, number, started, portions, (lot,))
            store.add(Portion(lot, lot.material.mass, elements))
            if site.owed:
                destination, amount = site.owed.pop(0)
                place, route = self.routes[entry.facility, destination]
                self.sent[f"{entry.facility}/{destination}/x"] += 1
                name = f"{entry.facility}/{destination}/x{self.sent[f'{entry.facility}/{destination}/x']:04d}"
                needs = [Need(entry.product, amount)]
                self.env.process(self.consign(name, place, route, needs))

    def dispatch(
        self, place: int, route: Route, cargo: Mapping[str, int], count: int, numbers: Iterator[int]
    ) -> _Steps:
        """One dock: sends consignments of a route one after the other, each when its receiver runs low."""
        receiver = self.stores[route.destination]
        market = next(
            (key for key in self.plan.demanded if key in self.markets and key[0] == route.destination), None
        )
        for number in numbers:
            needs = [
                Need(product, amount * number // count - amount * (number - 1) // count)
                for product, amount in sorted(cargo.items())
            ]
            if number > count and not self._hungry(route.destination, cargo):
                return  # beyond the plan only where a plant would starve
            if market in self.pace.interval:
                due = (
                    self.pace.first[market]
                    + int(self.pace.interval[market] * self.plan.demanded[market][1]) * (number - 1) // count
                )
                yield self.env.timeout(max(0, due - self.now))
            while not self._low(route, needs):
                yield receiver.taken()
                if number > count and not self._hungry(route.destination, cargo):
                    return
            name = f"{route.origin}/{route.destination}/{number:04d}"
            yield from self.consign(name, place, route, needs)

    def _hungry(self, destination: str, cargo: Iterable[str]) -> bool:
        """Whether a plant there has still to begin a lot that it needs some of this for."""
        return any(
            key[0] == destination and site.left is not None and (site.left > 0 or site.waiting > 0)
            for key, site in self.sites.items()
            if any(product in site.entry.inputs for product in cargo)
        )

    def _low(self, route: Route, needs: Iterable[Need]) -> bool:
        """Whether the receiver wants another consignment: of any of its products less is there or coming than the level."""
        if route.parcel_kg is None:
            return True
        receiver = self.stores[route.destination]
        for need in needs:
            place = (route.destination, need.product)
            level = self.pace.levels.get(place)
            if place in self.markets or level is None:
                return True
            if receiver.held(need.product) + self.inbound[place] < level:
                return True
        return False

    def consign(self, name: str, place: int, route: Route, needs: list[Need]) -> _Steps:
        """Call for a consignment, load it when it lies ready, and send it off."""
        origin = self.stores[route.origin]
        for need in needs:
            self.inbound[route.destination, need.product] += need.amount
        trip = travel(route, Stream(self.seed, name, "journey"))
        yield from origin.wait(needs)
        yield self.env.timeout(trip.loading)
        yield from origin.wait(needs)  # another consignment may have been served meanwhile
        items = tuple(portion for need in needs for portion in origin.take(need))
        self.env.process(self.journey(name, place, route, trip, items))

    def pick_up(self, place: int, route: Route, products: tuple[str, ...]) -> _Steps:
        """Fetch what lies ready beyond what planned customers draw on, parcel by parcel, as it comes."""
        origin, number = self.stores[route.origin], 0
        kinds = {self.graph.entries[key].kind for key in self.graph.order if key[0] == route.destination}
        pause = min((_NEXT_LOOK.get(kind, _MONTH) for kind in kinds), default=_MONTH)
        parcel = int(route.parcel_kg * KG) if route.parcel_kg else None
        while True:
            yield self.env.timeout(pause)
            for product in products:
                kept = self.pace.ceilings.get((route.origin, product), 0)
                ready = origin.held(product) - kept
                while ready > 0:
                    amount = ready if parcel is None else min(ready, parcel)
                    number += 1
                    name = f"{route.origin}/{route.destination}/s{number:04d}"
                    trip = travel(route, Stream(self.seed, name, "journey"))
                    items = tuple(origin.take(Need(product, amount)))
                    self.inbound[route.destination, product] += amount
                    self.env.process(self.journey(name, place, route, trip, items))
                    ready -= amount

    def journey(
        self, name: str, place: int, route: Route, trip: Travel, items: tuple[Portion, ...]
    ) -> _Steps:
        """One consignment on its way, and what the receiver does with it."""
        departed, destination = self.now, route.destination
        self.facts.append(Departure(name, place, route.origin, destination, departed, items))
        yield self.env.timeout(trip.minutes)
        self.facts.append(Arrival(name, place, route.origin, destination, departed, self.now, items))
        store = self.stores[destination]
        for portion in items:
            lot = portion.lot
            self.inbound[destination, lot.product] -= portion.mass
            key = (destination, lot.product)
            entry = self.graph.entries.get(key)
            if entry is not None and entry.passes_on:
                self.made[key] += portion.mass
            if key in self.markets:
                self._sell(key, store, portion)
            elif lot.facility == destination and lot.off_spec:  # a return
                store.add(portion, aside(lot.product))
                self.sites[destination, lot.product].owed.append((route.origin, portion.mass))
            elif lot.off_spec and lot.facility == route.origin and (destination, route.origin) in self.routes:
                store.add(portion, aside(lot.product))
                self.env.process(self.send_back(destination, route.origin, lot.product, portion.mass))
            else:
                store.add(portion)

    def _sell(self, key: Key, store: Store, portion: Portion) -> None:
        """Goods leave the chain at a market; some come back when they have done their service."""
        entry = self.graph.entries[key]
        store.sold.update(portion.elements)
        back = _parameter_ppm(entry, "return_share", 0)
        stream = Stream(self.seed, f"{portion.lot.id}|{key[0]}|{self.now}", "service")
        if back and stream.below(PPM) < back:
            days = max(1, _parameter_ppm(entry, "return_days", 3650 * PPM) // PPM)
            self.env.process(self._come_back(store, portion, stream.between(days * DAY * 3 // 4, days * DAY)))

    def _come_back(self, store: Store, portion: Portion, minutes: int) -> _Steps:
        yield self.env.timeout(minutes)
        store.sold.subtract(portion.elements)
        store.add(portion)

    def send_back(self, origin: str, destination: str, product: str, mass: int) -> _Steps:
        """The buyer's laboratory found goods off specification: they go back to the sender."""
        place, route = self.routes[origin, destination]
        self.sent[f"{origin}/{destination}/r"] += 1
        name = f"{origin}/{destination}/r{self.sent[f'{origin}/{destination}/r']:04d}"
        stream = Stream(self.seed, name, "journey")
        yield self.env.timeout(stream.between(*_TESTING))
        trip = travel(route, stream)
        items = tuple(self.stores[origin].take(Need(aside(product), mass)))
        self.inbound[destination, product] += mass
        self.env.process(self.journey(name, place, route, trip, items))

    def stocktake(self, time: int) -> Iterator[Stocktake]:
        """What lies at each site that makes, converts or stores something. Empty sites have nothing to count."""
        counted = {
            key[0]: None
            for key in self.graph.order
            if self.graph.entries[key].kind not in ("supplier", "market")
        }
        for facility in counted:
            items = tuple(self.stores[facility].contents())
            if items:
                yield Stocktake(facility, time, items)


def _by_product(portions: Iterable[Portion]) -> dict[str, Material]:
    mass: dict[str, int] = {}
    elements: dict[str, dict[str, int]] = {}
    for portion in portions:
        product = portion.lot.product
        mass[product] = mass.get(product, 0) + portion.mass
        total = elements.setdefault(product, {})
        for element, amount in portion.elements.items():
            total[element] = total.get(element, 0) + amount
    return {product: Material(mass[product], 0, elements[product]) for product in mass}


def _losses(name: str, portions: Iterable[Portion], lots: Iterable[Lot]) -> dict[str, int]:
    left: dict[str, int] = {}
    for portion in portions:
        for element, amount in portion.elements.items():
            left[element] = left.get(element, 0) + amount
    for lot in lots:
        for element, amount in lot.material.elements.items():
            left[element] = left.get(element, 0) - amount
    for element, amount in left.items():
        if amount < 0:
            raise Imbalance(f"{name}: {-amount} mg of {element} came from nowhere")
    return dict(sorted(left.items()))


class Operation:
    """A corridor in operation. Raises :class:`ScenarioError` where the plan cannot work.

    ``facts`` may be gone through once; ``stores`` then hold what lies at each facility at the end. Nothing is in work
    then: no batch is begun that would not be finished.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.graph = build_graph(scenario)
        self.plan = make_plan(scenario, self.graph)
        self.pace = make_pace(scenario, self.graph, self.plan)
        self._kernel = _Kernel(scenario, seed, self.graph, self.plan, self.pace)
        self.stores: Mapping[str, Store] = self._kernel.stores

    def facts(self) -> Iterator[Fact]:
        """Everything that happens until ``as_of``, in order of time, with a stocktake at the end of each period.

        Raises :class:`ScenarioError` at the end where what was asked for was not made in time.
        """
        kernel, end = self._kernel, horizon(self.scenario)
        env, news = kernel.env, kernel.facts
        kernel.start()
        for moment in _stocktakes(self.scenario, end):
            while env.peek() <= moment:
                env.step()
                if news:
                    yield from news
                    news.clear()
            yield from kernel.stocktake(moment)
        while env.peek() < end:
            env.step()
            if news:
                yield from news
                news.clear()
        self._check_done(end)

    def _check_done(self, end: int) -> None:
        for key, (_, wish) in self.plan.demanded.items():
            made, unit = self._kernel.made[key], "lots"
            if self.graph.entries[key].passes_on:
                made, wish, unit = made // (1000 * KG), wish // (1000 * KG), "tonnes"
            if made < wish:
                raise ScenarioError(
                    f"sites.{key[0]}: only {made} of {wish} {unit} of {key[1]} were there by as_of "
                    f"({end // DAY} days after start); start earlier, add lines, or raise margin "
                    f"(now {self.scenario.margin.value})"
                )


def _stocktakes(scenario: Scenario, end: int) -> list[int]:
    """When stock is counted: at the end of every accounting period, and a day before the end."""
    period, last = scenario.accounting.period_days * DAY, end - _CLOSING
    return [*range(period, last, period), *([last] if last > 0 else [])]


def run(scenario: Scenario, seed: int) -> Iterator[Fact]:
    """Run the corridor: its facts in order of time. Raises :class:`ScenarioError` where it cannot work."""
    with scenario.telling():
        operation = Operation(scenario, seed)
    return _told(scenario, operation)


def _told(scenario: Scenario, operation: Operation) -> Iterator[Fact]:
    """The facts; an error on the way says in which file and line its key stands."""
    with scenario.telling():
        yield from operation.facts()
