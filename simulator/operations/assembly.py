"""Cell and pack plants: things are put together by mass, and rejects are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import Batch, Need, drawn, mass_parameter, scaled, share
from assay.simulator.randomness import Stream
from assay.simulator.scenario import Parameter, ScenarioError, SiteEntry

__all__ = ["CellPlant", "PackPlant"]


class CellPlant:
    """Inputs per kilowatt-hour of good cells (parameter named like the product, kg per kWh); rejects leave as scrap."""

    def __init__(self, entry: SiteEntry) -> None:
        self._yield = share(entry, "yield")
        self._recipe = {product: mass_parameter(entry, product) for product in entry.inputs}
        self._total = sum(parameter.ppm for parameter in self._recipe.values())
        if not self._total:
            raise ScenarioError(f"sites.{entry.facility}.parameters: give kg per kWh of each input")

    def batch(self, output: int, stream: Stream | None) -> Batch:
        good = drawn(self._yield, stream, worst=-1)
        gross = output * PPM // good
        needs = tuple(
            Need(name, gross * part.ppm // self._total) for name, part in self._recipe.items() if part.ppm
        )

        def finish(inputs: Mapping[str, Material]) -> Material:
            total: Counter[str] = Counter()
            for material in inputs.values():
                total.update(material.elements)
            mass = sum(material.mass for material in inputs.values()) * good // PPM
            return Material(mass, 0, scaled(total, good), mass * 1000 // self._total)

        return Batch(needs, finish)

    def grades(self) -> Mapping[str, Fraction]:
        return {}

    @property
    def kilograms_per_kwh(self) -> Fraction:
        """Mass of good cells per kilowatt-hour, kg."""
        return Fraction(self._total, PPM)


class PackPlant:
    """One pack per batch: cells by energy, components per kilowatt-hour."""

    def __init__(
        self, entry: SiteEntry, pack_kwh: Parameter, cell_kilograms_per_kwh: Fraction, cells: str
    ) -> None:
        self._yield = share(entry, "yield")
        self._energy = pack_kwh.ppm  # millionths of a kWh
        self._cells = cells
        self._per_kwh = cell_kilograms_per_kwh
        others = [product for product in entry.inputs if product != cells]
        self._components = {product: mass_parameter(entry, product) for product in others}

    def batch(self, output: int, stream: Stream | None) -> Batch:
        """One pack; its mass follows from its energy, whatever ``output`` says."""
        good = drawn(self._yield, stream, worst=-1)
        net = self._energy * self._per_kwh.numerator // self._per_kwh.denominator  # kWh/1e6 * kg/kWh = mg
        needs = [Need(self._cells, net * PPM // good)]
        for product, part in self._components.items():
            needs.append(Need(product, self._energy * part.ppm // PPM))

        def finish(inputs: Mapping[str, Material]) -> Material:
            total: Counter[str] = Counter()
            mass = 0
            for product, material in inputs.items():
                kept = good if product == self._cells else PPM
                total.update(scaled(material.elements, kept))
                mass += material.mass * kept // PPM
            return Material(mass, 0, dict(total), self._energy // 1000)

        return Batch(tuple(needs), finish)

    def grades(self) -> Mapping[str, Fraction]:
        return {}
