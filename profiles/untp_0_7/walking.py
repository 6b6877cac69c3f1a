"""Walk documents by their position in the class table, never by what ``type`` claims, and name places in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from assay.profiles.untp_0_7.table import CLASSES, EVENT_CLASSES

__all__ = ["MAX_DEPTH", "Visit", "event_class", "places", "walk"]

MAX_DEPTH = 100
"""Steps below the root that the walk descends; whatever lies deeper is not visited."""

Path = tuple[str | int, ...]


class Visit(NamedTuple):
    """One object of a known class: class, path, the object itself, and whether it is only a reference."""

    cls: str
    path: Path
    value: dict[str, Any]
    is_reference: bool


_DISTINCTIVE = {
    name: event
    for event in EVENT_CLASSES
    for name in CLASSES[event].by_name
    if name not in CLASSES["LifecycleEvent"].by_name
}

# The linkset has no classes in the UNTP context; these are the terms of RFC 9264.
_LINK_CONTEXT_MEMBERS = frozenset({"anchor", "itemDescription", "description"})


def event_class(value: Mapping[str, Any]) -> str:
    """Which event an object in the place of a ``LifecycleEvent`` is: by its ``type``, else by its own members.

    ``LifecycleEvent`` when neither tells.
    """
    types = value.get("type")
    named = [t for t in EVENT_CLASSES if t in types] if isinstance(types, list) else []
    if not named and isinstance(types, str) and types in EVENT_CLASSES:
        named = [types]
    if len(named) == 1:
        return named[0]
    told = {_DISTINCTIVE[name] for name in value if name in _DISTINCTIVE}
    if named:
        told &= set(named)
    return told.pop() if len(told) == 1 else "LifecycleEvent"


def _actual(cls: str, value: Mapping[str, Any]) -> str:
    return event_class(value) if cls == "LifecycleEvent" else cls


def walk(kind: str, value: Any) -> Iterator[Visit]:
    """Visit every object of a known class in a document of the given kind, parents first, in document order.

    ``kind`` is a credential type name, ``ConformityScheme`` or ``Linkset``; other kinds have only a root. An array where
    one object belongs, or one object where an array belongs, is visited all the same; anything else malformed is
    passed over. The root comes as ``(kind, (), value, False)``.
    """
    if not isinstance(value, dict):
        return
    if kind == "Linkset":
        yield from _walk_linkset(value)
        return
    stack: list[tuple[str, Path, Any, bool]] = [(kind, (), value, False)]
    while stack:
        cls, path, item, reference = stack.pop()
        if isinstance(item, list):
            if len(path) < MAX_DEPTH:
                stack.extend((cls, (*path, i), item[i], reference) for i in range(len(item) - 1, -1, -1))
            continue
        if not isinstance(item, dict):
            continue
        cls = _actual(cls, item)
        yield Visit(cls, path, item, reference)
        definition = CLASSES.get(cls)
        if definition is None or len(path) >= MAX_DEPTH:
            continue
        known = definition.by_name
        below: list[tuple[str, Path, Any, bool]] = []
        for name, member in item.items():
            prop = known.get(name)
            if prop is not None and prop.is_node and isinstance(member, (dict, list)):
                below.append((prop.range, (*path, name), member, prop.kind != "class"))
        stack.extend(reversed(below))


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


def places(
    kind: str, value: Any, path: Sequence[str | int], member: str | None = None, inside: bool = False
) -> tuple[str, ...]:
    """The table places that a path of a document touches, most specific first.

    ``/credentialSubject/batchNumber`` of a passport is ``Product.batchNumber``, ``Product``. A path that ends at an
    object means the property that holds it, unless ``member`` names something missing or unexpected in that object, or
    ``inside`` says that the object itself is meant. Inside a reference the class is called ``<Class>Reference`` and
    the property that holds the reference follows, because requirements speak about it: ``FacilityReference.name``,
    ``FacilityReference``, ``Product.producedAtFacility``, ``Product``. Members that a class has from its parent are
    named for both: ``MakeEvent.eventDate``, ``LifecycleEvent.eventDate``, ``MakeEvent``, ``LifecycleEvent``;
    ``DigitalProductPassport.issuer``, ``Envelope.issuer``, ...
    """
    if kind == "Linkset":
        return _linkset_places(path, member)
    here = _Place(kind, kind, ())
    last: str | None = None
    item = value
    for step in path:
        if isinstance(step, str):
            entered = here if last is None else here.enter(last, item)
            if entered is None:  # inside a value that the table does not describe
                return here.names(last)
            here, last = entered, step
        item = _step(item, step)
    if last is not None and (member is not None or inside):
        entered = here.enter(last, item)
        if entered is not None:
            here, last = entered, None
    return here.names(member if last is None else last)


class _Place(NamedTuple):
    """Where the way through a document stands: class, what the class is called here, and what a reference adds."""

    cls: str
    label: str
    outer: tuple[str, ...]

    def enter(self, member: str, item: Any) -> _Place | None:
        definition = CLASSES.get(self.cls)
        prop = definition.by_name.get(member) if definition else None
        if prop is None or not prop.is_node:
            return None
        if prop.kind == "class":
            cls = _actual(prop.range, item) if isinstance(item, dict) else prop.range
            return _Place(cls, cls, ())
        return _Place(prop.range, prop.range + "Reference", self.names(member))

    def names(self, member: str | None) -> tuple[str, ...]:
        labels = [self.label]
        definition = CLASSES.get(self.cls)
        if definition is not None and definition.parent and self.label == self.cls:
            labels.append(definition.parent)
        found = labels
        if member is not None:
            specific = [self.label]
            if len(labels) > 1:
                own = definition is not None and member in definition.by_name
                if not own or member in CLASSES[labels[1]].by_name:
                    specific.append(labels[1])
            found = [f"{label}.{member}" for label in specific] + labels
        return (*found, *self.outer)


def _step(item: Any, step: str | int) -> Any:
    if isinstance(item, dict):
        return item.get(step)
    if isinstance(item, list) and isinstance(step, int) and 0 <= step < len(item):
        return item[step]
    return None


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
