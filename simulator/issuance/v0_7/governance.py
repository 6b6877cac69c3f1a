"""Conformity credentials of governance and trade in UNTP 0.7: audits with levels, consents, licences, certificates of origin."""

from __future__ import annotations

from assay.simulator.governance import Finding
from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.governance import Attested
from assay.simulator.issuance.names import mandate_url, model_uri
from assay.simulator.issuance.v0_7.attestations import accreditation, assessment, attestation
from assay.simulator.issuance.v0_7.fragments import Fragments, Json
from assay.simulator.issuance.v0_7.ratings import rating
from assay.simulator.scenario import SchemeEntry

__all__ = ["attested"]


def attested(pieces: Fragments, entry: Entry, about: Attested) -> Json:
    """The credential of one verdict."""
    scheme = pieces.world.schemes[about.scheme]
    profile = next(profile for profile in scheme.profiles if profile.id == about.profile)
    return attestation(
        pieces,
        entry,
        about.name,
        about.description,
        about.holder,
        scheme,
        profile,
        _authorisation(pieces, entry, about),
        "authority-mandate" if about.mandated else "authority-benchmark",
        [_assessed(pieces, entry, about, scheme, finding) for finding in about.found],
        kind=about.kind,
        reached=about.level,
    )


def _assessed(
    pieces: Fragments, entry: Entry, about: Attested, scheme: SchemeEntry, finding: Finding
) -> Json:
    criterion, value = finding.criterion, finding.value
    figure = int(value) if value == value.to_integral_value() else float(value)
    label = about.facility.id if about.facility is not None else about.holder.id
    if about.product is not None:
        label = f"{label}/{about.product}"
    found = assessment(pieces, entry, scheme, criterion, figure, about.assessed, label, about.holder)
    found["conformance"] = finding.met
    if scheme.scores:
        found["assessedPerformance"] = [
            {**pieces.performance(criterion, figure), "score": rating(finding.rating)}
        ]
    if about.product is not None and about.facility is not None:
        product = pieces.world.products[about.product]
        subject = {
            "type": ["Product"],
            "id": model_uri(pieces.world, about.facility, about.product),
            "name": product.name,
            "modelNumber": product.model,
        }
        found["assessedProduct"] = [{"product": subject, "idVerifiedByCAB": True}]
    elif about.facility is not None:
        found["assessedFacility"] = [{"facility": pieces.facility(about.facility), "idVerifiedByCAB": True}]
    if about.conditions:
        found["specifiedCondition"] = list(about.conditions)
    return found


def _authorisation(pieces: Fragments, entry: Entry, about: Attested) -> Json:
    """Accreditation of a certifier, or mandate of a public body."""
    if not about.mandated:
        return accreditation(pieces, entry.issuer, about.nation)
    name = f"Mandate of {entry.issuer.name}"
    return {
        "name": name,
        "issuingAuthority": pieces.party(pieces.world.nations[about.nation].anchor),
        "endorsementEvidence": pieces.link(mandate_url(pieces.world, entry.issuer), name, "dia"),
    }
