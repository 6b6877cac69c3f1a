"""From many small outcomes to one result per requirement and outcome, and to the verdict of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assay.harness.results import Finding, Outcome, RequirementResult, Subject, subject_verdicts
from assay.profiles.catalogue import Requirement

if TYPE_CHECKING:
    from assay.harness.judge import Judged

__all__ = ["Tally", "judged_subjects"]

_NOTES_KEPT = 3
_MOST_SHARED = 10_000
_MOST_ALIKE = 2_048


@dataclass
class _Group:
    requirement: Requirement
    outcome: Outcome
    basis: str | None
    subjects: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)


@dataclass
class _Alike:
    """Documents that share results, and those of them that have one of their own at a place."""

    shared: tuple[RequirementResult, ...]
    noted: tuple[int, ...]
    """Places of shared results with a note, which counts for every document."""
    subjects: list[int] = field(default_factory=list)
    apart: dict[int, list[int]] = field(default_factory=dict)

    def at(self, place: int) -> list[int]:
        """The documents that share the result at a place."""
        apart = set(self.apart.get(place, ()))
        return [one for one in self.subjects if one not in apart] if apart else self.subjects


class Tally:
    """Collects results per requirement; a passing document costs one list append, no event."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, Outcome, str | None], _Group] = {}
        self._shared: dict[int, tuple[RequirementResult, _Group]] = {}
        """Results without findings by identity, kept so that no other takes it: documents share such results."""
        self._alike: dict[int, _Alike] = {}
        """Documents by the identity of the results that they share."""

    def add_document(self, judged: Judged, subject: int) -> None:
        """Add what was said of one document."""
        alike = self._alike.get(id(judged.shared))
        if alike is None:
            if len(self._alike) >= _MOST_ALIKE:
                results = dict(enumerate(judged.shared)) | dict(judged.different)
                self.add((*(results[place] for place in sorted(results)), *judged.outright), subject)
                return
            noted = tuple(place for place, result in enumerate(judged.shared) if result.note)
            alike = self._alike[id(judged.shared)] = _Alike(judged.shared, noted)
        alike.subjects.append(subject)
        for place in judged.different:
            alike.apart.setdefault(place, []).append(subject)
        told = [
            judged.different.get(place) or judged.shared[place]
            for place in sorted({*alike.noted, *judged.different})
        ]
        self.add((*told, *judged.outright), subject)

    def add(self, results: Iterable[RequirementResult], subject: int | None = None) -> None:
        """Add results; ``subject`` replaces their own subjects where it is given."""
        shared = self._shared
        for result in results:
            known = shared.get(id(result))
            if known is not None and subject is not None:
                same = known[1]
                same.subjects.append(subject)
                if result.note:
                    same.notes[result.note] += 1
                continue
            key = (result.requirement.key, result.outcome, result.basis)
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = _Group(result.requirement, result.outcome, result.basis)
            if not result.findings and len(shared) < _MOST_SHARED:
                shared[id(result)] = (result, group)
            if subject is not None:
                group.subjects.append(subject)
            else:
                group.subjects.extend(result.subjects)
            if result.findings:
                group.findings.extend(result.findings)
            if result.note:
                group.notes[result.note] = group.notes.get(result.note, 0) + 1

    def results(self) -> tuple[RequirementResult, ...]:
        """One result per requirement, outcome and basis.

        *Not applicable* is dropped for a requirement that was decided somewhere else, so that a count of requirements
        says what was really judged.
        """
        groups = self._with_shared()
        decided = {key[0] for key in groups if key[1] is not Outcome.NOT_APPLICABLE}
        ready = [
            RequirementResult(
                requirement=group.requirement,
                outcome=group.outcome,
                subjects=tuple(sorted(set(group.subjects))),
                findings=tuple(group.findings),
                basis=group.basis,
                note=_told(group.notes),
            )
            for (identifier, outcome, _), group in groups.items()
            if outcome is not Outcome.NOT_APPLICABLE or identifier not in decided
        ]
        ready.sort(key=lambda result: (result.requirement.key, result.outcome.value, result.basis or ""))
        return tuple(ready)

    def _with_shared(self) -> dict[tuple[str, Outcome, str | None], _Group]:
        """The groups with all documents that share a result; those with a note are in them already."""
        groups = {key: replace(group, subjects=[*group.subjects]) for key, group in self._groups.items()}
        for alike in self._alike.values():
            for place, result in enumerate(alike.shared):
                subjects = [] if result.note else alike.at(place)
                if subjects:
                    key = (result.requirement.key, result.outcome, result.basis)
                    if key not in groups:
                        groups[key] = _Group(result.requirement, result.outcome, result.basis)
                    groups[key].subjects.extend(subjects)
        return groups


def _told(notes: Mapping[str, int]) -> str:
    told = [
        note if number == 1 else f"{note} ({number} times)"
        for note, number in list(notes.items())[:_NOTES_KEPT]
    ]
    if len(notes) > _NOTES_KEPT:
        told.append(f"and {len(notes) - _NOTES_KEPT} more")
    return "; ".join(told)


def judged_subjects(subjects: Iterable[Subject], results: Iterable[RequirementResult]) -> tuple[Subject, ...]:
    """The subjects with the verdicts that follow from the results."""
    listed = tuple(subjects)
    verdicts = subject_verdicts([subject.scope for subject in listed], results)
    return tuple(replace(subject, verdict=verdict) for subject, verdict in zip(listed, verdicts, strict=True))
