"""What can be read of a world: its credentials, and the registers, DID documents, lists and pages around them.

A view knows published bytes only, never the ledger, the labels or how the world was made. It may be narrowed to what one
credential or one chain shows; a narrow view has the same members as a wide one::

    view = View.open(Path("world"))
    for passport in view.credentials("DigitalProductPassport"):
        for made in view.makes(passport.product):              # the make events that this lot came out of
            inputs = {line.product: line.kg for line in made.inputs}
            grades = passport.grades                           # ({"Li": 0.0255}, 0.081) or None
        for claim in passport.claims:
            papers = [view.get(url) for url in claim.evidence]
    if view.status(certificate, at=made.time): ...             # revoked or suspended by then?
    chain = view.chain(passport.url)                           # its lineage up and down, with all papers on the way
    lone = view.only(passport.url)

Order is always that of URLs (credentials) or of time (events): how a world was written shows nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from assay.harness.oracles.archive import Archive
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.index import Digest, Index, when
from assay.harness.oracles.reading import Event
from assay.harness.oracles.store import CREDENTIAL, Store

__all__ = ["Consignment", "Credential", "Resource", "View"]

PASSPORT = "DigitalProductPassport"
FACILITY = "DigitalFacilityRecord"
CERTIFICATE = "DigitalConformityCredential"
EVENT = "DigitalTraceabilityEvent"
ANCHOR = "DigitalIdentityAnchor"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something published that is no credential; ``role`` as in ``profiles.contracts.dataset``."""

    url: str
    media_type: str
    role: str
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Consignment:
    """What was sent and what was received under one identifier; either may be missing or there several times."""

    id: str
    sent: tuple[Event, ...]
    received: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a narrow view shows: credentials by URL, and whose own documents (DID, lists, linksets) come with them."""

    urls: frozenset[str]
    hosts: frozenset[str]
    linksets: bool


class View:
    """A world, or a part of it, as a reader finds it. Made by :meth:`open`, :meth:`only` and :meth:`chain`."""

    def __init__(self, store: Store, scope: Scope | None = None, shared: View | None = None) -> None:
        self._store = store
        self._scope = scope
        self._whole = shared or self
        self.as_of: datetime = store.as_of
        """The moment at which everything is read."""
        anchors = store.dataset.get("trust_anchors")
        self.anchors: tuple[str, ...] = tuple(map(str, anchors if isinstance(anchors, list) else ()))
        """DIDs of the trust anchors that a reader starts from."""

    @classmethod
    def open(cls, folder: Path | str) -> View:
        """The view of a whole dataset. Raises :class:`OracleError` for a folder that is none."""
        return cls(Store(Path(folder)))

    def only(self, *urls: str) -> View:
        """Scope 1: these credentials, their issuers' DID documents, their status lists, and the snapshots of both.

        Pages, vocabularies and registers are public and stay; identity anchors are credentials and do not.
        """
        from assay.harness.oracles.scope import lone

        return View(self._store, lone(self, urls), self._whole)

    def chain(self, *urls: str) -> View:
        """Scope C: the lineage of these credentials' products up and down, with every paper on the way (see ``scope``)."""
        from assay.harness.oracles.scope import chained

        return View(self._store, chained(self, urls), self._whole)

    # credentials

    def credentials(self, kind: str | None = None) -> Iterator[Credential]:
        """All credentials, or those of a kind (``DigitalProductPassport``...), in the order of their URLs."""
        shown = self._store.urls if self._scope is None else sorted(self._scope.urls)
        for url in shown:
            if kind is None or self._store.places[url].kind == kind:
                yield Credential(self._store, url)

    def get(self, url: str) -> Credential | None:
        """The credential at a URL, where this view shows one."""
        return Credential(self._store, url) if self.shows(url) else None

    def shows(self, url: str) -> bool:
        """Is there a credential at this URL, within this view?"""
        if self._scope is not None:
            return url in self._scope.urls
        place = self._store.places.get(url)
        return place is not None and place.role == CREDENTIAL

    def mentions(self, identifier: str, kind: str | None = None) -> list[Credential]:
        """Credentials that name a product, facility, party, consignment, criterion, page or other credential."""
        urls = self._store.urls
        found = (urls[number] for number in self._index.mentions(identifier, kind))
        return [Credential(self._store, url) for url in found if self.shows(url)]

    def passports(self, product: str) -> list[Credential]:
        """Passports whose subject is this product; more than one where a lot was described twice."""
        return [one for one in self.mentions(product, PASSPORT) if self.digest(one.url).subject == product]

    def passport(self, product: str) -> Credential | None:
        """The newest passport of a product."""
        return max(self.passports(product), key=Credential.age, default=None)

    def facility_records(self, facility: str) -> list[Credential]:
        """Records of a facility, under its identifier or one that it is also known by."""
        found = self.mentions(facility, FACILITY)
        return [one for one in found if facility in self.digest(one.url).facilities]

    def certificates(self, *, product: str = "", facility: str = "", party: str = "") -> list[Credential]:
        """Conformity credentials (permits are among them) that assess this product or facility, or were issued to a party."""
        found = []
        for one in self.mentions(product or facility or party, CERTIFICATE):
            digest = self.digest(one.url)
            if (
                (not product or product in digest.products)
                and (not facility or facility in digest.facilities)
                and (not party or party == digest.subject)
            ):
                found.append(one)
        return found

    def permits(self, facility: str) -> list[Credential]:
        """Permits, licences and titles of a facility."""
        found = self.certificates(facility=facility)
        return [one for one in found if (what := one.attestation) is not None and what.permit]

    def identities(self, did: str) -> list[Credential]:
        """Identity anchors whose subject is this DID."""
        return [one for one in self.mentions(did, ANCHOR) if self.digest(one.url).subject == did]

    def digest(self, url: str) -> Digest:
        """What a credential of this view names, without parsing it: for looking things up."""
        return self._index.digest(url)

    def kind(self, url: str) -> str:
        """The kind of the credential at a URL; an empty string where there is none."""
        return self._store.places[url].kind if self.shows(url) else ""

    # events

    def events(self, kind: str | None = None, *, product: str = "", facility: str = "") -> list[Event]:
        """Events in the order of time; ``kind`` is ``make``, ``sent``, ``received``, ``counted`` or ``other``.

        ``facility`` is the place where goods were made or counted, or that they left; of receipts, where they arrived.
        """
        if product:
            found: Iterable[Event] = self._index.events_with(product)
        elif self._scope is None:
            found = self._whole._all_events
        else:
            known = self._index.events
            found = sorted((e for url in self._scope.urls for e in known.get(url, ())), key=when)
        return [
            event
            for event in found
            if (kind is None or event.kind == kind)
            and (
                not facility
                or facility == (event.destination if event.kind == "received" else event.facility)
            )
            and self.shows(event.url)
        ]

    def makes(self, product: str) -> list[Event]:
        """Make events that a product came out of. Their inputs are its lineage, in kilograms."""
        return [
            e for e in self.events("make", product=product) if any(o.product == product for o in e.outputs)
        ]

    def uses(self, product: str) -> list[Event]:
        """Make events that a product went into."""
        return [
            e for e in self.events("make", product=product) if any(i.product == product for i in e.inputs)
        ]

    def inputs(self, product: str) -> dict[str, float]:
        """Kilograms of every product that this one was made of, as its make events say."""
        found: dict[str, float] = {}
        for event in self.makes(product):
            for line in event.inputs:
                found[line.product] = found.get(line.product, 0.0) + (line.kg or 0.0)
        return found

    def upstream(self, product: str) -> frozenset[str]:
        """Every product that this one was made of, however far back."""
        return self._reached(product, lambda p: (i.product for e in self.makes(p) for i in e.inputs))

    def downstream(self, product: str) -> frozenset[str]:
        """Every product that was made of this one, however far on."""
        return self._reached(product, lambda p: (o.product for e in self.uses(p) for o in e.outputs))

    def consignments(self) -> list[Consignment]:
        """What was sent and received, by consignment, in the order of identifiers."""
        both: dict[str, tuple[list[Event], list[Event]]] = {}
        for event in self.events():
            if event.kind in ("sent", "received"):
                both.setdefault(event.consignment or event.id, ([], []))[event.kind == "received"].append(
                    event
                )
        return [Consignment(name, tuple(a), tuple(b)) for name, (a, b) in sorted(both.items())]

    # what is published around credentials

    def resource(self, url: str) -> Resource | None:
        """What else is published at a URL, where this view shows it. Credentials are got by :meth:`get`."""
        place = self._store.places.get(url)
        if place is None or place.role in (CREDENTIAL, "snapshot") or not self._open_to(url, place.role):
            return None
        return Resource(url, place.media_type, place.role, self._store.body(url) or b"")

    def resources(self, role: str | None = None) -> Iterator[Resource]:
        """Everything published that is no credential, or what has a role, in the order of URLs."""
        for url in self._whole._others:
            if role is None or self._store.places[url].role == role:
                found = self.resource(url)
                if found is not None:
                    yield found

    def linkset(self, identifier: str) -> Resource | None:
        """The linkset that a resolver answers with for an identifier."""
        scheme, _, rest = identifier.partition("://")
        host, _, path = rest.partition("/")
        return self.resource(f"{scheme}://{host}/linkset/{path}")

    def did(self, did: str, at: datetime | None = None) -> dict[str, Any] | None:
        """The DID document (``did:web``) as it is now, or as the archive has it of a moment; None where there is none."""
        url = did_url(did)
        if not self._open_to(url, "did"):
            return None
        value = self._archive.json(url, at)
        return value if isinstance(value, dict) else None

    def status(self, credential: Credential, at: datetime | None = None) -> bool:
        """Is a status bit of this credential set, now or as the archive had it at a moment? False also where no list is known."""
        return any(bit for _, bit in self.statuses(credential, at))

    def statuses(self, credential: Credential, at: datetime | None = None) -> list[tuple[str, bool]]:
        """Purpose and bit of every status entry of a credential of this view whose list can be read, now or at a moment."""
        found = []
        for purpose, url, index in credential.status_entries:
            if self.shows(credential.url):
                bit = self._archive.bit(url, index, at)
                if bit is not None:
                    found.append((purpose, bit))
        return found

    def status_history(self, credential: Credential) -> list[tuple[datetime, bool]]:
        """The bit in every dated list of the archive and in the one of now, oldest first; any purpose counts."""
        moments: dict[datetime, bool] = {}
        for _, url, index in credential.status_entries:
            for at, bit in self._archive.bits(url, index) if self.shows(credential.url) else ():
                moments[at] = moments.get(at, False) or bit
        return sorted(moments.items())

    def snapshots(self, url: str) -> list[tuple[datetime, bytes]]:
        """What the archive holds of a DID document or status list, oldest first, without the one of now."""
        place = self._store.places.get(url)
        role = place.role if place is not None else "did"
        return list(self._archive.snapshots(url)) if self._open_to(url, role) else []

    # inside

    @property
    def store(self) -> Store:
        """Where the bytes lie. For scopes and comparisons; deciders have no use for it."""
        return self._store

    def _open_to(self, url: str, role: str) -> bool:
        """Registers, vocabularies, resolvers and pages are everybody's; DID documents and lists are their hosts'."""
        if self._scope is None or role not in ("did", "status-list", "linkset"):
            return True
        if role == "linkset":
            return self._scope.linksets
        return host_of(url) in self._scope.hosts

    @cached_property
    def _index(self) -> Index:
        return Index(self._store) if self._whole is self else self._whole._index

    @cached_property
    def _archive(self) -> Archive:
        return Archive(self._store) if self._whole is self else self._whole._archive

    @cached_property
    def _all_events(self) -> list[Event]:
        return sorted((e for some in self._index.events.values() for e in some), key=when)

    @cached_property
    def _others(self) -> list[str]:
        return sorted(u for u, p in self._store.places.items() if p.role not in (CREDENTIAL, "snapshot"))

    @staticmethod
    def _reached(product: str, step: Any) -> frozenset[str]:
        seen, waiting = {product}, [product]
        while waiting:
            for other in step(waiting.pop()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return frozenset(seen - {product})


def did_url(did: str) -> str:
    """Where a ``did:web`` document stands; an empty string for other methods."""
    if not did.startswith("did:web:"):
        return ""
    host, *path = did.removeprefix("did:web:").split(":")
    return f"https://{unquote(host)}/{'/'.join([*path] or ['.well-known'])}/did.json"


def host_of(url: str) -> str:
    """The host of an address, with its port."""
    return url.split("/", 3)[2] if url.count("/") > 1 else ""
