"""Bitstring Status List v1.0: reading entries, expanding lists, looking up bits."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from assay.harness.credential.envelope import b64url_decode
from assay.harness.material import Path, StatusEntry, StatusList, Unavailable

__all__ = [
    "MAXIMUM_BITS",
    "MINIMUM_BITS",
    "bit_at",
    "entries",
    "expand",
    "index_of",
    "list_purposes",
    "look_up",
]

MINIMUM_BITS = 131_072
"""16 KB: the smallest list that gives its entries a herd to hide in (Bitstring Status List v1.0, section 2.2)."""
MAXIMUM_BITS = 8 * 16 * 1024 * 1024
"""Lists that expand beyond this are refused; no real list comes near."""

_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,17})\Z")


def expand(encoded: Any, limit: int = MAXIMUM_BITS // 8) -> tuple[bytes, str]:
    """Expand an ``encodedList``: multibase ``u``, base64url without padding, GZIP.

    Returns the bits and an empty string, or no bits and what is wrong. The output is bounded before it is inflated.
    """
    if not isinstance(encoded, str):
        return b"", "there is no encodedList" if encoded is None else "encodedList is no string"
    if not encoded.startswith("u"):
        return b"", "encodedList does not start with the multibase prefix 'u' (base64url)"
    try:
        packed = b64url_decode(encoded[1:].encode("ascii"))
    except UnicodeEncodeError:
        return b"", "encodedList is not base64url"
    except ValueError as error:
        return b"", f"encodedList is not base64url without padding: {error}"
    unpacker = zlib.decompressobj(wbits=31)
    try:
        bits = unpacker.decompress(packed, limit)
        if unpacker.unconsumed_tail:
            return b"", f"encodedList expands to more than {limit:,} bytes"
        if not unpacker.eof:
            return b"", "the GZIP data in encodedList ends too early"
    except zlib.error as error:
        return b"", f"encodedList does not hold GZIP data: {error}"
    if unpacker.unused_data:
        return b"", "bytes follow the GZIP data in encodedList"
    return bits, ""


def bit_at(bits: bytes, index: int) -> bool:
    """The bit at an index; index 0 is the left-most bit of the first byte.

    :raises IndexError: beyond the end.
    """
    if index < 0:
        raise IndexError(index)
    return bool(bits[index >> 3] >> (7 - (index & 7)) & 1)


def index_of(entry: Mapping[str, Any]) -> int | None:
    """``statusListIndex`` as a number; both the integer of the UNTP schema and the string of W3C are read (P-01)."""
    value = entry.get("statusListIndex")
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and _INDEX.match(value):
        return int(value)
    return None


def entries(value: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """``credentialStatus`` objects of a credential, one or many (P-02), with their paths."""
    found = value.get("credentialStatus") if isinstance(value, dict) else None
    if isinstance(found, dict):
        yield ("credentialStatus",), found
    elif isinstance(found, list):
        for place, entry in enumerate(found[:100]):
            if isinstance(entry, dict):
                yield ("credentialStatus", place), entry


def list_purposes(status_list: StatusList) -> frozenset[str]:
    """The purposes that a list says it serves."""
    subject = status_list.value.get("credentialSubject") if isinstance(status_list.value, dict) else None
    purpose = subject.get("statusPurpose") if isinstance(subject, dict) else None
    return frozenset(
        item for item in (purpose if isinstance(purpose, list) else [purpose]) if isinstance(item, str)
    )


def look_up(
    path: Path,
    entry: Mapping[str, Any],
    status_list: StatusList | Unavailable | None,
    *,
    list_valid: bool = True,
) -> StatusEntry:
    """Read one entry against its list (None: it was not looked for)."""
    purpose, url, index = entry.get("statusPurpose"), entry.get("statusListCredential"), index_of(entry)
    purpose = purpose if isinstance(purpose, str) else ""
    url = url if isinstance(url, str) else ""
    if index is None or not url or not purpose or entry.get("type") != "BitstringStatusListEntry":
        return StatusEntry(path, purpose, index, url, code="malformed")
    if status_list is None:
        status_list = Unavailable(url, "not-looked-up")
    if isinstance(status_list, Unavailable):
        return StatusEntry(path, purpose, index, url, code="unavailable", unavailable=status_list)
    if not list_valid or not status_list.bits:
        return StatusEntry(path, purpose, index, url, code="list-invalid")
    if purpose not in list_purposes(status_list):
        return StatusEntry(path, purpose, index, url, code="purpose")
    if index >= status_list.size:
        return StatusEntry(path, purpose, index, url, code="range")
    return StatusEntry(path, purpose, index, url, bit=bit_at(status_list.bits, index))
