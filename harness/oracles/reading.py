"""What single documents say, as small records: events, claims, attestations, identities, sites. Nothing here judges.

Members of another shape than UNTP 0.7 gives them are passed over; numbers are as written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import date as Date
from typing import Any

from assay.harness.audit.words import yearly_limit_mg
from assay.harness.graph.fields import is_permit
from assay.harness.graph.reading import identifier, member, members, text
from assay.harness.graph.units import decimal, mass_mg, unit_code

__all__ = [
    "Assessment",
    "Attestation",
    "Claim",
    "Event",
    "Identity",
    "Line",
    "Performance",
    "Site",
    "attestation_of",
    "claims_of",
    "day",
    "events_of",
    "identity_of",
    "links_of",
    "moment",
    "parties_of",
    "site_of",
]

_RECEIVING = frozenset({"receiving", "arriving", "accepting"})


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an event: its identifier and how much. ``kg`` is None where the unit is no mass."""

    product: str
    kg: float | None
    value: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a traceability credential.

    ``kind`` is ``make``, ``sent``, ``received``, ``counted`` or ``other``. ``facility`` is where it happened; of both kinds of
    move, where the goods came from, and ``destination`` where they went. ``inputs`` and ``outputs`` are those of a make event,
    ``items`` what was moved or counted. ``parties`` are pairs of role and DID.
    """

    url: str
    id: str
    kind: str
    time: datetime | None
    facility: str
    destination: str
    consignment: str
    inputs: tuple[Line, ...]
    outputs: tuple[Line, ...]
    items: tuple[Line, ...]
    parties: tuple[tuple[str, str], ...]
    issuer: str

    @property
    def products(self) -> tuple[str, ...]:
        """Identifiers of every product in it."""
        return tuple(line.product for line in (*self.inputs, *self.outputs, *self.items))

    def party(self, role: str) -> str:
        """The DID of the first party in a role, or an empty string."""
        return next((did for known, did in self.parties if known == role), "")


@dataclass(frozen=True, slots=True)
class Performance:
    """A value of a metric, a score, or both. ``unit`` is a code of UNECE Recommendation 20."""

    metric: str
    value: float | None
    unit: str
    score: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What an issuer says of its own product or facility. ``evidence`` are the URLs it points to."""

    id: str
    name: str
    description: str
    criteria: tuple[str, ...]
    date: Date | None
    performances: tuple[Performance, ...]
    evidence: tuple[str, ...]
    topics: tuple[str, ...]
    period: tuple[Date | None, Date | None]


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment of an attestation. ``products`` and ``facilities`` are identifiers, ``organisation`` is a DID."""

    id: str
    name: str
    criteria: tuple[str, ...]
    date: Date | None
    performances: tuple[Performance, ...]
    conformance: bool | None
    products: tuple[str, ...]
    facilities: tuple[str, ...]
    organisation: str
    conditions: tuple[str, ...]
    topics: tuple[str, ...]
    permit: bool


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a conformity credential attests. ``authorisations`` are pairs of authority (DID) and evidence (URL)."""

    name: str
    assessor_level: str
    assessment_level: str
    type: str
    issued_to: str
    scheme: str
    profile: str
    score: str
    rank: int | None
    authorisations: tuple[tuple[str, str], ...]
    assessments: tuple[Assessment, ...]

    @property
    def products(self) -> tuple[str, ...]:
        """Identifiers of all products assessed."""
        return tuple(dict.fromkeys(p for a in self.assessments for p in a.products))

    @property
    def facilities(self) -> tuple[str, ...]:
        """Identifiers of all facilities assessed."""
        return tuple(dict.fromkeys(f for a in self.assessments for f in a.facilities))

    @property
    def criteria(self) -> tuple[str, ...]:
        """Identifiers of all criteria assessed."""
        return tuple(dict.fromkeys(c for a in self.assessments for c in a.criteria))

    @property
    def permit(self) -> bool:
        """Is it a permit, licence or title?"""
        return any(assessment.permit for assessment in self.assessments)

    @property
    def yearly_limit_mg(self) -> int | None:
        """The smallest yearly cap that a condition of a permit states, in milligrams."""
        words = (words for a in self.assessments if a.permit for words in a.conditions)
        return min((cap for text_ in words if (cap := yearly_limit_mg(text_)) is not None), default=None)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an identity anchor says of its subject: who registered it, where, and for what (``scope``)."""

    subject: str
    name: str
    registered_id: str
    scheme: str
    registrar: str
    register_type: str
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """What a facility record says: place and boundary are pairs of latitude and longitude in degrees."""

    id: str
    name: str
    country: str
    place: tuple[float, float] | None
    boundary: tuple[tuple[float, float], ...]
    aliases: tuple[str, ...]
    parties: tuple[tuple[str, str], ...]
    processes: tuple[str, ...]


def moment(value: Any) -> datetime | None:
    """A date-time in UTC; a date alone is its first moment."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value: Any) -> Date | None:
    """A date; of a date-time, its date in UTC."""
    found = moment(value)
    return None if found is None else found.date()


def events_of(url: str, document: dict[str, Any]) -> Iterator[Event]:
    """Events of a traceability credential."""
    issuer = identifier(document.get("issuer")) or ""
    for _, event in members(document, "credentialSubject"):
        step = (text(member(event, "activityType", "code")) or "").lower()
        facility: Any = None
        kind, items = "other", ""
        if "outputProduct" in event:
            kind, facility = "make", event.get("madeAtFacility")
        elif "movedProduct" in event:
            kind, items = "received" if step in _RECEIVING else "sent", "movedProduct"
            facility = event.get("fromFacility")
        elif "modifiedProduct" in event:
            kind, items = "counted" if step == "stock_taking" else "other", "modifiedProduct"
            facility = event.get("modifiedAtFacility")
        yield Event(
            url=url,
            id=text(event.get("id")) or "",
            kind=kind,
            time=moment(event.get("eventDate")),
            facility=identifier(facility) or "",
            destination=identifier(event.get("toFacility")) or "",
            consignment=identifier(event.get("consignmentId")) or "",
            inputs=_lines(event, "inputProduct"),
            outputs=_lines(event, "outputProduct"),
            items=_lines(event, items) if items else (),
            parties=parties_of(event),
            issuer=issuer,
        )


def _lines(event: dict[str, Any], key: str) -> tuple[Line, ...]:
    found = []
    for _, line in members(event, key):
        product, quantity = identifier(line.get("product")), line.get("quantity")
        if product is not None:
            mass = mass_mg(quantity)
            kg = None if mass is None else mass / 1_000_000
            found.append(
                Line(product, kg, _number(member(quantity, "value")), unit_code(member(quantity, "unit")))
            )
    return tuple(found)


def parties_of(holder: Any) -> tuple[tuple[str, str], ...]:
    """Roles and DIDs of the parties that an event, product or facility names."""
    found = []
    for _, related in members(holder, "relatedParty"):
        did = identifier(related.get("party"))
        if did is not None:
            found.append((text(related.get("role")) or "", did))
    return tuple(found)


def claims_of(document: dict[str, Any]) -> tuple[Claim, ...]:
    """Performance claims of a passport or facility record."""
    return tuple(
        Claim(
            id=text(claim.get("id")) or "",
            name=text(claim.get("name")) or "",
            description=text(claim.get("description")) or "",
            criteria=_ids(claim, "referenceCriteria"),
            date=day(claim.get("claimDate")),
            performances=_performances(claim, "claimedPerformance"),
            evidence=tuple(
                url for _, link in members(claim, "evidence") if (url := text(link.get("linkURL")))
            ),
            topics=_ids(claim, "conformityTopic"),
            period=(
                day(member(claim, "applicablePeriod", "startDate")),
                day(member(claim, "applicablePeriod", "endDate")),
            ),
        )
        for _, claim in members(document, "credentialSubject", "performanceClaim")
    )


def attestation_of(document: dict[str, Any]) -> Attestation | None:
    """The attestation of a conformity credential; None for other documents."""
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or "conformityAssessment" not in subject:
        return None
    return Attestation(
        name=text(subject.get("name")) or "",
        assessor_level=text(subject.get("assessorLevel")) or "",
        assessment_level=text(subject.get("assessmentLevel")) or "",
        type=text(subject.get("attestationType")) or "",
        issued_to=identifier(subject.get("issuedToParty")) or "",
        scheme=identifier(subject.get("referenceScheme")) or "",
        profile=identifier(subject.get("referenceProfile")) or "",
        score=text(member(subject, "profileScore", "code")) or "",
        rank=_whole(member(subject, "profileScore", "rank")),
        authorisations=tuple(
            (
                identifier(one.get("issuingAuthority")) or "",
                text(member(one, "endorsementEvidence", "linkURL")) or "",
            )
            for _, one in members(subject, "authorisation")
        ),
        assessments=tuple(_assessment(subject, one) for _, one in members(subject, "conformityAssessment")),
    )


def _assessment(subject: Any, value: dict[str, Any]) -> Assessment:
    conditions, stated = value.get("specifiedCondition"), value.get("conformance")
    return Assessment(
        id=text(value.get("id")) or "",
        name=text(value.get("name")) or "",
        criteria=_ids(value, "assessmentCriteria"),
        date=day(value.get("assessmentDate")),
        performances=_performances(value, "assessedPerformance"),
        conformance=stated if isinstance(stated, bool) else None,
        products=_ids(value, "assessedProduct", "product"),
        facilities=_ids(value, "assessedFacility", "facility"),
        organisation=identifier(value.get("assessedOrganisation")) or "",
        conditions=tuple(filter(None, map(text, conditions if isinstance(conditions, list) else ()))),
        topics=_ids(value, "conformityTopic"),
        permit=is_permit(subject, value),
    )


def identity_of(document: dict[str, Any]) -> Identity | None:
    """What an identity anchor says; None for other documents."""
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or "registeredName" not in subject:
        return None
    scope = subject.get("registrationScope")
    return Identity(
        subject=identifier(subject) or "",
        name=text(subject.get("registeredName")) or "",
        registered_id=text(subject.get("registeredId")) or "",
        scheme=identifier(subject.get("idScheme")) or "",
        registrar=identifier(subject.get("registrar")) or "",
        register_type=text(subject.get("registerType")) or "",
        scope=tuple(filter(None, map(identifier, scope if isinstance(scope, list) else ()))),
    )


def site_of(document: dict[str, Any]) -> Site | None:
    """What a facility record says; None for other documents."""
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or "locationInformation" not in subject:
        return None
    corners = (_point(corner) for _, corner in members(subject, "locationInformation", "geoBoundary"))
    return Site(
        id=identifier(subject) or "",
        name=text(subject.get("name")) or "",
        country=text(member(subject, "countryOfOperation", "countryCode")) or "",
        place=_point(member(subject, "locationInformation", "geoLocation")),
        boundary=tuple(corner for corner in corners if corner is not None),
        aliases=_ids(subject, "facilityAlsoKnownAs"),
        parties=parties_of(subject),
        processes=tuple(
            code for _, one in members(subject, "processCategory") if (code := text(one.get("code")))
        ),
    )


def links_of(value: Any) -> Iterator[dict[str, Any]]:
    """Every link (an object with ``linkURL``) at any depth."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("linkURL"), str):
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _performances(holder: dict[str, Any], key: str) -> tuple[Performance, ...]:
    return tuple(
        Performance(
            metric=identifier(one.get("metric")) or "",
            value=_number(member(one, "measure", "value")),
            unit=unit_code(member(one, "measure", "unit")),
            score=text(member(one, "score", "code")) or "",
            rank=_whole(member(one, "score", "rank")),
        )
        for _, one in members(holder, key)
    )


def _ids(holder: Any, key: str, inner: str = "") -> tuple[str, ...]:
    found = (identifier(one.get(inner) if inner else one) for _, one in members(holder, key))
    return tuple(name for name in found if name is not None)


def _number(value: Any) -> float | None:
    number = decimal(value)
    return None if number is None else float(number)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _point(value: Any) -> tuple[float, float] | None:
    latitude, longitude = _number(member(value, "latitude")), _number(member(value, "longitude"))
    return None if latitude is None or longitude is None else (latitude, longitude)
