"""Where goods come from and go to, between whom, and how fast (F05, F11, F12, F13)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.audit.words import route_in
from assay.harness.graph.reading import members, text
from assay.harness.oracles.reading import Event
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View

__all__ = ["circular_trading", "ghost_supplier", "impossible_travel", "opaque_middleman"]


# F05


def _unconfirmed(view: View) -> Iterator[tuple[Event, str]]:
    """Receipts of consignments that nobody signed the dispatch of, with the consignor that they name."""
    for consignment in view.consignments():
        if not consignment.sent:
            for received in consignment.received:
                if consignor := received.party("consignor"):
                    yield received, consignor


@oracle("F05")
def ghost_supplier(view: View) -> Iterator[Sighting]:
    """Only the receiver signed; its supplier stands in no business register, and nobody knows the place."""
    for received, consignor in _unconfirmed(view):
        registered = any(
            (identity := anchor.identity) is not None and identity.register_type == "business"
            for anchor in view.identities(consignor)
        )
        if not registered and not view.facility_records(received.facility):
            yield Sighting(
                (received.url,), f"{consignor} stands in no register", (received.issuer, consignor)
            )


@decisive("F05")
def from_nowhere(truth: Truth, view: View) -> Iterator[Sighting]:
    """Goods of a supplier whom nobody registered, brought from a place that no paper names."""
    registered = {row["of"] for row in truth.acts("registered")}
    for received, consignor in _unconfirmed(view):
        if consignor in registered:
            continue
        lots = {
            lot
            for line in received.items
            for one in view.passports(line.product)
            for lot in truth.lots(one.url)
        }
        rows = (row for lot in sorted(lots) for row in truth.lot(lot))
        if any(row["fact"] == "source" and row["origin"] == "unrecorded" for row in rows):
            yield Sighting((received.url,), "nobody knows where this came from", (received.issuer,))


# F11


def _least_seconds(view: View, event: Event) -> int | None:
    """Seconds that the fastest journey along the route takes that an event describes; None where it names none."""
    credential = view.get(event.url)
    for _, one in members(credential.document if credential is not None else None, "credentialSubject"):
        if text(one.get("id")) == event.id:
            return route_in(text(one.get("description")) or "").seconds
    return None


def _journeys(view: View) -> Iterator[tuple[Event, Event, float]]:
    """Dispatch and receipt of consignments that have one of each, and the seconds between them."""
    for consignment in view.consignments():
        if len(consignment.sent) == len(consignment.received) == 1:
            (sent,), (received,) = consignment.sent, consignment.received
            if sent.time is not None and received.time is not None:
                yield sent, received, (received.time - sent.time).total_seconds()


@oracle("F11")
def impossible_travel(view: View) -> Iterator[Sighting]:
    """There sooner than the fastest journey along the stated route takes, zones respected."""
    for sent, received, took in _journeys(view):
        least = _least_seconds(view, received)
        if least is not None and took < least:
            yield Sighting(
                (received.url, sent.url),
                f"{took / 3600:,.1f} h for a journey of {least / 3600:,.1f} h",
                (received.issuer,),
            )


@decisive("F11")
def arrived_later(truth: Truth, view: View) -> Iterator[Sighting]:
    """Received on paper before the goods arrived, and so soon that nobody could have brought them."""
    there: dict[tuple[str, str, int], int] = {}
    for row in truth.facts("arrival"):
        there[row["origin"], row["destination"], row["departed"]] = row["time"]
    for sent, received, took in _journeys(view):
        here, goal = truth.site(sent.facility), truth.site(sent.destination)
        if here is None or goal is None or sent.time is None or received.time is None:
            continue
        arrived = there.get((here, goal, int((sent.time - truth.start).total_seconds()) // 60))
        least = _least_seconds(view, received)
        if (
            arrived is not None
            and least is not None
            and took < least
            and received.time < truth.moment(arrived)
        ):
            yield Sighting(
                (received.url,), f"there on {truth.moment(arrived):%Y-%m-%d %H:%M}", (received.issuer,)
            )


# F12

_COVERED = 0.9
"""Part of what is sold that must have come in: scales err, goods dry, consignments are split."""


def _sold_uncovered(view: View) -> Iterator[tuple[str, str, list[Event]]]:
    """Product, place and dispatches where more leaves than was ever received or made there."""
    for product, events in _moved(view).items():
        left: dict[str, list[Event]] = {}
        for event in events:
            if event.kind == "sent" and event.facility:
                left.setdefault(event.facility, []).append(event)
        for place, sent in left.items():
            came = [one for one in events if one.kind == "received" and one.destination == place]
            if _mass(came, product) < _mass(sent, product) * _COVERED and not _made_at(view, product, place):
                yield product, place, sent


def _moved(view: View) -> dict[str, list[Event]]:
    """Dispatches and receipts by product, in the order of time."""
    moves: dict[str, list[Event]] = {}
    for event in view.events():
        if event.kind in ("sent", "received"):
            for line in event.items:
                moves.setdefault(line.product, []).append(event)
    return moves


def _mass(events: list[Event], product: str) -> float:
    """Kilograms of a product in events; pieces where it has no mass."""
    lines = (line for event in events for line in event.items if line.product == product)
    return sum(line.kg if line.kg is not None else line.value or 0.0 for line in lines)


def _made_at(view: View, product: str, place: str) -> bool:
    """Was it made there, as its passport or a make event says? True also where nothing says where it was made."""
    passports = view.passports(product)
    if not passports or any(one.facility == place for one in passports):
        return True
    return any(event.facility == place for event in view.makes(product))


@oracle("F12")
def opaque_middleman(view: View) -> Iterator[Sighting]:
    """A party sells from a place what was neither made there nor, as far as any credential tells, received there."""
    for product, _, sent in _sold_uncovered(view):
        urls = tuple(dict.fromkeys(event.url for event in sent))
        yield Sighting(urls, f"{product} came in from nowhere", (sent[0].issuer,))


@decisive("F12")
def bought_and_untold(truth: Truth, view: View) -> Iterator[Sighting]:
    """The goods did come to the seller, from somebody whom no credential names."""
    for product, place, sent in _sold_uncovered(view):
        site = truth.site(place)
        lots = {lot for one in view.passports(product) for lot in truth.lots(one.url)}
        rows = [row for lot in sorted(lots) for row in truth.lot(lot)]
        if any(row["fact"] == "arrival" and row["destination"] == site for row in rows):
            urls = tuple(dict.fromkeys(event.url for event in sent))
            yield Sighting(urls, "bought, and the purchase hidden", (sent[0].issuer,))


# F13

_MORE = 1.006
"""Scales of two parties may differ by this much."""


def _returns(view: View) -> Iterator[tuple[str, Event, list[Event], float, float]]:
    """Receipts of goods by somebody who had sent them away, from somebody whom they had reached.

    Product, receipt, what the receiver had sent that way, kilograms gone and kilograms come back. The product is the same lot,
    so no process lies between: what is made of a lot is another.
    """
    for product, events in _moved(view).items():
        gone: dict[str, list[Event]] = {}
        for event in events:
            sender, receiver = event.party("consignor"), event.party("consignee")
            if event.kind == "sent" and sender and sender != receiver:
                gone.setdefault(sender, []).append(event)
            elif event.kind == "received":
                round_ = [
                    one
                    for one in gone.get(receiver, ())
                    if (first := one.party("consignee")) == sender or sender in _reached(gone, first)
                ]
                if round_ and sender != receiver:
                    yield product, event, round_, _mass(round_, product), _mass([event], product)


def _reached(gone: dict[str, list[Event]], owner: str) -> set[str]:
    """Parties to whom goods came that an owner sent away, directly or through others."""
    found, waiting = set[str](), [owner]
    while waiting:
        for event in gone.get(waiting.pop(), ()):
            receiver = event.party("consignee")
            if receiver and receiver not in found:
                found.add(receiver)
                waiting.append(receiver)
    return found


@oracle("F13")
def circular_trading(view: View) -> Iterator[Sighting]:
    """A lot comes back to a party that has sold it, and there is more of it than ever left."""
    for _, receipt, sent, left, back in _returns(view):
        if back > left * _MORE:
            urls = (receipt.url, *(event.url for event in sent))
            reason = f"{left:,.1f} kg left, {back:,.1f} kg came back"
            yield Sighting(tuple(dict.fromkeys(urls)), reason, (receipt.issuer, receipt.party("consignor")))


@decisive("F13")
def more_than_was_handed_over(truth: Truth, view: View) -> Iterator[Sighting]:
    """More came back on paper than anybody handed over in between."""
    handed: dict[str, float] = {}
    for row in truth.acts("handed-over"):
        handed[row["lot"]] = max(handed.get(row["lot"], 0.0), row["kilograms"])
    for product, receipt, _, _, back in _returns(view) if handed else ():
        lots = {lot for one in view.passports(product) for lot in truth.lots(one.url)}
        real = [handed[lot] for lot in lots if lot in handed]
        if real and back > max(real) * _MORE:
            yield Sighting((receipt.url,), f"{max(real):,.1f} kg were handed over", (receipt.issuer,))
