"""Rates of the schema and JSON-LD verdicts, as times and as ratios within one run.

    python bench/linked_data.py [folder of JSON documents]

Without a folder: documents generated from the class table. Per document, medians of interleaved rounds of

* ``schema``: the floor, ``jsonschema-rs`` ``is_valid`` with the generated (or published, equal) schema, formats off;
* ``certificate``: the certificate pass, which settles schema, JSON-LD and code lists at once;
* ``memo``: the JSON-LD verdict by node shapes, warm;
* ``expanded``: by pyld with remembered contexts; ``stock``: by pyld as it comes (few rounds).

Then a stream of documents never seen before: shares of certified ones, of memo hits, and the mean time of a verdict.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs

from assay.harness.credential.linked_data import LinkedDataJudge
from assay.harness.credential.schema import SchemaJudge
from assay.profiles.untp_0_7 import schema

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.mutations import CREDENTIAL_KINDS, full_document, kind_of, mutant, other_values

ROUNDS = 15
STREAM = 600
FAULTY = 10  # one in ten


def documents() -> list[tuple[str, str, Any]]:
    """What is measured: (name, kind, document)."""
    if len(sys.argv) < 2:
        return [(f"full-{kind}", kind, full_document(kind)) for kind in CREDENTIAL_KINDS]
    found = []
    for file in sorted(Path(sys.argv[1]).rglob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        if (kind := kind_of(document)) is not None:
            found.append((file.stem, kind, document))
    return found


def seconds(work: Callable[[], object], repeat: int) -> float:
    """Mean processor time of one call: other work on the machine does not count."""
    start = time.thread_time()
    for _ in range(repeat):
        work()
    return (time.thread_time() - start) / repeat


def one_document(
    name: str, kind: str, document: Any, schemas: SchemaJudge, linked_data: LinkedDataJudge
) -> None:
    """Times of every way for one document, in microseconds, with the ratio of certificate and floor."""
    floor = jsonschema_rs.Draft202012Validator(schema(kind), offline=True)
    ways: dict[str, tuple[Callable[[], object], int]] = {
        "schema": (lambda: floor.is_valid(document), 100),
        "certificate": (lambda: schemas.certified(kind, document), 100),
        "memo": (lambda: linked_data.findings(document), 20),
        "expanded": (lambda: linked_data.expanded(document), 1),
    }
    for work, _ in ways.values():
        work()  # warm
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, (work, repeat) in ways.items():
            times[way].append(seconds(work, repeat))
    medians = {way: statistics.median(values) * 1e6 for way, values in times.items()}
    medians["stock"] = seconds(lambda: linked_data.plain(document), 2) * 1e6
    size = len(json.dumps(document, separators=(",", ":")))
    columns = "  ".join(f"{way} {value:8.0f} us" for way, value in medians.items())
    ratio = medians["certificate"] / medians["schema"]
    passed = "certified" if schemas.certified(kind, document) else "not certified"
    print(f"{name[:44]:44s} {size:6d} B  {columns}  certificate/schema {ratio:4.2f}  {passed}")


def stream(kind: str, seeds: list[Any], schemas: SchemaJudge, linked_data: LinkedDataJudge) -> None:
    """Documents with values never seen before, a tenth of them damaged."""
    rng = random.Random(kind)
    fresh = []
    for i in range(STREAM):
        document = other_values(rng, rng.choice(seeds), 0.0)
        document["id"] = f"https://credentials.example/{i}"
        fresh.append(mutant(rng, document, 1) if i % FAULTY == 0 else document)
    certified = 0
    start = time.thread_time()
    for document in fresh:
        if schemas.certified(kind, document):
            certified += 1
        else:
            schemas.errors(kind, document)
            linked_data.findings(document)
    mean = (time.thread_time() - start) / STREAM
    print(f"stream of {STREAM} {kind}: {mean * 1e6:.0f} us each, {certified / STREAM:.0%} certified")


def main() -> None:
    schemas, linked_data = SchemaJudge(), LinkedDataJudge()
    measured = documents()
    for name, kind, document in measured:
        one_document(name, kind, document, schemas, linked_data)
    for kind in CREDENTIAL_KINDS:
        seeds = [document for _, its_kind, document in measured if its_kind == kind]
        if seeds:
            stream(kind, seeds, schemas, linked_data)


if __name__ == "__main__":
    main()
