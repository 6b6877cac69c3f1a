"""Bounds on values before anything recursive sees them, and mending of broken text."""

from __future__ import annotations

from typing import Any

__all__ = ["MAX_DEPTH", "MAX_NODES", "deeper_than", "without_surrogates"]

MAX_DEPTH = 100
"""Levels of nesting that are judged. JSON-LD processing recurses out between 200 and 300, JSON Schema far later."""

MAX_NODES = 200_000
"""Objects and arrays of one document that JSON-LD processing looks at."""


def deeper_than(value: Any, limit: int) -> bool:
    """Whether objects and arrays are nested more than ``limit`` levels (a bare object is one level)."""
    level = [value]
    for _ in range(limit + 1):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = [item for item in below if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def without_surrogates(value: Any) -> Any:
    """A copy in which every lone surrogate is U+FFFD, so that it can be encoded. ``value`` must not be too deep."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {without_surrogates(name): without_surrogates(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    return value
