"""Certificate schemas: closed JSON Schemas, generated from the class table, whose passing settles everything at once.

A document that passes with format assertion on

* is valid under the schema of its kind, formats included;
* loses nothing in JSON-LD processing: no dropped or undefined term, no term caught by a class ``@vocab`` (except under
  ``characteristics``, the intended extension point), every identifier an absolute IRI, no processing error;
* uses real codes: countries of ISO 3166-1 and units of Recommendation 20 are enumerated;
* is nested a known, small number of levels deep.

A document that does not pass is not wrong: extensions, further contexts and further types are allowed by the protocol,
and take the slower, exact way.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import Any

from assay.profiles.untp_0_7.codes import COUNTRIES, UNITS
from assay.profiles.untp_0_7.contexts import context
from assay.profiles.untp_0_7.schemas import SCALAR_SCHEMAS, object_schema, required_names
from assay.profiles.untp_0_7.table import (
    CLASSES,
    CODE_LISTS,
    CONTEXT_URL,
    EVENT_CLASSES,
    KINDS,
    V2_URL,
    Property,
)

__all__ = ["CHARACTERISTICS_DEPTH", "certificate"]

Schema = dict[str, Any]

CHARACTERISTICS_DEPTH = 6
"""Levels of objects under ``characteristics`` that a certificate still vouches for."""

_URI = SCALAR_SCHEMAS["uri"]
_EXTERNAL = {"CountryId": sorted(COUNTRIES), "UnitMeasureCode": sorted(UNITS)}

# Terms of the W3C credentials context that begin in lower case and stand at its top level. Under `characteristics`
# they mean what that context says, not a characteristic, so the certificate does not vouch for them.
_V2_TERMS = frozenset(
    {"id", "type", "name", "description", "mediaType", "digestMultibase", "digestSRI"}
    | {"aud", "cnf", "exp", "iat", "iss", "jku", "kid", "nbf", "sub", "x5u"}
)


@cache
def certificate(kind: str) -> Schema:
    """The certificate schema of a document kind. Shared: do not change it. Raises KeyError for a kind without one."""
    if kind not in CLASSES or kind not in KINDS:
        raise KeyError(kind)
    return _Builder(kind).document()


def _types(names: tuple[str, ...]) -> Schema:
    """Exactly these types, in any order: a further type could bring a further context."""
    # told as the few arrays there are: one comparison instead of five keywords
    orders = [list(order) for order in permutations(names)]
    return {"const": orders[0]} if len(orders) == 1 else {"enum": orders}


class _Builder:
    """One certificate in the making. ``wanted`` holds definitions that are referred to but not yet written."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.wanted: list[tuple[str, Property]] = []

    def document(self) -> Schema:
        definition = CLASSES[self.kind]
        if self.kind == "ConformityScheme":
            contexts = [CONTEXT_URL]
            types: tuple[str, ...] = definition.types
        else:
            contexts = [V2_URL, CONTEXT_URL]
            types = (self.kind, "VerifiableCredential")
        root = self.node(self.kind, types)
        root["properties"]["@context"] = {"const": contexts}
        root["required"] = ["@context", *root["required"]]
        definitions: Schema = {}
        while self.wanted:
            name, prop = self.wanted.pop()
            if name not in definitions:
                definitions[name] = self.definition(prop)
        return {"$schema": KINDS[self.kind].dialect, **root, "$defs": definitions}

    def node(self, cls: str, types: tuple[str, ...] = ()) -> Schema:
        """A class, closed, with its ``type`` required where there is one."""
        definition = CLASSES[cls]
        properties: Schema = {}
        required: list[str] = []
        if definition.typed or types:
            properties["type"] = _types(types or definition.types)
            required.append("type")
        if definition.has_id:
            properties["id"] = _URI
            required.append("id")
        for prop in definition.properties:
            properties[prop.name] = self.value(prop)
        required += required_names(definition.properties)
        result = object_schema(properties, required, closed=True)
        if cls == "Performance":
            result["dependentRequired"] = {"measure": ["metric"]}
            if self.kind == "ConformityScheme":
                result["required"] = ["metric"]
        return result

    def value(self, prop: Property) -> Schema:
        """The schema of a property's value; array if the property has many."""
        if prop.kind == "scalar":
            one: Schema = SCALAR_SCHEMAS[prop.range]
        elif prop.kind == "code":
            one = {"enum": list(CODE_LISTS[prop.range])}
        else:
            name = self.name(prop)
            self.wanted.append((name, prop))
            one = {"$ref": f"#/$defs/{name}"}
        return {"type": "array", "items": one} if prop.many else one

    @staticmethod
    def name(prop: Property) -> str:
        """Name of the definition: one per class or list, and one per way of referring to a class."""
        if prop.kind in ("class", "external"):
            return prop.range
        return "-".join([prop.kind, prop.range, *(m.name for m in prop.members if m.required)])

    def definition(self, prop: Property) -> Schema:
        if prop.kind == "external":
            return {"enum": _EXTERNAL[prop.range]}
        if prop.kind != "class":
            return self.reference(prop)
        if prop.range == "LifecycleEvent":
            events = [Property(name=event, kind="class", range=event) for event in EVENT_CLASSES]
            return {"anyOf": [self.value(event) for event in events]}
        if prop.range == "Characteristics":
            return _characteristics(CHARACTERISTICS_DEPTH)
        return self.node(prop.range)

    def reference(self, prop: Property) -> Schema:
        """A reference: what identifies it and any flat member of its class, but no reference inside a reference."""
        target = CLASSES[prop.range]
        properties: Schema = {}
        required = [m.name for m in prop.members if m.required]
        if prop.kind == "ref":
            properties |= {"type": _types(target.types), "id": _URI, "name": SCALAR_SCHEMAS["text"]}
            required = ["type", "id", "name", *required]
        elif "id" in required:
            properties["id"] = _URI
        for member in target.properties:
            if member.name not in properties and _is_flat(member):
                properties[member.name] = self.value(member)
        return object_schema(properties, required, closed=True)


def _is_flat(prop: Property) -> bool:
    """Whether a member may stand in a reference: nothing below it refers to anything but an identifier scheme."""
    if prop.kind == "external":
        return prop.range in _EXTERNAL
    if prop.kind == "class":
        return prop.range != "Characteristics" and all(map(_is_flat, CLASSES[prop.range].properties))
    return not prop.is_node or prop.range == "IdentifierScheme"


def _characteristics(depth: int) -> Schema:
    """Objects of plainly named members, nested at most ``depth`` levels, whose names no context knows as a term."""
    terms = _V2_TERMS | {term for term in context()["@context"] if term[0].islower()}
    scalar: Schema = {"type": ["string", "number", "boolean"]}
    level: Schema = {"type": "object", "maxProperties": 0}
    for _ in range(depth):
        level = {
            "type": "object",
            # one or two letters with a capital are element symbols ("elementGrades": {"Li": ...}); no term is that short
            "propertyNames": {
                "pattern": "^(?:[a-z][A-Za-z0-9]*|[A-Z][a-z]?)$",
                "not": {"enum": sorted(terms)},
            },
            "additionalProperties": {
                "anyOf": [scalar, level, {"type": "array", "items": {"anyOf": [scalar, level]}}]
            },
        }
    return level
