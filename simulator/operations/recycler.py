"""Recyclers: packs, cells and scrap in; black mass, metals and residue out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import (
    Batch,
    Feedstock,
    Grades,
    Leftovers,
    Need,
    Output,
    drawn,
    feeds_of,
    lot_size,
    needs_of_element,
    positive,
    share,
    total_elements,
)
from assay.simulator.randomness import Stream
from assay.simulator.sites import ScenarioError, SiteEntry

__all__ = ["Recycler"]

_FULL = Fraction(95, 100)
"""Most of black mass that tracked elements can be; the rest is oxygen, binder and electrolyte salt."""


class Recycler:
    """A batch is ``lot_kg`` of feed, whatever lies ready of it. Black mass is ``mass_yield`` of that.

    Elements go to the black mass by ``recovery_<element>``; cathode scrap has a ``mass_yield_scrap`` of its own, told by
    its having no copper and no graphite. By-products take what is left: metal scrap. Where some feeds are planned, the
    secondary ones are worked up apart, in batches ``by_chance``.
    """

    def __init__(self, entry: SiteEntry, feed: Feedstock) -> None:
        self._entry, self._feed, self._size = entry, feed, lot_size(entry)
        self._yield = positive(entry, "mass_yield")
        self._scrap_yield = (
            share(entry, "mass_yield_scrap") if "mass_yield_scrap" in entry.parameters else self._yield
        )
        self._recoveries = {
            name.removeprefix("recovery_"): share(entry, name)
            for name in sorted(entry.parameters)
            if name.startswith("recovery_")
        }
        if not self._recoveries:
            raise ScenarioError(
                f"missing key sites.{entry.facility}.parameters.recovery_Ni; a recycler needs it"
            )
        self._moisture = share(entry, "moisture", required=False)
        self._leftovers = Leftovers(entry)

    def batch(self, stream: Stream | None) -> Batch:
        needs = needs_of_element(self._entry, self._size, None)
        if any(not feed.secondary for _, feed in self._entry.feeds()):
            needs = tuple(replace(need, instead=(), most=None) for need in needs)
        return self._batch(needs, stream)

    def by_chance(self, stream: Stream) -> Batch:
        """A batch of secondary feeds only."""
        _, ready = feeds_of(self._entry)
        return self._batch((Need(ready[0], self._size, None, ready[1:]),), stream)

    def _batch(self, needs: tuple[Need, ...], stream: Stream | None) -> Batch:
        plain = drawn(self._yield, stream, worst=-1)
        rich = drawn(self._scrap_yield, stream, worst=-1)
        moisture = drawn(self._moisture, stream, worst=0)
        parts = {element: drawn(part, stream, worst=-1) for element, part in self._recoveries.items()}

        def finish(inputs: Mapping[str, Material]) -> tuple[Output, ...]:
            mass = 0
            for material in inputs.values():
                mixed = material.elements.get("Cu") or material.elements.get("C")
                mass += material.mass * (plain if mixed else rich) // PPM
            total = total_elements(inputs)
            elements = {element: total[element] * part // PPM for element, part in parts.items()}
            held, room = sum(elements.values()), int(mass * _FULL)
            if held > room:  # fines are lost with the rest
                elements = {element: amount * room // held for element, amount in elements.items()}
            elements = {element: amount for element, amount in elements.items() if amount}
            main = (self._entry.product, Material(mass, moisture, elements))
            return self._leftovers.outputs(inputs, main, stream)

        return Batch(needs, finish)

    def _typical(self) -> dict[str, Fraction]:
        """Grades of the planned feed."""
        known = [self._feed.typical.get(product, {}) for product in feeds_of(self._entry)[0]]
        names = {name for grades in known for name in grades}
        return {name: min(Fraction(grades.get(name, 0)) for grades in known) for name in sorted(names)}

    def least(self) -> dict[str, int]:
        typical = self._typical()
        left = {
            element: grade * self._size * (1 - Fraction(self._recoveries[element].ppm, PPM))
            if element in self._recoveries
            else grade * self._size
            for element, grade in typical.items()
        }
        main = self._size * drawn(self._yield, None, worst=-1) // PPM
        return {self._entry.product: main, **self._leftovers.least(left)}

    def grades(self, product: str, worst: int) -> Grades:
        if product != self._entry.product:
            return self._leftovers.grades(product, worst)
        kept = {
            element: grade * self._recoveries[element].ppm / self._yield.ppm
            for element, grade in self._typical().items()
            if element in self._recoveries
        }
        held = sum(kept.values(), Fraction(0))
        squeeze = min(Fraction(1), _FULL / held) if held else Fraction(1)
        safe = Fraction(9, 10) if worst < 0 else Fraction(1)
        return {element: grade * squeeze * safe for element, grade in kept.items() if grade}
