"""Concentrators, leaching plants and ponds: a poor feed becomes a richer one, and tailings or waste brine."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import (
    Batch,
    Feedstock,
    Grades,
    Leftovers,
    Output,
    check_content,
    drawn,
    lot_size,
    needs_of_element,
    oxide_or_element,
    positive,
    share,
    total_elements,
)
from assay.simulator.randomness import Stream
from assay.simulator.sites import SiteEntry

__all__ = ["Concentrator"]

_RECOVERY_OF = "recovery_"


class Concentrator:
    """One element is concentrated to ``grade`` with ``recovery``; others come along with ``recovery_<element>``.

    What is not recovered goes to tailings (and, where the site has by-products, in part to those).
    """

    def __init__(self, entry: SiteEntry, feed: Feedstock) -> None:
        self._entry, self._feed, self._size = entry, feed, lot_size(entry)
        self._grade, self._part = positive(entry, "grade"), oxide_or_element(entry)
        check_content(entry, feed, entry.element)
        self._recovery = positive(entry, "recovery")
        self._moisture = share(entry, "moisture", required=False)
        self._others = {
            name.removeprefix(_RECOVERY_OF): share(entry, name)
            for name in sorted(entry.parameters)
            if name.startswith(_RECOVERY_OF)
        }
        self._leftovers = Leftovers(entry)

    def _content(self, grade: int) -> int:
        return self._size * grade // PPM * self._part.numerator // self._part.denominator

    def batch(self, stream: Stream | None) -> Batch:
        recovery = drawn(self._recovery, stream, worst=-1)
        moisture = drawn(self._moisture, stream, worst=0)
        content = self._content(drawn(self._grade, stream, worst=1))
        others = {element: drawn(part, stream, worst=-1) for element, part in self._others.items()}
        needs = needs_of_element(self._entry, -(-content * PPM // recovery), self._entry.element)

        def finish(inputs: Mapping[str, Material]) -> tuple[Output, ...]:
            total = total_elements(inputs)
            elements = {self._entry.element: content}
            room = self._size - content
            for element, part in others.items():
                elements[element] = min(total[element] * part // PPM, room)
                room -= elements[element]
            main = (self._entry.product, Material(self._size, moisture, elements))
            return self._leftovers.outputs(inputs, main, stream)

        return Batch(needs, finish)

    def least(self) -> dict[str, int]:
        key = self._entry.element
        left: dict[str, Fraction] = {}
        content = self._content(self._grade.ppm)
        for need in self.batch(None).needs:
            for element in self._feed.typical.get(need.product, {}):
                amount = need.amount * self._feed.ratio(need.product, element, key)
                left[element] = left.get(element, Fraction(0)) + amount
        for element, part in self._others.items():
            left[element] = left.get(element, Fraction(0)) * (1 - Fraction(part.ppm, PPM))
        left[key] = max(Fraction(0), left.get(key, Fraction(0)) - content)
        return {self._entry.product: self._size, **self._leftovers.least(left)}

    def grades(self, product: str, worst: int) -> Grades:
        if product != self._entry.product:
            return self._leftovers.grades(product, worst)
        key = self._entry.element
        grade = Fraction(drawn(self._grade, None, worst=worst), PPM) * self._part
        grades = {key: grade}
        for element, part in self._others.items():
            ratios = [self._feed.ratio(need.product, element, key) for need in self.batch(None).needs]
            come_along = min(ratios, default=Fraction(0)) * part.ppm / self._recovery.ppm * grade
            if come_along:
                grades[element] = come_along * Fraction(9, 10) if worst < 0 else come_along
        return grades
