"""Where a document leads: DIDs, status lists, linksets, credentials, vocabularies and files that it names.

Pure reading; nothing is fetched here. The order is that of the document, so that a crawl is the same every time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assay.harness.addresses import split
from assay.harness.checks.links import CREDENTIAL_LINKS, link_kind
from assay.harness.credential import did as dids
from assay.harness.credential.verify import needs
from assay.harness.material import Credential, DidDocument, Document, Linkset, Path, Scheme

__all__ = ["ACCEPT", "Lead", "Want", "leads", "needed", "query", "relation_name", "start"]


class Want(StrEnum):
    """What is expected at the other end of a lead."""

    DID = "did"
    STATUS = "status"
    LINKSET = "linkset"
    CREDENTIAL = "credential"
    SCHEME = "scheme"
    FILE = "file"


ACCEPT: Mapping[Want, str] = {
    Want.DID: "application/did+json, application/did+ld+json, application/did, application/json",
    Want.STATUS: "application/vc+jwt, application/jwt, application/json",
    Want.LINKSET: "application/linkset+json, application/json",
    Want.CREDENTIAL: "application/vc+jwt, application/vc, application/jwt, application/ld+json, application/json",
    Want.SCHEME: "application/ld+json, application/json",
    Want.FILE: "*/*",
}

_IDENTIFIED = (
    *(
        "Product",
        "ProductReference",
        "EventProduct",
        "Facility",
        "FacilityReference",
        "Party",
        "PartyReference",
    ),
    *("RegisteredIdentity", "Consignment"),
)
_SCHEMES = ("ConformitySchemeReference", "ConformityProfileReference")


@dataclass(frozen=True, slots=True)
class Lead:
    """One reference from a document (or from the manifest, ``via`` None) to something that can be fetched.

    ``target`` is a URL or a DID; ``relation`` how the source calls it (``dpp``, ``status``, ...); ``encrypted`` when the
    source says that the target cannot be read by everybody.
    """

    want: Want
    target: str
    via: int | None = None
    path: Path = ()
    relation: str = ""
    media_type: str = ""
    encrypted: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What is fetched: leads with the same key share one answer."""
        return (self.url, ACCEPT[self.want])

    @property
    def url(self) -> str:
        """The URL to ask, or the DID itself where it has none."""
        if self.want is Want.DID:
            try:
                return dids.did_web_url(self.target)
            except dids.DidError:
                return self.target
        if self.want is Want.LINKSET:
            return query(self.target, "linkType=linkset")
        return self.target.partition("#")[0]


def query(url: str, parameter: str) -> str:
    """A URL with one more query parameter, unless it has one of that name already; without fragment."""
    address = url.partition("#")[0]
    if parameter.partition("=")[0] + "=" in split(address).query:
        return address
    return f"{address}{'&' if '?' in address else '?'}{parameter}"


def relation_name(relation: str) -> str:
    """The short name of a relation: ``dpp`` for ``untp:dpp`` and for link type IRIs that end in it."""
    for separator in ("#", "/", ":"):
        relation = relation.rpartition(separator)[2]
    return relation


def start(identifier: str) -> Lead:
    """The lead that an identifier or address in a manifest gives: a DID, or something to resolve."""
    return Lead(Want.DID if identifier.startswith("did:") else Want.LINKSET, identifier, relation="start")


def leads(document: Document, via: int) -> Iterator[Lead]:
    """Everything a document leads to, in its order; ``via`` is the document's index."""
    if isinstance(document, Linkset):
        yield from _from_linkset(document, via)
    elif isinstance(document, DidDocument):
        yield from _from_did_document(document, via)
    elif isinstance(document, Credential | Scheme):
        yield from _from_credential(document, via)


def needed(document: Document, via: int) -> Iterator[Lead]:
    """Of the leads of a document those without which it cannot be judged: its issuer and its status lists."""
    if isinstance(document, Credential):
        yield from _needed(document, via)


def _from_linkset(document: Linkset, via: int) -> Iterator[Lead]:
    for node in document.nodes("LinkTarget"):
        relation = str(next((step for step in reversed(node.path) if isinstance(step, str)), ""))
        href, rel = node.value.get("href"), node.value.get("rel")
        if not isinstance(href, str) or "method" in node.value or (isinstance(rel, list) and "edit" in rel):
            continue
        media_type = node.value.get("type")
        media_type = media_type if isinstance(media_type, str) else ""
        yield Lead(
            _wanted(relation, media_type),
            href,
            via,
            (*node.path, "href"),
            relation,
            media_type,
            "encryptionMethod" in node.value,
        )


def _wanted(relation: str, media_type: str) -> Want:
    name = relation_name(relation)
    if name in CREDENTIAL_LINKS:
        return Want.CREDENTIAL
    if name in ("idr", "linkset") or media_type == "application/linkset+json":
        return Want.LINKSET
    essence = media_type.partition(";")[0].strip().lower()
    if essence in ("application/vc+jwt", "application/vc", "application/vc+ld+json"):
        return Want.CREDENTIAL
    return Want.FILE


def _from_did_document(document: DidDocument, via: int) -> Iterator[Lead]:
    services = document.value.get("service") if isinstance(document.value, dict) else None
    for i, service in enumerate(services[:1000] if isinstance(services, list) else []):
        if not isinstance(service, dict):
            continue
        types = service.get("type")
        relation = str((types[0] if isinstance(types, list) and types else types) or "")
        yield from _endpoints(
            service.get("serviceEndpoint"), relation, via, ("service", i, "serviceEndpoint")
        )


def _endpoints(value: Any, relation: str, via: int, path: Path) -> Iterator[Lead]:
    if isinstance(value, list):
        for i, item in enumerate(value[:1000]):
            yield from _endpoints(item, relation, via, (*path, i))
        return
    href = value.get("href") if isinstance(value, dict) else value
    media_type = value.get("type") if isinstance(value, dict) else ""
    if isinstance(href, str):
        where = (*path, "href") if isinstance(value, dict) else path
        media_type = media_type if isinstance(media_type, str) else ""
        encrypted = isinstance(value, dict) and "encryptionMethod" in value
        yield Lead(_wanted(relation, media_type), href, via, where, relation, media_type, encrypted)


def _needed(document: Document, via: int) -> Iterator[Lead]:
    wanted = needs(document)
    for did in wanted.dids:
        yield Lead(Want.DID, did, via, ("issuer", "id"), "issuer")
    for url in wanted.status_lists:
        yield Lead(Want.STATUS, url, via, ("credentialStatus", "statusListCredential"), "status")


def _from_credential(document: Document, via: int) -> Iterator[Lead]:
    yield from _needed(document, via)
    for node in document.nodes(*_IDENTIFIED):
        identifier = node.value.get("id")
        if isinstance(identifier, str) and _resolvable(identifier):
            where = (*node.path, "id")
            if identifier.startswith("did:"):
                yield Lead(Want.DID, dids.did_of(identifier), via, where, "id")
            else:
                yield Lead(Want.LINKSET, identifier, via, where, "id")
    for node in document.nodes(*_SCHEMES):
        identifier = node.value.get("id")
        if isinstance(identifier, str) and identifier.startswith("http"):
            yield Lead(Want.SCHEME, identifier, via, (*node.path, "id"), "scheme")
    for node in document.nodes("Link"):
        href, media_type = node.value.get("linkURL"), node.value.get("mediaType")
        if isinstance(href, str):
            relation = link_kind(node.value)
            media_type = media_type if isinstance(media_type, str) else ""
            want = Want.CREDENTIAL if relation else _wanted("", media_type)
            yield Lead(want, href, via, (*node.path, "linkURL"), relation or "link", media_type)
    for node in document.nodes("RenderTemplate2024"):
        href, media_type = node.value.get("url"), node.value.get("mediaType")
        if isinstance(href, str):
            media_type = media_type if isinstance(media_type, str) else ""
            yield Lead(Want.FILE, href, via, (*node.path, "url"), "template", media_type)


def _resolvable(identifier: str) -> bool:
    if identifier.startswith("did:"):
        return not dids.self_describing(identifier)
    return identifier.startswith(("https://", "http://"))
