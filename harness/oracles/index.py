"""What is looked up again and again, built in one pass over all credentials: who mentions what, and every event.

Memory: four bytes for each mention and about 1.5 KB for each event; documents are not kept.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from assay.harness.oracles.reading import Event, Line, events_of
from assay.harness.oracles.store import Store

__all__ = ["Index", "mentioned"]

_SKIPPED = frozenset(
    {
        "@context",
        "type",
        "renderMethod",
        "issuingSoftware",
        "credentialStatus",
        "metric",
        "conformityTopic",
        "idScheme",
        "characteristics",
    }
)
"""Members that name vocabulary, software or registers, not things of the trade."""
_NAMING = frozenset({"id", "linkURL", "consignmentId", "issuer"})
_EVENTS = "DigitalTraceabilityEvent"


def mentioned(url: str, document: dict[str, Any]) -> set[str]:
    """Identifiers that a credential names: products, facilities, parties, consignments, criteria, credentials, pages.

    Its own URL, and names that it makes up below it (``url#...``), are not among them.
    """
    own, found = f"{url}#", set[str]()
    waiting: list[Any] = [{key: value for key, value in document.items() if key != "id"}]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
            continue
        if not isinstance(one, dict):
            continue
        for key, value in one.items():
            if key in _SKIPPED:
                continue
            if isinstance(value, dict | list):
                waiting.append(value)
            elif key in _NAMING and isinstance(value, str) and not value.startswith(own):
                found.add(value)
    return found


class Index:
    """Mentions by identifier, and events by URL and by product. Credentials are numbered in the order of ``store.urls``."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.numbers = {url: number for number, url in enumerate(store.urls)}
        self.kinds: dict[str, array[int]] = {}
        self.events: dict[str, tuple[Event, ...]] = {}
        self._mentions: dict[str, array[int]] = {}
        names: dict[str, str] = {}
        for number, url in enumerate(store.urls):
            document = store.fresh(url)
            self.kinds.setdefault(store.places[url].kind, array("I")).append(number)
            for name in mentioned(url, document):
                self._mentions.setdefault(names.setdefault(name, name), array("I")).append(number)
            if store.places[url].kind == _EVENTS:
                self.events[url] = tuple(_shared(events_of(url, document), names))
        self._by_product = _by_product(self.events.values())

    def mentions(self, identifier: str) -> Iterable[int]:
        """Numbers of the credentials that name an identifier, rising."""
        return self._mentions.get(identifier, ())

    def events_with(self, product: str) -> tuple[Event, ...]:
        """Events that a product takes part in, in the order of time."""
        return self._by_product.get(product, ())


def _shared(events: Iterable[Event], names: dict[str, str]) -> Iterator[Event]:
    """Events whose strings are kept once for all."""

    def one(text: str) -> str:
        return names.setdefault(text, text)

    def lines(some: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(Line(one(line.product), line.kg, line.value, one(line.unit)) for line in some)

    for event in events:
        yield replace(
            event,
            kind=one(event.kind),
            facility=one(event.facility),
            destination=one(event.destination),
            consignment=one(event.consignment),
            issuer=one(event.issuer),
            inputs=lines(event.inputs),
            outputs=lines(event.outputs),
            items=lines(event.items),
            parties=tuple((one(role), one(did)) for role, did in event.parties),
        )


def _by_product(groups: Iterable[tuple[Event, ...]]) -> dict[str, tuple[Event, ...]]:
    found: dict[str, list[Event]] = {}
    for events in groups:
        for event in events:
            for product in dict.fromkeys(event.products):
                found.setdefault(product, []).append(event)
    return {product: tuple(sorted(events, key=when)) for product, events in found.items()}


def when(event: Event) -> tuple[bool, float, str, str]:
    """Sorting key: by time, events without one last, then by URL and identifier."""
    return event.time is None, event.time.timestamp() if event.time else 0.0, event.url, event.id
