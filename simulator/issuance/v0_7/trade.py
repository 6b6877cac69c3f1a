"""Papers of trade: the invoice and the customs declaration that a shipment links to, the assay exchange of its receipt."""

from __future__ import annotations

from collections.abc import Mapping

from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import MoveClaim, Terms
from assay.simulator.issuance.v0_7.fragments import Fragments, Json
from assay.simulator.measurements import GRADE_SCALE, Assay, Settlement, settle
from assay.simulator.trade import Invoice, InvoiceLine, invoice_of

__all__ = ["settlement_documents", "trade_documents"]


def trade_documents(pieces: Fragments, move: MoveClaim) -> list[Json]:
    """Links with digests to the papers of one consignment. The pages belong to the document that is being rendered."""
    invoice = invoice_of(pieces.world, move)
    if invoice is None:
        return []
    return [_invoice(pieces, invoice), *_declaration(pieces, invoice)]


def settlement_documents(pieces: Fragments, move: MoveClaim) -> list[Json]:
    """A link to what seller and buyer settled for moist bulk goods that were sold: both assays, the umpire's if one was asked."""
    invoice = invoice_of(pieces.world, move)
    lots = [quantity.lot for quantity in move.received if quantity.lot.material.moisture]
    if invoice is None or not lots:
        return []
    title = f"Assay exchange for invoice {invoice.number}"
    seed, terms = pieces.world.seed, move.terms or Terms()
    seller, buyer = dict(terms.seller), dict(terms.buyer)
    lines = (
        f"{pieces.lot_number(lot)}: "
        + _settled(settle(lot, move.consignment, seed, seller=seller.get(lot.id), buyer=buyer.get(lot.id)))
        for lot in lots
    )
    page = pieces.book.page_of_one(
        f"{invoice.buyer.origin}/settlements/{invoice.number.lower()}.html",
        title,
        f"Seller: {invoice.seller.name}. Buyer: {invoice.buyer.name}.",
        *lines,
    )
    return [pieces.page_link(page, title)]


def _settled(settlement: Settlement) -> str:
    parties: list[tuple[str, Assay]] = [("seller", settlement.seller), ("buyer", settlement.buyer)]
    if settlement.umpire is not None:
        parties.append(("umpire", settlement.umpire))
    said = "; ".join(f"{name} {_found(result.grades, result.moisture)}" for name, result in parties)
    return f"{said}; settled {_found(settlement.grades, settlement.moisture)}."


def _found(grades: Mapping[str, int], moisture: int) -> str:
    said = (f"{element} {_percent(grade, GRADE_SCALE)}" for element, grade in sorted(grades.items()))
    return ", ".join([*said, f"moisture {_percent(moisture, PPM)}"])


def _percent(part: int, scale: int) -> str:
    """Per cent with four decimals, rounded down."""
    whole, rest = divmod(part * 1_000_000 // scale, 10_000)
    return f"{whole}.{rest:04d} %"


def _invoice(pieces: Fragments, invoice: Invoice) -> Json:
    title = f"Commercial invoice {invoice.number}"
    page = pieces.book.page_of_one(
        f"{invoice.seller.origin}/invoices/{invoice.number.lower()}.html",
        title,
        f"Seller: {invoice.seller.name}, {invoice.seller.number}.",
        f"Buyer: {invoice.buyer.name}, {invoice.buyer.number}.",
        f"Issued {invoice.issued.date().isoformat()}, due {invoice.due.date().isoformat()}.",
        *(_line(pieces, line, invoice.currency) for line in invoice.lines),
        f"Total: {_money(invoice.total)} {invoice.currency}.",
    )
    return pieces.page_link(page, title)


def _declaration(pieces: Fragments, invoice: Invoice) -> list[Json]:
    """The export declaration, kept by the customs office of the seller's nation; nations without one have none."""
    customs = pieces.world.nations[invoice.seller.nation].customs
    if not invoice.exported or customs is None:
        return []
    number = invoice.number.replace("INV", "EXP")
    title = f"Export declaration {number}"
    page = pieces.book.page_of_one(
        f"{customs.origin}/declarations/{number.lower()}.html",
        title,
        f"Declarant: {invoice.seller.name}. Consignee: {invoice.buyer.name}.",
        *(
            f"HS {line.hs or 'not stated'}: {_kilograms(line.grams)} kg, customs origin {line.origin}, "
            f"value {_money(line.amount)} {invoice.currency}."
            for line in invoice.lines
        ),
        f"Invoice: {invoice.number}.",
        *([f"In transit from {invoice.transit}."] if invoice.transit is not None else []),
        *_contract(invoice),
    )
    return [pieces.page_link(page, title)]


def _contract(invoice: Invoice) -> list[str]:
    if invoice.contract is None:
        return []
    number, deposited, part = invoice.contract
    return [
        f"Contract {number}, deposited on {deposited.isoformat()}: {_percent(part, PPM)} of the reference price of the month."
    ]


def _line(pieces: Fragments, line: InvoiceLine, currency: str) -> str:
    name = pieces.world.products[line.product].name
    price = f"{_money(line.price)} {currency} per tonne"
    return (
        f"{name}, {line.lots} lots, {_kilograms(line.grams)} kg at {price}: {_money(line.amount)} {currency}."
    )


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def _kilograms(grams: int) -> str:
    return f"{grams // 1000:,}.{grams % 1000:03d}"
