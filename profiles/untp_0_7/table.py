"""The class table of UNTP 0.7.0, read from ``data/classes.txt`` (the notation is explained at its top).

One table instead of many models: JSON Schemas, JSON-LD context, certificate schemas and the walk over documents are
generated from it, so they cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

__all__ = [
    "CLASSES",
    "CODE_LISTS",
    "CONTEXT_URL",
    "EVENT_CLASSES",
    "KINDS",
    "SCALARS",
    "UNTP",
    "V2_URL",
    "ClassDef",
    "KindInfo",
    "Member",
    "Property",
]

UNTP = "https://vocabulary.uncefact.org/untp/"
CONTEXT_URL = UNTP + "0.7.0/context/"
V2_URL = "https://www.w3.org/ns/credentials/v2"
_SCHEMAS = "https://untp.unece.org/artefacts/schema/v0.7.0/"

SCALARS = frozenset(
    {"string", "text", "multibase", "uri", "date", "date-time", "byte", "boolean"}
    | {"number", "integer", "natural", "fraction", "latitude", "longitude"}
)
EVENT_CLASSES = ("MakeEvent", "MoveEvent", "ModifyEvent")


@dataclass(frozen=True, slots=True)
class KindInfo:
    """A document kind that has a published schema: short name in artefact paths, and where the schema is published."""

    short: str
    schema_url: str
    dialect: str = "https://json-schema.org/draft/2020-12/schema"


KINDS: Mapping[str, KindInfo] = {
    "DigitalProductPassport": KindInfo("dpp", _SCHEMAS + "dpp/DigitalProductPassport.json"),
    "DigitalConformityCredential": KindInfo("dcc", _SCHEMAS + "dcc/ConformityCredential.json"),
    "DigitalFacilityRecord": KindInfo("dfr", _SCHEMAS + "dfr/DigitalFacilityRecord.json"),
    "DigitalTraceabilityEvent": KindInfo("dte", _SCHEMAS + "dte/DigitalTraceabilityEvent.json"),
    "DigitalIdentityAnchor": KindInfo("dia", _SCHEMAS + "dia/DigitalIdentityAnchor.json"),
    "ConformityScheme": KindInfo("cvc", _SCHEMAS + "cvc/ConformityScheme.json"),
    "Linkset": KindInfo(
        "linkset", _SCHEMAS + "idr/LinksetSchema.json", "http://json-schema.org/draft-07/schema#"
    ),
}


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
    """``scalar``, ``code`` (closed list), ``external`` (open list), ``class``, ``ref`` or ``inline``."""
    range: str
    """Name of the scalar, list or class."""
    required: bool = False
    many: bool = False
    members: tuple[Member, ...] = ()
    closed: bool = False
    in_context: bool = True

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
    def has_id(self) -> bool:
        """Whether nodes have an ``id`` that the table does not spell out."""
        return self.typed and "no-id" not in self.marks

    @property
    def closed(self) -> bool:
        return "closed" in self.marks

    @property
    def vocab(self) -> bool:
        return "vocab" in self.marks

    @property
    def types(self) -> tuple[str, ...]:
        """The names that ``type`` must contain."""
        return (self.name, self.parent) if self.parent else (self.name,)

    @cached_property
    def by_name(self) -> Mapping[str, Property]:
        """Properties by name."""
        return {p.name: p for p in self.properties}


_CLASS = re.compile(r"class (\w+)(?: < (\w+))? : (.+)")
_LIST = re.compile(r"list (\w+) : (.+)")
_PROPERTY = re.compile(
    r"  (?P<name>\w+)(?P<required>!?)(?P<many>\*?)\s+"
    r"(?:(?P<how>code|external|ref|inline) )?(?P<range>[\w-]+)(?:\((?P<members>[\w! ]+)\))?"
    r"(?P<closed> closed)?(?P<outside>  outside-context)?$"
)


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
        in_context=not match["outside"],
    )


def _read(text: str) -> tuple[Mapping[str, ClassDef], Mapping[str, tuple[str, ...]]]:
    """Classes and code lists of a table in the notation of ``data/classes.txt``."""
    classes: dict[str, ClassDef] = {}
    lists: dict[str, tuple[str, ...]] = {}
    blocks = (block.splitlines() for block in re.split(r"\n(?=class |list )", text))
    for head, *body in blocks:
        if match := _CLASS.match(head):
            name, parent, marks = match.groups()
            inherited = classes[parent].properties if parent else ()
            own = tuple(_property(line) for line in body if line.strip())
            classes[name] = ClassDef(name, parent, frozenset(marks.split()), inherited + own)
        elif match := _LIST.match(head):
            lists[match[1]] = tuple(match[2].split())
        elif not head.startswith("#"):
            raise ValueError(f"class table: cannot read the line {head!r}")
    return classes, lists


CLASSES, CODE_LISTS = _read((Path(__file__).parent / "data" / "classes.txt").read_text(encoding="utf-8"))
