"""Schema errors in one part of a document, for rules that speak of a class in one place only."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks._values import short
from assay.harness.material import Document, Path
from assay.harness.results import Finding

__all__ = ["below"]


def below(document: Document, parent: Path, member: str, expected: str, hint: str) -> Iterator[Finding]:
    """A finding for each schema error in a member of the object at ``parent``, also where the member is missing."""
    path = (*parent, member)
    for error in document.schema_errors:
        missing = error.path == parent and any(place.endswith("." + member) for place in error.places[:1])
        if missing or error.path[: len(path)] == path:
            yield Finding(
                at=document.at(*error.path), expected=expected, received=short(error.message, 300), hint=hint
            )
