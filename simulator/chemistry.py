"""Stoichiometry in whole numbers: which part of a compound is which element, and how much compound an element makes.

Standard atomic weights: IUPAC 2021, abridged, in thousandths of a gram per mole. All masses are integers of
milligrams, all parts are exact fractions; nothing is rounded before the last step, and that step is always a floor, so
that no element is ever invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "ATOMIC_WEIGHTS",
    "COBALT_SULPHATE",
    "COMPOUNDS",
    "LITHIUM_CARBONATE",
    "LITHIUM_HYDROXIDE",
    "LITHIUM_OXIDE",
    "MANGANESE_SULPHATE",
    "NICKEL_SULPHATE",
    "NMC622",
    "NMC811",
    "PPM",
    "SPODUMENE",
    "Compound",
    "part",
]

PPM = 1_000_000

ATOMIC_WEIGHTS: Mapping[str, int] = {
    "H": 1_008,
    "Li": 6_940,
    "C": 12_011,
    "O": 15_999,
    "Al": 26_982,
    "Si": 28_085,
    "P": 30_974,
    "S": 32_060,
    "Mn": 54_938,
    "Fe": 55_845,
    "Co": 58_933,
    "Ni": 58_693,
    "Cu": 63_546,
}
"""Thousandths of a gram per mole. Source: IUPAC, standard atomic weights 2021, abridged to five figures."""


def part(amount: int, fraction: Fraction | int, of: int = PPM) -> int:
    """The part ``fraction`` of ``amount``, rounded down. An integer fraction is in parts per million (or ``of``)."""
    if isinstance(fraction, Fraction):
        return amount * fraction.numerator // fraction.denominator
    return amount * fraction // of


@dataclass(frozen=True)
class Compound:
    """A formula unit: atoms by element. Non-integer subscripts are scaled up (NMC811 is written ten-fold)."""

    name: str
    formula: str
    atoms: Mapping[str, int]

    @property
    def weight(self) -> int:
        """Weight of the (scaled) formula unit, thousandths of a gram per mole."""
        return sum(count * ATOMIC_WEIGHTS[element] for element, count in self.atoms.items())

    def fraction(self, element: str) -> Fraction:
        """Mass fraction of ``element``; zero where it is not part of the compound."""
        return Fraction(self.atoms.get(element, 0) * ATOMIC_WEIGHTS[element], self.weight)

    def contained(self, mass: int, element: str) -> int:
        """Milligrams of ``element`` in ``mass`` milligrams of pure compound."""
        return part(mass, self.fraction(element))

    def mass_for(self, element: str, amount: int) -> int:
        """Milligrams of pure compound that ``amount`` milligrams of ``element`` can make."""
        return part(amount, 1 / self.fraction(element))


LITHIUM_OXIDE = Compound("lithium oxide", "Li2O", {"Li": 2, "O": 1})
SPODUMENE = Compound("spodumene", "LiAlSi2O6", {"Li": 1, "Al": 1, "Si": 2, "O": 6})
LITHIUM_HYDROXIDE = Compound("lithium hydroxide monohydrate", "LiOH.H2O", {"Li": 1, "O": 2, "H": 3})
LITHIUM_CARBONATE = Compound("lithium carbonate", "Li2CO3", {"Li": 2, "C": 1, "O": 3})
NICKEL_SULPHATE = Compound("nickel sulphate hexahydrate", "NiSO4.6H2O", {"Ni": 1, "S": 1, "O": 10, "H": 12})
COBALT_SULPHATE = Compound("cobalt sulphate heptahydrate", "CoSO4.7H2O", {"Co": 1, "S": 1, "O": 11, "H": 14})
MANGANESE_SULPHATE = Compound(
    "manganese sulphate monohydrate", "MnSO4.H2O", {"Mn": 1, "S": 1, "O": 5, "H": 2}
)
NMC811 = Compound("NMC811", "LiNi0.8Mn0.1Co0.1O2", {"Li": 10, "Ni": 8, "Mn": 1, "Co": 1, "O": 20})
NMC622 = Compound("NMC622", "LiNi0.6Mn0.2Co0.2O2", {"Li": 10, "Ni": 6, "Mn": 2, "Co": 2, "O": 20})

COMPOUNDS: Mapping[str, Compound] = {
    "NMC811": NMC811,
    "NMC622": NMC622,
    "lithium-hydroxide": LITHIUM_HYDROXIDE,
    "lithium-carbonate": LITHIUM_CARBONATE,
    "nickel-sulphate": NICKEL_SULPHATE,
    "cobalt-sulphate": COBALT_SULPHATE,
    "manganese-sulphate": MANGANESE_SULPHATE,
}
"""Compounds that a scenario may name."""
