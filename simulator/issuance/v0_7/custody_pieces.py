"""What passports and certificates both say about custody: the criterion, the claim, the characteristics."""

from __future__ import annotations

from datetime import datetime

from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import BatchClaim
from assay.simulator.custody_claims import CustodyClaim
from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.book import number, stamp
from assay.simulator.issuance.v0_7.fragments import Fragments, Json
from assay.simulator.scenario import CriterionEntry, ProfileEntry, SchemeEntry

__all__ = ["custody_characteristics", "custody_claims", "custody_criterion", "percent", "period"]


def custody_characteristics(pieces: Fragments, claim: CustodyClaim) -> Json:
    """What a passport says about custody, for machines."""
    return {
        "model": claim.model,
        "scheme": pieces.scheme_uri(pieces.world.schemes[claim.scheme]),
        "element": claim.element,
        "conformingShare": number(claim.share, PPM),
        **period(claim.start, claim.end),
    }


def custody_claims(pieces: Fragments, entry: Entry, batch: BatchClaim, evidence: str) -> list[Json]:
    """The claim of a passport about custody, with the credential behind it."""
    claim = batch.custody
    if claim is None:
        return []
    scheme, _, criterion = custody_criterion(pieces, claim.scheme, claim.model)
    what = "Retirement of credits" if claim.register is not None else "Custody certificate"
    return [
        pieces.claim(
            f"{entry.url}#claim-{criterion.id}",
            criterion,
            percent(claim.share),
            entry.valid_from.date(),
            pieces.link(evidence, f"{what} for this product", "dcc"),
            (claim.start.date(), claim.end.date()),
            scheme=scheme,
        )
    ]


def custody_criterion(
    pieces: Fragments, scheme: str, model: str
) -> tuple[SchemeEntry, ProfileEntry, CriterionEntry]:
    """The criterion of a custody model, and the profile that it stands in."""
    entry = pieces.world.schemes[scheme]
    for profile in entry.profiles:
        for criterion in profile.criteria:
            if criterion.id == model:
                return entry, profile, criterion
    raise KeyError(f"scheme {scheme} has no criterion {model}")  # the scenario was checked


def period(start: datetime, end: datetime) -> Json:
    """The accounting period that a statement or claim is about."""
    return {"periodStart": stamp(start), "periodEnd": stamp(end)}


def percent(share: int) -> int | float:
    """Parts per million as per cent."""
    return number(share, PPM // 100)
