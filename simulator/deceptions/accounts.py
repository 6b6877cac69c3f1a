"""Custody accounts that do not hold what is claimed under them: conforming material and credits counted twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import BatchClaim, Claim, MakeClaim, Quantity
from assay.simulator.custody_claims import CreditClaim, CustodyClaim
from assay.simulator.custody_entries import CustodyEntry
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.mass import held
from assay.simulator.deceptions.registry import pattern
from assay.simulator.facts import Lot
from assay.simulator.issuance.abouts import STATUS_LIST_SIZE, Passport, Wish
from assay.simulator.issuance.custody import Credit, CustodyCertificate, Statement
from assay.simulator.issuance.names import certifier, passport_url
from assay.simulator.scenario import Scenario
from assay.simulator.world import Organisation

__all__ = ["CreditDoubleCount", "MassBalanceOverclaim"]

_STATED = timedelta(days=4)
"""From the end of a period to the moment at which its statement is there in any case."""
_LEAST = 30_000
"""Parts per million beyond the account that are claimed at least, where a lot holds no more."""


def _accounts(scenario: Scenario) -> Iterator[tuple[str, int, CustodyEntry]]:
    """Facilities with a mass balance that also feed on what does not conform, with place and entry of the account."""
    feeds = {site.facility: list(site.feeds()) for site in scenario.sites}
    for number, entry in enumerate(scenario.custody, 1):
        if entry.model != "mass-balance":
            continue
        for facility in entry.facilities:
            origins = {feed.origin for _, feed in feeds.get(facility, ()) if not feed.secondary}
            if origins - set(entry.conforming) and origins & set(entry.conforming):
                yield facility, number, entry


@pattern("F01")
class MassBalanceOverclaim(Deception):
    """A batch for which the account has too little left is sold as conforming all the same: so many hundredths of it that over
    the period more is claimed than the account allows, by severity. The statement of the period does not know of it.

    The twin sells a part of such a batch as well; stock from before the first period, which all its statements carry, covers it.
    What is left of that stock they carry on.
    """

    needs = "accounts by mass balance of plants that also feed on material that does not conform"
    sooner = 82
    waits = False
    hears = frozenset({BatchClaim, MakeClaim})
    heeds = frozenset({Passport, Statement})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(facility for facility, _, _ in _accounts(scenario))

    def setup(self) -> None:
        scenario = self.world.scenario
        self._number, self._entry = next(
            (number, entry) for facility, number, entry in _accounts(scenario) if facility == self.target
        )
        entry = self._entry
        for other in scenario.custody:
            if other.element == entry.element and other.model != "book-and-claim":
                self.facilities |= set(other.facilities)
        parts, place = len(entry.facilities), entry.facilities.index(self.target)
        self._opening = entry.opening * (place + 1) // parts - entry.opening * place // parts
        """Milligrams that may be claimed when the period begins."""
        self._yield = entry.yield_.ppm if entry.yield_ is not None else PPM
        self._period = self._conforming = self._claimed = 0
        self._lots: list[Lot] = []
        """Lots that were claimed in this period."""
        self._known: dict[str, CustodyClaim] = {}
        self._before = 0
        """Milligrams that a twin had before the first period."""
        self._sold: tuple[Lot, CustodyClaim, int] | None = None
        """What is sold as conforming, and the period."""

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        yield claim
        entry = self._entry
        if isinstance(claim, BatchClaim) and claim.lot.facility != self.target:
            if claim.custody is not None:
                self._known[claim.lot.id] = claim.custody
        elif isinstance(claim, MakeClaim) and claim.facility == self.target:
            if any(quantity.lot.product in entry.products for quantity in claim.outputs):
                self._turn(claim.time)
                self._conforming += sum(map(self._conform, claim.inputs))
        elif isinstance(claim, BatchClaim) and claim.lot.product in entry.products:
            self._turn(claim.time)
            self._made(claim)

    def _turn(self, moment: datetime) -> None:
        """Begin another period, where its time has come."""
        period = (moment - self.world.scenario.start) // timedelta(days=self._entry.period_days)
        if period > self._period:
            self._opening = self._allowed - self._claimed
            self._period, self._conforming, self._claimed, self._lots = period, 0, 0, []

    @property
    def _allowed(self) -> int:
        return self._opening + self._conforming * self._yield // PPM

    def _conform(self, quantity: Quantity) -> int:
        """Milligrams of a material that the account counts as conforming."""
        entry, known = self._entry, self._known.get(quantity.lot.id)
        amount = held(self.seed, quantity).get(entry.element, 0)
        if known is not None:
            return amount * known.share // PPM if known.scheme == entry.scheme else 0
        return amount if quantity.lot.facility in entry.conforming else 0

    def _made(self, batch: BatchClaim) -> None:
        """A lot of the account was made: claimed honestly, or not."""
        lot, entry = batch.lot, self._entry
        amount = held(self.seed, Quantity(lot, batch.grams)).get(entry.element, 0)
        if self.honest and not self._before:
            self._before = amount * self.stream("stock").between(70, 95) // 100
        if batch.custody is not None:
            self._claimed += batch.custody.conforming
            self._lots.append(lot)
            if self._sold is not None and self._sold[2] == self._period:
                self.label.root(passport_url(self.world, lot))
            return
        length = timedelta(days=entry.period_days)
        start = self.world.scenario.start + length * self._period
        if self._sold is not None or not self.ready or start + length + _STATED > self.world.scenario.as_of:
            return
        sold = self._covered(amount) if self.honest else self._beyond(amount)
        if not 0 < sold <= amount or (self.honest and self._claimed + sold <= self._allowed - self._opening):
            return
        if not self.takes(lot.id):
            return
        claim = CustodyClaim(entry.model, entry.scheme, entry.element, amount, sold, start, start + length)
        self._sold = lot, claim, self._period
        covered = self._allowed + self._before
        if not self.honest:
            self.taint(lot, (self._claimed + sold - covered) * WHOLE // amount)
        else:
            operator = self.world.facilities[self.target].operator
            self.act(
                "counted", self.world.scenario.start, operator, site=self.target, element=entry.element,
                amount_mg=self._before,
            )  # fmt: skip
        self.label.target(lot.id)
        self.label.span(start, start + length)
        self.label.told(
            claimed=(self._claimed + sold) / 1e6, true=covered / 1e6, unit=f"kg of conforming {entry.element}"
        )

    def _covered(self, amount: int) -> int:
        """How much of a lot a twin's stock covers, in whole hundredths."""
        return _part(amount, self._before * 100 // amount) if amount else 0

    def _beyond(self, amount: int) -> int:
        """How much of a lot is claimed, so that the sum lies beyond the account by severity; 0 where the lot is too small.

        In whole hundredths where severity allows: a share to six places, among whole ones, would tell.
        """
        wanted = self._allowed * (WHOLE + self.severity) // WHOLE - self._claimed
        if 0 < wanted <= amount:
            near = _part(amount, (wanted * 200 + amount) // (2 * amount))
            return near if abs(near - wanted) * 4 * WHOLE <= self._allowed * self.severity else wanted
        least = max(_LEAST, self.severity // 2)
        return amount if self._claimed + amount >= self._allowed * (WHOLE + least) // WHOLE else 0

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about, sold = wish.about, self._sold
        if isinstance(about, Passport) and sold is not None and about.batch.lot.id == sold[0].id:
            yield from self._conforms(wish, about, sold[1])
        elif isinstance(about, Statement) and about.claim.number == self._number:
            yield from self._stated(wish, about)
        else:
            yield wish

    def _conforms(self, wish: Wish, about: Passport, claim: CustodyClaim) -> Iterator[Wish]:
        """The passport with what is claimed, and the custody certificate behind it."""
        batch = replace(about.batch, custody=claim)
        facility = self.world.facilities[self.target]
        certificate = Wish(
            CustodyCertificate(facility, (batch,), batch.assessed), "dcc",
            f"custody/{facility.id}/{batch.lot.id}/{claim.scheme}/{claim.model}", certifier(self.world, facility),
            wish.valid_from - timedelta(hours=1), self.world.scenario.as_of + timedelta(days=730),
        )  # fmt: skip
        url = self.label.url(certificate)
        self.label.root(wish, certificate, *(passport_url(self.world, lot) for lot in self._lots))
        yield self.done(self.added(certificate))
        yield self.replaced(wish, replace(wish, about=replace(about, batch=batch, custody=url)))

    def _closed(self, claimed: int, covered: int) -> None:
        """Tell what was claimed and covered (mg) over the whole period: what came in after the sale may have covered some of it."""
        tolerance = self.entry.tolerance_ppm
        self.label.spared = tolerance is not None and (claimed - covered) * WHOLE < covered * tolerance
        self.label.told(claimed=claimed / 1e6, true=covered / 1e6)

    def _stated(self, wish: Wish, about: Statement) -> Iterator[Wish]:
        """The statement of a period. That of a twin carries its stock until it is sold."""
        balance, sold = about.claim.balance, self._sold
        if sold is not None and balance.number == sold[2]:
            self.label.root(wish)
            if not self.honest and about.claim.facility == self.target:
                self._closed(balance.claimed + sold[1].conforming, balance.closing + balance.claimed)
        if not self.honest or about.claim.facility != self.target:
            yield wish
            return
        carried = left = self._before
        if sold is not None and balance.number >= sold[2]:
            left -= sold[1].conforming
            carried = left
        if sold is not None and balance.number == sold[2]:
            carried = self._before
            balance = replace(
                balance, claimed=balance.claimed + sold[1].conforming, lots=balance.lots + 1, refused=balance.refused - 1
            )  # fmt: skip
        balance = replace(balance, opening=balance.opening + carried, closing=balance.closing + left)
        yield self.replaced(
            wish, replace(wish, about=replace(about, claim=replace(about.claim, balance=balance)))
        )


def _part(amount: int, hundredths: int) -> int:
    """So many hundredths of an amount (mg), all of it at the most."""
    return -(-amount * min(hundredths, 100) // 100)


_MOST_CREDITS = 4


@pattern("F04")
class CreditDoubleCount(Deception):
    """A credit is handed on twice: once to its buyer, and once more to somebody else, as many credits as severity says of four.

    The twin's credit passes through somebody else's hands too: that party gets it first, and hands it on to the buyer.
    """

    needs = "credits by book and claim that are sold"
    repeat = 3
    heeds = frozenset({Credit})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        operators = {place.id: place.operator for place in scenario.facilities}
        return dict.fromkeys(
            facility
            for entry in scenario.custody
            if entry.model == "book-and-claim" and entry.claimant is not None
            for facility in entry.facilities
            if operators[facility] != operators[entry.claimant.facility]
        )

    def setup(self) -> None:
        world, scenario = self.world, self.world.scenario
        seller = world.facilities[self.target].operator
        buyers = [
            world.facilities[entry.claimant.facility].operator
            for entry in scenario.custody
            if entry.claimant is not None and self.target in entry.facilities
        ]
        self.parties |= {buyer.id for buyer in buyers}
        makers = [site.facility for site in scenario.sites if site.kind in ("cell", "pack", "cathode")]
        others = dict.fromkeys(world.facilities[name].operator for name in makers)
        self._others = [one for one in others if one is not seller and one not in buyers] or [seller]
        self._seller = seller
        self._left = max(1, _MOST_CREDITS * self.severity // WHOLE)
        self._booked: set[str] = set()
        self._total = 0

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if not isinstance(about, Credit):
            yield wish
            return
        claim = about.claim
        if claim.lot is not None and claim.lot.facility == self.target:
            self._booked.add(claim.credit.id)
        if (
            not self._left
            or not self.ready
            or claim.credit.parent not in self._booked
            or not self.takes(claim.credit.parent)
        ):
            yield wish
            return
        self._left -= 1
        yield from self._handed(wish, claim)

    def _handed(self, wish: Wish, claim: CreditClaim) -> Iterator[Wish]:
        """The transfer to the buyer, and another one after it (of a twin, before it)."""
        assert claim.credit.parent is not None
        stream = self.stream(f"transfer|{claim.credit.parent}")
        other = self._others[stream.below(len(self._others))]
        hours = timedelta(hours=stream.between(2, 20))
        between = replace(
            claim.credit, id=self._name(claim, stream.between(200, 999)), holder=other.id,
            number=STATUS_LIST_SIZE - self._place(), parent=claim.credit.parent,
        )  # fmt: skip
        time = claim.time - hours if self.honest else claim.time + hours
        ended = claim.ended if self.honest else ()
        extra = replace(claim, credit=between, holder=other, time=time, ended=ended)
        issued = wish.valid_from - hours if self.honest else wish.valid_from + hours
        place = replace(wish.place, number=between.number - 1) if wish.place is not None else None
        added = replace(wish, about=Credit(extra), key=f"credit/{between.id}", valid_from=issued, place=place)
        self._transferred(time, self._seller, claim.credit.parent, between.id, other, between.amount)
        if self.honest:
            self._transferred(claim.time, other, between.id, claim.credit.id, claim.holder, between.amount)
            bought = replace(claim, credit=replace(claim.credit, parent=between.id), ended=(between,))
            yield self.replaced(wish, replace(wish, about=Credit(bought)))
        else:
            self._transferred(
                claim.time, self._seller, claim.credit.parent, claim.credit.id, claim.holder, between.amount
            )
            yield wish
        new = self.done(self.added(added))
        self.label.root(new, wish)
        self.label.target(claim.credit.parent)
        self.label.span(min(time, claim.time), max(time, claim.time))
        self._total += between.amount
        amount = self._total / 1e6
        self.label.told(
            claimed=amount if self.honest else 2 * amount,
            true=amount,
            unit=f"kg of {claim.entry.element} credited",
        )
        yield new

    def _name(self, claim: CreditClaim, number: int) -> str:
        """An identifier as the register gives them."""
        base, _, last = claim.credit.id.rpartition("-")
        return f"{base}-{number + 1000 * self._index():0{len(last)}d}"

    def _index(self) -> int:
        return self.world.parts.index(self.part)

    def _place(self) -> int:
        """A place at the end of the status list of credits that nobody else takes."""
        return self._index() * _MOST_CREDITS + self._left + 1

    def _transferred(
        self, time: datetime, seller: Organisation, credit: str, into: str, buyer: Organisation, amount: int
    ) -> None:
        self.act("transferred", time, seller, credit=credit, into=into, to=buyer.did, amount_mg=amount)
