"""Grades, weights and prices of sales: what the players change, and who sees it."""

from __future__ import annotations

import pytest

from tests.deceptions_worlds import Deceived, deceived
from tests.simulator.deceptions.exam import pairs, told_apart

CODES = ("F15", "F16", "F17")
SEVERITIES = ("0.05", "0.5")


def world(severity: str) -> Deceived:
    return pairs(CODES, severity)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_labels_name_exactly_what_differs_from_the_honest_world(severity: str) -> None:
    found = world(severity)
    assert found.differences(deceived()) == found.labelled("changed", "added", "absent")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", CODES)
def test_every_fraud_is_seen_and_decided_and_nothing_else(code: str, severity: str) -> None:
    assert told_apart(world(severity), code, (code,))


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_seen_or_decided_in_the_honest_world(code: str) -> None:
    assert not deceived().seen(code)
    assert not deceived().decided(code)


def told(severity: str, code: str, *, honest: bool) -> list[tuple[float, float]]:
    labels = world(severity).labels.values()
    chosen = [one["told"] for one in labels if one["code"] == code and one["honest"] == honest]
    return [(one["claimed"], one["true"]) for one in chosen]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_severity_is_the_part_by_which_grades_are_raised(severity: str) -> None:
    for claimed, true in told(severity, "F15", honest=False):
        assert claimed / true == pytest.approx(1 + float(severity), rel=0.002)
    for claimed, true in told(severity, "F15", honest=True):
        assert claimed / true == pytest.approx(1.004, rel=0.001)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_severity_is_the_part_of_a_cargo_that_is_missing(severity: str) -> None:
    for claimed, true in told(severity, "F16", honest=False):
        assert 1 - true / claimed == pytest.approx(float(severity), abs=0.001)
    for claimed, true in told(severity, "F16", honest=True):
        assert 0 < 1 - true / claimed < 0.06


def test_fraud_and_twin_are_invoiced_alike_and_only_one_is_paid_so() -> None:
    assert all(claimed < true for claimed, true in told("0.5", "F17", honest=False))
    assert all(claimed == true for claimed, true in told("0.5", "F17", honest=True))
    acts = list(world("0.5").truth.acts())
    assert {row["act"] for row in acts} >= {"agreed", "sold", "paid"}
    agreed = {row["by"] for row in acts if row["act"] == "agreed"}
    paid = {row["to"] for row in acts if row["act"] == "paid"}
    assert agreed
    assert paid
    assert not agreed & paid


def test_a_shipment_that_another_deception_hides_is_no_root_any_more() -> None:
    found = deceived(
        "[{pattern: F17, at: [msasa-vale-lithium]}, {pattern: F12, severity: 0.5, at: [mz-south-terminal]}]"
    )
    priced, hidden = found.labels["F17-1"], found.labels["F12-1"]
    assert hidden["absent"]
    assert priced["root"]
    assert set(priced["root"]) <= found.tokens.keys()
