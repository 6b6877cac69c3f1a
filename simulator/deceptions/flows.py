"""Goods that come from nobody, faster than they can, through somebody who never had them, or back to where they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import ClassVar

from assay.profiles.world.transport import FASTEST_KMH
from assay.simulator.claim_kinds import MoveClaim, Quantity, Terms
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.guests import guest, with_store
from assay.simulator.deceptions.plans import planned_deliveries
from assay.simulator.deceptions.registry import pattern
from assay.simulator.deceptions.trade import sales
from assay.simulator.facts import Fact, Source
from assay.simulator.issuance.abouts import (
    FacilityRecord,
    Identity,
    Receipt,
    Shipment,
    SiteCertificate,
    Wish,
)
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.edits import Edit
from assay.simulator.measurements import on_scale
from assay.simulator.scenario import Scenario
from assay.simulator.sites import Route
from assay.simulator.world import Facility, World

__all__ = ["CircularTrading", "GhostSupplier", "ImpossibleTravel", "OpaqueMiddleman"]


_SURE = 90
"""Hundredths of the planned deliveries, among which the first of them is: where stocks are kept, the last ones may not come."""


class _Deliveries(Deception):
    """Some of the deliveries from or to one place: the share that severity asks for, evenly spread, from one of the first on."""

    inbound: ClassVar[bool] = False
    """Whether it is the deliveries to the place that count."""

    def setup(self) -> None:
        planned = planned_deliveries(self.world.scenario, self.target, inbound=self.inbound)
        between = WHOLE // max(1, self.severity)
        self._counted = -self.stream("first").below(max(2, min(between, planned * _SURE // 100)))

    @property
    def due(self) -> bool:
        """Whether the next delivery is to be one of them."""
        number = self._counted
        whole = (number + 1) * self.severity // WHOLE > number * self.severity // WHOLE
        return number == 0 or (number > 0 and whole)

    def chosen(self) -> bool:
        """Count the next delivery. Whether it is one of them."""
        due = self.due
        self._counted += 1
        return due


@pattern("F05")
class GhostSupplier(_Deliveries):
    """A supplier of bought goods never existed: no register knows it, no record its site. Where the goods came from, no paper says.

    Of a share of its deliveries (severity) nobody signed the dispatch; those are what the receiver alone tells of. The twin's
    dispatches are missing as well, and it stands in the business register, with its site.
    """

    needs = "suppliers with one site of their own that deliver to others"
    heeds = frozenset({Shipment, Receipt, Identity, FacilityRecord, SiteCertificate})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        operators = {place.id: place.operator for place in scenario.facilities}
        sites = list(operators.values())
        delivering = {route.origin for route in scenario.routes}
        return dict.fromkeys(
            site.facility
            for site in scenario.sites
            if site.kind == "supplier"
            and site.facility in delivering
            and sites.count(operators[site.facility]) == 1
        )

    def setup(self) -> None:
        super().setup()
        self._operator = self.world.facilities[self.target].operator
        self.parties.add(self._operator.id)
        self._unsigned: set[str] = set()

    def on_fact(self, fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Source) and fact.facility == self.target and not self.honest:
            self.taint(fact.lot)
            fact = replace(fact, origin="unrecorded")
        yield fact

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, Shipment) and self._from_here(about) and not wish.spare:
            if self.chosen():
                self._unsigned.add(about.move.consignment)
                yield self.dropped(wish)
                return
        elif isinstance(about, Receipt) and about.move.consignment in self._unsigned:
            self.label.root(wish)
            self.label.target(about.move.consignment)
            self.label.span(about.move.departed, about.move.time)
            self.label.told(
                claimed=self._operator.name,
                true=self._operator.name if self.honest else "nobody that any register knows",
                unit="supplier",
            )
        elif not self.honest and self._of_nobody(about):
            yield self.dropped(wish)
            return
        yield wish

    def _from_here(self, about: Shipment) -> bool:
        return self.world.scenario.routes[about.move.route].origin == self.target

    def _of_nobody(self, about: object) -> bool:
        """What only somebody who exists has: an entry in the business register, a record, a certificate of the site."""
        if isinstance(about, Identity):
            return about.title == "Business identity" and about.organisation is self._operator
        return isinstance(about, FacilityRecord | SiteCertificate) and about.facility.id == self.target


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
    scarce = "consignment"
    repeat = 6
    sooner = 85
    heeds = frozenset({Receipt})

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


@pattern("F12")
class OpaqueMiddleman(_Deliveries):
    """A trader sells what, on paper, never came to it: neither side signed a share (severity) of the deliveries to it.

    The twin keeps its supplier confidential: the supplier's side stays unpublished and the receipt does not name it, but the
    receipt is there, with what came in.
    """

    needs = "terminals that pass on goods of others"
    inbound = True
    heeds = frozenset({Shipment, Receipt})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        leaving = {route.origin for route in scenario.routes}
        return dict.fromkeys(
            site.facility for site in scenario.sites if site.kind == "terminal" and site.facility in leaving
        )

    def setup(self) -> None:
        super().setup()
        self._hidden: set[str] = set()
        self._lots: set[str] = set()

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if (
            not isinstance(about, Shipment | Receipt) or wish.spare
        ):  # deliveries that another made up are left to it
            yield wish
            return
        move, route = about.move, self.world.scenario.routes[about.move.route]
        if route.origin == self.target and isinstance(about, Shipment):
            if any(item.lot.id in self._lots for item in move.sent):
                self.label.root(wish)
                self.label.target(move.consignment)
                self.label.span(move.departed, move.departed)
            yield wish
        elif route.destination == self.target and isinstance(about, Shipment):
            if (self.due and not self.takes(move.consignment)) or not self.chosen():
                yield wish
                return
            self._hidden.add(move.consignment)
            self._lots.update(item.lot.id for item in move.sent)
            yield self.dropped(wish)
        elif move.consignment in self._hidden and self.honest:
            yield self.replaced(wish, replace(wish, edits=(*wish.edits, _UNNAMED)))
        elif move.consignment in self._hidden:
            supplier = self.world.facilities[route.origin].operator
            self.label.told(claimed="nobody", true=supplier.name, unit="supplier of the trader")
            self.act("sold", move.departed, supplier, to=self._trader, consignment=move.consignment)
            yield self.dropped(wish)
        else:
            yield wish

    @property
    def _trader(self) -> str:
        return self.world.facilities[self.target].operator.did


_UNNAMED = Edit("/credentialSubject/0/relatedParty/?role~consignor", drop=True)
"""A receipt without the party that sent the goods."""


_RESTED = timedelta(days=4)
"""A lot lies at least so long before it is sold on: time for its passport, and for a round."""
_OUT, _BACK = timedelta(days=3), timedelta(days=1)
"""Before a consignment leaves, its first item goes out and comes back; at the same time of day, so that the hour says nothing."""
_KM = 30
_DRIVE = timedelta(hours=3, minutes=40)
_LEAST_MORE = 8000
"""Parts per million: what comes back grows by more than scales err."""


@pattern("F13")
class CircularTrading(Deception):
    """A producer sells part of a lot to a company of its own and buys it back; it comes back heavier by severity. Nothing moved.

    The twin's goods go to an independent store and come back as they were.
    """

    needs = "facilities that make goods in batches and sell them, with invoices"
    sooner = 80
    follows = True
    heeds = frozenset({Shipment})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        packs = {site.facility for site in scenario.sites if site.kind in ("pack", "terminal", "market")}
        origins = (scenario.routes[number].origin for number, _, _ in sales(scenario))
        return dict.fromkeys(origin for origin in origins if origin not in packs)

    def prepare(self, scenario: Scenario) -> Scenario:
        operator = next(place.operator for place in scenario.facilities if place.id == self.target)
        nation = scenario.nations_of_facilities()[self.target]
        owner = None if self.honest else operator
        return with_store(scenario, guest(scenario, self.part, "supplier", nation, owner=owner), self.target)

    def setup(self) -> None:
        (partner,) = self.guests
        self._here = self.world.facilities[self.target]
        self._store = self.world.facilities[f"{partner.id}-store"]
        self.label.actor(partner)

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, Shipment) and not self.struck:
            route, moment = self.world.scenario.routes[about.move.route], about.move.departed
            rested = [item for item in about.move.sent if self._rested(item, about.move)]
            rested = [item for item in rested if self.reached(moment, item.lot)]
            rested.sort(key=lambda item: -item.grams)
            if route.origin == self.target and rested and self.takes(rested[0].lot.id):
                yield from self._round(wish, about.move, rested[0])
        yield wish

    def _rested(self, item: Quantity, move: MoveClaim) -> bool:
        made = self.world.moment(item.lot.made)
        return item.lot.granularity == "batch" and made + _RESTED <= move.departed

    def _round(self, wish: Wish, move: MoveClaim, item: Quantity) -> Iterator[Wish]:
        more = 0 if self.honest else max(self.severity, _LEAST_MORE)
        back = replace(item, grams=on_scale(item.grams * (WHOLE + more) // WHOLE)) if more else item
        legs = ((self._here, self._store, item, _OUT), (self._store, self._here, back, _BACK))
        for number, (sender, receiver, moved, earlier) in enumerate(legs, 1):
            departed = move.departed - earlier
            arrived = departed + _DRIVE
            parties = sender.operator.id, receiver.operator.id
            leg = MoveClaim(
                f"{move.consignment}/{self.part.instance}/{number}", move.route, departed, (moved,),
                terms=Terms(parties=parties),
            )  # fmt: skip
            there = replace(leg, arrived=arrived, received=(moved,))
            edits = between(sender, receiver, _KM)
            shipping = replace(
                wish, about=Shipment(leg), key=f"ship/{leg.consignment}", issuer=sender.operator,
                valid_from=departed + timedelta(hours=1),
                edits=(*edits, *named(f"Shipment from {sender.name} to {receiver.name}")),
            )  # fmt: skip
            receiving = replace(
                wish, about=Receipt(there), key=f"receive/{leg.consignment}", issuer=receiver.operator,
                valid_from=arrived + timedelta(hours=2),
                edits=(*edits, *named(f"Receipt at {receiver.name} from {sender.name}")),
            )  # fmt: skip
            self.label.root(shipping, receiving)
            self.label.span(departed, arrived)
            self.act(
                "handed-over", departed, sender.operator, to=receiver.operator.did, lot=item.lot.id,
                kilograms=item.grams / 1000,
            )  # fmt: skip
            yield self.added(shipping)
            yield self.added(receiving)
        self.label.target(item.lot.id)
        self.label.told(claimed=back.grams / 1000, true=item.grams / 1000, unit="kg")


def between(sender: Facility, receiver: Facility, km: int) -> tuple[Edit, ...]:
    """An event of a road journey between two places that no route of the scenario joins."""

    def place(facility: Facility) -> dict[str, object]:
        return {
            "type": ["Facility"], "id": facility.uri, "name": facility.name, "registeredId": facility.number,
        }  # fmt: skip

    event = "/credentialSubject/0"
    edits = [
        Edit(f"{event}/fromFacility", place(sender)),
        Edit(f"{event}/toFacility", place(receiver)),
        Edit(f"{event}/description", f"Route: road {km} km."),
    ]
    for number, party in enumerate((sender.operator, receiver.operator)):
        at = f"{event}/relatedParty/{number}/party"
        edits += [
            Edit(f"{at}/id", party.did), Edit(f"{at}/name", party.name), Edit(f"{at}/registeredId", party.number),
        ]  # fmt: skip
    return tuple(edits)


def named(name: str) -> tuple[Edit, ...]:
    """The name of a credential of one event, and of the event."""
    return Edit("/name", name), Edit("/credentialSubject/0/name", name)
