"""What is said about custody: of a lot, of an account's period, of credits; and what is measured for it.

Amounts are milligrams of one contained element, as scales and laboratory said it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assay.simulator.chemistry import PPM
from assay.simulator.custody import Credit, Model, PeriodBalance, Retired
from assay.simulator.custody_entries import CustodyEntry
from assay.simulator.facts import Lot, Portion
from assay.simulator.measurements import GRADE_SCALE, Assay, assay, weigh
from assay.simulator.randomness import Stream
from assay.simulator.world import Organisation

__all__ = [
    "CreditClaim",
    "CustodyClaim",
    "CustodyEvent",
    "Measuring",
    "Papers",
    "RetirementClaim",
    "StatementClaim",
]


@dataclass(frozen=True, slots=True)
class CustodyClaim:
    """What may be said of the custody of one lot: the model, and how much of its element conforms (milligrams).

    ``start`` and ``end`` bound the accounting period.
    """

    model: Model
    scheme: str
    element: str
    amount: int
    conforming: int
    start: datetime
    end: datetime
    register: Organisation | None = None
    """Who keeps the credits that were retired for the lot; then nothing is said of the very atoms."""

    @property
    def share(self) -> int:
        """Parts per million, rounded down."""
        return self.conforming * PPM // self.amount if self.amount else 0


@dataclass(frozen=True, slots=True)
class StatementClaim:
    """One period of one account, closed. Amounts are milligrams of the element; ``number`` is the place of the entry."""

    entry: CustodyEntry
    number: int
    facility: str
    start: datetime
    end: datetime
    balance: PeriodBalance

    @property
    def time(self) -> datetime:
        return self.end


@dataclass(frozen=True, slots=True)
class CreditClaim:
    """A credit came to stand: booked against a lot, bought, or left over. ``ended`` are the credits that it replaces."""

    entry: CustodyEntry
    number: int
    register: Organisation
    credit: Credit
    holder: Organisation
    time: datetime
    lot: Lot | None
    """The production that it was booked against; None for what replaces another credit."""
    ended: tuple[Credit, ...] = ()


@dataclass(frozen=True, slots=True)
class RetirementClaim:
    """Credits were retired for a lot; ``retired.revoked`` stand no more."""

    entry: CustodyEntry
    number: int
    register: Organisation
    retired: Retired
    holder: Organisation
    lot: Lot
    share: int
    """Part of the lot's element that is claimed, ppm."""
    time: datetime


CustodyEvent = StatementClaim | CreditClaim | RetirementClaim
"""What happens to accounts and credits."""


class Measuring(Protocol):
    """What was measured of a lot or portion: milligrams of contained element, as its papers say."""

    def used(self, portion: Portion, event: str, element: str) -> int:
        """In a portion, as weighed for the make event that is named after its first output."""

    def made(self, lot: Lot, element: str) -> int:
        """In a whole lot, as weighed when made."""

    def forget(self, lot: str) -> None:
        """The lot is used up."""


class Papers:
    """Measures as the published documents state them: the same scales, the same assay, the same last digit."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._assays: dict[str, Assay] = {}

    def used(self, portion: Portion, event: str, element: str) -> int:
        lot = portion.lot
        stream = Stream(self._seed, f"{event}|{lot.id}", "scale")
        return self._element(lot, weigh(portion.mass, lot.material.moisture, stream), element)

    def made(self, lot: Lot, element: str) -> int:
        stream = Stream(self._seed, lot.id, "scale")
        return self._element(lot, weigh(lot.material.mass, lot.material.moisture, stream), element)

    def forget(self, lot: str) -> None:
        self._assays.pop(lot, None)

    def _element(self, lot: Lot, grams: int, element: str) -> int:
        found = self._assays.get(lot.id)
        if found is None:
            found = self._assays[lot.id] = assay(lot, Stream(self._seed, lot.id, "assay"))
        return grams * 1000 * (PPM - found.moisture) * found.grades.get(element, 0) // (PPM * GRADE_SCALE)
