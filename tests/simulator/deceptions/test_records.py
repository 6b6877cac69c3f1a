"""Passports and events that exist twice, or came about at another time than they say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.deceptions_worlds import Deceived, deceived
from tests.simulator.deceptions.exam import RECORDS, SEVERITIES, exam, honest, judged


@pytest.fixture(scope="module")
def world() -> Deceived:
    return exam("0.5")


PLAYED = [
    (code, severity)
    for severity in SEVERITIES
    for code in RECORDS
    if (code, severity) != ("F39", SEVERITIES[0])
]


@pytest.mark.parametrize(("code", "severity"), PLAYED)
def test_the_fraud_is_decided_and_seen_and_nothing_else(code: str, severity: str) -> None:
    assert judged(exam(severity), code) == {f"{code}-1": (True, True), f"{code}-1t": (False, False)}


@pytest.mark.parametrize("code", RECORDS)
def test_an_honest_world_shows_nothing(code: str) -> None:
    assert deceived().seen(code) == []
    assert deceived().decided(code) == []


def test_a_copied_pack_leaves_the_plant_again_and_the_twin_leaves_from_its_first_buyer(
    world: Deceived,
) -> None:
    for name, again in (("F39-1", True), ("F39-1t", False)):
        label = world.labels[name]
        assert sorted(label["root"]) == label["added"]
        (sent,) = [
            event for url in label["root"] for event in world.view.get(url).events if event.kind == "sent"
        ]  # type: ignore[union-attr]
        for line in sent.items:
            moves = world.view.events("sent", product=line.product)
            assert len(moves) == 2
            assert (moves[0].facility == moves[1].facility) == again
            assert moves[1].url == sent.url
            weeks = (moves[1].time - moves[0].time) / timedelta(weeks=1)  # type: ignore[operator]
            assert weeks == int(weeks), "at the hour and on the day on which packs are sent"


def test_severity_is_the_number_of_copies_out_of_six(world: Deceived) -> None:
    label = world.labels["F39-1"]
    copies = [target for target in label["targets"] if "/" in target]
    for url in label["root"]:
        (event,) = world.view.get(url).events  # type: ignore[union-attr]
        assert 1 <= len(event.items) == len(copies) <= 3


@pytest.mark.parametrize("severity", SEVERITIES)
def test_the_second_passport_states_a_footprint_that_is_lower_by_severity(severity: str) -> None:
    found = exam(severity)
    first, second = (found.view.get(url) for url in found.labels["F40-1"]["root"])
    assert first is not None
    assert second is not None
    assert first.product == second.product
    high, low = first.carbon(), second.carbon()
    assert high is not None
    assert low is not None
    assert low / high == pytest.approx(1 - float(severity), rel=0.02)


def test_the_twins_second_passport_tells_less_and_nothing_else(world: Deceived) -> None:
    first, second = (world.document(url) for url in world.labels["F40-1t"]["root"])
    assert first["credentialSubject"].keys() - second["credentialSubject"].keys() == {"characteristics"}
    assert second["credentialSubject"].keys() <= first["credentialSubject"].keys()


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_passport_is_dated_before_its_batch_and_the_twins_in_another_zone(severity: str) -> None:
    found = exam(severity)
    (url,) = found.labels["F43-1"]["root"]
    passport = found.view.get(url)
    assert passport is not None
    made = min(event.time for event in found.view.makes(passport.product) if event.time is not None)
    assert passport.valid_from is not None
    early = made - passport.valid_from
    assert early / timedelta(days=1) == pytest.approx(1 + float(severity), abs=0.01)
    (url,) = found.labels["F43-1t"]["root"]
    text, before = found.document(url)["validFrom"], honest(severity).document(url)["validFrom"]
    assert text != before
    assert text.endswith("+09:00")
    assert datetime.fromisoformat(text) == datetime.fromisoformat(before)
