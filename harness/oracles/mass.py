"""Masses that do not add up (F01 to F04, F42)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from statistics import mean, stdev
from typing import Any

from assay.harness.graph.reading import member, members, text
from assay.harness.graph.units import decimal, mass_mg
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Event, Line
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View

__all__ = ["double_spend", "impossible_yield", "too_perfect_ledger"]

_TOLERANCE = 0.019
"""Part of a mass balance that scales, assays and rounding may account for: just below the 2 % of UNTP's sample criterion."""
_EXACT = 0.003
"""Part by which papers may differ from the ledger: what scales (0.03 %) and laboratories (0.08 %) err, and a last digit."""


def _held(view: View, lines: Iterable[Line]) -> dict[str, float] | None:
    """Kilograms by element in quantities of an event; None where the grades of one are not known."""
    total: dict[str, float] = {}
    for line in lines:
        passport = view.passport(line.product)
        grades = passport.grades if passport is not None else None
        if grades is None or line.kg is None:
            return None
        for element, grade in grades[0].items():
            total[element] = total.get(element, 0.0) + line.kg * (1 - grades[1]) * grade
    return total


# F02


@oracle("F02")
def impossible_yield(view: View) -> Iterator[Sighting]:
    """More of an element in the outputs of a make event than in its inputs and in materials that passports name beside them."""
    for event in view.events("make"):
        fed, made = _held(view, event.inputs), _held(view, event.outputs)
        if fed is None or made is None:
            continue
        for element, amount in made.items():
            if not 0 < fed.get(element, 0.0) * (1 + _TOLERANCE) < amount:
                continue
            beside = _beside(view, event) * amount
            if (fed[element] + beside) * (1 + _TOLERANCE) < amount:
                papers = (one.url for line in event.outputs for one in view.passports(line.product))
                reason = f"{amount:.4g} kg of {element} out of {fed[element]:.4g} kg"
                yield Sighting((event.url, *papers), reason, (event.issuer,))
                break


def _beside(view: View, event: Event) -> float:
    """Which part of the outputs came from materials that their passports name and the event does not."""
    inputs = [passport for line in event.inputs for passport in view.passports(line.product)]
    listed = {_name(passport).lower() for passport in inputs}
    named = other = 0.0
    for line in event.outputs:
        for passport in view.passports(line.product):
            for _, material in members(passport.document, "credentialSubject", "materialProvenance"):
                share = decimal(material.get("massFraction"))
                name = (text(material.get("name")) or "").lower()
                if share is None:
                    continue
                named += float(share)
                if not any(name == known or name.endswith(f" from {known}") for known in listed):
                    other += float(share)
    return other / named if named else 0.0


def _name(passport: Credential) -> str:
    """The name of the product."""
    subject: Any = passport.subject
    return (text(subject.get("name")) or "") if isinstance(subject, dict) else ""


@decisive("F02")
def fed_without_papers(truth: Truth, view: View) -> Iterator[Sighting]:
    """A make event gives out more of an element than it names and than its maker took back from its own goods."""
    taken = [(row["element"], set(row["lots"]), row["amount_mg"] / 1e6) for row in truth.acts("recirculated")]
    for event in view.events("make"):
        fed, made = _held(view, event.inputs), _held(view, event.outputs)
        if fed is None or made is None:
            continue
        for element, amount in made.items():
            if not 0 < fed.get(element, 0.0) * (1 + _EXACT) < amount:
                continue
            lots = set(truth.lots(event.url))
            own = sum(mass for name, of, mass in taken if name == element and lots & of)
            if (fed[element] + own) * (1 + _EXACT) < amount:
                reason = f"{amount - fed[element] - own:.4g} kg of {element} from nowhere"
                yield Sighting((event.url,), reason, (event.issuer,))
                break


# F03


def _spent(view: View, most: float) -> Iterator[tuple[Credential, float, float, list[tuple[float, Event]]]]:
    """Batches of which make events draw more than they weigh, beyond a part of it: passport, weight, sum,
    and draws in the order of time."""
    drawn: dict[str, list[tuple[float, Event]]] = {}
    for event in view.events("make"):
        for line in event.inputs:
            if line.kg is not None:
                drawn.setdefault(line.product, []).append((line.kg, event))
    for product, draws in drawn.items():
        passport = view.passport(product)
        weight = mass_mg(member(passport.subject, "dimensions", "weight")) if passport is not None else None
        total = sum(kg for kg, _ in draws)
        if passport is not None and weight and total > weight / 1e6 * (1 + most):
            yield passport, weight / 1e6, total, draws


@oracle("F03")
def double_spend(view: View) -> Iterator[Sighting]:
    """Make events together draw more of a batch than its passport says it weighs."""
    for passport, weight, total, draws in _spent(view, _TOLERANCE):
        sums = accumulate(kg for kg, _ in draws)
        first = next(
            event for (_, event), sum_ in zip(draws, sums, strict=True) if sum_ > weight * (1 + _TOLERANCE)
        )
        reason = f"{total:.5g} kg drawn of {weight:.5g} kg"
        yield Sighting((first.url, passport.url), reason, (first.issuer,))


@decisive("F03")
def drew_less(truth: Truth, view: View) -> Iterator[Sighting]:
    """A make event says that it drew more of a batch than it did, and all together say more than there was."""
    for passport, weight, _, draws in _spent(view, _EXACT * 2):
        for event in {event.url: event for _, event in draws}.values():
            said = sum(line.kg or 0.0 for line in event.inputs if line.product == passport.product)
            lots, made = truth.lots(passport.url), set(truth.lots(event.url))
            drew = sum(
                portion["mass"] / 1e6 / (1 - (passport.grades[1] if passport.grades else 0.0))
                for lot in lots
                for row in truth.lot(lot)
                if row["fact"] == "conversion" and made & {out["lot"] for out in row["outputs"]}
                for portion in row["inputs"]
                if portion["lot"] == lot
            )
            if made and said - drew > weight * _EXACT * 2:
                reason = f"{said:.5g} kg where {drew:.5g} kg were drawn"
                yield Sighting((event.url,), reason, (event.issuer,))


# F42

_EVEN = 250e-6
"""Relative scatter of yields below which no plant's books lie whose process is not all but without loss: scales and
laboratories alone make 600 millionths, a process with losses at least 1400."""
_LOSSLESS = 0.99
"""Yield above which a process may be as even as its meters."""
_TELLING = 5
"""Yields from which on their scatter tells something."""


def _yields(view: View) -> Iterator[tuple[str, list[tuple[Event, float]]]]:
    """Yields of all batches of a plant by element, without those that were worked up again."""
    found: dict[tuple[str, str], list[tuple[Event, float]]] = {}
    for event in view.events("make"):
        passports = [passport for line in event.inputs for passport in view.passports(line.product)]
        if any(passport.facility == event.facility for passport in passports):
            continue
        fed, made = _held(view, event.inputs), _held(view, event.outputs)
        if fed is None or made is None:
            continue
        for element, amount in made.items():
            if fed.get(element):
                found.setdefault((event.facility, element), []).append((event, amount / fed[element]))
    for (_, element), rows in found.items():
        if len(rows) >= _TELLING:
            yield element, rows


def _scatter(values: Iterable[float]) -> float:
    """Relative standard deviation."""
    listed = list(values)
    return stdev(listed) / mean(listed)


@oracle("F42")
def too_perfect_ledger(view: View) -> Iterator[Sighting]:
    """The yields of a lossy process scatter less than scales and laboratories do."""
    for element, rows in _yields(view):
        values = [value for _, value in rows]
        if mean(values) < _LOSSLESS and _scatter(values) < _EVEN:
            reason = f"{len(values)} yields of {element} scatter by {_scatter(values) * 1e6:.0f} millionths"
            yield Sighting(tuple(event.url for event, _ in rows), reason, (rows[0][0].issuer,))


@decisive("F42")
def yields_were_uneven(truth: Truth, view: View) -> Iterator[Sighting]:
    """Stated yields scatter far less than the true ones, and lie further from them than meters err."""
    for element, rows in _yields(view):
        true = [_true_yield(truth, event, element) for event, _ in rows]
        pairs = [(event, said, real) for (event, said), real in zip(rows, true, strict=True) if real]
        if len(pairs) < _TELLING:
            continue
        wrong = max(abs(said / real - 1) for _, said, real in pairs)
        said, real = _scatter(said for _, said, _ in pairs), _scatter(real for _, _, real in pairs)
        if said < _EVEN and said * 3 < real and wrong > _EXACT / 2:
            reason = f"yields of {element} scattered by {real * 1e6:.0f} millionths, not by {said * 1e6:.0f}"
            yield Sighting(tuple(event.url for event, _, _ in pairs), reason, (rows[0][0].issuer,))


def _true_yield(truth: Truth, event: Event, element: str) -> float:
    """What a batch really recovered of an element; 0 where nobody knows."""
    made = set(truth.lots(event.url))
    for lot in sorted(made):
        for row in truth.lot(lot):
            if row["fact"] == "conversion" and made & {out["lot"] for out in row["outputs"]}:
                fed, out = (
                    sum(one["elements"].get(element, 0) for one in row[name])
                    for name in ("inputs", "outputs")
                )
                return float(out / fed) if fed else 0.0
    return 0.0
