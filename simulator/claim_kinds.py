"""The kinds of claims that parties make, and who produces them. Free of any credential format, and of each other.

Masses are grams as weighed, grades ten-millionths of dry mass (see ``measurements.GRADE_SCALE``), shares parts per million,
carbon milligrams of CO2e per gram of product as weighed (which is grams per kilogram). Claims hold the lots that they
speak of, so that nobody needs a map of the whole world to read one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from assay.simulator.custody_claims import CustodyClaim
from assay.simulator.facts import Fact, Lot
from assay.simulator.measurements import Assay
from assay.simulator.sustainability import Footprint

__all__ = [
    "BatchClaim",
    "Claim",
    "Ingredient",
    "MakeClaim",
    "MoveClaim",
    "Producer",
    "Quantity",
    "SiteClaim",
    "StockClaim",
    "Terms",
]


class Claim(Protocol):
    """Anything that is said. ``time`` is the moment at which it could first be said: claims come about in this order."""

    @property
    def time(self) -> datetime: ...


class Producer(Protocol):
    """Turns facts into claims, one after the other. Its state must not grow with the number of facts.

    Claims may speak of a moment up to ``agenda.LAG`` before the newest fact.
    """

    def on(self, fact: Fact) -> Iterable[Claim]:
        """What is said because of one fact."""

    def end(self) -> Iterable[Claim]:
        """What is said when no fact will follow."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Grams of one lot, as weighed at this point."""

    lot: Lot
    grams: int


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A material of a product: which product, made or mined in which country, and its share of the mass (ppm)."""

    product: str
    country: str
    share: int
    element: str | None = None
    """Set where only this element of the material ended up in the product."""
    recycled: int = 0
    """How much of the material (of its element) is recycled, ppm."""


@dataclass(frozen=True, slots=True)
class BatchClaim:
    """What the passport of a batch or item says."""

    lot: Lot
    time: datetime
    made: datetime
    """The same as ``time``, but earlier where the batch was there before the scenario began."""
    assessed: datetime
    grams: int
    grades: Mapping[str, int]
    moisture: int
    watt_hours: int
    footprint: Footprint
    diligence: int
    """Share of input mass from suppliers with a due diligence file, tenths of a percent."""
    ingredients: tuple[Ingredient, ...]
    upstream: tuple[Lot, ...]
    custody: CustodyClaim | None = None

    @property
    def carbon(self) -> int:
        """Cradle to gate, grams of CO2e per kilogram of product as weighed."""
        return self.footprint.carbon["cradle-to-gate"]


@dataclass(frozen=True, slots=True)
class SiteClaim:
    """Measured performance of a facility by criterion, for the year before the scenario starts."""

    facility: str
    time: datetime
    values: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class MakeClaim:
    """Inputs became outputs at a facility."""

    facility: str
    time: datetime
    inputs: tuple[Quantity, ...]
    outputs: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the papers of a sale say where that is not what the parties' usual contract and their laboratories would."""

    price: int | None = None
    """Parts per million of the index price of the month."""
    contract: tuple[str, date] | None = None
    """Number of a contract that explains the price, and the day on which it was deposited with customs."""
    seller: tuple[tuple[str, Assay], ...] = ()
    """By lot, what the seller's laboratory is said to have found."""
    buyer: tuple[tuple[str, Assay], ...] = ()
    """By lot, what the buyer's found."""
    parties: tuple[str, str] | None = None
    """Seller and buyer, where they are not those at the ends of the route."""
    origin: str | None = None
    """The nation that the exporter declares to customs as the origin of everything in it."""
    transit: str | None = None
    """The nation that the goods are declared to have come in transit from."""


@dataclass(frozen=True, slots=True)
class MoveClaim:
    """A consignment, weighed by the sender and again by the receiver (who has not weighed it while it is on the way)."""

    consignment: str
    route: int
    departed: datetime
    sent: tuple[Quantity, ...]
    arrived: datetime | None = None
    received: tuple[Quantity, ...] = ()
    terms: Terms | None = None

    @property
    def time(self) -> datetime:
        return self.arrived or self.departed


@dataclass(frozen=True, slots=True)
class StockClaim:
    """What was counted and weighed at a facility in a stocktake."""

    facility: str
    time: datetime
    stock: tuple[Quantity, ...]
