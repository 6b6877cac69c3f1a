"""Where something stands in a YAML file, so that an error can name file and line.

Rows are read by a parser that forgets lines, because that is quick; only when something is wrong is the file composed
once more, and the place looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

__all__ = ["line_of", "syntax_error", "twice_named"]


def line_of(raw: bytes, steps: Sequence[str | int]) -> int:
    """The line (from 1) of the key or entry that ``steps`` lead to; where they lead nowhere, of the last that was found."""
    node = _composed(raw)
    line = 1
    for step in steps:
        found = _step(node, step)
        if found is None:
            break
        line, node = found
    return line


def _composed(raw: bytes) -> yaml.Node | None:
    import yaml  # shipped files are read from their compiled form, so most runs never need it

    node: yaml.Node | None = yaml.compose(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return node


def _step(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


def twice_named(raw: bytes) -> tuple[int, str] | None:
    """Line and name of the first key that a mapping has twice; a reader would keep only one of the two values."""
    import yaml

    waiting: list[Any] = [_composed(raw)]
    met: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in met:
            continue  # an alias: the same node again, and with aliases of aliases any number of times
        met.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    return key.start_mark.line + 1, str(key.value)
                seen.add(str(key.value))
            waiting += [value for _, value in reversed(node.value)]
    return None


def syntax_error(error: yaml.YAMLError) -> tuple[int, str]:
    """Line and words of what the parser could not read."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    words = getattr(error, "problem", None) or str(error).splitlines()[0]
    return (mark.line + 1 if mark is not None else 1), str(words)
