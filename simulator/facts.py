"""What physically happened: lots, draws from lots, conversions and journeys, in milligrams of contained element.

The ledger is append-only and exactly balanced: for every element, what was extracted or bought in equals what is in
stock, on the way, or lost. Masses are dry milligrams, times are whole minutes since the scenario's start. Nothing here
is ever published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Conversion", "Fact", "Imbalance", "Journey", "Ledger", "Lot", "Material", "Portion", "Source"]


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
    """A batch or item with identity, as it was when made."""

    id: str
    product: str
    facility: str
    kind: str
    number: int
    made: int
    material: Material


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of a lot: dry milligrams and milligrams by element."""

    lot: str
    mass: int
    elements: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A lot entered the world: mined from the ground, or made by a supplier whose own inputs are not simulated."""

    lot: str
    facility: str
    started: int
    time: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """Portions became lots; what did not is lost. ``losses`` are milligrams by element, never negative."""

    facility: str
    number: int
    started: int
    time: int
    inputs: tuple[Portion, ...]
    outputs: tuple[str, ...]
    losses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Journey:
    """A consignment left one facility and reached another (``arrived`` is None while it is on the way)."""

    consignment: str
    route: int
    origin: str
    destination: str
    departed: int
    arrived: int | None
    items: tuple[Portion, ...]


Fact = Source | Conversion | Journey


@dataclass(slots=True)
class Ledger:
    """Everything that happened, in the order in which it happened."""

    lots: dict[str, Lot] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)

    def add_lot(self, lot: Lot) -> None:
        if lot.id in self.lots:
            raise Imbalance(f"lot {lot.id} was made twice")
        self.lots[lot.id] = lot

    def sources(self) -> Iterator[Source]:
        return (fact for fact in self.facts if isinstance(fact, Source))

    def conversions(self) -> Iterator[Conversion]:
        return (fact for fact in self.facts if isinstance(fact, Conversion))

    def journeys(self) -> Iterator[Journey]:
        return (fact for fact in self.facts if isinstance(fact, Journey))

    def stock(self) -> dict[str, Counter[str]]:
        """Closing stock by facility and element, recomputed from the facts alone (the kernel's stores must agree)."""
        held: dict[str, Counter[str]] = {}
        for fact in self.facts:
            if isinstance(fact, Source):
                held.setdefault(fact.facility, Counter()).update(self.lots[fact.lot].material.elements)
            elif isinstance(fact, Conversion):
                here = held.setdefault(fact.facility, Counter())
                for portion in fact.inputs:
                    here.subtract(portion.elements)
                for lot in fact.outputs:
                    here.update(self.lots[lot].material.elements)
            else:
                for portion in fact.items:
                    held.setdefault(fact.origin, Counter()).subtract(portion.elements)
                    if fact.arrived is not None:
                        held.setdefault(fact.destination, Counter()).update(portion.elements)
        return held

    def holdings(self, until: int) -> dict[str, dict[str, int]]:
        """What lies at each facility at a moment: dry milligrams by lot, without what is used up or sent away."""
        held: dict[str, Counter[str]] = {}
        for fact in self.facts:
            if isinstance(fact, Source):
                if fact.time <= until:
                    held.setdefault(fact.facility, Counter())[fact.lot] += self.lots[fact.lot].material.mass
            elif isinstance(fact, Conversion):
                here = held.setdefault(fact.facility, Counter())
                if fact.started <= until:
                    here.subtract({portion.lot: portion.mass for portion in fact.inputs})
                if fact.time <= until:
                    here.update({lot: self.lots[lot].material.mass for lot in fact.outputs})
            else:
                if fact.departed <= until:
                    held.setdefault(fact.origin, Counter()).subtract({p.lot: p.mass for p in fact.items})
                if fact.arrived is not None and fact.arrived <= until:
                    held.setdefault(fact.destination, Counter()).update({p.lot: p.mass for p in fact.items})
        return {
            facility: {lot: mass for lot, mass in lots.items() if mass} for facility, lots in held.items()
        }

    def balance(self) -> dict[str, int]:
        """Milligrams by element that are unaccounted for: sources less stock, goods on the way and losses. All zero."""
        left: Counter[str] = Counter()
        for fact in self.facts:
            if isinstance(fact, Source):
                left.update(self.lots[fact.lot].material.elements)
            elif isinstance(fact, Conversion):
                left.subtract(fact.losses)
            elif fact.arrived is None:
                for portion in fact.items:
                    left.subtract(portion.elements)
        for held in self.stock().values():
            left.subtract(held)
        return dict(left)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The ledger as plain rows, one per fact, for ``ledger.jsonl``."""
        for fact in self.facts:
            if isinstance(fact, Source):
                lot = self.lots[fact.lot]
                yield {
                    "fact": "source",
                    "facility": fact.facility,
                    "time": fact.time,
                    "outputs": [_lot_row(lot)],
                }
            elif isinstance(fact, Conversion):
                yield {
                    "fact": "conversion",
                    "facility": fact.facility,
                    "started": fact.started,
                    "time": fact.time,
                    "inputs": [_portion_row(portion) for portion in fact.inputs],
                    "outputs": [_lot_row(self.lots[lot]) for lot in fact.outputs],
                    "losses": dict(fact.losses),
                }
            else:
                yield {
                    "fact": "journey",
                    "consignment": fact.consignment,
                    "origin": fact.origin,
                    "destination": fact.destination,
                    "time": fact.departed,
                    "arrived": fact.arrived,
                    "items": [_portion_row(portion) for portion in fact.items],
                }


def _portion_row(portion: Portion) -> dict[str, Any]:
    return {"lot": portion.lot, "mass": portion.mass, "elements": dict(portion.elements)}


def _lot_row(lot: Lot) -> dict[str, Any]:
    material = lot.material
    row = {"lot": lot.id, "product": lot.product, "mass": material.mass, "moisture": material.moisture}
    return {**row, "elements": dict(material.elements), "energy": material.energy}
