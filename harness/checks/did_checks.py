"""Issuers' DIDs, and the documents behind them (DID rows, and VCP-032 on key material)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.harness.checks import NotApplicable, Remark, Undecided, check
from assay.harness.checks._proofs import SECURABLE, enveloped, issuer_did, unavailable_words
from assay.harness.checks._values import as_text, host, short
from assay.harness.checks.dia_checks import same_authority
from assay.harness.credential.did import (
    PRIVATE_MEMBERS,
    DidError,
    check_did,
    method_of,
    methods,
    public_key,
    reads_as_path,
)
from assay.harness.material import UNTP_KINDS, Credential, DidDocument, Kind, Path, Unavailable
from assay.harness.results import Finding

__all__: list[str] = []

_DOCUMENTS = frozenset({Kind.DID_DOCUMENT})
_ACKNOWLEDGED = ("web", "webvh")
"""DID methods that UNTP 0.7 names (P-07)."""


@check("DID-001", "WAL-005", kinds=UNTP_KINDS)
def issuer_uses_did_web(credential: Credential) -> Iterator[Finding]:
    """Organisations are named by did:web (or did:webvh), which ties the key to their domain."""
    did = issuer_did(credential)
    if method_of(did) not in _ACKNOWLEDGED:
        yield Finding(
            at=credential.at("issuer", "id"),
            expected="did:web, or did:webvh",
            received=did[:120],
            hint="A DID that is only a key says nothing about who holds it.",
        )


@check("DID-015", kinds=UNTP_KINDS)
def method_is_acknowledged(credential: Credential) -> Iterator[Finding]:
    """Issuers use only DID methods that UNTP names."""
    did = issuer_did(credential)
    if method_of(did) not in _ACKNOWLEDGED:
        yield Finding(
            at=credential.at("issuer", "id"),
            expected=" or ".join(f"did:{method}" for method in _ACKNOWLEDGED),
            received=f"did:{method_of(did)}",
            hint="Verifiers need not resolve other methods.",
        )


def _dids(credential: Credential) -> Iterator[tuple[Path, str]]:
    """DIDs that a credential puts where a party is named: its issuer and, in identity anchors, its subject."""
    if credential.issuer_id.startswith("did:"):
        yield ("issuer", "id"), credential.issuer_id
    subject = credential.value.get("credentialSubject") if isinstance(credential.value, dict) else None
    found = subject.get("id") if isinstance(subject, dict) else None
    if credential.kind is Kind.DIA and isinstance(found, str) and found.startswith("did:"):
        yield ("credentialSubject", "id"), found


def _refused(credential: Credential, codes: tuple[str, ...], expected: str, hint: str) -> Iterator[Finding]:
    found = list(_dids(credential))
    if not found:
        raise NotApplicable("no party is named by a DID")
    for path, did in found:
        try:
            check_did(did)
        except DidError as error:
            if error.code in codes:
                yield Finding(
                    at=credential.at(*path), expected=expected, received=str(error)[:200], hint=hint
                )


@check("DID-002", kinds=UNTP_KINDS)
def did_is_well_formed(credential: Credential) -> Iterator[Finding]:
    """DIDs follow the syntax of DID Core; a DID with a path is a DID URL."""
    hint = "In did:web, steps of a path are separated by colons: did:web:company.example:plants:7."
    yield from _refused(credential, ("syntax", "host"), "a DID", hint)


@check("DID-003", kinds=UNTP_KINDS)
def did_web_has_no_address(credential: Credential) -> Iterator[Finding]:
    """did:web names a domain, never an IP address."""
    yield from _refused(
        credential, ("ip-address",), "did:web with a domain name", "TLS certificates are for names."
    )


@check("DID-004", kinds=UNTP_KINDS)
def did_web_port_is_encoded(credential: Credential) -> Iterator[Finding | Remark]:
    """In did:web, the colon before a port is percent-encoded; any other number after the host is a step of the path."""
    hint = "Write did:web:company.example%3A8443."
    yield from _refused(credential, ("port",), "%3A before the port", hint)
    for _, did in _dids(credential):
        if (step := reads_as_path(did)) is not None:
            yield Remark(f"{did[:120]}: {step} is read as a step of the path; a port has %3A before it")


@check("DID-005", kinds=SECURABLE)
def document_is_served(credential: Credential) -> Iterator[Finding]:
    """The issuer's DID document is found where its DID says."""
    enveloped(credential)
    issuer_did(credential)
    found = credential.issuer_document
    if isinstance(found, Unavailable):
        if not found.definitive:
            raise Undecided(unavailable_words("the issuer's DID document", found))
        yield Finding(
            at=credential.at("issuer", "id"),
            expected=f"a DID document for {credential.issuer_id}",
            received=f"{found.reason} at {found.url}",
            hint="Keep the document online for as long as credentials name it.",
            evidence=found.evidence,
        )
    elif found is None:
        raise Undecided("the issuer's DID document was not asked for")


@check("DID-006", kinds=_DOCUMENTS)
def document_is_about_the_did(document: DidDocument) -> Iterator[Finding]:
    """The ``id`` of a DID document is the DID it was looked up for."""
    found = document.value.get("id") if isinstance(document.value, dict) else None
    if not isinstance(found, str) or found != document.did or not document.did:
        yield Finding(
            at=document.at("id"),
            expected=repr(document.did) if document.did else "a DID",
            received=repr(found)[:120],
            hint="Otherwise anyone could serve somebody else's document.",
        )


_PLACES = (
    "verificationMethod",
    "authentication",
    "assertionMethod",
    "keyAgreement",
    "capabilityInvocation",
    "service",
)


def _references(value: Any) -> Iterator[tuple[Path, str]]:
    for name in _PLACES:
        found = value.get(name) if isinstance(value, dict) else None
        for place, entry in enumerate(found if isinstance(found, list) else []):
            if isinstance(entry, str):
                yield (name, place), entry
            elif isinstance(entry, dict) and isinstance(entry.get("id"), str):
                yield (name, place, "id"), entry["id"]


@check("DID-008", kinds=_DOCUMENTS)
def references_are_absolute(document: DidDocument) -> Iterator[Finding]:
    """DID URLs inside a did:web document are absolute."""
    for path, reference in _references(document.value):
        if reference.startswith(("#", "/", "?")):
            yield Finding(
                at=document.at(*path),
                expected=f"{document.did}{reference}",
                received=reference[:120],
                hint="Write the DID in front; not every reader resolves relative references.",
            )


@check("DID-009", kinds=_DOCUMENTS)
def somebody_can_sign(document: DidDocument) -> Iterator[Finding]:
    """At least one assertion method has key material that can be used."""
    troubles = []
    for method in methods(document):
        if method.asserts:
            try:
                public_key(method.value)
            except DidError as error:
                troubles.append(f"{method.id}: {error}")
            else:
                return
    yield Finding(
        at=document.at("assertionMethod"),
        expected="an assertion method with a P-256, P-384 or Ed25519 key",
        received="; ".join(troubles)[:300] or "no assertion method",
        hint="List the signing key under assertionMethod.",
    )


@check("VCP-032", kinds=_DOCUMENTS)
def keys_are_public_jwks(document: DidDocument) -> Iterator[Finding]:
    """Keys for assertions are JsonWebKeys with publicKeyJwk, and no private member is ever published."""
    for method in methods(document):
        jwk = method.value.get("publicKeyJwk")
        if isinstance(jwk, dict):
            for name in PRIVATE_MEMBERS:
                if name in jwk:
                    yield Finding(
                        at=document.at(*method.path, "publicKeyJwk", name),
                        expected="public members only",
                        received=f"the private member {name!r}",
                        hint="The key is compromised: withdraw it, and publish another without its secret.",
                    )
        elif method.asserts:
            yield Finding(
                at=document.at(*method.path),
                expected="type JsonWebKey with publicKeyJwk",
                received=f"type {method.value.get('type')!r} without publicKeyJwk"[:120],
                hint="JOSE credentials are verified with JSON Web Keys.",
            )


@check("DID-010", kinds=UNTP_KINDS)
def domain_is_the_issuers_own(credential: Credential) -> Iterator[Finding]:
    """The domain of a did:web is the issuer's own: where its website is stated, both are of one organisation."""
    did = credential.issuer_id
    if not did.startswith("did:web:") or not host(did):
        return
    for node in credential.nodes("Party"):
        website = host(as_text(node.value.get("organisationWebsite")))
        if node.value.get("id") == did and website and not same_authority(host(did), website):
            yield Finding(
                at=node.at("organisationWebsite"),
                expected=f"a website on the domain of {short(did)}",
                received=website,
                hint="Issue under a DID on your own domain; a provider's domain says only who hosts the software.",
            )
