"""Bitstring status lists: bits, their encoding, and the credential that carries them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from assay.simulator.issuance.agenda import STATUS_LIST_SIZE
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.encoding import b64url, gzip_runs
from assay.simulator.world import Organisation

__all__ = ["TTL", "encoded_list", "status_list"]

TTL = 300_000
"""How long a reader may keep a list, in milliseconds; the default of the W3C recommendation."""


def encoded_list(positions: Iterable[int], size: int = STATUS_LIST_SIZE) -> str:
    """``encodedList`` with the given bits set: multibase base64url of gzip; index 0 is the left-most bit."""
    return _encoded(tuple(sorted(positions)), size)


@lru_cache(maxsize=64)
def _encoded(positions: tuple[int, ...], size: int) -> str:
    """Remembered, because most lists of a world are empty, and packing one takes milliseconds."""
    bits = bytearray(size // 8)
    for position in positions:
        if not 0 <= position < size:
            raise ValueError(f"position {position} is outside a list of {size} bits")
        bits[position // 8] |= 0x80 >> position % 8
    return "u" + b64url(gzip_runs(bytes(bits))).decode()


def status_list(
    url: str,
    issuer: Organisation,
    purpose: str,
    positions: Iterable[int],
    valid_from: datetime,
    valid_until: datetime,
) -> dict[str, Any]:
    """The unsigned BitstringStatusListCredential at ``url``."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "id": url,
        "issuer": {"id": issuer.did, "name": issuer.name},
        "name": f"Status list ({purpose}) of {issuer.name}",
        "validFrom": stamp(valid_from),
        "validUntil": stamp(valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "ttl": TTL,
            "encodedList": encoded_list(positions),
        },
    }
