"""Concentrators: ore in, spodumene concentrate and tailings out."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from assay.simulator.chemistry import LITHIUM_OXIDE, PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import Batch, Need, drawn, share
from assay.simulator.randomness import Stream
from assay.simulator.scenario import ScenarioError, SiteEntry

__all__ = ["Concentrator", "only_input"]


def only_input(entry: SiteEntry) -> str:
    """The one product that the site buys. Raises :class:`ScenarioError` where there is not exactly one."""
    if len(entry.inputs) != 1:
        raise ScenarioError(
            f"sites.{entry.facility}.inputs: a {entry.kind} has one input, not {len(entry.inputs)}"
        )
    return next(iter(entry.inputs))


class Concentrator:
    """Lithium is recovered in part; the rest of it goes to tailings."""

    def __init__(self, entry: SiteEntry) -> None:
        self._input = only_input(entry)
        self._grade = share(entry, "grade")
        self._recovery = share(entry, "recovery")
        self._moisture = share(entry, "moisture")

    def batch(self, output: int, stream: Stream | None) -> Batch:
        recovery = drawn(self._recovery, stream, worst=-1)
        moisture = drawn(self._moisture, stream, worst=0)
        lithium = LITHIUM_OXIDE.contained(output * drawn(self._grade, stream, worst=1) // PPM, "Li")
        need = Need(self._input, -(-lithium * PPM // recovery), "Li")
        return Batch((need,), lambda _: Material(output, moisture, {"Li": lithium}))

    def grades(self) -> Mapping[str, Fraction]:
        return {"Li": Fraction(drawn(self._grade, None, worst=-1), PPM) * LITHIUM_OXIDE.fraction("Li")}
