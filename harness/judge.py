"""Judge one document by every row that can be decided from it: the pure core under the engine and the self-test.

What a kind of document has to answer is compiled once (:class:`DocumentJudge`); judging then walks a flat list. A
passing row costs no object of its own: its result is shared by all documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from assay.harness.checks import Check
from assay.harness.checks.by_schema import Attribution, is_held, place_labels
from assay.harness.credential.versions import DEFAULT_VERSION, JUDGED_VERSIONS, LEGACY_VERSIONS, table
from assay.harness.material import UNTP_KINDS, CredentialSet, Document, Kind
from assay.harness.results import Outcome, RequirementResult
from assay.harness.row_verdicts import (
    Calls,
    Entry,
    absent,
    by_code,
    collect,
    entry_of,
    has_something_to_say,
    targets,
)
from assay.harness.settled import INAPPLICABLE, NOTHING, Proofs, left_to_call, never_applies, proofs_of
from assay.profiles.catalogue import CheckKind, Requirement

__all__ = ["DocumentJudge", "Judged", "judge_document", "judge_set"]

_HAS_SCHEMA = UNTP_KINDS | {Kind.SCHEME, Kind.LINKSET}
_CURRENT, _LEGACY = "untp-0.7", "untp-0.6"
_BOUND = frozenset({_CURRENT, "extension", "guidance"})
"""Profiles whose rows are written for the current version; a legacy profile adopts those that hold there too."""
_SPEAKS_OF_UNTP = UNTP_KINDS | {Kind.SCHEME}
_MAXIMUM_PREPARED = 2_048
_WORTH_PROVING = 16
"""Documents of a kind after which proofs are asked for: the schemas behind them take as long to compile as they save on these."""
_QUIET = (Outcome.PASSED, Outcome.NOT_APPLICABLE)
_LINKSET_CLASSES = frozenset({"Linkset", "LinkContext", "LinkTarget"})


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Verdicts of a plan as far as class labels and certificate tell, and what is left to run."""

    results: tuple[RequirementResult, ...]
    by_schema: Mapping[str, tuple[int, ...]]
    """Places of each schema row among the results: several where profiles adopt it beside each other."""
    work: tuple[tuple[int, Entry, Calls, bool], ...]
    """Place, entry, what to call, and whether a certificate or a proof has decided a part of it already."""
    contradicted: tuple[tuple[Requirement, tuple[int, ...]], ...]
    """Rows on which text and schema contradict each other, with the places of their results."""
    loud: tuple[int, ...]
    """Places of results without basis that are neither passed nor inapplicable before anything has run."""
    partners: Mapping[int, frozenset[int]]
    """For each place of a result with a basis, the places of the same row."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of a document: results that all documents like it share, and what is different of this one."""

    shared: tuple[RequirementResult, ...]
    """The same object for documents that are alike."""
    different: Mapping[int, RequirementResult]
    """Results of this document alone, by their place among the shared ones."""
    outright: tuple[RequirementResult, ...] = ()
    """Results beside these: of rows that are broken by text and schema."""


def _home(row: Requirement) -> str:
    """The profile whose version of UNTP a row is written for; a user's profile adopts rows without rewriting them."""
    return row.profile if row.profile == _LEGACY or not row.adopted_from else row.adopted_from


def _series(version: str | None) -> str | None:
    """The minor series of a version that is judged; None of any other. A document without version is a current one."""
    if version is None or version == DEFAULT_VERSION:
        return "0.7"
    return "0.6" if version in LEGACY_VERSIONS else None


@cache
def _labels(kind: str, version: str = DEFAULT_VERSION) -> frozenset[str]:
    """Classes and references that can occur in a kind of document, as the index of a document names them."""
    if kind == Kind.LINKSET:
        return _LINKSET_CLASSES
    known = table(version)
    found = {kind}
    waiting = [kind]
    seen = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in known.classes:
            continue
        seen.add(name)
        for prop in known.classes[name].properties:
            if not prop.is_node:
                continue
            targets = (prop.range, *known.events) if prop.range == known.event_base else (prop.range,)
            for target in targets:
                found.add(target if prop.kind == "class" else f"{target}Reference")
                waiting.append(target)
    return frozenset(found)


class DocumentJudge:
    """Judges documents by the rows of a catalogue that can be decided from one document.

    Rows for verifiers, rows decided by trials, by the graph or from the whole set are not its business. Rows of one
    version of UNTP are not asked of documents that speak another.
    """

    def __init__(
        self,
        requirements: Mapping[str, Requirement],
        checks: Mapping[str, Sequence[Check]],
        worth_proving: int = _WORTH_PROVING,
    ) -> None:
        """``worth_proving`` is the number of documents of a kind that are judged check by check, before proofs are asked for."""
        self._worth_proving = worth_proving
        self._met: Counter[Kind] = Counter()
        self._rows = [
            row
            for row in requirements.values()
            if row.check in (CheckKind.CODE, CheckKind.SCHEMA) and row.role != ("VER",)
        ]
        self._checks = checks
        contradicted = {
            row.id
            for row in self._rows
            if row.follows is None and any(check.basis for check in checks.get(row.check_id, ()))
        }
        self._attributions = {
            legacy: Attribution(
                {
                    row.id: row for row in self._rows if _home(row) not in (_BOUND if legacy else (_LEGACY,))
                }.values(),
                contradicted,
            )
            for legacy in (False, True)
        }
        self._plans: dict[tuple[Kind, str | None], tuple[Entry, ...]] = {}
        self._prepared: dict[tuple[Any, ...], _Prepared] = {}

    def rows(self, kind: Kind) -> tuple[Requirement, ...]:
        """The rows that a document of this kind is judged by."""
        plans = [self._plan(kind, version) for version in (DEFAULT_VERSION, *sorted(LEGACY_VERSIONS))]
        return tuple(dict.fromkeys(entry.requirement for plan in plans for entry in plan))

    def judge(
        self, document: Document, only: Collection[tuple[str, str | None]] | None = None
    ) -> list[RequirementResult]:
        """One result per row and basis, in the order of the catalogue; ``subjects`` is left to the caller.

        Where text and schema contradict each other and a document is wrong by both, the row fails outright as well,
        in a result without basis. A row that follows one of the two gives that side's verdict without basis, and the
        other side's with it. ``only`` names the rows (id and basis) to judge, where the caller knows that the
        others have nothing to say.
        """
        judged = self.compared(document, only)
        results = list(judged.shared)
        for place, result in judged.different.items():
            results[place] = result
        if only is not None:
            results = [result for result in results if (result.requirement.id, result.basis) in only]
        return [*results, *judged.outright]

    def compared(self, document: Document, only: Collection[tuple[str, str | None]] | None = None) -> Judged:
        """What :meth:`judge` says of a document, as its difference from what is said of all that are like it."""
        prepared = self._prepare(document, self._proofs(document) if only is None else NOTHING)
        shared = prepared.results
        different: dict[int, RequirementResult] = {}
        if document.schema_errors:
            for row, findings in self._attribution(document).findings(document).items():
                for place in prepared.by_schema.get(row, ()):
                    different[place] = replace(
                        shared[place], outcome=Outcome.FAILED, findings=findings, note=""
                    )
        for place, entry, calls, decided in prepared.work:
            if only is None or (entry.requirement.id, entry.basis) in only:
                said = by_code(entry, calls, decided, document)
                if said is not None:
                    different[place] = said
        return Judged(shared, different, tuple(_wrong_either_way(prepared, different)))

    def loud(
        self,
        document: Document,
        only: Collection[tuple[str, str | None]] | None = None,
        settled: Collection[str] = (),
    ) -> tuple[RequirementResult, ...]:
        """The results of :meth:`judge` without basis that neither passed nor were inapplicable, for less.

        Passing rows cost their checks and nothing more, and ``settled`` ones, known to have nothing to say, not even
        that. Rows with two bases count only where a document is wrong by
        both, so they are judged only if all of them have something to say.
        """
        prepared = self._prepare(document)
        changed: dict[int, RequirementResult] = {}
        if document.schema_errors:
            for row, findings in self._attribution(document).findings(document).items():
                for place in prepared.by_schema.get(row, ()):
                    changed[place] = replace(
                        prepared.results[place], outcome=Outcome.FAILED, findings=findings, note=""
                    )
        aside: dict[int, tuple[Entry, Calls, bool]] = {}
        for place, entry, calls, decided in prepared.work:
            identifier = entry.requirement.id
            if identifier in settled or (only is not None and (identifier, entry.basis) not in only):
                continue
            if entry.basis is not None and entry.requirement.follows is not None:
                continue  # the other side of a contradiction, which decides nothing
            if has_something_to_say(calls, document):
                if entry.basis is None:
                    changed[place] = collect(entry, targets(calls, document), silent=decided)
                else:
                    aside[place] = (entry, calls, decided)
        outright: list[RequirementResult] = []
        if aside:
            different = {
                place: collect(entry, targets(calls, document), silent=decided)
                for place, (entry, calls, decided) in aside.items()
                if prepared.partners[place] <= changed.keys() | aside.keys()
            }
            outright = _wrong_either_way(prepared, {**different, **changed})
        for place in prepared.loud:
            changed.setdefault(place, prepared.results[place])
        told = [changed[place] for place in sorted(changed)]
        return tuple(
            result for result in (*told, *outright) if result.basis is None and result.outcome not in _QUIET
        )

    def _attribution(self, document: Document) -> Attribution:
        return self._attributions[document.untp in LEGACY_VERSIONS]

    def _proofs(self, document: Document) -> Proofs:
        self._met[document.kind] += 1
        return proofs_of(document) if self._met[document.kind] > self._worth_proving else NOTHING

    def _prepare(self, document: Document, proofs: Proofs = NOTHING) -> _Prepared:
        """What can be said of a document without running any check, kept by what decides it."""
        held = is_held(document)
        version = document.untp if document.untp in JUDGED_VERSIONS or document.untp is None else ""
        labels = frozenset(document.index)
        key = (document.kind, version, document.certified, held, labels, proofs)
        known = self._prepared.get(key)
        if known is None:
            if len(self._prepared) >= _MAXIMUM_PREPARED:
                self._prepared.clear()
            plan = self._plan(document.kind, version)
            known = self._prepared[key] = _prepared(
                plan, document.kind, document.certified, held, labels, proofs
            )
        return known

    def work(
        self, kind: Kind, version: str = DEFAULT_VERSION
    ) -> Iterator[tuple[str, str | None, Check | None]]:
        """What judging a document of this kind and version amounts to: rows, bases and their checks.

        Rows that the schema decides come with None.
        """
        for entry in self._plan(kind, version):
            for check in entry.checks or (None,):
                yield entry.requirement.id, entry.basis, check

    def _plan(self, kind: Kind, version: str | None) -> tuple[Entry, ...]:
        known = self._plans.get((kind, version))
        if known is None:
            known = self._plans[kind, version] = tuple(self._compile(kind, version))
        return known

    def _compile(self, kind: Kind, version: str | None) -> Iterator[Entry]:
        series = _series(version)
        release = version or DEFAULT_VERSION
        legacy = series == "0.6" and kind in UNTP_KINDS
        for row in self._rows:
            home = _home(row)
            if home in _BOUND if legacy else home == _LEGACY:
                continue
            if home == _CURRENT and series != "0.7" and kind in _SPEAKS_OF_UNTP:
                continue
            if row.check is CheckKind.SCHEMA:
                if kind not in _HAS_SCHEMA:
                    continue
                if row.places == ("*",):
                    if kind is not Kind.LINKSET:
                        yield entry_of(row, row.basis, (), frozenset())
                elif labels := place_labels(row.places, kind.value) & _labels(kind.value, release):
                    yield entry_of(row, row.basis, (), labels)
                else:
                    continue
                # what is left is the verdict of the other side, where the row follows the schema against the text
            by_basis: dict[str | None, list[Check]] = {}
            for check in self._checks.get(row.check_id, ()):
                if check.series in (None, series) and _applies(check, kind, release):
                    by_basis.setdefault(check.basis or row.basis, []).append(check)
            for basis, checks in by_basis.items():
                yield entry_of(row, basis, tuple(checks), frozenset())


def _applies(check: Check, kind: Kind, version: str) -> bool:
    if check.whole_set or check.trial is not None:
        return False
    if check.kinds and kind not in check.kinds:
        return False
    return not check.cls or not _labels(kind.value, version).isdisjoint(check.cls)


def _prepared(
    plan: Sequence[Entry],
    kind: Kind,
    certified: bool,
    held: bool,
    labels: frozenset[str],
    proofs: Proofs,
) -> _Prepared:
    results: list[RequirementResult] = []
    by_schema: dict[str, tuple[int, ...]] = {}
    work: list[tuple[int, Entry, Calls, bool]] = []
    for place, entry in enumerate(plan):
        if not entry.checks:
            name = entry.requirement.id
            by_schema[name] = (*by_schema.get(name, ()), place)
            results.append(_without_errors(entry, held, labels))
            continue
        present = tuple(
            (check, tuple(name for name in check.cls if name in labels))
            for check in entry.checks
            if not check.cls or not labels.isdisjoint(check.cls)
        )
        if proofs.silent and entry.requirement.id in INAPPLICABLE:
            reasons = {never_applies(check, names, proofs) for check, names in present}
            if len(reasons) == 1 and (reason := reasons.pop()) is not None:
                results.append(absent(entry, reason))
                continue
        calls = tuple(_left(present, kind, certified, proofs))
        if calls:
            work.append((place, entry, calls, calls != present))
        results.append(entry.passed if present else entry.absent)
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(plan):
        if entry.basis is not None:
            places.setdefault(entry.requirement.key, []).append(place)
    contradicted = tuple(
        (plan[found[0]].requirement, tuple(found)) for found in places.values() if len(found) > 1
    )
    loud = tuple(
        place for place, result in enumerate(results) if result.basis is None and result.outcome not in _QUIET
    )
    partners = {place: frozenset(found) for found in places.values() for place in found}
    return _Prepared(tuple(results), by_schema, tuple(work), contradicted, loud, partners)


def _left(
    present: Calls, kind: Kind, certified: bool, proofs: Proofs
) -> Iterator[tuple[Check, tuple[str, ...]]]:
    """What is left to call where certificate and proofs have decided the rest: that it passes."""
    for check, names in present:
        if certified and check.silent_when_certified:
            continue
        left = left_to_call(check, names, kind.value, proofs)
        if left is not None:
            yield check, left


def _wrong_either_way(
    prepared: _Prepared, different: Mapping[int, RequirementResult]
) -> list[RequirementResult]:
    found = []
    for row, places in prepared.contradicted:
        results = [different.get(place) or prepared.results[place] for place in places]
        if all(result.outcome is Outcome.FAILED for result in results):
            findings = tuple(finding for result in results for finding in result.findings)
            note = "text and schema contradict each other, and it is wrong by both"
            found.append(RequirementResult(row, Outcome.FAILED, findings=findings, note=note))
    return found


def _without_errors(entry: Entry, held: bool, labels: frozenset[str]) -> RequirementResult:
    if not held:
        note = "the document was not held against the schema of its version of UNTP"
        return replace(entry.passed, outcome=Outcome.INCONCLUSIVE, note=note)
    return entry.absent if entry.labels and entry.labels.isdisjoint(labels) else entry.passed


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
    current = replace(
        material, documents=tuple(one for one in material.documents if one.untp not in LEGACY_VERSIONS)
    )
    spoken = len(current.documents) == len(material.documents) or any(
        one.kind in UNTP_KINDS for one in current.documents
    )
    for row in requirements.values():
        if row.check is not CheckKind.CODE or row.role == ("VER",) or not wanted(row):
            continue
        home = _home(row)
        if home == _LEGACY or (home in _BOUND and not spoken):
            continue  # what 0.6 adopts is decided from single documents; rows of 0.7 need some to speak of
        seen = current if home in _BOUND else material
        by_basis: dict[str | None, list[Check]] = {}
        for check in checks.get(row.check_id, ()):
            if check.whole_set:
                by_basis.setdefault(check.basis or row.basis, []).append(check)
        for basis, chosen in by_basis.items():
            entry = entry_of(row, basis, tuple(chosen), frozenset())
            results.append(collect(entry, [(check, seen) for check in chosen]))
    return results
