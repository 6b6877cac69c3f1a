"""Bounds on values before anything recursive sees them, and mending of broken text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "Survey",
    "count_values",
    "deeper_than",
    "survey",
    "walk_values",
    "without_surrogates",
]

MAX_DEPTH = 100
"""Levels of nesting that are judged. JSON-LD processing recurses out between 200 and 300, JSON Schema far later."""

MAX_NODES = 200_000
"""Objects and arrays of one document that JSON-LD processing looks at."""


_NESTED = frozenset({dict, list})


def deeper_than(value: Any, limit: int) -> bool:
    """Whether objects and arrays are nested more than ``limit`` levels (a bare object is one level)."""
    return count_values(value, limit) is None


def count_values(value: Any, max_depth: int = MAX_DEPTH) -> int | None:
    """Values in a document, itself included; None if it is nested more than ``max_depth`` levels."""
    level: list[Any] = [value] if type(value) in _NESTED else []
    count = 1
    for _ in range(max_depth):
        if not level:
            return count
        count += sum(map(len, level))
        level = _inside(level)
    return None if level else count


def _inside(level: list[Any]) -> list[Any]:
    """Objects and arrays that stand directly in those of a level."""
    return [
        member
        for item in level
        for member in (item.values() if type(item) is dict else item)
        if type(member) in _NESTED
    ]


class Survey(NamedTuple):
    """What one look over a document tells: too deep, too many objects and arrays, and its inline contexts."""

    too_deep: bool
    too_many: bool
    inline: list[Any]
    """Values of ``@context`` that are or contain objects, outermost only."""


def survey(value: Any, max_depth: int = MAX_DEPTH, max_nodes: int = MAX_NODES) -> Survey:
    """Look over a document level by level; stops as soon as it is too deep or has too many nodes."""
    level: list[Any] = [value] if isinstance(value, (dict, list)) else []
    nodes = 0
    inline: list[Any] = []
    for depth in range(max_depth):
        if not level:
            return Survey(False, False, inline)
        nodes += len(level)
        if nodes > max_nodes:
            return Survey(False, True, inline)
        if not any("@context" in item for item in level):
            level = _inside(level)
            continue
        below: list[Any] = []
        for item in level:
            if type(item) is list:
                below += [member for member in item if type(member) in _NESTED]
            elif "@context" in item:
                members = [member for name, member in item.items() if name != "@context"]
                below += [member for member in members if type(member) in _NESTED]
                context = item["@context"]
                if _is_inline(context):
                    inline.append(context)
                    if deeper_than(context, max_depth - depth - 1):
                        return Survey(True, False, inline)
            else:
                below += [member for member in item.values() if type(member) in _NESTED]
        level = below
    return Survey(bool(level), False, inline)


def _is_inline(context: Any) -> bool:
    return type(context) is dict or (
        type(context) is list and not all(type(member) is str for member in context)
    )


def walk_values(value: Any) -> Iterator[Any]:
    """A value and everything below it, in no particular order."""
    stack = [value]
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def without_surrogates(value: Any) -> Any:
    """A copy in which every lone surrogate is U+FFFD, so that it can be encoded. ``value`` must not be too deep."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {without_surrogates(name): without_surrogates(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    return value
