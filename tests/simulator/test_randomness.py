"""Random streams depend on seed, entity and purpose, and on nothing else."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator.randomness import Permutation, Stream, identifier


def test_a_stream_starts_with_the_same_numbers_on_every_machine() -> None:
    stream = Stream(7, "mine", "grade")
    assert [stream.below(1000) for _ in range(6)] == [936, 606, 381, 263, 141, 186]


def test_streams_of_other_seeds_entities_and_purposes_differ() -> None:
    drawn = {
        Stream(seed, entity, purpose).below(1 << 64)
        for seed in (1, 2)
        for entity in ("mine", "plant")
        for purpose in ("grade", "moisture")
    }
    assert len(drawn) == 8


@given(st.integers(0, 2**32), st.integers(1, 1 << 64))
def test_a_draw_stays_below_its_bound(seed: int, bound: int) -> None:
    stream = Stream(seed, "x", "y")
    assert all(0 <= stream.below(bound) < bound for _ in range(5))


@given(st.integers(0, 2**32), st.integers(-1000, 1000), st.integers(0, 500))
def test_a_draw_around_a_centre_stays_within_its_spread(seed: int, centre: int, spread: int) -> None:
    assert abs(Stream(seed, "x", "y").around(centre, spread) - centre) <= spread


@pytest.mark.parametrize("bound", [0, -1, (1 << 64) + 1])
def test_a_bound_that_cannot_be_met_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match="bound must be between"):
        Stream(1, "x", "y").below(bound)


@given(st.integers(0, 2**32), st.integers(1, 700))
def test_a_permutation_visits_every_place_once(seed: int, size: int) -> None:
    permutation = Permutation(seed, "list", "index", size)
    assert sorted(permutation[place] for place in range(size)) == list(range(size))


def test_places_of_a_permutation_are_not_in_order() -> None:
    permutation = Permutation(1, "list", "index", 131_072)
    places = [permutation[number] for number in range(50)]
    assert places != sorted(places)
    assert max(places) > 60_000


def test_identifiers_are_name_based_uuids() -> None:
    assert uuid.UUID(identifier(1, "mine", "credential")).version == 5
    assert identifier(1, "mine", "credential") == identifier(1, "mine", "credential")
    assert identifier(1, "mine", "credential") != identifier(2, "mine", "credential")
