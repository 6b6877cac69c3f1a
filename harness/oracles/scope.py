"""What belongs to one credential or to one chain, as a reader who follows links and identifiers would find it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assay.harness.oracles.reading import links_of

if TYPE_CHECKING:
    from assay.harness.oracles.credential import Credential
    from assay.harness.oracles.view import Scope, View

__all__ = ["chained", "lone"]


def lone(view: View, urls: Iterable[str]) -> Scope:
    """These credentials alone; whose lists and DID documents they name may be read."""
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
    """
    from assay.harness.oracles.view import Scope, did_url, host_of

    walk = _Walk(view)
    for url in urls:
        walk.begin(url)
    walk.follow()
    shown = walk.shown
    hosts = {host_of(did_url(did)) for did in walk.parties}
    hosts |= {host_of(list_url) for one in shown.values() for _, list_url, _ in one.status_entries}
    return Scope(frozenset(shown), frozenset(hosts), linksets=True)


class _Walk:
    def __init__(self, view: View) -> None:
        self.view = view
        self.shown: dict[str, Credential] = {}
        self.products: set[str] = set()
        self.facilities: set[str] = set()
        self.parties: set[str] = set()

    def begin(self, url: str) -> None:
        """The credential itself, and the lineage of its products."""
        one = self.view.get(url)
        if one is None:
            return
        for product in _products(one):
            self.products |= {product} | self.view.upstream(product) | self.view.downstream(product)
        self.show(one)

    def follow(self) -> None:
        """The papers of products, then of the facilities and parties that those name."""
        for product in sorted(self.products):
            for event in self.view.events(product=product):
                self.show(self.view.get(event.url))
                if event.kind == "make":
                    for other in event.products:
                        self.show_all(self.view.passports(other))
            self.show_all(self.view.passports(product))
            self.show_all(self.view.certificates(product=product))
        done: set[str] = set()
        while self.facilities - done:
            for facility in sorted(self.facilities - done):
                done.add(facility)
                self.show_all(self.view.facility_records(facility))
                self.show_all(self._site_papers(facility))
        self._authorities()

    def show_all(self, some: Iterable[Credential]) -> None:
        for one in some:
            self.show(one)

    def show(self, one: Credential | None) -> None:
        """Take a credential in, with the facilities and parties that it names and the certificates that it points to."""
        if one is None or one.url in self.shown:
            return
        self.shown[one.url] = one
        self.parties.add(one.issuer)
        self.parties |= {did for _, did in one.parties}
        if one.facility:
            self.facilities.add(one.facility)
        if (site := one.site) is not None:
            self.facilities |= set(site.aliases)
        for event in one.events:
            self.facilities |= {name for name in (event.facility, event.destination) if name}
            self.parties |= {did for _, did in event.parties}
        attestation = one.attestation
        if attestation is not None:
            self.facilities |= set(attestation.facilities) if not attestation.products else set()
            self.parties |= {attestation.issued_to} | {a.organisation for a in attestation.assessments}
            self.parties |= {authority for authority, _ in attestation.authorisations}
        if one.kind in ("DigitalProductPassport", "DigitalFacilityRecord", "DigitalConformityCredential"):
            for link in links_of(one.subject):
                target = self.view.get(link["linkURL"])
                if target is not None and target.kind in (
                    "DigitalConformityCredential",
                    "DigitalIdentityAnchor",
                ):
                    self.show(target)

    def _site_papers(self, facility: str) -> Iterator[Credential]:
        """Certificates and permits of a site: those that assess it as a whole, or products that are in the chain."""
        for one in self.view.certificates(facility=facility):
            attestation = one.attestation
            lots = (
                {name for name in attestation.products if _is_lot(name)} if attestation is not None else set()
            )
            if not lots or lots & self.products:
                yield one

    def _authorities(self) -> None:
        """Identity anchors of every party, and of the registrars that issued them."""
        done: set[str] = set()
        while self.parties - done:
            for party in sorted(self.parties - done):
                done.add(party)
                if not party:
                    continue
                for one in self.view.identities(party):
                    self.show(one)
                    identity = one.identity
                    if identity is not None and identity.registrar:
                        self.parties.add(identity.registrar)
                for one in self.view.certificates(party=party):
                    attestation = one.attestation
                    if attestation is not None and not attestation.products and not attestation.facilities:
                        self.show(one)


def _products(one: Credential) -> Iterator[str]:
    """Lots that a credential is about."""
    if one.product:
        yield one.product
    for event in one.events:
        yield from event.products
    attestation = one.attestation
    if attestation is not None:
        yield from (name for name in attestation.products if _is_lot(name))


def _is_lot(product: str) -> bool:
    """A batch or an item, no product line: identifiers of lots go on below that of the line."""
    return "/batch/" in product or "/item/" in product
