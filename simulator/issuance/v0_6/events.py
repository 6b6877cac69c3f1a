"""Digital Traceability Events of 0.6: five kinds of events in the manner of EPCIS, quantities in kilograms.

* Goods that came from the ground or from outside: ObjectEvent, action add.
* Inputs that became something else: TransformationEvent.
* Cells and housings that are built into a pack and could be taken out again: the pack is commissioned (ObjectEvent, action
  add, with its weight), then they are associated with it (AssociationEvent).
* Lots that were blended in a terminal: the blend is commissioned, then lots are aggregated to it (AggregationEvent); lots
  that leave a terminal in one consignment are aggregated to the consignment.
* Consignments: TransactionEvent of the sender (despatch advice) and of the receiver (receiving advice).
* Stocktakes: ObjectEvent, action observe.

Batches are quantities of a class of things; items stand in the list of things as well. A consignment is a thing.
"""

from __future__ import annotations

from collections.abc import Iterator

from assay.profiles.untp_0_6.codes import BUSINESS_STEPS
from assay.simulator.issuance.v0_6.codes import ACTIONS, DISPOSITIONS
from assay.simulator.issuance.v0_6.library import Library
from assay.simulator.issuance.v0_6.pieces import Json, Untranslatable, members

__all__ = ["events"]

_COMMON = ("name", "description", "eventDate", "activityType")
_UNSAID = ("relatedDocument",)
"""Passports are found through the identifiers of products; other papers are named in ``processType``, for there are no links."""


def events(library: Library, values: list[Json]) -> list[Json]:
    """Events of one credential. One event of 0.7 may become two: the second bears its identifier, the first one of its own."""
    said: list[Json] = []
    for value in values:
        kind = value["type"][0]
        if kind == "MakeEvent":
            made = _make(library, value)
        elif kind == "MoveEvent":
            made = _move(library, value)
        elif kind == "ModifyEvent":
            made = _modify(value)
        else:
            raise Untranslatable(f"0.6 has no event for {kind}")
        *before, last = made
        said += [{**one, "id": f"{value['id']}-{number}"} for number, one in enumerate(before, 1)]
        said.append({**last, "id": value["id"]})
    return said


def _event(
    cls: str, value: Json, step: str, action: str, disposition: str, place: Json | None, **more: object
) -> Json:
    if step not in BUSINESS_STEPS:
        raise Untranslatable(f"GS1 CBV has no business step {step}")
    said: Json = {
        "type": [cls, "Event"],
        "processType": _process(value),
        "eventTime": value["eventDate"],
        "action": action,
        "disposition": disposition,
        "bizStep": step,
    }
    if place is not None:
        said["bizLocation"] = place["id"]
    return said | {name: one for name, one in more.items() if one}


def _process(value: Json) -> str:
    """What happened, how (the route), and the papers that belong to it."""
    papers = [one["linkName"] for one in value.get("relatedDocument", ()) if one["linkType"] == "describedby"]
    return ". ".join(
        part.rstrip(".") for part in (value["name"], value.get("description", ""), *papers) if part
    )


def _item(product: Json) -> Json:
    return {"type": ["Item"], "id": product["id"], "name": product["name"]}


def _items(products: list[Json]) -> list[Json]:
    return [_item(one["product"]) for one in products if one["product"]["idGranularity"] == "item"]


def _quantities(products: list[Json]) -> list[Json]:
    return [
        {
            "productId": one["product"]["id"],
            "productName": one["product"]["name"],
            "quantity": one["quantity"]["value"],
            "uom": one["quantity"]["unit"],
        }
        for one in products
    ]


def _make(library: Library, value: Json) -> Iterator[Json]:
    members(
        value,
        "MakeEvent",
        (*_COMMON, "inputProduct", "outputProduct", "madeAtFacility"),
        (*_UNSAID, "relatedParty"),
    )
    inputs, outputs, place = value["inputProduct"], value["outputProduct"], value["madeAtFacility"]
    step = value["activityType"]["code"]
    if inputs and not _stays_itself(library, value):
        yield _event(
            "TransformationEvent", value, step, "add", "active", place,
            inputEPCList=_items(inputs), inputQuantityList=_quantities(inputs),
            outputEPCList=_items(outputs), outputQuantityList=_quantities(outputs),
        )  # fmt: skip
        return
    yield _event(
        "ObjectEvent", value, step, "add", "active", place,
        epcList=_items(outputs), quantityList=_quantities(outputs),
    )  # fmt: skip
    if inputs:
        blended = place["id"] in library.terminals
        yield _event(
            "AggregationEvent" if blended else "AssociationEvent",
            value, "packing" if blended else "assembling", "add", "in_progress", place,
            parentEPC=_item(outputs[0]["product"]),
            childEPCList=_items(inputs), childQuantityList=_quantities(inputs),
        )  # fmt: skip


def _stays_itself(library: Library, value: Json) -> bool:
    """Whether inputs are still there in the one output: lots blended in a terminal, cells and housing in a pack."""
    if len(value["outputProduct"]) != 1:
        return False
    if value["madeAtFacility"]["id"] in library.terminals:
        return True
    made = value["outputProduct"][0]["product"]
    return made["idGranularity"] == "item" and library.kinds.get(made.get("modelNumber", "")) == "pack"


def _move(library: Library, value: Json) -> Iterator[Json]:
    members(
        value,
        "MoveEvent",
        (*_COMMON, "relatedParty", "movedProduct", "fromFacility", "toFacility", "consignmentId"),
        _UNSAID,
    )
    parties = {one["role"]: one["party"]["id"] for one in value["relatedParty"]}
    moved, step = value["movedProduct"], value["activityType"]["code"]
    sent = step != "receiving"
    place = value["fromFacility"] if sent else value["toFacility"]
    consignment = {"type": ["Item"], "id": value["consignmentId"], "name": "Consignment"}
    if sent and len(moved) > 1 and place["id"] in library.terminals:
        yield _event(
            "AggregationEvent", value, "packing", "add", "in_progress", place,
            parentEPC=consignment, childEPCList=_items(moved), childQuantityList=_quantities(moved),
        )  # fmt: skip
    yield _event(
        "TransactionEvent", value, step, "add" if sent else "observe",
        "in_transit" if sent else "in_progress", place,
        sourceParty=parties["consignor"], destinationParty=parties["consignee"],
        bizTransaction="desadv" if sent else "recadv",
        epcList=[consignment, *_items(moved)], quantityList=_quantities(moved),
    )  # fmt: skip


def _modify(value: Json) -> Iterator[Json]:
    members(
        value,
        "ModifyEvent",
        (*_COMMON, "modifiedProduct", "modifiedAtFacility"),
        (*_UNSAID, "relatedParty"),
    )
    products = value["modifiedProduct"]
    (disposition,) = {one["disposition"] for one in products}
    yield _event(
        "ObjectEvent", value, value["activityType"]["code"], ACTIONS.get(disposition, "observe"),
        DISPOSITIONS[disposition], value["modifiedAtFacility"],
        epcList=_items(products), quantityList=_quantities(products),
    )  # fmt: skip
