"""Addresses that several documents and the resolvers must agree on, whatever the version of UNTP."""

from __future__ import annotations

from assay.simulator.claims import MoveClaim
from assay.simulator.randomness import identifier
from assay.simulator.world import World

__all__ = ["alias_uri", "consignment_uri", "scheme_uris"]


def alias_uri(world: World, facility: str) -> str | None:
    """The facility's other identifier (a mining title) as a URI of the nation's resolver."""
    place = world.facilities[facility]
    return f"https://{world.nations[place.nation].resolver}/title/{place.alias}" if place.alias else None


def consignment_uri(world: World, move: MoveClaim) -> str:
    """The consignment's number as a URI of the resolver where it started."""
    origin = world.scenario.routes[move.route].origin
    nation = world.nations[world.facilities[origin].nation]
    return f"https://{nation.resolver}/consignment/{identifier(world.seed, move.consignment, 'consignment')}"


def scheme_uris(world: World, scheme: str) -> tuple[str, ...]:
    """URIs of a scheme and of its profiles: what an accreditation covers."""
    entry = world.schemes[scheme]
    base = f"{world.owner(entry).origin}/scheme/{entry.id}"
    return (base, *(f"{base}/profile/{profile.id}/{profile.version}" for profile in entry.profiles))
