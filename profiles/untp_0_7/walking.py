"""Walk documents of UNTP 0.7.0 by their position in the class table, and name places in them; linksets too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assay.profiles.untp.walking import MAX_DEPTH, Path, Visit, Walker
from assay.profiles.untp_0_7.table import TABLE

__all__ = ["MAX_DEPTH", "WALKER", "Visit", "event_class", "places", "walk"]

WALKER = Walker(TABLE)

event_class = WALKER.event_class

# The linkset has no classes in the UNTP context; these are the terms of RFC 9264.
_LINK_CONTEXT_MEMBERS = frozenset({"anchor", "itemDescription", "description"})


def walk(kind: str, value: Any) -> Iterator[Visit]:
    """Visit every object of a known class, as :meth:`Walker.walk` does; ``Linkset`` is a kind too."""
    if kind == "Linkset":
        return _walk_linkset(value) if isinstance(value, dict) else iter(())
    return WALKER.walk(kind, value)


def places(
    kind: str, value: Any, path: Sequence[str | int], member: str | None = None, inside: bool = False
) -> tuple[str, ...]:
    """The table places that a path of a document touches, as :meth:`Walker.places` names them; linksets too."""
    if kind == "Linkset":
        return _linkset_places(path, member)
    return WALKER.places(kind, value, path, member, inside)


def _walk_linkset(value: dict[str, Any]) -> Iterator[Visit]:
    yield Visit("Linkset", (), value, False)
    contexts = value.get("linkset")
    for i, context in enumerate(contexts if isinstance(contexts, list) else [contexts]):
        if not isinstance(context, dict):
            continue
        path: Path = ("linkset", i) if isinstance(contexts, list) else ("linkset",)
        yield Visit("LinkContext", path, context, False)
        for relation, targets in context.items():
            if relation in _LINK_CONTEXT_MEMBERS:
                continue
            for j, target in enumerate(targets if isinstance(targets, list) else [targets]):
                if isinstance(target, dict):
                    step: Path = (relation, j) if isinstance(targets, list) else (relation,)
                    yield Visit("LinkTarget", path + step, target, False)


def _linkset_places(path: Sequence[str | int], member: str | None) -> tuple[str, ...]:
    names = [step for step in path if isinstance(step, str)]
    if not names:
        return (f"Linkset.{member}", "Linkset") if member else ("Linkset",)
    if names[0] != "linkset":
        return (f"Linkset.{names[0]}", "Linkset")
    inner = [*names[1:], *([member] if member else [])]
    if not inner:
        return ("Linkset.linkset", "Linkset")
    if len(inner) == 1 or inner[0] in _LINK_CONTEXT_MEMBERS:
        name = inner[0] if inner[0] in _LINK_CONTEXT_MEMBERS else "relation"
        return (f"LinkContext.{name}", "LinkContext")
    return (f"LinkTarget.{inner[1]}", "LinkTarget")
