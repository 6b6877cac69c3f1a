"""Rendering for UNTP 0.7.0: entries of the agenda become documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assay.simulator.issuance.abouts import (
    Entry,
    FacilityRecord,
    Identity,
    Makes,
    Passport,
    Permit,
    ProductCertificate,
    Receipt,
    Shipment,
    SiteCertificate,
    Stocktake,
)
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.custody import (
    Credit,
    CustodyCertificate,
    Retirement,
    Statement,
)
from assay.simulator.issuance.footprints import FootprintCertificate
from assay.simulator.issuance.governance import Attested
from assay.simulator.issuance.v0_7.attestations import certificate
from assay.simulator.issuance.v0_7.custody import custody_credential
from assay.simulator.issuance.v0_7.events import event
from assay.simulator.issuance.v0_7.facilities import facility_record
from assay.simulator.issuance.v0_7.footprints import footprint_certificate
from assay.simulator.issuance.v0_7.fragments import Fragments, Json
from assay.simulator.issuance.v0_7.governance import attested
from assay.simulator.issuance.v0_7.identities import identity
from assay.simulator.issuance.v0_7.passports import passport
from assay.simulator.issuance.v0_7.schemes import scheme_document

__all__ = ["RENDERERS", "VERSION", "Renderer"]

VERSION = "0.7.0"

RENDERERS: Mapping[type, Callable[[Fragments, Entry, Any], Json]] = {
    Identity: identity,
    FacilityRecord: facility_record,
    Passport: passport,
    Makes: event,
    Shipment: event,
    Receipt: event,
    Stocktake: event,
    ProductCertificate: certificate,
    SiteCertificate: certificate,
    Permit: certificate,
    CustodyCertificate: custody_credential,
    FootprintCertificate: footprint_certificate,
    Statement: custody_credential,
    Credit: custody_credential,
    Retirement: custody_credential,
    Attested: attested,
}
"""Who writes a credential about what."""


class Renderer:
    """Renders entries of one world. Fragments are shared between documents: treat what comes back as frozen."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._pieces = Fragments(book)

    def render(self, entry: Entry) -> Json:
        """The unsigned document of an entry."""
        return RENDERERS[type(entry.about)](self._pieces, entry, entry.about)

    def plain(self, document: Json) -> Json:
        """The document itself; see ``versions.Renderer``."""
        return document

    def schemes(self) -> list[Json]:
        """The published conformity vocabularies."""
        self._pieces.all_software()  # publishes the pages that the registers of software lead to
        return [scheme_document(self._pieces, scheme) for scheme in self.book.world.schemes.values()]
