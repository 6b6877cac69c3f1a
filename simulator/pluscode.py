"""Open Location Codes ("plus codes") in whole numbers: ten digits, a cell of 1/8000 of a degree.

Source: Open Location Code specification, https://github.com/google/open-location-code (algorithm re-expressed here).
"""

from __future__ import annotations

__all__ = ["plus_code"]

_DIGITS = "23456789CFGHJMPQRVWX"
_CELLS_PER_DEGREE = 8000
_MICRO = 1_000_000


def plus_code(latitude: int, longitude: int) -> str:
    """Full ten-digit code of a point in micro-degrees, e.g. ``8FVC9G8F+6X``.

    Latitudes are clipped to the poles, longitudes wrapped around the earth.
    """
    row = (min(max(latitude, -90 * _MICRO), 90 * _MICRO) + 90 * _MICRO) * _CELLS_PER_DEGREE // _MICRO
    row = min(row, 180 * _CELLS_PER_DEGREE - 1)
    column = (longitude + 180 * _MICRO) % (360 * _MICRO) * _CELLS_PER_DEGREE // _MICRO
    code = ""
    for _ in range(5):
        code = _DIGITS[row % 20] + _DIGITS[column % 20] + code
        row, column = row // 20, column // 20
    return f"{code[:8]}+{code[8:]}"
