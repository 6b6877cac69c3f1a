"""What the plan of a scenario says of every facility, for those who must choose a place and a time before anything happens."""

from __future__ import annotations

from collections.abc import Mapping

from assay.simulator.operations.graph import build_graph
from assay.simulator.operations.plan import make_plan
from assay.simulator.scenario import Scenario

__all__ = ["planned_lots"]

Plans = Mapping[tuple[str, str], int]
"""Batches by facility and product."""

_last: tuple[Scenario, tuple[str, ...], Plans] | None = None


def planned_lots(scenario: Scenario) -> Plans:
    """The batches that a scenario is planned to make; asked again for the same one and the same demand, none is planned anew.

    :raises ScenarioError: the scenario cannot be planned.
    """
    global _last
    wanted = tuple(want.model_dump_json() for want in scenario.wants)
    if _last is None or _last[0] is not scenario or _last[1] != wanted:
        _last = (scenario, wanted, make_plan(scenario, build_graph(scenario)).lots)
    return _last[2]
