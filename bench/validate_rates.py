"""``assay validate`` on 1,000 signed credentials of mixed types, all tiers, as a share of their summed floor.

    python bench/validate_rates.py [--number 1000] [--rounds 5]

The credentials are the first that the world ``crossroads`` issues: all five types, with everything that they rest on. Floor and
command take turns in one run, one process each; times are processor times, of user and system together, all threads counted.

* **Floor**: for each credential ``key.verify`` (ES256) + ``orjson.loads`` + ``jsonschema-rs`` ``is_valid``, the libraries that
  Assay uses, with key, signature and schema ready. Nothing else: no DID documents, status lists, linked data, rules or reports.
* **Command**: ``assay validate FILE --offline --resolver MAP --format json`` in a process of its own, from the start of the interpreter
  to the report: reading, DID documents, status lists, every rule on documents, sets and chains. Nothing is kept between runs.
* **Start**: the same command on the first credential alone. It is what a run costs whatever it is given.

Ends with 1 where the share of the whole command is below 0.30.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from verify_rates import Sample, sample

from assay.harness.credential.did import methods, public_key
from assay.harness.credential.intake import read
from assay.harness.material import DidDocument
from assay.simulator import load_scenario
from assay.simulator.dataset import write_dataset
from assay.simulator.operations import run
from assay.simulator.world import build_world

ASKED_FOR = 0.30
_ES256 = ec.ECDSA(SHA256())


def prepare(folder: Path, number: int) -> tuple[list[Sample], str]:
    """Write the world, its first credentials (``all.jsonl``, ``one.jsonl``) and a resolver map; returns samples and date."""
    world = build_world(load_scenario("crossroads"), 1)
    write_dataset(world, folder / "world", facts=run(world.scenario, 1), formats=("jsonl",))
    keys, answers = {}, {}
    standing = folder / "world" / "resources" / "standing.jsonl"
    for place, line in enumerate(standing.read_bytes().splitlines()):
        row = json.loads(line)
        if row["role"] not in ("did", "status-list"):
            continue
        body = row["body"].encode()
        (folder / str(place)).write_bytes(body)
        answers[row["url"]] = {"file": str(place), "media_type": row["media_type"]}
        found = read(row["url"], body, content_type=row["media_type"])
        if isinstance(found, DidDocument):
            keys[found.value["id"]] = public_key(next(methods(found)).value)[0]
    (folder / "map.json").write_text(json.dumps(answers), encoding="utf-8")
    lines = [
        line
        for part in sorted((folder / "world" / "credentials").glob("part-*.jsonl"))
        for line in part.read_bytes().splitlines()
    ][:number]
    (folder / "all.jsonl").write_bytes(b"\n".join(lines))
    (folder / "one.jsonl").write_bytes(lines[0])
    rows = map(json.loads, lines)
    samples = [sample(row["kind"], row["token"].encode(), keys[row["issuer"]]) for row in rows]
    return samples, json.loads((folder / "world" / "dataset.json").read_bytes())["as_of"]


def floor(samples: list[Sample]) -> float:
    """Seconds for signatures, parsing and schemas of all."""
    start = time.process_time()
    for one in samples:
        one.key.verify(one.der, one.message, _ES256)
        if not one.validator.is_valid(orjson.loads(one.payload)):
            raise ValueError(f"a {one.kind} of the world is not valid")
    return time.process_time() - start


def _environment(folder: Path) -> dict[str, str]:
    """Ours, with compiled modules kept in the scratch folder: an installed Assay finds them beside its own."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def command(folder: Path, file: str, as_of: str) -> tuple[float, dict[str, Any]]:
    """Processor seconds of the whole command, and its report."""
    words = ["-m", "assay.cli", "validate", file, "--offline", "--at", as_of, "--resolver", "map.json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *words, "--format", "json"],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    report: dict[str, Any] = json.loads(done.stdout)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, report


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="assay-validate-") as scratch:
        folder = Path(scratch)
        samples, as_of = prepare(folder, options.number)
        kinds = Counter(one.kind for one in samples)
        print(f"{len(samples)} credentials: {', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}")
        command(folder, "one.jsonl", as_of)  # compiles the modules
        shares, without_start = [], []
        for _ in range(options.rounds):
            first = floor(samples)
            whole, report = command(folder, "all.jsonl", as_of)
            start, _one = command(folder, "one.jsonl", as_of)
            least = statistics.mean((first, floor(samples)))
            shares.append(least / whole)
            without_start.append(least / (whole - start))
            print(
                f"floor {least:.3f} s, command {whole:.2f} s, of which start {start:.2f} s: "
                f"share {shares[-1]:.3f}, without start {without_start[-1]:.3f}"
            )
    results = report["results"]
    profiles = sorted({result["profile"] for result in results})
    judged = sum(len(result["subjects"]) or 1 for result in results)
    print(f"{judged} verdicts on {len(report['subjects'])} documents; profiles {', '.join(profiles)}")
    share = statistics.median(shares)
    print(f"share {share:.3f}, without start {statistics.median(without_start):.3f}; asked for {ASKED_FOR}")
    return 0 if share >= ASKED_FOR else 1


if __name__ == "__main__":
    raise SystemExit(main())
