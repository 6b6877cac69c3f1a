"""A scenario that stands on another says only what differs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from assay.simulator import load_scenario
from assay.simulator.scenario import ScenarioError, parse_scenario

SHIPPED = Path(__file__).parents[2] / "fixtures" / "scenarios"


def test_everything_that_is_not_said_comes_from_the_other() -> None:
    base = load_scenario("zw-cn-de")
    scenario = parse_scenario(b"based_on: zw-cn-de\ntitle: The same again\n", "mine.yaml")
    assert scenario.title == "The same again"
    assert scenario.model_dump(exclude={"title", "digest"}) == base.model_dump(exclude={"title", "digest"})


def test_a_key_at_the_top_replaces_that_of_the_other_as_a_whole() -> None:
    base = load_scenario("crossroads")
    scenario = parse_scenario(b"based_on: crossroads\ndemands: [{facility: de-pack-plant, packs: 3}]\n")
    assert len(base.demands) > 1
    assert [(demand.facility, demand.packs) for demand in scenario.demands] == [("de-pack-plant", 3)]


def test_the_digest_covers_both() -> None:
    raw = b"based_on: zw-cn-de\ntitle: The same again\n"
    both = raw + (SHIPPED / "zw-cn-de.yaml").read_bytes()
    assert parse_scenario(raw).digest == "sha256:" + hashlib.sha256(both).hexdigest()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("based_on: crossroad\n", "mine.yaml:1: based_on: 'crossroad' is no shipped scenario; did you mean 'crossroads'?"),
        ("title: x\nbased_on: /etc/passwd\n", "mine.yaml:2: based_on: '/etc/passwd' is no shipped scenario; name one of"),
        ("based_on: [crossroads]\n", "is no shipped scenario"),
        ("based_on: crossroads\nsites: {}\n", "mine.yaml:"),
        ("based_on: crossroads\npackss: 3\n", "mine.yaml:2: unknown key packss"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_the_line_of_the_user_s_own_file(text: str, told: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(text.encode(), "mine.yaml")
    assert told in str(raised.value)


def test_what_the_other_says_is_told_at_the_line_that_names_it() -> None:
    text = "title: x\nbased_on: zw-cn-de\nfacilities: []\nparties: []\nnations: [ZW]\n"
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(text.encode(), "mine.yaml")
    assert all(line.startswith(("mine.yaml:2:", "mine.yaml:5:")) for line in str(raised.value).splitlines())
