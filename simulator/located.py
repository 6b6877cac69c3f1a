"""YAML that remembers where each key stands, read under limits: what a user wrote is found again by file and line.

Mappings become :class:`Block` and sequences :class:`Items`, which behave like ``dict`` and ``list`` and know the line of
each key or element. What is made out of an entry (the long form of a short one) is given the line of that entry.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from assay.simulator.sites import ScenarioError

__all__ = ["Block", "Items", "at_line", "derived", "line_of", "listed", "merged", "named_steps", "read_yaml"]

_MAX_DEPTH = 32
_MAX_EVENTS = 200_000
_MAX_DIGITS = 18
_MAX_NUMBER = 1e15
_NAMES = ("id", "facility", "number", "name", "origin", "vendor")
"""Keys whose value names an entry of a list, as keys in messages do."""


class Block(dict[str, Any]):
    """A mapping with its line and the line of each key."""

    __slots__ = ("line", "lines")

    def __init__(self, entries: Mapping[str, Any] | None = None, line: int = 0) -> None:
        super().__init__(entries or {})
        self.line = line
        self.lines: dict[Any, int] = {}


class Items(list[Any]):
    """A sequence with its line and the line of each element."""

    __slots__ = ("line", "lines")

    def __init__(self, entries: Any = (), line: int = 0) -> None:
        super().__init__(entries)
        self.line = line
        self.lines: dict[Any, int] = {}


class _Refused(Exception):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc] # C or Python
    """A safe loader that keeps lines, and refuses keys that stand twice or are no text, and numbers out of all measure."""


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _block(loader: Any, node: Any) -> Block:
    block = Block(line=_line(node))
    for key_node, value_node in node.value:
        key, line = loader.construct_object(key_node, deep=True), _line(key_node)
        if not isinstance(key, str):
            shown = (
                str(getattr(key_node, "value", key))[:40] if not isinstance(key, dict | list) else "a list"
            )
            raise _Refused(line, f"key {shown!r} is read as {type(key).__name__}; put it in quotes")
        if key in block:
            raise _Refused(line, f"key {key[:80]!r} stands there twice; remove one")
        block[key] = loader.construct_object(value_node, deep=True)
        block.lines[key] = line
    return block


def _items(loader: Any, node: Any) -> Items:
    items = Items(line=_line(node))
    for place, child in enumerate(node.value):
        items.append(loader.construct_object(child, deep=True))
        items.lines[place] = _line(child)
    return items


def _number(construct: Any) -> Any:
    def checked(loader: Any, node: Any) -> Any:
        try:
            value = construct(loader, node) if len(node.value) <= 40 else math.inf
        except (ValueError, OverflowError):
            value = math.inf
        is_whole = isinstance(value, int)
        if (is_whole and len(str(value)) > _MAX_DIGITS) or not (
            is_whole or (math.isfinite(value) and abs(value) <= _MAX_NUMBER)
        ):
            raise _Refused(
                _line(node), f"{node.value[:40]!r} is no number that can be used; write a plain one"
            )
        return value

    return checked


def _moment(loader: Any, node: Any) -> Any:
    try:
        return _BASE.construct_yaml_timestamp(loader, node)
    except (ValueError, OverflowError):
        raise _Refused(
            _line(node), f"{node.value[:40]!r} is no date; write e.g. 2026-11-01T00:00:00Z"
        ) from None


_Loader.add_constructor("tag:yaml.org,2002:map", _block)
_Loader.add_constructor("tag:yaml.org,2002:seq", _items)
_Loader.add_constructor("tag:yaml.org,2002:int", _number(_BASE.construct_yaml_int))
_Loader.add_constructor("tag:yaml.org,2002:float", _number(_BASE.construct_yaml_float))
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _moment)


def _guard(raw: bytes) -> None:
    """Refuse what is cheap to write and dear to read: aliases, deep nesting, tags, and very many values."""
    depth = 0
    for number, event in enumerate(yaml.parse(raw, Loader=_BASE)):
        line = _line(event) if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(line, "YAML aliases (*name) are not accepted; write the values out")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise _Refused(line, f"YAML tags ({str(tag)[:60]}) are not accepted; remove it")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise _Refused(line, f"nested deeper than {_MAX_DEPTH} levels; flatten it")
        if number > _MAX_EVENTS:
            raise _Refused(line, f"more than {_MAX_EVENTS} values; split the scenario or shorten it")


def read_yaml(raw: bytes, source: str) -> Block:
    """The mapping that stands in ``raw``. Raises :class:`ScenarioError` with file, line and mend."""
    try:
        _guard(raw)
        data = yaml.load(raw, Loader=_Loader)  # noqa: S506 - a safe loader, C or Python
    except _Refused as error:
        raise ScenarioError(f"{source}:{error.line}: {error}") from None
    except (yaml.YAMLError, UnicodeError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = f"{source}:{mark.line + 1}" if mark is not None else source
        told = getattr(error, "problem", None) or " ".join(str(error).split())
        raise ScenarioError(f"{place}: not readable as YAML: {str(told)[:300]}; mend the syntax") from None
    if not isinstance(data, Block):
        what = "nothing" if data is None else "a list" if isinstance(data, list) else f"'{str(data)[:60]}'"
        raise ScenarioError(
            f"{source}:1: expected keys with values, received {what}; 'based_on: crossroads' is the shortest scenario"
        )
    return data


def derived(entries: Mapping[str, Any], line: int) -> Block:
    """A mapping made out of something that stands at ``line``; keys that keep their own lines may be added to it."""
    return Block(entries, line)


def merged(base: Mapping[str, Any], over: Any, line: int) -> Block:
    """``base`` with what a scenario states over it, mapping by mapping."""
    result = Block(base, line)
    if isinstance(over, Block):
        result.lines = dict(over.lines)
    for key, value in (over or {}).items():
        old = result.get(key)
        nested = isinstance(old, dict) and isinstance(value, dict)
        result[key] = merged(dict(old or {}), value, at_line(over, key)) if nested else value
    return result


def listed(data: Block, key: str) -> Items:
    """The entries that stand under ``key``, as a list of its own to which others are added."""
    given = data.get(key, ())
    if not isinstance(given, list | tuple):
        raise ScenarioError(f"{key}: received {str(given)[:40]!r}; list entries in full, or leave it out")
    items = Items(given, at_line(data, key))
    items.lines = dict(getattr(given, "lines", {}))
    return items


def at_line(container: Any, step: str | int, default: int = 0) -> int:
    """The line of a key or element: its own, or that of what contains it."""
    if isinstance(container, Block | Items):
        return container.lines.get(step, 0) or container.line or default
    return default


def line_of(data: Any, path: Iterable[str]) -> int:
    """The line at which ``path`` stands, as far down as it can be followed; 0 where nothing is known.

    Steps are keys, numbers of elements, or the name by which an entry of a list is known.
    """
    line = getattr(data, "line", 0)
    place = data
    for step in path:
        found = _step(place, step)
        if found is None:
            break
        container, key = found
        line = at_line(container, key, line)
        place = container[key]
    return line


def named_steps(data: Any, path: Iterable[str | int]) -> Iterator[str]:
    """``path`` with the names of entries instead of their numbers, where no other entry bears the same name."""
    place = data
    for step in path:
        shown = str(step)
        try:
            inner = place[step]
        except (LookupError, TypeError):
            inner = None
        if isinstance(step, int) and isinstance(inner, dict):
            key = next((name for name in _NAMES if isinstance(inner.get(name), str)), None)
            if key is not None and sum(isinstance(e, dict) and e.get(key) == inner[key] for e in place) == 1:
                shown = inner[key]
        yield shown
        place = inner


def _step(place: Any, step: str) -> tuple[Any, Any] | None:
    if isinstance(place, dict):
        if step in place:
            return place, step
        for value in place.values():
            found = None if step.isdigit() else _named(value, step)
            if found is not None:
                return value, found
        return None
    if isinstance(place, list):
        found = _named(place, step)
        return None if found is None else (place, found)
    return None


def _named(place: Any, step: str) -> int | None:
    if not isinstance(place, list):
        return None
    if step.isdigit():
        return int(step) if int(step) < len(place) else None
    for number, entry in enumerate(place):
        if isinstance(entry, dict) and any(entry.get(name) == step for name in _NAMES):
            return number
    return None
