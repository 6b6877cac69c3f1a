"""What a set of credentials says together, read for the sandbox's graph verifier: who, what, where, and how much.

Its own reading of UNTP 0.7.0, written without a look at the harness's: plain dictionaries, no tables. Everything in it is hostile,
so every step asks what it has in its hands.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from typing import Any

from assay.simulator.sandbox.documents import instant, issuer_of, types_of

__all__ = [
    "Assessment",
    "Claim",
    "Flow",
    "Identity",
    "Make",
    "Member",
    "Move",
    "TrustGraph",
    "amount",
    "identifier",
    "kilometres",
    "listed",
    "member_of",
]

_KILOGRAMS: Mapping[str, float] = {"KGM": 1.0, "TNE": 1000.0, "GRM": 0.001, "LBR": 0.45359237}
_EARTH_KM = 6371.0
_LARGEST = 1e15
_NEVER = datetime.max.replace(tzinfo=UTC)
_STRENGTH: Mapping[str, int] = {
    "identity-preserved": 5,
    "segregated": 4,
    "controlled-blending": 3,
    "mass-balance": 2,
    "book-and-claim": 1,
}


def member_of(value: Any, *path: str) -> Any:
    """Follow names through objects; None where one is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def listed(value: Any, *path: str) -> list[dict[str, Any]]:
    """The objects at the end of a path, whether there is one or an array of them."""
    found = member_of(value, *path) if path else value
    return [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict)]


def identifier(value: Any, *path: str) -> str:
    """The ``id`` at the end of a path, or an empty string."""
    found = member_of(value, *path, "id")
    return found if isinstance(found, str) else ""


def amount(value: Any) -> float | None:
    """A number of sensible size, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST < value < _LARGEST:
        return None
    return float(value)


@dataclass(frozen=True)
class Member:
    """One credential of the set; ``text`` is the token that it came in, empty for a bare one."""

    document: Mapping[str, Any]
    text: str = ""

    @property
    def issuer(self) -> str:
        return issuer_of(self.document)

    @property
    def id(self) -> str:
        return identifier(self.document)

    @property
    def subjects(self) -> list[dict[str, Any]]:
        return listed(self.document, "credentialSubject")

    def digest(self) -> str:
        """``digestMultibase`` of the token: SHA-256 as a multihash in base64url."""
        hashed = b"\x12\x20" + hashlib.sha256(self.text.encode()).digest()
        return "u" + base64.urlsafe_b64encode(hashed).decode().rstrip("=")


@dataclass(frozen=True)
class Identity:
    """What a register says of a party."""

    of: str
    by: str
    kind: str
    scope: tuple[str, ...]


@dataclass(frozen=True)
class Claim:
    """A claim about a product or a facility."""

    id: str
    about: str
    of_product: bool
    issuer: str
    criteria: tuple[str, ...]
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Assessment:
    """One assessment in a conformity credential."""

    issuer: str
    criteria: frozenset[str]
    objects: frozenset[str]
    unverified: frozenset[str]
    conforms: bool
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Flow:
    """A quantity of a product in an event; ``kilograms`` is None where it has no mass."""

    product: str
    name: str
    kilograms: float | None


@dataclass(frozen=True)
class Make:
    """A make event."""

    at: str
    when: datetime | None
    inputs: tuple[Flow, ...]
    outputs: tuple[Flow, ...]


@dataclass(frozen=True)
class Move:
    """A move event as one of its parties records it."""

    consignment: str
    issuer: str
    origin: str
    target: str
    when: datetime | None
    name: str
    goods: tuple[Flow, ...]


@dataclass
class TrustGraph:
    """A set of credentials and vocabularies, with the anchors of whoever asks. ``raw_units``: numbers are taken as they stand."""

    members: list[Member]
    schemes: list[Mapping[str, Any]]
    anchors: frozenset[str]
    raw_units: bool = False

    def of(self, kind: str) -> Iterator[tuple[Member, dict[str, Any]]]:
        """Members of a kind with each of their subjects."""
        for member in self.members:
            if kind in types_of(member.document):
                for subject in member.subjects:
                    yield member, subject

    @cached_property
    def passports(self) -> dict[str, list[tuple[Member, dict[str, Any]]]]:
        found: dict[str, list[tuple[Member, dict[str, Any]]]] = {}
        for member, product in self.of("DigitalProductPassport"):
            found.setdefault(identifier(product), []).append((member, product))
        return found

    @cached_property
    def records(self) -> dict[str, tuple[Member, dict[str, Any]]]:
        return {identifier(site): (member, site) for member, site in self.of("DigitalFacilityRecord")}

    @cached_property
    def identities(self) -> dict[str, list[Identity]]:
        found: dict[str, list[Identity]] = {}
        for member, subject in self.of("DigitalIdentityAnchor"):
            scope = subject.get("registrationScope")
            names = tuple(item for item in scope if isinstance(item, str)) if isinstance(scope, list) else ()
            of = identifier(subject)
            identity = Identity(of, member.issuer, str(subject.get("registerType")), names)
            # What somebody says of itself anchors nothing.
            if member.issuer != of:
                found.setdefault(of, []).append(identity)
        return found

    @cached_property
    def claims(self) -> list[Claim]:
        found = []
        for kind, of_product in (("DigitalProductPassport", True), ("DigitalFacilityRecord", False)):
            for member, subject in self.of(kind):
                for claim in listed(subject, "performanceClaim"):
                    criteria = tuple(identifier(item) for item in listed(claim, "referenceCriteria"))
                    found.append(
                        Claim(
                            identifier(claim),
                            identifier(subject),
                            of_product,
                            member.issuer,
                            criteria,
                            claim,
                        )
                    )
        return found

    @cached_property
    def assessments(self) -> list[Assessment]:
        found = []
        for member, attestation in self.of("DigitalConformityCredential"):
            for one in listed(attestation, "conformityAssessment"):
                objects, unverified = set(), set()
                for list_name, name in (("assessedProduct", "product"), ("assessedFacility", "facility")):
                    for item in listed(one, list_name):
                        objects.add(identifier(item, name))
                        if item.get("idVerifiedByCAB") is False:
                            unverified.add(identifier(item, name))
                found.append(
                    Assessment(
                        member.issuer,
                        frozenset(identifier(item) for item in listed(one, "assessmentCriteria")),
                        frozenset(objects),
                        frozenset(unverified),
                        one.get("conformance") is True,
                        one,
                    )
                )
        return found

    @cached_property
    def _assessed(self) -> dict[tuple[str, str], list[Assessment]]:
        found: dict[tuple[str, str], list[Assessment]] = {}
        for one in self.assessments:
            for criterion in one.criteria:
                for about in one.objects:
                    found.setdefault((criterion, about), []).append(one)
        return found

    def assessing(self, claim: Claim, criterion: str) -> list[Assessment]:
        """Assessments of a claimed criterion for what the claim is about."""
        return self._assessed.get((criterion, claim.about), [])

    @cached_property
    def criteria(self) -> dict[str, Mapping[str, Any]]:
        """Published criteria with their schemes."""
        return {
            identifier(criterion): scheme
            for scheme in self.schemes
            for profile in listed(scheme, "includedProfile")
            for criterion in listed(profile, "criterion")
        }

    # -- flows ---------------------------------------------------------------------------------------------------

    @cached_property
    def makes(self) -> list[Make]:
        return [
            Make(
                identifier(event, "madeAtFacility"),
                instant(event.get("eventDate")),
                self._flows(event, "inputProduct"),
                self._flows(event, "outputProduct"),
            )
            for _, event in self.of("DigitalTraceabilityEvent")
            if "MakeEvent" in types_of(event)
        ]

    @cached_property
    def moves(self) -> list[Move]:
        return [
            Move(
                str(event.get("consignmentId")),
                member.issuer,
                identifier(event, "fromFacility"),
                identifier(event, "toFacility"),
                instant(event.get("eventDate")),
                str(event.get("name")),
                self._flows(event, "movedProduct"),
            )
            for member, event in self.of("DigitalTraceabilityEvent")
            if "MoveEvent" in types_of(event)
        ]

    def _flows(self, event: Mapping[str, Any], name: str) -> tuple[Flow, ...]:
        return tuple(
            Flow(
                identifier(item, "product"),
                str(member_of(item, "product", "name")),
                self._kilograms(item.get("quantity")),
            )
            for item in listed(event, name)
        )

    def _kilograms(self, quantity: Any) -> float | None:
        value, unit = member_of(quantity, "value"), member_of(quantity, "unit")
        number, factor = amount(value), 1.0 if self.raw_units else _KILOGRAMS.get(str(unit))
        return None if number is None or factor is None else number * factor

    def grades(self, product: str) -> dict[str, float] | None:
        """Share of each element in a product as it is weighed; None without a passport that says so."""
        for _, passport in self.passports.get(product, ()):
            content = passport.get("characteristics")
            grades = member_of(content, "elementGrades")
            if not isinstance(grades, dict):
                continue
            dry = 1 - (amount(member_of(content, "moisture")) or 0.0)
            known = {name: amount(value) for name, value in grades.items()}
            return {name: share * dry for name, share in known.items() if share is not None}
        return None

    @cached_property
    def _makers(self) -> dict[str, list[Make]]:
        found: dict[str, list[Make]] = {}
        for make in self.makes:
            for product in dict.fromkeys(flow.product for flow in make.outputs):
                found.setdefault(product, []).append(make)
        return found

    def makers(self, product: str) -> list[Make]:
        """The make events that put a product out."""
        return self._makers.get(product, [])

    @cached_property
    def _models(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for claim in self.claims:
            for criterion in claim.criteria:
                strength = _STRENGTH.get(criterion.rpartition("/")[2], 0)
                found[claim.about] = max(found.get(claim.about, 0), strength)
        return found

    def model(self, product: str) -> int:
        """Strength of the custody model that is claimed for a product, read from the end of its criteria; 0 for none."""
        return self._models.get(product, 0)

    @cached_property
    def arrivals(self) -> dict[tuple[str, str], Move]:
        """The first consignment of each product to each facility."""
        found: dict[tuple[str, str], Move] = {}
        for move in sorted((m for m in self.moves if m.when), key=lambda m: m.when or _NEVER):
            for flow in move.goods:
                found.setdefault((move.target, flow.product), move)
        return found

    def coordinates(self, facility: str) -> tuple[float, float] | None:
        """Latitude and longitude of a recorded facility, in degrees."""
        if facility not in self.records:
            return None
        place = member_of(self.records[facility][1], "locationInformation", "geoLocation")
        latitude, longitude = amount(member_of(place, "latitude")), amount(member_of(place, "longitude"))
        return None if latitude is None or longitude is None else (latitude, longitude)


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance (haversine)."""
    a, b = radians(one[0]), radians(other[0])
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
