"""Where facilities are, and who answers for them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.harness.checks.facility_checks import inside, plus_code_area, ring
from assay.harness.material import Kind
from tests.harness.checks.bench import changed, document, findings, pointers, set_findings

LOCATION = "/credentialSubject/locationInformation"


def located(**members: Any) -> Any:
    return document(Kind.DFR, {"credentialSubject": {"locationInformation": members}})


def corners(*points: tuple[float, float]) -> list[dict[str, float]]:
    return [{"latitude": latitude, "longitude": longitude} for latitude, longitude in points]


def test_one_way_of_saying_where_is_enough() -> None:
    assert findings("DFR-008", located(plusCode="https://plus.codes/4PPVHJ76+X2")) == []
    assert findings("DFR-008", located(geoLocation={"latitude": 0, "longitude": 0})) == []
    for members in ({}, {"geoBoundary": []}, {"plusCode": ""}):
        assert pointers("DFR-008", located(**members)) == [LOCATION]


coordinate = st.tuples(st.floats(-80, 80), st.floats(-179, 179))


@given(st.lists(coordinate, min_size=3, max_size=10, unique=True))
def test_any_list_of_points_is_closed_by_repeating_the_first(points: list[tuple[float, float]]) -> None:
    assert findings("DFR-010", located(geoBoundary=corners(*points, points[0]))) == []
    assert pointers("DFR-010", located(geoBoundary=corners(*points))) == [f"{LOCATION}/geoBoundary"]


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(1, 1)],
        [(1, 1), (2, 2)],
        [(1, 1), (2, 2), (1, 1)],
        [(1, 1), (1, 1), (1, 1), (1, 1)],
        [(1, 1), (2, 2), (2, 2), (1, 1)],
    ],
)
def test_too_few_points_enclose_nothing(points: list[tuple[float, float]]) -> None:
    assert len(findings("DFR-010", located(geoBoundary=corners(*points)))) == 1


def test_a_boundary_that_cannot_be_read_is_left_to_the_schema() -> None:
    for value in (None, "ring", [{"latitude": 1}], [[1, 2]], [{"latitude": True, "longitude": 1}]):
        assert ring(value) is None
        assert findings("DFR-010", located(geoBoundary=value)) == []


box_centre = st.tuples(st.floats(-70, 70), st.floats(-180, 180))


@given(box_centre, st.floats(0.01, 10), st.floats(0.01, 10), st.floats(-0.99, 0.99), st.floats(-0.99, 0.99))
def test_a_point_within_a_box_is_inside_also_across_the_date_line(
    centre: tuple[float, float], height: float, width: float, up: float, right: float
) -> None:
    assume(abs(up) < 0.98 and abs(right) < 0.98)
    latitude, longitude = centre
    box = [
        (latitude + y * height, _wrap(longitude + x * width))
        for y, x in ((-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))
    ]
    assert inside((latitude + up * height, _wrap(longitude + right * width)), box)
    assert not inside((latitude + 1.5 * height, _wrap(longitude + right * width)), box)
    assert not inside((latitude + up * height, _wrap(longitude + 1.5 * width)), box)


def _wrap(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def test_a_dent_in_a_boundary_is_outside() -> None:
    boundary = [(0.0, 0.0), (0.0, 10.0), (10.0, 10.0), (2.0, 5.0), (10.0, 0.0), (0.0, 0.0)]
    assert inside((1.0, 5.0), boundary)
    assert not inside((6.0, 5.0), boundary)
    assert inside((0.0, 5.0), boundary)  # on the edge


@pytest.mark.parametrize(
    ("code", "area"),
    [
        # worked examples of the Open Location Code specification's test data
        ("7FG49Q00+", (20.35, 2.75, 20.4, 2.8)),
        ("7FG49QCJ+2V", (20.37, 2.782125, 20.370125, 2.78225)),
        ("7fg49qcj+2v", (20.37, 2.782125, 20.370125, 2.78225)),
        ("7FG49QCJ+2VX", (20.3701, 2.78221875, 20.370125, 2.78225)),
    ],
)
def test_plus_codes_name_the_areas_of_the_specification(code: str, area: tuple[float, ...]) -> None:
    assert plus_code_area(code) == pytest.approx(area)


@pytest.mark.parametrize(
    "code", ["", "7FG49QCJ", "9QCJ+2V", "7FG49QCJ+2", "7FG49QCA+2V", "7F0+", "00000000+", "7FG49QCJ+2VXXXXXX"]
)
def test_other_texts_are_no_full_plus_codes(code: str) -> None:
    assert plus_code_area(code) is None


def test_a_point_in_another_country_is_told_and_one_down_the_road_is_not() -> None:
    code = "https://plus.codes/7FG49QCJ%2B2V"
    assert (
        findings("DFR-011", located(plusCode=code, geoLocation={"latitude": 20.3749, "longitude": 2.7801}))
        == []
    )
    far = located(plusCode=code, geoLocation={"latitude": 21.37, "longitude": 2.78})
    assert pointers("DFR-011", far) == [f"{LOCATION}/plusCode"]


def test_swapped_coordinates_fall_out_of_the_boundary() -> None:
    subject = changed("dfr", ["set", f"{LOCATION}/geoLocation", {"latitude": 59.6125, "longitude": -31.4375}])
    assert pointers("DFR-011", subject) == [f"{LOCATION}/geoLocation"]
    assert findings("DFR-011", changed("dfr", ["del", f"{LOCATION}/geoLocation"])) == []


def test_code_and_point_may_mark_two_places_of_one_large_site() -> None:
    subject = changed("dfr", ["set", f"{LOCATION}/geoLocation", {"latitude": -31.459, "longitude": 119.639}])
    assert findings("DFR-011", subject) == []


@pytest.mark.parametrize(
    "part", ["streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry"]
)
def test_each_part_of_the_address_is_needed_and_party_addresses_are_another_matter(part: str) -> None:
    broken = changed("dfr", ["del", f"/credentialSubject/address/{part}"], schema=True)
    assert pointers("DFR-013", broken) == ["/credentialSubject/address"]
    party = changed(
        "dfr", ["del", f"/credentialSubject/relatedParty/0/party/partyAddress/{part}"], schema=True
    )
    assert party.schema_errors
    assert findings("DFR-013", party) == []


def test_country_and_address_are_missed_where_they_are_absent() -> None:
    assert pointers("DFR-013", changed("dfr", ["del", "/credentialSubject/address"], schema=True)) == [
        "/credentialSubject"
    ]
    assert (
        len(
            findings(
                "DFR-005", changed("dfr", ["set", "/credentialSubject/countryOfOperation", "AU"], schema=True)
            )
        )
        == 1
    )
    other = changed("dfr", ["del", "/credentialSubject/address/addressCountry/countryCode"], schema=True)
    assert findings("DFR-005", other) == []


def test_an_operator_needs_an_identifier_that_can_be_looked_up() -> None:
    for role, uri, told in (
        ("operator", "did:web:x.example", False),
        ("owner", "https://x.example", False),
        ("operator", "urn:x:1", True),
        ("carrier", "did:web:x.example", True),
    ):
        parties = [{"role": role, "party": {"id": uri}}]
        assert (
            bool(findings("DFR-014", document(Kind.DFR, {"credentialSubject": {"relatedParty": parties}})))
            is told
        )


def test_the_issuer_may_be_the_operator_by_an_alias_of_either() -> None:
    other = ["set", "/issuer/id", "did:web:holding.example"]
    assert findings("DFR-015", changed("dfr", other)) == []
    without = ["del", "/issuer/issuerAlsoKnownAs"]
    assert pointers("DFR-015", changed("dfr", other, without)) == ["/issuer/id"]
    named = [
        "app",
        "/credentialSubject/relatedParty/0/party/partyAlsoKnownAs",
        {"id": "did:web:holding.example"},
    ]
    assert findings("DFR-015", changed("dfr", other, without, named)) == []


def test_without_any_operator_nobody_can_be_compared() -> None:
    assert findings("DFR-015", changed("dfr", ["del", "/credentialSubject/relatedParty"])) == []


@pytest.mark.parametrize(
    ("until", "told"),
    [("2026-05-31T23:59:59Z", True), ("2026-06-01T00:00:00Z", False), (None, False), ("2026-05-01", False)],
)
def test_the_newest_record_is_valid_at_the_date_of_the_run(until: Any, told: bool) -> None:
    assert bool(set_findings("DFR-024", changed("dfr", ["set", "/validUntil", until]))) is told


def test_an_ended_record_that_was_followed_by_another_is_history() -> None:
    ended = changed(
        "dfr", ["set", "/validFrom", "2025-03-01T00:00:00Z"], ["set", "/validUntil", "2026-03-31T00:00:00Z"]
    )
    assert set_findings("DFR-024", ended, changed("dfr")) == []
    assert set_findings("DFR-024", changed("dfr"), ended) == []
    elsewhere = changed(
        "dfr", ["set", "/credentialSubject/id", "https://facility-register.australia.example/facilities/2"]
    )
    assert len(set_findings("DFR-024", ended, elsewhere)) == 1
