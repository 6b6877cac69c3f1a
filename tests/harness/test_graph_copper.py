"""The official copper sample chain: schema-valid, and yet the graph finds what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.harness.graph import chain
from assay.harness.results import Outcome, RequirementResult

from .graph_material import GRADES, judged, samples, together


@pytest.fixture(scope="module")
def found(artefacts: Path) -> dict[str, RequirementResult]:
    return judged(together(*samples(artefacts), assumed_grades=GRADES))


def test_the_smelter_turns_nine_tonnes_of_copper_into_ten(found: dict[str, RequirementResult]) -> None:
    (finding,) = found["G-101"].findings
    assert finding.at.source == "DigitalTraceabilityEvent_smelter_make_instance.json"
    assert finding.at.pointer == "/credentialSubject/0"
    assert "9,180 kg of contained Cu from 9,000 kg" in finding.expected
    assert finding.received.startswith("9,999 kg of contained Cu")
    assert finding.assumed


def test_without_assumed_grades_the_balance_is_unknown(artefacts: Path) -> None:
    result = judged(together(*samples(artefacts)), "G-101")["G-101"]
    assert (result.outcome, result.findings) == (Outcome.INCONCLUSIVE, ())
    assert "element content or mass of 2 product(s)" in result.note


def test_no_claim_matches_an_assessment(found: dict[str, RequirementResult]) -> None:
    assert found["G-001"].note == "16 judged"
    assert (len(found["G-001"].findings), len(found["G-003"].findings)) == (10, 6)
    assert found["G-004"].outcome is Outcome.NOT_APPLICABLE


def test_no_certifier_is_anchored(found: dict[str, RequirementResult]) -> None:
    assert [finding.at.source for finding in found["G-008"].findings] == [
        "ConformityCredential_battery_instance.json",
        "ConformityCredential_instance.json",
        "ConformityCredential_smelter_instance.json",
    ]


def test_whether_anchors_lead_anywhere_is_undecided_until_the_user_lists_some(
    artefacts: Path, found: dict[str, RequirementResult]
) -> None:
    assert found["G-010"].outcome is Outcome.INCONCLUSIVE
    listed = together(*samples(artefacts), trust_anchors=frozenset({"did:web:dpma.example.com"}))
    result = judged(listed, "G-010")["G-010"]
    assert (result.outcome, len(result.findings)) == (Outcome.FAILED, 3)


def test_concentrate_crosses_half_the_world_in_four_days(found: dict[str, RequirementResult]) -> None:
    (finding,) = found["G-105"].findings
    assert finding.expected.startswith("12175 km (great circle)")


def test_the_pack_declares_more_copper_than_was_consumed(found: dict[str, RequirementResult]) -> None:
    (finding,) = found["G-107"].findings
    assert "at most 20 kg of Copper cathode" in finding.expected
    assert finding.received.endswith("which makes 36 kg")


def test_products_are_made_after_their_production_date(found: dict[str, RequirementResult]) -> None:
    assert [finding.at.source for finding in found["G-115"].findings] == [
        "DigitalProductPassport_battery_instance.json",
        "DigitalProductPassport_cathode_instance.json",
    ]


def test_mine_and_battery_maker_are_in_no_business_register(found: dict[str, RequirementResult]) -> None:
    assert [finding.at.source for finding in found["G-011"].findings] == [
        "DigitalFacilityRecord_battery_instance.json",
        "DigitalFacilityRecord_instance.json",
    ]


def test_everything_else_holds_or_does_not_apply(found: dict[str, RequirementResult]) -> None:
    failed = {name for name, result in found.items() if result.outcome is Outcome.FAILED}
    assert failed == {
        "G-001",
        "G-003",
        "G-008",
        "G-011",
        "G-012",
        "G-101",
        "G-105",
        "G-107",
        "G-115",
        "G-202",
    }


def test_findings_do_not_depend_on_the_order_of_documents(
    artefacts: Path, found: dict[str, RequirementResult]
) -> None:

    def told(result: RequirementResult) -> list[tuple[str, str]]:
        return sorted((finding.expected, finding.received) for finding in result.findings)

    backwards = judged(together(*reversed(samples(artefacts)), assumed_grades=GRADES))
    for name, result in found.items():
        assert backwards[name].outcome is result.outcome
        assert told(backwards[name]) == told(result)


def test_the_map_shows_three_sites_and_two_flows(artefacts: Path) -> None:
    drawn = chain(together(*samples(artefacts), assumed_grades=GRADES))
    assert drawn["root_name"] == "75 kWh Li-ion Battery Pack"
    assert [(site["country"], site["stage"]) for site in drawn["sites"]] == [("ZM", 2), ("JP", 1), ("DE", 0)]
    assert [(flow["mass_kg"], flow["elements"]) for flow in drawn["flows"]] == [
        (100_000.0, {"Cu": 30_000.0}),
        (2_000.0, {"Cu": 1_999.8}),
    ]
    assert drawn["unknown"] == []


def test_without_grades_the_map_says_what_it_does_not_know(artefacts: Path) -> None:
    drawn = chain(together(*samples(artefacts)))
    assert all("elements" not in flow for flow in drawn["flows"])
    assert drawn["unknown"] == [
        "element content of Copper Concentrate (Cu 30%)",
        "element content of LME Grade A Copper Cathode",
    ]
