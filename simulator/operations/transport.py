"""Journeys: how long a route takes, drawn leg by leg between its least and most days."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay.profiles.world.transport import FASTEST_KMH
from assay.simulator.randomness import Stream
from assay.simulator.sites import Leg, Route

__all__ = ["Travel", "least_minutes", "most_minutes", "travel"]

_MINUTES_PER_DAY = 1440
_HANDLING = 360
"""Minutes to load or unload: a quarter of a day (assumption)."""
_DISPATCH = 2 * _MINUTES_PER_DAY
"""Minutes from the call for a consignment to its loading: papers, passport and slot (assumption)."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Minutes of loading before departure, and from departure to arrival."""

    loading: int
    minutes: int


def travel(route: Route, stream: Stream) -> Travel:
    """Draw one journey: handling, and leg by leg no less than the fastest of its mode takes."""
    loading = _DISPATCH + stream.between(_HANDLING, 4 * _HANDLING)
    minutes = _HANDLING
    for leg in route.legs:
        drawn = stream.between(leg.days[0] * _MINUTES_PER_DAY, leg.days[1] * _MINUTES_PER_DAY)
        minutes += max(drawn, _fastest(leg))
    return Travel(loading, minutes)


def least_minutes(route: Route) -> int:
    """From the call for a consignment to its arrival, at best."""
    return _DISPATCH + 2 * _HANDLING + sum(leg.days[0] for leg in route.legs) * _MINUTES_PER_DAY


def most_minutes(route: Route) -> int:
    """From the call for a consignment to its arrival, at worst."""
    return (
        _DISPATCH
        + 5 * _HANDLING
        + sum(max(leg.days[1] * _MINUTES_PER_DAY, _fastest(leg)) for leg in route.legs)
    )


def _fastest(leg: Leg) -> int:
    """Minutes that nobody beats."""
    return math.ceil(leg.km * 60 / FASTEST_KMH[leg.mode])
