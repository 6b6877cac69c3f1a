"""Everything that can be said about one document by itself: proof, status, linked data, schema.

:func:`needs` says what has to be looked up first, a :class:`Shelf` holds what was found (or why it was not), and
:func:`verify` fills in the document. No network, no clock, no judgement of levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from assay.harness.credential import did as dids
from assay.harness.credential import status as lists
from assay.harness.credential.envelope import PublicKey, refusal, verify_bytes
from assay.harness.credential.instants import instant
from assay.harness.credential.versions import JUDGED_VERSIONS
from assay.harness.material import (
    UNTP_KINDS,
    Credential,
    DidDocument,
    Document,
    Envelope,
    Kind,
    SchemaError,
    Signature,
    SignatureState,
    StatusEntry,
    StatusList,
    TermFinding,
    Unavailable,
)

__all__ = [
    "BAD_SIGNATURE",
    "Judges",
    "LinkedDataVerdict",
    "Needs",
    "SchemaVerdict",
    "Shelf",
    "judge_signature",
    "needs",
    "verify",
]


class SchemaVerdict(Protocol):
    """What :class:`assay.harness.credential.schema.SchemaJudge` offers."""

    def errors(self, kind: str, value: Any, version: str = ...) -> tuple[SchemaError, ...]: ...

    def certified(self, kind: str, value: Any, version: str = ...) -> bool: ...


class LinkedDataVerdict(Protocol):
    """What :class:`assay.harness.credential.linked_data.LinkedDataJudge` offers."""

    def findings(self, value: Any) -> tuple[TermFinding, ...]: ...


@dataclass(frozen=True, slots=True)
class Judges:
    """The two judges of content; they hold the compiled schemas and contexts."""

    schema: SchemaVerdict
    linked_data: LinkedDataVerdict


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was looked up: DID documents by DID, status lists by URL, or why there is none."""

    dids: Mapping[str, DidDocument | Unavailable] = field(default_factory=dict)
    status_lists: Mapping[str, StatusList | Unavailable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a document needs looked up, each once, in the order met."""

    dids: tuple[str, ...] = ()
    status_lists: tuple[str, ...] = ()


BAD_SIGNATURE = "the signature does not match these bytes and this key"

_SCHEMA_KINDS = UNTP_KINDS | {Kind.SCHEME}


def needs(document: Document) -> Needs:
    """The DIDs and status lists to look up before :func:`verify`; DIDs that describe themselves are left out."""
    if not isinstance(document, Credential):
        return Needs()
    wanted: list[str] = []
    issuer = document.issuer_id
    if document.envelope is not None and issuer.startswith("did:") and not dids.self_describing(issuer):
        wanted.append(issuer)
    urls = [entry.get("statusListCredential") for _, entry in lists.entries(document.value)]
    return Needs(tuple(wanted), tuple(dict.fromkeys(url for url in urls if isinstance(url, str))))


def verify(document: Document, shelf: Shelf, as_of: datetime, judges: Judges) -> None:
    """Fill ``schema_errors, terms, certified, signature, issuer_document, status, as_of`` in place."""
    document.as_of = as_of
    _judge_content(document, judges)
    if isinstance(document, Credential):
        document.signature, document.issuer_document = judge_signature(document, shelf)
        document.status = tuple(
            status_of(path, entry, shelf, as_of) for path, entry in lists.entries(document.value)
        )


def _judge_content(document: Document, judges: Judges) -> None:
    if document.untp not in JUDGED_VERSIONS or not isinstance(document.value, dict):
        return
    if document.kind in _SCHEMA_KINDS:
        kind, value, version = document.kind.value, document.value, document.untp
        document.certified = judges.schema.certified(kind, value, version)
        if not document.certified:
            document.schema_errors = judges.schema.errors(kind, value, version)
            document.terms = judges.linked_data.findings(document.value)
    elif document.kind is Kind.LINKSET:
        document.schema_errors = judges.schema.errors(document.kind.value, document.value)


def judge_signature(
    credential: Credential, shelf: Shelf
) -> tuple[Signature, DidDocument | Unavailable | None]:
    """Judge the proof of a credential against its issuer's DID document.

    The key is the one that ``kid`` names in the document of the *issuer's* DID, and it must be allowed to make
    assertions. Without ``kid`` every asserting key of the issuer is tried. Codes of invalid proofs: ``malformed``,
    those of :func:`~assay.harness.credential.envelope.refusal`, ``issuer-not-did``, ``did-syntax``, ``kid-foreign``,
    ``did-mismatch``, ``key-not-found``, ``not-assertion-method``, ``controller``, ``bad-key``, ``key-alg-mismatch``,
    ``bad-signature``.
    """
    envelope = credential.envelope
    if envelope is None:
        return credential.signature, None
    issuer = credential.issuer_id
    document = _issuer_document(issuer, shelf) if issuer.startswith("did:") else None
    known = None if isinstance(document, Signature) else document
    flaw = _flaw(credential, envelope)
    if flaw is not None:
        return _invalid(*flaw), known
    if document is None:
        return _invalid("issuer-not-did", f"issuer {issuer[:200]!r}"), None
    if isinstance(document, Signature):
        return document, None
    if isinstance(document, Unavailable):
        return Signature(SignatureState.UNCHECKED, "did-unavailable", issuer, unavailable=document), document
    if isinstance(credential, StatusList):
        return _of_list(credential, envelope, issuer, document), document
    return _with_document(envelope, issuer, document), document


_LISTS: WeakKeyDictionary[StatusList, tuple[DidDocument, str, Signature]] = WeakKeyDictionary()


def _of_list(status_list: StatusList, envelope: Envelope, issuer: str, document: DidDocument) -> Signature:
    """The signature of a status list, checked once: it is met as a document, and by whoever has an entry in it."""
    known = _LISTS.get(status_list)
    if known is None or known[0] is not document or known[1] != issuer:
        known = document, issuer, _with_document(envelope, issuer, document)
        _LISTS[status_list] = known
    return known[2]


def _flaw(credential: Credential, envelope: Envelope) -> tuple[str, str] | None:
    """What rules a token out before any key is looked at."""
    for problem in credential.problems:
        if problem.code in ("segments", "base64", "header") or problem.path[:1] == ("header",):
            return "malformed", f"{problem.received}; expected {problem.expected}"
    if not isinstance(credential.value, dict):
        return "malformed", "the payload is no JSON object, so it names no issuer"
    return refusal(envelope.header)


def _issuer_document(issuer: str, shelf: Shelf) -> DidDocument | Unavailable | Signature:
    try:
        dids.check_did(issuer)
        if dids.self_describing(issuer):
            return dids.derived_document(issuer)
    except dids.DidError as error:
        return _invalid("did-syntax", str(error))
    return shelf.dids.get(issuer) or Unavailable(
        issuer, "not-looked-up", "the DID document was not looked for"
    )


def _with_document(envelope: Envelope, issuer: str, document: DidDocument) -> Signature:
    value = document.value
    if not isinstance(value, dict) or value.get("id") != issuer:
        return _invalid("did-mismatch", f"the document served for {issuer} is about somebody else")
    kid = envelope.kid
    if kid.startswith("did:") and dids.did_of(kid) != issuer:
        return _invalid("kid-foreign", f"'kid' {kid[:200]!r} belongs to another DID than the issuer {issuer}")
    if kid:
        method = dids.find_method(document, kid)
        if method is None:
            return _invalid("key-not-found", f"{issuer} has no verification method {kid[:200]!r}")
        return _with_method(envelope, issuer, document, method)
    outcome = _invalid("key-not-found", f"{issuer} has no asserting key to try")
    for method in dids.methods(document):
        if method.asserts:
            outcome = _with_method(envelope, issuer, document, method)
            if outcome.state is SignatureState.VALID:
                break
    return outcome


_KEYS: WeakKeyDictionary[DidDocument, dict[int, tuple[Any, tuple[PublicKey, str]]]] = WeakKeyDictionary()


def _key(document: DidDocument, method: dids.Method) -> tuple[PublicKey, str]:
    """The key of a method, made once for each document that was read: checking a point on a curve takes its time."""
    known = _KEYS.setdefault(document, {})
    found = known.get(id(method.value))
    if found is None:
        # the method is kept beside its key, so that no other takes its identity
        found = known[id(method.value)] = (method.value, dids.public_key(method.value))
    return found[1]


def _with_method(envelope: Envelope, issuer: str, document: DidDocument, method: dids.Method) -> Signature:
    if not method.asserts:
        return _invalid("not-assertion-method", f"{method.id} is not listed under assertionMethod", method.id)
    controller = method.value.get("controller")
    if controller is not None and controller != issuer:
        return _invalid("controller", f"{method.id} is controlled by {str(controller)[:200]!r}", method.id)
    try:
        key, alg = _key(document, method)
    except dids.DidError as error:
        return _invalid("bad-key", f"{method.id}: {error}", method.id)
    if alg and alg != envelope.alg and {alg, envelope.alg} != {"EdDSA", "Ed25519"}:
        return _invalid(
            "key-alg-mismatch", f"the key is for {alg[:40]!r}, the token says {envelope.alg!r}", method.id
        )
    code = verify_bytes(key, envelope.alg, envelope.signature, envelope.signing_input)
    if code:
        detail = BAD_SIGNATURE
        if code == "key-alg-mismatch":
            detail = f"{envelope.alg!r} does not go with the key of {method.id}"
        return _invalid(code, detail, method.id)
    return Signature(SignatureState.VALID, method=method.id)


def _invalid(code: str, detail: str, method: str = "") -> Signature:
    return Signature(SignatureState.INVALID, code, detail, method)


def status_of(
    path: tuple[str | int, ...], entry: Mapping[str, Any], shelf: Shelf, as_of: datetime
) -> StatusEntry:
    """Read one ``credentialStatus`` entry; the list's own signature is judged the first time it is met."""
    url = entry.get("statusListCredential")
    found = shelf.status_lists.get(url) if isinstance(url, str) else None
    if not isinstance(found, StatusList):
        return lists.look_up(path, entry, found)
    if found.as_of is None:
        found.signature, found.issuer_document = judge_signature(found, shelf)
        found.as_of = as_of
    if found.signature.state is SignatureState.UNCHECKED:
        return lists.look_up(path, entry, found.signature.unavailable)
    return lists.look_up(path, entry, found, list_valid=_list_holds(found, as_of))


_HOLDS: WeakKeyDictionary[StatusList, tuple[Signature, datetime, bool]] = WeakKeyDictionary()


def _list_holds(status_list: StatusList, as_of: datetime) -> bool:
    """True when a list is signed by its issuer and inside its own validity; told once to all who have an entry in it."""
    known = _HOLDS.get(status_list)
    if known is None or known[0] is not status_list.signature or known[1] != as_of:
        known = status_list.signature, as_of, _holds(status_list, as_of)
        _HOLDS[status_list] = known
    return known[2]


def _holds(status_list: StatusList, as_of: datetime) -> bool:
    if status_list.signature.state is not SignatureState.VALID:
        return False
    value = status_list.value if isinstance(status_list.value, dict) else {}
    begins, ends = instant(value.get("validFrom")), instant(value.get("validUntil"))
    return not (begins is not None and as_of < begins) and not (ends is not None and as_of > ends)
