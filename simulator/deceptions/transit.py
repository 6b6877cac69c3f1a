"""Ore that crosses a border unseen, and leaves the next country as if it had been won there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assay.simulator.claim_kinds import Claim, MoveClaim, Terms
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.plans import planned_deliveries
from assay.simulator.deceptions.registry import pattern
from assay.simulator.deceptions.trade import sales
from assay.simulator.facts import Departure, Fact, Portion
from assay.simulator.issuance.abouts import Shipment, Wish
from assay.simulator.scenario import Scenario
from assay.simulator.trade import customs_origin

__all__ = ["SmuggledTransit"]


@pattern("F10")
class SmuggledTransit(Deception):
    """A share (severity) of what a terminal passes on is declared to customs as of the terminal's own country.

    It came over the border. The twin sends as much the same way, declares where it is from, and that it is in transit.
    """

    needs = "terminals that pass on what another country's plants made, sold and sent abroad"
    hears = frozenset({MoveClaim})
    heeds = frozenset({Shipment})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        nation = scenario.nations_of_facilities()
        abroad = {
            route.origin
            for route in (scenario.routes[number] for number, _, _ in sales(scenario))
            if nation[route.origin] != nation[route.destination]
        }
        for site in scenario.sites:
            foreign = all(nation[feed.origin] != nation[site.facility] for _, feed in site.feeds())
            if site.passes_on and foreign and site.facility in abroad:
                yield site.facility

    def setup(self) -> None:
        self._left = 0
        """Consignments that have left the terminal for abroad."""
        planned = planned_deliveries(self.world.scenario, self.target)
        between = WHOLE // max(1, self.severity)
        self._first = self.stream("first").below(max(3, min(between, planned * _SURE // 100)))
        self._its: set[str] = set()
        self._home = self.world.facilities[self.target].nation
        self._kilograms = 0.0

    def on_fact(self, fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Departure) and fact.origin == self.target and self._chosen(fact):
            self._its.add(fact.consignment)
            for item in fact.items:
                self.taint(item.lot, _part(item))
        yield fact

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if not isinstance(claim, MoveClaim) or claim.consignment not in self._its:
            yield claim
            return
        terms = claim.terms or Terms()
        said = replace(terms, origin=self._home)
        if self.honest:
            lot = claim.sent[0].lot
            origin = customs_origin(self.world, lot.facility, lot.product)
            said = replace(terms, origin=origin, transit=self.world.facilities[lot.facility].nation)
        yield self.instead(claim, replace(claim, terms=said))

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, Shipment) and about.move.consignment in self._its:
            self._kilograms += sum(item.grams for item in about.move.sent) / 1000
            self.label.root(wish)
            self.label.target(about.move.consignment)
            self.label.span(wish.valid_from, wish.valid_from)
            sent = round(self._kilograms, 3)
            self.label.told(
                claimed=0.0 if self.honest else sent, true=0.0, nation=self._home, sent=sent,
                unit="kg of the terminal's own country",
            )  # fmt: skip
        yield wish

    def _chosen(self, fact: Departure) -> bool:
        """Whether a consignment is of the share that severity asks for; the first to go abroad after its beginning is."""
        there = self.world.facilities[fact.destination].nation
        if there == self._home:
            return False
        place, self._left = self._left - self._first, self._left + 1
        share = self.severity
        due = place == 0 or (place > 0 and (place + 1) * share // WHOLE > place * share // WHOLE)
        return due and self.takes(fact.consignment)


_SURE = 75
"""Hundredths of the planned consignments, among which its first is: some may stay in the country."""


def _part(item: Portion) -> int:
    """Parts per million of its lot."""
    return max(1, item.mass * WHOLE // item.lot.material.mass)
