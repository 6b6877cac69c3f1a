"""DID documents and status lists over time: what stands at their address now, and what an archive kept of earlier days."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from assay.harness.credential.status import bit_at, expand
from assay.harness.graph.reading import member
from assay.harness.oracles.store import Store, payload

__all__ = ["Archive"]

_LISTS = 64
"""Expanded lists that are kept; one takes 16 KB."""


class Archive:
    """Dated copies by the address of the original."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dated: dict[str, list[tuple[datetime, str]]] = {}
        for url, place in store.places.items():
            if place.role == "snapshot":
                original, at = original_of(url)
                if at is not None:
                    self._dated.setdefault(original, []).append((at, url))
        for dated in self._dated.values():
            dated.sort()
        self._bits: OrderedDict[str, bytes] = OrderedDict()

    def snapshots(self, url: str) -> Iterator[tuple[datetime, bytes]]:
        """Dated copies of what stands at an address, oldest first."""
        for at, copy in self._dated.get(url, ()):
            yield at, self._store.body(copy) or b""

    def json(self, url: str, at: datetime | None) -> Any:
        """The JSON at an address, now or as the newest copy not later than a moment has it; None where there is none."""
        place = self._at(url, at)
        try:
            return None if place is None else orjson.loads(self._store.body(place) or b"")
        except orjson.JSONDecodeError:
            return None

    def bit(self, url: str, index: int, at: datetime | None) -> bool | None:
        """A bit of a status list, now or at a moment; None where no list of that time can be read."""
        place = self._at(url, at)
        return None if place is None else self._read(place, index)

    def bits(self, url: str, index: int) -> Iterator[tuple[datetime, bool]]:
        """A bit over time: in each dated copy, and in the list of now."""
        for at, copy in [*self._dated.get(url, ()), (self._store.as_of, url)]:
            bit = self._read(copy, index)
            if bit is not None:
                yield at, bit

    def _at(self, url: str, at: datetime | None) -> str | None:
        if at is None or at >= self._store.as_of:
            return url if url in self._store.places else None
        return next((copy for day, copy in reversed(self._dated.get(url, ())) if day <= at), None)

    def _read(self, place: str, index: int) -> bool | None:
        bits = self._bits.get(place)
        if bits is None:
            document = payload(self._store.body(place) or b"")
            bits, _ = expand(member(document, "credentialSubject", "encodedList"))
            self._bits[place] = bits
            if len(self._bits) > _LISTS:
                self._bits.popitem(last=False)
        else:
            self._bits.move_to_end(place)
        return bit_at(bits, index) if index < len(bits) * 8 else None


def original_of(url: str) -> tuple[str, datetime | None]:
    """The address that a copy was made of, and its day: ``https://<archive>/archive/YYYY-MM-DD/<host>/<path>``."""
    _, _, rest = url.partition("/archive/")
    day, _, address = rest.partition("/")
    try:
        return f"https://{address}", datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return url, None
