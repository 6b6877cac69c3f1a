"""How credentials are found: DID documents with service links, linksets by identifier, and resolver descriptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from assay.profiles.untp_0_7.codes import ACCESS_ROLE_PREFIX
from assay.simulator.facts import Lot
from assay.simulator.issuance.abouts import (
    Entry,
    FacilityRecord,
    Identity,
    Makes,
    Passport,
    Permit,
    ProductCertificate,
    Receipt,
    Shipment,
    SiteCertificate,
    Stocktake,
)
from assay.simulator.issuance.book import Book, stamp
from assay.simulator.issuance.custody import (
    CustodyCertificate,
    Retirement,
    Statement,
)
from assay.simulator.issuance.footprints import FootprintCertificate
from assay.simulator.issuance.governance import Attested
from assay.simulator.issuance.keys import Signer
from assay.simulator.issuance.names import alias_uri, consignment_uri, model_uri, record_url
from assay.simulator.scenario import ProductEntry
from assay.simulator.world import Facility, Nation, Organisation, World

__all__ = [
    "LINKERS",
    "Directory",
    "Link",
    "Linked",
    "LinkedIdentifier",
    "Linker",
    "add_key",
    "did_document",
    "gather",
    "linked_identifiers",
    "relation_prefix",
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


class Link(NamedTuple):
    """One link: relation, address, and for pages their title and language (credentials are titled after their kind)."""

    relation: str
    url: str
    title: str = ""
    superseded: bool = False
    language: str = "en"

    def name(self, prefix: str) -> str:
        """The relation as it is written: with ``prefix`` where it is one of UNTP's own."""
        return prefix + self.relation if self.relation in _TITLES else self.relation

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

    def linkset(self, prefix: str = "") -> dict[str, Any]:
        """The linkset (RFC 9264, as the UNTP linkset schema has it). ``prefix``: see :func:`relation_prefix`."""
        context: dict[str, Any] = {"anchor": self.uri, "description": self.description}
        for link in self.links:
            context.setdefault(link.name(prefix), []).append(link.target())
        if self.editable:
            context.setdefault(f"{prefix}dte", []).append(_edit_target(self.uri))
        return {"linkset": [context]}


def relation_prefix(version: str) -> str:
    """What stands before UNTP's own link relations: bare names since 0.7, compact ones (``untp:dpp``) before."""
    return "untp:" if version.startswith("0.6.") else ""


def did_document(
    organisation: Organisation, signer: Signer, links: list[Link], names: list[str], prefix: str = ""
) -> dict[str, Any]:
    """The DID document of an organisation. Services are link targets: what a resolver would say of it.

    ``names`` are the URIs under which registers know it; ``prefix``: see :func:`relation_prefix`.
    """
    services, counts = [], Counter[str]()
    for link in links:
        counts[link.relation] += 1
        number = counts[link.relation]
        fragment = link.relation if number == 1 else f"{link.relation}-{number}"
        service_id = f"{organisation.did}#{fragment}"
        services.append({"id": service_id, "type": link.name(prefix), "serviceEndpoint": link.target()})
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


def add_key(document: dict[str, Any], signer: Signer, revoked: datetime | None) -> None:
    """Add another key of the organisation to its DID document. A ``revoked`` one stays, with its date, so that old
    signatures can be judged (Controlled Identifiers 1.0, verification methods)."""
    method = {
        "id": signer.kid,
        "type": "JsonWebKey",
        "controller": document["id"],
        "publicKeyJwk": {**signer.public_jwk(), "alg": "ES256", "use": "sig"},
    }
    if revoked is not None:
        method["revoked"] = stamp(revoked)
    document["verificationMethod"].append(method)
    document["assertionMethod"].append(signer.kid)


class Linked(NamedTuple):
    """One link of one identifier. Links of an identifier stand by ``rank``, then in the order in which they came about."""

    uri: str
    nation: str
    description: str
    rank: int
    link: Link
    editable: bool = False

    def row(self) -> tuple[Any, ...]:
        """As plain values, to be written down and read again with :meth:`read`."""
        link = self.link
        return (
            self.uri, self.nation, self.description, self.rank, self.editable,
            link.relation, link.url, link.title, link.superseded, link.language,
        )  # fmt: skip

    @classmethod
    def read(cls, row: Iterable[Any]) -> Linked:
        uri, nation, description, rank, editable, relation, url, title, superseded, language = row
        return cls(uri, nation, description, rank, Link(relation, url, title, superseded, language), editable)


def gather(links: Iterable[Linked]) -> Iterator[LinkedIdentifier]:
    """Identifiers with their links, in the order in which each was first linked. Holds all of them in memory.

    Where a facility record has a later edition, the earlier ones are marked.
    """
    known: dict[str, list[Linked]] = {}
    for linked in links:
        known.setdefault(linked.uri, []).append(linked)
    for uri, found in known.items():
        first = min(found, key=lambda linked: linked.rank)
        ordered = {one.link.url: one.link for one in sorted(found, key=lambda linked: linked.rank)}
        if first.rank < 0:
            ordered |= {
                one.link.url: one.link._replace(superseded=True)
                for one in found
                if one.link.relation == "dfr" and one.rank > first.rank
            }
        yield LinkedIdentifier(
            uri, first.nation, first.description, tuple(ordered.values()), any(one.editable for one in found)
        )


class Linker:
    """Says from where each credential is linked. What is the same for many credentials is said once per linker."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.world: World = book.world
        self._models: set[tuple[str, str]] = set()
        self._products: dict[str, tuple[str, str, str]] = {}

    def links(self, entry: Entry) -> Iterator[Linked]:
        """Every link to an entry, by what it is about. What no linker knows is not linked from any identifier."""
        linker = LINKERS.get(type(entry.about))
        return linker(self, entry, entry.about) if linker is not None else iter(())

    def of_product(self, lot: Lot, rank: int, relation: str, url: str) -> Linked:
        """A link of a batch or item."""
        known = self._products.get(lot.id)
        if known is None:
            world = self.world
            nation = world.facilities[lot.facility].nation
            name = f"{world.products[lot.product].name}, {world.lot_number(lot)}"
            known = self._products[lot.id] = (world.product_uri(lot), nation, name)
        return Linked(*known, rank, Link(relation, url), editable=True)

    def models(self, lot: Lot) -> Iterator[Linked]:
        """Links of the model of a lot: what is not linked at batch or item is looked for there."""
        if (lot.product, lot.facility) in self._models:
            return
        self._models.add((lot.product, lot.facility))
        product, facility = self.world.products[lot.product], self.world.facilities[lot.facility]
        uri = self.world.product_uri(lot).rsplit("/", 2)[0]
        for link in _data_sheets(self.book, product, facility.operator.origin):
            yield Linked(uri, facility.nation, product.name, 0, link)


def _identity(linker: Linker, entry: Entry, about: Identity) -> Iterator[Linked]:
    """Every number in a register leads to its identity anchor."""
    name = f"{about.title}: {about.organisation.name}"
    yield Linked(about.uri, about.register.nation, name, 0, Link("dia", entry.url))


def _of_facility(linker: Linker, facility: Facility, rank: int, link: Link) -> Iterator[Linked]:
    for uri in (facility.uri, alias_uri(linker.world, facility.id)):
        if uri is not None:
            yield Linked(uri, facility.nation, facility.name, rank, link)


def _record(linker: Linker, entry: Entry, about: FacilityRecord) -> Iterator[Linked]:
    """The first edition stands first, with the earlier record behind it; a later edition before it."""
    link = Link("dfr", entry.url, superseded=about.earlier)
    return _of_facility(linker, about.facility, 1 if about.earlier else 1 - about.edition, link)


def _site(linker: Linker, entry: Entry, about: SiteCertificate | Permit) -> Iterator[Linked]:
    return _of_facility(linker, about.facility, 2, Link("dcc", entry.url))


def _passport(linker: Linker, entry: Entry, about: Passport) -> Iterator[Linked]:
    lot = about.batch.lot
    yield linker.of_product(lot, 0, "dpp", entry.url)
    yield linker.of_product(lot, 3, "dfr", record_url(linker.world, linker.world.facilities[lot.facility]))
    yield from linker.models(lot)


def _certificate(linker: Linker, entry: Entry, about: ProductCertificate) -> Iterator[Linked]:
    for batch in about.batches:
        yield linker.of_product(batch.lot, 2, "dcc", entry.url)


def _makes(linker: Linker, entry: Entry, about: Makes) -> Iterator[Linked]:
    for make in about.makes:
        for quantity in (*make.inputs, *make.outputs):
            yield linker.of_product(quantity.lot, 1, "dte", entry.url)


def _move(linker: Linker, entry: Entry, about: Shipment | Receipt) -> Iterator[Linked]:
    """Consignments lead to both sides' events, and so does what travels."""
    move, world = about.move, linker.world
    nation = world.facilities[world.scenario.routes[move.route].origin].nation
    yield Linked(consignment_uri(world, move), nation, "Consignment", 0, Link("dte", entry.url))
    for quantity in move.sent:
        yield linker.of_product(quantity.lot, 1, "dte", entry.url)


def _stocktake(linker: Linker, entry: Entry, about: Stocktake) -> Iterator[Linked]:
    for quantity in about.stock.stock:
        yield linker.of_product(quantity.lot, 1, "dte", entry.url)


def _custody(
    linker: Linker, entry: Entry, about: CustodyCertificate | FootprintCertificate
) -> Iterator[Linked]:
    for batch in about.batches:
        yield linker.of_product(batch.lot, 2, "dcc", entry.url)


def _retirement(linker: Linker, entry: Entry, about: Retirement) -> Iterator[Linked]:
    yield linker.of_product(about.claim.lot, 2, "dcc", entry.url)


def _statement(linker: Linker, entry: Entry, about: Statement) -> Iterator[Linked]:
    return _of_facility(linker, about.facility, 2, Link("dcc", entry.url))


def _attested(linker: Linker, entry: Entry, about: Attested) -> Iterator[Linked]:
    """From the facility, the kind of product, or the holder that it is about; a superseded one says so."""
    link, rank = Link("dcc", entry.url, superseded=about.superseded), 2 + about.superseded
    if about.facility is None:
        holder = about.holder
        yield Linked(holder.uri, holder.nation, f"Business identity: {holder.name}", rank, link)
    elif about.product is None:
        yield from _of_facility(linker, about.facility, rank, link)
    else:
        uri, name = (
            model_uri(linker.world, about.facility, about.product),
            linker.world.products[about.product].name,
        )
        yield Linked(uri, about.facility.nation, name, rank, link)


LINKERS: Mapping[type, Callable[[Linker, Entry, Any], Iterator[Linked]]] = {
    Identity: _identity,
    FacilityRecord: _record,
    SiteCertificate: _site,
    Permit: _site,
    Passport: _passport,
    ProductCertificate: _certificate,
    Makes: _makes,
    Shipment: _move,
    Receipt: _move,
    Stocktake: _stocktake,
    CustodyCertificate: _custody,
    FootprintCertificate: _custody,
    Statement: _statement,
    Retirement: _retirement,
    Attested: _attested,
}
"""From where a credential is linked, by what it is about."""


@dataclass(slots=True)
class Directory:
    """Who is known by which credential. Grows with organisations and facilities, never with goods."""

    world: World
    names: dict[str, list[str]] = field(default_factory=dict)
    """Organisation: the URIs under which registers know it."""
    accreditations: dict[str, str] = field(default_factory=dict)
    """Nation: the number of its first accredited certifier."""
    recognitions: list[str] = field(default_factory=list)
    """Numbers that the global apex gave to national accreditation bodies."""
    _identities: dict[str, list[Link]] = field(default_factory=dict)
    _records: dict[str, list[Link]] = field(default_factory=dict)

    def see(self, entry: Entry) -> None:
        """Remember what an entry says about an organisation."""
        about = entry.about
        if isinstance(about, Identity):
            organisation = about.organisation.id
            self._identities.setdefault(organisation, []).append(Link("dia", entry.url))
            names = self.names.setdefault(organisation, [])
            if about.uri not in names:
                names.append(about.uri)
            if about.title == "Accreditation":
                self.accreditations.setdefault(about.register.nation, about.number)
            elif about.title == "Recognition":
                self.recognitions.append(about.number)
        elif isinstance(about, FacilityRecord) and not about.earlier:
            self._records.setdefault(about.facility.operator.id, []).append(Link("dfr", entry.url))

    def links(self, book: Book) -> dict[str, list[Link]]:
        """Per organisation: its identity anchors, then the records of its facilities; national anchors have a page."""
        links = {
            o.id: self._identities.get(o.id, []) + self._records.get(o.id, [])
            for o in self.world.organisations()
        }
        return links | {
            nation.anchor.id: [_anchor_page(book, nation)] for nation in self.world.nations.values()
        }

    def numbers(self, organisation: Organisation) -> list[str]:
        """URIs of an organisation: those that registers gave it, or its own number where none did (anchors)."""
        return self.names.get(organisation.id, [organisation.uri])

    def anchors(self, book: Book) -> Iterator[Linked]:
        """The number of a national anchor leads to a page."""
        for nation in self.world.nations.values():
            anchor = nation.anchor
            yield Linked(anchor.uri, nation.code, anchor.name, 0, _anchor_page(book, nation))


def _anchor_page(book: Book, nation: Nation) -> Link:
    anchor = nation.anchor
    page = book.page(f"{anchor.origin}/about.html", anchor.name, anchor.description, f"DID: {anchor.did}")
    return Link("describedby", page.url, anchor.name)


def linked_identifiers(book: Book) -> Iterator[LinkedIdentifier]:
    """Every identifier of a small world that a resolver knows."""
    linker, directory = Linker(book), Directory(book.world)
    found: list[Linked] = []
    for entry in book.agenda.entries:
        directory.see(entry)
        found += linker.links(entry)
    return gather([*found, *directory.anchors(book)])


def _data_sheets(book: Book, product: ProductEntry, origin: str) -> Iterator[Link]:
    """The data sheet of a product in English, and in the other languages that the scenario has it in."""
    folder = f"{origin}/documents/{product.id}"
    texts = {"en": (f"Data sheet: {product.name}", product.description)}
    texts |= {language: (sheet.title, sheet.text) for language, sheet in product.data_sheets.items()}
    for language, (title, text) in texts.items():
        address = f"{folder}/data-sheet{'' if language == 'en' else '.' + language}.html"
        page = book.page(address, title, text, language=language)
        yield Link("describedby", page.url, title, language=language)


def resolver_description(nation: Nation, prefix: str = "") -> dict[str, Any]:
    """``/.well-known/resolver``: who runs the resolver, what it resolves, which link types it knows.

    ``prefix``: see :func:`relation_prefix`.
    """
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
            "land",
            "recognition",
        ],
        "supportedLinkType": [{"key": prefix + key, "title": title} for key, title in _TITLES.items()],
        "linkTypeDefault": f"{prefix}dpp",
    }
