"""The JSON-LD contexts of UNTP 0.6.0 and 0.6.1, one per credential type; equal to the published ones in normal form.

Facts about them that surprise:

* an untyped reference is filed under the *class* it refers to: ``producedByParty`` is ``core:Party``;
* names of classes without a context of their own (Link, Measure, Metric, ...) are unknown: a ``type`` that names one is
  a relative IRI to JSON-LD;
* ``characteristics`` of products is no term at all, so JSON-LD drops it;
* 0.6.0 says nothing about ``name`` and ``description``; the W3C context gives them the same meaning.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from assay.profiles.untp.notation import ClassDef, Property
from assay.profiles.untp_0_6.table import TABLES, VOCABULARIES

__all__ = ["EXTERNAL_LISTS", "context"]

Term = dict[str, Any]

EXTERNAL_LISTS = {
    "CountryId": "https://vocabulary.uncefact.org/CountryId#",
    "UnitMeasureCode": "https://vocabulary.uncefact.org/UnitMeasureCode#",
    "mimetype": "https://mimetype.io/",
    "Disp": "https://ref.gs1.org/cbv/Disp-",
    "BizStep": "https://ref.gs1.org/cbv/BizStep-",
    "BTT": "https://ref.gs1.org/cbv/BTT-",
}
"""Where the values of external lists live."""

_EVERYWHERE = ("IdentifierScheme", "Classification", "Party", "CredentialIssuer")
_RENDERING = ("RenderTemplate2024", "WebRenderingTemplate2022")
_DECLARATIONS = ("Standard", "Regulation", "Criterion", "Declaration")
_EVENTS = (
    "TransformationEvent",
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "AssociationEvent",
)
_CLASSES = {
    "DigitalProductPassport": ("Facility", "Product", *_DECLARATIONS, "Claim", "ProductPassport"),
    "DigitalConformityCredential": (
        *("Endorsement", "ConformityAssessmentScheme", "ConformityScheme", *_DECLARATIONS),
        *("Facility", "Product", "ConformityAssessment", "ConformityAttestation", "Attestation"),
    ),
    "DigitalFacilityRecord": ("Facility", *_DECLARATIONS, "Claim", "FacilityRecord"),
    "DigitalTraceabilityEvent": ("Item", "Event", "Facility", "Product", *_EVENTS),
    "DigitalIdentityAnchor": ("RegisteredIdentity",),
}
"""Classes that the context of a kind knows, besides those that all of them know."""

_NUMBER_RANGES = frozenset({"number", "float"})

# Terms that 0.6.1 moved to schema.org, an invented one among them.
_BORROWED = {"name": "schemaorg:name", "description": "schemaorg:description"}
_BORROWED_0_6_1 = {**_BORROWED, "productName": "schemaorg:productName"}


@cache
def context(kind: str, version: str) -> Term:
    """The context document of a kind, ``{"@context": {...}}``. Shared: do not change it.

    Raises KeyError for a kind or version that has none.
    """
    return _Builder(kind, version).document()


class _Builder:
    def __init__(self, kind: str, version: str) -> None:
        self.kind = kind
        self.table = TABLES[version]
        self.short = self.table.kinds[kind].short
        self.later = version != "0.6.0"

    def document(self) -> Term:
        terms: Term = {
            f"untp-{self.short}": f"{VOCABULARIES}{self.short}/0/",
            "untp-core": f"{VOCABULARIES}core/0/",
            "renderMethodPrefix": "https://w3id.org/vc/render-method#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "@protected": True,
            "@version": 1.1,
        }
        if self.later:
            terms["schemaorg"] = "https://schema.org/"
        names = (*_EVERYWHERE, *_CLASSES[self.kind], *_RENDERING)
        if "Facility" in names:
            terms["geojson"] = "https://purl.org/geojson/vocab#"
        terms[self.kind] = {"@protected": True, "@id": f"untp-{self.short}:{self.kind}"}
        for name in names:
            definition = self.table.classes.get(name)
            if definition is None:  # of the other release
                continue
            scope = self.scope(definition)
            term = {"@protected": True, "@id": self.iri(definition.namespace, name)}
            terms[name] = {**term, "@context": scope} if len(scope) > 1 else term
        return {"@context": terms}

    @staticmethod
    def iri(namespace: str, name: str) -> str:
        return f"{namespace}:{name}" if namespace == "geojson" else f"untp-{namespace or 'core'}:{name}"

    def scope(self, definition: ClassDef) -> Term:
        """The scoped context of a class: hung on its type, or on the properties that hold it."""
        scope: Term = {"@protected": True}
        for prop in definition.properties:
            if prop.in_context and (self.later or prop.name not in _BORROWED):
                scope[prop.name] = self.term(prop)
        return scope

    def term(self, prop: Property) -> Term:
        borrowed = _BORROWED_0_6_1.get(prop.name) if self.later else None
        if borrowed is not None:
            return {"@id": borrowed}
        if prop.name in ("template", "url"):
            return {"@id": f"renderMethodPrefix:{prop.name}", "@type": "xsd:string"}
        term: Term = {"@id": self.iri(prop.namespace, prop.name)}
        match prop.kind:
            case "code":
                vocabulary = f"{VOCABULARIES}{prop.namespace or 'core'}/0/{prop.range}#"
                return {**term, "@type": "@vocab", "@context": {"@protected": True, "@vocab": vocabulary}}
            case "external":
                scope = {"@protected": True, "@vocab": EXTERNAL_LISTS[prop.range]}
                return {**term, "@type": "@vocab", "@context": scope}
            case "class":
                definition = self.table.classes[prop.range]
                if definition.typed:
                    return {**term, "@type": "@id"}
                return {"@protected": True, **term, "@context": self.scope(definition)}
            case "ref":
                return self.reference(prop)
            case _:
                return {**term, "@type": self.datatype(prop)}

    def datatype(self, prop: Property) -> str:
        if prop.range == "party-uri":
            return "@id"
        if prop.range == "boolean":
            return "xsd:boolean"
        if prop.range in _NUMBER_RANGES:
            return "xsd:double" if self.later else "xsd:decimal"
        return "xsd:string"

    def reference(self, prop: Property) -> Term:
        """A reference knows its name, its scheme and what it picks, and stands under the class it refers to."""
        target = self.table.classes[prop.range]
        known = ("name", "idScheme", *(member.name for member in prop.members))
        picked = ClassDef(target.name, None, target.marks, tuple(target.by_name[name] for name in known))
        return {
            "@id": self.iri(target.namespace, target.name),
            "@type": "@id",
            "@context": self.scope(picked),
        }
