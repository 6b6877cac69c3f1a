"""Variant-based disclosure: credentials about one thing that show different readers different claims (VBD rows).

The page speaks the model of 0.6 and its terms stand in no published context (position P-32), so a variant brings an extension
context of its own. It is known by ``otherVariants``, on the credential or on its subject. A *stub* is a claim that is
shown by name only: it carries ``accessRole``, which says who may read the whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import as_text, identifier, mappings, related, short
from assay.harness.material import (
    Credential,
    CredentialSet,
    Document,
    Kind,
    Linkset,
    Node,
    Path,
    SignatureState,
)
from assay.harness.results import Finding

__all__ = ["access_roles", "variants_of"]

_KINDS = frozenset({Kind.DPP, Kind.DFR})
_REQUIRED = ("referenceCriteria", "claimDate", "claimedPerformance")
"""Members that the 0.7.0 schema asks of every claim, and that a stub by its nature lacks."""
_SEALED = frozenset({"_sd", "_sd_alg", "..."})
"""Members that SD-JWT puts in the place of what it hides (RFC 9901)."""

Entry = tuple[Path, Mapping[str, Any]]


def variants_of(document: Document) -> list[Entry]:
    """The entries of ``otherVariants`` with their paths.

    :raises NotApplicable: the document does not say that it is one of several variants.
    """
    holders: tuple[Path, ...] = ((), ("credentialSubject",))
    for path in holders:
        holder = related(document.value, *(str(step) for step in path))
        if "otherVariants" in holder:
            return [
                ((*path, "otherVariants", place), entry)
                for place, entry in mappings(holder.get("otherVariants"))
            ]
    raise NotApplicable("the document names no other variants")


def access_roles(value: Mapping[str, Any]) -> frozenset[str]:
    """The roles under ``accessRole``, one or several."""
    found = value.get("accessRole")
    listed = found if isinstance(found, list) else [found]
    return frozenset(role for role in listed if isinstance(role, str) and role)


def _is_stub(claim: Mapping[str, Any]) -> bool:
    return "accessRole" in claim


def _claims(document: Document) -> Iterator[Node]:
    for node in document.nodes("Claim"):
        if node.path[:1] == ("credentialSubject",):
            yield node


@check("VBD-004", kinds=_KINDS)
def variant_stands_alone(document: Document) -> Iterator[Finding]:
    """A variant is a credential of its own: issued by somebody, signed, and the signature holds."""
    variants_of(document)
    state = document.signature.state if isinstance(document, Credential) else SignatureState.UNSIGNED
    if state in (SignatureState.UNSIGNED, SignatureState.INVALID):
        yield Finding(
            at=document.at(),
            expected="a signed credential",
            received="a fragment without proof" if state is SignatureState.UNSIGNED else "a proof that fails",
            hint="Issue each variant as a complete credential; readers of one never need another.",
        )


@check("VBD-005", kinds=_KINDS)
def variants_show_their_roles(document: Document) -> Iterator[Finding]:
    """Every other variant is listed with the roles that may read it."""
    for path, entry in variants_of(document):
        if not access_roles(entry):
            yield Finding(
                at=document.at(*path, "accessRole"),
                expected="at least one access role",
                received=short(entry.get("accessRole")) if "accessRole" in entry else "none",
                hint="Name the role, as in untp:accessRole#Regulator.",
            )


@check("VBD-013", kinds=_KINDS)
def what_is_elsewhere_shows_its_role(document: Document) -> Iterator[Finding]:
    """Whatever is not shown here, a claim or a whole variant, says which role it is for."""
    for path, entry in variants_of(document):
        if not access_roles(entry):
            yield _without_role(document, path)
    for node in _claims(document):
        if not node.value.get("claimedPerformance") and not access_roles(node.value):
            yield _without_role(document, node.path)


def _without_role(document: Document, path: Path) -> Finding:
    return Finding(
        at=document.at(*path),
        expected="accessRole",
        received="something that is not shown, without the role that it is for",
        hint="Give the stub, or the variant, its access roles.",
    )


@check("VBD-008", cls="Claim")
def stub_shows_no_value(node: Node) -> Iterator[Finding]:
    """A stub has identifier, topic and role, and no value."""
    if not _is_stub(node.value):
        raise NotApplicable("the claim is no stub")
    missing = [name for name in ("id", "conformityTopic") if not node.value.get(name)]
    if not access_roles(node.value):
        missing.append("accessRole")
    for name in missing:
        yield Finding(at=node.at(name), expected=f"a stub with {name}", received="none")
    if node.value.get("claimedPerformance"):
        yield Finding(
            at=node.at("claimedPerformance"),
            expected="a stub without value",
            received=short(node.value["claimedPerformance"]),
            hint="Leave the value to the variant that the role may read, or drop accessRole.",
        )


@check("VBD-009", kinds=_KINDS)
def whole_claim_has_a_value(document: Document) -> Iterator[Finding]:
    """In a variant, a claim that is no stub has a value."""
    variants_of(document)
    for node in _claims(document):
        if not _is_stub(node.value) and not node.value.get("claimedPerformance"):
            yield Finding(
                at=node.at("claimedPerformance"),
                expected="a value, or a stub that names the role which may read it",
                received="neither",
            )


@check("VBD-011", kinds=_KINDS)
def variant_is_plain(document: Document) -> Iterator[Finding]:
    """A variant can be read as it stands, without disclosures that a cryptographic scheme holds back."""
    variants_of(document)
    for path, name in _members(document.value):
        if name in _SEALED:
            yield Finding(
                at=document.at(*path, name),
                expected="claims in the open, other claims in other variants",
                received=f"'{name}', which stands for hidden disclosures",
                hint="Selective disclosure may be offered besides; a plain variant has to do.",
            )


def _members(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """All member names with the path of their object."""
    waiting: list[tuple[Path, Any]] = [(path, value)]
    while waiting:
        where, item = waiting.pop()
        if isinstance(item, dict):
            for name, member in item.items():
                yield where, name
                waiting.append(((*where, name), member))
        elif isinstance(item, list):
            waiting += [((*where, place), member) for place, member in enumerate(item)]


@check("VBD-014", cls="Claim", basis="text")
def stub_by_the_page(node: Node) -> Iterator[Finding]:
    """The page of the pattern lets a claim stand as a stub: identifier, topic, role."""
    if not _is_stub(node.value):
        raise NotApplicable("the claim is no stub")
    for name in ("id", "conformityTopic", "accessRole"):
        if not node.value.get(name):
            yield Finding(at=node.at(name), expected=f"a stub with {name}", received="none")


@check("VBD-014", cls="Claim", basis="schema")
def stub_by_the_schema(node: Node) -> Iterator[Finding]:
    """The 0.7.0 schema knows no stubs: every claim has criteria, date and value."""
    if not _is_stub(node.value):
        raise NotApplicable("the claim is no stub")
    for name in _REQUIRED:
        if name not in node.value:
            yield Finding(at=node.at(name), expected=f"a claim with {name}", received="none (P-32)")


# -- the set ---------------------------------------------------------------------------------------------------------


@check("VBD-006", whole_set=True)
def variants_point_at_each_other(material: CredentialSet) -> Iterator[Finding]:
    """Where a resolver lists several variants under different roles, each of them says that there are others."""
    listed = set(_listed_variants(material))
    documents = [one for one in material.documents if one.kind in _KINDS]
    concerned = [one for one in documents if listed & {identifier(one.value), one.source}]
    if not concerned:
        raise NotApplicable("no linkset in the set lists a variant of a document in the set")
    for document in concerned:
        try:
            named = bool(variants_of(document))
        except NotApplicable:
            named = False
        if not named:
            yield Finding(
                at=document.at(),
                expected="otherVariants, since the resolver lists variants for other roles",
                received="none",
                hint="Tell the reader that more can be had, and by whom.",
            )


def _listed_variants(material: CredentialSet) -> Iterator[str]:
    """Addresses of links that stand beside others of the same relation for other roles."""
    for document in material.documents:
        if not isinstance(document, Linkset):
            continue
        for node in document.nodes("LinkContext"):
            for relation in ("dpp", "dfr"):
                targets = [
                    target
                    for _, target in mappings(node.value.get(relation))
                    if "predecessor-version" not in (target.get("rel") or ())
                ]
                if len({access_roles(target) for target in targets}) > 1:
                    yield from (as_text(target.get("href")) for target in targets)


def _groups(material: CredentialSet) -> list[list[Document]]:
    """The variants of one thing, for things of which at least one document says that it is a variant.

    :raises NotApplicable: there is no such thing in the set.
    """
    by_subject: dict[str, list[Document]] = {}
    spoken: set[str] = set()
    for document in material.documents:
        subject = identifier(related(document.value, "credentialSubject"))
        if document.kind not in _KINDS or not subject:
            continue
        by_subject.setdefault(subject, []).append(document)
        try:
            variants_of(document)
        except NotApplicable:
            continue
        spoken.add(subject)
    found = [
        documents for subject, documents in by_subject.items() if subject in spoken and len(documents) > 1
    ]
    if not found:
        raise NotApplicable("the set does not hold two variants of anything")
    return found


def _own_claims(document: Document) -> dict[str, Node]:
    """The claims about the subject itself, by identifier."""
    return {
        identifier(node.value): node
        for node in document.nodes("Claim")
        if node.path[:2] == ("credentialSubject", "performanceClaim") and identifier(node.value)
    }


@check("VBD-007", whole_set=True)
def hidden_claims_leave_a_stub(material: CredentialSet) -> Iterator[Finding]:
    """A claim that one variant makes stands in the others too, whole or as a stub."""
    for group in _groups(material):
        claims = [_own_claims(document) for document in group]
        every = {name: node for found in claims for name, node in found.items()}
        for document, own in zip(group, claims, strict=True):
            for name in sorted(every.keys() - own.keys()):
                yield Finding(
                    at=document.at("credentialSubject", "performanceClaim"),
                    expected=f"the claim {short(name)}, or a stub of it",
                    received=f"nothing, though {short(every[name].document.source)} makes it",
                    hint="Leave a stub: id, topic and accessRole.",
                )


@check("VBD-016", whole_set=True)
def shared_claims_agree(material: CredentialSet) -> Iterator[Finding]:
    """A claim that several variants show whole says the same in all of them."""
    for group in _groups(material):
        first: dict[str, tuple[str, Document]] = {}
        for document in group:
            for name, node in _own_claims(document).items():
                if _is_stub(node.value):
                    continue
                told = json.dumps(node.value.get("claimedPerformance"), sort_keys=True)
                known, source = first.setdefault(name, (told, document))
                if told != known:
                    yield Finding(
                        at=node.at("claimedPerformance"),
                        expected=f"{short(known)}, as in {short(source.source)}",
                        received=short(told),
                        hint="Variants differ in what they show, never in what they say.",
                    )
