"""Digital Conformity Credentials: who attests, under whose authority, what was assessed, and with what result."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import check
from assay.harness.checks._values import as_text, host, identifier, mappings, related, short
from assay.harness.material import Document, Kind, Node
from assay.harness.results import Finding

__all__ = ["ASSESSED", "INDEPENDENT_LEVELS", "same_house"]

ASSESSED = ("assessedProduct", "assessedFacility", "assessedOrganisation")

INDEPENDENT_LEVELS = frozenset({"commercial", "buyer", "membership", "3rdParty", "hybrid"})
"""Assessor levels at which somebody else than the assessed party assesses."""


@check("DCC-004", kinds=(Kind.DCC,), series="0.7")
def assessor_is_the_issuer(document: Document) -> Iterator[Finding]:
    """Whoever assessed signs: unless it is a self-assessment, the issuer is not the party that the attestation is for."""
    subject = related(document.value, "credentialSubject")
    issuer = identifier(related(document.value, "issuer"))
    level = as_text(subject.get("assessorLevel"))
    if level in INDEPENDENT_LEVELS and issuer and issuer == identifier(subject.get("issuedToParty")):
        yield Finding(
            at=document.at("issuer", "id"),
            expected=f"the assessor as issuer, as assessorLevel {level} says",
            received=f"{short(issuer)}, the party that was assessed",
            hint="Let the assessor issue the credential, or state assessorLevel self.",
        )


@check("DCC-010", cls="ConformityAttestation")
def profile_is_named(node: Node) -> Iterator[Finding]:
    """The attestation names the profile of the scheme that was assessed; criteria can only be compared with it."""
    if not identifier(node.value.get("referenceProfile")):
        yield Finding(
            at=node.at(),
            expected="referenceProfile with an id",
            received="none",
            hint="Use the profile IRI that the scheme publishes in its vocabulary.",
        )


@check("DCC-011", cls="ConformityAttestation")
def authority_is_shown(node: Node) -> Iterator[Finding]:
    """An assessment level that rests on an authority comes with the authorisation by that authority."""
    level = as_text(node.value.get("assessmentLevel"))
    if level.startswith("authority-") and not any(True for _ in mappings(node.value.get("authorisation"))):
        yield Finding(
            at=node.at("assessmentLevel"),
            expected=f"authorisation beside assessmentLevel {level}",
            received="none",
            hint="Name the accreditation and the authority that gave it, with a link to its evidence.",
        )


@check("DCC-013", cls="Endorsement")
def endorsement_evidence_is_the_authoritys(node: Node) -> Iterator[Finding]:
    """Evidence of an authorisation lies with the authority that gave it, not with the one who received it."""
    authority = host(identifier(node.value.get("issuingAuthority")))
    evidence = host(as_text(related(node.value, "endorsementEvidence").get("linkURL")))
    if authority and evidence and not same_house(authority, evidence):
        yield Finding(
            at=node.at("endorsementEvidence", "linkURL"),
            expected=f"a link below {authority}",
            received=evidence,
            hint="Link the authority's own page or, better, its identity anchor credential.",
        )


def same_house(one: str, other: str) -> bool:
    """Whether one host is the other, or below it, or both are below one name of at least two labels beside the suffix."""
    if one == other or one.endswith("." + other) or other.endswith("." + one):
        return True
    parents = [name.split(".")[1:] for name in (one, other)]
    return parents[0] == parents[1] and len(parents[0]) >= 2


@check("DCC-015", cls="ConformityAssessment")
def something_was_assessed(node: Node) -> Iterator[Finding]:
    """An assessment names the product, facility or organisation that was assessed; the schema asks for none of them."""
    if not any(node.value.get(name) for name in ASSESSED):
        yield Finding(
            at=node.at(),
            expected="assessedProduct, assessedFacility or assessedOrganisation",
            received="none of them",
            hint="Use the identifier that passport or facility record have as subject.",
        )


@check("DCC-019", cls=("ProductVerification", "FacilityVerification"), series="0.7")
def identity_check_is_stated(node: Node) -> Iterator[Finding]:
    """It is said whether the assessor checked that the assessed object is the one that the identifier names."""
    if not isinstance(node.value.get("idVerifiedByCAB"), bool):
        yield Finding(
            at=node.at(),
            expected="idVerifiedByCAB, true or false",
            received="not stated",
            hint="State false if the identity was taken from the client.",
        )


@check("DCC-022", cls="ConformityAssessment")
def criteria_have_topics(node: Node) -> Iterator[Finding]:
    """Criteria are classified by a UN topic, on the assessment or on every criterion."""
    criteria = [criterion for _, criterion in mappings(node.value.get("assessmentCriteria"))]
    if any(identifier(topic) for _, topic in mappings(node.value.get("conformityTopic"))):
        return
    if criteria and all(
        any(True for _ in mappings(criterion.get("conformityTopic"))) for criterion in criteria
    ):
        return
    yield Finding(
        at=node.at("conformityTopic"),
        expected="at least one UN conformity topic",
        received="none, neither here nor on every criterion",
        hint="Take the topics that the scheme's vocabulary gives the criteria.",
    )


@check("DCC-026", cls="ConformityAssessment")
def result_is_stated(node: Node) -> Iterator[Finding]:
    """An assessment says whether the criteria were met; the schema leaves it optional."""
    if "conformance" not in node.value:
        yield Finding(
            at=node.at(),
            expected="conformance, true or false",
            received="not stated",
            hint="An assessment without a result supports no claim.",
        )


@check("DCC-028", cls="ConformityAssessment")
def values_are_included(node: Node) -> Iterator[Finding]:
    """An assessment includes what was measured or scored; the schema lets an empty list pass."""
    if node.value.get("assessedPerformance") == []:
        yield Finding(
            at=node.at("assessedPerformance"),
            expected="at least one measured value or score",
            received="an empty list",
            hint="State the values on which the result rests.",
        )


@check("DCC-029", cls="ConformityAssessment")
def assessment_evidence_has_digests(node: Node) -> Iterator[Finding]:
    """Links to evidence of an assessment carry a digest, so that the evidence cannot be exchanged unseen."""
    for position, link in mappings(node.value.get("evidence")):
        if not as_text(link.get("digestMultibase")):
            yield Finding(
                at=node.at("evidence", position),
                expected="digestMultibase",
                received="none",
                hint="Add the multibase SHA-256 multihash of the document.",
            )


@check("DCC-029", "MB-021", cls="ConformityAttestation", series="0.7")
def attestation_evidence_has_a_digest(node: Node) -> Iterator[Finding]:
    """The link to the auditable evidence of an attestation carries a digest."""
    link = related(node.value, "auditableEvidence")
    if link and not as_text(link.get("digestMultibase")):
        yield Finding(
            at=node.at("auditableEvidence"),
            expected="digestMultibase",
            received="none",
            hint="Add the multibase SHA-256 multihash of the document.",
        )
