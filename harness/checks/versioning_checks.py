"""Versions of UNTP: one document speaks one."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import check
from assay.harness.checks.terms import OLD_TERMS, terms
from assay.harness.material import UNTP_KINDS, Document
from assay.harness.results import Finding

__all__: list[str] = []


@check("VSN-004", kinds=UNTP_KINDS, silent_when_certified=True)
def no_terms_of_older_versions(document: Document) -> Iterator[Finding]:
    """A 0.7 credential uses no term that only 0.6 had."""
    for term in terms(document):
        name = term.path[-1] if term.path else ""
        if term.kind in ("vocab", "dropped") and name in OLD_TERMS:
            yield Finding(
                at=document.at(*term.path),
                expected=f"'{OLD_TERMS[str(name)]}', as 0.7.0 has it",
                received=f"'{name}', a term of UNTP 0.6",
                hint="Readers of 0.7 do not look at it; move its content.",
            )
