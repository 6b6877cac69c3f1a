"""Cathode plants: lithium chemical and metal sulphates in, cathode active material out, exactly to its formula."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from assay.simulator.chemistry import COBALT_SULPHATE, COMPOUNDS, MANGANESE_SULPHATE, NICKEL_SULPHATE, PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import Batch, Need, drawn, share
from assay.simulator.randomness import Stream
from assay.simulator.scenario import ScenarioError, SiteEntry

__all__ = ["Cathode"]

_CARRIERS = {
    "Li": ("lithium-hydroxide", "lithium-carbonate"),
    "Ni": ("nickel-sulphate",),
    "Co": ("cobalt-sulphate",),
    "Mn": ("manganese-sulphate",),
}
"""Which bought product carries which element (product names of the scenario)."""
_SULPHATES = (NICKEL_SULPHATE, COBALT_SULPHATE, MANGANESE_SULPHATE)


class Cathode:
    """Each metal is drawn by content; lithium in slight excess, which is lost in sintering."""

    def __init__(self, entry: SiteEntry) -> None:
        compound = COMPOUNDS.get(entry.compound or "")
        if compound is None or "Ni" not in compound.atoms or compound in _SULPHATES:
            raise ScenarioError(f"sites.{entry.facility}.compound: a cathode plant needs NMC811 or NMC622")
        self._compound = compound
        self._yield = share(entry, "yield")
        self._excess = share(entry, "lithium_excess")
        self._inputs: dict[str, str] = {}
        for element, carriers in _CARRIERS.items():
            bought = next((product for product in carriers if product in entry.inputs), None)
            if bought is None:
                raise ScenarioError(
                    f"missing key sites.{entry.facility}.inputs.{carriers[0]}; it carries the {element}"
                )
            self._inputs[element] = bought

    def batch(self, output: int, stream: Stream | None) -> Batch:
        recovered = drawn(self._yield, stream, worst=-1)
        excess = drawn(self._excess, stream, worst=1)
        elements = {element: self._compound.contained(output, element) for element in self._inputs}
        needs = []
        for element, product in self._inputs.items():
            amount = elements[element] * (PPM + excess) // PPM if element == "Li" else elements[element]
            needs.append(Need(product, -(-amount * PPM // recovered), element))
        return Batch(tuple(needs), lambda _: Material(output, 0, elements))

    def grades(self) -> Mapping[str, Fraction]:
        return {element: self._compound.fraction(element) for element in self._inputs}
