"""Stoichiometry agrees with the published conversion factors and never invents an element."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.profiles.contracts.characteristics import ELEMENTS
from assay.simulator.chemistry import (
    COBALT_SULPHATE,
    COMPOUNDS,
    ELEMENT_NAMES,
    GRAPHITE,
    IRON_PHOSPHATE,
    LFP,
    LITHIUM_CARBONATE,
    LITHIUM_HYDROXIDE,
    LITHIUM_OXIDE,
    MANGANESE_SULPHATE,
    NICKEL_SULPHATE,
    NMC622,
    NMC811,
    SPODUMENE,
    Compound,
)


@pytest.mark.parametrize(
    ("compound", "factor"),
    [(LITHIUM_OXIDE, 2.1527), (LITHIUM_CARBONATE, 5.3233), (LITHIUM_HYDROXIDE, 6.0464)],
)
def test_lithium_factors_are_those_of_the_trade(compound: Compound, factor: float) -> None:
    assert float(1 / compound.fraction("Li")) == pytest.approx(factor, abs=2e-3)


@pytest.mark.parametrize(
    ("compound", "element", "share"),
    [
        (NMC811, "Li", 0.0713),
        (NMC811, "Ni", 0.4827),
        (NMC811, "Mn", 0.0565),
        (NMC811, "Co", 0.0606),
        (NMC622, "Ni", 0.3633),
        (NMC622, "Co", 0.1216),
        (NICKEL_SULPHATE, "Ni", 0.2233),
        (MANGANESE_SULPHATE, "Mn", 0.3250),
        (COBALT_SULPHATE, "Co", 0.2096),
        (LFP, "Li", 0.0440),
        (LFP, "Fe", 0.3540),
        (LFP, "P", 0.1963),
    ],
)
def test_battery_materials_hold_what_the_literature_says(
    compound: Compound, element: str, share: float
) -> None:
    assert float(compound.fraction(element)) == pytest.approx(share, abs=1e-4)


def test_spodumene_cannot_hold_more_than_eight_percent_lithium_oxide() -> None:
    as_oxide = SPODUMENE.fraction("Li") / LITHIUM_OXIDE.fraction("Li")
    assert float(as_oxide) == pytest.approx(0.0803, abs=1e-4)


@pytest.mark.parametrize("name", sorted(COMPOUNDS))
def test_the_parts_of_a_compound_add_up_to_the_whole(name: str) -> None:
    compound = COMPOUNDS[name]
    assert sum((compound.fraction(element) for element in compound.atoms), Fraction(0)) == 1


@given(st.sampled_from(sorted(COMPOUNDS)), st.integers(0, 10**15))
def test_making_and_analysing_a_compound_never_gains_an_element(name: str, amount: int) -> None:
    compound = COMPOUNDS[name]
    element = max(compound.atoms, key=lambda symbol: (compound.fraction(symbol), symbol))
    again = compound.contained(compound.mass_for(element, amount), element)
    assert amount - 2 <= again <= amount


def test_an_element_that_is_not_there_has_no_share() -> None:
    assert LITHIUM_HYDROXIDE.contained(10**9, "Ni") == 0


def test_every_element_of_the_ledger_has_a_name() -> None:
    assert ELEMENT_NAMES.keys() == set(ELEMENTS)


def test_carbon_is_on_the_books_as_graphite_only() -> None:
    assert GRAPHITE.tracked == ("C",)
    assert LITHIUM_CARBONATE.tracked == ("Li",)


def test_iron_phosphate_brings_iron_and_phosphorus_as_lfp_needs_them() -> None:
    assert set(IRON_PHOSPHATE.tracked) == {"Fe", "P"}
    ratio = IRON_PHOSPHATE.fraction("Fe") / IRON_PHOSPHATE.fraction("P")
    assert ratio == LFP.fraction("Fe") / LFP.fraction("P")


@pytest.mark.parametrize("name", sorted(COMPOUNDS))
def test_what_is_tracked_of_a_compound_is_part_of_it(name: str) -> None:
    compound = COMPOUNDS[name]
    assert compound.tracked
    assert all(compound.fraction(element) > 0 for element in compound.tracked)
