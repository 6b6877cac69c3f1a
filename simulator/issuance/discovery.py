"""How credentials are found: DID documents with service links, linksets by identifier, and resolver descriptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assay.profiles.untp_0_7.codes import ACCESS_ROLE_PREFIX
from assay.simulator.issuance.agenda import (
    FacilityRecord,
    Identity,
    Passport,
    Permit,
    Receipt,
    Shipment,
    SiteCertificate,
)
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.keys import Signer
from assay.simulator.issuance.names import alias_uri, consignment_uri
from assay.simulator.scenario import ProductEntry
from assay.simulator.world import Nation, Organisation

__all__ = [
    "Link",
    "LinkedIdentifier",
    "did_document",
    "linked_identifiers",
    "links_of_organisations",
    "names_of_organisations",
    "resolver_description",
]

_VC = "application/vc+jwt"
_TITLES = {
    "dpp": "Digital Product Passport",
    "dcc": "Digital Conformity Credential",
    "dfr": "Digital Facility Record",
    "dte": "Digital Traceability Event",
    "dia": "Digital Identity Anchor",
}


@dataclass(frozen=True, slots=True)
class Link:
    """One link: relation, address, and for pages their title and language (credentials are titled after their kind)."""

    relation: str
    url: str
    title: str = ""
    superseded: bool = False
    language: str = "en"

    def target(self) -> dict[str, Any]:
        """The link as a linkset target object."""
        title = self.title or _TITLES[self.relation]
        media_type = "text/html" if self.title else _VC
        target: dict[str, Any] = {
            "href": self.url,
            "title": title,
            "type": media_type,
            "hreflang": [self.language],
        }
        if self.superseded:
            target["rel"] = ["predecessor-version"]
        return target


def _edit_target(uri: str) -> dict[str, Any]:
    """Where the owner of a product adds a link to an event that happened to it: the identifier itself takes a POST."""
    return {
        "href": uri,
        "title": "Add an event",
        "type": "application/json",
        "rel": ["edit"],
        "method": ["POST", "Authorization"],
        "accessRole": [f"{ACCESS_ROLE_PREFIX}Owner"],
    }


@dataclass(frozen=True, slots=True)
class LinkedIdentifier:
    """One identifier that a resolver answers for. The first link is the default; ``editable`` ones take new events."""

    uri: str
    nation: str
    description: str
    links: tuple[Link, ...]
    editable: bool = False

    @property
    def linkset_url(self) -> str:
        """Where the linkset document itself stands: the identifier's path below ``/linkset``."""
        scheme, _, rest = self.uri.partition("://")
        host, _, path = rest.partition("/")
        return f"{scheme}://{host}/linkset/{path}"

    def linkset(self) -> dict[str, Any]:
        """The linkset (RFC 9264, as the UNTP linkset schema has it)."""
        context: dict[str, Any] = {"anchor": self.uri, "description": self.description}
        for link in self.links:
            context.setdefault(link.relation, []).append(link.target())
        if self.editable:
            context.setdefault("dte", []).append(_edit_target(self.uri))
        return {"linkset": [context]}


def did_document(
    organisation: Organisation, signer: Signer, links: list[Link], names: list[str]
) -> dict[str, Any]:
    """The DID document of an organisation. Services are link targets: what a resolver would say of it.

    ``names`` are the URIs under which registers know it.
    """
    services, counts = [], Counter[str]()
    for link in links:
        counts[link.relation] += 1
        number = counts[link.relation]
        fragment = link.relation if number == 1 else f"{link.relation}-{number}"
        service_id = f"{organisation.did}#{fragment}"
        services.append({"id": service_id, "type": link.relation, "serviceEndpoint": link.target()})
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": organisation.did,
        "alsoKnownAs": names,
        "verificationMethod": [
            {
                "id": signer.kid,
                "type": "JsonWebKey",
                "controller": organisation.did,
                "publicKeyJwk": {**signer.public_jwk(), "alg": "ES256", "use": "sig"},
            }
        ],
        "authentication": [signer.kid],
        "assertionMethod": [signer.kid],
    }
    if services:
        document["service"] = services
    return document


def links_of_organisations(book: Book) -> dict[str, list[Link]]:
    """Per organisation: its identity anchors, then the records of its facilities; national anchors have a page."""
    links: dict[str, list[Link]] = {}
    for entry in book.agenda.entries:
        if isinstance(entry.about, Identity):
            links.setdefault(entry.about.organisation.id, []).append(Link("dia", entry.url))
    for entry in book.agenda.entries:
        if isinstance(entry.about, FacilityRecord) and not entry.about.earlier:
            links.setdefault(entry.about.facility.operator.id, []).append(Link("dfr", entry.url))
    for nation in book.world.nations.values():
        anchor = nation.anchor
        page = book.page(f"{anchor.origin}/about.html", anchor.name, anchor.description, f"DID: {anchor.did}")
        links[anchor.id] = [Link("describedby", page.url, anchor.name)]
    return links


def linked_identifiers(book: Book) -> Iterator[LinkedIdentifier]:
    """Every identifier in the world that a resolver knows."""
    yield from _products(book)
    yield from _facilities(book)
    yield from _consignments(book)
    yield from _registrations(book)


def names_of_organisations(book: Book) -> dict[str, list[str]]:
    """Per organisation: the URIs under which registers know it, or its own number where none does (anchors)."""
    names: dict[str, list[str]] = {}
    for entry in book.agenda.entries:
        if isinstance(entry.about, Identity):
            names.setdefault(entry.about.organisation.id, []).append(entry.about.uri)
    return {o.id: names.get(o.id, [o.uri]) for o in book.world.organisations()}


def _registrations(book: Book) -> Iterator[LinkedIdentifier]:
    """Every number in a register leads to its identity anchor; a national anchor's leads to a page."""
    for entry in book.agenda.entries:
        if isinstance(entry.about, Identity):
            about = entry.about
            name = f"{about.title}: {about.organisation.name}"
            yield LinkedIdentifier(about.uri, about.register.nation, name, (Link("dia", entry.url),))
    pages = links_of_organisations(book)
    for nation in book.world.nations.values():
        anchor = nation.anchor
        yield LinkedIdentifier(anchor.uri, nation.code, anchor.name, tuple(pages[anchor.id]))


def _facility_records(book: Book, *, earlier: bool = False) -> dict[str, str]:
    """Facility: its record, or the one that this replaced."""
    return {
        entry.about.facility.id: entry.url
        for entry in book.agenda.entries
        if isinstance(entry.about, FacilityRecord) and entry.about.earlier == earlier
    }


def _products(book: Book) -> Iterator[LinkedIdentifier]:
    """Batches and items, and above them their models: what is not linked below is looked for there."""
    world, agenda, records = book.world, book.agenda, _facility_records(book)
    models: dict[str, tuple[str, str, list[Link]]] = {}
    for entry in agenda.entries:
        if not isinstance(entry.about, Passport):
            continue
        lot = world.ledger.lots[entry.about.batch.lot]
        product, facility = world.products[lot.product], world.facilities[lot.facility]
        links = [Link("dpp", entry.url), *(Link("dte", url) for url in agenda.events.get(lot.id, ()))]
        certificate = agenda.certificates.get(lot.id)
        if certificate is not None:
            links.append(Link("dcc", certificate))
        links.append(Link("dfr", records[lot.facility]))
        uri = world.product_uri(lot)
        name = f"{product.name}, {world.lot_number(lot)}"
        yield LinkedIdentifier(uri, facility.nation, name, tuple(links), editable=True)
        _, _, sheets = models.setdefault(uri.rsplit("/", 2)[0], (facility.nation, product.name, []))
        sheets += [
            sheet for sheet in _data_sheets(book, product, facility.operator.origin) if sheet not in sheets
        ]
    for uri, (nation, name, sheets) in models.items():
        yield LinkedIdentifier(uri, nation, name, tuple(sheets))


def _data_sheets(book: Book, product: ProductEntry, origin: str) -> Iterator[Link]:
    """The data sheet of a product in English, and in the other languages that the scenario has it in."""
    folder = f"{origin}/documents/{product.id}"
    texts = {"en": (f"Data sheet: {product.name}", product.description)}
    texts |= {language: (sheet.title, sheet.text) for language, sheet in product.data_sheets.items()}
    for language, (title, text) in texts.items():
        address = f"{folder}/data-sheet{'' if language == 'en' else '.' + language}.html"
        page = book.page(address, title, text, language=language)
        yield Link("describedby", page.url, title, language=language)


def _facilities(book: Book) -> Iterator[LinkedIdentifier]:
    world, records, earlier = book.world, _facility_records(book), _facility_records(book, earlier=True)
    certificates: dict[str, list[Link]] = {}
    for entry in book.agenda.entries:
        if isinstance(entry.about, SiteCertificate | Permit):
            certificates.setdefault(entry.about.facility.id, []).append(Link("dcc", entry.url))
    for facility in world.facilities.values():
        links = [Link("dfr", records[facility.id])]
        if facility.id in earlier:
            links.append(Link("dfr", earlier[facility.id], superseded=True))
        links += certificates.get(facility.id, ())
        for uri in (facility.uri, alias_uri(world, facility.id)):
            if uri is not None:
                yield LinkedIdentifier(uri, facility.nation, facility.name, tuple(links))


def _consignments(book: Book) -> Iterator[LinkedIdentifier]:
    """Consignments lead to both sides' events."""
    events: dict[str, list[Link]] = {}
    nations: dict[str, str] = {}
    for entry in book.agenda.entries:
        if isinstance(entry.about, Shipment | Receipt):
            uri = consignment_uri(book.world, entry.about.move)
            events.setdefault(uri, []).append(Link("dte", entry.url))
            origin = book.world.scenario.routes[entry.about.move.route].origin
            nations[uri] = book.world.facilities[origin].nation
    for uri, links in events.items():
        yield LinkedIdentifier(uri, nations[uri], "Consignment", tuple(links))


def resolver_description(nation: Nation) -> dict[str, Any]:
    """``/.well-known/resolver``: who runs the resolver, what it resolves, which link types it knows."""
    return {
        "name": f"Identity resolver of {nation.name} (example)",
        "resolverRoot": f"https://{nation.resolver}",
        "supportedPrimaryKeys": [
            "product",
            "facility",
            "title",
            "consignment",
            "business",
            "accreditation",
            "authority",
        ],
        "supportedLinkType": [{"key": key, "title": title} for key, title in _TITLES.items()],
        "linkTypeDefault": "dpp",
    }
