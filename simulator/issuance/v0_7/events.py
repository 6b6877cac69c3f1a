"""Digital Traceability Events: making, sending and receiving."""

from __future__ import annotations

from assay.simulator.claims import MakeClaim, MoveClaim, Quantity
from assay.simulator.issuance.agenda import Entry, Makes, Receipt, Shipment, Stocktake
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.names import consignment_uri
from assay.simulator.issuance.v0_7.fragments import Fragments, Json, business_step, kilograms
from assay.simulator.issuance.v0_7.trade import settlement_documents, trade_documents

__all__ = ["event"]


def event(pieces: Fragments, entry: Entry, about: Makes | Shipment | Receipt | Stocktake) -> Json:
    """A credential of one or more events."""
    if isinstance(about, Stocktake):
        return _stocktake(pieces, entry, about)
    if isinstance(about, Makes):
        name = f"Making at {about.facility.name}"
        return pieces.envelope(
            entry,
            name,
            [_make(pieces, make, _event_id(entry, number)) for number, make in enumerate(about.makes, 1)],
        )
    world, route = pieces.world, pieces.world.scenario.routes[about.move.route]
    origin, destination = world.facilities[route.origin], world.facilities[route.destination]
    if isinstance(about, Shipment):
        name = f"Shipment from {origin.name} to {destination.name}"
    else:
        name = f"Receipt at {destination.name} from {origin.name}"
    return pieces.envelope(
        entry, name, [_move(pieces, entry, about.move, name, sent=isinstance(about, Shipment))]
    )


def _event_id(entry: Entry, number: int) -> str:
    """Events are parts of the credential that reports them."""
    return f"{entry.url}#event-{number}"


def _products(pieces: Fragments, quantities: tuple[Quantity, ...], disposition: str) -> list[Json]:
    return [
        {
            "product": pieces.product(quantity.lot),
            "quantity": kilograms(quantity.grams),
            "disposition": disposition,
        }
        for quantity in quantities
    ]


def _passports(pieces: Fragments, quantities: tuple[Quantity, ...]) -> list[Json]:
    return [pieces.passport_link(quantity.lot) for quantity in quantities]


def _make(pieces: Fragments, make: MakeClaim, event_id: str) -> Json:
    world, facility = pieces.world, pieces.world.facilities[make.facility]
    lot = make.outputs[0].lot
    name = f"Making of {world.products[lot.product].name}, {pieces.lot_number(lot)}"
    return {
        "type": ["MakeEvent", "LifecycleEvent"],
        "id": event_id,
        "name": name,
        "eventDate": stamp(make.time),
        "relatedDocument": _passports(pieces, make.outputs),
        "activityType": business_step("commissioning", "Commissioning"),
        "relatedParty": [pieces.role("manufacturer", facility.operator)],
        "inputProduct": _products(pieces, make.inputs, "consumed"),
        "outputProduct": _products(pieces, make.outputs, "new"),
        "madeAtFacility": pieces.facility(facility),
    }


def _stocktake(pieces: Fragments, entry: Entry, about: Stocktake) -> Json:
    """Closing stock. Counting changes nothing, so products stay active."""
    facility = pieces.world.facilities[about.stock.facility]
    name = f"Stocktake at {facility.name}"
    counted: Json = {
        "type": ["ModifyEvent", "LifecycleEvent"],
        "id": _event_id(entry, 1),
        "name": name,
        "eventDate": stamp(about.stock.time),
        "relatedDocument": _passports(pieces, about.stock.stock),
        "activityType": business_step("stock_taking", "Stock taking"),
        "relatedParty": [pieces.role("owner", facility.operator)],
        "modifiedProduct": _products(pieces, about.stock.stock, "active"),
        "modifiedAtFacility": pieces.facility(facility),
    }
    return pieces.envelope(entry, name, [counted])


def _move(pieces: Fragments, entry: Entry, move: MoveClaim, name: str, *, sent: bool) -> Json:
    """One side of a consignment. Both sides name the same consignment; the receiver writes its own time and weights."""
    world = pieces.world
    route = world.scenario.routes[move.route]
    origin, destination = world.facilities[route.origin], world.facilities[route.destination]
    quantities = move.sent if sent else move.received
    moment = move.departed if sent or move.arrived is None else move.arrived
    step = business_step("shipping", "Shipping") if sent else business_step("receiving", "Receiving")
    return {
        "type": ["MoveEvent", "LifecycleEvent"],
        "id": _event_id(entry, 1),
        "name": name,
        "description": pieces.journey(move.route),
        "eventDate": stamp(moment),
        "relatedDocument": [
            *_passports(pieces, quantities),
            *(trade_documents(pieces, move) if sent else settlement_documents(pieces, move)),
        ],
        "activityType": step,
        "relatedParty": [
            pieces.role("consignor", origin.operator),
            pieces.role("consignee", destination.operator),
            pieces.role("carrier", world.parties[route.carrier]),
        ],
        "movedProduct": _products(pieces, quantities, "inTransit"),
        "fromFacility": pieces.facility(origin),
        "toFacility": pieces.facility(destination),
        "consignmentId": consignment_uri(world, move),
    }
