"""``assay simulate --self-check``: is every deception of a fresh world really there, and is all else as in an honest world?"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from assay.cli.errors import UsageError, usage_errors

if TYPE_CHECKING:
    from assay.harness.oracles.selfcheck import InstanceCheck, SelfCheck
    from assay.simulator.scenario import Scenario

__all__ = ["check_deceptions", "require_deceptions"]

_VERSION = "0.7.0"
_SHOWN = 20
"""Lines of one sort of problem; ``self-check.json`` holds more."""
_HEADS = ("instance", "pattern", "decisive", "visible", "twin clean")


def require_deceptions(scenario: Scenario, untp: str) -> None:
    """See that there is something to check, before anything is made.

    :raises UsageError: a scenario without deceptions, or a version that oracles do not read.
    """
    if not scenario.deceptions:
        raise UsageError(
            f"--self-check: scenario '{scenario.name}' has no deceptions, so there is nothing to check; "
            "add a 'deceptions:' list, or leave out --self-check"
        )
    if untp != _VERSION:
        raise UsageError(f"--self-check reads documents of UNTP {_VERSION}; leave out --untp {untp}")


def check_deceptions(scenario: Scenario, out: Path, seed: int, *, formats: list[str], workers: int) -> int:
    """Make the same world without deceptions beside ``out``, hold both against the labels, and say what was found.

    Writes ``self-check.json`` beside the labels. Returns 0 where all is right, otherwise 1.
    """
    from assay.harness.oracles.selfcheck import self_check
    from assay.harness.oracles.store import OracleError
    from assay.simulator.dataset import DatasetError, write_dataset
    from assay.simulator.operations import run
    from assay.simulator.world import build_world

    start = time.monotonic()
    flat = "jwt" if "jwt" in formats else "jsonl"
    world = build_world(scenario.model_copy(update={"deceptions": []}), seed)
    with (
        usage_errors(DatasetError, OracleError, prefix="--self-check: "),
        tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=f".{out.name}.honest-") as beside,
    ):
        honest = Path(beside) / "world"
        write_dataset(
            world, honest, facts=run(world.scenario, seed), formats=[flat], untp=_VERSION, workers=workers
        )
        found = self_check(out, honest)
    (out / "self-check.json").write_bytes(orjson.dumps(found.to_json(), option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.write(
        "\n".join([*_table(found), *_problems(found), _summary(found, time.monotonic() - start)]) + "\n"
    )
    return 0 if found.ok else 1


def _table(found: SelfCheck) -> list[str]:
    """One line for each deception, with its twin; then those that are honest and alone."""
    by_name = {one.instance: one for one in found.instances}
    rows = [_HEADS]
    for one in found.instances:
        if not one.honest:
            twin = by_name.get(one.twin or "")
            seen = "not judged" if one.visible_ok is None else _word(one.visible_ok)
            clean = "-" if twin is None else _word(twin.ok)
            rows.append((one.instance, one.pattern, _word(one.decisive_ok), f"{seen} ({one.scope})", clean))
    for one in found.instances:
        if one.honest and by_name.get(one.twin or "") is None:
            rows.append((one.instance, one.pattern, "-", "-", _word(one.ok)))
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _word(ok: bool) -> str:
    return "yes" if ok else "NO"


def _problems(found: SelfCheck) -> list[str]:
    lines = [f"{one.instance}: {problem}" for one in found.instances for problem in one.problems]
    return [*_cut(lines), *_cut(found.false_sightings), *_cut(found.differences)]


def _cut(lines: list[str] | tuple[str, ...]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"... and {more} more in self-check.json"] if more > 0 else [])]


def _summary(found: SelfCheck, seconds: float) -> str:
    frauds = [one for one in found.instances if not one.honest]
    honest = [one for one in found.instances if one.honest]
    spared = sum(one.below_tolerance for one in frauds)
    patterns = len({one.code for one in frauds})
    counted = f"{_many(len(frauds), 'deception')} of {_many(patterns, 'pattern')}, {_many(len(honest), 'honest look-alike')}"
    if found.ok:
        note = f" ({spared} below tolerance, which nobody has to see)" if spared else ""
        return (
            f"self-check: {counted}: all there, all visible{note}, all twins clean, "
            f"nothing else differs from the honest world{_also(found)} ({seconds:.1f} s)"
        )
    return (
        f"self-check FAILED: {counted}: {_wrong(frauds)} deceptions and {_wrong(honest)} look-alikes not as labelled, "
        f"{len(found.false_sightings)} false sightings, {len(found.differences)} differences without a label ({seconds:.1f} s)"
    )


def _also(found: SelfCheck) -> str:
    many = len(found.also_seen)
    return (
        f"; {_many(many, 'sighting')} of a fraud as another pattern, told in self-check.json" if many else ""
    )


def _many(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _wrong(some: list[InstanceCheck]) -> int:
    return sum(not one.ok for one in some)
