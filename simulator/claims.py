"""What parties put on paper: honest claims, drawn from measurements, as facts come in.

A later deception changes these claims and nothing below them. Producers remember only what is still alive: lots that
are not used up, consignments on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from assay.simulator.burdens import Burden
from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import (
    BatchClaim,
    Claim,
    Ingredient,
    MakeClaim,
    MoveClaim,
    Producer,
    Quantity,
    SiteClaim,
    StockClaim,
)
from assay.simulator.custody_books import CustodyBooks
from assay.simulator.export_watch import ExportWatch
from assay.simulator.facts import Arrival, Conversion, Departure, Fact, Lot, Portion, Source, Stocktake
from assay.simulator.measurements import assay, weigh
from assay.simulator.randomness import Stream
from assay.simulator.sites import Parameter
from assay.simulator.sustainability import Sustainability, Told, recycled_part
from assay.simulator.world import World

__all__ = [
    "PRODUCERS",
    "BatchClaim",
    "Claim",
    "Claims",
    "Ingredient",
    "MakeClaim",
    "MoveClaim",
    "Producer",
    "Quantity",
    "SiteClaim",
    "StockClaim",
    "claims_of",
    "make_claims",
    "site_claims",
]

_SITE_VISIT = timedelta(days=30)
"""From the yearly figures of a site to the scenario's start (assumption)."""
_STOCKTAKE = timedelta(days=1)
"""From the stocktake to the moment at which the world is looked at (assumption)."""
_RESULT_DELAY = timedelta(hours=20)
"""From the end of a batch to the laboratory's result and the certifier's visit (assumption)."""


def claims_of(world: World, facts: Iterable[Fact]) -> Iterator[Claim]:
    """Say honestly what was measured, fact by fact: first the sites, then what every producer has to say."""
    yield from site_claims(world)
    producers = [make(world) for make in PRODUCERS]
    for fact in facts:
        for producer in producers:
            yield from producer.on(fact)
    for producer in producers:
        yield from producer.end()


def site_claims(world: World) -> Iterator[SiteClaim]:
    """Yearly figures of every site that states any."""
    values: dict[str, dict[str, Decimal]] = {}
    for site in world.scenario.sites:
        for criterion, parameter in site.performance.items():
            places = 3 if parameter.value < 1 else 1
            figure = _measured(world, f"{site.facility}/{criterion}", parameter, places)
            values.setdefault(site.facility, {})[criterion] = figure
    for facility, figures in values.items():
        yield SiteClaim(facility, world.scenario.start - _SITE_VISIT, figures)


def _measured(world: World, entity: str, parameter: Parameter, places: int) -> Decimal:
    """A yearly figure: the parameter with its spread, rounded to ``places`` decimals."""
    value = parameter.ppm
    if parameter.spread_ppm:
        value = Stream(world.seed, entity, "performance").around(value, parameter.spread_ppm)
    return (Decimal(value) / PPM).quantize(Decimal(1).scaleb(-places))


def _quantity(world: World, portion: Portion, event: str) -> Quantity:
    lot = portion.lot
    stream = Stream(world.seed, f"{event}|{lot.id}", "scale")
    return Quantity(lot, weigh(portion.mass, lot.material.moisture, stream))


class _Batches:
    """What came into being, from what. A make event is told of before the batches that it made.

    What was mined or bought in comes without make event: UNTP wants inputs in one (DTE-012), and these are not simulated.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._burdens = Sustainability(world)
        self._custody = CustodyBooks(world)

    def on(self, fact: Fact) -> Iterator[Claim]:
        told = self._burdens.on(fact)
        yield from self._custody.on(fact)
        if isinstance(fact, Source):
            yield self._batch(fact.lot, fact.time, (), told)
        elif isinstance(fact, Conversion) and fact.outputs:
            batches = [self._batch(lot, fact.time, fact.inputs, told) for lot in fact.outputs]
            event = fact.outputs[0].id
            inputs = tuple(_quantity(self._world, portion, event) for portion in fact.inputs)
            outputs = tuple(Quantity(batch.lot, batch.grams) for batch in batches)
            yield MakeClaim(fact.facility, self._world.moment(fact.time), inputs, outputs)
            yield from batches

    def end(self) -> Iterator[Claim]:
        scenario = self._world.scenario
        last = scenario.as_of - _STOCKTAKE  # what is issued because of it is still valid at the end
        return self._custody.end(int((last - scenario.start).total_seconds()) // 60)

    def _batch(self, lot: Lot, time: int, inputs: tuple[Portion, ...], told: Told) -> BatchClaim:
        world = self._world
        result = assay(lot, Stream(world.seed, lot.id, "assay"))
        made = world.moment(lot.made)
        return BatchClaim(
            lot=lot,
            time=world.moment(time),
            made=made,
            assessed=made + _RESULT_DELAY,
            grams=weigh(lot.material.mass, lot.material.moisture, Stream(world.seed, lot.id, "scale")),
            grades=result.grades,
            moisture=result.moisture,
            watt_hours=lot.material.energy,
            footprint=told.footprints[lot.id],
            diligence=960 + Stream(world.seed, lot.id, "diligence").below(41),
            ingredients=tuple(_ingredients(world, lot, inputs, told.drawn)),
            upstream=tuple({portion.lot.id: portion.lot for portion in inputs}.values()),
            custody=self._custody.claim(lot),
        )


_COMPOUNDS = frozenset({"cathode", "hydromet"})
"""Plants whose products take up other matter (oxygen, water, sulphate): their materials are elements."""


def _ingredients(
    world: World, lot: Lot, inputs: tuple[Portion, ...], drawn: tuple[Burden, ...]
) -> Iterator[Ingredient]:
    """Materials by share of mass: what was put together by mass as such, what was refined by the element that it brought.

    Where several materials brought the same element (two origins, or a salt beside a recycled one), the product's content of
    it is split by what each brought.
    """
    by_source: dict[tuple[str, str], list[tuple[Portion, Burden]]] = {}
    for portion, burden in zip(inputs, drawn, strict=True):
        key = (portion.lot.product, world.facilities[portion.lot.facility].nation)
        by_source.setdefault(key, []).append((portion, burden))
    total = sum(portion.mass for portion in inputs)
    if lot.kind not in _COMPOUNDS and total >= lot.material.mass:
        for (product, country), parts in by_source.items():
            share = sum(portion.mass for portion, _ in parts) * PPM // total
            yield Ingredient(product, country, share, recycled=recycled_part(parts))
        return
    carried = {product: _carried_element(inputs, product, lot) for product, _ in by_source}
    brought = {
        key: sum(portion.elements.get(element, 0) for portion, _ in parts)
        for key, parts in by_source.items()
        if (element := carried[key[0]])
    }
    for (product, country), amount in brought.items():
        element = carried[product]
        of_all = sum(other for key, other in brought.items() if carried[key[0]] == element)
        if element and of_all:
            share = lot.material.elements[element] * PPM * amount // (lot.material.mass * of_all)
            parts = by_source[product, country]
            yield Ingredient(product, country, share, element, recycled_part(parts, element))


def _carried_element(inputs: tuple[Portion, ...], product: str, lot: Lot) -> str | None:
    """The element that an input brings into a compound: the one it holds most of among those of the product."""
    held: dict[str, int] = {}
    for portion in inputs:
        if portion.lot.product == product:
            for element, amount in portion.elements.items():
                held[element] = held.get(element, 0) + amount
    known = [element for element in held if element in lot.material.elements]
    return max(known, key=lambda element: (held[element], element)) if known else None


class _Moves:
    """Consignments: what the sender says when it leaves, and what the receiver says when it is there."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._away: dict[str, MoveClaim] = {}

    def on(self, fact: Fact) -> Iterator[Claim]:
        if isinstance(fact, Departure):
            sent = tuple(
                _quantity(self._world, portion, f"{fact.consignment}|sent") for portion in fact.items
            )
            move = MoveClaim(fact.consignment, fact.route, self._world.moment(fact.departed), sent)
            self._away[fact.consignment] = move
            yield move
        elif isinstance(fact, Arrival):
            move = self._away.pop(fact.consignment)
            received = tuple(
                _quantity(self._world, portion, f"{fact.consignment}|received") for portion in fact.items
            )
            arrived = self._world.moment(fact.arrived)
            yield MoveClaim(move.consignment, move.route, move.departed, move.sent, arrived, received)

    def end(self) -> Iterator[Claim]:
        return iter(())


class _Stocktakes:
    """What plants count: at every stocktake, or once, a day before the end, where the scenario takes no stock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._moment = world.scenario.as_of - _STOCKTAKE
        self._until = int((self._moment - world.scenario.start).total_seconds()) // 60
        self._held: dict[str, dict[str, tuple[Lot, int]]] = {}
        self._plants: dict[str, None] = {}
        self._counted = False

    def on(self, fact: Fact) -> Iterator[Claim]:
        if isinstance(fact, Stocktake):
            self._counted = True
            moment = self._world.moment(fact.time)
            name = f"{fact.facility}|stocktake|{fact.time}"
            if fact.items:
                stock = tuple(_quantity(self._world, portion, name) for portion in fact.items)
                yield StockClaim(fact.facility, moment, stock)
        elif not self._counted:
            self._follow(fact)

    def _follow(self, fact: Fact) -> None:
        until = self._until
        if isinstance(fact, Source):
            if fact.time <= until:
                self._change(fact.facility, fact.lot, fact.lot.material.mass)
        elif isinstance(fact, Conversion):
            self._plants[fact.facility] = None
            if fact.started <= until:
                self._less(fact.facility, fact.inputs)
            if fact.time <= until:
                for lot in fact.outputs:
                    self._change(fact.facility, lot, lot.material.mass)
        elif isinstance(fact, Departure) and fact.departed <= until:
            self._less(fact.origin, fact.items)
        elif isinstance(fact, Arrival) and fact.arrived <= until:
            for portion in fact.items:
                self._change(fact.destination, portion.lot, portion.mass)

    def _less(self, facility: str, portions: tuple[Portion, ...]) -> None:
        for portion in portions:
            self._change(facility, portion.lot, -portion.mass)

    def _change(self, facility: str, lot: Lot, mass: int) -> None:
        here = self._held.setdefault(facility, {})
        left = here.get(lot.id, (lot, 0))[1] + mass
        if left:
            here[lot.id] = (lot, left)
        else:
            here.pop(lot.id, None)

    def end(self) -> Iterator[Claim]:
        if self._counted:
            return
        for facility in self._plants:
            held = self._held.get(facility, {})
            portions = [Portion(lot, mass, {}) for _, (lot, mass) in sorted(held.items())]
            if portions:
                name = f"{facility}|stocktake"
                stock = tuple(_quantity(self._world, portion, name) for portion in portions)
                yield StockClaim(facility, self._moment, stock)


PRODUCERS = (ExportWatch, _Batches, _Moves, _Stocktakes)
"""Everybody who has something to say, in the order in which they are asked: called with the world, each a :class:`Producer`."""


@dataclass(slots=True)
class Claims:
    """Everything that is said about a small world."""

    batches: dict[str, BatchClaim] = field(default_factory=dict)
    sites: dict[str, SiteClaim] = field(default_factory=dict)
    makes: list[MakeClaim] = field(default_factory=list)
    stocks: list[StockClaim] = field(default_factory=list)
    others: list[Claim] = field(default_factory=list)
    _moves: dict[str, MoveClaim] = field(default_factory=dict)

    @property
    def moves(self) -> list[MoveClaim]:
        """Every consignment once, as it was last told of."""
        return list(self._moves.values())

    def add(self, claim: Claim) -> None:
        if isinstance(claim, BatchClaim):
            self.batches[claim.lot.id] = claim
        elif isinstance(claim, SiteClaim):
            self.sites[claim.facility] = claim
        elif isinstance(claim, MakeClaim):
            self.makes.append(claim)
        elif isinstance(claim, MoveClaim):
            self._moves[claim.consignment] = claim
        elif isinstance(claim, StockClaim):
            self.stocks.append(claim)
        else:
            self.others.append(claim)


def make_claims(world: World) -> Claims:
    """Everything that is said about a world whose facts were collected."""
    claims = Claims()
    for claim in claims_of(world, world.ledger.facts):
        claims.add(claim)
    return claims
