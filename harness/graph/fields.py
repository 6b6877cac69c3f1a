"""What single members of UNTP documents mean for the graph: status, permits, custody models, topics, measures."""

from __future__ import annotations

import re
from typing import Any

from assay.harness.graph.reading import identifier, member, members, slug, text
from assay.harness.graph.units import LARGEST_MG, decimal, integer, unit_code
from assay.harness.material import Credential, Document, Path, SignatureState

__all__ = [
    "brokenness",
    "custody_model",
    "degrees_e6",
    "event_kind",
    "flag",
    "is_permit",
    "measured",
    "pointer",
    "topics",
]

_PERMIT = re.compile(r"permit|licen[cs]e\b|\b(lease|tenement|concession|mining title)", re.I)
_PERMIT_SIGNS = ("permit", "licen", "lease", "tenement", "concession", "mining title")
"""One of them stands in whatever the pattern finds; looking for them costs a fiftieth of the pattern."""
_VERSION = re.compile(r"[/#]v?\d+(\.\d+)*[/#]?$")
_CUSTODY = {
    "identity-preserved": 5,
    "identity-preservation": 5,
    "segregated": 4,
    "segregation": 4,
    "controlled-blending": 3,
    "mass-balance": 2,
    "book-and-claim": 1,
}


def pointer(path: Path) -> str:
    """RFC 6901 pointer of a path whose steps are our own names and indices, which need no escaping."""
    return "/" + "/".join(map(str, path)) if path else ""


def custody_model(criterion: str) -> tuple[str, int] | None:
    """Custody model and its strength, where a criterion's identifier ends in the model's name (position P-26).

    A version at the very end, which criterion identifiers usually carry, does not count.
    """
    last = slug(_VERSION.sub("", criterion)) or ""
    for model, strength in _CUSTODY.items():
        if last == model or last.endswith("-" + model):
            return model, strength
    return None


def brokenness(document: Document) -> str | None:
    """Why a credential counts for nothing: ``signature``, ``revoked``, ``suspended``, or None where it stands."""
    if isinstance(document, Credential):
        if document.signature.state is SignatureState.INVALID:
            return "signature"
        bits = {entry.purpose for entry in document.status if entry.bit}
        if "revocation" in bits:
            return "revoked"
        if "suspension" in bits:
            return "suspended"
    return None


def is_permit(subject: Any, assessment: Any) -> bool:
    """UNTP has no type for permits; the words of name, scheme, profile and criteria have to do."""
    things = [subject, member(subject, "referenceScheme"), member(subject, "referenceProfile"), assessment]
    things += [criterion for _, criterion in members(assessment, "assessmentCriteria")]
    words = [word for thing in things for key in ("id", "name") if (word := text(member(thing, key)))]
    told = "\n".join(words)
    if told.isascii():
        folded = told.lower()
        if not any(sign in folded for sign in _PERMIT_SIGNS):
            return False
    return _PERMIT.search(told) is not None


def event_kind(event: dict[str, Any]) -> str | None:
    """Make, move or modify, by the list of products that only this kind has."""
    for kind, key in (("make", "outputProduct"), ("move", "movedProduct"), ("modify", "modifiedProduct")):
        if key in event:
            return kind
    return None


def topics(holder: Any, criteria: str) -> set[str]:
    """Topics of a claim or assessment and of its criteria, by the last part of their IRIs."""
    places = [holder, *(criterion for _, criterion in members(holder, criteria))]
    found = (slug(identifier(topic)) for place in places for _, topic in members(place, "conformityTopic"))
    return {topic for topic in found if topic}


def measured(performance: Any) -> tuple[str, str, int] | None:
    """Metric, unit and value in millionths, where a performance has all three."""
    metric = slug(identifier(member(performance, "metric")))
    value = decimal(member(performance, "measure", "value"))
    if metric is None or value is None:
        return None
    scaled = integer(value * 1_000_000)
    return (
        None
        if scaled is None or abs(scaled) > LARGEST_MG
        else (metric, unit_code(member(performance, "measure", "unit")), scaled)
    )


def flag(value: Any) -> int | None:
    """0 or 1 for a boolean, otherwise None."""
    return int(value) if isinstance(value, bool) else None


def degrees_e6(value: Any, limit: int) -> int | None:
    """Millionths of a degree, or None for no number or one beyond ``limit`` degrees."""
    number = decimal(value)
    return None if number is None or abs(number) > limit else integer(number * 1_000_000)
