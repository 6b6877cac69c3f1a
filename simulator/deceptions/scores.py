"""Levels and criteria that are not what the auditor wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from assay.simulator.claim_kinds import Claim, SiteClaim
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.governance import Finding, months_after
from assay.simulator.governance_entries import AuditEntry
from assay.simulator.issuance.abouts import FacilityRecord, Passport, Wish
from assay.simulator.issuance.edits import Edit
from assay.simulator.issuance.governance import Certified, certified
from assay.simulator.issuance.names import scheme_uris, site_certificate_url
from assay.simulator.issuance.v0_7.fragments import metric, topic
from assay.simulator.issuance.v0_7.ratings import rating
from assay.simulator.scenario import CriterionEntry, Scenario, SchemeEntry
from assay.simulator.world import World

__all__ = ["AchievementInflation", "CriterionSwap", "SiteMarkAsProductClaim"]

_RECORD = timedelta(days=10)
"""From the day of a facility record to the scenario's start."""


def _shows(scenario: Scenario, audit: AuditEntry) -> bool:
    """Whether the record of the audited facility rests on this audit: published before it, in force to the end."""
    cycle = next(scheme.cycle for scheme in scenario.schemes if scheme.id == audit.scheme)
    if cycle is None:
        return False
    until = months_after(audit.published, cycle.valid_months + cycle.corrective_months)
    return until > scenario.as_of.date() and _at(audit) < scenario.start - _RECORD


def _at(audit: AuditEntry) -> datetime:
    return datetime.combine(audit.published, time(23), UTC)


def _short_of_best(scheme: SchemeEntry, level: str) -> bool:
    """Whether a level leaves something short of full marks that is met all the same, and is not the best."""
    score = next(score for score in scheme.scores if score.code == level)
    return 0 < score.least_share < 1


def _criteria(scheme: SchemeEntry, subject: str) -> list[CriterionEntry]:
    """Criteria of the profiles of a scheme for facilities or products."""
    return [c for profile in scheme.profiles if profile.subject == subject for c in profile.criteria]


def _reference(world: World, scheme: SchemeEntry, criterion: CriterionEntry) -> dict[str, object]:
    uri = f"{scheme_uris(world, scheme.id)[0]}/criterion/{criterion.id}/{criterion.version}"
    return {"type": ["Criterion"], "id": uri, "name": criterion.name}


def _claim(shown: Certified, finding: Finding) -> str:
    """Pointer to what a record claims on a finding."""
    name = f"#claim-{shown.scheme.id}-{finding.criterion.id}"
    return f"/credentialSubject/performanceClaim/?id~{name}"


@pattern("F25")
class AchievementInflation(Deception):
    """A facility record rates itself above its certificate: so many of its ratings (severity) are raised to "fully".

    The link to the certificate names the next better level. The twin's link says as much more, but truthfully: the level
    that was reached and the share of requirements that the audit found met, which is higher than the level's name.
    """

    needs = "facilities with an audit of a scheme with levels that left something short of full marks"
    heeds = frozenset({FacilityRecord})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        schemes = {scheme.id: scheme for scheme in scenario.schemes}
        return dict.fromkeys(
            audit.facility
            for audit in scenario.governance.audits
            if _shows(scenario, audit)
            and all(
                _short_of_best(schemes[audit.scheme], level)
                for level in {audit.level, audit.renewed_level or audit.level}
            )
        )

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if self.struck or not isinstance(about, FacilityRecord) or about.earlier:
            yield wish
            return
        weak = [
            (shown, finding)
            for shown in certified(self.world, about.facility, wish.valid_from)
            for finding in shown.found
            if finding.rating == "substantially"
        ]
        if not weak:
            yield wish
            return
        chosen = weak[: max(1, len(weak) * self.severity // WHOLE)]
        edits = self._truthful(chosen) if self.honest else self._raised(chosen)
        self.label.root(wish)
        self.label.span(wish.valid_from, wish.valid_until)
        yield self.replaced(wish, replace(wish, edits=(*wish.edits, *edits)))

    def _raised(self, chosen: list[tuple[Certified, Finding]]) -> list[Edit]:
        number = len(chosen)
        self.label.told(
            claimed=f"{number} criteria fully met",
            true=f"{number} criteria substantially met",
            unit="ratings",
        )
        edits = []
        for shown, finding in chosen:
            at = _claim(shown, finding)
            edits.append(Edit(f"{at}/claimedPerformance/0/score", rating("fully")))
            edits.append(Edit(f"{at}/evidence/0/linkName", f"Certificate, level {_better(shown)}"))
        return edits

    def _truthful(self, chosen: list[tuple[Certified, Finding]]) -> list[Edit]:
        edits = []
        for shown, finding in chosen:
            met = sum(found.met for found in shown.found) * 100 // len(shown.found)
            words = f"Certificate, level {shown.audit.level}, {met} % of requirements met"
            edits.append(Edit(f"{_claim(shown, finding)}/evidence/0/linkName", words))
            told = f"{met} % of requirements met"
            self.label.told(claimed=told, true=told, unit="requirements")
        return edits


def _better(shown: Certified) -> str:
    """The level above the one that was reached."""
    ranked = sorted(shown.scheme.scores, key=lambda score: score.rank)
    place = next(n for n, score in enumerate(ranked) if score.code == shown.audit.level)
    return ranked[max(place - 1, 0)].code


# F24

_MOST_PASSPORTS = 10


@pattern("F24")
class SiteMarkAsProductClaim(Deception):
    """Passports claim a criterion of the site, with the site's certificate, of the product; severity says how many of ten.

    That claim stands in place of the one about due diligence. The passports say "from a certified site", and so do those of
    the twin, which claims nothing more than that: the criterion and the certificate stand in the record of its site.
    """

    needs = "plants with a site certificate whose products have a certificate and no account of custody"
    waits = False
    hears = frozenset({SiteClaim})
    heeds = frozenset({Passport})
    _site: SiteClaim | None = None

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        kept = {facility for account in scenario.custody for facility in account.facilities}
        kept |= {account.claimant.facility for account in scenario.custody if account.claimant is not None}
        return dict.fromkeys(
            site.facility
            for site in scenario.sites
            if site.performance and site.inputs and not site.passes_on and site.facility not in kept
        )

    def setup(self) -> None:
        self._left = max(1, _MOST_PASSPORTS * self.severity // WHOLE)

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if isinstance(claim, SiteClaim):
            self._site = claim
        yield claim

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about, site = wish.about, self._site
        if (
            not isinstance(about, Passport)
            or not self._left
            or not self.ready
            or site is None
            or about.batch.lot.facility != self.target
            or about.certificate is None
            or about.custody is not None
            or not self.takes(about.batch.lot.id)
        ):
            yield wish
            return
        self._left -= 1
        lot = about.batch.lot
        words = self.world.products[lot.product].description
        edits = [Edit("/credentialSubject/description", f"{words} From a certified site.")]
        if not self.honest:
            edits += self._sold(site)
            self.taint(lot)
        self.label.root(wish)
        self.label.target(lot.id)
        self.label.span(wish.valid_from, wish.valid_from)
        claimed = "site" if self.honest else "product"
        self.label.told(claimed=f"a certified {claimed}", true="a certified site", unit="what was assessed")
        yield self.replaced(wish, replace(wish, edits=(*wish.edits, *edits)))

    def _sold(self, site: SiteClaim) -> list[Edit]:
        """The last product claim turned into one under a criterion of the site."""
        world = self.world
        scheme, facility = world.schemes[world.scenario.scheme], world.facilities[self.target]
        of_product = _criteria(scheme, "product")[-1]
        shown = [c for c in _criteria(scheme, "facility") if c.id in site.values]
        # one that takes about as many words: length would tell
        criterion = min(shown, key=lambda one: (abs(_words(one) - _words(of_product)), one.id))
        claim = f"/credentialSubject/performanceClaim/?id~#claim-{of_product.id}"
        value = float(site.values[criterion.id])
        performance = {
            "metric": metric(criterion.metric), "measure": {"value": value, "unit": criterion.unit},
        }  # fmt: skip
        return [
            Edit(f"{claim}/name", criterion.name),
            Edit(f"{claim}/description", criterion.description),
            Edit(f"{claim}/referenceCriteria/0", _reference(world, scheme, criterion)),
            Edit(f"{claim}/claimedPerformance/0", performance),
            Edit(f"{claim}/evidence/0/linkURL", site_certificate_url(world, facility)),
            Edit(f"{claim}/conformityTopic/0", topic(criterion.topic)),
        ]


def _words(criterion: CriterionEntry) -> int:
    """Length of what a claim says of its criterion."""
    return len(criterion.name) + len(criterion.description)


# F26


def _namesakes(scenario: Scenario, *, recognised: bool) -> list[tuple[str, SchemeEntry, CriterionEntry]]:
    """Criteria of the scenario's scheme for sites, each with one of another scheme that measures the same.

    ``recognised``: the other scheme publishes that it accepts the assessment; otherwise it does not.
    """
    schemes = {scheme.id: scheme for scheme in scenario.schemes}
    found = []
    for criterion in _criteria(schemes[scenario.scheme], "facility"):
        name = f"{scenario.scheme}/{criterion.id}"
        for scheme in scenario.schemes:
            close = [
                other
                for other in _criteria(scheme, "facility")
                if other.metric == criterion.metric and (name in other.recognises) == recognised
            ]
            if scheme.id != scenario.scheme and close:
                found.append((criterion.id, scheme, close[0]))
                break
    return found


@pattern("F26")
class CriterionSwap(Deception):
    """A facility record claims under criteria of another scheme what was audited under its own, which have similar names.

    So many of the criteria that have a namesake (severity). The twin does so where the other scheme accepts the assessment,
    and publishes that.
    """

    needs = "facilities with yearly figures and no other audit, and two schemes that measure the same"
    heeds = frozenset({FacilityRecord})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        if not all(_namesakes(scenario, recognised=kind) for kind in (False, True)):
            return ()
        names = {name for kind in (False, True) for name, _, _ in _namesakes(scenario, recognised=kind)}
        audited = {audit.facility for audit in scenario.governance.audits}
        return dict.fromkeys(
            site.facility
            for site in scenario.sites
            if names <= set(site.performance) and site.facility not in audited
        )

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if (
            self.struck
            or not isinstance(about, FacilityRecord)
            or about.site is None
            or about.certificate is None
        ):
            yield wish
            return
        known = _namesakes(self.world.scenario, recognised=self.honest)
        chosen = known[: max(1, len(known) * self.severity // WHOLE)]
        edits = []
        for name, scheme, criterion in chosen:
            claim = f"/credentialSubject/performanceClaim/?id~#claim-{name}"
            edits += [
                Edit(f"{claim}/name", criterion.name),
                Edit(f"{claim}/description", criterion.description),
                Edit(f"{claim}/referenceCriteria/0", _reference(self.world, scheme, criterion)),
            ]
        self.label.root(wish)
        self.label.span(wish.valid_from, wish.valid_until)
        own = self.world.scenario.scheme
        self.label.told(
            claimed=", ".join(f"{scheme.id}/{criterion.id}" for _, scheme, criterion in chosen),
            true=", ".join(f"{own}/{name}" for name, _, _ in chosen),
            unit="criterion",
        )
        yield self.replaced(wish, replace(wish, edits=(*wish.edits, *edits)))
