"""A small world rich in governance: the default corridor with audits, titles, layers, rules, licences, owners and invoices."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from assay.simulator.scenario import Scenario, parse_scenario

__all__ = ["GOVERNANCE", "TRADE", "governed", "governed_data"]

_DEFAULT = Path(__file__).with_name("explicit_form.yaml")
_RIDGE = [[-21.2, 118.7], [-21.2, 119.1], [-20.9, 119.1], [-20.9, 118.7]]

GOVERNANCE: dict[str, Any] = {
    "schemes": ["quarrymark", "steady-hands", "furnace-check", "chain-of-custody", "even-carbon"],
    "seat": "DE",
    "audits": [
        {
            "scheme": "quarrymark",
            "facility": "tinderbush-mine",
            "level": "50",
            "renewed_level": "75",
            "published": "2023-05-10",
            "corrective_days": 120,
        },
        {
            "scheme": "steady-hands",
            "facility": "tinderbush-mine",
            "level": "AA",
            "published": "2024-11-20",
        },
        {
            "scheme": "furnace-check",
            "facility": "saenal-refinery",
            "level": "active",
            "published": "2025-02-03",
        },
    ],
    "titles": [
        {
            "facility": "tinderbush-mine",
            "number": "AU-LT-48213",
            "granted": "2019-07-01",
            "expires": "2040-06-30",
        }
    ],
    "sites": {
        "tinderbush-mine": {
            "unfc": "E1;F1;G1",
            "unrms": {"social-engagement": "Yearly meetings with the communities of the ridge."},
            "concession": [[-21.1, 118.8], [-21.1, 119.0], [-20.95, 119.0], [-20.95, 118.8]],
            "capacity_t_per_year": 900000,
        }
    },
    "layers": [
        {
            "name": "Ridge country",
            "kind": "indigenous",
            "nation": "AU",
            "people": "Tinder River people",
            "corners": _RIDGE,
        },
        {
            "name": "Saltbush reserve",
            "kind": "protected",
            "nation": "AU",
            "corners": [[-25, 120], [-25, 121], [-24, 121], [-24, 120]],
        },
    ],
    "consents": [
        {"facility": "tinderbush-mine", "layer": "Ridge country", "agreed": "2018-11-02"},
        {"facility": "tinderbush-concentrator", "layer": "Ridge country", "agreed": "2018-11-02"},
    ],
    "export_rules": [
        {"nation": "AU", "product": "spodumene-concentrate", "from": "2025-01-01", "rule": "licence"},
        {"nation": "AU", "product": "spodumene-ore", "from": "2026-01-01", "rule": "banned"},
    ],
    "licences": [
        {
            "holder": "tinderbush-lithium",
            "nation": "AU",
            "product": "spodumene-concentrate",
            "number": "EXL-2026-0311",
            "from": "2026-01-05",
            "until": "2027-12-31",
            "tonnes": 20000,
        }
    ],
}
TRADE: dict[str, Any] = {"invoices": True, "origin_certificates": True, "period_days": 91}
_OWNERS = {"tinderbush-lithium": "wirralong-metals", "wirralong-metals": "falkenau-zellen"}


def governed_data(**governance: Any) -> dict[str, Any]:
    """The scenario as data; keys given replace those of ``governance``."""
    data: dict[str, Any] = yaml.safe_load(_DEFAULT.read_text(encoding="utf-8"))
    data["governance"] = deepcopy(GOVERNANCE) | governance
    data["trade"] = dict(TRADE)
    for party in data["parties"]:
        if party["id"] in _OWNERS:
            party["owner"] = _OWNERS[party["id"]]
    return data


def governed(data: dict[str, Any] | None = None) -> Scenario:
    raw = json.dumps(data or governed_data(), default=str).encode()
    return parse_scenario(raw, "governed.yaml")
