"""Where goods come from and go to, between whom, and how fast (F05, F11, F12, F13)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.audit.words import route_in
from assay.harness.graph.reading import members, text
from assay.harness.oracles.reading import Event
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View

__all__ = ["impossible_travel"]


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
