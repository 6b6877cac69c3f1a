"""Goods that come from nobody, faster than they can, through somebody who never had them, or back to where they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from assay.profiles.world.transport import FASTEST_KMH
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.issuance.abouts import Receipt, Wish
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.edits import Edit
from assay.simulator.scenario import Scenario
from assay.simulator.sites import Route
from assay.simulator.world import World

__all__ = ["ImpossibleTravel"]

_NEAR_KM = 50
_LEAST_FASTER = 10_000
"""Parts per million: a journey that is faster than the fastest by less is lost in the rounding to minutes."""


def least_hours(route: Route) -> float:
    """Hours that the fastest journey along a route takes, leg by leg at the bound of its mode."""
    return sum(leg.km / FASTEST_KMH[leg.mode] for leg in route.legs)


@pattern("F11")
class ImpossibleTravel(Deception):
    """A receipt is dated so early that the journey was faster than any can be, by severity of the fastest.

    The twin dates its receipt rightly, in the local time of an office far in the west: on its clock the goods were fast too.
    """

    needs = "routes of more than fifty kilometres"
    repeat = 6

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(
            route.origin for route in scenario.routes if sum(leg.km for leg in route.legs) > _NEAR_KM
        )

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        route = self.world.scenario.routes[about.move.route] if isinstance(about, Receipt) else None
        if (
            route is None
            or route.origin != self.target
            or sum(leg.km for leg in route.legs) <= _NEAR_KM
            or self.struck
            or not self.ready
            or not self.takes(about.move.consignment)
        ):
            yield wish
            return
        departed, arrived = about.move.departed, about.move.arrived
        self.label.root(wish)
        self.label.target(about.move.consignment)
        self.label.span(departed, arrived)
        if self.honest:
            local = arrived.astimezone(_office(self.world)).isoformat(timespec="seconds")
            self.label.told(claimed=local, true=stamp(arrived), unit="time of arrival")
            edit = Edit("/credentialSubject/0/eventDate", local)
            yield self.replaced(wish, replace(wish, edits=(*wish.edits, edit)))
            return
        early = self._early(route, departed)
        self.label.told(claimed=stamp(early), true=stamp(arrived), unit="time of arrival")
        yield self.replaced(
            wish, replace(wish, about=replace(about, move=replace(about.move, arrived=early)))
        )

    def _early(self, route: Route, departed: datetime) -> datetime:
        """A moment before anybody can have got there, in whole minutes as all are."""
        faster = min(max(self.severity, _LEAST_FASTER), WHOLE * 99 // 100)
        minutes = least_hours(route) * 60 * (WHOLE - faster) / WHOLE
        return departed + timedelta(minutes=int(minutes))


def _office(world: World) -> timezone:
    """Local time at the place of this world that lies farthest in the west."""
    west = min(facility.place.longitude for facility in world.facilities.values())
    return timezone(timedelta(hours=round(west / 15_000_000)))
