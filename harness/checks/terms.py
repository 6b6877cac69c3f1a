"""What JSON-LD processing says about the terms of a document, and what the class table knows about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

from assay.harness.checks import NotApplicable, Undecided
from assay.harness.credential.versions import (
    DEFAULT_VERSION,
    JUDGED_VERSIONS,
    LEGACY_VERSIONS,
    context_urls,
    table,
)
from assay.harness.material import Document, Kind, Node, Path, TermFinding
from assay.profiles import untp_0_6
from assay.profiles.untp_0_7 import V2_URL, context

__all__ = [
    "OLD_TERMS",
    "class_at",
    "core_terms",
    "entries",
    "errors",
    "extension_contexts",
    "forgotten",
    "named_types",
    "nearest",
    "nodes_by_path",
    "require_extension",
    "terms",
    "untyped",
]

_UNLOADABLE = ("loading", "unknown context", "recursive context")

OLD_TERMS: Mapping[str, str] = {
    "conformityClaim": "performanceClaim",
    "assessment": "conformityAssessment",
    "conformityEvidence": "evidence",
    "declaredValue": "claimedPerformance",
    "metricName": "metric",
    "metricValue": "measure",
    "granularityLevel": "idGranularity",
    "serialNumber": "itemNumber",
    "producedByParty": "relatedParty",
    "operatedByParty": "relatedParty",
    "traceabilityInformation": "relatedDocument",
    "dueDiligenceDeclaration": "relatedDocument",
    "emissionsScorecard": "performanceClaim",
    "circularityScorecard": "performanceClaim",
    "registrationScopeList": "registrationScope",
    "hashDigest": "digestMultibase",
    "hashMethod": "digestMultibase",
    "schemeID": "schemeId",
    "IDverifiedByCAB": "idVerifiedByCAB",
    "bizStep": "activityType",
    "processType": "activityType",
    "inputItemList": "inputProduct",
    "outputItemList": "outputProduct",
    "thresholdValue": "requiredPerformance",
}
"""Terms of UNTP 0.6 that 0.7.0 no longer has, and what took their place (0.7.0 migration guide)."""


def entries(document: Document) -> list[Any]:
    """The entries of the document's ``@context``, whatever shape it has."""
    value = document.value.get("@context") if isinstance(document.value, dict) else None
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def extension_contexts(document: Document) -> list[Any]:
    """Context entries beside the W3C context and the UNTP context."""
    known = _core_contexts(document.untp, document.kind)
    return [entry for entry in entries(document) if entry not in known]


@lru_cache(maxsize=256)
def _core_contexts(version: str | None, kind: Kind) -> tuple[str, ...]:
    return (V2_URL, *context_urls(version, kind.value))


def require_extension(document: Document) -> None:
    """Leave the check unless the document uses an extension context."""
    if not extension_contexts(document):
        raise NotApplicable("the document uses no extension context")


def errors(document: Document) -> Iterator[TermFinding]:
    """The errors that stop JSON-LD processing, without those that come from a context we do not hold."""
    for finding in terms(document):
        if finding.kind == "error":
            yield finding


def terms(document: Document) -> tuple[TermFinding, ...]:
    """The JSON-LD verdict of a document.

    :raises Undecided: JSON-LD processing was impossible, so that nothing can be said about its terms.
    """
    if document.as_of is None or document.untp not in JUDGED_VERSIONS:
        raise Undecided("terms can be told only under the contexts of the versions that are judged")
    for finding in document.terms:
        if finding.kind == "error" and finding.detail.startswith(_UNLOADABLE):
            raise Undecided(f"the terms cannot be told: {finding.detail}")
    return document.terms


def nodes_by_path(document: Document) -> Mapping[Path, Node]:
    """Every object of a known class by its path."""
    return {node.path: node for nodes in document.index.values() for node in nodes}


def class_at(nodes: Mapping[Path, Node], path: Path) -> Node | None:
    """The innermost object of a known class at or above a path."""
    for length in range(len(path), -1, -1):
        node = nodes.get(path[:length])
        if node is not None:
            return node
    return None


def named_types(node: Node) -> tuple[str, ...]:
    """The type names that an object states."""
    stated = node.value.get("type", node.value.get("@type"))
    if isinstance(stated, str):
        return (stated,)
    return tuple(name for name in stated if isinstance(name, str)) if isinstance(stated, list) else ()


def untyped(node: Node) -> bool:
    """Whether an object of a typed class lacks its class name, so that JSON-LD drops what the class defines."""
    spoken = table(node.document.untp)
    if node.reference and not spoken.typed_references:
        return False  # the property that holds the reference gives it its context
    definition = spoken.classes.get(node.cls)
    return definition is not None and definition.typed and node.cls not in named_types(node)


def forgotten(document: Document, path: Path) -> bool:
    """Whether the contexts of a version do not know what its schemas define: ``characteristics`` and the names of value
    objects in 0.6."""
    if document.untp not in LEGACY_VERSIONS:
        return False
    classes = table(document.untp).classes
    nodes = nodes_by_path(document)
    if "type" in path[-2:]:
        name: Any = document.value
        for step in path:
            name = name[step]
        definition = classes.get(name) if isinstance(name, str) else None
        return definition is not None and definition.labelled and not definition.typed
    node = class_at(nodes, path[:-1])
    prop = (
        None
        if node is None
        else classes[node.cls].by_name.get(str(path[-1]))
        if node.cls in classes
        else None
    )
    return prop is not None and not prop.in_context


@cache
def _members(cls: str, version: str | None) -> tuple[str, ...]:
    definition = table(version).classes.get(cls)
    return () if definition is None else ("id", "type", *definition.by_name)


def nearest(cls: str, name: str, version: str | None = DEFAULT_VERSION) -> str | None:
    """The member of a class that a misspelt name most likely means; None when none is near."""
    members = _members(cls, version)
    by_lower = {member.lower(): member for member in members}
    cutoff = 0.8 if len(name) > 5 else 0.74
    found = get_close_matches(name.lower(), by_lower, 1, cutoff)
    return by_lower[found[0]] if found else None


@cache
def core_terms(kind: str = "", version: str | None = DEFAULT_VERSION) -> frozenset[str]:
    """Every term that the UNTP context defines, at any depth; in 0.6 each kind of document has a context of its own."""
    legacy = version in LEGACY_VERSIONS and kind in untp_0_6.KINDS[version]
    found: set[str] = set()
    waiting: list[Any] = [(untp_0_6.context(kind, version) if legacy else context())["@context"]]
    while waiting:
        for name, definition in waiting.pop().items():
            if name.startswith("@"):
                continue
            found.add(name)
            inner = definition.get("@context") if isinstance(definition, dict) else None
            if isinstance(inner, dict):
                waiting.append(inner)
    return frozenset(found)
