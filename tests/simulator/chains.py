"""Small scenarios made of process types: only sites and demand are said, the rest is put around them."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from assay.simulator.facts import Ledger
from assay.simulator.operations import Operation
from assay.simulator.scenario import Scenario, parse_scenario

FILE = Path(__file__).with_name("explicit_form.yaml")
DATA: dict[str, Any] = yaml.safe_load(FILE.read_bytes())

Site = dict[str, Any]

_LEG = {"mode": "sea", "km": 900, "days": [2, 4], "source": "a leg for tests", "verified": False}


def feeds(given: Any) -> list[dict[str, Any]]:
    if isinstance(given, str):
        return [{"from": given}]
    return [given] if isinstance(given, dict) else list(given)


def chain(
    *sites: Site, demand: dict[str, Any] | list[dict[str, Any]], parcel_kg: int | None = None, **other: Any
) -> bytes:
    """A scenario of these sites (``at``: facility); routes follow from their inputs and from ``returns``."""
    data = copy.deepcopy(DATA)
    party = data["parties"][0]["id"]
    parcels: dict[tuple[str, str], int | None] = other.pop("parcels", {})
    returns: list[tuple[str, str]] = other.pop("returns", [])
    places = list(dict.fromkeys(site["at"] for site in sites))
    products: dict[str, None] = {}
    ways: dict[tuple[str, str], None] = dict.fromkeys(returns)
    for site in sites:
        products[site["product"]] = None
        products |= dict.fromkeys(site.get("by_products", ()))
        for product, given in site.get("inputs", {}).items():
            products[product] = None
            ways |= {(feed["from"], site["at"]): None for feed in feeds(given) if feed["from"] != site["at"]}
    data["facilities"] = [
        {**copy.deepcopy(DATA["facilities"][0]), "id": place, "alias": None, "earlier_record": None}
        for place in places
    ]
    data["products"] = [
        {**copy.deepcopy(DATA["products"][0]), "id": product, "model": product.upper()}
        for product in products
    ]
    data["sites"] = [{("facility" if key == "at" else key): value for key, value in s.items()} for s in sites]
    data["routes"] = [
        {
            "origin": origin,
            "destination": destination,
            "carrier": party,
            "legs": [_LEG],
            "parcel_kg": parcels.get((origin, destination), parcel_kg),
        }
        for origin, destination in ways
    ]
    data["permits"] = []
    data |= other
    if isinstance(demand, list):
        del data["demand"]
        data["demands"] = demand
    else:
        data["demand"] = demand
    return json.dumps(data, default=str).encode()


def scenario(*sites: Site, **other: Any) -> Scenario:
    return parse_scenario(chain(*sites, **other))


def books(world: Scenario, seed: int) -> tuple[Ledger, Operation]:
    """Run a scenario and check what must hold in every one: balance, stock, no overdraft, order of time."""
    operation, ledger = Operation(world, seed), Ledger()
    last = 0
    for fact in operation.facts():
        assert fact.time >= last
        last = fact.time
        ledger.add(fact)
    assert set(ledger.balance().values()) <= {0}
    held = ledger.stock()
    for facility, store in operation.stores.items():
        assert +store.elements() == +held.get(facility, Counter())
        assert all(amount >= 0 for amount in held.get(facility, {}).values())
    for conversion in ledger.conversions():
        assert all(amount >= 0 for amount in conversion.losses.values())
        assert all(portion.mass > 0 for portion in conversion.inputs)
        for lot in conversion.outputs:
            assert 0 <= sum(lot.material.elements.values()) <= lot.material.mass
    for stocktake in ledger.stocktakes():
        lots = ledger.holdings(stocktake.time).get(stocktake.facility, {})
        assert {portion.lot.id: portion.mass for portion in stocktake.items} == lots
    return ledger, operation


def cathode_loop(label: str = "NMC811") -> list[Site]:
    """Ore to packs, with cathode and cell scrap going to black mass and back as nickel, cobalt and lithium salts."""
    nickel = [{"from": "nickel-refinery"}, {"from": "hydromet", "secondary": True}]
    return [
        {"at": "li-mine", "process": "spodumene-mine", "product": "spodumene-ore"},
        {
            "at": "li-mill", "process": "spodumene-concentrator", "product": "spodumene-concentrate",
            "inputs": {"spodumene-ore": "li-mine"},
        },
        {
            "at": "li-refinery", "process": "spodumene-hydroxide-refinery", "product": "lithium-hydroxide",
            "inputs": {"spodumene-concentrate": "li-mill"},
        },
        {"at": "laterite-mine", "process": "nickel-laterite-mine", "product": "laterite"},
        {
            "at": "hpal", "process": "laterite-hpal", "product": "mhp", "inputs": {"laterite": "laterite-mine"},
        },
        {
            "at": "nickel-refinery", "process": "nickel-sulphate-refinery", "product": "nickel-sulphate",
            "inputs": {"mhp": "hpal"}, "by_products": ["cobalt-sulphate"],
        },
        {"at": "works", "process": "bought-manganese-sulphate", "product": "manganese-sulphate"},
        {"at": "works", "process": "bought-copper-foil", "product": "copper-foil"},
        {"at": "works", "process": "bought-aluminium-foil", "product": "aluminium-foil"},
        {"at": "works", "process": "bought-cell-components", "product": "cell-components"},
        {"at": "works", "process": "bought-pack-components", "product": "pack-components"},
        {"at": "graphite-mine", "process": "graphite-mine", "product": "graphite-ore"},
        {
            "at": "graphite-mill", "process": "graphite-concentrator", "product": "flake-graphite",
            "inputs": {"graphite-ore": "graphite-mine"},
        },
        {
            "at": "anode-plant", "process": "spherical-graphite-plant", "product": "anode-graphite",
            "inputs": {"flake-graphite": "graphite-mill"}, "by_products": ["graphite-fines"],
        },
        {
            "at": "cathode-plant", "process": "nmc811-cathode", "product": "cathode-powder", "compound": label, "lot_kg": 1000,
            "inputs": {
                "lithium-hydroxide": "li-refinery",
                "lithium-carbonate": {"from": "hydromet", "secondary": True},
                "nickel-sulphate": nickel,
                "cobalt-sulphate": [{"from": "nickel-refinery"}, {"from": "hydromet", "secondary": True}],
                "manganese-sulphate": [{"from": "works"}, {"from": "hydromet", "secondary": True}],
            },
            "by_products": ["cathode-scrap"],
        },
        {
            "at": "cell-plant", "process": "nmc811-cells", "product": "battery-cells", "lot_kg": 600,
            "inputs": {
                "cathode-powder": "cathode-plant", "anode-graphite": "anode-plant", "copper-foil": "works",
                "aluminium-foil": "works", "cell-components": "works",
            },
            "by_products": ["cell-scrap"],
        },
        {
            "at": "pack-plant", "process": "pack-assembly", "product": "battery-pack",
            "inputs": {"battery-cells": "cell-plant", "pack-components": "works"},
        },
        {
            "at": "city", "process": "market", "product": "battery-pack",
            "inputs": {"battery-pack": {"from": "pack-plant", "secondary": True}},
            "parameters": {"return_share": 0.5, "return_days": 60},
        },
        {
            "at": "recycler", "process": "battery-recycler", "product": "black-mass", "lot_kg": 400,
            "inputs": {
                "cell-scrap": {"from": "cell-plant", "secondary": True},
                "cathode-scrap": {"from": "cathode-plant", "secondary": True},
                "battery-pack": {"from": "city", "secondary": True},
            },
            "by_products": ["copper-scrap", "aluminium-scrap"],
        },
        {
            "at": "hydromet", "process": "black-mass-hydromet", "product": "nickel-sulphate", "lot_kg": 60,
            "inputs": {"black-mass": {"from": "recycler", "secondary": True}},
            "by_products": ["cobalt-sulphate", "manganese-sulphate", "lithium-carbonate"],
        },
        *(
            {
                "at": "scrap-yard", "process": "market", "product": product,
                "inputs": {product: {"from": origin, "secondary": True}},
            }
            for product, origin in (
                ("copper-scrap", "recycler"), ("aluminium-scrap", "recycler"), ("graphite-fines", "anode-plant"),
            )
        ),
    ]  # fmt: skip


def brine() -> list[Site]:
    """Ponds and direct extraction side by side; the carbonate goes over a terminal to a customer."""
    return [
        {"at": "salar", "process": "brine-field", "product": "lithium-brine"},
        {
            "at": "ponds", "process": "brine-ponds", "product": "concentrated-brine", "opening_kg": 3_000_000,
            "inputs": {"lithium-brine": "salar"},
        },
        {
            "at": "extraction", "process": "direct-lithium-extraction", "product": "lithium-eluate",
            "inputs": {"lithium-brine": "salar"},
        },
        {
            "at": "carbonate-plant", "process": "brine-carbonate-plant", "product": "lithium-carbonate",
            "inputs": {"concentrated-brine": "ponds", "lithium-eluate": "extraction"},
        },
        {
            "at": "port", "process": "terminal", "product": "lithium-carbonate",
            "inputs": {"lithium-carbonate": "carbonate-plant"},
        },
        {
            "at": "abroad", "process": "market", "product": "lithium-carbonate",
            "inputs": {"lithium-carbonate": "port"},
        },
    ]  # fmt: skip


def cobalt() -> list[Site]:
    """Industrial and artisanal ore blended; copper as by-product; the hydroxide is refined for its owner."""
    return [
        {"at": "pit", "process": "cobalt-mine", "product": "cobalt-ore"},
        {"at": "diggers", "process": "cobalt-mine-artisanal", "product": "cobalt-ore"},
        {
            "at": "leach", "process": "cobalt-hydroxide-plant", "product": "cobalt-hydroxide",
            "inputs": {"cobalt-ore": [{"from": "pit", "share": 0.8}, {"from": "diggers", "share": 0.2}]},
            "by_products": ["copper-cathode"],
        },
        {
            "at": "toller", "process": "cobalt-sulphate-refinery", "product": "cobalt-sulphate",
            "inputs": {"cobalt-hydroxide": "leach"}, "toll_for": DATA["parties"][1]["id"],
            "parameters": {"off_spec": 0.15, "escape": 1},
        },
        {
            "at": "abroad", "process": "market", "product": "cobalt-sulphate",
            "inputs": {"cobalt-sulphate": "buyer"},
        },
        {
            "at": "buyer", "process": "terminal", "product": "cobalt-sulphate",
            "inputs": {"cobalt-sulphate": "toller"},
        },
    ]  # fmt: skip


def copper() -> list[Site]:
    """Ore to foil; trimmings go back to the smelter as scrap."""
    return [
        {"at": "pit", "process": "copper-mine", "product": "copper-ore"},
        {
            "at": "mill", "process": "copper-concentrator", "product": "copper-concentrate",
            "inputs": {"copper-ore": "pit"},
        },
        {
            "at": "smelter", "process": "copper-smelter", "product": "copper-cathode",
            "inputs": {"copper-concentrate": "mill", "copper-scrap": {"from": "foil-mill", "secondary": True}},
        },
        {
            "at": "foil-mill", "process": "copper-foil-plant", "product": "copper-foil",
            "inputs": {"copper-cathode": "smelter"}, "by_products": ["copper-scrap"],
        },
    ]  # fmt: skip


def lfp() -> list[Site]:
    """Lepidolite to LFP cathode powder."""
    return [
        {"at": "pit", "process": "lepidolite-mine", "product": "lepidolite-ore"},
        {
            "at": "mill", "process": "lepidolite-concentrator", "product": "lepidolite-concentrate",
            "inputs": {"lepidolite-ore": "pit"},
        },
        {
            "at": "refinery", "process": "lepidolite-carbonate-refinery", "product": "lithium-carbonate",
            "inputs": {"lepidolite-concentrate": "mill"},
        },
        {"at": "works", "process": "bought-iron-phosphate", "product": "iron-phosphate"},
        {
            "at": "cathode-plant", "process": "lfp-cathode", "product": "lfp-powder",
            "inputs": {"lithium-carbonate": "refinery", "iron-phosphate": "works"}, "by_products": ["cathode-scrap"],
        },
    ]  # fmt: skip


def recycling() -> list[Site]:
    """Used batteries are all there is: planned from collection to nickel sulphate."""
    return [
        {"at": "depot", "process": "collected-batteries", "product": "used-batteries"},
        {
            "at": "recycler", "process": "battery-recycler", "product": "black-mass",
            "inputs": {"used-batteries": "depot"}, "by_products": ["copper-scrap", "aluminium-scrap"],
        },
        {
            "at": "hydromet", "process": "black-mass-hydromet", "product": "nickel-sulphate",
            "inputs": {"black-mass": "recycler"},
            "by_products": ["cobalt-sulphate", "manganese-sulphate", "lithium-carbonate"],
        },
    ]  # fmt: skip
