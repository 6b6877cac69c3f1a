"""Find the nodes of a document in one pass, with paths told only when somebody asks.

The same nodes, in the same order, as :attr:`assay.harness.material.Document.index` finds; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from assay.harness.credential.versions import DEFAULT_VERSION, LEGACY_VERSIONS, table, walker
from assay.harness.material import Document, Path
from assay.harness.results import Location
from assay.profiles.untp.walking import Walker

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


@cache
def _tables(version: str) -> dict[str, _Table]:
    """Members that hold nodes, by class, with the class of what they hold and whether they only refer to it."""
    return {
        name: {
            prop.name: (prop.range, prop.kind != "class") for prop in definition.properties if prop.is_node
        }
        for name, definition in table(version).classes.items()
    }


def _release(document: Document) -> str:
    return document.untp if document.untp in LEGACY_VERSIONS else DEFAULT_VERSION


def node_index(document: Document) -> dict[str, tuple[LazyNode, ...]]:
    """Nodes by class name (``<Class>Reference`` for references), parents first, in document order."""
    version = _release(document)
    return _index(document, version, _tables(version))


class Finder:
    """Finds the nodes of some classes only, and does not enter what cannot hold any."""

    def __init__(self, wanted: Collection[str], version: str = DEFAULT_VERSION) -> None:
        self._wanted = frozenset(wanted)
        self._version = version
        self._tables = {
            cls: {
                member: target
                for member, target in members.items()
                if not self._wanted.isdisjoint(_reachable(version, *target))
            }
            for cls, members in _tables(version).items()
        }

    def __call__(self, document: Document) -> dict[str, tuple[LazyNode, ...]]:
        """Nodes of the wanted classes, by class name."""
        return _index(document, self._version, self._tables, self._wanted)


@cache
def _reachable(version: str, cls: str, reference: bool) -> frozenset[str]:
    """Names of all nodes that can stand at or below a node of a class."""
    found: set[tuple[str, bool]] = set()
    waiting = [(cls, reference)]
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        found.add(here)
        if here[0] == table(version).event_base:
            waiting += [(name, here[1]) for name in table(version).events]
        waiting += _tables(version).get(here[0], {}).values()
    return frozenset(name + "Reference" if refers else name for name, refers in found)


def _index(
    document: Document, version: str, tables: Mapping[str, _Table], wanted: Collection[str] | None = None
) -> dict[str, tuple[LazyNode, ...]]:
    found: dict[str, list[LazyNode]] = {}
    if isinstance(document.value, dict):
        walk = _Walk(document, walker(version), tables, wanted, found)
        _visit(walk, document.kind.value, (), document.value, False)
    return {name: tuple(nodes) for name, nodes in found.items()}


class _Walk:
    __slots__ = ("document", "event_base", "event_class", "found", "tables", "wanted")

    def __init__(
        self,
        document: Document,
        way: Walker,
        tables: Mapping[str, _Table],
        wanted: Collection[str] | None,
        found: dict[str, list[LazyNode]],
    ) -> None:
        self.document = document
        self.event_base = way.table.event_base
        self.event_class = way.event_class
        self.tables = tables
        self.wanted = wanted
        self.found = found


def _visit(walk: _Walk, cls: str, chain: _Chain, value: dict[str, Any], reference: bool) -> None:
    # recursion is bounded: documents deeper than 100 levels never come here
    if cls == walk.event_base:
        cls = walk.event_class(value)
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
