"""What the user vouches for where documents say nothing, or say it in prose only: the file behind ``--assume``.

::

    Copper Concentrate: {Cu: 0.30, moisture: 0.08}      # grades of a product, by identifier, name, code or word of its name
    75 kWh Li-ion Battery Pack: {voltage: 400, capacity: 150, energy: 75}   # V, Ah, kWh
    Copper concentrate shipment: {transport: sea}        # an event, by identifier, name or word of its name
    Sample Copper Mine: {yearly_tonnes: 250000, of: Cu}  # a site; "of" an element or a family of materials
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.harness.graph.grades import Grade, grade_of

__all__ = ["MODES", "AssumptionError", "Assumptions", "read_assumed"]

MODES = ("air", "conveyor", "pipeline", "rail", "river", "road", "sea")
_ELEMENT = re.compile(r"[A-Z][a-z]?")
_WORD = re.compile(r"\w+")
_NUMBERS = {
    "voltage": "volts",
    "capacity": "ampere-hours",
    "energy": "kilowatt-hours",
    "yearly_tonnes": "tonnes a year",
}
_LARGEST = 1e12


class AssumptionError(ValueError):
    """An entry that cannot be used; the message names key, value and mend."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """``grades`` as the graph takes them; ``figures`` the other keys of each entry."""

    grades: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    figures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def grade(self, key: str, name: str | None, categories: Iterable[str], passport: Any) -> Grade | None:
        """Grade of a product: what its passport states, otherwise what is assumed, otherwise None."""
        return grade_of(key, name, categories, passport, self.grades)

    def figure(self, key: str, name: str | None, figure: str) -> Any:
        """An assumed figure by identifier, by name, or by words of the name (the longest entry first); None where none is."""
        holders = {entry: found[figure] for entry, found in self.figures.items() if figure in found}
        if not holders:
            return None
        if key in holders:
            return holders[key]
        words = _WORD.findall((name or "").casefold())
        for entry in sorted(holders, key=lambda text: (-len(text), text)):
            sought = _WORD.findall(entry.casefold())
            size = len(sought)
            if size and any(words[at : at + size] == sought for at in range(len(words) - size + 1)):
                return holders[entry]
        return None


def read_assumed(content: Any) -> Assumptions:
    """Assumptions from the parsed YAML.

    :raises AssumptionError: wrong shape, unknown key, or a value out of range; names key, value and mend.
    """
    if not isinstance(content, dict):
        raise AssumptionError(
            "expected a mapping of products to grades, such as 'Copper cathode: {Cu: 0.9999}'"
        )
    grades: dict[str, dict[str, float]] = {}
    figures: dict[str, dict[str, Any]] = {}
    for name, entry in content.items():
        if not isinstance(entry, dict) or not entry:
            raise AssumptionError(
                f"key '{name}': expected element grades, such as {{Cu: 0.30}}, got {entry!r}"
            )
        for key, value in entry.items():
            if isinstance(key, str) and _ELEMENT.fullmatch(key):
                grades.setdefault(str(name), {})[key] = _fraction(f"{name}.{key}", value)
            else:
                figures.setdefault(str(name), {})[str(key)] = _figure(str(name), key, value)
    return Assumptions(grades, figures)


def _fraction(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise AssumptionError(
            f"key '{where}': {value!r} is no mass fraction; write a number above 0 and at most 1"
        )
    return float(value)


def _figure(name: str, key: Any, value: Any) -> Any:
    if key in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LARGEST:
            raise AssumptionError(f"key '{name}.{key}': {value!r} is no number of {_NUMBERS[key]} above 0")
        return float(value)
    if key == "transport":
        if value not in MODES:
            raise AssumptionError(
                f"key '{name}.transport': {value!r} is no mode of transport; write one of: {', '.join(MODES)}"
            )
        return value
    if key == "of":
        if not isinstance(value, str) or not re.fullmatch(r"[A-Z][a-z]?|[a-z][a-z-]{2,40}", value):
            raise AssumptionError(
                f"key '{name}.of': {value!r} is neither an element symbol nor a family of materials; write Cu or copper-concentrate"
            )
        return value
    raise AssumptionError(
        f"key '{name}': '{key}' is no element symbol; write Cu, Li, Ni, …, or one of: {', '.join((*_NUMBERS, 'transport', 'of'))}"
    )
