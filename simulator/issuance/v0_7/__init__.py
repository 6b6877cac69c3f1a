"""Rendering for UNTP 0.7.0: entries of the agenda become documents."""

from __future__ import annotations

from assay.simulator.issuance.agenda import (
    Entry,
    FacilityRecord,
    Identity,
    Makes,
    Passport,
    Receipt,
    Shipment,
    Stocktake,
)
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.v0_7.attestations import certificate
from assay.simulator.issuance.v0_7.events import event
from assay.simulator.issuance.v0_7.facilities import facility_record
from assay.simulator.issuance.v0_7.fragments import Fragments, Json
from assay.simulator.issuance.v0_7.identities import identity
from assay.simulator.issuance.v0_7.passports import passport
from assay.simulator.issuance.v0_7.schemes import scheme_document

__all__ = ["VERSION", "Renderer"]

VERSION = "0.7.0"


class Renderer:
    """Renders entries of one book. Fragments are shared between documents: treat what comes back as frozen."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._pieces = Fragments(book)

    def render(self, entry: Entry) -> Json:
        """The unsigned document of an entry."""
        about = entry.about
        if isinstance(about, Identity):
            return identity(self._pieces, entry, about)
        if isinstance(about, FacilityRecord):
            return facility_record(self._pieces, entry, about)
        if isinstance(about, Passport):
            return passport(self._pieces, entry, about)
        if isinstance(about, Makes | Shipment | Receipt | Stocktake):
            return event(self._pieces, entry, about)
        return certificate(self._pieces, entry, about)

    def schemes(self) -> list[Json]:
        """The published conformity vocabularies."""
        return [scheme_document(self._pieces, scheme) for scheme in self.book.world.schemes.values()]
