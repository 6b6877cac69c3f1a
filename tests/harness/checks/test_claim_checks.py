"""Claims, performances and periods, wherever they stand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.material import Kind
from tests.harness.checks.bench import changed, document, findings, pointers


def claiming(kind: Kind = Kind.DPP, **members: Any) -> Any:
    return document(kind, {"credentialSubject": {"performanceClaim": [members]}})


CLAIM = "/credentialSubject/performanceClaim/0"


def test_a_claim_without_criterion_is_told_and_an_absent_list_left_to_the_schema() -> None:
    assert pointers("DPP-044", claiming(referenceCriteria=[])) == [f"{CLAIM}/referenceCriteria"]
    assert findings("DPP-044", claiming()) == []
    assert findings("DPP-044", claiming(referenceCriteria=[{"id": "https://s.example/c/1"}])) == []


@pytest.mark.parametrize(
    "content", [{"measure": {"value": 1, "unit": "KGM"}}, {"score": {"code": "A"}}, {"score": "bad"}]
)
def test_a_measure_or_a_score_is_enough(content: dict[str, Any]) -> None:
    assert findings("DPP-049", claiming(claimedPerformance=[content])) == []


def test_an_empty_performance_is_told_in_claims_and_assessments() -> None:
    assert pointers("DPP-049", claiming(claimedPerformance=[{}])) == [f"{CLAIM}/claimedPerformance/0"]
    assessed = changed("dcc", ["set", "/credentialSubject/conformityAssessment/0/assessedPerformance", [{}]])
    assert len(findings("DPP-049", assessed)) == 1


def test_required_performance_of_a_scheme_is_not_a_claim() -> None:
    scheme = document(
        Kind.SCHEME,
        {
            "includedProfile": [
                {"criterion": [{"requiredPerformance": [{"metric": {"id": "https://m.example"}}]}]}
            ]
        },
    )
    assert [node.cls for node in scheme.nodes("Performance")] == ["Performance"]
    assert findings("DPP-049", scheme) == []


@pytest.mark.parametrize(
    "link_type", ["dcc", "untp:dcc", "https://test.uncefact.org/vocabulary/linkTypes/dcc"]
)
def test_a_link_of_type_dcc_is_evidence(link_type: str) -> None:
    links = [
        {"linkURL": "https://x.example/report.pdf"},
        {"linkURL": "https://x.example/dcc", "linkType": link_type},
    ]
    assert findings("DPP-058", claiming(evidence=links)) == []


@pytest.mark.parametrize(
    "links", [None, [], "https://x.example/dcc", [{"linkType": "dpp"}], [{"linkType": 5}], ["dcc"]]
)
def test_anything_else_is_no_certificate(links: Any) -> None:
    assert len(findings("DPP-058", claiming(evidence=links))) == 1


@given(st.dates(), st.dates())
def test_a_period_is_told_exactly_when_it_ends_before_it_starts(start: date, end: date) -> None:
    subject = claiming(applicablePeriod={"startDate": start.isoformat(), "endDate": end.isoformat()})
    assert bool(findings("DPP-061", subject)) == (end < start)


def test_periods_are_judged_in_facility_records_too() -> None:
    subject = changed(
        "dfr", ["set", "/credentialSubject/materialUsage/applicablePeriod/endDate", "1999-01-01"]
    )
    assert pointers("DPP-061", subject) == ["/credentialSubject/materialUsage/applicablePeriod/endDate"]


def test_schema_errors_in_facility_claims_are_told_under_their_own_row() -> None:
    broken = changed("dfr", ["del", f"{CLAIM}/claimDate"], schema=True)
    assert pointers("DFR-020", broken) == [CLAIM]
    assert (
        len(
            findings(
                "DFR-020", changed("dfr", ["set", "/credentialSubject/performanceClaim", {}], schema=True)
            )
        )
        == 1
    )
    assert findings("DFR-020", changed("dfr", ["del", "/credentialSubject/name"], schema=True)) == []
    assert findings("DFR-020", changed("dpp", ["del", f"{CLAIM}/claimDate"], schema=True)) == []


def test_each_facility_claim_needs_its_period_and_product_claims_do_not() -> None:
    operations = [["del", f"/credentialSubject/performanceClaim/{i}/applicablePeriod"] for i in (0, 1)]
    assert pointers("DFR-021", changed("dfr", *operations)) == [CLAIM, CLAIM.replace("0", "1")]
    assert findings("DFR-021", changed("dpp", *operations)) == []
