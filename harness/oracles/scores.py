"""Levels and criteria that are not what the auditor wrote (F24, F25, F26)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.graph.reading import members, text
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Attestation, Claim
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import FACILITY, PASSPORT, View

__all__ = ["achievement_inflation", "criterion_swap", "site_mark_as_product_claim"]

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


# F24


@oracle("F24")
def site_mark_as_product_claim(view: View) -> Iterator[Sighting]:
    """A product claim rests on assessments of facilities only, and no custody of the goods is stated."""
    rested: dict[str, dict[str, list[Attestation]]] = {}
    issuers = {}
    for said, claim, _, attestation in _evidenced(view, PASSPORT):
        if not said.custody and not attestation.permit:
            issuers[said.url] = said.issuer
            rested.setdefault(said.url, {}).setdefault(claim.id, []).append(attestation)
    for url, claims in rested.items():
        if any(
            any(paper.facilities for paper in papers) and not any(paper.products for paper in papers)
            for papers in claims.values()
        ):
            yield Sighting((url,), "claims of the product what was assessed of a site", (issuers[url],))


@decisive("F24")
def only_the_site_was_assessed(truth: Truth, view: View) -> Iterator[Sighting]:
    """A product claim rests on a visit that looked at a site and at no lot or product; no custody account has the lot."""
    visits = {
        row["url"]: row.get("lots") or row.get("product") or ()
        for row in truth.acts("certified")
        if row.get("facility")
    }
    for said in view.credentials(PASSPORT):
        claims = [[url for url in claim.evidence if url in visits] for claim in said.claims]
        if not any(urls and not any(visits[url] for url in urls) for urls in claims):
            continue
        lots = truth.lots(said.url)
        if lots and not any(row.get("custody") for lot in lots for row in truth.account(lot)):
            yield Sighting((said.url,), "nobody assessed the product", (said.issuer,))


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


# F26


def _accepted(view: View) -> set[tuple[str, str]]:
    """Pairs of criteria: an assessment of the second is accepted for the first, as schemes publish."""
    found = set()
    for register in view.resources("open-data"):
        if register.url.endswith("/equivalent-criteria"):
            for _, entry in members(register.json, "entries"):
                found.add((text(entry.get("criterion")) or "", text(entry.get("recognises")) or ""))
    return found


@oracle("F26")
def criterion_swap(view: View) -> Iterator[Sighting]:
    """A claim names no criterion that its evidence assessed, and no scheme publishes that one counts for the other."""
    accepted = _accepted(view)
    reported = set()
    for said, claim, paper, attestation in _evidenced(view, PASSPORT, FACILITY):
        assessed = attestation.criteria
        if not claim.criteria or not assessed or said.url in reported:
            continue
        if not any((one, other) in accepted or one == other for one in claim.criteria for other in assessed):
            reported.add(said.url)
            yield Sighting((said.url, paper.url), "claimed and assessed criteria differ", (said.issuer,))


@decisive("F26")
def audited_under_another_scheme(truth: Truth, view: View) -> Iterator[Sighting]:
    """The certifier worked under another scheme than the one whose criterion is claimed, and that scheme does not accept it."""
    schemes = {row["url"]: row["scheme"] for row in truth.acts("certified") if "scheme" in row}
    accepted = _accepted(view)
    for kind in (PASSPORT, FACILITY):
        for said in view.credentials(kind):
            for claim in said.claims:
                under = {schemes[url] for url in claim.evidence if url in schemes}
                if not under or not claim.criteria:
                    continue
                wanted = {*claim.criteria, *(two for one, two in accepted if one in claim.criteria)}
                if not any(one.startswith(f"{scheme}/") for one in wanted for scheme in under):
                    yield Sighting((said.url,), "audited under another scheme", (said.issuer,))
                    break
