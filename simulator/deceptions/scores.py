"""Levels and criteria that are not what the auditor wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.governance import Finding, months_after
from assay.simulator.governance_entries import AuditEntry
from assay.simulator.issuance.abouts import FacilityRecord, Wish
from assay.simulator.issuance.edits import Edit
from assay.simulator.issuance.governance import Certified, certified
from assay.simulator.issuance.v0_7.ratings import rating
from assay.simulator.scenario import Scenario, SchemeEntry

__all__ = ["AchievementInflation"]

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
