"""Every rule of the audit has a fault that only it catches; an honest world has none."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from assay.harness.audit.judge import audit, audit_requirements
from assay.harness.results import Outcome, Verdict

from .mutants import MUTANTS, Mutant
from .worlds import World, audited, failed

_LEDGER = {"W-110", "W-111", "W-112", "W-113", "W-114", "W-115", "W-116"}


def _implied(rule: str, also: frozenset[str]) -> set[str]:
    allowed: set[str] = set()
    waiting = [rule, *also]
    while waiting:
        name = waiting.pop()
        if name not in allowed:
            allowed.add(name)
            waiting += audit_requirements()[name].implies
    return allowed


def test_an_honest_world_is_consistent(dataset: Path) -> None:
    run = audit(dataset, version="test")
    assert failed(run) == set()
    assert run.verdict is Verdict.CONFORMANT
    passed = {result.requirement.id for result in run.results if result.outcome is Outcome.PASSED}
    assert len(passed) >= 38
    assert passed >= _LEDGER


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.rule}-{one.edit.__name__}")
def test_a_fault_is_found_by_its_rule_alone(mutant: Mutant, honest: World, tmp_path: Path) -> None:
    world = honest.copy()
    mutant.edit(world)
    found = failed(audited(world, tmp_path, ledger=mutant.rule in _LEDGER))
    assert mutant.rule in found
    assert found <= _implied(mutant.rule, mutant.also)


def test_every_rule_has_a_fault() -> None:
    assert {mutant.rule for mutant in MUTANTS} == set(audit_requirements())


NINE = {
    "1 element balance": ["W-101"],
    "2 travel time": ["W-125", "W-127"],
    "3 order": ["W-120", "W-121"],
    "4 geography": ["W-142", "W-143"],
    "5 energy": ["W-170"],
    "6 bill of materials": ["W-173"],
    "7 capacity": ["W-132"],
    "8 chemistry": ["W-171", "W-174"],
    "9 codes": ["W-150"],
}


def test_all_nine_kinds_of_faults_of_the_official_samples_are_found_together_in_a_world_of_ours(
    honest: World, tmp_path: Path
) -> None:
    world = honest.copy()
    wanted = {rule for rules in NINE.values() for rule in rules}
    for mutant in MUTANTS:
        if mutant.rule in wanted:
            mutant.edit(world)
    found = failed(audited(world, tmp_path))
    assert {kind: rules for kind, rules in NINE.items() if not set(rules) <= found} == {}


def test_what_is_in_work_at_a_stocktake_is_no_loss(honest: World, tmp_path: Path) -> None:
    world = honest.copy()
    taken = copy.deepcopy(world.stocktakes("Falkenau Cell Plant")[1])
    event = taken["credentialSubject"][0]
    taken["id"], event["id"] = taken["id"] + "-work", event["id"] + "-work"
    # cells were begun on 18 April and finished on 7 May: their inputs are gone, the cells are not yet there
    taken["validFrom"], event["eventDate"] = "2026-05-01T01:00:00Z", "2026-05-01T00:00:00Z"
    event["modifiedProduct"] = [
        line for line in event["modifiedProduct"] if "cells" not in line["product"]["name"]
    ]
    world.documents.append(taken)
    assert failed(audited(world, tmp_path)) == set()
    event["modifiedProduct"][0]["quantity"]["value"] += 50
    assert failed(audited(world, tmp_path)) == {"W-103"}


def test_findings_name_document_place_and_mend(honest: World, tmp_path: Path) -> None:
    world = honest.copy()
    next(one for one in MUTANTS if one.rule == "W-170").edit(world)
    run = audited(world, tmp_path)
    (finding,) = (finding for result in run.results for finding in result.findings)
    assert finding.at.source.startswith("world.jsonl:")
    assert finding.at.pointer == "/credentialSubject/characteristics"
    assert (finding.expected, finding.received) == ("60 kWh of energy, from 400 V and 150 Ah", "75 kWh")
    assert finding.hint


def test_the_order_of_documents_changes_no_verdict(honest: World, tmp_path: Path) -> None:
    world = honest.copy()
    for mutant in MUTANTS:
        if mutant.rule in ("W-101", "W-122", "W-173"):
            mutant.edit(world)
    forwards = failed(audited(world, tmp_path))
    world.documents.reverse()
    assert failed(audited(world, tmp_path)) == forwards >= {"W-101", "W-122", "W-173"}


def test_without_a_ledger_its_rules_do_not_pass(honest: World, tmp_path: Path) -> None:
    run = audited(honest, tmp_path)
    outcomes = {result.outcome for result in run.results if result.requirement.id in _LEDGER}
    assert outcomes == {Outcome.NOT_APPLICABLE}


def test_a_ledger_that_cannot_be_read_is_no_evidence(honest: World, tmp_path: Path) -> None:
    world = honest.copy()
    world.ledger = [{"fact": "miracle", "time": 1}, {"fact": "conversion", "time": "soon"}]
    rows = {result.requirement.id: result for result in audited(world, tmp_path, ledger=True).results}
    assert rows["W-110"].outcome is Outcome.INCONCLUSIVE
    assert "row 2" in rows["W-110"].note
    assert "miracle" in rows["W-112"].note
