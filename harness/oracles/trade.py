"""What seller and buyer say of one cargo, and what it cost: grades, weights and prices (F15, F16, F17)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from assay.harness.graph.reading import members, text
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Event, day
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import PASSPORT, Consignment, View

__all__ = ["grade_inflation", "papers", "phantom_cargo", "trade_misinvoicing"]

_LONGEST = 200_000
"""Characters of a page that anybody reads."""
_PARAGRAPH = re.compile(r"<p>([^<]{1,2000})</p>")


def papers(view: View, event: Event, folder: str) -> Iterator[str]:
    """Paragraphs of the pages below a folder that an event links to."""
    credential = view.get(event.url)
    for _, one in members(credential.document if credential is not None else None, "credentialSubject"):
        if text(one.get("id")) != event.id:
            continue
        for _, link in members(one, "relatedDocument"):
            url = text(link.get("linkURL")) or ""
            page = view.resource(url) if f"/{folder}/" in url else None
            if page is not None:
                yield from _PARAGRAPH.findall(page.body[:_LONGEST].decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What seller and buyer found in a lot: grades by element in parts of dry matter, and moisture as parts of the weight."""

    seller: dict[str, float]
    buyer: dict[str, float]


_LOT = re.compile(r"(\S+): seller ([^;]+); buyer ([^;]+); ")
_FOUND = re.compile(r"([A-Za-z]{1,10}) (\d{1,3}\.\d{1,6}) %")


def _exchanges(view: View, event: Event) -> dict[str, _Exchange]:
    """Assays exchanged about the lots of a receipt, by the number on the bag: the end of the product's identifier."""
    found = {}
    for line in papers(view, event, "settlements"):
        match = _LOT.match(line)
        if match is not None:
            seller, buyer = (
                {name: float(part) / 100 for name, part in _FOUND.findall(said)}
                for said in match.groups()[1:3]
            )
            found[match[1]] = _Exchange(seller, buyer)
    return found


def _number(product: str) -> str:
    return product.rsplit("/", 1)[-1]


# F15

_ASSAY_LIMIT = 1.01
"""Two honest parties lie apart by 0.8 per cent of the grade at most: each errs by 0.4 in sampling and assay."""
_SPODUMENE = 0.0373
"""Lithium in pure spodumene, LiAlSi2O6: 8.03 % Li2O."""
_TRUE_LIMIT = 1.006


def _too_rich(passport: Credential, exchange: _Exchange) -> str:
    """What is too rich in a lot, or an empty string."""
    grades = passport.grades
    for element, bought in exchange.buyer.items():
        said = grades[0].get(element, 0.0) if grades is not None else 0.0
        sold = exchange.seller.get(element, 0.0)
        if element != "moisture" and bought and max(said, sold) > bought * _ASSAY_LIMIT:
            return f"{element} {max(said, sold):.2%} for the seller, {bought:.2%} for the buyer"
    return ""


@oracle("F15")
def grade_inflation(view: View) -> Iterator[Sighting]:
    """A grade above what the buyer's laboratory found by more than two honest laboratories differ, or above what spodumene holds."""
    for receipt in view.events("received"):
        exchanges = _exchanges(view, receipt)
        for line in receipt.items:
            exchange, passport = exchanges.get(_number(line.product)), view.passport(line.product)
            why = _too_rich(passport, exchange) if exchange and passport else ""
            if why and passport is not None:
                yield Sighting((passport.url, receipt.url), why, (passport.issuer,))
    for passport in view.credentials(PASSPORT):
        grades = passport.grades
        if (
            "spodumene" in passport.name.lower()
            and grades is not None
            and grades[0].get("Li", 0.0) > _SPODUMENE
        ):
            yield Sighting((passport.url,), "more lithium than spodumene holds", (passport.issuer,))


@decisive("F15")
def richer_than_the_lot(truth: Truth, view: View) -> Iterator[Sighting]:
    """A passport states a grade above what the lot held when it was made, by more than sampling errs."""
    for passport in view.credentials(PASSPORT):
        grades = passport.grades
        if grades is None:
            continue
        for lot in truth.lots(passport.url):
            held = _made(truth, lot)
            if held is None:
                continue
            mass, elements = held
            for element, said in grades[0].items():
                if said > elements.get(element, 0) / mass * _TRUE_LIMIT + 1e-6:
                    yield Sighting(
                        (passport.url,),
                        f"the lot held {elements.get(element, 0) / mass:.2%} {element}",
                        (passport.issuer,),
                    )
                    break


def _made(truth: Truth, lot: str) -> tuple[int, dict[str, int]] | None:
    """Dry mass and elements of a lot when it came into being, in milligrams."""
    for row in truth.lot(lot):
        for out in row.get("outputs", ()):
            if out["lot"] == lot and out["mass"]:
                return out["mass"], out["elements"]
    return None


# F16

_LOSS = 0.01
"""Part of the dry weight that handling may lose (dust, what sticks to the hold) and scales may err."""
_WEIGHED = 0.006


def _dry(
    kilograms: float | None, exchange: _Exchange | None, passport: Credential | None, side: str
) -> float:
    """Dry kilograms of what a party weighed, with the moisture that it found, or that the passport states."""
    if kilograms is None:
        return 0.0
    if exchange is not None:
        found = exchange.seller if side == "seller" else exchange.buyer
        moisture = found.get("moisture", 0.0)
    else:
        moisture = grades[1] if passport is not None and (grades := passport.grades) is not None else 0.0
    return kilograms * (1 - moisture)


def _weights(view: View, consignment: Consignment) -> tuple[float, float] | None:
    """Dry kilograms that were sent and received; None where a side is missing or states no weights."""
    if len(consignment.sent) != 1 or len(consignment.received) != 1:
        return None
    (sent,), (received,) = consignment.sent, consignment.received
    if any(line.kg is None for line in (*sent.items, *received.items)):
        return None
    exchanges = _exchanges(view, received)
    sums = []
    for event, side in ((sent, "seller"), (received, "buyer")):
        sums.append(
            sum(
                _dry(line.kg, exchanges.get(_number(line.product)), view.passport(line.product), side)
                for line in event.items
            )
        )
    return sums[0], sums[1]


@oracle("F16")
def phantom_cargo(view: View) -> Iterator[Sighting]:
    """The receiver weighs less than the sender on a dry basis, by more than handling loses."""
    for consignment in view.consignments():
        weights = _weights(view, consignment)
        if weights is not None and weights[1] < weights[0] * (1 - _LOSS):
            sent, received = consignment.sent[0], consignment.received[0]
            yield Sighting(
                (sent.url, received.url),
                f"{weights[0]:,.0f} kg dry sent, {weights[1]:,.0f} kg received",
                (sent.issuer,),
            )


@decisive("F16")
def not_in_the_hold(truth: Truth, view: View) -> Iterator[Sighting]:
    """The sender states more than left, dry, by the moisture that it stated itself."""
    left: dict[tuple[str, str, int], int] = {}
    for row in truth.facts("departure"):
        place = row["origin"], row["destination"], row["departed"]
        left[place] = max(left.get(place, 0), sum(item["mass"] for item in row["items"]))
    for consignment in view.consignments():
        weights = _weights(view, consignment)
        if weights is None:
            continue
        sent = consignment.sent[0]
        here, there = truth.site(sent.facility), truth.site(sent.destination)
        if here is None or there is None or sent.time is None:
            continue
        minutes = int((sent.time - truth.start).total_seconds()) // 60
        loaded = left.get((here, there, minutes))
        if loaded is not None and weights[0] > loaded / 1e6 * (1 + _WEIGHED):
            yield Sighting(
                (sent.url,), f"{loaded / 1e6:,.0f} kg dry left, {weights[0]:,.0f} kg on paper", (sent.issuer,)
            )


# F17

_INVOICE = re.compile(r"(.{1,200}), \d+ lots, [\d,.]+ kg at ([\d,]+\.\d\d) ([A-Z]{3}) per tonne: ")
_ISSUED = re.compile(r"Issued (\d{4}-\d\d-\d\d), due ")
_NUMBER = re.compile(r"Invoice: (\S{1,60})\.$")
_CONTRACT = re.compile(
    r"Contract (\S{1,60}), deposited on (\d{4}-\d\d-\d\d): (\d{1,3}\.\d{1,6}) % of the reference price"
)
_ROUNDING = 0.002
"""Prices are in cents: part of the reference price that rounding may take."""


@dataclass(frozen=True, slots=True)
class _Price:
    """A line of an invoice."""

    product: str
    price: float
    currency: str
    issued: date


def _invoiced(view: View, event: Event) -> list[_Price]:
    """Lines of the invoice of a shipment; none where it is not dated."""
    lines, issued = [], None
    for words in papers(view, event, "invoices"):
        if (match := _ISSUED.match(words)) is not None:
            issued = day(match[1])
        if (match := _INVOICE.match(words)) is not None:
            lines.append((match[1], float(match[2].replace(",", "")), match[3]))
    return [_Price(*line, issued) for line in lines] if issued is not None else []


def _references(view: View) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Reference price and usual deviation by product, month and currency, as customs offices publish them."""
    found = {}
    for register in view.resources("open-data"):
        if register.url.endswith("/registers/reference-prices"):
            for _, entry in members(register.json, "entries"):
                price, band = entry.get("pricePerTonne"), entry.get("usualDeviation")
                if isinstance(price, int | float) and isinstance(band, int | float):
                    key = (str(entry.get("product")), str(entry.get("month")), str(entry.get("currency")))
                    found[key] = float(price), float(band)
    return found


def _outside(view: View) -> Iterator[tuple[Event, _Price, float]]:
    """Shipments invoiced outside the band around the reference price: the line, and its price as a part of the reference."""
    references = _references(view)
    for sent in view.events("sent"):
        for line in _invoiced(view, sent):
            known = references.get((line.product, f"{line.issued:%Y-%m}", line.currency))
            if known is not None and abs(line.price - known[0]) > known[0] * (known[1] + _ROUNDING):
                yield sent, line, line.price / known[0]
                break


def _agreed(view: View, event: Event, line: _Price, part: float) -> bool:
    """Did customs hold a contract before the invoice was written that gives this price?"""
    for words in papers(view, event, "declarations"):
        match = _CONTRACT.match(words)
        if match is not None:
            deposited = day(match[2])
            return (
                deposited is not None
                and deposited < line.issued
                and abs(float(match[3]) / 100 - part) <= _ROUNDING
            )
    return False


@oracle("F17")
def trade_misinvoicing(view: View) -> Iterator[Sighting]:
    """Invoiced outside the band around the reference price, without an older contract that explains it."""
    for sent, line, part in _outside(view):
        if not _agreed(view, sent, line, part):
            yield Sighting(
                (sent.url,), f"{line.product} at {part:.0%} of the reference price", (sent.issuer,)
            )


@decisive("F17")
def paid_otherwise(truth: Truth, view: View) -> Iterator[Sighting]:
    """The invoice states another price than the parties really traded at."""
    real: dict[str, set[float]] = {}
    for row in truth.acts("sold"):
        if "cents_per_tonne" in row:
            real.setdefault(row["invoice"], set()).add(row["cents_per_tonne"] / 100)
    for sent in view.events("sent") if real else ():
        for words in papers(view, sent, "declarations"):
            match = _NUMBER.match(words)
            prices = real.get(match[1], set()) if match is not None else set[float]()
            if prices and any(
                all(abs(line.price - one) > 0.005 for one in prices) for line in _invoiced(view, sent)
            ):
                yield Sighting((sent.url,), "traded at another price", (sent.issuer,))
