"""How far a criterion is met, under schemes with levels: levels are told by ratings."""

from __future__ import annotations

from assay.simulator.issuance.v0_7.fragments import Json

__all__ = ["RATINGS", "rating"]

RATINGS = {
    "fully": "The criterion is met in full.",
    "substantially": "The criterion is met in substance, with minor gaps.",
    "partly": "The criterion is met in part; the threshold is missed.",
}


def rating(code: str) -> Json:
    """How far a criterion is met, under schemes with levels."""
    return {"code": code, "rank": list(RATINGS).index(code) + 1, "definition": RATINGS[code]}
