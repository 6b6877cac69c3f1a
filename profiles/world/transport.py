"""How fast goods can travel, by mode of transport."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["FASTEST_KMH"]

FASTEST_KMH: Mapping[str, int] = MappingProxyType(
    {
        "sea": 46,
        "ocean": 46,
        "river": 30,
        "barge": 30,
        "road": 90,
        "truck": 90,
        "rail": 120,
        "air": 950,
        "conveyor": 30,
        "pipeline": 30,
    }
)
"""Kilometres an hour, generous upper bounds door to door: a container ship at full speed makes 25 knots (unverified)."""
