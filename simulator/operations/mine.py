"""Mines and outside suppliers: where matter enters the world."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from assay.simulator.chemistry import COMPOUNDS, LITHIUM_OXIDE, PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import Batch, drawn, share
from assay.simulator.randomness import Stream
from assay.simulator.scenario import SiteEntry

__all__ = ["Mine", "Supplier"]


class Mine:
    """Ore from the ground. Grade in Li2O, as the trade states it; the ledger holds lithium."""

    def __init__(self, entry: SiteEntry) -> None:
        self._grade = share(entry, "grade")
        self._moisture = share(entry, "moisture")

    def batch(self, output: int, stream: Stream | None) -> Batch:
        grade, moisture = drawn(self._grade, stream, worst=-1), drawn(self._moisture, stream, worst=0)
        lithium = LITHIUM_OXIDE.contained(output * grade // PPM, "Li")
        return Batch((), lambda _: Material(output, moisture, {"Li": lithium}))

    def grades(self) -> Mapping[str, Fraction]:
        return {"Li": Fraction(drawn(self._grade, None, worst=-1), PPM) * LITHIUM_OXIDE.fraction("Li")}


class Supplier:
    """A bought-in product: a compound of some purity, or stated grades by element. Its own inputs are not simulated."""

    def __init__(self, entry: SiteEntry) -> None:
        self._elements = entry.elements
        self._compound = COMPOUNDS[entry.compound] if entry.compound else None
        self._purity = share(entry, "purity") if self._compound else None

    def batch(self, output: int, stream: Stream | None) -> Batch:
        elements = {
            name: output * drawn(grade, stream, worst=-1) // PPM
            for name, grade in sorted(self._elements.items())
        }
        if self._compound and self._purity:
            pure = output * drawn(self._purity, stream, worst=-1) // PPM
            tracked = (element for element in self._compound.atoms if element not in "HOS")
            elements |= {element: self._compound.contained(pure, element) for element in tracked}
        return Batch((), lambda _: Material(output, 0, elements))

    def grades(self) -> Mapping[str, Fraction]:
        least = {name: Fraction(drawn(grade, None, worst=-1), PPM) for name, grade in self._elements.items()}
        if self._compound and self._purity:
            purity = Fraction(drawn(self._purity, None, worst=-1), PPM)
            tracked = (element for element in self._compound.atoms if element not in "HOS")
            least |= {element: self._compound.fraction(element) * purity for element in tracked}
        return least
