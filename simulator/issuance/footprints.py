"""What is issued about carbon footprints: certificates of lots, by boundary, where the scenario names a carbon scheme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.simulator.claim_kinds import BatchClaim
from assay.simulator.issuance.abouts import Wish
from assay.simulator.issuance.names import certifier, credential_url
from assay.simulator.sustainability import Boundary
from assay.simulator.world import Facility, World

__all__ = ["FootprintCertificate", "footprint_certificates"]

_VALID = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class FootprintCertificate:
    """The certifier checked the carbon footprints of lots of one facility, in one boundary."""

    facility: Facility
    batches: tuple[BatchClaim, ...]
    assessed: datetime
    boundary: Boundary


def footprint_certificates(
    world: World, facility: Facility, batches: Sequence[BatchClaim], label: str, issued: datetime
) -> tuple[list[Wish], dict[str, tuple[tuple[Boundary, str], ...]]]:
    """Footprint certificates of lots that a visit covered, one for each boundary that the scenario has certified.

    By lot: boundaries with the address of their certificate. What misses the scheme's threshold gets none.
    """
    accounting = world.scenario.accounting
    wishes: list[Wish] = []
    backed: dict[str, tuple[tuple[Boundary, str], ...]] = {}
    if accounting.scheme is None:
        return wishes, backed
    issuer = certifier(world, facility)
    for boundary in accounting.boundaries:
        limit = _limit(world, accounting.scheme, boundary)
        found = tuple(batch for batch in batches if batch.footprint.carbon[boundary] <= limit)
        if not found:
            continue
        key = f"footprint/{facility.id}/{label}/{boundary}"
        about = FootprintCertificate(facility, found, max(batch.assessed for batch in found), boundary)
        wishes.append(Wish(about, "dcc", key, issuer, issued, world.scenario.as_of + _VALID))
        url = credential_url(world, issuer, "dcc", key)
        for batch in found:
            backed[batch.lot.id] = (*backed.get(batch.lot.id, ()), (boundary, url))
    return wishes, backed


def _limit(world: World, scheme: str, boundary: str) -> int:
    """Threshold of a boundary, grams per kilogram."""
    for profile in world.schemes[scheme].profiles:
        for criterion in profile.criteria:
            if criterion.id == boundary:
                return int(criterion.threshold * 1000)
    raise KeyError(f"scheme {scheme} has no criterion {boundary}")  # the scenario was checked
