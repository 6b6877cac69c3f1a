"""Facts find their credentials by minute, mass and grades, whatever else happened at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assay.harness.results import Outcome, RequirementResult

from .worlds import Json, World, audited

SITE, STORE = "https://id.example/facility/1", "https://id.example/facility/2"
LOTS = {"cobalt": {"Co": 836_000_000}, "graphite": {"C": 3_998_000_000}, "nickel": {"Ni": 892_000_000}}
MASS = 4_000_000_000


def _credential(kind: str, number: int, subject: Any, valid: str = "2026-02-01T12:00:00Z") -> Json:
    issuer = {"id": "did:web:a.example", "name": "A"}
    return {
        "type": [kind, "VerifiableCredential"],
        "id": f"https://a.example/{kind}/{number}",
        "issuer": issuer,
        "validFrom": valid,
        "credentialSubject": subject,
    }


def _product(name: str) -> Json:
    return {"id": f"https://id.example/product/{name}", "name": name}


def _world(order: list[str]) -> World:
    """Three lots of one mass and day; one of them is shipped, so that the clocks can be compared."""
    documents = []
    for number, name in enumerate(LOTS):
        grades = {element: amount / MASS for element, amount in LOTS[name].items()}
        subject = {
            **_product(name),
            "idGranularity": "batch",
            "productionDate": "2026-02-01",
            "producedAtFacility": {"id": SITE},
            "dimensions": {"weight": {"value": 4000, "unit": "KGM"}},
            "characteristics": {"elementGrades": grades, "gradeBasis": "dry", "moisture": 0},
        }
        documents.append(_credential("DigitalProductPassport", number, subject))
    event = {
        "id": "https://a.example/move",
        "eventDate": "2026-02-03T10:00:00Z",
        "activityType": {"code": "shipping"},
        "fromFacility": {"id": SITE},
        "toFacility": {"id": STORE},
        "consignmentId": "c1",
        "movedProduct": [{"product": _product("cobalt"), "quantity": {"value": 1000, "unit": "KGM"}}],
    }
    documents.append(_credential("DigitalTraceabilityEvent", 9, [event], "2026-02-03T11:00:00Z"))
    rows: list[Json] = [
        {
            "fact": "source",
            "facility": "works",
            "origin": "bought",
            "started": 0,
            "time": 100 + number,
            "outputs": [{"lot": name, "mass": MASS, "moisture": 0, "elements": LOTS[name], "energy": 0}],
        }
        for number, name in enumerate(order)
    ]
    portion = {"lot": "cobalt", "mass": MASS // 4, "elements": {"Co": LOTS["cobalt"]["Co"] // 4}}
    rows.append(
        {
            "fact": "departure",
            "consignment": "c1",
            "origin": "works",
            "destination": "store",
            "departed": 3480,
            "time": 3480,
            "items": [portion],
        }
    )
    return World(documents, rows)


def _rows(world: World, folder: Path) -> dict[str, RequirementResult]:
    return {result.requirement.id: result for result in audited(world, folder, ledger=True).results}


@pytest.mark.parametrize(
    "order",
    [["cobalt", "graphite", "nickel"], ["nickel", "graphite", "cobalt"], ["graphite", "nickel", "cobalt"]],
)
def test_batches_of_one_day_and_mass_are_told_apart_by_their_grades(order: list[str], tmp_path: Path) -> None:
    rows = _rows(_world(order), tmp_path)
    assert {name: rows[name].outcome for name in ("W-111", "W-112", "W-113", "W-114")} == dict.fromkeys(
        ("W-111", "W-112", "W-113", "W-114"), Outcome.PASSED
    )


def test_a_false_grade_is_held_against_the_one_lot_that_is_left(tmp_path: Path) -> None:
    world = _world(["nickel", "graphite", "cobalt"])
    world.documents[2]["credentialSubject"]["characteristics"]["elementGrades"]["Ni"] *= 1.01
    row = _rows(world, tmp_path)["W-114"]
    (finding,) = row.findings
    assert "Ni as weighed in https://id.example/product/nickel" in finding.expected


def test_a_lot_without_passport_and_a_passport_without_lot_are_both_told(tmp_path: Path) -> None:
    world = _world(["nickel", "graphite", "cobalt"])
    world.ledger = [row for row in world.ledger if row.get("time") != 101]
    assert _rows(world, tmp_path)["W-111"].outcome is Outcome.FAILED
    world = _world(["nickel", "graphite", "cobalt"])
    del world.documents[1]
    rows = _rows(world, tmp_path)
    assert rows["W-112"].outcome is Outcome.FAILED
    assert rows["W-112"].findings[0].at.source == "ledger.jsonl"


def test_opening_stock_needs_no_paper(tmp_path: Path) -> None:
    world = _world(["nickel", "graphite", "cobalt"])
    world.ledger[0]["origin"] = "opening"
    del world.documents[2]
    assert _rows(world, tmp_path)["W-112"].outcome is Outcome.PASSED
