"""Data Integrity proofs of cryptosuite ecdsa-jcs-2019 (W3C vc-di-ecdsa), to see what verifiers make of other proofs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from assay.harness.forge.keys import Key

__all__ = ["base58", "jcs", "with_jcs_proof"]

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LARGEST = 2**53


def jcs(value: Any) -> bytes:
    """JSON Canonicalization Scheme (RFC 8785) for what our test credentials hold.

    :raises ValueError: numbers whose ECMAScript form Python does not write by itself.
    """
    return _canonical(value).encode("utf-8")


def _canonical(value: Any) -> str:
    if isinstance(value, Mapping):
        members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(name)}:{_canonical(member)}" for name, member in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LARGEST:
        raise ValueError(f"{value} has no exact form as a JSON number")
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    # repr and ECMAScript agree between 1e-6 and 1e16 but for a trailing ".0"; nothing of ours lies outside.
    if value != 0 and not 1e-6 <= abs(value) < 1e16:
        raise ValueError(f"{value} is outside the range in which its form is certain")
    return repr(value).removesuffix(".0") if value != 0 else "0"


def base58(data: bytes) -> str:
    """base58btc, without multibase prefix."""
    number = int.from_bytes(data, "big")
    letters = ""
    while number:
        number, digit = divmod(number, 58)
        letters = _BASE58[digit] + letters
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + letters


def with_jcs_proof(payload: Mapping[str, Any], key: Key, method: str, created: str) -> dict[str, Any]:
    """The payload with an ``ecdsa-jcs-2019`` proof by a P-256 key."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-jcs-2019",
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "@context": payload["@context"],
    }
    message = hashlib.sha256(jcs(options)).digest() + hashlib.sha256(jcs(payload)).digest()
    return {**payload, "proof": {**options, "proofValue": "z" + base58(key.sign(message))}}
