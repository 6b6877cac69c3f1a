"""Moving goods: consignments that receivers call for, pick-ups of what lies ready, returns, and what markets take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Arrival, Departure, Portion
from assay.simulator.operations.floor import Floor, Steps, parameter_ppm
from assay.simulator.operations.graph import Key
from assay.simulator.operations.pace import DAY, parcels, span
from assay.simulator.operations.process import KG, Need
from assay.simulator.operations.store import Store, aside
from assay.simulator.operations.transport import Travel, travel
from assay.simulator.randomness import Stream
from assay.simulator.sites import Route

__all__ = ["Logistics"]

_NEXT_LOOK = {"market": 7 * DAY}
"""How often goods are fetched that are taken as they come (assumption): finished goods weekly, scrap monthly."""
_MONTH = 30 * DAY
_TESTING = (3 * DAY, 10 * DAY)
"""From arrival to the return of goods that the buyer's laboratory found to be off specification (assumption)."""


class Logistics:
    """Everything between facilities."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def start(self) -> None:
        """Open the docks."""
        for ends, cargo in self._floor.plan.shipments.items():
            cargo = {product: amount for product, amount in cargo.items() if amount}
            if not cargo:
                continue
            place, route = self._floor.routes[ends]
            count = parcels(route, cargo, span(self._floor.scenario))
            numbers = iter(range(1, 2 * count + 1 if route.parcel_kg else 2))
            for _ in range(self._floor.pace.docks[ends]):
                self._floor.env.process(self.dispatch(place, route, cargo, count, numbers))
        for ends, products in self._floor.plan.pickups.items():
            place, route = self._floor.routes[ends]
            self._floor.env.process(self.pick_up(place, route, tuple(products)))

    def dispatch(
        self, place: int, route: Route, cargo: Mapping[str, int], count: int, numbers: Iterator[int]
    ) -> Steps:
        """One dock: sends consignments of a route one after the other, each when its receiver runs low."""
        receiver = self._floor.stores[route.destination]
        market = next(
            (
                key
                for key in self._floor.plan.demanded
                if key in self._floor.markets and key[0] == route.destination
            ),
            None,
        )
        for number in numbers:
            needs = [
                Need(product, amount * number // count - amount * (number - 1) // count)
                for product, amount in sorted(cargo.items())
            ]
            if number > count and not self._hungry(route.destination, cargo):
                return  # beyond the plan only where a plant would starve
            if market in self._floor.pace.interval:
                due = (
                    self._floor.pace.first[market]
                    + int(self._floor.pace.interval[market] * self._floor.plan.demanded[market][1])
                    * (number - 1)
                    // count
                )
                yield self._floor.env.timeout(max(0, due - self._floor.now))
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
            for key, site in self._floor.sites.items()
            if any(product in site.entry.inputs for product in cargo)
        )

    def _low(self, route: Route, needs: Iterable[Need]) -> bool:
        """Whether the receiver wants another consignment: of any of its products less is there or coming than the level."""
        if route.parcel_kg is None:
            return True
        receiver = self._floor.stores[route.destination]
        for need in needs:
            place = (route.destination, need.product)
            level = self._floor.pace.levels.get(place)
            if place in self._floor.markets or level is None:
                return True
            if receiver.held(need.product) + self._floor.inbound[place] < level:
                return True
        return False

    def consign(self, name: str, place: int, route: Route, needs: list[Need]) -> Steps:
        """Call for a consignment, load it when it lies ready, and send it off."""
        origin = self._floor.stores[route.origin]
        for need in needs:
            self._floor.inbound[route.destination, need.product] += need.amount
        trip = travel(route, Stream(self._floor.seed, name, "journey"))
        yield from origin.wait(needs)
        yield self._floor.env.timeout(trip.loading)
        yield from origin.wait(needs)  # another consignment may have been served meanwhile
        items = tuple(portion for need in needs for portion in origin.take(need))
        self._floor.env.process(self.journey(name, place, route, trip, items))

    def pick_up(self, place: int, route: Route, products: tuple[str, ...]) -> Steps:
        """Fetch what lies ready beyond what planned customers draw on, parcel by parcel, as it comes."""
        origin, number = self._floor.stores[route.origin], 0
        kinds = {
            self._floor.graph.entries[key].kind
            for key in self._floor.graph.order
            if key[0] == route.destination
        }
        pause = min((_NEXT_LOOK.get(kind, _MONTH) for kind in kinds), default=_MONTH)
        parcel = int(route.parcel_kg * KG) if route.parcel_kg else None
        while True:
            yield self._floor.env.timeout(pause)
            for product in products:
                kept = self._floor.pace.ceilings.get((route.origin, product), 0)
                ready = origin.held(product) - kept
                while ready > 0:
                    amount = ready if parcel is None else min(ready, parcel)
                    number += 1
                    name = f"{route.origin}/{route.destination}/s{number:04d}"
                    trip = travel(route, Stream(self._floor.seed, name, "journey"))
                    items = tuple(origin.take(Need(product, amount)))
                    self._floor.inbound[route.destination, product] += amount
                    self._floor.env.process(self.journey(name, place, route, trip, items))
                    ready -= amount

    def journey(self, name: str, place: int, route: Route, trip: Travel, items: tuple[Portion, ...]) -> Steps:
        """One consignment on its way, and what the receiver does with it."""
        departed, destination = self._floor.now, route.destination
        self._floor.facts.append(Departure(name, place, route.origin, destination, departed, items))
        yield self._floor.env.timeout(trip.minutes)
        self._floor.facts.append(
            Arrival(name, place, route.origin, destination, departed, self._floor.now, items)
        )
        store = self._floor.stores[destination]
        for portion in items:
            lot = portion.lot
            self._floor.inbound[destination, lot.product] -= portion.mass
            key = (destination, lot.product)
            entry = self._floor.graph.entries.get(key)
            if entry is not None and entry.passes_on:
                self._floor.made[key] += portion.mass
            if key in self._floor.markets:
                self._sell(key, store, portion)
            elif lot.facility == destination and lot.off_spec:  # a return
                store.add(portion, aside(lot.product))
                self._floor.sites[destination, lot.product].owed.append((route.origin, portion.mass))
            elif (
                lot.off_spec
                and lot.facility == route.origin
                and (destination, route.origin) in self._floor.routes
            ):
                store.add(portion, aside(lot.product))
                self._floor.env.process(self.send_back(destination, route.origin, lot.product, portion.mass))
            else:
                store.add(portion)

    def _sell(self, key: Key, store: Store, portion: Portion) -> None:
        """Goods leave the chain at a market; some come back when they have done their service."""
        entry = self._floor.graph.entries[key]
        store.sold.update(portion.elements)
        back = parameter_ppm(entry, "return_share", 0)
        stream = Stream(self._floor.seed, f"{portion.lot.id}|{key[0]}|{self._floor.now}", "service")
        if back and stream.below(PPM) < back:
            days = max(1, parameter_ppm(entry, "return_days", 3650 * PPM) // PPM)
            self._floor.env.process(
                self._come_back(store, portion, stream.between(days * DAY * 3 // 4, days * DAY))
            )

    def _come_back(self, store: Store, portion: Portion, minutes: int) -> Steps:
        yield self._floor.env.timeout(minutes)
        store.sold.subtract(portion.elements)
        store.add(portion)

    def send_back(self, origin: str, destination: str, product: str, mass: int) -> Steps:
        """The buyer's laboratory found goods off specification: they go back to the sender."""
        place, route = self._floor.routes[origin, destination]
        self._floor.sent[f"{origin}/{destination}/r"] += 1
        name = f"{origin}/{destination}/r{self._floor.sent[f'{origin}/{destination}/r']:04d}"
        stream = Stream(self._floor.seed, name, "journey")
        yield self._floor.env.timeout(stream.between(*_TESTING))
        trip = travel(route, stream)
        items = tuple(self._floor.stores[origin].take(Need(aside(product), mass)))
        self._floor.inbound[destination, product] += mass
        self._floor.env.process(self.journey(name, place, route, trip, items))

    def replace(self, origin: str, destination: str, product: str, amount: int) -> None:
        """Send goods in the place of those that came back."""
        place, route = self._floor.routes[origin, destination]
        ends = f"{origin}/{destination}/x"
        self._floor.sent[ends] += 1
        name = f"{ends}{self._floor.sent[ends]:04d}"
        self._floor.env.process(self.consign(name, place, route, [Need(product, amount)]))
