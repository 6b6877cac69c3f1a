"""Levels and criteria that are not what the auditor wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.issuance.abouts import FacilityRecord, Wish
from assay.simulator.issuance.edits import Edit
from assay.simulator.issuance.governance import Certified, certified
from assay.simulator.issuance.v0_7.ratings import rating
from assay.simulator.scenario import Scenario

__all__ = ["AchievementInflation"]


@pattern("F25")
class AchievementInflation(Deception):
    """A facility record rates itself above its certificate: so many of its ratings (severity) are raised to "fully".

    The twin says as much more about itself, but truthfully: the share of requirements that its certificate found met.
    """

    needs = "facilities with an audit of a scheme with levels that left something short of full marks"

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return [audit.facility for audit in scenario.governance.audits if audit.level != "100"]

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if self.struck or not isinstance(about, FacilityRecord) or about.earlier:
            yield wish
            return
        shown = list(certified(self.world, about.facility, wish.valid_from))
        new = self._truthful(wish, about, shown) if self.honest else self._raised(wish, shown)
        if new is None:
            yield wish
            return
        self.label.root(wish)
        self.label.span(wish.valid_from, wish.valid_until)
        yield self.replaced(wish, new)

    def _raised(self, wish: Wish, shown: list[Certified]) -> Wish | None:
        weak = [
            f"{one.scheme.id}-{finding.criterion.id}"
            for one in shown
            for finding in one.found
            if finding.rating == "substantially"
        ]
        if not weak:
            return None
        number = max(1, len(weak) * self.severity // WHOLE)
        pointer = "/credentialSubject/performanceClaim/?id~#claim-{}/claimedPerformance/0/score"
        edits = tuple(Edit(pointer.format(name), rating("fully")) for name in weak[:number])
        self.label.told(
            claimed=f"{number} criteria fully met",
            true=f"{number} criteria substantially met",
            unit="ratings",
        )
        return replace(wish, edits=(*wish.edits, *edits))

    def _truthful(self, wish: Wish, about: FacilityRecord, shown: list[Certified]) -> Wish | None:
        if not shown:
            return None
        one = shown[0]
        met = sum(finding.met for finding in one.found) * 100 // len(one.found)
        words = f"{about.facility.description} Its {one.scheme.name} certificate found {met} % of the requirements met."
        self.label.told(
            claimed=f"{met} % of requirements met", true=f"{met} % of requirements met", unit="requirements"
        )
        return replace(wish, edits=(*wish.edits, Edit("/credentialSubject/description", words)))
