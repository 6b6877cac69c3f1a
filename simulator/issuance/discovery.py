"""How credentials are found: DID documents with service links, linksets by identifier, and resolver descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assay.simulator.issuance.agenda import FacilityRecord, Identity, Passport, Permit, SiteCertificate
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.keys import Signer
from assay.simulator.issuance.v0_7.facilities import alias_uri
from assay.simulator.world import Nation, Organisation

__all__ = ["LinkedIdentifier", "did_document", "linked_identifiers", "resolver_description"]

_VC = "application/vc+jwt"
_TITLES = {
    "dpp": "Digital Product Passport",
    "dcc": "Digital Conformity Credential",
    "dfr": "Digital Facility Record",
    "dte": "Digital Traceability Event",
    "dia": "Digital Identity Anchor",
}


@dataclass(frozen=True, slots=True)
class LinkedIdentifier:
    """One identifier that a resolver answers for."""

    uri: str
    nation: str
    description: str
    links: tuple[tuple[str, str], ...]
    """Relation and credential URL, in order; the first is the default."""

    @property
    def linkset_url(self) -> str:
        """Where the linkset document itself stands: the identifier's path below ``/linkset``."""
        scheme, _, rest = self.uri.partition("://")
        host, _, path = rest.partition("/")
        return f"{scheme}://{host}/linkset/{path}"

    def linkset(self) -> dict[str, Any]:
        """The linkset (RFC 9264, as the UNTP linkset schema has it)."""
        context: dict[str, Any] = {"anchor": self.uri, "description": self.description}
        for relation, url in self.links:
            context.setdefault(relation, []).append(_target(relation, url))
        return {"linkset": [context]}


def _target(relation: str, url: str) -> dict[str, Any]:
    return {"href": url, "title": _TITLES[relation], "type": _VC, "hreflang": ["en"]}


def did_document(organisation: Organisation, signer: Signer, links: list[tuple[str, str]]) -> dict[str, Any]:
    """The DID document of an organisation. Services are link targets: what a resolver would say of it."""
    services, counts = [], dict[str, int]()
    for relation, url in links:
        counts[relation] = counts.get(relation, 0) + 1
        fragment = relation if counts[relation] == 1 else f"{relation}-{counts[relation]}"
        service = {
            "id": f"{organisation.did}#{fragment}",
            "type": relation,
            "serviceEndpoint": _target(relation, url),
        }
        services.append(service)
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": organisation.did,
        "alsoKnownAs": [organisation.uri],
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


def links_of_organisations(book: Book) -> dict[str, list[tuple[str, str]]]:
    """Per organisation: its identity anchors, then the records of its facilities."""
    links: dict[str, list[tuple[str, str]]] = {}
    for entry in book.agenda.entries:
        if isinstance(entry.about, Identity):
            links.setdefault(entry.about.organisation.id, []).append(("dia", entry.url))
    for entry in book.agenda.entries:
        if isinstance(entry.about, FacilityRecord):
            links.setdefault(entry.about.facility.operator.id, []).append(("dfr", entry.url))
    return links


def linked_identifiers(book: Book) -> Iterator[LinkedIdentifier]:
    """Every identifier in the world that a resolver knows: products, facilities, their other names, organisations."""
    world, agenda = book.world, book.agenda
    records = {e.about.facility.id: e.url for e in agenda.entries if isinstance(e.about, FacilityRecord)}
    certificates: dict[str, list[str]] = {}
    for entry in agenda.entries:
        if isinstance(entry.about, SiteCertificate | Permit):
            certificates.setdefault(entry.about.facility.id, []).append(entry.url)
    for entry in agenda.entries:
        if isinstance(entry.about, Passport):
            lot = world.ledger.lots[entry.about.batch.lot]
            links = [("dpp", entry.url), *(("dte", url) for url in agenda.events.get(lot.id, ()))]
            certificate = agenda.certificates.get(lot.id)
            if certificate is not None:
                links.append(("dcc", certificate))
            links.append(("dfr", records[lot.facility]))
            nation = world.facilities[lot.facility].nation
            name = f"{world.products[lot.product].name}, {world.lot_number(lot)}"
            yield LinkedIdentifier(world.product_uri(lot), nation, name, tuple(links))
    for facility in world.facilities.values():
        links = [("dfr", records[facility.id]), *(("dcc", url) for url in certificates.get(facility.id, ()))]
        for uri in (facility.uri, alias_uri(world, facility.id)):
            if uri is not None:
                yield LinkedIdentifier(uri, facility.nation, facility.name, tuple(links))
    known = links_of_organisations(book)
    for organisation in world.organisations():
        if organisation.id in known:
            yield LinkedIdentifier(
                organisation.uri, organisation.nation, organisation.name, tuple(known[organisation.id])
            )


def resolver_description(nation: Nation) -> dict[str, Any]:
    """``/.well-known/resolver``: who runs the resolver, what it resolves, which link types it knows."""
    return {
        "name": f"Identity resolver of {nation.name} (example)",
        "resolverRoot": f"https://{nation.resolver}",
        "supportedPrimaryKeys": ["product", "facility", "title", "business", "authority"],
        "supportedLinkType": [{"key": key, "title": title} for key, title in _TITLES.items()],
        "linkTypeDefault": "dpp",
    }
