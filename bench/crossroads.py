"""A larger crossroads: as many parallel corridors as wanted, each with everything that the scenario ``crossroads`` has.

    python bench/crossroads.py --corridors 5 --load 4 --out big.yaml    # about 10,000 consignments
    assay simulate big.yaml --out world --format jsonl

The scenario ``crossroads`` (``fixtures/scenarios/crossroads.yaml``) has two of nearly everything: terminals, smelters, leach
plants, recyclers, accounts of each custody model. Every further corridor is a copy of it some kilometres away, with sites,
companies, permits, titles, audits, consents, licences and accounts of its own; nations, public bodies, certifiers, holdings,
layers of land and export rules are shared. So five corridors hold at least ten of each, enough for five frauds and
five honest twins of every pattern that wants a place of its own.

``load`` multiplies what is asked for, and with it permits, capacities, licences and quotas, so that limits stay as tight as they
were. Lots and parcels keep their sizes: twice the load is about twice the lots and consignments.

One corridor with load 1 is ``crossroads`` under another name. There are at most eight: a scenario has at most 500
facilities.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from assay.simulator.scenario import load_scenario

__all__ = ["MOST_CORRIDORS", "as_yaml", "crossroads"]

MOST_CORRIDORS = 6
_SOURCE = Path(__file__).resolve().parent.parent / "fixtures" / "scenarios" / "crossroads.yaml"
_STEP = 0.12
"""Degrees between neighbouring corridors: concessions, a tenth of a degree wide, do not overlap."""
_ROW = 3
_NUMERALS = ("", "I", "II", "III", "IV", "V", "VI")

Place = dict[str, Any]


def crossroads(corridors: int = 5, load: int = 2, split: int = 4) -> dict[str, Any]:
    """The scenario in its short form, as data. ``corridors`` from 1 to 6, ``load`` and ``split`` from 1."""
    if not 1 <= corridors <= MOST_CORRIDORS:
        raise ValueError(f"corridors: received {corridors}; choose 1 to {MOST_CORRIDORS}")
    for name, value in (("load", load), ("split", split)):
        if value < 1:
            raise ValueError(f"{name}: received {value}; choose 1 or more")
    one = yaml.safe_load(_SOURCE.read_text(encoding="utf-8"))
    full = {key: value for key, value in one.items() if key not in _OWN}
    full["name"] = f"crossroads-{corridors}-{load}-{split}"
    full["title"] = f"Crossroads, {corridors} times beside itself, with {load} times the load"
    full["governance"] = {
        key: value for key, value in one["governance"].items() if key not in _OWN_GOVERNANCE
    }
    lab = load_scenario("crossroads")
    companies = {party.id: party.name for party in lab.parties}
    operators = {facility.id: companies[facility.operator] for facility in lab.facilities}
    for number in range(1, corridors + 1):
        corridor = _Corridor(number, load, split, operators)
        for key, copied in _OWN.items():
            _add(full, key, copied(corridor, deepcopy(one[key])))
        for key, copied in _OWN_GOVERNANCE.items():
            _add(full["governance"], key, copied(corridor, deepcopy(one["governance"][key])))
    return full


def as_yaml(scenario: dict[str, Any]) -> str:
    """The scenario as text, an entry a line where it is short."""
    text: str = yaml.safe_dump(scenario, sort_keys=False, default_flow_style=None, width=110)
    return f"# Written by bench/crossroads.py; all organisations are invented.\n\n{text}"


class _Corridor:
    """How one copy differs: its number, its load, its places and the names of its companies."""

    def __init__(self, number: int, load: int, split: int, operators: dict[str, str]) -> None:
        self._number, self._load, self._split, self._operators = number, load, split, operators
        row, column = divmod(number - 1, _ROW)
        self._north, self._east = row * _STEP, column * _STEP

    # names

    def id(self, name: str) -> str:
        """The id of a site or facility; the first corridor keeps the names."""
        return name if self._number == 1 else f"{name}-{self._number}"

    def register_number(self, number: str) -> str:
        return number if self._number == 1 else f"{number}-{self._number}"

    def company(self, name: str) -> str:
        """A sister company: the same name with a numeral after its first word."""
        first, _, rest = name.partition(" ")
        return name if self._number == 1 else f"{first} {_NUMERALS[self._number]} {rest}"

    def party(self, party: str) -> str:
        """The id of :meth:`company`, of which the library takes the words."""
        first, _, rest = party.partition("-")
        return party if self._number == 1 else f"{first}-{_NUMERALS[self._number].lower()}-{rest}"

    # places and amounts

    def moved(self, corner: list[float]) -> list[float]:
        return [round(corner[0] + self._north, 4), round(corner[1] + self._east, 4)]

    def more(self, amount: float) -> float | int:
        """``load`` times an amount, without the noise of binary fractions."""
        product = Decimal(str(amount)) * self._load
        return int(product) if product == product.to_integral_value() else float(product)

    # parts of a scenario

    def sites(self, sites: dict[str, Place]) -> dict[str, Place]:
        return {self.id(key): self._site(key, site, sites) for key, site in sites.items()}

    def _site(self, key: str, site: Place, sites: dict[str, Place]) -> Place:
        site["near"] = self.moved(site["near"])
        operator = site.get("operator")
        if isinstance(operator, str) and operator in sites:
            site["operator"] = self.id(operator)
        elif self._number > 1:
            stated = operator if isinstance(operator, dict) else {}
            site["operator"] = {**stated, "name": self.company(self._operators[key])}
        if "from" in site:
            origins = site["from"]
            site["from"] = self.id(origins) if isinstance(origins, str) else [self.id(o) for o in origins]
        if "inputs" in site:
            site["inputs"] = {product: self._feed(feed) for product, feed in site["inputs"].items()}
        if "lines" in site:
            site["lines"] *= self._load
        return site

    def _feed(self, feed: Any) -> Any:
        if isinstance(feed, list):
            return [self._feed(one) for one in feed]
        return self.id(feed) if isinstance(feed, str) else {**feed, "from": self.id(feed["from"])}

    def routes(self, routes: dict[str, Any]) -> dict[str, Any]:
        return {
            re.sub(r"[a-z][a-z0-9-]*", lambda site: self.id(site[0]), way): self._route(route)
            for way, route in routes.items()
        }

    def _route(self, route: Place) -> Place:
        return {**route, "parcel_t": float(round(Decimal(str(route["parcel_t"])) / self._split, 3))}

    def permits(self, permits: dict[str, int]) -> dict[str, float | int]:
        return {self.id(site): self.more(limit) for site, limit in permits.items()}

    def demands(self, demands: list[Place]) -> list[Place]:
        for demand in demands:
            demand["facility"] = self.id(demand["facility"])
            demand.update({key: self.more(demand[key]) for key in ("packs", "tonnes") if key in demand})
        return demands

    def facilities(self, facilities: list[Place]) -> list[Place]:
        for facility in facilities:
            facility["id"] = self.id(facility["id"])
            facility["name"] = self.company(facility["name"])
            facility["latitude"], facility["longitude"] = self.moved(
                [facility["latitude"], facility["longitude"]]
            )
        return facilities

    def custody(self, accounts: list[Place]) -> list[Place]:
        for account in accounts:
            for key in ("facilities", "conforming"):
                if key in account:
                    account[key] = [self.id(facility) for facility in account[key]]
            for key in ("opening_kg", "quota_kg"):
                if key in account:
                    account[key] = self.more(account[key])
            if "claimant" in account:
                account["claimant"]["facility"] = self.id(account["claimant"]["facility"])
        return accounts

    def of_facilities(self, entries: list[Place]) -> list[Place]:
        """Audits, titles and consents: each names a facility, some a number in a register."""
        for entry in entries:
            entry["facility"] = self.id(entry["facility"])
            if "number" in entry:
                entry["number"] = self.register_number(entry["number"])
        return entries

    def facts(self, sites: dict[str, Place]) -> dict[str, Place]:
        for facts in sites.values():
            if "concession" in facts:
                facts["concession"] = [self.moved(corner) for corner in facts["concession"]]
            if "capacity_t_per_year" in facts:
                facts["capacity_t_per_year"] = self.more(facts["capacity_t_per_year"])
        return {self.id(site): facts for site, facts in sites.items()}

    def licences(self, licences: list[Place]) -> list[Place]:
        for licence in licences:
            licence["holder"] = self.party(licence["holder"])
            licence["number"] = self.register_number(licence["number"])
            licence["tonnes"] = self.more(licence["tonnes"])
        return licences


_OWN: dict[str, Callable[[_Corridor, Any], Any]] = {
    "demands": _Corridor.demands,
    "facilities": _Corridor.facilities,
    "sites": _Corridor.sites,
    "routes": _Corridor.routes,
    "permits": _Corridor.permits,
    "custody": _Corridor.custody,
}
"""What every corridor has of its own; the rest of the scenario is shared."""

_OWN_GOVERNANCE: dict[str, Callable[[_Corridor, Any], Any]] = {
    "audits": _Corridor.of_facilities,
    "titles": _Corridor.of_facilities,
    "consents": _Corridor.of_facilities,
    "sites": _Corridor.facts,
    "licences": _Corridor.licences,
}


def _add(target: dict[str, Any], key: str, more: Any) -> None:
    """Append entries of a list, or keys of a mapping."""
    if isinstance(more, list):
        target.setdefault(key, []).extend(more)
    else:
        target.setdefault(key, {}).update(more)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a larger crossroads as a YAML scenario.")
    parser.add_argument("--corridors", type=int, default=5, help=f"1 to {MOST_CORRIDORS}; by default 5")
    parser.add_argument("--load", type=int, default=2, help="times what is asked for; by default 2")
    parser.add_argument("--split", type=int, default=4, help="parts of each parcel; by default 4")
    parser.add_argument("--out", type=Path, help="file to write; by default standard output")
    given = parser.parse_args()
    try:
        text = as_yaml(crossroads(given.corridors, given.load, given.split))
    except ValueError as error:
        parser.error(str(error))
    if given.out is None:
        sys.stdout.write(text)
    else:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
