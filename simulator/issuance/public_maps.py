"""What offices and scheme owners publish for everybody to look up: areas, rules on exports, reference prices, equivalent criteria.

A land register publishes both kinds of area and its titles with their corners, a customs office the export rules of its
nation and reference prices of what is exported from there. Plain JSON with entries, and no register as UNTP defines it (that
lists identifier schemes, vocabularies or software); corners are pairs of latitude and longitude in degrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from assay.simulator.governance_entries import Corner
from assay.simulator.issuance.names import scheme_uris
from assay.simulator.scenario import SchemeEntry
from assay.simulator.trade import index_price
from assay.simulator.trade_prices import price_table
from assay.simulator.world import Nation, Organisation, World

__all__ = ["equivalents", "public_maps"]


def public_maps(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """URL and content of every such register. Scenarios without layers, export rules and invoices have none."""
    governance = world.scenario.governance
    for nation in world.nations.values():
        if nation.land is not None and any(layer.nation == nation.code for layer in governance.layers):
            yield _register(
                world, nation, nation.land, "areas", "Areas and concessions", _areas(world, nation)
            )
        if nation.customs is not None and world.scenario.trade.invoices:
            prices = list(_prices(world, nation))
            if prices:
                yield _register(world, nation, nation.customs, "reference-prices", "Reference prices", prices)
        rules = [rule for rule in governance.export_rules if rule.nation == nation.code]
        if nation.customs is not None and rules:
            entries = [
                {
                    "product": world.products[rule.product].name,
                    "hs": world.products[rule.product].hs,
                    "rule": rule.rule,
                    "from": rule.start.isoformat(),
                    "until": rule.until.isoformat() if rule.until is not None else None,
                }
                for rule in rules
            ]
            yield _register(world, nation, nation.customs, "export-rules", "Export rules", entries)
    for scheme in world.schemes.values():
        pairs = list(equivalents(world, scheme))
        if pairs:
            yield _equivalent(world, scheme, pairs)


def _equivalent(world: World, scheme: SchemeEntry, pairs: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    owner = world.owner(scheme)
    url = f"{owner.origin}/registers/{scheme.id}/equivalent-criteria"
    return url, {
        "id": url,
        "name": f"Equivalent criteria of {scheme.name} (example)",
        "description": f"Criteria of other schemes whose assessment {owner.name} accepts.",
        "lastUpdated": world.scenario.start.date().isoformat(),
        "publisher": {"id": owner.did, "name": owner.name},
        "entries": pairs,
    }


def equivalents(world: World, scheme: SchemeEntry) -> Iterator[dict[str, Any]]:
    """Criteria of a scheme with those of other schemes of the world whose assessment it accepts."""
    known = {
        f"{other.id}/{criterion.id}": f"{scheme_uris(world, other.id)[0]}/criterion/{criterion.id}/{criterion.version}"
        for other in world.schemes.values()
        for profile in other.profiles
        for criterion in profile.criteria
    }
    for profile in scheme.profiles:
        for criterion in profile.criteria:
            for name in criterion.recognises:
                if name in known:
                    own = known[f"{scheme.id}/{criterion.id}"]
                    yield {
                        "criterion": own,
                        "recognises": known[name],
                        "from": profile.valid_from.isoformat(),
                    }


def _register(
    world: World, nation: Nation, office: Organisation, path: str, title: str, entries: list[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:
    url = f"{office.origin}/registers/{path}"
    return url, {
        "id": url,
        "name": f"{title} of {nation.name} (example)",
        "description": f"{title} that {office.name} publishes.",
        "lastUpdated": world.scenario.start.date().isoformat(),
        "publisher": {"id": office.did, "name": office.name},
        "entries": entries,
    }


def _areas(world: World, nation: Nation) -> list[dict[str, Any]]:
    governance = world.scenario.governance
    found: list[dict[str, Any]] = [
        {
            "name": layer.name,
            "kind": layer.kind,
            "people": layer.people,
            "corners": _corners(layer.corners),
        }
        for layer in governance.layers
        if layer.nation == nation.code
    ]
    for title in governance.titles:
        facts = governance.sites.get(title.facility)
        facility = world.facilities[title.facility]
        if facility.nation == nation.code and facts is not None and facts.concession is not None:
            found.append(
                {
                    "name": title.number,
                    "kind": "concession",
                    "facility": facility.uri,
                    "corners": _corners(facts.concession),
                }
            )
    return found


def _prices(world: World, nation: Nation) -> Iterator[dict[str, Any]]:
    """The index price of every product that leaves the nation, month by month, and how far contracts usually stray from it."""
    scenario, table = world.scenario, price_table(world.scenario.trade)
    leaving = {
        route.origin
        for route in scenario.routes
        if world.facilities[route.origin].nation == nation.code != world.facilities[route.destination].nation
    }
    products = dict.fromkeys(
        product
        for site in scenario.sites
        if site.facility in leaving
        for product in site.products
        if product in table
    )
    for product in products:
        month = scenario.start.replace(day=1)
        while month <= scenario.as_of:
            yield {
                "product": world.products[product].name,
                "hs": world.products[product].hs,
                "month": f"{month:%Y-%m}",
                "currency": scenario.trade.currency,
                "pricePerTonne": index_price(world, product, month) / 100,
                "usualDeviation": float(table[product].band),
            }
            month = (month + timedelta(days=32)).replace(day=1)


def _corners(corners: list[Corner]) -> list[list[float]]:
    return [[float(latitude), float(longitude)] for latitude, longitude in corners]
