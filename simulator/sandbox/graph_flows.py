"""The rules of the sandbox's graph verifier about matter and time (UNTP Mass Balance pattern)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from assay.simulator.sandbox.graph_reading import (
    Flow,
    Move,
    TrustGraph,
    amount,
    identifier,
    kilometres,
    listed,
    member_of,
)
from assay.simulator.sandbox.graph_rules import Found, Rule

__all__ = ["flow_rules"]

_TOLERANCE = 0.02
_SPEEDS = (("by sea", 46.0), ("by road", 90.0), ("by rail", 120.0))
"""Kilometres an hour, door to door at best."""
_BY_AIR = 950.0
_LOSSLESS = 0.0005
_BOUNDS = {"identity": 5, "segregated": 4}


def flow_rules(tolerance: float = _TOLERANCE) -> tuple[Rule, ...]:
    """The rules, with this much slack for weighing."""

    def balance(graph: TrustGraph) -> Found:
        return _balance(graph, 1 + tolerance)

    return (
        balance,
        _totals,
        _yields,
        _stock,
        _spent,
        _counterparties,
        _bill,
        _order,
        _arrival,
        _speed,
        _custody,
    )


def _sum(flows: Iterable[Flow]) -> float | None:
    total = 0.0
    for flow in flows:
        if flow.kilograms is None:
            return None
        total += flow.kilograms
    return total


def _balance(graph: TrustGraph, slack: float) -> Found:
    """A make event puts out no more matter, and no more of an element, than goes in."""
    for make in graph.makes:
        given, taken = _sum(make.inputs), _sum(make.outputs)
        if not make.inputs or given is None or taken is None:
            continue
        names = ", ".join(flow.product for flow in make.outputs)
        if taken > given * slack:
            yield "graph-mass", f"{names}: {taken:.0f} kg out of {given:.0f} kg"
        grades_in = [(flow, graph.grades(flow.product)) for flow in make.inputs]
        grades_out = [(flow, graph.grades(flow.product)) for flow in make.outputs]
        if any(grades is None for _, grades in (*grades_in, *grades_out)):
            continue
        for element in sorted({e for _, grades in grades_out if grades for e in grades}):
            came, went = _contained(grades_in, element), _contained(grades_out, element)
            if went > came * slack:
                yield "graph-content", f"{names}: {went:.1f} kg of {element} out of {came:.1f} kg"


def _contained(flows: Iterable[tuple[Flow, dict[str, float] | None]], element: str) -> float:
    return sum((flow.kilograms or 0.0) * (grades or {}).get(element, 0.0) for flow, grades in flows)


def _consignments(graph: TrustGraph) -> Iterator[tuple[Move, Flow, float]]:
    """Each product of each consignment once, with what the first record says."""
    seen = set()
    for move in graph.moves:
        for flow in move.goods:
            key = (move.consignment, flow.product)
            if key not in seen and flow.kilograms is not None:
                seen.add(key)
                yield move, flow, flow.kilograms


def _yields(graph: TrustGraph) -> Found:
    """Real plants lose something: two make events that lose nothing at all are too good to be true."""
    perfect = []
    for make in graph.makes:
        for element in sorted({e for flow in make.outputs for e in graph.grades(flow.product) or ()}):
            came = _contained([(flow, graph.grades(flow.product)) for flow in make.inputs], element)
            went = _contained([(flow, graph.grades(flow.product)) for flow in make.outputs], element)
            if came and abs(came - went) < _LOSSLESS * came:
                perfect.append(f"{', '.join(flow.product for flow in make.outputs)} ({element})")
    if len(perfect) > 1:
        yield "graph-yield", f"nothing is lost in making {'; '.join(perfect)}"


def _totals(graph: TrustGraph) -> Found:
    """What the products of a site used, by their intensities a tonne, is no more than the site declares."""
    declared: dict[str, float] = {}
    used: dict[str, float] = {}
    for claim in graph.claims:
        for item in listed(claim.value, "claimedPerformance"):
            metric = identifier(item, "metric").rpartition("/")[2]
            value = amount(member_of(item, "measure", "value"))
            if value is None:
                continue
            if metric == "total-energy-consumption" and not claim.of_product:
                declared[claim.about] = declared.get(claim.about, 0.0) + value
            if metric == "energy-intensity" and claim.of_product:
                for make in graph.makers(claim.about):
                    tonnes = (_made(graph, claim.about, make.at) or 0.0) / 1000
                    used[make.at] = used.get(make.at, 0.0) + value * tonnes
    for facility, total in declared.items():
        if used.get(facility, 0.0) > total * (1 + _TOLERANCE):
            yield "graph-totals", f"{facility}: {used[facility]:.0f} MWh in products of {total:.0f} MWh"


def _made(graph: TrustGraph, product: str, at: str = "") -> float | None:
    """Kilograms of a product that the set shows being made; None where it shows nothing."""
    amounts = [
        flow.kilograms
        for make in graph.makers(product)
        if not at or make.at == at
        for flow in make.outputs
        if flow.product == product and flow.kilograms is not None
    ]
    return sum(amounts) if amounts else None


def _stock(graph: TrustGraph) -> Found:
    """Nothing is sent away that was not there."""
    sent: dict[tuple[str, str], float] = {}
    for move, flow, mass in _consignments(graph):
        key = (move.origin, flow.product)
        sent[key] = sent.get(key, 0.0) + mass
    for (facility, product), mass in sent.items():
        made = _made(graph, product, facility)
        if made is not None and mass > made * (1 + _TOLERANCE):
            yield "graph-stock", f"{product}: {facility} sends {mass:.0f} kg of {made:.0f} kg"


def _spent(graph: TrustGraph) -> Found:
    """No batch is used more than once over."""
    used: dict[str, float] = {}
    for make in graph.makes:
        for flow in make.inputs:
            used[flow.product] = used.get(flow.product, 0.0) + (flow.kilograms or 0.0)
    for product, mass in used.items():
        made = _made(graph, product)
        if made is not None and mass > made * (1 + _TOLERANCE):
            yield "graph-spent", f"{product}: {mass:.0f} kg used of {made:.0f} kg"


def _counterparties(graph: TrustGraph) -> Found:
    """Both ends of a consignment record the same."""
    told: dict[tuple[str, str], dict[str, float]] = {}
    for move in graph.moves:
        for flow in move.goods:
            if flow.kilograms is not None:
                told.setdefault((move.consignment, flow.product), {})[move.issuer] = flow.kilograms
    for (consignment, product), amounts in told.items():
        if min(amounts.values()) < max(amounts.values()) * (1 - _TOLERANCE):
            yield "graph-counterparty", f"{consignment}: the parties differ about {product}"


def _bill(graph: TrustGraph) -> Found:
    """A passport declares no larger share of a material than went in."""
    for make in graph.makes:
        total = _sum(make.inputs)
        if not total:
            continue
        for output in make.outputs:
            for _, passport in graph.passports.get(output.product, ()):
                for material in listed(passport, "materialProvenance"):
                    share, name = amount(material.get("massFraction")), material.get("name")
                    used = sum(flow.kilograms or 0.0 for flow in make.inputs if flow.name == name)
                    if used and share is not None and share > used / total + _TOLERANCE:
                        yield "graph-bill", f"{output.product}: declares {share:.0%} of {name}"


def _order(graph: TrustGraph) -> Found:
    """Nothing is used or sent before it was made."""
    used = [(flow.product, make.when) for make in graph.makes for flow in make.inputs]
    used += [(flow.product, move.when) for move in graph.moves for flow in move.goods]
    for product, when in used:
        made = [make.when for make in graph.makers(product) if make.when]
        if when and made and when < min(made):
            yield "graph-order", f"{product}: used on {when.date()}, made on {min(made).date()}"


def _journeys(graph: TrustGraph) -> Iterator[tuple[str, Move, datetime, datetime]]:
    """First consignment of a product to a facility, and the first use of the product there."""
    for make in graph.makes:
        for flow in make.inputs:
            move = graph.arrivals.get((make.at, flow.product))
            if move is not None and move.when and make.when:
                yield flow.product, move, move.when, make.when


def _arrival(graph: TrustGraph) -> Found:
    """Nothing is used where it was not sent yet."""
    for product, move, sent, used in _journeys(graph):
        made = [make.when for make in graph.makers(product) if make.when]
        # What was used before it was made is the other rule's business.
        if used < sent and not (made and used < min(made)):
            yield "graph-arrival", f"{product}: in use at {move.target} before it was sent there"


def _speed(graph: TrustGraph) -> Found:
    """Nothing arrives faster than its transport goes."""
    for product, move, sent, used in _journeys(graph):
        one, other = graph.coordinates(move.origin), graph.coordinates(move.target)
        if one is None or other is None or used <= sent:
            continue
        bound = next((speed for words, speed in _SPEEDS if words in move.name), _BY_AIR)
        hours = (used - sent).total_seconds() / 3600
        if kilometres(one, other) > bound * hours:
            yield "graph-speed", f"{product}: {kilometres(one, other):.0f} km in {hours:.0f} hours"


def _custody(graph: TrustGraph) -> Found:
    """A custody model is one that the inputs allow."""
    for make in graph.makes:
        for output in make.outputs:
            stated = graph.model(output.product)
            if not stated:
                continue
            inputs = [flow.product for flow in make.inputs if _related(graph, flow.product, output.product)]
            for product in inputs:
                model = graph.model(product)
                if model and model < stated:
                    yield "graph-custody", f"{output.product}: states a stronger model than {product}"
                unknown = graph.grades(product) is None
                if stated >= _BOUNDS["segregated"] and not (
                    model or unknown or _assessed_origin(graph, product)
                ):
                    yield "graph-segregated", f"{output.product}: {product} does not conform itself"
            if stated == _BOUNDS["identity"] and len(_origins(graph, output.product)) > 1:
                yield "graph-identity", f"{output.product}: more than one source"


def _related(graph: TrustGraph, one: str, other: str) -> bool:
    """Whether two products share an element; unknown content counts as shared."""
    a, b = graph.grades(one), graph.grades(other)
    return a is None or b is None or any(a.get(name) and b.get(name) for name in a)


def _assessed_origin(graph: TrustGraph, product: str) -> bool:
    makers = graph.makers(product)
    if any(make.inputs for make in makers):
        return False
    places = {product, *(make.at for make in makers)}
    return any(one.conforms and places & one.objects for one in graph.assessments)


def _origins(graph: TrustGraph, product: str) -> set[str]:
    """Where the lineage of a product begins, as far as the set goes; bounded against circles."""
    found, seen, waiting = set[str](), set[str](), [product]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        makers = graph.makers(name)
        inputs = [
            flow.product for make in makers for flow in make.inputs if _related(graph, flow.product, product)
        ]
        if inputs:
            waiting += inputs
        else:
            found |= {make.at for make in makers} or {name}
    return found
