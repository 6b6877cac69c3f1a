"""How far instruments and last digits may move a published figure: the declared error of the audit.

Scales of class III weigh to about 0.03 % of the load, laboratories assay to about 0.08 % of the grade (both unverified,
generous for honest plants); moisture adds 0.06 % of the mass. Larger differences are differences.
"""

from __future__ import annotations

__all__ = ["ASSAY_PPM", "CONTENT_PPM", "MOISTURE_PPM", "SCALE_PPM", "grade_slack_ppm", "mass_slack_mg"]

SCALE_PPM = 300
ASSAY_PPM = 800
MOISTURE_PPM = 600
CONTENT_PPM = 3_500
"""A contained element on both sides of a balance: twice scale, assay and moisture, rounded up."""

_DIVISIONS = ((20_000_000, 10_000), (1_000_000_000, 100_000), (30_000_000_000, 1_000_000))
_COARSEST = 20_000_000


def grade_slack_ppm(moisture_ppm: int) -> int:
    """Relative error of a grade as weighed: the assay's, the last digit's, and that of the moisture.

    A moisture is off by part of the mass as weighed; what it takes from the dry part counts the more the wetter the goods.
    """
    return ASSAY_PPM + 100 + MOISTURE_PPM * 1_000_000 // max(1, 1_000_000 - moisture_ppm)


def mass_slack_mg(mass_mg: int) -> int:
    """Milligrams by which a stated mass may differ from the true one: the scale's error and one division.

    Divisions: 10 g below 20 kg, 100 g below 1 t, 1 kg below 30 t, 20 kg above (OIML R 76 practice, unverified).
    """
    division = next((step for limit, step in _DIVISIONS if mass_mg < limit), _COARSEST)
    return mass_mg * SCALE_PPM // 1_000_000 + division
