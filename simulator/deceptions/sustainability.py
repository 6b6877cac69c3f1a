"""Footprints and recycled content that the inputs do not bear out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assay.simulator.burdens import Recycled
from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import BatchClaim, Claim, Ingredient
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.issuance.names import passport_url
from assay.simulator.scenario import Scenario
from assay.simulator.sites import SiteEntry
from assay.simulator.sustainability import Footprint

__all__ = ["RecycledContentOverclaim"]

_RECOVERING = ("recycler", "hydromet")
_BOUGHT = ("recycled_pre_consumer", "recycled_post_consumer")


def _made(scenario: Scenario) -> list[SiteEntry]:
    """Sites that make something of other goods."""
    return [site for site in scenario.sites if site.inputs and not site.passes_on]


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
