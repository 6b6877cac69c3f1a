"""What a country exports as its own, against what is made there (F10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assay.harness.audit.words import capacity_in
from assay.harness.graph.reading import member, text
from assay.harness.oracles.reading import Event
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.trade import papers
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import PASSPORT, View

__all__ = ["Countries", "smuggled_transit"]

_DECLARED = re.compile(r"HS (\S{1,20}): ([\d,]{1,20}\.\d{3}) kg, customs origin ([A-Z]{2}),")
_TOLERANCE = 0.02
"""Of what a country can make: less is within what scales and capacities on paper err."""


@dataclass(frozen=True, slots=True)
class _Export:
    """Goods that leave a country of which they are declared to be, from a place that did not make them."""

    event: Event
    country: str
    products: tuple[str, ...]
    kilograms: float


class Countries:
    """Which country a facility lies in, and what is made in each: looked up once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, str] = {}
        self._makers: dict[tuple[str, str], set[str]] | None = None

    def of(self, facility: str) -> str:
        """The country of a facility, as its record says; an empty string where there is none."""
        if facility not in self._known:
            sites = (record.site for record in self._view.facility_records(facility))
            self._known[facility] = next((site.country for site in sites if site is not None), "")
        return self._known[facility]

    def possible_kg(self, country: str, model: str) -> float | None:
        """What the makers of a product in a country can make in a year: nothing without any, None where one does not say."""
        if self._makers is None:
            self._makers = {}
            for passport in self._view.credentials(PASSPORT):
                key = self.of(passport.facility), text(member(passport.subject, "modelNumber")) or ""
                self._makers.setdefault(key, set()).add(passport.facility)
        total = 0.0
        for facility in self._makers.get((country, model), ()):
            records = self._view.facility_records(facility)
            stated = [capacity_in(text(member(one.subject, "description")) or "") for one in records]
            known = [one.mg for one in stated if one is not None]
            if not known:
                return None
            total += max(known) / 1_000_000
        return total


def _own_exports(view: View, countries: Countries) -> Iterator[_Export]:
    """Exports from places that only pass on, declared to be of the country that they leave, in the order of time."""
    for event in view.events("sent"):
        here = countries.of(event.facility)
        if not here or here == countries.of(event.destination):
            continue
        products = tuple(line.product for line in event.items)
        if any(_made_at(view, product) == event.facility for product in products):
            continue
        declared = [
            found for words in papers(view, event, "declarations") for found in _DECLARED.findall(words)
        ]
        kilograms = sum(float(mass.replace(",", "")) for _, mass, origin in declared if origin == here)
        if kilograms:
            yield _Export(event, here, products, kilograms)


def _made_at(view: View, product: str) -> str:
    passport = view.passport(product)
    return passport.facility if passport is not None else ""


def _model(view: View, products: tuple[str, ...]) -> str:
    for product in products:
        passport = view.passport(product)
        if passport is not None:
            return text(member(passport.subject, "modelNumber")) or ""
    return ""


@oracle("F10")
def smuggled_transit(view: View) -> Iterator[Sighting]:
    """With this consignment, a country has exported more of its own in the year than can be made there."""
    countries, sums = Countries(view), dict[tuple[str, str, int], float]()
    for export in _own_exports(view, countries):
        model = _model(view, export.products)
        if not model or export.event.time is None:
            continue
        possible = countries.possible_kg(export.country, model)
        key = export.country, model, export.event.time.year
        sums[key] = sums.get(key, 0.0) + export.kilograms
        if possible is not None and sums[key] > possible * (1 + _TOLERANCE):
            said = (
                f"{sums[key]:,.0f} kg of {export.country} in {key[2]}, where {possible:,.0f} kg can be made"
            )
            yield Sighting((export.event.url,), said, (export.event.issuer,))


@decisive("F10")
def came_over_the_border(truth: Truth, view: View) -> Iterator[Sighting]:
    """Exported as of a country in which, by the ledger, nothing in the consignment came into being."""
    countries = Countries(view)
    for export in _own_exports(view, countries):
        sites = {
            row["facility"]
            for lot in truth.lots(export.event.url)
            for row in truth.lot(lot)
            if any(out["lot"] == lot for out in row.get("outputs", ()))
        }
        made_in = {countries.of(truth.facility(site) or "") for site in sites}
        if sites and export.country not in made_in:
            said = f"it came from {', '.join(sorted(made_in))}"
            yield Sighting((export.event.url,), said, (export.event.issuer,))
