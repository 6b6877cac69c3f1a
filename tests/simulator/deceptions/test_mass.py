"""Masses that do not add up: played, told apart from their twins, and found where they are."""

from __future__ import annotations

import pytest

from tests.deceptions_worlds import Deceived, deceived, touched

CODES = ["F02", "F03", "F42"]
SEVERITIES = (0.1, 0.5)


def _played(severity: float) -> str:
    return (
        f"[{', '.join(f'{{pattern: {code}, severity: {severity}, count: 2, twins: 2}}' for code in CODES)}]"
    )


@pytest.fixture(scope="module", params=SEVERITIES)
def world(request: pytest.FixtureRequest) -> Deceived:
    return deceived(_played(request.param), seed=4)


@pytest.fixture(scope="module")
def honest() -> Deceived:
    return deceived(seed=4)


def test_labels_name_exactly_the_credentials_that_differ(world: Deceived, honest: Deceived) -> None:
    changed, added, absent = world.differences(honest)
    assert (changed, added, absent) == world.labelled("changed", "added", "absent")
    assert changed


@pytest.mark.parametrize("code", CODES)
def test_an_oracle_sees_every_fraud_and_no_twin(world: Deceived, code: str) -> None:
    seen = touched(world.seen(code))
    for label in world.labels.values():
        if label["code"] == code:
            assert bool(seen & set(label["root"])) is not label["honest"], label["instance"]
    assert all(set(one.subjects) & world.roots(code, honest=False) for one in world.seen(code))


@pytest.mark.parametrize("code", CODES)
def test_a_fraud_shows_at_the_scope_of_its_label_and_a_twin_does_not(world: Deceived, code: str) -> None:
    for name, label in world.labels.items():
        if label["code"] == code:
            assert bool(world.seen_in_scope(name)) is not label["honest"], name


@pytest.mark.parametrize("code", CODES)
def test_the_truth_decides_against_every_fraud_and_for_every_twin(world: Deceived, code: str) -> None:
    decided = touched(world.decided(code))
    for label in world.labels.values():
        if label["code"] == code:
            assert bool(decided & set(label["root"])) is not label["honest"], label["instance"]
    assert all(set(one.subjects) & world.roots(code, honest=False) for one in world.decided(code))


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_seen_in_an_honest_world(honest: Deceived, code: str) -> None:
    assert honest.seen(code) == []
    # without deceptions no acts are written, and none are needed to find nothing
    assert honest.decided(code) == []


def test_the_output_of_a_plant_holds_more_than_its_feed_by_severity(world: Deceived) -> None:
    for label in world.labels.values():
        if label["code"] == "F02":
            assert label["told"]["claimed"] == pytest.approx(1 + label["severity"], abs=0.002)
            assert label["told"]["true"] < 1


def test_a_batch_is_drawn_twice_by_severity_at_most(world: Deceived) -> None:
    for label in world.labels.values():
        if label["code"] == "F03":
            beyond = label["told"]["claimed"] / label["told"]["true"] - 1
            assert beyond == 0 if label["honest"] else 0.04 < beyond <= label["severity"] + 0.001


def test_books_without_noise_are_even_and_those_of_the_twin_are_not(world: Deceived) -> None:
    for label in world.labels.values():
        if label["code"] == "F42":
            even = label["told"]["claimed"] < label["told"]["true"] / 3
            assert even is not label["honest"]
