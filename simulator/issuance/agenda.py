"""What is to be issued: every credential of a world with its issuer, address, validity and place in a status list.

Free of any UNTP version. A version's renderer turns an entry into a document; nothing needs to be rendered to know
where another credential will stand, so shards can be rendered apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Literal, TypeVar

from assay.simulator.claims import BatchClaim, Claims, MakeClaim, MoveClaim, StockClaim
from assay.simulator.issuance.names import scheme_uris
from assay.simulator.randomness import Permutation, identifier
from assay.simulator.scenario import PermitEntry
from assay.simulator.world import Facility, Organisation, World

__all__ = [
    "STATUS_LIST_SIZE",
    "About",
    "Agenda",
    "Entry",
    "FacilityRecord",
    "Identity",
    "Makes",
    "Passport",
    "Permit",
    "ProductCertificate",
    "Receipt",
    "Shipment",
    "SiteCertificate",
    "Stocktake",
    "make_agenda",
]

STATUS_LIST_SIZE = 131_072
"""Bits of a status list: the least that the W3C recommendation allows."""

_MOST_TOGETHER = 25
"""Most batches or events that one credential reports."""

_Claim = TypeVar("_Claim")
Kind = Literal["dia", "dfr", "dpp", "dcc", "dte"]
Purpose = Literal["revocation", "suspension"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A register vouches for an organisation. ``scope`` are URIs of what it may do."""

    organisation: Organisation
    register: Organisation
    title: Literal["Business identity", "Mandate", "Accreditation"]
    """A mandate is an accreditation by the national anchor: it lets a body act as register, accreditor or permit office."""
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


@dataclass(frozen=True, slots=True)
class Passport:
    batch: BatchClaim


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


About = (
    Identity
    | Stocktake
    | FacilityRecord
    | Passport
    | ProductCertificate
    | SiteCertificate
    | Permit
    | Makes
    | Shipment
    | Receipt
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One credential to be issued."""

    about: About
    kind: Kind
    key: str
    issuer: Organisation
    url: str
    valid_from: datetime
    valid_until: datetime
    purpose: Purpose
    list_url: str
    index: int


class Agenda:
    """All entries, in order of issue, and where to find the one about something."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self._urls = {entry.key: entry.url for entry in entries}
        self.passports: dict[str, str] = {}
        self.certificates: dict[str, str] = {}
        """Lot or facility: its conformity credential."""
        self.events: dict[str, list[str]] = {}
        """Lot: the events it took part in, oldest first."""
        self.made_by: dict[str, str] = {}
        for entry in entries:
            about = entry.about
            if isinstance(about, Passport):
                self.passports[about.batch.lot] = entry.url
            elif isinstance(about, ProductCertificate):
                for batch in about.batches:
                    self.certificates[batch.lot] = entry.url
            elif isinstance(about, SiteCertificate):
                self.certificates[about.facility.id] = entry.url
            elif isinstance(about, Makes):
                for make in about.makes:
                    for quantity in (*make.inputs, *make.outputs):
                        self._took_part(quantity.lot, entry.url)
                    for quantity in make.outputs:
                        self.made_by[quantity.lot] = entry.url
            elif isinstance(about, Shipment | Receipt):
                for quantity in about.move.sent:
                    self._took_part(quantity.lot, entry.url)
            elif isinstance(about, Stocktake):
                for quantity in about.stock.stock:
                    self._took_part(quantity.lot, entry.url)

    def _took_part(self, lot: str, url: str) -> None:
        urls = self.events.setdefault(lot, [])
        if url not in urls:
            urls.append(url)

    def url(self, key: str) -> str:
        """Where the credential with this key stands."""
        return self._urls[key]

    def has(self, key: str) -> bool:
        return key in self._urls


@dataclass(frozen=True, slots=True)
class _Wish:
    about: About
    kind: Kind
    key: str
    issuer: Organisation
    valid_from: datetime
    valid_until: datetime
    purpose: Purpose = "revocation"


def make_agenda(world: World, claims: Claims) -> Agenda:
    """List everything that the honest parties of a world issue, oldest first."""
    wishes = [
        *_identities(world),
        *_certificates(world, claims),
        *_records(world),
        *_batches(world, claims),
        *_events(world, claims),
    ]
    wishes.sort(key=lambda wish: (wish.valid_from, wish.key))
    counts: Counter[str] = Counter()
    places: dict[str, Permutation] = {}
    entries = []
    for wish in wishes:
        list_url = f"{wish.issuer.origin}/status/{wish.purpose}-1"
        if list_url not in places:
            places[list_url] = Permutation(world.seed, list_url, "status-index", STATUS_LIST_SIZE)
        index = places[list_url][counts[list_url]]
        counts[list_url] += 1
        name = identifier(world.seed, wish.key, "credential")
        url = f"{wish.issuer.origin}/credentials/{wish.kind}/{name}"
        about, valid = wish.about, (wish.valid_from, wish.valid_until)
        entries.append(
            Entry(about, wish.kind, wish.key, wish.issuer, url, *valid, wish.purpose, list_url, index)
        )
    return Agenda(entries)


def _years_after(world: World, years: int) -> datetime:
    return world.scenario.as_of + timedelta(days=365 * years)


def _before(world: World, days: int) -> datetime:
    return world.scenario.start - timedelta(days=days)


def _identities(world: World) -> Iterator[_Wish]:
    for nation in world.nations.values():
        anchor = nation.anchor
        for body in nation.bodies():
            if body is anchor:
                continue
            scope: tuple[str, ...] = (f"{anchor.origin}/scope/{body.role}",)
            if body.role == "permits":
                owned = [s.id for s in world.schemes.values() if world.owner(s) is body]
                scope += tuple(uri for scheme in owned for uri in scheme_uris(world, scheme))
            about = Identity(body, anchor, "Mandate", body.number, body.uri, anchor.scheme, scope)
            yield _Wish(about, "dia", f"body/{body.id}", anchor, _before(world, 500), _years_after(world, 5))
    for party in world.parties.values():
        nation = world.nations[party.nation]
        scope = (f"{nation.business.origin}/activity/{party.activity[0]}",)
        number, uri, scheme = party.number, party.uri, nation.business.scheme
        about = Identity(party, nation.business, "Business identity", number, uri, scheme, scope)
        yield _Wish(
            about, "dia", f"business/{party.id}", nation.business, _before(world, 400), _years_after(world, 3)
        )
    numbers, places = Permutation(world.seed, "accreditation", "number", 9000), list(world.parties)
    for code, certifier in world.scenario.certifiers.items():
        nation, party = world.nations[code], world.parties[certifier]
        body, scope = nation.accreditation, scheme_uris(world, world.scenario.scheme)
        number = f"{code}-CAB-{1000 + numbers[places.index(certifier)]}"
        uri = f"https://{nation.resolver}/accreditation/{number}"
        about = Identity(party, body, "Accreditation", number, uri, body.scheme, scope)
        start, end = _before(world, 380), _years_after(world, 4)
        yield _Wish(about, "dia", f"accreditation/{code}/{certifier}", body, start, end, "suspension")


def _certifier(world: World, facility: Facility) -> Organisation:
    return world.parties[world.scenario.certifiers[facility.nation]]


def _certificates(world: World, claims: Claims) -> Iterator[_Wish]:
    for permit in world.scenario.permits:
        facility = world.facilities[permit.facility]
        authority = world.owner(world.schemes[permit.scheme])
        about: About = Permit(permit, facility, _before(world, 45))
        expires = datetime.combine(permit.expires, time(), UTC)
        key = f"permit/{permit.number}"
        yield _Wish(
            about,
            "dcc",
            key,
            authority,
            _before(world, 40),
            min(expires, _years_after(world, 4)),
            "suspension",
        )
    for name in claims.sites:
        facility = world.facilities[name]
        about = SiteCertificate(facility, _before(world, 30))
        issuer = _certifier(world, facility)
        yield _Wish(about, "dcc", f"site/{name}", issuer, _before(world, 20), _years_after(world, 2))
    claimed = [batch for batch in claims.batches.values() if world.ledger.lots[batch.lot].kind != "mine"]

    def visit(batch: BatchClaim) -> tuple[str, str]:
        lot = world.ledger.lots[batch.lot]
        year, week, day = batch.made.isocalendar()
        return lot.facility, f"{year}-{week:02d}" if lot.kind == "pack" else f"{year}-{week:02d}-{day}"

    for name, when, batches in _together(sorted(claimed, key=lambda b: (*visit(b), b.lot)), visit):
        facility = world.facilities[name]
        assessed = max(batch.assessed for batch in batches)
        about = ProductCertificate(facility, batches, assessed)
        issued = assessed + timedelta(hours=2)
        key = f"product/{name}/{when}"
        yield _Wish(about, "dcc", key, _certifier(world, facility), issued, _years_after(world, 2))


def _together(
    claims: list[_Claim], key: Callable[[_Claim], tuple[str, str]]
) -> Iterator[tuple[str, str, tuple[_Claim, ...]]]:
    """Neighbours with the same key (facility and time) in groups that a credential can carry, each with a name of its own."""
    for (name, when), group in groupby(claims, key=key):
        members = list(group)
        for start in range(0, len(members), _MOST_TOGETHER):
            yield (
                name,
                f"{when}/{start // _MOST_TOGETHER + 1}",
                tuple(members[start : start + _MOST_TOGETHER]),
            )


def _records(world: World) -> Iterator[_Wish]:
    for facility in world.facilities.values():
        end = world.scenario.as_of + timedelta(days=180)
        about = FacilityRecord(facility)
        yield _Wish(about, "dfr", f"facility/{facility.id}", facility.operator, _before(world, 10), end)
        if facility.earlier_record is not None:
            issued = datetime.combine(facility.earlier_record, time(9), UTC)
            key = f"facility/{facility.id}/earlier"
            yield _Wish(FacilityRecord(facility, earlier=True), "dfr", key, facility.operator, issued, end)


def _batches(world: World, claims: Claims) -> Iterator[_Wish]:
    certificates = {
        batch.lot: wish.valid_from
        for wish in _certificates(world, claims)
        if isinstance(wish.about, ProductCertificate)
        for batch in wish.about.batches
    }
    for batch in claims.batches.values():
        lot = world.ledger.lots[batch.lot]
        issued = certificates.get(batch.lot, batch.assessed) + timedelta(hours=1)
        end = _years_after(world, 10 if lot.kind == "pack" else 3)
        issuer = world.facilities[lot.facility].operator
        yield _Wish(Passport(batch), "dpp", f"passport/{batch.lot}", issuer, issued, end)


def _events(world: World, claims: Claims) -> Iterator[_Wish]:
    end = _years_after(world, 10)

    def report(make: MakeClaim) -> tuple[str, str]:
        lot = world.ledger.lots[make.outputs[0].lot]
        year, week, _ = make.time.isocalendar()
        return make.facility, f"{year}-{week:02d}" if lot.kind == "pack" else lot.id

    for name, when, makes in _together(sorted(claims.makes, key=lambda m: (*report(m), m.time)), report):
        facility = world.facilities[name]
        issued = max(make.time for make in makes) + timedelta(hours=1)
        yield _Wish(Makes(facility, makes), "dte", f"make/{name}/{when}", facility.operator, issued, end)
    for stock in claims.stocks:
        operator = world.facilities[stock.facility].operator
        yield _Wish(
            Stocktake(stock),
            "dte",
            f"stocktake/{stock.facility}",
            operator,
            stock.time + timedelta(hours=2),
            end,
        )
    for move in claims.moves:
        route = world.scenario.routes[move.route]
        sender, receiver = (world.facilities[end_].operator for end_ in (route.origin, route.destination))
        issued = move.departed + timedelta(hours=1)
        yield _Wish(Shipment(move), "dte", f"ship/{move.consignment}", sender, issued, end)
        if move.arrived is not None:
            issued = move.arrived + timedelta(hours=2)
            yield _Wish(Receipt(move), "dte", f"receive/{move.consignment}", receiver, issued, end)
