"""Outlines, rings, great circles and plus codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.profiles.geography import (
    Point,
    code_distance_km,
    decode_plus_code,
    distance_km,
    inside,
    km_outside_country,
    km_outside_ring,
    landlocked,
    outlined,
    tolerance_km,
)

_ODD = 1e-6
"""Odd millionths of a degree: what a location states, and never on an edge of the square."""
POINTS = st.builds(
    Point,
    st.integers(-42_500_000, 42_500_000).map(lambda half: (2 * half + 1) * _ODD),
    st.integers(-89_500_000, 89_500_000).map(lambda half: (2 * half + 1) * _ODD),
)
SQUARE = [Point(0, 0), Point(0, 2), Point(2, 2), Point(2, 0), Point(0, 0)]
CAPITALS = {
    "AR": (-34.61, -58.38), "AU": (-35.28, 149.13), "BO": (-16.5, -68.15), "BR": (-15.79, -47.88), "CA": (45.42, -75.7),
    "CD": (-4.32, 15.31), "CL": (-33.45, -70.67), "CN": (39.9, 116.4), "DE": (52.52, 13.4), "FI": (60.17, 24.94),
    "FR": (48.86, 2.35), "HU": (47.5, 19.04), "ID": (-6.21, 106.85), "JP": (35.68, 139.69), "KR": (37.57, 126.98),
    "KZ": (51.18, 71.45), "MZ": (-25.97, 32.58), "NA": (-22.56, 17.08), "PE": (-12.05, -77.04), "PH": (14.6, 120.98),
    "PL": (52.23, 21.01), "SE": (59.33, 18.07), "TZ": (-6.16, 35.75), "US": (38.9, -77.04), "UZ": (41.3, 69.24),
    "ZA": (-25.75, 28.19), "ZM": (-15.42, 28.28), "ZW": (-17.83, 31.05),
}  # fmt: skip


@pytest.mark.parametrize("country", CAPITALS)
def test_capitals_lie_in_their_country_and_in_no_other_continent(country: str) -> None:
    point = Point(*CAPITALS[country])
    away = km_outside_country(point, country)
    assert away is not None and away <= tolerance_km()
    far = [other for other, place in CAPITALS.items() if distance_km(point, Point(*place)) > 5_000]
    assert all((km_outside_country(point, other) or 0) > tolerance_km() for other in far)


def test_every_country_we_promise_has_an_outline_and_others_have_none() -> None:
    assert all(outlined(country) for country in CAPITALS)
    assert not outlined("FJ")
    assert km_outside_country(Point(-18, 178), "FJ") is None


def test_the_middle_of_the_ocean_lies_in_no_country() -> None:
    assert all((km_outside_country(Point(-30, -20), country) or 0) > 1000 for country in CAPITALS)


def test_landlocked_countries_are_known() -> None:
    assert all(map(landlocked, ("ZM", "ZW", "KZ", "UZ", "BO", "HU")))
    assert not any(map(landlocked, ("CD", "DE", "CL", "AU")))


@given(POINTS)
def test_a_point_is_inside_a_ring_or_some_way_outside(point: Point) -> None:
    assert (km_outside_ring(point, SQUARE) == 0) is inside(point, SQUARE)


@given(st.floats(0.01, 1.99), st.floats(0.01, 1.99))
def test_points_of_a_square_are_inside_whichever_way_it_is_walked(latitude: float, longitude: float) -> None:
    point = Point(latitude, longitude)
    assert inside(point, SQUARE)
    assert inside(point, SQUARE[::-1])
    assert inside(point, SQUARE[:-1])


def test_distance_to_a_ring_is_that_to_its_edge() -> None:
    assert km_outside_ring(Point(1, 3), SQUARE) == pytest.approx(111.2, rel=0.01)
    assert km_outside_ring(Point(-1, -1), SQUARE) == pytest.approx(157.2, rel=0.01)


@given(POINTS, POINTS)
def test_the_great_circle_is_the_same_both_ways_and_never_half_round_the_earth_too_long(
    one: Point, two: Point
) -> None:
    assert distance_km(one, two) == pytest.approx(distance_km(two, one), abs=1e-6)
    assert 0 <= distance_km(one, two) <= 20_016


@pytest.mark.parametrize("code", ["8FVC9G8F+6X", "8fvc9g8f+6xq", "https://plus.codes/8FVC9G8F+6XQ"])
def test_the_specification_s_own_example_decodes_to_its_place(code: str) -> None:
    cell = decode_plus_code(code)
    assert cell is not None
    assert code_distance_km(cell, Point(47.365590, 8.524997)) <= 0
    assert cell.height == pytest.approx(1 / 8000 if code.endswith("X") else 1 / 40000)


@pytest.mark.parametrize("text", ["", "8FVC", "8FVC2222", "AAAA2222+22", "8FVC22+22"])
def test_what_is_no_full_code_decodes_to_nothing(text: str) -> None:
    assert decode_plus_code(text) is None


@given(st.integers(0, 180 * 8000 - 1), st.integers(0, 360 * 8000 - 1), st.floats(0.05, 0.95))
def test_a_point_lies_in_the_cell_that_its_own_code_names(row: int, column: int, share: float) -> None:
    digits = "23456789CFGHJMPQRVWX"
    code, left_row, left_column = "", row, column
    for _ in range(5):
        code = digits[left_row % 20] + digits[left_column % 20] + code
        left_row, left_column = left_row // 20, left_column // 20
    cell = decode_plus_code(f"{code[:8]}+{code[8:]}")
    assert cell is not None
    point = Point((row + share) / 8000 - 90, (column + share) / 8000 - 180)
    assert code_distance_km(cell, point) <= 0.001
