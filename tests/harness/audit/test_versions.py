"""The same world in UNTP 0.6: as consistent, and findings point into the documents as they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.cli.simulate import run_simulate
from assay.harness.audit.judge import audit
from assay.harness.audit.legacy import modern
from assay.harness.audit.published import published
from assay.harness.results import Finding, Outcome, Verdict

from .worlds import Json, World, audited, failed


@pytest.fixture(scope="module")
def streamed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("older") / "world"
    run_simulate(
        "au-kr-de-nmc811", folder, 1, untp="0.6.1", formats=["jsonl"], workers=1, force=False, resume=False
    )
    return folder


@pytest.fixture(scope="module")
def older(streamed: Path) -> World:
    rows = [json.loads(line) for line in (streamed / "ledger.jsonl").read_text().splitlines()]
    return World([found.value for found in published(streamed)], rows)


def test_a_streamed_world_of_0_6_is_consistent(streamed: Path) -> None:
    run = audit(streamed, version="test")
    assert failed(run) == set()
    assert run.verdict is Verdict.CONFORMANT
    passed = {result.requirement.id for result in run.results if result.outcome is Outcome.PASSED}
    assert passed >= {
        "W-101",
        "W-103",
        "W-106",
        "W-113",
        "W-114",
        "W-125",
        "W-131",
        "W-141",
        "W-143",
        "W-171",
        "W-175",
        "W-180",
    }


def _passport(world: World, name: str) -> Json:
    found = world.of_kind("DigitalProductPassport")
    return next(
        one["credentialSubject"] for one in found if name in one["credentialSubject"]["product"]["name"]
    )


def _facility(world: World, name: str) -> Json:
    found = (one["credentialSubject"]["facility"] for one in world.of_kind("DigitalFacilityRecord"))
    return next(one for one in found if name in one["name"])


def _event(world: World, kind: str, product: str, key: str) -> Json:
    for document in world.of_kind("DigitalTraceabilityEvent"):
        for event in document["credentialSubject"]:
            if event["type"][0] == kind and any(product in one["productName"] for one in event.get(key, ())):
                found: Json = event
                return found
    raise AssertionError(f"no {kind} of {product}")


def produced_early(world: World) -> None:
    _passport(world, "Lithium-ion cells")["product"]["productionDate"] = "2026-05-01"


def made_elsewhere(world: World) -> None:
    _passport(world, "Lithium hydroxide")["product"]["countryOfProduction"] = "JP"


def heavy_material(world: World) -> None:
    _passport(world, "Lithium-ion cells")["materialsProvenance"][0]["mass"]["value"] *= 2


def strong_pack(world: World) -> None:
    for claim in _passport(world, "Traction battery pack")["conformityClaim"]:
        for one in claim["declaredValue"]:
            if one["metricName"] == "Rated energy":
                one["metricValue"]["value"] = 82


def small_footprint(world: World) -> None:
    for claim in _passport(world, "Traction battery pack")["conformityClaim"]:
        for one in claim["declaredValue"]:
            if one["metricName"] == "Product Carbon Footprint":
                one["metricValue"]["value"] = 2


def swapped(world: World) -> None:
    point = _facility(world, "Lindenhag")["locationInformation"]["geoLocation"]
    point["coordinates"].reverse()


def open_ring(world: World) -> None:
    del _facility(world, "Lindenhag")["locationInformation"]["geoBoundary"]["coordinates"][0][-1]


def too_much_hydroxide(world: World) -> None:
    _event(world, "TransformationEvent", "Lithium hydroxide", "outputQuantityList")["outputQuantityList"][0][
        "quantity"
    ] *= 1.3


def odd_unit_in_a_pack(world: World) -> None:
    _event(world, "AssociationEvent", "Lithium-ion cells", "childQuantityList")["childQuantityList"][0][
        "uom"
    ] = "kilos"


def received_more(world: World) -> None:
    for document in world.of_kind("DigitalTraceabilityEvent"):
        event = document["credentialSubject"][0]
        if event["bizStep"] == "receiving" and "Lithium-ion cells" in event["quantityList"][0]["productName"]:
            event["quantityList"][0]["quantity"] *= 1.02


def small_permit(world: World) -> None:
    world.replace("No more than 1200000 tonnes", "No more than 1200 tonnes")


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (produced_early, "W-120"),
        (made_elsewhere, "W-145"),
        (heavy_material, "W-172"),
        (strong_pack, "W-175"),
        (small_footprint, "W-180"),
        (swapped, "W-140"),
        (open_ring, "W-142"),
        (too_much_hydroxide, "W-101"),
        (odd_unit_in_a_pack, "W-152"),
        (received_more, "W-106"),
        (small_permit, "W-131"),
    ],
)
def test_faults_are_found_in_0_6_where_they_stand(
    edit: Callable[[World], None], rule: str, older: World, tmp_path: Path
) -> None:
    world = older.copy()
    edit(world)
    run = audited(world, tmp_path)
    assert rule in failed(run)
    findings: list[Finding] = [finding for result in run.results for finding in result.findings]
    for finding in findings:
        number = int(finding.at.source.partition(":")[2])
        assert _resolves(world.documents[number - 1], finding.at.pointer), finding.at.pointer


def _resolves(value: Any, pointer: str) -> bool:
    for step in pointer.split("/")[1:]:
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return False
    return True


def test_swapped_coordinates_are_called_so(older: World, tmp_path: Path) -> None:
    world = older.copy()
    swapped(world)
    run = audited(world, tmp_path)
    (finding,) = (
        found for result in run.results if result.requirement.id == "W-140" for found in result.findings
    )
    assert finding.hint.startswith("Latitude and longitude are swapped")


def test_documents_of_0_7_are_read_as_they_are(honest: World) -> None:
    assert all(modern(document["type"][0], document) is None for document in honest.documents)
