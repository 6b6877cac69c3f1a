"""Mines, brine fields and outside suppliers: where matter enters the world."""

from __future__ import annotations

from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import (
    Batch,
    Grades,
    compound_of,
    drawn,
    lot_size,
    oxide_or_element,
    share,
)
from assay.simulator.randomness import Stream
from assay.simulator.sites import ScenarioError, SiteEntry

__all__ = ["Mine", "Supplier"]


class Mine:
    """Ore or brine from the ground: stated grades by element, or ``grade`` of one element (lithium as Li2O).

    The moisture of a brine is zero: its mass is that of the solution.
    """

    def __init__(self, entry: SiteEntry) -> None:
        self._product, self._size = entry.product, lot_size(entry)
        self._moisture = share(entry, "moisture", required=False)
        self._grades = {element: (grade, Fraction(1)) for element, grade in sorted(entry.elements.items())}
        if "grade" in entry.parameters or not self._grades:
            self._grades[entry.element] = (share(entry, "grade"), oxide_or_element(entry))

    def batch(self, stream: Stream | None) -> Batch:
        seen = {
            element: (drawn(grade, stream, worst=-1), part) for element, (grade, part) in self._grades.items()
        }
        moisture = drawn(self._moisture, stream, worst=0)
        elements = {
            element: self._size * ppm // PPM * part.numerator // part.denominator
            for element, (ppm, part) in seen.items()
        }
        made = (self._product, Material(self._size, moisture, elements))
        return Batch((), lambda _: (made,))

    def least(self) -> dict[str, int]:
        return {self._product: self._size}

    def grades(self, product: str, worst: int) -> Grades:
        return {
            element: Fraction(drawn(grade, None, worst=worst), PPM) * part
            for element, (grade, part) in self._grades.items()
        }


class Supplier:
    """A bought-in product: a compound of some purity, or stated grades by element. Its own inputs are not simulated."""

    def __init__(self, entry: SiteEntry) -> None:
        if entry.elements and entry.compound:
            raise ScenarioError(f"sites.{entry.facility}: give elements or a compound, not both")
        self._product, self._size = entry.product, lot_size(entry)
        self._elements = entry.elements
        self._compound = compound_of(entry) if entry.compound else None
        self._purity = share(entry, "purity") if self._compound else None

    def batch(self, stream: Stream | None) -> Batch:
        elements = {
            name: self._size * drawn(grade, stream, worst=-1) // PPM
            for name, grade in sorted(self._elements.items())
        }
        if self._compound and self._purity:
            pure = self._size * drawn(self._purity, stream, worst=-1) // PPM
            elements = {name: self._compound.contained(pure, name) for name in self._compound.tracked}
        made = (self._product, Material(self._size, 0, elements))
        return Batch((), lambda _: (made,))

    def least(self) -> dict[str, int]:
        return {self._product: self._size}

    def grades(self, product: str, worst: int) -> Grades:
        if self._compound and self._purity:
            purity = Fraction(drawn(self._purity, None, worst=worst), PPM)
            return {name: self._compound.fraction(name) * purity for name in self._compound.tracked}
        return {
            name: Fraction(drawn(grade, None, worst=worst), PPM) for name, grade in self._elements.items()
        }
