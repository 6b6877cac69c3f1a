"""Keys for tests, derived from a seed: the same seed gives the same key on every machine.

Never for production: whoever knows the seed has the key.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

import pybase64
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

__all__ = ["Algorithm", "Key", "b64url", "did_jwk", "key_from_seed", "multibase_key"]

Algorithm = Literal["ES256", "ES384", "EdDSA"]

_EC: dict[str, tuple[type[ec.SECP256R1 | ec.SECP384R1], str, int, int]] = {
    # algorithm: curve, JWK name, bytes per coordinate, order of the group (SEC 2, sections 2.4.2 and 2.5.1)
    "ES256": (ec.SECP256R1, "P-256", 32, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551),
    "ES384": (
        ec.SECP384R1,
        "P-384",
        48,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    ),
}
_HASH = {"ES256": SHA256(), "ES384": SHA384()}
_MULTICODEC = {"ES256": b"\x80\x24", "ES384": b"\x81\x24", "EdDSA": b"\xed\x01"}
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def b64url(data: bytes) -> bytes:
    """base64url without padding (RFC 7515, section 2)."""
    return bytes(pybase64.urlsafe_b64encode(data)).rstrip(b"=")


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key with its public half as JSON Web Key."""

    alg: Algorithm
    private: ec.EllipticCurvePrivateKey | Ed25519PrivateKey

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public key (RFC 7517, RFC 8037)."""
        if isinstance(self.private, Ed25519PrivateKey):
            return {"kty": "OKP", "crv": "Ed25519", "x": b64url(self._raw()).decode()}
        _, curve, width, _ = _EC[self.alg]
        point = self.private.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": curve,
            "x": b64url(point.x.to_bytes(width, "big")).decode(),
            "y": b64url(point.y.to_bytes(width, "big")).decode(),
        }

    @property
    def private_jwk(self) -> dict[str, str]:
        """The key with its private member ``d``; only to forge documents that publish too much."""
        if isinstance(self.private, Ed25519PrivateKey):
            return {**self.public_jwk, "d": b64url(self.private.private_bytes_raw()).decode()}
        width = _EC[self.alg][2]
        value = self.private.private_numbers().private_value
        return {**self.public_jwk, "d": b64url(value.to_bytes(width, "big")).decode()}

    @property
    def thumbprint(self) -> str:
        """JWK thumbprint (RFC 7638), SHA-256."""
        text = json.dumps(self.public_jwk, sort_keys=True, separators=(",", ":"))
        return b64url(hashlib.sha256(text.encode()).digest()).decode()

    def sign(self, message: bytes) -> bytes:
        """Sign bytes; ECDSA is deterministic (RFC 6979) and in the raw ``r || s`` form of JWS."""
        return self._joined(self.sign_der(message)) if self.alg in _EC else self.sign_der(message)

    def sign_der(self, message: bytes) -> bytes:
        """The signature as the library gives it: ASN.1 DER for ECDSA, which JWS does not use."""
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(message)
        return self.private.sign(message, ec.ECDSA(_HASH[self.alg], deterministic_signing=True))

    def _joined(self, der: bytes) -> bytes:
        r, s = decode_dss_signature(der)
        width = _EC[self.alg][2]
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")

    def _raw(self) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.public_key().public_bytes_raw()
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def key_from_seed(seed: str, alg: Algorithm = "ES256") -> Key:
    """Derive a key from a seed: SHA-512 in counter mode, reduced into the group."""
    if alg == "EdDSA":
        return Key(alg, Ed25519PrivateKey.from_private_bytes(_stream(seed, alg, 32)))
    curve, _, width, order = _EC[alg]
    scalar = int.from_bytes(_stream(seed, alg, width + 16), "big") % (order - 1) + 1
    return Key(alg, ec.derive_private_key(scalar, curve()))


def _stream(seed: str, alg: str, length: int) -> bytes:
    blocks = (hashlib.sha512(f"assay forge|{alg}|{count}|{seed}".encode()).digest() for count in range(2))
    return b"".join(blocks)[:length]


def multibase_key(key: Key) -> str:
    """The public key as Multikey: multicodec prefix, base58btc, leading ``z``."""
    raw = _MULTICODEC[key.alg] + key._raw()
    number = int.from_bytes(raw, "big")
    letters = ""
    while number:
        number, digit = divmod(number, 58)
        letters = _BASE58[digit] + letters
    return "z" + letters


def did_jwk(key: Key) -> str:
    """The did:jwk DID of a key."""
    text: dict[str, Any] = key.public_jwk
    return "did:jwk:" + b64url(json.dumps(text, separators=(",", ":")).encode()).decode()
