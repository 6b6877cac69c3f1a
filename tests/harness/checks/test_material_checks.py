"""Fractions, masses and hazards of materials."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.checks.material_checks import MASS_MARGIN, kilograms, rounding
from assay.harness.material import Kind
from tests.harness.checks.bench import document, findings, pointers


def made_of(*materials: dict[str, Any], weight: object = None) -> Any:
    subject: dict[str, Any] = {"materialProvenance": list(materials)}
    if weight is not None:
        subject["dimensions"] = {"weight": weight}
    return document(Kind.DPP, {"credentialSubject": subject})


def fractions(*values: object) -> Any:
    return made_of(*({"massFraction": value} for value in values))


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=12), st.integers(0, 500))
def test_parts_of_a_whole_never_exceed_it_even_when_each_is_rounded(parts: list[int], rest: int) -> None:
    whole = sum(parts) + rest
    for places in (2, 3, 6):
        assert findings("DPP-030", fractions(*(round(part / whole, places) for part in parts))) == []


@given(st.lists(st.integers(1, 99), min_size=2, max_size=8))
def test_parts_that_exceed_the_whole_by_more_than_rounding_are_told(parts: list[int]) -> None:
    total = sum(parts)
    slack = 0.5 * len(parts)  # half a hundredth for each
    assert bool(findings("DPP-030", fractions(*(part / 100 for part in parts)))) == (
        total > 100 and total - 100 > slack
    )


def test_the_sum_of_the_official_mine_record_is_more_than_rounding_explains() -> None:
    usage = {"materialConsumed": [{"massFraction": 1}, {"massFraction": 0.002}, {"massFraction": 0}]}
    record = document(Kind.DFR, {"credentialSubject": {"materialUsage": usage}})
    assert pointers("DFR-018", record) == ["/credentialSubject/materialUsage/materialConsumed"]
    assert findings("DPP-030", record) == []


@pytest.mark.parametrize("odd", ["0.9", None, True, [0.9], 10**400])
def test_fractions_that_are_no_numbers_are_not_added(odd: Any) -> None:
    assert findings("DPP-030", fractions(0.9, odd)) == []


def test_packaging_is_added_up_by_itself() -> None:
    subject = {
        "materialProvenance": [{"massFraction": 0.7}],
        "packaging": {"materialUsed": [{"massFraction": 0.7}, {"massFraction": 0.6}]},
    }
    found = pointers("DPP-030", document(Kind.DPP, {"credentialSubject": subject}))
    assert found == ["/credentialSubject/packaging/materialUsed"]


@pytest.mark.parametrize(
    ("values", "expected"), [((), 0), ((1, 0), 0), ((0.25, 0.9), 0.01), ((0.002, 1), 0.0005), ((1.0,), 0)]
)
def test_rounding_is_half_a_unit_of_the_finest_place_for_each_that_is_not_whole(
    values: Any, expected: float
) -> None:
    assert rounding(*values) == pytest.approx(expected)


def kg(value: float, unit: str = "KGM", **tolerances: float) -> dict[str, Any]:
    return {"value": value, "unit": unit, **tolerances}


@given(st.floats(0.001, 1), st.floats(0.1, 1e6))
def test_a_mass_that_is_its_fraction_of_the_weight_is_accepted_in_any_mass_unit(
    fraction: float, weight: float
) -> None:
    for unit, factor in (("KGM", 1), ("TNE", 1000), ("GRM", 0.001)):
        material = {"massFraction": fraction, "mass": kg(fraction * weight / factor, unit)}
        assert findings("DPP-031", made_of(material, weight=kg(weight))) == []


@given(st.floats(0.1, 1), st.floats(1, 1e6))
def test_a_mass_ten_times_too_large_is_told(fraction: float, weight: float) -> None:
    material = {"massFraction": fraction, "mass": kg(10 * fraction * weight)}
    assert pointers("DPP-031", made_of(material, weight=kg(weight))) == [
        "/credentialSubject/materialProvenance/0/mass"
    ]


def test_the_margin_ends_where_it_says() -> None:
    weight = kg(1000)
    near = {"massFraction": 1, "mass": kg(1000 * (1 - MASS_MARGIN) + 1)}
    far = {"massFraction": 1, "mass": kg(1000 * (1 - MASS_MARGIN) - 1)}
    assert findings("DPP-031", made_of(near, weight=weight)) == []
    assert len(findings("DPP-031", made_of(far, weight=weight))) == 1
    tolerant = {
        "massFraction": 1,
        "mass": kg(1000 * (1 - MASS_MARGIN) - 1, upperTolerance=5, lowerTolerance=0),
    }
    assert findings("DPP-031", made_of(tolerant, weight=weight)) == []


@pytest.mark.parametrize(
    "weight", [None, kg(0), kg(-5), kg(3, "LTR"), {"value": "500", "unit": "KGM"}, "500 kg"]
)
def test_without_a_weight_in_a_mass_unit_nothing_is_compared(weight: Any) -> None:
    assert findings("DPP-031", made_of({"massFraction": 0.5, "mass": kg(9999)}, weight=weight)) == []


def test_only_mass_units_are_masses() -> None:
    assert kilograms(kg(2, "TNE")) == 2000
    assert kilograms(kg(2, "MTQ")) is None
    assert kilograms({"value": True, "unit": "KGM"}) is None
    assert kilograms(None) is None


def test_a_hazard_without_safety_information_is_told_by_the_row_of_its_document() -> None:
    hazard, safe = {"hazardous": True}, {"hazardous": False}
    mended = {"hazardous": True, "materialSafetyInformation": {"linkURL": "https://x.example/sds"}}
    product = document(Kind.DPP, {"credentialSubject": {"materialProvenance": [safe, hazard, mended]}})
    assert pointers("DPP-032", product) == ["/credentialSubject/materialProvenance/1"]
    assert findings("DFR-019", product) == []
    record = document(Kind.DFR, {"credentialSubject": {"materialUsage": {"materialConsumed": [hazard]}}})
    assert pointers("DFR-019", record) == ["/credentialSubject/materialUsage/materialConsumed/0"]
    assert findings("DPP-032", record) == []


def test_material_usage_needs_a_period() -> None:
    usage: dict[str, Any] = {"materialConsumed": []}
    assert len(findings("DFR-017", document(Kind.DFR, {"credentialSubject": {"materialUsage": usage}}))) == 1
    usage["applicablePeriod"] = {"startDate": "2025-01-01", "endDate": "2025-12-31"}
    assert findings("DFR-017", document(Kind.DFR, {"credentialSubject": {"materialUsage": usage}})) == []
    assert findings("DFR-017", document(Kind.DFR, {"credentialSubject": {}})) == []
