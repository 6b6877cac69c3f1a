"""The console: live progress on standard error, and a summary that a person can act on."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import IO

from assay.harness.events import Event, Progress, RunFinished, RunStarted
from assay.harness.results import Outcome, RequirementResult, RunResult, contradictions, counts
from assay.reports.digests import judged_by

__all__ = ["ProgressLine", "summary"]

_WORDS = {
    "conformant": "conformant",
    "document_valid": "documents valid (unsigned: nothing vouches for their origin)",
    "not_conformant": "NOT conformant",
    "inconclusive": "inconclusive",
}
_STYLES = {
    "conformant": "bold green",
    "document_valid": "green",
    "not_conformant": "bold red",
    "inconclusive": "bold yellow",
}
_WORST_FIRST = ("not_conformant", "inconclusive", "document_valid", "conformant")
_FINDINGS_SHOWN = 3
_SUBJECTS_SHOWN = 12


class ProgressLine:
    """A listener that keeps one line of progress on a terminal, and says nothing elsewhere."""

    def __init__(self, stream: IO[str] | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._live = not quiet and self._stream.isatty()
        self._last = 0.0
        self._started = time.monotonic()
        self._width = 0

    def __call__(self, event: Event) -> None:
        if not self._live:
            return
        if isinstance(event, Progress):
            now = time.monotonic()
            finished = event.total is not None and event.done >= event.total
            if now - self._last < 0.1 and not finished:
                return
            self._last = now
            total = f" of {event.total}" if event.total is not None else ""
            self._write(f"{event.phase}: {event.done}{total} {event.what}")
        elif isinstance(event, RunStarted):
            self._write(event.title)
        elif isinstance(event, RunFinished):
            self._clear()

    def _write(self, text: str) -> None:
        line = f"[{time.monotonic() - self._started:5.1f} s] {text}"
        line = "".join(character if character.isprintable() else "?" for character in line)[:110]
        self._stream.write("\r" + line.ljust(self._width))
        self._width = len(line)
        self._stream.flush()

    def _clear(self) -> None:
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._clear()


def summary(run: RunResult, stream: IO[str] | None = None, *, verbose: bool = False) -> None:
    """Print verdict, subjects, what failed and how to mend it.

    ``verbose`` also shows advice, undecided requirements and every finding. Text from material under test is printed
    without markup and without control characters.
    """
    from rich.console import Console
    from rich.markup import escape

    from assay.profiles.positions import positions

    console = Console(file=stream or sys.stdout, highlight=False, emoji=False, soft_wrap=True)

    def plain(text: str) -> str:
        return escape("".join(character if character.isprintable() else "?" for character in text))

    if run.title:
        console.print(f"[bold]{plain(run.title)}[/bold] as of {run.as_of}")
    shown = run.subjects
    if not verbose and len(shown) > _SUBJECTS_SHOWN:
        shown = tuple(sorted(shown, key=lambda subject: _WORST_FIRST.index(subject.verdict.value)))
        shown = shown[:_SUBJECTS_SHOWN]
    for subject in shown:
        style = _STYLES[subject.verdict.value]
        note = f" ({plain(subject.note)})" if subject.note else ""
        word = subject.verdict.value.ljust(14)
        console.print(f"[{style}]{word}[/] {plain(subject.kind):29} {plain(subject.source)}{note}")
    if len(shown) < len(run.subjects):
        console.print(f"… and {len(run.subjects) - len(shown)} more subjects")

    def show(result: RequirementResult, style: str) -> None:
        row = result.requirement
        basis = f" by {result.basis}" if result.basis else ""
        console.print(
            f"\n[{style}]{row.id}[/] {row.level.value}{basis} {result.outcome.value}: {plain(row.rule)}"
        )
        if result.note:
            console.print(f"  {plain(result.note)}")
        findings = result.findings if verbose else result.findings[:_FINDINGS_SHOWN]
        for finding in findings:
            where = f"{finding.at.source} {finding.at.pointer}".strip() or "the set as a whole"
            console.print(f"  at {plain(where)}")
            assumed = " (assumed)" if finding.assumed else ""
            console.print(
                f"    expected {plain(finding.expected)}; received {plain(finding.received)}{assumed}"
            )
            if finding.hint:
                console.print(f"    mend: {plain(finding.hint)}")
        if len(findings) < len(result.findings):
            console.print(f"  … and {len(result.findings) - len(findings)} more of the same kind")

    entering = [result for result in run.results if not result.other_side]
    failed = [result for result in entering if result.outcome is Outcome.FAILED]
    decisive = [result for result in failed if result.requirement.decides_conformity and result.basis is None]
    advisory = [result for result in failed if result not in decisive]
    doubtful = [result for result in entering if result.outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE)]
    for result in decisive:
        show(result, "bold red")
    for result in doubtful if verbose else [one for one in doubtful if one.requirement.decides_conformity]:
        show(result, "bold yellow")
    if verbose:
        for result in advisory:
            show(result, "yellow")
    elif advisory:
        word = "piece" if len(advisory) == 1 else "pieces"
        console.print(
            f"\n{len(advisory)} {word} of advice: {', '.join(sorted({one.requirement.id for one in advisory}))} (--verbose explains)"
        )
    sides = [one for one in contradictions(run.results) if one.differs]
    if sides and verbose:
        console.print("\n[bold]Where text and published artefact contradict each other[/]")
        for one in sides:
            row, number = one.requirement, len(one.subjects)
            subjects = f", {number} subject{'' if number == 1 else 's'}" if number else ""
            follows = (
                f"the verdict follows the {one.follows}" if one.follows else "neither enters the verdict"
            )
            console.print(
                f"{', '.join(row.position)} {row.id} {row.level.value}: {one.text.value.replace('_', ' ')} by the text, "
                f"{one.schema.value.replace('_', ' ')} by the schema; {follows}{subjects}"
            )
            for position in row.position:
                what = positions()[position]
                console.print(
                    f"  {plain(what.about)}. Text: {plain(what.text)}. Artefact: {plain(what.artefact)}."
                )
    elif sides:
        named = ", ".join(sorted({position for one in sides for position in one.requirement.position}))
        console.print(
            f"\nText and published artefact contradict each other on {named} (--verbose shows both verdicts)"
        )
    console.print()
    for profile, levels in counts(run.results).items():
        parts = []
        for level, outcomes in levels.items():
            told = ", ".join(
                f"{number} {name.replace('_', ' ')}" for name, number in sorted(outcomes.items())
            )
            parts.append(f"{level}: {told}")
        console.print(f"{profile} — {'; '.join(parts)}")
    console.print("\nJudged by")
    for name, digest in judged_by(run):
        console.print(f"  {plain(name)} {digest}")
    console.print(f"\nVerdict: [{_STYLES[run.verdict.value]}]{_WORDS[run.verdict.value]}[/]")
