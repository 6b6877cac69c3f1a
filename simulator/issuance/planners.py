"""Who issues what, and when: standing papers of organisations and sites, papers of batches, papers of movements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from assay.simulator.claim_kinds import BatchClaim, Claim, MakeClaim, MoveClaim, SiteClaim, StockClaim
from assay.simulator.issuance.abouts import (
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
    Wish,
)
from assay.simulator.issuance.custody import custody_certificates
from assay.simulator.issuance.footprints import footprint_certificates
from assay.simulator.issuance.governance import audited_schemes, oldest_paper
from assay.simulator.issuance.names import (
    certifier,
    credential_url,
    group_name,
    make_key,
    scheme_uris,
    site_certificate_url,
)
from assay.simulator.randomness import Permutation
from assay.simulator.world import Facility, World

__all__ = ["Batches", "Movements", "Standing", "before", "years_after"]

_MOST_TOGETHER = 25
"""Most batches or events that one credential reports."""
_UNCERTIFIED = frozenset({"mine", "brine"})
"""What comes out of the ground is covered by permit and site certificate; it gets no certificate of its own."""


def years_after(world: World, years: int) -> datetime:
    return world.scenario.as_of + timedelta(days=365 * years)


def before(world: World, days: int) -> datetime:
    return world.scenario.start - timedelta(days=days)


def _account_schemes(world: World) -> list[str]:
    """Schemes of custody and footprints that the scenario keeps accounts under."""
    scenario = world.scenario
    found = [account.scheme for account in scenario.custody]
    if scenario.accounting.scheme is not None:
        found.append(scenario.accounting.scheme)
    return list(dict.fromkeys(found))


class Standing:
    """Identities, mandates, accreditations, permits, site certificates and facility records."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._oldest = oldest_paper(world)

    def _since(self, days: int, earlier: int) -> datetime:
        """So many days before the start, or ``earlier`` days before the oldest audit result, whatever comes first."""
        usual = before(self._world, days)
        return usual if self._oldest is None else min(usual, self._oldest - timedelta(days=earlier))

    def start(self) -> Iterator[Wish]:
        yield from self._mandates()
        yield from self._businesses()
        yield from self._accreditations()
        yield from self._permits()
        measured = {site.facility for site in self._world.scenario.sites if site.performance}
        for facility in self._world.facilities.values():
            if facility.id not in measured:
                yield self._record(FacilityRecord(facility))
            if facility.earlier_record is not None:
                issued = datetime.combine(facility.earlier_record, time(9), UTC)
                about = FacilityRecord(facility, earlier=True)
                key, end = f"facility/{facility.id}/earlier", self._world.scenario.as_of + timedelta(days=180)
                yield Wish(about, "dfr", key, facility.operator, issued, end)

    def on(self, claim: Claim) -> Iterator[Wish]:
        if isinstance(claim, SiteClaim):
            world, facility = self._world, self._world.facilities[claim.facility]
            about = SiteCertificate(facility, claim.time, claim)
            issuer, issued = certifier(world, facility), before(world, 20)
            yield Wish(about, "dcc", f"site/{facility.id}", issuer, issued, years_after(world, 2))
            certificate = site_certificate_url(world, facility)
            yield self._record(FacilityRecord(facility, False, claim, certificate))

    def end(self) -> Iterator[Wish]:
        return iter(())

    def _record(self, about: FacilityRecord) -> Wish:
        world, facility = self._world, about.facility
        end = world.scenario.as_of + timedelta(days=180)
        return Wish(about, "dfr", f"facility/{facility.id}", facility.operator, before(world, 10), end)

    def _mandates(self) -> Iterator[Wish]:
        world = self._world
        for nation in world.nations.values():
            anchor = nation.anchor
            for body in nation.bodies():
                if body is anchor:
                    continue
                scope: tuple[str, ...] = (f"{anchor.origin}/scope/{body.role}",)
                owned = [s.id for s in world.schemes.values() if world.owner(s) is body]
                scope += tuple(uri for scheme in owned for uri in scheme_uris(world, scheme))
                about = Identity(body, anchor, "Mandate", body.number, body.uri, anchor.scheme, scope)
                start, end = self._since(500, 120), years_after(world, 5)
                yield Wish(about, "dia", f"body/{body.id}", anchor, start, end)

    def _businesses(self) -> Iterator[Wish]:
        world = self._world
        for party in world.parties.values():
            register = world.nations[party.nation].business
            scope = (f"{register.origin}/activity/{party.activity[0]}",)
            number, uri, scheme = party.number, party.uri, register.scheme
            about = Identity(party, register, "Business identity", number, uri, scheme, scope)
            start, end = self._since(400, 60), years_after(world, 3)
            yield Wish(about, "dia", f"business/{party.id}", register, start, end)

    def _accreditations(self) -> Iterator[Wish]:
        world = self._world
        numbers, places = Permutation(world.seed, "accreditation", "number", 9000), list(world.parties)
        for code, name in world.scenario.certifiers.items():
            nation, party = world.nations[code], world.parties[name]
            body, scope = nation.accreditation, scheme_uris(world, world.scenario.scheme)
            for scheme in dict.fromkeys([*_account_schemes(world), *audited_schemes(world)]):
                scope += scheme_uris(world, scheme)
            number = f"{code}-CAB-{1000 + numbers[places.index(name)]}"
            uri = f"https://{nation.resolver}/accreditation/{number}"
            about = Identity(party, body, "Accreditation", number, uri, body.scheme, scope)
            key, start, end = f"accreditation/{code}/{name}", self._since(380, 30), years_after(world, 4)
            yield Wish(about, "dia", key, body, start, end, "suspension")

    def _permits(self) -> Iterator[Wish]:
        world = self._world
        for permit in world.scenario.permits:
            facility = world.facilities[permit.facility]
            authority = world.owner(world.schemes[permit.scheme])
            about = Permit(permit, facility, before(world, 45))
            end = min(datetime.combine(permit.expires, time(), UTC), years_after(world, 4))
            key, start = f"permit/{permit.number}", before(world, 40)
            yield Wish(about, "dcc", key, authority, start, end, "suspension")


@dataclass(slots=True)
class _Group:
    """Batches of one facility that were finished on one day, with the making of those that are items."""

    number: int
    batches: list[BatchClaim] = field(default_factory=list)
    reports: list[str | None] = field(default_factory=list)
    """Address of the make event of each batch."""
    makes: list[MakeClaim] = field(default_factory=list)


class _Accounts:
    """What a visit to a facility says about custody and footprints: credentials, and by lot the address of each."""

    def __init__(
        self, world: World, facility: Facility, batches: Sequence[BatchClaim], label: str, issued: datetime
    ) -> None:
        kept, self.custody = custody_certificates(world, facility, batches, label, issued)
        counted, self.footprints = footprint_certificates(world, facility, batches, label, issued)
        self.wishes = [*kept, *counted]


class Batches:
    """Make events, the certifier's visits, and passports: a visit covers what a facility finished on one day."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._day = date.min
        self._open: dict[str, _Group] = {}
        self._reports: dict[str, str] = {}
        """Lots that are told of next: address of the event that made them."""

    def start(self) -> Iterator[Wish]:
        return iter(())

    def on(self, claim: Claim) -> Iterator[Wish]:
        if claim.time.date() > self._day:
            yield from self.end()
            self._day = claim.time.date()
        if isinstance(claim, MakeClaim):
            yield from self._made(claim)
        elif isinstance(claim, BatchClaim):
            report = self._reports.pop(claim.lot.id, None)
            facility = self._world.facilities[claim.lot.facility]
            if claim.lot.kind in _UNCERTIFIED:
                yield from self._uncertified(facility, claim, report)
            else:
                yield from self._room(facility)
                group = self._open[facility.id]
                group.batches.append(claim)
                group.reports.append(report)

    def _uncertified(self, facility: Facility, batch: BatchClaim, report: str | None) -> Iterator[Wish]:
        """A passport without product certificate, but with what is said of custody."""
        world, assessed = self._world, batch.assessed
        accounts = _Accounts(world, facility, (batch,), batch.lot.id, assessed)
        yield from accounts.wishes
        yield self._passport(facility, batch, report, None, accounts, assessed + timedelta(hours=1))

    def end(self) -> Iterator[Wish]:
        for name, group in self._open.items():
            yield from self._close(self._world.facilities[name], group)
        self._open = {}

    def _room(self, facility: Facility) -> Iterator[Wish]:
        """Have a group that another batch fits into."""
        group = self._open.get(facility.id)
        if group is None:
            self._open[facility.id] = _Group(1)
        elif len(group.batches) >= _MOST_TOGETHER:
            yield from self._close(facility, group)
            self._open[facility.id] = _Group(group.number + 1)

    def _made(self, make: MakeClaim) -> Iterator[Wish]:
        facility, first = self._world.facilities[make.facility], make.outputs[0].lot
        if first.granularity == "item":
            yield from self._room(facility)
            group = self._open[facility.id]
            group.makes.append(make)
            key = make_key(facility.id, group_name(self._day, group.number))
        else:
            key = make_key(facility.id, f"{first.id}/1")
            yield self._report(facility, key, (make,))
        url = credential_url(self._world, facility.operator, "dte", key)
        self._reports.update({quantity.lot.id: url for quantity in make.outputs})

    def _report(self, facility: Facility, key: str, makes: tuple[MakeClaim, ...]) -> Wish:
        issued = max(make.time for make in makes) + timedelta(hours=1)
        about, end = Makes(facility, makes), years_after(self._world, 10)
        return Wish(about, "dte", key, facility.operator, issued, end)

    def _close(self, facility: Facility, group: _Group) -> Iterator[Wish]:
        world, label = self._world, group_name(self._day, group.number)
        if group.makes:
            yield self._report(facility, make_key(facility.id, label), tuple(group.makes))
        assessed = max(batch.assessed for batch in group.batches)
        issuer, issued = certifier(world, facility), assessed + timedelta(hours=2)
        key, about = (
            f"product/{facility.id}/{label}",
            ProductCertificate(facility, tuple(group.batches), assessed),
        )
        yield Wish(about, "dcc", key, issuer, issued, years_after(world, 2))
        certificate = credential_url(world, issuer, "dcc", key)
        accounts = _Accounts(world, facility, group.batches, label, issued)
        yield from accounts.wishes
        for batch, report in zip(group.batches, group.reports, strict=True):
            yield self._passport(facility, batch, report, certificate, accounts, issued + timedelta(hours=1))

    def _passport(
        self,
        facility: Facility,
        batch: BatchClaim,
        report: str | None,
        certificate: str | None,
        accounts: _Accounts,
        issued: datetime,
    ) -> Wish:
        end = years_after(self._world, 10 if batch.lot.granularity == "item" else 3)
        name = batch.lot.id
        about = Passport(
            batch, report, certificate, accounts.custody.get(name), accounts.footprints.get(name, ())
        )
        return Wish(about, "dpp", f"passport/{batch.lot.id}", facility.operator, issued, end)


class Movements:
    """Both sides' events of a consignment, and stocktakes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._counts: dict[str, int] = {}
        self._end = years_after(world, 10)

    def start(self) -> Iterator[Wish]:
        return iter(())

    def on(self, claim: Claim) -> Iterator[Wish]:
        if isinstance(claim, MoveClaim):
            yield self._move(claim)
        elif isinstance(claim, StockClaim):
            operator = self._world.facilities[claim.facility].operator
            number = self._counts[claim.facility] = self._counts.get(claim.facility, 0) + 1
            key = f"stocktake/{claim.facility}" + (f"/{number}" if number > 1 else "")
            yield Wish(Stocktake(claim), "dte", key, operator, claim.time + timedelta(hours=2), self._end)

    def end(self) -> Iterator[Wish]:
        return iter(())

    def _move(self, move: MoveClaim) -> Wish:
        route = self._world.scenario.routes[move.route]
        if move.arrived is None:
            operator = self._world.facilities[route.origin].operator
            issued = move.departed + timedelta(hours=1)
            return Wish(Shipment(move), "dte", f"ship/{move.consignment}", operator, issued, self._end)
        operator = self._world.facilities[route.destination].operator
        issued = move.arrived + timedelta(hours=2)
        return Wish(Receipt(move), "dte", f"receive/{move.consignment}", operator, issued, self._end)
