"""Digital Product Passports of 0.6: the product inside a passport, scorecards and claims beside it.

What 0.7 says under ``characteristics`` becomes a claim of its own (see ``profiles.contracts.declared_values``), because no
context of 0.6 knows that member.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay.profiles.contracts.characteristics import (
    COMPOSITION,
    ELEMENT_GRADES,
    GRADE_BASIS,
    MOISTURE,
    RATED_ENERGY,
)
from assay.profiles.contracts.declared_values import (
    FRACTION_UNIT,
    MOISTURE_METRIC,
    RATED_ENERGY_METRIC,
    grade_metric,
)
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.v0_6.declarations import claim
from assay.simulator.issuance.v0_6.library import Library
from assay.simulator.issuance.v0_6.pieces import (
    Json,
    classification,
    country,
    facility_reference,
    id_scheme,
    link,
    measure,
    members,
    party,
    secure_link,
)

__all__ = ["passport"]

_FOOTPRINT = "product-carbon-footprint"
_DILIGENCE = "supplier-due-diligence-coverage"
_ALL_VERIFIED = 1
"""Every event that a passport names is a signed credential."""


def passport(book: Book, library: Library, url: str, value: Json) -> Json:
    """The passport of a batch or item."""
    known = (
        "name", "description", "idScheme", "batchNumber", "itemNumber", "idGranularity", "characteristics",
        "productCategory", "relatedDocument", "relatedParty", "producedAtFacility", "productionDate",
        "countryOfProduction", "dimensions", "materialProvenance", "performanceClaim",
    )  # fmt: skip
    members(value, "Product", known, ("modelNumber",))
    documents = value.get("relatedDocument", [])
    events = [one for one in documents if _kind(one) == "dte"]
    said: Json = {
        "type": ["ProductPassport"],
        "id": f"{url}#passport",
        "product": _product(value, [one for one in documents if _kind(one) != "dte"]),
        "granularityLevel": value["idGranularity"],
    }
    claims = [claim(library, one) for one in value.get("performanceClaim", ())]
    said["conformityClaim"] = [*claims, *_composition(url, value)]
    scorecard = _emissions(value.get("performanceClaim", []))
    if scorecard is not None:
        said["emissionsScorecard"] = scorecard
    if events:
        said["traceabilityInformation"] = [
            {
                "valueChainProcess": f"Making of {value['name']}",
                "verifiedRatio": _ALL_VERIFIED,
                "traceabilityEvent": [secure_link(one) for one in events],
            }
        ]
    materials = [_material(one) for one in value.get("materialProvenance", ())]
    if materials:
        recycled = sum(one.get("massFraction", 0) * one.get("recycledMassFraction", 0) for one in materials)
        said["circularityScorecard"] = {"recycledContent": recycled}
        said["materialsProvenance"] = materials
    maker = _maker(value)
    if maker is not None:
        said["dueDiligenceDeclaration"] = _diligence(book, maker)
    return said


def _kind(document: Json) -> str:
    return str(document.get("linkType", "")).rsplit("/", 1)[-1]


def _maker(value: Json) -> Json | None:
    roles = {one["role"]: one["party"] for one in reversed(value.get("relatedParty", []))}
    return roles.get("manufacturer") or roles.get("producer")


def _product(value: Json, documents: list[Json]) -> Json:
    number = value.get("itemNumber") or value.get("batchNumber")
    product: Json = {
        "type": ["Product"],
        "id": value["id"],
        "name": value["name"],
        "registeredId": number,
        "idScheme": id_scheme(value["idScheme"]),
        "serialNumber" if "itemNumber" in value else "batchNumber": number,
        "description": value["description"],
        "productCategory": [classification(one) for one in value["productCategory"]],
        "furtherInformation": [link(one) for one in documents],
        "producedAtFacility": facility_reference(value["producedAtFacility"]),
        "productionDate": value["productionDate"],
        "countryOfProduction": country(value["countryOfProduction"]),
        "dimensions": {name: measure(one) for name, one in value["dimensions"].items()},
    }
    maker = _maker(value)
    if maker is not None:
        product["producedByParty"] = party(maker)
    return product


def _composition(url: str, value: Json) -> Iterator[Json]:
    """Grades, moisture and rated energy as one claim of the maker. Numbers are those of 0.7."""
    said: Mapping[str, Any] = value.get("characteristics", {})
    members(
        dict(said), "Characteristics", (COMPOSITION, ELEMENT_GRADES, MOISTURE, RATED_ENERGY), (GRADE_BASIS,)
    )
    declared = [
        _fraction(grade_metric(element), grade) for element, grade in said.get(ELEMENT_GRADES, {}).items()
    ]
    if MOISTURE in said:
        declared.append(_fraction(MOISTURE_METRIC, said[MOISTURE]))
    if RATED_ENERGY in said:
        declared.append({"metricName": RATED_ENERGY_METRIC, "metricValue": measure(said[RATED_ENERGY])})
    if declared or COMPOSITION in said:
        yield {
            "type": ["Claim", "Declaration"],
            "id": f"{url}#claim-composition",
            "description": f"Composition: {said.get(COMPOSITION, value['name'])}.",
            "assessmentDate": value["productionDate"],
            "declaredValue": declared,
            "conformance": True,
            "conformityTopic": "circularity.content",
        }


def _fraction(name: str, value: float) -> Json:
    return {"metricName": name, "metricValue": {"value": value, "unit": FRACTION_UNIT}}


def _emissions(claims: list[Json]) -> Json | None:
    """The scorecard of emissions, from the claims. Suppliers with a due diligence file are those whose own figures were used."""
    found = {
        performance["metric"]["id"].rsplit("/", 1)[-1]: performance["measure"]
        for one in claims
        for performance in one["claimedPerformance"]
    }
    if _FOOTPRINT not in found or _DILIGENCE not in found:
        return None
    return {
        "carbonFootprint": found[_FOOTPRINT]["value"],
        "declaredUnit": found[_FOOTPRINT]["unit"],
        "operationalScope": "CradleToGate",
        "primarySourcedRatio": found[_DILIGENCE]["value"] / 100,
    }


def _material(value: Json) -> Json:
    known = (
        "name", "originCountry", "materialType", "massFraction", "mass", "recycledMassFraction", "hazardous",
        "materialSafetyInformation",
    )  # fmt: skip
    members(value, "Material", known)
    said = dict(value)
    said["originCountry"] = country(value["originCountry"])
    said["materialType"] = classification(value["materialType"])
    if "mass" in value:
        said["mass"] = measure(value["mass"])
    if "materialSafetyInformation" in value:
        said["materialSafetyInformation"] = link(value["materialSafetyInformation"])
    return said


def _diligence(book: Book, maker: Json) -> Json:
    """The maker's due diligence declaration: a page of its own host."""
    origin = "https://" + str(maker["id"]).removeprefix("did:web:")
    title = f"Due diligence declaration of {maker['name']}"
    text = "Suppliers are asked for a due diligence file before goods are accepted."
    page = book.page(f"{origin}/documents/due-diligence.html", title, text)
    return {"linkURL": page.url, "linkName": title, "linkType": "describedby"}
