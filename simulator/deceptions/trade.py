"""What one side of a sale says against the other: grades, weights and prices that the goods and the market do not bear out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import BatchClaim, Claim, MoveClaim, Quantity, Terms
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.facts import Lot
from assay.simulator.issuance.abouts import Passport, Receipt, Shipment, Wish
from assay.simulator.measurements import GRADE_SCALE, Assay, on_scale, reported, settle
from assay.simulator.scenario import Scenario
from assay.simulator.trade import contract_price, invoice_of
from assay.simulator.trade_prices import price_table

__all__ = ["GradeInflation", "PhantomCargo", "TradeMisinvoicing", "sales"]

_LEAST = 8000
"""Parts per million: what lies nearer to the truth drowns in the noise of scales and laboratories, and is nobody's gain."""


def sales(scenario: Scenario) -> Iterator[tuple[int, str, str]]:
    """Routes along which goods change their owner: place of the route, seller and buyer. None where nothing is invoiced."""
    if not scenario.trade.invoices:
        return
    operators = {place.id: place.operator for place in scenario.facilities}
    tolled = {site.facility: site.toll_for for site in scenario.sites if site.toll_for}
    for number, route in enumerate(scenario.routes):
        seller, buyer = (tolled.get(at, operators[at]) for at in (route.origin, route.destination))
        if seller != buyer:
            yield number, seller, buyer


class _Cargoes(Deception):
    """Moist bulk goods of which seller and buyer exchange weights and assays."""

    needs = "facilities that make moist goods and sell them, with invoices"
    repeat = 4
    sooner = 88

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        moist = {site.facility for site in scenario.sites if "moisture" in site.parameters}
        origins = (scenario.routes[number].origin for number, _, _ in sales(scenario))
        return dict.fromkeys(origin for origin in origins if origin in moist)

    def sold(self, claim: MoveClaim) -> bool:
        """Whether a consignment leaves the target for a buyer."""
        origin = self.world.scenario.routes[claim.route].origin
        return origin == self.target and invoice_of(self.world, claim) is not None

    @property
    def share(self) -> int:
        """Severity, where it is more than noise."""
        return min(max(self.severity, _LEAST), WHOLE * 9 // 10)


_SAMPLING = 4000
"""Parts per million by which the twin's sample is richer than the lot: within what one party's sampling may err."""
_SPLIT = 4500
"""Parts per million by which its assay stands above the buyer's at most: within the splitting limit."""
_LOTS = 2


@pattern("F15")
class GradeInflation(_Cargoes):
    """Two lots have grades in their passports, and in the seller's assays, that are higher than the true ones by severity.

    The twin's sample was rich too: by no more than one party's sampling may err, and within the splitting limit.
    """

    waits = False
    sooner = 95
    hears = frozenset({BatchClaim, MoveClaim})
    heeds = frozenset({Passport, Receipt})

    def setup(self) -> None:
        self._lots: dict[str, Lot] = {}

    @property
    def _factor(self) -> int:
        return WHOLE + (_SAMPLING if self.honest else self.share)

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if isinstance(claim, BatchClaim) and self._wanted(claim):
            lot = claim.lot
            self._lots[lot.id] = lot
            grades = self._raised(lot, claim.grades)
            element = max(
                (name for name in grades if grades[name] != claim.grades[name]), key=lambda name: grades[name]
            )
            true = lot.material.elements[element] * GRADE_SCALE // lot.material.mass
            self.label.told(
                element=element,
                claimed=grades[element] / GRADE_SCALE,
                true=true / GRADE_SCALE,
                unit="mass fraction of dry matter",
            )
            self.taint(lot)
            yield self.instead(claim, replace(claim, grades=grades))
        elif isinstance(claim, MoveClaim) and self._shown(claim) and self.sold(claim):
            terms = claim.terms or Terms()
            found = tuple((item.lot.id, self._assay(claim, item.lot)) for item in self._shown(claim))
            yield self.instead(claim, replace(claim, terms=replace(terms, seller=(*terms.seller, *found))))
        else:
            yield claim

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, Passport) and about.batch.lot.id in self._lots:
            self.label.target(about.batch.lot.id)
            self.label.span(wish.valid_from, wish.valid_from)
            self.label.root(wish)
            if about.made_by is not None:  # on paper, more came out of it than went in
                self.label.root(about.made_by)
        elif isinstance(about, Receipt) and self._shown(about.move) and self.sold(about.move):
            self.label.target(about.move.consignment)
            self.label.span(wish.valid_from, wish.valid_from)
            self.label.root(wish)
        yield wish

    def _wanted(self, claim: BatchClaim) -> bool:
        lot = claim.lot
        if lot.facility != self.target or not self.ready or len(self._lots) == _LOTS:
            return False
        return bool(lot.material.moisture and claim.grades) and self.takes(lot.id)

    def _shown(self, move: MoveClaim) -> list[Quantity]:
        """Lots of its own in what has arrived."""
        return [item for item in move.received if item.lot.id in self._lots]

    def _raised(self, lot: Lot, grades: Mapping[str, int]) -> dict[str, int]:
        """Grades of the metals raised; what is not a metal stays, and the sum stays below the whole."""
        kept = sum(grade for name, grade in grades.items() if name == "C")
        metals = sum(grades.values()) - kept
        room = (GRADE_SCALE * 99 // 100 - kept) * PPM // metals
        factor = min(self._factor, max(WHOLE, room))
        return {
            name: grade if name == "C" else reported(grade * factor // WHOLE)
            for name, grade in grades.items()
        }

    def _assay(self, move: MoveClaim, lot: Lot) -> Assay:
        """What the seller's laboratory is said to have found in a lot of a consignment."""
        result = settle(lot, move.consignment, self.world.seed)
        raised = self._raised(lot, result.seller.grades)
        if self.honest:
            raised = {
                name: min(
                    reported(lot.material.elements[name] * GRADE_SCALE // lot.material.mass * self._factor // WHOLE),
                    reported(result.buyer.grades.get(name, 0) * (WHOLE + _SPLIT) // WHOLE),
                )
                for name in raised
            }  # fmt: skip
        return Assay(raised, result.seller.moisture)


_DRIED = 25_000
"""Parts per million of moisture that the twin's cargo loses on the way at most; never more than half of it."""


@pattern("F16")
class PhantomCargo(_Cargoes):
    """A consignment is heavier on the sender's paper than in the hold; what is missing is severity of what the paper says.

    The twin's arrives lighter too: it has dried, and on a dry basis nothing is missing.
    """

    hears = frozenset({MoveClaim})
    heeds = frozenset({Shipment, Receipt})

    counts = True
    follows = True

    def setup(self) -> None:
        self._consignment = ""

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if not isinstance(claim, MoveClaim) or not self._its(claim):
            yield claim
        elif claim.arrived is None and not self.honest:
            sent = tuple(
                replace(item, grams=on_scale(item.grams * WHOLE // (WHOLE - self.share)))
                for item in claim.sent
            )
            self._told(sent, claim.sent, claim.departed)
            yield self.instead(claim, replace(claim, sent=sent))
        elif claim.arrived is not None and self.honest:
            yield self.instead(claim, self._dried(claim))
        else:
            yield claim

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, Shipment | Receipt) and about.move.consignment == self._consignment:
            self.label.root(wish)
            self.label.target(about.move.consignment)
            self.label.span(wish.valid_from, wish.valid_from)
        yield wish

    def _its(self, claim: MoveClaim) -> bool:
        if (
            not self._consignment
            and claim.arrived is None
            and self.sold(claim)
            and self.left(claim.departed, *(item.lot for item in claim.sent))
            and all(item.lot.material.moisture for item in claim.sent)
            and self.takes(claim.consignment)
        ):
            self._consignment = claim.consignment
        return claim.consignment == self._consignment

    def _dried(self, claim: MoveClaim) -> MoveClaim:
        """The receiver weighs less and finds less moisture."""
        terms, received, found = claim.terms or Terms(), [], []
        for item in claim.received:
            wet = item.lot.material.moisture
            lost = min(wet // 2, _DRIED) // 100 * 100
            grams = on_scale(item.grams * (PPM - wet) // (PPM - wet + lost))
            received.append(replace(item, grams=grams))
            buyer = settle(item.lot, claim.consignment, self.world.seed).buyer
            found.append((item.lot.id, Assay(buyer.grades, buyer.moisture - lost)))
        self._told(claim.sent, tuple(received), claim.time)
        terms = replace(terms, buyer=(*terms.buyer, *found))
        return replace(claim, received=tuple(received), terms=terms)

    def _told(self, claimed: tuple[Quantity, ...], true: tuple[Quantity, ...], time: datetime) -> None:
        said, there = (sum(item.grams for item in items) / 1000 for items in (claimed, true))
        self.label.told(claimed=said, true=there, unit="kg as weighed")
        route = self._consignment
        self.act(
            "weighed", time, self.world.facilities[self.target].operator, consignment=route, kilograms=there
        )


_FLOOR = 30_000
"""Parts per million of the index price that an invoice never falls below."""


@pattern("F17")
class TradeMisinvoicing(Deception):
    """Whatever an exporter sends along one of its ways is invoiced below the usual band of prices, by severity of the index.

    The rest is paid elsewhere. The twin's invoices are as low, and paid so: a contract that was deposited with customs years
    before fixes the price.
    """

    needs = "parties that export goods, with invoices"
    hears = frozenset({MoveClaim})
    heeds = frozenset({Shipment})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(seller for _, seller, _ in _exports(scenario))

    def setup(self) -> None:
        world = self.world
        mine = [(route, buyer) for route, seller, buyer in _exports(world.scenario) if seller == self.target]
        self._route, buyer = mine[self.stream("route").below(len(mine))]
        self._seller, self._buyer = world.parties[self.target], world.parties[buyer]
        self.facilities.add(world.scenario.routes[self._route].origin)
        drawn = self.stream("contract")
        self._number = f"CT-{drawn.below(10**8):08d}"
        self._agreed = (world.scenario.start - timedelta(days=drawn.between(420, 900))).date()

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if not isinstance(claim, MoveClaim) or claim.route != self._route or claim.arrived is not None:
            yield claim
            return
        contract = (self._number, self._agreed) if self.honest else None
        terms = replace(claim.terms or Terms(), price=self._part(claim), contract=contract)
        yield self.instead(claim, replace(claim, terms=terms))

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, Shipment) and about.move.route == self._route:
            self._sold(about.move)
            self.label.root(wish)
            self.label.actor(self._buyer)
            self.label.target(about.move.consignment)
            self.label.span(wish.valid_from, wish.valid_from)
        yield wish

    def _part(self, move: MoveClaim) -> int:
        """Parts per million of the index price: the same for all consignments of one product."""
        prices = price_table(self.world.scenario.trade)
        band = max(int(prices[item.lot.product].band * PPM) for item in move.sent)
        return max(_FLOOR, WHOLE - band - max(self.severity, _LEAST))

    def _sold(self, move: MoveClaim) -> None:
        invoice = invoice_of(self.world, move)
        assert invoice is not None  # it is a sale
        if self.honest and not self.struck:
            self.act(
                "agreed", datetime.combine(self._agreed, datetime.min.time(), UTC), self._seller,
                contract=self._number, to=self._buyer.did, part=self._part(move) / WHOLE,
            )  # fmt: skip
        for line in invoice.lines:
            usual = contract_price(self.world, line.product, self.target, self._buyer.id, move.departed)
            price = line.price if self.honest else usual
            self.act(
                "sold", move.departed, self._seller, to=self._buyer.did, invoice=invoice.number,
                consignment=move.consignment, product=line.product, cents_per_tonne=price,
            )  # fmt: skip
            self.label.told(claimed=line.price / 100, true=price / 100, unit=f"{invoice.currency} per tonne")
            if not self.honest:
                rest = line.grams * (price - line.price) // 1_000_000
                self.act(
                    "paid", invoice.due, self._buyer, to=self._seller.did, cents=rest, beside=invoice.number
                )


def _exports(scenario: Scenario) -> Iterator[tuple[int, str, str]]:
    """Sales across a border."""
    nation = scenario.nations_of_facilities()
    for number, seller, buyer in sales(scenario):
        route = scenario.routes[number]
        if nation[route.origin] != nation[route.destination]:
            yield number, seller, buyer
