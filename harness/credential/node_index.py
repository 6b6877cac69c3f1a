"""Find the nodes of a document in one pass, with paths told only when somebody asks.

The same nodes, in the same order, as :attr:`assay.harness.material.Document.index` finds; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from assay.harness.material import Document, Path
from assay.harness.results import Location
from assay.profiles.untp_0_7.table import CLASSES, EVENT_CLASSES
from assay.profiles.untp_0_7.walking import event_class

__all__ = ["Finder", "LazyNode", "node_index"]


_Chain = tuple[()] | tuple[Any, str | int]
"""Where a node stands: what leads to its parent, and one step further; empty at the root."""


class LazyNode:
    """A :class:`~assay.harness.material.Node` whose path is put together on demand."""

    __slots__ = ("_chain", "cls", "document", "reference", "value")

    def __init__(
        self, document: Document, cls: str, chain: _Chain, value: Mapping[str, Any], reference: bool
    ) -> None:
        self.document = document
        self.cls = cls
        self.value = value
        self.reference = reference
        self._chain = chain

    @property
    def path(self) -> Path:
        """Keys and indices from the root of the document."""
        steps: list[str | int] = []
        chain: _Chain | None = self._chain
        while chain:
            chain, step = chain
            steps.append(step)
        return tuple(reversed(steps))

    def at(self, *steps: str | int) -> Location:
        """Location of a member of this node."""
        return self.document.at(*self.path, *steps)


_Table = dict[str, tuple[str, bool]]
_TABLES: dict[str, _Table] = {
    name: {prop.name: (prop.range, prop.kind != "class") for prop in definition.properties if prop.is_node}
    for name, definition in CLASSES.items()
}


def node_index(document: Document) -> dict[str, tuple[LazyNode, ...]]:
    """Nodes by class name (``<Class>Reference`` for references), parents first, in document order."""
    return _index(document, _TABLES)


class Finder:
    """Finds the nodes of some classes only, and does not enter what cannot hold any."""

    def __init__(self, wanted: Collection[str]) -> None:
        self._wanted = frozenset(wanted)
        self._tables = {
            cls: {
                member: target
                for member, target in table.items()
                if not self._wanted.isdisjoint(_reachable(*target))
            }
            for cls, table in _TABLES.items()
        }

    def __call__(self, document: Document) -> dict[str, tuple[LazyNode, ...]]:
        """Nodes of the wanted classes, by class name."""
        return _index(document, self._tables, self._wanted)


@cache
def _reachable(cls: str, reference: bool) -> frozenset[str]:
    """Names of all nodes that can stand at or below a node of a class."""
    found: set[tuple[str, bool]] = set()
    waiting = [(cls, reference)]
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        found.add(here)
        if here[0] == "LifecycleEvent":
            waiting += [(name, here[1]) for name in EVENT_CLASSES]
        waiting += _TABLES.get(here[0], {}).values()
    return frozenset(name + "Reference" if refers else name for name, refers in found)


def _index(
    document: Document, tables: Mapping[str, _Table], wanted: Collection[str] | None = None
) -> dict[str, tuple[LazyNode, ...]]:
    found: dict[str, list[LazyNode]] = {}
    if isinstance(document.value, dict):
        _visit(_Walk(document, tables, wanted, found), document.kind.value, (), document.value, False)
    return {name: tuple(nodes) for name, nodes in found.items()}


class _Walk:
    __slots__ = ("document", "found", "tables", "wanted")

    def __init__(
        self,
        document: Document,
        tables: Mapping[str, _Table],
        wanted: Collection[str] | None,
        found: dict[str, list[LazyNode]],
    ) -> None:
        self.document = document
        self.tables = tables
        self.wanted = wanted
        self.found = found


def _visit(walk: _Walk, cls: str, chain: _Chain, value: dict[str, Any], reference: bool) -> None:
    # recursion is bounded: documents deeper than 100 levels never come here
    if cls == "LifecycleEvent":
        cls = event_class(value)
    name = cls + "Reference" if reference else cls
    if walk.wanted is None or name in walk.wanted:
        node = LazyNode(walk.document, cls, chain, value, reference)
        nodes = walk.found.get(name)
        if nodes is None:
            walk.found[name] = [node]
        else:
            nodes.append(node)
    table = walk.tables.get(cls)
    if not table:
        return
    for member in value:
        if member in table:
            child = value[member]
            if type(child) is dict:
                target, refers = table[member]
                _visit(walk, target, (chain, member), child, refers)
            elif type(child) is list:
                target, refers = table[member]
                _visit_list(walk, target, (chain, member), child, refers)


def _visit_list(walk: _Walk, cls: str, chain: _Chain, items: list[Any], reference: bool) -> None:
    for place, item in enumerate(items):
        if type(item) is dict:
            _visit(walk, cls, (chain, place), item, reference)
        elif type(item) is list:
            _visit_list(walk, cls, (chain, place), item, reference)
