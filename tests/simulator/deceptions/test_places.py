"""Origins that goods never had, labour that nobody asked about, consent that came late or never, and mines where none may be, played, decided and seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assay.harness.oracles.registry import oracles
from assay.simulator import load_scenario
from assay.simulator.deceptions.registry import players
from assay.simulator.scenario import ScenarioError, parse_scenario
from assay.simulator.world import build_world
from tests.deceptions_worlds import Deceived, deceived
from tests.simulator.deceptions.exam import judged

CODES = ("F34", "F35", "F09", "F33")
SEVERITIES = ("0.05", "0.5")
SCENARIOS = Path(__file__).resolve().parents[3] / "fixtures" / "scenarios"


def world(severity: str) -> Deceived:
    entries = ", ".join(f"{{pattern: {code}, severity: {severity}, count: 2, twins: 2}}" for code in CODES)
    return deceived(f"[{{look_alike: B06, at: [au-lithium-mine]}}, {entries}, {{pattern: F33, severity: 1}}]")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", CODES)
def test_the_fraud_is_decided_and_seen_and_nothing_else(code: str, severity: str) -> None:
    judgements, labels = judged(world(severity), code), world(severity).labels
    assert {f"{code}-1", f"{code}-2", f"{code}-1t", f"{code}-2t"} <= judgements.keys()
    assert judgements == {name: (not labels[name]["honest"],) * 2 for name in judgements}


@pytest.mark.parametrize("code", CODES)
def test_an_honest_world_shows_nothing(code: str) -> None:
    assert deceived().seen(code) == []
    assert deceived().decided(code) == []


@pytest.mark.parametrize("severity", SEVERITIES)
def test_labels_name_exactly_what_differs(severity: str) -> None:
    found = world(severity)
    assert found.differences(deceived()) == found.labelled("changed", "added", "absent")


@pytest.mark.parametrize("severity", SEVERITIES)
def test_audits_are_silent_on_labour_which_the_record_declares_itself(severity: str) -> None:
    found, declared = world(severity), set()
    for name in ("F34-1", "F34-2", "F34-1t", "F34-2t"):
        label = found.labels[name]
        records = [one for url in label["root"] if "/dfr/" in url for one in [found.document(url)]]
        audits = [found.document(url) for url in label["root"] if "/dcc/" in url]
        assert records
        assert audits
        for audit in audits:
            assert "labour" not in str(
                [one["name"] for one in audit["credentialSubject"]["conformityAssessment"]]
            )
        claims = [
            one for one in records[0]["credentialSubject"]["performanceClaim"] if "labour" in one["name"]
        ]
        if claims:
            declared.add(label["honest"])
        assert all("evidence" not in one for one in claims)
        assert (label["told"]["true"] < label["told"]["claimed"]) != label["honest"]
    assert declared == {False, True}


def origins(found: Deceived, url: str) -> list[str]:
    """Countries of origin of a passport's materials, in their order."""
    return [
        one["originCountry"]["countryCode"]
        for one in found.document(url)["credentialSubject"]["materialProvenance"]
    ]


def test_one_material_of_a_batch_gets_another_country_and_the_twin_names_the_plants_own() -> None:
    found = world("0.5")
    for name in ("F09-1", "F09-2", "F09-1t", "F09-2t"):
        label = found.labels[name]
        assert label["changed"] == sorted(label["root"])
        for url in label["root"]:
            said, true = origins(found, url), origins(deceived(), url)
            assert len(said) == len(true)
            (new,) = [one for one, other in zip(said, true, strict=True) if one != other]
            made = found.document(url)["credentialSubject"]["countryOfProduction"]["countryCode"]
            assert (new == made) == label["honest"]


def test_severity_is_the_share_of_batches_whose_origin_is_changed() -> None:
    few, many = (len(world(severity).labels["F09-2"]["root"]) for severity in SEVERITIES)
    assert few == 1 < many


def test_an_oracle_of_origins_never_guesses_beyond_the_lineage_that_it_sees() -> None:
    found = world("0.5")
    (url, *_) = found.labels["F09-1"]["root"]
    assert list(oracles()["F09"](found.view.only(url))) == []


def consent(found: Deceived, name: str) -> dict[str, Any]:
    """The consent credential among the roots of an instance."""
    (document,) = [
        one for url in found.labels[name]["root"] if "consent" in (one := found.document(url))["name"]
    ]
    return document


SOON_OR_LATE = {"0.05": ("2025-03", "2025-04"), "0.5": ("2025-12", "2026-01")}
"""Months in which an agreement comes to be, by severity."""


@pytest.mark.parametrize("severity", SEVERITIES)
def test_consent_is_recorded_after_the_first_batch_and_the_twins_before(severity: str) -> None:
    found = world(severity)
    for name, said in (("F33-1", SOON_OR_LATE[severity]), ("F33-1t", ("20",))):
        document = consent(found, name)
        (assessment,) = document["credentialSubject"]["conformityAssessment"]
        agreed = assessment["specifiedCondition"][0].removeprefix("Agreement recorded on ")
        assert agreed.startswith(said)
        assert (agreed > "2025-01-06") != found.labels[name]["honest"]
        assert document["validFrom"].startswith(SOON_OR_LATE[severity])
        rated = assessment["assessedPerformance"][0]["score"]["code"]
        assert rated == "substantially", "the rating tells nothing"


def test_at_the_highest_severity_nobody_was_ever_asked() -> None:
    label = world("0.5").labels["F33-3"]
    (gone,) = label["absent"]
    assert gone in deceived().tokens
    assert all("/dfr/" in url for url in label["root"]), "the record stays, and says nothing of it"


def test_a_mine_lies_deeper_in_the_reserve_the_greater_the_severity() -> None:
    told = [world(severity).labels["F35-1"]["told"] for severity in SEVERITIES]
    assert told[0]["true"] == told[1]["true"]
    assert told[0]["claimed"] != told[1]["claimed"]


def test_the_twins_coordinates_are_swapped_and_the_frauds_keep_their_decimals() -> None:
    found = world("0.05")
    for name in ("F35-1", "F35-2"):
        assert all(len(str(degrees).split(".")[1]) <= 2 for degrees in found.labels[name]["told"]["claimed"])
    for name in ("F35-1t", "F35-2t"):
        told = found.labels[name]["told"]
        assert told["claimed"] == told["true"][::-1]


def test_coordinates_that_cannot_be_swapped_are_coarse() -> None:
    found = world("0.5")
    (url,) = found.labels["B06-1"]["root"]
    location = found.document(url)["credentialSubject"]["locationInformation"]
    assert location["geoLocation"] == {"latitude": -21, "longitude": 119}
    assert location["plusCode"].endswith("0000+")


def test_mines_without_a_map_are_no_targets() -> None:
    scenario = parse_scenario((SCENARIOS / "crossroads.yaml").read_bytes(), "crossroads.yaml")
    bare = scenario.governance.model_copy(update={"layers": []})
    assert len(list(players()["F35"].targets(scenario))) == 10
    assert list(players()["F35"].targets(scenario.model_copy(update={"governance": bare}))) == []


def test_no_origin_is_laundered_where_every_nation_stands_upstream() -> None:
    assert "kr-lithium-refinery" in set(players()["F09"].targets(load_scenario("crossroads")))
    told = (
        "name: t\nbased_on: ca-ca-de\ndeceptions: [{pattern: origin-laundering, severity: 0.1, count: 1}]\n"
    )
    scenario = parse_scenario(told.encode(), "t")
    with pytest.raises(ScenarioError, match=r"origin-laundering needs a target, and none are free"):
        build_world(scenario, 1)
