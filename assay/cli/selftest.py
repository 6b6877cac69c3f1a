"""``assay selftest``: does every check catch its mutant, and only its mutant? Can anything pass by answering nothing?"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from assay.cli.start import imports_done
from assay.harness.selftest import Failure, GroupReport, selftest

__all__ = ["run_selftest"]


def run_selftest(*, verbose: bool, live: bool) -> int:
    """Run all proofs and print a line for each group; 1 if one fails."""
    imports_done()
    start = time.monotonic()
    groups: list[Callable[[], GroupReport]] = [_graph]
    if live:
        groups += [_constant, _live]
    report = selftest(groups)
    for group in report.groups:
        told = "ok" if not group.failures else f"{len(group.failures)} FAILED"
        sys.stdout.write(
            f"{group.name:18} {group.proven:4} of {group.rows:4} proven, {group.mutants:4} mutants: {told}\n"
        )
        shown = group.failures if verbose else group.failures[:20]
        for failure in shown:
            sys.stdout.write(f"  {failure.requirement or '-'} {failure.where}: {failure.problem}\n")
        if len(shown) < len(group.failures):
            sys.stdout.write(f"  … and {len(group.failures) - len(shown)} more (--verbose)\n")
    sys.stdout.write(f"{'ok' if report.ok else 'FAILED'} in {time.monotonic() - start:.1f} s\n")
    return 0 if report.ok else 1


def _graph() -> GroupReport:
    from assay.harness.graph.selftest import graph_requirements, graph_selftest, mutants

    problems = graph_selftest()
    rows = graph_requirements()
    failures = tuple(
        Failure(problem.partition(":")[0], "graph", problem.partition(": ")[2] or problem)
        for problem in problems
    )
    failed = {row for row in rows for failure in failures if row in (failure.requirement, failure.problem)}
    return GroupReport("graph", len(rows), len(rows) - len(failed), len(mutants()), failures)


def _live() -> GroupReport:
    from assay.cli.live_selftest import live_group

    return live_group()


def _constant() -> GroupReport:
    from assay.cli.live_selftest import constant_group

    return constant_group()
