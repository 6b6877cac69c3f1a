"""Which part of every lot goes back to a lot that is not what its papers say: followed along conversions, by mass."""

from __future__ import annotations

from collections.abc import Iterator

from assay.simulator.facts import Conversion, Fact, Lot

__all__ = ["LEAST", "Taint"]

LEAST = 1000
"""Parts per million below which a lot no longer counts as tainted."""


class Taint:
    """Tainted parts by lot and instance, parts per million. Remembers tainted lots only."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, int]] = {}

    def begin(self, instance: str, lot: Lot, part: int) -> None:
        """A lot is tainted to begin with."""
        self._parts.setdefault(lot.id, {})[instance] = part

    def on(self, fact: Fact) -> Iterator[tuple[str, Lot, int]]:
        """Follow a fact: instance, lot and part of everything that was made of tainted lots."""
        if not self._parts or not isinstance(fact, Conversion) or not fact.outputs:
            return
        held: dict[str, int] = {}
        total = 0
        for portion in fact.inputs:
            total += portion.mass
            for instance, part in self._parts.get(portion.lot.id, {}).items():
                held[instance] = held.get(instance, 0) + portion.mass * part
        if not total:
            return
        for instance, mass in held.items():
            part = mass // total
            if part >= LEAST:
                for lot in fact.outputs:
                    here = self._parts.setdefault(lot.id, {})
                    here[instance] = max(here.get(instance, 0), part)
                    yield instance, lot, here[instance]
