"""Linksets as documents: what links have to say about themselves (IDR, DAC rows), and addresses that cannot be fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.harness.addresses import split
from assay.harness.checks import NotApplicable, Remark, check
from assay.harness.checks.links import is_controlled
from assay.harness.guard import refusal
from assay.harness.leads import leads, relation_name
from assay.harness.material import DidDocument, Document, Kind, Linkset, Node
from assay.harness.resolver_trials import words
from assay.harness.results import Finding

__all__: list[str] = []

_LINKSET = frozenset({Kind.LINKSET})
_MEMBERS = frozenset({"anchor", "description", "itemDescription"})
_GS1 = frozenset({"gs1:pip", "pip", "hasRetailers", "defaultLink", "defaultLinkMulti", "certificationInfo"})
_PASSPORTS = frozenset({"dpp", "dfr"})
# The names that the page uses (AES-128) and that implementations write; the UNTP code list itself is not published.
_CIPHERS = frozenset(
    {"none", "aes", "aes-128", "aes-192", "aes-256", "aes-128-gcm", "aes-192-gcm", "aes-256-gcm"}
    | {"a128gcm", "a192gcm", "a256gcm", "aes-128-cbc", "aes-256-cbc", "chacha20-poly1305"}
)


def _rel(node: Node) -> frozenset[str]:
    return frozenset(words(node.value.get("rel")))


def _text(node: Node, name: str) -> str:
    value = node.value.get(name)
    return value if isinstance(value, str) else ""


@check("IDR-005", cls="LinkTarget")
def links_explain_themselves(node: Node) -> Iterator[Finding | Remark]:
    """Title, media type and relation of a link tell what it is for."""
    missing = [name for name in ("title", "type") if not _text(node, name).strip()]
    if missing:
        yield Finding(
            at=node.at(*missing[:1]),
            expected="title and type",
            received=f"no {' and no '.join(missing)}",
            hint="Clients choose among links by what these say.",
        )


@check("IDR-038", cls="LinkContext")
def relations_are_known(node: Node) -> Iterator[Finding | Remark]:
    """Relations are registered with IANA, defined by UNTP, or URLs."""
    for relation in node.value:
        if relation not in _MEMBERS and relation not in _GS1 and not is_controlled(relation):
            yield Finding(
                at=node.at(relation),
                expected="a relation of the IANA registry, of UNTP (dpp, dcc, dfr, dte, dia, idr), or a URL",
                received=relation[:120],
                hint="Use the registered name, or a URL that defines the relation.",
            )


@check("IDR-010", cls="LinkContext")
def versions_are_marked(node: Node) -> Iterator[Finding | Remark]:
    """Among several versions of a passport under one anchor, older ones carry ``predecessor-version``."""
    for relation, targets in node.value.items():
        if relation_name(relation) not in _PASSPORTS or not isinstance(targets, list):
            continue
        current: list[tuple[int, dict[str, object]]] = []
        for place, target in enumerate(targets):
            if not isinstance(target, dict) or not isinstance(target.get("href"), str):
                continue
            if {"predecessor-version", "edit"} & set(words(target.get("rel"))):
                continue
            other = next((number for number, known in current if _same_audience(known, target)), None)
            if other is not None:
                yield Finding(
                    at=node.at(relation, place),
                    expected="'predecessor-version' in rel of every version but the newest",
                    received=f"for the same language, media type and audience as target {other}, and not marked",
                    hint="Mark the older version.",
                )
            current.append((place, target))


def _same_audience(one: dict[str, object], other: dict[str, object]) -> bool:
    """Whether two targets are for the same readers: then they are two versions of one thing.

    The same host, media type, role and place, and a language in common; a target without ``hreflang`` is for all.
    """
    names = ("type", "accessRole", "context", "encryptionMethod")
    if split(str(one["href"])).netloc != split(str(other["href"])).netloc:
        return False
    spoken = [set(words(target.get("hreflang"))) for target in (one, other)]
    overlap = not spoken[0] or not spoken[1] or bool(spoken[0] & spoken[1])
    return overlap and all(str(one.get(name)) == str(other.get(name)) for name in names)


@check("IDR-046", cls="LinkTarget")
def edit_links_say_how(node: Node) -> Iterator[Finding | Remark]:
    """A link for adding links has rel ``edit`` and says with which method."""
    edits = "edit" in _rel(node)
    method = node.value.get("method")
    if not edits and method is None:
        raise NotApplicable("not a link to write to")
    if edits and not method:
        yield Finding(
            at=node.at("method"),
            expected="method: the verb, then the header names that are needed",
            received="no method",
            hint='For example ["POST", "Authorization"].',
        )
    if not edits and isinstance(method, list) and method[:1] != ["GET"]:
        yield Finding(
            at=node.at("rel"), expected="rel with 'edit'", received=f"method {method!r} without it"[:120]
        )


def _encrypted(node: Node) -> str:
    method = node.value.get("encryptionMethod")
    if method is None or str(method).lower() == "none":
        raise NotApplicable("the target is not encrypted")
    return str(method)


@check("DAC-019", cls="LinkTarget")
def cipher_is_known(node: Node) -> Iterator[Finding | Remark]:
    """``encryptionMethod`` names a cipher of the code list."""
    method = _encrypted(node)
    if method.lower() not in _CIPHERS:
        yield Finding(
            at=node.at("encryptionMethod"),
            expected="AES with its key length, such as AES-128 or AES-256-GCM",
            received=method[:80],
        )


@check("DAC-020", cls="LinkTarget")
def encrypted_targets_name_roles(node: Node) -> Iterator[Finding | Remark]:
    """An encrypted target says which roles may have it."""
    _encrypted(node)
    if not node.value.get("accessRole"):
        yield Finding(
            at=node.at("accessRole"),
            expected="accessRole with at least one role",
            received="none",
            hint="untp:accessRole#Anonymous stands for whoever holds the key.",
        )


@check("DAC-022", cls="LinkTarget")
def update_services_name_roles(node: Node) -> Iterator[Finding | Remark]:
    """A link for updates is marked with method POST and the role that is needed."""
    if "edit" not in _rel(node):
        raise NotApplicable("not a link to write to")
    method = node.value.get("method")
    if method not in ("POST", "PUT") and not (isinstance(method, list) and method[:1] in (["POST"], ["PUT"])):
        yield Finding(at=node.at("method"), expected="POST", received=str(method)[:80])
    if not node.value.get("accessRole"):
        yield Finding(at=node.at("accessRole"), expected="the role that may update", received="no accessRole")


@check("IDR-027", kinds=_LINKSET, basis="text")
def anchors_are_identifiers(document: Linkset) -> Iterator[Finding | Remark]:
    """As the page has it, an anchor is the identifier asked about: any URI, DIDs and URNs included."""
    for node in document.nodes("LinkContext"):
        anchor = _text(node, "anchor")
        if anchor and ":" not in anchor:
            yield Finding(
                at=node.at("anchor"), expected="an absolute URI", received=anchor[:120], basis="text"
            )


@check("IDR-029", kinds=_LINKSET, basis="text")
def targets_are_addresses(document: Linkset) -> Iterator[Finding | Remark]:
    """As the pages have it, a target may also be addressed by content (``ipfs:``, ``ar:``)."""
    for node in document.nodes("LinkTarget"):
        href = _text(node, "href")
        if href and ":" not in href:
            yield Finding(at=node.at("href"), expected="an absolute URI", received=href[:120], basis="text")


# The patterns of the published linkset schema, which is narrower than the pages.
_SCHEMA_URL = re.compile(r"https?://[a-zA-Z0-9./]+")
_SCHEMA_RELATION = re.compile(r"(?:[a-z-]+|https?://[a-zA-Z0-9./]+)\Z")


@check("IDR-027", kinds=_LINKSET, basis="schema")
def anchors_are_web_addresses(document: Linkset) -> Iterator[Finding | Remark]:
    """As the schema has it, an anchor is an http(s) URL."""
    for node in document.nodes("LinkContext"):
        anchor = _text(node, "anchor")
        if anchor and not _SCHEMA_URL.match(anchor):
            yield Finding(
                at=node.at("anchor"), expected="an http(s) URL", received=anchor[:120], basis="schema"
            )


@check("IDR-029", kinds=_LINKSET, basis="schema")
def targets_are_web_addresses(document: Linkset) -> Iterator[Finding | Remark]:
    """As the schema has it, a target is at an http(s) URL."""
    for node in document.nodes("LinkTarget"):
        href = _text(node, "href")
        if href and not _SCHEMA_URL.match(href):
            yield Finding(at=node.at("href"), expected="an http(s) URL", received=href[:120], basis="schema")


@check("IDR-037", kinds=_LINKSET, basis="schema")
def relation_keys_fit_the_schema(document: Linkset) -> Iterator[Finding | Remark]:
    """As the schema has it, a relation is a short lower-case name or a URL of letters, digits, dots and slashes."""
    for node in document.nodes("LinkContext"):
        for relation in node.value:
            if relation not in _MEMBERS and not _SCHEMA_RELATION.match(relation):
                yield Finding(
                    at=node.at(relation),
                    expected="a lower-case name, or an http(s) URL without hyphen, '#' or query",
                    received=relation[:120],
                    basis="schema",
                )


@check("IDR-037", kinds=_LINKSET, basis="text")
def relation_keys_are_names_or_urls(document: Linkset) -> Iterator[Finding | Remark]:
    """As the page and RFC 8288 have it, a relation is a registered name or any absolute URI."""
    for node in document.nodes("LinkContext"):
        for relation in node.value:
            if relation not in _MEMBERS and (not relation or any(char.isspace() for char in relation)):
                yield Finding(
                    at=node.at(relation),
                    expected="a name or an absolute URI",
                    received=relation[:120],
                    basis="text",
                )


@check("IN-019", kinds=frozenset({Kind.LINKSET, Kind.DID_DOCUMENT}))
def addresses_can_be_fetched(document: Document) -> Iterator[Finding | Remark]:
    """An address to follow is on the public web. What a crawl found out is told by the document's problems."""
    known = {problem.path for problem in document.problems if problem.code == "link"}
    for lead in leads(document, 0):
        refused = refusal(lead.target) if not lead.target.startswith("did:") else None
        if refused is not None and lead.path not in known:
            yield Finding(
                at=document.at(*lead.path),
                expected="an address that can be fetched over http(s) from a public place",
                received=f"{lead.target[:160]}: {refused[1]}",
                hint="Publish the target at a public https address and link to that.",
            )


@check("IDR-049", kinds=frozenset({Kind.DID_DOCUMENT}))
def services_are_links(document: DidDocument) -> Iterator[Finding | Remark]:
    """A service of a DID document is a link: id under the DID, link type, and a target object."""
    services = document.value.get("service") if isinstance(document.value, dict) else None
    if not isinstance(services, list) or not services:
        raise NotApplicable("the DID document has no services")
    for place, service in enumerate(services[:1000]):
        if not isinstance(service, dict):
            yield Finding(
                at=document.at("service", place), expected="an object", received=type(service).__name__
            )
            continue
        identifier, endpoint = service.get("id"), service.get("serviceEndpoint")
        if not isinstance(identifier, str) or not identifier.startswith((f"{document.did}#", "#")):
            yield Finding(
                at=document.at("service", place, "id"),
                expected=f"{document.did}#... (the DID and a fragment)",
                received=str(identifier)[:120],
            )
        targets = endpoint if isinstance(endpoint, list) else [endpoint]
        if not all(isinstance(target, dict) and isinstance(target.get("href"), str) for target in targets):
            yield Finding(
                at=document.at("service", place, "serviceEndpoint"),
                expected="a link target object with href, title and type",
                received=f"a {type(targets[0]).__name__}" if targets else "nothing",
                hint="Write the target as in a linkset, not as a bare URL.",
            )


@check("IDR-009", kinds=_LINKSET)
def links_of_one_thing_stand_together(linkset: Linkset) -> Iterator[Finding | Remark]:
    """Everything that is linked from one identifier stands in one context, under one anchor."""
    contexts = [node for node in linkset.nodes("LinkContext") if _text(node, "anchor")]
    first: dict[str, Node] = {}
    for node in contexts:
        anchor = _text(node, "anchor")
        if first.setdefault(anchor, node) is not node:
            yield Finding(
                at=node.at("anchor"),
                expected="the links of this anchor together, in one context",
                received=f"a second context for {anchor[:120]}",
                hint="Group by anchor: one object for each identifier, its relations side by side.",
            )
