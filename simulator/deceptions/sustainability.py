"""Footprints and recycled content that the inputs do not bear out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from assay.simulator.burdens import Burden, Recycled
from assay.simulator.chemistry import ELEMENT_NAMES, PPM
from assay.simulator.claim_kinds import BatchClaim, Claim, Ingredient, MakeClaim
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.plans import planned_at
from assay.simulator.deceptions.registry import pattern
from assay.simulator.issuance.abouts import Passport, Wish
from assay.simulator.issuance.book import number
from assay.simulator.issuance.edits import Edit
from assay.simulator.issuance.names import passport_url
from assay.simulator.measurements import GRADE_SCALE
from assay.simulator.scenario import Scenario
from assay.simulator.sites import SiteEntry
from assay.simulator.sustainability import Footprint

__all__ = ["BoundaryShift", "CarbonCherryPicking", "FunctionalUnitTrick", "RecycledContentOverclaim"]

_CRADLE: Final = "cradle-to-gate"
_GATE: Final = "gate-to-gate"

_RECOVERING = ("recycler", "hydromet")
_BOUGHT = ("recycled_pre_consumer", "recycled_post_consumer")


def _made(scenario: Scenario) -> list[SiteEntry]:
    """Sites that make something of other goods."""
    return [site for site in scenario.sites if site.inputs and not site.passes_on]


def _one_product(site: SiteEntry) -> bool:
    """Whether all burdens of a batch fall on its main product: by-products are waste, or there are none."""
    return all(entry.compound is None for entry in site.by_products.values())


class _Footprints(Deception):
    """The stated footprint of a batch of the target's main product."""

    scarce = "carbon"
    hears = frozenset({MakeClaim, BatchClaim})
    _make: MakeClaim | None = None
    """What was made last."""

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if isinstance(claim, MakeClaim) and claim.facility == self.target:
            self._make = claim
        if not isinstance(claim, BatchClaim) or claim.lot.facility != self.target:
            yield claim
            return
        site = self.world.site(claim.lot.facility, claim.lot.product)
        own = claim.lot.product == site.product and bool(claim.upstream)
        yield self._stated(claim) if own else claim

    def _stated(self, claim: BatchClaim) -> Claim:
        """What is said of a batch instead; the same where its turn has not come."""
        raise NotImplementedError

    def _hidden(self, claim: BatchClaim) -> int:
        """What others keep back of the footprint of its inputs, grams per kilogram: nobody can miss it here."""
        hidden = 0
        for quantity in self._make.inputs if self._make is not None else ():
            known = self.said(quantity.lot)
            if known is not None:
                hidden += quantity.grams * (known[0].carbon - known[1].carbon)
        return hidden // claim.grams

    def _untrue(self, claim: BatchClaim, grams: int) -> BatchClaim:
        """The batch with another figure from cradle to gate, grams per kilogram. Its account stays true."""
        carbon = {**claim.footprint.carbon, _CRADLE: grams}
        self._told(claim, grams)
        self.taint(claim.lot)
        return replace(claim, footprint=replace(claim.footprint, carbon=carbon))

    def _told(self, claim: BatchClaim, grams: int) -> None:
        if not self.struck:
            self.label.told(claimed=grams / 1000, true=claim.carbon / 1000, unit="kg CO2e per kg")
        self.label.root(passport_url(self.world, claim.lot))
        self.label.target(claim.lot.id)
        self.label.span(claim.time, claim.time)


# F29

_WHILE, _FEWEST = 40, 4
"""Hundredths of the planned batches for which one figure is stated, and how many at the least."""


@pattern("F29")
class CarbonCherryPicking(_Footprints):
    """For a while a plant states one figure for all batches: its cleanest one's, less severity. What each input brought is more.

    The twin's figures are as much lower for as long because it buys hydropower: its own part of the footprint is, and its inputs are not.
    """

    needs = "plants with one product whose inputs have footprints"
    waits = False
    _figure = 0
    _lowest = 0

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(
            site.facility
            for site in _made(scenario)
            if _one_product(site) and site.kind not in ("concentrator", "pack", *_RECOVERING)
        )

    def setup(self) -> None:
        scenario = self.world.scenario
        products = len(next(site for site in scenario.sites if site.facility == self.target).products)
        planned = planned_at(scenario, self.target) * products
        fewest = _FEWEST * products  # one figure takes several batches
        long = max(fewest, planned * _WHILE // 100)
        # one of a few periods that together are the whole year but for the first batch, which may be far from the cleanest
        periods = max(1, -(-planned // long))
        begin = max(0, planned - long) * self.stream("period").below(periods) // max(1, periods - 1)
        self._first = max(begin, min(products, max(0, planned - fewest)))
        self._last = self._first + long

    def _stated(self, claim: BatchClaim) -> Claim:
        own = claim.footprint.carbon[_GATE]
        true = claim.carbon - self._hidden(claim)
        self._lowest = min(self._lowest, true) if self._lowest else true
        if self.seen <= self._first or (self.seen > self._last and len(self.label.roots) >= _FEWEST):
            return claim
        if self.honest:
            return self._clean(claim)
        if not self.struck:  # one figure for all that follow, but for batches that are cleaner still
            self._figure = max(self._lowest * (WHOLE - self.severity) // WHOLE, own * 102 // 100)
        near = (true - self._figure) * WHOLE < true * (self.entry.tolerance_ppm or 0)
        pointless = self._figure >= true or (near and self.struck and not self.label.spared)
        if pointless or not self.takes(claim.lot.id):
            return claim
        if not self.struck:
            self.label.spared = near
        return self.instead(claim, self._untrue(claim, self._figure))

    def _clean(self, claim: BatchClaim) -> Claim:
        """A batch made with clean power: its own part is lower, in the account as on paper."""
        if not self.takes(claim.lot.id):
            return claim
        old = claim.footprint
        own = old.carbon[_GATE]
        saved = min(claim.carbon * self.severity // WHOLE, own * 9 // 10)
        less = old.own.carbon * saved // own if own else 0
        new = replace(
            old,
            carbon={**old.carbon, _CRADLE: claim.carbon - saved, _GATE: own - saved},
            total=_less(old.total, less),
            own=_less(old.own, less),
        )
        if not self.struck:
            facility = self.world.facilities[self.target]
            self.act("supplied", claim.made, facility.operator, facility=facility.uri, what="hydropower")
        self._told(claim, claim.carbon - saved)
        self.label.told(claimed=(claim.carbon - saved) / 1000, true=(claim.carbon - saved) / 1000)
        return self.instead(claim, replace(claim, footprint=new))


def _less(burden: Burden, carbon: int) -> Burden:
    return burden._replace(carbon=burden.carbon - carbon)


# F30


@pattern("F30")
class BoundaryShift(_Footprints):
    """A batch's figure from cradle to gate is less than its inputs brought, by severity: most of what came before is left out.

    It never falls below what the plant itself causes, which is the figure from gate to gate. The twin states that figure and
    calls it by its name.
    """

    needs = "cathode, cell, foil or smelting plants, whose inputs bring more than they cause themselves"
    waits = False
    repeat = 3
    heeds = frozenset({Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(
            site.facility
            for site in _made(scenario)
            if _one_product(site) and site.kind in ("cathode", "cell", "foil", "smelter")
        )

    def _stated(self, claim: BatchClaim) -> Claim:
        own = claim.footprint.carbon[_GATE]
        brought = claim.carbon - own - self._hidden(claim)
        figure = max(brought * (WHOLE - self.severity) // WHOLE, own)
        if self.honest or self.struck or not self.ready or figure >= brought or not self.takes(claim.lot.id):
            return claim
        tolerance = self.entry.tolerance_ppm
        self.label.spared = tolerance is not None and (brought - figure) * WHOLE < brought * tolerance
        return self.instead(claim, self._untrue(claim, figure))

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if not self.honest or self.struck or not self.ready or not isinstance(about, Passport):
            yield wish
            return
        batch = about.batch
        site = self.world.site(batch.lot.facility, batch.lot.product)
        if batch.lot.facility != self.target or batch.lot.product != site.product or not batch.upstream:
            yield wish
            return
        if not self.takes(batch.lot.id):
            yield wish
            return
        own = batch.footprint.carbon[_GATE]
        row = {"boundary": _GATE, "value": number(own, 1000), "unit": "KGM"}
        edit = Edit("/credentialSubject/characteristics/footprint/carbon/0", row)
        self._told(batch, own)
        self.label.told(claimed=own / 1000, true=own / 1000)
        yield self.replaced(wish, replace(wish, edits=(*wish.edits, edit)))


# F32

_MOST_PASSPORTS = 10


@pattern("F32")
class FunctionalUnitTrick(Deception):
    """Passports state the figure for a kilogram of product as if it were one for a larger unit; severity says how many of ten.

    Of lithium hydroxide that unit is a kilogram of contained lithium, of cells and packs a kilowatt-hour. The twin names the
    same unit and states the figure that belongs to it.
    """

    needs = "plants of lithium hydroxide, cells or packs whose footprints are certified"
    waits = False
    scarce = "carbon"
    heeds = frozenset({Passport})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        accounting = scenario.accounting
        if accounting.scheme is None or _CRADLE not in accounting.boundaries:
            return ()
        return dict.fromkeys(
            site.facility
            for site in _made(scenario)
            if site.kind in ("cell", "pack") or site.product == "lithium-hydroxide"
        )

    def setup(self) -> None:
        self._left = max(1, _MOST_PASSPORTS * self.severity // WHOLE)

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if not isinstance(about, Passport) or not self._left or not self.ready:
            yield wish
            return
        batch = about.batch
        unit, amount = _larger_unit(batch)
        certified = any(boundary == _CRADLE for boundary, _ in about.footprints)
        if batch.lot.facility != self.target or not amount or not certified or not self.takes(batch.lot.id):
            yield wish
            return
        self._left -= 1
        claim = f"/credentialSubject/performanceClaim/?id~#claim-footprint-{_CRADLE}"
        words = f"Emissions from extraction up to the gate per {unit}."
        edits = [Edit(f"{claim}/description", words)]
        converted = batch.carbon * WHOLE // amount
        if self.honest:
            value = number(converted, 1000)
            edits.append(Edit(f"{claim}/claimedPerformance/0/measure/value", value))
        else:
            self.taint(batch.lot)
        self.label.root(wish)
        self.label.target(batch.lot.id)
        self.label.span(wish.valid_from, wish.valid_from)
        claimed = converted if self.honest else batch.carbon
        self.label.told(claimed=claimed / 1000, true=converted / 1000, unit=f"kg CO2e per {unit}")
        yield self.replaced(wish, replace(wish, edits=(*wish.edits, *edits)))


def _larger_unit(batch: BatchClaim) -> tuple[str, int]:
    """A unit of which a kilogram of the batch holds a part, and that part in ppm; no part where nothing fits."""
    if batch.watt_hours:
        return "kilowatt-hour of stored energy", batch.watt_hours * PPM // batch.grams
    lithium = batch.grades.get("Li", 0) * (PPM - batch.moisture) // GRADE_SCALE
    return f"kilogram of contained {ELEMENT_NAMES['Li']}", lithium


# F31


def _with_recycled_feed(scenario: Scenario) -> set[str]:
    """Facilities that recovered metal reaches: scrap of others, recovered salts, and whatever is made of them."""
    found: set[str] = set()
    for _ in scenario.sites:  # no chain is longer than that
        more = {
            site.facility
            for site in scenario.sites
            if site.facility not in found
            and (
                site.kind in _RECOVERING
                or any(name in site.parameters for name in _BOUGHT)
                or any(
                    feed.origin in found or ("scrap" in product.split("-") and feed.origin != site.facility)
                    for product, feed in site.feeds()
                )
            )
        }
        if not more:
            break
        found |= more
    return found


@pattern("F31")
class RecycledContentOverclaim(Deception):
    """The passport of a batch states more of one element as recycled than the feed held: by severity, as a part of the element.

    Materials are said to be as much more recycled. The twin is a batch whose feed really held recovered metal or scrap of
    others, and that says so.
    """

    needs = "facilities other than recyclers that recovered metal or scrap of others reaches"
    repeat = 4
    waits = False
    sooner = 90
    hears = frozenset({BatchClaim})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        reached = _with_recycled_feed(scenario)
        return dict.fromkeys(
            site.facility
            for site in _made(scenario)
            if site.facility in reached and site.kind not in _RECOVERING
        )

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if self.struck or not self.ready or not isinstance(claim, BatchClaim):
            yield claim
            return
        site = self.world.site(claim.lot.facility, claim.lot.product)
        shares = {
            element: part.pre + part.post
            for element, part in claim.footprint.recycled.items()
            if 0 < part.pre + part.post < PPM
        }
        if not shares or claim.lot.product != site.product or not self.takes(claim.lot.id):
            yield claim
            return
        element = min(shares, key=lambda name: (shares[name], name))
        true = shares[element]
        claimed = true if self.honest else min(PPM, true + PPM * self.severity // WHOLE)
        self.label.root(passport_url(self.world, claim.lot))
        self.label.target(claim.lot.id)
        self.label.span(claim.time, claim.time)
        self.label.told(
            element=element, claimed=claimed / PPM, true=true / PPM, unit=f"recycled part of {element}"
        )
        if self.honest:
            yield claim
            return
        tolerance = self.entry.tolerance_ppm
        self.label.spared = tolerance is not None and claimed - true < tolerance
        self.taint(claim.lot)
        footprint = _more_recycled(claim.footprint, element, claimed - true)
        materials = tuple(
            _more_of(material, element, claimed - true, PPM - true) for material in claim.ingredients
        )
        yield self.instead(claim, replace(claim, footprint=footprint, ingredients=materials))


def _more_recycled(footprint: Footprint, element: str, more: int) -> Footprint:
    """The footprint with a larger recycled part, of the sort that it has. Totals stay what they are: the accounts are true."""
    pre, post = footprint.recycled[element]
    raised = Recycled(pre, post + more) if post else Recycled(pre + more, post)
    return replace(footprint, recycled={**footprint.recycled, element: raised})


def _more_of(material: Ingredient, element: str, more: int, primary: int) -> Ingredient:
    """So much more of the primary part of a material passes for recycled, where it brought the element."""
    if material.element != element:
        return material
    return replace(material, recycled=material.recycled + (PPM - material.recycled) * more // primary)
