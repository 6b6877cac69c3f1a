"""How fast everything goes: lines and docks enough for the demand, stocks that stay small, and whether time suffices.

Goods are pulled, not pushed. A site starts a lot while its stock is below a ceiling; a consignment leaves while the
customer's stock, with what is under way to it, is below another. So stocks, and memory, do not grow with the years.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.operations.graph import Graph, Key, planned_feeds
from assay.simulator.operations.plan import Plan
from assay.simulator.operations.process import KG, lot_size
from assay.simulator.operations.transport import least_minutes, most_minutes
from assay.simulator.scenario import Scenario
from assay.simulator.sites import Route, ScenarioError, SiteEntry

__all__ = ["DAY", "Limit", "Pace", "horizon", "limits", "make_pace"]

DAY = 1440
"""Minutes."""

_TONNE = 1000 * KG
_MONTH = 30 * DAY
_LEAST_PARCEL = 500 * KG
"""Nobody sends less than half a tonne just because a month is over (assumption)."""
_REVIEW = 7 * DAY
"""How often people look at their stocks (assumption): ceilings hold that much more."""
_USED = Fraction(6, 10)
"""Part of the time for which automatic lines are planned to run."""
_SURE = Fraction(85, 100)
"""Part of the planned lots that is needed even with good luck: planning draws the least favourable batch throughout."""


@dataclass(slots=True)
class Pace:
    """Minutes and milligrams."""

    lines: dict[Key, int] = field(default_factory=dict)
    docks: dict[tuple[str, str], int] = field(default_factory=dict)
    ceilings: dict[tuple[str, str], int] = field(default_factory=dict)
    """By facility and product made there: no further lot while as much lies ready. Absent: no ceiling."""
    levels: dict[tuple[str, str], int] = field(default_factory=dict)
    """By facility and product bought: no further consignment while as much lies there or is under way."""
    first: dict[Key, int] = field(default_factory=dict)
    """When a site can start its first lot at the earliest."""
    interval: dict[Key, Fraction] = field(default_factory=dict)
    """Minutes between lots (at markets: between milligrams) of what is asked for over a number of days."""


def horizon(scenario: Scenario) -> int:
    """Minutes from start to ``as_of``."""
    return int((scenario.as_of - scenario.start).total_seconds()) // 60


def routes_by_ends(scenario: Scenario) -> dict[tuple[str, str], tuple[int, Route]]:
    """The routes, with their places in the scenario, by origin and destination."""
    return {(route.origin, route.destination): (place, route) for place, route in enumerate(scenario.routes)}


def work_minutes(entry: SiteEntry) -> int:
    """How long a lot is in work at most."""
    return max(1, entry.days_per_lot * DAY)


def parcels(route: Route, cargo: Mapping[str, int], span: int) -> int:
    """How many consignments a cargo makes within ``span`` minutes: one a month at least where parcels are stated."""
    total = sum(cargo.values())
    if not route.parcel_kg or not total:
        return min(1, total)
    monthly = min(span // _MONTH, total // _LEAST_PARCEL)
    return max(-(-total // int(route.parcel_kg * KG)), monthly)


def span(scenario: Scenario) -> int:
    """Minutes within which goods are asked for."""
    days = [demand.days for demand in scenario.wants]
    stated = [number for number in days if number is not None]
    return max(stated) * DAY if stated and len(stated) == len(days) else horizon(scenario)


def make_pace(scenario: Scenario, graph: Graph, plan: Plan) -> Pace:
    """Raises :class:`ScenarioError` where the time, the lines or a limit cannot suffice."""
    routes = routes_by_ends(scenario)
    for origin, destination in (*plan.shipments, *plan.pickups):
        if (origin, destination) not in routes:
            raise ScenarioError(f"routes: there is none from {origin!r} to {destination!r}; add one")
    _check_limits(scenario, graph, plan)
    pace, end = Pace(), horizon(scenario)
    pace.lines = {key: graph.entries[key].lines or max(1, lots) for key, lots in plan.lots.items()}
    for _ in range(3):  # lines decide when things start, and that decides how many lines it takes
        clock = _Clock(scenario, graph, plan, routes, pace.lines)
        warm = {key: clock.first(key) for key in graph.order}
        for key, lots in plan.lots.items():
            entry = graph.entries[key]
            window = max(DAY, min(end - warm[key], span(scenario)))
            needed = -(-lots * work_minutes(entry) * _USED.denominator // (window * _USED.numerator))
            pace.lines[key] = min(max(1, lots), entry.lines or max(1, needed))
    pace.first = warm
    _check_time(scenario, graph, plan, routes, pace, warm)
    _rates(scenario, graph, plan, routes, pace)
    return pace


class _Clock:
    """When things can be there at the earliest, with so many lines at each site."""

    def __init__(
        self,
        scenario: Scenario,
        graph: Graph,
        plan: Plan,
        routes: Mapping[tuple[str, str], tuple[int, Route]],
        lines: Mapping[Key, int],
    ) -> None:
        self._graph, self._plan, self._routes, self._lines = graph, plan, routes, lines
        self._span = span(scenario)
        self._firsts: dict[Key, int] = {}

    def first(self, key: Key) -> int:
        """When the site can start for the first time: its start day, and a first consignment of every input."""
        known = self._firsts.get(key)
        if known is None:
            entry = self._graph.entries[key]
            known = entry.start_day * DAY
            for product in entry.inputs:
                arrivals = [
                    self._arrival(key, product, feed.origin) for feed, _ in planned_feeds(entry, product)
                ]
                known = max(known, min(arrivals, default=0))
            self._firsts[key] = known
        return known

    def _arrival(self, key: Key, product: str, origin: str) -> int:
        maker = self._graph.makers[origin, product]
        if origin == key[0]:
            return self.ready(maker, product, self._plan.draws.get((key, product), 0))
        cargo = self._plan.shipments.get((origin, key[0]), {})
        route = self._routes[origin, key[0]][1]
        count = parcels(route, cargo, self._span) or 1
        return self.ready(maker, product, cargo.get(product, 0) // count) + least_minutes(route)

    def ready(self, maker: Key, product: str, amount: int) -> int:
        """When ``amount`` of a product can be there where it is made or stored."""
        entry = self._graph.entries[maker]
        if entry.passes_on:
            return self.first(maker)
        if product == entry.product:
            amount -= int(entry.opening_kg * KG)
        if amount <= 0:
            return 0
        least = self._graph.processes[maker].least().get(product, 0)
        lots = int(-(-amount // least) * _SURE) or 1
        rounds = -(-lots // self._lines.get(maker, 1))
        return self.first(maker) + rounds * (work_minutes(entry) * 7 // 8)


def _check_time(
    scenario: Scenario,
    graph: Graph,
    plan: Plan,
    routes: Mapping[tuple[str, str], tuple[int, Route]],
    pace: Pace,
    warm: Mapping[Key, int],
) -> None:
    end = horizon(scenario)
    for key, (_, wish) in plan.demanded.items():
        if warm[key] >= end:
            raise ScenarioError(
                f"sites.{key[0]}: the first {key[1]} cannot be there before day {warm[key] // DAY}, but as_of is "
                f"day {end // DAY} after start; start earlier, or shorten days, routes or parcels before it"
            )
        if not graph.entries[key].passes_on:
            last = warm[key] + -(-wish // pace.lines[key]) * (work_minutes(graph.entries[key]) * 7 // 8)
            if last > end:
                raise ScenarioError(
                    f"sites.{key[0]}: {wish} lots of {key[1]} take until day {last // DAY}, but as_of is day "
                    f"{end // DAY} after start; start earlier, add lines (now {pace.lines[key]}) or lower the demand"
                )
    for key, lots in plan.lots.items():
        entry = graph.entries[key]
        rounds = -(-int(lots * _SURE) // pace.lines[key])
        last = warm[key] + rounds * (work_minutes(entry) * 7 // 8)
        if last > end:
            raise ScenarioError(
                f"sites.{key[0]}.lines: {lots} lots of {key[1]} on {pace.lines[key]} lines take until day {last // DAY}, "
                f"but as_of is day {end // DAY} after start; start earlier, add lines or raise lot_kg"
            )


def _rates(
    scenario: Scenario,
    graph: Graph,
    plan: Plan,
    routes: Mapping[tuple[str, str], tuple[int, Route]],
    pace: Pace,
) -> None:
    end = horizon(scenario)
    window = max(DAY, min((end - pace.first[key] for key in plan.demanded), default=end) * 9 // 10)
    for key, (demand, wish) in plan.demanded.items():
        if demand.days is not None:
            left = end - pace.first[key] - work_minutes(graph.entries[key])
            if demand.days * DAY > left:
                raise ScenarioError(
                    f"demand.days: {demand.days} days do not fit between the first {key[1]} (day "
                    f"{pace.first[key] // DAY}) and as_of (day {end // DAY}); lower days or start earlier"
                )
            pace.interval[key] = Fraction(demand.days * DAY, max(1, wish))
            window = min(window, demand.days * DAY) if len(plan.demanded) == 1 else window
    ceilings: dict[tuple[str, str], int | None] = {}

    def raise_ceiling(place: tuple[str, str], amount: int | None) -> None:
        known = ceilings.get(place, 0)
        ceilings[place] = None if known is None or amount is None else known + amount

    for (origin, destination), cargo in plan.shipments.items():
        route = routes[origin, destination][1]
        count = max(1, parcels(route, cargo, span(scenario)))
        loading = 4 * DAY
        docks = pace.docks[origin, destination] = min(count, 1 + -(-count * loading // window))
        for product, amount in cargo.items():
            parcel, rate = -(-amount // count), Fraction(amount, window)
            raise_ceiling((origin, product), (docks + 1) * parcel if route.parcel_kg else None)
            level = 2 * parcel + int(rate * (most_minutes(route) + _REVIEW) * Fraction(12, 10))
            if route.parcel_kg:
                place = (destination, product)
                pace.levels[place] = pace.levels.get(place, 0) + level
    for (key, product), each in plan.draws.items():
        amount = 2 * each * pace.lines[key]
        if (key[0], product) in pace.levels:
            pace.levels[key[0], product] += amount
        for feed, _ in planned_feeds(graph.entries[key], product):
            if feed.origin == key[0]:
                raise_ceiling((feed.origin, product), amount)
    for (facility, product), ceiling in ceilings.items():
        maker = graph.makers[facility, product]
        entry = graph.entries[maker]
        if ceiling is None or entry.passes_on or (maker in plan.demanded and product == maker[1]):
            continue
        least = graph.processes[maker].least().get(product, 0)
        rate = Fraction(plan.wanted[facility, product], window)
        pace.ceilings[facility, product] = ceiling + 2 * least * pace.lines[maker] + int(rate * _REVIEW)


@dataclass(frozen=True, slots=True)
class Limit:
    """Most that may be made in a calendar year, milligrams; ``wet`` where it is as weighed."""

    key: str
    tonnes: int
    wet: bool


def limits(scenario: Scenario, entry: SiteEntry) -> Iterator[Limit]:
    """The limits on a site: its capacity, and at mines the permits of the facility."""
    if entry.capacity_t_per_year is not None:
        most = int(entry.capacity_t_per_year * _TONNE)
        yield Limit(f"sites.{entry.facility}.capacity_t_per_year", most, wet=False)
    if entry.kind in ("mine", "brine"):
        for permit in scenario.permits:
            if permit.facility == entry.facility:
                yield Limit(
                    f"permits.{permit.number}.annual_limit_t", permit.annual_limit_t * _TONNE, wet=True
                )


def calendar_years(scenario: Scenario) -> range:
    """The calendar years that the scenario touches."""
    last = scenario.as_of.date()
    return range(scenario.start.year, last.year + (last > date(last.year, 1, 1)))


def _check_limits(scenario: Scenario, graph: Graph, plan: Plan) -> None:
    years = len(calendar_years(scenario))
    for key, lots in plan.lots.items():
        entry = graph.entries[key]
        moisture = entry.parameters.get("moisture")
        most_wet = moisture.ppm + moisture.spread_ppm if moisture else 0
        for limit in limits(scenario, entry):
            lot = lot_size(entry)
            if limit.wet:
                lot = lot * PPM // (PPM - most_wet) + 1
            per_year = limit.tonnes // lot
            stated = limit.tonnes // _TONNE
            if lots and not per_year:
                raise ScenarioError(
                    f"{limit.key}: {stated} t a year is less than one lot of {entry.lot_kg} kg; raise it or lower lot_kg"
                )
            if int(lots * _SURE) > per_year * years:
                raise ScenarioError(
                    f"{limit.key}: {stated} t a year allows {per_year * years} lots of {entry.product} in {years} calendar "
                    f"years, but the demand needs {lots}; raise it, lower the demand or add another source"
                )
