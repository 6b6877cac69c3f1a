"""Certified carbon footprints: one conformity credential for lots of a facility and a boundary."""

from __future__ import annotations

from assay.profiles.contracts.characteristics import FOOTPRINT
from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.book import number
from assay.simulator.issuance.footprints import FootprintCertificate
from assay.simulator.issuance.v0_7.attestations import accreditation, assessment, attestation
from assay.simulator.issuance.v0_7.custody_pieces import account_criterion
from assay.simulator.issuance.v0_7.fragments import Fragments, Json, measure

__all__ = ["footprint_certificate"]


def footprint_certificate(pieces: Fragments, entry: Entry, about: FootprintCertificate) -> Json:
    """The certificate of one visit."""
    facility, boundary = about.facility, about.boundary
    name = pieces.world.scenario.accounting.scheme
    assert name is not None  # else nothing is certified
    scheme, profile, criterion = account_criterion(pieces, name, boundary)
    assessments = []
    for batch in about.batches:
        label, value = f"{batch.lot.product}/{pieces.lot_number(batch.lot)}", batch.footprint.carbon[boundary]
        found = assessment(
            pieces, entry, scheme, criterion, number(value, 1000), batch.assessed, label, facility.operator
        )
        carbon: Json = {"boundary": boundary, **measure(number(value, 1000), "KGM")}
        said: Json = {"carbon": [carbon]}
        if batch.footprint.allocation is not None:
            said["allocation"] = batch.footprint.allocation
        told = {key: value for key, value in pieces.product(batch.lot).items() if key != "idGranularity"}
        product = {**told, "characteristics": {FOOTPRINT: said}}
        found["assessedProduct"] = [{"product": product, "idVerifiedByCAB": True}]
        assessments.append(found)
    title = f"Footprint certificate of {facility.name}, {about.assessed.date().isoformat()}, {boundary}"
    description = f"Footprints of lots made at {facility.name}, {boundary.replace('-', ' ')} ({scheme.name})."
    authorisation = accreditation(pieces, entry.issuer, facility.nation)
    return attestation(
        pieces, entry, title, description, facility.operator, scheme, profile,
        authorisation, "authority-benchmark", assessments,
    )  # fmt: skip
