"""Mines and their permits: none in force, one for less than is sold, one for a site at rest, one that was bought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.issuance.abouts import Passport, Permit, Wish
from assay.simulator.operations.graph import build_graph
from assay.simulator.operations.plan import make_plan
from assay.simulator.scenario import PermitEntry, Scenario
from assay.simulator.sites import SiteEntry

__all__ = ["LapsedPermit"]

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
    planned = make_plan(scenario, build_graph(scenario)).lots
    for site in scenario.sites:
        lots = planned.get((site.facility, site.product), 0)
        if site.kind in _MINES and len(permits.get(site.facility, ())) == 1 and lots >= _FEWEST:
            sure = int(lots * (_SURE_MINOR if site.facility in minor else _SURE))
            yield site, permits[site.facility][0], lots, sure


def at_midnight(day: date) -> datetime:
    """When an office's papers of a day begin to hold."""
    return datetime.combine(day, time(), UTC)


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
        if self.site.lines is not None and self.site.days_per_lot:
            return timedelta(days=self.site.days_per_lot) / self.site.lines
        span = self.world.scenario.as_of - self.world.scenario.start
        return span * float(_PART_OF_SPAN) / self.planned

    def batches(self, share: int) -> int:
        """A share (ppm) of the planned batches: one at least, and no more than half of those that are sure."""
        return min(max(1, round(Fraction(self.planned * share, WHOLE))), max(1, self.sure // 2))

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

    def number(self, purpose: str) -> str:
        """The number of a later permit: that of the first with other last digits."""
        stem, _, digits = self.permit.number.rpartition("-")
        return f"{stem}-{self.stream(purpose).below(10 ** len(digits)):0{len(digits)}d}"


@pattern("F08")
class LapsedPermit(_Mines):
    """A permit runs out and its successor comes later: a share (severity) of the batches is mined between the two.

    The twin's permit runs out on such a day too, and its successor is in force from that day on.
    """

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
            self.label.root(wish)
            self.label.span(at_midnight(self._last), at_midnight(self._last))
            yield self.really(self.replaced(wish, self._first))
            if self.honest:
                yield from self._granted(self._last)
            return
        yield wish
        if isinstance(about, Passport) and about.made_by is None and self._between(about):
            self._found += 1
            self.label.root(wish)
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
