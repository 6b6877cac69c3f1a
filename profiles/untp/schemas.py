"""JSON Schemas made from a class table.

They are structurally equal to the published ones once annotations are removed, so that verdicts, pointers and
keywords of errors are the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assay.profiles.untp.notation import ClassDef, Property, Table

__all__ = ["SCALAR_SCHEMAS", "Schema", "SchemaBuilder", "object_schema", "required_names", "type_schema"]

Schema = dict[str, Any]

# The date and time of XML Schema, with its time zone, as UNTP 0.6 spells it out: year, month, day, T, time, zone.
_XSD_DATE_TIME = (
    r"^-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|(24:00:00(\.0+)?))"
    r"(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$"
)

SCALAR_SCHEMAS: dict[str, Schema] = {
    "string": {"type": "string"},
    "text": {"type": "string"},
    "multibase": {"type": "string"},
    "party-uri": {"type": "string"},
    "uri": {"type": "string", "format": "uri"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "xsd-date-time": {"type": "string", "format": "date-time", "pattern": _XSD_DATE_TIME},
    "byte": {"type": "string", "format": "byte"},
    "binary": {"type": "string", "format": "binary"},
    "number": {"type": "number"},
    "float": {"type": "number", "format": "float"},
    "integer": {"type": "integer"},
    "natural": {"type": "integer", "minimum": 0},
    "index": {"type": ["integer", "string"], "minimum": 0, "pattern": "^(?:0|[1-9][0-9]*)$"},
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


class SchemaBuilder:
    """One schema in the making: definitions are collected as they are referred to."""

    def __init__(self, table: Table, kind: str, *, typed_references: bool = True) -> None:
        self.table = table
        self.kind = kind
        self.typed_references = typed_references
        self.wanted: list[str] = []

    def document(self) -> Schema:
        """The whole schema."""
        definition = self.table.classes[self.kind]
        credential = "root" in definition.marks
        root = self.class_schema(self.kind, types=(self.kind, "VerifiableCredential") if credential else ())
        contexts = self.table.contexts[self.kind]
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
        return {"$schema": self.table.kinds[self.kind].dialect, **root, "$defs": definitions}

    def class_schema(self, name: str, types: tuple[str, ...] = ()) -> Schema:
        """The schema of a class: alternatives for events, an array for arrays, else an object."""
        definition = self.table.classes[name]
        if name == self.table.event_base:
            branches = [self.reference_to(event) for event in self.table.events]
            return {"type": "object", "oneOf": branches, "additionalProperties": True}
        if definition.array:
            (item,) = definition.properties
            return {"oneOf": [type_schema((name,)), {"type": "array", "items": self.property_schema(item)}]}
        properties: Schema = {}
        required: list[str] = []
        if definition.labelled or types:
            properties["type"] = type_schema(types or definition.types)
        if definition.has_id:
            properties["id"] = SCALAR_SCHEMAS["uri"]
            if definition.needs_id:
                required.append("id")
        for prop in definition.properties:
            if prop.in_schema:
                properties[prop.name] = self.property_schema(prop)
        required += required_names(definition.properties)
        return object_schema(properties, required, definition.closed)

    def reference_to(self, name: str) -> Schema:
        """A pointer to the definition of a class, which is then written too."""
        self.wanted.append(name)
        return {"$ref": f"#/$defs/{name}"}

    def property_schema(self, prop: Property) -> Schema:
        """The schema of a property's value; array if the property has many."""
        one = self._one(prop)
        return {"type": "array", "items": one} if prop.many else one

    def _one(self, prop: Property) -> Schema:
        match prop.kind:
            case "scalar":
                return SCALAR_SCHEMAS[prop.range]
            case "code":
                return {"type": "string", "enum": list(self.table.code_lists[prop.range])}
            case "const":
                return {"type": "string", "enum": [prop.range]}
            case "external":
                return {"type": "string"}
            case "class":
                return self.reference_to(prop.range)
            case _:
                return self.inline_schema(prop)

    def inline_schema(self, prop: Property) -> Schema:
        """A reference or an inline object: spelled out in place, with the members it picks from its class."""
        target = self.table.classes[prop.range]
        properties: Schema = {}
        required: list[str] = []
        if prop.kind == "ref":
            if self.typed_references:
                properties["type"] = type_schema(target.types)
            properties |= {"id": SCALAR_SCHEMAS["uri"], "name": SCALAR_SCHEMAS["text"]}
            required += ["id", "name"]
        for member in prop.members:
            properties[member.name] = self.member_schema(target, member.name)
            if member.required:
                required.append(member.name)
        return object_schema(properties, required, True if prop.closed else None)

    def member_schema(self, target: ClassDef, name: str) -> Schema:
        """The schema of a member that a reference picks."""
        if name == "id":
            return SCALAR_SCHEMAS["uri"]
        return self.property_schema(target.by_name[name])
