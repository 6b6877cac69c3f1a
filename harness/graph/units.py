"""Masses in milligrams: the mass units of UNECE Recommendation 20, exactly.

Factors are those of Recommendation 20 (Rev. 17e-2021), as exact decimals of a milligram. Quantities that are counts
become masses through the weight of one piece, which a passport states; volumes stay unknown, because no density is.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from assay.harness.graph.reading import text

__all__ = [
    "COUNT_UNITS",
    "LARGEST_MG",
    "MASS_UNITS",
    "decimal",
    "integer",
    "mass_mg",
    "measure_kind",
    "unit_code",
]

MASS_UNITS: dict[str, Decimal] = {
    "MC": Decimal("0.001"),
    "MGM": Decimal(1),
    "CGM": Decimal(10),
    "DG": Decimal(100),
    "GRM": Decimal(1_000),
    "DJ": Decimal(10_000),
    "HGM": Decimal(100_000),
    "KGM": Decimal(1_000_000),
    "DTN": Decimal(100_000_000),
    "TNE": Decimal(1_000_000_000),
    "2U": Decimal(1_000_000_000),
    "KTN": Decimal(1_000_000_000_000),
    "ONZ": Decimal("28349.52"),
    "APZ": Decimal("31103.48"),
    "LBR": Decimal("453592.37"),
    "STI": Decimal("6350293"),
    "CWA": Decimal("45359200"),
    "CWI": Decimal("50802350"),
    "STN": Decimal("907184700"),
    "LTN": Decimal("1016047000"),
}
"""Milligrams per unit."""

COUNT_UNITS = frozenset({"C62", "H87", "EA", "NMP", "NAR", "XPP"})
"""Units that count pieces."""

LARGEST_MG = 5_000_000_000_000_000
"""Five million tonnes: larger quantities of one event line are taken as unknown, so that sums stay within 64 bits."""


def decimal(value: Any) -> Decimal | None:
    """The number as an exact decimal of the digits that were written; None for anything that is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e30") else None


def integer(value: Decimal) -> int | None:
    """Rounded half to even, or None outside a signed 64-bit integer."""
    number = int(value.to_integral_value())
    return number if -(2**63) < number < 2**63 else None


def unit_code(value: Any) -> str:
    """The code of a unit: the last part of an IRI, or the code itself."""
    found = text(value)
    return found.rsplit("#", 1)[-1].rsplit("/", 1)[-1] if found is not None else ""


def measure_kind(measure: Any) -> str:
    """``mass``, ``count`` or ``other``, by the unit of a Measure."""
    code = unit_code(measure.get("unit")) if isinstance(measure, dict) else ""
    return "mass" if code in MASS_UNITS else "count" if code in COUNT_UNITS else "other"


def mass_mg(measure: Any, piece_mg: int | None = None) -> int | None:
    """Milligrams of a UNTP Measure; pieces count with ``piece_mg`` each. None where no mass follows."""
    if not isinstance(measure, dict):
        return None
    value, code = decimal(measure.get("value")), unit_code(measure.get("unit"))
    if value is None or value < 0:
        return None
    if code in MASS_UNITS:
        result = integer(value * MASS_UNITS[code])
    elif code in COUNT_UNITS and piece_mg is not None:
        result = integer(value * piece_mg)
    else:
        return None
    return result if result is not None and result <= LARGEST_MG else None
