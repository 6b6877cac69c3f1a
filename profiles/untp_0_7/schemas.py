"""JSON Schemas of UNTP 0.7.0, generated from the class table: 2020-12 for credentials and schemes, draft-07 for the linkset."""

from __future__ import annotations

from functools import cache

from assay.profiles.untp.schemas import Schema, SchemaBuilder, object_schema
from assay.profiles.untp_0_7.table import KINDS, TABLE

__all__ = ["schema"]


@cache
def schema(kind: str) -> Schema:
    """The JSON Schema of a document kind (a key of ``KINDS``). Shared: do not change it.

    Raises KeyError for a kind that has no schema.
    """
    dialect = KINDS[kind].dialect
    if kind == "Linkset":
        return {"$schema": dialect, **_linkset()}
    return _Builder(TABLE, kind, typed_references=kind != "ConformityScheme").document()


class _Builder(SchemaBuilder):
    """In conformity vocabularies references are untyped and a performance must name its metric."""

    def class_schema(self, name: str, types: tuple[str, ...] = ()) -> Schema:
        result = super().class_schema(name, types)
        if name == "Performance":
            if self.kind == "ConformityScheme":
                result["required"] = ["metric"]
            else:
                result["dependentRequired"] = {"measure": ["metric"]}
        return result


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
