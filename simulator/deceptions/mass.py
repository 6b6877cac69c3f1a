"""Masses that do not add up: more metal out than in, a batch used up twice, books without noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from statistics import pstdev

from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import BatchClaim, Claim, Ingredient, MakeClaim, Quantity
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.plans import planned_lots
from assay.simulator.deceptions.registry import pattern
from assay.simulator.facts import Conversion, Fact, Lot, Portion
from assay.simulator.issuance.abouts import Makes, Wish
from assay.simulator.issuance.names import passport_url
from assay.simulator.measurements import GRADE_SCALE, assay, on_scale, weigh
from assay.simulator.randomness import Stream
from assay.simulator.scenario import Scenario
from assay.simulator.sites import SiteEntry

__all__ = ["DoubleSpend", "ImpossibleYield", "TooPerfectLedger", "held"]

_PLANTS = ("concentrator", "refinery", "smelter")
"""Kinds of sites that win one metal from something that holds less of it."""


def _plants(scenario: Scenario, *kinds: str) -> Iterator[SiteEntry]:
    """Plants of some kinds with no secondary feed that papers would account for."""
    for site in scenario.sites:
        if site.kind in (kinds or _PLANTS) and not any(feed.secondary for _, feed in site.feeds()):
            yield site


def held(seed: int, quantity: Quantity) -> dict[str, int]:
    """Milligrams by element that papers let a quantity hold: as weighed, dry, by the grades of its lot."""
    found = assay(quantity.lot, Stream(seed, quantity.lot.id, "assay"))
    dry = quantity.grams * (PPM - found.moisture)
    return {element: dry * grade * 1000 // (PPM * GRADE_SCALE) for element, grade in found.grades.items()}


def _balance(seed: int, make: MakeClaim) -> tuple[str, int, int] | None:
    """The element of which a make event recovers the largest part, with milligrams in and out."""
    fed, made = dict[str, int](), dict[str, int]()
    for total, quantities in ((fed, make.inputs), (made, make.outputs)):
        for quantity in quantities:
            for element, amount in held(seed, quantity).items():
                total[element] = total.get(element, 0) + amount
    both = [element for element, amount in made.items() if amount and fed.get(element)]
    if not both:
        return None
    best = max(both, key=lambda element: (made[element] * WHOLE // fed[element], element))
    return best, fed[best], made[best]


def _reworked(make: MakeClaim) -> bool:
    """Whether a plant works up its own goods again."""
    return any(quantity.lot.facility == make.facility for quantity in make.inputs)


def _event(make: MakeClaim) -> str:
    """A name for a make event."""
    return f"make/{make.outputs[0].lot.id}"


def _draws(make: MakeClaim) -> list[str]:
    """What instances take that change how much of each maker's goods goes into a batch."""
    return list(dict.fromkeys(f"{_event(make)}/{quantity.lot.facility}" for quantity in make.inputs))


_TRACE = (901, 1199)
"""Parts per million of a batch that come of an earlier one: less than any surplus that counts."""


@pattern("F02")
class ImpossibleYield(Deception):
    """A make event names less feed than went in: its output holds more of the metal than its inputs, by severity.

    The rest of the feed came without papers. The twin's event is as incomplete; there the rest was part of an earlier batch
    of its own, which the passport of the new one names among its materials. That of every other fraud names such a batch
    too, of which it took a trace.
    """

    needs = "refineries and smelters without secondary feed"
    sooner = 95
    waits = False
    hears = frozenset({MakeClaim, BatchClaim})
    heeds = frozenset({Makes})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(site.facility for site in _plants(scenario, "refinery", "smelter"))

    def setup(self) -> None:
        self._made: dict[str, int] = {}
        """Lots of the event that was chosen, and which part of their feed it leaves out (ppm)."""
        self._earlier: Lot | None = None
        self._altered = ""
        """The first output of the event."""

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if isinstance(claim, MakeClaim) and claim.facility == self.target:
            yield self._less(claim) if self._chosen(claim) else claim
        elif isinstance(claim, BatchClaim) and claim.lot.id in self._made:
            yield self._named(claim)
        else:
            if isinstance(claim, BatchClaim) and claim.lot.facility == self.target:
                self._earlier = claim.lot
            yield claim

    @cached_property
    def _trace(self) -> int:
        """What a fraud took of an earlier batch, and its passport names; every other does, since honest ones seldom do."""
        drawn = self.stream("trace")
        return drawn.between(*_TRACE) if drawn.below(2) else 0

    def _chosen(self, make: MakeClaim) -> bool:
        return (
            not self._altered
            and self._earlier is not None
            and self.ready
            and not _reworked(make)
            and _balance(self.seed, make) is not None
            and all(self.takes(name) for name in (_event(make), *_draws(make)))
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
        new = replace(make, inputs=inputs)
        self._altered = _event(make)
        self.instead(make, new)
        operator = self.world.facilities[self.target].operator
        lots = [quantity.lot.id for quantity in make.outputs]
        assert self._earlier is not None
        own = fed - shown if self.honest else made * self._trace // WHOLE
        if own:
            self.act(
                "recirculated", make.time, operator, lots=lots, element=element, amount_mg=own, of=self._earlier.id,
            )  # fmt: skip
        if own < fed - shown:
            rest = fed - shown - own
            self.act("fed", make.time, operator, lots=lots, element=element, amount_mg=rest, of=None)
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
            hidden = self._trace
        if not hidden:
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
        if isinstance(wish.about, Makes) and any(_event(make) == self._altered for make in wish.about.makes):
            self.label.root(wish)
            for make in wish.about.makes:
                self.label.root(*(passport_url(self.world, quantity.lot) for quantity in make.outputs))


@pattern("F03")
class DoubleSpend(Deception):
    """A batch that is used up is named once more: a make event draws so much of it (severity) in place of a later batch.

    The twin's event draws what was left of such a batch, in rounded weight; the parts add up to no more than the batch.
    """

    needs = "plants whose product goes in batches to a plant of somebody else"
    sooner = 55
    follows = True
    repeat = 3
    hears = frozenset({BatchClaim, MakeClaim})
    heeds = frozenset({Makes})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        operators = {place.id: place.operator for place in scenario.facilities}
        kinds = {site.facility: site.kind for site in scenario.sites}
        return (
            producer
            for producer, customers in _customers(scenario).items()
            if kinds[producer] in (*_PLANTS, "foil", "cathode")
            and any(operators[customer] != operators[producer] for customer in customers)
        )

    def setup(self) -> None:
        self._weights: dict[str, int] = {}
        """Grams of each batch of the target that is not used up."""
        self._drawn: dict[str, int] = {}
        self._makes: dict[str, list[str]] = {}
        """Events that drew from such a batch."""
        evened = {part.target for part in self.world.parts if part.code == "F42"}  # their draws are made up
        self._customers = frozenset(_customers(self.world.scenario).get(self.target, ())) - evened
        self.facilities |= self._customers
        self._passed = 0
        """Occasions that were too early or too small."""
        self._altered: tuple[str, Lot] | None = None
        """The event, and the batch that it draws."""

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if isinstance(claim, BatchClaim) and claim.lot.facility == self.target:
            self._weights[claim.lot.id] = claim.grams
        if not isinstance(claim, MakeClaim) or claim.facility not in self._customers:
            yield claim
            return
        last = self._last(claim)
        if last is None or self._altered is not None:
            yield claim
            return
        new = None
        if self.reached(claim.time, last.lot):
            new = self._rounded(claim, last) if self.honest else self._again(claim, last)
        self._passed += new is None
        yield claim if new is None else new

    def _last(self, make: MakeClaim) -> Quantity | None:
        """The rest of a batch that other events drew from before, where the event uses it up."""
        found = None
        for quantity in make.inputs:
            name, weight = quantity.lot.id, self._weights.get(quantity.lot.id)
            if weight is None:
                continue
            before = self._drawn.get(name, 0)
            self._drawn[name] = before + quantity.grams
            self._makes.setdefault(name, []).append(_event(make))
            if self._drawn[name] * 1000 < weight * _USED_UP:
                continue
            if before and found is None:
                found = quantity
            del self._weights[name]
        return found

    def _takes(self, make: MakeClaim, last: Quantity) -> bool:
        draws = [f"{event}/{self.target}" for event in self._makes[last.lot.id]]
        return all(self.takes(name) for name in (last.lot.id, _event(make), *draws))

    def _again(self, make: MakeClaim, last: Quantity) -> MakeClaim | None:
        """The event with the batch once more in place of another; None where there is too little of another."""
        weight = _weight(self.seed, last.lot)
        others = [
            quantity
            for quantity in make.inputs
            if quantity.lot.product == last.lot.product and quantity.lot.id != last.lot.id
        ]
        wanted, there = weight * self.severity // WHOLE, sum(one.grams for one in others) * 9 // 10
        if there < wanted and there * 2 < wanted and (self._passed < 1 or there * WHOLE < weight * _LEAST):
            return None
        if not others or not self._takes(make, last):
            return None
        again = left = min(wanted, there) + weight - self._drawn[last.lot.id]
        inputs = []
        for quantity in make.inputs:
            grams = quantity.grams
            if quantity in others:
                less = min(left, grams * 9 // 10)
                left, grams = left - less, on_scale(grams - _alike(self.seed, last.lot, less, quantity.lot))
            elif quantity is last:
                grams = on_scale(grams + again)
            inputs.append(replace(quantity, grams=grams))
        fed = sum(quantity.grams for quantity in inputs)
        for quantity in make.outputs:
            self.taint(quantity.lot, again * WHOLE // fed)
        claimed = self._drawn[last.lot.id] + again
        return self._said(make, last, replace(make, inputs=tuple(inputs)), claimed, weight)

    def _rounded(self, make: MakeClaim, last: Quantity) -> MakeClaim | None:
        """The event with what was left of the batch in rounded weight."""
        if not self._takes(make, last):
            return None
        weight = _weight(self.seed, last.lot)
        step = 10 ** (len(str(weight // 200)) - 1)
        inputs = tuple(
            replace(one, grams=on_scale(one.grams // step * step)) if one is last else one
            for one in make.inputs
        )
        return self._said(make, last, replace(make, inputs=inputs), weight, weight)

    def _said(self, make: MakeClaim, last: Quantity, new: MakeClaim, claimed: int, true: int) -> MakeClaim:
        self._altered = _event(make), last.lot
        self.instead(make, new)
        self.label.actor(self.world.facilities[make.facility].operator)
        self.label.target(last.lot.id)
        self.label.span(make.time, make.time)
        self.label.told(claimed=claimed / 1000, true=true / 1000, unit="kg drawn from the batch")
        return new

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        yield wish
        if not isinstance(wish.about, Makes) or self.struck:
            return
        for make in wish.about.makes:
            if self._altered is not None and _event(make) == self._altered[0]:
                self.label.root(wish, passport_url(self.world, self._altered[1]))


def _alike(seed: int, lot: Lot, grams: int, other: Lot) -> int:
    """How much of another lot holds as much of what a lot holds most of."""
    mine = held(seed, Quantity(lot, grams))
    element = max(mine, key=lambda name: (mine[name], name), default="")
    instead = held(seed, Quantity(other, grams)).get(element)
    return grams * mine[element] // instead if instead else grams


def _weight(seed: int, lot: Lot) -> int:
    """Grams of a whole lot, as weighed when it was made."""
    return weigh(lot.material.mass, lot.material.moisture, Stream(seed, lot.id, "scale"))


_USED_UP = 995
"""Thousandths of a batch from which on it counts as used up: weighing differs."""
_LEAST = 50_000
"""Parts per million of a batch that are spent again at least, where there is no occasion for more."""


def _customers(scenario: Scenario) -> dict[str, list[str]]:
    """Plants that work up the batches of each producer, whatever terminals lie between."""
    sites = {site.facility: site for site in scenario.sites}
    found: dict[str, list[str]] = {}
    for site in scenario.sites:
        if site.kind in ("terminal", "market"):
            continue
        waiting = [feed.origin for _, feed in site.feeds() if not feed.secondary]
        while waiting:
            origin = waiting.pop()
            if sites[origin].kind == "terminal":
                waiting += [feed.origin for _, feed in sites[origin].feeds()]
            elif site.facility not in found.setdefault(origin, []):
                found[origin].append(site.facility)
    return found


_FEWEST = 6
"""Batches that a plant is planned to make at least: fewer yields tell nothing."""
_TELLING = 5
"""Yields from which on their scatter tells something."""
_UNEVEN = 100
"""Parts per million either way that yields differ at most in books that were made up, at the lowest severity."""
_GOOD_SCALE = 100
"""Parts per million that a well-kept scale errs either way."""


@pattern("F42")
class TooPerfectLedger(Deception):
    """All feed of a plant is written down so that every batch has one and the same yield; severity takes away the last scatter.

    The twin's books are made anew as well, with what a better scale said: its yields differ as they really did.
    """

    needs = "concentrators (or other plants) that make several batches"
    hears = frozenset({MakeClaim})
    heeds = frozenset({Makes})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        planned = planned_lots(scenario)
        found = [
            site
            for site in _plants(scenario)
            if max((n for (place, _), n in planned.items() if place == site.facility), default=0) >= _FEWEST
        ]
        # what concentrators feed on nobody else draws from
        first = [site for site in found if site.kind == "concentrator"]
        return dict.fromkeys(site.facility for site in first or found)

    def setup(self) -> None:
        self._fed: dict[str, tuple[Portion, ...]] = {}
        """What really went into an event that is told of next, by its first output."""
        self._yield: tuple[str, int, int] | None = None
        """The element, and milligrams in and out whose proportion all others are given: better than that of the first batch,
        so that no more is drawn from any lot than there is."""
        self._told: set[str] = set()
        self._claimed: list[float] = []
        self._true: list[float] = []

    def on_fact(self, fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Conversion) and fact.outputs and fact.facility == self.target:
            self._fed[fact.outputs[0].id] = fact.inputs
        yield fact

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if not isinstance(claim, MakeClaim) or claim.facility != self.target:
            yield claim
            return
        first = claim.outputs[0].lot.id
        fed = self._fed.pop(first, ())
        found = _balance(self.seed, claim)
        if found is None or _reworked(claim):
            yield claim
            return
        if self._yield is None:
            element, before, made = found
            better = min(made * 5 // 100, (before - made) * 3 // 10)
            self._yield = element, before, made + better
        new = self._weighed(claim, fed) if self.honest else self._even(claim)
        self.instead(claim, new)
        self._told.add(first)
        self._claimed.append(_recovered(self.seed, new, self._yield[0]))
        self._true.append(_recovered(self.seed, claim, self._yield[0]))
        self.label.span(claim.time, claim.time)
        yield new

    def _weighed(self, make: MakeClaim, fed: tuple[Portion, ...]) -> MakeClaim:
        """The event with its feed as a good scale would have it."""
        stream = self.stream(f"scale|{make.outputs[0].lot.id}")
        inputs = []
        for quantity, portion in zip(make.inputs, fed, strict=True):
            grams = portion.mass * PPM // (PPM - portion.lot.material.moisture) // 1000
            grams += grams * stream.between(-_GOOD_SCALE, _GOOD_SCALE) // PPM
            inputs.append(replace(quantity, grams=on_scale(grams)))
        return replace(make, inputs=tuple(inputs))

    def _even(self, make: MakeClaim) -> MakeClaim:
        """The event with its feed as the one yield of the books wants it, as closely as scales have it."""
        assert self._yield is not None
        element, fed, made = self._yield
        out = sum(held(self.seed, quantity).get(element, 0) for quantity in make.outputs)
        rest = _UNEVEN * (WHOLE - self.severity) // WHOLE
        noise = self.stream(f"yield|{make.outputs[0].lot.id}").between(-rest, rest)
        wanted = out * fed // made * (WHOLE + noise) // WHOLE
        now = sum(held(self.seed, quantity).get(element, 0) for quantity in make.inputs)
        inputs = [replace(one, grams=on_scale(one.grams * wanted // now)) for one in make.inputs]
        return replace(make, inputs=tuple(_trimmed(self.seed, inputs, element, wanted)))

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        yield wish
        if isinstance(wish.about, Makes) and any(m.outputs[0].lot.id in self._told for m in wish.about.makes):
            self.label.root(wish)

    def end(self) -> Iterator[Wish]:
        if len(self._claimed) < _TELLING and not self.honest:
            self.label.spared = True
        if self._claimed:
            claimed, true = (round(pstdev(values), 6) for values in (self._claimed, self._true))
            self.label.told(claimed=claimed, true=true, unit="scatter of yields")
        return iter(())


def _recovered(seed: int, make: MakeClaim, element: str) -> float:
    """Part of an element that a make event recovers."""
    fed, made = (
        sum(held(seed, quantity).get(element, 0) for quantity in quantities)
        for quantities in (make.inputs, make.outputs)
    )
    return made / fed if fed else 0.0


_STEPS = 20
"""Divisions of a scale by which two weights are moved against each other."""


def _trimmed(seed: int, inputs: list[Quantity], element: str, wanted: int) -> list[Quantity]:
    """Weights moved by some divisions of their scales, so that together they hold what is wanted of an element."""
    steps = []
    for quantity in inputs:
        division = next(
            d for d in (10, 100, 1000, 20_000) if on_scale(quantity.grams + d) - quantity.grams == d
        )
        more = held(seed, replace(quantity, grams=quantity.grams + division)).get(element, 0)
        steps.append((division, more - held(seed, quantity).get(element, 0)))
    missing = wanted - sum(held(seed, quantity).get(element, 0) for quantity in inputs)
    ranked = sorted((n for n in range(len(inputs)) if steps[n][1] > 0), key=lambda n: -inputs[n].grams)[:2]
    if not ranked:
        return inputs
    coarse, fine = steps[ranked[0]][1], steps[ranked[-1]][1]
    start = round(missing / coarse)
    moves = range(start - _STEPS, start + _STEPS + 1) if len(ranked) > 1 else (0,)
    tried = (
        (abs(missing - n * coarse - round((missing - n * coarse) / fine) * fine), abs(n), n) for n in moves
    )
    _, _, best = min(tried)
    shifts = {ranked[0]: best}
    shifts[ranked[-1]] = round((missing - best * coarse) / fine)
    return [
        replace(quantity, grams=max(quantity.grams + shifts.get(n, 0) * steps[n][0], steps[n][0]))
        for n, quantity in enumerate(inputs)
    ]
