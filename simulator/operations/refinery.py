"""Chemical refineries: concentrate in, one pure lithium chemical and residue out."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from assay.simulator.chemistry import COMPOUNDS, PPM
from assay.simulator.facts import Material
from assay.simulator.operations.concentrator import only_input
from assay.simulator.operations.process import Batch, Need, drawn, share
from assay.simulator.randomness import Stream
from assay.simulator.scenario import ScenarioError, SiteEntry

__all__ = ["Refinery"]


class Refinery:
    """Lithium is recovered with a yield; the product is the named compound at some purity."""

    def __init__(self, entry: SiteEntry) -> None:
        if entry.compound is None or "Li" not in COMPOUNDS[entry.compound].atoms:
            raise ScenarioError(
                f"sites.{entry.facility}.compound: a refinery needs a lithium compound, e.g. lithium-hydroxide"
            )
        self._input = only_input(entry)
        self._compound = COMPOUNDS[entry.compound]
        self._yield = share(entry, "yield")
        self._purity = share(entry, "purity")

    def batch(self, output: int, stream: Stream | None) -> Batch:
        pure = output * drawn(self._purity, stream, worst=1) // PPM
        lithium = self._compound.contained(pure, "Li")
        need = Need(self._input, -(-lithium * PPM // drawn(self._yield, stream, worst=-1)), "Li")
        return Batch((need,), lambda _: Material(output, 0, {"Li": lithium}))

    def grades(self) -> Mapping[str, Fraction]:
        return {"Li": self._compound.fraction("Li") * Fraction(drawn(self._purity, None, worst=-1), PPM)}
