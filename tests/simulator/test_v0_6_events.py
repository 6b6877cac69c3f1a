"""How single events are told in 0.6: terminals, packs, and what nobody has words for."""

from __future__ import annotations

from typing import Any

import pytest

from assay.simulator import World
from assay.simulator.issuance.v0_6 import Untranslatable
from assay.simulator.issuance.v0_6.events import events
from assay.simulator.issuance.v0_6.library import Library

TERMINAL = {"type": ["Facility"], "id": "https://id.a.example/facility/T", "name": "Terminal"}
PLANT = {"type": ["Facility"], "id": "https://id.a.example/facility/P", "name": "Plant"}
URL = "https://a.example/credentials/dte/1"


@pytest.fixture
def library(world: World) -> Library:
    """Of a world in which one facility is a terminal."""
    made = Library(world, "0.6.1")
    vars(made)["terminals"] = frozenset({TERMINAL["id"]})
    return made


def goods(*names: str, disposition: str = "new", granularity: str = "batch") -> list[dict[str, Any]]:
    return [
        {
            "product": {"id": f"https://id.a.example/{name}", "name": name, "idGranularity": granularity},
            "quantity": {"value": 1000 + place, "unit": "KGM"},
            "disposition": disposition,
        }
        for place, name in enumerate(names)
    ]


def event(cls: str, step: str, **more: Any) -> dict[str, Any]:
    return {
        "type": [cls, "LifecycleEvent"],
        "id": f"{URL}#event-1",
        "name": "Told",
        "eventDate": "2026-03-01T00:00:00Z",
        "activityType": {"code": step},
        **more,
    }


def make(place: dict[str, Any], *inputs: str) -> dict[str, Any]:
    return event(
        "MakeEvent", "commissioning", inputProduct=goods(*inputs), outputProduct=goods("out"), madeAtFacility=place
    )  # fmt: skip


def move(step: str, origin: dict[str, Any], destination: dict[str, Any], *names: str) -> dict[str, Any]:
    parties = [
        {"role": role, "party": {"id": f"did:web:{role}.example"}}
        for role in ("consignor", "consignee", "carrier")
    ]
    return event(
        "MoveEvent", step, relatedParty=parties, movedProduct=goods(*names), fromFacility=origin,
        toFacility=destination, consignmentId="https://id.a.example/consignment/1",
    )  # fmt: skip


def test_lots_that_are_blended_in_a_terminal_are_aggregated_to_the_blend(library: Library) -> None:
    blend, aggregation = events(library, [make(TERMINAL, "a", "b")])
    assert (blend["type"][0], blend["action"]) == ("ObjectEvent", "add")
    assert blend["quantityList"][0]["quantity"] == 1000
    assert (aggregation["type"][0], aggregation["bizStep"]) == ("AggregationEvent", "packing")
    assert aggregation["parentEPC"]["id"] == "https://id.a.example/out"
    assert [one["quantity"] for one in aggregation["childQuantityList"]] == [1000, 1001]


def test_what_a_plant_makes_of_inputs_is_a_transformation(library: Library) -> None:
    (made,) = events(library, [make(PLANT, "a", "b")])
    assert made["type"] == ["TransformationEvent", "Event"]
    assert len(made["inputQuantityList"]) == 2
    assert "inputEPCList" not in made  # batches are quantities of a class, not things


def test_what_comes_from_the_ground_is_only_added(library: Library) -> None:
    (made,) = events(library, [make(PLANT)])
    assert (made["type"][0], made["action"], made["bizStep"]) == ("ObjectEvent", "add", "commissioning")


def test_lots_that_leave_a_terminal_together_are_aggregated_to_the_consignment(library: Library) -> None:
    mixed, sent = events(library, [move("shipping", TERMINAL, PLANT, "a", "b")])
    assert mixed["type"][0] == "AggregationEvent"
    assert mixed["parentEPC"]["id"] == sent["epcList"][0]["id"] == "https://id.a.example/consignment/1"
    assert (sent["sourceParty"], sent["destinationParty"]) == (
        "did:web:consignor.example",
        "did:web:consignee.example",
    )
    assert [one["id"] for one in (mixed, sent)] == [f"{URL}#event-1-1", f"{URL}#event-1"]


@pytest.mark.parametrize(
    ("step", "origin", "place", "disposition", "paper"),
    [
        ("shipping", PLANT, PLANT, "in_transit", "desadv"),
        ("receiving", PLANT, TERMINAL, "in_progress", "recadv"),
    ],
)
def test_both_sides_of_a_consignment_tell_of_their_own_place(
    step: str, origin: dict[str, Any], place: dict[str, Any], disposition: str, paper: str, library: Library
) -> None:
    (told,) = events(library, [move(step, origin, TERMINAL, "a", "b")])
    assert (told["bizLocation"], told["disposition"], told["bizTransaction"]) == (
        place["id"],
        disposition,
        paper,
    )


@pytest.mark.parametrize(
    ("disposition", "action", "told"),
    [
        ("active", "observe", "active"),
        ("recycled", "delete", "destroyed"),
        ("disposed", "delete", "disposed"),
    ],
)
def test_goods_that_are_gone_are_deleted(disposition: str, action: str, told: str, library: Library) -> None:
    changed = event(
        "ModifyEvent", "decommissioning", modifiedProduct=goods("a", disposition=disposition), modifiedAtFacility=PLANT
    )  # fmt: skip
    (said,) = events(library, [changed])
    assert (said["action"], said["disposition"]) == (action, told)


@pytest.mark.parametrize(
    "strange",
    [
        event("BurnEvent", "commissioning"),
        make(PLANT) | {"sensorData": []},
        make(PLANT) | {"activityType": {"code": "juggling"}},
    ],
    ids=["class", "member", "step"],
)
def test_events_without_words_in_0_6_are_refused(strange: dict[str, Any], library: Library) -> None:
    with pytest.raises(Untranslatable):
        events(library, [strange])
