"""Judge one document by every row that can be decided from it: the pure core under the engine and the self-test.

What a kind of document has to answer is compiled once (:class:`DocumentJudge`); judging then walks a flat list. A
passing row costs no object of its own: its result is shared by all documents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from assay.harness.checks import Check, NotApplicable, Remark, Undecided
from assay.harness.checks.by_schema import Attribution, place_labels
from assay.harness.material import UNTP_KINDS, CredentialSet, Document, Kind
from assay.harness.results import Finding, Outcome, RequirementResult
from assay.profiles.catalogue import CheckKind, Requirement
from assay.profiles.untp_0_7.table import CLASSES, EVENT_CLASSES

__all__ = ["DocumentJudge", "judge_document", "judge_set"]

_HAS_SCHEMA = UNTP_KINDS | {Kind.SCHEME, Kind.LINKSET}
_SCHEMA_VERSION = "0.7.0"
_JUDGED_VERSIONS = frozenset({None, _SCHEMA_VERSION})
_SPEAKS_OF_UNTP = UNTP_KINDS | {Kind.SCHEME}
_LINKSET_CLASSES = frozenset({"Linkset", "LinkContext", "LinkTarget"})


@dataclass(frozen=True, slots=True)
class _Entry:
    """One verdict to give: a row under one basis, what decides it, and its two results that need no finding."""

    requirement: Requirement
    basis: str | None
    checks: tuple[Check, ...]
    labels: frozenset[str]
    """Classes one of which must occur for a schema row to apply; empty means always."""
    passed: RequirementResult
    absent: RequirementResult


@cache
def _labels(kind: str) -> frozenset[str]:
    """Classes and references that can occur in a kind of document, as the index of a document names them."""
    if kind == Kind.LINKSET:
        return _LINKSET_CLASSES
    found = {kind}
    waiting = [kind]
    seen = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in CLASSES:
            continue
        seen.add(name)
        for prop in CLASSES[name].properties:
            if not prop.is_node:
                continue
            targets = (prop.range, *EVENT_CLASSES) if prop.range == "LifecycleEvent" else (prop.range,)
            for target in targets:
                found.add(target if prop.kind == "class" else f"{target}Reference")
                waiting.append(target)
    return frozenset(found)


class DocumentJudge:
    """Judges documents by the rows of a catalogue that can be decided from one document.

    Rows for verifiers, rows decided by trials, by the graph or from the whole set are not its business. Rows of
    UNTP 0.7 are not asked of documents that speak another version.
    """

    def __init__(
        self, requirements: Mapping[str, Requirement], checks: Mapping[str, Sequence[Check]]
    ) -> None:
        self._rows = [
            row
            for row in requirements.values()
            if row.check in (CheckKind.CODE, CheckKind.SCHEMA) and row.role != ("VER",)
        ]
        self._checks = checks
        self._attribution = Attribution(self._rows)
        self._plans: dict[tuple[Kind, bool], tuple[_Entry, ...]] = {}

    def rows(self, kind: Kind) -> tuple[Requirement, ...]:
        """The rows that a document of this kind is judged by."""
        return tuple(dict.fromkeys(entry.requirement for entry in self._plan(kind, True)))

    def judge(
        self, document: Document, only: Collection[tuple[str, str | None]] | None = None
    ) -> list[RequirementResult]:
        """One result per row and basis, in the order of the catalogue; ``subjects`` is left to the caller.

        ``only`` names the rows (id and basis) to judge, where the caller knows that the others have nothing to say.
        """
        plan = self._plan(document.kind, document.untp in _JUDGED_VERSIONS)
        schema = self._attribution.findings(document) if document.schema_errors else {}
        return [
            _judge(entry, document, schema)
            for entry in plan
            if only is None or (entry.requirement.id, entry.basis) in only
        ]

    def work(self, kind: Kind) -> Iterator[tuple[str, str | None, Check | None]]:
        """What judging a document of this kind of the current version amounts to: rows, bases and their checks.

        Rows that the schema decides come with None.
        """
        for entry in self._plan(kind, True):
            for check in entry.checks or (None,):
                yield entry.requirement.id, entry.basis, check

    def _plan(self, kind: Kind, released: bool) -> tuple[_Entry, ...]:
        known = self._plans.get((kind, released))
        if known is None:
            known = self._plans[kind, released] = tuple(self._compile(kind, released))
        return known

    def _compile(self, kind: Kind, released: bool) -> Iterator[_Entry]:
        for row in self._rows:
            if row.profile == "untp-0.7" and not released and kind in _SPEAKS_OF_UNTP:
                continue
            if row.check is CheckKind.SCHEMA:
                if kind not in _HAS_SCHEMA:
                    continue
                if row.places == ("*",):
                    if kind is not Kind.LINKSET:
                        yield _entry(row, row.basis, (), frozenset())
                elif labels := place_labels(row.places, kind.value) & _labels(kind.value):
                    yield _entry(row, row.basis, (), labels)
                continue
            by_basis: dict[str | None, list[Check]] = {}
            for check in self._checks.get(row.id, ()):
                if _applies(check, kind):
                    by_basis.setdefault(check.basis or row.basis, []).append(check)
            for basis, checks in by_basis.items():
                yield _entry(row, basis, tuple(checks), frozenset())


def _entry(row: Requirement, basis: str | None, checks: tuple[Check, ...], labels: frozenset[str]) -> _Entry:
    return _Entry(
        row,
        basis,
        checks,
        labels,
        RequirementResult(row, Outcome.PASSED, basis=basis),
        RequirementResult(row, Outcome.NOT_APPLICABLE, basis=basis),
    )


def _applies(check: Check, kind: Kind) -> bool:
    if check.whole_set or check.trial is not None:
        return False
    if check.kinds and kind not in check.kinds:
        return False
    return not check.cls or not _labels(kind.value).isdisjoint(check.cls)


def _judge(entry: _Entry, document: Document, schema: Mapping[str, tuple[Finding, ...]]) -> RequirementResult:
    if entry.checks:
        return _by_code(entry, document)
    if found := schema.get(entry.requirement.id):
        return replace(entry.passed, outcome=Outcome.FAILED, findings=found)
    if document.as_of is None or document.untp != _SCHEMA_VERSION:
        note = "the document was not held against the schema of UNTP 0.7.0"
        return replace(entry.passed, outcome=Outcome.INCONCLUSIVE, note=note)
    if entry.labels and entry.labels.isdisjoint(document.index):
        return entry.absent
    return entry.passed


def _targets(check: Check, document: Document) -> Iterable[Any]:
    return document.nodes(*check.cls) if check.cls else (document,)


def _by_code(entry: _Entry, document: Document) -> RequirementResult:
    return _collect(
        entry,
        (
            (check, target)
            for check in entry.checks
            if not (check.silent_when_certified and document.certified)
            for target in _targets(check, document)
        ),
        silent=document.certified and any(check.silent_when_certified for check in entry.checks),
    )


def _collect(entry: _Entry, work: Iterable[tuple[Check, Any]], *, silent: bool = False) -> RequirementResult:
    """Call checks and turn what they say into one result."""
    findings: list[Finding] = []
    remarks: list[str] = []
    undecided: list[str] = []
    inapplicable: list[str] = []
    decided = silent
    for check, target in work:
        try:
            before = len(findings)
            for said in check.function(target):
                if type(said) is Finding:
                    findings.append(said)
                elif type(said) is Remark:
                    remarks.append(said.text)
            decided = True
        except Undecided as reason:
            # what a check found before it could not go on still counts
            undecided.extend([str(reason)] if len(findings) == before else [])
        except NotApplicable as reason:
            inapplicable.append(str(reason))
        except Exception as error:  # noqa: BLE001 - our own mistake must not read as one of the document's author
            note = f"Assay failed in {check.function.__module__}.{check.function.__name__}: {error!r}"
            return replace(entry.passed, outcome=Outcome.ERROR, note=note)
    if findings:
        return replace(entry.passed, outcome=Outcome.FAILED, findings=tuple(findings))
    if undecided:
        return replace(entry.passed, outcome=Outcome.INCONCLUSIVE, note=_joined(undecided))
    if not decided:
        return replace(entry.absent, note=_joined(inapplicable)) if inapplicable else entry.absent
    return replace(entry.passed, note=_joined(remarks)) if remarks else entry.passed


def _joined(texts: list[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


_JUDGES: dict[tuple[int, int], tuple[Any, Any, DocumentJudge]] = {}


def judge_document(
    document: Document, requirements: Mapping[str, Requirement], checks: Mapping[str, Sequence[Check]]
) -> list[RequirementResult]:
    """Judge one verified document; the compiled judge is kept for as long as the same mappings are used."""
    key = (id(requirements), id(checks))
    known = _JUDGES.get(key)
    if known is None:
        if len(_JUDGES) >= 8:
            _JUDGES.clear()
        # the mappings are kept beside the judge, so that their ids cannot be given to others meanwhile
        known = _JUDGES[key] = (requirements, checks, DocumentJudge(requirements, checks))
    return known[2].judge(document)


def judge_set(
    material: CredentialSet,
    requirements: Mapping[str, Requirement],
    checks: Mapping[str, Sequence[Check]],
    wanted: Callable[[Requirement], bool] = lambda row: True,
) -> list[RequirementResult]:
    """Judge the set as a whole by the rows whose checks ask for it."""
    results = []
    for row in requirements.values():
        if row.check is not CheckKind.CODE or row.role == ("VER",) or not wanted(row):
            continue
        by_basis: dict[str | None, list[Check]] = {}
        for check in checks.get(row.id, ()):
            if check.whole_set:
                by_basis.setdefault(check.basis or row.basis, []).append(check)
        for basis, chosen in by_basis.items():
            entry = _entry(row, basis, tuple(chosen), frozenset())
            results.append(_collect(entry, ((check, material) for check in chosen)))
    return results
