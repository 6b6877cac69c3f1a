"""Results: the closed set of outcomes, findings, and the verdict that follows from them.

This module is the contract between the engine and everything that shows results. It knows no check, no HTTP and no
text formatting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assay.profiles.catalogue import Requirement, catalogue_digest

__all__ = [
    "EXIT_CODES",
    "Contradiction",
    "Finding",
    "Location",
    "MatrixCell",
    "Outcome",
    "RequirementResult",
    "RunResult",
    "Scope",
    "Subject",
    "Verdict",
    "contradictions",
    "counts",
    "overall_verdict",
    "subject_verdicts",
    "writable",
]


def writable(text: str) -> str:
    """A text that every report can hold: what is no UTF-8 (in a file's name, in material) is written as an escape.

    :raises TypeError: no text at all.
    """
    if not isinstance(text, str):
        raise TypeError(f"expected text, received {type(text).__name__}")
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


class Outcome(StrEnum):
    """What became of one requirement. ``error`` never reads as the fault of the system under test."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


class Verdict(StrEnum):
    """What is said about a subject or a run."""

    CONFORMANT = "conformant"
    DOCUMENT_VALID = "document_valid"
    NOT_CONFORMANT = "not_conformant"
    INCONCLUSIVE = "inconclusive"


class Scope(StrEnum):
    """How much of a subject could be judged: the payload alone, or with its proof."""

    DOCUMENT = "document"
    SECURED = "secured"
    ENDPOINT = "endpoint"


EXIT_CODES = {
    Verdict.CONFORMANT: 0,
    Verdict.DOCUMENT_VALID: 0,
    Verdict.NOT_CONFORMANT: 1,
    Verdict.INCONCLUSIVE: 3,
}
"""Exit codes of the command line; 2 is kept for usage, manifest, scenario and profile errors."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where something was seen: the artefact's digest, an RFC 6901 pointer into it, and a name a person knows it by."""

    artefact: str | None = None
    pointer: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be: where, what was expected, what was received, how to mend it.

    ``evidence`` holds digests (``sha256:...``) of recorded exchanges or artefacts. ``rule`` names the graph rule
    (``G-...``) that found it, if one did. ``assumed`` marks findings that rest on figures the user supplied.
    """

    expected: str
    received: str
    hint: str = ""
    at: Location = field(default_factory=Location)
    evidence: tuple[str, ...] = ()
    rule: str | None = None
    basis: str | None = None
    assumed: bool = False

    def __post_init__(self) -> None:
        """A user's own checks make findings too: what a report cannot hold fails here, within the check.

        :raises TypeError: a text that is none, or no location.
        """
        if not isinstance(self.at, Location):
            raise TypeError(f"at: expected a Location, received {type(self.at).__name__}")
        for name in ("expected", "received", "hint"):
            text = getattr(self, name)
            if type(text) is not str or not text.isascii():
                object.__setattr__(self, name, writable(text))

    def fingerprint(self, requirement: str) -> str:
        """A digest over what does not vary between runs: requirement, rule, source name and pointer."""
        parts = (requirement, self.rule or "", self.at.source, self.at.pointer, self.basis or "")
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that was judged: a document, a linkset, an endpoint in a role."""

    source: str
    kind: str
    untp: str | None = None
    scope: Scope = Scope.DOCUMENT
    via: int | None = None
    verdict: Verdict = Verdict.INCONCLUSIVE
    digest: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """The outcome of one requirement over the subjects (indices) it was applied to; no subjects means the whole set."""

    requirement: Requirement
    outcome: Outcome
    subjects: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    basis: str | None = None
    note: str = ""

    @property
    def other_side(self) -> bool:
        """Whether this is the verdict of the side that the row does not follow: told as a contradiction, never alone."""
        return self.basis is not None and self.requirement.follows is not None


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """How one verifier judged one issuer's (or nation's) credentials, and what it did with paired forgeries."""

    issuer: str
    verifier: str
    accepted: int = 0
    rejected: int = 0
    errors: int = 0
    forgeries_accepted: int = 0
    forgeries_rejected: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything one run found; the input of every report."""

    assay: str
    as_of: str
    profiles: tuple[tuple[str, str], ...]
    verdict: Verdict
    subjects: tuple[Subject, ...]
    results: tuple[RequirementResult, ...]
    title: str = ""
    command: str = ""
    chain: dict[str, Any] | None = None
    """The supply chain for the map: see ``profiles/contracts/chain.py``."""
    exchanges: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Redacted evidence by digest, as far as findings point at it."""
    matrix: tuple[MatrixCell, ...] = ()
    """Who accepted whose credentials, where several verifiers judged them."""
    own_profiles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which of the profiles are the user's own, each with the nations that its rows hold for (none: for all)."""
    catalogue: str = field(default_factory=catalogue_digest)
    """Digest over all profiles that ship with this Assay."""
    unsecured: tuple[str, ...] = ()
    """Sources of valid documents that were refused because nothing secures them and a gate asked for that."""


_GRAVITY = (Outcome.FAILED, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASSED, Outcome.NOT_APPLICABLE)


def counts(results: Iterable[RequirementResult]) -> dict[str, dict[str, dict[str, int]]]:
    """Number of requirements per profile, level and outcome; a requirement counts once, by its gravest outcome.

    Verdicts given on one of two contradicting bases are left out, as they are in the run verdict.
    """
    worst: dict[str, tuple[int, Requirement]] = {}
    for result in results:
        if result.basis is not None:
            continue
        gravity = _GRAVITY.index(result.outcome)
        known = worst.get(result.requirement.key)
        if known is None or gravity < known[0]:
            worst[result.requirement.key] = (gravity, result.requirement)
    table: dict[str, dict[str, dict[str, int]]] = {}
    for gravity, requirement in worst.values():
        row = table.setdefault(requirement.profile, {}).setdefault(requirement.level.value, {})
        name = _GRAVITY[gravity].value
        row[name] = row.get(name, 0) + 1
    return table


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What one row says by the text and by the published artefact, where these contradict each other.

    ``follows`` names the side whose verdict enters the verdict of the run; None where neither does. No subjects means
    the set as a whole.
    """

    requirement: Requirement
    text: Outcome
    schema: Outcome
    subjects: tuple[int, ...] = ()

    @property
    def follows(self) -> str | None:
        """``text``, ``schema`` or None."""
        return self.requirement.follows

    @property
    def differs(self) -> bool:
        """Whether the two sides judge the subjects differently."""
        return self.text is not self.schema


def contradictions(results: Iterable[RequirementResult]) -> tuple[Contradiction, ...]:
    """Both verdicts of every row on which text and published artefact contradict each other, differing ones first.

    Subjects for which a side gave no verdict count as *not applicable* there; where neither side did, nothing is told.
    """
    seen: dict[str, dict[str, dict[int, Outcome]]] = {}
    rows: dict[str, Requirement] = {}
    for result in results:
        row = result.requirement
        side = result.basis or row.follows
        if side is None:
            continue  # of a row without contradiction, or wrong by both sides, which are told each
        rows[row.key] = row
        verdicts = seen.setdefault(row.key, {"text": {}, "schema": {}}).setdefault(side, {})
        for subject in result.subjects or (_WHOLE_SET,):
            known = verdicts.get(subject)
            if known is None or _GRAVITY.index(result.outcome) < _GRAVITY.index(known):
                verdicts[subject] = result.outcome
    told = []
    for key in sorted(rows):
        text, schema = seen[key]["text"], seen[key]["schema"]
        if not text or not schema:
            continue
        pairs: dict[tuple[Outcome, Outcome], list[int]] = {}
        for subject in sorted({*text, *schema}):
            pair = (text.get(subject, Outcome.NOT_APPLICABLE), schema.get(subject, Outcome.NOT_APPLICABLE))
            pairs.setdefault(pair, []).append(subject)
        for (one, other), subjects in pairs.items():
            if one is not Outcome.NOT_APPLICABLE or other is not Outcome.NOT_APPLICABLE:
                named = tuple(subject for subject in subjects if subject != _WHOLE_SET)
                told.append(Contradiction(rows[key], one, other, named))
    return tuple(
        sorted(told, key=lambda one: (not one.differs, one.requirement.position, one.requirement.key))
    )


_WHOLE_SET = -1


def _decides(result: RequirementResult) -> bool:
    return result.basis is None and result.requirement.decides_conformity


def subject_verdicts(scopes: Sequence[Scope], results: Iterable[RequirementResult]) -> tuple[Verdict, ...]:
    """Verdict on every subject, in one pass over the results that name it."""
    failed, doubtful, tested = set[int](), set[int](), set[int]()
    for result in results:
        if not _decides(result):
            if result.outcome is Outcome.PASSED and result.basis is None:
                # An endpoint in a role that nothing decides for (a publisher, say) has still been tested.
                tested.update(index for index in result.subjects if scopes[index] is Scope.ENDPOINT)
            continue
        if result.outcome is Outcome.FAILED:
            failed.update(result.subjects)
        elif result.outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE):
            doubtful.update(result.subjects)
        elif result.outcome is Outcome.PASSED:
            tested.update(result.subjects)
    verdicts = []
    for index, scope in enumerate(scopes):
        if index in failed:
            verdicts.append(Verdict.NOT_CONFORMANT)
        elif index in doubtful or index not in tested:
            verdicts.append(Verdict.INCONCLUSIVE)
        else:
            verdicts.append(Verdict.DOCUMENT_VALID if scope is Scope.DOCUMENT else Verdict.CONFORMANT)
    return tuple(verdicts)


def overall_verdict(
    subjects: Iterable[Subject], results: Iterable[RequirementResult], *, require_secured: bool = False
) -> Verdict:
    """A failed MUST beats error and inconclusive, which beat conformant; nothing tested is inconclusive."""
    verdicts = {subject.verdict for subject in subjects}
    for result in results:
        if _decides(result) and result.outcome is Outcome.FAILED:
            verdicts.add(Verdict.NOT_CONFORMANT)
        elif _decides(result) and result.outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE):
            verdicts.add(Verdict.INCONCLUSIVE)
    if Verdict.NOT_CONFORMANT in verdicts:
        return Verdict.NOT_CONFORMANT
    if Verdict.DOCUMENT_VALID in verdicts and require_secured:
        return Verdict.NOT_CONFORMANT
    if not verdicts or Verdict.INCONCLUSIVE in verdicts:
        return Verdict.INCONCLUSIVE
    return Verdict.DOCUMENT_VALID if Verdict.DOCUMENT_VALID in verdicts else Verdict.CONFORMANT
