"""Custody in UNTP 0.7: the model is a criterion of a custody scheme, amounts are properties beside it.

Certificates of lots, statements of periods and credits are conformity credentials. UNTP has no fields for accounts:
amounts are characteristics of the assessed product (a lot, a product model, a credit), the one place that is open to
them, and for people conditions of the assessment.
"""

from __future__ import annotations

from assay.profiles.contracts.characteristics import CUSTODY
from assay.simulator.chemistry import ELEMENT_NAMES, PPM
from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.book import number
from assay.simulator.issuance.custody import (
    Credit,
    CustodyCertificate,
    Retirement,
    Statement,
    credit_uri,
    credit_url,
)
from assay.simulator.issuance.v0_7.attestations import accreditation, assessment, attestation
from assay.simulator.issuance.v0_7.custody_pieces import (
    account_criterion,
    custody_characteristics,
    percent,
    period,
)
from assay.simulator.issuance.v0_7.fragments import Fragments, Json, measure
from assay.simulator.world import Facility, Organisation

__all__ = ["custody_credential"]

_MG_PER_KG = 1_000_000


def custody_credential(
    pieces: Fragments, entry: Entry, about: CustodyCertificate | Statement | Credit | Retirement
) -> Json:
    """A conformity credential about custody."""
    if isinstance(about, CustodyCertificate):
        return _certificate(pieces, entry, about)
    if isinstance(about, Statement):
        return _statement(pieces, entry, about)
    if isinstance(about, Credit):
        return _credit(pieces, entry, about)
    return _retirement(pieces, entry, about)


def _certificate(pieces: Fragments, entry: Entry, about: CustodyCertificate) -> Json:
    facility, first = about.facility, about.batches[0].custody
    assert first is not None  # only such lots are certified
    scheme, profile, criterion = account_criterion(pieces, first.scheme, first.model)
    assessments = []
    for batch in about.batches:
        claim = batch.custody
        assert claim is not None
        label = f"{batch.lot.product}/{pieces.lot_number(batch.lot)}"
        found = assessment(
            pieces, entry, scheme, criterion, percent(claim.share), batch.assessed, label, facility.operator
        )
        amounts = {"quantity": _kilograms(claim.amount), "conforming": _kilograms(claim.conforming)}
        said = {**custody_characteristics(pieces, claim), **amounts}
        found["assessedProduct"] = [_verified(pieces.product(batch.lot), said)]
        assessments.append(found)
    name = f"Custody certificate of {facility.name}, {about.assessed.date().isoformat()}"
    description = f"Lots made at {facility.name} were kept under {criterion.name.lower()} ({scheme.name})."
    return attestation(
        pieces, entry, name, description, facility.operator, scheme, profile,
        _accredited(pieces, entry, facility), "authority-benchmark", assessments,
    )  # fmt: skip


def _statement(pieces: Fragments, entry: Entry, about: Statement) -> Json:
    claim, facility, balance = about.claim, about.facility, about.claim.balance
    kept = claim.entry
    scheme, profile, criterion = account_criterion(pieces, kept.scheme, kept.model)
    allowed = balance.opening + balance.conforming * balance.yield_ppm // PPM
    covered = min(balance.claimed, allowed) * PPM // balance.claimed if balance.claimed else PPM
    found = assessment(
        pieces, entry, scheme, criterion, percent(covered), entry.valid_from, facility.id, facility.operator
    )
    found["assessedFacility"] = [{"facility": pieces.facility(facility), "idVerifiedByCAB": True}]
    made = {site.product for site in pieces.world.scenario.sites if site.facility == facility.id}
    products = [product for product in kept.products if product in made] or kept.products
    account: Json = {
        "model": kept.model,
        "element": kept.element,
        "products": [pieces.world.products[product].name for product in products],
        **period(claim.start, claim.end),
        "input": _kilograms(balance.fed),
        "conformingInput": _kilograms(balance.conforming),
        "output": _kilograms(balance.made),
        "conformingOutput": _kilograms(balance.claimed),
        "lotsClaimed": balance.lots,
        "lotsNotClaimed": balance.refused,
    }
    if kept.model == "mass-balance":
        account |= {
            "opening": _kilograms(balance.opening),
            "closing": _kilograms(balance.closing),
            "declaredYield": number(balance.yield_ppm, PPM),
        }
    found["assessedProduct"] = [_verified(_model(pieces, facility, product), account) for product in products]
    element = ELEMENT_NAMES[kept.element]
    found["specifiedCondition"] = [
        f"Period from {claim.start.date().isoformat()} until {claim.end.date().isoformat()}",
        *(
            f"{label}: {account[key]['value']} kg of contained {element}"
            for key, label in _LINES.items()
            if key in account
        ),
    ]
    name = f"{criterion.name} statement of {facility.name}, {claim.end.date().isoformat()}"
    description = f"Account of contained {element} at {facility.name} for one period."
    return attestation(
        pieces, entry, name, description, facility.operator, scheme, profile,
        _accredited(pieces, entry, facility), "authority-benchmark", [found],
    )  # fmt: skip


_LINES = {
    "opening": "Opening",
    "conformingInput": "Conforming input",
    "conformingOutput": "Conforming output claimed",
    "closing": "Closing",
}


def _credit(pieces: Fragments, entry: Entry, about: Credit) -> Json:
    claim, kept = about.claim, about.claim.entry
    scheme, profile, criterion = account_criterion(pieces, kept.scheme, kept.model)
    credit, holder, element = claim.credit, claim.holder, ELEMENT_NAMES[kept.element]
    found = assessment(pieces, entry, scheme, criterion, percent(PPM), claim.time, credit.id, holder)
    details: Json = {
        "credit": credit.id,
        "holder": holder.did,
        "element": kept.element,
        "quantity": _kilograms(credit.amount),
        "quota": _kilograms(int(kept.quota)),
    }
    origin = f"Booked against production at {_names(pieces, kept.facilities)}"
    if claim.lot is not None:
        lot = claim.lot
        details["evidence"] = pieces.world.product_uri(lot)
        origin = f"Booked against {pieces.world.products[lot.product].name}, {pieces.lot_number(lot)}"
    elif credit.parent is not None:
        details["replaces"] = credit_uri(entry.issuer, credit.parent)
        origin = f"Replaces credit {credit.parent}"
    shown = _credit_product(pieces, entry.issuer, credit.id, element)
    found["assessedProduct"] = [_verified(shown, details)]
    found["specifiedCondition"] = [f"{_weight(credit.amount)} of contained {element}", origin]
    name = f"Credit {credit.id} of {holder.name}"
    description = f"{holder.name} holds a credit of {_weight(credit.amount)} of contained {element}."
    facility = pieces.world.facilities[kept.facilities[0]]
    return attestation(
        pieces, entry, name, description, holder, scheme, profile,
        _accredited(pieces, entry, facility), "authority-benchmark", [found],
    )  # fmt: skip


def _retirement(pieces: Fragments, entry: Entry, about: Retirement) -> Json:
    claim, kept, retired = about.claim, about.claim.entry, about.claim.retired
    scheme, profile, criterion = account_criterion(pieces, kept.scheme, kept.model)
    lot, holder, element = claim.lot, claim.holder, ELEMENT_NAMES[kept.element]
    label = f"{lot.product}/{pieces.lot_number(lot)}"
    found = assessment(pieces, entry, scheme, criterion, percent(claim.share), claim.time, label, holder)
    said: Json = {
        "element": kept.element,
        "retired": _kilograms(retired.amount),
        "credits": [
            {
                "credit": credit_uri(entry.issuer, piece.credit),
                "credential": credit_url(pieces.world, entry.issuer, piece.credit),
                "quantity": _kilograms(piece.amount),
            }
            for piece in retired.pieces
        ],
    }
    found["assessedProduct"] = [_verified(pieces.product(lot), said)]
    found["specifiedCondition"] = [
        f"{_weight(retired.amount)} of contained {element} retired for good",
        *(f"{_weight(piece.amount)} of credit {piece.credit}" for piece in retired.pieces),
    ]
    product = f"{pieces.world.products[lot.product].name}, {pieces.lot_number(lot)}"
    name = f"Retirement of credits for {product}"
    description = f"Credits of {_weight(retired.amount)} of contained {element} were retired for {product}."
    facility = pieces.world.facilities[kept.facilities[0]]
    return attestation(
        pieces, entry, name, description, holder, scheme, profile,
        _accredited(pieces, entry, facility), "authority-benchmark", [found],
    )  # fmt: skip


def _credit_product(pieces: Fragments, register: Organisation, credit: str, element: str) -> Json:
    """A credit as a thing with an identifier: what the register shows to people."""
    uri, name = credit_uri(register, credit), f"Credit {credit}"
    pieces.book.page_of_one(uri, name, f"Book and claim, contained {element}. Kept by {register.name}.")
    return {"type": ["Product"], "id": uri, "name": name}


def _model(pieces: Fragments, facility: Facility, product: str) -> Json:
    """A product model as made at a facility."""
    entry = pieces.world.products[product]
    resolver = pieces.world.nations[facility.nation].resolver
    uri = f"https://{resolver}/product/{entry.model.lower()}"
    return {"type": ["Product"], "id": uri, "name": entry.name, "modelNumber": entry.model}


def _verified(product: Json, said: Json) -> Json:
    """An assessed product with what is said of its custody."""
    told = {key: value for key, value in product.items() if key != "idGranularity"}
    return {"product": {**told, "characteristics": {CUSTODY: said}}, "idVerifiedByCAB": True}


def _accredited(pieces: Fragments, entry: Entry, facility: Facility) -> Json:
    """The accreditation of the issuer, for the nation where it certifies."""
    world = pieces.world
    nations = [code for code, name in world.scenario.certifiers.items() if name == entry.issuer.id]
    nation = facility.nation if facility.nation in nations else nations[0]
    return accreditation(pieces, entry.issuer, nation)


def _kilograms(milligrams: int) -> Json:
    return measure(number(milligrams, _MG_PER_KG), "KGM")


def _weight(milligrams: int) -> str:
    return f"{number(milligrams, _MG_PER_KG)} kg"


def _names(pieces: Fragments, facilities: list[str]) -> str:
    return ", ".join(pieces.world.facilities[facility].name for facility in facilities)
