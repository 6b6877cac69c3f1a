"""Where things are: coarse country outlines, boundaries, great circles and plus codes.

The outlines (``data/outlines.json``) are our own and coarse: they find a mine in the wrong country or in the sea, and
leave borders and coasts alone by a stated tolerance. Angles are degrees on WGS 84, distances kilometres on a sphere of
6,371 km, within 0.6 per cent of the ellipsoid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from math import asin, cos, hypot, radians, sin, sqrt
from typing import Any, NamedTuple

__all__ = [
    "Cell",
    "Point",
    "code_distance_km",
    "decode_plus_code",
    "distance_km",
    "inside",
    "km_outside_country",
    "km_outside_ring",
    "landlocked",
    "outlined",
    "tolerance_km",
]

_EARTH_KM = 6371.0
_KM_PER_DEGREE = 111.195
_DIGITS = "23456789CFGHJMPQRVWX"
_CODE = re.compile(r"[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,7}", re.I)


class Point(NamedTuple):
    """A place: latitude and longitude in degrees."""

    latitude: float
    longitude: float


class Cell(NamedTuple):
    """The area of a plus code: its south-west corner, and its height and width in degrees."""

    south: float
    west: float
    height: float
    width: float


@cache
def _content() -> dict[str, Any]:
    text = (files("assay.profiles") / "data" / "outlines.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


@cache
def _rings(country: str) -> tuple[tuple[Point, ...], ...]:
    rings = _content()["outlines"].get(country, ())
    return tuple(tuple(Point(latitude, longitude) for longitude, latitude in ring) for ring in rings)


def outlined(country: str) -> bool:
    """Whether there is an outline of the country (ISO 3166-1 alpha-2)."""
    return country in _content()["outlines"]


def tolerance_km() -> float:
    """How far outside its country's outline a point may lie and still count as inside."""
    return float(_content()["tolerance_km"])


def landlocked(country: str) -> bool:
    """Whether a country has no coast on the open sea; the Caspian and the Aral Sea do not count."""
    return country in _content()["landlocked"]


def inside(point: Point, ring: Sequence[Point]) -> bool:
    """Whether a point lies within a ring (even-odd rule; closed or not)."""
    found = False
    for one, two in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (one.latitude > point.latitude) != (two.latitude > point.latitude):
            share = (point.latitude - one.latitude) / (two.latitude - one.latitude)
            if point.longitude < one.longitude + share * (two.longitude - one.longitude):
                found = not found
    return found


def distance_km(one: Point, two: Point) -> float:
    """Great-circle distance."""
    lat1, lon1, lat2, lon2 = (radians(value) for value in (*one, *two))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, half)))


def km_outside_ring(point: Point, ring: Sequence[Point]) -> float:
    """0 inside a ring, otherwise the distance to its nearest edge on a plane that touches the earth at the point."""
    if inside(point, ring):
        return 0.0
    narrow = cos(radians(point.latitude))
    flat = [((other.longitude - point.longitude) * narrow, other.latitude - point.latitude) for other in ring]
    edges = zip(flat, (*flat[1:], flat[0]), strict=True)
    return min(_to_segment(start, end) for start, end in edges) * _KM_PER_DEGREE


def _to_segment(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Distance from the origin to a segment."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0 if not length else -(start[0] * along[0] + start[1] * along[1]) / length
    share = min(1.0, max(0.0, share))
    return hypot(start[0] + share * along[0], start[1] + share * along[1])


def km_outside_country(point: Point, country: str) -> float | None:
    """How far a point lies outside a country's outline, 0 inside; None where there is no outline."""
    rings = _rings(country)
    return min(km_outside_ring(point, ring) for ring in rings) if rings else None


def decode_plus_code(text: str) -> Cell | None:
    """The cell of a full Open Location Code within ``text`` (a bare code or a URL); None where there is none.

    Source: Open Location Code specification, https://github.com/google/open-location-code: five pairs in base 20,
    then a grid of five rows by four columns per digit.
    """
    found = _CODE.search(text)
    if found is None:
        return None
    digits = [_DIGITS.index(digit) for digit in found.group().upper().replace("+", "")]
    south, west, size = -90.0, -180.0, 400.0
    for row, column in zip(digits[:10:2], digits[1:10:2], strict=True):
        size /= 20
        south, west = south + row * size, west + column * size
    height = width = size
    for digit in digits[10:]:
        height, width = height / 5, width / 4
        south, west = south + digit // 4 * height, west + digit % 4 * width
    return Cell(south, west, height, width)


def code_distance_km(cell: Cell, point: Point) -> float:
    """Distance from a point to the middle of a cell, less half the cell's diagonal: 0 or less for a point inside."""
    middle = Point(cell.south + cell.height / 2, cell.west + cell.width / 2)
    diagonal = hypot(cell.height, cell.width * cos(radians(middle.latitude))) * _KM_PER_DEGREE
    return distance_km(middle, point) - diagonal / 2
