"""Masses that do not add up (F01 to F04, F42)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from assay.harness.graph.reading import members, text
from assay.harness.graph.units import decimal
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Event, Line
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View

__all__ = ["impossible_yield"]

_TOLERANCE = 0.02
"""Part of a mass balance that scales, assays and rounding may account for: the sample criterion of UNTP says 2 %."""
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
