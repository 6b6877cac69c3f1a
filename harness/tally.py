"""From many small outcomes to one result per requirement and outcome, and to the verdict of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from assay.harness.results import Finding, Outcome, RequirementResult, Subject, subject_verdicts
from assay.profiles.catalogue import Requirement

__all__ = ["Tally", "judged_subjects"]

_NOTES_KEPT = 3
_MOST_SHARED = 10_000


@dataclass
class _Group:
    requirement: Requirement
    outcome: Outcome
    basis: str | None
    subjects: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)


class Tally:
    """Collects results per requirement; a passing document costs one list append per requirement, no event."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, Outcome, str | None], _Group] = {}
        self._shared: dict[int, tuple[RequirementResult, _Group]] = {}
        """Results without findings by identity, kept so that no other takes it: documents share such results."""

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
        decided = {key[0] for key in self._groups if key[1] is not Outcome.NOT_APPLICABLE}
        ready = [
            RequirementResult(
                requirement=group.requirement,
                outcome=group.outcome,
                subjects=tuple(sorted(set(group.subjects))),
                findings=tuple(group.findings),
                basis=group.basis,
                note=_told(group.notes),
            )
            for (identifier, outcome, _), group in self._groups.items()
            if outcome is not Outcome.NOT_APPLICABLE or identifier not in decided
        ]
        ready.sort(key=lambda result: (result.requirement.key, result.outcome.value, result.basis or ""))
        return tuple(ready)


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
