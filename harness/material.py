"""Material under test: what was read, parsed once, with everything that was looked up for it beside it.

Two kinds of "no" are kept apart throughout: a *finding* says that something was looked at and is wrong; an
:class:`Unavailable` says that it could not be looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

from assay.harness.results import Location

__all__ = [
    "CREDENTIAL_KINDS",
    "UNTP_KINDS",
    "Credential",
    "CredentialSet",
    "DidDocument",
    "Document",
    "Envelope",
    "Kind",
    "Linkset",
    "Node",
    "Path",
    "Problem",
    "Register",
    "SchemaError",
    "Scheme",
    "Signature",
    "SignatureState",
    "StatusEntry",
    "StatusList",
    "TermFinding",
    "Unavailable",
    "pointer",
    "sha256",
]

Path = tuple[str | int, ...]


class Kind(StrEnum):
    """What a piece of material is."""

    DPP = "DigitalProductPassport"
    DCC = "DigitalConformityCredential"
    DFR = "DigitalFacilityRecord"
    DTE = "DigitalTraceabilityEvent"
    DIA = "DigitalIdentityAnchor"
    STATUS_LIST = "BitstringStatusListCredential"
    OTHER_CREDENTIAL = "VerifiableCredential"
    SCHEME = "ConformityScheme"
    LINKSET = "Linkset"
    DID_DOCUMENT = "DidDocument"
    REGISTER = "Register"
    UNKNOWN = "Unknown"


UNTP_KINDS = frozenset({Kind.DPP, Kind.DCC, Kind.DFR, Kind.DTE, Kind.DIA})
_IN_TABLE = UNTP_KINDS | {Kind.SCHEME}
CREDENTIAL_KINDS = UNTP_KINDS | {Kind.STATUS_LIST, Kind.OTHER_CREDENTIAL}


def sha256(data: bytes) -> str:
    """Digest in the form that evidence and reports use: ``sha256:<hex>``."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def pointer(path: Path) -> str:
    """RFC 6901 JSON pointer of a path of keys and indices."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the bytes themselves, seen while reading them (``code`` is one of ``intake.CODES``)."""

    code: str
    path: Path = ()
    expected: str = ""
    received: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Could not be looked at: why (``offline``, ``refused``, ``timeout``, ``not-found``, ``blocked``, ...) and where."""

    url: str
    reason: str
    detail: str = ""
    definitive: bool = False
    """True for an answer that is itself a verdict (404, wrong body), False for one that says nothing (timeout, 5xx)."""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """A JOSE compact serialisation, taken apart but not yet believed."""

    header: Mapping[str, Any]
    payload: bytes
    signing_input: bytes
    signature: bytes
    media_type: str = "application/vc+jwt"

    @property
    def alg(self) -> str:
        value = self.header.get("alg")
        return value if isinstance(value, str) else ""

    @property
    def kid(self) -> str:
        value = self.header.get("kid")
        return value if isinstance(value, str) else ""


class SignatureState(StrEnum):
    """What is known about the proof of a credential."""

    VALID = "valid"
    INVALID = "invalid"
    UNSIGNED = "unsigned"
    FOREIGN = "foreign"
    """Secured by a proof that the UNTP profile does not use (Data Integrity)."""
    UNCHECKED = "unchecked"
    """The key could not be looked up."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The state of the proof, with the reason code behind it (``bad-signature``, ``key-not-found``, ...)."""

    state: SignatureState
    code: str = ""
    detail: str = ""
    method: str = ""
    """The verification method (DID URL) that was used."""
    unavailable: Unavailable | None = None


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One error of the published (or generated, equal) JSON Schema.

    ``places`` are the table places it touches, ``Class.property`` (or ``Class``), most specific first.
    """

    path: Path
    keyword: str
    message: str
    places: tuple[str, ...] = ()
    format_only: bool = False
    """True when only format assertion sees it."""


@dataclass(frozen=True, slots=True)
class TermFinding:
    """One thing JSON-LD processing would do silently: ``dropped``, ``vocab``, ``relative_id``, ``relative_type``, ``bad_iri``,
    or ``error`` (with the JSON-LD error code in ``detail``)."""

    path: Path
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """One ``credentialStatus`` entry, read against its list: the bit, or why it could not be read."""

    path: Path
    purpose: str
    index: int | None
    url: str
    bit: bool | None = None
    code: str = ""
    """Why there is no bit: ``malformed``, ``range``, ``purpose``, ``unavailable``, ``list-invalid``."""
    unavailable: Unavailable | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One object of a known class inside a document."""

    document: Document
    cls: str
    path: Path
    value: Mapping[str, Any]
    reference: bool = False

    def at(self, *steps: str | int) -> Location:
        """Location of a member of this node."""
        return self.document.at(*self.path, *steps)


@dataclass(eq=False)
class Document:
    """One parsed piece of material. ``value`` is plain JSON data; ``raw`` the bytes as received."""

    source: str
    raw: bytes
    value: Any
    kind: Kind = Kind.UNKNOWN
    untp: str | None = None
    problems: tuple[Problem, ...] = ()
    content_type: str | None = None
    via: int | None = None
    evidence: tuple[str, ...] = ()
    schema_errors: tuple[SchemaError, ...] = ()
    terms: tuple[TermFinding, ...] = ()
    certified: bool = False
    """True when the certificate schema passed: valid, JSON-LD clean, code lists respected."""
    as_of: datetime | None = None

    @cached_property
    def digest(self) -> str:
        return sha256(self.raw)

    def at(self, *steps: str | int) -> Location:
        """Location of a member of this document."""
        return Location(artefact=self.digest, pointer=pointer(steps), source=self.source)

    @cached_property
    def index(self) -> Mapping[str, tuple[Node, ...]]:
        """Nodes by class name, found by position in the class table, not by what ``type`` claims.

        References (objects of id and name that stand for something described elsewhere) are filed under
        ``<Class>Reference``.
        """
        if self.kind in _IN_TABLE:
            from assay.harness.credential.node_index import node_index

            # nodes that put their path together when asked: the same ones, found five times faster
            return cast("Mapping[str, tuple[Node, ...]]", node_index(self))
        from assay.profiles.untp_0_7 import walk

        found: dict[str, list[Node]] = {}
        for cls, path, value, reference in walk(self.kind.value, self.value):
            name = cls + "Reference" if reference else cls
            found.setdefault(name, []).append(Node(self, cls, path, value, reference))
        return {name: tuple(nodes) for name, nodes in found.items()}

    def nodes(self, *classes: str) -> Iterator[Node]:
        """All nodes of the named classes, in document order within a class."""
        for name in classes:
            yield from self.index.get(name, ())


@dataclass(eq=False)
class Credential(Document):
    """A credential with its envelope, proof, issuer and status, as far as they could be looked at."""

    envelope: Envelope | None = None
    signature: Signature = field(default_factory=lambda: Signature(SignatureState.UNSIGNED))
    issuer_document: DidDocument | Unavailable | None = None
    status: tuple[StatusEntry, ...] = ()

    @property
    def issuer_id(self) -> str:
        """The issuer's identifier as the payload states it, or an empty string."""
        issuer = self.value.get("issuer") if isinstance(self.value, dict) else None
        value = issuer.get("id") if isinstance(issuer, dict) else issuer
        return value if isinstance(value, str) else ""


@dataclass(eq=False)
class StatusList(Credential):
    """A Bitstring Status List credential with its bits expanded (``bits`` is empty when they could not be)."""

    bits: bytes = b""
    expansion_problem: str = ""

    @property
    def size(self) -> int:
        """Number of bits."""
        return len(self.bits) * 8


@dataclass(eq=False)
class DidDocument(Document):
    """A DID document, with the DID that was asked for."""

    did: str = ""


@dataclass(eq=False)
class Linkset(Document):
    """An RFC 9264 linkset as a resolver answers it."""


@dataclass(eq=False)
class Scheme(Document):
    """A conformity vocabulary: scheme, profiles, criteria in one document (the ``ConformityScheme`` of UNTP)."""


@dataclass(eq=False)
class Register(Document):
    """A register document (identifier schemes, conformity vocabularies, software)."""


@dataclass(eq=False)
class CredentialSet:
    """Everything of one run that can be joined: the set as a whole is the subject of set rules."""

    documents: tuple[Document, ...]
    as_of: datetime
    trust_anchors: frozenset[str] = frozenset()
    assumed_grades: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
