"""The official samples of UNTP 0.7.0, judged at a date at which they are valid: which rows fail, and no others.

Every finding pinned here is true of the sample: two-point boundaries that are no polygon, a hazardous material without
safety information, and the placeholder anchor with its malformed DIDs and its property of the draft.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.harness.credential.instants import instant
from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf, verify
from assay.harness.forge.operations import apply
from assay.harness.forge.ring import default_judges
from assay.harness.material import Document
from assay.harness.results import Outcome, RequirementResult
from assay.harness.selftest import Bench
from assay.profiles.catalogue import Level

MUST: dict[str, set[str]] = {
    "ConformityCredential_battery_instance": set(),
    "ConformityCredential_instance": set(),
    "ConformityCredential_smelter_instance": set(),
    "DigitalFacilityRecord_battery_instance": {"DFR-010"},
    "DigitalFacilityRecord_instance": {"DFR-010", "DFR-019"},
    "DigitalFacilityRecord_smelter_instance": {"DFR-010"},
    "DigitalIdentityAnchor_battery_instance": set(),
    "DigitalIdentityAnchor_instance": {
        *("DIA-002", "DIA-013", "DID-002"),
        *("JLD-005", "JLD-007", "RND-009"),
    },
    "DigitalIdentityAnchor_mine_instance": set(),
    "DigitalIdentityAnchor_smelter_instance": set(),
    "DigitalProductPassport_battery_instance": set(),
    "DigitalProductPassport_cathode_instance": set(),
    "DigitalProductPassport_instance": set(),
    "DigitalTraceabilityEvent_battery_make_instance": set(),
    "DigitalTraceabilityEvent_cathode_move_instance": set(),
    "DigitalTraceabilityEvent_instance": set(),
    "DigitalTraceabilityEvent_smelter_make_instance": set(),
}
"""Normative MUST rows that fail per sample; each is a true finding."""

ADVICE = {"RND-001"}
"""Advice of the areas tested here that every sample fails: none has a render method."""

AREAS = ("JLD", "RND", "ENV", "DIA", "CVC", "VSN", "EXT")
UNSIGNED = {"VCP-018", "VCP-019"}
"""Samples are published unsigned, which rows on proofs may say."""


IRREVOCABLE = {"DIA-023"}
WITHOUT_STATUS = {f"DigitalIdentityAnchor_{who}_instance" for who in ("battery", "mine", "smelter")}
"""These anchors have no status entry, by which a withdrawn registration could be seen."""


def judged(name: str, raw: bytes) -> tuple[Document, list[RequirementResult]]:
    document = read(name, raw)
    begins = instant(document.value.get("validFrom"))
    as_of = begins + timedelta(days=1) if begins else datetime(2025, 6, 1, tzinfo=UTC)
    verify(document, Shelf(), as_of, default_judges())
    return document, Bench.default().judge.judge(document)


def failing(results: list[RequirementResult], level: Level) -> set[str]:
    return {
        r.requirement.id
        for r in results
        if r.outcome is Outcome.FAILED and r.basis is None and r.requirement.level is level
    }


@pytest.mark.artefacts
@pytest.mark.parametrize("name", sorted(MUST))
def test_a_sample_fails_what_is_true_and_nothing_else(artefacts: Path, name: str) -> None:
    path = artefacts / "untp" / "0.7.0" / "samples" / f"{name}.json"
    document, results = judged(name, path.read_bytes())
    assert document.schema_errors == ()
    assert [r.note for r in results if r.outcome is Outcome.ERROR] == []
    assert failing(results, Level.MUST) - UNSIGNED == MUST[name]
    advice = {row for row in failing(results, Level.SHOULD) if row.startswith(AREAS)}
    assert advice == ADVICE | (IRREVOCABLE if name in WITHOUT_STATUS else set())


@pytest.mark.artefacts
def test_every_sample_is_pinned(artefacts: Path) -> None:
    assert {path.stem for path in (artefacts / "untp/0.7.0/samples").glob("*.json")} == set(MUST)


@pytest.mark.artefacts
def test_every_reference_mutation_fails_its_row(requirements_folder: Path) -> None:
    """The mutations that were tried out on the published samples are caught by the rows that they were written for."""
    bases = {
        path.stem: json.loads(path.read_bytes()) for path in (requirements_folder / "bases").glob("*.json")
    }
    reference = json.loads((requirements_folder / "untp-0.7.json").read_bytes())["requirements"]
    needed = Bench.default().needing_proof()
    tried, blind = 0, []
    for entry in reference:
        if not entry.get("ops") or entry["id"] not in needed:
            continue
        operations = [[what, f"/{path}", *rest] for what, path, *rest in entry["ops"]]
        bent = apply(bases[entry["base"]], operations)
        _, results = judged(entry["id"], json.dumps(bent).encode())
        tried += 1
        if not any(r.requirement.id == entry["id"] and r.outcome is Outcome.FAILED for r in results):
            blind.append(entry["id"])
    assert tried > 150
    # a class of an extension is asked about only in documents that use one; there the subject's own row fails
    assert blind == ["JLD-014"]
