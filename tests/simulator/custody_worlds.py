"""Small worlds with custody accounts: the default corridor with a custody scheme and the accounts of a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from assay.simulator.scenario import Scenario, parse_scenario

__all__ = [
    "BOOK_AND_CLAIM",
    "CONTROLLED_BLENDING",
    "IDENTITY",
    "MASS_BALANCE",
    "SEGREGATED",
    "scenario_with",
    "two_mines",
]

_DEFAULT = Path(__file__).with_name("explicit_form.yaml")
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


CONTROLLED_BLENDING: dict[str, Any] = {
    "model": "controlled-blending",
    "facilities": ["tinderbush-concentrator", "saenal-refinery"],
    "products": ["spodumene-concentrate", "lithium-hydroxide"],
    "element": "Li",
    "conforming": ["tinderbush-mine"],
    "minimum_share": 0.3,
}
_SECOND = "brolga-mine"


class _Plain(yaml.SafeDumper):
    """Writes everything out: scenarios take no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def scenario_with(*accounts: dict[str, Any], **changes: Any) -> Scenario:
    """The default scenario with these accounts; ``changes`` replace whole keys."""
    data = yaml.safe_load(_DEFAULT.read_bytes())
    owner = data["schemes"][0]["owner"]
    data["schemes"] = [s for s in data["schemes"] if s["id"] not in ("chain-of-custody", "even-carbon")]
    data["schemes"] += [_custody_scheme(owner), _carbon_scheme(owner)]
    data |= {"name": "custody-test", "custody": json.loads(json.dumps(accounts)), **changes}
    return parse_scenario(yaml.dump(data, Dumper=_Plain, sort_keys=False, allow_unicode=True).encode())


def _custody_scheme(owner: str) -> dict[str, Any]:
    models = ("identity-preserved", "segregated", "controlled-blending", "mass-balance", "book-and-claim")
    measured = {"metric": "supplier-due-diligence-coverage", "threshold": 1, "unit": "P1"}
    return _scheme("chain-of-custody", owner, models, "supply-chain-traceability", measured)


def _carbon_scheme(owner: str) -> dict[str, Any]:
    boundaries = ("cradle-to-gate", "gate-to-gate")
    measured = {"metric": "product-carbon-footprint", "threshold": 60, "unit": "KGM"}
    return _scheme("even-carbon", owner, boundaries, "greenhouse-gas-emissions", measured)


def _scheme(
    name: str, owner: str, criteria: tuple[str, ...], topic: str, measured: dict[str, Any]
) -> dict[str, Any]:
    """A scheme with one profile for each criterion."""
    profiles = []
    for criterion in criteria:
        title = criterion.replace("-", " ").capitalize()
        told = {"id": criterion, "name": title, "description": f"{title}.", "version": "1.0.0"}
        profiles.append(
            {
                **told,
                "subject": "product",
                "valid_from": "2024-01-01",
                "standard": [f"https://plumbline-standard.de.example/standards/{name}", title],
                "criteria": [{**told, "topic": topic, **measured, "tags": ["test"]}],
            }
        )
    return {
        "id": name,
        "name": name.replace("-", " ").capitalize(),
        "description": "A scheme of the tests.",
        "owner": owner,
        "established": "2021-03-01",
        "industry": ["0729", "Mining of other non-ferrous metal ores"],
        "profiles": profiles,
    }


def two_mines(*accounts: dict[str, Any]) -> Scenario:
    """The corridor with ore from a second mine beside the first, four parts in ten."""
    data = yaml.safe_load(_DEFAULT.read_bytes())
    first = next(entry for entry in data["facilities"] if entry["id"] == "tinderbush-mine")
    second = {
        **first,
        "id": _SECOND,
        "name": "Brolga Flat Mine",
        "latitude": -21.0802,
        "alias": "WMT-M45-0118",
    }
    site = next(entry for entry in data["sites"] if entry["facility"] == "tinderbush-mine")
    concentrator = next(entry for entry in data["sites"] if entry["facility"] == "tinderbush-concentrator")
    route = next(entry for entry in data["routes"] if entry["origin"] == "tinderbush-mine")
    permit = next(entry for entry in data["permits"] if entry["facility"] == "tinderbush-mine")
    concentrator["inputs"] = {
        "spodumene-ore": [{"from": "tinderbush-mine", "share": 0.6}, {"from": _SECOND, "share": 0.4}]
    }
    return scenario_with(
        *accounts,
        demand={**data["demand"], "packs": 40},
        facilities=[*data["facilities"], second],
        sites=[*data["sites"], {**site, "facility": _SECOND}],
        routes=[*data["routes"], {**route, "origin": _SECOND}],
        permits=[*data["permits"], {**permit, "facility": _SECOND, "number": "WMT-M45-0118"}],
    )
