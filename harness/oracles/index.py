"""What is looked up again and again, built in one pass over all credentials: who mentions what, every event, and what each names.

Memory: four bytes for each mention, about 1.5 KB for each event and half a kilobyte for each credential; documents are not
kept.
"""

from __future__ import annotations

import gc
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from assay.harness.graph.reading import identifier, member
from assay.harness.oracles.reading import (
    Event,
    Line,
    attestation_of,
    events_of,
    identity_of,
    parties_of,
    site_of,
)
from assay.harness.oracles.store import Store

__all__ = ["Digest", "Index", "mentioned", "when"]

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
_PASSPORT = "DigitalProductPassport"
_EVENTS = "DigitalTraceabilityEvent"


@dataclass(frozen=True, slots=True)
class Digest:
    """What one credential names. ``subject``: the product, facility or party it describes; of a certificate, its holder."""

    issuer: str
    subject: str
    products: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """Other credentials that its subject points to."""


class Index:
    """Mentions by identifier, digests by number, events by URL and by product. Numbers are places in ``store.urls``."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.numbers = {url: number for number, url in enumerate(store.urls)}
        self.digests: list[Digest] = []
        self.events: dict[str, tuple[Event, ...]] = {}
        self._mentions: dict[str, dict[str, array[int]]] = {}
        """By kind of credential, then by identifier."""
        with _uncollected():
            self._build(store)
        self._by_product = _by_product(self.events.values())

    def _build(self, store: Store) -> None:
        names: dict[str, str] = {}
        for number, url in enumerate(store.urls):
            document, kind = store.fresh(url), store.places[url].kind
            named, mentions = mentioned(url, document), self._mentions.setdefault(kind, {})
            for name in named:
                mentions.setdefault(names.setdefault(name, name), array("I")).append(number)
            events: tuple[Event, ...] = ()
            if kind == _EVENTS:
                events = self.events[url] = tuple(_shared(events_of(url, document), names))
            links = () if events else [name for name in named if name in self.numbers and name != url]
            self.digests.append(_kept(_digest(kind, document, events, links), names))

    def mentions(self, identifier: str, kind: str | None = None) -> Iterable[int]:
        """Numbers of the credentials (of a kind) that name an identifier, rising."""
        if kind is not None:
            return self._mentions.get(kind, {}).get(identifier, ())
        return sorted(number for some in self._mentions.values() for number in some.get(identifier, ()))

    def digest(self, url: str) -> Digest:
        """What a credential names."""
        return self.digests[self.numbers[url]]

    def events_with(self, product: str) -> tuple[Event, ...]:
        """Events that a product takes part in, in the order of time."""
        return self._by_product.get(product, ())


@contextmanager
def _uncollected() -> Iterator[None]:
    """The collector rests while objects pile up that all stay: it would look through them again and again."""
    resting = not gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not resting:
            gc.enable()


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


def when(event: Event) -> tuple[bool, float, str, str]:
    """Sorting key: by time, events without one last, then by URL and identifier."""
    return event.time is None, event.time.timestamp() if event.time else 0.0, event.url, event.id


def _digest(kind: str, document: dict[str, Any], events: Iterable[Event], links: Iterable[str]) -> Digest:
    issuer, subject = identifier(document.get("issuer")) or "", document.get("credentialSubject")
    found = Digest(issuer, identifier(subject) or "", links=tuple(links))
    if kind == _PASSPORT:
        made = identifier(member(subject, "producedAtFacility"))
        parties = (did for _, did in parties_of(subject))
        return replace(
            found,
            products=(found.subject,),
            facilities=(made,) if made else (),
            parties=tuple(parties),
        )
    if kind == _EVENTS:
        some = tuple(events)
        places = (place for event in some for place in (event.facility, event.destination))
        return replace(
            found,
            subject="",
            products=tuple(product for event in some for product in event.products),
            facilities=tuple(filter(None, places)),
            parties=tuple(did for event in some for _, did in event.parties),
        )
    if (site := site_of(document)) is not None:
        return replace(
            found, facilities=(site.id, *site.aliases), parties=tuple(did for _, did in site.parties)
        )
    if (attestation := attestation_of(document)) is not None:
        named = [a.organisation for a in attestation.assessments]
        named += [authority for authority, _ in attestation.authorisations]
        return replace(
            found,
            subject=attestation.issued_to,
            products=attestation.products,
            facilities=attestation.facilities,
            parties=(attestation.issued_to, *named),
        )
    if (identity := identity_of(document)) is not None:
        return replace(found, parties=(identity.subject, identity.registrar))
    return found


def _kept(digest: Digest, names: dict[str, str]) -> Digest:
    """The digest with each name once, and each string kept once for all."""

    def each(some: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.setdefault(one, one) for one in dict.fromkeys(some))

    return Digest(
        names.setdefault(digest.issuer, digest.issuer),
        names.setdefault(digest.subject, digest.subject),
        each(digest.products),
        each(digest.facilities),
        each(tuple(filter(None, digest.parties))),
        tuple(sorted(each(digest.links))),
    )


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
