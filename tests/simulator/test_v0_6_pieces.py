"""The small pieces of 0.6 documents, and that nothing is left out by accident."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.profiles.contracts.declared_values import (
    FRACTION_UNIT,
    MOISTURE_METRIC,
    declared_grades,
    grade_metric,
)
from assay.profiles.untp_0_6 import codes as codes_0_6
from assay.profiles.untp_0_7 import codes as codes_0_7
from assay.profiles.untp_0_7.table import TABLE
from assay.simulator.issuance.encoding import digest_multibase
from assay.simulator.issuance.v0_6 import Untranslatable
from assay.simulator.issuance.v0_6.codes import (
    ASSESSMENT_LEVELS,
    ASSESSOR_LEVELS,
    DISPOSITIONS,
    REGISTER_TYPES,
    TOPICS,
)
from assay.simulator.issuance.v0_6.extras import tell
from assay.simulator.issuance.v0_6.pieces import classification, members, secure_link


def test_every_topic_of_0_7_has_a_topic_of_0_6() -> None:
    assert TOPICS.keys() == codes_0_7.TOPICS.keys()
    assert set(TOPICS.values()) == set(codes_0_6.TOPICS)


@pytest.mark.parametrize(
    ("mapping", "source", "target"),
    [
        (ASSESSOR_LEVELS, "AssessorLevel", "assessorLevelCode"),
        (ASSESSMENT_LEVELS, "AssessmentLevel", "assessmentLevelCode"),
        (REGISTER_TYPES, "RegistryType", "RegistryTypeCodeList"),
    ],
)
def test_every_code_of_0_7_has_a_code_of_0_6(mapping: dict[str, str], source: str, target: str) -> None:
    assert mapping.keys() == set(TABLE.code_lists[source])
    assert set(mapping.values()) <= set(codes_0_6.CODE_LISTS[target])


def test_dispositions_are_those_of_the_business_vocabulary() -> None:
    assert DISPOSITIONS.keys() == set(TABLE.code_lists["ProductStatus"])
    assert set(DISPOSITIONS.values()) <= codes_0_6.DISPOSITIONS


def test_a_member_that_nobody_decided_about_is_refused() -> None:
    with pytest.raises(Untranslatable, match=r"Thing\.colour"):
        members({"id": "x", "name": "y", "colour": "red"}, "Thing", ("name",))


@given(st.binary(max_size=200))
def test_the_digest_of_a_link_is_the_same_in_hexadecimal(body: bytes) -> None:
    said = secure_link({"linkURL": "https://a.example/x", "digestMultibase": digest_multibase(body)})
    assert said["hashDigest"] == hashlib.sha256(body).hexdigest()
    assert said["hashMethod"] == "SHA-256"


def test_a_digest_of_another_kind_is_refused() -> None:
    digest = digest_multibase(b"")
    for wrong in ("u" + digest[1:], digest[:-3], "zQmX0"):
        with pytest.raises(ValueError):
            secure_link({"linkURL": "https://a.example/x", "digestMultibase": wrong})


def test_a_classification_is_named_below_its_scheme() -> None:
    said = classification(
        {"code": "46410", "name": "Cells", "schemeId": "https://a.example/cpc/", "schemeName": "C"}
    )
    assert said["id"] == "https://a.example/cpc/46410"


@given(st.dictionaries(st.sampled_from(["Li", "Ni", "Co"]), st.floats(0, 1), min_size=1), st.floats(0, 1))
def test_declared_grades_are_read_as_they_were_written(grades: dict[str, float], moisture: float) -> None:
    def metric(name: str, value: float) -> dict[str, Any]:
        return {"metricName": name, "metricValue": {"value": value, "unit": FRACTION_UNIT}}

    declared = [metric(grade_metric(element), grade) for element, grade in grades.items()]
    claims = [{"declaredValue": [*declared, metric(MOISTURE_METRIC, moisture)]}]
    assert declared_grades(claims) == (grades, moisture)


@pytest.mark.parametrize(
    "claims",
    [None, 7, "x", [], [None], [{}], [{"declaredValue": 1}], [{"declaredValue": [3, {}, {"metricName": 5}]}],
     [{"declaredValue": [{"metricName": grade_metric("Li"), "metricValue": {"value": 3, "unit": "C62"}}]}],
     [{"declaredValue": [{"metricName": grade_metric("Li"), "metricValue": {"value": 0.1, "unit": "KGM"}}]}]],
)  # fmt: skip
def test_hostile_claims_declare_no_grades(claims: Any) -> None:
    assert declared_grades(claims) is None


def test_objects_are_told_as_numbers_and_sentences() -> None:
    told = tell(
        "Custody",
        {
            "model": "mass-balance",
            "conformingShare": 0.5,
            "conformingInput": {"value": 3, "unit": "KGM"},
            "recycled": {"Co": {"preConsumer": 0.1}},
            "credits": [{"credit": "https://a.example/1"}],
        },
    )
    assert told.values == [
        {"metricName": "Custody: conforming share", "metricValue": {"value": 0.5, "unit": "C62"}},
        {"metricName": "Custody: conforming input", "metricValue": {"value": 3, "unit": "KGM"}},
        {"metricName": "Custody: recycled, Co, pre consumer", "metricValue": {"value": 0.1, "unit": "C62"}},
    ]
    assert told.sentences == [
        "Custody: model: mass-balance.",
        "Custody: credits 1, credit: https://a.example/1.",
    ]


@pytest.mark.parametrize("value", [None, True, b"x"])
def test_what_has_no_words_is_refused(value: Any) -> None:
    with pytest.raises(Untranslatable):
        tell("Custody", {"strange": value})
