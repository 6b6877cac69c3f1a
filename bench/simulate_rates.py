"""Rate of writing a world, as a share of the least that its bytes cost.

    python bench/simulate_rates.py [packs] [parcel kg] [--memory]

* ``facts``: what happens, alone (one process);
* ``claims``: what is said of the facts, and the order of what is issued (one process);
* ``issuing``: rendering, signing and writing as JSONL, with links and digests, on two processes that are started for it and
  get the entries from a third;
* ``floor``: ``orjson.dumps`` + base64url + ES256 (RFC 6979) + write of the same payloads as the same lines, on two processes;

The aim is floor / issuing of at least 0.40; the share of the floor in claims and issuing together is told as well. With ``--memory`` a whole run streams in a process of its own, and the peak of
resident memory of it and of its workers is told; the aim is under 1 GB, whatever the number of consignments.
"""

from __future__ import annotations

import argparse
import base64
import gc
import multiprocessing
import resource
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from multiprocessing.synchronize import Barrier
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from assay.simulator.claims import claims_of
from assay.simulator.dataset import write_dataset
from assay.simulator.facts import Departure
from assay.simulator.issuance.agenda import schedule
from assay.simulator.operations import run
from assay.simulator.scale import write_shards
from assay.simulator.scenario import Scenario, load_scenario
from assay.simulator.shards import Settings
from assay.simulator.world import build_world

SEED = 1
WORKERS = 2
_ES256 = ec.ECDSA(SHA256(), deterministic_signing=True)


def scenario_with(packs: int, parcel: int, years: int = 3) -> Scenario:
    """The default corridor over more years, with more packs, small parcels and no limits."""
    scenario = load_scenario()
    free = {"lines": None, "capacity_t_per_year": None}
    demand = scenario.demand
    assert demand is not None  # the default corridor makes packs
    return scenario.model_copy(
        update={
            "demand": demand.model_copy(update={"packs": packs}),
            "sites": [
                site.model_copy(update={**free, "days_per_lot": min(2, site.days_per_lot)})
                for site in scenario.sites
            ],
            "routes": [route.model_copy(update={"parcel_kg": Decimal(parcel)}) for route in scenario.routes],
            "permits": [permit.model_copy(update={"annual_limit_t": 10**9}) for permit in scenario.permits],
            "start": scenario.start - timedelta(days=365 * years),
        }
    )


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the clock, and of processors."""

    wall: float
    processor: float


def _processor() -> float:
    """Processor time of this process and of those that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def floor(parts: list[Path], target: Path, ready: Barrier, spent: multiprocessing.Queue[Spent]) -> None:
    """Serialise, encode, sign and write the payloads of some files again; only that is timed."""
    key = ec.generate_private_key(ec.SECP256R1())
    header = base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"did:web:party.example#key-1","typ":"vc+jwt"}')
    wall = processor = 0.0
    ready.wait()
    with target.open("wb", buffering=1 << 20) as stream:
        for part in parts:
            rows = [orjson.loads(line) for line in part.read_bytes().splitlines()]
            payloads = [
                orjson.loads(base64.urlsafe_b64decode(row.pop("token").split(".")[1] + "==")) for row in rows
            ]
            start, used = time.perf_counter(), time.process_time()
            for row, payload in zip(rows, payloads, strict=True):
                signed = header + b"." + base64.urlsafe_b64encode(orjson.dumps(payload)).rstrip(b"=")
                r, s = decode_dss_signature(key.sign(signed, _ES256))
                raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
                token = signed + b"." + base64.urlsafe_b64encode(raw).rstrip(b"=")
                stream.write(orjson.dumps(row)[:-1] + b',"token":"' + token + b'"}\n')
            stream.flush()
            wall += time.perf_counter() - start
            processor += time.process_time() - used
    spent.put(Spent(wall, processor))


def measure_floor(folder: Path) -> Spent:
    """Of two processes that share the files of a run: the clock of the slower, the processor time of both."""
    parts = sorted((folder / "credentials").iterdir())
    context = multiprocessing.get_context("spawn")
    ready, spent = context.Barrier(WORKERS), context.Queue()
    processes = [
        context.Process(target=floor, args=(parts[n::WORKERS], folder / f"floor-{n}", ready, spent))
        for n in range(WORKERS)
    ]
    for process in processes:
        process.start()
    found = [spent.get() for _ in processes]
    for process in processes:
        process.join()
    return Spent(max(one.wall for one in found), sum(one.processor for one in found))


def rates(scenario: Scenario, folder: Path) -> None:
    world = build_world(scenario, SEED)
    start = time.perf_counter()
    facts = list(run(scenario, SEED))
    simulated = time.perf_counter() - start
    moved = sum(isinstance(fact, Departure) for fact in facts)
    print(f"facts      {simulated:7.1f} s for {len(facts)} facts, {moved} consignments")
    (folder / "work").mkdir()
    start, used = time.perf_counter(), _processor()
    entries = list(schedule(world, claims_of(world, facts)))
    said = Spent(time.perf_counter() - start, _processor() - used)
    print(f"claims     {said.wall:7.1f} s, processors {said.processor:.1f} s")
    facts.clear()
    gc.freeze()
    start, used = time.perf_counter(), _processor()
    done = list(write_shards(world, entries, Settings(("jsonl",)), folder, WORKERS, resume=False))
    issuing = Spent(time.perf_counter() - start, _processor() - used)
    count = sum(one.entries for one in done)
    size = sum(one.tokens for one in done) / count
    print(
        f"issuing    {issuing.wall:7.1f} s, processors {issuing.processor:.1f} s, for {count} credentials "
        f"of {size:.0f} bytes"
    )
    least = measure_floor(folder)
    print(f"floor      {least.wall:7.1f} s, processors {least.processor:.1f} s")
    print(
        f"share      {least.wall / issuing.wall:7.2f} by the clock, {least.processor / issuing.processor:.2f} by processor "
        f"time (aim: 0.40), with claims {least.processor / (issuing.processor + said.processor):.2f}; "
        f"{count / issuing.wall:.0f} credentials a second"
    )


def memory(scenario: Scenario, folder: Path) -> None:
    world = build_world(scenario, SEED)
    start = time.perf_counter()
    dataset = write_dataset(
        world, folder / "world", facts=run(scenario, SEED), formats=("jsonl", "parquet"), workers=WORKERS
    )
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    issued = sum(number for name, number in dataset["counts"].items() if name.startswith("Digital"))
    size = sum(path.stat().st_size for path in (folder / "world").rglob("*") if path.is_file()) / 1e9
    print(
        f"whole run  {time.perf_counter() - start:7.1f} s for {issued} credentials as JSONL and Parquet, {size:.1f} GB; "
        f"peak {own:.0f} MB, largest worker {workers:.0f} MB (aim: under 1,000)"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("packs", type=int, nargs="?", default=3000)
    parser.add_argument("parcel", type=int, nargs="?", default=1500)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--folder", type=Path)
    wanted = parser.parse_args()
    scenario = scenario_with(wanted.packs, wanted.parcel)
    folder = Path(tempfile.mkdtemp(prefix="assay-bench-", dir=wanted.folder))
    try:
        (memory if wanted.memory else rates)(scenario, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
