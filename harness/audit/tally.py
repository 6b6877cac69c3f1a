"""What the rules found so far: numbers for every rule, and the first findings of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from assay.harness.audit.legacy import original
from assay.harness.results import Finding, Location

__all__ = ["MOST_FINDINGS", "Tally"]

MOST_FINDINGS = 200
"""Findings kept per rule; the note gives the full number."""
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class _Place:
    doc: int | None
    pointer: str


class Tally:
    """Counts of passed, failed and undecided things by rule."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.undecided: Counter[str] = Counter()
        self.reasons: defaultdict[str, list[str]] = defaultdict(list)
        self._found: defaultdict[str, list[tuple[_Place, Finding]]] = defaultdict(list)

    def judge(
        self,
        rule: str,
        ok: bool,
        doc: int | None,
        pointer: str,
        expected: str,
        received: str,
        hint: str,
        *,
        assumed: bool = False,
    ) -> None:
        """Count one thing that was judged, and keep the finding where it failed."""
        if ok:
            self.passed[rule] += 1
            return
        self.failed[rule] += 1
        if len(self._found[rule]) < MOST_FINDINGS:
            finding = Finding(expected, received, hint, rule=rule, assumed=assumed)
            self._found[rule].append((_Place(doc, pointer), finding))

    def undecide(self, rule: str, reason: str, number: int = 1) -> None:
        """Count things for which evidence is missing, with what is missing."""
        self.undecided[rule] += number
        reasons = self.reasons[rule]
        if reason and reason not in reasons and len(reasons) < _MOST_REASONS:
            reasons.append(reason)

    def documents(self) -> set[int]:
        """Numbers of the documents that findings point at."""
        return {place.doc for found in self._found.values() for place, _ in found if place.doc is not None}

    def findings(self, rule: str, sources: dict[int, tuple[str, str, int]]) -> tuple[Finding, ...]:
        """Findings of a rule with their places: name of the document and pointer into it as it was published."""
        return tuple(
            replace(finding, at=_located(place, rule, sources)) for place, finding in self._found[rule]
        )


def _located(place: _Place, rule: str, sources: dict[int, tuple[str, str, int]]) -> Location:
    if place.doc is None:
        return Location(None, place.pointer, "ledger.jsonl" if rule in _LEDGER else "")
    source, kind, older = sources[place.doc]
    return Location(None, original(kind, place.pointer) if older else place.pointer, source)


_LEDGER = frozenset({"W-110", "W-112", "W-115", "W-116"})
"""Rules whose findings stand in the ledger where they stand in no document."""
