"""Credentials as wallets hold and present them: the profile that they keep to, and presentations of them (WAL, RND rows)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import mappings, related, short
from assay.harness.material import UNTP_KINDS, Credential, Document, Kind
from assay.harness.results import Finding
from assay.profiles.untp_0_7 import V2_URL

__all__: list[str] = []

_OF_VERSION_1 = frozenset({"issuanceDate", "expirationDate"})
_OPEN_SCHEMES = frozenset({"http", "https", "did", "urn", "ipfs", "ipns", "data", "mailto", "tel"})
"""Schemes of URIs that are nobody's: registered with IANA for everybody, or content-addressed."""
_PRESENTATIONS = frozenset({"VerifiablePresentation"})


@check("WAL-001", kinds=UNTP_KINDS)
def wallet_issues_by_the_profile(credential: Credential) -> Iterator[Finding]:
    """What a wallet issues is a credential of data model 2.0, like everything else."""
    contexts = credential.value.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    old = sorted(_OF_VERSION_1 & credential.value.keys())
    if first != V2_URL or old:
        yield Finding(
            at=credential.at(old[0] if old else "@context"),
            expected="a credential of VCDM 2.0",
            received=f"{', '.join(old)}, of version 1.1" if old else short(first),
            hint="Issue by the UNTP profile whichever software does it: context v2 first, validFrom and validUntil.",
        )


@check("RND-011", kinds=(Kind.UNKNOWN,))
def presentations_hold_enveloped_credentials(document: Document) -> Iterator[Finding]:
    """A presentation carries secured credentials as EnvelopedVerifiableCredential, not their bare content."""
    value = document.value
    if not isinstance(value, dict) or not _PRESENTATIONS & set(_types(value)):
        raise NotApplicable("no presentation")
    held = value.get("verifiableCredential")
    for place, item in mappings(held if isinstance(held, list) else [held]):
        identifier = item.get("id")
        sealed = isinstance(identifier, str) and identifier.startswith("data:application/vc+jwt")
        if "EnvelopedVerifiableCredential" in _types(item) and sealed:
            continue
        if related(item, "proof"):
            continue
        yield Finding(
            at=document.at("verifiableCredential", place),
            expected="an EnvelopedVerifiableCredential whose id is data:application/vc+jwt,...",
            received="a credential without proof" if "credentialSubject" in item else short(item),
            hint="VC-JOSE-COSE, section 3.1.2: the presentation's signature does not vouch for the credentials in it.",
        )


@check("WAL-003", kinds=UNTP_KINDS)
def links_open_with_anything(document: Document) -> Iterator[Finding]:
    """What a credential links to opens with any client: an address of the web or an identifier, not the scheme of one app."""
    for node in document.nodes("Link"):
        url = node.value.get("linkURL")
        scheme = url.partition(":")[0].lower() if isinstance(url, str) and ":" in url else ""
        if scheme and scheme not in _OPEN_SCHEMES:
            yield Finding(
                at=node.at("linkURL"),
                expected="an address that needs no particular app",
                received=short(url),
                hint="Publish at an https address; a wallet may offer to open it, and must not be needed for it.",
            )


def _types(value: dict[str, Any] | Any) -> list[str]:
    found = value.get("type")
    return [name for name in (found if isinstance(found, list) else [found]) if isinstance(name, str)]
