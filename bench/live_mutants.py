"""Prove every live mutant in one process and say how long that takes; ``assay selftest`` does the same in two.

    python -m bench.live_mutants

Prints one line per failure and the counts; exit code 1 when something fails. Takes about half a minute on one core.
"""

from __future__ import annotations

import sys
import time

from assay.cli.live_selftest import live_group

__all__: list[str] = []


def main() -> int:
    """Run the proof."""
    started = time.perf_counter()
    report = live_group(processes=1)
    for failure in report.failures:
        print(f"{failure.requirement}: {failure.where}: {failure.problem}")
    seconds = time.perf_counter() - started
    print(
        f"{report.mutants} mutants, {report.proven} of {report.rows} rows decided by trials proven, {seconds:.0f} s"
    )
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
