"""Mutations as data: small operations on JSON pointers, applied to a copy."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["OperationError", "apply"]


class OperationError(ValueError):
    """An operation that does not fit the document; the message names the pointer."""


def apply(value: Any, operations: Iterable[Sequence[Any]]) -> Any:
    """Apply ``[set, pointer, value]``, ``[del, pointer]``, ``[app, pointer, value]`` (append) and ``[ren, pointer, name]``.

    Pointers are RFC 6901. Members are set where their parent exists; ``app`` and ``del`` need something to be there.

    :raises OperationError: an unknown operation, or a pointer that leads nowhere.
    """
    root = [copy.deepcopy(value)]
    for operation in operations:
        name, pointer, *rest = operation
        steps = _steps(pointer)
        parent, key = _parent(root, steps, pointer)
        if name == "set":
            parent[key] = copy.deepcopy(rest[0])
        elif name == "del":
            _there(parent, key, pointer)
            del parent[key]
        elif name == "app":
            target = _there(parent, key, pointer)
            if not isinstance(target, list):
                raise OperationError(f"app {pointer}: no array there")
            target.append(copy.deepcopy(rest[0]))
        elif name == "ren":
            _there(parent, key, pointer)
            renamed = {rest[0] if member == key else member: item for member, item in parent.items()}
            parent.clear()
            parent.update(renamed)
        else:
            raise OperationError(f"{name!r} is no operation; use set, del, app or ren")
    return root[0]


def _steps(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise OperationError(f"{pointer!r} is no JSON pointer; it starts with '/'")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _parent(root: list[Any], steps: list[str], pointer: str) -> tuple[Any, Any]:
    parent: Any = root
    key: Any = 0
    for step in steps:
        parent = _there(parent, key, pointer)
        if isinstance(parent, list):
            if not step.isdigit():
                raise OperationError(f"{pointer}: {step!r} is no index")
            key = int(step)
        elif isinstance(parent, dict):
            key = step
        else:
            raise OperationError(f"{pointer}: nothing below {step!r}")
    return parent, key


def _there(parent: Any, key: Any, pointer: str) -> Any:
    try:
        return parent[key]
    except (KeyError, IndexError) as error:
        raise OperationError(f"{pointer}: there is no {key!r}") from error
