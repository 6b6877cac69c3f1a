"""What physically happened: lots, draws from lots, conversions, journeys and stocktakes, in milligrams of contained element.

Facts come in order of time and carry what they speak of, so that a reader of the stream needs to remember nothing. The
ledger collects them for small worlds. It is append-only and exactly balanced: for every element, what was extracted or
bought in equals what is in stock, in work, on the way, or lost. Masses are dry milligrams, times are whole minutes
since the scenario's start. Nothing here is ever published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "Arrival",
    "Conversion",
    "Departure",
    "Fact",
    "Granularity",
    "Imbalance",
    "Journey",
    "Ledger",
    "Lot",
    "Material",
    "Origin",
    "Portion",
    "Source",
    "Stocktake",
    "fact_row",
]

Granularity = Literal["batch", "item"]
Origin = Literal["mined", "bought", "opening", "unrecorded"]
"""Mined from the ground there, bought from somebody whose own inputs are not simulated, there before the scenario began, or
brought from a place that no paper names."""


class Imbalance(RuntimeError):
    """A defect of the simulator itself: an element appeared from nowhere or a lot was overdrawn."""


@dataclass(frozen=True, slots=True)
class Material:
    """Stuff without identity: dry milligrams, moisture (parts per million as weighed), milligrams by element, watt-hours."""

    mass: int
    moisture: int = 0
    elements: Mapping[str, int] = field(default_factory=dict)
    energy: int = 0


@dataclass(frozen=True, slots=True)
class Lot:
    """A batch or item with identity, as it was when made. Lots are the same when their names are."""

    id: str
    product: str
    facility: str
    kind: str
    number: int
    made: int
    material: Material = field(compare=False)
    granularity: Granularity = "batch"
    off_spec: bool = False
    """Made, but not to specification: it is reworked, or comes back from the buyer."""


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of a lot: dry milligrams and milligrams by element."""

    lot: Lot
    mass: int
    elements: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A lot entered the world."""

    lot: Lot
    facility: str
    started: int
    time: int
    origin: Origin = "mined"


@dataclass(frozen=True, slots=True)
class Conversion:
    """Portions became lots; what did not is lost. ``losses`` are milligrams by element, never negative.

    Inputs were drawn when the batch was ``started``; the fact stands in the stream when it ended (``time``).
    """

    facility: str
    number: int
    started: int
    time: int
    inputs: tuple[Portion, ...]
    outputs: tuple[Lot, ...]
    losses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Departure:
    """A consignment left a facility. ``route`` is the place of the route in the scenario."""

    consignment: str
    route: int
    origin: str
    destination: str
    departed: int
    items: tuple[Portion, ...]

    @property
    def time(self) -> int:
        return self.departed


@dataclass(frozen=True, slots=True)
class Arrival:
    """A consignment reached a facility."""

    consignment: str
    route: int
    origin: str
    destination: str
    departed: int
    arrived: int
    items: tuple[Portion, ...]

    @property
    def time(self) -> int:
        return self.arrived


@dataclass(frozen=True, slots=True)
class Stocktake:
    """Everything that lies at a facility at a moment: nothing in work, nothing on the way. One portion for each lot."""

    facility: str
    time: int
    items: tuple[Portion, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """A consignment from departure to arrival (``arrived`` is None while it is on the way). A view, not a fact."""

    consignment: str
    route: int
    origin: str
    destination: str
    departed: int
    arrived: int | None
    items: tuple[Portion, ...]


Fact = Source | Conversion | Departure | Arrival | Stocktake


@dataclass(slots=True)
class Ledger:
    """Everything that happened, in the order in which it happened. For worlds that fit into memory."""

    lots: dict[str, Lot] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)

    def add(self, fact: Fact) -> None:
        """Write down a fact and the lots that it brought into being. Raises :class:`Imbalance` for a lot made twice."""
        if isinstance(fact, Source):
            self._add_lot(fact.lot)
        elif isinstance(fact, Conversion):
            for lot in fact.outputs:
                self._add_lot(lot)
        self.facts.append(fact)

    def _add_lot(self, lot: Lot) -> None:
        if lot.id in self.lots:
            raise Imbalance(f"lot {lot.id} was made twice")
        self.lots[lot.id] = lot

    def sources(self) -> Iterator[Source]:
        return (fact for fact in self.facts if isinstance(fact, Source))

    def conversions(self) -> Iterator[Conversion]:
        return (fact for fact in self.facts if isinstance(fact, Conversion))

    def departures(self) -> Iterator[Departure]:
        return (fact for fact in self.facts if isinstance(fact, Departure))

    def arrivals(self) -> Iterator[Arrival]:
        return (fact for fact in self.facts if isinstance(fact, Arrival))

    def stocktakes(self) -> Iterator[Stocktake]:
        return (fact for fact in self.facts if isinstance(fact, Stocktake))

    def journeys(self) -> Iterator[Journey]:
        """Every consignment with both its ends, in order of departure."""
        arrived = {fact.consignment: fact.arrived for fact in self.arrivals()}
        for leg in self.departures():
            end = arrived.get(leg.consignment)
            yield Journey(
                leg.consignment, leg.route, leg.origin, leg.destination, leg.departed, end, leg.items
            )

    def stock(self) -> dict[str, Counter[str]]:
        """Closing stock by facility and element, recomputed from the facts alone (the kernel's stores must agree).

        What is in work at the end counts as lying where it is worked on.
        """
        held: dict[str, Counter[str]] = {}
        for fact in self.facts:
            if isinstance(fact, Source):
                held.setdefault(fact.facility, Counter()).update(fact.lot.material.elements)
            elif isinstance(fact, Conversion):
                here = held.setdefault(fact.facility, Counter())
                for portion in fact.inputs:
                    here.subtract(portion.elements)
                for lot in fact.outputs:
                    here.update(lot.material.elements)
            elif isinstance(fact, Departure):
                here = held.setdefault(fact.origin, Counter())
                for portion in fact.items:
                    here.subtract(portion.elements)
            elif isinstance(fact, Arrival):
                here = held.setdefault(fact.destination, Counter())
                for portion in fact.items:
                    here.update(portion.elements)
        return held

    def holdings(self, until: int) -> dict[str, dict[str, int]]:
        """What lies at each facility at a moment: dry milligrams by lot, without what is used up or sent away."""
        held: dict[str, Counter[str]] = {}
        for fact in self.facts:
            if isinstance(fact, Source):
                if fact.time <= until:
                    held.setdefault(fact.facility, Counter())[fact.lot.id] += fact.lot.material.mass
            elif isinstance(fact, Conversion):
                here = held.setdefault(fact.facility, Counter())
                if fact.started <= until:
                    for portion in fact.inputs:
                        here[portion.lot.id] -= portion.mass
                if fact.time <= until:
                    here.update({lot.id: lot.material.mass for lot in fact.outputs})
            elif isinstance(fact, Departure) and fact.departed <= until:
                here = held.setdefault(fact.origin, Counter())
                for portion in fact.items:
                    here[portion.lot.id] -= portion.mass
            elif isinstance(fact, Arrival) and fact.arrived <= until:
                here = held.setdefault(fact.destination, Counter())
                for portion in fact.items:
                    here[portion.lot.id] += portion.mass
        return {
            facility: {lot: mass for lot, mass in lots.items() if mass} for facility, lots in held.items()
        }

    def balance(self) -> dict[str, int]:
        """Milligrams by element that are unaccounted for: sources less stock, goods on the way and losses. All zero."""
        left: Counter[str] = Counter()
        for fact in self.facts:
            if isinstance(fact, Source):
                left.update(fact.lot.material.elements)
            elif isinstance(fact, Conversion):
                left.subtract(fact.losses)
            elif isinstance(fact, Departure):
                for portion in fact.items:
                    left.subtract(portion.elements)
            elif isinstance(fact, Arrival):
                for portion in fact.items:
                    left.update(portion.elements)
        for held in self.stock().values():
            left.subtract(held)
        return dict(left)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The ledger as plain rows, one per fact, for ``ledger.jsonl``."""
        return map(fact_row, self.facts)


def fact_row(fact: Fact) -> dict[str, Any]:
    """One fact as a plain row for ``ledger.jsonl``. ``fact`` names its kind, ``time`` is when it stood in the stream."""
    if isinstance(fact, Source):
        return {
            "fact": "source",
            "facility": fact.facility,
            "origin": fact.origin,
            "started": fact.started,
            "time": fact.time,
            "outputs": [_lot_row(fact.lot)],
        }
    if isinstance(fact, Conversion):
        return {
            "fact": "conversion",
            "facility": fact.facility,
            "started": fact.started,
            "time": fact.time,
            "inputs": [_portion_row(portion) for portion in fact.inputs],
            "outputs": [_lot_row(lot) for lot in fact.outputs],
            "losses": dict(fact.losses),
        }
    if isinstance(fact, Stocktake):
        return {
            "fact": "stocktake",
            "facility": fact.facility,
            "time": fact.time,
            "items": [_portion_row(portion) for portion in fact.items],
        }
    return {
        "fact": "departure" if isinstance(fact, Departure) else "arrival",
        "consignment": fact.consignment,
        "origin": fact.origin,
        "destination": fact.destination,
        "departed": fact.departed,
        "time": fact.time,
        "items": [_portion_row(portion) for portion in fact.items],
    }


def _portion_row(portion: Portion) -> dict[str, Any]:
    return {"lot": portion.lot.id, "mass": portion.mass, "elements": dict(portion.elements)}


def _lot_row(lot: Lot) -> dict[str, Any]:
    material = lot.material
    return {
        "lot": lot.id,
        "product": lot.product,
        "granularity": lot.granularity,
        "off_spec": lot.off_spec,
        "mass": material.mass,
        "moisture": material.moisture,
        "elements": dict(material.elements),
        "energy": material.energy,
    }
