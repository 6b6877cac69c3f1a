"""Claims of operators, and attestations of certifiers and authorities, in the form of 0.6."""

from __future__ import annotations

from collections.abc import Iterator

from assay.profiles.contracts.characteristics import CUSTODY, FOOTPRINT
from assay.simulator.issuance.v0_6.codes import ASSESSMENT_LEVELS, ASSESSOR_LEVELS
from assay.simulator.issuance.v0_6.extras import Told, footprint, tell
from assay.simulator.issuance.v0_6.library import Library
from assay.simulator.issuance.v0_6.pieces import (
    Json,
    facility_reference,
    link,
    members,
    metric,
    party,
    product_reference,
    secure_link,
)

__all__ = ["attestation", "claim", "document_claim"]


def _sentences(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def claim(library: Library, value: Json) -> Json:
    """A claim. Whoever states a criterion claims to meet it: 0.7 leaves that unsaid, 0.6 wants ``conformance``.

    The period has no member of its own and goes into the description.
    """
    members(
        value,
        "Claim",
        (
            "description", "referenceCriteria", "claimDate", "applicablePeriod", "claimedPerformance", "evidence",
            "conformityTopic",
        ),
        ("name",),
    )  # fmt: skip
    topics, criteria = value["conformityTopic"], value["referenceCriteria"]
    period = value.get("applicablePeriod")
    said: Json = {
        "type": ["Claim", "Declaration"],
        "id": value["id"],
        "description": _sentences(
            value.get("description", value["name"]),
            f"Period: {period['startDate']} to {period['endDate']}." if period else None,
        ),
        **(library.claim_reference(criteria[0]) if criteria else {}),
        "assessmentCriteria": [library.criterion(one, topics) for one in criteria],
        "assessmentDate": value["claimDate"],
        "declaredValue": [metric(one) for one in value["claimedPerformance"]],
        "conformance": True,
        "conformityTopic": library.topic(topics),
    }
    if value.get("evidence"):
        said["conformityEvidence"] = secure_link(value["evidence"][0])
    return said


def document_claim(claim_id: str, document: Json, said: str) -> Json:
    """A claim that a linked document is true and complete: where 0.6 has no place for a link, evidence of a claim is one."""
    name, topic = document["linkName"], "governance.transparency"
    return {
        "type": ["Claim", "Declaration"],
        "id": claim_id,
        "description": f"{name}.",
        "assessmentCriteria": [
            {
                "type": ["Criterion"],
                "id": f"{document['linkURL']}#stated",
                "name": name,
                "description": "The document is true and complete.",
                "conformityTopic": topic,
                "status": "active",
            }
        ],
        "assessmentDate": said,
        "declaredValue": [],
        "conformance": True,
        "conformityTopic": topic,
        "conformityEvidence": secure_link(document),
    }


def attestation(library: Library, value: Json) -> Json:
    """A conformity attestation. The score of the profile has no member of its own and goes into the description."""
    known = (
        "name", "description", "assessorLevel", "assessmentLevel", "attestationType", "issuedToParty",
        "authorisation", "referenceScheme", "referenceProfile", "conformityCertificate", "auditableEvidence",
        "conformityAssessment", "profileScore",
    )  # fmt: skip
    members(value, "ConformityAttestation", known)
    profile = value.get("referenceProfile")
    reports = [one for found in value["conformityAssessment"] for one in found.get("evidence", ())]
    said: Json = {
        "type": ["ConformityAttestation", "Attestation"],
        "id": value["id"],
        "name": value["name"],
        "assessorLevel": ASSESSOR_LEVELS[value["assessorLevel"]],
        "assessmentLevel": ASSESSMENT_LEVELS[value["assessmentLevel"]],
        "attestationType": value["attestationType"],
        "issuedToParty": party(value["issuedToParty"]),
        "authorisation": [_endorsement(one) for one in value.get("authorisation", ())],
        "scope": library.scheme(value["referenceScheme"], profile),
        "assessment": [_assessment(library, profile, one) for one in value["conformityAssessment"]],
    }
    score = value.get("profileScore")
    said["description"] = _sentences(value.get("description"), f"Result: {score['code']}." if score else None)
    if "conformityCertificate" in value:
        said["conformityCertificate"] = secure_link(value["conformityCertificate"])
    evidence = value.get("auditableEvidence") or next(iter(reports), None)
    if evidence is not None:
        said["auditableEvidence"] = secure_link(evidence)
    return said


def _endorsement(value: Json) -> Json:
    """An endorsement, named by the credential that proves it."""
    members(value, "Endorsement", ("name", "issuingAuthority", "endorsementEvidence"))
    evidence = link(value["endorsementEvidence"])
    return {
        "type": ["Endorsement"],
        "id": evidence["linkURL"],
        "name": value["name"],
        "issuingAuthority": party(value["issuingAuthority"]),
        "endorsementEvidence": evidence,
    }


def _assessment(library: Library, profile: Json | None, value: Json) -> Json:
    """One assessment. Conditions have no member of their own and go into the description, amounts of
    custody and footprints become declared values."""
    known = (
        "name", "description", "assessmentCriteria", "assessmentDate", "assessedPerformance", "assessedProduct",
        "assessedFacility", "assessedOrganisation", "specifiedCondition", "evidence", "conformityTopic", "conformance",
    )  # fmt: skip
    members(value, "ConformityAssessment", known)
    topics = value["conformityTopic"]
    conditions = value.get("specifiedCondition", ())
    said: Json = {
        "type": ["ConformityAssessment", "Declaration"],
        "id": value["id"],
        "name": value["name"],
        "description": _sentences(value.get("description"), *(f"Condition: {one}." for one in conditions)),
        **library.reference(profile),
        "assessmentCriteria": [library.criterion(one, topics) for one in value["assessmentCriteria"]],
        "assessmentDate": value["assessmentDate"],
        "declaredValue": [metric(one) for one in value["assessedPerformance"]],
        "conformance": value["conformance"],
        "conformityTopic": library.topic(topics),
    }
    if not said["description"]:
        del said["description"]
    for told in _amounts(value):
        told.onto(said)
    for name, reference in (("product", product_reference), ("facility", facility_reference)):
        verified = f"assessed{name.capitalize()}"
        if verified in value:
            said[verified] = [
                {name: reference(one[name]), "IDverifiedByCAB": one.get("idVerifiedByCAB", False)}
                for one in value[verified]
            ]
    if "assessedOrganisation" in value:
        said["assessedOrganisation"] = party(value["assessedOrganisation"])
    return said


def _amounts(value: Json) -> Iterator[Told]:
    """What characteristics of the assessed products say. An account that covers several products counts once."""
    seen: list[Json] = []
    for one in value.get("assessedProduct", ()):
        said = members(one["product"].get("characteristics", {}), "Characteristics", (CUSTODY, FOOTPRINT))
        if said in seen:
            continue
        seen.append(said)
        if CUSTODY in said:
            yield tell("Custody", said[CUSTODY])
        for _, _, told in footprint(said.get(FOOTPRINT, {})):
            yield told
