"""Foil mills, cell and pack plants: things are rolled or put together by mass, and rejects leave as scrap."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Material
from assay.simulator.operations.process import (
    KG,
    Batch,
    Feedstock,
    Grades,
    Leftovers,
    Need,
    Output,
    drawn,
    lot_size,
    mass_parameter,
    needs_of_element,
    positive,
    scaled,
    total_elements,
)
from assay.simulator.randomness import Stream
from assay.simulator.sites import Parameter, ScenarioError, SiteEntry

__all__ = ["CellPlant", "FoilMill", "PackPlant"]


class FoilMill:
    """Metal in, foil out, part of it as trimmings; the composition stays as it is."""

    def __init__(self, entry: SiteEntry, feed: Feedstock) -> None:
        self._entry, self._feed, self._size = entry, feed, lot_size(entry)
        self._yield = positive(entry, "yield")
        self._leftovers = Leftovers(entry)

    def batch(self, stream: Stream | None) -> Batch:
        good = drawn(self._yield, stream, worst=-1)
        needs = needs_of_element(self._entry, -(-self._size * PPM // good), None)

        def finish(inputs: Mapping[str, Material]) -> tuple[Output, ...]:
            mass = sum(material.mass for material in inputs.values())
            elements = {name: held * self._size // mass for name, held in total_elements(inputs).items()}
            main = (self._entry.product, Material(self._size, 0, elements))
            return self._leftovers.outputs(inputs, main, stream)

        return Batch(needs, finish)

    def least(self) -> dict[str, int]:
        left = {
            element: grade * self._size * (1 - Fraction(self._yield.ppm, PPM))
            for element, grade in self._mixed(0).items()
        }
        return {self._entry.product: self._size, **self._leftovers.least(left)}

    def _mixed(self, worst: int) -> dict[str, Fraction]:
        """Grades of the mixture of all inputs: the least of them, which is what one can be sure of."""
        known = self._feed.least if worst < 0 else self._feed.typical
        grades = [known.get(need.product, {}) for need in self.batch(None).needs]
        names = set(grades[0]).intersection(*grades[1:]) if grades else set()
        return {name: min(each[name] for each in grades) for name in sorted(names)}

    def grades(self, product: str, worst: int) -> Grades:
        if product != self._entry.product:
            return self._leftovers.grades(product, worst)
        return self._mixed(worst)


def _part(feed: Feedstock, product: str) -> str:
    """The part that an input plays in a cell, told by what it is made of."""
    grades, half = feed.typical.get(product, {}), Fraction(1, 2)
    if "Li" in grades:
        return "cathode"
    for element, part in (("C", "anode"), ("Cu", "copper"), ("Al", "aluminium")):
        if grades.get(element, 0) > half:
            return part
    return "components"


class CellPlant:
    """Inputs per kilowatt-hour of good cells; rejects leave as scrap.

    Parameters (kg per kWh) are named like the product, or ``cathode``, ``anode``, ``copper``, ``aluminium`` and
    ``components``.
    """

    def __init__(self, entry: SiteEntry, feed: Feedstock) -> None:
        self._entry, self._size = entry, lot_size(entry)
        self._yield = positive(entry, "yield")
        self._recipe = {
            product: mass_parameter(entry, product if product in entry.parameters else _part(feed, product))
            for product in entry.inputs
        }
        self._total = sum(parameter.ppm for parameter in self._recipe.values())
        if not self._total:
            raise ScenarioError(f"sites.{entry.facility}.parameters: give kg per kWh of each input")
        self._feed = feed
        self._leftovers = Leftovers(entry)

    def batch(self, stream: Stream | None) -> Batch:
        good = drawn(self._yield, stream, worst=-1)
        gross = self._size * PPM // good
        needs = tuple(
            Need(name, gross * part.ppm // self._total) for name, part in self._recipe.items() if part.ppm
        )

        def finish(inputs: Mapping[str, Material]) -> tuple[Output, ...]:
            mass = sum(material.mass for material in inputs.values()) * good // PPM
            elements = scaled(total_elements(inputs), good)
            main = (self._entry.product, Material(mass, 0, elements, mass * 1000 // self._total))
            return self._leftovers.outputs(inputs, main, stream)

        return Batch(needs, finish)

    def least(self) -> dict[str, int]:
        rejects = self._size * (1 - Fraction(self._yield.ppm, PPM))
        left = {element: grade * rejects for element, grade in self.grades(self._entry.product, 0).items()}
        return {self._entry.product: self._size - len(self._recipe), **self._leftovers.least(left)}

    def grades(self, product: str, worst: int) -> Grades:
        if product != self._entry.product:
            return self._leftovers.grades(product, worst)
        known = self._feed.least if worst < 0 else self._feed.typical
        grades: dict[str, Fraction] = {}
        for name, part in self._recipe.items():
            for element, grade in known.get(name, {}).items():
                grades[element] = grades.get(element, Fraction(0)) + grade * part.ppm / self._total
        return grades

    @property
    def kilograms_per_kwh(self) -> Fraction:
        """Mass of good cells per kilowatt-hour, kg."""
        return Fraction(self._total, PPM)


class PackPlant:
    """One pack per batch: cells by energy, components per kilowatt-hour. Rejected cells leave as scrap."""

    def __init__(
        self,
        entry: SiteEntry,
        feed: Feedstock,
        pack_kwh: Parameter,
        cell_kilograms_per_kwh: Fraction,
        cells: str,
    ) -> None:
        self._entry, self._feed, self._cells = entry, feed, cells
        self._yield = positive(entry, "yield")
        self._energy = pack_kwh.ppm  # millionths of a kWh
        if self._energy < 1000:
            raise ScenarioError(f"demand.pack_kwh: {pack_kwh.value} is no energy of a pack; raise it")
        self._per_kwh = cell_kilograms_per_kwh
        self._components = {
            product: mass_parameter(entry, product if product in entry.parameters else "components")
            for product in entry.inputs
            if product != cells
        }
        self._leftovers = Leftovers(entry)

    @property
    def _net(self) -> int:
        return self._energy * self._per_kwh.numerator // self._per_kwh.denominator  # kWh/1e6 * kg/kWh = mg

    def batch(self, stream: Stream | None) -> Batch:
        """One pack; its mass follows from its energy."""
        good = drawn(self._yield, stream, worst=-1)
        needs = [Need(self._cells, self._net * PPM // good)]
        for product, part in self._components.items():
            needs.append(Need(product, self._energy * part.ppm // PPM))

        def finish(inputs: Mapping[str, Material]) -> tuple[Output, ...]:
            kept = {
                product: Material(material.mass * good // PPM, 0, scaled(material.elements, good))
                if product == self._cells
                else material
                for product, material in inputs.items()
            }
            elements = dict(total_elements(kept))
            mass = sum(material.mass for material in kept.values())
            main = (self._entry.product, Material(mass, 0, elements, self._energy // 1000))
            return self._leftovers.outputs(inputs, main, stream)

        return Batch(tuple(needs), finish)

    def least(self) -> dict[str, int]:
        components = sum(self._energy * part.ppm // PPM for part in self._components.values())
        return {self._entry.product: self._net - KG + components, **self._leftovers.least({})}

    def grades(self, product: str, worst: int) -> Grades:
        if product != self._entry.product:
            return self._leftovers.grades(product, worst)
        known = self._feed.least if worst < 0 else self._feed.typical
        parts = {self._cells: self._net}
        parts |= {name: self._energy * part.ppm // PPM for name, part in self._components.items()}
        total, grades = sum(parts.values()), dict[str, Fraction]()
        for name, mass in parts.items():
            for element, grade in known.get(name, {}).items():
                grades[element] = grades.get(element, Fraction(0)) + grade * mass / total
        return grades
