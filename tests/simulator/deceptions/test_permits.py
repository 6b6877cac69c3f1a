"""Mines and their permits: what the players change, and who sees it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assay.harness.oracles.diff import compare
from tests.deceptions_worlds import Deceived, deceived, touched
from tests.simulator.deceptions.exam import told_apart

CODES = ("F08", "F06", "F07", "F28")
TWICE = ("F08", "F06", "F07")
"""Twice each, and their twins: with F28 they take every mine of the crossroads."""
PAIRS = ", ".join(
    f"{{pattern: {code}, severity: {{severity}}, count: {many}, twins: {many}}}"
    for code, many in ((code, 1 + (code in TWICE)) for code in CODES)
)
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
    assert told_apart(world(severity), code, CODES)


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_seen_or_decided_in_the_honest_world(code: str) -> None:
    assert not deceived().seen(code)
    assert not deceived().decided(code)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_fraud_and_twin_change_and_add_as_many_papers(severity: str) -> None:
    papers = {"F06": (1, 1), "F07": (0, 2), "F08": (1, 1), "F28": (0, 2)}
    for instance, label in world(severity).labels.items():
        assert (len(label["changed"]), len(label["added"])) == papers[label["code"]], instance


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


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_site_at_rest_sells_what_was_won_elsewhere_and_its_twin_what_it_had(severity: str) -> None:
    found = world(severity)
    for label in found.labels.values():
        if label["code"] != "F07":
            continue
        since = date.fromisoformat(label["told"]["since"])
        rows = [row for lot in label["targets"] if "/" in lot for row in found.truth.lot(lot)]
        won = [row for row in rows if row["fact"] == "source"]
        assert {row["origin"] for row in won} == {"mined" if label["honest"] else "unrecorded"}
        days = [found.truth.moment(row["time"]).date() for row in won]
        assert all((day < since) == label["honest"] for day in days)
        again = date.fromisoformat(label["told"]["again"])
        assert all(day < again for day in days)
        here = [
            found.truth.moment(row["time"]).date()
            for row in found.truth.at(label["targets"][0])
            if row["fact"] == "source"
        ]
        resting = [day for day in here if since <= day < again]
        assert sorted(resting) == ([] if label["honest"] else sorted(days))
        assert min(here) < since
        assert max(here) >= again
        share = 1 - label["told"]["true"] / label["told"]["claimed"]
        assert share == pytest.approx(0 if label["honest"] else float(severity), abs=0.15)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_permit_that_was_bought_and_its_twin_allow_as_much_beyond_the_first_record(severity: str) -> None:
    found = world(severity)
    for label in found.labels.values():
        if label["code"] != "F28":
            continue
        first = found.view.facility_records(found.truth.facility(label["targets"][0]) or "")
        assert len(first) >= 2
        allowed, yields = label["told"]["claimed"], label["told"]["true"]
        assert (allowed > yields) != label["honest"]
        if not label["honest"]:
            assert allowed / yields - 1 == pytest.approx(float(severity), abs=0.03)
        paid = [row for url in label["root"] for row in found.truth.about(url) if row["act"] == "paid"]
        assert bool(paid) != label["honest"]


def bought_cover() -> Deceived:
    return deceived(
        "[{composite: cover, of: [F06, F28], severity: 0.3, at: [zw-north-mine]},"
        " {composite: cover-abroad, of: [F06, F09, F28], severity: 0.3, at: [zw-south-mine]},"
        " {pattern: F07, count: 0, twins: 1, at: [cd-east-mine]}]"
    )


def test_a_mine_launders_and_then_buys_a_permit() -> None:
    found = bought_cover()
    assert found.differences(deceived()) == found.labelled("changed", "added", "absent")
    frauds = [label for label in found.labels.values() if label["composite"]]
    assert len(frauds) == 5
    assert {label["targets"][0] for label in frauds if label["code"] != "F09"} == {
        "zw-north-mine", "zw-south-mine"
    }  # fmt: skip
    for label in frauds:
        assert found.seen_in_scope(label["instance"]), label["instance"]
        assert set(label["root"]) & touched(found.decided(label["code"])), label["instance"]


def test_a_twin_that_is_closed_goes_on_shipping_what_it_won_before() -> None:
    found = bought_cover()
    (label,) = [label for label in found.labels.values() if label["code"] == "F07"]
    since = date.fromisoformat(label["told"]["since"])
    left = [row["time"] for row in found.truth.at("cd-east-mine") if row["fact"] == "departure"]
    assert max(found.truth.moment(minute).date() for minute in left) > since
    assert not found.seen("F07")
    assert not found.decided("F07")


def test_a_later_record_of_a_mine_stands_before_the_first_which_says_that_it_is_older() -> None:
    found = bought_cover()
    page = found.view.linkset(found.truth.facility("cd-east-mine") or "")
    assert page is not None
    latest, resting, first = page.json["linkset"][0]["dfr"]
    (label,) = [label for label in found.labels.values() if label["code"] == "F07"]
    assert {latest["href"], resting["href"]} == set(label["added"])
    assert "rel" not in latest
    assert resting["rel"] == first["rel"] == ["predecessor-version"]


def test_only_a_labelled_record_explains_that_another_is_marked_as_older() -> None:
    found, honest = bought_cover().view.store, deceived().view.store
    labels = bought_cover().labels.values()
    assert compare(found, honest, labels) == []
    others = [label for label in labels if label["code"] != "F07"]
    missing = [line for line in compare(found, honest, others) if "linkset" in line and " dfr " in line]
    assert len({line.partition(" dfr ")[2] for line in missing}) == 3
