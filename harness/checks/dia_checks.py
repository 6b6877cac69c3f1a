"""Digital Identity Anchors: a register says that a DID belongs to somebody it has registered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.harness.checks import NotApplicable, Undecided, check
from assay.harness.checks._values import as_text, host, identifier, related, short
from assay.harness.credential.instants import instant
from assay.harness.material import Credential, Kind, Node
from assay.harness.results import Finding

__all__ = ["same_authority"]

_ANCHOR = frozenset({Kind.DIA})
_DID = re.compile(r"did:[a-z0-9]+:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2}|:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})\Z")
"""DID syntax (DID 1.0, section 3.1)."""
_METHODS = ("web", "webvh")
"""DID methods of the UNTP profile (Verifiable Credentials page, DID methods; position P-07)."""
_SHARED_SUFFIXES = frozenset({"gov", "com", "co", "org", "net", "edu", "ac", "go", "or", "ne", "gob", "gouv"})
"""Second-level labels under which unrelated parties register names (``gov.zm``, ``co.jp``)."""


@check("DIA-002", cls="RegisteredIdentity")
def subject_is_a_did(node: Node) -> Iterator[Finding]:
    """The anchor is about a DID of the registered party."""
    value = node.value.get("id")
    if value is not None and not isinstance(value, str):
        raise NotApplicable("no single id")
    if value is None or not _DID.match(value):
        yield Finding(
            at=node.at("id"),
            expected="a DID",
            received="no id" if value is None else short(value),
            hint="State the DID whose control the member has proved, without path or fragment.",
        )


@check("DIA-009", cls="RegisteredIdentity", series="0.7")
def scope_is_stated(node: Node) -> Iterator[Finding]:
    """The anchor says what the registration covers; the schema leaves it out of its required members."""
    if not node.value.get("registrationScope"):
        yield Finding(
            at=node.at("registrationScope"),
            expected="at least one URI of what the registration covers",
            received="none",
            hint="Give the register's own codes for entity type, licence or accredited activity as URIs.",
        )


@check("DIA-011", kinds=_ANCHOR)
def anchor_is_not_self_issued(credential: Credential) -> Iterator[Finding]:
    """The register issues the anchor, not the party that it is about."""
    subject = identifier(credential.value.get("credentialSubject"))
    if subject and subject == credential.issuer_id:
        yield Finding(
            at=credential.at("issuer", "id"),
            expected="the DID of the register",
            received=f"{short(subject)}, the subject itself",
            hint="An anchor that a party issues about itself proves nothing.",
        )


@check("DIA-012", kinds=_ANCHOR)
def issuer_has_a_supported_method(credential: Credential) -> Iterator[Finding]:
    """A register issues under did:web or did:webvh, whose domain shows who it is."""
    issuer = credential.issuer_id
    if not issuer.startswith("did:"):
        raise NotApplicable("the issuer is no DID")
    if issuer.split(":")[1] not in _METHODS:
        yield Finding(
            at=credential.at("issuer", "id"),
            expected="did:web or did:webvh",
            received=short(issuer),
            hint="Use a DID on the register's own domain.",
        )


def same_authority(one: str, other: str) -> bool:
    """Whether two hosts are plainly of one organisation: one is the other's parent, or both stand under its domain.

    There is no list of public suffixes here: labels such as ``gov`` and ``co`` are not taken for an organisation.
    """
    first, second = (name.lower().rstrip(".").removeprefix("www.").split(".")[::-1] for name in (one, other))
    shared = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        shared += 1
    if shared == min(len(first), len(second)):
        return shared > 1
    return shared > 2 or (shared == 2 and first[1] not in _SHARED_SUFFIXES)


@check("DIA-013", kinds=_ANCHOR)
def issuer_stands_on_the_authority_domain(credential: Credential) -> Iterator[Finding]:
    """The issuer's DID stands on the domain of the registrar or of its identifier scheme, not on a look-alike."""
    issuer = host(credential.issuer_id)
    subject = related(credential.value, "credentialSubject")
    authority = {
        name: found
        for name in ("registrar", "idScheme")
        if (found := host(as_text(related(subject, name).get("id"))))
    }
    if not issuer or not authority:
        raise Undecided("issuer, registrar or identifier scheme stand on no domain that could be compared")
    if not any(same_authority(issuer, found) for found in authority.values()):
        yield Finding(
            at=credential.at("issuer", "id"),
            expected="a DID on the domain of "
            + " or ".join(f"{name} ({at})" for name, at in authority.items()),
            received=short(credential.issuer_id),
            hint="Check the spelling of the domain; an anchor counts only if the authority itself issued it.",
        )


@check("DIA-023", kinds=_ANCHOR)
def anchor_is_in_force(credential: Credential) -> Iterator[Finding]:
    """An anchor holds as long as the registration: it can be revoked, is not, and has not run out."""
    entries = [entry for entry in credential.status if entry.purpose == "revocation"]
    if credential.untp == "0.7.0" and not related(credential.value, "credentialStatus"):
        yield Finding(
            at=credential.at("credentialStatus"),
            expected="a status entry, so that a withdrawn registration can be seen",
            received="none",
            hint="Issue anchors with an entry for revocation.",
        )
    if any(entry.bit for entry in entries):
        yield Finding(
            at=credential.at("credentialStatus"),
            expected="an anchor in force",
            received="revoked: the registration was withdrawn",
        )
    until = instant(credential.value.get("validUntil"))
    if until is not None and credential.as_of is not None and until < credential.as_of:
        yield Finding(
            at=credential.at("validUntil"),
            expected=f"valid on {credential.as_of.date().isoformat()}",
            received=until.isoformat(),
            hint="Renew the anchor for as long as the registration stands.",
        )
