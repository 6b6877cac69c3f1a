"""What our rows on passports, certificates, facility records and events say about the official samples of 0.7.0.

Every entry is a true finding (singular taxonomy paths, open boundaries, texts in the place of images, evidence
without digest, ...); a new one is a false alarm until somebody has looked at it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf, verify
from assay.harness.forge.ring import default_judges
from assay.harness.results import Outcome
from assay.harness.selftest import Bench

pytestmark = pytest.mark.artefacts

AT = datetime(2025, 6, 1, tzinfo=UTC)
"""Every sample is valid then; most have expired since."""

AREAS = ("DPP-", "DCC-", "DFR-", "DTE-")
PATHS = ["DPP-051", "DPP-056"]
"""Metrics and topics under the singular path (P-14)."""

EXPECTED = {
    "ConformityCredential_battery_instance.json": ["DCC-029", "DPP-035", *PATHS],
    "ConformityCredential_instance.json": ["DCC-029", "DPP-035", "DPP-052", *PATHS],
    "ConformityCredential_smelter_instance.json": ["DCC-029", "DPP-035", *PATHS],
    "DigitalFacilityRecord_battery_instance.json": ["DFR-010", "DFR-011", "DPP-058", "DPP-059", *PATHS],
    "DigitalFacilityRecord_instance.json": [
        *("DFR-010", "DFR-011", "DFR-018", "DFR-019", "DPP-052", "DPP-058", "DPP-059"),
        *PATHS,
    ],
    "DigitalFacilityRecord_smelter_instance.json": ["DFR-010", "DFR-011", "DPP-058", "DPP-059", *PATHS],
    "DigitalIdentityAnchor_battery_instance.json": [],
    "DigitalIdentityAnchor_instance.json": [],
    "DigitalIdentityAnchor_mine_instance.json": [],
    "DigitalIdentityAnchor_smelter_instance.json": [],
    "DigitalProductPassport_battery_instance.json": ["DPP-052", "DPP-058", "DPP-059", *PATHS],
    "DigitalProductPassport_cathode_instance.json": ["DPP-058", "DPP-059", *PATHS],
    "DigitalProductPassport_instance.json": ["DPP-052", "DPP-058", "DPP-059", *PATHS],
    "DigitalTraceabilityEvent_battery_make_instance.json": [],
    "DigitalTraceabilityEvent_cathode_move_instance.json": ["DTE-023"],
    "DigitalTraceabilityEvent_instance.json": ["DTE-023"],
    "DigitalTraceabilityEvent_smelter_make_instance.json": [],
}


def _failing(path: Path) -> dict[str, int]:
    bench = Bench.default()
    document = read(path.name, path.read_bytes())
    verify(document, Shelf(), AT, default_judges())
    return {
        result.requirement.id: len(result.findings)
        for result in bench.judge.judge(document)
        if result.requirement.id.startswith(AREAS)
        and result.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE)
    }


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_fails_the_rows_that_it_breaks_and_no_others(name: str, artefacts: Path) -> None:
    failing = _failing(artefacts / "untp" / "0.7.0" / "samples" / name)
    assert sorted(failing) == sorted(EXPECTED[name])


def test_no_sample_is_forgotten(artefacts: Path) -> None:
    assert sorted(EXPECTED) == sorted(
        path.name for path in (artefacts / "untp" / "0.7.0" / "samples").glob("*.json")
    )


def test_five_measures_of_the_samples_are_in_another_unit_than_their_metric_asks(artefacts: Path) -> None:
    samples = artefacts / "untp" / "0.7.0" / "samples"
    assert sum(_failing(samples / name).get("DPP-052", 0) for name in EXPECTED) == 5
