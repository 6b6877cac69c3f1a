"""What a credential can be about, and the wish to issue one. Free of any UNTP version.

An entry is self-contained: it holds the lots, facilities and claims that it speaks of and the addresses of what it refers
to, so that a renderer needs nothing but the static world and the entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from assay.simulator.claim_kinds import BatchClaim, Claim, MakeClaim, MoveClaim, SiteClaim, StockClaim
from assay.simulator.governance_entries import SiteFacts
from assay.simulator.issuance.edits import Edit, Seal, Span
from assay.simulator.randomness import Permutation
from assay.simulator.scenario import PermitEntry
from assay.simulator.sustainability import Boundary
from assay.simulator.world import Facility, Organisation, World

__all__ = [
    "STATUS_LIST_SIZE",
    "Entry",
    "FacilityRecord",
    "Identity",
    "Kind",
    "Makes",
    "Passport",
    "Permit",
    "Place",
    "Planner",
    "ProductCertificate",
    "Purpose",
    "Receipt",
    "Shipment",
    "SiteCertificate",
    "Stocktake",
    "Wish",
    "place_in_list",
]

STATUS_LIST_SIZE = 131_072
"""Bits of a status list: the least that the W3C recommendation allows."""

Kind = Literal["dia", "dfr", "dpp", "dcc", "dte"]
Purpose = Literal["revocation", "suspension"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A register vouches for an organisation. ``scope`` are URIs of what it may do."""

    organisation: Organisation
    register: Organisation
    title: Literal["Business identity", "Mandate", "Accreditation", "Recognition", "Land title"]
    """A mandate is an accreditation by the national anchor: it lets a body act as register, accreditor or permit office.

    A recognition is what the global apex gives to a national accreditation body.
    """
    number: str
    uri: str
    """The number as a URI of the nation's resolver."""
    scheme: str
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FacilityRecord:
    """The record of a facility, or an earlier one that it replaced and that states no yearly figures."""

    facility: Facility
    earlier: bool = False
    site: SiteClaim | None = None
    certificate: str | None = None
    """Address of the certificate behind the yearly figures."""
    facts: SiteFacts | None = None
    """What it says of the resource, where that is not what the scenario says."""
    edition: int = 1
    """Later ones have a resource statement of their own."""


@dataclass(frozen=True, slots=True)
class Passport:
    batch: BatchClaim
    made_by: str | None = None
    """Address of the make event. Nothing links to events that come later than itself, so what was mined has none."""
    certificate: str | None = None
    custody: str | None = None
    """Address of the credential behind what is said of custody."""
    footprints: tuple[tuple[Boundary, str], ...] = ()
    """Boundaries whose footprint is certified, with the address of the certificate."""


@dataclass(frozen=True, slots=True)
class ProductCertificate:
    """One visit of the certifier: batches of one facility that were finished together."""

    facility: Facility
    batches: tuple[BatchClaim, ...]
    assessed: datetime


@dataclass(frozen=True, slots=True)
class SiteCertificate:
    facility: Facility
    assessed: datetime
    site: SiteClaim


@dataclass(frozen=True, slots=True)
class Permit:
    permit: PermitEntry
    facility: Facility
    assessed: datetime


@dataclass(frozen=True, slots=True)
class Makes:
    """Make events of one facility that are reported together."""

    facility: Facility
    makes: tuple[MakeClaim, ...]


@dataclass(frozen=True, slots=True)
class Shipment:
    move: MoveClaim


@dataclass(frozen=True, slots=True)
class Receipt:
    move: MoveClaim


@dataclass(frozen=True, slots=True)
class Stocktake:
    stock: StockClaim


@dataclass(frozen=True, slots=True)
class Place:
    """A place that is known before it is taken: the name of a series of status lists, and the number in it from 0."""

    series: str
    number: int


def place_in_list(world: World, issuer: Organisation, place: Place) -> tuple[str, int]:
    """Status list and index of a place that was known before. Lists of a series follow each other."""
    page, number = divmod(place.number, STATUS_LIST_SIZE)
    url = f"{issuer.origin}/status/{place.series}-{page + 1}"
    return url, Permutation(world.seed, url, "status-index", STATUS_LIST_SIZE)[number]


@dataclass(frozen=True, slots=True)
class Wish:
    """A credential that somebody wants to issue. ``key`` is its name in this world: its address follows from it."""

    about: Any
    """One of the kinds above, or of a module that brings a planner, links and a renderer for its own."""
    kind: Kind
    key: str
    issuer: Organisation
    valid_from: datetime
    valid_until: datetime
    purpose: Purpose = "revocation"
    place: Place | None = None
    """Its place in a status list, where somebody else must be able to tell; by default the next one."""
    edits: tuple[Edit, ...] = ()
    """What is changed in the document once it is rendered."""
    seal: Seal | None = None
    """How it is signed, where that is not as usual."""
    ended: tuple[Span, ...] = ()
    """When its bit is set in the status list."""
    void: bool = False
    """Takes its place in the status list, but is never issued: so nobody else's place depends on it."""
    spare: bool = False
    """Takes a place from the end of the status list, for the same reason."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One credential to be issued: a wish with its address and its place in a status list."""

    about: Any
    kind: Kind
    key: str
    issuer: Organisation
    url: str
    valid_from: datetime
    valid_until: datetime
    purpose: Purpose
    list_url: str
    index: int
    edits: tuple[Edit, ...] = ()
    seal: Seal | None = None
    ended: tuple[Span, ...] = ()


class Planner(Protocol):
    """Turns claims into wishes. Its state must not grow with the number of claims.

    A credential is issued after what it tells: ``valid_from`` lies no more than ``agenda.LAG`` before the newest claim.
    """

    def start(self) -> Iterable[Wish]:
        """What was issued before anything happened."""

    def on(self, claim: Claim) -> Iterable[Wish]:
        """What is issued because of one claim."""

    def end(self) -> Iterable[Wish]:
        """What is issued when no claim will follow."""
