"""How fast goods can travel: great-circle distance, and the fastest mode that an event's words allow.

UNTP 0.7 has no field for the mode of transport, so it is read from the words of the event. Speeds are generous upper
bounds, door to door along the great circle, so that no honest journey is flagged: a container ship at full speed makes
25 knots, a freight train or lorry well under the figures below.
"""

from __future__ import annotations

import re
from math import asin, cos, radians, sin, sqrt

__all__ = ["FALLBACK_KMH", "distance_km", "fastest"]

_MODES = (
    ("air", 950, {"air", "airfreight", "aircraft", "plane", "flight"}),
    ("rail", 120, {"rail", "railway", "train"}),
    ("road", 90, {"road", "truck", "lorry", "haulage", "trucking"}),
    ("sea", 46, {"sea", "ocean", "vessel", "ship", "maritime", "seafreight"}),
)
_WORD = re.compile(r"[a-z]+")
FALLBACK_KMH = 950
"""Where no mode is named nothing but the speed of an aircraft can be held against a journey."""


def fastest(words: str) -> tuple[str | None, int | None]:
    """The fastest mode named in ``words`` and its bound in km/h; (None, None) where none is."""
    found = set(_WORD.findall(words[:8192].lower()))
    for mode, limit, signs in _MODES:
        if found & signs:
            return mode, limit
    return None, None


def distance_km(from_e6: tuple[int, int], to_e6: tuple[int, int]) -> int:
    """Great-circle distance in whole kilometres between two (latitude, longitude) in millionths of a degree.

    Haversine on a sphere of 6,371 km, which is within 0.6 per cent of the ellipsoid. Rounded down.
    """
    lat1, lon1, lat2, lon2 = (radians(value / 1e6) for value in (*from_e6, *to_e6))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return int(2 * 6371 * asin(sqrt(min(1.0, half))))
