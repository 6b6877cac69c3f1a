"""Time and memory of ``assay world check`` on a large world: copies of a simulated one under names of their own.

    assay simulate --out world
    python bench/audit_scale.py world --copies 1101        # 120,000 credentials of the default scenario

Copies share times and masses, so that matching paper with facts meets its worst case: a thousand candidates a minute.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

from assay.harness.audit.judge import audit


def _copy(world: Path, target: Path, copies: int) -> int:
    """A streamed dataset of ``copies`` worlds; returns the number of credentials."""
    parts = [file.read_text().strip().split(".") for file in sorted((world / "credentials").glob("*.jwt"))]
    bodies = [urlsafe_b64decode(part[1] + "=" * (-len(part[1]) % 4)).decode() for part in parts]
    rows = [json.loads(line) for line in (world / "ledger.jsonl").read_text().splitlines()]
    (target / "credentials").mkdir()
    (target / "dataset.json").write_text((world / "dataset.json").read_text())
    with (
        (target / "credentials" / "part-00001.jsonl").open("w") as tokens,
        (target / "ledger.jsonl").open("w") as ledger,
    ):
        for number in range(copies):
            for part, body in zip(parts, bodies, strict=True):
                renamed = body.replace(".example", f"-{number}.example").encode()
                payload = urlsafe_b64encode(renamed).decode().rstrip("=")
                tokens.write(f"{part[0]}.{payload}.{part[2]}\n")
            for row in rows:
                ledger.write(json.dumps(_renamed(row, number)) + "\n")
    return len(parts) * copies


def _renamed(row: dict[str, object], number: int) -> dict[str, object]:
    text = json.dumps(row)
    for name in ("lot", "facility", "origin", "destination", "consignment"):
        text = text.replace(f'"{name}": "', f'"{name}": "{number}/')
    renamed: dict[str, object] = json.loads(text)
    return renamed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("world", type=Path)
    parser.add_argument("--copies", type=int, default=1101)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="audit-scale-") as folder:
        number = _copy(options.world, Path(folder), options.copies)
        size = sum(file.stat().st_size for file in (Path(folder) / "credentials").iterdir())
        start = time.perf_counter()
        run = audit(Path(folder), version="bench")
        spent = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{number:,} credentials, {size / 1e6:,.0f} MB: {spent:,.1f} s, {number / spent:,.0f}/s, peak {peak:,.0f} MB"
    )
    print(f"verdict {run.verdict.value}; {run.subjects[0].note}")
    for result in run.results:
        if result.outcome.value in ("failed", "error"):
            print(result.requirement.id, result.outcome.value, result.note)


if __name__ == "__main__":
    main()
