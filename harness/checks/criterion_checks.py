"""Claims and attestations held against the conformity vocabularies that are part of the same set.

A vocabulary says nothing about other schemes: an identifier is only missed where its host is one that a known
scheme publishes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import as_number, as_text, host, identifier, mappings, related, short, slug
from assay.harness.credential.instants import instant
from assay.harness.material import CredentialSet, Kind, Node
from assay.harness.results import Finding
from assay.profiles.untp_0_7 import codes

__all__ = ["Catalogue", "catalogue"]

Json = Mapping[str, Any]


@dataclass
class Catalogue:
    """Schemes, profiles and criteria of a set by identifier, with the hosts that they are published on."""

    schemes: dict[str, Json] = field(default_factory=dict)
    profiles: dict[str, Json] = field(default_factory=dict)
    criteria: dict[str, Json] = field(default_factory=dict)
    scheme_of: dict[str, str] = field(default_factory=dict)
    """Scheme by profile."""
    hosts: set[str] = field(default_factory=set)

    def tier(self, uri: str) -> str:
        """What an identifier names: ``scheme``, ``profile``, ``criterion``, or an empty string."""
        for name, known in (
            ("scheme", self.schemes),
            ("profile", self.profiles),
            ("criterion", self.criteria),
        ):
            if uri in known:
                return name
        return ""

    def misses(self, uri: str) -> bool:
        """Whether a criterion is not published although its host publishes a known vocabulary."""
        return bool(uri) and uri not in self.criteria and host(uri) in self.hosts

    def criteria_of(self, profile: str) -> set[str]:
        """Identifiers of the criteria of a profile that are in force."""
        return {
            identifier(criterion)
            for _, criterion in mappings(self.profiles.get(profile, {}).get("criterion"))
            if criterion.get("status") != "proposed"
        }


def catalogue(material: CredentialSet) -> Catalogue:
    """The vocabularies of a set.

    :raises NotApplicable: the set has none.
    """
    found = Catalogue()
    for document in material.documents:
        if document.kind is not Kind.SCHEME or not isinstance(document.value, dict):
            continue
        scheme = identifier(document.value)
        found.schemes[scheme] = document.value
        for _, profile in mappings(document.value.get("includedProfile")):
            found.profiles[identifier(profile)] = profile
            found.scheme_of[identifier(profile)] = scheme
            for _, criterion in mappings(profile.get("criterion")):
                found.criteria[identifier(criterion)] = criterion
    if not found.schemes:
        raise NotApplicable("no conformity vocabulary is part of the set")
    found.hosts = {
        host(uri) for known in (found.schemes, found.profiles, found.criteria) for uri in known
    } - {""}
    return found


def _nodes(material: CredentialSet, cls: str) -> Iterator[Node]:
    for document in material.documents:
        if document.kind is not Kind.SCHEME:
            yield from document.nodes(cls)


def _unpublished(material: CredentialSet, cls: str, member: str) -> Iterator[Finding]:
    known = catalogue(material)
    for node in _nodes(material, cls):
        for position, criterion in mappings(node.value.get(member)):
            uri = identifier(criterion)
            if known.misses(uri) and not known.tier(uri):
                yield Finding(
                    at=node.at(member, position, "id"),
                    expected=f"a criterion that is published at {host(uri)}",
                    received=short(uri),
                    hint="Criterion identifiers carry the version; compare them with the scheme's vocabulary.",
                )


@check("DPP-046", whole_set=True)
def claimed_criteria_are_published(material: CredentialSet) -> Iterator[Finding]:
    """A criterion of a claim is one that its scheme publishes."""
    yield from _unpublished(material, "Claim", "referenceCriteria")


@check("DCC-024", whole_set=True)
def assessed_criteria_are_published(material: CredentialSet) -> Iterator[Finding]:
    """An assessed criterion is one that its scheme publishes."""
    yield from _unpublished(material, "ConformityAssessment", "assessmentCriteria")


def _topics(value: object) -> set[str]:
    return {slug(identifier(topic)) for _, topic in mappings(value)} - {""}


@check("DPP-057", whole_set=True)
def topics_agree(material: CredentialSet) -> Iterator[Finding]:
    """A claim and the criterion that it is made against share a topic."""
    known = catalogue(material)
    for node in _nodes(material, "Claim"):
        claimed = _topics(node.value.get("conformityTopic"))
        for _, reference in mappings(node.value.get("referenceCriteria")):
            published = _topics(known.criteria.get(identifier(reference), {}).get("conformityTopic"))
            if claimed and published and claimed.isdisjoint(published):
                yield Finding(
                    at=node.at("conformityTopic"),
                    expected=f"{', '.join(sorted(published))}, the topics of {short(identifier(reference))}",
                    received=", ".join(sorted(claimed)),
                    hint="Take the topics from the criterion.",
                )


@check("DCC-032", whole_set=True)
def values_reach_thresholds(material: CredentialSet) -> Iterator[Finding]:
    """Where criteria are said to be met, a value reaches each of their thresholds.

    An assessment does not say which value belongs to which criterion: a threshold counts as reached when any value of
    its metric and unit reaches it, and is not judged when there is no such value.
    """
    known = catalogue(material)
    for node in _nodes(material, "ConformityAssessment"):
        if node.value.get("conformance") is not True:
            continue
        for _, reference in mappings(node.value.get("assessmentCriteria")):
            criterion = known.criteria.get(identifier(reference), {})
            for _, required in mappings(criterion.get("requiredPerformance")):
                shortfall = _shortfall(node.value, required)
                if shortfall is not None:
                    position, received, expected = shortfall
                    yield Finding(
                        at=node.at("assessedPerformance", position, "measure", "value"),
                        expected=f"{expected}, as {short(identifier(reference))} asks",
                        received=received,
                        hint="State conformance false, or correct the value.",
                    )


def _shortfall(assessment: Json, required: Json) -> tuple[int, str, str] | None:
    """The position of the best value, the value and the threshold that it misses; ``None`` when it does not."""
    metric = codes.METRICS.get(slug(identifier(required.get("metric"))))
    limit = related(required, "measure")
    threshold, unit = as_number(limit.get("value")), limit.get("unit")
    if metric is None or metric.direction not in ("lower", "higher") or threshold is None:
        return None
    values = [
        (value, position)
        for position, performance in mappings(assessment.get("assessedPerformance"))
        if slug(identifier(performance.get("metric"))) == metric.slug
        and related(performance, "measure").get("unit") == unit
        and (value := as_number(related(performance, "measure").get("value"))) is not None
    ]
    if not values:
        return None
    lower = metric.direction == "lower"
    best, position = min(values) if lower else max(values)
    if best <= threshold if lower else best >= threshold:
        return None
    return position, f"{best:g} {unit}", f"{'at most' if lower else 'at least'} {threshold:g} {unit}"


def _scores(*frameworks: object) -> set[str]:
    return {
        as_text(score.get("code"))
        for framework in frameworks
        for _, item in mappings(framework if isinstance(framework, list) else [framework])
        for _, score in mappings(item.get("score"))
    }


@check("DCC-033", whole_set=True)
def profile_score_is_the_schemes(material: CredentialSet) -> Iterator[Finding]:
    """The score of the profile is one of the scoring framework of the scheme."""
    known = catalogue(material)
    for node in _nodes(material, "ConformityAttestation"):
        scheme = known.schemes.get(identifier(node.value.get("referenceScheme")), {})
        codes_of_scheme = _scores(scheme.get("schemeScoringFramework"))
        code = as_text(related(node.value, "profileScore").get("code"))
        if code and codes_of_scheme and code not in codes_of_scheme:
            yield Finding(
                at=node.at("profileScore", "code"),
                expected=" or ".join(sorted(codes_of_scheme)),
                received=short(code),
                hint="Use the codes of schemeScoringFramework.",
            )


@check("DCC-034", whole_set=True)
def scores_are_in_a_framework(material: CredentialSet) -> Iterator[Finding]:
    """Scores of an assessment come from the frameworks of scheme or profile."""
    known = catalogue(material)
    for node in _nodes(material, "ConformityAttestation"):
        scheme = known.schemes.get(identifier(node.value.get("referenceScheme")), {})
        profile = known.profiles.get(identifier(node.value.get("referenceProfile")), {})
        allowed = _scores(scheme.get("schemeScoringFramework"), profile.get("criterionScoringFramework"))
        if not allowed:
            continue
        for i, assessment in mappings(node.value.get("conformityAssessment")):
            for j, performance in mappings(assessment.get("assessedPerformance")):
                code = as_text(related(performance, "score").get("code"))
                if code and code not in allowed:
                    yield Finding(
                        at=node.at("conformityAssessment", i, "assessedPerformance", j, "score", "code"),
                        expected=" or ".join(sorted(allowed)),
                        received=short(code),
                        hint="Use the codes of the scheme's or the profile's scoring framework.",
                    )


def _assessed_criteria(attestation: Json) -> Iterator[tuple[int, int, str]]:
    for i, assessment in mappings(attestation.get("conformityAssessment")):
        for j, criterion in mappings(assessment.get("assessmentCriteria")):
            yield i, j, identifier(criterion)


@check("DCC-035", whole_set=True)
def every_criterion_is_addressed(material: CredentialSet) -> Iterator[Finding]:
    """The assessments of an attestation address every criterion of the profile."""
    known = catalogue(material)
    for node in _nodes(material, "ConformityAttestation"):
        expected = known.criteria_of(identifier(node.value.get("referenceProfile")))
        missing = expected - {uri for _, _, uri in _assessed_criteria(node.value)}
        if missing:
            yield Finding(
                at=node.at("conformityAssessment"),
                expected=f"all {len(expected)} criteria of the profile",
                received=f"without {short(', '.join(sorted(missing)), 300)}",
                hint="Assess what is missing, or refer to the profile that was assessed.",
            )


@check("DCC-036", whole_set=True)
def no_criterion_is_foreign(material: CredentialSet) -> Iterator[Finding]:
    """The assessments of an attestation address no criterion outside the profile."""
    known = catalogue(material)
    for node in _nodes(material, "ConformityAttestation"):
        profile = known.profiles.get(identifier(node.value.get("referenceProfile")))
        if profile is None:
            continue
        own = {identifier(criterion) for _, criterion in mappings(profile.get("criterion"))}
        for i, j, uri in _assessed_criteria(node.value):
            if uri and uri not in own:
                yield Finding(
                    at=node.at("conformityAssessment", i, "assessmentCriteria", j, "id"),
                    expected="a criterion of the profile",
                    received=short(uri),
                    hint="Criteria of another profile belong into an attestation of their own.",
                )


@check("DCC-037", whole_set=True)
def identifiers_stand_at_their_tier(material: CredentialSet) -> Iterator[Finding]:
    """Identifiers of schemes, profiles and criteria are used where their kind belongs."""
    known = catalogue(material)
    for node in _nodes(material, "ConformityAttestation"):
        places: list[tuple[tuple[str | int, ...], str, str]] = [
            (("referenceScheme", "id"), "scheme", identifier(node.value.get("referenceScheme"))),
            (("referenceProfile", "id"), "profile", identifier(node.value.get("referenceProfile"))),
        ]
        for i, j, uri in _assessed_criteria(node.value):
            places.append((("conformityAssessment", i, "assessmentCriteria", j, "id"), "criterion", uri))
        for path, tier, uri in places:
            actual = known.tier(uri)
            if actual and actual != tier:
                yield Finding(
                    at=node.at(*path),
                    expected=f"the identifier of a {tier}",
                    received=f"{short(uri)}, a {actual}",
                    hint="Look the identifier up in the scheme's vocabulary.",
                )


@check("DCC-038", whole_set=True)
def profile_belongs_to_scheme(material: CredentialSet) -> Iterator[Finding]:
    """The profile that is referenced belongs to the scheme that is referenced."""
    known = catalogue(material)
    for node in _nodes(material, "ConformityAttestation"):
        profile, scheme = (
            identifier(node.value.get(name)) for name in ("referenceProfile", "referenceScheme")
        )
        owner = known.scheme_of.get(profile)
        if owner is not None and scheme and owner != scheme:
            yield Finding(
                at=node.at("referenceProfile", "id"),
                expected=f"a profile of {short(scheme)}",
                received=f"{short(profile)}, of {short(owner)}",
                hint="Correct the reference that is wrong.",
            )


@check("DCC-039", whole_set=True)
def accreditation_lasts(material: CredentialSet) -> Iterator[Finding]:
    """An attestation is not valid for longer than the accreditation of its issuer."""
    ends: dict[str, datetime] = {}
    for document in material.documents:
        subject = related(document.value, "credentialSubject")
        if document.kind is Kind.DIA and subject.get("registerType") == "accreditation":
            end = instant(document.value.get("validUntil"))
            if end is not None:
                body = identifier(subject)
                ends[body] = max(end, ends.get(body, end))
    for document in material.documents:
        if document.kind is not Kind.DCC:
            continue
        end = ends.get(identifier(related(document.value, "issuer")))
        until = instant(related(document.value).get("validUntil"))
        if end is not None and until is not None and until > end:
            yield Finding(
                at=document.at("validUntil"),
                expected=f"no later than {end.isoformat()}, when the accreditation ends",
                received=until.isoformat(),
                hint="Issue for a shorter time, or renew after the accreditation is renewed.",
            )
