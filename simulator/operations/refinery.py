"""Refineries, smelters, anode plants and hydrometallurgy: one pure compound, by-products, and residue."""

from __future__ import annotations

from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import (
    Batch,
    Feedstock,
    Grades,
    Leftovers,
    check_content,
    compound_of,
    drawn,
    lot_size,
    mass_parameter,
    needs_of_element,
    positive,
)
from assay.simulator.randomness import Stream
from assay.simulator.sites import ScenarioError, SiteEntry

__all__ = ["Refinery"]


class Refinery:
    """One element is recovered with ``yield``; the product is the named compound at ``purity``.

    ``coating`` adds mass that holds none of the element (pitch on anode graphite).
    """

    def __init__(self, entry: SiteEntry, feed: Feedstock) -> None:
        self._entry, self._feed, self._size = entry, feed, lot_size(entry)
        self._compound = compound_of(entry)
        if len(self._compound.tracked) != 1:
            raise ScenarioError(
                f"sites.{entry.facility}.compound: a {entry.kind} makes a simple compound, e.g. lithium-hydroxide, "
                f"not {entry.compound!r}"
            )
        self._element = self._compound.tracked[0]
        check_content(entry, feed, self._element)
        self._yield, self._purity = positive(entry, "yield"), positive(entry, "purity")
        self._coating = mass_parameter(entry, "coating", required=False)
        self._leftovers = Leftovers(entry)

    def batch(self, stream: Stream | None) -> Batch:
        coating = drawn(self._coating, stream, worst=-1)
        pure = self._size * PPM // (PPM + coating) * drawn(self._purity, stream, worst=1) // PPM
        content = self._compound.contained(pure, self._element)
        needs = needs_of_element(
            self._entry, -(-content * PPM // drawn(self._yield, stream, worst=-1)), self._element
        )
        main = (self._entry.product, Material(self._size, 0, {self._element: content}))
        return Batch(needs, lambda inputs: self._leftovers.outputs(inputs, main, stream))

    def least(self) -> dict[str, int]:
        left: dict[str, Fraction] = {}
        for need in self.batch(None).needs:
            for element in self._feed.typical.get(need.product, {}):
                amount = need.amount * self._feed.ratio(need.product, element, self._element)
                left[element] = left.get(element, Fraction(0)) + amount
        if self._element in left:
            left[self._element] *= 1 - Fraction(self._yield.ppm, PPM)
        return {self._entry.product: self._size, **self._leftovers.least(left)}

    def grades(self, product: str, worst: int) -> Grades:
        if product != self._entry.product:
            return self._leftovers.grades(product, worst)
        purity = Fraction(drawn(self._purity, None, worst=worst), PPM + self._coating.ppm)
        return {self._element: self._compound.fraction(self._element) * purity}
