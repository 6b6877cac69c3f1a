"""Digital Facility Records of 0.6: the facility inside a record, coordinates as GeoJSON (longitude first)."""

from __future__ import annotations

from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.v0_6.declarations import claim, document_claim
from assay.simulator.issuance.v0_6.library import Library
from assay.simulator.issuance.v0_6.pieces import (
    Json,
    classification,
    country,
    facility_reference,
    id_scheme,
    members,
    party,
)

__all__ = ["facility_record"]


def facility_record(library: Library, entry: Entry, value: Json) -> Json:
    """The record of a facility. Of the parties only the operator has a place; linked documents are evidence of claims."""
    known = (
        "name", "description", "registeredId", "idScheme", "countryOfOperation", "processCategory", "relatedParty",
        "facilityAlsoKnownAs", "locationInformation", "address", "performanceClaim",
        "relatedDocument",
    )  # fmt: skip
    members(value, "Facility", known)
    facility: Json = {
        "type": ["Facility"],
        "id": value["id"],
        "name": value["name"],
        "registeredId": value["registeredId"],
        "idScheme": id_scheme(value["idScheme"]),
        "countryOfOperation": country(value["countryOfOperation"]),
        "processCategory": [classification(one) for one in value["processCategory"]],
        "locationInformation": _location(value["locationInformation"]),
        "address": {**value["address"], "addressCountry": country(value["address"]["addressCountry"])},
    }
    if "description" in value:
        facility["description"] = value["description"]
    operators = [one["party"] for one in value.get("relatedParty", ()) if one["role"] == "operator"]
    if operators:
        facility["operatedByParty"] = party(operators[0])
    if "facilityAlsoKnownAs" in value:
        facility["facilityAlsoKnownAs"] = [facility_reference(one) for one in value["facilityAlsoKnownAs"]]
    record: Json = {"type": ["FacilityRecord"], "id": f"{entry.url}#record", "facility": facility}
    claims = [claim(library, one) for one in value.get("performanceClaim", ())]
    claims += [
        document_claim(f"{entry.url}#document-{place}", one, entry.valid_from.date().isoformat())
        for place, one in enumerate(value.get("relatedDocument", ()), 1)
    ]
    if claims:
        record["conformityClaim"] = claims
    return record


def _location(value: Json) -> Json:
    members(value, "Location", ("plusCode", "geoLocation", "geoBoundary"))
    said: Json = {}
    if "plusCode" in value:
        said["plusCode"] = value["plusCode"]
    if "geoLocation" in value:
        said["geoLocation"] = {"type": "Point", "coordinates": _position(value["geoLocation"])}
    if "geoBoundary" in value:
        ring = [_position(corner) for corner in value["geoBoundary"]]
        said["geoBoundary"] = {"type": "Polygon", "coordinates": [ring]}
    return said


def _position(coordinate: Json) -> list[float]:
    return [coordinate["longitude"], coordinate["latitude"]]
