"""A resolver map: addresses answered from files, so that material can be judged without a network.

A map is a JSON file beside the files that it names::

    {"https://issuer.example/.well-known/did.json": {"file": "resources/issuer.example/.well-known/did.json",
                                                     "media_type": "application/did+json"},
     "https://gone.example/list": {"status": 404}}

Files are relative to the map and below its folder. What a map does not name is left to the transport behind it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.harness.credential.strict_json import read_up_to, strict_loads
from assay.harness.evidence import Exchange, Request
from assay.harness.material import Unavailable
from assay.harness.transport import Limits, MemoryTransport, Transport

__all__ = ["Answer", "MappedTransport", "ResolverMapError", "read_resolver_map"]

Answer = tuple[int, str, bytes]
"""Status, media type, body."""

_LIMIT = Limits().bytes
_ADDRESSES = 100_000
_KEYS = frozenset({"file", "media_type", "status"})


class ResolverMapError(ValueError):
    """A map that cannot be used; the message names the file, the address and the mend."""


class MappedTransport(Transport):
    """Answers GETs from a table, and hands everything else to the transport behind it."""

    def __init__(self, answers: Mapping[str, Answer], behind: Transport) -> None:
        super().__init__(behind.store)
        self._answers = answers
        self._table = MemoryTransport(answers, store=behind.store)
        self._behind = behind

    async def _send(self, request: Request) -> Exchange | Unavailable:
        mapped = request.method == "GET" and request.url in self._answers
        return await (self._table if mapped else self._behind)._send(request)

    async def close(self) -> None:
        await self._behind.close()


def read_resolver_map(path: Path) -> dict[str, Answer]:
    """Read a map with the files that it names.

    :raises ResolverMapError: unreadable, of another shape, or a file that is missing, too large or outside the folder.
    """
    raw = _bytes(path, f"resolver map '{path}'")
    value, problems = strict_loads(raw)
    if problems:
        found = problems[0]
        raise ResolverMapError(f"resolver map '{path}': {found.received}; expected {found.expected}")
    if not isinstance(value, dict) or len(value) > _ADDRESSES:
        raise ResolverMapError(
            f"resolver map '{path}': expected one JSON object of at most {_ADDRESSES:,} addresses"
        )
    folder = os.path.realpath(path.parent)
    return {url: _answer(path, folder, url, entry) for url, entry in value.items()}


def _answer(path: Path, folder: str, url: str, entry: Any) -> Answer:
    where = f"resolver map '{path}', {url[:200]!r}"
    if not url.startswith(("https://", "http://")):
        raise ResolverMapError(f"{where}: is no http(s) address")
    if not isinstance(entry, dict) or not entry.keys() <= _KEYS:
        raise ResolverMapError(f"{where}: expected an object with some of {', '.join(sorted(_KEYS))}")
    status, media_type = entry.get("status", 200), entry.get("media_type", "application/octet-stream")
    if type(status) is not int or not 200 <= status <= 599:
        raise ResolverMapError(f"{where}: status {status!r} is no number from 200 to 599")
    if not isinstance(media_type, str):
        raise ResolverMapError(f"{where}: media_type is no text")
    if "file" not in entry:
        if status == 200:
            raise ResolverMapError(f"{where}: names no file; give one, or another status than 200")
        return status, media_type, b""
    name = entry["file"]
    if not isinstance(name, str) or not _inside(folder, name):
        raise ResolverMapError(f"{where}: file {name!r} is not below the folder of the map")
    return status, media_type, _bytes(path.parent / name, f"{where}: file {name!r}")


def _inside(folder: str, name: str) -> bool:
    """Whether a file lies below a folder that was resolved, links followed; in text, since maps have many entries."""
    if not name or "\x00" in name or name.startswith("/") or ".." in name.split("/"):
        return False
    found = os.path.realpath(f"{folder}/{name}")
    return found == folder or found.startswith(folder.rstrip("/") + "/")


def _bytes(path: Path, where: str) -> bytes:
    try:
        if not path.is_file():
            raise ResolverMapError(f"{where}: is no file; check the path")
        raw = read_up_to(path, _LIMIT + 1)
    except OSError as error:
        raise ResolverMapError(f"{where}: cannot be read: {error.strerror}") from error
    if len(raw) > _LIMIT:
        raise ResolverMapError(f"{where}: is larger than {_LIMIT:,} bytes")
    return raw
