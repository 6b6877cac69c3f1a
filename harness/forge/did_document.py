"""DID documents for keys we hold."""

from __future__ import annotations

from typing import Any

from assay.harness.forge.keys import Key, multibase_key

__all__ = ["did_document"]


def did_document(did: str, keys: dict[str, Key], *, multikey: bool = False) -> dict[str, Any]:
    """A DID document that lets every key (by fragment) make assertions, as JsonWebKey or as Multikey."""
    methods: list[dict[str, Any]] = []
    for fragment, key in keys.items():
        method: dict[str, Any] = {"id": f"{did}#{fragment}", "controller": did}
        if multikey:
            method |= {"type": "Multikey", "publicKeyMultibase": multibase_key(key)}
        else:
            method |= {"type": "JsonWebKey", "publicKeyJwk": key.public_jwk}
        methods.append(method)
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
