"""Smuggled goods in transit: what the player changes, and who sees it."""

from __future__ import annotations

import re

import pytest

from assay.harness.oracles.transit import Countries
from tests.deceptions_worlds import Deceived, deceived, touched

SEVERITIES = ("0.05", "0.5")


def world(severity: str) -> Deceived:
    return deceived(f"[{{pattern: F10, severity: {severity}, count: 2, twins: 2}}]")


def declared(found: Deceived, url: str) -> str:
    """The export declaration that a shipment links to."""
    (event,) = found.document(url)["credentialSubject"]
    links = [link["linkURL"] for link in event["relatedDocument"] if "/declarations/" in link["linkURL"]]
    (page,) = (found.view.resource(link) for link in links)
    assert page is not None
    return page.body.decode()


@pytest.mark.parametrize("severity", SEVERITIES)
def test_labels_name_exactly_what_differs_from_the_honest_world(severity: str) -> None:
    found = world(severity)
    assert found.differences(deceived()) == found.labelled("changed", "added", "absent")
    for label in found.labels.values():
        assert sorted(label["root"]) == label["changed"]
        assert not label["added"]
        assert not label["absent"]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_every_fraud_is_seen_and_decided_and_nothing_else(severity: str) -> None:
    found = world(severity)
    seen, decided = touched(found.seen("F10")), touched(found.decided("F10"))
    assert seen == decided == found.roots("F10", honest=False)
    assert not seen & found.roots("F10", honest=True)


def test_nothing_is_seen_or_decided_in_the_honest_world() -> None:
    assert not deceived().seen("F10")
    assert not deceived().decided("F10")


@pytest.mark.parametrize("severity", SEVERITIES)
def test_severity_is_the_share_of_the_consignments_that_leave_as_the_countrys_own(severity: str) -> None:
    found = world(severity)
    for label in found.labels.values():
        terminal = label["targets"][0]
        left = [row for row in found.truth.facts("departure") if row["origin"] == terminal]
        assert abs(len(label["root"]) - float(severity) * len(left)) <= 2
        assert bool(label["told"]["claimed"]) != label["honest"]
        assert bool(label["tainted"]) != label["honest"]


def test_the_fraud_declares_the_terminals_country_and_the_twin_the_true_one_and_its_transit() -> None:
    found = world("0.5")
    for label in found.labels.values():
        home = label["told"]["nation"]
        for url in label["root"]:
            page, before = declared(found, url), declared(deceived(), url)
            origins = set(re.findall(r"customs origin (\w\w)", page))
            true = set(re.findall(r"customs origin (\w\w)", before))
            assert home not in true
            assert origins == (true if label["honest"] else {home})
            assert ("In transit from" in page) == label["honest"]


def test_what_a_country_can_make_is_the_capacity_of_all_who_make_it_there() -> None:
    countries = Countries(deceived().view)
    assert countries.possible_kg("ZW", "SC-55") == 42_000
    assert countries.possible_kg("MZ", "SC-55") == 0
