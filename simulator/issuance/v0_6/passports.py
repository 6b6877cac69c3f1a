"""Digital Product Passports of 0.6: the product inside a passport, scorecards and claims beside it."""

from __future__ import annotations

from assay.simulator.issuance.abouts import Entry, Passport
from assay.simulator.issuance.book import Book, number
from assay.simulator.issuance.v0_6.characteristics import characteristic_claims, cradle_to_gate
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
_ALL_VERIFIED = 1
"""Every event that a passport names is a signed credential."""


def passport(book: Book, library: Library, entry: Entry, value: Json) -> Json:
    """The passport of a batch or item."""
    known = (
        "name", "description", "idScheme", "batchNumber", "itemNumber", "idGranularity", "characteristics",
        "productCategory", "relatedDocument", "relatedParty", "producedAtFacility", "productionDate",
        "countryOfProduction", "dimensions", "materialProvenance", "performanceClaim",
    )  # fmt: skip
    members(value, "Product", known, ("modelNumber",))
    documents, maker = value.get("relatedDocument", []), _maker(value)
    events = [one for one in documents if _kind(one) == "dte"]
    claims = [claim(library, one) for one in value.get("performanceClaim", ())]
    claims += characteristic_claims(book, entry.url, value, maker, claims)
    said: Json = {
        "type": ["ProductPassport"],
        "id": f"{entry.url}#passport",
        "product": _product(value, maker, [one for one in documents if _kind(one) != "dte"]),
        "granularityLevel": value["idGranularity"],
        "conformityClaim": claims,
        "dueDiligenceDeclaration": _diligence(book, maker),
    }
    scorecard = _emissions(entry, value)
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
        said["circularityScorecard"] = {"recycledContent": round(recycled, 9)}
        said["materialsProvenance"] = materials
    return said


def _kind(document: Json) -> str:
    return str(document.get("linkType", "")).rsplit("/", 1)[-1]


def _maker(value: Json) -> Json:
    """The party that made the product."""
    roles: dict[str, Json] = {one["role"]: one["party"] for one in reversed(value["relatedParty"])}
    return roles.get("manufacturer") or roles["producer"]


def _product(value: Json, maker: Json, documents: list[Json]) -> Json:
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
        "producedByParty": party(maker),
        "producedAtFacility": facility_reference(value["producedAtFacility"]),
        "productionDate": value["productionDate"],
        "countryOfProduction": country(value["countryOfProduction"]),
        "dimensions": {name: measure(one) for name, one in value["dimensions"].items()},
    }
    if documents:
        product["furtherInformation"] = [link(one) for one in documents]
    return product


def _emissions(entry: Entry, value: Json) -> Json | None:
    """The scorecard of emissions: what characteristics or else a claim say.

    Suppliers with a due diligence file are those whose own figures were used, so theirs is the primary part.
    """
    carbon = cradle_to_gate(value) or _claimed_footprint(value)
    if carbon is None or not isinstance(entry.about, Passport):
        return None
    return {
        "carbonFootprint": carbon["value"],
        "declaredUnit": carbon["unit"],
        "operationalScope": "CradleToGate",
        "primarySourcedRatio": number(entry.about.batch.diligence, 1000),
    }


def _claimed_footprint(value: Json) -> Json | None:
    for one in value.get("performanceClaim", ()):
        for performance in one["claimedPerformance"]:
            if performance["metric"]["id"].endswith(f"/{_FOOTPRINT}"):
                return measure(performance["measure"])
    return None


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
