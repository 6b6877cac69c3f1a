"""Find the nodes of a document in one pass, with paths told only when somebody asks.

The same nodes, in the same order, as :attr:`assay.harness.material.Document.index` finds; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.harness.material import Document, Path
from assay.harness.results import Location
from assay.profiles.untp_0_7.table import CLASSES
from assay.profiles.untp_0_7.walking import event_class

__all__ = ["LazyNode", "node_index"]


class LazyNode:
    """A :class:`~assay.harness.material.Node` whose path is put together on demand."""

    __slots__ = ("_parent", "_step", "cls", "document", "reference", "value")

    def __init__(
        self,
        document: Document,
        cls: str,
        parent: LazyNode | None,
        step: Path,
        value: Mapping[str, Any],
        reference: bool,
    ) -> None:
        self.document = document
        self.cls = cls
        self.value = value
        self.reference = reference
        self._parent = parent
        self._step = step

    @property
    def path(self) -> Path:
        """Keys and indices from the root of the document."""
        steps: list[Path] = []
        node: LazyNode | None = self
        while node is not None:
            steps.append(node._step)
            node = node._parent
        return tuple(step for part in reversed(steps) for step in part)

    def at(self, *steps: str | int) -> Location:
        """Location of a member of this node."""
        return self.document.at(*self.path, *steps)


_Table = dict[str, tuple[str, bool]]
_TABLES: dict[str, _Table] = {
    name: {prop.name: (prop.range, prop.kind != "class") for prop in definition.properties if prop.is_node}
    for name, definition in CLASSES.items()
}
_NOTHING: _Table = {}


def node_index(document: Document) -> dict[str, tuple[LazyNode, ...]]:
    """Nodes by class name (``<Class>Reference`` for references), parents first, in document order."""
    found: dict[str, list[LazyNode]] = {}
    if isinstance(document.value, dict):
        _visit(document, document.kind.value, None, (), document.value, False, found)
    return {name: tuple(nodes) for name, nodes in found.items()}


def _visit(
    document: Document,
    cls: str,
    parent: LazyNode | None,
    step: Path,
    value: dict[str, Any],
    reference: bool,
    found: dict[str, list[LazyNode]],
) -> None:
    # recursion is bounded: documents deeper than 100 levels never come here
    if cls == "LifecycleEvent":
        cls = event_class(value)
    node = LazyNode(document, cls, parent, step, value, reference)
    name = cls + "Reference" if reference else cls
    nodes = found.get(name)
    if nodes is None:
        found[name] = [node]
    else:
        nodes.append(node)
    table = _TABLES.get(cls, _NOTHING)
    for member, child in value.items():
        if member in table:
            target, refers = table[member]
            if type(child) is dict:
                _visit(document, target, node, (member,), child, refers, found)
            elif type(child) is list:
                _visit_list(document, target, node, (member,), child, refers, found)


def _visit_list(
    document: Document,
    cls: str,
    parent: LazyNode,
    step: Path,
    items: list[Any],
    reference: bool,
    found: dict[str, list[LazyNode]],
) -> None:
    for place, item in enumerate(items):
        if type(item) is dict:
            _visit(document, cls, parent, (*step, place), item, reference, found)
        elif type(item) is list:
            _visit_list(document, cls, parent, (*step, place), item, reference, found)
