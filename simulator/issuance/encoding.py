"""Encodings of our own, independent of the harness: base64url, multibase digests, and gzip with fixed bytes.

The gzip here never touches zlib's compressor, whose output differs between builds: runs of equal bytes become
back-references of distance one in a single fixed-Huffman block (RFC 1951, section 3.2.6), the rest literals.
"""

from __future__ import annotations

import hashlib
import re
import zlib

import pybase64

__all__ = ["b64url", "digest_multibase", "gzip_runs"]

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SHA2_256 = b"\x12\x20"
"""Multihash prefix: SHA-2 256, 32 bytes."""


def b64url(data: bytes) -> bytes:
    """Base64url without padding (RFC 7515, appendix C)."""
    return bytes(pybase64.urlsafe_b64encode(data).rstrip(b"="))


def digest_multibase(data: bytes) -> str:
    """SHA-256 of ``data`` as a multihash in base58btc multibase: ``zQm...``."""
    number = int.from_bytes(_SHA2_256 + hashlib.sha256(data).digest(), "big")
    text = ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    return "z" + text


class _Bits:
    """Deflate's bit order: values go in from the least significant bit, Huffman codes from the most significant one."""

    __slots__ = ("_count", "_held", "data")

    def __init__(self) -> None:
        self.data = bytearray()
        self._held = 0
        self._count = 0

    def value(self, number: int, width: int) -> None:
        self._held |= number << self._count
        self._count += width
        while self._count >= 8:
            self.data.append(self._held & 0xFF)
            self._held >>= 8
            self._count -= 8

    def code(self, number: int, width: int) -> None:
        self.value(int(f"{number:0{width}b}"[::-1], 2), width)

    def flush(self) -> None:
        if self._count:
            self.value(0, 8 - self._count)


def _symbol(bits: _Bits, symbol: int) -> None:
    """One literal or length symbol in the fixed code (RFC 1951, section 3.2.6)."""
    if symbol < 144:
        bits.code(0x30 + symbol, 8)
    elif symbol < 256:
        bits.code(0x190 + symbol - 144, 9)
    elif symbol < 280:
        bits.code(symbol - 256, 7)
    else:
        bits.code(0xC0 + symbol - 280, 8)


def _length(bits: _Bits, length: int) -> None:
    """A back-reference of ``length`` (3 to 258) bytes to one byte ago."""
    if length == 258:
        _symbol(bits, 285)
    elif length < 11:
        _symbol(bits, 254 + length)
    else:
        extra = (length - 3).bit_length() - 3
        offset = length - 3 - (4 << extra)
        _symbol(bits, 261 + 4 * extra + (offset >> extra))
        bits.value(offset & ((1 << extra) - 1), extra)
    bits.code(0, 5)


_RUN = re.compile(rb"(.)\1{0,258}", re.DOTALL)
"""A byte, and as many more of it as one back-reference reaches."""


def gzip_runs(data: bytes) -> bytes:
    """Gzip ``data`` (RFC 1952): no name, no time, fixed bytes everywhere. Good for long runs, as status lists are."""
    bits = _Bits()
    bits.value(1, 1)
    bits.value(1, 2)
    for found in _RUN.finditer(data):
        byte, run = found[0][0], len(found[0])
        _symbol(bits, byte)
        if run > 3:
            _length(bits, run - 1)
        else:
            for _ in range(run - 1):
                _symbol(bits, byte)
    _symbol(bits, 256)
    bits.flush()
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    trailer = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return header + bytes(bits.data) + trailer
