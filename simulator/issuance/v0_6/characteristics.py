"""What 0.7 passports say under ``characteristics``, as claims of the maker: no context of 0.6 knows that member.

Composition, footprint by topic, recycled parts: each is a claim against the maker's own published way of declaring values,
with a sheet of the batch as evidence. Custody has a claim already; its details join that claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from assay.profiles.contracts.characteristics import (
    COMPOSITION,
    CUSTODY,
    ELEMENT_GRADES,
    FOOTPRINT,
    GRADE_BASIS,
    MOISTURE,
    NOMINAL_VOLTAGE,
    RATED_CAPACITY,
    RATED_ENERGY,
)
from assay.profiles.contracts.declared_values import (
    MOISTURE_METRIC,
    NOMINAL_VOLTAGE_METRIC,
    RATED_CAPACITY_METRIC,
    RATED_ENERGY_METRIC,
    grade_metric,
)
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.v0_6.extras import Told, declared, footprint, tell
from assay.simulator.issuance.v0_6.pieces import Json, members, secure_link

__all__ = ["characteristic_claims", "cradle_to_gate"]

_OF_BATTERIES = {
    RATED_ENERGY: RATED_ENERGY_METRIC,
    NOMINAL_VOLTAGE: NOMINAL_VOLTAGE_METRIC,
    RATED_CAPACITY: RATED_CAPACITY_METRIC,
}
_KNOWN = (COMPOSITION, CUSTODY, ELEMENT_GRADES, FOOTPRINT, GRADE_BASIS, MOISTURE, *_OF_BATTERIES)
_CRADLE_TO_GATE = "cradle-to-gate"


def characteristic_claims(book: Book, url: str, product: Json, maker: Json, claims: list[Json]) -> list[Json]:
    """Further claims of a passport. Details of custody are added to the one of ``claims`` that states the model."""
    said = members(dict(product.get("characteristics", {})), "Characteristics", _KNOWN)
    statements = list(_statements(said, product["name"]))
    if CUSTODY in said:
        _custody(said[CUSTODY], claims, statements)
    if not statements:
        return []
    origin = "https://" + str(maker["id"]).removeprefix("did:web:")
    method = book.page(
        f"{origin}/documents/declared-values.html",
        f"Declared values of {maker['name']}",
        "Products are sampled, weighed and analysed before they leave. Footprints follow the product's accounts.",
    )
    lines = [
        f"{one['metricName']}: {one['metricValue']['value']} {one['metricValue']['unit']}"
        for _, _, told in statements
        for one in told.values
    ]
    slug = url.rsplit("/", 1)[-1]
    sheet = book.page_of_one(
        f"{origin}/evidence/declared-values/{slug}.html", f"Declared values: {product['name']}", *lines
    )
    evidence = secure_link(
        {
            "linkURL": sheet.url,
            "linkName": "Sheet of declared values",
            "linkType": "describedby",
            "digestMultibase": sheet.digest,
        }
    )
    made: list[Json] = []
    for name, topic, told in statements:
        claim: Json = {
            "type": ["Claim", "Declaration"],
            "id": f"{url}#claim-{name}",
            "assessmentCriteria": [
                {
                    "type": ["Criterion"],
                    "id": f"{method.url}#{name}",
                    "name": f"{_title(name)} as declared by {maker['name']}",
                    "description": f"{_title(name)} is determined as the maker has published.",
                    "conformityTopic": topic,
                    "status": "active",
                }
            ],
            "assessmentDate": product["productionDate"],
            "declaredValue": [],
            "conformance": True,
            "conformityTopic": topic,
            "conformityEvidence": evidence,
        }
        told.onto(claim)
        made.append(claim)
    return made


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _statements(said: Json, name: str) -> Iterator[tuple[str, str, Told]]:
    """Name, topic and content of every claim to be made."""
    values = [
        declared(grade_metric(element), grade) for element, grade in said.get(ELEMENT_GRADES, {}).items()
    ]
    if MOISTURE in said:
        values.append(declared(MOISTURE_METRIC, said[MOISTURE]))
    values += [declared(metric, said[member]) for member, metric in _OF_BATTERIES.items() if member in said]
    if values or COMPOSITION in said:
        text = f"Composition: {said.get(COMPOSITION, name)}."
        yield "composition", "circularity.content", Told(values, [text])
    yield from footprint(said.get(FOOTPRINT, {}))


def _custody(custody: Json, claims: list[Json], statements: list[tuple[str, str, Told]]) -> None:
    """Add what is said of custody to the claim about it, or to what is declared where there is none."""
    told = tell("Custody", custody)
    for claim in claims:
        if any(f"/criterion/{custody['model']}/" in one["id"] for one in claim["assessmentCriteria"]):
            told.onto(claim)
            return
    statements.append(("custody", "governance.transparency", told))


def cradle_to_gate(product: Json) -> Json | None:
    """The carbon footprint from cradle to gate as a measure, where one is stated."""
    carbon = product.get("characteristics", {}).get(FOOTPRINT, {}).get("carbon", [])
    for one in carbon:
        if one["boundary"] == _CRADLE_TO_GATE:
            return {"value": one["value"], "unit": one["unit"]}
    return None
