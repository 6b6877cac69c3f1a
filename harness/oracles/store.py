"""Where the published bytes of a dataset lie: every URL with its file, offset and role; read when asked for, never kept whole.

Two layouts are read (see ``profiles.contracts.dataset``): ``jwt`` through the indexes of its nodes, ``jsonl`` through a scan
of its lines. What a simulator writes beside the data (ledger, accounts, acts, labels, keys) is never opened here.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import orjson

from assay.harness.credential.envelope import b64url_decode
from assay.harness.credential.strict_json import MAXIMUM_BYTES, depth_within

__all__ = ["OracleError", "Place", "Store"]

_DOCUMENTS = 8192
"""Parsed documents that are kept: one takes about 25 KB. Every pattern reads them anew, so a world of some size should fit."""
CREDENTIAL = "credential"
T = TypeVar("T")


class OracleError(ValueError):
    """A folder that is no dataset, or one that cannot be read; the message says which and why."""


class Place(NamedTuple):
    """Where the bytes behind one URL stand. ``length`` 0: the whole file; otherwise one line of it."""

    file: str
    offset: int
    length: int
    role: str
    kind: str
    media_type: str


class Store:
    """Places of everything published, and the documents that were read last. ``urls`` are those of credentials, sorted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dataset = _dataset(folder)
        self.places: dict[str, Place] = {}
        self.formats = frozenset(map(str, self.dataset.get("formats") or ()))
        try:
            places = self._from_nodes() if "jwt" in self.formats else self._from_lines()
            for url, place in places:
                self.places.setdefault(url, place)
        except OSError as error:
            raise OracleError(f"'{folder}' cannot be read: {error}") from error
        self.urls = sorted(url for url, place in self.places.items() if place.role == CREDENTIAL)
        if not self.urls:
            raise OracleError(f"'{folder}' holds no credentials in the layouts jwt or jsonl")
        self._documents: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._read: OrderedDict[tuple[str, Callable[..., Any]], Any] = OrderedDict()

    @property
    def as_of(self) -> datetime:
        """When the world ends: the moment at which its papers are read."""
        try:
            return datetime.fromisoformat(str(self.dataset.get("as_of"))).astimezone(UTC)
        except ValueError as error:
            raise OracleError(f"'{self.folder}/dataset.json' states no as_of that is a date-time") from error

    def body(self, url: str) -> bytes | None:
        """The bytes as they are served, of a credential its token; None where there is nothing."""
        place = self.places.get(url)
        if place is None:
            return None
        with (self.folder / place.file).open("rb") as stream:
            if not place.length:
                return stream.read(MAXIMUM_BYTES)
            stream.seek(place.offset)
            row = orjson.loads(stream.read(place.length))
        text = row.get("token" if place.role == CREDENTIAL else "body")
        return text.encode() if isinstance(text, str) else None

    def document(self, url: str) -> dict[str, Any]:
        """The payload of a token; empty where it cannot be read. Not to be changed: it is shared."""
        known = self._documents.get(url)
        if known is not None:
            self._documents.move_to_end(url)
            return known
        document = payload(self.body(url) or b"")
        self._documents[url] = document
        if len(self._documents) > _DOCUMENTS:
            self._documents.popitem(last=False)
        return document

    def read(self, url: str, reader: Callable[[dict[str, Any]], T]) -> T:
        """What a reader makes of a document; kept as long as documents are. Not to be changed."""
        key = url, reader
        if key in self._read:
            self._read.move_to_end(key)
        else:
            self._read[key] = reader(self.document(url))
            if len(self._read) > _DOCUMENTS:
                self._read.popitem(last=False)
        found: T = self._read[key]
        return found

    def fresh(self, url: str) -> dict[str, Any]:
        """The payload of a token, read for one pass over everything: nothing is kept."""
        return self._documents.get(url) or payload(self.body(url) or b"")

    def _from_nodes(self) -> Iterator[tuple[str, Place]]:
        home = self.folder.resolve()
        for index in sorted((self.folder / "nodes").glob("*.json")):
            node = _json(index.read_bytes())
            files = node.get("files") if isinstance(node, dict) else None
            for row in files if isinstance(files, list) else ():
                url, name = row.get("url"), row.get("file")
                if not isinstance(url, str) or not isinstance(name, str) or ".." in name.split("/"):
                    raise OracleError(f"'{index}' lists a file without url, or one outside the dataset")
                if name.startswith("/") or not (self.folder / name).is_file():
                    raise OracleError(f"'{home / name}', which '{index.name}' lists, is not there")
                yield url, Place(name, 0, 0, *_words(row))

    def _from_lines(self) -> Iterator[tuple[str, Place]]:
        for part, role in (("credentials", CREDENTIAL), ("resources", "")):
            for path in sorted((self.folder / part).glob("*.jsonl")):
                yield from _lines(path, f"{part}/{path.name}", role)


def payload(token: bytes) -> dict[str, Any]:
    """The middle part of a compact JWT as an object; empty where it is none, too large or too deep."""
    parts = token.strip().split(b".", 2)
    if len(parts) < 3 or len(token) > MAXIMUM_BYTES:
        return {}
    return part(parts[1])


def part(encoded: bytes) -> dict[str, Any]:
    """One part of a token as an object; empty where it is none."""
    try:
        value = _json(b64url_decode(encoded))
    except (Base64Error, ValueError):
        return {}
    return value if isinstance(value, dict) and depth_within(value) else {}


def _lines(path: Path, name: str, role: str) -> Iterator[tuple[str, Place]]:
    with path.open("rb") as stream:
        offset = 0
        while line := stream.readline(MAXIMUM_BYTES):
            row = _json(line)
            if not isinstance(row, dict) or not isinstance(row.get("url"), str):
                raise OracleError(f"'{path}' holds a line at byte {offset} that is no published resource")
            _, kind, media_type = _words(row)
            yield row["url"], Place(name, offset, len(line), role or str(row.get("role")), kind, media_type)
            offset += len(line)


_NAMES: dict[str, str] = {}


def _words(row: dict[str, Any]) -> tuple[str, str, str]:
    """Role, kind and media type of a row; each word is kept once."""
    role, kind, media = (str(row.get(key) or "") for key in ("role", "kind", "media_type"))
    return _NAMES.setdefault(role, role), _NAMES.setdefault(kind, kind), _NAMES.setdefault(media, media)


def _dataset(folder: Path) -> dict[str, Any]:
    path = folder / "dataset.json"
    if not path.is_file():
        raise OracleError(f"'{folder}' is no dataset: dataset.json is missing")
    value = _json(path.read_bytes())
    if not isinstance(value, dict):
        raise OracleError(f"'{path}' holds no JSON object")
    return value


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
