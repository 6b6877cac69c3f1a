"""did:web for the sandbox verifier: where a document is, and which key in it may sign assertions.

Source: did:web Method Specification, DID Core 1.0 sections 5.2 and 5.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

__all__ = ["DidError", "did_url", "document_fault", "signing_key"]

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_ADDRESS = re.compile(r"[0-9.]+|.*:.*:.*")
_STEP = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+")


class DidError(ValueError):
    """A DID or DID document that gives no usable key; ``code`` is a reason code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def did_url(did: str) -> str:
    """The HTTPS URL of a did:web document.

    :raises DidError: another method, an IP address for a host, or a string that is no DID.
    """
    if not did.startswith("did:web:"):
        raise DidError("issuer", f"{did!r} is not a did:web identifier")
    host, *steps = did.removeprefix("did:web:").split(":")
    authority, _, port = unquote(host).partition(":")
    if _ADDRESS.fullmatch(authority) or not _HOST.fullmatch(authority) or (port and not port.isdigit()):
        raise DidError("issuer", f"{did!r} does not name a host")
    if any(
        not _STEP.fullmatch(step) or unquote(step) in {".", ".."} or "/" in unquote(step) for step in steps
    ):
        raise DidError("issuer", f"{did!r} is not a valid DID")
    path = "/".join(steps) if steps else ".well-known"
    return f"https://{authority}{':' + port if port else ''}/{path}/did.json"


def document_fault(document: Any, did: str) -> str | None:
    """Why this is not the DID document of ``did``, or None."""
    if not isinstance(document, dict):
        return "the DID document is not a JSON object"
    if document.get("id") != did:
        return f"the DID document's id is {document.get('id')!r}, expected {did!r}"
    return None


def signing_key(document: Mapping[str, Any], kid: str) -> tuple[Mapping[str, Any], bool]:
    """The public JWK of the verification method ``kid``, and whether the document authorises it for assertions.

    :raises DidError: there is no such method, or it carries no JWK.
    """
    did = document.get("id")
    entries = document.get("assertionMethod")
    assertion = entries if isinstance(entries, list) else []
    embedded = [entry for entry in assertion if isinstance(entry, dict)]
    methods = document.get("verificationMethod")
    listed = [entry for entry in methods if isinstance(entry, dict)] if isinstance(methods, list) else []
    method = next((entry for entry in listed + embedded if entry.get("id") == kid), None)
    if method is None:
        raise DidError("key-not-found", f"no verification method {kid!r} in the DID document")
    key = method.get("publicKeyJwk")
    if not isinstance(key, dict):
        raise DidError("key-not-found", f"{kid!r} carries no publicKeyJwk")
    authorised = kid in assertion or method in embedded
    return key, authorised and method.get("controller", did) == did
