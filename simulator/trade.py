"""What is sold for how much, and where customs says that it comes from. Pure functions of the static world and a move.

Money is integers of cents, prices are cents per tonne as weighed. Prices are synthetic (see ``library/prices.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import MoveClaim
from assay.simulator.governance_entries import Price
from assay.simulator.randomness import Stream
from assay.simulator.trade_prices import price_table
from assay.simulator.world import Organisation, World

__all__ = [
    "Invoice",
    "InvoiceLine",
    "contract_price",
    "customs_origin",
    "index_price",
    "invoice_of",
    "invoice_rows",
    "material_origins",
    "substantially_transformed",
]

_GRAMS_PER_TONNE = 1_000_000
_DUE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One product of a consignment: grams as the seller weighed them, cents per tonne, cents."""

    product: str
    hs: str | None
    lots: int
    grams: int
    price: int
    amount: int
    origin: str
    """Customs origin."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """The seller's bill for one consignment."""

    number: str
    consignment: str
    seller: Organisation
    buyer: Organisation
    issued: datetime
    due: datetime
    currency: str
    lines: tuple[InvoiceLine, ...]
    exported: bool
    """Whether the goods cross a border: then there is a customs declaration too."""
    transit: str | None = None
    """The nation that the goods are declared to be in transit from."""
    contract: tuple[str, date, int] | None = None
    """Where a contract fixes the price: its number, the day on which it was deposited, and parts per million of the index price."""

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


def index_price(world: World, product: str, moment: datetime) -> int:
    """Cents per tonne of a product in a month: the table's value with its spread, drawn by product and month."""
    price = price_table(world.scenario.trade)[product].price
    stream = Stream(world.seed, f"{product}|{moment.year}-{moment.month:02d}", "index-price")
    return stream.around(price.ppm, price.spread_ppm) * 100 // PPM


def contract_price(world: World, product: str, seller: str, buyer: str, moment: datetime) -> int:
    """Cents per tonne between two parties in a month: the index, off by a part within the band that holds for a quarter."""
    entry: Price = price_table(world.scenario.trade)[product]
    quarter = f"{moment.year}Q{(moment.month + 2) // 3}"
    stream = Stream(world.seed, f"{seller}|{buyer}|{product}|{quarter}", "contract-price")
    return index_price(world, product, moment) * stream.around(PPM, int(entry.band * PPM)) // PPM


def invoice_of(world: World, move: MoveClaim) -> Invoice | None:
    """The invoice for a consignment, dated when it left; None where nothing is sold or no invoices are wanted.

    Goods belong to whoever has them processed (``toll_for``), so what only changes place is not sold.
    """
    scenario = world.scenario
    if not scenario.trade.invoices:
        return None
    route, terms = scenario.routes[move.route], move.terms
    seller = _owner(world, route.origin, {quantity.lot.product for quantity in move.sent})
    buyer = _owner(world, route.destination, None)
    if terms is not None and terms.parties is not None:
        seller, buyer = (world.parties[name] for name in terms.parties)
    if seller is buyer:
        return None
    held: dict[str, list[int]] = {}
    for quantity in move.sent:
        held.setdefault(quantity.lot.product, []).append(quantity.grams)
    lines = []
    for product, masses in held.items():
        grams = sum(masses)
        price = contract_price(world, product, seller.id, buyer.id, move.departed)
        if terms is not None and terms.price is not None:
            price = index_price(world, product, move.departed) * terms.price // PPM
        maker = next(quantity.lot.facility for quantity in move.sent if quantity.lot.product == product)
        amount = grams * price // _GRAMS_PER_TONNE
        declared = terms.origin if terms is not None else None
        lines.append(
            InvoiceLine(
                product, world.products[product].hs, len(masses), grams, price, amount,
                declared or customs_origin(world, maker, product),
            )
        )  # fmt: skip
    nations = {world.facilities[place].nation for place in (route.origin, route.destination)}
    if terms is not None and terms.parties is not None:
        nations = {seller.nation, buyer.nation}
    return Invoice(
        number=f"INV-{_digits(world, move.consignment)}",
        consignment=move.consignment,
        seller=seller,
        buyer=buyer,
        issued=move.departed,
        due=move.departed + _DUE,
        currency=scenario.trade.currency,
        lines=tuple(lines),
        exported=len(nations) > 1,
        transit=terms.transit if terms is not None else None,
        contract=(*terms.contract, terms.price) if terms and terms.contract and terms.price else None,
    )


def _digits(world: World, consignment: str) -> str:
    return f"{Stream(world.seed, consignment, 'invoice-number').below(10**15):015d}"


def _owner(world: World, facility: str, products: set[str] | None) -> Organisation:
    """Who owns the goods at a facility: the party that it works for, or its operator."""
    for site in world.tolled.get(facility, ()):
        if products is None or not products.isdisjoint(site.products):
            assert site.toll_for is not None  # only such are listed
            return world.parties[site.toll_for]
    return world.facilities[facility].operator


def invoice_rows(world: World, move: MoveClaim) -> Iterator[dict[str, Any]]:
    """The lines of a consignment's invoice as rows of a table: plain text and integers (cents, grams)."""
    invoice = invoice_of(world, move)
    if invoice is None:
        return
    for place, line in enumerate(invoice.lines, 1):
        yield {
            "invoice": invoice.number,
            "line": place,
            "consignment": invoice.consignment,
            "issued": f"{invoice.issued:%Y-%m-%dT%H:%M:%SZ}",
            "due": f"{invoice.due:%Y-%m-%dT%H:%M:%SZ}",
            "seller": invoice.seller.did,
            "buyer": invoice.buyer.did,
            "product": line.product,
            "hs": line.hs,
            "grams": line.grams,
            "currency": invoice.currency,
            "cents_per_tonne": line.price,
            "cents": line.amount,
            "customs_origin": line.origin,
            "exported": invoice.exported,
        }


def substantially_transformed(world: World, facility: str, product: str) -> bool:
    """Whether making a product is a substantial transformation: none of its inputs is of its own HS heading (four digits).

    Where a code is missing, conversion into another product counts as one.
    """
    made = world.products[product].hs
    site = world.site(facility, product)
    for name in site.inputs:
        used = world.products[name].hs
        if name == product or (made is not None and used is not None and made[:4] == used[:4]):
            return False
    return True


def customs_origin(world: World, facility: str, product: str) -> str:
    """The nation that customs takes a product to come from: where it was last substantially transformed.

    Without such a step it comes from where its first input comes from.
    """
    seen: set[tuple[str, str]] = set()
    here = (facility, product)
    while here not in seen:
        seen.add(here)
        site = world.site(*here)
        feeds = [(name, feed) for name, feed in site.feeds() if not feed.secondary]
        if not feeds or (not site.passes_on and substantially_transformed(world, *here)):
            break
        same = [pair for pair in feeds if pair[0] == here[1]] or feeds
        name, feed = same[0]
        here = (feed.origin, name)
    return world.facilities[here[0]].nation


def material_origins(world: World, facility: str, product: str) -> tuple[str, ...]:
    """Nations where the materials of a product were won: those of the sites at the beginning of its chain, sorted."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    rest = [(facility, product)]
    while rest:
        here = rest.pop()
        if here in seen:
            continue
        seen.add(here)
        feeds = [(feed.origin, name) for name, feed in world.site(*here).feeds()]
        if feeds:
            rest += feeds
        else:
            found.add(world.facilities[here[0]].nation)
    return tuple(sorted(found))
