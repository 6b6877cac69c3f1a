"""The other side of contradictions: what holds by the text where a row follows the published artefact, and the reverse.

Each check here belongs to a row with ``follows`` in the catalogue and gives the verdict of the side that the row does not
take. It never enters the verdict of a run. The contradictions are told, one by one, in ``profiles/positions.yaml``.

What is wrong by both sides is told by both: the text lets pass only what it says otherwise than the schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from assay.harness.checks import NotApplicable, Remark, Undecided, check
from assay.harness.checks._values import as_number, as_text, identifier, mappings, related, short, slug
from assay.harness.checks.by_schema import describe, is_held, value_at
from assay.harness.checks.legacy_subject_checks import GOODS_OF, event_is_about_goods, longitude_comes_first
from assay.harness.checks.legacy_subject_checks import NUMBER_OF as LEGACY_NUMBER_OF
from assay.harness.checks.linked_data_checks import WITH_TERMS, context_is_pinned
from assay.harness.checks.passport_checks import NUMBER_OF
from assay.harness.checks.terms import entries, terms
from assay.harness.material import UNTP_KINDS, Credential, Document, Kind, Node, SchemaError
from assay.harness.results import Finding
from assay.profiles.untp_0_7 import codes

__all__: list[str] = []

_PAGES_CONTEXT = re.compile(
    r"https://(?:vocabulary\.uncefact\.org/untp/|test\.uncefact\.org/(?:vocabulary/)?untp/)(?:[\w.-]+/)*\Z"
)
"""The unversioned and test addresses that examples of the pages show (P-15)."""
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")
_ROLES_OF_PAGES = frozenset({"shipper", "receiver"})
_SINGULAR_TOPIC = codes.TOPIC_PREFIX.replace("-topics/", "-topic/")
_SINGULAR_METRIC = codes.METRIC_PREFIX.replace("-metrics/", "-metric/")
_OF_CLASSIFICATION = ("name", "schemeId", "schemeID", "schemeName")
_Excuse = Callable[[SchemaError, Any], bool]


def _held(document: Document) -> None:
    if not is_held(document):
        raise Undecided("the document was not held against the schema of its version of UNTP")


def _members(error: SchemaError) -> frozenset[str]:
    """The members that a missing or an unknown one is about."""
    if error.keyword not in ("required", "additionalProperties"):
        return frozenset()
    return frozenset(place.partition(".")[2] for place in error.places if "." in place)


def _by_schema(document: Document, *path: str | int) -> Iterator[Finding]:
    """Whatever the schema finds at a member or below it; nothing where it is silent."""
    _held(document)
    for error in document.schema_errors:
        if error.path[: len(path)] == path or (error.path == path[:-1] and path[-1] in _members(error)):
            yield replace(describe(document, error), basis="schema")


def _by_text(node: Node, places: tuple[str, ...], excused: _Excuse) -> Iterator[Finding]:
    """Whatever the schema finds in a node at the places of its row, but for what the text says otherwise."""
    document, path = node.document, node.path
    _held(document)
    for error in document.schema_errors:
        if error.path[: len(path)] != path or not error.places or error.places[0] not in places:
            continue
        if not excused(error, value_at(document.value, error.path)):
            yield replace(describe(document, error), basis="text")


# -- rows that follow the text, which asks for more than the artefact --------------------------------------------------


@check("VCP-002", kinds=UNTP_KINDS, basis="schema", silent_when_certified=True)
def type_by_the_schema(credential: Credential) -> Iterator[Finding]:
    """The schemas do not require ``type``; they look at it where it is there (P-30)."""
    yield from _by_schema(credential, "type")


@check("DCC-026", cls="ConformityAssessment", basis="schema", silent_when_certified=True)
def result_by_the_schema(node: Node) -> Iterator[Finding]:
    """The schema of 0.7 leaves ``conformance`` optional (P-17)."""
    yield from _by_schema(node.document, *node.path, "conformance")


@check("DIA-009", cls="RegisteredIdentity", basis="schema", series="0.7", silent_when_certified=True)
def scope_by_the_schema(node: Node) -> Iterator[Finding]:
    """The schema leaves ``registrationScope`` optional (P-21)."""
    yield from _by_schema(node.document, *node.path, "registrationScope")


@check("DIA-009", cls="RegisteredIdentity", basis="schema", series="0.6", silent_when_certified=True)
def scope_list_by_the_schema(node: Node) -> Iterator[Finding]:
    """The schema of 0.6 leaves ``registrationScopeList`` optional (P-21)."""
    yield from _by_schema(node.document, *node.path, "registrationScopeList")


@check("DPP-009", cls="Product", basis="schema", series="0.7", silent_when_certified=True)
def number_by_the_schema(node: Node) -> Iterator[Finding]:
    """The schema asks for no item, batch or model number (P-22)."""
    member = NUMBER_OF.get(as_text(node.value.get("idGranularity")))
    if member is not None:
        yield from _by_schema(node.document, *node.path, member)


@check("DPP-009", cls="ProductPassport", basis="schema", series="0.6", silent_when_certified=True)
def serial_number_by_the_schema(node: Node) -> Iterator[Finding]:
    """The schema of 0.6 asks for no serial or batch number (P-22)."""
    member = LEGACY_NUMBER_OF.get(as_text(node.value.get("granularityLevel")))
    if member is not None:
        yield from _by_schema(node.document, *node.path, "product", member)


@check("DAC-019", cls="LinkTarget", basis="schema")
def cipher_by_the_schema(node: Node) -> Iterator[Finding]:
    """The linkset schema takes any string for a cipher (P-10)."""
    if node.value.get("encryptionMethod") is None:
        raise NotApplicable("the target is not encrypted")
    yield from _by_schema(node.document, *node.path, "encryptionMethod")


@check("JLD-005", "JLD-008", kinds=WITH_TERMS, basis="schema", silent_when_certified=True)
def terms_by_the_context(document: Document) -> Iterator[Finding]:
    """By the published context, the @vocab of a class gives every term an IRI that has none of its own (P-06)."""
    for term in terms(document):
        if term.kind == "vocab" and not term.detail:
            yield Finding(
                at=document.at(*term.path),
                expected="a term that the context gives an IRI",
                received="none: JSON-LD drops it",
                basis="schema",
            )


@check("CVC-046", cls="ConformityTopic", kinds=(Kind.SCHEME,), basis="schema")
def topic_by_the_vocabulary(node: Node) -> Iterator[Finding]:
    """The published vocabulary of topics writes its path in the plural only (P-14)."""
    iri = identifier(node.value)
    if not iri:
        raise NotApplicable("no id")
    if codes.topic_slug(iri) is None:
        yield Finding(
            at=node.at("id"),
            expected=f"a topic under {codes.TOPIC_PREFIX}",
            received=short(iri),
            basis="schema",
        )


# -- rows that follow the artefact, where the text lets something else pass --------------------------------------------


@check("VCP-010", kinds=UNTP_KINDS, basis="text", series="0.7")
def issuer_by_the_text(credential: Credential) -> Iterator[Finding | Remark]:
    """The page only advises a DID (SHOULD); the data model asks for any URL (P-07)."""
    issuer = credential.issuer_id
    if not issuer:
        raise NotApplicable("the issuer has no id (VCP-008)")
    if not _ABSOLUTE.match(issuer):
        yield Finding(
            at=credential.at("issuer", "id"), expected="a URL", received=short(issuer), basis="text"
        )
    elif not issuer.startswith("did:"):
        yield Remark("the page advises a DID (SHOULD), and lets other URLs pass")


@check("JLD-001", kinds=UNTP_KINDS, basis="text", silent_when_certified=True)
def context_by_the_pages(document: Document) -> Iterator[Finding]:
    """Examples of the pages show unversioned and test addresses of the context (P-15)."""
    if any(isinstance(entry, str) and _PAGES_CONTEXT.match(entry) for entry in entries(document)):
        return
    for said in context_is_pinned(document):
        yield replace(said, basis="text")


@check("IN-012", basis="text")
def context_host_by_the_pages(document: Document) -> Iterator[Finding]:
    """The same, of every document that names a context of UNTP (P-15)."""
    for problem in document.problems:
        if problem.code == "context-host" and not _PAGES_CONTEXT.match(
            as_text(value_at(document.value, problem.path))
        ):
            yield Finding(
                at=document.at(*problem.path),
                expected=problem.expected,
                received=problem.received,
                basis="text",
            )


@check("DIA-006", cls="RegisteredIdentity", basis="text", silent_when_certified=True)
def scheme_by_the_page(node: Node) -> Iterator[Finding]:
    """The page of identity anchors calls the scheme of the identifier ``schemeId`` (P-13)."""
    named = related(node.value, "schemeId")
    renamed = bool(identifier(named) and as_text(named.get("name")))
    places = (
        "RegisteredIdentity.idScheme",
        *(f"IdentifierScheme{member}" for member in ("", ".id", ".name", ".type")),
    )
    yield from _by_text(
        node,
        places,
        lambda error, _: renamed and error.keyword == "required" and "idScheme" in _members(error),
    )


@check("DPP-013", cls="Classification", basis="text", silent_when_certified=True)
def classification_by_the_pages(node: Node) -> Iterator[Finding]:
    """Examples of the pages keep ``schemeID``, the spelling of 0.6, in classifications (P-13)."""
    renamed = isinstance(node.value.get("schemeID"), str)
    yield from _by_text(
        node,
        ("Classification", *(f"Classification.{name}" for name in _OF_CLASSIFICATION)),
        lambda error, _: renamed and bool(_members(error)) and _members(error) <= {"schemeId", "schemeID"},
    )


@check("DPP-018", cls="PartyRole", basis="text", silent_when_certified=True)
def role_by_the_page(node: Node) -> Iterator[Finding]:
    """The page of events speaks of shipper and receiver (P-20)."""
    yield from _by_text(
        node,
        ("PartyRole.role", "PartyRole"),
        lambda error, found: error.keyword == "enum" and as_text(found) in _ROLES_OF_PAGES,
    )


@check("DTE-022", cls="EventProduct", basis="text", silent_when_certified=True)
def disposition_by_the_page(node: Node) -> Iterator[Finding]:
    """The page of events writes ``in_transit``, as GS1 does (P-19)."""
    yield from _by_text(
        node,
        ("EventProduct.disposition",),
        lambda error, found: error.keyword == "enum" and found == "in_transit",
    )


@check("DPP-051", cls="Performance", basis="text")
def metric_by_the_pages(node: Node) -> Iterator[Finding]:
    """Pages and samples write the path of metrics in the singular (P-14)."""
    iri = identifier(node.value.get("metric"))
    if iri and node.document.kind is not Kind.SCHEME and codes.metric_slug(iri) is None:
        if iri.startswith(_SINGULAR_METRIC) and slug(iri) in codes.METRICS:
            return
        yield Finding(
            at=node.at("metric", "id"),
            expected=f"a concept below {codes.METRIC_PREFIX} or {_SINGULAR_METRIC}",
            received=short(iri),
            basis="text",
        )


@check("DPP-056", cls="ConformityTopic", basis="text")
def topic_by_the_pages(node: Node) -> Iterator[Finding]:
    """Pages and samples write the path of topics in the singular (P-14)."""
    iri = identifier(node.value)
    if iri and node.document.kind is not Kind.SCHEME and codes.topic_slug(iri) is None:
        if iri.startswith(_SINGULAR_TOPIC) and slug(iri) in codes.TOPICS:
            return
        yield Finding(
            at=node.at("id"),
            expected=f"a concept below {codes.TOPIC_PREFIX} or {_SINGULAR_TOPIC}",
            received=short(iri),
            basis="text",
        )


@check("IDR-034", cls="LinkTarget", basis="text")
def method_by_the_page(node: Node) -> Iterator[Finding]:
    """Examples of the page give the HTTP method as one string (P-12)."""
    yield from _by_text(
        node,
        ("LinkTarget.method",),
        lambda error, found: error.keyword == "type" and isinstance(found, str),
    )


@check("IDR-036", cls="LinkTarget", basis="text")
def members_by_the_page(node: Node) -> Iterator[Finding]:
    """An example of the page gives the language of a target as ``lang`` (P-12)."""
    _held(node.document)
    for error in node.document.schema_errors:
        if (
            error.keyword == "additionalProperties"
            and error.path == node.path
            and _members(error) != {"lang"}
        ):
            yield replace(describe(node.document, error), basis="text")


@check("LEG-010", cls="Facility", basis="text", series="0.6")
def latitude_comes_first(node: Node) -> Iterator[Finding]:
    """The example of the 0.6 page gives latitude before longitude (P-23)."""
    location = related(node.value, "locationInformation", "geoLocation")
    pair = location.get("coordinates")
    if (
        not isinstance(pair, list)
        or len(pair) < 2
        or as_number(pair[0]) is None
        or as_number(pair[1]) is None
    ):
        raise NotApplicable("there is no point")
    turned = {"coordinates": [pair[1], pair[0]]}
    told = {**node.value, "locationInformation": {"geoLocation": turned}}
    for said in longitude_comes_first(Node(node.document, node.cls, node.path, told)):
        yield replace(
            said, expected=said.expected.replace("longitude, then latitude", "latitude, then longitude"),
            received=f"{pair[0]:g}, {pair[1]:g}", hint="", basis="text",
        )  # fmt: skip


@check("LEG-015", cls=tuple(GOODS_OF), basis="text", series="0.6")
def goods_by_the_page(node: Node) -> Iterator[Finding]:
    """The page of 0.6 calls the list of what was packed ``childEPCs`` (P-24)."""
    if any(True for _ in mappings(node.value.get("childEPCs"))):
        return
    for said in event_is_about_goods(node):
        yield replace(said, expected=f"one of childEPCs, {', '.join(GOODS_OF[node.cls])}", basis="text")
