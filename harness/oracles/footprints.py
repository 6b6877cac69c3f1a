"""Footprints reckoned up from papers: what inputs brought, what their transport added, and what the site caused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assay.harness.graph.reading import members, text
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Event
from assay.harness.oracles.view import View

__all__ = ["CRADLE", "GATE", "Reckoned", "reckoned"]

CRADLE, GATE = "cradle-to-gate", "gate-to-gate"

_TRANSPORT = {"sea": 5.4, "rail": 16.0, "road": 85.0, "barge": 30.0, "conveyor": 20.0, "air": 600.0}
"""Grams of CO2e per tonne-kilometre: GLEC Framework v3 for sea; typical values for the rest (road 60 to 110, unverified)."""
_LEG = re.compile(r"\b(sea|rail|road|barge|conveyor|air) (\d{1,6}) km")
_LEAST = 0.015
"""Part by which a figure may fall short of its inputs: scales, assays and rounding (a claim is wrong from 0.02 on)."""
_MOST_STOPS = 20


@dataclass(frozen=True, slots=True)
class Reckoned:
    """One batch: kilograms of CO2e that its passport states, that its inputs brought to the gate, and that the site caused."""

    passport: Credential
    event: Event
    figure: float
    """As stated, per kilogram."""
    stated: float
    brought: float
    caused: float

    @property
    def short(self) -> bool:
        """Less than the inputs and the process together."""
        return self.stated < (self.brought + self.caused) * (1 - _LEAST)

    @property
    def below_inputs(self) -> bool:
        return self.stated < self.brought * (1 - _LEAST)


class _Ways:
    """What transport added to goods on their way, kilograms of CO2e per kilogram, by the routes that receipts name."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._routes: dict[str, dict[str, float]] = {}
        self._known: dict[tuple[str, str], tuple[str, float]] = {}
        for event in view.events("received"):
            for line in event.items:
                self._known[line.product, event.destination] = (event.facility, self._route(event))

    def _route(self, event: Event) -> float:
        known = self._routes.get(event.url)
        if known is None:
            credential = self._view.get(event.url)
            known = self._routes[event.url] = {}
            for _, one in members(credential.document if credential is not None else {}, "credentialSubject"):
                legs = _LEG.findall(text(one.get("description")) or "")
                known[text(one.get("id")) or ""] = sum(_TRANSPORT[mode] * int(km) for mode, km in legs) / 1e6
        return known.get(event.id, 0.0)

    def to(self, product: str, facility: str) -> float:
        total, here = 0.0, facility
        for _ in range(_MOST_STOPS):
            step = self._known.get((product, here))
            if step is None:
                break
            here, more = step
            total += more
        return total


_CLAIMED = re.compile(r"\bcradle.to.gate\b.* per kilogram of product\b", re.IGNORECASE)


def _figure(passport: Credential) -> float | None:
    """Kilograms of CO2e per kilogram from cradle to gate: as a characteristic, else as claimed."""
    stated = passport.carbon(CRADLE)
    if stated is not None:
        return stated
    return next(
        (
            performance.value
            for claim in passport.claims
            for performance in claim.performances
            if performance.value is not None and _CLAIMED.search(claim.description)
        ),
        None,
    )


def _least_carbon(view: View, product: str) -> float | None:
    """What a product brings per kilogram as weighed: the smallest figure that a passport of it states; None without passport.

    Used packs begin anew, and a passport that gives no figure from cradle to gate brings none that is known.
    """
    passports = view.passports(product)
    if not passports:
        return None
    if "/item/" in product:
        return 0.0
    return min(_figure(one) or 0.0 for one in passports)


def reckoned(view: View) -> Iterator[Reckoned]:
    """Every batch that is all of its make event's product by burden, with a single passport, and whose inputs are all known."""
    ways = _Ways(view)
    for event in view.events("make"):
        outputs = [
            (line.kg, passports[0])
            for line in event.outputs
            if line.kg is not None and len(passports := view.passports(line.product)) == 1
        ]
        if len(outputs) != len(event.outputs) or not outputs:
            continue
        burdened = [(kg, one) for kg, one in outputs if one.carbon(CRADLE) != 0 or one.carbon(GATE) != 0]
        inputs = [(line, _least_carbon(view, line.product)) for line in event.inputs]
        if len(burdened) != 1 or any(line.kg is None or carbon is None for line, carbon in inputs):
            continue
        ((kg, passport),) = burdened
        figure = passport.carbon(CRADLE)
        if figure is None or not inputs:
            continue
        brought = 0.0
        for line, carbon in inputs:
            known = view.passport(line.product)
            grades = known.grades if known is not None else None
            dry = 1 - grades[1] if grades is not None else 1.0
            brought += (line.kg or 0.0) * ((carbon or 0.0) + ways.to(line.product, event.facility) * dry)
        caused = kg * (passport.carbon(GATE) or 0.0)
        yield Reckoned(passport, event, figure, kg * figure, brought, caused)
