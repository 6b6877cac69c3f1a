"""What belongs to one credential or to one chain, as a reader who follows links and identifiers would find it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.harness.oracles.view import Scope, View

__all__ = ["chained", "lone"]

_CERTIFICATE = "DigitalConformityCredential"
_ANCHOR = "DigitalIdentityAnchor"
_FOLLOWED = frozenset({_CERTIFICATE, _ANCHOR})
"""Kinds that a reader opens when a passport, record or certificate points to them."""


def lone(view: View, urls: Iterable[str]) -> Scope:
    """These credentials alone; the lists and DID documents that they name may be read."""
    from assay.harness.oracles.view import Scope, did_url, host_of

    shown = [one for url in urls if (one := view.get(url)) is not None]
    hosts = {host_of(did_url(one.issuer)) for one in shown}
    hosts |= {host_of(url) for one in shown for _, url, _ in one.status_entries}
    return Scope(frozenset(one.url for one in shown), frozenset(hosts), linksets=False)


def chained(view: View, urls: Iterable[str]) -> Scope:
    """The lineage of the products of these credentials, upstream and downstream, and the papers of everything met.

    Papers of a product: its passports, events and certificates. Of a make event also the passports of its other inputs and
    outputs, without which it cannot be reckoned up. Of a facility: its records, certificates and permits, but not its other
    products. Of a party: its identity anchors, and those of whoever accredited or mandated it, up to the trust anchors.
    Certificates and anchors that any of them points to come too.
    """
    from assay.harness.oracles.view import Scope, did_url, host_of

    walk = _Walk(view)
    for url in urls:
        walk.begin(url)
    walk.follow()
    # A status list stands with the issuer of what it lists (or is no use to this chain).
    hosts = frozenset(host_of(did_url(did)) for did in walk.parties)
    return Scope(frozenset(walk.shown), hosts, linksets=True)


class _Walk:
    def __init__(self, view: View) -> None:
        self.view = view
        self.shown: set[str] = set()
        self.products: set[str] = set()
        self.facilities: set[str] = set()
        self.parties: set[str] = set()

    def begin(self, url: str) -> None:
        """The credential itself, and the lineage of its lots."""
        if not self.view.shows(url):
            return
        for product in filter(is_lot, self.view.digest(url).products):
            if product not in self.products:
                self.products |= {product} | self.view.upstream(product) | self.view.downstream(product)
        self.show(url)

    def follow(self) -> None:
        """The papers of products, then of the facilities and parties that those name."""
        for product in sorted(self.products):
            for event in self.view.events(product=product):
                self.show(event.url)
                if event.kind == "make":
                    for other in event.products:
                        self._described(other)
            self._described(product)
            for one in self.view.certificates(product=product):
                self.show(one.url)
        done: set[str] = set()
        while waiting := sorted(self.facilities - done):
            done |= self.facilities
            for facility in waiting:
                self._site(facility)
        done = set()
        while waiting := sorted(self.parties - done):
            done |= self.parties
            for party in waiting:
                self._party(party)

    def show(self, url: str) -> None:
        """Take a credential in, with the facilities and parties that it names and the papers that it points to."""
        waiting = [url]
        while waiting:
            one = waiting.pop()
            if one in self.shown or not self.view.shows(one):
                continue
            self.shown.add(one)
            digest = self.view.digest(one)
            self.parties |= {digest.issuer, *digest.parties}
            # The sites of a certificate for several products are not all of this chain.
            if self.view.kind(one) != _CERTIFICATE or not any(map(is_lot, digest.products)):
                self.facilities |= set(digest.facilities)
            waiting += [link for link in digest.links if self.view.kind(link) in _FOLLOWED]

    def _described(self, product: str) -> None:
        for one in self.view.passports(product):
            self.show(one.url)

    def _site(self, facility: str) -> None:
        """Records of a site, and certificates that assess it as a whole, or lots that are in the chain."""
        for one in self.view.facility_records(facility):
            self.show(one.url)
        for one in self.view.certificates(facility=facility):
            lots = set(filter(is_lot, self.view.digest(one.url).products))
            if not lots or lots & self.products:
                self.show(one.url)

    def _party(self, party: str) -> None:
        """Identity anchors of a party, and certificates of its own that are about no site and no lot."""
        for one in self.view.identities(party):
            self.show(one.url)
        for one in self.view.certificates(party=party):
            digest = self.view.digest(one.url)
            if not digest.facilities and not any(map(is_lot, digest.products)):
                self.show(one.url)


def is_lot(product: str) -> bool:
    """A batch or an item, no product line: identifiers of lots go on below that of the line."""
    return "/batch/" in product or "/item/" in product
