"""JSON Schemas of UNTP 0.7.0, generated from the class table: 2020-12 for credentials and schemes, draft-07 for the linkset.

They are structurally equal to the published ones once annotations are removed, so that verdicts, pointers and
keywords of errors are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from assay.profiles.untp_0_7.table import (
    CLASSES,
    CODE_LISTS,
    CONTEXT_URL,
    EVENT_CLASSES,
    KINDS,
    V2_URL,
    ClassDef,
    Property,
)

__all__ = ["SCALAR_SCHEMAS", "object_schema", "required_names", "schema", "type_schema"]

Schema = dict[str, Any]

SCALAR_SCHEMAS: dict[str, Schema] = {
    "string": {"type": "string"},
    "text": {"type": "string"},
    "multibase": {"type": "string"},
    "uri": {"type": "string", "format": "uri"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "byte": {"type": "string", "format": "byte"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "natural": {"type": "integer", "minimum": 0},
    "boolean": {"type": "boolean"},
    "fraction": {"type": "number", "minimum": 0, "maximum": 1},
    "latitude": {"type": "number", "minimum": -90, "maximum": 90},
    "longitude": {"type": "number", "minimum": -180, "maximum": 180},
}


def required_names(properties: Iterable[Property]) -> list[str]:
    """Names of the required ones, in table order."""
    return [p.name for p in properties if p.required]


def object_schema(properties: Schema, required: Iterable[str], closed: bool | None) -> Schema:
    """An object schema; ``closed`` None leaves ``additionalProperties`` unsaid, as inline references do."""
    result: Schema = {"type": "object", "properties": properties}
    if names := list(required):
        result["required"] = names
    if closed is not None:
        result["additionalProperties"] = not closed
    return result


def type_schema(names: Iterable[str]) -> Schema:
    """``type`` is an array of strings that contains every one of the names."""
    return {
        "type": "array",
        "items": {"type": "string"},
        "allOf": [{"contains": {"const": name}} for name in names],
    }


@cache
def schema(kind: str) -> Schema:
    """The JSON Schema of a document kind (a key of ``KINDS``). Shared: do not change it.

    Raises KeyError for a kind that has no schema.
    """
    dialect = KINDS[kind].dialect
    if kind == "Linkset":
        return {"$schema": dialect, **_linkset()}
    builder = _Builder(scheme=kind == "ConformityScheme")
    return {"$schema": dialect, **builder.document(kind)}


class _Builder:
    """One schema in the making: definitions are collected as they are referred to."""

    def __init__(self, scheme: bool) -> None:
        # In conformity vocabularies references are untyped and a performance must name its metric.
        self.scheme = scheme
        self.wanted: list[str] = []

    def document(self, kind: str) -> Schema:
        definition = CLASSES[kind]
        if self.scheme:
            root = self.class_schema(kind)
            contexts = [CONTEXT_URL]
        else:
            root = self.class_schema(kind, types=(kind, "VerifiableCredential"))
            contexts = [V2_URL, CONTEXT_URL]
        root["properties"]["@context"] = {
            "type": "array",
            "items": {"type": "string"},
            "prefixItems": [{"const": url, "type": "string"} for url in contexts],
            "minItems": len(contexts),
            "uniqueItems": True,
        }
        root["required"] = ["@context", *root["required"]]
        root["additionalProperties"] = not definition.closed
        definitions: Schema = {}
        while self.wanted:
            name = self.wanted.pop()
            if name not in definitions:
                definitions[name] = self.class_schema(name)
        return {**root, "$defs": definitions}

    def class_schema(self, name: str, types: tuple[str, ...] = ()) -> Schema:
        definition = CLASSES[name]
        if name == "LifecycleEvent":
            branches = [self.reference_to(event) for event in EVENT_CLASSES]
            return {"type": "object", "oneOf": branches, "additionalProperties": True}
        properties: Schema = {}
        required: list[str] = []
        if definition.typed or types:
            properties["type"] = type_schema(types or definition.types)
        if definition.has_id:
            properties["id"] = SCALAR_SCHEMAS["uri"]
            required.append("id")
        for prop in definition.properties:
            properties[prop.name] = self.property_schema(prop)
        required += required_names(definition.properties)
        result = object_schema(properties, required, definition.closed)
        if name == "Performance":
            if self.scheme:
                result["required"] = ["metric"]
            else:
                result["dependentRequired"] = {"measure": ["metric"]}
        return result

    def reference_to(self, name: str) -> Schema:
        self.wanted.append(name)
        return {"$ref": f"#/$defs/{name}"}

    def property_schema(self, prop: Property) -> Schema:
        by_kind: dict[str, Callable[[Property], Schema]] = {
            "scalar": lambda p: SCALAR_SCHEMAS[p.range],
            "code": lambda p: {"type": "string", "enum": list(CODE_LISTS[p.range])},
            "external": lambda p: {"type": "string"},
            "class": lambda p: self.reference_to(p.range),
            "ref": self.inline_schema,
            "inline": self.inline_schema,
        }
        one = by_kind[prop.kind](prop)
        return {"type": "array", "items": one} if prop.many else one

    def inline_schema(self, prop: Property) -> Schema:
        """A reference or an inline object: spelled out in place, with the members it picks from its class."""
        target = CLASSES[prop.range]
        properties: Schema = {}
        required: list[str] = []
        if prop.kind == "ref":
            if not self.scheme:
                properties["type"] = type_schema(target.types)
            properties |= {"id": SCALAR_SCHEMAS["uri"], "name": SCALAR_SCHEMAS["text"]}
            required += ["id", "name"]
        for member in prop.members:
            properties[member.name] = self.member_schema(target, member.name)
            if member.required:
                required.append(member.name)
        return object_schema(properties, required, True if prop.closed else None)

    def member_schema(self, target: ClassDef, name: str) -> Schema:
        if name == "id":
            return SCALAR_SCHEMAS["uri"]
        return self.property_schema(target.by_name[name])


_HTTP = r"^https?:\/\/[a-zA-Z0-9./]+"


def _linkset() -> Schema:
    """RFC 9264 linkset with the UNTP link attributes; relations are short names or plain URLs."""
    strings = {"type": "array", "items": {"type": "string"}}
    text = {"type": "string"}
    target = object_schema(
        {
            "href": {"type": "string", "pattern": _HTTP},
            "title": text,
            "hreflang": {
                "type": "array",
                "items": {"type": "string", "pattern": r"(^\w{2}$)|(^\w{2}-\w{2}$)"},
            },
            "type": {"type": "string", "pattern": r"\w+/[-+.\w]+"},
            "context": {"type": "array"},
            "fwqs": {"type": "boolean"},
            "public": {"type": "boolean"},
            "rel": strings,
            "method": strings,
            "encryptionMethod": text,
            "accessRole": strings,
        },
        ["href", "title"],
        closed=True,
    )
    context = object_schema(
        {"anchor": {"type": "string", "pattern": _HTTP}, "itemDescription": text, "description": text},
        ["anchor"],
        closed=True,
    )
    relation = r"(?!(anchor|itemDescription|description))^([a-z-]+$)|(^https?:\/\/[a-zA-Z0-9./]+$)"
    context["patternProperties"] = {relation: {"type": "array", "items": target}}
    return object_schema({"linkset": {"type": "array", "items": context}}, ["linkset"], closed=True)
