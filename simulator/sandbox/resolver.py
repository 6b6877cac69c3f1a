"""The identity resolver of a node: from an identifier to its links.

Sources: UNTP 0.7.0 Identity Resolver page, ISO/IEC 18975 queries, RFC 9264 linksets. Pure functions over what the store
holds; HTTP is done by :mod:`~assay.simulator.sandbox.node`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from assay.simulator.sandbox.store import NodeStore, Resolvable

__all__ = [
    "Chain",
    "chain",
    "choose_default",
    "choose_target",
    "current",
    "is_malformed",
    "languages",
    "linkset",
    "predecessor",
    "relation_name",
    "targets",
]

_RESERVED = frozenset({"anchor", "description", "itemDescription"})
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+")
_NEVER = re.compile(r"[\s<>\"{}|\\^`\ufffd]")
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Chain:
    """An identifier and the less granular ones above it (batch, class), nearest first."""

    levels: tuple[Resolvable, ...]

    @property
    def default(self) -> str:
        """The default link of the nearest level that has one."""
        return next((level.default for level in self.levels if level.default), "")


def chain(store: NodeStore, host: str, path: str) -> Chain | None:
    """The identifier at an address with its upper levels, or None where it is unknown."""
    exact = store.resolvables.get((host, path))
    if exact is None:
        return None
    levels = [exact]
    steps = path.split("/")
    for length in range(len(steps) - 1, 1, -1):
        upper = store.resolvables.get((host, "/".join(steps[:length])))
        if upper is not None and upper not in levels:
            levels.append(upper)
    return Chain(tuple(levels))


def is_malformed(path: str) -> bool:
    """Whether a path cannot be an identifier at all, as opposed to one that nobody knows.

    Empty segments, broken percent-encoding, dot segments, and characters that no identifier scheme uses.
    """
    if len(path) > _LONGEST:
        return True
    for step in path.split("/")[1:]:
        text = unquote(step)
        if (
            not _SEGMENT.fullmatch(step)
            or text in {".", ".."}
            or not text.isprintable()
            or _NEVER.search(text)
        ):
            return True
    return False


def relation_name(link_type: str) -> str:
    """The relation that a ``linkType`` query names: ``dpp``, ``untp:dpp`` and ``https://...#dpp`` are the same."""
    name = link_type.rpartition("#")[2] if "#" in link_type else link_type
    return name.removeprefix("untp:")


def targets(resolvable: Resolvable, relation: str) -> list[dict[str, Any]]:
    """The link targets under one relation, over all contexts of an identifier."""
    found: list[dict[str, Any]] = []
    for context in resolvable.contexts:
        for name, value in context.items():
            if name not in _RESERVED and relation_name(name) == relation and isinstance(value, list):
                found += [target for target in value if isinstance(target, dict)]
    return found


def current(candidates: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The candidates that are neither older versions nor addresses to write to; all of them where nothing else is left."""
    listed = list(candidates)
    return [target for target in listed if not _relations(target) & {"predecessor-version", "edit"}] or [
        target for target in listed if "edit" not in _relations(target)
    ]


def predecessor(found: Chain, address: str) -> str | None:
    """The older version that stands beside a link under the same relation, where there is one."""
    for level in found.levels:
        for name, value in ((n, v) for context in level.contexts for n, v in context.items()):
            if (
                name in _RESERVED
                or not isinstance(value, list)
                or address not in [t.get("href") for t in value]
            ):
                continue
            older = [t["href"] for t in value if "predecessor-version" in _relations(t) and "href" in t]
            if older:
                return str(older[0])
    return None


def _relations(target: Mapping[str, Any]) -> set[str]:
    rel = target.get("rel")
    return {str(name) for name in rel} if isinstance(rel, list) else set()


def languages(header: str, query: str | None) -> tuple[str, ...]:
    """Wanted languages, best first; the ``language`` query overrides ``Accept-Language`` (IDR-008)."""
    if query:
        return tuple(part.strip().lower() for part in query.split(",") if part.strip())[:20]
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        match = re.search(r"q=([0-9.]+)", parameters)
        try:
            weight = float(match.group(1)) if match else 1.0
        except ValueError:
            weight = 0.0
        if tag and tag != "*" and weight > 0:
            weighted.append((-weight, position, tag.strip().lower()))
    return tuple(tag for _, _, tag in sorted(weighted))


def choose_target(
    candidates: Iterable[Mapping[str, Any]], wanted: tuple[str, ...]
) -> Mapping[str, Any] | None:
    """The candidate in the best wanted language; without a match the first one, which is the publisher's preference."""
    listed = list(candidates)
    for language in wanted:
        for exact in (True, False):
            for target in listed:
                tags = target.get("hreflang")
                spoken = [str(tag).lower() for tag in tags] if isinstance(tags, list) else []
                if language in spoken or (not exact and language[:2] in {tag[:2] for tag in spoken}):
                    return target
    return listed[0] if listed else None


def choose_default(found: Chain, wanted: tuple[str, ...]) -> str:
    """The default link, in the wanted language where its relation offers the same thing in several."""
    address = found.default
    for level in found.levels:
        for context in level.contexts:
            for name, value in context.items():
                listed = value if name not in _RESERVED and isinstance(value, list) else []
                own = next((target for target in listed if target.get("href") == address), None)
                if own is None:
                    continue
                peers = [target for target in current(listed) if _relations(target) == _relations(own)]
                chosen = choose_target([own, *peers], wanted)
                return str(chosen.get("href", address)) if chosen else address
    return address


def linkset(found: Chain, *, item_only: bool = False) -> dict[str, Any]:
    """The linkset of an identifier, with the contexts of its less granular levels (IDR-043)."""
    contexts: list[dict[str, Any]] = []
    for level in found.levels[:1] if item_only else found.levels:
        contexts += [context for context in level.contexts if context not in contexts]
    return {"linkset": contexts}
