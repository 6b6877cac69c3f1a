"""Claims and attestations held against the vocabularies of the same set."""

from __future__ import annotations

from typing import Any

import pytest

from assay.harness.checks import NotApplicable
from assay.harness.checks.criterion_checks import catalogue
from assay.harness.material import CredentialSet
from tests.harness.checks.bench import AS_OF, changed, set_findings

ROWS = ["DPP-046", "DPP-057", "DCC-024", *(f"DCC-{n:03}" for n in range(32, 39))]
ASSESSMENT = "/credentialSubject/conformityAssessment"
PROFILE = "https://clear-lithium.example/profiles/responsible-lithium/2.1"
WATER = f"{ASSESSMENT}/1/assessedPerformance/1/measure"


@pytest.mark.parametrize("row", ROWS)
def test_the_base_chain_agrees_with_its_scheme(row: str) -> None:
    assert set_findings(row, changed("dpp"), changed("dcc"), changed("scheme")) == []


@pytest.mark.parametrize("row", ROWS)
def test_without_a_vocabulary_no_rule_applies(row: str) -> None:
    with pytest.raises(NotApplicable, match="no conformity vocabulary"):
        set_findings(row, changed("dpp"), changed("dcc"))


def test_criteria_of_other_schemes_are_not_missed() -> None:
    foreign = [
        "set",
        "/credentialSubject/performanceClaim/0/referenceCriteria/0/id",
        "https://other.example/c/1",
    ]
    assert set_findings("DPP-046", changed("dpp", foreign), changed("scheme")) == []


def test_a_profile_in_the_place_of_a_criterion_is_a_matter_of_tiers_only() -> None:
    wrong = changed("dcc", ["set", f"{ASSESSMENT}/2/assessmentCriteria/0/id", PROFILE])
    assert set_findings("DCC-024", wrong, changed("scheme")) == []
    told = set_findings("DCC-037", wrong, changed("scheme"))
    assert [finding.at.pointer for finding in told] == [f"{ASSESSMENT}/2/assessmentCriteria/0/id"]


@pytest.mark.parametrize(
    ("measure", "told"),
    [
        ({"value": 20_000, "unit": "LTR"}, False),
        ({"value": 20_001, "unit": "LTR"}, True),
        ({"value": 60, "unit": "MTQ"}, False),
        ({"value": "60000", "unit": "LTR"}, False),
    ],
)
def test_values_are_compared_with_thresholds_in_the_same_unit(measure: dict[str, Any], told: bool) -> None:
    subject = changed("dcc", ["set", WATER, measure])
    assert bool(set_findings("DCC-032", subject, changed("scheme"))) is told


def test_a_metric_for_which_more_is_better_has_a_lower_bound() -> None:
    low = changed("dcc", ["set", f"{ASSESSMENT}/2/assessedPerformance/0/measure/value", 99])
    told = set_findings("DCC-032", low, changed("scheme"))
    assert [finding.received for finding in told] == ["99 P1"]


def test_a_result_of_false_needs_no_good_values() -> None:
    bad = ["set", f"{WATER}/value", 99_999]
    assert set_findings("DCC-032", changed("dcc", bad), changed("scheme"))
    honest = ["set", f"{ASSESSMENT}/1/conformance", False]
    assert set_findings("DCC-032", changed("dcc", bad, honest), changed("scheme")) == []


def test_one_good_value_of_a_metric_is_enough() -> None:
    second = {
        "metric": {"id": "https://vocabulary.uncefact.org/performance-metrics/water-intensity"},
        "measure": {"value": 99_999, "unit": "LTR"},
    }
    subject = changed("dcc", ["app", f"{ASSESSMENT}/1/assessedPerformance", second])
    assert set_findings("DCC-032", subject, changed("scheme")) == []


def test_a_criterion_that_is_only_proposed_need_not_be_addressed() -> None:
    fewer = changed("dcc", ["del", f"{ASSESSMENT}/2"])
    assert len(set_findings("DCC-035", fewer, changed("scheme"))) == 1
    scheme = changed("scheme")
    for criterion in scheme.value["includedProfile"][0]["criterion"]:
        if criterion["id"].endswith("/decent-work"):
            criterion["status"] = "proposed"
    assert set_findings("DCC-035", fewer, scheme) == []


def test_the_catalogue_reads_malformed_vocabularies_without_complaint() -> None:
    for operation in (
        ["set", "/includedProfile", "none"],
        ["set", "/includedProfile", [None, {"id": 5, "criterion": {"id": "x"}}]],
        ["del", "/id"],
    ):
        material = CredentialSet(documents=(changed("scheme", operation), changed("dcc")), as_of=AS_OF)
        assert catalogue(material).schemes
        for row in ROWS:
            set_findings(row, *material.documents)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2029-01-31T00:00:00Z", False),
        ("2029-01-31T01:00:00+01:00", False),
        ("2029-01-31T00:00:01Z", True),
        ("2030-01-01", False),
        (None, False),
    ],
)
def test_an_attestation_ends_with_the_accreditation_of_its_issuer(until: Any, told: bool) -> None:
    subject = changed("dcc", ["set", "/validUntil", until])
    assert bool(set_findings("DCC-039", subject, changed("accreditation"))) is told


def test_the_longest_accreditation_counts_and_other_registers_do_not() -> None:
    subject = changed("dcc", ["set", "/validUntil", "2030-01-01T00:00:00Z"])
    renewed = changed("accreditation", ["set", "/validUntil", "2031-01-01T00:00:00Z"])
    assert set_findings("DCC-039", subject, changed("accreditation"), renewed) == []
    business = changed("accreditation", ["set", "/credentialSubject/registerType", "business"])
    assert set_findings("DCC-039", subject, business) == []
