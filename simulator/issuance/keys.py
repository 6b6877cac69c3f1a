"""Keys and signatures: ES256 keys derived from the seed (worthless by design), and a small signer of our own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from assay.simulator.issuance.encoding import b64url
from assay.simulator.randomness import derive

__all__ = ["Signer", "signer_for"]

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of P-256 (FIPS 186-5)."""
_ES256 = ec.ECDSA(SHA256(), deterministic_signing=True)
"""ECDSA on P-256 with nonces after RFC 6979: equal input, equal bytes."""


class Signer:
    """One DID's key: signs payload bytes into compact JWS with a fixed protected header.

    Keys are named after their thumbprint (RFC 7638), so that a name does not say how many keys there were before.
    """

    __slots__ = ("_header", "_key", "did", "kid")

    def __init__(self, did: str, key: ec.EllipticCurvePrivateKey) -> None:
        self.did = did
        self._key = key
        thumbprint = hashlib.sha256(orjson.dumps(self.public_jwk(), option=orjson.OPT_SORT_KEYS)).digest()
        self.kid = f"{did}#{b64url(thumbprint).decode()}"
        self._header = b64url(orjson.dumps({"alg": "ES256", "kid": self.kid, "typ": "vc+jwt"}))

    def sign(self, payload: bytes) -> bytes:
        """Compact serialisation (RFC 7515) with the payload's exact bytes."""
        signed = self._header + b"." + b64url(payload)
        return signed + b"." + b64url(_fixed_width(self._key.sign(signed, _ES256)))

    def public_jwk(self) -> dict[str, str]:
        """The public key as a JWK (RFC 7517)."""
        point = self._key.public_key().public_numbers()
        x, y = (b64url(number.to_bytes(32, "big")).decode() for number in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def private_jwk(self) -> Mapping[str, str]:
        """The private key as a JWK: for the sandbox, so that its issuer can sign as this party."""
        secret = self._key.private_numbers().private_value
        return {
            **self.public_jwk(),
            "d": b64url(secret.to_bytes(32, "big")).decode(),
            "kid": self.kid,
            "alg": "ES256",
        }


def _fixed_width(der: bytes) -> bytes:
    """The two integers of a DER signature as 32 bytes each (RFC 7518, section 3.4). P-256 keeps all lengths in one byte."""
    size = der[3]
    r, s = der[4 : 4 + size], der[6 + size :]
    return r.rjust(32, b"\0")[-32:] + s.rjust(32, b"\0")[-32:]


def signer_for(seed: int, did: str, generation: int = 1) -> Signer:
    """The signer of a DID. Its key depends on the seed, the DID and the generation of keys alone."""
    wide = derive(seed, did, f"key-{generation}") + derive(seed, did, f"key-{generation} more")
    secret = int.from_bytes(wide, "big") % (_ORDER - 1) + 1
    return Signer(did, ec.derive_private_key(secret, ec.SECP256R1()))
