"""The live part of the self-test: faulty nodes of the example world, and endpoints that always answer the same.

Every node runs inside this process or one of two beside it; no socket is opened.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from assay.cli.example_run import catalogue, observed
from assay.harness.checks import load_checks
from assay.harness.constant_endpoints import constant_endpoints
from assay.harness.live_proof import load_live, prove_all
from assay.harness.results import Outcome, RequirementResult
from assay.harness.selftest import GroupReport

__all__ = ["EXERCISED", "constant_group", "live_group"]

EXERCISED = {
    "verifier": ("verifier",),
    "graph": ("graph",),
    "resolver": ("resolver", "crawl"),
    "status": ("issuer", "status", "crawl"),
    "did": ("crawl",),
    "publisher": ("crawl",),
    "issuer": ("issuer",),
}
"""What has to be exercised to see the faults of a role."""

_PROCESSES = 2
"""More would each read catalogue, checks and schemas anew, and gain nothing on small machines."""

_Case = tuple[tuple[str, ...], str]
"""Faults and role."""


def live_group(processes: int | None = None) -> GroupReport:
    """Prove every row that trials of endpoints decide, on nodes with one fault each; all trials of a role are held."""
    cases: list[_Case] = [((), role) for role in EXERCISED]
    cases += [(mutant.faults, mutant.role) for mutant in load_live()]
    cases = list(dict.fromkeys(cases))
    wanted = min(_PROCESSES, os.cpu_count() or 1) if processes is None else processes
    with tempfile.TemporaryDirectory(prefix="assay-selftest-") as folder, _mapper(wanted) as each:
        observe = partial(_observe, folder)
        found: dict[_Case, Sequence[RequirementResult]] = {}
        for case, results in zip(cases, each(observe, cases), strict=True):
            found[case] = results
            _tell(len(found), len(cases))

    def run(faults: tuple[str, ...], role: str, rows: Collection[str] | None) -> Sequence[RequirementResult]:
        return found[faults, role]

    return prove_all(catalogue(), load_checks(), run)


def constant_group() -> GroupReport:
    """Prove that an endpoint that always answers the same passes nothing."""
    return constant_endpoints(catalogue(), load_checks())


def _observe(folder: str, case: _Case) -> list[RequirementResult]:
    """What one node came to, without rows that did not apply. Runs in a process of its own: everything passed can be pickled."""
    faults, role = case
    # Each node writes its world anew, and two at a time must not write the same files.
    with tempfile.TemporaryDirectory(dir=folder) as own:
        results = observed(Path(own), faults, EXERCISED[role])
    return [result for result in results if result.outcome is not Outcome.NOT_APPLICABLE]


_Map = Callable[
    [Callable[[_Case], list[RequirementResult]], Sequence[_Case]], Iterator[list[RequirementResult]]
]


@contextmanager
def _mapper(processes: int) -> Iterator[_Map]:
    """``map`` over some processes, results in order; with one process it is this one."""
    if processes < 2:
        yield map
        return
    # Started afresh, not forked: a fork would copy whatever threads the caller has, locks held and all.
    context = multiprocessing.get_context("spawn")
    # Ctrl-C reaches the whole group; the workers leave it to this process, which ends them without a trace each.
    quiet = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=quiet) as pool:
        try:
            yield pool.map
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _tell(done: int, total: int) -> None:
    """A line on standard error that overwrites itself, for who watches."""
    if sys.stderr.isatty():
        end = "\r\x1b[K" if done == total else ""
        sys.stderr.write(f"\rfaulty nodes: {done} of {total}{end}")
        sys.stderr.flush()
