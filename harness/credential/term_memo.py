"""Memo of node shapes: the JSON-LD verdict without expanding what has been seen before.

A document is walked object by object. What happens to an object depends on the active context that its property hands
it, on its keys in order, on the JSON kind of each value and on its exact ``type`` strings; under that key the memo keeps
a plan: which members are dropped or caught by an ``@vocab``, which need their strings looked at, which are walked
further and with which context. Strings matter only where the context coerces them to IRIs or aliases ``@id``.
Whatever could behave differently (see :class:`Unusual`) is left to pyld. Plans hold names and kinds, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pyld import jsonld

from assay.harness.credential.jsonld import (
    BudgetExceeded,
    SharedProcessor,
    caught_by_vocab,
    is_absolute,
    is_keyword,
)
from assay.harness.material import Path, TermFinding

__all__ = ["NodeMemo", "Unusual"]

MAX_PLANS = 20_000
"""Plans and judged strings remembered; beyond it everything is forgotten together before the next document."""

MAX_NEW_PLANS = 5_000
"""Shapes that one document may bring that have not been met before."""

MAX_CONTEXTS = 1_000
"""Processed contexts remembered."""

# Narrower than pyld's rule for absolute IRIs (ASCII, no blank, and a letter first), so that it holds for any context.
_plainly_absolute = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]*\Z").match

_context_value = jsonld.JsonLdProcessor.get_context_value
_as_list = jsonld.JsonLdProcessor.arrayify
_expand_iri = jsonld.JsonLdProcessor._expand_iri


class Unusual(Exception):
    """Something that the memo does not vouch for: inline or nested contexts, keywords and their aliases other than
    ``@id`` and ``@type``, containers other than ``@set``, reverse properties, nulled scoped contexts, a ``type`` or
    ``id`` of the wrong kind, colliding keywords, or an error of JSON-LD processing."""


class _Action(NamedTuple):
    """What to do with one member of a node: ``node``, ``list`` or ``string`` along an edge, or judge an ``id``."""

    name: str
    do: str
    edge: _Edge


class _Plan(NamedTuple):
    found: tuple[tuple[Path, str, str], ...]
    actions: tuple[_Action, ...]


class _Edge:
    """How the values of one property are expanded: active context, scoped context, coercion; and the plans below it."""

    __slots__ = ("coercion", "context", "name", "plans", "scoped", "strings")

    def __init__(self, context: Any, name: str | None) -> None:
        self.context = context
        self.name = name
        self.scoped = None if name is None else _context_value(context, name, "@context")
        self.coercion = None if name is None else _context_value(context, name, "@type")
        self.plans: dict[tuple[Any, ...], _Plan] = {}
        self.strings: dict[str, bool] = {}
        if self.scoped is False:
            raise Unusual


# A way through a document, innermost step last: (way above, step).
_Way = tuple[Any, Any] | None


def _path(way: _Way, rest: Path = ()) -> Path:
    steps: list[Any] = []
    while way is not None:
        way, step = way
        steps.append(step)
    return (*reversed(steps), *rest)


class NodeMemo:
    """Judges documents whose contexts are all named by URL and that do nothing :class:`Unusual`."""

    def __init__(self, processor: SharedProcessor) -> None:
        self._processor = processor
        self._options = processor.options()
        self._edges: dict[tuple[int, str], _Edge] = {}
        self._roots: dict[tuple[str, ...], _Edge] = {}
        self._size = 0
        self._new = 0
        self._found: list[tuple[_Way, Path, str, str]] = []

    def forget(self) -> None:
        """Drop plans and contexts together: edges are found by the identity of contexts."""
        self._edges.clear()
        self._roots.clear()
        self._size = 0
        self._processor.forget()
        self._options = self._processor.options()

    def make_room(self) -> None:
        """Between documents: forget everything once there is too much of it."""
        if self._size > MAX_PLANS or self._processor.size > MAX_CONTEXTS:
            self.forget()

    def findings(self, value: Any) -> list[TermFinding] | None:
        """The verdict of a document that is not too deep; None when expansion must decide."""
        self.make_room()
        self._new = self._processor.steps = 0
        self._found = []
        try:
            root, body = self._root(value)
            self._node(root, body, None)
        except (Unusual, jsonld.JsonLdError):
            return None
        except BudgetExceeded:
            self.forget()
            return None
        return [TermFinding(_path(way, rest), kind, detail) for way, rest, kind, detail in self._found]

    def _root(self, value: Any) -> tuple[_Edge, dict[str, Any]]:
        if not isinstance(value, dict):
            raise Unusual
        named = value.get("@context")
        urls = [named] if isinstance(named, str) else named
        if not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
            raise Unusual
        root = self._roots.get(tuple(urls))
        if root is None:
            if not all(url in self._processor.store for url in urls):
                raise Unusual
            processed = self._processor._process_context(self._processor.initial, urls, self._options)
            if processed.get("previousContext"):
                raise Unusual
            root = self._roots[tuple(urls)] = _Edge(processed, None)
        body = dict(value)
        del body["@context"]
        return root, body

    def _node(self, edge: _Edge, value: dict[str, Any], way: _Way) -> None:
        types = value.get("type", ())
        if type(types) is list:
            types = tuple(types)
        elif type(types) is str:
            types = (types,)
        elif types != ():
            raise Unusual
        key = (tuple(value), tuple(map(type, value.values())), types)
        try:
            plan = edge.plans.get(key)
        except TypeError:  # an object or array where a type name belongs
            raise Unusual from None
        if plan is None:
            plan = edge.plans[key] = self._plan(edge, *key)
        for rest, kind, detail in plan.found:
            self._found.append((way, rest, kind, detail))
        for name, do, below in plan.actions:
            member = value[name]
            if do == "node":
                self._node(below, member, (way, name))
            elif do == "list":
                self._list(below, member, (way, name))
            elif do == "string":
                if below.coercion != "@id" or not _plainly_absolute(member):
                    self._string(below, member, (way, name))
            elif not _plainly_absolute(member):
                self._id(below.context, member, (way, name))

    def _list(self, edge: _Edge, value: list[Any], way: _Way) -> None:
        for i, item in enumerate(value):
            kind = type(item)
            if kind is dict:
                self._node(edge, item, (way, i))
            elif kind is list:
                self._list(edge, item, (way, i))
            elif kind is str and edge.coercion in ("@id", "@vocab"):
                self._string(edge, item, (way, i))

    def _string(self, edge: _Edge, value: str, way: _Way) -> None:
        """A string that the context coerces to an IRI."""
        good = edge.strings.get(value)
        if good is None:
            vocab = edge.coercion == "@vocab"
            iri = _expand_iri(self._processor, edge.context, value, vocab=vocab)
            good = iri is not None and bool(is_absolute(iri) or is_keyword(iri))
            if len(value) <= 64 and len(edge.strings) < 500:
                edge.strings[value] = good
                self._size += 1
        if not good:
            self._found.append((way, (), "bad_iri", ""))

    def _id(self, context: Any, value: str, way: _Way) -> None:
        iri = _expand_iri(self._processor, context, value)
        if iri is None or not is_absolute(iri):
            self._found.append((way, (), "relative_id", ""))

    def _plan(
        self, edge: _Edge, names: tuple[str, ...], kinds: tuple[type, ...], types: tuple[Any, ...]
    ) -> _Plan:
        """What expansion does to an object of this shape; follows ``JsonLdProcessor._expand`` step by step."""
        self._new += 1
        self._size += 1
        if self._new > MAX_NEW_PLANS:
            raise BudgetExceeded
        if "@context" in names or "@type" in names or not all(type(name) is str for name in types):
            raise Unusual
        outer = self._enter(edge, names)
        context = outer
        type_names = [name for name in names if self._iri(outer, name) == "@type"]
        if type_names not in ([], ["type"]):
            raise Unusual
        applied = types if type_names else ()
        for name in sorted(applied):
            scoped = _context_value(outer, name, "@context")
            if scoped is not None and scoped is not False:
                context = self._processor._process_context(context, scoped, self._options, propagate=False)
        found: list[tuple[Path, str, str]] = []
        actions: list[_Action] = []
        keywords: set[str] = set()
        for name, kind in zip(names, kinds, strict=True):
            iri = self._iri(context, name)
            if iri is None or not (is_absolute(iri) or is_keyword(iri)):
                found.append(((name,), "dropped", ""))
            elif is_keyword(iri):
                if iri in keywords or iri not in ("@id", "@type"):
                    raise Unusual
                keywords.add(iri)
                if iri == "@id":
                    if kind is not str:
                        raise Unusual
                    actions.append(_Action(name, "id", self._edge(context, name)))
                elif type_names == [name]:
                    found += self._relative_types(outer, name, kind, applied)
                else:
                    raise Unusual
            else:
                if caught_by_vocab(iri):
                    found.append(((name,), "vocab", iri))
                action = self._member(context, name, kind)
                if action is not None:
                    actions.append(action)
        return _Plan(tuple(found), tuple(actions))

    def _enter(self, edge: _Edge, names: tuple[str, ...]) -> Any:
        """The active context inside the object, before its types are looked at."""
        context = edge.context
        revert = True
        if context.get("previousContext") and len(names) <= 2:
            for name in sorted(names):
                iri = self._iri(context, name)
                if iri == "@value":
                    raise Unusual
                if iri == "@id" and len(names) == 1:
                    revert = False
                    break
        if revert:
            context = self._processor._revert_to_previous_context(context)
        if edge.scoped is not None:
            context = self._processor._process_context(
                context, edge.scoped, self._options, override_protected=True
            )
        return context

    def _relative_types(
        self, context: Any, name: str, kind: type, types: tuple[str, ...]
    ) -> Iterator[tuple[Path, str, str]]:
        for i, type_name in enumerate(types):
            iri = self._iri(context, type_name)
            if iri is None or is_keyword(iri):
                raise Unusual
            if not is_absolute(iri):
                yield ((name,) if kind is str else (name, i)), "relative_type", ""

    def _member(self, context: Any, name: str, kind: type) -> _Action | None:
        """How the value of an ordinary property is looked at; None when nothing about it can matter."""
        mapping = _context_value(context, name, None)
        scoped = _context_value(context, name, "@context")
        if mapping:
            containers = set(_as_list(mapping.get("@container") or []))
            if mapping["reverse"] or containers - {"@set"}:
                raise Unusual
            if "@context" in mapping and scoped is None:
                raise Unusual
        within = context
        if scoped is not None:
            within = self._processor._process_context(context, scoped, self._options, override_protected=True)
        if mapping and mapping.get("@type") == "@json":
            return None
        if kind is dict:
            return _Action(name, "node", self._edge(within, name))
        if kind is list:
            return _Action(name, "list", self._edge(within, name))
        if kind is str:
            edge = self._edge(within, name)
            if edge.coercion in ("@id", "@vocab"):
                return _Action(name, "string", edge)
        return None

    def _edge(self, context: Any, name: str) -> _Edge:
        found = self._edges.get((id(context), name))
        if found is None:
            found = self._edges[id(context), name] = _Edge(context, name)
        return found

    def _iri(self, context: Any, name: str) -> str | None:
        iri: str | None = self._processor._expand_iri(context, name, vocab=True)
        return iri
