"""Why a credential was not accepted: the sandbox verifier's closed list of reasons, as RFC 9457 problem details.

Where the W3C recommendations name a problem type, that type is used: VCDM 2.0 section "Problem Details" and Bitstring
Status List 1.0 section "Processing Errors". The rest are named under this vocabulary of our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["REASONS", "Reason", "Verdict"]

_OWN = "https://assay.example/problems#"
_VCDM = "https://www.w3.org/TR/vc-data-model#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"

REASONS: Mapping[str, tuple[str, str]] = {
    # code: (problem type, title)
    "malformed": (_VCDM + "PARSING_ERROR", "The credential cannot be parsed"),
    "unsigned": (_VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The credential carries no proof"),
    "unsupported-proof": (_OWN + "unsupported-proof", "The proof is of a kind this verifier cannot check"),
    "alg-none": (_VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The token is not signed: alg is none"),
    "alg-not-allowed": (_VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The signature algorithm is not accepted"),
    "header": (_VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The JOSE header is not acceptable"),
    "crit": (
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR",
        "The JOSE header names critical extensions that are not known",
    ),
    "issuer": (
        _VCDM + "MALFORMED_VALUE_ERROR",
        "The issuer is not identified by a DID that can be looked up",
    ),
    "issuer-mismatch": (
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR",
        "The signing key does not belong to the issuer",
    ),
    "did-unresolvable": (_OWN + "did-unresolvable", "The issuer's DID document cannot be had"),
    "key-not-found": (_VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The issuer's DID document has no such key"),
    "key-not-authorised": (
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR",
        "The key is not authorised by the issuer for assertions",
    ),
    "bad-signature": (_VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The signature does not verify"),
    "not-yet-valid": (_OWN + "not-yet-valid", "The credential is not valid yet"),
    "expired": (_OWN + "expired", "The credential has expired"),
    "revoked": (_OWN + "revoked", "The credential is revoked"),
    "suspended": (_OWN + "suspended", "The credential is suspended"),
    "status-entry": (_STATUS + "STATUS_VERIFICATION_ERROR", "The status entry cannot be processed"),
    "status-unavailable": (_STATUS + "STATUS_RETRIEVAL_ERROR", "The status list cannot be had"),
    "status-list-invalid": (_STATUS + "STATUS_VERIFICATION_ERROR", "The status list does not verify"),
    "status-list-length": (_STATUS + "STATUS_LIST_LENGTH_ERROR", "The status list is too short"),
    "status-range": (_STATUS + "RANGE_ERROR", "The status index lies outside the list"),
    "schema": (_VCDM + "MALFORMED_VALUE_ERROR", "The credential does not fit its schema"),
    "json-ld": (_VCDM + "MALFORMED_VALUE_ERROR", "JSON-LD processing fails or would drop data"),
    "data-model": (_VCDM + "MALFORMED_VALUE_ERROR", "The credential does not fit the VC data model"),
    "wrong-kind": (_OWN + "wrong-kind", "The material is not of the kind that was announced"),
    "link": (_OWN + "link", "The link does not lead to a credential"),
    "not-anchored": (_OWN + "not-anchored", "The identity is not anchored by a trusted register"),
    "refused": (_OWN + "refused", "This verifier refuses the credential"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason (or one warning): a code of :data:`REASONS` and what exactly was seen."""

    code: str
    detail: str

    def problem(self) -> dict[str, str]:
        """The reason as problem details: ``type``, ``code``, ``title``, ``detail``."""
        kind, title = REASONS[self.code]
        return {"type": kind, "code": self.code, "title": title, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier says: verified when there is no reason against; ``document`` is the credential it read."""

    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    document: Any = None

    @property
    def verified(self) -> bool:
        return not self.reasons
