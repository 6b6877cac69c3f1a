"""An honest simulated world: the graph rules find nothing, and the map reaches from the pack to the mine."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assay.harness.graph import chain
from assay.harness.graph.selftest import graph_selftest
from assay.harness.material import CredentialSet, Document, Kind, Scheme
from assay.harness.results import Outcome
from assay.simulator import load_scenario, simulate, write_dataset
from assay.simulator.scenario import DEFAULT_SCENARIO

from .graph_material import document, judged

NOT_STATED = {"G-019", "G-020", "G-111", "G-112", "G-113"}
"""Scores, digests of credentials and custody models, which the default scenario does not state."""


def payload(raw: bytes) -> Any:
    part = raw.split(b".")[1]
    return json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[CredentialSet, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("world") / "dataset"
    write_dataset(simulate(load_scenario(DEFAULT_SCENARIO), 7), folder)
    dataset = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    found: list[Document] = [
        document(payload(path.read_bytes()), path.name)
        for path in sorted((folder / "credentials").glob("*.jwt"))
    ]
    for node in sorted((folder / "nodes").glob("*.json")):
        found += schemes(folder, json.loads(node.read_text(encoding="utf-8")))
    as_of = datetime.fromisoformat(dataset["as_of"])
    return CredentialSet(tuple(found), as_of, frozenset(dataset["trust_anchors"])), dataset


def schemes(folder: Path, node: dict[str, Any]) -> list[Document]:
    raws = [
        (entry["url"], (folder / entry["file"]).read_bytes())
        for entry in node["files"]
        if entry["role"] == "scheme"
    ]
    return [Scheme(source=url, raw=raw, value=json.loads(raw), kind=Kind.SCHEME) for url, raw in raws]


def test_no_rule_finds_anything_and_nearly_all_have_something_to_judge(
    world: tuple[CredentialSet, dict[str, Any]],
) -> None:
    results = judged(world[0])
    failed = {
        name: result.findings[:2] for name, result in results.items() if result.outcome is Outcome.FAILED
    }
    assert failed == {}
    rest = {name: result for name, result in results.items() if result.outcome is not Outcome.PASSED}
    assert {result.outcome for result in rest.values()} <= {Outcome.NOT_APPLICABLE}
    assert rest.keys() <= NOT_STATED


def test_the_self_test_takes_the_world_as_an_honest_set(world: tuple[CredentialSet, dict[str, Any]]) -> None:
    assert graph_selftest([world[0]], only=()) == []


def test_the_map_goes_from_the_pack_back_to_the_mine(world: tuple[CredentialSet, dict[str, Any]]) -> None:
    credentials, dataset = world
    drawn = chain(credentials, dataset["roots"][0])
    assert drawn["root"] == dataset["roots"][0]
    assert drawn["unknown"] == []
    stages = {
        site["country"]: site["stage"] for site in sorted(drawn["sites"], key=lambda site: site["stage"])
    }
    assert stages["AU"] > stages["KR"] > 0
    assert {site["country"] for site in drawn["sites"] if site["stage"] == 0} == {"DE"}
    assert all(flow["mass_kg"] > 0 and flow["elements"] for flow in drawn["flows"])
