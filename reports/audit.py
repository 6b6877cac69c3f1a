"""The console summary of an audit: what was checked, what could not be, and what is inconsistent."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from assay.harness.results import Outcome, RequirementResult, RunResult, Verdict
from assay.reports.digests import judged_by

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["summary"]

_SHOWN = 3
_STYLES = {
    Outcome.FAILED: "bold red",
    Outcome.ERROR: "bold yellow",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.PASSED: "green",
    Outcome.NOT_APPLICABLE: "dim",
}
_VERDICTS = {
    Verdict.CONFORMANT: ("bold green", "consistent"),
    Verdict.NOT_CONFORMANT: ("bold red", "INCONSISTENT"),
    Verdict.INCONCLUSIVE: ("bold yellow", "inconclusive (nothing could be checked)"),
}


def summary(run: RunResult, stream: IO[str] | None = None, *, verbose: bool = False) -> None:
    """Print what was read, one line per rule, the findings and how to mend them.

    Rules for which nothing was there to judge are only counted, unless ``verbose``; so are findings after the third of a
    rule. Text from material under test is printed without markup and without control characters.
    """
    from rich.console import Console
    from rich.markup import escape

    console = Console(file=stream or sys.stdout, highlight=False, emoji=False, soft_wrap=True)

    def plain(text: str) -> str:
        return escape("".join(character if character.isprintable() else "?" for character in text))

    console.print(f"[bold]{plain(run.title)}[/bold]")
    for subject in run.subjects:
        console.print(plain(subject.note))
    console.print()
    for result in run.results:
        if result.outcome is not Outcome.NOT_APPLICABLE or verbose:
            style, row = _STYLES[result.outcome], result.requirement
            word = result.outcome.value.replace("_", " ")
            console.print(f"[{style}]{word:14}[/] {row.id}  {plain(row.rule)} [dim]({plain(result.note)})[/]")
    for result in run.results:
        if result.outcome is Outcome.FAILED:
            _findings(console, result, plain, verbose=verbose)
    counts = Counter(result.outcome for result in run.results)
    told = ", ".join(
        f"{counts[outcome]} {outcome.value.replace('_', ' ')}" for outcome in Outcome if counts[outcome]
    )
    style, word = _VERDICTS.get(run.verdict, ("bold yellow", run.verdict.value))
    console.print(f"\n{len(run.results)} rules: {told}")
    for name, digest in judged_by(run):
        console.print(f"Judged by {plain(name)} {digest}")
    console.print(f"Verdict: [{style}]{word}[/]")


def _findings(
    console: Console, result: RequirementResult, plain: Callable[[str], str], *, verbose: bool
) -> None:
    findings = result.findings if verbose else result.findings[:_SHOWN]
    console.print(f"\n[bold red]{result.requirement.id}[/] {plain(result.requirement.rule)}")
    for finding in findings:
        console.print(
            f"  at {plain(f'{finding.at.source} {finding.at.pointer}'.strip() or 'the set as a whole')}"
        )
        assumed = " (rests on your assumptions)" if finding.assumed else ""
        console.print(f"    expected {plain(finding.expected)}")
        console.print(f"    received {plain(finding.received)}{assumed}")
        if finding.hint:
            console.print(f"    mend: {plain(finding.hint)}")
    if len(findings) < len(result.findings):
        console.print(f"  … and {len(result.findings) - len(findings)} more of the same kind")
