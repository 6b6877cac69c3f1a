"""Subjects of UNTP 0.6: passports, claims, attestations, facilities, anchors and events, where 0.7 keeps the same thing elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import as_number, as_text, identifier, mappings, related, short
from assay.harness.checks.facility_checks import Point, inside, misplaced
from assay.harness.checks.links import is_resolvable
from assay.harness.checks.material_checks import excess, unsafe, weigh
from assay.harness.material import Document, Kind, Node
from assay.harness.results import Finding
from assay.profiles import geography
from assay.profiles.untp_0_6 import EVENT_CLASSES

__all__ = [
    "GOODS_OF",
    "NUMBER_OF",
    "corners_of",
    "event_is_about_goods",
    "longitude_comes_first",
    "point_of",
]

NUMBER_OF = {"item": "serialNumber", "batch": "batchNumber"}
"""Member of the product that names what a passport is about, by granularity; models have no number in 0.6."""

_INDEPENDENT = frozenset({"Commercial", "Buyer", "Membership", "3rdParty"})
_BY_AUTHORITY = frozenset({"GovtApproval", "GlobalMRA", "Accredited"})
GOODS_OF = {
    "TransformationEvent": ("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList"),
    "ObjectEvent": ("epcList", "quantityList"),
    "TransactionEvent": ("epcList", "quantityList"),
    "AggregationEvent": ("parentEPC", "childEPCList", "childQuantityList"),
    "AssociationEvent": ("parentEPC", "childEPCList", "childQuantityList"),
}
_FRACTIONS = {
    "EmissionsPerformance": ("primarySourcedRatio",),
    "TraceabilityPerformance": ("verifiedRatio",),
    "CircularityPerformance": ("recyclableContent", "recycledContent", "materialCircularityIndicator"),
    "Material": ("massFraction", "recycledMassFraction"),
    "Metric": ("accuracy",),
}


@check("DPP-009", cls="ProductPassport", series="0.6")
def product_has_its_number(node: Node) -> Iterator[Finding]:
    """A passport for an item or a batch states serial or batch number of the product (P-22)."""
    granularity = as_text(node.value.get("granularityLevel"))
    member = NUMBER_OF.get(granularity)
    if member is not None and not as_text(related(node.value, "product").get(member)):
        yield Finding(
            at=node.at("product"),
            expected=f"{member} beside granularityLevel {granularity}",
            received=f"no {member}",
            hint="State the number, or the granularity that the identifier really has.",
        )


@check("DPP-020", cls="Product", series="0.6")
def producer_is_named(node: Node) -> Iterator[Finding]:
    """The party that produced the product is named with an identifier that can be looked up."""
    producer = identifier(node.value.get("producedByParty"))
    if not is_resolvable(producer):
        yield Finding(
            at=node.at("producedByParty") if producer else node.at(),
            expected="producedByParty with a DID or URL as id",
            received=short(producer) if producer else "none",
            hint="Name the party that answers for the product by its DID.",
        )


@check("DPP-030", cls="ProductPassport", series="0.6")
def provenance_fractions_fit(node: Node) -> Iterator[Finding]:
    """The mass fractions of a product's materials sum to at most one."""
    yield from excess(node, "materialsProvenance")


@check("DPP-031", cls="ProductPassport", series="0.6")
def provenance_masses_agree(node: Node) -> Iterator[Finding]:
    """The mass of a material is about its mass fraction of the product's weight."""
    yield from weigh(node, "materialsProvenance", related(node.value, "product", "dimensions", "weight"))


@check("DPP-032", cls="ProductPassport", series="0.6")
def provenance_hazards_are_explained(node: Node) -> Iterator[Finding]:
    """A hazardous material of a product links its safety information."""
    yield from unsafe(node, "materialsProvenance")


@check("LEG-013", cls=tuple(_FRACTIONS), series="0.6")
def ratios_are_fractions(node: Node) -> Iterator[Finding]:
    """Ratios and contents lie between 0 and 1."""
    for member in _FRACTIONS[node.cls]:
        number = as_number(node.value.get(member))
        if number is not None and not 0 <= number <= 1:
            yield Finding(
                at=node.at(member),
                expected="a fraction between 0 and 1",
                received=f"{number:g}",
                hint="Write 0.45, not 45.",
            )


@check("DPP-044", cls="Claim", series="0.6")
def claim_names_its_criteria(node: Node) -> Iterator[Finding]:
    """A claim is made against at least one criterion; the schema does not ask for any."""
    if not any(identifier(item) for _, item in mappings(node.value.get("assessmentCriteria"))):
        yield Finding(
            at=node.at("assessmentCriteria"),
            expected="at least one criterion",
            received="none",
            hint="A claim without a criterion cannot be verified by any certificate.",
        )


@check("DPP-058", cls="Claim", series="0.6")
def claim_links_its_evidence(node: Node) -> Iterator[Finding]:
    """A claim links the credential or document that supports it."""
    if not as_text(related(node.value, "conformityEvidence").get("linkURL")):
        yield Finding(
            at=node.at(),
            expected="conformityEvidence with linkURL",
            received="none",
            hint="Link the certificate that assessed the criterion.",
        )


@check("DCC-004", kinds=(Kind.DCC,), series="0.6")
def assessor_issues(document: Document) -> Iterator[Finding]:
    """Whoever assessed signs: unless it is a self-assessment, the issuer is not the party that the attestation is for."""
    subject = related(document.value, "credentialSubject")
    issuer, level = identifier(related(document.value, "issuer")), as_text(subject.get("assessorLevel"))
    if level in _INDEPENDENT and issuer and issuer == identifier(subject.get("issuedToParty")):
        yield Finding(
            at=document.at("issuer", "id"),
            expected=f"the assessor as issuer, as assessorLevel {level} says",
            received=f"{short(issuer)}, the party that was assessed",
            hint="Let the assessor issue the credential, or state assessorLevel Self.",
        )


@check("DCC-011", cls="ConformityAttestation", series="0.6")
def authority_is_named(node: Node) -> Iterator[Finding]:
    """An assessment level that rests on an authority comes with the authorisation by that authority."""
    level = as_text(node.value.get("assessmentLevel"))
    if level in _BY_AUTHORITY and not any(True for _ in mappings(node.value.get("authorisation"))):
        yield Finding(
            at=node.at("assessmentLevel"),
            expected=f"authorisation beside assessmentLevel {level}",
            received="none",
            hint="Name the accreditation and the authority that gave it, with a link to its evidence.",
        )


@check("DCC-019", cls=("ProductVerification", "FacilityVerification"), series="0.6")
def identity_check_is_told(node: Node) -> Iterator[Finding]:
    """It is said whether the assessor checked that the assessed object is the one that the identifier names."""
    if not isinstance(node.value.get("IDverifiedByCAB"), bool):
        yield Finding(
            at=node.at(),
            expected="IDverifiedByCAB, true or false",
            received="not stated",
            hint="State false if the identity was taken from the client.",
        )


@check("DCC-029", cls="ConformityAttestation", series="0.6")
def evidence_has_a_digest(node: Node) -> Iterator[Finding]:
    """The link to the auditable evidence of an attestation carries a digest."""
    link = related(node.value, "auditableEvidence")
    if link and not as_text(link.get("hashDigest")):
        yield Finding(
            at=node.at("auditableEvidence"),
            expected="hashDigest",
            received="none",
            hint="Add the SHA-256 digest of the document in hexadecimal.",
        )


def _position(value: Any) -> Point | None:
    """Latitude and longitude of a GeoJSON position (RFC 7946 3.1.1: longitude first)."""
    if not isinstance(value, list) or len(value) not in (2, 3):
        return None
    longitude, latitude = as_number(value[0]), as_number(value[1])
    return None if latitude is None or longitude is None else (latitude, longitude)


def point_of(location: Any) -> Point | None:
    """Latitude and longitude of the point of a location."""
    return _position(related(location, "geoLocation").get("coordinates"))


def corners_of(location: Any) -> list[Point] | None:
    """The outer ring of the boundary of a location, or None where there is no polygon."""
    rings = related(location, "geoBoundary").get("coordinates")
    if not isinstance(rings, list) or not rings or not isinstance(rings[0], list):
        return None
    points = [_position(item) for item in rings[0]]
    return [point for point in points if point is not None] if None not in points else None


@check("DFR-010", cls="Location", series="0.6")
def polygon_is_closed(node: Node) -> Iterator[Finding]:
    """A boundary is a closed ring: at least four positions, the last one equal to the first (RFC 7946 3.1.6)."""
    points = corners_of(node.value)
    if points is None or (len(points) >= 4 and points[0] == points[-1] and len(set(points)) >= 3):
        return
    yield Finding(
        at=node.at("geoBoundary"),
        expected="a closed ring: at least three different positions, and the first again at the end",
        received=f"{len(points)} positions, {len(set(points))} of them different",
        hint="List the corners in order around the site and repeat the first one.",
    )


@check("DFR-011", cls="Location", series="0.6")
def position_lies_within(node: Node) -> Iterator[Finding]:
    """The point of a location lies within its boundary and within the area of its plus code, where these are given."""
    point, corners = point_of(node.value), corners_of(node.value)
    if point is None:
        raise NotApplicable("there is no point")
    if corners and len(corners) >= 4 and corners[0] == corners[-1] and not inside(point, corners):
        yield Finding(
            at=node.at("geoLocation"),
            expected="a point within geoBoundary",
            received=f"{point[0]:g} north, {point[1]:g} east",
            hint="Check whether latitude and longitude were swapped.",
        )
    place = {
        "geoLocation": {"latitude": point[0], "longitude": point[1]},
        "plusCode": node.value.get("plusCode"),
    }
    area = misplaced(place, corners)[1]
    if area is not None:
        yield Finding(
            at=node.at("plusCode"),
            expected="a code whose area holds geoLocation",
            received=f"{area[0]:.6g} to {area[2]:.6g} north, {area[1]:.6g} to {area[3]:.6g} east",
            hint="Encode the same point, or use a shorter code for a larger area.",
        )


@check("LEG-010", cls="Facility", series="0.6")
def longitude_comes_first(node: Node) -> Iterator[Finding]:
    """Coordinates are in GeoJSON order; a site that lies in its country only after swapping has them the other way."""
    point = point_of(related(node.value, "locationInformation"))
    if point is None:
        raise NotApplicable("there is no point")
    latitude, longitude = point
    country = as_text(node.value.get("countryOfOperation"))
    swapped = abs(latitude) > 90 or (
        abs(longitude) <= 90
        and _lies_outside(latitude, longitude, country)
        and not _lies_outside(longitude, latitude, country)
    )
    if swapped:
        yield Finding(
            at=node.at("locationInformation", "geoLocation", "coordinates"),
            expected="longitude, then latitude" + (f", of a place in {country}" if country else ""),
            received=f"{longitude:g}, {latitude:g}",
            hint="GeoJSON writes longitude first; the example of the 0.6 page has it the other way.",
        )


def _lies_outside(latitude: float, longitude: float, country: str) -> bool:
    away = geography.km_outside_country(geography.Point(latitude, longitude), country)
    return away is not None and away > geography.tolerance_km()


@check("DFR-014", cls="Facility", series="0.6")
def operator_can_be_looked_up(node: Node) -> Iterator[Finding]:
    """The operator of the facility is named with an identifier that can be looked up."""
    operator = identifier(node.value.get("operatedByParty"))
    if not is_resolvable(operator):
        yield Finding(
            at=node.at("operatedByParty") if operator else node.at(),
            expected="operatedByParty with a DID or URL as id",
            received=short(operator) if operator else "none",
            hint="Name the party that answers for the site by its DID.",
        )


@check("DIA-009", cls="RegisteredIdentity", series="0.6")
def scope_is_listed(node: Node) -> Iterator[Finding]:
    """The anchor says what the registration covers (P-21)."""
    if not node.value.get("registrationScopeList"):
        yield Finding(
            at=node.at("registrationScopeList"),
            expected="at least one URI of what the registration covers",
            received="none",
            hint="Give the register's own codes for entity type, licence or accredited activity as URIs.",
        )


@check("LEG-015", cls=EVENT_CLASSES, series="0.6")
def event_is_about_goods(node: Node) -> Iterator[Finding]:
    """An event says which goods it is about; every list is optional in the schema."""
    members = GOODS_OF[node.cls]
    if not any(node.value.get(member) for member in members):
        yield Finding(
            at=node.at(),
            expected=f"one of {', '.join(members)}",
            received="none of them",
            hint="An event without goods joins nothing to anything.",
        )


@check("DTE-012", cls="TransformationEvent", series="0.6")
def transformed_from_something(node: Node) -> Iterator[Finding]:
    """A transformation has at least one input and one output."""
    for side in ("input", "output"):
        if not any(node.value.get(f"{side}{name}") for name in ("EPCList", "QuantityList")):
            yield Finding(
                at=node.at(),
                expected=f"{side}EPCList or {side}QuantityList",
                received="neither",
                hint="Ore from the ground has no input: use the resource in place, or the blast, as input.",
            )
