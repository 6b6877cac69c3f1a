"""How a passport of UNTP 0.6 states content, so that masses can be turned into contained elements.

No context of 0.6 knows ``characteristics`` of products, so what 0.7 passports say there (see ``characteristics``) is said by
a claim of its own: one ``declaredValue`` for each element, one for moisture, and for packs
their rated energy, nominal voltage (``VLT``) and rated capacity (``AMH``)::

    {"metricName": "Li mass fraction, dry basis", "metricValue": {"value": 0.02554, "unit": "C62"}}
    {"metricName": "Moisture mass fraction, as weighed", "metricValue": {"value": 0.081, "unit": "C62"}}
    {"metricName": "Rated energy", "metricValue": {"value": 75.0, "unit": "KWH"}}

The names are the ones that our simulator writes; a passport without them is no error, its content is then *unknown*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assay.profiles.contracts.characteristics import dry_grades

__all__ = [
    "FRACTION_UNIT",
    "MOISTURE_METRIC",
    "NOMINAL_VOLTAGE_METRIC",
    "RATED_CAPACITY_METRIC",
    "RATED_ENERGY_METRIC",
    "declared_grades",
    "grade_metric",
]

FRACTION_UNIT = "C62"
"""UNECE Recommendation 20: one."""
MOISTURE_METRIC = "Moisture mass fraction, as weighed"
RATED_ENERGY_METRIC = "Rated energy"
NOMINAL_VOLTAGE_METRIC = "Nominal voltage"
RATED_CAPACITY_METRIC = "Rated capacity"
_GRADE = " mass fraction, dry basis"


def grade_metric(element: str) -> str:
    """Name of the metric that states how much of an element there is in dry matter."""
    return element + _GRADE


def declared_grades(claims: object) -> tuple[dict[str, float], float] | None:
    """Grades by element and moisture as the claims of a 0.6 passport state them, or ``None`` where they do not make sense."""
    grades: dict[str, Any] = {}
    moisture: Any = 0
    for name, value in _fractions(claims):
        if name == MOISTURE_METRIC:
            moisture = value
        elif name.endswith(_GRADE):
            grades[name.removesuffix(_GRADE)] = value
    return dry_grades({"elementGrades": grades, "moisture": moisture})


def _fractions(claims: object) -> Iterable[tuple[str, Any]]:
    """Names and values of metrics that are fractions. What has another form is not ours."""
    for claim in claims if isinstance(claims, list) else ():
        declared = claim.get("declaredValue") if isinstance(claim, Mapping) else None
        for metric in declared if isinstance(declared, list) else ():
            name = metric.get("metricName") if isinstance(metric, Mapping) else None
            measure = metric.get("metricValue") if isinstance(name, str) else None
            if isinstance(measure, Mapping) and measure.get("unit") == FRACTION_UNIT:
                yield str(name), measure.get("value")
