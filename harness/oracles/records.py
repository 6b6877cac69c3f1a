"""Passports and events that exist twice, or came about at another time than they say (F39, F40, F43)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Event
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import PASSPORT, View

__all__ = ["back_dated_issuance", "cloned_passport", "dual_issuance"]


# F39


def _items(view: View) -> dict[str, list[Event]]:
    """Movements of single items, by item, in the order of time."""
    found: dict[str, list[Event]] = {}
    for event in view.events():
        if event.kind in ("sent", "received") and event.time is not None:
            for line in event.items:
                if "/item/" in line.product:
                    found.setdefault(line.product, []).append(event)
    return found


@oracle("F39")
def cloned_passport(view: View) -> Iterator[Sighting]:
    """An item leaves a place although it was received elsewhere before, and nobody brought it back."""
    for item, events in _items(view).items():
        place = ""
        for event in events:
            if event.kind == "received":
                place = event.destination
            elif place and event.facility != place:
                receipts = [one.url for one in events if one.consignment == event.consignment]
                yield Sighting(
                    tuple(dict.fromkeys((event.url, *receipts))), f"{item} was at {place}", (event.issuer,)
                )


@decisive("F39")
def left_from_where_it_was_not(truth: Truth, view: View) -> Iterator[Sighting]:
    """Papers let an item leave a site a second time; the ledger has it leave once, and nobody there had it to sell."""
    sold = {(row["by"], lot) for row in truth.acts("sold") if (lot := row.get("lot")) is not None}
    for _, events in _items(view).items():
        sent = [event for event in events if event.kind == "sent"]
        if len(sent) < 2:
            continue
        lots = {lot for event in sent for lot in truth.lots(event.url)}
        items = {line.product for event in sent for line in event.items}
        for event in sent[1:]:
            site = truth.site(event.facility)
            left = [
                row
                for lot in lots
                for row in truth.lot(lot)
                if row["fact"] == "departure" and row["origin"] == site
                and event.time is not None and abs((truth.moment(row["departed"]) - event.time).total_seconds()) < 60
            ]  # fmt: skip
            if left or any(by == event.issuer for by, lot in sold) or not items:
                continue
            receipts = [one.url for one in events if one.consignment == event.consignment]
            yield Sighting(
                tuple(dict.fromkeys((event.url, *receipts))), "it had left before", (event.issuer,)
            )


# F40


def _said(passport: Credential) -> dict[tuple[str, str], float]:
    """Claimed values by criterion and metric."""
    return {
        (criterion, performance.metric): performance.value
        for claim in passport.claims
        for criterion in claim.criteria
        for performance in claim.performances
        if performance.value is not None
    }


def _doubles(view: View) -> Iterator[list[Credential]]:
    """Passports of one product of which several are valid now."""
    by_product: dict[str, list[Credential]] = {}
    for passport in view.credentials(PASSPORT):
        by_product.setdefault(passport.product, []).append(passport)
    for passports in by_product.values():
        live = [
            one
            for one in passports
            if len(passports) > 1 and one.valid_at(view.as_of) and not view.status(one)
        ]
        if len(live) > 1:
            yield live


@oracle("F40")
def dual_issuance(view: View) -> Iterator[Sighting]:
    """Two live passports of one batch that give different values for one criterion."""
    for live in _doubles(view):
        first = _said(live[0])
        if any(first.get(key, value) != value for other in live[1:] for key, value in _said(other).items()):
            yield Sighting(
                tuple(one.url for one in live), "two passports that contradict each other", (live[0].issuer,)
            )


@decisive("F40")
def one_of_two_is_untrue(truth: Truth, view: View) -> Iterator[Sighting]:
    """Two live passports of one batch, one of which states another footprint than the accounts have."""
    for live in _doubles(view):
        lots = [lot for one in live for lot in truth.lots(one.url)]
        stated = {value for one in live if (value := one.carbon()) is not None}
        accounts = {
            row["carbon"]["cradle-to-gate"] for lot in lots for row in truth.account(lot) if "carbon" in row
        }
        if len(stated) > 1 and accounts:
            yield Sighting(
                tuple(one.url for one in live), "the accounts know one footprint", (live[0].issuer,)
            )


# F43


@oracle("F43")
def back_dated_issuance(view: View) -> Iterator[Sighting]:
    """A passport that was valid before the batch that it describes was made."""
    for passport in view.credentials(PASSPORT):
        start = passport.valid_from
        made = [event.time for event in view.makes(passport.product) if event.time is not None]
        if start is not None and made and start < min(made):
            yield Sighting((passport.url,), f"signed before {min(made):%Y-%m-%d}", (passport.issuer,))


@decisive("F43")
def signed_later(truth: Truth, view: View) -> Iterator[Sighting]:
    """Signed later than it says; what it says is before the batch came out."""
    for passport in view.credentials(PASSPORT):
        start = passport.valid_from
        if start is None:
            continue
        rows = truth.about(passport.url)
        signed = [datetime.fromisoformat(row["time"]) for row in rows if row.get("act") == "issued"]
        if not signed or min(signed) <= start:
            continue
        born = [
            truth.moment(row["time"])
            for lot in truth.lots(passport.url)
            for row in truth.lot(lot)
            if row["fact"] == "conversion" and any(out["lot"] == lot for out in row["outputs"])
        ]
        if born and start < min(born):
            yield Sighting(
                (passport.url,), "signed after the batch was made, dated before", (passport.issuer,)
            )
