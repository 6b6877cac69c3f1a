"""Plus codes decode to a cell that holds the point they were made from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator import World
from assay.simulator.pluscode import plus_code

ALPHABET = "23456789CFGHJMPQRVWX"


def decode(code: str) -> tuple[float, float, float]:
    """South-west corner and size of the cell, degrees (an independent reading of the specification)."""
    digits = code.replace("+", "")
    latitude, longitude, size = -90.0, -180.0, 20.0
    for pair in range(5):
        latitude += ALPHABET.index(digits[2 * pair]) * size
        longitude += ALPHABET.index(digits[2 * pair + 1]) * size
        size /= 20
    return latitude, longitude, size * 20


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (47_365_590, 8_524_997, "8FVC9G8F+6X"),
        (20_370_113, 2_782_235, "7FG49QCJ+2V"),
        (-41_273_063, 174_785_938, "4VCPPQGP+Q9"),
        (90_000_000, 1_000_000, "CFX3X2X2+X2"),
        (1_286_785, 103_854_503, "6PH57VP3+PR"),
    ],
)
def test_known_places_have_their_known_codes(latitude: int, longitude: int, code: str) -> None:
    assert plus_code(latitude, longitude) == code


@given(st.integers(-90_000_000, 89_999_999), st.integers(-180_000_000, 179_999_999))
def test_the_cell_of_a_code_holds_its_point(latitude: int, longitude: int) -> None:
    south, west, size = decode(plus_code(latitude, longitude))
    assert south - 1e-9 <= latitude / 1e6 <= south + size + 1e-9
    assert west - 1e-9 <= longitude / 1e6 <= west + size + 1e-9


def test_facilities_stand_in_their_cell_and_inside_their_boundary(world: World) -> None:
    for facility in world.facilities.values():
        place = facility.place
        south, west, size = decode(place.plus_code)
        assert south <= place.latitude / 1e6 <= south + size
        assert west <= place.longitude / 1e6 <= west + size
        assert place.ring[0] == place.ring[-1]
        latitudes, longitudes = zip(*place.ring, strict=True)
        assert min(latitudes) < place.latitude < max(latitudes)
        assert min(longitudes) < place.longitude < max(longitudes)
