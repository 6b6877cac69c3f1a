"""Small worlds with custody accounts: the default corridor with a custody scheme and the accounts of a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from assay.simulator.scenario import Scenario, parse_scenario

__all__ = ["BOOK_AND_CLAIM", "IDENTITY", "MASS_BALANCE", "SEGREGATED", "scenario_with"]

_DEFAULT = Path(__file__).resolve().parents[2] / "fixtures" / "scenarios" / "au-kr-de-nmc811.yaml"
_CHAIN = ["tinderbush-mine", "tinderbush-concentrator", "saenal-refinery"]
_GOODS = ["spodumene-ore", "spodumene-concentrate", "lithium-hydroxide"]

IDENTITY: dict[str, Any] = {
    "model": "identity-preserved",
    "facilities": _CHAIN,
    "products": _GOODS,
    "element": "Li",
    "conforming": ["tinderbush-mine"],
}
SEGREGATED: dict[str, Any] = {
    **IDENTITY,
    "model": "segregated",
    "facilities": [*_CHAIN, "haneul-cathode-plant"],
    "products": [*_GOODS, "cathode-powder"],
}
MASS_BALANCE: dict[str, Any] = {
    "model": "mass-balance",
    "facilities": ["saenal-refinery"],
    "products": ["lithium-hydroxide"],
    "element": "Li",
    "conforming": ["tinderbush-concentrator"],
    "period_days": 60,
    "opening_kg": 100,
    "yield": {
        "value": 0.87,
        "unit": "part of contained Li",
        "source": "declared by the site",
        "verified": False,
    },
}
BOOK_AND_CLAIM: dict[str, Any] = {
    "model": "book-and-claim",
    "facilities": ["saenal-refinery"],
    "products": ["lithium-hydroxide"],
    "element": "Li",
    "conforming": ["saenal-refinery"],
    "quota_kg": 500,
    "transfer_days": 5,
    "claimant": {"facility": "lindenhag-pack-plant", "product": "battery-pack", "share": 0.5},
}


def scenario_with(*accounts: dict[str, Any], **changes: Any) -> Scenario:
    """The default scenario with these accounts; ``changes`` replace whole keys."""
    data = yaml.safe_load(_DEFAULT.read_bytes())
    if not any(scheme["id"] == "chain-of-custody" for scheme in data["schemes"]):
        data["schemes"].append(_scheme(data["schemes"][0]["owner"]))
    data |= {"name": "custody-test", "custody": json.loads(json.dumps(accounts)), **changes}
    return parse_scenario(yaml.safe_dump(data, sort_keys=False).encode())


def _scheme(owner: str) -> dict[str, Any]:
    limits = {
        "identity-preserved": 100,
        "segregated": 100,
        "controlled-blending": 25,
        "mass-balance": 100,
        "book-and-claim": 1,
    }
    return {
        "id": "chain-of-custody",
        "name": "Chain of Custody Standard (example)",
        "description": "Five custody models for minerals.",
        "owner": owner,
        "established": "2021-03-01",
        "industry": ["0729", "Mining of other non-ferrous metal ores"],
        "profiles": [_profile(model, limit) for model, limit in limits.items()],
    }


def _profile(model: str, limit: int) -> dict[str, Any]:
    name = model.replace("-", " ").capitalize()
    criterion = {
        "id": model,
        "name": name,
        "description": f"Material is kept under {name.lower()}.",
        "version": "1.0.0",
        "topic": "supply-chain-traceability",
        "metric": "supplier-due-diligence-coverage",
        "threshold": limit,
        "unit": "P1",
        "tags": ["custody"],
    }
    return {
        "id": model,
        "name": name,
        "description": f"Custody model: {name.lower()}.",
        "subject": "product",
        "version": "1.0.0",
        "valid_from": "2024-01-01",
        "standard": ["https://plumbline-standard.de.example/standards/custody/2024", "Custody models"],
        "criteria": [criterion],
    }
