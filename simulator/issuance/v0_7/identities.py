"""Digital Identity Anchors: registers vouch for parties, national trust anchors for registers."""

from __future__ import annotations

from assay.simulator.governance import owners_above
from assay.simulator.issuance.agenda import Entry, Identity
from assay.simulator.issuance.v0_7.fragments import Fragments, Json, id_scheme
from assay.simulator.world import Organisation

__all__ = ["identity"]

_REGISTERS = {"Business identity": "business", "Land title": "land"}


def identity(pieces: Fragments, entry: Entry, about: Identity) -> Json:
    """The anchor of one organisation in one register."""
    organisation, register = about.organisation, about.register
    slug = about.number.lower()
    owners = _owners(pieces, about)
    page = pieces.book.page(
        f"{register.origin}/public/{slug}.html",
        f"{about.scheme}: {organisation.name}",
        f"Number {about.number}, registered on {organisation.registered.isoformat()}.",
        *(f"Owned by {owner.name}, number {owner.number}." for owner in owners),
    )
    for uri in about.scope:
        if uri.startswith(f"{register.origin}/"):
            pieces.book.page(
                uri, f"Scope of registration: {uri.rsplit('/', 1)[-1]}", f"Kept by {register.name}."
            )
    for body in (register, organisation):
        if body.scheme:  # it gives out identifiers: the scheme's address leads to a page about it
            pieces.book.page(body.origin, body.name, body.description)
    subject: Json = {
        "type": ["RegisteredIdentity"],
        "id": organisation.did,
        "registeredName": organisation.name,
        "registeredId": about.number,
        "registeredDate": organisation.registered.isoformat(),
        "publicInformation": page.url,
        "idScheme": id_scheme(register.origin, about.scheme),
        "registrar": {"type": ["Party"], "id": register.did, "name": register.name},
        "registerType": _REGISTERS.get(about.title, "accreditation"),
        "registrationScope": list(about.scope),
    }
    return pieces.envelope(entry, f"{about.title} of {organisation.name}", subject)


def _owners(pieces: Fragments, about: Identity) -> list[Organisation]:
    """Business registers show the owners of a party, up to the last one, on its public page: UNTP has no field for them."""
    if about.title != "Business identity":
        return []
    world = pieces.world
    return [world.parties[name] for name in owners_above(world.scenario, about.organisation.id)]
