"""Materials in passports, packaging and facility records: fractions, masses, hazards.

Sums and products are compared within what rounding of the stated figures explains, plus, for masses, a relative
margin of our own (the specification gives none).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from assay.harness.checks import check
from assay.harness.checks._values import as_number, as_text, mappings, related
from assay.harness.material import Node
from assay.harness.results import Finding

__all__ = ["KILOGRAMS", "MASS_MARGIN", "excess", "kilograms", "rounding", "unsafe", "weigh"]

KILOGRAMS: Mapping[str, float] = {
    "MC": 1e-9,
    "MGM": 1e-6,
    "GRM": 1e-3,
    "KGM": 1.0,
    "DTN": 100.0,
    "TNE": 1e3,
    "KTN": 1e6,
    "LBR": 0.45359237,
    "ONZ": 0.02834952,
    "STN": 907.1847,
    "LTN": 1016.047,
}
"""Mass units of UNECE Recommendation 20 (Rev. 17e-2021) in kilograms."""

MASS_MARGIN = 0.05
"""Relative difference between a material's mass and its fraction of the weight that is not reported; our own choice."""


def rounding(*fractions: object) -> float:
    """How far a sum of rounded fractions may stray: half a unit of the finest decimal place for each that is not whole.

    The finest place of all counts, and hundredths at the least, because JSON writers drop trailing zeros (0.9 may
    have been 0.90).
    """
    places = [
        -exponent
        for value in fractions
        if isinstance(value, float)
        and not value.is_integer()
        and isinstance(exponent := Decimal(str(value)).as_tuple().exponent, int)
    ]
    return len(places) * 0.5 * 10.0 ** -max(2, *places) if places else 0.0


def kilograms(measure: object) -> float | None:
    """The mass of a measure in kilograms, or ``None`` where it is no mass."""
    if not isinstance(measure, dict):
        return None
    factor = KILOGRAMS.get(as_text(measure.get("unit")))
    number = None if factor is None else as_number(measure.get("value"))
    return None if factor is None or number is None else number * factor


def excess(node: Node, member: str) -> Iterator[Finding]:
    """Where the mass fractions of the materials in a member of a node sum to more than one."""
    stated = [item.get("massFraction") for _, item in mappings(node.value.get(member))]
    fractions = [number for number in map(as_number, stated) if number is not None]
    total = sum(fractions)
    if total > 1 and total - 1 > rounding(*fractions) + 1e-9:
        yield Finding(
            at=node.at(member),
            expected="mass fractions that sum to at most 1",
            received=f"{total:.6g}",
            hint="Fractions are decimals of the whole (0.45, not 45); check for a material that is counted twice.",
        )


def unsafe(node: Node, member: str) -> Iterator[Finding]:
    """Hazardous materials in a member of a node that link no safety information."""
    for position, item in mappings(node.value.get(member)):
        if item.get("hazardous") is True and not related(item, "materialSafetyInformation"):
            yield Finding(
                at=node.at(member, position),
                expected="materialSafetyInformation beside hazardous: true",
                received="no materialSafetyInformation",
                hint="Link the safety data sheet of the material.",
            )


@check("DPP-030", cls="Product")
def product_fractions_fit(node: Node) -> Iterator[Finding]:
    """The mass fractions of a product's materials sum to at most one."""
    yield from excess(node, "materialProvenance")


@check("DPP-030", cls="Package")
def package_fractions_fit(node: Node) -> Iterator[Finding]:
    """The mass fractions of a package's materials sum to at most one."""
    yield from excess(node, "materialUsed")


@check("DFR-018", cls="MaterialUsage")
def usage_fractions_fit(node: Node) -> Iterator[Finding]:
    """The mass fractions of what a facility consumes sum to at most one."""
    yield from excess(node, "materialConsumed")


@check("DPP-032", cls="Product")
def product_hazards_are_explained(node: Node) -> Iterator[Finding]:
    """A hazardous material of a product links its safety information."""
    yield from unsafe(node, "materialProvenance")


@check("DPP-032", cls="Package")
def package_hazards_are_explained(node: Node) -> Iterator[Finding]:
    """A hazardous packaging material links its safety information."""
    yield from unsafe(node, "materialUsed")


@check("DFR-019", cls="MaterialUsage")
def usage_hazards_are_explained(node: Node) -> Iterator[Finding]:
    """A hazardous material that a facility consumes links its safety information."""
    yield from unsafe(node, "materialConsumed")


def weigh(node: Node, member: str, measure: Mapping[str, Any]) -> Iterator[Finding]:
    """Materials in a member of a node whose mass is not about their fraction of a weight (a measure)."""
    weight = kilograms(measure)
    if weight is None or weight <= 0:
        return
    for position, item in mappings(node.value.get(member)):
        mass, fraction = kilograms(item.get("mass")), as_number(item.get("massFraction"))
        if mass is None or fraction is None:
            continue
        expected = fraction * weight
        margin = MASS_MARGIN * max(mass, expected)
        if abs(mass - expected) <= margin:
            continue
        margin += _tolerance(item) + min(rounding(item.get("massFraction")), 0.005) * weight
        if abs(mass - expected) > margin:
            yield Finding(
                at=node.at(member, position, "mass"),
                expected=f"about {expected:.6g} kg ({fraction:g} of {weight:g} kg)",
                received=f"{mass:.6g} kg",
                hint="Mass and mass fraction speak of the same product; check unit and weight.",
            )


def _tolerance(item: Mapping[str, Any]) -> float:
    mass = related(item, "mass")
    stated = max(
        as_number(mass.get("upperTolerance")) or 0.0, as_number(mass.get("lowerTolerance")) or 0.0, 0.0
    )
    return stated * KILOGRAMS.get(as_text(mass.get("unit")), 0.0)


@check("DPP-031", cls="Product")
def product_masses_agree(node: Node) -> Iterator[Finding]:
    """The mass of a material is about its mass fraction of the product's weight."""
    yield from weigh(node, "materialProvenance", related(node.value, "dimensions", "weight"))


@check("DPP-031", cls="Package")
def package_masses_agree(node: Node) -> Iterator[Finding]:
    """The mass of a packaging material is about its mass fraction of the package's weight."""
    yield from weigh(node, "materialUsed", related(node.value, "dimensions", "weight"))


@check("DFR-017", cls="MaterialUsage")
def usage_has_a_period(node: Node) -> Iterator[Finding]:
    """Material usage says over which period it was counted."""
    if not related(node.value, "applicablePeriod"):
        yield Finding(
            at=node.at(),
            expected="applicablePeriod with startDate and endDate",
            received="no applicablePeriod",
            hint="Consumption without a period cannot be compared with output.",
        )
