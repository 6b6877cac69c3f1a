"""Burdens of goods: carbon, water, energy and recycled content, carried along from stage to stage. Integers only.

Totals are milligrams of CO2e, microlitres of water and milliwatt-hours, so that a factor in kilograms per kilogram,
litres per kilogram (which is cubic metres per tonne) or kilowatt-hours per kilogram, times milligrams of dry product,
needs no conversion. Whoever draws part of a lot takes that part of its burdens, and the last draw takes what is left:
nothing is rounded away. Only goods that still exist are remembered.

Boundaries: *gate-to-gate* is what a process itself causes, *cradle-to-gate* that and everything before it, transport
to the gate included. Where a process has several products, its burdens are allocated by mass or by contained elements;
losses carry none. Recycled content is counted by element: pre-consumer (scrap of making) and post-consumer (recovered
from used products); it leaves with outputs and losses in proportion to the element.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Arrival, Conversion, Departure, Fact, Lot, Portion, Source
from assay.simulator.sites import SiteEntry
from assay.simulator.world import World

__all__ = [
    "BOUNDARIES",
    "NOTHING",
    "Allocation",
    "Boundary",
    "Burden",
    "Factors",
    "Footprint",
    "Recycled",
    "Stock",
    "Sustainability",
    "allocate",
    "summed",
    "sustainability_row",
]

Boundary = Literal["gate-to-gate", "cradle-to-gate"]
BOUNDARIES: tuple[Boundary, ...] = get_args(Boundary)
Allocation = Literal["mass", "element"]

_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Recycled:
    """Milligrams of one element that were scrap of making (``pre``) or came out of used products (``post``)."""

    pre: int = 0
    post: int = 0


@dataclass(frozen=True, slots=True)
class Burden:
    """What some goods have caused so far: milligrams of CO2e, microlitres, milliwatt-hours; recycled parts by element."""

    carbon: int = 0
    water: int = 0
    energy: int = 0
    recycled: Mapping[str, Recycled] = field(default_factory=dict)

    def part(self, amount: int, of: int) -> Burden:
        """The burdens of ``amount`` out of ``of``, rounded down."""
        if amount == of:
            return self
        return Burden(
            self.carbon * amount // of,
            self.water * amount // of,
            self.energy * amount // of,
            {e: Recycled(r.pre * amount // of, r.post * amount // of) for e, r in self.recycled.items()},
        )

    def less(self, other: Burden) -> Burden:
        """What is left when ``other`` is taken away."""
        recycled = {}
        for element, mine in self.recycled.items():
            taken = other.recycled.get(element, Recycled())
            left = Recycled(mine.pre - taken.pre, mine.post - taken.post)
            if left.pre or left.post:
                recycled[element] = left
        return Burden(
            self.carbon - other.carbon, self.water - other.water, self.energy - other.energy, recycled
        )


NOTHING = Burden()


def summed(burdens: Iterable[Burden]) -> Burden:
    """All burdens together."""
    carbon = water = energy = 0
    recycled: dict[str, Recycled] = {}
    for burden in burdens:
        carbon, water, energy = carbon + burden.carbon, water + burden.water, energy + burden.energy
        for element, part in burden.recycled.items():
            known = recycled.get(element)
            recycled[element] = (
                part if known is None else Recycled(known.pre + part.pre, known.post + part.post)
            )
    return Burden(carbon, water, energy, recycled)


def _split(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` in proportion to ``weights``, exactly: each part ends where the running share ends, rounded down."""
    whole, parts, running, before = sum(weights), [], 0, 0
    for weight in weights:
        running += weight
        reached = total * running // whole if whole else 0
        parts.append(reached - before)
        before = reached
    return parts


def allocate(
    total: Burden,
    weights: Sequence[int],
    contents: Sequence[Mapping[str, int]],
    losses: Mapping[str, int],
) -> list[Burden]:
    """Burdens of the outputs of one batch, whose sum is ``total`` but for the recycled matter that was lost.

    ``weights``: masses, or contained elements; ``contents``: milligrams by element of each output.
    """
    carbon, water, energy = (_split(part, weights) for part in (total.carbon, total.water, total.energy))
    recycled: list[dict[str, Recycled]] = [{} for _ in weights]
    for element, part in total.recycled.items():
        held = [content.get(element, 0) for content in contents]
        shares = [*held, losses.get(element, 0)]
        split = zip(_split(part.pre, shares), _split(part.post, shares), strict=True)
        for place, (pre, post) in enumerate(split):
            if place < len(recycled) and (pre or post):
                recycled[place][element] = Recycled(pre, post)
    return [Burden(*parts) for parts in zip(carbon, water, energy, recycled, strict=True)]


@dataclass(slots=True)
class _Heap:
    mass: int = 0
    burden: Burden = NOTHING


class Stock:
    """Burdens of what lies at each place, lot by lot. A heap that is used up is forgotten."""

    def __init__(self) -> None:
        self._heaps: dict[tuple[str, str], _Heap] = {}

    def __len__(self) -> int:
        return len(self._heaps)

    def put(self, place: str, lot: str, mass: int, burden: Burden) -> None:
        heap = self._heaps.setdefault((place, lot), _Heap())
        heap.mass += mass
        heap.burden = summed((heap.burden, burden)) if heap.burden is not NOTHING else burden

    def draw(self, place: str, lot: str, mass: int) -> Burden:
        """Take ``mass`` and its part of the burdens away. Overdrawing is a defect of whoever reports the facts."""
        heap = self._heaps.get((place, lot))
        if heap is None or not 0 <= mass <= heap.mass:
            raise ValueError(f"{mass} mg of {lot} do not lie at {place}")
        taken = heap.burden.part(mass, heap.mass) if heap.mass else heap.burden
        heap.mass -= mass
        if heap.mass:
            heap.burden = heap.burden.less(taken)
        else:
            del self._heaps[place, lot]
        return taken

    def total(self) -> Burden:
        return summed(heap.burden for heap in self._heaps.values())


@dataclass(frozen=True, slots=True)
class Factors:
    """What a process causes for each kilogram of dry product, in millionths of kilogram CO2e, litre, kilowatt-hour."""

    carbon: int = 0
    water: int = 0
    energy: int = 0

    def of(self, mass: int) -> Burden:
        """Burdens of making ``mass`` milligrams."""
        return Burden(mass * self.carbon // PPM, mass * self.water // PPM, mass * self.energy // PPM)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What may be said of one lot when it leaves the gate, per kilogram of product as weighed.

    ``carbon``: grams of CO2e by boundary; ``water``: millilitres (litres per tonne); ``energy``: watt-hours (kilowatt-
    hours per tonne), both cradle to gate. ``recycled``: parts per million by element of what the lot holds of it.
    ``allocation`` says how burdens were shared where the process has several products. Totals are the lot's own, dry.
    """

    carbon: Mapping[Boundary, int]
    water: int
    energy: int
    recycled: Mapping[str, Recycled]
    allocation: Allocation | None
    total: Burden
    own: Burden

    def recycled_share(self, elements: Mapping[str, int], mass: int) -> int:
        """Recycled matter in the mass of the lot, ppm: what is recycled of each element, by how much there is of it."""
        held = sum(
            (part.pre + part.post) * elements.get(element, 0) // PPM
            for element, part in self.recycled.items()
        )
        return held * PPM // mass if mass else 0


class Sustainability:
    """Follows the stream of facts and knows the footprint of every lot at the moment that it is made."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stock = Stock()
        sites = world.scenario.sites
        self._sites = {(site.facility, site.product): site for site in sites}
        self._makers = {site.product: site for site in reversed(sites)}
        self._markets = {site.facility for site in sites if site.kind == "market"}
        self._recyclers = {site.facility for site in sites if site.kind == "recycler"}
        self._transport: dict[int, int] = {}
        self.caused = NOTHING
        """Everything that processes and transport have caused."""
        self.gone = NOTHING
        """Burdens of what end customers took."""

    def on(self, fact: Fact) -> dict[str, Footprint]:
        """Take one fact in. Footprints by lot, for the lots that it made."""
        if isinstance(fact, Source):
            return {fact.lot.id: self._source(fact)}
        if isinstance(fact, Conversion):
            return self._conversion(fact)
        if isinstance(fact, Departure):
            for portion in fact.items:
                burden = self._stock.draw(fact.origin, portion.lot.id, portion.mass)
                self._stock.put(fact.consignment, portion.lot.id, portion.mass, burden)
        elif isinstance(fact, Arrival):
            self._arrival(fact)
        return {}

    def live(self) -> Burden:
        """Burdens of everything that exists."""
        return self._stock.total()

    def heaps(self) -> int:
        """How many heaps are remembered."""
        return len(self._stock)

    def _site(self, lot: Lot) -> SiteEntry | None:
        """The process that made a lot; for opening stock at another place, the process that makes such products."""
        return self._sites.get((lot.facility, lot.product)) or self._makers.get(lot.product)

    def _factors(self, lot: Lot) -> Factors:
        site = self._site(lot)
        found = (site.parameters.get(name) if site else None for name in ("carbon", "water", "energy"))
        return Factors(*(parameter.ppm if parameter else 0 for parameter in found))

    def _source(self, fact: Source) -> Footprint:
        """Goods from outside come with the cradle-to-gate figures that their seller states."""
        lot = fact.lot
        own = replace(self._factors(lot).of(lot.material.mass), recycled=self._bought_recycled(lot))
        self._cause(own)
        self._stock.put(fact.facility, lot.id, lot.material.mass, own)
        return _footprint(lot, own, own, None)

    def _bought_recycled(self, lot: Lot) -> dict[str, Recycled]:
        """Used goods that a recycler buys are post-consumer whole; others are what their seller states."""
        site = self._site(lot)
        if site is None:
            return {}
        if site.facility in self._recyclers:
            return {element: Recycled(post=amount) for element, amount in lot.material.elements.items()}
        stated = [site.parameters.get(name) for name in (_PRE, _POST)]
        if not any(stated):
            return {}
        pre, post = (parameter.ppm if parameter else 0 for parameter in stated)
        return {
            element: Recycled(amount * pre // PPM, amount * post // PPM)
            for element, amount in lot.material.elements.items()
        }

    def _conversion(self, fact: Conversion) -> dict[str, Footprint]:
        drawn = [self._draw(fact, portion) for portion in fact.inputs]
        owns = [self._factors(lot).of(lot.material.mass) for lot in fact.outputs]
        upstream = summed(drawn)
        self._cause(summed(owns))
        basis = self._world.scenario.accounting.allocation
        contents = [lot.material.elements for lot in fact.outputs]
        weights = [lot.material.mass for lot in fact.outputs]
        if basis == "element" and all(any(content.values()) for content in contents):
            weights = [sum(content.values()) for content in contents]
        shares = allocate(upstream, weights, contents, fact.losses)
        prints = {}
        for lot, own, share in zip(fact.outputs, owns, shares, strict=True):
            total = summed((share, own))
            self._stock.put(fact.facility, lot.id, lot.material.mass, total)
            prints[lot.id] = _footprint(lot, total, own, basis if len(fact.outputs) > 1 else None)
        return prints

    def _draw(self, fact: Conversion, portion: Portion) -> Burden:
        """Burdens of one input. What a recycler takes in from makers is scrap of making, whatever it was made of."""
        burden = self._stock.draw(fact.facility, portion.lot.id, portion.mass)
        if fact.facility not in self._recyclers:
            return burden
        recycled = {
            element: _collected(amount, burden.recycled.get(element, Recycled()))
            for element, amount in portion.elements.items()
            if amount
        }
        return replace(burden, recycled=recycled)

    def _arrival(self, fact: Arrival) -> None:
        """Transport emissions, grams per tonne-kilometre, fall on what arrives."""
        extra = self._transport.get(fact.route)
        if extra is None:
            scenario = self._world.scenario
            legs = scenario.routes[fact.route].legs
            extra = sum(leg.km * scenario.carbon[leg.mode].ppm // PPM for leg in legs)
            self._transport[fact.route] = extra
        for portion in fact.items:
            burden = self._stock.draw(fact.consignment, portion.lot.id, portion.mass)
            carried = Burden(carbon=portion.mass * extra // PPM)
            self._cause(carried)
            if fact.destination in self._markets:
                self.gone = summed((self.gone, burden, carried))
            else:
                self._stock.put(fact.destination, portion.lot.id, portion.mass, summed((burden, carried)))

    def _cause(self, burden: Burden) -> None:
        self.caused = summed((self.caused, burden))


_PRE, _POST = "recycled_pre_consumer", "recycled_post_consumer"
"""Parameters of suppliers: which part of each element of their product is recycled."""


def _collected(amount: int, known: Recycled) -> Recycled:
    """All of an element that a recycler recovers is recycled: used goods stay post-consumer, the rest is scrap."""
    post = min(known.post, amount)
    return Recycled(pre=amount - post, post=post)


def _footprint(lot: Lot, total: Burden, own: Burden, allocation: Allocation | None) -> Footprint:
    mass, moisture = lot.material.mass, lot.material.moisture

    def each(amount: int) -> int:
        return amount * _THOUSAND * (PPM - moisture) // (mass * PPM) if mass else 0

    recycled = {
        element: Recycled(part.pre * PPM // held, part.post * PPM // held)
        for element, part in sorted(total.recycled.items())
        if (held := lot.material.elements.get(element, 0))
    }
    return Footprint(
        carbon={"gate-to-gate": each(own.carbon), "cradle-to-gate": each(total.carbon)},
        water=each(total.water),
        energy=each(total.energy),
        recycled=recycled,
        allocation=allocation,
        total=total,
        own=own,
    )


def sustainability_row(lot: Lot, footprint: Footprint) -> dict[str, Any]:
    """The lot's footprint beside the facts of the ledger: totals of the lot, milligrams, microlitres, milliwatt-hours."""
    total, own = footprint.total, footprint.own
    return {
        "fact": "footprint",
        "lot": lot.id,
        "facility": lot.facility,
        "time": lot.made,
        "carbon": {"gate-to-gate": own.carbon, "cradle-to-gate": total.carbon},
        "water": {"gate-to-gate": own.water, "cradle-to-gate": total.water},
        "energy": {"gate-to-gate": own.energy, "cradle-to-gate": total.energy},
        "recycled": {e: {"pre": r.pre, "post": r.post} for e, r in sorted(total.recycled.items())},
        "allocation": footprint.allocation,
    }
