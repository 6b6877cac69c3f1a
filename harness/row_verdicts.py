"""What the checks of one row say of what they are called with, as one result.

Checks are pure. Most of them say nothing, which costs no object: the result of a row without findings is shared by all documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from assay.harness.checks import Check, NotApplicable, Remark, Undecided
from assay.harness.crashes import FAILURES, crashed
from assay.harness.material import Document
from assay.harness.results import Finding, Location, Outcome, RequirementResult, writable
from assay.profiles.catalogue import Requirement

__all__ = [
    "MAXIMUM_FINDINGS",
    "Calls",
    "Entry",
    "absent",
    "by_code",
    "collect",
    "entry_of",
    "has_something_to_say",
    "speaks",
    "targets",
]

MAXIMUM_FINDINGS = 200
"""Findings of one row on one document that are kept; a hostile document could cause millions."""

_MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One verdict to give: a row under one basis, what decides it, and its two results that need no finding."""

    requirement: Requirement
    basis: str | None
    checks: tuple[Check, ...]
    labels: frozenset[str]
    """Classes one of which must occur for a schema row to apply; empty means always."""
    passed: RequirementResult
    absent: RequirementResult
    told: dict[str, RequirementResult] = field(default_factory=dict, compare=False)
    """``absent`` with the notes that checks gave so far."""


Calls = tuple[tuple[Check, tuple[str, ...]], ...]
"""Checks with the classes of nodes to call them with; no class means the document itself."""


def entry_of(row: Requirement, basis: str | None, checks: tuple[Check, ...], labels: frozenset[str]) -> Entry:
    return Entry(
        row,
        basis,
        checks,
        labels,
        RequirementResult(row, Outcome.PASSED, basis=basis),
        RequirementResult(row, Outcome.NOT_APPLICABLE, basis=basis),
    )


def by_code(entry: Entry, calls: Calls, decided: bool, document: Document) -> RequirementResult | None:
    """Run the checks of a row; None where nothing is said, which is the rule and makes no object.

    As soon as one of several calls says or raises anything but that it does not apply, all is done anew with full
    bookkeeping: checks are pure.
    """
    if len(calls) == 1 and not calls[0][1] and not decided:
        return _by_one_call(entry, calls, document)
    index = document.index
    inapplicable: list[str] = []
    for check, names in calls:
        function = check.function
        for name in names or ("",):
            for target in index[name] if name else (document,):
                try:
                    for _ in function(target):
                        return collect(entry, targets(calls, document), silent=decided)
                    decided = True
                except NotApplicable as reason:
                    inapplicable.append(str(reason))
                except FAILURES:  # what it was is told on the second run
                    return collect(entry, targets(calls, document), silent=decided)
    return None if decided or not inapplicable else absent(entry, _joined(inapplicable))


def _by_one_call(entry: Entry, calls: Calls, document: Document) -> RequirementResult | None:
    findings: list[Finding] = []
    try:
        for said in calls[0][0].function(document):
            if type(said) is not Finding or len(findings) >= MAXIMUM_FINDINGS:
                return collect(entry, targets(calls, document))
            findings.append(said)
    except NotApplicable as reason:
        if not findings:
            return absent(entry, writable(str(reason)))
    except FAILURES:  # what it was is told on the second run
        return collect(entry, targets(calls, document))
    return _failed(entry, findings) if findings else None


def absent(entry: Entry, note: str) -> RequirementResult:
    """*Not applicable* with a note: one object for all documents that are told the same."""
    known = entry.told.get(note)
    if known is None:
        known = replace(entry.absent, note=note)
        if len(entry.told) < _MOST_TOLD:
            entry.told[note] = known
    return known


def speaks(function: Callable[[Any], Iterator[Any]], target: Any) -> bool:
    """True when a check finds something, cannot decide, or fails itself; remarks do not count."""
    try:
        for said in function(target):
            if type(said) is not Remark:
                return True
    except NotApplicable:
        return False
    except FAILURES:  # the judge tells what it was when it collects
        return True
    return False


def has_something_to_say(calls: Calls, document: Document) -> bool:
    index = document.index
    for check, names in calls:
        function = check.function
        if not names and speaks(function, document):
            return True
        for name in names:
            for node in index[name]:
                if speaks(function, node):
                    return True
    return False


def targets(calls: Calls, document: Document) -> Iterator[tuple[Check, Any]]:
    for check, names in calls:
        if not names:
            yield check, document
        for name in names:
            for node in document.index[name]:
                yield check, node


def collect(entry: Entry, work: Iterable[tuple[Check, Any]], *, silent: bool = False) -> RequirementResult:
    """Call checks and turn what they say into one result."""
    findings: list[Finding] = []
    remarks: list[str] = []
    undecided: list[str] = []
    inapplicable: list[str] = []
    decided = silent
    for check, target in work:
        if len(findings) >= MAXIMUM_FINDINGS:
            break
        try:
            before = len(findings)
            for said in islice(check.function(target), MAXIMUM_FINDINGS):
                if type(said) is Finding:
                    findings.append(said)
                elif type(said) is Remark:
                    remarks.append(said.text)
                else:
                    raise TypeError(f"expected a Finding or a Remark, received {type(said).__name__}")
            decided = True
        except Undecided as reason:
            # what a check found before it could not go on still counts
            undecided.extend([str(reason)] if len(findings) == before else [])
        except NotApplicable as reason:
            inapplicable.append(str(reason))
        except FAILURES as error:  # our own mistake must not read as one of the document's author
            return _crashed(entry, check, target, error)
    if findings:
        return _failed(entry, findings)
    if undecided:
        return replace(entry.passed, outcome=Outcome.INCONCLUSIVE, note=_joined(undecided))
    if not decided:
        return replace(entry.absent, note=_joined(inapplicable)) if inapplicable else entry.absent
    return replace(entry.passed, note=_joined(remarks)) if remarks else entry.passed


def _failed(entry: Entry, findings: list[Finding]) -> RequirementResult:
    cut = len(findings) >= MAXIMUM_FINDINGS
    return RequirementResult(
        entry.requirement,
        Outcome.FAILED,
        findings=tuple(findings[:MAXIMUM_FINDINGS]),
        basis=entry.basis,
        note=f"only the first {MAXIMUM_FINDINGS} findings are told" if cut else "",
    )


def _crashed(entry: Entry, check: Check, target: Any, error: BaseException) -> RequirementResult:
    document = getattr(target, "document", target)  # of a node, or the target itself; a set has none
    return crashed(
        entry.requirement,
        error,
        check.function,
        at=target.at() if isinstance(document, Document) else Location(),
        evidence=document.evidence if isinstance(document, Document) else (),
        basis=entry.basis,
    )


def _joined(texts: list[str]) -> str:
    return writable("; ".join(dict.fromkeys(texts)))
