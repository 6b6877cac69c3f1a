"""The simulation kernel: an operation runs a scenario on simpy and hands on the facts in order of time.

Everything that varies is drawn from a stream named after the thing it belongs to. Time is whole minutes. Only what is
still in use stays in memory: heaps that are not used up, batches in work, consignments under way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.simulator.facts import Fact, Stocktake
from assay.simulator.operations.floor import Floor
from assay.simulator.operations.graph import build_graph
from assay.simulator.operations.logistics import Logistics
from assay.simulator.operations.pace import DAY, horizon, make_pace
from assay.simulator.operations.plan import make_plan
from assay.simulator.operations.plants import Plants
from assay.simulator.operations.process import KG
from assay.simulator.operations.store import Store
from assay.simulator.scenario import Scenario
from assay.simulator.sites import ScenarioError

__all__ = ["MINUTES_PER_DAY", "Operation", "Store", "run"]

MINUTES_PER_DAY = DAY
_CLOSING = DAY
"""The last stocktake is so long before the world is looked at (assumption)."""


class Operation:
    """A corridor in operation. Raises :class:`ScenarioError` where the plan cannot work.

    ``facts`` may be gone through once; ``stores`` then hold what lies at each facility at the end. Nothing is in work
    then: no batch is begun that would not be finished.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.graph = build_graph(scenario)
        self.plan = make_plan(scenario, self.graph)
        self.pace = make_pace(scenario, self.graph, self.plan)
        self._floor = Floor(scenario, seed, self.graph, self.plan, self.pace)
        self.stores: Mapping[str, Store] = self._floor.stores

    def facts(self) -> Iterator[Fact]:
        """Everything that happens until ``as_of``, in order of time, with a stocktake at the end of each period.

        Raises :class:`ScenarioError` at the end where what was asked for was not made in time.
        """
        floor, end = self._floor, horizon(self.scenario)
        env, news = floor.env, floor.facts
        logistics = Logistics(floor)
        Plants(floor, logistics).start()
        logistics.start()
        for moment in _stocktakes(self.scenario, end):
            while env.peek() <= moment:
                env.step()
                if news:
                    yield from news
                    news.clear()
            yield from _counted(floor, moment)
        while env.peek() < end:
            env.step()
            if news:
                yield from news
                news.clear()
        self._check_done(end)

    def _check_done(self, end: int) -> None:
        for key, (_, wish) in self.plan.demanded.items():
            made, unit = self._floor.made[key], "lots"
            if self.graph.entries[key].passes_on:
                made, wish, unit = made // (1000 * KG), wish // (1000 * KG), "tonnes"
            if made < wish:
                raise ScenarioError(
                    f"sites.{key[0]}: only {made} of {wish} {unit} of {key[1]} were there by as_of "
                    f"({end // DAY} days after start); start earlier, add lines, or raise margin "
                    f"(now {self.scenario.margin.value})"
                )


def _counted(floor: Floor, time: int) -> Iterator[Stocktake]:
    """What lies at each site that makes, converts or stores something. Empty sites have nothing to count."""
    counted = {
        key[0]: None
        for key in floor.graph.order
        if floor.graph.entries[key].kind not in ("supplier", "market")
    }
    for facility in counted:
        items = tuple(floor.stores[facility].contents())
        if items:
            yield Stocktake(facility, time, items)


def _stocktakes(scenario: Scenario, end: int) -> list[int]:
    """When stock is counted: at the end of every accounting period, and a day before the end."""
    period, last = scenario.accounting.period_days * DAY, end - _CLOSING
    return [*range(period, last, period), *([last] if last > 0 else [])]


def run(scenario: Scenario, seed: int) -> Iterator[Fact]:
    """Run the corridor: its facts in order of time. Raises :class:`ScenarioError` where it cannot work."""
    with scenario.telling():
        operation = Operation(scenario, seed)
    return _told(scenario, operation)


def _told(scenario: Scenario, operation: Operation) -> Iterator[Fact]:
    """The facts; an error on the way says in which file and line its key stands."""
    with scenario.telling():
        yield from operation.facts()
