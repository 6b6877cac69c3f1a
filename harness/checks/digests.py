"""``digestMultibase``: a multihash (which hash, how long, the hash) in a multibase alphabet, and what it is a digest of.

Sources: Multihash and Multibase registries as cited by VCDM 2.0, section 5.3 (``digestMultibase``).
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from functools import lru_cache

__all__ = ["DigestError", "decode_multihash", "matches"]

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MAXIMUM = 256
"""Characters of a digest that are read; SHA-512 in hexadecimal needs 133."""

_HASHES: Mapping[int, tuple[str, int]] = {0x12: ("sha256", 32), 0x13: ("sha512", 64), 0x20: ("sha384", 48)}
"""Multihash code: name for hashlib, length in bytes (codes above 0x7f would need a longer prefix)."""


class DigestError(ValueError):
    """A digest that cannot be read; the message says what is wrong with it."""


def _base58(text: str) -> bytes:
    number = 0
    for letter in text:
        digit = _BASE58.find(letter)
        if digit < 0:
            raise ValueError(f"{letter!r} is no base58 character")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base64url(text: str) -> bytes:
    if set(text) & set("+/="):
        raise ValueError("it is base64, not base64url without padding")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4), validate=True)


_ALPHABETS: Mapping[str, Callable[[str], bytes]] = {
    "z": _base58,
    "u": _base64url,
    "m": _base64,
    "f": bytes.fromhex,
}


@lru_cache(4_096)
def decode_multihash(text: str) -> tuple[str, bytes]:
    """Name of the hash (as hashlib has it) and its bytes; kept for a while, because templates and links recur.

    :raises DigestError: unknown alphabet or hash, or a wrong length.
    """
    decode = _ALPHABETS.get(text[:1])
    if decode is None:
        raise DigestError("it does not start with a multibase prefix (z, u, m or f)")
    if len(text) > _MAXIMUM:
        raise DigestError(f"it has {len(text)} characters")
    try:
        raw = decode(text[1:])
    except (ValueError, binascii.Error) as error:
        raise DigestError(f"it cannot be decoded: {error}") from error
    known = _HASHES.get(raw[0]) if len(raw) > 1 else None
    if known is None:
        raise DigestError("it holds no SHA-2 multihash")
    name, length = known
    if raw[1] != length or len(raw) != length + 2:
        raise DigestError(f"a {name} multihash holds {length} bytes, this one {len(raw) - 2}")
    return name, raw[2:]


def matches(text: str, data: bytes) -> bool:
    """Whether a ``digestMultibase`` is the digest of the data.

    :raises DigestError: a digest that cannot be read.
    """
    name, digest = decode_multihash(text)
    return hashlib.new(name, data).digest() == digest
