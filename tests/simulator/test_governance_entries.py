"""Governance and trade that contradict themselves: one error that names file, line, key, value and mend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assay.simulator import simulate
from assay.simulator.claims import make_claims
from assay.simulator.scenario import ScenarioError

from .governance_worlds import GOVERNANCE, governed, governed_data

Change = Callable[[dict[str, Any]], None]


def _first(key: str, **values: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        data["governance"][key][0].update(values)

    return change


def _set(**values: Any) -> Change:
    return lambda data: data["governance"].update(values)


def _owner(data: dict[str, Any]) -> None:
    next(party for party in data["parties"] if party["id"] == "falkenau-zellen")["owner"] = (
        "tinderbush-lithium"
    )


def _price(data: dict[str, Any]) -> None:
    for product in data["products"]:
        product["id"] = "odd-ore" if product["id"] == "spodumene-ore" else product["id"]
    for site in data["sites"]:
        site["product"] = "odd-ore" if site["product"] == "spodumene-ore" else site["product"]
        if "spodumene-ore" in site.get("inputs", {}):
            site["inputs"]["odd-ore"] = site["inputs"].pop("spodumene-ore")
    data["governance"]["export_rules"] = GOVERNANCE["export_rules"][:1]


def _no_customs(data: dict[str, Any]) -> None:
    del data["governance"]


BAD: dict[str, tuple[Change, str]] = {
    "unknown scheme": (
        _set(schemes=["gravelmark"]),
        "governance.schemes.0: 'gravelmark' is not in the library",
    ),
    "unknown seat": (_set(seat="FR"), "governance.seat: 'FR' is not a nation"),
    "unknown key": (_set(audit=[]), "did you mean 'audits'?"),
    "unknown level": (_first("audits", level="80"), "audits.0.level: '80' is not defined"),
    "level of a scheme without levels": (
        _first("audits", scheme="even-carbon"),
        "has no levels and audit cycle",
    ),
    "audit of an unknown site": (_first("audits", facility="nowhere"), "audits.0.facility: 'nowhere'"),
    "published too late": (_first("audits", published="2026-06-01"), "is not before start"),
    "corrective action too long": (_first("audits", corrective_days=400), "corrective_days"),
    "title backwards": (_first("titles", expires="2018-01-01"), "is not after granted"),
    "title run out": (_first("titles", expires="2026-02-01"), "must be in force from start until as_of"),
    "title number": (_first("titles", number="au 1"), "the text must match pattern"),
    "unfc": (
        lambda data: data["governance"]["sites"]["tinderbush-mine"].update(unfc="E4;F1;G1"),
        "governance.sites.tinderbush-mine.unfc",
    ),
    "concession elsewhere": (
        lambda data: data["governance"]["sites"]["tinderbush-mine"].update(
            concession=[[0, 0], [0, 1], [1, 1]]
        ),
        "lies outside it; mend the corners",
    ),
    "closed site that works": (
        lambda data: data["governance"]["sites"]["tinderbush-mine"].update(status="closed"),
        "but the site makes something",
    ),
    "protected area": (_first("layers", kind="protected"), "lies in the protected area 'Ridge country'"),
    "no consent": (_set(consents=[]), "has no consent; add {facility: tinderbush-mine, layer: Ridge country"),
    "consent to another layer": (
        _first("consents", layer="Hill country"),
        "consents.0.layer: 'Hill country'",
    ),
    "no licence": (_set(licences=[]), "has no licence to export spodumene-concentrate from AU"),
    "banned for good": (
        _first("export_rules", rule="banned"),
        "sites.saenal-refinery.inputs.spodumene-concentrate: AU bans the export of spodumene-concentrate",
    ),
    "rule backwards": (_first("export_rules", until="2024-01-01"), "is before from"),
    "circle of owners": (_owner, "closes a circle of owners (tinderbush-lithium -> wirralong-metals"),
    "no price": (_price, "trade.prices.odd-ore: there is no price for it"),
    "no customs office": (_no_customs, "trade.origin_certificates: AU has no customs office"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_contradiction_is_refused_with_file_line_key_and_mend(name: str) -> None:
    change, told = BAD[name]
    data = governed_data()
    change(data)
    with pytest.raises(ScenarioError) as caught:
        governed(data)
    assert told.lower() in str(caught.value).lower()
    assert all(line.startswith("governed.yaml:") for line in str(caught.value).splitlines())


def test_what_leaves_after_a_ban_stops_the_simulation_by_name() -> None:
    data = governed_data(licences=[])
    data["governance"]["export_rules"] = [
        {"nation": "AU", "product": "spodumene-concentrate", "from": "2026-01-20", "rule": "banned"}
    ]
    world = simulate(governed(data), 7)
    with pytest.raises(ScenarioError, match=r"consignment .* AU bans the export of spodumene-concentrate"):
        make_claims(world)
