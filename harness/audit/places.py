"""Where a facility says it is: country outline, own boundary, plus code."""

from __future__ import annotations

from typing import Any

from assay.harness.audit.tally import Tally
from assay.harness.graph.reading import member, members, text
from assay.profiles.geography import (
    Point,
    code_distance_km,
    decode_plus_code,
    km_outside_country,
    km_outside_ring,
    tolerance_km,
)

__all__ = ["judge_place", "point_of"]

_MOST_CORNERS = 10_000
_ROUNDING_KM = 0.05
"""Coordinates with four decimals are good to some ten metres."""


def point_of(value: Any) -> Point | None:
    """A latitude and longitude in their ranges, or None."""
    latitude, longitude = member(value, "latitude"), member(value, "longitude")
    for angle, limit in ((latitude, 90), (longitude, 180)):
        if isinstance(angle, bool) or not isinstance(angle, int | float) or not -limit <= angle <= limit:
            return None
    return Point(float(latitude), float(longitude))


def judge_place(tally: Tally, doc: int, facility: Any) -> None:
    """W-140 to W-143 on a facility record's subject."""
    location = member(facility, "locationInformation")
    point = point_of(member(location, "geoLocation"))
    at = "/credentialSubject/locationInformation"
    country = text(member(facility, "countryOfOperation", "countryCode"))
    if point is None:
        tally.undecide("W-140", "latitude and longitude of a facility")
    elif country is None:
        tally.undecide("W-140", "the country of a facility")
    else:
        _judge_country(tally, doc, at, point, country)
    ring = [point_of(corner) for _, corner in members(location, "geoBoundary")]
    if ring:
        _judge_boundary(tally, doc, at, point, ring[:_MOST_CORNERS])
    cell = decode_plus_code(text(member(location, "plusCode")) or "")
    if cell is not None and point is not None:
        away = code_distance_km(cell, point)
        tally.judge(
            "W-143",
            away <= _ROUNDING_KM,
            doc,
            at + "/plusCode",
            f"the plus code of {point.latitude}, {point.longitude}",
            f"{text(member(location, 'plusCode'))}, {away:,.0f} km away"
            if away >= 1
            else f"a cell {away * 1000:,.0f} m away",
            "Encode the plus code anew from latitude and longitude.",
        )


def _judge_country(tally: Tally, doc: int, at: str, point: Point, country: str) -> None:
    away = km_outside_country(point, country)
    if away is None:
        return
    swapped = (
        km_outside_country(Point(point.longitude, point.latitude), country)
        if abs(point.longitude) <= 90
        else None
    )
    hint = "Mend the coordinates or the country."
    if swapped is not None and swapped <= tolerance_km() < away:
        hint = "Latitude and longitude are swapped: exchanged, the point lies in the country."
    tally.judge(
        "W-140",
        away <= tolerance_km(),
        doc,
        at + "/geoLocation",
        f"a point in {country} (outline coarse, tolerance {tolerance_km():.0f} km)",
        f"{point.latitude}, {point.longitude}: {away:,.0f} km outside",
        hint,
    )


def _judge_boundary(tally: Tally, doc: int, at: str, point: Point | None, ring: list[Point | None]) -> None:
    corners = [corner for corner in ring if corner is not None]
    closed = len(corners) == len(ring) >= 4 and corners[0] == corners[-1]
    tally.judge(
        "W-142",
        closed,
        doc,
        at + "/geoBoundary",
        "a closed ring: at least four points, the last equal to the first",
        f"{len(ring)} points"
        + (
            ""
            if len(ring) < 4
            else ", not closed"
            if len(corners) == len(ring)
            else ", some without coordinates"
        ),
        "Give the corners of the site in order and repeat the first at the end.",
    )
    if len(corners) < 3 or point is None:
        tally.undecide("W-141", "a boundary of at least three corners, or the point of the facility")
        return
    away = km_outside_ring(point, corners)
    tally.judge(
        "W-141",
        away <= _ROUNDING_KM,
        doc,
        at + "/geoLocation",
        "a point within the facility's own boundary",
        f"{point.latitude}, {point.longitude}: {away:,.1f} km outside",
        "Mend the point or the boundary.",
    )
