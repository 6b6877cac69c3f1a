"""Goods that may not leave, under the name of goods that may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from assay.simulator.claim_kinds import BatchClaim, Claim
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.governance import covers
from assay.simulator.governance_entries import ExportRule
from assay.simulator.issuance.abouts import Passport, Wish
from assay.simulator.issuance.edits import Edit
from assay.simulator.scenario import Scenario

__all__ = ["BanEvasion"]

_ABOUT = "/credentialSubject"
_AS_MINED = "as mined"


@pattern("F14")
class BanEvasion(Deception):
    """Passports of a share of a mine's batches (severity) name the ore, whose export is banned, as what is made of it and may leave.

    Name, description and category are those of the other product; the grade stays that of ore. Each such batch is declared for
    export. The twin's passports call the same ore by a longer name, and it is declared for processing at home, which is allowed.
    """

    needs = "mines in a nation that bans the export of their ore and has it processed at home"
    waits = False
    sooner = 65
    hears = frozenset({BatchClaim})
    heeds = frozenset({Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        rules = scenario.governance.export_rules
        first = scenario.start.date()
        places = scenario.nations_of_facilities()
        return dict.fromkeys(
            site.facility
            for site in scenario.sites
            if not site.inputs
            and any(
                (rule := covers(rules, places[site.facility], product, first)) is not None
                and rule.rule == "banned"
                and _allowed(
                    _made_of(scenario, site.facility, product, places), rules, places[site.facility], first
                )
                for product in site.products
            )
        )

    def setup(self) -> None:
        self._counted = 0
        self._named: dict[str, str] = {}
        """Product by lot: that which its passport names."""
        self._made: dict[str, list[str]] = {}
        """By product: what is made of it at home."""
        self._places = {name: one.nation for name, one in self.world.facilities.items()}

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        yield claim
        if not isinstance(claim, BatchClaim) or claim.lot.facility != self.target or claim.made < claim.time:
            return
        lot, day = claim.lot, claim.made.date()
        rules, nation = self.world.scenario.governance.export_rules, self._places[self.target]
        rule = covers(rules, nation, lot.product, day)
        if rule is None or rule.rule != "banned" or not self.ready:
            return
        if lot.product not in self._made:
            self._made[lot.product] = _made_of(self.world.scenario, self.target, lot.product, self._places)
        allowed = _allowed(self._made[lot.product], rules, nation, day)
        if not allowed:
            return
        if self._chosen() and self.takes(lot.id):
            self._named[lot.id] = lot.product if self.honest else allowed[0]
            self.taint(lot)

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        named = self._named.pop(about.batch.lot.id, None) if isinstance(about, Passport) else None
        if named is None or not isinstance(about, Passport):
            yield wish
            return
        lot, products = about.batch.lot, self.world.products
        said, true = products[named], products[lot.product]
        name, description = said.name, said.description
        if self.honest:
            name, description = f"{name}, {_AS_MINED}", f"{description.rstrip('.')}, {_AS_MINED}."
        edits = (
            Edit("/name", f"Product passport of {name}, {self.world.lot_number(lot)}"),
            Edit(f"{_ABOUT}/name", name),
            Edit(f"{_ABOUT}/description", description),
            Edit(f"{_ABOUT}/productCategory/0/code", said.category[0]),
            Edit(f"{_ABOUT}/productCategory/0/name", said.category[1]),
        )
        operator = self.world.facilities[self.target].operator
        purpose = "processing at home" if self.honest else "export"
        self.act("declared", wish.valid_from, operator, lot=lot.id, named=name, purpose=purpose)
        if not self.struck:
            self.label.told(claimed=name, true=true.name, unit="product")
        self.label.root(wish)
        self.label.target(lot.id)
        self.label.span(wish.valid_from, wish.valid_from)
        yield self.replaced(wish, replace(wish, edits=(*wish.edits, *edits)))

    def _chosen(self) -> bool:
        """Whether the next batch is one of the share that severity asks for; the first is."""
        place, self._counted = self._counted, self._counted + 1
        return place == 0 or (place + 1) * self.severity // WHOLE > place * self.severity // WHOLE


def _made_of(scenario: Scenario, facility: str, product: str, nations: dict[str, str]) -> list[str]:
    """What plants of the same nation make of a product, directly or by way of each other."""
    waiting, found = [(facility, product)], list[str]()
    while waiting:
        origin, fed = waiting.pop(0)
        for site in scenario.sites:
            if site.passes_on or nations[site.facility] != nations[facility]:
                continue
            if all(feed.origin != origin for feed in site.inputs.get(fed, ())):
                continue
            new = [made for made in site.products if made not in found and made != product]
            waiting += [(site.facility, made) for made in new]
            found += new
    return found


def _allowed(products: list[str], rules: Sequence[ExportRule], nation: str, day: date) -> list[str]:
    """Those that may leave on a day."""
    return [
        name
        for name in products
        if (rule := covers(rules, nation, name, day)) is None or rule.rule != "banned"
    ]
