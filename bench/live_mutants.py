"""Prove every live mutant with every trial held (the tests hold, for verifiers, only those of the row under proof).

    python -m bench.live_mutants

Prints one line per failure and the counts; exit code 1 when something fails. Takes about a minute on one core.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from assay.harness.checks import load_checks
from assay.harness.live_proof import prove_all
from assay.harness.results import RequirementResult
from tests.harness.live import catalogue, observed
from tests.harness.test_live_mutants import EXERCISED

__all__: list[str] = []


def main() -> int:
    """Run the proof in a temporary folder."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:

        def run(
            faults: tuple[str, ...], role: str, rows: Collection[str] | None
        ) -> Sequence[RequirementResult]:
            return observed(Path(folder), faults, EXERCISED[role], rows)

        report = prove_all(catalogue(), load_checks(), run)
    for failure in report.failures:
        print(f"{failure.requirement}: {failure.where}: {failure.problem}")
    seconds = time.perf_counter() - started
    print(
        f"{report.mutants} mutants, {report.proven} of {report.rows} rows decided by trials proven, {seconds:.0f} s"
    )
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
