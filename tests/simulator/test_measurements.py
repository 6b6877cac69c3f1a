"""Seller and buyer weigh and assay the same cargo, and settle what they see differently."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assay.simulator.facts import Lot, Material
from assay.simulator.measurements import GRADE_SCALE, SPLITTING_LIMIT, dry_grams, settle, weigh
from assay.simulator.randomness import Stream

MASS = 20_000 * 10**6
LOT = Lot("mill/concentrate/0001", "concentrate", "mill", "concentrator", 1, 0,
          Material(MASS, 80_000, {"Li": MASS * 255 // 10_000, "Fe": MASS // 100}))  # fmt: skip


@given(st.integers(0, 2**63))
def test_a_settlement_lies_between_what_the_parties_saw(seed: int) -> None:
    result = settle(LOT, "c-1", seed)
    for element, grade in result.grades.items():
        seen = [result.seller.grades[element], result.buyer.grades[element]]
        apart = abs(seen[0] - seen[1]) * 10**6 > SPLITTING_LIMIT * seen[0]
        assert min(seen) <= grade <= max(seen) or (apart and result.umpire is not None)
        if apart:
            assert result.umpire is not None
            assert grade == sorted((*seen, result.umpire.grades[element]))[1]
        else:
            assert grade == sum(seen) // 2


@given(st.integers(0, 2**63))
def test_what_is_settled_is_close_to_what_is_there(seed: int) -> None:
    settled = settle(LOT, "c-1", seed).grades
    for element, amount in LOT.material.elements.items():
        true = amount * GRADE_SCALE // MASS
        assert abs(settled[element] - true) <= 0.0045 * true


def test_an_umpire_is_called_sometimes_and_not_always() -> None:
    called = [settle(LOT, f"c-{number}", 1).umpire is not None for number in range(200)]
    assert 10 <= sum(called) <= 100


def test_the_same_cargo_is_settled_the_same_way() -> None:
    assert settle(LOT, "c-1", 5) == settle(LOT, "c-1", 5)
    assert settle(LOT, "c-1", 5) != settle(LOT, "c-2", 5)


@given(st.integers(10**9, 10**15), st.integers(0, 600_000), st.integers(0, 2**32))
def test_dry_grams_of_a_wet_weight_are_the_dry_mass_again(dry: int, moisture: int, seed: int) -> None:
    wet = weigh(dry, moisture, Stream(seed, "x", "scale"))
    assert abs(dry_grams(wet, moisture) - dry // 1000) <= 0.0003 * dry // 1000 + 10_002
