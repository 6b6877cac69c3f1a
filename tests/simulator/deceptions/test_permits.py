"""Mines and their permits: what the players change, and who sees it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.deceptions_worlds import Deceived, deceived, touched

CODES = ("F08", "F06")
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
    for instance, label in found.labels.items():
        if label["code"] == code:
            assert bool(set(label["root"]) & touched(decided)) != label["honest"], instance
            assert bool(found.seen_in_scope(instance)) != label["honest"], instance
    frauds = {url for one in CODES for url in found.roots(one, honest=False)}
    assert seen
    assert decided
    assert all(set(one.subjects) & frauds for one in [*seen, *decided])


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_seen_or_decided_in_the_honest_world(code: str) -> None:
    assert not deceived().seen(code)
    assert not deceived().decided(code)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_fraud_and_twin_change_one_permit_and_add_one(severity: str) -> None:
    for instance, label in world(severity).labels.items():
        assert (len(label["changed"]), len(label["added"])) == (1, 1), instance


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_permit_lapses_for_a_share_of_the_batches_and_its_twin_not_for_a_day(severity: str) -> None:
    found = world(severity)
    for label in found.labels.values():
        if label["code"] != "F08":
            continue
        gap = date.fromisoformat(label["told"]["true"]) - date.fromisoformat(label["told"]["claimed"])
        assert (gap > timedelta(days=1)) != label["honest"]
        mined = sum(row["facility"] == label["targets"][0] for row in found.truth.facts("source"))
        share = (len(label["root"]) - 1) / mined
        assert share == pytest.approx(float(severity), abs=0.1)
        assert bool(label["tainted"]) != label["honest"]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_mine_sells_more_than_it_may_by_severity_and_its_twin_may_sell_it(severity: str) -> None:
    found = world(severity)
    for label in found.labels.values():
        if label["code"] != "F06":
            continue
        told = label["told"]
        strange = [
            row
            for lot in label["targets"]
            if "/" in lot
            for row in found.truth.lot(lot)
            if row["fact"] == "source"
        ]
        assert {row["origin"] for row in strange} == {"mined" if label["honest"] else "unrecorded"}
        assert told["claimed"] / told["permitted"] - 1 == pytest.approx(float(severity), abs=0.03)
        if label["honest"]:
            assert told["true"] == told["claimed"]
        else:
            assert told["true"] == pytest.approx(told["permitted"], abs=0.001)
            fetched = [row for lot in label["targets"] if "/" in lot for row in found.truth.about(lot)]
            tonnes = sum(row["mass_mg"] for row in fetched if row["act"] == "extracted-at") / 1e9
            assert tonnes == pytest.approx(told["claimed"] - told["true"], abs=0.001)
