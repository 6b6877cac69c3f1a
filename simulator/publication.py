"""A world's paper: credentials rendered and signed, and everything that is published around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Any

import orjson

from assay.profiles.contracts.dataset import Resolvable
from assay.simulator.issuance.abouts import Entry, Purpose
from assay.simulator.issuance.book import Book, Page
from assay.simulator.issuance.custody import revoked
from assay.simulator.issuance.discovery import (
    Directory,
    LinkedIdentifier,
    add_key,
    did_document,
    linked_identifiers,
    relation_prefix,
    resolver_description,
)
from assay.simulator.issuance.edits import Span, edited
from assay.simulator.issuance.encoding import b64url
from assay.simulator.issuance.keys import Signer, signer_for
from assay.simulator.issuance.public_maps import public_maps
from assay.simulator.issuance.registers import registers
from assay.simulator.issuance.status import status_list
from assay.simulator.issuance.versions import DEFAULT_VERSION, renderer_for
from assay.simulator.world import Organisation, World

__all__ = [
    "VC",
    "Office",
    "Publication",
    "Resource",
    "StatusLists",
    "archive_days",
    "linkset",
    "page_resource",
    "publish",
]

_KINDS = {
    "dpp": "DigitalProductPassport",
    "dcc": "DigitalConformityCredential",
    "dfr": "DigitalFacilityRecord",
    "dte": "DigitalTraceabilityEvent",
    "dia": "DigitalIdentityAnchor",
}
VC = "application/vc+jwt"


@dataclass(frozen=True, slots=True)
class Resource:
    """One published resource: where it stands, and its bytes as served."""

    url: str
    media_type: str
    role: str
    body: bytes
    kind: str = ""
    order: int = 0
    """Credentials: position in the order of issue, from 1."""

    @property
    def host(self) -> str:
        return self.url.split("/", 3)[2]

    @property
    def path(self) -> str:
        """Path below the host's root. Where addresses nest, the file stands in a folder of that name."""
        path = self.url.split("/", 3)[3] if self.url.count("/") > 2 else ""
        leaf = {"scheme": "/vocabulary.jsonld", "linkset": "/linkset.json"}.get(self.role, "")
        return f"{path or 'index.html'}{leaf}"

    @property
    def site_path(self) -> str:
        """Path below the host's root of a static website, which serves a page without suffix as the index of its folder."""
        path = self.path
        return path if self.role != "page" or path.endswith(".html") else f"{path}/index.html"

    @property
    def file(self) -> str:
        """Path of the file: ``files/``, host, path."""
        return f"files/{self.host}/{self.path}"


def page_resource(page: Page) -> Resource:
    return Resource(page.url, page.media_type, "page", page.body)


def linkset(identifier: LinkedIdentifier, version: str) -> tuple[Resource, Resolvable]:
    """The linkset of an identifier in a version of UNTP, and what a resolver must know of it."""
    url, body = identifier.linkset_url, orjson.dumps(identifier.linkset(relation_prefix(version)))
    resolvable: Resolvable = {"uri": identifier.uri, "linkset": url, "default": identifier.links[0].url}
    return Resource(url, "application/linkset+json", "linkset", body), resolvable


class Office:
    """Renders and signs single entries, and what is published once for a whole world. Fetches nothing, writes nothing."""

    def __init__(self, world: World, version: str = DEFAULT_VERSION) -> None:
        self.world = world
        self.version = version
        self.book = Book(world)
        self.renderer = renderer_for(version, self.book)
        self._signers: dict[tuple[str, int], Signer] = {}

    def signer(self, organisation: Organisation, generation: int = 1) -> Signer:
        known = self._signers.get((organisation.host, generation))
        if known is None:
            known = signer_for(self.world.seed, organisation.did, generation)
            self._signers[organisation.host, generation] = known
        return known

    def document(self, entry: Entry) -> dict[str, Any]:
        """The unsigned document of an entry, with its edits."""
        document: dict[str, Any] = self.renderer.render(entry)
        return edited(document, entry.edits) if entry.edits else document

    def credential(self, entry: Entry, payload: bytes, order: int = 0) -> Resource:
        """Sign the payload of an entry."""
        seal = entry.seal
        if seal is not None and seal.turn:
            document = orjson.loads(payload)
            for event in document["credentialSubject"]:
                event["relatedParty"].reverse()
            payload = orjson.dumps(document)
        token = self.signer(entry.issuer, seal.generation if seal else 1).sign(payload)
        if seal is not None and seal.tamper:
            head, _, signature = token.split(b".")
            forged = orjson.dumps(edited(orjson.loads(payload), seal.tamper))
            token = b".".join((head, b64url(forged), signature))
        return Resource(entry.url, VC, "credential", token, _KINDS[entry.kind], order)

    def status_list(
        self,
        url: str,
        issuer: Organisation,
        purpose: str,
        positions: Iterable[int],
        day: datetime | None = None,
    ) -> Resource:
        """One status list with the bits at ``positions`` set, as it was on a day (by default just before ``as_of``)."""
        as_of = self.world.scenario.as_of
        start, end = day or as_of - timedelta(days=1), as_of + timedelta(days=365)
        document = status_list(url, issuer, purpose, positions, start, end)
        token = self.signer(issuer).sign(orjson.dumps(document))
        return Resource(url, VC, "status-list", token, "BitstringStatusListCredential")

    def did_documents(self, directory: Directory, moment: datetime | None = None) -> Iterator[Resource]:
        """The DID document of every organisation, as of a moment (by default ``as_of``)."""
        links, prefix = directory.links(self.book), relation_prefix(self.version)
        moment = moment or self.world.scenario.as_of
        for organisation in self.world.organisations():
            signer, names = self.signer(organisation), directory.numbers(organisation)
            document = did_document(organisation, signer, links[organisation.id], names, prefix)
            for key in self.world.keys.get(organisation.id, ()):
                if key.since <= moment:
                    ended = key.revoked if key.revoked is not None and key.revoked <= moment else None
                    add_key(document, self.signer(organisation, key.generation), ended)
            url = f"{organisation.origin}/.well-known/did.json"
            yield Resource(url, "application/did+json", "did", orjson.dumps(document))

    def archive(self, directory: Directory, lists: StatusLists) -> Iterator[Resource]:
        """Status lists and DID documents as the national anchors saw them on three days."""
        for day in archive_days(self.world):
            stamp, dids = day.date().isoformat(), self.did_documents(directory, day)
            for resource in (*lists.resources(self, day), *dids):
                nation = self.world.nations[self._nations[resource.host]]
                address = resource.url.partition("://")[2]
                url = f"{nation.anchor.origin}/archive/{stamp}/{address}"
                yield Resource(url, resource.media_type, "snapshot", resource.body, resource.kind)

    @cached_property
    def _nations(self) -> dict[str, str]:
        return {organisation.host: organisation.nation for organisation in self.world.organisations()}

    def schemes(self) -> Iterator[Resource]:
        """Each vocabulary at its own address, and at those of its profiles and criteria."""
        for document in self.renderer.schemes():
            body = orjson.dumps(document)
            urls = [document["id"]]
            for profile in document["includedProfile"]:
                urls += [profile["id"], *(criterion["id"] for criterion in profile["criterion"])]
            for url in urls:
                yield Resource(url, "application/ld+json", "scheme", body, "ConformityScheme")

    def registers(self, directory: Directory) -> Iterator[Resource]:
        """What the trust offices know of schemes and software."""
        for url, document in registers(directory, self.renderer.schemes(), self.version):
            yield Resource(url, "application/json", "register", orjson.dumps(document))

    def open_data(self) -> Iterator[Resource]:
        """What offices and scheme owners publish for everybody, beside what UNTP knows."""
        for url, document in public_maps(self.world):
            yield Resource(url, "application/json", "open-data", orjson.dumps(document))

    def resolver_descriptions(self) -> Iterator[Resource]:
        for nation in self.world.nations.values():
            body = orjson.dumps(resolver_description(nation, relation_prefix(self.version)))
            url = f"https://{nation.resolver}/.well-known/resolver"
            yield Resource(url, "application/json", "resolver", body)

    def keys(self, nation: str) -> dict[str, Mapping[str, str]]:
        """Private keys of a nation's organisations by DID."""
        ours = (o for o in self.world.organisations() if o.nation == nation)
        return {organisation.did: self.signer(organisation).private_jwk() for organisation in ours}


@dataclass(slots=True)
class StatusLists:
    """Which status lists are in use, and which of their bits are set."""

    world: World
    _issuers: dict[str, tuple[Organisation, Purpose]] = field(default_factory=dict)
    _ended: dict[str, dict[int, tuple[Span, ...]]] = field(default_factory=dict)

    def see(self, entry: Entry) -> None:
        """Note the list of an entry, and what the entry ends."""
        if entry.list_url not in self._issuers:
            self._issuers[entry.list_url] = (entry.issuer, entry.purpose)
        for url, index in revoked(self.world, entry):
            self._ended.setdefault(url, {})[index] = ((entry.valid_from, None),)
        if entry.ended:
            self._ended.setdefault(entry.list_url, {})[entry.index] = entry.ended

    def resources(self, office: Office, day: datetime | None = None) -> Iterator[Resource]:
        """Every list, with the bits that are set on a day (by default ``as_of``)."""
        moment = day or self.world.scenario.as_of
        for url, (issuer, purpose) in sorted(self._issuers.items()):
            bits = self._ended.get(url, {})
            yield office.status_list(
                url, issuer, purpose, (i for i, spans in bits.items() if _within(spans, moment)), day
            )


def _within(spans: tuple[Span, ...], moment: datetime) -> bool:
    return any(start <= moment and (end is None or moment < end) for start, end in spans)


def archive_days(world: World) -> tuple[datetime, ...]:
    """The three days of which status lists and DID documents are kept: quarters of the span of the scenario."""
    start, span = world.scenario.start, world.scenario.as_of - world.scenario.start
    days = ((start + span * part / 4).date() for part in (1, 2, 3))
    return tuple(datetime.combine(day, time(), UTC) for day in days)


class Publication:
    """The paper of a small world, whose facts were collected: everything at hand, entry by entry."""

    def __init__(self, world: World, version: str = DEFAULT_VERSION) -> None:
        self.world = world
        self.office = Office(world, version)
        self.book = self.office.book
        self.renderer = self.office.renderer
        self.signer = self.office.signer
        self.schemes = self.office.schemes
        self.passing: dict[str, Page] = {}
        """Pages of single documents."""

    @cached_property
    def directory(self) -> Directory:
        directory = Directory(self.world)
        for entry in self.book.agenda.entries:
            directory.see(entry)
        return directory

    def payload(self, entry: Entry) -> bytes:
        """The JSON bytes of an entry's document."""
        payload = orjson.dumps(self.office.document(entry))
        self.passing.update({page.url: page for page in self.book.passing()})
        return payload

    def issue(self, entry: Entry) -> bytes:
        """Build, serialise and sign one credential."""
        return self.office.credential(entry, self.payload(entry)).body

    def credentials(self) -> Iterator[Resource]:
        for order, entry in enumerate(self.book.agenda.entries, 1):
            yield self.office.credential(entry, self.payload(entry), order)

    def status_lists(self) -> Iterator[Resource]:
        """The lists in use. In an honest world only credits end that were transferred or retired."""
        lists = StatusLists(self.world)
        for entry in self.book.agenda.entries:
            lists.see(entry)
        return lists.resources(self.office)

    def did_documents(self) -> Iterator[Resource]:
        return self.office.did_documents(self.directory)

    def registers(self) -> Iterator[Resource]:
        return self.office.registers(self.directory)

    def open_data(self) -> Iterator[Resource]:
        return self.office.open_data()

    def resolvers(self) -> Iterator[tuple[Resource, Resolvable | None]]:
        """Linksets with what they resolve, and each nation's resolver description."""
        for identifier in linked_identifiers(self.book):
            yield linkset(identifier, self.office.version)
        for description in self.office.resolver_descriptions():
            yield description, None

    def pages(self) -> Iterator[Resource]:
        """What documents link to. Complete only after all documents were rendered."""
        for _, page in sorted((self.passing | self.book.pages).items()):
            yield page_resource(page)


def publish(world: World, version: str = DEFAULT_VERSION) -> Publication:
    """The paper of a world, ready to be issued entry by entry."""
    return Publication(world, version)
