"""Reading members of documents that may be malformed: what is not of the expected shape reads as absent.

Wrong shapes are the business of the schema rows; the checks of this room look at what can be read. Objects are plain
``dict``: asking for that is several times faster than asking for a ``Mapping``, and these are the hottest lines.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

__all__ = ["as_date", "as_number", "as_text", "host", "identifier", "mappings", "related", "short", "slug"]

EMPTY: Mapping[str, Any] = {}


def related(node: object, *names: str) -> Mapping[str, Any]:
    """The object reached by following the named members, or an empty mapping."""
    for name in names:
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else EMPTY


def mappings(value: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of an array with their positions."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            if isinstance(item, dict):
                yield position, item


def as_text(value: object) -> str:
    """A string, or an empty one."""
    return value if isinstance(value, str) else ""


def identifier(value: object) -> str:
    """The ``id`` of an object, or an empty string."""
    return as_text(value.get("id")) if isinstance(value, dict) else ""


def as_number(value: object) -> float | None:
    """A finite JSON number; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_date(value: object) -> date | None:
    """A calendar date of the form ``YYYY-MM-DD`` (XML Schema date without zone), as the schemas ask for."""
    if not isinstance(value, str) or len(value) != 10 or not value.isascii() or value[7] != "-":
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def host(uri: str) -> str:
    """The host that an HTTP(S) URL or a did:web or did:webvh identifier stands on, lower case; empty where there is none."""
    return _host(uri) if len(uri) <= 2_048 else ""


@lru_cache(maxsize=4096)
def _host(uri: str) -> str:
    if uri.startswith("did:web:"):
        uri = "https://" + unquote(uri.removeprefix("did:web:").split(":")[0].split("#")[0])
    elif uri.startswith("did:webvh:"):
        parts = uri.split("#")[0].split(":")
        uri = "https://" + unquote(parts[3]) if len(parts) > 3 else ""
    try:
        parsed = urlsplit(uri)
        return (parsed.hostname or "") if parsed.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def slug(iri: str) -> str:
    """The last part of an IRI's path or its fragment: what a term is called whatever vocabulary it stands in."""
    return iri.rstrip("/").rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def short(value: object, limit: int = 120) -> str:
    """A value as a finding shows it, cut to a readable length."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
