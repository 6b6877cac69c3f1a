"""Test vectors for verifiers: every base and every mutant of a document, signed, with what is to be said of it.

A vector is bytes to hand over, the answers of the addresses that they lead to, a date, and an expectation. Building them
is cheap; :func:`expectation` judges a vector as ``assay validate`` would, from its bytes alone, and makes sure that it
breaks the row that it is for and nothing that the row does not declare. All keys follow from a public seed, all dates
are fixed: the corpus has the same bytes each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assay.harness.credential import did as dids
from assay.harness.credential.instants import instant
from assay.harness.credential.intake import read
from assay.harness.credential.versions import LEGACY_VERSIONS
from assay.harness.discovery import look_up
from assay.harness.engine import ADVISORY_PROFILES, COMPANION_PROFILES, DEFAULT_PROFILES, Engine, Settings
from assay.harness.forge.malformations import MALFORMATIONS
from assay.harness.forge.ring import Assembly, Ring, assemble, default_judges
from assay.harness.forge.sign import json_bytes
from assay.harness.material import (
    CREDENTIAL_KINDS,
    Credential,
    Document,
    Kind,
    SignatureState,
    StatusEntry,
    Unavailable,
)
from assay.harness.resolver_map import Answer, MappedTransport
from assay.harness.results import Outcome, RequirementResult, RunResult, Verdict
from assay.harness.selftest import AS_OF, Bench, Mutant, closure, load_mutants
from assay.harness.transport import OfflineTransport
from assay.profiles.catalogue import Level

__all__ = ["NO_FILE", "Corpus", "CorpusError", "Expectation", "Vector", "build", "expectation"]

NO_FILE: Mapping[str, str] = {
    "VCP-018": "it speaks of plain JSON that a link led to; a file by itself was reached by no link",
}
"""Rows decided from documents that no vector can stand for, with the reason."""

_CONSEQUENCES: Mapping[str, frozenset[str]] = {
    # The self-test judges the record while it is valid, and the set after it ended; a vector has one date.
    "DFR-024": frozenset({"IN-018"}),
}
"""Rows that fail beside a row in a vector, though the catalogue declares nothing of the sort."""

_JWT, _DID = "application/vc+jwt", "application/did+json"
_NOT_IN_FORCE = frozenset({"revocation", "suspension"})


class CorpusError(RuntimeError):
    """A vector that does not do what it is for: a mistake in Assay, found before anything is handed out."""


@dataclass(frozen=True)
class Vector:
    """One thing to hand to a verifier. ``row`` is what it breaks; empty for one without fault."""

    name: str
    """``valid/dpp`` or ``<row>/<number>``."""
    base: str
    built: Assembly
    as_of: datetime
    """One date for all but the few whose fault is about dates."""
    row: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Answer] = field(default_factory=dict)
    """What addresses answer for this vector alone."""
    subject: str = ""
    """The address of the DID document or status list that the row is about; empty for the document itself."""
    profiles: tuple[str, ...] = ()
    """Profiles to name to ``assay validate``; none for the default."""

    @property
    def raw(self) -> bytes:
        return self.built.document.raw

    @property
    def suffix(self) -> str:
        return ".json" if self.raw.lstrip()[:1] in (b"{", b"[") else ".jwt"

    @property
    def file(self) -> str:
        return f"vectors/{self.name}{self.suffix}"

    @property
    def company(self) -> tuple[str, ...]:
        return tuple(self.definition.get("with", ()))


@dataclass(frozen=True, slots=True)
class Corpus:
    """All vectors, those without fault first, and what addresses answer unless a vector says otherwise."""

    vectors: tuple[Vector, ...]
    answers: Mapping[str, Answer]
    left_out: Mapping[str, str]
    """Rows decided from documents that have no vector, with the reason."""

    def named(self, name: str) -> Vector:
        """The vector of that name."""
        return next(vector for vector in self.vectors if vector.name == name)

    def answers_for(self, vector: Vector) -> Mapping[str, Answer]:
        return {**self.answers, **vector.own}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is to be said of a vector."""

    verdict: Verdict
    """Of the run over the vector and everything that it leads to."""
    verification: str
    """``verified``, ``either``, ``refused``, ``unsecured``, ``undecided``, or ``none`` for what is no credential."""
    because: str
    results: tuple[RequirementResult, ...]
    """Rows that fail, those on which text and schema contradict each other included (they have a basis)."""
    undecided: tuple[str, ...]
    """Rows that would decide conformity and could not be decided."""
    sources: tuple[str, ...]
    """The names of the subjects that the results count."""


def build(bench: Bench | None = None, only: Collection[str] | None = None) -> Corpus:
    """All vectors, built and not yet judged; ``only`` names those to build besides the ones without fault.

    :raises CorpusError: a row decided from documents that no vector stands for, without reason.
    """
    bench = bench or Bench.default()
    ring = Ring()
    known = {row.id for row in Engine(Settings(AS_OF)).requirements.values()}
    answers: dict[str, Answer] = {}
    vectors: list[Vector] = []
    numbers: dict[str, int] = {}
    for base in sorted(bench.bases):
        vectors.append(_vector(f"valid/{base}", Mutant("", {"base": base}, ""), bench, ring, answers, ()))
    for mutant in load_mutants():
        row = mutant.requirement
        if row in NO_FILE:
            continue
        numbers[row] = numbers.get(row, 0) + 1
        if only is not None and f"{row}/{numbers[row]}" not in only:
            continue
        profiles = () if row in known else ("untp-0.7", bench.requirements[row].profile)
        vectors.append(_vector(f"{row}/{numbers[row]}", mutant, bench, ring, answers, profiles))
    shown = {name for row in numbers for name in (row, *bench.requirements[row].same_as)}
    return Corpus(tuple(vectors), answers, _left_out(bench, shown))


def _left_out(bench: Bench, shown: set[str]) -> dict[str, str]:
    missing = sorted(bench.needing_proof() - shown)
    unknown = [row for row in missing if row not in NO_FILE]
    if unknown:
        raise CorpusError(f"no vector stands for {', '.join(unknown)}, and no reason is given")
    return {row: NO_FILE[row] for row in missing}


def _vector(
    name: str, mutant: Mutant, bench: Bench, ring: Ring, answers: dict[str, Answer], profiles: tuple[str, ...]
) -> Vector:
    wanted = {
        key: value for key, value in mutant.definition.items() if key not in ("requirement", "note", "with")
    }
    built = assemble(wanted, bench.bases, ring=ring)
    own = dict(_own_answers(built, ring, answers))
    if "did" not in wanted:
        around = (built.document, *(bench.material(name) for name in mutant.company))
        own |= dict(_anchored(around, built.shelf.dids, ring))
    return Vector(
        name=name,
        base=str(wanted.get("base", "dpp")),
        built=built,
        as_of=_as_of(mutant, built, bench),
        row=mutant.requirement,
        definition=mutant.definition,
        own=own,
        subject=_address(built.subject),
        profiles=profiles,
    )


def _own_answers(built: Assembly, ring: Ring, shared: dict[str, Answer]) -> Iterator[tuple[str, Answer]]:
    """What stands around a vector, as addresses answer it; what every vector can share is put into ``shared``."""
    for did, document in built.shelf.dids.items():
        url = _address(did)
        if url:
            if url not in shared:
                shared[url] = (200, _DID, ring.did_material(did).raw)
            yield from _differing(url, _answer(document, _DID), shared)
    for url, found in built.shelf.status_lists.items():
        if url not in shared:
            purpose = url.removeprefix(ring.host + "/").partition("/")[0]
            shared[url] = (200, _JWT, ring.list_token(purpose))
        yield from _differing(url, _answer(found, _JWT), shared)


def _as_of(mutant: Mutant, built: Assembly, bench: Bench) -> datetime:
    about_dates = "at" in mutant.definition or any(
        str(operation[1]).startswith("/valid") for operation in mutant.definition.get("ops", ())
    )
    return built.as_of if about_dates and mutant.requirement not in bench.set_rows else AS_OF


def _anchored(
    around: Iterable[Document], known: Mapping[str, Any], ring: Ring
) -> Iterator[tuple[str, Answer]]:
    """DID documents of issuers who are the subject of an anchor in the same vector: they link to it, as they should."""
    for anchor in around:
        subject = anchor.value.get("credentialSubject") if isinstance(anchor.value, dict) else None
        did = subject.get("id") if anchor.kind is Kind.DIA and isinstance(subject, dict) else None
        if isinstance(subject, dict) and isinstance(did, str) and did in known and _address(did):
            named = subject.get("publicInformation") or subject.get("registeredId")
            endpoint = [{"href": anchor.value.get("id"), "title": "Identity anchor", "type": _JWT}]
            service = {"id": f"{did}#identity", "type": "IdentityAnchor", "serviceEndpoint": endpoint}
            value = {**ring.did_value(did), "alsoKnownAs": [named], "service": [service]}
            yield _address(did), (200, _DID, json_bytes(value))


def _differing(url: str, answer: Answer, shared: Mapping[str, Answer]) -> Iterator[tuple[str, Answer]]:
    if shared[url] != answer:
        yield url, answer


def _answer(found: Document | Unavailable, media_type: str) -> Answer:
    if isinstance(found, Document):
        json = found.raw.lstrip()[:1] == b"{"
        return 200, "application/json" if json and media_type == _JWT else media_type, found.raw
    if found.reason != "not-found":
        raise CorpusError(f"{found.url}: no file answers like {found.reason!r}")
    return 404, "text/plain", b""


def _address(subject: str) -> str:
    """The http(s) address of a DID or list; empty where it has none."""
    if not subject.startswith("did:"):
        return subject
    try:
        return dids.did_web_url(subject)
    except dids.DidError:
        return ""


# -- what is to be said ------------------------------------------------------------------------------------------------


def expectation(vector: Vector, corpus: Corpus, bench: Bench | None = None) -> Expectation:
    """Judge a vector from its bytes and the answers of the corpus, as ``assay validate`` does.

    :raises CorpusError: its row does not fail, or a row fails that the row does not declare.
    """
    bench = bench or Bench.default()
    names = [f"vectors/valid/{name}" for name in vector.company]
    beside = [corpus.named(f"valid/{name}") for name in vector.company]
    documents = [
        read(vector.file, vector.raw),
        *(read(name + other.suffix, other.raw) for name, other in zip(names, beside, strict=True)),
    ]
    transport = MappedTransport(corpus.answers_for(vector), OfflineTransport())
    found = asyncio.run(look_up(documents, transport))
    settings = Settings(
        vector.as_of,
        profiles=vector.profiles or DEFAULT_PROFILES,
        advisory=() if vector.profiles else ADVISORY_PROFILES,
        companions=() if vector.profiles else COMPANION_PROFILES,
        chains=False,
    )
    engine = Engine(settings)
    engine.judges = default_judges()  # the same verdicts; what they learn from one vector serves the next
    run = engine.judge(found.documents, found.shelf)
    _hold(vector, run, bench, documents[0])
    failed = tuple(result for result in run.results if result.outcome is Outcome.FAILED)
    verification, because = _verification(vector, documents[0])
    strict = sorted({result.requirement.id for result in failed if _of_the_ground(result)})
    if verification == "verified" and strict:
        # The proof holds; whether a verifier looks at more than that before it accepts is its own choice.
        verification, because = (
            "either",
            f"the proof holds, and who reads strictly refuses: {', '.join(strict)}",
        )
    return Expectation(
        run.verdict,
        verification,
        because,
        failed,
        tuple(
            result.requirement.id
            for result in run.results
            if result.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
            and result.basis is None
            and result.requirement.decides_conformity
        ),
        tuple(subject.source for subject in run.subjects),
    )


def _of_the_ground(result: RequirementResult) -> bool:
    """True for a MUST of tier 1: data model, token, linked data, DID, status, identifiers."""
    row = result.requirement
    return result.basis is None and row.level is Level.MUST and row.tier.startswith("1")


def _hold(vector: Vector, run: RunResult, bench: Bench, document: Document) -> None:
    """The row of the vector fails, and on the thing that it is about no row that it does not declare."""
    failed = [result for result in run.results if result.outcome is Outcome.FAILED]
    if vector.row and all(result.requirement.id != vector.row for result in failed):
        raise CorpusError(f"{vector.name}: {vector.row} does not fail")
    for result in run.results:
        if result.outcome is Outcome.ERROR and "Assay failed" in result.note:
            raise CorpusError(f"{vector.name}: {result.requirement.id}: {result.note}")
    profile = "untp-0.6" if document.untp in LEGACY_VERSIONS else ""
    allowed = closure(bench.requirements, vector.row, profile) if vector.row else frozenset()
    allowed |= _CONSEQUENCES.get(vector.row, frozenset())
    about = vector.subject or vector.file
    for result in failed:
        told = {run.subjects[index].source for index in result.subjects}
        # What is bent beside a credential has consequences for it, and the other way round.
        aside = bool(vector.own) and bool(told) and about not in told
        if result.basis is None and result.requirement.id not in allowed and not aside:
            raise CorpusError(
                f"{vector.name}: {result.requirement.id} fails too, which "
                f"{vector.row or 'a vector without fault'} does not declare"
            )


def _verification(vector: Vector, document: Document) -> tuple[str, str]:
    """What a verifier of VC-JOSE-COSE and Bitstring Status List says, whatever the content claims."""
    if document.kind not in CREDENTIAL_KINDS and document.kind is not Kind.UNKNOWN:
        return "none", f"a {document.kind.value} carries no proof"
    forged = vector.definition.get("forge")
    if forged in MALFORMATIONS:
        told = document.signature.code if isinstance(document, Credential) else ""
        return "refused", f"malformed on purpose: {forged}" + (f" ({told})" if told else "")
    if not isinstance(document, Credential):
        return "refused", "no credential can be read from it"
    signature = document.signature
    if signature.state is SignatureState.UNSIGNED:
        return "unsecured", "nothing secures it"
    if signature.state is SignatureState.FOREIGN:
        return "refused", "the only proof is embedded, and its value is a placeholder"
    if signature.state is SignatureState.UNCHECKED:
        why = signature.unavailable
        if why is not None and why.definitive:
            return "refused", f"the key of the issuer cannot be had: {why.reason}"
        return (
            "undecided",
            f"the key of the issuer was not looked up: {why.reason if why else signature.code}",
        )
    if signature.state is SignatureState.INVALID:
        return "refused", f"the proof does not hold: {signature.code}"
    return _in_force(document, vector.as_of)


def _in_force(document: Credential, as_of: datetime) -> tuple[str, str]:
    begins, ends = instant(document.value.get("validFrom")), instant(document.value.get("validUntil"))
    if begins is not None and as_of < begins:
        return "refused", "not yet valid on the date"
    if ends is not None and as_of > ends:
        return "refused", "no longer valid on the date"
    for entry in document.status:
        if entry.bit and entry.purpose in _NOT_IN_FORCE:
            return "refused", f"the bit for {entry.purpose} is set"
        if entry.bit is None:
            # An entry of another type may be one that the verifier knows and Assay does not.
            foreign = entry.code == "malformed" and not _is_bitstring(document, entry)
            state = "undecided" if entry.code == "unavailable" or foreign else "refused"
            return state, f"the status entry cannot be used: {'type' if foreign else entry.code}"
    return "verified", "the proof holds, it is in force on the date, and no status bit is set"


def _is_bitstring(document: Credential, entry: StatusEntry) -> bool:
    found: Any = document.value
    for step in entry.path:
        found = found[step]
    return bool(found.get("type") == "BitstringStatusListEntry")
