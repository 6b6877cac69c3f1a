"""What the plan of a scenario says of every facility, for those who must choose a place and a time before anything happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from assay.simulator.operations.graph import build_graph
from assay.simulator.operations.pace import parcels, routes_by_ends, span
from assay.simulator.operations.plan import Plan, make_plan
from assay.simulator.scenario import Scenario

__all__ = [
    "demanded_lots",
    "planned_at",
    "planned_deliveries",
    "planned_lots",
    "shares_of_blends",
    "sure_part",
]

Plans = Mapping[tuple[str, str], int]
"""Batches by facility and product."""

_QUARTER = Decimal("0.25")
"""Who delivers up to this share of a blend makes far less than planned, where others fill up."""
_NOTHING_LESS, _TOGETHER = 100, 97
"""Hundredths of its planned batches that a facility makes at the least: of one product, and of several out of one run."""
_MADE, _SENT = (46, 96, 80), (33, 94, 60)
"""The same of who delivers up to a quarter of a blend, up to half, and more; and of its consignments (measured on ``crossroads``)."""

Deliveries = Mapping[tuple[str, str], int]
"""Consignments by origin and destination."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """A plan, what it was made of, and the consignments that follow from it."""

    basis: tuple[object, ...]
    plan: Plan
    deliveries: Deliveries


_last: _Planned | None = None


def _planned(scenario: Scenario) -> _Planned:
    """The plan of a scenario; asked again where only parties and facilities have joined, none is planned anew."""
    global _last
    basis = _basis(scenario)
    if _last is None or [*map(id, basis)] != [*map(id, _last.basis)]:
        plan = make_plan(scenario, build_graph(scenario))
        _last = _Planned(basis, plan, _deliveries(scenario, plan))
    return _last


def _basis(scenario: Scenario) -> tuple[object, ...]:
    """What a plan and its consignments follow from. Kept with them, so that the same ones are the very same."""
    return (
        scenario.sites, scenario.routes, scenario.permits, scenario.start, scenario.as_of, scenario.margin,
        scenario.demand, *scenario.demands,
    )  # fmt: skip


def _deliveries(scenario: Scenario, plan: Plan) -> Deliveries:
    routes, minutes, shares = routes_by_ends(scenario), span(scenario), shares_of_blends(scenario)
    return {
        ends: parcels(routes[ends][1], cargo, minutes) * _sent_part(shares.get(ends[0])) // 100
        for ends, cargo in plan.shipments.items()
        if ends in routes
    }


def planned_lots(scenario: Scenario) -> Plans:
    """The batches that a scenario is planned to make.

    :raises ScenarioError: the scenario cannot be planned.
    """
    return _planned(scenario).plan.lots


def planned_deliveries(scenario: Scenario, facility: str, *, inbound: bool = False) -> int:
    """The planned consignments from a facility, or to it; fewer where others may fill up. None of what is fetched as it comes.

    Raises what ``planned_lots`` does.
    """
    return sum(many for ends, many in _planned(scenario).deliveries.items() if ends[inbound] == facility)


def planned_at(scenario: Scenario, facility: str) -> int:
    """The lots of main products that a facility is planned to make. Raises what ``planned_lots`` does."""
    return sum(lots for (name, _), lots in planned_lots(scenario).items() if name == facility)


def demanded_lots(scenario: Scenario) -> Plans:
    """Of the planned batches, those that are asked for whatever others make of it. Raises what ``planned_lots`` does."""
    plan = _planned(scenario).plan
    return {key: lots for key, (_, lots) in plan.demanded.items() if key in plan.lots}


def shares_of_blends(scenario: Scenario) -> Mapping[str, Decimal]:
    """The least share (below 1) that a facility has in a blend of somebody, for those that have one: others may fill up."""
    found: dict[str, Decimal] = {}
    for site in scenario.sites:
        for _, feed in site.feeds():
            if feed.share is not None and feed.share < 1:
                found[feed.origin] = min(feed.share, found.get(feed.origin, feed.share))
    return found


def _sent_part(share: Decimal | None) -> int:
    """Hundredths of its planned consignments that a facility sends at the least, with its share of a blend."""
    return _NOTHING_LESS if share is None else _SENT[_size(share)]


def _size(share: Decimal) -> int:
    """Whether a share of a blend is a quarter or less (0), up to half (1), or more (2)."""
    return (share > _QUARTER) + (share > 2 * _QUARTER)


def sure_part(share: Decimal | None, products: int = 1) -> int:
    """Hundredths of its planned batches that a facility makes at the least, with its share of a blend and how many products it has."""
    if share is None:
        return _TOGETHER if products > 1 else _NOTHING_LESS
    return _MADE[_size(share)]
