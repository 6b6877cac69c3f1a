"""Tokens that are wrong in one named way, for verifiers to refuse and for our own checks to catch.

``MALFORMATIONS`` must be refused by every verifier. ``DEVIATIONS`` are signed correctly and break a rule of good
conduct; a liberal verifier may take them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assay.harness.forge.keys import Key, b64url, key_from_seed
from assay.harness.forge.sign import compact, json_bytes, sign

__all__ = ["DEVIATIONS", "MALFORMATIONS", "Draft"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A credential about to be signed: payload, key and the key's DID URL."""

    payload: Mapping[str, Any]
    key: Key
    kid: str

    def token(self, payload: Mapping[str, Any] | bytes | None = None, **header: Any) -> bytes:
        """Sign properly, with members of the header changed."""
        return sign(self.payload if payload is None else payload, self.key, kid=self.kid, header=header)

    def raw_header(self, text: str | bytes) -> bytes:
        """Sign properly under header bytes given word for word."""
        return sign(self.payload, self.key, header_bytes=text.encode() if isinstance(text, str) else text)

    def parts(self) -> list[bytes]:
        return self.token().split(b".")


def _last_bits(draft: Draft) -> bytes:
    token = draft.token()
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + bytes([alphabet[alphabet.index(token[-1]) ^ 1]])


def _standard_alphabet(draft: Draft) -> bytes:
    # a payload member that is sure to need the two letters in which the alphabets differ
    token = draft.token({**draft.payload, "description": "???>>>~~~"})
    head, body, signature = token.split(b".")
    return b".".join((head, body.replace(b"-", b"+").replace(b"_", b"/"), signature))


def _hmac_with_public_key(draft: Draft) -> bytes:
    header = json_bytes({"alg": "HS256", "typ": "vc+jwt", "kid": draft.kid})
    message = b64url(header) + b"." + b64url(json_bytes(draft.payload))
    secret = json.dumps(draft.key.public_jwk, sort_keys=True, separators=(",", ":")).encode()
    return message + b"." + b64url(hmac.new(secret, message, hashlib.sha256).digest())


def _flipped(data: bytes) -> bytes:
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _payload_flipped(draft: Draft) -> bytes:
    header, _, signature = draft.parts()
    name = str(draft.payload.get("name", ""))
    return b".".join((header, b64url(json_bytes({**draft.payload, "name": name + " "})), signature))


def _resigned(draft: Draft, signature: Callable[[bytes], bytes]) -> bytes:
    message, _, _ = draft.token().rpartition(b".")
    return message + b"." + b64url(signature(message))


def _in_asn1(key: Key, message: bytes) -> bytes:
    """The signature in ASN.1: DER for ECDSA, wrapped in an OCTET STRING for Ed25519, which has no such form."""
    der = key.sign_der(message)
    return der if key.alg != "EdDSA" else b"\x04" + bytes([len(der)]) + der


def _stranger(draft: Draft) -> Key:
    return key_from_seed("a stranger", draft.key.alg)


def _deep(draft: Draft) -> bytes:
    text = json_bytes(draft.payload)[:-1] + b',"note":' + b"[" * 5000 + b"]" * 5000 + b"}"
    return draft.token(text)


MALFORMATIONS: dict[str, Callable[[Draft], bytes]] = {
    "truncated": lambda draft: draft.token()[: len(draft.token()) // 2],
    "two-segments": lambda draft: b".".join(draft.parts()[:2]),
    "four-segments": lambda draft: draft.token() + b".AAAA",
    "five-segments": lambda draft: draft.token() + b".AAAA.AAAA",
    "signature-empty": lambda draft: b".".join((*draft.parts()[:2], b"")),
    "signature-zero": lambda draft: _resigned(draft, lambda message: bytes(len(draft.key.sign(message)))),
    "signature-der": lambda draft: _resigned(draft, lambda message: _in_asn1(draft.key, message)),
    "signature-flipped": lambda draft: _resigned(draft, lambda message: _flipped(draft.key.sign(message))),
    "signature-shortened": lambda draft: _resigned(draft, lambda message: draft.key.sign(message)[:-1]),
    "signature-by-stranger": lambda draft: _resigned(draft, lambda message: _stranger(draft).sign(message)),
    "signature-padded": lambda draft: draft.token() + b"==",
    "signature-trailing-bits": _last_bits,
    "payload-standard-alphabet": _standard_alphabet,
    "payload-changed": _payload_flipped,
    "payload-duplicate-key": lambda draft: draft.token(
        json_bytes(draft.payload)[:-1] + b',"id":"https://elsewhere.example/credentials/1"}'
    ),
    "payload-not-utf8": lambda draft: draft.token(json_bytes(draft.payload)[:-1] + b',"note":"\xff\xfe"}'),
    "payload-nan": lambda draft: draft.token(json_bytes(draft.payload)[:-1] + b',"exp":NaN}'),
    "payload-deep": _deep,
    "payload-array": lambda draft: draft.token(json_bytes([draft.payload])),
    "payload-not-json": lambda draft: draft.token(json_bytes(draft.payload)[:-2]),
    "payload-oversized": lambda draft: draft.token({**draft.payload, "description": "x" * 8 * 1024 * 1024}),
    "alg-none": lambda draft: compact(
        json_bytes({"alg": "none", "typ": "vc+jwt", "kid": draft.kid}), json_bytes(draft.payload), b""
    ),
    "alg-none-spelled": lambda draft: compact(
        json_bytes({"alg": "nOnE", "typ": "vc+jwt", "kid": draft.kid}), json_bytes(draft.payload), b""
    ),
    "alg-hs256-public-key": _hmac_with_public_key,
    "alg-missing": lambda draft: draft.token(alg=None),
    "alg-unknown": lambda draft: draft.token(alg="RS256"),
    "alg-other-curve": lambda draft: draft.token(alg="ES384" if draft.key.alg != "ES384" else "ES256"),
    "crit-unknown": lambda draft: draft.token(crit=["https://extension.example/must-know"]),
    "crit-empty": lambda draft: draft.token(crit=[]),
    "b64-false": lambda draft: draft.token(b64=False, crit=["b64"]),
    "header-duplicate-alg": lambda draft: draft.raw_header(
        f'{{"alg":"none","typ":"vc+jwt","kid":{json.dumps(draft.kid)},"alg":"{draft.key.alg}"}}'
    ),
    "header-bom": lambda draft: draft.raw_header(
        b"\xef\xbb\xbf" + json_bytes({"alg": draft.key.alg, "typ": "vc+jwt", "kid": draft.kid})
    ),
    "header-nan": lambda draft: draft.raw_header(
        f'{{"alg":"{draft.key.alg}","typ":"vc+jwt","kid":{json.dumps(draft.kid)},"note":NaN}}'
    ),
    "header-array": lambda draft: draft.raw_header(json_bytes([{"alg": draft.key.alg}])),
    "typ-number": lambda draft: draft.token(typ=1),
    "kid-number": lambda draft: draft.token(kid=1),
    "kid-unknown": lambda draft: draft.token(kid=draft.kid + "-that-is-not-there"),
    "kid-of-stranger": lambda draft: sign(
        draft.payload, _stranger(draft), kid="did:web:stranger.example#key-1"
    ),
    "key-in-header": lambda draft: sign(
        draft.payload, _stranger(draft), kid=draft.kid, header={"jwk": _stranger(draft).public_jwk}
    ),
}

DEVIATIONS: dict[str, Callable[[Draft], bytes]] = {
    "kid-missing": lambda draft: draft.token(kid=None),
    "typ-jwt": lambda draft: draft.token(typ="JWT"),
    "typ-missing": lambda draft: draft.token(typ=None),
    "cty-json": lambda draft: draft.token(cty="json"),
    "vc-claim": lambda draft: draft.token(
        {**draft.payload, "vc": {"credentialSubject": draft.payload.get("credentialSubject")}}
    ),
    "iss-other": lambda draft: draft.token({**draft.payload, "iss": "did:web:somebody-else.example"}),
    "jti-other": lambda draft: draft.token(
        {**draft.payload, "jti": "https://elsewhere.example/credentials/1"}
    ),
    "sub-other": lambda draft: draft.token({**draft.payload, "sub": "https://elsewhere.example/products/1"}),
    "nbf-present": lambda draft: draft.token({**draft.payload, "nbf": 1_577_836_800}),
    "plain-json": lambda draft: json_bytes(draft.payload),
    "json-serialisation": lambda draft: json_bytes(
        dict(
            zip(("protected", "payload", "signature"), (part.decode() for part in draft.parts()), strict=True)
        )
    ),
    "embedded-proof": lambda draft: _embedded(draft, draft.kid),
    "embedded-proof-of-stranger": lambda draft: _embedded(draft, "did:web:stranger.example#key-1"),
    "enveloped": lambda draft: _enveloped(draft, "application/vc+jwt"),
    "enveloped-text-plain": lambda draft: _enveloped(draft, "text/plain"),
    "enveloped-without-data": lambda draft: json_bytes(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "id": draft.payload.get("id"),
            "type": "EnvelopedVerifiableCredential",
        }
    ),
}


def _enveloped(draft: Draft, media_type: str) -> bytes:
    return json_bytes(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "id": f"data:{media_type}," + draft.token().decode(),
            "type": "EnvelopedVerifiableCredential",
        }
    )


def _embedded(draft: Draft, method: str) -> bytes:
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-jcs-2019",
        "proofPurpose": "assertionMethod",
        "verificationMethod": method,
        "proofValue": "z" + "1" * 87,
    }
    return json_bytes({**draft.payload, "proof": proof})
