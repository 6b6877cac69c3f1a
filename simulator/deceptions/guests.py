"""Companies that are there for a deception or its twin only: invented as the library invents all others."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Literal

from assay.simulator import library
from assay.simulator.deceptions.parts import Part
from assay.simulator.scenario import FacilityEntry, PartyEntry, Scenario

__all__ = ["guest", "with_party", "with_store"]

Kind = Literal["operator", "supplier", "carrier", "certifier"]
_TRADES = {
    "operator": ("Holdings", ("6420", "Activities of holding companies"), "Holds shares of companies."),
    "supplier": (
        "Trading",
        ("4662", "Wholesale of metals and metal ores"),
        "Trades in minerals and stores them.",
    ),
}


def guest(
    scenario: Scenario, part: Part, kind: Kind, nation: str, *, role: str = "", owner: str | None = None
) -> PartyEntry:
    """A company of a nation with a name, an address and a date of registration that follow from the part alone.

    ``role`` tells several guests of one part from each other. An operator is a holding company, a supplier a trader.
    """
    names = library.Names(f"{scenario.name}|{part.instance}|{role}")
    for party in scenario.parties:
        names.taken(party.name)
    if kind in _TRADES:
        trade, activity, description = _TRADES[kind]
    else:
        way = library.default("parties")[kind]
        trade, activity, description = way["trade"], tuple(way["activity"]), way["description"]
    stem = f"{names.root(kind, nation)} {trade}"
    return PartyEntry(
        id=re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-"),
        name=f"{stem} {names.form(kind, nation)}",
        nation=nation,
        kind=kind,
        description=description,
        activity=activity,
        address=names.address(f"{kind}/party", nation),
        registered=date(1990 + names.stream(kind, "registered").below(32), 3, 1),
        owner=owner,
    )


def with_party(scenario: Scenario, party: PartyEntry) -> Scenario:
    """The scenario with one more party, which comes last."""
    return scenario.model_copy(update={"parties": [*scenario.parties, party]})


_NORTH = Decimal("0.12")
"""Degrees of latitude, some 13 km."""


def with_store(scenario: Scenario, party: PartyEntry, beside: str) -> Scenario:
    """The scenario with one more party and its store, a short way from a facility. Both come last."""
    place = next(one for one in scenario.facilities if one.id == beside)
    store = FacilityEntry(
        id=f"{party.id}-store",
        name=f"{party.name.partition(' ')[0]} Store",
        operator=party.id,
        description="Store for goods in bags and in bulk.",
        process=("67290", "Other storage and warehousing services"),
        latitude=place.latitude + _NORTH,
        longitude=place.longitude,
        address=party.address,
    )
    prepared = with_party(scenario, party)
    return prepared.model_copy(update={"facilities": [*prepared.facilities, store]})
