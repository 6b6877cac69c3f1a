"""What is known of mines with one permit, and what their patterns have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.plans import planned_lots, shares_of_blends, sure_part
from assay.simulator.facts import Lot, Source
from assay.simulator.governance_entries import SiteFacts
from assay.simulator.issuance.abouts import Permit, Wish
from assay.simulator.scenario import PermitEntry, Scenario
from assay.simulator.sites import SiteEntry

__all__ = ["DAY", "FEWEST_BATCHES", "AtMine", "at_midnight", "mines", "pace", "weighed"]

_MINES = ("mine", "brine")
FEWEST_BATCHES = 6
"""Batches that a mine must be planned to make: fewer leave no room for a before and an after."""
_PART_OF_SPAN = Fraction(3, 5)
"""Of the time of a scenario, after which a mine without a pace of its own has made what was planned (assumption)."""
DAY = timedelta(days=1)


def mines(scenario: Scenario) -> Iterator[tuple[SiteEntry, PermitEntry, int, int]]:
    """Mines that have one permit: the site, the permit, and how many batches are planned and how many are sure."""
    permits: dict[str, list[PermitEntry]] = {}
    for permit in scenario.permits:
        permits.setdefault(permit.facility, []).append(permit)
    shares = shares_of_blends(scenario)
    planned = planned_lots(scenario)
    for site in scenario.sites:
        lots = planned.get((site.facility, site.product), 0)
        if site.kind in _MINES and len(permits.get(site.facility, ())) == 1 and lots >= FEWEST_BATCHES:
            yield site, permits[site.facility][0], lots, lots * sure_part(shares.get(site.facility)) // 100


def weighed(lot: Lot) -> int:
    """Milligrams of a lot with its moisture."""
    return lot.material.mass * WHOLE // (WHOLE - lot.material.moisture)


def at_midnight(day: date) -> datetime:
    """When an office's papers of a day begin to hold."""
    return datetime.combine(day, time(), UTC)


def pace(scenario: Scenario, site: SiteEntry, planned: int) -> timedelta:
    """Time between two batches of a mine, about."""
    if site.lines is not None and site.days_per_lot:
        return timedelta(days=site.days_per_lot) / site.lines
    return (scenario.as_of - scenario.start) * float(_PART_OF_SPAN) / planned


class AtMine(Deception):
    """Something about the permit of a mine, or about what is sold under it."""

    needs = f"mines with one permit and {FEWEST_BATCHES} planned batches or more"

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
        return pace(self.world.scenario, self.site, self.planned)

    def batches(self, share: int) -> int:
        """A share (ppm) of the planned batches: one at least, and no more than three quarters of those that are sure."""
        return min(max(1, round(Fraction(self.planned * share, WHOLE))), max(1, self.sure * 3 // 4))

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
            wish, about=replace(about, permit=permit, assessed=start - 5 * DAY), key=f"permit/{number}",
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
        return self.added(new)

    @property
    def stated(self) -> SiteFacts:
        """What the first record of the mine says of the resource."""
        return self.world.scenario.governance.sites.get(self.target) or SiteFacts()

    def number(self, purpose: str) -> str:
        """The number of a later permit: that of the first with other last digits."""
        stem, _, digits = self.permit.number.rpartition("-")
        return f"{stem}-{self.stream(purpose).below(10 ** len(digits)):0{len(digits)}d}"
