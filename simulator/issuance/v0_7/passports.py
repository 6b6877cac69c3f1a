"""Digital Product Passports: one per batch, or per item where the product is a pack."""

from __future__ import annotations

from assay.profiles.contracts.characteristics import (
    COMPOSITION,
    CUSTODY,
    DRY,
    ELEMENT_GRADES,
    FOOTPRINT,
    GRADE_BASIS,
    MOISTURE,
    NOMINAL_VOLTAGE,
    RATED_CAPACITY,
    RATED_ENERGY,
)
from assay.simulator.chemistry import ELEMENT_NAMES, PPM
from assay.simulator.claims import BatchClaim, Ingredient
from assay.simulator.issuance.agenda import Entry, Passport
from assay.simulator.issuance.book import number
from assay.simulator.issuance.v0_7.custody_pieces import (
    custody_characteristics,
    custody_claims,
    footprint_claims,
)
from assay.simulator.issuance.v0_7.fragments import Fragments, Json, kilograms, measure
from assay.simulator.measurements import GRADE_SCALE
from assay.simulator.scenario import CriterionEntry
from assay.simulator.sustainability import Footprint

__all__ = ["passport", "product_values"]


def product_values(batch: BatchClaim) -> dict[str, int | float]:
    """Values of a batch by criterion of the product profile."""
    return {
        "product-carbon-footprint": number(batch.carbon, 1000),
        "supplier-due-diligence": number(batch.diligence, 10),
    }


def passport(pieces: Fragments, entry: Entry, about: Passport) -> Json:
    """The passport of a batch or item."""
    world, batch = pieces.world, about.batch
    lot = batch.lot
    product, facility = world.products[lot.product], world.facilities[lot.facility]
    nation = world.nations[facility.nation]
    subject: Json = {
        **pieces.product(lot),
        "description": product.description,
        "idScheme": pieces.product_scheme(nation),
        "characteristics": _characteristics(pieces, batch, product.composition),
        "productCategory": [pieces.category(lot.product)],
        "relatedParty": [pieces.role(role, facility.operator) for role in ("manufacturer", "owner")],
        "producedAtFacility": pieces.facility(facility),
        "productionDate": batch.made.date().isoformat(),
        "countryOfProduction": pieces.country(nation.code),
        "dimensions": {"weight": kilograms(batch.grams)},
    }
    documents = _documents(pieces, about)
    if documents:
        subject["relatedDocument"] = documents
    materials = [_material(pieces, batch, item) for item in batch.ingredients]
    if materials:
        subject["materialProvenance"] = materials
    claims: list[Json] = []
    if about.certificate is not None:
        evidence = pieces.link(about.certificate, "Conformity credential of this product", "dcc")
        values = product_values(batch)
        claimed = entry.valid_from.date()
        claims += [
            pieces.claim(
                f"{entry.url}#claim-{criterion.id}", criterion, values[criterion.id], claimed, evidence
            )
            for criterion in product_criteria(pieces)
        ]
    if about.custody is not None:
        claims += custody_claims(pieces, entry, batch, about.custody)
    claims += footprint_claims(pieces, entry, batch, about.footprints)
    if claims:
        subject["performanceClaim"] = claims
    return pieces.envelope(entry, f"Product passport of {product.name}, {pieces.lot_number(lot)}", subject)


def product_criteria(pieces: Fragments) -> list[CriterionEntry]:
    """Criteria of the product profiles of the scenario's scheme that batches carry values for."""
    scheme = pieces.world.schemes[pieces.world.scenario.scheme]
    return [c for profile in scheme.profiles if profile.subject == "product" for c in profile.criteria]


def _characteristics(pieces: Fragments, batch: BatchClaim, composition: str) -> Json:
    said: Json = {COMPOSITION: composition}
    if batch.grades:
        said[ELEMENT_GRADES] = {
            element: number(grade, GRADE_SCALE) for element, grade in batch.grades.items()
        }
        said[GRADE_BASIS] = DRY
        said[MOISTURE] = number(batch.moisture, PPM)
    if batch.watt_hours:
        said[RATED_ENERGY] = measure(number(batch.watt_hours, 1000), "KWH")
        said |= _electrical(pieces, batch)
    said[FOOTPRINT] = _footprint(pieces, batch.footprint)
    if batch.custody is not None:
        said[CUSTODY] = custody_characteristics(pieces, batch.custody)
    return said


def _electrical(pieces: Fragments, batch: BatchClaim) -> Json:
    """Nominal voltage of one pack, where its plant states one, and the capacity that makes its energy with it."""
    voltage = pieces.world.site(batch.lot.facility, batch.lot.product).parameters.get("nominal_voltage")
    if voltage is None or batch.lot.granularity != "item":
        return {}
    milliampere_hours = batch.watt_hours * 1000 * PPM // voltage.ppm
    return {
        NOMINAL_VOLTAGE: measure(number(voltage.ppm, PPM), "VLT"),
        RATED_CAPACITY: measure(number(milliampere_hours, 1000), "AMH"),
    }


def _footprint(pieces: Fragments, footprint: Footprint) -> Json:
    """Carbon in the boundaries that the scenario's products state; water and energy cradle to gate; recycled parts."""
    said: Json = {
        "carbon": [
            {"boundary": boundary, **measure(number(footprint.carbon[boundary], 1000), "KGM")}
            for boundary in pieces.world.scenario.accounting.boundaries
        ],
        "water": {"boundary": "cradle-to-gate", **measure(number(footprint.water, 1_000_000), "MTQ")},
        "energy": {"boundary": "cradle-to-gate", **measure(number(footprint.energy, 1000), "KWH")},
    }
    if footprint.recycled:
        said["recycled"] = {
            element: {"preConsumer": number(part.pre, PPM), "postConsumer": number(part.post, PPM)}
            for element, part in footprint.recycled.items()
        }
    if footprint.allocation is not None:
        said["allocation"] = footprint.allocation
    return said


def _documents(pieces: Fragments, about: Passport) -> list[Json]:
    world, lot = pieces.world, about.batch.lot
    links = [pieces.passport_link(source) for source in about.batch.upstream]
    if about.made_by is not None:
        links.append(pieces.link(about.made_by, "Make event of this product", "dte"))
    if world.products[lot.product].hazardous:
        links.append(_safety(pieces, lot.product, lot.facility))
    return links


def _safety(pieces: Fragments, product: str, facility: str) -> Json:
    entry, operator = pieces.world.products[product], pieces.world.facilities[facility].operator
    url = f"{operator.origin}/documents/{product}/safety-data-sheet.html"
    title = f"Safety data sheet: {entry.name}"
    return pieces.page_link(pieces.book.page(url, title, entry.description, "Handle with care."), title)


def _material(pieces: Fragments, batch: BatchClaim, item: Ingredient) -> Json:
    world = pieces.world
    entry = world.products[item.product]
    name = (
        entry.name
        if item.element is None
        else f"{ELEMENT_NAMES[item.element].capitalize()} from {entry.name.lower()}"
    )
    material: Json = {
        "name": name,
        "originCountry": pieces.country(item.country),
        "materialType": pieces.category(item.product),
        "massFraction": number(item.share, PPM),
        "mass": kilograms(batch.grams * item.share // PPM),
        "recycledMassFraction": number(item.recycled, PPM),
        "hazardous": entry.hazardous,
    }
    if entry.hazardous:
        source = next(lot for lot in batch.upstream if lot.product == item.product)
        material["materialSafetyInformation"] = _safety(pieces, item.product, source.facility)
    return material
