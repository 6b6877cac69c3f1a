"""Reading members of hostile JSON: the value if it has the expected shape, otherwise nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from assay.harness.material import Path

__all__ = ["day", "identifier", "instant", "member", "members", "slug", "text"]

LONGEST = 2048
"""Longer identifiers and names take no part in the graph; document checks report them."""

_DAY = timedelta(days=1)


def text(value: Any) -> str | None:
    """A string of sensible length without surrogates and NUL, or None."""
    if not isinstance(value, str) or not value or len(value) > LONGEST:
        return None
    return value if value.isascii() and "\0" not in value else _cleaned(value)


def _cleaned(value: str) -> str:
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def member(value: Any, *keys: str) -> Any:
    """The member at a path of keys, or None where the path breaks."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def identifier(value: Any) -> str | None:
    """The ``id`` of an object, or the string itself where only an identifier stands."""
    return text(value.get("id") if isinstance(value, dict) else value)


def members(value: Any, *path: str) -> Sequence[tuple[Path, dict[str, Any]]]:
    """Objects of the array (or the one object) at ``path``, each with its own path."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, list):
        return [((*path, index), item) for index, item in enumerate(value) if isinstance(item, dict)]
    return ((path, value),) if isinstance(value, dict) else ()


def slug(iri: str | None) -> str | None:
    """The last part of an IRI: topics and metrics are compared by it (position P-14)."""
    return iri.rstrip("/#").rsplit("/", 1)[-1].rsplit("#", 1)[-1].lower() if iri else None


def instant(value: Any) -> int | None:
    """Seconds since the epoch of a date-time; without a zone it is read as UTC."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return int(moment.timestamp())
    except OverflowError:
        return None


def day(value: Any) -> tuple[int, int] | None:
    """First and last second of a date in UTC; a date-time stands for its instant."""
    if isinstance(value, str) and len(value) == 10:
        try:
            first = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
        except ValueError:
            return None
        start = int(first.timestamp())
        return start, start + int(_DAY.total_seconds()) - 1
    moment = instant(value)
    return None if moment is None else (moment, moment)
