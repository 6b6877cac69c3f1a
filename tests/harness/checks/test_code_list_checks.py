"""Code lists that the schemas leave open."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.checks.links import is_controlled, is_resolvable, link_kind
from assay.harness.material import Kind
from assay.profiles.untp_0_7 import codes
from tests.harness.checks.bench import changed, document, findings, pointers


def product(**members: Any) -> Any:
    return document(Kind.DPP, {"credentialSubject": members})


@pytest.mark.parametrize("code", ["AU", "KR", "DE", "CD", "XK"])
def test_countries_of_the_list_are_accepted(code: str) -> None:
    told = findings("DPP-017", product(countryOfProduction={"countryCode": code}))
    assert bool(told) == (code == "XK")  # user-assigned, not in ISO 3166-1


@pytest.mark.parametrize("code", ["DEU", "de", "UK", "", "Germany", "276"])
def test_other_spellings_of_countries_are_told(code: str) -> None:
    place = "/credentialSubject/countryOfProduction/countryCode"
    assert pointers("DPP-017", product(countryOfProduction={"countryCode": code})) == [place]


def test_country_codes_of_a_wrong_type_are_left_to_the_schema() -> None:
    assert findings("DPP-017", product(countryOfProduction={"countryCode": 276})) == []
    assert findings("DPP-017", product(countryOfProduction="DE")) == []


@given(st.sampled_from(sorted(codes.UNITS)))
def test_units_in_use_are_accepted(unit: str) -> None:
    assert findings("DPP-023", product(dimensions={"weight": {"value": 1, "unit": unit}})) == []


@pytest.mark.parametrize("unit", ["kg", "t", "%", "kgm", "m3", "", *sorted(codes.DELETED_UNITS)[:2]])
def test_symbols_and_deleted_units_are_told(unit: str) -> None:
    assert len(findings("DPP-023", product(dimensions={"weight": {"value": 1, "unit": unit}}))) == 1


def performance(metric: str, unit: str = "KGM") -> Any:
    claim = {"claimedPerformance": [{"metric": {"id": metric}, "measure": {"value": 1, "unit": unit}}]}
    return product(performanceClaim=[claim])


def test_a_metric_of_the_taxonomy_is_accepted_and_the_singular_path_only_advised_on() -> None:
    name = "product-carbon-footprint"
    assert findings("DPP-051", performance(codes.METRIC_PREFIX + name)) == []
    told = findings("DPP-051", performance(f"https://vocabulary.uncefact.org/performance-metric/{name}"))
    assert [codes.METRIC_PREFIX + name in finding.hint for finding in told] == [True]


def test_the_unit_of_a_metric_is_known_under_both_spellings_of_its_path() -> None:
    for prefix in (codes.METRIC_PREFIX, "https://vocabulary.uncefact.org/performance-metric/"):
        assert findings("DPP-052", performance(prefix + "water-intensity", "LTR")) == []
        assert [f.received for f in findings("DPP-052", performance(prefix + "water-intensity", "MTQ"))] == [
            "MTQ"
        ]
    assert findings("DPP-052", performance("https://other.example/water-intensity", "MTQ")) == []


def test_topics_are_compared_with_the_taxonomy_in_claims_and_in_criteria() -> None:
    good = {"id": codes.TOPIC_PREFIX + "water-conservation", "name": "Water"}
    bad = {"id": codes.TOPIC_PREFIX + "water", "name": "Water"}
    claim = {"conformityTopic": [good, bad], "referenceCriteria": [{"conformityTopic": [bad]}]}
    assert pointers("DPP-056", product(performanceClaim=[claim])) == [
        "/credentialSubject/performanceClaim/0/conformityTopic/1/id",
        "/credentialSubject/performanceClaim/0/referenceCriteria/0/conformityTopic/0/id",
    ]


@pytest.mark.parametrize(
    ("link_type", "known"),
    [
        ("dpp", True),
        ("untp:dcc", True),
        ("describedby", True),
        ("https://ref.gs1.org/voc/certificationInfo", True),
        ("technical data sheet", False),
        ("Passport", False),
        ("https:", False),
        ("https://x.example/a b", False),
        ("", False),
    ],
)
def test_link_types_come_from_a_vocabulary(link_type: str, known: bool) -> None:
    assert is_controlled(link_type) is known
    links = [{"linkURL": "https://x.example", "linkType": link_type}]
    assert bool(findings("DPP-039", product(relatedDocument=links))) is not known


def test_a_link_without_type_is_not_told() -> None:
    assert findings("DPP-039", product(relatedDocument=[{"linkURL": "https://x.example"}])) == []


@pytest.mark.parametrize(
    ("link_type", "kind"),
    [
        ("dcc", "dcc"),
        ("untp:DPP", "dpp"),
        ("https://x.example/linkType#dte", "dte"),
        ("licence", ""),
        (7, ""),
        (None, ""),
    ],
)
def test_the_kind_of_a_link_is_read_from_its_type(link_type: Any, kind: str) -> None:
    assert link_kind({"linkType": link_type}) == kind


@pytest.mark.parametrize(
    ("uri", "can"),
    [
        ("did:web:x.example", True),
        ("did:key:z6Mk", True),
        ("https://x.example/1", True),
        ("https:///1", False),
        ("http://[::1", False),
        ("urn:uuid:1", False),
        ("did:web", False),
        ("", False),
    ],
)
def test_identifiers_that_can_be_looked_up(uri: str, can: bool) -> None:
    assert is_resolvable(uri) is can


@pytest.mark.parametrize(
    ("scheme", "known"),
    [
        ("https://ref.gs1.org/cbv/BizStep", True),
        ("https://unstats.un.org/unsd/classifications/Econ/isic/", True),
        ("https://saebyeok-lithium.example/steps", False),
        ("https://ref.gs1.org.evil.example/", False),
    ],
)
def test_activity_types_come_from_a_list_that_others_know(scheme: str, known: bool) -> None:
    event = changed("make", ["set", "/credentialSubject/0/activityType/schemeId", scheme])
    assert bool(findings("DTE-008", event)) is not known
