"""The silence schema: one cheap pass that proves many code rules to have nothing to say of a certified document.

Every fragment states a *sufficient* condition, as JSON Schema, for the checks named beside it to find nothing in a node of
that class. A document that fulfils all of them need not be asked those checks at all; one that does not is asked
each of them, as if this module did not exist. Tests hold fragments and checks together.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from assay.harness.checks.attestation_checks import ASSESSED
from assay.harness.checks.code_list_checks import ACTIVITY_SCHEMES
from assay.harness.checks.event_checks import FITTING
from assay.harness.checks.facility_checks import OPERATING_ROLES
from assay.harness.checks.links import CREDENTIAL_LINKS
from assay.harness.checks.passport_checks import MAKER_ROLES, NUMBER_OF
from assay.harness.material import UNTP_KINDS, Kind
from assay.profiles.untp_0_7 import codes
from assay.profiles.untp_0_7.table import CLASSES, EVENT_CLASSES

__all__ = ["COVERED", "is_silent"]

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_RESOLVABLE: Schema = {
    "type": "string",
    "pattern": "^(did:[a-z0-9]+:[A-Za-z0-9]|https://[A-Za-z0-9.-]+(/|$))",
}
_NAMED: Schema = {"type": "object", "required": ["id"], "properties": {"id": _TEXT}}
_SOME: Schema = {"type": "array", "minItems": 1}


def _has(**members: Schema) -> Schema:
    return {"type": "object", "required": list(members), "properties": members}


def _if_there(**members: Schema) -> Schema:
    return {"properties": members}


def _any_of(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _contains(item: Schema) -> Schema:
    return {"type": "array", "contains": item}


def _every(item: Schema) -> Schema:
    return {"items": item}


_LINK_PREFIX = "https://test.uncefact.org/vocabulary/linkTypes/"


def _spellings(*names: str) -> list[str]:
    return [prefix + name for name in names for prefix in ("", "untp:", _LINK_PREFIX)]


_COMMON_LINKS = ["about", "describedby", "item", "license", "related", "up"]
_LINKS: Schema = {"enum": [*_spellings(*sorted(CREDENTIAL_LINKS)), *_COMMON_LINKS]}
_OTHER_LINKS: Schema = {"enum": [*_spellings(*sorted(CREDENTIAL_LINKS - {"dcc"})), *_COMMON_LINKS]}
_DCC_LINK = _has(linkType={"enum": _spellings("dcc")})
_SAFE = _every(
    _any_of(_if_there(hazardous={"const": False}), _has(materialSafetyInformation={"minProperties": 1}))
)
_DIGEST = _has(digestMultibase=_TEXT)
_EVENT = (
    _if_there(
        activityType=_if_there(
            schemeId={
                "pattern": "^(" + "|".join(scheme.replace(".", "[.]") for scheme in ACTIVITY_SCHEMES) + ")"
            }
        )
    ),
    _if_there(
        **{member: _every(_if_there(disposition={"enum": sorted(fit)})) for member, fit in FITTING.items()}
    ),
    _has(relatedParty=_contains(_has(party=_NAMED))),
    _has(relatedDocument=_contains(_has(linkType={"enum": _spellings("dpp", "dcc")}))),
)
_ROOT = (
    _has(credentialSubject={"minItems": 1, "minProperties": 1}),
    _has(renderMethod={"minItems": 1, "minProperties": 1}),
)
_KNOWN_ISSUER = _has(issuer=_has(issuerAlsoKnownAs=_contains(_NAMED)))


def _units() -> Schema:
    """A metric of the taxonomy, measured in its own unit or in none."""
    by_unit: dict[str | None, list[str]] = {}
    for slug, metric in codes.METRICS.items():
        by_unit.setdefault(metric.unit, []).append(codes.METRIC_PREFIX + slug)
    every = [iri for iris in by_unit.values() for iri in iris]
    # the unit first: comparing one short string rules most branches out
    branches = [
        {
            "allOf": [
                *([] if unit is None else [_has(measure=_has(unit={"const": unit}))]),
                _has(metric=_has(id={"enum": iris})),
            ]
        }
        for unit, iris in by_unit.items()
    ]
    without_measure = {**_has(metric=_has(id={"enum": every})), "not": {"required": ["measure"]}}
    return _any_of(*branches, without_measure)


_FRAGMENTS: dict[str, tuple[tuple[str, ...], tuple[Schema, ...]]] = {
    **{
        kind.value: (
            (
                "VCP-016",
                "RND-001",
                *(() if kind is Kind.DIA else ("DPP-021",)),
                *(("DTE-002",) if kind is Kind.DTE else ()),
            ),
            _ROOT if kind is Kind.DIA else (*_ROOT, _KNOWN_ISSUER),
        )
        for kind in UNTP_KINDS
    },
    "Product": (
        ("DPP-009", "DPP-011", "DPP-020", "DPP-024", "DPP-032", "DPP-059"),
        (
            _any_of(
                *(
                    _has(idGranularity={"const": level}, **{member: _TEXT})
                    for level, member in NUMBER_OF.items()
                )
            ),
            _if_there(productCategory={"minItems": 1}),
            _has(
                relatedParty=_contains(_has(role={"enum": sorted(MAKER_ROLES)}, party=_has(id=_RESOLVABLE)))
            ),
            _has(
                dimensions=_any_of(
                    *(_has(**{name: _has(value={"type": "number"})}) for name in ("weight", "volume"))
                )
            ),
            _if_there(materialProvenance=_SAFE),
            _if_there(relatedDocument=_every(_has(linkType=_OTHER_LINKS))),
        ),
    ),
    "Package": (("DPP-032",), (_if_there(materialUsed=_SAFE),)),
    "Claim": (
        ("DPP-044", "DPP-058"),
        (_if_there(referenceCriteria={"minItems": 1}), _has(evidence=_contains(_DCC_LINK))),
    ),
    "Performance": (
        ("DPP-049", "DPP-051", "DPP-052"),
        (_any_of({"required": ["measure"]}, {"required": ["score"]}), _units()),
    ),
    "ConformityTopic": (
        ("DPP-056",),
        (_has(id={"enum": [codes.TOPIC_PREFIX + slug for slug in codes.TOPICS]}),),
    ),
    "Link": (("DPP-039",), (_if_there(linkType=_LINKS),)),
    "RenderTemplate2024": (("RND-005",), (_any_of(_has(template=_TEXT), _has(url=_TEXT)),)),
    "SoftwareVendorReference": (("ENV-009",), (_if_there(id=_RESOLVABLE),)),
    "MaterialUsage": (
        ("DFR-017", "DFR-019"),
        (_has(applicablePeriod={"type": "object", "minProperties": 1}), _if_there(materialConsumed=_SAFE)),
    ),
    "Location": (
        ("DFR-008",),
        (
            _any_of(
                _has(plusCode=_TEXT),
                _has(geoLocation={"type": "object", "minProperties": 1}),
                _has(geoBoundary=_SOME),
            ),
        ),
    ),
    "Facility": (
        ("DFR-014", "DFR-021", "DPP-059"),
        (
            _has(
                relatedParty=_contains(
                    _has(role={"enum": sorted(OPERATING_ROLES)}, party=_has(id=_RESOLVABLE))
                )
            ),
            _if_there(performanceClaim=_every(_has(applicablePeriod={"type": "object", "minProperties": 1}))),
            _if_there(relatedDocument=_every(_has(linkType=_OTHER_LINKS))),
        ),
    ),
    "ConformityProfile": (
        ("CVC-018",),
        (
            _has(
                version={"type": "string", "pattern": r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$"}
            ),
        ),
    ),
    "ConformityAttestation": (
        ("DCC-010", "DCC-011", "DCC-029"),
        (
            _has(referenceProfile=_NAMED),
            _any_of(
                {"not": {"required": ["assessmentLevel"]}},
                _has(assessmentLevel={"not": {"pattern": "^authority-"}}),
                _has(authorisation=_contains({"type": "object"})),
            ),
            _if_there(auditableEvidence=_DIGEST),
        ),
    ),
    "ConformityAssessment": (
        ("DCC-015", "DCC-022", "DCC-026", "DCC-028", "DCC-029"),
        (
            _any_of(*(_has(**{name: {"minItems": 1, "minProperties": 1}}) for name in ASSESSED)),
            _has(conformityTopic=_contains(_NAMED), conformance={}),
            _if_there(assessedPerformance={"minItems": 1}, evidence=_every(_DIGEST)),
        ),
    ),
    "ProductVerification": (("DCC-019",), (_has(idVerifiedByCAB={"type": "boolean"}),)),
    "FacilityVerification": (("DCC-019",), (_has(idVerifiedByCAB={"type": "boolean"}),)),
    "RegisteredIdentity": (
        ("DIA-002", "DIA-009"),
        (
            _has(id={"type": "string", "pattern": "^did:[a-z0-9]+:[A-Za-z0-9._:-]*[A-Za-z0-9._-]$"}),
            _has(registrationScope=_SOME),
        ),
    ),
    "MakeEvent": (
        ("DTE-008", "DTE-012", "DTE-023", "DTE-024", "DTE-028"),
        (*_EVENT, _if_there(inputProduct={"minItems": 1}, outputProduct={"minItems": 1})),
    ),
    "MoveEvent": (("DTE-008", "DTE-023", "DTE-024", "DTE-028"), _EVENT),
    "ModifyEvent": (("DTE-008", "DTE-023", "DTE-024", "DTE-028"), _EVENT),
    "EventProduct": (
        ("DTE-020", "DTE-021"),
        (
            _any_of(
                _has(quantity={"type": "object", "minProperties": 1}),
                _has(product=_has(idGranularity={"const": "item"})),
                _has(product=_has(itemNumber=_TEXT)),
            ),
            _has(disposition=_TEXT),
        ),
    ),
}

_IDENTIFIERS = ("IDR-001", "IDR-019", "IDR-020", "IDR-021", "IDR-024")
_PLAIN_IDENTIFIER = _has(
    id={"type": "string", "pattern": "^(https://|did:)[A-Za-z0-9._~:/%+@!$&'()*,;=#-]+$"}
)
"""An https URL without a query, or a DID."""
for _name in ("Product", "ProductReference", "Facility", "FacilityReference", "Party", "PartyReference"):
    _rows, _schemas = _FRAGMENTS.get(_name, ((), ()))
    _FRAGMENTS[_name] = ((*_rows, *_IDENTIFIERS), (*_schemas, _PLAIN_IDENTIFIER))

COVERED: Mapping[str, frozenset[str]] = {name: frozenset(rows) for name, (rows, _) in _FRAGMENTS.items()}
"""Rows by class of node (credential types for checks on whole documents): silent where the schema holds.

A check that may also say there that it does not apply is named in :mod:`assay.harness.settled`, which tells this from passing.
"""


def _label(cls: str, reference: bool) -> str:
    return cls + "Reference" if reference else cls


def _definitions() -> dict[str, Schema]:
    """One definition per class and per reference to it: its fragments, and the definitions of what hangs below it."""
    found: dict[str, Schema] = {}
    for cls, definition in CLASSES.items():
        members: dict[str, Schema] = {}
        for prop in definition.properties:
            if prop.is_node:
                target = {"$ref": f"#/$defs/{_label(prop.range, prop.kind != 'class')}"}
                members[prop.name] = {"items": target} if prop.many else target
        for reference in (False, True):
            label = _label(cls, reference)
            own = list(_FRAGMENTS.get(label, ((), ()))[1])
            # a copy for every label, since pruning takes members out
            found[label] = {"properties": dict(members), **({"allOf": own} if own else {})}
    for reference in (False, True):
        found[_label("LifecycleEvent", reference)] = {
            "allOf": [
                {
                    "if": {"properties": {"type": {"contains": {"const": event}}}, "required": ["type"]},
                    "then": {"$ref": f"#/$defs/{_label(event, reference)}"},
                }
                for event in EVENT_CLASSES
            ]
        }
    return _pruned(found)


def _pruned(found: dict[str, Schema]) -> dict[str, Schema]:
    """Without members below which no fragment stands, so that validation does not enter them."""
    while True:
        idle = {
            name for name, schema in found.items() if not schema.get("allOf") and not schema.get("properties")
        }
        if not idle:
            return found
        for name in idle:
            del found[name]
        for schema in found.values():
            members = schema.get("properties")
            if members is None:
                continue
            schema["properties"] = {
                name: member
                for name, member in members.items()
                if member.get("items", member)["$ref"].rpartition("/")[2] not in idle
            }


@cache
def _validator(kind: str) -> Any:
    schema = {"$ref": f"#/$defs/{kind}", "$defs": _definitions()}
    return jsonschema_rs.Draft202012Validator(schema, offline=True)


def is_silent(kind: str, value: Any) -> bool:
    """Whether a *certified* document of a UNTP kind keeps every check of :data:`COVERED` silent."""
    return bool(_validator(kind).is_valid(value))
