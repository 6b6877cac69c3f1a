"""Bitstring Status List, the sandbox's own reading and writing of it.

Source: W3C Bitstring Status List v1.0, sections 3.3 and 3.4: multibase base64url (leading ``u``, no padding) of the GZIP
compressed bits, index 0 leftmost, at least 131,072 bits.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib

__all__ = ["MINIMUM_BITS", "BitstringError", "decode", "encode", "get", "put"]

MINIMUM_BITS = 131_072
_MAXIMUM_BYTES = 16 * 1024 * 1024
"""Limit on the expanded list: 128 times the minimum; a gzip bomb ends here."""


class BitstringError(ValueError):
    """An encoded list that cannot be read."""


def encode(bits: bytes, *, multibase: bool = True) -> str:
    """Compress and encode; ``mtime`` fixed, so that equal bits give equal text on one machine."""
    text = (
        base64.urlsafe_b64encode(gzip.compress(bits, compresslevel=9, mtime=0)).rstrip(b"=").decode("ascii")
    )
    return ("u" if multibase else "") + text


def decode(encoded: object) -> bytes:
    """The bits behind ``encodedList``.

    :raises BitstringError: not multibase base64url, not GZIP, or larger than the limit.
    """
    if not isinstance(encoded, str) or not encoded.startswith("u"):
        raise BitstringError("encodedList does not start with the multibase prefix 'u'")
    body = encoded[1:]
    if not body.isascii() or set(body) & set("+/="):
        raise BitstringError("encodedList is not base64url without padding")
    try:
        packed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BitstringError(f"encodedList is not base64url: {error}") from error
    inflater = zlib.decompressobj(wbits=31)
    try:
        bits = inflater.decompress(packed, _MAXIMUM_BYTES + 1)
    except zlib.error as error:
        raise BitstringError(f"encodedList does not hold GZIP data: {error}") from error
    if len(bits) > _MAXIMUM_BYTES:
        raise BitstringError(f"the list expands to more than {_MAXIMUM_BYTES} bytes")
    if not inflater.eof:
        raise BitstringError("the GZIP data end early")
    return bits


def get(bits: bytes, index: int) -> bool:
    """The bit at ``index``, counted from the left. :raises IndexError: outside the list."""
    if not 0 <= index < len(bits) * 8:
        raise IndexError(index)
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def put(bits: bytes, index: int, value: bool) -> bytes:
    """A copy of ``bits`` with the bit at ``index`` set or cleared. :raises IndexError: outside the list."""
    if not 0 <= index < len(bits) * 8:
        raise IndexError(index)
    changed = bytearray(bits)
    mask = 0x80 >> (index & 7)
    changed[index >> 3] = changed[index >> 3] | mask if value else changed[index >> 3] & ~mask
    return bytes(changed)
