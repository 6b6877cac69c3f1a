"""Footprints and recycled content that the inputs do not bear out: what the players change, and who sees it."""

from __future__ import annotations

import pytest

from tests.deceptions_worlds import Deceived, deceived, touched

CODES = ("F31",)
PAIRS = ", ".join(f"{{pattern: {code}, severity: {{severity}}, count: 2, twins: 2}}" for code in CODES)
SEVERITIES = ("0.05", "0.5")


def world(severity: str) -> Deceived:
    return deceived(f"[{PAIRS.replace('{severity}', severity)}]")


@pytest.mark.parametrize("severity", SEVERITIES)
def test_labels_name_exactly_what_differs_from_the_honest_world(severity: str) -> None:
    found = world(severity)
    assert found.differences(deceived()) == found.labelled("changed", "added", "absent")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", CODES)
def test_every_fraud_is_seen_and_decided_and_nothing_else(code: str, severity: str) -> None:
    found = world(severity)
    seen, decided = found.seen(code), found.decided(code)
    mine = {url for one in found.labels.values() if one["code"] == code for url in one["root"]}
    for instance, label in found.labels.items():
        if label["code"] == code:
            assert bool(set(label["root"]) & touched(decided)) != label["honest"], instance
            assert bool(found.seen_in_scope(instance)) != label["honest"], instance
    frauds = found.roots(code, honest=False)
    assert all(set(one.subjects) & frauds for one in [*seen, *decided])
    assert mine - frauds == found.roots(code, honest=True)


@pytest.mark.parametrize("code", CODES)
def test_an_honest_world_shows_nothing(code: str) -> None:
    assert not deceived().seen(code)


def test_more_is_claimed_as_recycled_by_severity_and_of_materials_too() -> None:
    found, honest = world("0.5"), deceived()
    label = found.labels["F31-1"]
    (passport,) = label["root"]
    told, element = label["told"], label["told"]["element"]
    assert told["claimed"] - told["true"] == pytest.approx(0.5)
    parts = [one.document(passport)["credentialSubject"] for one in (honest, found)]
    before, now = (
        sum(subject["characteristics"]["footprint"]["recycled"][element].values()) for subject in parts
    )
    assert (before, now) == (pytest.approx(told["true"]), pytest.approx(told["claimed"]))


def test_little_more_recycled_than_the_feed_is_below_the_tolerance_and_still_untrue() -> None:
    found = deceived("[{pattern: F31, severity: 0.01}]")
    assert found.labels["F31-1"]["below_tolerance"]
    assert not found.seen("F31")
    assert touched(found.decided("F31")) == found.roots("F31", honest=False)


def test_the_twin_of_an_overclaim_says_of_recycled_feed_what_is_true() -> None:
    label = world("0.5").labels["F31-1t"]
    assert label["told"]["claimed"] == label["told"]["true"] > 0
    assert not label["changed"]
