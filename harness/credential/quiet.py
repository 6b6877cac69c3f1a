"""Quiet conditions: cheap tests that prove rules which compare values to have nothing to say of a certified document.

JSON Schema cannot compare two dates or add up fractions. What :mod:`.silence` does for single values is done here in
Python: one look at the members that matter, without node objects and generators. Every condition is *sufficient* for
the checks named beside it to find nothing in a certified document; where one does not hold, all those checks are asked
as if this module did not exist. Tests hold conditions and checks together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema_rs

from assay.harness.checks._values import host
from assay.harness.checks.attestation_checks import same_house
from assay.harness.checks.dia_checks import same_authority
from assay.harness.checks.digests import matches
from assay.harness.checks.facility_checks import OPERATING_ROLES, misplaced
from assay.harness.checks.material_checks import MASS_MARGIN, kilograms
from assay.harness.checks.passport_checks import image_bytes, starts_like
from assay.harness.checks.software_checks import versions_in
from assay.harness.credential.instants import instant
from assay.harness.material import UNTP_KINDS, Kind
from assay.profiles.untp_0_7.table import CLASSES, EVENT_CLASSES

__all__ = ["QUIET", "UNREMARKABLE", "is_quiet", "is_unremarkable"]

_Value = dict[str, Any]
_Condition = Callable[[_Value], bool]

_SWEEP = jsonschema_rs.Draft202012Validator(
    {"not": {"pattern": r"//[\[0-9]|//[lL][oO]|@[\[0-9]|@[lL][oO]|\\[/u]|hashDigest"}}, offline=True
)
"""JSON text without what an address in the author's own network or a digest of UNTP 0.6 would need.

Its pattern is kept to short beginnings: searched for in one sweep, several times faster than by :mod:`re`."""


def _runs_forward(value: _Value, begin: str, end: str) -> bool:
    first, last = value.get(begin), value.get(end)
    # dates are written alike, so their texts sort as they do
    return first is None or last is None or first <= last


def _adds_up(items: Any, dimensions: Any) -> bool:
    """Fractions of materials within the whole, masses in line with the weight."""
    if not items:
        return True
    weight = kilograms(dimensions.get("weight")) if dimensions else None
    total = 0.0
    for item in items:
        fraction = item.get("massFraction")
        if fraction is None:
            continue
        total += fraction
        if weight is not None and "mass" in item:
            mass, expected = kilograms(item["mass"]), fraction * weight
            if mass is not None and not abs(mass - expected) <= MASS_MARGIN * max(mass, expected):
                return False
    return total <= 1


def _product(value: _Value) -> bool:
    return _adds_up(value.get("materialProvenance"), value.get("dimensions")) and _runs_forward(
        value, "productionDate", "expiryDate"
    )


def _location(value: _Value) -> bool:
    boundary, corners = value.get("geoBoundary"), None
    if boundary is not None:
        corners = [(float(corner["latitude"]), float(corner["longitude"])) for corner in boundary]
        if len(corners) < 4 or corners[0] != corners[-1] or len(set(corners)) < 3:
            return False
    return misplaced(value, corners) == (False, None)


def _image(value: _Value) -> bool:
    data = value.get("imageData")
    if data is None:
        return True
    decoded = image_bytes(data)
    return decoded is not None and starts_like(decoded, value.get("mediaType", ""))


def _software(value: _Value) -> bool:
    named, version = versions_in(value.get("id", "")[:2_048]), value.get("version", "")
    return not named or not version or version.removeprefix("v") in named


def _template(value: _Value) -> bool:
    digest, template = value.get("digestMultibase"), value.get("template")
    return digest is None or template is None or matches(digest, template.encode("utf-8", "surrogatepass"))


def _endorsement(value: _Value) -> bool:
    authority = host(value.get("issuingAuthority", {}).get("id", ""))
    evidence = host(value.get("endorsementEvidence", {}).get("linkURL", ""))
    return not authority or not evidence or same_house(authority, evidence)


_NODES: dict[str, tuple[tuple[str, ...], _Condition]] = {
    "Product": (("DPP-030", "DPP-031", "DPP-062"), _product),
    "Package": (
        ("DPP-030", "DPP-031"),
        lambda value: _adds_up(value.get("materialUsed"), value.get("dimensions")),
    ),
    "MaterialUsage": (("DFR-018",), lambda value: _adds_up(value.get("materialConsumed"), None)),
    "Location": (("DFR-010", "DFR-011"), _location),
    "Image": (("DPP-035",), _image),
    "Period": (("DPP-061",), lambda value: _runs_forward(value, "startDate", "endDate")),
    "IssuingSoftware": (("ENV-008",), _software),
    "RenderTemplate2024": (("RND-007",), _template),
    "Endorsement": (("DCC-013",), _endorsement),
}


def _attested_by_another(value: _Value) -> bool:
    return bool(value["issuer"]["id"] != value["credentialSubject"].get("issuedToParty", {}).get("id"))


def _issued_by_an_operator(value: _Value) -> bool:
    issuer = value["issuer"]["id"]
    return any(
        item["party"]["id"] == issuer and item["role"] in OPERATING_ROLES
        for item in value["credentialSubject"]["relatedParty"]
    )


def _anchored_by_the_authority(value: _Value) -> bool:
    issuer, subject = value["issuer"]["id"], value["credentialSubject"]
    authority, registrar = host(issuer), host(subject["registrar"]["id"])
    return bool(authority and registrar) and issuer != subject["id"] and same_authority(authority, registrar)


_ROOTS: dict[str, tuple[tuple[str, ...], _Condition]] = {
    Kind.DCC.value: (("DCC-004",), _attested_by_another),
    Kind.DFR.value: (("DFR-015",), _issued_by_an_operator),
    Kind.DIA.value: (("DIA-011", "DIA-013"), _anchored_by_the_authority),
}
UNREMARKABLE = frozenset({"IN-014", "IN-015"})
"""Rows on whole documents that have nothing to say where :func:`is_unremarkable` holds, certified or not."""
_EVERY_ROOT = (*sorted(UNREMARKABLE), "IN-018", "VCP-014", "STS-008")

QUIET: Mapping[str, frozenset[str]] = {
    **{name: frozenset(rows) for name, (rows, _) in _NODES.items()},
    **{kind.value: frozenset(_EVERY_ROOT + _ROOTS.get(kind.value, ((),))[0]) for kind in UNTP_KINDS},
}
"""Rows by class of node (credential types for checks on whole documents): silent where :func:`is_quiet` holds."""


def is_unremarkable(text: bytes) -> bool:
    """Whether JSON text, which must be UTF-8, holds nothing that the checks of :data:`UNREMARKABLE` look for."""
    return bool(_SWEEP.is_valid(text.decode()))


def is_quiet(kind: str, value: _Value, text: bytes, as_of: datetime) -> bool:
    """Whether a *certified* document of a UNTP kind, written as ``text``, keeps every check of :data:`QUIET` silent."""
    try:
        return _document_is_quiet(kind, value, text, as_of) and _visitor(kind)(value)
    except Exception:  # noqa: BLE001 - whatever a condition cannot read, the checks themselves will look at
        return False


def _document_is_quiet(kind: str, value: _Value, text: bytes, as_of: datetime) -> bool:
    begins, ends = instant(value["validFrom"]), value.get("validUntil")
    if begins is None or begins > as_of:
        return False
    if ends is not None:
        ends = instant(ends)
        if ends is None or ends < as_of:
            return False
    if not _is_plain(value["credentialStatus"]) or not is_unremarkable(text):
        return False
    root = _ROOTS.get(kind)
    return root is None or root[1](value)


def _is_plain(status: _Value) -> bool:
    """Whether a status entry is no list itself, and written in a way that text and schema agree on but for its index."""
    return (
        status.get("id") != status["statusListCredential"]
        and type(status["statusListIndex"]) is int
        and status["statusPurpose"] != "message"
        and "statusSize" not in status
        and "statusMessage" not in status
    )


@cache
def _visitor(kind: str) -> _Condition:
    return _compiled(kind, False, {})


def _compiled(cls: str, reference: bool, known: dict[tuple[str, bool], _Condition]) -> _Condition:
    """A function that tests an object of a class, and all objects below it, by the conditions of their classes."""
    if (cls, reference) in known:
        return known[cls, reference]
    found = None if reference else _NODES.get(cls)
    condition = None if found is None else found[1]
    below: list[tuple[str, _Condition]] = []

    def visit(value: _Value) -> bool:
        if condition is not None and not condition(value):
            return False
        for member, test in below:
            if member in value:
                child = value[member]
                if type(child) is dict:
                    if not test(child):
                        return False
                else:
                    for item in child:
                        if not test(item):
                            return False
        return True

    # known before what is below it is compiled: classes refer to one another
    known[cls, reference] = visit
    below += [(member, _compiled(*target, known)) for member, target in _ways(cls)]
    return visit


def _ways(cls: str) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Members that lead to classes with a condition, each with what stands there."""
    for member, target in _members(cls).items():
        if _leads(*target, frozenset()):
            yield member, target


@cache
def _members(cls: str) -> Mapping[str, tuple[str, bool]]:
    # what stands in the place of an event may be any of them: members of the same name mean the same in all
    classes = ("LifecycleEvent", *EVENT_CLASSES) if cls == "LifecycleEvent" else (cls,)
    return {
        prop.name: (prop.range, prop.kind != "class")
        for name in classes
        if name in CLASSES
        for prop in CLASSES[name].properties
        if prop.is_node
    }


def _leads(cls: str, reference: bool, above: frozenset[tuple[str, bool]]) -> bool:
    if cls in _NODES and not reference:
        return True
    here = (cls, reference)
    return here not in above and any(_leads(*target, above | {here}) for target in _members(cls).values())
