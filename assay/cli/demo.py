"""``assay demo``: three nations, their nodes, every credential, every role, one report."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from assay.cli.errors import usage_errors
from assay.cli.output import check_folder, exit_code, show, write_reports
from assay.cli.run import judge_system
from assay.cli.sandbox import make_dataset
from assay.cli.sources import parse_time
from assay.cli.start import imports_done
from assay.harness.manifest import load
from assay.reports.console import ProgressLine
from assay.simulator.sandbox import DatasetError, Sandbox, SandboxError

__all__ = ["run_demo"]


def run_demo(out: Path, scenario: str, seed: int) -> int:
    """Simulate, serve, discover, exercise, judge, report; the exit code is that of the verdict."""
    imports_done()
    check_folder(out)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="assay-demo-") as name:
        world = Path(name) / "world"
        counts = make_dataset(scenario, world, seed)
        sys.stderr.write(
            f"simulated {sum(counts.values())} published files from scenario {scenario}, seed {seed}\n"
        )
        with usage_errors(DatasetError, SandboxError), Sandbox(world) as sandbox, ProgressLine() as listener:
            manifest = load(sandbox.manifest)
            run, catalogue = judge_system(
                manifest,
                parse_time(sandbox.as_of),
                listener=listener,
                matrix=True,
                title=f"Demonstration: {scenario}",
            )
    write_reports(run, out, catalogue)
    show(run, "console", catalogue)
    sys.stdout.write(f"\n{out / 'report.html'} shows it all ({time.monotonic() - start:.1f} s)\n")
    return exit_code(run)
