"""The warm path: bytes of a signed credential in, verdict out, at a fraction of what the full path costs.

What makes it fast: headers, keys and status lists are looked at once; the certificate schema answers schema and JSON-LD
in one go; nodes are found in one pass; and only rows that have something to say cost anything. What makes it sound:
whenever a token is out of the ordinary the full path decides, and every row that is not silent is judged by the same
code as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from assay.harness.checks import Check
from assay.harness.credential import did as dids
from assay.harness.credential.envelope import b64url_decode, checker
from assay.harness.credential.intake import read
from assay.harness.credential.node_index import Finder, node_index
from assay.harness.credential.quiet import QUIET, UNREMARKABLE, is_quiet, is_unremarkable
from assay.harness.credential.silence import COVERED, is_silent
from assay.harness.credential.status import bit_at, entries, list_purposes
from assay.harness.credential.strict_json import MAXIMUM_BYTES, guarded_loads
from assay.harness.credential.verify import BAD_SIGNATURE, Judges, Shelf, judge_signature, status_of, verify
from assay.harness.credential.versions import DEFAULT_VERSION, JUDGED_VERSIONS, context_urls
from assay.harness.judge import DocumentJudge
from assay.harness.material import (
    UNTP_KINDS,
    Credential,
    DidDocument,
    Document,
    Envelope,
    Kind,
    Path,
    Signature,
    SignatureState,
    StatusEntry,
    StatusList,
)
from assay.harness.results import Outcome, RequirementResult, Verdict
from assay.harness.row_verdicts import speaks
from assay.harness.settled import SILENT_WHEN_CLEAN, subject_is_well_named
from assay.profiles.catalogue import Requirement

__all__ = ["SILENT_WHEN_CLEAN", "FastVerdict", "FastVerifier"]

_STATUS: Path = ("credentialStatus",)
_ANCHOR = Kind.DIA.value
_CONFORMANT = Verdict.CONFORMANT
_UNTP_TYPES = {kind.value: kind for kind in UNTP_KINDS}
_VERSIONS = {
    (*context_urls(version, kind.value), kind.value): version
    for version in sorted(JUDGED_VERSIONS)
    for kind in UNTP_KINDS
}
"""Versions by what ``@context`` begins with and the type that goes with it."""
_CLAIMS = frozenset({"vc", "vp", "iss", "sub", "jti", "exp", "nbf"})
_HEADER = frozenset({"alg", "typ", "kid"})
_MAXIMUM_HEADERS = 10_000

_Key = tuple[str, str | None]
_Work = Callable[[Any], Iterator[Any]]


class FastVerdict(NamedTuple):
    """What became of one token; ``results`` holds every row that did not pass.

    Rows that are judged on two contradicting bases are left out: they never enter a verdict.
    """

    verdict: Verdict
    kind: Kind
    results: tuple[RequirementResult, ...]
    certified: bool
    fast: bool
    """Whether the fast path decided."""
    document: Document


@dataclass(frozen=True, slots=True)
class _Signer:
    """A protected header seen before, with the key that it leads to."""

    header: Mapping[str, Any]
    issuer: str
    check: Callable[[bytes, bytes], str]
    signature: Signature
    document: DidDocument


@dataclass(frozen=True, slots=True)
class _Programme:
    """Checks to run on a kind of document: on the document itself, and on nodes by class."""

    on_document: tuple[tuple[_Key, _Work], ...]
    on_nodes: tuple[tuple[str, tuple[tuple[_Key, _Work], ...]], ...]
    find: Finder
    empty: bool


class _Indexed(Credential):
    """A credential whose nodes are found the fast way, if a check asks for them."""

    label: str = ""
    """The kind as text: members of an enumeration are slow to hash."""
    genuine: bool = False
    """Whether the signature holds."""
    silent: bool = False
    """Whether the checks of :data:`COVERED` have nothing to say."""
    quiet: bool = False
    """Whether the checks of :data:`QUIET` have nothing to say."""

    @cached_property
    def index(self) -> Any:
        return node_index(self)


class FastVerifier:
    """Verifies and judges signed UNTP credentials against a shelf that does not change.

    Every token out of the ordinary takes the full path; so does one whose header has not been met before, unless it
    verifies. Not safe to share between threads.
    """

    def __init__(
        self,
        shelf: Shelf,
        as_of: datetime,
        judges: Judges,
        requirements: Mapping[str, Requirement],
        checks: Mapping[str, Sequence[Check]],
    ) -> None:
        self._shelf = shelf
        self._as_of = as_of
        self._judges = judges
        self._judge = DocumentJudge(requirements, checks)
        self._signers: dict[bytes, _Signer] = {}
        self._lists: dict[str, tuple[bytes, frozenset[str]]] = {}
        self._programmes: dict[tuple[Any, ...], _Programme] = {}

    def verify(self, token: bytes, source: str = "token") -> FastVerdict:
        """Verify and judge one token."""
        document = self._ordinary(token, source)
        if document is None:
            found = read(source, token)
            if self._remember(token, found):
                document = self._ordinary(token, source)
            if document is None:
                return self._full(found)
        results = self._judged(document)
        # nodes lead back to their document: letting go of them spares the garbage collector the search
        document.__dict__.pop("index", None)
        verdict = _verdict(results) if results else _CONFORMANT
        return FastVerdict(verdict, document.kind, results, document.certified, True, document)

    def _full(self, document: Document) -> FastVerdict:
        verify(document, self._shelf, self._as_of, self._judges)
        every = self._judge.judge(document)
        results = _loud(every)
        tested = any(result.outcome is Outcome.PASSED and _decides(result) for result in every)
        secured = isinstance(document, Credential) and document.signature.state is SignatureState.VALID
        document.__dict__.pop("index", None)
        verdict = _verdict(results, tested=tested, secured=secured)
        return FastVerdict(verdict, document.kind, results, document.certified, False, document)

    def _remember(self, token: bytes, document: Document) -> bool:
        """Keep a plain header met for the first time, with the key it leads to, if the token verifies; whether it did."""
        first, _, _ = token.partition(b".")
        if first in self._signers or not isinstance(document, Credential) or document.problems:
            return False
        envelope, issuer = document.envelope, document.issuer_id
        if envelope is None or envelope.header.keys() != _HEADER or envelope.header["typ"] != "vc+jwt":
            return False
        if not issuer.startswith(("did:web:", "did:webvh:")):
            return False
        signature, found = judge_signature(document, self._shelf)
        if signature.state is not SignatureState.VALID or not isinstance(found, DidDocument):
            return False
        method = dids.find_method(found, envelope.kid)
        key = None if method is None else dids.public_key(method.value)[0]
        check = None if key is None else checker(key, envelope.alg)
        if check is None:
            return False
        if len(self._signers) >= _MAXIMUM_HEADERS:
            self._signers.clear()
        self._signers[first] = _Signer(envelope.header, issuer, check, signature, found)
        return True

    def _ordinary(self, token: bytes, source: str) -> _Indexed | None:
        """The judged credential in a token that is ordinary but perhaps for its signature, or None for the full path."""
        message, _, last = token.rpartition(b".")
        first = token.find(b".")
        signer = self._signers.get(token[:first])
        if signer is None or first == len(message) or len(token) > MAXIMUM_BYTES:
            return None
        try:
            # a fourth segment would leave a dot in the payload, which base64 does not know
            payload = b64url_decode(message[first + 1 :])
            signature = b64url_decode(last)
            value = guarded_loads(payload)
        except ValueError:
            return None
        label = _ordinary_type(value, signer.issuer)
        if label is None:
            return None
        contexts = value["@context"]
        version = _VERSIONS.get((contexts[0], contexts[1], label))
        if version is None:
            return None
        proof = signer.signature
        if code := signer.check(signature, message):
            proof = Signature(SignatureState.INVALID, code, BAD_SIGNATURE, proof.method)
        document = _Indexed(
            source,
            token,
            value,
            _UNTP_TYPES[label],
            version,
            as_of=self._as_of,
            envelope=Envelope(signer.header, payload, message, signature),
            signature=proof,
            issuer_document=signer.document,
        )
        document.label, document.genuine = label, proof is signer.signature
        document.certified = self._judges.schema.certified(label, value, version)
        if document.certified:
            if version == DEFAULT_VERSION:
                # two passes cost less than one with both schemas joined
                document.silent = is_silent(label, value)
                document.quiet = is_quiet(label, value, payload, self._as_of)
        else:
            document.schema_errors = errors = self._judges.schema.errors(label, value, version)
            # a certified document is closed, and so never deep
            if errors and errors[0].keyword == "depth":
                return None
            document.terms = self._judges.linked_data.findings(value)
        entry = value.get("credentialStatus")
        if type(entry) is dict:
            document.status = (self._status(_STATUS, entry),)
        else:
            document.status = tuple(self._status(path, entry) for path, entry in entries(value))
        return document

    def _status(self, path: Path, entry: Mapping[str, Any]) -> StatusEntry:
        """One status entry; the list is looked at once and then kept, bits and purposes, if it holds."""
        url, index = entry.get("statusListCredential"), entry.get("statusListIndex")
        known = self._lists.get(url) if type(url) is str else None
        if known is not None and type(index) is int and entry.get("type") == "BitstringStatusListEntry":
            bits, purposes = known
            purpose = entry.get("statusPurpose")
            if type(purpose) is str and purpose in purposes and 0 <= index < len(bits) * 8:
                return StatusEntry(path, purpose, index, str(url), bit_at(bits, index))
        read_entry = status_of(path, entry, self._shelf, self._as_of)
        found = self._shelf.status_lists.get(read_entry.url)
        if read_entry.bit is not None and isinstance(found, StatusList):
            self._lists[read_entry.url] = (found.bits, list_purposes(found))
        return read_entry

    def _judged(self, document: _Indexed) -> tuple[RequirementResult, ...]:
        """Every row that did not pass. Checks run once, and only rows with something to say are judged in full."""
        if not document.certified or any(entry.index is None for entry in document.status):
            # (a certificate takes 1e300 for an integer, which text and types of a status entry do not)
            # rows with two bases can fail outright here, and only the judge joins them
            settled = SILENT_WHEN_CLEAN if _is_clean(document) else frozenset()
            if document.envelope is not None and is_unremarkable(document.envelope.payload):
                settled |= UNREMARKABLE
            return self._judge.loud(document, settled=settled)
        clean = _is_clean(document)
        programme = self._programme(document.label, document.untp, clean, document.silent, document.quiet)
        if programme.empty:
            return ()
        loud: set[_Key] = set()
        for key, function in programme.on_document:
            if speaks(function, document):
                loud.add(key)
        index = programme.find(document)
        for name, work in programme.on_nodes:
            for node in index.get(name, ()):
                for key, function in work:
                    if speaks(function, node):
                        loud.add(key)
        return self._judge.loud(document, loud) if loud else ()

    def _programme(self, *wanted: Any) -> _Programme:
        known = self._programmes.get(wanted)
        if known is None:
            known = self._programmes[wanted] = self._compile(*wanted)
        return known

    def _compile(self, label: str, version: str, clean: bool, silent: bool, quiet: bool) -> _Programme:
        """The checks that are left where some are known to have nothing to say: of a clean envelope, in a silent or
        a quiet document."""
        settled: list[Mapping[str, frozenset[str]]] = [
            *([COVERED] if silent else []),
            *([QUIET] if quiet else []),
        ]
        on_document: list[tuple[_Key, _Work]] = []
        on_nodes: dict[str, list[tuple[_Key, _Work]]] = {}
        for identifier, basis, check in self._judge.work(Kind(label), version):
            if basis is not None or check is None:
                continue  # told apart from the verdict, or ruled out by the certificate
            key = (identifier, basis)
            if check.silent_when_certified or (clean and identifier in SILENT_WHEN_CLEAN):
                continue
            for name in check.cls or (label,):
                if any(identifier in rows.get(name, ()) for rows in settled):
                    continue
                if check.cls:
                    on_nodes.setdefault(name, []).append((key, check.function))
                else:
                    on_document.append((key, check.function))
        nodes = tuple((name, tuple(work)) for name, work in on_nodes.items())
        find = Finder(on_nodes, version)
        return _Programme(tuple(on_document), nodes, find, not on_document and not nodes)


def _is_clean(document: _Indexed) -> bool:
    """Whether the envelope leaves nothing to :data:`SILENT_WHEN_CLEAN`."""
    if not document.genuine or not document.status or not _CLAIMS.isdisjoint(document.value):
        return False
    for entry in document.status:
        if entry.bit is not False:
            return False
    return document.label != _ANCHOR or subject_is_well_named(document.value)


def _loud(results: Iterable[RequirementResult]) -> tuple[RequirementResult, ...]:
    return tuple(result for result in results if result.basis is None and result.outcome not in _QUIET)


_QUIET = (Outcome.PASSED, Outcome.NOT_APPLICABLE)


def _ordinary_type(value: Any, issuer: str) -> str | None:
    """The UNTP type of a payload whose types, contexts and issuer leave no question."""
    if type(value) is not dict:
        return None
    types, contexts, party = value.get("type"), value.get("@context"), value.get("issuer")
    if type(types) is not list or type(contexts) is not list or type(party) is not dict:
        return None
    if len(types) != 2 or len(contexts) < 2 or party.get("id") != issuer:
        return None
    if type(contexts[0]) is not str or type(contexts[1]) is not str:
        return None
    one, other = types
    if one == "VerifiableCredential":
        one, other = other, one
    return one if other == "VerifiableCredential" and type(one) is str and one in _UNTP_TYPES else None


def _decides(result: RequirementResult) -> bool:
    return result.basis is None and result.requirement.decides_conformity


def _verdict(results: Sequence[RequirementResult], *, tested: bool = True, secured: bool = True) -> Verdict:
    decisive = {result.outcome for result in results if _decides(result)}
    if Outcome.FAILED in decisive:
        return Verdict.NOT_CONFORMANT
    if decisive or not tested:
        return Verdict.INCONCLUSIVE
    return Verdict.CONFORMANT if secured else Verdict.DOCUMENT_VALID
