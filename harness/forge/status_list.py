"""Status lists whose bytes do not depend on the zlib build: GZIP with stored blocks only."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from assay.harness.forge.keys import b64url

__all__ = ["LIST_BYTES", "bitstring", "encoded_list", "gzip_stored", "status_list"]

LIST_BYTES = 16 * 1024
"""The smallest list that the specification allows: 131,072 bits."""

_BLOCK = 65_535
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""GZIP header (RFC 1952): deflate, no flags, no time, unknown system."""


def bitstring(set_bits: Iterable[int], size: int = LIST_BYTES) -> bytes:
    """A bitstring of ``size`` bytes with the given positions set; position 0 is the left-most bit."""
    bits = bytearray(size)
    for index in set_bits:
        bits[index >> 3] |= 128 >> (index & 7)
    return bytes(bits)


def gzip_stored(data: bytes) -> bytes:
    """GZIP without compression (RFC 1951, section 3.2.4): equal bytes on every machine."""
    blocks = bytearray(_HEADER)
    for start in range(0, max(len(data), 1), _BLOCK):
        block = data[start : start + _BLOCK]
        last = start + _BLOCK >= len(data)
        blocks += (
            bytes([last])
            + len(block).to_bytes(2, "little")
            + (len(block) ^ 0xFFFF).to_bytes(2, "little")
            + block
        )
    return (
        bytes(blocks)
        + zlib.crc32(data).to_bytes(4, "little")
        + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    )


def encoded_list(bits: bytes) -> str:
    """``encodedList``: GZIP, base64url, multibase prefix ``u``."""
    return "u" + b64url(gzip_stored(bits)).decode()


def status_list(
    url: str,
    issuer: str,
    bits: bytes,
    *,
    purpose: str | list[str] = "revocation",
    valid_from: str = "2020-01-01T00:00:00Z",
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The payload of a Bitstring Status List credential."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encoded_list(bits),
        },
        **(more or {}),
    }
