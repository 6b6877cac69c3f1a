"""Levels and criteria that are not what the auditor wrote (F24, F25, F26)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Attestation, Claim
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import FACILITY, PASSPORT, View

__all__ = ["achievement_inflation"]

_RATINGS = ("fully", "substantially", "partly")
"""How far a criterion is met, best first."""


def _evidenced(view: View, *kinds: str) -> Iterator[tuple[Credential, Claim, Credential, Attestation]]:
    """Claims of passports and records with every attestation that they point to."""
    for kind in kinds:
        for said in view.credentials(kind):
            for claim in said.claims:
                for url in claim.evidence:
                    paper = view.get(url)
                    attestation = paper.attestation if paper is not None else None
                    if paper is not None and attestation is not None:
                        yield said, claim, paper, attestation


# F25


def _ranks(found: Attestation) -> dict[str, int]:
    """Rank of the rating by criterion, 1 is best; the last where several assessments rate it."""
    return {
        criterion: performance.rank
        for assessment in found.assessments
        for performance in assessment.performances
        if performance.rank is not None
        for criterion in assessment.criteria
    }


@oracle("F25")
def achievement_inflation(view: View) -> Iterator[Sighting]:
    """A claim rates a criterion better than the certificate that it points to."""
    raised: dict[str, tuple[str, str, int]] = {}
    for said, claim, paper, attestation in _evidenced(view, PASSPORT, FACILITY):
        ranks = _ranks(attestation)
        claimed = [one.rank for one in claim.performances if one.rank is not None]
        if claimed and any(ranks.get(criterion, 0) > min(claimed) for criterion in claim.criteria):
            number = raised.get(said.url, ("", "", 0))[2] + 1
            raised[said.url] = (said.issuer, paper.url, number)
    for url, (issuer, paper_url, number) in raised.items():
        yield Sighting((url, paper_url), f"{number} ratings above those of the certificate", (issuer,))


@decisive("F25")
def auditors_found_less(truth: Truth, view: View) -> Iterator[Sighting]:
    """The auditors rated a criterion lower than the holder claims."""
    audits = {row["url"]: row["ratings"] for row in truth.acts("certified") if "ratings" in row}
    for kind in (PASSPORT, FACILITY):
        for said in view.credentials(kind):
            wrong = [
                criterion
                for claim in said.claims
                for url in claim.evidence
                for criterion in claim.criteria
                for performance in claim.performances
                if performance.score in _RATINGS
                and (found := audits.get(url, {}).get(_short(criterion))) is not None
                and _RATINGS.index(performance.score) < _RATINGS.index(found)
            ]
            if wrong:
                yield Sighting((said.url,), f"{len(wrong)} ratings nobody gave", (said.issuer,))


def _short(criterion: str) -> str:
    """The scheme's own name of a criterion: its identifier ends in ``/criterion/<name>/<version>``."""
    parts = criterion.rsplit("/", 2)
    return parts[1] if len(parts) == 3 else criterion
