"""Digital Facility Records: where a facility is, who answers for it, who issues the record.

Geometry is plane geometry on degrees: good enough to tell a point inside a mine lease from one outside, also where the
boundary crosses the 180th meridian; not meant for areas that hold a pole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from assay.harness.checks import check
from assay.harness.checks._schema import below
from assay.harness.checks._values import as_number, as_text, identifier, mappings, related, short
from assay.harness.checks.links import is_resolvable
from assay.harness.credential.instants import instant
from assay.harness.material import CredentialSet, Document, Kind, Node
from assay.harness.results import Finding

__all__ = ["OPERATING_ROLES", "Box", "inside", "misplaced", "plus_code_area", "ring"]

OPERATING_ROLES = frozenset({"owner", "operator"})
PLUS_CODE_ALPHABET = "23456789CFGHJMPQRVWX"
"""Digits of Open Location Codes, in order (specification of the Open Location Code project, base 20)."""

NEARBY = 0.01
"""Degrees (about one kilometre) that a point may lie beside the area of its plus code: a full code names a patch of 14 m, and
a site is larger than that. Our own choice."""

Point = tuple[float, float]
"""Latitude and longitude in degrees."""
Box = tuple[float, float, float, float]
"""South, west, north, east in degrees."""


@check("DFR-005", kinds=(Kind.DFR,), silent_when_certified=True)
def country_of_operation_is_stated(document: Document) -> Iterator[Finding]:
    """The country of operation is an object with its country code."""
    yield from below(
        document,
        ("credentialSubject",),
        "countryOfOperation",
        "countryOfOperation with countryCode",
        'Since 0.7 a country is an object: {"countryCode": "AU"}.',
    )


@check("DFR-008", cls="Location")
def location_is_anchored(node: Node) -> Iterator[Finding]:
    """A location has a plus code, a point or a boundary; the schema lets an empty one pass."""
    if not any(node.value.get(name) for name in ("plusCode", "geoLocation", "geoBoundary")):
        yield Finding(
            at=node.at(),
            expected="plusCode, geoLocation or geoBoundary",
            received="none of them",
            hint="One point within the site is enough.",
        )


def _point(value: object) -> Point | None:
    if not isinstance(value, dict):
        return None
    latitude, longitude = as_number(value.get("latitude")), as_number(value.get("longitude"))
    return None if latitude is None or longitude is None else (latitude, longitude)


def ring(value: object) -> list[Point] | None:
    """The points of a boundary, or ``None`` if it is no list of coordinates."""
    if not isinstance(value, list):
        return None
    points = [_point(item) for item in value]
    return [point for point in points if point is not None] if None not in points else None


@check("DFR-010", cls="Location")
def boundary_is_closed(node: Node) -> Iterator[Finding]:
    """A boundary is a closed ring: at least four points, the last one equal to the first."""
    points = ring(node.value.get("geoBoundary"))
    if points is None or (len(points) >= 4 and points[0] == points[-1] and len(set(points)) >= 3):
        return
    received = f"{len(points)} points, {len(set(points))} of them different"
    if points:
        received += ", closed" if points[0] == points[-1] else ", open"
    yield Finding(
        at=node.at("geoBoundary"),
        expected="a closed ring: at least three different points, and the first again at the end",
        received=received,
        hint="List the corners in order around the site and repeat the first one.",
    )


def inside(point: Point, boundary: Sequence[Point]) -> bool:
    """Whether a point lies in a closed ring (even-odd rule); points on an edge count as inside."""
    latitude = point[0]
    origin = point[1]
    shifted = [(corner, (longitude - origin + 180) % 360 - 180) for corner, longitude in boundary]
    odd = False
    for (south, west), (north, east) in pairwise(shifted):
        if abs(east - west) > 180:  # the edge goes the other way round the globe
            east += 360 if east < west else -360
        cross = (east - west) * (latitude - south) + west * (north - south)
        if (
            abs(cross) < 1e-12
            and min(south, north) <= latitude <= max(south, north)
            and min(west, east) <= 0 <= max(west, east)
        ):
            return True
        if (south > latitude) != (north > latitude):
            odd ^= west + (latitude - south) / (north - south) * (east - west) > 0
    return odd


def plus_code_area(code: str) -> Box | None:
    """The area of a full Open Location Code, or ``None`` for anything else (short codes need a reference place)."""
    return _area(code) if len(code) <= 16 else None  # eight digits, "+", at most seven more


@lru_cache(maxsize=4096)
def _area(code: str) -> Box | None:
    digits, plus, rest = code.upper().partition("+")
    if not plus or len(digits) != 8 or len(rest) == 1 or len(rest) > 7:
        return None
    pairs = (digits.rstrip("0") if not rest else digits) + rest[:2]
    if len(pairs) < 2 or len(pairs) % 2 or any(digit not in PLUS_CODE_ALPHABET for digit in pairs + rest[2:]):
        return None
    south, west, height, width = -90.0, -180.0, 400.0, 400.0
    for i in range(0, len(pairs), 2):
        height, width = height / 20, width / 20
        south += PLUS_CODE_ALPHABET.index(pairs[i]) * height
        west += PLUS_CODE_ALPHABET.index(pairs[i + 1]) * width
    for digit in rest[2:]:
        row, column = divmod(PLUS_CODE_ALPHABET.index(digit), 4)
        height, width = height / 5, width / 4
        south, west = south + row * height, west + column * width
    return (south, west, south + height, west + width)


def _in_area(point: Point, area: Box) -> bool:
    south, west, north, east = area
    longitude = (
        west + (point[1] - west + 180) % 360 - 180
    )  # the turn of the globe that is nearest to the area
    return south - NEARBY <= point[0] <= north + NEARBY and west - NEARBY <= longitude <= east + NEARBY


def misplaced(location: Mapping[str, Any], corners: Sequence[Point] | None) -> tuple[bool, Box | None]:
    """Whether the point of a location lies outside its boundary, and the area of its plus code if it lies outside that."""
    point = _point(location.get("geoLocation"))
    if point is None:
        return False, None
    closed = corners is not None and len(corners) >= 4 and corners[0] == corners[-1]
    outside = closed and corners is not None and not inside(point, corners)
    area = _area_of(location.get("plusCode"))
    if area is None or _in_area(point, area) or _touches(corners, area):
        area = None
    return outside, area


def _area_of(code: object) -> Box | None:
    return plus_code_area(_code(code)) if isinstance(code, str) else None


def _code(text: str) -> str:
    """The code itself, where it may be the end of a URL."""
    return unquote(text).rstrip("/").rsplit("/", 1)[-1]


@check("DFR-011", cls="Location")
def point_lies_within(node: Node) -> Iterator[Finding]:
    """The point of a location lies within its boundary and within the area of its plus code, where these are given."""
    outside, area = misplaced(node.value, ring(node.value.get("geoBoundary")))
    if outside:
        point = _point(node.value.get("geoLocation")) or (0.0, 0.0)
        yield Finding(
            at=node.at("geoLocation"),
            expected="a point within geoBoundary",
            received=f"{point[0]:g}, {point[1]:g}",
            hint="Check whether latitude and longitude were swapped.",
        )
    if area is not None:
        code = _code(as_text(node.value.get("plusCode")))
        yield Finding(
            at=node.at("plusCode"),
            expected="a code whose area holds geoLocation",
            received=f"{short(code)}: {area[0]:.6g} to {area[2]:.6g} north, {area[1]:.6g} to {area[3]:.6g} east",
            hint="Encode the same point, or use a shorter code for a larger area.",
        )


def _touches(corners: Sequence[Point] | None, area: Box) -> bool:
    """Whether the middle of an area lies in the boundary: plus code and point may mark two places of one site."""
    middle = ((area[0] + area[2]) / 2, (area[1] + area[3]) / 2)
    return bool(corners) and corners is not None and corners[0] == corners[-1] and inside(middle, corners)


def _operators(facility: Mapping[str, Any]) -> list[str]:
    return [
        identifier(item.get("party"))
        for _, item in mappings(facility.get("relatedParty"))
        if as_text(item.get("role")) in OPERATING_ROLES
    ]


@check("DFR-013", kinds=(Kind.DFR,), silent_when_certified=True)
def address_is_complete(document: Document) -> Iterator[Finding]:
    """A facility has an address of street, postal code, locality, region and country."""
    yield from below(
        document,
        ("credentialSubject",),
        "address",
        "streetAddress, postalCode, addressLocality, addressRegion and addressCountry",
        "A site without a street is described by the nearest road or settlement.",
    )


@check("DFR-014", cls="Facility", series="0.7")
def operator_is_named(node: Node) -> Iterator[Finding]:
    """Owner or operator stand among the related parties, with an identifier that can be looked up."""
    operators = _operators(node.value)
    if not any(is_resolvable(operator) for operator in operators):
        yield Finding(
            at=node.at("relatedParty"),
            expected="an owner or operator with a DID or URL as id",
            received="none with such an id" if operators else "no such role",
            hint="Name the party that answers for the site by its DID.",
        )


@check("DFR-015", kinds=(Kind.DFR,))
def issuer_runs_the_facility(document: Document) -> Iterator[Finding]:
    """The issuer of a facility record is the owner or operator of the facility, by DID or by a registered alias."""
    issuer = related(document.value, "issuer")
    names = {
        identifier(issuer),
        *(identifier(item) for _, item in mappings(issuer.get("issuerAlsoKnownAs"))),
    } - {""}
    facility = related(document.value, "credentialSubject")
    operators: set[str] = set()
    for _, item in mappings(facility.get("relatedParty")):
        if as_text(item.get("role")) in OPERATING_ROLES:
            party = related(item, "party")
            operators |= {
                identifier(party),
                *(identifier(x) for _, x in mappings(party.get("partyAlsoKnownAs"))),
            }
    if names and operators - {""} and names.isdisjoint(operators):
        yield Finding(
            at=document.at("issuer", "id"),
            expected=f"owner or operator: {short(', '.join(sorted(operators - {''})))}",
            received=short(identifier(issuer)),
            hint="Let the operator issue the record, or list the DID that it also has.",
        )


@check("DFR-024", whole_set=True)
def newest_record_is_valid(material: CredentialSet) -> Iterator[Finding]:
    """A facility record is issued anew before it ends: the newest one in the set is valid at the date of the run."""
    newest: dict[str, tuple[datetime, Document]] = {}
    for document in material.documents:
        if document.kind is not Kind.DFR:
            continue
        begins = instant(related(document.value).get("validFrom"))
        facility = identifier(related(document.value, "credentialSubject"))
        if begins is not None and facility and (facility not in newest or begins > newest[facility][0]):
            newest[facility] = (begins, document)
    for _, document in newest.values():
        until = instant(related(document.value).get("validUntil"))
        if until is not None and until < material.as_of:
            yield Finding(
                at=document.at("validUntil"),
                expected=f"a record that is valid at {material.as_of.isoformat()}",
                received=f"the newest one ended at {until.isoformat()}",
                hint="Issue the record of the next period, and let the facility identifier lead to it.",
            )
