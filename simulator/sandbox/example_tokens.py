"""Keys, tokens, status lists and DID documents of the example node, made with ``cryptography`` directly.

Nothing here goes through the sandbox's own signing, so that a mistake in that cannot hide.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

__all__ = ["TTL", "V2", "Key", "b64", "bits", "did_document", "key", "sign", "status_list", "unb64"]

V2 = "https://www.w3.org/ns/credentials/v2"
TTL = 300_000
"""How long a status list may be kept, in milliseconds."""


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """What base64url without padding stands for."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """A P-256 or Ed25519 test key under a DID URL."""

    kid: str
    private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

    @property
    def public_jwk(self) -> dict[str, str]:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(self.private.public_key().public_bytes_raw())}
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": b64(numbers.x.to_bytes(32)),
            "y": b64(numbers.y.to_bytes(32)),
        }

    @property
    def private_jwk(self) -> dict[str, str]:
        assert isinstance(self.private, ec.EllipticCurvePrivateKey)
        return {**self.public_jwk, "d": b64(self.private.private_numbers().private_value.to_bytes(32))}

    def raw_signature(self, data: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(data)
        r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def key(kid: str, number: int) -> Key:
    """A P-256 key whose secret is a small number: the same on every machine, and no secret at all."""
    return Key(kid, ec.derive_private_key(number, ec.SECP256R1()))


def sign(payload: Any, by: Key, **header: Any) -> str:
    """A compact token; ``header`` members override, None removes one."""
    alg = "EdDSA" if isinstance(by.private, ed25519.Ed25519PrivateKey) else "ES256"
    full = {"alg": alg, "kid": by.kid, "typ": "vc+jwt", "cty": "vc", **header}
    head = b64(json.dumps({k: v for k, v in full.items() if v is not None}).encode())
    body = b64(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    return f"{head}.{body}.{b64(by.raw_signature(f'{head}.{body}'.encode()))}"


def bits(*indices: int, size: int = 131_072) -> str:
    """An encoded list of ``size`` bits in which those at ``indices`` are set."""
    field_ = bytearray(size // 8)
    for index in indices:
        field_[index // 8] |= 0x80 >> (index % 8)
    return "u" + b64(gzip.compress(bytes(field_), mtime=0))


def status_list(url: str, issuer: str, encoded: str, purpose: str = "revocation") -> dict[str, Any]:
    """A status list credential without its proof."""
    return {
        "@context": [V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "ttl": TTL,
            "encodedList": encoded,
        },
    }


def did_document(did: str, *keys: Key, assertion: bool = True, **members: Any) -> dict[str, Any]:
    """A DID document that lists keys, for assertions unless told otherwise."""
    methods = [
        {"id": k.kid, "type": "JsonWebKey", "controller": did, "publicKeyJwk": k.public_jwk} for k in keys
    ]
    document = {"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "verificationMethod": methods}
    if assertion:
        document["assertionMethod"] = [k.kid for k in keys]
    return document | members
