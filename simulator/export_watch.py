"""An assertion that runs along the stream of facts: nothing leaves a nation against its export rules."""

from __future__ import annotations

from collections.abc import Iterable

from assay.simulator.claim_kinds import Claim
from assay.simulator.facts import Departure, Fact
from assay.simulator.governance import Exports
from assay.simulator.sites import ScenarioError
from assay.simulator.world import World

__all__ = ["ExportWatch"]


class ExportWatch:
    """Says nothing; raises :class:`ScenarioError` at the first departure that a rule forbids. Remembers nothing."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exports = Exports(world.scenario)

    def on(self, fact: Fact) -> Iterable[Claim]:
        if isinstance(fact, Departure):
            day = self._world.moment(fact.departed).date()
            for product in {portion.lot.product: None for portion in fact.items}:
                refusal = self._exports.refusal(fact.origin, fact.destination, product, day)
                if refusal is not None:
                    raise ScenarioError(f"governance.export_rules: consignment {fact.consignment}: {refusal}")
        return ()

    def end(self) -> Iterable[Claim]:
        return ()
