"""Class tables: one compact text per version of UNTP, from which schemas, contexts, certificates and walks are made.

The notation is explained at the top of each ``data/classes.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

__all__ = ["SCALARS", "ClassDef", "KindInfo", "Member", "Property", "Table", "read_table"]

_DRAFT_2020_12 = "https://json-schema.org/draft/2020-12/schema"

SCALARS = frozenset(
    {"string", "text", "multibase", "uri", "date", "date-time", "xsd-date-time", "byte", "binary", "boolean"}
    | {"number", "float", "integer", "natural", "fraction", "latitude", "longitude", "party-uri", "index"}
)


@dataclass(frozen=True, slots=True)
class KindInfo:
    """A document kind that has a published schema: short name in artefact paths, and where the schema is published."""

    short: str
    schema_url: str
    dialect: str = _DRAFT_2020_12


@dataclass(frozen=True, slots=True)
class Member:
    """A member that a reference picks from the class it refers to."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a class."""

    name: str
    kind: str
    """``scalar``, ``const``, ``code`` (closed list), ``external`` (open list), ``class``, ``ref`` or ``inline``."""
    range: str
    """Name of the scalar, list or class; of ``const`` the only value."""
    required: bool = False
    many: bool = False
    members: tuple[Member, ...] = ()
    closed: bool = False
    in_context: bool = True
    in_schema: bool = True
    namespace: str = ""
    """Vocabulary that the term is minted in, where it is not that of the table."""

    @property
    def is_node(self) -> bool:
        """Whether values are objects of a class of the table."""
        return self.kind in ("class", "ref", "inline")


@dataclass(frozen=True)
class ClassDef:
    """One class, with the properties of its parent first."""

    name: str
    parent: str | None
    marks: frozenset[str]
    properties: tuple[Property, ...]

    @property
    def typed(self) -> bool:
        """Whether nodes carry ``type`` and get their context from it."""
        return "typed" in self.marks

    @property
    def labelled(self) -> bool:
        """Whether nodes may carry ``type`` by the schema; ``typed`` ones always do."""
        return self.typed or "labelled" in self.marks

    @property
    def has_id(self) -> bool:
        """Whether nodes have an ``id`` that the table does not spell out."""
        return self.typed and "no-id" not in self.marks

    @property
    def needs_id(self) -> bool:
        """Whether that ``id`` is required."""
        return self.has_id and "optional-id" not in self.marks

    @property
    def array(self) -> bool:
        """Whether values are arrays (of what the only property says) instead of objects."""
        return "array" in self.marks

    @property
    def closed(self) -> bool:
        return "closed" in self.marks

    @property
    def vocab(self) -> bool:
        return "vocab" in self.marks

    @property
    def namespace(self) -> str:
        """Vocabulary that the class name is minted in, where it is not that of the table."""
        return next((mark.removeprefix("in-") for mark in self.marks if mark.startswith("in-")), "")

    @property
    def types(self) -> tuple[str, ...]:
        """The names that ``type`` must contain."""
        return (self.name, self.parent) if self.parent else (self.name,)

    @cached_property
    def by_name(self) -> Mapping[str, Property]:
        """Properties by name."""
        return {p.name: p for p in self.properties}


@dataclass(frozen=True)
class Table:
    """The class table of one version of UNTP, with what documents of that version have in common."""

    version: str
    classes: Mapping[str, ClassDef]
    code_lists: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, KindInfo]
    contexts: Mapping[str, tuple[str, ...]]
    """First entries of ``@context`` by kind of document."""
    event_base: str
    """Class in whose place events stand."""
    events: tuple[str, ...]
    """Event classes, in the order of the alternatives of the published schema."""
    typed_references: bool = True
    """Whether references say ``type``."""


_CLASS = re.compile(r"class (\w+)(?: < (\w+))? : (.+)")
_LIST = re.compile(r"list ([\w-]+) : (.+)")
_PROPERTY = re.compile(
    r"  (?:(?P<namespace>\w+):)?(?P<name>\w+)(?P<required>!?)(?P<many>\*?)\s+"
    r"(?:(?P<how>code|external|ref|inline|const) )?(?P<range>[\w-]+)(?:\((?P<members>[\w! ]+)\))?"
    r"(?P<closed> closed)?(?:  outside-(?P<outside>context|schema))?$"
)
_ONLY = re.compile(r"\s+only (\d+\.\d+\.\d+)$")


def _property(line: str) -> Property:
    match = _PROPERTY.match(line)
    if match is None:
        raise ValueError(f"class table: cannot read the property line {line!r}")
    return Property(
        name=match["name"],
        kind=match["how"] or ("scalar" if match["range"] in SCALARS else "class"),
        range=match["range"],
        required=bool(match["required"]),
        many=bool(match["many"]),
        members=tuple(Member(m.rstrip("!"), m.endswith("!")) for m in (match["members"] or "").split()),
        closed=bool(match["closed"]),
        in_context=match["outside"] != "context",
        in_schema=match["outside"] != "schema",
        namespace=match["namespace"] or "",
    )


def _of_release(lines: list[str], release: str) -> list[str]:
    """The lines that hold for a release, without the words that say so."""
    kept = []
    for line in lines:
        only = _ONLY.search(line)
        if only is None:
            kept.append(line)
        elif only[1] == release:
            kept.append(line[: only.start()])
    return kept


def read_table(text: str, release: str = "") -> tuple[Mapping[str, ClassDef], Mapping[str, tuple[str, ...]]]:
    """Classes and code lists of a table in the notation of ``data/classes.txt``, as they stand in one release.

    :raises ValueError: a line that is neither class, property, list nor comment.
    """
    classes: dict[str, ClassDef] = {}
    lists: dict[str, tuple[str, ...]] = {}
    blocks = (block.splitlines() for block in re.split(r"\n(?=class |list )", text))
    for block in blocks:
        if not (kept := _of_release(block[:1], release)):
            continue  # a class of another release, with its properties
        head, body = kept[0], _of_release(block[1:], release)
        if match := _CLASS.match(head):
            name, parent, marks = match.groups()
            inherited = classes[parent].properties if parent else ()
            own = tuple(_property(line) for line in body if line.strip())
            told = {prop.name for prop in own}
            kept_from_parent = tuple(prop for prop in inherited if prop.name not in told)
            classes[name] = ClassDef(name, parent, frozenset(marks.split()), kept_from_parent + own)
        elif match := _LIST.match(head):
            lists[match[1]] = tuple(match[2].split())
        elif not head.startswith("#"):
            raise ValueError(f"class table: cannot read the line {head!r}")
    return classes, lists
