"""What parties put on paper: honest claims, drawn from measurements. Free of any credential format.

Masses are grams as weighed, grades ten-millionths of dry mass (see ``measurements.GRADE_SCALE``), shares parts per million, carbon
milligrams of CO2e per gram of product as weighed (which is grams per kilogram). A later deception changes these claims
and nothing below them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Conversion, Departure, Journey, Lot, Portion, Source
from assay.simulator.measurements import assay, weigh
from assay.simulator.randomness import Stream
from assay.simulator.scenario import Parameter
from assay.simulator.world import World

__all__ = [
    "BatchClaim",
    "Claims",
    "Ingredient",
    "MakeClaim",
    "MoveClaim",
    "Quantity",
    "SiteClaim",
    "StockClaim",
    "make_claims",
]

_STOCKTAKE = timedelta(days=1)
"""From the stocktake to the moment at which the world is looked at (assumption)."""
_RESULT_DELAY = timedelta(hours=20)
"""From the end of a batch to the laboratory's result and the certifier's visit (assumption)."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Grams of one lot, as weighed at this point."""

    lot: str
    grams: int


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A material of a product: which product, made or mined in which country, and its share of the mass (ppm)."""

    product: str
    country: str
    share: int
    element: str | None = None
    """Set where only this element of the material ended up in the product."""


@dataclass(frozen=True, slots=True)
class BatchClaim:
    """What the passport of a batch or item says."""

    lot: str
    made: datetime
    assessed: datetime
    grams: int
    grades: Mapping[str, int]
    moisture: int
    watt_hours: int
    carbon: int
    diligence: int
    """Share of input mass from suppliers with a due diligence file, tenths of a percent."""
    ingredients: tuple[Ingredient, ...]
    upstream: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteClaim:
    """Measured performance of a facility by criterion, for the year before the scenario starts."""

    facility: str
    values: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class MakeClaim:
    """Inputs became outputs at a facility."""

    facility: str
    time: datetime
    inputs: tuple[Quantity, ...]
    outputs: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class MoveClaim:
    """A consignment, weighed by the sender and again by the receiver (empty while on the way)."""

    consignment: str
    route: int
    departed: datetime
    sent: tuple[Quantity, ...]
    arrived: datetime | None
    received: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class StockClaim:
    """What was counted and weighed at a facility in a stocktake."""

    facility: str
    time: datetime
    stock: tuple[Quantity, ...]


@dataclass(slots=True)
class Claims:
    """Everything that is said about a world."""

    batches: dict[str, BatchClaim] = field(default_factory=dict)
    sites: dict[str, SiteClaim] = field(default_factory=dict)
    makes: list[MakeClaim] = field(default_factory=list)
    moves: list[MoveClaim] = field(default_factory=list)
    stocks: list[StockClaim] = field(default_factory=list)


def _measured(world: World, entity: str, parameter: Parameter, places: int) -> Decimal:
    """A yearly figure: the parameter with its spread, rounded to ``places`` decimals."""
    value = parameter.ppm
    if parameter.spread_ppm:
        value = Stream(world.seed, entity, "performance").around(value, parameter.spread_ppm)
    return (Decimal(value) / PPM).quantize(Decimal(1).scaleb(-places))


def make_claims(world: World) -> Claims:
    """Go through the ledger in order and say honestly what was measured."""
    claims = Claims()
    for facility, criterion, parameter in _performances(world):
        value = _measured(world, f"{facility}/{criterion}", parameter, 3 if parameter.value < 1 else 1)
        known = claims.sites.get(facility)
        claims.sites[facility] = SiteClaim(facility, {**(known.values if known else {}), criterion: value})
    carbon = _Carbon(world)
    journeys = {journey.consignment: journey for journey in world.ledger.journeys()}
    for fact in world.ledger.facts:
        if isinstance(fact, Source):
            claims.batches[fact.lot.id] = _batch(world, fact.lot, (), carbon)
        elif isinstance(fact, Conversion):
            for lot in fact.outputs:
                claims.batches[lot.id] = _batch(world, lot, fact.inputs, carbon)
            claims.makes.append(_make(world, claims, fact))
        elif isinstance(fact, Departure):
            claims.moves.append(_move(world, journeys[fact.consignment]))
            carbon.carry(journeys[fact.consignment])
    claims.stocks.extend(_stocktake(world))
    return claims


def _stocktake(world: World) -> Iterator[StockClaim]:
    """Every plant counts its stock once, a day before the end: what a mass balance closes with."""
    moment = world.scenario.as_of - _STOCKTAKE
    minutes = int((moment - world.scenario.start).total_seconds()) // 60
    plants = {fact.facility for fact in world.ledger.conversions()}
    for facility, lots in world.ledger.holdings(minutes).items():
        portions = [Portion(world.ledger.lots[lot], mass, {}) for lot, mass in sorted(lots.items())]
        if facility in plants and portions:
            name = f"{facility}|stocktake"
            yield StockClaim(facility, moment, tuple(_quantity(world, portion, name) for portion in portions))


def _performances(world: World) -> Iterator[tuple[str, str, Parameter]]:
    for site in world.scenario.sites:
        for criterion, parameter in site.performance.items():
            yield site.facility, criterion, parameter


def _quantity(world: World, portion: Portion, event: str) -> Quantity:
    name, moisture = portion.lot.id, portion.lot.material.moisture
    return Quantity(name, weigh(portion.mass, moisture, Stream(world.seed, f"{event}|{name}", "scale")))


def _make(world: World, claims: Claims, fact: Conversion) -> MakeClaim:
    event = fact.outputs[0].id
    outputs = tuple(Quantity(lot.id, claims.batches[lot.id].grams) for lot in fact.outputs)
    inputs = tuple(_quantity(world, portion, event) for portion in fact.inputs)
    return MakeClaim(fact.facility, world.moment(fact.time), inputs, outputs)


def _move(world: World, fact: Journey) -> MoveClaim:
    sent = tuple(_quantity(world, portion, f"{fact.consignment}|sent") for portion in fact.items)
    arrived = world.moment(fact.arrived) if fact.arrived is not None else None
    received: tuple[Quantity, ...] = ()
    if arrived is not None:
        received = tuple(_quantity(world, portion, f"{fact.consignment}|received") for portion in fact.items)
    return MoveClaim(fact.consignment, fact.route, world.moment(fact.departed), sent, arrived, received)


def _batch(world: World, lot: Lot, inputs: tuple[Portion, ...], carbon: _Carbon) -> BatchClaim:
    result = assay(lot, Stream(world.seed, lot.id, "assay"))
    grams = weigh(lot.material.mass, lot.material.moisture, Stream(world.seed, lot.id, "scale"))
    made = world.moment(lot.made)
    return BatchClaim(
        lot=lot.id,
        made=made,
        assessed=made + _RESULT_DELAY,
        grams=grams,
        grades=result.grades,
        moisture=result.moisture,
        watt_hours=lot.material.energy,
        carbon=carbon.of(lot, inputs),
        diligence=960 + Stream(world.seed, lot.id, "diligence").below(41),
        ingredients=tuple(_ingredients(world, lot, inputs)),
        upstream=tuple(dict.fromkeys(portion.lot.id for portion in inputs)),
    )


def _ingredients(world: World, lot: Lot, inputs: tuple[Portion, ...]) -> Iterator[Ingredient]:
    """Materials by share of mass: what was put together by mass as such, what was refined by the element that it brought."""
    by_source: dict[tuple[str, str], int] = {}
    for portion in inputs:
        source = portion.lot
        key = (source.product, world.facilities[source.facility].nation)
        by_source[key] = by_source.get(key, 0) + portion.mass
    total = sum(by_source.values())
    for (product, country), mass in by_source.items():
        if lot.kind != "cathode":
            yield Ingredient(product, country, mass * PPM // total)
        elif element := _carried_element(inputs, product, lot):
            yield Ingredient(
                product, country, lot.material.elements[element] * PPM // lot.material.mass, element
            )


def _carried_element(inputs: tuple[Portion, ...], product: str, lot: Lot) -> str | None:
    """The element that an input brings into a compound: the one it holds most of among those of the product."""
    held: dict[str, int] = {}
    for portion in inputs:
        if portion.lot.product == product:
            for element, amount in portion.elements.items():
                held[element] = held.get(element, 0) + amount
    known = [element for element in held if element in lot.material.elements]
    return max(known, key=lambda element: (held[element], element)) if known else None


class _Carbon:
    """Cradle-to-gate emissions, carried along with the goods: micrograms of CO2e per milligram of dry product (ppm)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[str, int] = {}
        self._carried: dict[tuple[str, str], int] = {}
        """Extra per lot and facility that it was carried to."""

    def carry(self, journey: Journey) -> None:
        """Add the emissions of a journey to what arrives. Grams per tonne-kilometre are micrograms per gram-kilometre."""
        scenario = self._world.scenario
        legs = scenario.routes[journey.route].legs
        extra = sum(leg.km * scenario.carbon[leg.mode].ppm // PPM for leg in legs)  # g per t = ug per g = ppm
        for portion in journey.items:
            before = self._carried.get((portion.lot.id, journey.origin), 0)
            self._carried[portion.lot.id, journey.destination] = before + extra

    def of(self, lot: Lot, inputs: tuple[Portion, ...]) -> int:
        """Grams of CO2e per kilogram of product as weighed."""
        parameter = self._world.site(lot.facility, lot.product).parameters.get("carbon")
        total = lot.material.mass * (parameter.ppm if parameter else 0) // PPM
        for portion in inputs:
            each = self._made[portion.lot.id] + self._carried.get((portion.lot.id, lot.facility), 0)
            total += portion.mass * each // PPM
        self._made[lot.id] = total * PPM // lot.material.mass
        as_weighed = self._made[lot.id] * (PPM - lot.material.moisture) // PPM
        return as_weighed // 1000
