"""Every pattern in one world, checked against labels, ledger and the honest world; and what playing them costs.

    python bench/deceptions.py                       # 43 patterns and their twins, 3 severities, 5 seeds
    python bench/deceptions.py --cost                # 43 patterns x 5 with twins in about 10,000 consignments
    python bench/deceptions.py --severities 0.1 --seeds 1 --codes F02 F25

The worlds are crossroads as ``bench/crossroads.py`` writes them. Exit code 1 where something is not as labelled, or dearer than a
hundred and fifteen hundredths of the honest world.
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from crossroads import as_yaml, crossroads

from assay.cli.start import imports_done
from assay.harness.oracles.selfcheck import SelfCheck, self_check
from assay.profiles.deceptions.handbook import look_alikes, patterns
from assay.simulator.dataset import write_dataset
from assay.simulator.deceptions.registry import players
from assay.simulator.operations import run
from assay.simulator.scenario import Scenario, load_scenario, parse_scenario
from assay.simulator.world import build_world

MOST = 1.15


def scenario(corridors: int, load: int, deceptions: list[dict[str, object]]) -> Scenario:
    """So many crossroads beside each other with these deceptions."""
    told = crossroads(corridors=corridors, load=load)
    return parse_scenario(as_yaml({**told, "deceptions": deceptions}).encode(), "crossroads")


def entries(codes: list[str], severity: float, count: int) -> list[dict[str, object]]:
    """The patterns that few can play come first, so that they find their places."""
    plain = load_scenario("crossroads")
    room = {code: len(set(players()[code].targets(plain))) * players()[code].repeat for code in codes}
    codes = sorted(codes, key=lambda code: (room[code], code))
    return [{"pattern": code, "severity": severity, "count": count, "twins": count} for code in codes]


def alone() -> list[dict[str, object]]:
    return [{"look_alike": code, "count": 1} for code in look_alikes()]


def write(told: Scenario, seed: int, folder: Path, workers: int) -> float:
    """Seconds that it took, from the scenario to the last byte."""
    start = time.perf_counter()
    world = build_world(told, seed)
    write_dataset(world, folder, facts=run(world.scenario, seed), formats=("jsonl",), workers=workers)
    return time.perf_counter() - start


def checked(told: Scenario, seed: int, folder: Path, workers: int) -> SelfCheck:
    write(told, seed, folder / "deceived", workers)
    write(told.model_copy(update={"deceptions": []}), seed, folder / "honest", workers)
    return self_check(folder / "deceived", folder / "honest")


def prove(
    codes: list[str], severities: list[float], seeds: list[int], count: int, load: int, workers: int
) -> int:
    """Self-check of every pattern at every severity and seed; and all kinds of look-alike alone."""
    bad, seen = 0, Counter[str]()
    told = [(f"severity {severity}", entries(codes, severity, count)) for severity in severities]
    if len(codes) == len(patterns()):
        told.append(("look-alikes", alone()))
    for name, asked in told:
        for seed in seeds:
            with tempfile.TemporaryDirectory(prefix="deceptions-") as folder:
                found = checked(scenario(1, load, asked), seed, Path(folder), workers)
            frauds = [one for one in found.instances if not one.honest]
            twins = [one for one in found.instances if one.honest]
            seen.update(
                f"{one.code} {'twin' if one.honest else 'fraud'}" for one in found.instances if one.ok
            )
            sys.stdout.write(
                f"{name}, seed {seed}: {sum(one.ok for one in frauds)} of {len(frauds)} deceptions of "
                f"{len({one.code for one in frauds})} patterns there and visible "
                f"({sum(one.below_tolerance for one in frauds)} below tolerance), "
                f"{sum(one.ok for one in twins)} of {len(twins)} honest ones clean, "
                f"{len(found.false_sightings)} false sightings, {len(found.differences)} differences without a label, "
                f"{len(found.also_seen)} seen as another pattern too\n"
            )
            for one in found.instances:
                for problem in one.problems:
                    sys.stdout.write(f"    {one.instance}: {problem}\n")
            for line in (*found.false_sightings[:8], *found.differences[:8]):
                sys.stdout.write(f"    {line}\n")
            sys.stdout.flush()
            bad += not found.ok
    return 1 if bad else 0


def spent() -> float:
    """Processor seconds of this process and of those that it waited for, of user and system together."""
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def cost(
    codes: list[str], corridors: int, load: int, count: int, seeds: list[int], turns: int, workers: int
) -> int:
    """Honest and deceived worlds in turn; of each the least processor time, since whatever else runs can only add to it."""
    deceived = scenario(corridors, load, entries(codes, 0.1, count))
    honest = deceived.model_copy(update={"deceptions": []})
    ratios = []
    for seed in seeds:
        least: dict[str, float] = {}
        for _ in range(turns):
            for name, told in (("honest", honest), ("deceived", deceived)):
                with tempfile.TemporaryDirectory(prefix="deceptions-") as folder:
                    gc.collect()  # what the world before left behind; each user's is the first of its process
                    before = spent()
                    wall = write(told, seed, Path(folder) / "world", workers)
                    took = spent() - before
                    ledger = (Path(folder) / "world/ledger.jsonl").open("rb")
                    with ledger:
                        moves = sum(b'"departure"' in line for line in ledger)
                least[name] = min(took, least.get(name, took))
                sys.stdout.write(
                    f"seed {seed}, {name}: {took:.1f} s of processor time, {wall:.1f} s by the clock, {moves} consignments\n"
                )
                sys.stdout.flush()
        ratios.append(least["deceived"] / least["honest"])
        sys.stdout.write(f"seed {seed}: {ratios[-1]:.3f}\n")
    ratio = statistics.median(ratios)
    sys.stdout.write(
        f"{len(codes)} patterns x {count} with twins: {ratio:.3f} of the honest world (asked for: {MOST} at most)\n"
    )
    return 0 if ratio <= MOST else 1


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--codes", nargs="+", default=list(patterns()))
    parser.add_argument("--severities", nargs="+", type=float, default=[0.05, 0.1, 0.5])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--count", type=int)
    parser.add_argument("--corridors", type=int, default=5)
    parser.add_argument("--load", type=int)
    parser.add_argument("--turns", type=int, default=3, help="how often each world is written, with --cost")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    if unknown := sorted(set(asked.codes) - set(patterns())):
        parser.error(f"--codes {unknown[0]}: no such pattern; 'assay patterns list' shows them")
    imports_done()  # as the command line does
    if asked.cost:
        return cost(
            asked.codes,
            asked.corridors,
            asked.load or 2,
            asked.count or 5,
            asked.seeds,
            asked.turns,
            asked.workers,
        )
    return prove(asked.codes, asked.severities, asked.seeds, asked.count or 1, asked.load or 1, asked.workers)


if __name__ == "__main__":
    sys.exit(main())
