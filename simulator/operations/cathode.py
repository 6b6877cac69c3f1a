"""Cathode plants: lithium chemical and precursors in, cathode active material out, exactly to its formula."""

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
    Need,
    Output,
    compound_of,
    drawn,
    feeds_of,
    lot_size,
    positive,
    share,
    total_elements,
)
from assay.simulator.randomness import Stream
from assay.simulator.sites import ScenarioError, SiteEntry

__all__ = ["Cathode"]

_USUAL = {
    "lithium-hydroxide": ("Li",),
    "lithium-carbonate": ("Li",),
    "nickel-sulphate": ("Ni",),
    "cobalt-sulphate": ("Co",),
    "manganese-sulphate": ("Mn",),
    "iron-phosphate": ("Fe", "P"),
}
"""What well-known products carry; of others, the grades of the site that makes them tell."""


class Cathode:
    """Each element is drawn by content; lithium in slight excess, which is lost in sintering."""

    def __init__(self, entry: SiteEntry, feed: Feedstock) -> None:
        self._entry, self._size = entry, lot_size(entry)
        self._compound = compound_of(entry)
        if "Li" not in self._compound.atoms or len(self._compound.tracked) < 3:
            raise ScenarioError(
                f"sites.{entry.facility}.compound: a cathode plant needs NMC811, NMC622 or LFP, not {entry.compound!r}"
            )
        self._yield = positive(entry, "yield")
        self._excess = share(entry, "lithium_excess")
        self._leftovers = Leftovers(entry)
        self._needs = self._carriers(feed)

    def _carriers(self, feed: Feedstock) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Element to draw by: the planned product that carries it, and others that may take its place."""
        planned, ready = feeds_of(self._entry)

        def carries(product: str, element: str) -> bool:
            known = feed.typical.get(product)
            return element in (known if known else _USUAL.get(product, ()))

        chosen: dict[str, tuple[str, tuple[str, ...]]] = {}
        for element in self._compound.tracked:
            first = next((product for product in planned if carries(product, element)), None)
            if first is None and any(element in _USUAL.get(product, ()) for product in planned):
                product = next(product for product in planned if element in _USUAL.get(product, ()))
                origin = self._entry.inputs[product][0].origin
                raise ScenarioError(
                    f"sites.{origin}: its {product} holds no {element}; {self._entry.facility} buys it for that"
                )
            if first is None:
                usual = next((name for name, held in _USUAL.items() if element in held), element)
                raise ScenarioError(
                    f"missing key sites.{self._entry.facility}.inputs.{usual}; it carries the {element}"
                )
            if first not in {product for product, _ in chosen.values()}:  # it brings this element along
                chosen[element] = (first, tuple(product for product in ready if carries(product, element)))
        return chosen

    def batch(self, stream: Stream | None) -> Batch:
        recovered = drawn(self._yield, stream, worst=-1)
        excess = drawn(self._excess, stream, worst=1)
        formula = {e: self._compound.contained(self._size, e) for e in self._compound.tracked}
        needs = []
        for element, (product, instead) in self._needs.items():
            amount = formula[element] * (PPM + excess) // PPM if element == "Li" else formula[element]
            needs.append(Need(product, -(-amount * PPM // recovered), element, instead))

        def finish(inputs: Mapping[str, Material]) -> tuple[Output, ...]:
            total = total_elements(inputs)
            elements = {element: min(amount, total[element]) for element, amount in formula.items()}
            main = (self._entry.product, Material(self._size, 0, elements))
            return self._leftovers.outputs(inputs, main, stream)

        return Batch(tuple(needs), finish)

    def least(self) -> dict[str, int]:
        lost = 1 - Fraction(self._yield.ppm, PPM)
        left = {e: self._compound.contained(self._size, e) * lost for e in self._compound.tracked}
        return {self._entry.product: self._size, **self._leftovers.least(left)}

    def grades(self, product: str, worst: int) -> Grades:
        if product != self._entry.product:
            return self._leftovers.grades(product, worst)
        return {element: self._compound.fraction(element) for element in self._compound.tracked}
