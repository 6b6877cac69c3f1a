"""Mines and their permits: none in force, one for less than is sold, one for a site at rest, one that was bought."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from assay.simulator.claim_kinds import BatchClaim
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.plans import planned_lots
from assay.simulator.deceptions.registry import pattern
from assay.simulator.facts import Fact, Lot, Source
from assay.simulator.governance_entries import SiteFacts
from assay.simulator.issuance.abouts import FacilityRecord, Passport, Permit, Wish
from assay.simulator.scenario import PermitEntry, Scenario
from assay.simulator.sites import SiteEntry

__all__ = ["BribedPermit", "DormantSiteOutput", "LapsedPermit", "LicensedMineLaundering"]

_MINES = ("mine", "brine")
_FEWEST = 6
"""Batches that a mine must be planned to make: fewer leave no room for a before and an after."""
_MINOR = Fraction(1, 4)
_SURE, _SURE_MINOR = Fraction(9, 10), Fraction(7, 10)
"""Part of the planned batches that a mine makes in any case; of a mine with a small share of a blend, others may fill up."""
_PART_OF_SPAN = Fraction(3, 5)
"""Of the time of a scenario, after which a mine without a pace of its own has made what was planned (assumption)."""
_DAY = timedelta(days=1)


def mines(scenario: Scenario) -> Iterator[tuple[SiteEntry, PermitEntry, int, int]]:
    """Mines that have one permit: the site, the permit, and how many batches are planned and how many are sure."""
    permits: dict[str, list[PermitEntry]] = {}
    for permit in scenario.permits:
        permits.setdefault(permit.facility, []).append(permit)
    minor = {
        feed.origin for site in scenario.sites for _, feed in site.feeds() if (feed.share or 1) <= _MINOR
    }
    planned = planned_lots(scenario)
    for site in scenario.sites:
        lots = planned.get((site.facility, site.product), 0)
        if site.kind in _MINES and len(permits.get(site.facility, ())) == 1 and lots >= _FEWEST:
            sure = int(lots * (_SURE_MINOR if site.facility in minor else _SURE))
            yield site, permits[site.facility][0], lots, sure


def weighed(lot: Lot) -> int:
    """Milligrams of a lot with its moisture."""
    return lot.material.mass * WHOLE // (WHOLE - lot.material.moisture)


def at_midnight(day: date) -> datetime:
    """When an office's papers of a day begin to hold."""
    return datetime.combine(day, time(), UTC)


def _pace(scenario: Scenario, site: SiteEntry, planned: int) -> timedelta:
    if site.lines is not None and site.days_per_lot:
        return timedelta(days=site.days_per_lot) / site.lines
    return (scenario.as_of - scenario.start) * float(_PART_OF_SPAN) / planned


def _blended(scenario: Scenario) -> frozenset[str]:
    """Who delivers a part of a blend: others may fill up."""
    return frozenset(
        feed.origin for site in scenario.sites for _, feed in site.feeds() if (feed.share or 1) < 1
    )


class _Mines(Deception):
    """Something about the permit of a mine, or about what is sold under it."""

    needs = f"mines with one permit and {_FEWEST} planned batches or more"

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return [site.facility for site, *_ in mines(scenario)]

    def setup(self) -> None:
        self.site, self.permit, self.planned, self.sure = next(
            found for found in mines(self.world.scenario) if found[0].facility == self.target
        )
        self.label.target(self.permit.number)

    @property
    def pace(self) -> timedelta:
        """From one batch to the next, about."""
        return _pace(self.world.scenario, self.site, self.planned)

    def batches(self, share: int) -> int:
        """A share (ppm) of the planned batches: one at least, and no more than half of those that are sure."""
        return min(max(1, round(Fraction(self.planned * share, WHOLE))), max(1, self.sure // 2))

    def elsewhere(self, fact: Source, mass: int) -> Source:
        """The lot (so many milligrams of it, as weighed) was not won here, but brought from a pit that nobody licensed."""
        place, drawn = self.world.facilities[self.target].place, self.stream(f"pit|{fact.lot.id}")
        pit = [
            round((here + (1 - 2 * drawn.below(2)) * drawn.between(150_000, 400_000)) / WHOLE, 4)
            for here in (place.latitude, place.longitude)
        ]
        operator = self.world.facilities[self.target].operator
        self.act(
            "extracted-at", self.world.moment(fact.time), operator, lot=fact.lot.id, mass_mg=mass, place=pit
        )  # fmt: skip
        self.taint(fact.lot, max(1, mass * WHOLE // weighed(fact.lot)))
        return replace(fact, origin="unrecorded")

    def own(self, wish: Wish) -> bool:
        """Whether it is the permit that the mine had before anything happened."""
        return isinstance(wish.about, Permit) and wish.about.permit.number == self.permit.number

    def next_permit(
        self, wish: Wish, day: date, *, number: str, limit: int | None = None, until: date | None = None
    ) -> Wish:
        """A later permit of the mine by the same office, in force from a day on."""
        about: Permit = wish.about
        permit = about.permit.model_copy(
            update={
                "number": number, "granted": day, "expires": until or self.permit.expires,
                "annual_limit_t": limit or about.permit.annual_limit_t,
            }
        )  # fmt: skip
        start = at_midnight(day)
        end = min(at_midnight(permit.expires), self.world.scenario.as_of + timedelta(days=4 * 365))
        new = replace(
            wish, about=replace(about, permit=permit, assessed=start - 5 * _DAY), key=f"permit/{number}",
            valid_from=start, valid_until=end, void=False,
        )  # fmt: skip
        self.label.target(number)
        return self.done(self.added(new))

    def next_record(self, wish: Wish, day: date, facts: SiteFacts, edition: int) -> Wish:
        """A later record of the mine with another resource statement, issued on a day at the hour of the first."""
        new = replace(
            wish, about=replace(wish.about, facts=facts, edition=edition), key=f"{wish.key}/{edition}",
            valid_from=at_midnight(day),
        )  # fmt: skip
        self.label.root(new)
        return self.added(new)

    @property
    def stated(self) -> SiteFacts:
        """What the first record of the mine says of the resource."""
        return self.world.scenario.governance.sites.get(self.target) or SiteFacts()

    def number(self, purpose: str) -> str:
        """The number of a later permit: that of the first with other last digits."""
        stem, _, digits = self.permit.number.rpartition("-")
        return f"{stem}-{self.stream(purpose).below(10 ** len(digits)):0{len(digits)}d}"


@pattern("F08")
class LapsedPermit(_Mines):
    """A permit runs out and its successor comes later: a share (severity) of the batches is mined between the two.

    The twin's permit runs out on such a day too, and its successor is in force from that day on.
    """

    needs = f"mines with one permit and a pace of their own, and {_FEWEST} planned batches or more"
    heeds = frozenset({Permit, Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return [site.facility for site, *_ in mines(scenario) if site.lines and site.days_per_lot]

    def setup(self) -> None:
        super().setup()
        self._many = self.batches(self.severity)
        before = 1 + self.part.turn % max(1, self.sure - self._many - 1)
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
                self._next = (wish.valid_from + _DAY).date()
                yield from self._granted(self._next)

    def end(self) -> Iterable[Wish]:
        if self._found and self._next is None:
            self._next = (self.world.scenario.as_of - 2 * _DAY).date()
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
_WITHIN = Fraction(1, 2), Fraction(23, 25)
"""Of the batches of the year: after which part of them the limit is passed, at the least and at the most."""
_EARLY = Fraction(9, 20), Fraction(4, 5)
"""The same where another part of a composite has a permit granted later on."""
_CLOSE = Fraction(1, 100)
"""How far what is sold beyond a limit may be from severity. Where whole tonnes are too coarse for that, the nearest do."""


class _Season(NamedTuple):
    """The calendar year in which a limit is passed: how many batches come before it, and how many are sure in it."""

    year: int
    before: int
    lots: int


def _season(scenario: Scenario, site: SiteEntry, planned: int, sure: int) -> _Season:
    """The year with the most batches, as far as the pace tells."""
    pace, made = _pace(scenario, site, planned), 0
    found = _Season(scenario.start.year, 0, 0)
    for year in range(scenario.start.year, scenario.as_of.year + 1):
        until = min(sure, (datetime(year + 1, 1, 1, tzinfo=UTC) - scenario.start) // pace)
        if until - made > found.lots:
            found = _Season(year, made, until - made)
        made = max(made, until)
    return found


def _lot_tonnes(site: SiteEntry) -> Fraction:
    """Tonnes of a batch as weighed, about."""
    moisture = site.parameters.get("moisture")
    wet = moisture.ppm if moisture is not None else 0
    return Fraction(int(site.lot_kg), 1000) * WHOLE / (WHOLE - wet)


def _limit(
    lot: Fraction, severity: int, season: _Season, within: tuple[Fraction, Fraction], drawn: int
) -> tuple[int, int]:
    """A yearly limit in whole tonnes, and after how many batches it is passed by severity: as near as whole tonnes allow."""
    least, most = (max(2, int(season.lots * part)) for part in within)
    choices = []
    for many in range(least, most + 1):
        limit = int(lot * many * WHOLE / (WHOLE + severity))
        if limit >= lot * max(1, season.before) and limit < lot * many:
            choices.append((abs(lot * many / limit - 1 - Fraction(severity, WHOLE)), many, limit))
    close = [choice for choice in choices if choice[0] <= _CLOSE]
    near = close if len(close) * 2 > len(choices) else sorted(choices)[: max(1, len(choices) // 2)]
    _, many, limit = near[drawn % len(near)]
    return limit, many


@pattern("F06")
class LicensedMineLaundering(_Mines):
    """Ore from pits without a licence is sold as a mine's own, until severity more than its permit allows was sold in the year.

    Only then the permit is raised. The twin mines as much, and its permit is raised before the limit is reached.
    """

    needs = f"mines with one permit that they use, and {_FEWEST} planned batches or more"
    heeds = frozenset({Permit, Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        for site, permit, planned, sure in mines(scenario):
            season, lot = _season(scenario, site, planned, sure), _lot_tonnes(site)
            used = season.lots * lot >= permit.annual_limit_t * _TIGHT
            if used and season.lots >= _FEWEST and _pace(scenario, site, planned) >= _SLOW:
                yield site.facility

    @classmethod
    def unsure(cls, scenario: Scenario) -> frozenset[str]:
        return _blended(scenario)

    def setup(self) -> None:
        super().setup()
        self._season = _season(self.world.scenario, self.site, self.planned, self.sure)
        together = {part.code for part in self.world.parts if part.composite == self.part.composite}
        later = self.part.composite is not None and BribedPermit.code in together
        self._limit, self._many = _limit(
            _lot_tonnes(self.site), self.severity, self._season, _EARLY if later else _WITHIN,
            self.stream("limit").below(1000),
        )  # fmt: skip
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
            yield from self._amended((wish.valid_from + _DAY).date())

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
            yield from self._amended((self.world.scenario.as_of - 2 * _DAY).date())

    def _amended(self, day: date) -> Iterator[Wish]:
        assert self._first is not None  # permits are there before anything is mined
        self._raised = day
        yield self.next_permit(
            self._first, day, number=self.number("amendment"), limit=self.permit.annual_limit_t
        )


_REST = ("care-and-maintenance", "closed")
_SPARE = 2
"""Batches that follow the last real one at the least: one of them may be wanted no more."""


@pattern("F07")
class DormantSiteOutput(_Mines):
    """A mine is at rest, and a share (severity) of its batches is dated after that day: they come from elsewhere.

    Its record says in the end since when nothing is produced. The twin was at rest since its last batch, and ships what it has.
    """

    needs = f"mines with one permit that nobody fills up for, and {_FEWEST} planned batches or more"
    heeds = frozenset({FacilityRecord, Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return [site.facility for site, _, planned, sure in mines(scenario) if sure >= int(planned * _SURE)]

    @classmethod
    def unsure(cls, scenario: Scenario) -> frozenset[str]:
        return _blended(scenario)

    def setup(self) -> None:
        super().setup()
        self._many = self.batches(self.severity)
        self._working = self.planned - max(self._many, _SPARE)
        """Batches that it makes before it is at rest."""
        self._made = 0
        self._since: date | None = None
        """First day at rest."""
        self._last: deque[tuple[Wish, Lot]] = deque(maxlen=self._many)
        self._record: Wish | None = None

    def on_fact(self, fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Source):
            day = self.world.moment(fact.time).date()
            self._made += 1
            if self.honest or self._made == self._working:
                self._since = day + _DAY
            elif self._since is not None and day >= self._since:
                fact = self.elsewhere(fact, weighed(fact.lot))
        yield fact

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        yield wish
        if isinstance(about, FacilityRecord) and not about.earlier and about.edition == 1:
            self._record = wish
        elif isinstance(about, Passport) and about.batch.lot.facility == self.target:
            lot = about.batch.lot
            if self.honest:
                self._last.append((wish, lot))
            elif self._since is not None and about.batch.made.date() >= self._since:
                self._rooted(wish, lot)

    def _rooted(self, wish: Wish, lot: Lot) -> None:
        self.label.root(wish)
        self.label.target(lot.id)
        self.label.span(wish.valid_from, wish.valid_from)

    def end(self) -> Iterable[Wish]:
        for wish, lot in self._last:
            self._rooted(wish, lot)
        if self._record is None or self._since is None or not self.struck:
            return
        operator, since = self.world.facilities[self.target].operator, self._since
        status = _REST[self.stream("rest").below(len(_REST))]
        quiet = self.stated.unfc and f"E3;F4;{self.stated.unfc.rpartition(';')[2]}"
        facts = self.stated.model_copy(update={"status": status, "since": since, "unfc": quiet})
        self.act("closed", at_midnight(since), operator, site=self.target, status=status)
        self.label.told(
            claimed=self._made, true=self._made if self.honest else self._working, since=since.isoformat(),
            unit="batches won there",
        )  # fmt: skip
        yield self.next_record(self._record, (self.world.scenario.as_of - 2 * _DAY).date(), facts, edition=3)


_LATE = 0.8
"""Part of the time in which the mine makes its batches, after which a permit is bought."""
_BIGGER = Decimal("1.1")
"""By how much the capacity on record of the twin exceeds what it is permitted."""


@pattern("F28")
class BribedPermit(_Mines):
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
        self._granted = (start + self.pace * self.planned * _LATE + drawn.between(0, 20) * _DAY).date()
        self._surveyed = self._granted - drawn.between(15, 30) * _DAY
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
            yield self.next_record(wish, self._surveyed, facts, edition=2)

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
            paid = new.valid_from - self.stream("paid").between(2, 6) * _DAY
            self.act(
                "paid", paid, operator, to=office.did, cents=price, **{"for": self.label.url(new)}
            )  # fmt: skip
        yield new
