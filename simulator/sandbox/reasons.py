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
    "graph-member": (_OWN + "graph-member", "A credential of the set does not verify"),
    "graph-unsigned": (_OWN + "graph-unsigned", "A credential of the set carries no proof"),
    "graph-outdated": (_OWN + "graph-outdated", "A credential of the set is expired, revoked or suspended"),
    "graph-product-claim": (_OWN + "graph-product-claim", "Unverified claim about a product"),
    "graph-facility-claim": (_OWN + "graph-facility-claim", "Unverified claim about a facility"),
    "graph-some-criteria": (_OWN + "graph-some-criteria", "Claim verified for some of its criteria only"),
    "graph-conformance": (_OWN + "graph-conformance", "Claim assessed as not conforming"),
    "graph-value": (_OWN + "graph-value", "Claimed and assessed value differ"),
    "graph-condition": (_OWN + "graph-condition", "Assessed under another regulation"),
    "graph-totals": (_OWN + "graph-totals", "Products exceed the totals of their facility"),
    "graph-object": (_OWN + "graph-object", "Identity of the assessed object not verified"),
    "graph-accreditation": (_OWN + "graph-accreditation", "Unaccredited assessor"),
    "graph-scope": (_OWN + "graph-scope", "Accreditation of another scope"),
    "graph-authorisation": (_OWN + "graph-authorisation", "Unconfirmed authorisation"),
    "graph-chain": (_OWN + "graph-chain", "Trust chain without anchor"),
    "graph-operator": (_OWN + "graph-operator", "Unanchored operator"),
    "graph-issuer": (_OWN + "graph-issuer", "Unanchored issuer"),
    "graph-passport-issuer": (_OWN + "graph-passport-issuer", "Passport by a stranger"),
    "graph-identifier": (_OWN + "graph-identifier", "Identifier used by several issuers"),
    "graph-criterion": (_OWN + "graph-criterion", "Criterion of no endorsed scheme"),
    "graph-link": (_OWN + "graph-link", "Broken link"),
    "graph-lineage": (_OWN + "graph-lineage", "Untraceable input"),
    "graph-mass": (_OWN + "graph-mass", "Mass-balance inconsistency"),
    "graph-content": (_OWN + "graph-content", "More of an element than went in"),
    "graph-yield": (_OWN + "graph-yield", "Yields too good to be true"),
    "graph-stock": (_OWN + "graph-stock", "Negative stock"),
    "graph-spent": (_OWN + "graph-spent", "Batch used more than once"),
    "graph-counterparty": (_OWN + "graph-counterparty", "Parties of a consignment disagree"),
    "graph-bill": (_OWN + "graph-bill", "Declared materials do not agree with inputs"),
    "graph-order": (_OWN + "graph-order", "Used before it was made"),
    "graph-arrival": (_OWN + "graph-arrival", "Used before it arrived"),
    "graph-speed": (_OWN + "graph-speed", "Faster than its transport"),
    "graph-identity": (_OWN + "graph-identity", "Identity not preserved"),
    "graph-segregated": (_OWN + "graph-segregated", "Inputs not segregated"),
    "graph-custody": (_OWN + "graph-custody", "Custody model stronger than that of an input"),
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
