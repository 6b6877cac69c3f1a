"""Writing a world to disk in the layout of ``profiles.contracts.dataset``: signed, published, byte-identical per seed."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from assay import __version__
from assay.profiles.contracts.dataset import Dataset, NodeIndex, PublishedFile, Resolvable
from assay.simulator.issuance.agenda import Entry
from assay.simulator.issuance.book import Book, Page, stamp
from assay.simulator.issuance.custody import revoked
from assay.simulator.issuance.discovery import (
    Directory,
    did_document,
    linked_identifiers,
    resolver_description,
)
from assay.simulator.issuance.keys import Signer, signer_for
from assay.simulator.issuance.registers import registers
from assay.simulator.issuance.status import status_list
from assay.simulator.issuance.v0_7 import VERSION, Renderer
from assay.simulator.world import Organisation, World

__all__ = ["DatasetError", "Publication", "Resource", "publish", "write_dataset"]

_KINDS = {
    "dpp": "DigitalProductPassport",
    "dcc": "DigitalConformityCredential",
    "dfr": "DigitalFacilityRecord",
    "dte": "DigitalTraceabilityEvent",
    "dia": "DigitalIdentityAnchor",
}
_VC = "application/vc+jwt"


class DatasetError(OSError):
    """A dataset that cannot be written where the user wants it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One published resource: where it stands, and its bytes as served."""

    url: str
    media_type: str
    role: str
    body: bytes
    kind: str = ""
    order: int = 0
    """Credentials: position in the flat folder, from 1."""

    @property
    def host(self) -> str:
        return self.url.split("/", 3)[2]

    @property
    def file(self) -> str:
        """Path of the file: ``files/``, host, path. Where addresses nest, the file stands in a folder of that name."""
        host, _, path = self.url.removeprefix("https://").partition("/")
        leaf = {"scheme": "/vocabulary.jsonld", "linkset": "/linkset.json"}.get(self.role, "")
        return f"files/{host}/{path or 'index.html'}{leaf}"


class Publication:
    """A world's paper: renders and signs. Fetches nothing, writes nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.book = Book(world)
        self.renderer = Renderer(self.book)
        self.passing: dict[str, Page] = {}
        """Pages of single documents."""
        self._signers: dict[str, Signer] = {}

    def signer(self, organisation: Organisation) -> Signer:
        known = self._signers.get(organisation.did)
        if known is None:
            known = self._signers[organisation.did] = signer_for(self.world.seed, organisation.did)
        return known

    @cached_property
    def directory(self) -> Directory:
        directory = Directory(self.world)
        for entry in self.book.agenda.entries:
            directory.see(entry)
        return directory

    def payload(self, entry: Entry) -> bytes:
        """The JSON bytes of an entry's document."""
        payload = orjson.dumps(self.renderer.render(entry))
        self.passing.update({page.url: page for page in self.book.passing()})
        return payload

    def issue(self, entry: Entry) -> bytes:
        """Build, serialise and sign one credential."""
        return self.signer(entry.issuer).sign(self.payload(entry))

    def credentials(self) -> Iterator[Resource]:
        for order, entry in enumerate(self.book.agenda.entries, 1):
            yield Resource(entry.url, _VC, "credential", self.issue(entry), _KINDS[entry.kind], order)

    def status_lists(self) -> Iterator[Resource]:
        """The lists in use. In an honest world only credits end that were transferred or retired."""
        as_of = self.world.scenario.as_of
        start, end = as_of - timedelta(days=1), as_of + timedelta(days=365)
        lists: dict[str, Entry] = {}
        ended: dict[str, list[int]] = {}
        for entry in self.book.agenda.entries:
            lists[entry.list_url] = entry
            for url, index in revoked(self.world, entry):
                ended.setdefault(url, []).append(index)
        for url, entry in sorted(lists.items()):
            document = status_list(url, entry.issuer, entry.purpose, ended.get(url, ()), start, end)
            token = self.signer(entry.issuer).sign(orjson.dumps(document))
            yield Resource(url, _VC, "status-list", token, "BitstringStatusListCredential")

    def did_documents(self) -> Iterator[Resource]:
        links = self.directory.links(self.book)
        for organisation in self.world.organisations():
            document = did_document(
                organisation,
                self.signer(organisation),
                links.get(organisation.id, []),
                self.directory.numbers(organisation),
            )
            url = f"{organisation.origin}/.well-known/did.json"
            yield Resource(url, "application/did+json", "did", orjson.dumps(document))

    def schemes(self) -> Iterator[Resource]:
        """Each vocabulary at its own address, and at those of its profiles and criteria."""
        for document in self.renderer.schemes():
            body = orjson.dumps(document)
            urls = [document["id"]]
            for profile in document["includedProfile"]:
                urls += [profile["id"], *(criterion["id"] for criterion in profile["criterion"])]
            for url in urls:
                yield Resource(url, "application/ld+json", "scheme", body, "ConformityScheme")

    def registers(self) -> Iterator[Resource]:
        """What the trust offices know of schemes and software."""
        for url, document in registers(self.directory, self.renderer.schemes(), VERSION):
            yield Resource(url, "application/json", "register", orjson.dumps(document))

    def resolvers(self) -> Iterator[tuple[Resource, Resolvable | None]]:
        """Linksets with what they resolve, and each nation's resolver description."""
        for identifier in linked_identifiers(self.book):
            body = orjson.dumps(identifier.linkset())
            url = identifier.linkset_url
            resolvable: Resolvable = {
                "uri": identifier.uri,
                "linkset": url,
                "default": identifier.links[0].url,
            }
            yield Resource(url, "application/linkset+json", "linkset", body), resolvable
        for nation in self.world.nations.values():
            body = orjson.dumps(resolver_description(nation))
            yield (
                Resource(
                    f"https://{nation.resolver}/.well-known/resolver", "application/json", "resolver", body
                ),
                None,
            )

    def pages(self) -> Iterator[Resource]:
        """What documents link to. Complete only after all documents were rendered."""
        pages = self.passing | self.book.pages
        for _, page in sorted(pages.items()):
            yield Resource(page.url, page.media_type, "page", page.body)


def publish(world: World) -> Publication:
    """The paper of a world, ready to be issued entry by entry."""
    return Publication(world)


def write_dataset(world: World, target: str | Path) -> Dataset:
    """Render, sign and write a world to ``target``, all or nothing. Raises :class:`DatasetError`.

    ``target`` may be missing or an earlier dataset, which is replaced; anything else is left alone.
    """
    folder = Path(target)
    if (
        folder.exists()
        and not (folder / "dataset.json").is_file()
        and (not folder.is_dir() or any(folder.iterdir()))
    ):
        raise DatasetError(f"{folder} exists and is no dataset; name a new or empty folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise DatasetError(f"cannot write {folder}: {error.strerror}") from error
    try:
        dataset = _write(publish(world), work)
        work.chmod(0o755)
        _replace(work, folder)
    except OSError as error:
        raise DatasetError(f"cannot write {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return dataset


def _replace(work: Path, folder: Path) -> None:
    """Put the finished folder in place of an earlier one."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        folder.replace(old / "dataset")
        work.replace(folder)
        shutil.rmtree(old)
    else:
        work.replace(folder)


def _write(publication: Publication, folder: Path) -> Dataset:
    world, scenario = publication.world, publication.world.scenario
    resources: list[Resource] = []
    resolvables: dict[str, list[Resolvable]] = {}
    resources += publication.credentials()
    resources += publication.status_lists()
    resources += publication.did_documents()
    resources += publication.schemes()
    resources += publication.registers()
    for resource, resolvable in publication.resolvers():
        resources.append(resource)
        if resolvable is not None:
            resolvables.setdefault(resource.host, []).append(resolvable)
    resources += publication.pages()

    written: dict[str, bytes] = {}
    for resource in resources:
        written[resource.file] = resource.body
        if resource.role == "credential":
            written[f"credentials/{resource.order:06d}.jwt"] = resource.body
    for nation in world.nations.values():
        index = _node(world, nation.code, resources, resolvables.get(nation.resolver, []))
        written[f"nodes/{nation.code}.json"] = _pretty(index)
        keys = {
            o.did: publication.signer(o).private_jwk()
            for o in world.organisations()
            if o.nation == nation.code
        }
        written[f"keys/{nation.code}.json"] = _pretty(keys)
    written["ledger.jsonl"] = b"".join(orjson.dumps(row) + b"\n" for row in world.ledger.rows())
    roles: dict[str, int] = {}
    for resource in resources:
        name = resource.kind if resource.role == "credential" else resource.role
        roles[name] = roles.get(name, 0) + 1
    packs = (lot for lot in world.ledger.lots.values() if lot.kind == "pack")
    dataset: Dataset = {
        "assay": __version__,
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "seed": world.seed,
        "as_of": stamp(scenario.as_of),
        "untp": VERSION,
        "nations": list(world.nations),
        "roots": [world.product_uri(lot) for lot in packs],
        "trust_anchors": [nation.anchor.did for nation in world.nations.values()],
        "counts": dict(sorted(roles.items())),
        "files": {
            name: "sha256:" + hashlib.sha256(body).hexdigest() for name, body in sorted(written.items())
        },
    }
    for name, body in sorted(written.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    (folder / "dataset.json").write_bytes(_pretty(dataset))
    return dataset


def _node(world: World, code: str, resources: list[Resource], resolvables: list[Resolvable]) -> NodeIndex:
    nation = world.nations[code]
    ours = [o for o in world.organisations() if o.nation == code]
    hosts = sorted({nation.resolver, *(organisation.host for organisation in ours)})
    files: list[PublishedFile] = []
    for resource in resources:
        if resource.host in hosts:
            entry: PublishedFile = {
                "url": resource.url,
                "file": resource.file,
                "media_type": resource.media_type,
                "role": resource.role,
            }
            if resource.kind:
                entry["kind"] = resource.kind
            files.append(entry)
    return {
        "nation": code,
        "name": nation.name,
        "hosts": hosts,
        "resolver_host": nation.resolver,
        "files": files,
        "resolvables": resolvables,
        "issuers": [organisation.did for organisation in ours],
    }


def _pretty(value: Mapping[str, Any] | Dataset | NodeIndex) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
