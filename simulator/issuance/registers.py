"""Registers that each nation's trust office publishes: identifier schemes, conformity schemes, issuing software.

Shapes: UNTP register schemas of April 2026 (IDR, CVC, SWI). Plain JSON, not credentials.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.simulator.issuance.agenda import Identity
from assay.simulator.issuance.book import Book
from assay.simulator.world import Nation, Organisation

__all__ = ["registers"]

_SCOPE = ["VCP", "DPP", "DTE", "DCC", "DFR", "DIA"]


def registers(book: Book, schemes: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """URL and content of every register. ``schemes`` are the published vocabularies, which the CVC registers list."""
    world = book.world
    vendor_id, product, version = world.scenario.software
    vendor = world.parties[vendor_id]
    for nation in world.nations.values():
        yield _register(book, nation, "idr", "Identifier schemes", list(_identifier_schemes(book, nation)))
        owned = [
            _conformity_scheme(document)
            for entry, document in zip(world.schemes.values(), schemes, strict=True)
            if world.owner(entry).nation == nation.code
        ]
        if owned:
            yield _register(book, nation, "cvc", "Conformity schemes", owned)
        if vendor.nation == nation.code:
            software = [_software(book, nation, vendor, product, version)]
            yield _register(book, nation, "swi", "Issuing software", software)


def _register(
    book: Book, nation: Nation, kind: str, title: str, entries: list[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:
    url = f"{nation.anchor.origin}/registers/{kind}"
    return url, {
        "id": url,
        "name": f"{title} of {nation.name} (example)",
        "description": f"{title} that {nation.anchor.name} knows.",
        "lastUpdated": book.world.scenario.start.date().isoformat(),
        "registrar": {"id": nation.anchor.did, "name": nation.anchor.name},
        "entries": entries,
    }


def _identifier_schemes(book: Book, nation: Nation) -> Iterator[dict[str, Any]]:
    """The schemes whose identifiers occur in the world, each with an example that exists."""
    world, code = book.world, nation.code
    party = next((p for p in world.parties.values() if p.nation == code), None)
    facility = next((f for f in world.facilities.values() if f.nation == code), None)
    known = [
        (nation.anchor, "organisation", "authority", nation.business.number, f"^{code}-AUTH-[a-z0-9-]+$")
    ]
    if party is not None:
        known.append((nation.business, "organisation", "business", party.number, f"^{code}-[0-9]{{10}}$"))
    if facility is not None:
        known.append((nation.facilities, "facility", "facility", facility.number, f"^{code}-F-[0-9]{{5}}$"))
    accredited = [i for i in _accreditations(book) if i[0] == code]
    if accredited:
        known.append(
            (
                nation.accreditation,
                "organisation",
                "accreditation",
                accredited[0][1],
                f"^{code}-CAB-[0-9]{{4}}$",
            )
        )
    titles = [f.alias for f in world.facilities.values() if f.nation == code and f.alias]
    if nation.permits is not None and titles:
        known.append((nation.permits, "location", "title", titles[0], "^[A-Z0-9-]+$"))
    for body, register_type, path, example, pattern in known:
        yield {
            "id": body.origin,
            "name": body.scheme,
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


def _accreditations(book: Book) -> Iterator[tuple[str, str]]:
    for entry in book.agenda.entries:
        if isinstance(entry.about, Identity) and entry.about.title == "Accreditation":
            yield entry.about.register.nation, entry.about.number


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


def _software(book: Book, nation: Nation, vendor: Organisation, product: str, version: str) -> dict[str, Any]:
    url = f"{vendor.origin}/.well-known/untp/software/{product}/{version}"
    return {
        "id": vendor.did,
        "name": vendor.name,
        "website": vendor.origin,
        "description": vendor.description,
        "registrationCountry": nation.alpha3,
        "commitmentDate": book.world.scenario.start.date().isoformat(),
        "untpScope": _SCOPE,
        "status": "active",
        "products": [
            {
                "name": product.replace("-", " ").capitalize(),
                "url": url,
                "untpScope": _SCOPE,
                "untpVersions": ["0.7.0"],
            }
        ],
    }
