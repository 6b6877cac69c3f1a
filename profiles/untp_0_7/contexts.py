"""The JSON-LD context of UNTP 0.7.0, generated from the class table; equal to the published one in normal form."""

from __future__ import annotations

from functools import cache
from typing import Any

from assay.profiles.untp_0_7.table import CLASSES, KINDS, UNTP, ClassDef, Property

__all__ = ["VOCABULARIES", "context"]

Term = dict[str, Any]

VOCABULARIES = "https://vocabulary.uncefact.org/"

_XSD = {
    "string": "xsd:string",
    "uri": "xsd:anyURI",
    "date": "xsd:date",
    "date-time": "xsd:datetime",  # so published; XML Schema calls it dateTime
    "number": "xsd:double",
    "fraction": "xsd:double",
    "latitude": "xsd:double",
    "longitude": "xsd:double",
    "integer": "xsd:integer",
    "boolean": "xsd:boolean",
    "byte": "xsd:string",
    "multibase": "https://w3id.org/security#multibase",
}

# Terms that are borrowed instead of being minted under untp:
_BORROWED = {
    "name": "schema:name",
    "description": "schema:description",
    "streetAddress": "schema:streetAddress",
    "postalCode": "schema:postalCode",
    "addressLocality": "schema:addressLocality",
    "addressRegion": "schema:addressRegion",
    "mediaType": "https://schema.org/encodingFormat",
    "digestMultibase": "https://w3id.org/security#digestMultibase",
}

# Code lists that live beside the UNTP vocabulary, not under it.
_SHARED_LISTS = frozenset({"CountryId", "UnitMeasureCode"})


@cache
def context() -> Term:
    """The context document, ``{"@context": {...}}``. Shared: do not change it."""
    terms: Term = {
        "@version": 1.1,
        "@protected": True,
        "untp": UNTP,
        "schema": "https://schema.org/",
        "renderMethodPrefix": "https://w3id.org/vc/render-method#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "id": "@id",
        "type": "@type",
    }
    for kind in KINDS:
        definition = CLASSES.get(kind)
        if definition is not None and definition.parent == "Envelope":
            vocab = {"@protected": True, "@vocab": f"{UNTP}{kind}#"}
            terms[kind] = {"@id": f"untp:{kind}", "@context": vocab}
    terms["issuingSoftware"] = _term(CLASSES["Envelope"].by_name["issuingSoftware"])
    for name, definition in CLASSES.items():
        if definition.typed:
            terms[name] = {"@id": f"untp:{name}", "@context": _scope(definition)}
    terms["Entity"]["@protected"] = False
    return {"@context": terms}


def _scope(definition: ClassDef) -> Term:
    """The scoped context of a class: hung on its type, or on the properties that hold it."""
    scope: Term = {"@protected": True}
    if definition.vocab:
        scope["@vocab"] = f"{UNTP}{definition.name}#"
    scope |= {p.name: _term(p) for p in definition.properties if p.in_context}
    return scope


def _term(prop: Property) -> Term:
    term: Term = {"@id": _BORROWED.get(prop.name, f"untp:{prop.name}")}
    if prop.kind in ("code", "external"):
        base = VOCABULARIES if prop.range in _SHARED_LISTS else UNTP
        scope = {"@protected": True, "@vocab": f"{base}{prop.range}#"}
        return term | {"@type": "@vocab", "@context": scope}
    if prop.kind == "scalar":
        return term if prop.range == "text" else term | {"@type": _XSD[prop.range]}
    return term | _object_term(prop)


def _object_term(prop: Property) -> Term:
    """What a term that holds nodes says beside its IRI, the published irregularities included."""
    definition = CLASSES[prop.range]
    if (
        prop.name == "idScheme"
    ):  # `id` becomes an ordinary property here, so schemes never become shared nodes
        scope = {
            "@protected": True,
            "id": {"@id": "untp:id", "@type": "xsd:anyURI"},
            "name": {"@id": "schema:name"},
        }
        return {"@type": "@id", "@context": scope}
    if definition.typed:
        container = {"@container": "@set"} if prop.name == "conformityTopic" else {}
        return {"@type": "@id", **container}
    if prop.range == "Characteristics":  # the intended extension point: neither coerced nor protected
        return {"@context": {"@vocab": f"{UNTP}Characteristics#"}}
    coerced = {"@type": "@id"} if definition.vocab else {}
    return {**coerced, "@context": _scope(definition)}
