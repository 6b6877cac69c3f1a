"""``assay simulate``: make a world of any size."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.errors import UsageError, usage_errors
from assay.cli.self_check import check_deceptions, require_deceptions
from assay.cli.start import imports_done

if TYPE_CHECKING:
    from assay.simulator.dataset import Progress

__all__ = ["list_scenarios", "run_simulate"]

_QUIET_SECONDS = 10.0
"""Between lines of progress where there is no terminal."""


def list_scenarios() -> int:
    """Name and title of every shipped scenario."""
    from assay.simulator.scenario import scenario_titles

    titles = scenario_titles()
    width = max(map(len, titles))
    for name, title in titles.items():
        sys.stdout.write(f"{name:{width}} {title}\n")
    return 0


def run_simulate(
    scenario: str,
    out: Path,
    seed: int,
    *,
    untp: str,
    formats: list[str],
    workers: int,
    force: bool,
    resume: bool,
    self_check: bool = False,
) -> int:
    """Make a dataset and say what is in it; with ``self_check``, see that its deceptions are as labelled.

    :raises UsageError: a scenario, folder, version or format that cannot be used.
    """
    from assay.simulator import ScenarioError, load_scenario
    from assay.simulator.dataset import DatasetError, VersionError, write_dataset
    from assay.simulator.operations import run
    from assay.simulator.world import build_world

    imports_done()
    if workers < 0:
        raise UsageError(
            f"--workers {workers} cannot be; give a number from 1, or leave it out for all processors"
        )
    _check_target(out, force=force, resume=resume)
    start = time.monotonic()
    with usage_errors(ScenarioError, VersionError):
        chosen = load_scenario(scenario)
        if self_check:
            require_deceptions(chosen, untp)
        world = build_world(chosen, seed)
        try:
            with _shown() as show:
                dataset = write_dataset(
                    world,
                    out,
                    facts=run(world.scenario, seed),
                    formats=formats or None,
                    untp=untp,
                    workers=workers or os.cpu_count() or 1,
                    resume=resume,
                    progress=show,
                )
        except DatasetError as error:
            raise UsageError(str(error)) from error
        except (KeyboardInterrupt, SystemExit):
            partial = out.with_name(out.name + ".partial")
            if partial.exists():
                sys.stderr.write(f"assay: what is finished lies in {partial}; go on with --resume\n")
            raise
    counts = dataset["counts"]
    took = time.monotonic() - start
    issued = sum(number for name, number in counts.items() if name.startswith("Digital"))
    told = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items())
    sys.stdout.write(
        f"{out}: {issued} credentials as {', '.join(dataset['formats'])} (UNTP {untp}, seed {seed}, {took:.1f} s, "
        f"{issued / took:.0f} a second)\n{told}\n"
    )
    if self_check:
        return check_deceptions(
            chosen, out, seed, formats=dataset["formats"], workers=workers or os.cpu_count() or 1
        )
    return 0


def _check_target(out: Path, *, force: bool, resume: bool) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not force:
            raise UsageError(f"--out '{out}' exists already; name another folder, or replace it with --force")
        if not (out / "dataset.json").is_file():
            raise UsageError(
                f"--out '{out}' is no dataset of ours, so --force does not replace it; name another folder"
            )
    partial = out.with_name(out.name + ".partial")
    if partial.exists() and not resume:
        if not (partial / "work").is_dir():
            raise UsageError(f"'{partial}' is in the way and none of ours; move it")
        shutil.rmtree(partial)


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    """Progress: a bar on a terminal, a line now and then elsewhere."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %  {task.fields[rate]:.0f} credentials/s"),
            TimeRemainingColumn(),
        )
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("credentials", total=1.0, rate=0.0)
            start = time.monotonic()

            def draw(progress: Progress) -> None:
                rate = progress.credentials / max(1e-9, time.monotonic() - start)
                bar.update(task, completed=progress.share, description=progress.phase, rate=rate)

            yield draw
        return
    yield _Lines()


class _Lines:
    """Says now and then how far it is."""

    def __init__(self) -> None:
        self._start = self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < _QUIET_SECONDS:
            return
        self._last = now
        spent = now - self._start
        left = spent / progress.share - spent if progress.share else 0.0
        sys.stderr.write(
            f"{progress.phase}: {progress.credentials} credentials, {progress.credentials / spent:.0f} a second, "
            f"about {left:.0f} s left\n"
        )
        sys.stderr.flush()
