"""Digital Identity Anchors of 0.6."""

from __future__ import annotations

from assay.simulator.issuance.v0_6.codes import REGISTER_TYPES
from assay.simulator.issuance.v0_6.pieces import Json, id_scheme, members

__all__ = ["identity"]


def identity(value: Json) -> Json:
    """A registered identity. Registrar, date of registration and public page have no place; the register is the issuer."""
    known = ("registeredName", "registeredId", "idScheme", "registerType", "registrationScope")
    members(value, "RegisteredIdentity", known, ("registeredDate", "publicInformation", "registrar"))
    return {
        "type": ["RegisteredIdentity"],
        "id": value["id"],
        "name": value["registeredName"],
        "registeredId": value["registeredId"],
        "idScheme": id_scheme(value["idScheme"]),
        "registerType": REGISTER_TYPES[value["registerType"]],
        "registrationScopeList": list(value["registrationScope"]),
    }
