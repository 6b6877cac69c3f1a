"""Credentials that nobody here wrote: the official samples, the official copper chain, and the pilot of British Columbia."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assay.cli.sources import parse_time, read_sources
from assay.harness.discovery import look_up
from assay.harness.engine import Engine, Settings
from assay.harness.results import Outcome, RequirementResult, RunResult, Verdict
from assay.harness.transport import OfflineTransport

INSIDE_ALL = "2026-02-20"
"""A date inside the validity of every official sample."""

GRADES = {"Copper Concentrate": {"Cu": 0.30}, "Copper Cathode": {"Cu": 0.9999}}

TRUE_FINDINGS = {
    "DigitalFacilityRecord_instance.json": {"DFR-010", "DFR-019"},
    "DigitalFacilityRecord_smelter_instance.json": {"DFR-010"},
    "DigitalFacilityRecord_battery_instance.json": {"DFR-010"},
    "DigitalIdentityAnchor_instance.json": {
        "DIA-002",
        "DIA-013",
        "DID-002",
        "JLD-005",
        "JLD-007",
        "RND-009",
    },
}
"""What deciding requirements the official samples really break: open boundary lines, a hazardous material without safety
information, and a placeholder anchor with a malformed DID and a draft property. Everything else must pass."""


def judge(
    *sources: Path, at: str = INSIDE_ALL, grades: dict[str, dict[str, float]] | None = None
) -> RunResult:
    engine = Engine(Settings(as_of=parse_time(at), assumed_grades=grades or {}))
    documents = read_sources([str(source) for source in sources]).documents
    found = asyncio.run(look_up(documents, OfflineTransport()))
    return engine.judge(found.documents, found.shelf)


def rows(run: RunResult, outcome: Outcome) -> dict[str, RequirementResult]:
    return {row.requirement.id: row for row in run.results if row.outcome is outcome and row.basis is None}


@pytest.fixture(scope="module")
def samples(artefacts: Path) -> Path:
    return artefacts / "untp" / "0.7.0" / "samples"


def test_every_official_sample_is_judged_right(samples: Path) -> None:
    paths = sorted(samples.glob("*.json"))
    assert len(paths) >= 17
    for path in paths:
        run = judge(path)
        broken = {
            name for name, row in rows(run, Outcome.FAILED).items() if row.requirement.decides_conformity
        }
        assert broken == TRUE_FINDINGS.get(path.name, set()), path.name
        expected = Verdict.NOT_CONFORMANT if path.name in TRUE_FINDINGS else Verdict.DOCUMENT_VALID
        assert run.verdict is expected, path.name


def test_the_copper_chain_with_assumed_grades_turns_nine_tonnes_into_ten(samples: Path) -> None:
    failed = rows(judge(samples, grades=GRADES), Outcome.FAILED)
    (balance,) = failed["G-101"].findings
    assert balance.assumed
    assert "9,000 kg" in balance.expected
    assert "9,999 kg" in balance.received
    assert balance.at.source.endswith("DigitalTraceabilityEvent_smelter_make_instance.json")


def test_the_copper_chain_has_no_verified_claim_and_no_anchored_certifier(samples: Path) -> None:
    run = judge(samples, grades=GRADES)
    failed = rows(run, Outcome.FAILED)
    unmatched = failed["G-001"].findings + failed["G-003"].findings
    assert len({(finding.at.source, finding.at.pointer) for finding in unmatched}) == 16
    assert len(failed["G-008"].findings) == 3


def test_without_assumed_grades_the_balance_is_unknown(samples: Path) -> None:
    run = judge(samples)
    assert "G-101" not in rows(run, Outcome.FAILED)
    assert "element content" in rows(run, Outcome.INCONCLUSIVE)["G-101"].note


def test_samples_of_0_6_are_judged_by_the_rules_of_their_own_version(artefacts: Path) -> None:
    run = judge(artefacts / "untp" / "0.6.x" / "samples")
    assert {subject.untp for subject in run.subjects} == {"0.6.0", "0.6.1"}
    assert {subject.verdict for subject in run.subjects} == {Verdict.DOCUMENT_VALID, Verdict.NOT_CONFORMANT}
    # the number after the host of their issuer's DID is a step of its path as far as anybody can tell
    (row,) = [r for r in run.results if r.requirement.id == "DID-004"]
    assert row.requirement.profile == "untp-0.6"
    assert row.outcome is Outcome.PASSED
    assert "12345 is read as a step of the path" in row.note
    assert len(row.subjects) == len(run.subjects)


PILOT_WORDS = {
    "battery_manufacturer/dia_orgbook_battery.json": ["context"],
    "battery_manufacturer/dpp_battery.json": ["vocabulary.uncefact.org/untp/dpp/0.5.0"],
    "copper_mine/dcc_mines_act_permit_mine ordered.json": [
        "embedded proof 'eddsa-jcs-2022'",
        "did:web:vckit.bcmine.pyx.io",
    ],
    "copper_mine/dcc_coppermark_mine.json": ["credentialSubject"],
    "working_space/coppermark_assessment.json": ["list"],
}


def test_every_pilot_file_gets_a_definite_explained_answer(artefacts: Path) -> None:
    folder = artefacts / "crm"
    paths = sorted(folder.rglob("*.json"))
    assert len(paths) >= 15
    for path in paths:
        run = judge(path)
        (subject,) = run.subjects
        if run.verdict is Verdict.INCONCLUSIVE:
            # Nothing is wrong that could be told without the rules of its own, old version.
            assert "not judged in this release" in subject.note and "unsigned" in subject.note, path
            continue
        assert run.verdict is Verdict.NOT_CONFORMANT, path
        findings = [finding for row in rows(run, Outcome.FAILED).values() for finding in row.findings]
        assert findings and all(finding.expected and finding.received for finding in findings), path
        assert not rows(run, Outcome.ERROR), path
        told = " ".join(f"{finding.at.pointer} {finding.expected} {finding.received}" for finding in findings)
        for word in PILOT_WORDS.get(path.relative_to(folder).as_posix(), []):
            assert word in told, (path, word, told)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["sha", "6239119"], "a digest too short to be one"),
        (["localhost"], "a link to the publisher's own machine"),
        (["key that signed", "/issuer"], "an issuer that is not the owner of the key"),
    ],
)
def test_the_pilot_as_a_set_shows_what_a_reviewer_must_know(
    artefacts: Path, words: list[str], what: str
) -> None:
    run = judge(artefacts / "crm")
    told = [
        f"{finding.at.pointer} {finding.expected} {finding.received}".lower()
        for row in rows(run, Outcome.FAILED).values()
        for finding in row.findings
    ]
    assert any(all(word in text for word in words) for text in told), what
