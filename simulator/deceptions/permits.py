"""Mines and their permits: none in force, one for less than is sold, one for a site at rest, one that was bought."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from assay.simulator.claim_kinds import BatchClaim
from assay.simulator.deceptions.base import WHOLE
from assay.simulator.deceptions.mines import (
    DAY,
    FEWEST_BATCHES,
    AtMine,
    at_midnight,
    mines,
    pace,
    weighed,
)
from assay.simulator.deceptions.plans import shares_of_blends
from assay.simulator.deceptions.registry import pattern
from assay.simulator.facts import Fact, Lot, Source
from assay.simulator.issuance.abouts import FacilityRecord, Passport, Permit, Wish
from assay.simulator.scenario import Scenario
from assay.simulator.sites import SiteEntry

__all__ = ["BribedPermit", "DormantSiteOutput", "LapsedPermit", "LicensedMineLaundering"]


@pattern("F08")
class LapsedPermit(AtMine):
    """A permit runs out and its successor comes later: a share (severity) of the batches is mined between the two.

    The twin's permit runs out on such a day too, and its successor is in force from that day on.
    """

    needs = f"mines with one permit and a pace of their own, and {FEWEST_BATCHES} planned batches or more"
    heeds = frozenset({Permit, Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return [site.facility for site, *_ in mines(scenario) if site.lines and site.days_per_lot]

    def setup(self) -> None:
        super().setup()
        self._many = self.batches(self.severity)
        before = self.stream("lapse").below(max(1, self.sure - self._many))
        start = self.world.scenario.start
        self._last: date = (start + self.pace * (before + 0.5)).date()
        """Last day of the first permit."""
        self._next: date | None = self._last if self.honest else None
        self._found = 0
        self._first: Wish | None = None

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, Permit) and self.own(wish):
            ending = about.permit.model_copy(update={"expires": self._last})
            self._first = replace(
                wish, about=replace(about, permit=ending), valid_until=at_midnight(self._last)
            )
            self.label.span(at_midnight(self._last), at_midnight(self._last))
            yield self.really(self.replaced(wish, self._first))
            if self.honest:
                yield from self._granted(self._last)
            return
        yield wish
        if isinstance(about, Passport) and about.made_by is None and self._between(about):
            assert self._first is not None  # permits are there before anything is mined
            self._found += 1
            self.label.root(self._first, wish)
            self.label.target(about.batch.lot.id)
            self.label.span(wish.valid_from, wish.valid_from)
            self.taint(about.batch.lot)
            if self._next is None and self._found == self._many:
                self._next = (wish.valid_from + DAY).date()
                yield from self._granted(self._next)

    def end(self) -> Iterable[Wish]:
        if self._found and self._next is None:
            self._next = (self.world.scenario.as_of - 2 * DAY).date()
            yield from self._granted(self._next)

    def _between(self, about: Passport) -> bool:
        """Mined after the last day of the first permit; of a twin, among the first that were."""
        if about.batch.made.date() <= self._last:
            return False
        if self.honest:
            return self._found < self._many
        return self._next is None or about.batch.made.date() < self._next

    def _granted(self, day: date) -> Iterator[Wish]:
        assert self._first is not None  # permits are there before anything is mined
        self.label.told(
            claimed=self._last.isoformat(), true=day.isoformat(), unit="last day of one permit and first of the next"
        )  # fmt: skip
        yield self.next_permit(self._first, day, number=self.number("successor"))


_SLOW = timedelta(days=4)
"""Between batches at the least: an office and a laboratory need days."""
_TIGHT = Fraction(1, 2)
"""Part of its limit that a mine uses in the year at the least: where it is less, a limit says nothing."""
_EARLY, _EARLY_LATER = Fraction(1), Fraction(4, 5)
"""Of the batches of the first year, and of a later one (where the pace tells less), among the first of which the limit is passed."""
_HEAVY = Fraction(51, 50)
"""Times what batches weigh: at the most, about."""


_NEAR = 6
"""A limit is near enough where what is sold beyond it misses severity by less than one in so many parts of it."""
_FEW = 3
"""Batches in a year other than the one with the most, for a limit to be passed in it."""


class _Season(NamedTuple):
    """The calendar year in which a limit is passed: how many batches come before it, and how many are sure in it."""

    year: int
    before: int
    lots: int


def _seasons(scenario: Scenario, site: SiteEntry, planned: int, sure: int) -> list[_Season]:
    """Years in which something is made, as far as the pace tells, the one with the most batches first."""
    every, made, found = pace(scenario, site, planned), 0, list[_Season]()
    for year in range(scenario.start.year, scenario.as_of.year + 1):
        until = min(sure, (datetime(year + 1, 1, 1, tzinfo=UTC) - scenario.start) // every)
        if until > made:
            found.append(_Season(year, made, until - made))
        made = max(made, until)
    return sorted(found, key=lambda season: -season.lots)


def _lot_tonnes(site: SiteEntry) -> Fraction:
    """Tonnes of a batch as weighed, about."""
    moisture = site.parameters.get("moisture")
    wet = moisture.ppm if moisture is not None else 0
    return Fraction(int(site.lot_kg), 1000) * WHOLE / (WHOLE - wet)


def _limits(lot: Fraction, severity: int, season: _Season) -> list[tuple[Fraction, int, int]]:
    """Yearly limits in whole tonnes: how far what is sold beyond each is from severity, after how many batches, and the limit."""
    found = []
    most = max(2, int(season.lots * (_EARLY_LATER if season.before else _EARLY)))
    least = lot * (season.before + 1) * _HEAVY  # what was made before, and one batch more than the pace tells
    for many in range(max(2, most // 10), most + 1):
        limit = int(lot * many * WHOLE / (WHOLE + severity))
        if least <= limit < lot * many:
            found.append((abs(lot * many / limit - 1 - Fraction(severity, WHOLE)), many, limit))
    return sorted(found)


@pattern("F06")
class LicensedMineLaundering(AtMine):
    """Ore from pits without a licence is sold as a mine's own, until severity more than its permit allows was sold in the year.

    Only then the permit is raised. The twin mines as much, and its permit is raised before the limit is reached.
    """

    needs = f"mines with one permit that they use, and {FEWEST_BATCHES} planned batches or more"
    heeds = frozenset({Permit, Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        for site, permit, planned, sure in mines(scenario):
            season, lot = _seasons(scenario, site, planned, sure)[0], _lot_tonnes(site)
            used = season.lots * lot >= permit.annual_limit_t * _TIGHT
            slow = season.lots >= FEWEST_BATCHES and pace(scenario, site, planned) >= _SLOW
            if used and slow and _limits(lot, WHOLE, season):
                yield site.facility

    @classmethod
    def unsure(cls, scenario: Scenario) -> frozenset[str]:
        return frozenset(shares_of_blends(scenario))

    def setup(self) -> None:
        super().setup()
        lot = _lot_tonnes(self.site)
        best, *others = _seasons(self.world.scenario, self.site, self.planned, self.sure)
        some = [one for one in others if one.lots >= _FEW and _limits(lot, self.severity, one)]
        self._season = (best, *some)[self.stream("season").below(1 + len(some))]
        """An earlier year as often as the one with the most batches, so that the time tells less."""
        limits = _limits(lot, self.severity, self._season)
        close = sum(off * _NEAR * WHOLE <= self.severity for off, *_ in limits)
        near = limits[: max(1, close, len(limits) // 2)]
        _, self._many, self._limit = near[self.stream("limit").below(1000) % len(near)]
        self._milligrams = 0
        """As weighed, sold in the year as mined here."""
        self._strange = 0
        """Of that, from elsewhere."""
        self._lots: list[str] = []
        """Batches of the year."""
        self._beyond: set[str] = set()
        """Those with which the first limit is passed, or was."""
        self._first: Wish | None = None
        self._raised: date | None = None

    def on_fact(self, fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Source) and self._counts(self.world.moment(fact.time).date()):
            mass, limit = weighed(fact.lot), self._limit * 10**9
            self._milligrams += mass
            self._lots.append(fact.lot.id)
            if self._milligrams > limit:
                self._beyond.add(fact.lot.id)
                if not self.honest:
                    over = min(mass, self._milligrams - limit)
                    self._strange += over
                    fact = self.elsewhere(fact, over)
        yield fact

    def _counts(self, day: date) -> bool:
        """Whether what came out on a day is of the year, and not yet under the raised permit (of the twin: as many batches)."""
        if day.year != self._season.year:
            return False
        if self.honest:
            return len(self._lots) < self._many
        return self._raised is None or day < self._raised

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, Permit) and self.own(wish):
            low = about.permit.model_copy(update={"annual_limit_t": self._limit})
            self._first = replace(wish, about=replace(about, permit=low))
            yield self.really(self.replaced(wish, self._first))
            return
        yield wish
        if not isinstance(about, Passport) or about.batch.lot.facility != self.target:
            return
        lot = about.batch.lot
        if lot.id in self._beyond:
            self.label.root(wish)
            self.label.target(lot.id)
            self.label.span(about.batch.made, wish.valid_from)
            sold, own = self._milligrams, self._milligrams - self._strange
            self.label.told(
                claimed=round(sold / 10**9, 3), true=round(own / 10**9, 3), permitted=self._limit,
                unit="t of ore in the year",
            )  # fmt: skip
        if self._raised is None and self._due(about.batch):
            yield from self._amended((wish.valid_from + DAY).date())

    def _due(self, batch: BatchClaim) -> bool:
        """Of the twin: one more batch would pass the limit. Of the fraud: enough was sold beyond it, or the year is over."""
        if batch.made.year > self._season.year:
            return True
        if not self._lots or batch.lot.id != self._lots[-1]:
            return False
        if self.honest:
            return self._milligrams + weighed(batch.lot) * 51 // 50 > self._limit * 10**9
        return len(self._lots) >= self._many

    def end(self) -> Iterable[Wish]:
        if self._raised is None and self._first is not None:
            yield from self._amended((self.world.scenario.as_of - 2 * DAY).date())

    def _amended(self, day: date) -> Iterator[Wish]:
        assert self._first is not None  # permits are there before anything is mined
        self._raised = day
        yield self.next_permit(
            self._first, day, number=self.number("amendment"), limit=self.permit.annual_limit_t
        )


_REST = "care-and-maintenance"
_MOSTLY = Fraction(3, 4)
"""Part of its planned batches that such a mine makes for sure."""
_BEFORE, _SPARE = 1, 1
"""Batches that it makes before it is at rest at the least, and sure ones that are left after it."""
_GAP = timedelta(days=3)
"""Between two batches of the twin: so long that it may be at rest between them."""


@pattern("F07")
class DormantSiteOutput(AtMine):
    """A mine is at rest for a while, and a share (severity) of its batches is dated within it: they come from elsewhere.

    Its records say since when nothing is produced, and since when it works again. The twin was at rest between two batches, and
    ships what it has.
    """

    needs = f"mines with one permit that nobody fills up for, and {FEWEST_BATCHES} planned batches or more"
    heeds = frozenset({FacilityRecord, Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return [site.facility for site, _, planned, sure in mines(scenario) if sure >= planned * _MOSTLY]

    @classmethod
    def unsure(cls, scenario: Scenario) -> frozenset[str]:
        return frozenset(shares_of_blends(scenario))

    def setup(self) -> None:
        super().setup()
        self._many = self.batches(self.severity)
        room = max(0, self.sure - self._many - _SPARE - _BEFORE)
        self._working = _BEFORE + self.stream("rest from").below(room + 1)
        if self.honest:  # so that what it made before is as late as what the fraud makes after
            self._working += self._many
        """Batches that it makes before it is at rest."""
        self._made = self._strange = 0
        self._day: date | None = None
        """Of the batch before, the last strange one while it is at rest."""
        self._since: date | None = None
        """First day at rest."""
        self._again: date | None = None
        """First day on which it works again."""
        self._last: deque[tuple[Wish, Lot]] = deque(maxlen=self._many)
        self._record: Wish | None = None
        self._recorded = False

    def on_fact(self, fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Source):
            day = self.world.moment(fact.time).date()
            self._made += 1
            if self.honest:
                self._between(day)
            elif self._rests(day):
                self._strange += 1
                fact = self.elsewhere(fact, weighed(fact.lot))
            self._day = day
        yield fact

    def _between(self, day: date) -> None:
        """Be at rest from the day after one batch to that of the next, where there is time between them."""
        gap = self._day is not None and self._made > self._working and day - self._day >= _GAP
        if self._since is None and self._day is not None and gap:
            self._since, self._again = self._day + DAY, day

    def _rests(self, day: date) -> bool:
        """Whether it is at rest on a day on which a batch is dated."""
        if self._since is None and self._made > self._working and self._day is not None and day > self._day:
            self._since = self._day + DAY
        if self._since is None or self._again is not None:
            return False
        if self._strange >= self._many and day != self._day:
            self._again = day
        return self._again is None

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        yield wish
        if isinstance(about, FacilityRecord) and not about.earlier and about.edition == 1:
            self._record = wish
        elif isinstance(about, Passport) and about.batch.lot.facility == self.target:
            lot, made = about.batch.lot, about.batch.made.date()
            if self._since is None or made < self._since:
                self._last.append((wish, lot))
                return
            if not self.honest and (self._again is None or made < self._again):
                self._rooted(wish, lot)
            if not self._recorded and (self.struck or self.honest):
                yield from self._rested((wish.valid_from + DAY).date())

    def _rooted(self, wish: Wish, lot: Lot) -> None:
        self.label.root(wish)
        self.label.target(lot.id)
        self.label.span(wish.valid_from, wish.valid_from)

    def end(self) -> Iterable[Wish]:
        if self.honest and self._since is None and self._day is not None:
            self._since = self._day + DAY  # there was no time between any two of its batches
        for wish, lot in self._last if self.honest else ():
            self._rooted(wish, lot)
        if self._since is None or not self.struck:
            return
        latest = (self.world.scenario.as_of - 2 * DAY).date()
        if not self._recorded:
            yield from self._rested(latest - DAY)
        self.label.told(
            claimed=self._made, true=self._made - self._strange, since=self._since.isoformat(), unit="batches won there",
        )  # fmt: skip
        if self._again is not None and self._record is not None:
            operator = self.world.facilities[self.target].operator
            facts = self.stated.model_copy(update={"since": self._again})
            self.act("reopened", at_midnight(self._again), operator, site=self.target)
            self.label.told(again=self._again.isoformat())
            yield self.next_record(self._record, latest, facts, edition=4)

    def _rested(self, day: date) -> Iterator[Wish]:
        """The record that says that nothing is produced, from a day on."""
        if self._record is None or self._since is None:
            return
        self._recorded = True
        operator = self.world.facilities[self.target].operator
        quiet = self.stated.unfc and f"E3;F4;{self.stated.unfc.rpartition(';')[2]}"
        facts = self.stated.model_copy(update={"status": _REST, "since": self._since, "unfc": quiet})
        self.act("closed", at_midnight(self._since), operator, site=self.target, status=_REST)
        yield self.next_record(self._record, day, facts, edition=3)


_LATE = 0.8
"""Part of the time in which the mine makes its batches, after which a permit is bought."""
_BIGGER = Decimal("1.1")
"""By how much the capacity on record of the twin exceeds what it is permitted."""


@pattern("F28")
class BribedPermit(AtMine):
    """An official sells a permit for severity more than the site can yield. The record shows nothing that explains it.

    The twin's permit is raised as far, after a new survey has put a larger capacity on record.
    """

    needs = "mines with one permit whose records state a capacity"
    heeds = frozenset({Permit, FacilityRecord})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        sites = scenario.governance.sites
        for site, *_ in mines(scenario):
            if site.facility in sites and sites[site.facility].capacity_t_per_year is not None:
                yield site.facility

    def setup(self) -> None:
        super().setup()
        start = self.world.scenario.start
        drawn = self.stream("grant")
        self._granted = (start + self.pace * self.planned * _LATE + drawn.between(0, 20) * DAY).date()
        self._surveyed = self._granted - drawn.between(15, 30) * DAY
        self._capacity = int(self.stated.capacity_t_per_year or 0)
        self._limit = self._capacity * (WHOLE + self.severity) // WHOLE + 1

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        yield wish
        if isinstance(about, Permit) and self.own(wish):
            yield from self._bought(wish)
        elif isinstance(about, FacilityRecord) and not about.earlier and about.edition == 1:
            capacity = Decimal(int(self._limit * _BIGGER)) if self.honest else Decimal(self._capacity)
            facts = self.stated.model_copy(update={"capacity_t_per_year": capacity})
            record = self.next_record(wish, self._surveyed, facts, edition=2)
            self.label.root(record)
            yield record

    def _bought(self, wish: Wish) -> Iterator[Wish]:
        new = self.next_permit(wish, self._granted, number=self.number("amendment"), limit=self._limit)
        office, operator = wish.issuer, self.world.facilities[self.target].operator
        self.label.root(new)
        self.label.span(at_midnight(self._surveyed), new.valid_from)
        grown = int(self._limit * _BIGGER) if self.honest else self._capacity
        self.label.told(claimed=self._limit, true=grown, unit="t a year, permitted and possible")
        if not self.honest:
            self.label.actor(office)
            price = self.stream("price").between(20, 90) * 100_000
            paid = new.valid_from - self.stream("paid").between(2, 6) * DAY
            self.act(
                "paid", paid, operator, to=office.did, cents=price, **{"for": self.label.url(new)}
            )  # fmt: skip
        yield new
