"""The self-test: every check is shown to fail when it should, and to stay silent when it should.

A *base* (``fixtures/bases/<name>.json``) is a document without fault; a *mutant* (``fixtures/mutants/*.yaml``) is a
base with one thing broken::

    - requirement: DPP-061
      base: dfr
      ops: [[set, /credentialSubject/performanceClaim/0/applicablePeriod/endDate, "2020-01-01"]]

:func:`assay.harness.forge.ring.material_for` explains the further keys. A mutant makes its row fail, and besides it
only what the catalogue declares for that row (``implies``, ``same_as``, and validity against the schema for rows that
answer for schema errors). Rows about the whole set are judged over the mutant together with the bases that it lists
under ``with``.

Other rooms prove their checks in their own way and hand in a :class:`GroupReport` of the same form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import assay.fixtures
from assay.harness.checks import Check, load_checks
from assay.harness.checks.by_schema import CATCH_ALL
from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf, verify
from assay.harness.credential.versions import LEGACY_VERSIONS
from assay.harness.forge.operations import OperationError
from assay.harness.forge.ring import MutantError, default_judges, material_for
from assay.harness.judge import DocumentJudge, judge_set
from assay.harness.material import CredentialSet, Document, Kind
from assay.harness.results import Outcome, RequirementResult
from assay.profiles.catalogue import CheckKind, Level, Requirement, load_profiles, profile_names

__all__ = [
    "AS_OF",
    "CONSTANT_ANSWERS",
    "LIVE",
    "Bench",
    "Failure",
    "GroupReport",
    "Mutant",
    "SelftestReport",
    "closure",
    "constant_answers",
    "documents",
    "load_bases",
    "load_mutants",
    "selftest",
]

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
"""The date at which the set of all bases is judged; every base is valid then."""

CONSTANT_ANSWERS = (
    b"",
    b"{}",
    b"[]",
    b"[{}]",
    b"true",
    b"null",
    b"0",
    b'"ok"',
    b'{"verified":true}',
    b"<html></html>",
)
"""What an implementation without any implementation might answer to everything."""

LIVE = "live.yaml"
"""Mutants that are endpoints: named faults of a sandbox, proven by the group that runs one."""

_FIXTURES = Path(assay.fixtures.__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OWN_KEYS = frozenset({"requirement", "note", "with"})


@dataclass(frozen=True)
class Mutant:
    """One broken thing: which row it breaks, what :func:`material_for` builds it from, and where it is defined."""

    requirement: str
    definition: Mapping[str, Any]
    where: str

    @property
    def company(self) -> tuple[str, ...]:
        """The bases that stand beside the mutant when the set is judged."""
        return tuple(self.definition.get("with", ()))


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that the self-test found wrong with Assay itself."""

    requirement: str
    where: str
    problem: str


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What one group of proofs came to: rows that need one, rows that have one, proofs carried out, failures."""

    name: str
    rows: int
    proven: int
    mutants: int
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class SelftestReport:
    """The outcome of the whole self-test."""

    groups: tuple[GroupReport, ...]

    @property
    def failures(self) -> tuple[Failure, ...]:
        return tuple(failure for group in self.groups for failure in group.failures)

    @property
    def ok(self) -> bool:
        return not self.failures


def load_bases(folder: Path | None = None) -> dict[str, Any]:
    """The base documents by name."""
    found = sorted((folder or _FIXTURES / "bases").glob("*.json"))
    return {path.stem: json.loads(path.read_bytes()) for path in found}


def load_mutants(folder: Path | None = None) -> tuple[Mutant, ...]:
    """All mutants, in the order of their files.

    :raises MutantError: a file that is no list of mutants, or a mutant without requirement.
    """
    mutants = []
    for path in sorted((folder or _FIXTURES / "mutants").glob("*.yaml")):
        if path.name == LIVE:
            continue
        entries = yaml.load(path.read_bytes(), Loader=_LOADER) or ()  # noqa: S506 - a safe loader, C variant where built
        if not isinstance(entries, list):
            raise MutantError(f"{path.name}: expected a list of mutants")
        for place, entry in enumerate(entries):
            if not isinstance(entry, dict) or not isinstance(entry.get("requirement"), str):
                raise MutantError(f"{path.name}: entry {place + 1} names no requirement")
            mutants.append(Mutant(entry["requirement"], entry, f"{path.name}, entry {place + 1}"))
    return tuple(mutants)


def closure(requirements: Mapping[str, Requirement], identifier: str, profile: str = "") -> frozenset[str]:
    """The rows that may fail together with a row: what it implies, the same rule elsewhere, and so on from there.

    A row that answers for schema errors implies the row that asks for validity as a whole. Where ``profile`` has adopted a
    row, what it says there counts.
    """
    found: set[str] = set()
    waiting = [identifier]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        row = requirements.get(f"{name}@{profile}") or requirements.get(name)
        if row is not None:
            waiting += [*row.implies, *row.same_as]
            if row.places and row.basis is None:
                waiting.append(CATCH_ALL)
    return frozenset(found)


@dataclass
class Bench:
    """Everything that proofs are carried out with."""

    requirements: Mapping[str, Requirement]
    checks: Mapping[str, Sequence[Check]]
    bases: Mapping[str, Any] = field(default_factory=load_bases)

    def __post_init__(self) -> None:
        self.judge = DocumentJudge(self.requirements, self.checks)
        self.set_rows = {
            row.id
            for row in self.requirements.values()
            if row.check is CheckKind.CODE and any(check.whole_set for check in self.checks.get(row.id, ()))
        }
        self._material: dict[str, Document] = {}

    @classmethod
    @cache
    def default(cls) -> Bench:
        """All profiles, all checks, all bases that ship with Assay."""
        return cls(load_profiles(tuple(profile_names())), load_checks())

    def material(self, name: str) -> Document:
        """A base as a verified document."""
        if name not in self._material:
            self._material[name] = self.build({"base": name})
        return self._material[name]

    def build(self, definition: Mapping[str, Any]) -> Document:
        """The verified document of a mutant definition; the issuer of the base stays what it is unless told otherwise.

        :raises MutantError: a definition that cannot be built.
        """
        wanted = {key: value for key, value in definition.items() if key not in _OWN_KEYS}
        base = self.bases.get(wanted.get("base", "dpp"))
        issuer = base.get("issuer") if isinstance(base, dict) else None
        if isinstance(issuer, dict) and isinstance(issuer.get("id"), str):
            wanted["did"] = {"issuer": issuer["id"], **wanted.get("did", {})}
        return material_for(wanted, self.bases)

    def judged(self, document: Document, company: Iterable[str] = ()) -> list[RequirementResult]:
        """Results on one document, and on the set that it makes up with some bases.

        :raises MutantError: an unknown base.
        """
        unknown = [name for name in company if name not in self.bases]
        if unknown:
            raise MutantError(f"with: {unknown[0]!r} is unknown; choose from {', '.join(sorted(self.bases))}")
        documents = (document, *(self.material(name) for name in company))
        material = CredentialSet(documents=documents, as_of=AS_OF)
        return [*self.judge.judge(document), *judge_set(material, self.requirements, self.checks)]

    def needing_proof(self) -> frozenset[str]:
        """The rows that are decided from documents, and so need a mutant."""
        single = {row.id for kind in Kind for row in self.judge.rows(kind)}
        return frozenset(single | self.set_rows)


def _failed(results: Iterable[RequirementResult], *, with_basis: bool) -> set[str]:
    return {
        result.requirement.id
        for result in results
        if result.outcome is Outcome.FAILED
        and (result.basis is None or (with_basis and result.requirement.follows is None))
    }


def _broken(results: Iterable[RequirementResult], where: str) -> list[Failure]:
    return [
        Failure(result.requirement.id, where, result.note)
        for result in results
        if result.outcome is Outcome.ERROR
    ]


def _prove(bench: Bench, mutant: Mutant) -> tuple[set[str], list[Failure]]:
    """The rows that a mutant proves, and what is wrong with it."""

    def failure(problem: str) -> Failure:
        return Failure(mutant.requirement, mutant.where, problem)

    if mutant.requirement not in bench.requirements:
        return set(), [failure("the catalogue has no such row")]
    try:
        document = bench.build(mutant.definition)
        results = bench.judged(document, mutant.company)
    except (MutantError, OperationError) as error:
        return set(), [failure(str(error))]
    failures = _broken(results, mutant.where)
    legacy = document.untp in LEGACY_VERSIONS
    allowed = closure(bench.requirements, mutant.requirement, "untp-0.6" if legacy else "")
    failed = _failed(results, with_basis=True)
    if mutant.requirement not in failed:
        told = [
            f"{r.outcome.value} {r.note}".strip() for r in results if r.requirement.id == mutant.requirement
        ]
        failures.append(failure(f"its row does not fail: {'; '.join(told) or 'not judged at all'}"))
    for other in sorted(_failed(results, with_basis=False) - allowed):
        failures.append(
            failure(f"{other} fails too, and {mutant.requirement} does not say that it implies it")
        )
    proven = {mutant.requirement, *bench.requirements[mutant.requirement].same_as} & failed
    return proven, failures


def _clean(bench: Bench, name: str) -> list[Failure]:
    """A base without fault fails no row, be it MUST or SHOULD, alone or among all the others."""
    where = f"bases/{name}.json"
    others = [other for other in bench.bases if other != name]
    results = [*bench.judged(bench.material(name)), *bench.judged(bench.material(name), others)]
    failures = _broken(results, where)
    for result in results:
        if result.outcome is Outcome.FAILED and result.basis is None:
            finding = result.findings[0]
            told = f"fails on a base without fault at {finding.at.pointer or '/'}: {finding.received}"
            failures.append(Failure(result.requirement.id, where, told))
    return list(dict.fromkeys(failures))


def documents(bench: Bench, mutants: Sequence[Mutant]) -> GroupReport:
    """Prove every row that is decided from documents."""
    failures = [failure for name in bench.bases for failure in _clean(bench, name)]
    proven: set[str] = set()
    for mutant in mutants:
        shown, wrong = _prove(bench, mutant)
        proven |= shown
        failures += wrong
    needed = bench.needing_proof()
    failures += [
        Failure(row, "fixtures/mutants", "no mutant makes this row fail") for row in sorted(needed - proven)
    ]
    return GroupReport("documents", len(needed), len(needed & proven), len(mutants), tuple(failures))


def constant_answers(bench: Bench) -> GroupReport:
    """No answer that says nothing passes a requirement of a specification; the rows of ``intake`` name what it is."""
    failures = []
    for raw in CONSTANT_ANSWERS:
        document = read("constant answer", raw)
        verify(document, Shelf(), AS_OF, default_judges())
        results = bench.judge.judge(document)
        where = f"answer {raw.decode()!r}"
        failures += _broken(results, where)
        for result in results:
            if result.outcome is Outcome.PASSED and result.requirement.profile != "intake":
                failures.append(Failure(result.requirement.id, where, "passes"))
        if not any(r.outcome is Outcome.FAILED and r.requirement.level is Level.MUST for r in results):
            failures.append(Failure("", where, "no row says that this is no material"))
    count = len(CONSTANT_ANSWERS)
    return GroupReport(
        "constant answers", count, count - len({f.where for f in failures}), count, tuple(failures)
    )


def selftest(
    extra: Sequence[Callable[[], GroupReport]] = (), *, bench: Bench | None = None
) -> SelftestReport:
    """Run all proofs: documents, constant answers, and the groups that other rooms hand in."""
    bench = bench or Bench.default()
    groups = [documents(bench, load_mutants()), constant_answers(bench)]
    return SelftestReport((*groups, *(group() for group in extra)))
