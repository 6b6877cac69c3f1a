"""Addresses that several documents and the resolvers must agree on, whatever the version of UNTP.

All are functions of the seed and a key: whoever knows what a credential is about knows where it stands.
"""

from __future__ import annotations

from datetime import date

from assay.simulator.claim_kinds import MoveClaim
from assay.simulator.facts import Lot
from assay.simulator.randomness import identifier
from assay.simulator.world import Facility, Organisation, World

__all__ = [
    "accreditation_url",
    "alias_uri",
    "certifier",
    "consignment_uri",
    "credential_url",
    "group_name",
    "make_key",
    "mandate_url",
    "model_uri",
    "passport_url",
    "record_url",
    "scheme_uri",
    "scheme_uris",
    "site_certificate_url",
]


def credential_url(world: World, issuer: Organisation, kind: str, key: str) -> str:
    """Where the credential with this key stands."""
    return f"{issuer.origin}/credentials/{kind}/{identifier(world.seed, key, 'credential')}"


def passport_url(world: World, lot: Lot) -> str:
    """Where the passport of a batch or item stands."""
    return credential_url(world, world.facilities[lot.facility].operator, "dpp", f"passport/{lot.id}")


def record_url(world: World, facility: Facility) -> str:
    """Where the present record of a facility stands."""
    return credential_url(world, facility.operator, "dfr", f"facility/{facility.id}")


def certifier(world: World, facility: Facility) -> Organisation:
    """Who certifies a facility and what is made there."""
    return world.parties[world.scenario.certifiers[facility.nation]]


def site_certificate_url(world: World, facility: Facility) -> str:
    return credential_url(world, certifier(world, facility), "dcc", f"site/{facility.id}")


def accreditation_url(world: World, nation: str, party: Organisation) -> str:
    """Where the accreditation of a certifier for a nation stands."""
    body = world.nations[nation].accreditation
    return credential_url(world, body, "dia", f"accreditation/{nation}/{party.id}")


def mandate_url(world: World, body: Organisation) -> str:
    """Where the mandate of a public body stands."""
    return credential_url(world, world.nations[body.nation].anchor, "dia", f"body/{body.id}")


def model_uri(world: World, facility: Facility, product: str) -> str:
    """Identifier of a product model, at the resolver of the nation where the facility makes it."""
    return (
        f"https://{world.nations[facility.nation].resolver}/product/{world.products[product].model.lower()}"
    )


def make_key(facility: str, name: str) -> str:
    """Key of the credential that reports the making of a batch (``name`` is its lot), or of a group of items."""
    return f"make/{facility}/{name}"


def group_name(day: date, number: int) -> str:
    """Name of a group of batches that were finished on one day."""
    return f"{day.isoformat()}/{number}"


def alias_uri(world: World, facility: str) -> str | None:
    """The facility's other identifier (a mining title) as a URI of the nation's resolver."""
    place = world.facilities[facility]
    return f"https://{world.nations[place.nation].resolver}/title/{place.alias}" if place.alias else None


def consignment_uri(world: World, move: MoveClaim) -> str:
    """The consignment's number as a URI of the resolver where it started."""
    origin = world.scenario.routes[move.route].origin
    nation = world.nations[world.facilities[origin].nation]
    return f"https://{nation.resolver}/consignment/{identifier(world.seed, move.consignment, 'consignment')}"


def scheme_uri(world: World, scheme: str) -> str:
    """URI of a scheme."""
    entry = world.schemes[scheme]
    return f"{world.owner(entry).origin}/scheme/{entry.id}"


def scheme_uris(world: World, scheme: str) -> tuple[str, ...]:
    """URIs of a scheme and of its profiles: what an accreditation covers."""
    entry, base = world.schemes[scheme], scheme_uri(world, scheme)
    return (base, *(f"{base}/profile/{profile.id}/{profile.version}" for profile in entry.profiles))
