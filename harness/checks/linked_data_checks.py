"""JSON-LD: contexts and their order, terms that resolve, and ``type``, without which data silently drop out of the graph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from assay.harness.checks import Remark, check
from assay.harness.checks._values import short
from assay.harness.checks.by_schema import value_at
from assay.harness.checks.terms import (
    OLD_TERMS,
    class_at,
    core_terms,
    entries,
    errors,
    forgotten,
    named_types,
    nearest,
    nodes_by_path,
    require_extension,
    terms,
    untyped,
)
from assay.harness.credential.versions import LEGACY_VERSIONS, context_urls
from assay.harness.material import UNTP_KINDS, Credential, Document, Kind, Node, Path
from assay.harness.results import Finding
from assay.profiles.untp_0_7 import CLASSES, CONTEXT_URL, V2_URL
from assay.profiles.untp_0_7.table import EVENT_CLASSES

__all__ = ["WITH_TERMS", "context_is_pinned"]

WITH_TERMS = UNTP_KINDS | {Kind.SCHEME}
_EVENTS = ("LifecycleEvent", *EVENT_CLASSES)
_MAXIMUM_GUESSES = 2_000
"""Unknown terms of one document that are compared with the names that might have been meant."""

# Classes with rows of their own (root subjects JLD-009, events 011, claims 012, issuer 013, render methods RND-004).
# An identifier scheme keeps its members by the context of the property that holds it.
_OWN_ROWS = frozenset({"Claim", "CredentialIssuer", "RenderTemplate2024", "IdentifierScheme", *_EVENTS})
_TYPED = tuple(name for name, cls in CLASSES.items() if cls.typed and name not in _OWN_ROWS)
_TYPED_ANYWHERE = (*_TYPED, *(f"{name}Reference" for name in _TYPED), "ClaimReference")


def _context_url(document: Document) -> str:
    """The UNTP context that a credential of this kind and version names."""
    if document.untp not in LEGACY_VERSIONS:
        return CONTEXT_URL
    return context_urls(document.untp, document.kind.value)[-1]


@check("JLD-001", kinds=UNTP_KINDS, silent_when_certified=True)
def context_is_pinned(document: Document) -> Iterator[Finding]:
    """The UNTP context is the released one, under its versioned URL."""
    found = entries(document)
    wanted = _context_url(document)
    if wanted not in found:
        yield Finding(
            at=document.at("@context"),
            expected=wanted,
            received=short(found),
            hint="Copy the URL exactly, with version and closing slash; unversioned URLs were never released.",
        )


@check("JLD-002", kinds=UNTP_KINDS, silent_when_certified=True)
def contexts_are_in_order(document: Document) -> Iterator[Finding]:
    """The W3C context comes first, the UNTP context second."""
    found = entries(document)
    wanted = _context_url(document)
    if V2_URL in found and wanted in found and found[:2] != [V2_URL, wanted]:
        yield Finding(
            at=document.at("@context"),
            expected=f"{V2_URL} first, {wanted} second",
            received=short(found[:3]),
            hint="Put extension contexts behind these two.",
        )


@check("JLD-003", kinds=UNTP_KINDS, silent_when_certified=True)
def contexts_are_unique(document: Document) -> Iterator[Finding]:
    """No context is listed twice."""
    seen: set[str] = set()
    for place, entry in enumerate(entries(document)):
        written = json.dumps(entry, sort_keys=True)
        if written in seen:
            yield Finding(
                at=document.at("@context", place),
                expected="each context once",
                received=f"{short(entry)} again",
                hint="Remove the repeated entry.",
            )
        seen.add(written)


def _embedded_contexts(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every ``@context`` in a document with its path, outermost first."""
    waiting = [(path, value)]
    while waiting:
        where, item = waiting.pop()
        if isinstance(item, dict):
            if "@context" in item:
                yield (*where, "@context"), item["@context"]
            waiting.extend(((*where, name), member) for name, member in item.items() if name != "@context")
        elif isinstance(item, list):
            waiting.extend(((*where, place), member) for place, member in enumerate(item))


@lru_cache(maxsize=2)
def _names_one_context(text: bytes) -> bool:
    # four rules ask this of the same text, one after the other
    return bool(text) and b"\\u" not in text and text.count(b'"@context"') <= 1


def _contexts_are_plain(document: Document) -> bool:
    """A cheap test before the whole document is walked: one ``@context``, and nothing but URLs in it."""
    envelope = document.envelope if isinstance(document, Credential) else None
    text = document.raw if envelope is None else envelope.payload
    if not _names_one_context(text):
        return False
    found = document.value.get("@context") if isinstance(document.value, dict) else None
    return isinstance(found, list) and all(isinstance(entry, str) for entry in found)


def _inline(document: Document) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Context definitions that stand in the document itself."""
    if _contexts_are_plain(document):
        return
    for path, found in _embedded_contexts(document.value):
        if isinstance(found, dict):
            yield path, found
        elif isinstance(found, list):
            for place, entry in enumerate(found):
                if isinstance(entry, dict):
                    yield (*path, place), entry


@check("JLD-004", kinds=UNTP_KINDS, silent_when_certified=True)
def no_catch_all(document: Document) -> Iterator[Finding]:
    """A credential brings no ``@vocab`` of its own, which would give every misspelling a meaning."""
    for path, definition in _inline(document):
        if definition.get("@vocab") is not None:
            yield Finding(
                at=document.at(*path, "@vocab"),
                expected="no @vocab",
                received=short(definition["@vocab"]),
                hint="Define every extension term by name in a published context.",
            )


@check("JLD-005", kinds=WITH_TERMS, silent_when_certified=True)
def extra_terms_are_defined(document: Document) -> Iterator[Finding]:
    """A property that no context defines has no meaning: it falls into the catch-all of its class.

    ``characteristics`` is the place that UNTP keeps open for any property, and is exempt.
    """
    for term in terms(document):
        if term.kind == "vocab":
            yield Finding(
                at=document.at(*term.path),
                expected="a term that a context of the document defines",
                received=f"'{term.path[-1]}', which becomes {term.detail or 'a term of the class catch-all'}",
                hint="Define the term in an extension context, or correct its spelling.",
            )


@check("JLD-006", "EXT-008", kinds=WITH_TERMS, silent_when_certified=True)
def core_terms_are_left_alone(document: Document) -> Iterator[Finding]:
    """Extension contexts leave the terms of UNTP and of the W3C as they are.

    Redefined class names stop JSON-LD processing; redefined properties of a class are overridden without a word,
    so they are looked for by name.
    """
    told = False
    for path, definition in _inline(document):
        for name in definition:
            if name in core_terms(document.kind.value, document.untp):
                told = True
                yield Finding(
                    at=document.at(*path, name),
                    expected="a term that UNTP does not define",
                    received=f"'{name}' redefined",
                    hint="Give the extension's term a name of its own.",
                )
    if told:
        return
    for error in errors(document):
        if "protected" in error.detail:
            yield Finding(
                at=document.at(*error.path),
                expected="protected terms left as they are",
                received=f"JSON-LD processing stops: {error.detail}",
                hint="An extension context redefines a term of UNTP or of the W3C context; rename it there.",
            )


@check("JLD-007", kinds=WITH_TERMS, silent_when_certified=True)
def nothing_is_dropped(document: Document) -> Iterator[Finding | Remark]:
    """JSON-LD expansion keeps everything the document says.

    What an object loses because it does not state its class is told once, by the row that asks for the class. What UNTP's
    own contexts forget is no fault of the document.
    """
    found = terms(document)
    if not found:
        return
    nodes = nodes_by_path(document)

    @cache  # a hostile object may state a hundred thousand types, each of them a term
    def bare(path: Path) -> bool:
        node = class_at(nodes, path)
        return node is not None and untyped(node)

    for term in found:
        if term.kind == "error" and "protected" not in term.detail:
            yield Finding(
                at=document.at(*term.path),
                expected="a document that JSON-LD can expand",
                received=f"processing stops: {term.detail}",
            )
        if term.kind not in ("dropped", "relative_type"):
            continue
        if bare(term.path[:-1]):
            continue
        if forgotten(document, term.path):
            told = str(value_at(document.value, term.path)) if term.kind == "relative_type" else term.path[-1]
            yield Remark(f"the contexts of UNTP {document.untp} forget '{told}', which its schemas define")
            continue
        name = str(term.path[-1])
        node = class_at(nodes, term.path[:-1]) if term.kind == "dropped" else None
        near = nearest(node.cls, name, document.untp) if node is not None else None
        yield Finding(
            at=document.at(*term.path),
            expected="a term that a context of the document defines",
            received=f"'{name}' is dropped" if term.kind == "dropped" else "a type that no context defines",
            hint=f"Did you mean '{near}'?"
            if near
            else "Define the term in an extension context, or remove it.",
        )


@check("JLD-008", kinds=WITH_TERMS, silent_when_certified=True)
def core_terms_are_spelt_right(document: Document) -> Iterator[Finding]:
    """A name that is nearly one of the class's own is a misspelling; the catch-all of the class hides it."""
    unknown = [term for term in terms(document) if term.kind == "vocab" and term.path]
    nodes = nodes_by_path(document) if unknown else {}
    for term in unknown[:_MAXIMUM_GUESSES]:
        name = str(term.path[-1])
        if name in OLD_TERMS or name == "renderTemplate2024":
            continue
        node = class_at(nodes, term.path[:-1])
        near = nearest(node.cls, name) if node is not None else None
        if near is not None:
            yield Finding(
                at=document.at(*term.path),
                expected=f"'{near}'",
                received=f"'{name}'",
                hint=f"Correct the spelling: as it stands, no reader finds the {near}.",
            )


def _asks_for_type(node: Node) -> Iterator[Finding]:
    if named_types(node):
        return
    names = CLASSES[node.cls].types if node.cls in CLASSES else (node.cls,)
    yield Finding(
        at=node.at(),
        expected=f"type with {' and '.join(names)}",
        received="no type",
        hint="Without its type JSON-LD drops what the class defines, and readers of the graph never see it.",
    )


@check(
    "JLD-009",
    cls=("Product", "ConformityAttestation", "Facility", "RegisteredIdentity"),
    silent_when_certified=True,
    series="0.7",
)
def subject_states_its_class(node: Node) -> Iterator[Finding]:
    """The subject of a credential states its class."""
    if node.path == ("credentialSubject",):
        yield from _asks_for_type(node)


@check("JLD-010", cls=_TYPED_ANYWHERE, kinds=UNTP_KINDS, silent_when_certified=True, series="0.7")
def nested_nodes_state_their_class(node: Node) -> Iterator[Finding]:
    """Parties, facilities, products, assessments and references to them state their class."""
    # the type first: putting a path together costs more
    if not named_types(node) and node.path != ("credentialSubject",):
        yield from _asks_for_type(node)


@check("JLD-011", cls=_EVENTS, silent_when_certified=True, series="0.7")
def events_state_both_classes(node: Node) -> Iterator[Finding]:
    """An event states which event it is, and that it is a lifecycle event."""
    stated = named_types(node)
    if "LifecycleEvent" not in stated or not set(EVENT_CLASSES).intersection(stated):
        yield Finding(
            at=node.at("type"),
            expected="LifecycleEvent and one of " + ", ".join(EVENT_CLASSES),
            received=", ".join(stated) or "no type",
            hint="Readers that know only lifecycle events, and readers that know only one kind, both need it.",
        )


@check("JLD-012", cls="Claim", silent_when_certified=True, series="0.7")
def claims_state_their_class(node: Node) -> Iterator[Finding]:
    """A claim without its class loses criteria, performance and topic in the graph."""
    yield from _asks_for_type(node)


@check("JLD-013", cls="CredentialIssuer", silent_when_certified=True, series="0.7")
def issuer_states_its_class(node: Node) -> Iterator[Finding]:
    """An issuer with further identities states its class, or they are lost."""
    if "issuerAlsoKnownAs" in node.value:
        yield from _asks_for_type(node)


@check("JLD-014", kinds=UNTP_KINDS, silent_when_certified=True, series="0.7")
def extended_types_keep_their_parents(document: Document) -> Iterator[Finding]:
    """An object of an extension's class states the UNTP class beside it."""
    require_extension(document)
    for node in nodes_by_path(document).values():
        stated = named_types(node)
        definition = CLASSES.get(node.cls)
        if definition is not None and definition.typed and stated and node.cls not in stated:
            yield Finding(
                at=node.at("type"),
                expected=f"{node.cls} among the types",
                received=", ".join(stated),
                hint="Keep the UNTP class in the array; readers that do not know the extension need it.",
            )


@check("JLD-020", kinds=WITH_TERMS, silent_when_certified=True)
def identifiers_are_absolute(document: Document) -> Iterator[Finding]:
    """Identifiers are absolute IRIs; a relative one means something else at every place it is read."""
    for term in terms(document):
        if term.kind in ("relative_id", "bad_iri"):
            yield Finding(
                at=document.at(*term.path),
                expected="an absolute IRI",
                received=short(term.detail) if term.detail else "a relative one",
                hint="Start with a scheme, such as https: or did:.",
            )
