"""``based_on: crossroads``: a scenario that takes another as it is, and says only what differs.

A key at the top replaces that of the other scenario as a whole. Only shipped scenarios can be built on: no file of a user's
machine is opened because a scenario names it.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Collection
from typing import Any

from assay.simulator.located import Block, Items, at_line, read_yaml
from assay.simulator.sites import ScenarioError

__all__ = ["resolved"]

KEY = "based_on"
_MOST = 4


def resolved(
    raw: bytes, source: str, names: Collection[str], shipped: Callable[[str], bytes]
) -> tuple[Block, str]:
    """The scenario in ``raw`` with what it is based on, and a digest (``sha256:...``) over all of it.

    ``shipped`` reads a scenario of ``names``.

    :raises ScenarioError: unreadable, or based on something that is no shipped scenario.
    """
    layers, digest = [read_yaml(raw, source)], hashlib.sha256(raw)
    while KEY in layers[-1]:
        asked, line = layers[-1][KEY], at_line(layers[-1], KEY)
        if not isinstance(asked, str) or asked not in names:
            near = difflib.get_close_matches(str(asked), names, n=1)
            mend = f"did you mean {near[0]!r}?" if near else f"name one of {', '.join(names)}"
            raise ScenarioError(f"{source}:{line}: {KEY}: {str(asked)[:80]!r} is no shipped scenario; {mend}")
        if len(layers) > _MOST:
            raise ScenarioError(f"{source}:{line}: {KEY}: more than {_MOST} scenarios stand on each other")
        below = shipped(asked)
        digest.update(below)
        layers.append(read_yaml(below, asked))
    result = layers[0]
    for below_it in layers[1:]:
        _add(result, below_it)
    result.pop(KEY, None)
    return result, "sha256:" + digest.hexdigest()


def _add(data: Block, below: Block) -> None:
    """Add what ``data`` does not say itself; in messages it stands where ``data`` names the other scenario."""
    line = at_line(data, KEY)
    for key, value in below.items():
        if key not in data:
            data[key] = _standing_at(value, line)
            data.lines[key] = line


def _standing_at(value: Any, line: int) -> Any:
    if isinstance(value, Block):
        return Block({key: _standing_at(inner, line) for key, inner in value.items()}, line)
    if isinstance(value, list):
        return Items([_standing_at(inner, line) for inner in value], line)
    return value
