"""What is weighed and assayed: facts seen through instruments, with their noise and their last digit.

Quantities leave as integers: grams as weighed (with moisture), grades in ten-millionths of dry mass. Noise is far
below the usual tolerance of a mass balance, but it is there: books that agree to the gram are themselves suspicious.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Lot
from assay.simulator.randomness import Stream

__all__ = ["GRADE_SCALE", "Assay", "assay", "weigh"]

GRADE_SCALE = 10_000_000
"""Grades are in ten-millionths."""

_SCALE_NOISE = 300
"""Weighing error, parts per million either way: class III weighbridge, about 0.03 % of load (OIML R 76; unverified)."""
_ASSAY_NOISE = 800
"""Assay error, parts per million of the grade either way: ICP-OES repeatability, under 0.1 % (unverified)."""
_MG_PER_GRAM = 1000


@dataclass(frozen=True, slots=True)
class Assay:
    """What the laboratory reported for one lot: grades (see GRADE_SCALE), moisture in ppm of the mass as weighed."""

    grades: Mapping[str, int]
    moisture: int


def weigh(dry: int, moisture: int, stream: Stream) -> int:
    """Grams on the scale for ``dry`` milligrams of material with ``moisture`` ppm, rounded to the scale's division."""
    grams = dry * PPM // (PPM - moisture) // _MG_PER_GRAM
    return _rounded(grams + grams * stream.between(-_SCALE_NOISE, _SCALE_NOISE) // PPM)


def _rounded(grams: int) -> int:
    """To the division of the scale that such a load is put on: 0.1 kg, 1 kg, 20 kg."""
    for limit, division in ((20_000, 10), (1_000_000, 100), (30_000_000, 1000)):
        if grams < limit:
            return (grams + division // 2) // division * division
    return (grams + 10_000) // 20_000 * 20_000


def assay(lot: Lot, stream: Stream) -> Assay:
    """Grades and moisture of a lot as a laboratory would report them: five significant digits, never above 1."""
    grades: dict[str, int] = {}
    for element, amount in sorted(lot.material.elements.items()):
        true = amount * GRADE_SCALE // lot.material.mass
        seen = min(GRADE_SCALE, true + true * stream.between(-_ASSAY_NOISE, _ASSAY_NOISE) // PPM)
        if seen:
            grades[element] = _five_digits(seen)
    moisture = lot.material.moisture
    if moisture:
        moisture = (moisture + stream.between(-500, 500)) // 100 * 100
    return Assay(grades, moisture)


def _five_digits(value: int) -> int:
    division = 1
    while value // division >= 100_000:
        division *= 10
    return (value + division // 2) // division * division
