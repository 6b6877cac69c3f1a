"""Every live row fails on an endpoint with the fault it speaks of, and nothing undeclared fails beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

import pytest

from assay.cli.example_run import catalogue, observed
from assay.cli.live_selftest import EXERCISED
from assay.harness.checks import load_checks
from assay.harness.forge.ring import MutantError
from assay.harness.live_proof import LiveMutant, live_rows, load_live, prove
from assay.harness.live_recorded import RECORDED
from assay.harness.results import Outcome, RequirementResult
from assay.simulator.sandbox.faults import FAULTS

MUTANTS = load_live()
BESIDE = "VRF-001"
"""Judged beside the row under proof, where holding every trial would take long; ``bench`` holds them all."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("world")


def run_in(
    folder: Path, faults: tuple[str, ...], role: str, rows: Collection[str] | None
) -> Sequence[RequirementResult]:
    return observed(folder, faults, EXERCISED[role], rows)


@cache
def honest(folder: Path, role: str) -> Sequence[RequirementResult]:
    return run_in(folder, (), role, None)


def failed(results: Sequence[RequirementResult]) -> set[str]:
    return {result.requirement.id for result in results if result.outcome is Outcome.FAILED}


@pytest.mark.parametrize("role", EXERCISED)
def test_an_honest_node_fails_nothing_that_decides(folder: Path, role: str) -> None:
    decisive = {row for row in failed(honest(folder, role)) if catalogue()[row].basis is None}
    # The status index is a number, as the schema has it and the page does not (P-01).
    assert decisive - {"STS-005"} == set()


def test_an_honest_node_passes_every_row_that_a_mutant_fails(folder: Path) -> None:
    passed = {
        result.requirement.id
        for role in EXERCISED
        for result in honest(folder, role)
        if result.outcome is Outcome.PASSED
    }
    assert {mutant.requirement for mutant in MUTANTS} - passed == set()


@pytest.mark.parametrize(
    "mutant", MUTANTS, ids=lambda mutant: f"{mutant.requirement}-{'+'.join(mutant.faults)}"
)
def test_a_fault_fails_its_row_and_nothing_undeclared(folder: Path, mutant: LiveMutant) -> None:
    rows = {mutant.requirement, BESIDE} if mutant.role == "verifier" else None

    def run(faults: tuple[str, ...], role: str, rows: Collection[str] | None) -> Sequence[RequirementResult]:
        return run_in(folder, faults, role, rows)

    assert prove(mutant, MUTANTS, catalogue(), run, failed(honest(folder, mutant.role)), rows) == []


def test_every_live_row_has_a_mutant_or_a_reason() -> None:
    assert (
        live_rows(catalogue(), load_checks()) - {mutant.requirement for mutant in MUTANTS} == RECORDED.keys()
    )
    assert len(live_rows(catalogue(), load_checks())) >= 45


def test_every_fault_of_a_mutant_exists_in_the_sandbox() -> None:
    assert {fault for mutant in MUTANTS for fault in mutant.faults} <= FAULTS.keys()


@pytest.mark.parametrize("fault", ["always-invalid", "verifier-crashes"])
def test_a_constant_or_crashing_verifier_passes_nothing_it_should_refuse(folder: Path, fault: str) -> None:
    results = run_in(folder, (fault,), "verifier", {"VRF-001", "VRF-002", "VRF-008", "VRF-010"})
    told = {
        result.requirement.id: result.outcome
        for result in results
        if result.outcome is not Outcome.NOT_APPLICABLE
    }
    assert {told[row] for row in ("VRF-001", "VRF-002", "VRF-008", "VRF-010")} <= {
        Outcome.INCONCLUSIVE,
        Outcome.ERROR,
    }


@pytest.mark.parametrize(
    "entry",
    ["- {requirement: VRF-001}", "- {requirement: VRF-001, fault: x, role: oracle}", "- [1]"],
)
def test_a_wrong_entry_is_told_by_its_number(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "live.yaml"
    file.write_text(entry)
    with pytest.raises(MutantError, match="entry 1"):
        load_live(file)
