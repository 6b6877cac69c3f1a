"""Passports and events that exist twice, or came about at another time than they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta, timezone

from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.facts import Lot
from assay.simulator.issuance.abouts import Passport, Receipt, Shipment, Wish
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.edits import Edit
from assay.simulator.scenario import Scenario
from assay.simulator.world import Facility

__all__ = ["BackDatedIssuance", "ClonedPassport", "DualIssuance"]


_MOST_COPIES = 6
_WEEKS = (4, 5)
"""Between a delivery and the second one, least and most."""
_LATEST = timedelta(weeks=_WEEKS[1])
"""From the paper of the real arrival to that of the second one, at most."""


@pattern("F39")
class ClonedPassport(Deception):
    """A pack with a copied number leaves the plant a second time, for another market, after the real one was delivered.

    The twin is delivered to that market as well: its first buyer sold it on.
    """

    needs = "pack plants that deliver to a market, and a second market"
    follows = True
    scarce = "consignment"
    repeat = 6
    heeds = frozenset({Receipt})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        markets = {site.facility for site in scenario.sites if site.kind == "market"}
        packers = {site.facility for site in scenario.sites if site.kind == "pack"}
        if len(markets) < 2:
            return ()
        return dict.fromkeys(
            route.origin
            for route in scenario.routes
            if route.destination in markets and route.origin in packers
        )

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        yield wish
        if self.struck or not isinstance(about, Receipt):
            return
        route = self.world.scenario.routes[about.move.route]
        if route.origin != self.target:
            return
        if wish.valid_from + _LATEST >= self.world.scenario.as_of:
            return  # what is delivered again would be dated after the last day of the world
        if not self.reached(about.move.departed, *(quantity.lot for quantity in about.move.received)):
            return
        free = [quantity for quantity in about.move.received if self.takes(quantity.lot.id)]
        if not free:
            return
        copies = max(1, _MOST_COPIES * self.severity // WHOLE)
        yield from self._again(wish, [quantity.lot for quantity in free[:copies]])

    def _again(self, wish: Wish, lots: list[Lot]) -> Iterator[Wish]:
        """Both sides' papers of a second delivery, weeks after the first."""
        move = wish.about.move
        first = self.world.facilities[self.world.scenario.routes[move.route].destination]
        sender = first if self.honest else self.world.facilities[self.target]
        receiver = next(
            self.world.facilities[site.facility]
            for site in self.world.scenario.sites
            if site.kind == "market" and site.facility != first.id
        )
        one = tuple(quantity for quantity in move.received if quantity.lot in lots)
        # Whole weeks: day and hour are those on which packs are sent.
        weeks = self.stream("away").between(*_WEEKS)
        departed = move.departed + timedelta(weeks=weeks)
        arrived = departed + (move.arrived - move.departed)
        second = replace(
            move, consignment=f"{move.consignment}/{self.part.instance}", departed=departed, arrived=arrived,
            sent=one, received=one,
        )  # fmt: skip
        edits = _between(sender, receiver)
        shipping = replace(
            wish, about=Shipment(second), key=f"ship/{second.consignment}", issuer=sender.operator,
            valid_from=departed + timedelta(hours=1), edits=_named(edits, "Shipment", sender, receiver),
        )  # fmt: skip
        receiving = replace(
            wish, about=Receipt(second), key=f"receive/{second.consignment}", issuer=receiver.operator,
            valid_from=arrived + timedelta(hours=2), edits=_named(edits, "Receipt", sender, receiver),
        )  # fmt: skip
        if self.honest:
            for lot in lots:
                self.act("sold", departed, first.operator, lot=lot.id, to=receiver.operator.did)
        self.label.root(shipping, receiving)
        self.label.target(*(lot.id for lot in lots))
        self.label.span(departed, arrived)
        self.label.told(claimed=sender.name, true=first.name, unit="where the pack was")
        yield self.added(shipping)
        yield self.added(receiving)


def _between(sender: Facility, receiver: Facility) -> tuple[Edit, ...]:
    def place(facility: Facility) -> dict[str, object]:
        return {
            "type": ["Facility"], "id": facility.uri, "name": facility.name, "registeredId": facility.number,
        }  # fmt: skip

    event = "/credentialSubject/0"
    edits = [Edit(f"{event}/fromFacility", place(sender)), Edit(f"{event}/toFacility", place(receiver))]
    for number, party in enumerate((sender.operator, receiver.operator)):
        at = f"{event}/relatedParty/{number}/party"
        edits += [
            Edit(f"{at}/id", party.did), Edit(f"{at}/name", party.name), Edit(f"{at}/registeredId", party.number),
        ]  # fmt: skip
    return tuple(edits)


def _named(edits: tuple[Edit, ...], what: str, sender: Facility, receiver: Facility) -> tuple[Edit, ...]:
    name = (
        f"{what} from {sender.name} to {receiver.name}"
        if what == "Shipment"
        else f"{what} at {receiver.name} from {sender.name}"
    )
    return (*edits, Edit("/name", name), Edit("/credentialSubject/0/name", name))


class _Passports(Deception):
    """Something about the passport of one certified batch."""

    needs = "facilities that make something of other goods"
    scarce = "passport"
    repeat = 8
    heeds = frozenset({Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(
            site.facility
            for site in scenario.sites
            if site.inputs and site.kind not in ("market", "terminal")
        )

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if self.struck or not self.ready or not isinstance(about, Passport) or about.made_by is None:
            yield wish
            return
        lot = about.batch.lot
        if lot.facility != self.target or not self.takes(lot.id):
            yield wish
            return
        self.label.target(lot.id)
        self.label.span(wish.valid_from, wish.valid_from)
        yield from self.struck_by(wish, about)

    def struck_by(self, wish: Wish, about: Passport) -> Iterable[Wish]:
        """What is issued instead, or as well."""
        raise NotImplementedError


@pattern("F40")
class DualIssuance(_Passports):
    """A batch gets two passports: for one buyer with its footprint, for another with one that is lower by severity.

    The twin gets two as well: the second tells less (no grades), and nothing else.
    """

    def struck_by(self, wish: Wish, about: Passport) -> Iterable[Wish]:
        footprint = about.batch.footprint
        true = footprint.carbon["cradle-to-gate"]
        batch = about.batch
        if not self.honest:
            lower = {
                name: grams * (WHOLE - self.severity) // WHOLE for name, grams in footprint.carbon.items()
            }
            batch = replace(batch, footprint=replace(footprint, carbon=lower))
        again = replace(
            wish,
            about=replace(about, batch=batch),
            key=f"{wish.key}/again",
            valid_from=wish.valid_from + timedelta(hours=3),
        )
        if self.honest:
            again = replace(
                again, edits=(*again.edits, Edit("/credentialSubject/characteristics", drop=True))
            )
        self.label.root(wish, again)
        self.label.told(claimed=batch.carbon / 1000, true=true / 1000, unit="kg CO2e per kg")
        if not self.honest:
            self.taint(batch.lot)
        return wish, self.added(again)


_DAY = timedelta(days=1)
_SEOUL = timezone(timedelta(hours=9))


@pattern("F43")
class BackDatedIssuance(_Passports):
    """A passport says that it was signed before the batch was made: by a day, and by severity of another.

    The twin's was signed when it says, written in the time of another zone, so that its digits look earlier or later.
    """

    def struck_by(self, wish: Wish, about: Passport) -> Iterable[Wish]:
        signed, made = wish.valid_from, about.batch.made
        self.label.root(wish)
        if self.honest:
            self.label.told(claimed=stamp(signed), true=stamp(signed), unit="time of signing")
            local = signed.astimezone(_SEOUL).isoformat(timespec="seconds")
            return (self.replaced(wish, replace(wish, edits=(*wish.edits, Edit("/validFrom", local)))),)
        claimed = made - _DAY - _DAY * self.severity / WHOLE
        claimed = claimed.replace(microsecond=0)
        self.label.told(claimed=stamp(claimed), true=stamp(signed), unit="time of signing")
        self.act("issued", signed, wish.issuer, url=self.label.url(wish), lots=[about.batch.lot.id])
        return self.moved(wish, replace(wish, valid_from=claimed))
