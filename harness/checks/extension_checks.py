"""Extensions of UNTP: what they add is defined (that they leave the core alone is asked with the linked-data rows)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import check
from assay.harness.checks._values import short
from assay.harness.checks.terms import extension_contexts, require_extension, terms
from assay.harness.material import UNTP_KINDS, Document, Kind
from assay.harness.results import Finding

__all__: list[str] = []

_WITH_TERMS = UNTP_KINDS | {Kind.SCHEME}


@check("EXT-007", kinds=_WITH_TERMS, silent_when_certified=True)
def extension_defines_what_it_adds(document: Document) -> Iterator[Finding]:
    """Where a document uses an extension context, every added term is defined there."""
    require_extension(document)
    for term in terms(document):
        if term.kind == "vocab":
            yield Finding(
                at=document.at(*term.path),
                expected="a term that the extension context defines",
                received=f"'{term.path[-1]}'",
                hint=f"Add the term to {short(extension_contexts(document)[0])}.",
            )
