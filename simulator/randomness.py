"""Named random streams: SHA-256 of (seed | entity | purpose) in counter mode. Integers only, the same on every machine.

A stream belongs to one purpose of one entity, so adding a site, a credential or a deception never shifts the numbers of
another. Nothing here reads the clock or the system's random source.
"""

from __future__ import annotations

import hashlib
import uuid
from functools import lru_cache

__all__ = ["Permutation", "Stream", "derive", "identifier"]

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "assay.example").bytes
_UUID_CLEAR = ~(0xF << 76 | 0x3 << 62)
_UUID_5 = 5 << 76 | 2 << 62
"""Version and variant bits of a UUID (RFC 9562). Put together here: every address in a world is one, and uuid5 is slow."""


def derive(seed: int, entity: str, purpose: str) -> bytes:
    """32 bytes that belong to this purpose of this entity under this seed."""
    return hashlib.sha256(f"{seed}|{entity}|{purpose}".encode()).digest()


@lru_cache(maxsize=8192)
def identifier(seed: int, entity: str, purpose: str) -> str:
    """A UUID (version 5) that belongs to this purpose of this entity under this seed.

    Remembered for a while: what two documents and a linkset say of one thing mostly comes in one go.
    """
    digest = hashlib.sha1(_NAMESPACE + f"{seed}|{entity}|{purpose}".encode(), usedforsecurity=False).digest()
    number = int.from_bytes(digest[:16], "big") & _UUID_CLEAR | _UUID_5
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Stream:
    """An endless source of unbiased integers."""

    __slots__ = ("_block", "_counter", "_key")

    def __init__(self, seed: int, entity: str, purpose: str) -> None:
        self._key = derive(seed, entity, purpose)
        self._counter = 0
        self._block = b""

    def _word(self) -> int:
        """The next 64 bits."""
        if not self._block:
            self._block = hashlib.sha256(self._key + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
        word, self._block = self._block[:8], self._block[8:]
        return int.from_bytes(word, "big")

    def below(self, bound: int) -> int:
        """A whole number in ``[0, bound)``; ``bound`` up to 2**64. Draws that would bias the result are thrown away."""
        if not 0 < bound <= 1 << 64:
            raise ValueError(f"bound must be between 1 and 2**64, not {bound}")
        limit = (1 << 64) - (1 << 64) % bound
        while True:
            word = self._word()
            if word < limit:
                return word % bound

    def between(self, low: int, high: int) -> int:
        """A whole number in ``[low, high]``."""
        return low + self.below(high - low + 1)

    def around(self, centre: int, spread: int) -> int:
        """A whole number within ``spread`` of ``centre``, the middle likelier than the ends (sum of two dice)."""
        return centre - spread + self.below(spread + 1) + self.below(spread + 1)


_MOST_KEPT_BITS = 10


class Permutation:
    """A seeded permutation of ``0 .. size-1``: a four-round Feistel network, walked until the result is in range.

    Places in a status list come from here: each credential can compute its own, no two collide, none can be guessed.
    """

    __slots__ = ("_half", "_keys", "_rounds", "_size")

    def __init__(self, seed: int, entity: str, purpose: str, size: int) -> None:
        if size < 1:
            raise ValueError(f"size must be positive, not {size}")
        self._size = size
        self._half = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
        key = derive(seed, entity, purpose)
        self._keys = tuple(key + bytes([round_]) for round_ in range(4))
        self._rounds: tuple[dict[int, int], ...] = ({}, {}, {}, {})
        """What each round made of a half before, while that is few: 2 to the power of half the bits of the size."""

    def _once(self, value: int) -> int:
        mask = (1 << self._half) - 1
        left, right = value >> self._half, value & mask
        for key, known in zip(self._keys, self._rounds, strict=True):
            made = known.get(right)
            if made is None:
                digest = hashlib.sha256(key + right.to_bytes(8, "big")).digest()
                made = int.from_bytes(digest[:8], "big") & mask
                if self._half <= _MOST_KEPT_BITS:
                    known[right] = made
            left, right = right, left ^ made
        return left << self._half | right

    def __getitem__(self, position: int) -> int:
        if not 0 <= position < self._size:
            raise IndexError(position)
        value = self._once(position)
        while value >= self._size:
            value = self._once(value)
        return value
