"""The crossroads with every pattern of claims (scores, footprints, recycled content) at once, at one severity."""

from __future__ import annotations

from tests.deceptions_worlds import Deceived, deceived

__all__ = ["SEVERITIES", "claims_world"]

_CODES = ("F24", "F25", "F26", "F29", "F30", "F31", "F32")
SEVERITIES = ("0.05", "0.5")


def claims_world(severity: str) -> Deceived:
    """Two frauds and two twins of each."""
    return deceived(
        f"[{', '.join(f'{{pattern: {code}, severity: {severity}, count: 2, twins: 2}}' for code in _CODES)}]"
    )
