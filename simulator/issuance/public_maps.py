"""What public offices publish for everybody to look up: areas and concessions on a map, and rules on exports.

A land register publishes both kinds of area and its titles with their corners, a customs office the export rules of its
nation. Plain JSON in the form of the other registers; corners are pairs of latitude and longitude in degrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.simulator.governance_entries import Corner
from assay.simulator.world import Nation, Organisation, World

__all__ = ["public_maps"]


def public_maps(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """URL and content of every such register. Scenarios without layers and export rules have none."""
    governance = world.scenario.governance
    for nation in world.nations.values():
        if nation.land is not None and any(layer.nation == nation.code for layer in governance.layers):
            yield _register(
                world, nation, nation.land, "areas", "Areas and concessions", _areas(world, nation)
            )
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


def _register(
    world: World, nation: Nation, office: Organisation, path: str, title: str, entries: list[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:
    url = f"{office.origin}/registers/{path}"
    return url, {
        "id": url,
        "name": f"{title} of {nation.name} (example)",
        "description": f"{title} that {office.name} publishes.",
        "lastUpdated": world.scenario.start.date().isoformat(),
        "registrar": {"id": office.did, "name": office.name},
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


def _corners(corners: list[Corner]) -> list[list[float]]:
    return [[float(latitude), float(longitude)] for latitude, longitude in corners]
