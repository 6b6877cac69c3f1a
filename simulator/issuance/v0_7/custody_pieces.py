"""What passports and certificates both say about custody and footprints: criterion, claim, characteristics."""

from __future__ import annotations

from datetime import datetime, timedelta

from assay.simulator.chemistry import PPM
from assay.simulator.claim_kinds import BatchClaim
from assay.simulator.custody_claims import CustodyClaim
from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.book import number, stamp
from assay.simulator.issuance.v0_7.fragments import Fragments, Json
from assay.simulator.scenario import CriterionEntry, ProfileEntry, SchemeEntry
from assay.simulator.sustainability import Boundary

__all__ = [
    "account_criterion",
    "custody_characteristics",
    "custody_claims",
    "footprint_claims",
    "percent",
    "period",
]


_LAST = timedelta(minutes=1)
"""Periods end where the next one starts; a date names the last day inside."""


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
    scheme, _, criterion = account_criterion(pieces, claim.scheme, claim.model)
    what = "Retirement of credits" if claim.register is not None else "Custody certificate"
    return [
        pieces.claim(
            f"{entry.url}#claim-{criterion.id}",
            criterion,
            percent(claim.share),
            entry.valid_from.date(),
            pieces.link(evidence, f"{what} for this product", "dcc"),
            (claim.start.date(), (claim.end - _LAST).date()),
            scheme=scheme,
        )
    ]


def footprint_claims(
    pieces: Fragments, entry: Entry, batch: BatchClaim, certified: tuple[tuple[Boundary, str], ...]
) -> list[Json]:
    """Claims of a passport about its carbon footprint, by boundary, with the certificate behind each."""
    name = pieces.world.scenario.accounting.scheme
    if name is None:
        return []
    found = []
    for boundary, evidence in certified:
        scheme, _, criterion = account_criterion(pieces, name, boundary)
        value = number(batch.footprint.carbon[boundary], 1000)
        link = pieces.link(evidence, f"Footprint certificate, {boundary.replace('-', ' ')}", "dcc")
        claim_id, claimed = f"{entry.url}#claim-footprint-{boundary}", entry.valid_from.date()
        found.append(pieces.claim(claim_id, criterion, value, claimed, link, scheme=scheme))
    return found


def account_criterion(
    pieces: Fragments, scheme: str, name: str
) -> tuple[SchemeEntry, ProfileEntry, CriterionEntry]:
    """The criterion of a custody model or footprint boundary, and the profile that it stands in."""
    entry = pieces.world.schemes[scheme]
    for profile in entry.profiles:
        for criterion in profile.criteria:
            if criterion.id == name:
                return entry, profile, criterion
    raise KeyError(f"scheme {scheme} has no criterion {name}")  # the scenario was checked


def period(start: datetime, end: datetime) -> Json:
    """The accounting period that a statement or claim is about."""
    return {"periodStart": stamp(start), "periodEnd": stamp(end)}


def percent(share: int) -> int | float:
    """Parts per million as per cent."""
    return number(share, PPM // 100)
