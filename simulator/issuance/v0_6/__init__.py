"""Rendering for UNTP 0.6.1 (and 0.6.0): entries of the agenda become documents that say what those of 0.7 say."""

from __future__ import annotations

from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.v0_6.envelope import LegacyFragments
from assay.simulator.issuance.v0_6.pieces import Json, Untranslatable
from assay.simulator.issuance.v0_7 import RENDERERS
from assay.simulator.issuance.v0_7.fragments import Fragments
from assay.simulator.issuance.v0_7.schemes import scheme_document

__all__ = ["VERSION", "VERSIONS", "Renderer", "Untranslatable"]

VERSION = "0.6.1"
VERSIONS = ("0.6.1", "0.6.0")


class Renderer:
    """Renders entries of one world. Fragments are shared between documents: treat what comes back as frozen."""

    def __init__(self, book: Book, version: str = VERSION) -> None:
        if version not in VERSIONS:
            raise ValueError(f"no release of UNTP 0.6: {version}")
        self.book = book
        self.version = version
        self._pieces = LegacyFragments(book, version)
        self._current = Fragments(book)

    def render(self, entry: Entry) -> Json:
        """The unsigned document of an entry."""
        return RENDERERS[type(entry.about)](self._pieces, entry, entry.about)

    def plain(self, document: Json) -> Json:
        """The document that was rendered last, with its subject in the form of 0.7."""
        url, subject = self._pieces.said
        if document["id"] != url:
            raise ValueError(f"{document['id']} is not the document that was rendered last")
        return {**document, "credentialSubject": subject}

    def schemes(self) -> list[Json]:
        """The published conformity vocabularies. 0.6 has no form for them; they come in that of 0.7, as do the registers."""
        self._current.all_software()  # publishes the pages that the registers of software lead to
        return [scheme_document(self._current, scheme) for scheme in self.book.world.schemes.values()]
