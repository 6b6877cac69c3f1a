"""The outer members of a credential that schemas leave open (VCP rows on the data model)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.harness.checks import NotApplicable, Undecided, check
from assay.harness.credential.instants import instant
from assay.harness.material import UNTP_KINDS, Credential, Kind, Node
from assay.harness.results import Finding
from assay.profiles.untp_0_7 import V2_URL

__all__: list[str] = []

_GOODS = frozenset({Kind.DPP, Kind.DCC, Kind.DTE})


def _member(credential: Credential, name: str) -> Any:
    return credential.value.get(name) if isinstance(credential.value, dict) else None


@check("VCP-001", kinds=UNTP_KINDS, silent_when_certified=True)
def first_context_is_v2(credential: Credential) -> Iterator[Finding]:
    """The first ``@context`` is the one of the Verifiable Credentials Data Model 2.0."""
    context = _member(credential, "@context")
    first = context[0] if isinstance(context, list) and context else context
    if first != V2_URL:
        yield Finding(
            at=credential.at("@context", 0) if isinstance(context, list) else credential.at("@context"),
            expected=V2_URL,
            received=repr(first)[:120] if context else "no context",
            hint="Put the W3C context first; later contexts build on it.",
        )


@check("VCP-002", kinds=UNTP_KINDS, silent_when_certified=True)
def types_are_named(credential: Credential) -> Iterator[Finding]:
    """``type`` is an array that names VerifiableCredential and the UNTP type; the schemas do not require it."""
    types = _member(credential, "type")
    wanted = ("VerifiableCredential", credential.kind.value)
    if types is None:
        yield Finding(
            at=credential.at("type"),
            expected=f"type: [{wanted[1]!r}, {wanted[0]!r}]",
            received="no type",
            hint="Without a type, JSON-LD drops the members that only the type defines.",
        )
    elif not isinstance(types, list) or not set(wanted) <= {name for name in types if isinstance(name, str)}:
        yield Finding(at=credential.at("type"), expected=" and ".join(wanted), received=repr(types)[:120])


def _names(credential: Credential) -> frozenset[str]:
    types = _member(credential, "type")
    if types is None:
        raise NotApplicable("there is no type at all (VCP-002)")
    return frozenset(
        name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)
    )


@check("VCP-003", kinds=UNTP_KINDS, silent_when_certified=True)
def untp_type_is_named(credential: Credential) -> Iterator[Finding]:
    """``type`` names the UNTP credential type."""
    if credential.kind.value not in _names(credential):
        yield Finding(
            at=credential.at("type"),
            expected=credential.kind.value,
            received=", ".join(sorted(_names(credential)))[:120],
            hint="The subject shows what it is; the type has to say so too.",
        )


@check("VCP-004", kinds=UNTP_KINDS, silent_when_certified=True)
def w3c_type_is_named(credential: Credential) -> Iterator[Finding]:
    """``type`` names VerifiableCredential beside the UNTP type."""
    if "VerifiableCredential" not in _names(credential):
        yield Finding(
            at=credential.at("type"),
            expected="VerifiableCredential",
            received=", ".join(sorted(_names(credential)))[:120],
        )


@check("VCP-010", kinds=UNTP_KINDS)
def issuer_is_a_did(credential: Credential) -> Iterator[Finding]:
    """The issuer is named by a DID, because its key has to be found from its name (P-07)."""
    issuer = credential.issuer_id
    if not issuer:
        raise NotApplicable("the issuer has no id (VCP-008)")
    if not issuer.startswith("did:"):
        yield Finding(
            at=credential.at("issuer", "id"),
            expected="a DID, such as did:web:company.example",
            received=issuer[:120],
            hint="Publish a DID document under the company's domain and name the issuer by its DID.",
        )


@check("VCP-014", kinds=UNTP_KINDS)
def validity_runs_forward(credential: Credential) -> Iterator[Finding]:
    """``validUntil`` is not earlier than ``validFrom``."""
    begins, ends = instant(_member(credential, "validFrom")), instant(_member(credential, "validUntil"))
    if begins is not None and ends is not None and ends < begins:
        yield Finding(
            at=credential.at("validUntil"),
            expected=f"not before validFrom ({_member(credential, 'validFrom')})",
            received=str(_member(credential, "validUntil")),
            hint="A credential that ends before it begins is never valid.",
        )


@check("VCP-016", kinds=UNTP_KINDS)
def subject_is_there(credential: Credential) -> Iterator[Finding]:
    """``credentialSubject`` is present and says something."""
    subject = _member(credential, "credentialSubject")
    if not subject:
        yield Finding(
            at=credential.at("credentialSubject"),
            expected="a subject with claims about it",
            received="nothing" if subject is None else repr(subject),
        )


@check("VCP-017", cls=("Product", "ProductReference"), kinds=_GOODS, silent_when_certified=True)
def goods_are_identified(node: Node) -> Iterator[Finding]:
    """Passports, conformity credentials and events carry the identifier of the goods they speak of."""
    if not node.value.get("id"):
        yield Finding(
            at=node.at("id"),
            expected="the identifier of the product, batch or item",
            received="none",
            hint="Nothing can be looked up or joined without it.",
        )


@check("VCP-035", kinds=UNTP_KINDS, silent_when_certified=True)
def is_linked_data(credential: Credential) -> Iterator[Finding]:
    """Issued credentials are JSON-LD: there is an ``@context``."""
    if credential.value is None:
        raise Undecided("the payload could not be read")
    if not _member(credential, "@context"):
        yield Finding(
            at=credential.at("@context"),
            expected=f"[{V2_URL!r}, ...]",
            received="no @context",
            hint="Without a context no term means anything to a JSON-LD reader.",
        )
