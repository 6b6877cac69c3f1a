"""Where the credentials of a world are read from: the one place that knows how they lie on disk.

A dataset directory of ours (``credentials/*.jwt``, or ``credentials/part-*.jsonl`` where it was streamed), any folder of
tokens and JSON documents, or one file of either. Proofs are not checked here: ``assay validate`` does that.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from assay.harness.credential.strict_json import MAXIMUM_BYTES, depth_within

__all__ = ["Published", "SourceError", "ledger_of", "published"]

_SUFFIXES = frozenset({".json", ".jsonld", ".jwt", ".jws", ".vc", ".txt"})
_LINES = frozenset({".jsonl", ".ndjson"})
_TOKEN = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\Z")
_DATA_URL = "data:application/vc+jwt,"
_WRAPPERS = ("token", "jwt", "credential", "verifiableCredential")


class SourceError(ValueError):
    """A path that cannot be read; the message says which and why."""


class Published(NamedTuple):
    """One document: where it was found, and its value; None where nothing could be made of it."""

    source: str
    value: Any


def published(path: Path) -> Iterator[Published]:
    """Every credential at a path, one by one, in a fixed order.

    :raises SourceError: nothing there, or not readable.
    """
    if not path.exists():
        raise SourceError(f"'{path}' is no file and no folder; check the path")
    try:
        for file, name in _files(path):
            if file.suffix.lower() in _LINES:
                yield from _lines(file, name)
            else:
                yield Published(name, _value(_bytes(file)))
    except OSError as error:
        raise SourceError(f"'{path}' cannot be read: {error}") from error


def ledger_of(path: Path) -> Path | None:
    """The ledger that lies beside the credentials of a dataset, where there is one."""
    ledger = path / "ledger.jsonl" if path.is_dir() else path.parent / "ledger.jsonl"
    return ledger if ledger.is_file() and ledger != path else None


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    """Files to read, each with the name it is known by: of a dataset only the folder that holds every credential once."""
    if path.is_file():
        yield path, path.name
        return
    folder = path / "credentials" if (path / "dataset.json").is_file() else path
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if hidden or not file.is_file() or file.name in ("dataset.json", "ledger.jsonl", "accounts.jsonl"):
            continue
        if file.suffix.lower() in _SUFFIXES or file.suffix.lower() in _LINES:
            yield file, str(file.relative_to(path))


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MAXIMUM_BYTES + 1)


def _lines(file: Path, name: str) -> Iterator[Published]:
    """Documents of a file with one on each line."""
    with file.open("rb") as stream:
        number = 0
        while line := stream.readline(MAXIMUM_BYTES + 1):
            number += 1
            if len(line) > MAXIMUM_BYTES:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(MAXIMUM_BYTES + 1)
                yield Published(f"{name}:{number}", None)
            elif line.strip():
                yield Published(f"{name}:{number}", _value(line))


def _value(raw: bytes) -> Any:
    """The document in a token, in JSON, or in JSON around a token; None where there is none."""
    if len(raw) > MAXIMUM_BYTES:
        return None
    text = raw.strip()
    if _TOKEN.match(text):
        return _payload(text)
    value = _json(text)
    for _ in range(3):
        if isinstance(value, str):
            inner = value.removeprefix(_DATA_URL).strip().encode("utf-8", "replace")
            return _payload(inner) if _TOKEN.match(inner) else None
        if not isinstance(value, dict):
            return None
        if "EnvelopedVerifiableCredential" in _types(value):
            value = value.get("id")
        elif "type" not in value and (key := next((key for key in _WRAPPERS if key in value), None)):
            value = value[key]
        else:
            break
    return value if isinstance(value, dict) and depth_within(value) else None


def _types(value: dict[str, Any]) -> list[Any]:
    found = value.get("type")
    return found if isinstance(found, list) else [found]


def _payload(token: bytes) -> Any:
    part = token.split(b".", 2)[1]
    try:
        value = _json(urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (Base64Error, ValueError):
        return None
    return value if isinstance(value, dict) and depth_within(value) else None


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
