"""What is wrong with domains, keys, signatures and status lists, while every word may be true.

All of them play with the papers of consignments that leave a facility, but for status lists, where it is its certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.guests import with_party
from assay.simulator.deceptions.parts import Key
from assay.simulator.deceptions.registry import pattern
from assay.simulator.issuance.abouts import Identity, ProductCertificate, Shipment, SiteCertificate, Wish
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.edits import Edit, Seal
from assay.simulator.issuance.keys import signer_for
from assay.simulator.publication import archive_days
from assay.simulator.scenario import PartyEntry, Scenario
from assay.simulator.world import Organisation

__all__ = ["CompromisedKey", "LookAlikeDomain", "StatusListManipulation", "TamperedCredential"]


class _Consignments(Deception):
    """Something about the shipping papers of one consignment."""

    needs = "facilities that send goods on"
    scarce = "consignment"
    counts = True
    follows = True
    heeds = frozenset({Shipment})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(route.origin for route in scenario.routes)

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        leaving = (
            isinstance(about, Shipment)
            and self.world.scenario.routes[about.move.route].origin == self.target
            and wish.issuer is self.world.facilities[self.target].operator
        )
        if (
            self.struck
            or not leaving
            or not self.left(about.move.departed, *(item.lot for item in about.move.sent))
            or not self.fits(wish)
            or not self.takes(wish.key, alone=True)
        ):
            yield wish
            return
        self.label.span(wish.valid_from, wish.valid_from)
        self.label.target(about.move.consignment)
        yield from self.struck_by(wish)

    def fits(self, wish: Wish) -> bool:
        """Whether this consignment will do."""
        return True

    def struck_by(self, wish: Wish) -> Iterable[Wish]:
        """What is issued instead."""
        raise NotImplementedError


def _operator(scenario: Scenario, facility: str) -> PartyEntry:
    name = next(place.operator for place in scenario.facilities if place.id == facility)
    return next(party for party in scenario.parties if party.id == name)


def _misspelt(name: str, number: int) -> str:
    """A name with one letter doubled, which few notice."""
    letters = [place for place, letter in enumerate(name) if letter.isalpha()]
    place = letters[number % len(letters)]
    return name[:place] + name[place] + name[place:]


@pattern("F36")
class LookAlikeDomain(_Consignments):
    """An impostor ships under the sender's name and a domain that differs by one letter. No register knows that domain.

    The twin's sender moved to such a domain itself: its business register knows both. In a composite it is the certifier
    whose domain is copied, for another part to forge under.
    """

    heeds = frozenset({Identity, ProductCertificate, Shipment})

    def prepare(self, scenario: Scenario) -> Scenario:
        operator = _operator(scenario, self.target)
        if self.part.composite is not None:
            certifier = scenario.certifiers[operator.nation]
            operator = next(party for party in scenario.parties if party.id == certifier)
        taken = {party.id for party in scenario.parties}
        number = self.stream("letter").below(40)
        name = operator.id
        for _ in range(1 if self.severity < WHOLE // 4 else 2):
            name = _misspelt(name, number)
        while name in taken:
            number += 1
            name = _misspelt(operator.id, number)
        return with_party(scenario, operator.model_copy(update={"id": name, "owner": None}))

    def setup(self) -> None:
        self.parties.add(self.guests[0].id)

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about, impostor = wish.about, self.guests[0]
        if isinstance(about, Identity) and about.organisation is impostor:
            yield wish if self.honest else self.dropped(wish)
        elif (
            isinstance(about, ProductCertificate)
            and wish.issuer is impostor
            and self.part.composite is not None
        ):
            # A certificate that another part of the composite forged under this domain.
            copied = self.world.scenario.certifiers[self.world.facilities[self.target].nation]
            self._tells(self.world.parties[copied], wish)
            self.label.span(wish.valid_from, wish.valid_from)
            yield wish
        elif self.part.composite is None:
            yield from super().on_wish(wish)
        else:
            yield wish

    def struck_by(self, wish: Wish) -> Iterable[Wish]:
        new = replace(wish, issuer=self.guests[0])
        self._tells(wish.issuer, new)
        if self.honest:
            self.done(new)
        return self.moved(wish, new)

    def _tells(self, copied: Organisation, wish: Wish) -> None:
        """Label what is issued under the domain that looks like another's."""
        impostor = self.guests[0]
        self.label.root(wish)
        self.label.actor(impostor)
        self.label.told(claimed=copied.host, true=impostor.host, unit="domain of the issuer")


@pattern("F37")
class CompromisedKey(_Consignments):
    """A thief signs shipping papers with a key that the sender had revoked before.

    The twin signs with that key as well, long before it was rotated out.
    """

    repeat = 4

    def _revoked(self, scenario: Scenario) -> datetime:
        span = scenario.as_of - scenario.start
        early = span * (600_000 - min(self.severity, 500_000)) / (4 * WHOLE)
        return scenario.as_of - span / 20 if self.honest else (scenario.start + early).replace(microsecond=0)

    def keys(self, scenario: Scenario) -> Iterable[tuple[str, Key]]:
        since = scenario.start - timedelta(days=200)
        yield _operator(scenario, self.target).id, Key(self._generation, since, self._revoked(scenario))

    @property
    def _generation(self) -> int:
        """Every instance has a key of its own."""
        return 2 + int(self.part.instance.strip("t").rsplit("-", 1)[-1]) * 2 + self.honest

    def fits(self, wish: Wish) -> bool:
        before = wish.valid_from < self._revoked(self.world.scenario)
        return before if self.honest else not before

    def struck_by(self, wish: Wish) -> Iterable[Wish]:
        revoked = self._revoked(self.world.scenario)
        key = signer_for(self.seed, wish.issuer.did, self._generation).kid
        self.act("key-revoked", revoked, wish.issuer, key=key)
        if not self.honest:
            self.act("key-stolen", revoked - timedelta(days=3), "unknown", key=key)
        self.label.root(wish)
        self.label.told(claimed=stamp(wish.valid_from), true=stamp(revoked), unit="signed, and key revoked")
        yield self.replaced(wish, replace(wish, seal=Seal(self._generation)))


@pattern("F38")
class TamperedCredential(_Consignments):
    """Somebody raises the quantity in shipping papers after they were signed, by severity.

    The twin's papers were written anew with the same content, parties in another order, and signed after that.
    """

    repeat = 6

    def struck_by(self, wish: Wish) -> Iterable[Wish]:
        grams = sum(quantity.grams for quantity in wish.about.move.sent)
        more = WHOLE if self.honest else WHOLE + self.severity
        claimed = grams * more // WHOLE
        self.label.root(wish)
        self.label.told(claimed=claimed / 1000, true=grams / 1000, unit="kg sent")
        quantity = Edit("/credentialSubject/0/movedProduct/*/quantity/value", scale=more)
        seal = Seal(turn=True) if self.honest else Seal(tamper=(quantity,))
        yield self.replaced(wish, replace(wish, seal=seal))


@pattern("F41")
class StatusListManipulation(Deception):
    """A certifier withdraws a site's certificate and later clears the bit: what was revoked for good holds again.

    The twin's certificate was suspended and reinstated, on a list whose purpose is suspension.
    """

    needs = "facilities with yearly figures, which a site certificate confirms"
    heeds = frozenset({SiteCertificate})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(site.facility for site in scenario.sites if site.performance)

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        if not isinstance(wish.about, SiteCertificate) or wish.ended or wish.spare:
            yield wish
            return
        day, later, _ = archive_days(self.world)
        start, shown = day - timedelta(days=20), (later - day) * min(900_000, 100_000 + self.severity) / WHOLE
        end = (day + shown).replace(microsecond=0)
        self.label.root(wish)
        self.label.actor(wish.issuer)
        self.label.span(start, end)
        self.label.told(
            claimed="in force", true="suspended for a while" if self.honest else "revoked", unit="certificate"
        )
        url = self.label.url(wish)
        if self.honest:
            self.act("suspended", start, wish.issuer, url=url)
            self.act("reinstated", end, wish.issuer, url=url)
            new = self.done(replace(wish, purpose="suspension", ended=((start, end),)))
            yield from self.moved(wish, new)
        else:
            self.act("revoked", start, wish.issuer, url=url)
            self.act("status-cleared", end, wish.issuer, url=url)
            yield self.replaced(wish, replace(wish, ended=((start, end),)))
