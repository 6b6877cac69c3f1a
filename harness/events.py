"""Typed events of a run. The engine emits them in order; console and report writers subscribe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assay.harness.results import RequirementResult, RunResult, Subject

__all__ = ["Event", "Listener", "Progress", "ResultReady", "RunFinished", "RunStarted", "SubjectJudged"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins; ``total`` is the number of things to do, where it is known."""

    title: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Something was done: ``phase`` (read, look up, judge, exercise, join), how many of how many, and what."""

    phase: str
    done: int
    total: int | None
    what: str = ""


@dataclass(frozen=True, slots=True)
class SubjectJudged:
    """One subject has its verdict."""

    index: int
    subject: Subject


@dataclass(frozen=True, slots=True)
class ResultReady:
    """One requirement has an outcome. Passed requirements are reported once, at the end, not one event per document."""

    result: RequirementResult


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over; here is everything."""

    result: RunResult


Event = RunStarted | Progress | SubjectJudged | ResultReady | RunFinished
Listener = Callable[[Event], None]
