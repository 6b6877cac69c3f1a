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

__all__ = [
    "GRADE_SCALE",
    "SPLITTING_LIMIT",
    "Assay",
    "Settlement",
    "assay",
    "dry_grams",
    "on_scale",
    "reported",
    "settle",
    "weigh",
]

GRADE_SCALE = 10_000_000
"""Grades are in ten-millionths."""

_SCALE_NOISE = 300
"""Weighing error, parts per million either way: class III weighbridge, about 0.03 % of load (OIML R 76; unverified)."""
_ASSAY_NOISE = 800
"""Assay error, parts per million of the grade either way: ICP-OES repeatability, under 0.1 % (unverified)."""
_SAMPLING_NOISE = 4000
"""Sampling and assay error of one party at a cargo, parts per million of the grade either way (unverified)."""
SPLITTING_LIMIT = 5000
"""Parts per million of the seller's grade that the parties' results may lie apart before an umpire is called (unverified)."""
_MG_PER_GRAM = 1000


@dataclass(frozen=True, slots=True)
class Assay:
    """What the laboratory reported for one lot: grades (see GRADE_SCALE), moisture in ppm of the mass as weighed."""

    grades: Mapping[str, int]
    moisture: int


def weigh(dry: int, moisture: int, stream: Stream) -> int:
    """Grams on the scale for ``dry`` milligrams of material with ``moisture`` ppm, rounded to the scale's division."""
    grams = dry * PPM // (PPM - moisture) // _MG_PER_GRAM
    return on_scale(grams + grams * stream.between(-_SCALE_NOISE, _SCALE_NOISE) // PPM)


def on_scale(grams: int) -> int:
    """To the division of the scale that such a load is put on: 0.1 kg, 1 kg, 20 kg."""
    for limit, division in ((20_000, 10), (1_000_000, 100), (30_000_000, 1000)):
        if grams < limit:
            return (grams + division // 2) // division * division
    return (grams + 10_000) // 20_000 * 20_000


def assay(lot: Lot, stream: Stream, noise: int = _ASSAY_NOISE) -> Assay:
    """Grades and moisture of a lot as a laboratory would report them: five significant digits, never above 1.

    ``noise`` is the largest error either way, parts per million of the grade.
    """
    grades: dict[str, int] = {}
    for element, amount in sorted(lot.material.elements.items()):
        true = amount * GRADE_SCALE // lot.material.mass
        seen = min(GRADE_SCALE, true + true * stream.between(-noise, noise) // PPM)
        if seen:
            grades[element] = reported(seen)
    moisture = lot.material.moisture
    if moisture:
        moisture = (moisture + stream.between(-500, 500)) // 100 * 100
    return Assay(grades, moisture)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What seller and buyer agree that a cargo holds. ``umpire`` is there where their results lay too far apart."""

    seller: Assay
    buyer: Assay
    umpire: Assay | None
    grades: Mapping[str, int]
    moisture: int


def settle(
    lot: Lot, consignment: str, seed: int, *, seller: Assay | None = None, buyer: Assay | None = None
) -> Settlement:
    """Both parties sample and assay a cargo; they meet in the middle, or take the median with an umpire's result.

    Each element is settled by itself: within the splitting limit at the mean of the two, beyond it at the median of the
    three. A party's result that is given is taken as it stands.
    """

    def party(name: str) -> Assay:
        return assay(lot, Stream(seed, f"{consignment}|{lot.id}", f"{name}-assay"), _SAMPLING_NOISE)

    seller, buyer = seller or party("seller"), buyer or party("buyer")
    apart = [
        element
        for element, grade in seller.grades.items()
        if abs(grade - buyer.grades.get(element, 0)) * PPM > SPLITTING_LIMIT * grade
    ]
    umpire = party("umpire") if apart else None
    grades = {}
    for element, grade in seller.grades.items():
        other = buyer.grades.get(element, 0)
        if umpire is not None and element in apart:
            grades[element] = sorted((grade, other, umpire.grades.get(element, 0)))[1]
        else:
            grades[element] = (grade + other) // 2
    return Settlement(seller, buyer, umpire, grades, (seller.moisture + buyer.moisture) // 2)


def dry_grams(wet: int, moisture: int) -> int:
    """Dry grams of ``wet`` grams as weighed, with moisture in parts per million of these."""
    return wet * (PPM - moisture) // PPM


def reported(value: int) -> int:
    """A grade as a laboratory writes it: five significant digits."""
    division = 1
    while value // division >= 100_000:
        division *= 10
    return (value + division // 2) // division * division
