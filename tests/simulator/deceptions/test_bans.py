"""Ore that may not leave, under the name of what is made of it: played, decided and seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.simulator.deceptions.registry import players
from assay.simulator.scenario import parse_scenario
from tests.deceptions_worlds import Deceived, deceived
from tests.simulator.deceptions.exam import judged

SEVERITIES = ("0.05", "0.5")
CROSSROADS = Path(__file__).resolve().parents[3] / "fixtures" / "scenarios" / "crossroads.yaml"
MINES = {"zw-north-mine", "zw-south-mine", "cd-west-mine", "cd-west-zone", "cd-east-mine", "cd-east-zone"}


def world(severity: str) -> Deceived:
    """A fraud and a twin of either ore."""
    frauds, twins = "zw-north-mine, cd-west-mine", "zw-south-mine, cd-east-mine"
    return deceived(f"[{{pattern: F14, severity: {severity}, count: 2, twins: 2, at: [{frauds}, {twins}]}}]")


def subject(found: Deceived, url: str) -> dict[str, object]:
    return dict(found.document(url)["credentialSubject"])


@pytest.mark.parametrize("severity", SEVERITIES)
def test_the_fraud_is_decided_and_seen_and_nothing_else(severity: str) -> None:
    assert judged(world(severity), "F14") == {
        "F14-1": (True, True), "F14-2": (True, True), "F14-1t": (False, False), "F14-2t": (False, False),
    }  # fmt: skip


@pytest.mark.parametrize("severity", SEVERITIES)
def test_every_root_is_seen_by_itself_and_no_other_batch(severity: str) -> None:
    found = world(severity)
    seen = {url for one in found.seen("F14") for url in one.subjects}
    assert seen == found.roots("F14", honest=False)
    assert seen == {url for one in found.decided("F14") for url in one.subjects}


def test_an_honest_world_shows_nothing() -> None:
    assert deceived().seen("F14") == []
    assert deceived().decided("F14") == []


@pytest.mark.parametrize("severity", SEVERITIES)
def test_labels_name_exactly_what_differs(severity: str) -> None:
    found = world(severity)
    assert found.differences(deceived()) == found.labelled("changed", "added", "absent")


def test_severity_is_the_share_of_batches_that_bear_another_name() -> None:
    for name in ("F14-1", "F14-2", "F14-1t", "F14-2t"):
        few, many = (len(world(severity).labels[name]["root"]) for severity in SEVERITIES)
        assert 1 <= few < many


def test_the_fraud_names_what_may_leave_and_keeps_the_grade_of_ore() -> None:
    found = world("0.5")
    told = {name: found.labels[name]["told"]["claimed"] for name in ("F14-1", "F14-2")}
    assert set(told.values()) == {"Spodumene concentrate", "Cobalt hydroxide"}
    for name, claimed in told.items():
        for url in found.labels[name]["root"]:
            said, true = subject(found, url), subject(deceived(), url)
            assert said["name"] in (claimed, "Lithium sulphate monohydrate")
            assert str(said["name"]) in str(found.document(url)["name"])
            assert said["characteristics"] == true["characteristics"]


def test_no_batch_bears_the_name_of_something_that_is_banned_on_its_day() -> None:
    found = world("0.5")
    for name in ("F14-1", "F14-2"):
        for url in found.labels[name]["root"]:
            one = subject(found, url)
            assert one["name"] != "Spodumene concentrate" or str(one["productionDate"]) <= "2026-05-31"


def test_the_twin_gives_ore_a_longer_name_that_is_true() -> None:
    found = world("0.5")
    for name in ("F14-1t", "F14-2t"):
        for url in found.labels[name]["root"]:
            said, true = subject(found, url), subject(deceived(), url)
            assert said["name"] == f"{true['name']}, as mined"
            assert said["productCategory"] == true["productCategory"]


def test_only_mines_whose_ore_is_banned_and_processed_at_home_are_targets() -> None:
    scenario = parse_scenario(CROSSROADS.read_bytes(), "crossroads.yaml")
    assert set(players()["F14"].targets(scenario)) == MINES
    free = scenario.governance.model_copy(update={"export_rules": []})
    assert list(players()["F14"].targets(scenario.model_copy(update={"governance": free}))) == []
