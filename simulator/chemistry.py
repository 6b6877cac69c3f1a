"""Stoichiometry in whole numbers: which part of a compound is which element, and how much compound an element makes.

Standard atomic weights: IUPAC 2021, abridged, in thousandths of a gram per mole. All masses are integers of
milligrams, all parts are exact fractions; nothing is rounded before the last step, and that step is always a floor, so
that no element is ever invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from assay.profiles.contracts.characteristics import ELEMENTS

__all__ = [
    "ALUMINIUM",
    "ATOMIC_WEIGHTS",
    "COBALT_SULPHATE",
    "COMPOUNDS",
    "COPPER",
    "ELEMENT_NAMES",
    "GRAPHITE",
    "IRON_PHOSPHATE",
    "LFP",
    "LITHIUM_CARBONATE",
    "LITHIUM_HYDROXIDE",
    "LITHIUM_OXIDE",
    "LITHIUM_SULPHATE",
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

_TRACKED = frozenset(ELEMENTS)

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

ELEMENT_NAMES: Mapping[str, str] = {
    "Li": "lithium",
    "Ni": "nickel",
    "Co": "cobalt",
    "Mn": "manganese",
    "Cu": "copper",
    "Al": "aluminium",
    "C": "graphite",
    "Fe": "iron",
    "P": "phosphorus",
}
"""What papers call the elements that the ledger keeps account of. Carbon is there as graphite."""


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

    @cached_property
    def tracked(self) -> tuple[str, ...]:
        """Elements of the compound that the ledger keeps account of. Carbon counts as graphite only."""
        return tuple(e for e in self.atoms if e in _TRACKED and (e != "C" or len(self.atoms) == 1))

    @cached_property
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
IRON_PHOSPHATE = Compound("iron phosphate", "FePO4", {"Fe": 1, "P": 1, "O": 4})
LITHIUM_SULPHATE = Compound("lithium sulphate monohydrate", "Li2SO4.H2O", {"Li": 2, "S": 1, "O": 5, "H": 2})
COPPER = Compound("copper", "Cu", {"Cu": 1})
ALUMINIUM = Compound("aluminium", "Al", {"Al": 1})
GRAPHITE = Compound("graphite", "C", {"C": 1})
NMC811 = Compound("NMC811", "LiNi0.8Mn0.1Co0.1O2", {"Li": 10, "Ni": 8, "Mn": 1, "Co": 1, "O": 20})
NMC622 = Compound("NMC622", "LiNi0.6Mn0.2Co0.2O2", {"Li": 10, "Ni": 6, "Mn": 2, "Co": 2, "O": 20})
LFP = Compound("lithium iron phosphate", "LiFePO4", {"Li": 1, "Fe": 1, "P": 1, "O": 4})

COMPOUNDS: Mapping[str, Compound] = {
    "NMC811": NMC811,
    "NMC622": NMC622,
    "LFP": LFP,
    "copper": COPPER,
    "aluminium": ALUMINIUM,
    "graphite": GRAPHITE,
    "iron-phosphate": IRON_PHOSPHATE,
    "lithium-sulphate": LITHIUM_SULPHATE,
    "lithium-hydroxide": LITHIUM_HYDROXIDE,
    "lithium-carbonate": LITHIUM_CARBONATE,
    "nickel-sulphate": NICKEL_SULPHATE,
    "cobalt-sulphate": COBALT_SULPHATE,
    "manganese-sulphate": MANGANESE_SULPHATE,
}
"""Compounds that a scenario may name."""
