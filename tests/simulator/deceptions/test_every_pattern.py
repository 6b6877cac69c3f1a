"""Every pattern of the handbook with its twin in one world, three composites, and every kind of look-alike alone.

``bench/deceptions.py`` does the same at three severities and five seeds.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.harness.oracles.selfcheck import SelfCheck, self_check
from assay.profiles.deceptions.handbook import look_alikes, patterns
from assay.simulator import load_scenario
from assay.simulator.dataset import write_dataset
from assay.simulator.operations import run
from assay.simulator.scenario import Scenario, parse_scenario
from assay.simulator.world import build_world


def checked(scenario: Scenario, folder: Path) -> SelfCheck:
    """The world of a scenario against the same without deceptions."""
    for name, told in (("world", scenario), ("honest", scenario.model_copy(update={"deceptions": []}))):
        world = build_world(told, 1)
        write_dataset(world, folder / name, facts=run(world.scenario, 1), formats=("jsonl",))
    return self_check(folder / "world", folder / "honest")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> SelfCheck:
    return checked(load_scenario("crossroads-deceived"), tmp_path_factory.mktemp("everything"))


def test_every_pattern_is_there_and_visible_and_its_twin_is_clean(everything: SelfCheck) -> None:
    assert [one for one in everything.instances if not one.ok] == []
    frauds = {one.code for one in everything.instances if not one.honest}
    twins = {one.code for one in everything.instances if one.honest}
    assert frauds == twins == set(patterns())


def test_nothing_honest_is_accused_and_nothing_else_differs(everything: SelfCheck) -> None:
    assert everything.false_sightings == ()
    assert everything.differences == ()


def test_three_composites_are_seen_as_each_of_their_patterns(everything: SelfCheck) -> None:
    parts: dict[str, set[str]] = {}
    for one in everything.instances:
        if one.composite is not None:
            parts.setdefault(one.composite.rstrip("-0123456789"), set()).add(one.code)
    assert parts == {
        "forged-behind-look-alike": {"F18", "F36"},
        "laundered-through-a-licensed-mine": {"F06", "F09"},
        "bought-permit-and-over-extraction": {"F06", "F28"},
    }


def test_every_kind_of_look_alike_is_clean(tmp_path: Path) -> None:
    asked = "".join(f"  - {{look_alike: {code}}}\n" for code in look_alikes())
    found = checked(parse_scenario(f"based_on: crossroads\ndeceptions:\n{asked}".encode()), tmp_path)
    assert [one for one in found.instances if not one.ok] == []
    assert found.false_sightings == found.differences == found.also_seen == ()
    assert len(found.instances) == len(look_alikes()) == 24
    assert all(one.honest for one in found.instances)
