"""What the plan of a scenario says of every facility, for those who must choose a place and a time before anything happens."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from assay.simulator.operations.graph import build_graph
from assay.simulator.operations.plan import make_plan
from assay.simulator.scenario import Scenario

__all__ = ["QUARTER", "planned_at", "planned_lots", "shares_of_blends"]

Plans = Mapping[tuple[str, str], int]
"""Batches by facility and product."""

QUARTER = Decimal("0.25")
"""Who delivers up to this share of a blend makes far less than planned, where others fill up."""

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


def planned_at(scenario: Scenario, facility: str) -> int:
    """The lots of main products that a facility is planned to make. Raises what ``planned_lots`` does."""
    return sum(lots for (name, _), lots in planned_lots(scenario).items() if name == facility)


def shares_of_blends(scenario: Scenario) -> Mapping[str, Decimal]:
    """The least share (below 1) that a facility has in a blend of somebody, for those that have one: others may fill up."""
    found: dict[str, Decimal] = {}
    for site in scenario.sites:
        for _, feed in site.feeds():
            if feed.share is not None and feed.share < 1:
                found[feed.origin] = min(feed.share, found.get(feed.origin, feed.share))
    return found
