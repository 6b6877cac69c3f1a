"""Sustainability accounts: carbon, water, energy and recycled content of every lot, carried along from stage to stage.

Only goods that still exist are remembered, as burdens (see ``burdens``).

Boundaries: *gate-to-gate* is what a process itself causes, *cradle-to-gate* that and everything before it, transport
to the gate included. Where a process has several products, its burdens are allocated by mass or by contained elements;
losses and scrap carry none, and used goods start anew (cut-off). Recycled content is counted by element: pre-consumer
(scrap of making) and post-consumer (recovered from used products); it leaves with outputs and losses in proportion to
the element.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from assay.simulator.burdens import NOTHING, Burden, Factors, Recycled, Stock, allocate, summed
from assay.simulator.chemistry import PPM
from assay.simulator.facts import Arrival, Conversion, Departure, Fact, Lot, Portion, Source
from assay.simulator.sites import SiteEntry
from assay.simulator.world import World

__all__ = [
    "BOUNDARIES",
    "Allocation",
    "Boundary",
    "Footprint",
    "Sustainability",
    "Told",
    "recycled_part",
    "sustainability_row",
]

Boundary = Literal["gate-to-gate", "cradle-to-gate"]
BOUNDARIES: tuple[Boundary, ...] = get_args(Boundary)
Allocation = Literal["mass", "element"]

_THOUSAND = 1000


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


@dataclass(frozen=True, slots=True)
class Told:
    """What one fact tells: the footprint of each lot that it made, by name, and the burdens of each input, in order."""

    footprints: Mapping[str, Footprint] = field(default_factory=dict)
    drawn: tuple[Burden, ...] = ()


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
        self._waste, self._scrap = _by_products(sites)
        self._transport: dict[int, int] = {}
        self._factors: dict[tuple[str, str], Factors] = {}
        self.caused = NOTHING
        """Everything that processes and transport have caused."""
        self.gone = NOTHING
        """Burdens of what end customers took, or of batches that failed."""

    def on(self, fact: Fact) -> Told:
        """Take one fact in."""
        if isinstance(fact, Source):
            return Told({fact.lot.id: self._source(fact)})
        if isinstance(fact, Conversion):
            return self._conversion(fact)
        if isinstance(fact, Departure):
            for portion in fact.items:
                used = fact.origin in self._markets
                burden = _USED if used else self._stock.draw(fact.origin, portion.lot.id, portion.mass)
                self._stock.put(fact.consignment, portion.lot.id, portion.mass, burden)
        elif isinstance(fact, Arrival):
            self._arrival(fact)
        return Told()

    def live(self) -> Burden:
        """Burdens of everything that exists."""
        return self._stock.total()

    def heaps(self) -> int:
        """How many heaps are remembered."""
        return len(self._stock)

    def _site(self, lot: Lot) -> SiteEntry | None:
        """The process that made a lot; for opening stock at another place, the process that makes such products."""
        return self._sites.get((lot.facility, lot.product)) or self._makers.get(lot.product)

    def _of_process(self, lot: Lot) -> Factors:
        """What the process that made a lot causes."""
        key = lot.facility, lot.product
        known = self._factors.get(key)
        if known is None:
            site = self._site(lot)
            found = (site.parameters.get(name) if site else None for name in ("carbon", "water", "energy"))
            known = Factors(*(parameter.ppm if parameter else 0 for parameter in found))
            self._factors[key] = known
        return known

    def _source(self, fact: Source) -> Footprint:
        """Goods from outside come with the cradle-to-gate figures that their seller states."""
        lot = fact.lot
        own = self._of_process(lot).of(lot.material.mass)._replace(recycled=self._bought_recycled(lot))
        self._cause(own)
        self._stock.put(fact.facility, lot.id, lot.material.mass, own)
        return _footprint(lot, own, own, None)

    def _bought_recycled(self, lot: Lot) -> dict[str, Recycled]:
        """What the seller states of recycled content."""
        site = self._site(lot)
        stated = [site.parameters.get(name) if site else None for name in (_PRE, _POST)]
        if not any(stated):
            return {}
        pre, post = (parameter.ppm if parameter else 0 for parameter in stated)
        return {
            element: Recycled(amount * pre // PPM, amount * post // PPM)
            for element, amount in lot.material.elements.items()
        }

    def _conversion(self, fact: Conversion) -> Told:
        drawn = tuple(self._draw(fact, portion) for portion in fact.inputs)
        upstream = summed(drawn)
        if not fact.outputs:
            self.gone = summed((self.gone, upstream))
            return Told({}, drawn)
        main = fact.outputs[0]
        own = self._of_process(main).of(main.material.mass)
        self._cause(own)
        contents = [lot.material.elements for lot in fact.outputs]
        weights = self._weights(fact.outputs)
        shares = allocate(upstream, weights, contents, fact.losses)
        owns = allocate(own, weights, contents, {})
        basis = self._world.scenario.accounting.allocation if sum(map(bool, weights)) > 1 else None
        prints = {}
        for lot, mine, share in zip(fact.outputs, owns, shares, strict=True):
            total = summed((share, mine))
            self._stock.put(fact.facility, lot.id, lot.material.mass, total)
            prints[lot.id] = _footprint(lot, total, mine, basis)
        return Told(prints, drawn)

    def _weights(self, outputs: Sequence[Lot]) -> list[int]:
        """By what burdens are shared: masses, or contained elements where every product holds some; none for waste."""
        products = [lot for lot in outputs if (lot.facility, lot.product) not in self._waste]
        by_element = self._world.scenario.accounting.allocation == "element" and all(
            any(lot.material.elements.values()) for lot in products
        )
        weights = [
            sum(lot.material.elements.values()) if by_element else lot.material.mass for lot in outputs
        ]
        if not products:
            return weights
        return [weight if lot in products else 0 for lot, weight in zip(outputs, weights, strict=True)]

    def _draw(self, fact: Conversion, portion: Portion) -> Burden:
        """Burdens of one input. Used goods that reach a recycler, and scrap that others work up, become recycled matter."""
        lot, origin = portion.lot, (portion.lot.facility, portion.lot.product)
        burden = self._stock.draw(fact.facility, lot.id, portion.mass)
        scrap = origin in self._scrap
        if fact.facility in self._recyclers:
            post = not scrap and lot.kind in _USED_KINDS
        elif scrap and lot.facility != fact.facility:
            post = False
        else:
            return burden
        recycled = {
            element: Recycled(post=amount) if post else _collected(amount, burden.recycled.get(element))
            for element, amount in portion.elements.items()
            if amount
        }
        return burden._replace(recycled=recycled)

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
            if fact.destination in self._markets:  # customers: what comes back from them starts anew
                self.gone = summed((self.gone, burden, carried))
            else:
                self._stock.put(fact.destination, portion.lot.id, portion.mass, summed((burden, carried)))

    def _cause(self, burden: Burden) -> None:
        self.caused = summed((self.caused, burden))


_PRE, _POST = "recycled_pre_consumer", "recycled_post_consumer"
"""Parameters of suppliers: which part of each element of their product is recycled."""


_USED = Burden()
_USED_KINDS = frozenset({"supplier", "pack"})
"""Kinds of goods that only reach a recycler after use: what collectors sell, and packs."""


def _by_products(sites: Iterable[SiteEntry]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Facility and product of waste (by-products that are a mixture of what was left over), and of all scrap."""
    waste, scrap = set(), set()
    for site in sites:
        for product, entry in site.by_products.items():
            if entry.compound is None:
                waste.add((site.facility, product))
            if entry.compound is None or "scrap" in product.split("-"):
                scrap.add((site.facility, product))
    return waste, scrap


def _collected(amount: int, known: Recycled | None) -> Recycled:
    """All of an element in scrap that others work up is recycled: what was in used goods before stays so."""
    post = min(known.post, amount) if known is not None else 0
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


def recycled_part(parts: Iterable[tuple[Portion, Burden]], element: str | None = None) -> int:
    """How much of some inputs (or of one element in them) is recycled matter, ppm."""
    held = recycled = 0
    for portion, burden in parts:
        held += portion.mass if element is None else portion.elements.get(element, 0)
        for name, part in burden.recycled.items():
            if element in (None, name):
                recycled += part.pre + part.post
    return min(recycled * PPM // held, PPM) if held else 0


def sustainability_row(lot: Lot, footprint: Footprint) -> dict[str, Any]:
    """The lot's footprint as a row beside the ledger: totals of the lot, milligrams, microlitres, milliwatt-hours."""
    total, own = footprint.total, footprint.own
    return {
        "account": "footprint",
        "lot": lot.id,
        "facility": lot.facility,
        "time": lot.made,
        "carbon": {"gate-to-gate": own.carbon, "cradle-to-gate": total.carbon},
        "water": {"gate-to-gate": own.water, "cradle-to-gate": total.water},
        "energy": {"gate-to-gate": own.energy, "cradle-to-gate": total.energy},
        "recycled": {e: {"pre": r.pre, "post": r.post} for e, r in sorted(total.recycled.items())},
        "allocation": footprint.allocation,
    }
