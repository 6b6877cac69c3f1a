"""Digital Conformity Credentials: certificates of products and sites, and mining permits."""

from __future__ import annotations

from datetime import datetime

from assay.simulator.chemistry import PPM
from assay.simulator.issuance.agenda import Entry, Permit, ProductCertificate, SiteCertificate
from assay.simulator.issuance.book import number
from assay.simulator.issuance.names import accreditation_url, mandate_url
from assay.simulator.issuance.v0_7.facilities import site_criteria
from assay.simulator.issuance.v0_7.fragments import Fragments, Json, topic
from assay.simulator.issuance.v0_7.passports import product_criteria, product_values
from assay.simulator.randomness import Stream
from assay.simulator.scenario import CriterionEntry, ProfileEntry, SchemeEntry
from assay.simulator.world import Facility, Organisation

__all__ = ["accreditation", "assessment", "attestation", "certificate", "scores"]


def scores(scheme: SchemeEntry) -> list[Json]:
    """The scoring framework of a scheme: its levels, best first, or met and met with a plan where it has none."""
    if scheme.scores:
        ranked = sorted(scheme.scores, key=lambda score: score.rank)
        return [{"code": s.code, "rank": s.rank, "definition": s.definition} for s in ranked]
    return [
        {"code": "conforms", "rank": 1, "definition": "Every criterion of the profile is met."},
        {
            "code": "conforms-with-plan",
            "rank": 2,
            "definition": "Every critical criterion is met; a plan covers the rest.",
        },
    ]


def certificate(
    pieces: Fragments, entry: Entry, about: ProductCertificate | SiteCertificate | Permit
) -> Json:
    """A conformity credential by what it is about."""
    if isinstance(about, ProductCertificate):
        return _product(pieces, entry, about)
    if isinstance(about, SiteCertificate):
        return _site(pieces, entry, about)
    return _permit(pieces, entry, about)


def accreditation(pieces: Fragments, certifier: Organisation, nation: str) -> Json:
    """Who says that the certifier may certify in a nation, with the accreditation as evidence."""
    body = pieces.world.nations[nation].accreditation
    url = accreditation_url(pieces.world, nation, certifier)
    return {
        "name": f"Accreditation of {certifier.name}",
        "issuingAuthority": pieces.party(body),
        "endorsementEvidence": pieces.link(url, f"Accreditation of {certifier.name}", "dia"),
    }


def attestation(
    pieces: Fragments,
    entry: Entry,
    name: str,
    description: str,
    holder: Organisation,
    scheme: SchemeEntry,
    profile: ProfileEntry,
    authorisation: Json,
    level: str,
    assessments: list[Json],
    kind: str = "certification",
    reached: str | None = None,
) -> Json:
    """A whole conformity credential around its assessments, with a certificate and a report for people.

    ``reached`` is the code of the scheme's level, the best one where none is named.
    """
    slug = entry.url.rsplit("/", 1)[-1]
    page = pieces.book.page_of_one(f"{entry.issuer.origin}/certificates/{slug}.html", name, description)
    report = pieces.book.page_of_one(
        f"{entry.issuer.origin}/evidence/{slug}.html",
        f"Assessment report: {name}",
        *map(_result, assessments),
    )
    evidence = [pieces.page_link(report, "Assessment report")]
    for found in assessments:
        found["evidence"] = evidence
    subject = {
        "type": ["ConformityAttestation"],
        "id": f"{entry.url}#attestation",
        "name": name,
        "description": description,
        "assessorLevel": "3rdParty",
        "assessmentLevel": level,
        "attestationType": kind,
        "issuedToParty": {
            "type": ["Party"],
            "id": holder.did,
            "name": holder.name,
            "registeredId": holder.number,
        },
        "authorisation": [authorisation],
        "referenceScheme": pieces.scheme(scheme),
        "referenceProfile": pieces.profile(scheme, profile),
        "profileScore": next(s for s in scores(scheme) if reached in (None, s["code"])),
        "conformityCertificate": pieces.page_link(page, "Certificate for people"),
        "conformityAssessment": assessments,
    }
    return pieces.envelope(entry, name, subject)


def assessment(
    pieces: Fragments,
    entry: Entry,
    scheme: SchemeEntry,
    criterion: CriterionEntry,
    value: int | float,
    assessed: datetime,
    about: str,
    holder: Organisation,
) -> Json:
    """One assessment. ``about`` tells it from others of the same credential; what was assessed is still to be added."""
    return {
        "type": ["ConformityAssessment"],
        "id": f"{entry.url}#{about}/{criterion.id}",
        "name": f"Assessment of {criterion.name.lower()}",
        "description": criterion.description,
        "assessmentCriteria": [pieces.criterion(scheme, criterion)],
        "assessmentDate": assessed.date().isoformat(),
        "assessedPerformance": [pieces.performance(criterion, value)],
        "assessedOrganisation": {"type": ["Party"], "id": holder.did, "name": holder.name},
        "conformityTopic": [topic(criterion.topic)],
        "conformance": True,
    }


def _result(assessment: Json) -> str:
    """One line of the assessment report."""
    measured = assessment["assessedPerformance"][0]["measure"]
    return f"{assessment['name']}: {measured['value']} {measured['unit']}."


def _profile(scheme: SchemeEntry, subject: str) -> ProfileEntry:
    return next(profile for profile in scheme.profiles if profile.subject == subject)


def _product(pieces: Fragments, entry: Entry, about: ProductCertificate) -> Json:
    scheme, holder = pieces.world.schemes[pieces.world.scenario.scheme], about.facility.operator
    assessments = []
    for batch in about.batches:
        lot, values = batch.lot, product_values(batch)
        product = {key: value for key, value in pieces.product(lot).items() if key != "idGranularity"}
        for criterion in product_criteria(pieces):
            label = f"{lot.product}/{pieces.lot_number(lot)}"
            found = assessment(
                pieces, entry, scheme, criterion, values[criterion.id], batch.assessed, label, holder
            )
            found["assessedProduct"] = [{"product": product, "idVerifiedByCAB": True}]
            assessments.append(found)
    name = f"Product certificate of {holder.name}, {about.assessed.date().isoformat()}"
    description = f"Batches made at {about.facility.name} meet the {scheme.name}."
    authorisation = accreditation(pieces, entry.issuer, about.facility.nation)
    profile = _profile(scheme, "product")
    return attestation(
        pieces,
        entry,
        name,
        description,
        holder,
        scheme,
        profile,
        authorisation,
        "authority-benchmark",
        assessments,
    )


def _site(pieces: Fragments, entry: Entry, about: SiteCertificate) -> Json:
    scheme, facility = pieces.world.schemes[pieces.world.scenario.scheme], about.facility
    values = about.site.values
    assessments = []
    for criterion in site_criteria(pieces):
        if criterion.id in values:
            value = float(values[criterion.id])
            found = assessment(
                pieces, entry, scheme, criterion, value, about.assessed, facility.id, facility.operator
            )
            assessments.append(_of_facility(pieces, found, facility))
    name = f"Site certificate of {facility.name}"
    description = f"{facility.name} meets the {scheme.name}."
    authorisation = accreditation(pieces, entry.issuer, facility.nation)
    profile = _profile(scheme, "facility")
    level = "authority-benchmark"
    holder = facility.operator
    return attestation(
        pieces, entry, name, description, holder, scheme, profile, authorisation, level, assessments
    )


def _of_facility(pieces: Fragments, found: Json, facility: Facility) -> Json:
    found["assessedFacility"] = [{"facility": pieces.facility(facility), "idVerifiedByCAB": True}]
    return found


def _permit(pieces: Fragments, entry: Entry, about: Permit) -> Json:
    world, permit, facility = pieces.world, about.permit, about.facility
    scheme = world.schemes[permit.scheme]
    profile = _profile(scheme, "facility")
    assessments = []
    for criterion in profile.criteria:
        parameter = permit.performance[criterion.id]
        stream = Stream(world.seed, f"{permit.number}/{criterion.id}", "performance")
        value = number(stream.around(parameter.ppm, parameter.spread_ppm) // 100_000 * 100_000, PPM)
        found = assessment(
            pieces, entry, scheme, criterion, value, about.assessed, facility.id, facility.operator
        )
        found["specifiedCondition"] = [
            f"No more than {permit.annual_limit_t} tonnes of ore a year under title {permit.number}"
        ]
        assessments.append(_of_facility(pieces, found, facility))
    anchor = world.nations[facility.nation].anchor
    evidence = mandate_url(world, entry.issuer)
    authorisation = {
        "name": f"Mandate of {entry.issuer.name}",
        "issuingAuthority": pieces.party(anchor),
        "endorsementEvidence": pieces.link(evidence, f"Mandate of {entry.issuer.name}", "dia"),
    }
    name = f"Mining permit {permit.number}, {facility.name}"
    description = (
        f"{facility.operator.name} may extract ore at {facility.name} from {permit.granted.isoformat()} "
        f"until {permit.expires.isoformat()}."
    )
    level = "authority-mandate"
    holder = facility.operator
    return attestation(
        pieces, entry, name, description, holder, scheme, profile, authorisation, level, assessments
    )
