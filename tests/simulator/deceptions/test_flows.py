"""Suppliers, journeys, traders and rings: what the players change, and who sees it."""

from __future__ import annotations

import pytest

from assay.harness.audit.words import route_in
from assay.simulator.deceptions.flows import least_hours
from assay.simulator.sites import Leg, Route
from tests.deceptions_worlds import Deceived, deceived
from tests.simulator.deceptions.exam import pairs, told_apart

CODES = ("F05", "F11", "F12", "F13")
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
    assert told_apart(world(severity), code, CODES)


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_seen_or_decided_in_the_honest_world(code: str) -> None:
    assert not deceived().seen(code)
    assert not deceived().decided(code)


def test_player_and_reader_agree_on_the_fastest_journey() -> None:
    legs = [
        Leg(mode=mode, km=km, days=(1, 2), source="a test") for mode, km in (("road", 130), ("sea", 6300))
    ]
    route = Route(origin="here", destination="there", carrier="somebody", legs=legs)
    assert route_in("Route: road 130 km, sea 6300 km.").seconds == int(least_hours(route) * 3600)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_the_twin_of_a_fast_journey_arrives_when_it_says(severity: str) -> None:
    labels = [one for one in world(severity).labels.values() if one["code"] == "F11" and one["honest"]]
    assert labels
    for label in labels:
        (event,) = [event for event in world(severity).view.events("received") if event.url in label["root"]]
        assert event.time is not None
        assert f"{event.time:%Y-%m-%dT%H:%M:%SZ}" == label["told"]["true"]
        assert not label["told"]["claimed"].endswith("Z")


def test_a_ghost_stands_in_no_register_and_its_twin_does() -> None:
    found = world("0.5")
    for label in found.labels.values():
        if label["code"] != "F05":
            continue
        (supplier,) = label["actors"]
        assert bool(found.view.identities(supplier)) == label["honest"]
        rows = [row for row in found.truth.facts("source") if row["facility"] == label["targets"][0]]
        assert {row["origin"] for row in rows} == {"bought" if label["honest"] else "unrecorded"}
        assert label["absent"]


def test_nothing_tells_how_the_traders_goods_came_in_but_the_receipt_of_the_twin() -> None:
    found = world("0.5")
    for label in found.labels.values():
        if label["code"] != "F12":
            continue
        assert bool(label["changed"]) == label["honest"]
        for url in label["changed"]:
            (event,) = found.document(url)["credentialSubject"]
            assert [one["role"] for one in event["relatedParty"]] == ["consignee", "carrier"]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_what_goes_round_grows_by_severity_and_the_twins_goods_come_back_as_they_were(severity: str) -> None:
    found = world(severity)
    for label in found.labels.values():
        if label["code"] != "F13":
            continue
        grown = 1.0 if label["honest"] else 1 + float(severity)
        assert label["told"]["claimed"] / label["told"]["true"] == pytest.approx(grown, abs=0.01)
        shell = label["actors"][1]
        (anchor,) = found.view.identities(shell)
        page = found.view.resource(anchor.subject["publicInformation"])
        assert page is not None
        assert (b"Owned by" in page.body) != label["honest"]
        assert len(label["added"]) == 6


def test_a_trader_takes_only_the_deliveries_that_it_hides() -> None:
    """Others find their consignments among the rest: a plant that delivers to the trader is a place for them too."""
    text = (
        "[{pattern: F12, severity: 0.05, at: [tz-terminal]}, {pattern: F11, at: [cd-east-leach]},"
        " {pattern: F16, at: [cd-east-leach]}]"
    )
    found = deceived(text)
    assert {label["code"] for label in found.labels.values() if label["root"]} == {"F11", "F12", "F16"}
