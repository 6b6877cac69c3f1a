"""Masses that do not add up: more metal out than in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import BatchClaim, Claim, Ingredient, MakeClaim, Quantity
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.facts import Lot
from assay.simulator.issuance.abouts import Makes, Wish
from assay.simulator.issuance.names import passport_url
from assay.simulator.measurements import GRADE_SCALE, assay, on_scale
from assay.simulator.randomness import Stream
from assay.simulator.scenario import Scenario
from assay.simulator.sites import SiteEntry

__all__ = ["ImpossibleYield"]

_PLANTS = ("concentrator", "refinery", "smelter")
"""Kinds of sites that win one metal from something that holds less of it."""


def _plants(scenario: Scenario) -> Iterator[SiteEntry]:
    """Plants with no secondary feed that papers would account for."""
    for site in scenario.sites:
        if site.kind in _PLANTS and not any(feed.secondary for _, feed in site.feeds()):
            yield site


def _held(seed: int, quantity: Quantity) -> dict[str, int]:
    """Milligrams by element that papers let a quantity hold: as weighed, dry, by the grades of its lot."""
    found = assay(quantity.lot, Stream(seed, quantity.lot.id, "assay"))
    dry = quantity.grams * (PPM - found.moisture)
    return {element: dry * grade * 1000 // (PPM * GRADE_SCALE) for element, grade in found.grades.items()}


def _balance(seed: int, make: MakeClaim) -> tuple[str, int, int] | None:
    """The element of which a make event recovers the largest part, with milligrams in and out."""
    fed, made = dict[str, int](), dict[str, int]()
    for total, quantities in ((fed, make.inputs), (made, make.outputs)):
        for quantity in quantities:
            for element, amount in _held(seed, quantity).items():
                total[element] = total.get(element, 0) + amount
    both = [element for element, amount in made.items() if amount and fed.get(element)]
    if not both:
        return None
    best = max(both, key=lambda element: (made[element] * WHOLE // fed[element], element))
    return best, fed[best], made[best]


def _reworked(make: MakeClaim) -> bool:
    """Whether a plant works up its own goods again."""
    return any(quantity.lot.facility == make.facility for quantity in make.inputs)


class _Soon(Deception):
    """Begins at half of its turn: what it needs comes up in some batches only."""

    @property
    def ready(self) -> bool:
        return self.seen * 2 > self.part.turn or not self.part.turn


@pattern("F02")
class ImpossibleYield(_Soon):
    """A make event names less feed than went in: its output holds more of the metal than its inputs, by severity.

    The rest of the feed came without papers. The twin's event is as incomplete; there the rest was part of an earlier batch
    of its own, which the passport of the new one names among its materials.
    """

    needs = "concentrators, refineries and smelters without secondary feed"

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(site.facility for site in _plants(scenario))

    def setup(self) -> None:
        self._made: dict[str, int] = {}
        """Lots of the event that was chosen, and which part of their feed it leaves out (ppm)."""
        self._earlier: Lot | None = None
        self._altered: MakeClaim | None = None

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if isinstance(claim, MakeClaim) and claim.facility == self.target:
            yield self._less(claim) if self._chosen(claim) else claim
        elif isinstance(claim, BatchClaim) and claim.lot.id in self._made:
            yield self._named(claim)
        else:
            if isinstance(claim, BatchClaim) and claim.lot.facility == self.target:
                self._earlier = claim.lot
            yield claim

    def _chosen(self, make: MakeClaim) -> bool:
        return (
            self._altered is None
            and self._earlier is not None
            and self.ready
            and not _reworked(make)
            and _balance(self.seed, make) is not None
            and all(self.takes(quantity.lot.id) for quantity in make.outputs)
        )

    def _less(self, make: MakeClaim) -> MakeClaim:
        """The event with so much less feed that its output holds more of the metal than the feed."""
        found = _balance(self.seed, make)
        assert found is not None
        element, fed, made = found
        shown = made * WHOLE // (WHOLE + self.severity)
        inputs = tuple(
            replace(quantity, grams=on_scale(quantity.grams * shown // fed)) for quantity in make.inputs
        )
        hidden = WHOLE - shown * WHOLE // fed
        self._made = {quantity.lot.id: hidden for quantity in make.outputs}
        self._altered = new = replace(make, inputs=inputs)
        self.instead(make, new)
        operator = self.world.facilities[self.target].operator
        lots = [quantity.lot.id for quantity in make.outputs]
        if self.honest:
            assert self._earlier is not None
            self.act(
                "recirculated", make.time, operator, lots=lots, element=element, amount_mg=fed - shown,
                of=self._earlier.id,
            )  # fmt: skip
        else:
            self.act("fed", make.time, operator, lots=lots, element=element, amount_mg=fed - shown, of=None)
        self.label.target(*lots)
        self.label.span(make.time, make.time)
        self.label.told(
            claimed=round(made / shown, 4), true=round(made / fed, 4), unit=f"part of {element} recovered"
        )
        return new

    def _named(self, batch: BatchClaim) -> BatchClaim:
        """What the passport says of the materials of the lot."""
        hidden = self._made[batch.lot.id]
        if not self.honest:
            self.taint(batch.lot, hidden)
            return batch
        assert self._earlier is not None
        shares = [replace(item, share=item.share * (WHOLE - hidden) // WHOLE) for item in batch.ingredients]
        rest = sum(item.share for item in batch.ingredients) - sum(item.share for item in shares)
        nation = self.world.facilities[self.target].nation
        element = batch.ingredients[0].element if batch.ingredients else None
        own = Ingredient(self._earlier.product, nation, rest, element)
        named = replace(batch, ingredients=(*shares, own), upstream=(*batch.upstream, self._earlier))
        self.instead(batch, named)
        return named

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        yield wish
        if isinstance(wish.about, Makes) and any(make is self._altered for make in wish.about.makes):
            self.label.root(wish)
            for make in wish.about.makes:
                self.label.root(*(passport_url(self.world, quantity.lot) for quantity in make.outputs))
