"""A run can be replayed from its recording: the same results and the same bytes, without the system."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from assay.cli.example_run import AS_OF_INSTANT, TOKEN, harvest, manifest, results
from assay.harness.evidence import EvidenceStore, Redactor
from assay.harness.exercise import Harvest, exercise
from assay.harness.results import Outcome
from assay.harness.selftest import load_bases
from assay.harness.transport import ReplayTransport

ROLES = ("issuer", "status", "resolver", "verifier", "crawl")


def told(found: Harvest) -> list[str]:
    return [repr(result) for result in results(found)]


def test_a_recorded_run_gives_the_same_results_again(tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    with EvidenceStore(first, Redactor([TOKEN])) as store:
        had = asyncio.run(harvest(tmp_path, (), ROLES, store=store))
    with EvidenceStore(again, Redactor([TOKEN])) as store:
        transport = ReplayTransport(first, store=store)
        replayed = asyncio.run(
            exercise(manifest(*ROLES), transport, load_bases(), AS_OF_INSTANT, authority_log=[])
        )
    assert told(replayed) == told(had)
    assert any(
        result.outcome is Outcome.PASSED and result.requirement.id == "VRF-013"
        for result in results(replayed)
    )
    recorded = [sorted((folder / "exchanges.jsonl").read_text().splitlines()) for folder in (first, again)]
    assert recorded[0] == recorded[1]


def test_the_owner_s_token_is_in_no_recording(tmp_path: Path) -> None:
    with EvidenceStore(tmp_path / "run", Redactor([TOKEN])) as store:
        asyncio.run(harvest(tmp_path, (), ("issuer",), store=store))
        shown = json.dumps(store.shown([exchange.digest for exchange in store]))
    assert TOKEN not in (tmp_path / "run" / "exchanges.jsonl").read_text() + shown
    assert "$SECRET" in shown
