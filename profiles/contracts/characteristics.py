"""What a passport's ``characteristics`` say about content, so that masses can be turned into contained elements.

UNTP leaves ``credentialSubject.characteristics`` open. These are the names that our simulator writes and that the
graph reads; a passport without them is no error, its content is then *unknown*::

    "characteristics": {
      "elementGrades": {"Li": 0.02554},        # kilogram of element per kilogram of dry product
      "gradeBasis": "dry",                     # the only basis there is; anything else is unknown
      "moisture": 0.081,                       # kilogram of water per kilogram of product as weighed
      "composition": "LiAlSi2O6",              # for people: the carrying mineral or compound
      "ratedEnergy": {"value": 75.0, "unit": "KWH"},  # cells and packs only; whole batch or item
      "custody": {                             # where a custody model is stated
        "model": "mass-balance", "scheme": "https://...", "element": "Li", "conformingShare": 1,
        "periodStart": "2026-01-01T00:00:00Z", "periodEnd": "2026-04-01T00:00:00Z"
      },
      "footprint": {                           # by kilogram of product as weighed
        "carbon": [{"boundary": "cradle-to-gate", "value": 16.2, "unit": "KGM"}],
        "water": {"boundary": "cradle-to-gate", "value": 0.11, "unit": "MTQ"},
        "energy": {"boundary": "cradle-to-gate", "value": 17.5, "unit": "KWH"},
        "recycled": {"Co": {"preConsumer": 0.02, "postConsumer": 0.1}},   # parts of the element
        "allocation": "mass"                   # where the process has several products
      }
    }

Contained element of a quantity as weighed (events, ``dimensions.weight``) is therefore
``mass * (1 - moisture) * elementGrades[element]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

__all__ = [
    "COMPOSITION",
    "CUSTODY",
    "DRY",
    "ELEMENTS",
    "ELEMENT_GRADES",
    "FOOTPRINT",
    "GRADE_BASIS",
    "MOISTURE",
    "NOMINAL_VOLTAGE",
    "RATED_CAPACITY",
    "RATED_ENERGY",
    "Characteristics",
    "dry_grades",
]

ELEMENT_GRADES = "elementGrades"
GRADE_BASIS = "gradeBasis"
MOISTURE = "moisture"
COMPOSITION = "composition"
RATED_ENERGY = "ratedEnergy"
NOMINAL_VOLTAGE = "nominalVoltage"
RATED_CAPACITY = "ratedCapacity"
DRY = "dry"
CUSTODY = "custody"
FOOTPRINT = "footprint"

ELEMENTS = ("Li", "Ni", "Co", "Mn", "Cu", "Al", "C", "Fe", "P")
"""Elements that the ledger keeps account of. ``C`` is carbon as graphite."""


class Characteristics(TypedDict, total=False):
    """The members above; grades and moisture are mass fractions between 0 and 1."""

    elementGrades: dict[str, float]
    gradeBasis: str
    moisture: float
    composition: str
    ratedEnergy: dict[str, Any]
    custody: dict[str, Any]
    footprint: dict[str, Any]


def dry_grades(characteristics: object) -> tuple[dict[str, float], float] | None:
    """Grades by element and moisture as stated, or ``None`` where they are absent or make no sense (hostile input)."""
    if not isinstance(characteristics, Mapping):
        return None
    grades, moisture = characteristics.get(ELEMENT_GRADES), characteristics.get(MOISTURE, 0)
    if not isinstance(grades, Mapping) or characteristics.get(GRADE_BASIS, DRY) != DRY:
        return None
    if not _fraction(moisture) or not grades or not all(_fraction(value) for value in grades.values()):
        return None
    return {str(key): float(value) for key, value in grades.items()}, float(moisture)


def _fraction(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
