"""Tokens wrapped as JSON: the enveloped credential of the data model, and presentations of several of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["enveloped", "presentation"]

_V2 = "https://www.w3.org/ns/credentials/v2"


def enveloped(token: str) -> dict[str, Any]:
    """A token as ``EnvelopedVerifiableCredential`` (VCDM 2.0, section 4.13.2)."""
    return {
        "@context": _V2,
        "id": f"data:application/vc+jwt,{token}",
        "type": "EnvelopedVerifiableCredential",
    }


def presentation(tokens: Iterable[str]) -> dict[str, Any]:
    """An unsigned presentation of enveloped credentials (VC-JOSE-COSE, section 3.1.2): the credentials speak for themselves."""
    return {
        "@context": [_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [enveloped(token) for token in tokens],
    }
