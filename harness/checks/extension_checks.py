"""Extensions of UNTP: what they add is defined (that they leave the core alone is asked with the linked-data rows)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.harness.checks import check
from assay.harness.checks._values import host, short
from assay.harness.checks.terms import extension_contexts, require_extension, terms
from assay.harness.material import UNTP_KINDS, Document, Kind
from assay.harness.results import Finding

__all__: list[str] = []

_VERSION = re.compile(r"/v?\d+(?:\.\d+)*(?:[/.#_-]|$)|[-_.@]v?\d+(?:\.\d+)+")
_OF_THE_CORE = ("uncefact.org", "w3.org")
"""Hosts of contexts that other rows speak of."""
_WITH_TERMS = UNTP_KINDS | {Kind.SCHEME}


@check("EXT-009", kinds=_WITH_TERMS)
def extension_contexts_are_versioned(document: Document) -> Iterator[Finding]:
    """The address of an extension context names a version, so that what it defines can stay as it is."""
    require_extension(document)
    for context in extension_contexts(document):
        at = host(context) if isinstance(context, str) else ""
        if at and not at.endswith(_OF_THE_CORE) and not _VERSION.search(context):
            yield Finding(
                at=document.at("@context"),
                expected="a version in the address of the extension context",
                received=short(context),
                hint="Publish each version under an address of its own, such as .../1.0/, and never take one away.",
            )


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
