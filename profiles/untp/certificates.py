"""Certificate schemas: closed JSON Schemas, made from a class table, whose passing settles everything at once.

A document that passes with format assertion on

* is valid under the schema of its kind, formats included;
* loses nothing in JSON-LD processing: no dropped or undefined term, no term caught by a class ``@vocab`` (except under
  ``characteristics``, the intended extension point, where a version has one), every identifier an absolute IRI, no
  processing error;
* uses real codes: external lists such as countries of ISO 3166-1 and units of Recommendation 20 are enumerated;
* is nested a known, small number of levels deep.

A document that does not pass is not wrong: extensions, further contexts and further types are allowed by the protocol,
and take the slower, exact way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations

from assay.profiles.untp.notation import Property, Table
from assay.profiles.untp.schemas import SCALAR_SCHEMAS, Schema, object_schema, required_names

__all__ = ["CertificateBuilder", "exactly"]


def exactly(names: Iterable[str]) -> Schema:
    """Exactly these types, in any order: a further type could bring a further context."""
    # told as the few arrays there are: one comparison instead of five keywords
    orders = [list(order) for order in permutations(names)]
    return {"const": orders[0]} if len(orders) == 1 else {"enum": orders}


class CertificateBuilder:
    """One certificate in the making. ``wanted`` holds definitions that are referred to but not yet written."""

    def __init__(
        self,
        table: Table,
        kind: str,
        external: Mapping[str, Schema],
        special: Mapping[str, Schema] | None = None,
    ) -> None:
        """``external`` are the schemas of external lists, ``special`` those of classes that are no plain ones."""
        self.table = table
        self.kind = kind
        self.external = external
        self.special = special or {}
        self.wanted: list[tuple[str, Property]] = []

    def document(self) -> Schema:
        """The whole certificate."""
        definition = self.table.classes[self.kind]
        credential = "root" in definition.marks
        root = self.node(self.kind, (self.kind, "VerifiableCredential") if credential else definition.types)
        root["properties"]["@context"] = {"const": list(self.table.contexts[self.kind])}
        root["required"] = ["@context", *root["required"]]
        definitions: Schema = {}
        while self.wanted:
            name, prop = self.wanted.pop()
            if name not in definitions:
                definitions[name] = self.definition(prop)
        return {"$schema": self.table.kinds[self.kind].dialect, **root, "$defs": definitions}

    def node(self, cls: str, types: tuple[str, ...] = ()) -> Schema:
        """A class, closed, with its ``type`` required where its context hangs on it."""
        definition = self.table.classes[cls]
        properties: Schema = {}
        required: list[str] = []
        if definition.typed or types:
            properties["type"] = exactly(types or definition.types)
            required.append("type")
        if definition.has_id:
            properties["id"] = SCALAR_SCHEMAS["uri"]
            if definition.needs_id:
                required.append("id")
        for prop in definition.properties:
            if prop.range not in self.special or self.special[prop.range]:
                properties[prop.name] = self.value(prop)
        required += required_names(definition.properties)
        return object_schema(properties, required, closed=True)

    def value(self, prop: Property) -> Schema:
        """The schema of a property's value; array if the property has many."""
        one = self._one(prop)
        return {"type": "array", "items": one} if prop.many else one

    def _one(self, prop: Property) -> Schema:
        match prop.kind:
            case "scalar" if prop.range == "party-uri":
                return SCALAR_SCHEMAS["uri"]
            case "scalar":
                return SCALAR_SCHEMAS[prop.range]
            case "code":
                return {"enum": list(self.table.code_lists[prop.range])}
            case "const":
                return {"const": prop.range}
            case _:
                name = self.name(prop)
                self.wanted.append((name, prop))
                return {"$ref": f"#/$defs/{name}"}

    @staticmethod
    def name(prop: Property) -> str:
        """Name of the definition: one per class or list, and one per way of referring to a class."""
        if prop.kind in ("class", "external"):
            return prop.range
        return "-".join([prop.kind, prop.range, *(m.name for m in prop.members if m.required)])

    def definition(self, prop: Property) -> Schema:
        """What stands under the name of a property's range."""
        if prop.kind == "external":
            return self.external[prop.range]
        if prop.kind != "class":
            return self.reference(prop)
        if prop.range == self.table.event_base:
            events = [Property(name=event, kind="class", range=event) for event in self.table.events]
            return {"anyOf": [self.value(event) for event in events]}
        if prop.range in self.special:
            return self.special[prop.range]
        definition = self.table.classes[prop.range]
        if definition.array:
            (item,) = definition.properties
            return {"type": "array", "items": self.value(item)}
        return self.node(prop.range)

    def reference(self, prop: Property) -> Schema:
        """A reference: what identifies it and any flat or special member of its class, but no reference inside a reference."""
        target = self.table.classes[prop.range]
        properties: Schema = {}
        required = [m.name for m in prop.members if m.required]
        if prop.kind == "ref":
            properties |= {"type": exactly(target.types), "id": SCALAR_SCHEMAS["uri"]}
            properties["name"] = SCALAR_SCHEMAS["text"]
            required = [*(["type"] if self.table.typed_references else []), "id", "name", *required]
        elif "id" in required:
            properties["id"] = SCALAR_SCHEMAS["uri"]
        for member in target.properties:
            if member.name not in properties and self.in_reference(prop, member):
                properties[member.name] = self.value(member)
        return object_schema(properties, required, closed=True)

    def in_reference(self, prop: Property, member: Property) -> bool:
        """Whether a member of its class may stand in this reference."""
        if not self.table.typed_references:  # the context of the reference knows what the reference picks
            known = ("idScheme", *(picked.name for picked in prop.members))
            return member.name in known
        return self._is_flat(member) or bool(self.special.get(member.range))

    def _is_flat(self, prop: Property) -> bool:
        """Whether nothing below a member refers to anything but an identifier scheme."""
        if prop.kind == "external":
            return prop.range in self.external
        if prop.kind == "class":
            return prop.range not in self.special and all(
                map(self._is_flat, self.table.classes[prop.range].properties)
            )
        return not prop.is_node or prop.range == "IdentifierScheme"
