"""Walk documents by their position in a class table, never by what ``type`` claims, and name places in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from assay.profiles.untp.notation import Table

__all__ = ["MAX_DEPTH", "Path", "Visit", "Walker"]

MAX_DEPTH = 100
"""Steps below the root that the walk descends; whatever lies deeper is not visited."""

Path = tuple[str | int, ...]


class Visit(NamedTuple):
    """One object of a known class: class, path, the object itself, and whether it is only a reference."""

    cls: str
    path: Path
    value: dict[str, Any]
    is_reference: bool


class Walker:
    """The way through documents of one version of UNTP."""

    def __init__(self, table: Table) -> None:
        self.table = table
        base = table.classes[table.event_base].by_name
        self._distinctive: dict[str, frozenset[str]] = {}
        """Events that know a member which not all of them know."""
        for event in table.events:
            for name in table.classes[event].by_name:
                if name not in base:
                    self._distinctive[name] = self._distinctive.get(name, frozenset()) | {event}

    def event_class(self, value: Mapping[str, Any]) -> str:
        """Which event an object in the place of an event is: by its ``type``, else by its own members.

        The base class of events when neither tells.
        """
        types = value.get("type")
        named = [t for t in self.table.events if t in types] if isinstance(types, list) else []
        if not named and isinstance(types, str) and types in self.table.events:
            named = [types]
        if len(named) == 1:
            return named[0]
        possible = frozenset(named or self.table.events)
        told = [self._distinctive[name] & possible for name in value if name in self._distinctive]
        left = possible.intersection(*filter(None, told)) if any(told) else frozenset()
        return next(iter(left)) if len(left) == 1 else self.table.event_base

    def actual(self, cls: str, value: Mapping[str, Any]) -> str:
        """The class of an object that stands where the table expects ``cls``."""
        return self.event_class(value) if cls == self.table.event_base else cls

    def walk(self, kind: str, value: Any) -> Iterator[Visit]:
        """Visit every object of a known class in a document of the given kind, parents first, in document order.

        ``kind`` is a credential type name, or another root of the table; other kinds have only a root. An array where
        one object belongs, or one object where an array belongs, is visited all the same; anything else malformed is
        passed over. The root comes as ``(kind, (), value, False)``.
        """
        if not isinstance(value, dict):
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
            cls = self.actual(cls, item)
            yield Visit(cls, path, item, reference)
            definition = self.table.classes.get(cls)
            if definition is None or len(path) >= MAX_DEPTH:
                continue
            known = definition.by_name
            below: list[tuple[str, Path, Any, bool]] = []
            for name, member in item.items():
                prop = known.get(name)
                if prop is not None and prop.is_node and isinstance(member, (dict, list)):
                    below.append((prop.range, (*path, name), member, prop.kind != "class"))
            stack.extend(reversed(below))

    def places(
        self,
        kind: str,
        value: Any,
        path: Sequence[str | int],
        member: str | None = None,
        inside: bool = False,
    ) -> tuple[str, ...]:
        """The table places that a path of a document touches, most specific first.

        ``/credentialSubject/batchNumber`` of a passport is ``Product.batchNumber``, ``Product``. A path that ends at an
        object means the property that holds it, unless ``member`` names something missing or unexpected in that object,
        or ``inside`` says that the object itself is meant. Inside a reference the class is called ``<Class>Reference``
        and the property that holds the reference follows, because requirements speak about it: ``FacilityReference.name``,
        ``FacilityReference``, ``Product.producedAtFacility``, ``Product``. Members that a class has from its parent are
        named for both: ``MakeEvent.eventDate``, ``LifecycleEvent.eventDate``, ``MakeEvent``, ``LifecycleEvent``;
        ``DigitalProductPassport.issuer``, ``Envelope.issuer``, ...
        """
        here = _Place(self, kind, kind, ())
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

    walker: Walker
    cls: str
    label: str
    outer: tuple[str, ...]

    def enter(self, member: str, item: Any) -> _Place | None:
        definition = self.walker.table.classes.get(self.cls)
        prop = definition.by_name.get(member) if definition else None
        if prop is None or not prop.is_node:
            return None
        if prop.kind == "class":
            cls = self.walker.actual(prop.range, item) if isinstance(item, dict) else prop.range
            return _Place(self.walker, cls, cls, ())
        return _Place(self.walker, prop.range, prop.range + "Reference", self.names(member))

    def names(self, member: str | None) -> tuple[str, ...]:
        labels = [self.label]
        classes = self.walker.table.classes
        definition = classes.get(self.cls)
        if definition is not None and definition.parent and self.label == self.cls:
            labels.append(definition.parent)
        found = labels
        if member is not None:
            specific = [self.label]
            if len(labels) > 1:
                own = definition is not None and member in definition.by_name
                if not own or member in classes[labels[1]].by_name:
                    specific.append(labels[1])
            found = [f"{label}.{member}" for label in specific] + labels
        return (*found, *self.outer)


def _step(item: Any, step: str | int) -> Any:
    if isinstance(item, dict):
        return item.get(step)
    if isinstance(item, list) and isinstance(step, int) and 0 <= step < len(item):
        return item[step]
    return None
