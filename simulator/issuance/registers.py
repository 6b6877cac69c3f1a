"""Registers that each nation's trust office publishes: identifier schemes, conformity schemes, issuing software.

Shapes: UNTP register schemas of April 2026 (IDR, CVC, SWI). Plain JSON, not credentials.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.simulator.issuance.discovery import Directory
from assay.simulator.world import Nation, Organisation, World

__all__ = ["registers"]

_SCOPE = ["VCP", "DPP", "DTE", "DCC", "DFR", "DIA"]


def registers(
    directory: Directory, schemes: list[dict[str, Any]], version: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """URL and content of every register. ``schemes`` are the published vocabularies, which the CVC registers list.

    ``version`` is the version of UNTP that the issuing software writes.
    """
    world = directory.world
    products: dict[str, list[tuple[str, str]]] = {}
    for vendor_id, product, release in world.scenario.all_software():
        products.setdefault(vendor_id, []).append((product, release))
    for nation in world.nations.values():
        yield _register(
            world, nation, "idr", "Identifier schemes", list(_identifier_schemes(directory, nation))
        )
        owned = [
            _conformity_scheme(document)
            for entry, document in zip(world.schemes.values(), schemes, strict=True)
            if world.owner(entry).nation == nation.code
        ]
        if owned:
            yield _register(world, nation, "cvc", "Conformity schemes", owned)
        software = [
            _software(world, nation, world.parties[vendor], made, version)
            for vendor, made in products.items()
            if world.parties[vendor].nation == nation.code
        ]
        if software:
            yield _register(world, nation, "swi", "Issuing software", software)


def _register(
    world: World, nation: Nation, kind: str, title: str, entries: list[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:
    url = f"{nation.anchor.origin}/registers/{kind}"
    return url, {
        "id": url,
        "name": f"{title} of {nation.name} (example)",
        "description": f"{title} that {nation.anchor.name} knows.",
        "lastUpdated": world.scenario.start.date().isoformat(),
        "registrar": {"id": nation.anchor.did, "name": nation.anchor.name},
        "entries": entries,
    }


def _identifier_schemes(directory: Directory, nation: Nation) -> Iterator[dict[str, Any]]:
    """The schemes of the nation's registers, each with an example, which exists where identifiers of the scheme do."""
    world, code = directory.world, nation.code
    party = next((p for p in world.parties.values() if p.nation == code), None)
    facility = next((f for f in world.facilities.values() if f.nation == code), None)
    known = [
        (nation.anchor, "organisation", "authority", nation.business.number, f"^{code}-AUTH-[a-z0-9-]+$")
    ]
    if party is not None:
        known.append((nation.business, "organisation", "business", party.number, f"^{code}-[0-9]{{10}}$"))
    if facility is not None:
        known.append((nation.facilities, "facility", "facility", facility.number, f"^{code}-F-[0-9]{{5}}$"))
    accredited = directory.accreditations.get(code)
    if accredited is not None:
        known.append(
            (
                nation.accreditation,
                "organisation",
                "accreditation",
                accredited,
                f"^{code}-CAB-[0-9]{{4}}$",
            )
        )
    titles = [f.alias for f in world.facilities.values() if f.nation == code and f.alias]
    if nation.permits is not None:
        example = titles[0] if titles else f"{code}-TITLE-1"  # where it gave out none, the form of one
        known.append((nation.permits, "location", "title", example, "^[A-Z0-9-]+$"))
    known += _titles_and_recognitions(directory, nation)
    for body, register_type, path, example, pattern in known:
        yield {
            "id": body.origin,
            "name": body.scheme or f"Numbers of {body.name}",
            "description": body.description,
            "registerType": register_type,
            "registrarName": body.name,
            "registrarId": body.did,
            "registeredIdPattern": pattern,
            "registeredIdExample": example,
            "registeredIdUriTemplate": f"https://{nation.resolver}/{path}/{{id}}",
            "resolverEndpoint": f"https://{nation.resolver}/linkset/{path}/{{id}}",
            "countryCode": nation.alpha3,
            "documentation": body.origin,
        }


def _titles_and_recognitions(
    directory: Directory, nation: Nation
) -> list[tuple[Organisation, str, str, str, str]]:
    """The land register, and the apex where it has its seat here."""
    world, found = directory.world, []
    titles = [
        title.number
        for title in world.scenario.governance.titles
        if world.facilities[title.facility].nation == nation.code
    ]
    if nation.land is not None:
        example = titles[0] if titles else f"{nation.code}-TITLE-1"
        found.append((nation.land, "location", "land", example, "^[A-Z0-9]+(-[A-Z0-9]+)*$"))
    recognised = directory.recognitions
    for party in world.parties.values():
        if party.role == "apex" and party.nation == nation.code and recognised:
            found.append((party, "organisation", "recognition", recognised[0], "^REC-[0-9]{4}$"))
    return found


def _conformity_scheme(document: dict[str, Any]) -> dict[str, Any]:
    """The entry of a vocabulary: what it says of itself, in the register's own spelling."""
    kept = (
        "id",
        "name",
        "description",
        "endorsementLevel",
        "documentation",
        "licenseType",
        "establishedDate",
    )
    owner = {name: document["owner"][name] for name in ("id", "name", "registeredId")}
    return {**{name: document[name] for name in kept}, "owner": owner, "vocabularyURL": document["id"]}


def _software(
    world: World, nation: Nation, vendor: Organisation, made: list[tuple[str, str]], version: str
) -> dict[str, Any]:
    """A vendor and its products, name and release."""
    return {
        "id": vendor.did,
        "name": vendor.name,
        "website": vendor.origin,
        "description": vendor.description,
        "registrationCountry": nation.alpha3,
        "commitmentDate": world.scenario.start.date().isoformat(),
        "untpScope": _SCOPE,
        "status": "active",
        "products": [
            {
                "name": product.replace("-", " ").capitalize(),
                "url": f"{vendor.origin}/.well-known/untp/software/{product}/{release}",
                "untpScope": _SCOPE,
                "untpVersions": [version],
            }
            for product, release in made
        ],
    }
