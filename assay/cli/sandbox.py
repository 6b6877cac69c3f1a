"""``assay sandbox``: make a small world, run its nodes."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.errors import UsageError, usage_errors
from assay.cli.start import imports_done

if TYPE_CHECKING:
    from assay.simulator.sandbox import Sandbox

__all__ = ["make_dataset", "run_sandbox"]

_DEFAULT_SCENARIO = "au-kr-de-nmc811"


def make_dataset(scenario: str, out: Path, seed: int, *, force: bool = False) -> dict[str, int]:
    """Simulate a scenario and write its dataset; returns what was counted.

    :raises UsageError: a scenario or folder that cannot be used.
    """
    from assay.simulator import ScenarioError, load_scenario, simulate, write_dataset

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not force:
            raise UsageError(f"--out '{out}' exists already; name another folder, or replace it with --force")
        if not (out / "dataset.json").is_file():
            raise UsageError(
                f"--out '{out}' is no dataset of ours, so --force does not replace it; name another folder"
            )
    with usage_errors(ScenarioError):
        world = simulate(load_scenario(scenario), seed)
    try:
        if out.exists() and force:
            shutil.rmtree(
                out
            )  # only now: a scenario that cannot be used must not cost the dataset that is there
        return dict(write_dataset(world, out)["counts"])
    except OSError as error:
        raise UsageError(f"--out '{out}' cannot be written: {error}") from error


def run_sandbox(world: Path | None, faults: list[str], *, list_faults: bool, manifest: Path) -> int:
    """Run the nodes of a dataset until interrupted."""
    imports_done()
    from assay.simulator.sandbox import FAULTS, DatasetError, FaultError, SandboxError, run_forever

    if list_faults:
        for name, fault in sorted(FAULTS.items(), key=lambda item: (item[1].role, item[0])):
            sys.stdout.write(f"{fault.role:10} {name:32} {fault.description}\n")
        return 0
    if manifest.exists():
        raise UsageError(f"--manifest '{manifest}' exists already; move it away or name another file")

    def announce(sandbox: Sandbox) -> None:
        text = sandbox.manifest.read_text(encoding="utf-8")
        manifest.write_text(text, encoding="utf-8")
        for node in sandbox.nodes.values():
            told = f"  faults: {', '.join(node.faults)}" if node.faults else ""
            sys.stdout.write(f"{node.nation}  {node.url}  {', '.join(node.hosts)}{told}\n")
        sys.stdout.write(f"ready; test it with: assay run {manifest}   (Ctrl-C stops the nodes)\n")
        sys.stdout.flush()

    with (
        tempfile.TemporaryDirectory(prefix="assay-sandbox-") as name,
        usage_errors(DatasetError, FaultError, SandboxError),
    ):
        if world is None:
            world = Path(name) / "world"
            make_dataset(_DEFAULT_SCENARIO, world, 1)
        try:
            run_forever(world, faults, announce=announce)
        finally:
            manifest.unlink(missing_ok=True)
    return 0
