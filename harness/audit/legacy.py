"""UNTP 0.6 documents in the shape of 0.7, so that the audit reads one shape only.

What 0.6 wraps is unwrapped, what it names otherwise is renamed, and five kinds of events become three: a transformation
is a make event, a transaction one end of a move, an object event with a stocktake's business step a count, an object
event that commissions something a make event whose inputs stand in the association events beside it. Findings must
point into the document as it is: :func:`original` turns pointers back, and lines of events carry their own place under
:data:`AT`, a key that no JSON can hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assay.harness.graph.reading import identifier, member, members, slug, text
from assay.profiles.contracts.characteristics import NOMINAL_VOLTAGE, RATED_CAPACITY, RATED_ENERGY
from assay.profiles.contracts.declared_values import (
    NOMINAL_VOLTAGE_METRIC,
    RATED_CAPACITY_METRIC,
    RATED_ENERGY_METRIC,
    declared_grades,
)

__all__ = ["AT", "modern", "original"]


AT: Any = object()
_OF_BATTERIES = {
    RATED_ENERGY_METRIC: RATED_ENERGY,
    NOMINAL_VOLTAGE_METRIC: NOMINAL_VOLTAGE,
    RATED_CAPACITY_METRIC: RATED_CAPACITY,
}
_LISTS = {
    "inputQuantityList": "inputProduct",
    "outputQuantityList": "outputProduct",
    "quantityList": "movedProduct",
}
_NAMES = {
    "DigitalProductPassport": (
        (r"^/credentialSubject/materialProvenance", "/credentialSubject/materialsProvenance"),
        (r"^/credentialSubject/performanceClaim", "/credentialSubject/conformityClaim"),
        (r"^/credentialSubject/characteristics(/elementGrades)?$", "/credentialSubject/conformityClaim"),
        (
            r"^/credentialSubject/(?=[a-z])(?!materialsProvenance|conformityClaim|granularityLevel)",
            "/credentialSubject/product/",
        ),
    ),
    "DigitalFacilityRecord": (
        (r"/locationInformation/geoBoundary$", "/locationInformation/geoBoundary/coordinates/0"),
        (r"/locationInformation/geoLocation$", "/locationInformation/geoLocation/coordinates"),
        (r"^/credentialSubject(?=/|$)", "/credentialSubject/facility"),
    ),
    "DigitalConformityCredential": ((r"/conformityAssessment", "/assessment"),),
    "DigitalTraceabilityEvent": (
        (r"/eventDate$", "/eventTime"),
        (r"/description$", "/processType"),
        (r"/activityType/code$", "/bizStep"),
        (r"uantityList/(\d+)/quantity/unit$", r"uantityList/\1/uom"),
    ),
}
_EVERYWHERE = (
    (r"/claimedPerformance/(\d+)/measure", r"/declaredValue/\1/metricValue"),
    (r"/countryCode$", ""),
)


def original(kind: str, pointer: str) -> str:
    """Where a pointer into the converted document leads in the document as it was."""
    for pattern, mend in (*_NAMES.get(kind, ()), *_EVERYWHERE):
        pointer = re.sub(pattern, mend, pointer)
    return pointer


def modern(kind: str, value: dict[str, Any]) -> dict[str, Any] | None:
    """A 0.6 document in the shape of 0.7; None for a document that is in that shape already."""
    subject: Any = value.get("credentialSubject")
    if kind == "DigitalProductPassport" and isinstance(member(subject, "product"), dict):
        return {**value, "credentialSubject": _passport(subject)}
    if kind == "DigitalFacilityRecord" and isinstance(member(subject, "facility"), dict):
        return {**value, "credentialSubject": _facility(subject["facility"])}
    if kind == "DigitalConformityCredential" and isinstance(member(subject, "assessment"), list):
        return {**value, "credentialSubject": _attestation(subject)}
    if kind == "DigitalTraceabilityEvent" and any(
        "eventTime" in event for _, event in members(value, "credentialSubject")
    ):
        events = subject if isinstance(subject, list) else [subject]
        return {**value, "credentialSubject": [_event(events, number) for number in range(len(events))]}
    return None


def _country(value: Any) -> Any:
    return {"countryCode": value} if isinstance(value, str) else value


def _classes(holder: dict[str, Any], *names: str) -> dict[str, Any]:
    """Classifications under the later spelling of their scheme."""
    found: dict[str, Any] = {}
    for name in names:
        value = holder.get(name)
        listed = value if isinstance(value, list) else [value]
        renamed = [
            {**one, "schemeId": one.get("schemeID")} if isinstance(one, dict) else one for one in listed
        ]
        if value is not None:
            found[name] = renamed if isinstance(value, list) else renamed[0]
    return found


def _passport(subject: dict[str, Any]) -> dict[str, Any]:
    product = subject["product"]
    claims = [claim for _, claim in members(subject, "conformityClaim")]
    materials = [
        {
            **material,
            **_classes(material, "materialType"),
            "originCountry": _country(material.get("originCountry")),
        }
        for _, material in members(subject, "materialsProvenance")
    ]
    return {
        **product,
        **_classes(product, "productCategory"),
        "idGranularity": subject.get("granularityLevel"),
        "countryOfProduction": _country(product.get("countryOfProduction")),
        "materialProvenance": materials,
        "performanceClaim": [_claim(claim) for claim in claims],
        "characteristics": _characteristics(product, claims),
    }


def _characteristics(product: dict[str, Any], claims: list[dict[str, Any]]) -> dict[str, Any]:
    """What the product says of itself, and what claims declare of its composition and energy."""
    own = product.get("characteristics")
    found = dict(own) if isinstance(own, dict) else {}
    stated = declared_grades(claims)
    if stated is not None:
        found |= {"elementGrades": stated[0], "moisture": stated[1], "gradeBasis": "dry"}
    for claim in claims:
        for _, one in members(claim, "declaredValue"):
            figure = _OF_BATTERIES.get(text(one.get("metricName")) or "")
            if figure is not None:
                found[figure] = one.get("metricValue")
    return found


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    performances = []
    for _, one in members(claim, "declaredValue"):
        name = (text(one.get("metricName")) or "").lower().replace(" ", "-")
        performances.append({"metric": {"id": f"urn:metric/{name}"}, "measure": one.get("metricValue")})
    return {"name": "", "description": claim.get("description"), "claimedPerformance": performances}


def _facility(facility: dict[str, Any]) -> dict[str, Any]:
    place = member(facility, "locationInformation")
    ring = member(place, "geoBoundary", "coordinates")
    outer = ring[0] if isinstance(ring, list) and ring and isinstance(ring[0], list) else []
    location = {
        "plusCode": member(place, "plusCode"),
        "geoLocation": _point(member(place, "geoLocation", "coordinates")),
        "geoBoundary": [_point(corner) for corner in outer],
    }
    return {
        **facility,
        **_classes(facility, "processCategory"),
        "countryOfOperation": _country(facility.get("countryOfOperation")),
        "locationInformation": location,
    }


def _point(pair: Any) -> dict[str, Any]:
    """GeoJSON writes longitude first (RFC 7946)."""
    if isinstance(pair, list) and len(pair) >= 2:
        return {"latitude": pair[1], "longitude": pair[0]}
    return {}


def _attestation(subject: dict[str, Any]) -> dict[str, Any]:
    assessments = [
        {**assessment, "specifiedCondition": [assessment.get("description")]}
        if isinstance(assessment, dict)
        else assessment
        for assessment in subject["assessment"]
    ]
    return {**subject, "referenceScheme": subject.get("scope"), "conformityAssessment": assessments}


def _event(events: list[Any], number: int) -> Any:
    """One event of a list; association events give nothing of their own."""
    event = events[number]
    if not isinstance(event, dict):
        return event
    step = (slug(text(event.get("bizStep"))) or "").removeprefix("bizstep-")
    place = {"id": event.get("bizLocation")}
    converted: dict[str, Any] = {
        "id": event.get("id"),
        "name": event.get("processType"),
        "eventDate": event.get("eventTime"),
        "activityType": {"code": step, "schemeId": "https://ref.gs1.org/cbv/BizStep"},
    }
    if "outputQuantityList" in event or "outputEPCList" in event:
        converted |= {"madeAtFacility": place, "inputProduct": [], "outputProduct": []}
        for name in ("inputQuantityList", "outputQuantityList"):
            converted[_LISTS[name]] = list(_lines(event, name, number))
    elif "sourceParty" in event or "destinationParty" in event:
        end = "toFacility" if step in ("receiving", "arriving", "accepting") else "fromFacility"
        goods = next((identifier(item) for _, item in members(event, "epcList")), None)
        converted |= {
            end: place,
            "consignmentId": goods,
            "movedProduct": list(_lines(event, "quantityList", number)),
        }
    elif step == "stock_taking":
        converted |= {
            "modifiedAtFacility": place,
            "modifiedProduct": list(_lines(event, "quantityList", number)),
        }
    elif step == "commissioning" and "quantityList" in event:
        made = list(_lines(event, "quantityList", number))
        names = {identifier(line["product"]) for line in made}
        parts = [
            line
            for other, one in enumerate(events)
            if isinstance(one, dict)
            and identifier(one.get("parentEPC")) in names
            and one.get("parentEPC") is not None
            for line in _lines(one, "childQuantityList", other)
        ]
        converted |= {"madeAtFacility": place, "inputProduct": parts, "outputProduct": made}
    return converted


def _lines(event: dict[str, Any], name: str, number: int) -> Iterator[dict[str, Any]]:
    for path, line in members(event, name):
        at = "/".join(map(str, path))
        yield {
            "product": {"id": line.get("productId"), "name": line.get("productName")},
            "quantity": {"value": line.get("quantity"), "unit": line.get("uom")},
            AT: f"/credentialSubject/{number}/{at}",
        }
