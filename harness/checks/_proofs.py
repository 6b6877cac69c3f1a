"""What the checks on proofs share: when a rule speaks of a credential at all, and what is said of its signature."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import NotApplicable, Undecided
from assay.harness.material import (
    UNTP_KINDS,
    Credential,
    Envelope,
    Kind,
    Signature,
    SignatureState,
    Unavailable,
)
from assay.harness.results import Finding

__all__ = ["SECURABLE", "embedded", "enveloped", "issuer_did", "judged", "unavailable_words"]

SECURABLE = UNTP_KINDS | {Kind.OTHER_CREDENTIAL}
"""Kinds that the rules on proofs are asked of; status lists have a rule of their own (STS-012)."""


def enveloped(credential: Credential) -> Envelope:
    """The JOSE envelope of a credential.

    :raises NotApplicable: there is none, so the payload alone can be judged.
    """
    if credential.envelope is None:
        foreign = credential.signature.state is SignatureState.FOREIGN
        raise NotApplicable("secured by an embedded proof" if foreign else "the payload came without a proof")
    return credential.envelope


def embedded(credential: Credential) -> Iterator[Finding]:
    """A finding where a credential carries an embedded proof instead of an envelope.

    :raises NotApplicable: no proof at all.
    """
    if credential.signature.state is SignatureState.UNSIGNED:
        raise NotApplicable("the payload came without a proof")
    if credential.envelope is None:
        yield Finding(
            at=credential.at("proof"),
            expected="an enveloping JOSE proof (application/vc+jwt)",
            received=credential.signature.detail or "an embedded proof",
            hint="UNTP asks for an enveloping proof; sign the credential as a JWT, beside the embedded proof if you like.",
        )


def judged(credential: Credential) -> Signature:
    """The verdict on the signature.

    :raises NotApplicable: no envelope.
    :raises Undecided: the key could not be looked up.
    """
    enveloped(credential)
    signature = credential.signature
    if signature.state is SignatureState.UNCHECKED:
        raise Undecided(unavailable_words("the issuer's DID document", signature.unavailable))
    return signature


def issuer_did(credential: Credential) -> str:
    """The issuer's identifier, if it is meant as a DID.

    :raises NotApplicable: it is something else, which is the business of VCP-008 and VCP-010.
    """
    if not credential.issuer_id.startswith("did:"):
        raise NotApplicable("the issuer is not named by a DID")
    return credential.issuer_id


def unavailable_words(what: str, found: Unavailable | None) -> str:
    """Why something could not be looked at, in a sentence."""
    if found is None:
        return f"{what} was not looked up"
    detail = f" ({found.detail})" if found.detail else ""
    return f"{what} could not be looked at: {found.reason}{detail} at {found.url}"
