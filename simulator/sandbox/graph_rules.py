"""The rules of the sandbox's graph verifier about claims, assessors, identities and links (UNTP Trust Graphs pattern).

Each rule is a generator of ``(code, detail)``; a code stands in :data:`~assay.simulator.sandbox.reasons.REASONS`, and a fault
that is called after it makes the verifier blind for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from assay.simulator.sandbox.graph_reading import TrustGraph, amount, identifier, listed, member_of

__all__ = ["CLAIM_RULES", "Found", "Rule"]

Found = Iterator[tuple[str, str]]
Rule = Callable[[TrustGraph], Found]

_VALUE_TOLERANCE = 0.05
_OWN_PRAISE = frozenset({"endorsed_self", "none", "None"})
_LONGEST_CHAIN = 8


def unmatched_claims(graph: TrustGraph) -> Found:
    """A claim counts as verified when all its criteria are assessed for what it is about."""
    for claim in graph.claims:
        missing = [criterion for criterion in claim.criteria if not graph.assessing(claim, criterion)]
        if not claim.criteria or len(missing) == len(claim.criteria):
            code = "graph-product-claim" if claim.of_product else "graph-facility-claim"
            yield code, f"{claim.id} about {claim.about}: nothing assesses {', '.join(missing) or 'it'}"
        elif missing:
            yield "graph-some-criteria", f"{claim.id}: nothing assesses {', '.join(missing)}"


def conformance(graph: TrustGraph) -> Found:
    """The matching assessment says that the object conforms."""
    for claim in graph.claims:
        for criterion in claim.criteria:
            found = graph.assessing(claim, criterion)
            if found and not any(one.conforms for one in found):
                yield "graph-conformance", f"{claim.id}: {criterion} is assessed, and not as conforming"


def values(graph: TrustGraph) -> Found:
    """Claimed and assessed value of the same metric agree."""
    for claim in graph.claims:
        for criterion in claim.criteria:
            for one in graph.assessing(claim, criterion):
                for mine in listed(claim.value, "claimedPerformance"):
                    for theirs in listed(one.value, "assessedPerformance"):
                        if _differ(mine, theirs):
                            yield "graph-value", f"{claim.id}: the value differs from the assessed one"


def _differ(mine: object, theirs: object) -> bool:
    metric, unit = identifier(mine, "metric"), member_of(mine, "measure", "unit")
    if not metric or metric != identifier(theirs, "metric") or unit != member_of(theirs, "measure", "unit"):
        return False
    a, b = amount(member_of(mine, "measure", "value")), amount(member_of(theirs, "measure", "value"))
    if a is None or b is None:
        return False
    return abs(a - b) > _VALUE_TOLERANCE * abs(b)


def conditions(graph: TrustGraph) -> Found:
    """Where claim and assessment both name regulations, one of them is the same."""
    for claim in graph.claims:
        under = {identifier(item) for item in listed(claim.value, "referenceRegulation")}
        for criterion in claim.criteria:
            found = graph.assessing(claim, criterion)
            assessed = {
                identifier(item) for one in found for item in listed(one.value, "referenceRegulation")
            }
            if under and assessed and not under & assessed:
                yield "graph-condition", f"{claim.id}: assessed under {', '.join(sorted(assessed))}"


def objects(graph: TrustGraph) -> Found:
    """The assessor has verified what it assessed."""
    for claim in graph.claims:
        for criterion in claim.criteria:
            found = graph.assessing(claim, criterion)
            if found and all(claim.about in one.unverified for one in found):
                yield "graph-object", f"{claim.about}: the assessor of {claim.id} did not verify its identity"


def assessors(graph: TrustGraph) -> Found:
    """Whoever assesses is accredited, for the scheme that it assesses against."""
    for member, attestation in graph.of("DigitalConformityCredential"):
        if member.issuer in graph.anchors:
            continue
        held = [one for one in graph.identities.get(member.issuer, ()) if one.kind == "accreditation"]
        if not held:
            yield "graph-accreditation", f"{member.issuer}: no accreditation among the credentials"
            continue
        scope = {item for one in held for item in one.scope}
        wanted = {
            identifier(attestation, "referenceScheme"),
            identifier(attestation, "referenceProfile"),
        }
        if not scope & wanted:
            yield "graph-scope", f"{member.issuer}: the accreditation does not cover {member.id}"


def authorisations(graph: TrustGraph) -> Found:
    """An authorisation that an attestation states is confirmed by evidence in the set."""
    known = {member.id for member in graph.members}
    for member, attestation in graph.of("DigitalConformityCredential"):
        for stated in listed(attestation, "authorisation"):
            link = member_of(stated, "endorsementEvidence", "linkURL")
            if str(link) not in known:
                yield "graph-authorisation", f"{member.id}: nothing confirms the authorisation it states"


def chains(graph: TrustGraph, longest: int = _LONGEST_CHAIN) -> Found:
    """Whoever vouches for others is an anchor, or accredited by a chain that ends at one."""
    for found in graph.identities.values():
        for one in found:
            if not _attested(graph, one.by, longest):
                yield "graph-chain", f"{one.by} vouches for {one.of}, and no chain leads from it to an anchor"


def _attested(graph: TrustGraph, party: str, longest: int) -> bool:
    seen, level = {party}, {party}
    for _ in range(longest + 1):
        if level & graph.anchors:
            return True
        accredited = (one for name in level for one in graph.identities.get(name, ()))
        level = {one.by for one in accredited if one.kind == "accreditation"} - seen
        seen |= level
    return False


def operators(graph: TrustGraph) -> Found:
    """Who operates a facility stands in a business register."""
    for facility, (_, site) in graph.records.items():
        roles = {str(item.get("role")): identifier(item, "party") for item in listed(site, "relatedParty")}
        operator = roles.get("operator") or roles.get("owner", "")
        kinds = {one.kind for one in graph.identities.get(operator, ())}
        if operator not in graph.anchors and "business" not in kinds:
            yield "graph-operator", f"{operator or 'nobody'} operates {facility}, and no register knows it"


def issuers(graph: TrustGraph) -> Found:
    """Who issues stands in a register, or is an anchor."""
    for issuer in dict.fromkeys(member.issuer for member in graph.members):
        kinds = {one.kind for one in graph.identities.get(issuer, ())}
        if issuer not in graph.anchors and not kinds & {"business", "accreditation"}:
            yield "graph-issuer", f"{issuer}: no register knows this issuer"


def passport_issuers(graph: TrustGraph) -> Found:
    """Who issues a passport is a party of the facility that made the product; and a product has one such issuer."""
    for product, found in graph.passports.items():
        if len({member.issuer for member, _ in found}) > 1:
            yield "graph-identifier", f"{product}: passports by different issuers"
        for member, passport in found:
            record = graph.records.get(identifier(passport, "producedAtFacility"))
            if record is None:
                continue
            parties = {identifier(item, "party") for item in listed(record[1], "relatedParty")}
            if member.issuer not in parties | {record[0].issuer}:
                yield (
                    "graph-passport-issuer",
                    f"{member.issuer} has nothing to do with where {product} is made",
                )


def schemes(graph: TrustGraph) -> Found:
    """Claimed criteria stand in a published scheme that others endorse."""
    for claim in graph.claims:
        for criterion in claim.criteria:
            scheme = graph.criteria.get(criterion)
            if scheme is None or str(scheme.get("endorsementLevel")) in _OWN_PRAISE:
                yield "graph-criterion", f"{criterion}: no endorsed scheme publishes it"


def links(graph: TrustGraph) -> Found:
    """What a claim names as evidence is there, and is what it was when the digest was taken."""
    known = {member.id: member for member in graph.members}
    for claim in graph.claims:
        for link in listed(claim.value, "evidence"):
            target = known.get(str(link.get("linkURL")))
            if target is None:
                yield "graph-link", f"{claim.id}: {link.get('linkURL')} is not there"
            elif link.get("digestMultibase") not in (None, target.digest()):
                yield "graph-link", f"{claim.id}: {target.id} is not what the digest was taken of"


def lineage(graph: TrustGraph) -> Found:
    """What goes into a product is known itself."""
    for make in graph.makes:
        for flow in make.inputs:
            if flow.product not in graph.passports and not graph.makers(flow.product):
                yield "graph-lineage", f"{flow.product}: neither passport nor make event"


CLAIM_RULES: tuple[Rule, ...] = (
    unmatched_claims,
    conformance,
    values,
    conditions,
    objects,
    assessors,
    authorisations,
    chains,
    operators,
    issuers,
    passport_issuers,
    schemes,
    links,
    lineage,
)
