"""When a check, or Assay around it, fails over what it looks at: *error* for the rows concerned, with what was looked at.

Material under test is hostile. Whatever it does to us is no verdict on it, neither a pass nor a failure, and never a stack
trace; what it was must stay at hand, so that the defect can be mended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from assay.harness.material import Document
from assay.harness.results import Finding, Location, Outcome, RequirementResult, writable
from assay.profiles.catalogue import Requirement

__all__ = ["FAILURES", "crashed", "told", "undone"]

FAILURES = (Exception, SystemExit, GeneratorExit)
"""What a check may fail with. One that calls for the end of the program is no user who wants it: that is KeyboardInterrupt."""

_LONGEST = 300


def told(error: BaseException) -> str:
    """An exception in a line, cut to a length that hostile material cannot exceed."""
    text = writable(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text[:_LONGEST]}" if text else type(error).__name__


def crashed(
    row: Requirement,
    error: BaseException,
    where: str | Callable[..., Any],
    *,
    at: Location | None = None,
    evidence: tuple[str, ...] = (),
    basis: str | None = None,
    subjects: tuple[int, ...] = (),
) -> RequirementResult:
    """*error* for a row, with one finding that holds the evidence. ``where`` is the check that failed, or names a place in Assay."""
    finding = Finding(
        expected="a verdict",
        received=told(error),
        hint="This is a defect of the check, not of what it looked at; report it together with that.",
        at=at or Location(),
        evidence=evidence,
        basis=basis,
    )
    note = f"{_named(where)}: {told(error)}"
    return RequirementResult(row, Outcome.ERROR, subjects, (finding,), basis, note)


def _named(where: str | Callable[..., Any]) -> str:
    if isinstance(where, str):
        return f"Assay failed in {where}"
    whose = "a check of the user's own" if where.__module__.startswith("profile:") else "Assay"
    return f"{whose} failed in {where.__module__}.{getattr(where, '__name__', 'a check')}"


def undone(
    document: Document, rows: Iterable[Requirement], error: Exception, where: str
) -> list[RequirementResult]:
    """*error* for each of the rows that a document would be judged by, had Assay not failed while it read the document."""
    return [
        crashed(row, error, where, at=document.at(), evidence=document.evidence, basis=row.basis)
        for row in rows
    ]
