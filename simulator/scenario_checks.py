"""What a type cannot see in a scenario: names that nothing bears, places outside their nation, chains that do not join.

Each problem is one line with the key, the value and the mend.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from assay.profiles.contracts.characteristics import ELEMENTS
from assay.profiles.untp_0_7 import codes
from assay.simulator import custody_entries, governance_checks
from assay.simulator.chemistry import COMPOUNDS
from assay.simulator.scenario import Scenario, SchemeEntry, SiteEntry

__all__ = ["PRODUCT_CRITERIA", "contradictions"]

PRODUCT_CRITERIA = ("product-carbon-footprint", "supplier-due-diligence")
"""Criteria that the simulation has product values for."""


def contradictions(scenario: Scenario) -> Iterator[str]:
    """Every problem of a scenario that is well-formed by itself."""
    vague = [key for key in ("start", "as_of") if getattr(scenario, key).tzinfo is None]
    for key in vague:
        yield f"{key}: {getattr(scenario, key).isoformat()} has no time zone; write for example 2026-11-01T00:00:00Z"
    if vague:
        return
    if scenario.start >= scenario.as_of:
        yield f"start: {scenario.start.isoformat()} is not before as_of {scenario.as_of.isoformat()}; start earlier"
    yield from _twice(scenario)
    for part in (_nations, _parties, _facilities, _sites, _routes, _schemes, _permits):
        yield from part(scenario)
    yield from custody_entries.contradictions(scenario)
    yield from governance_checks.contradictions(scenario)


def _unknown(key: str, value: str, known: Iterable[str]) -> Iterator[str]:
    choices = sorted(known)
    if value not in choices:
        near = difflib.get_close_matches(value, choices, n=1)
        shown = ", ".join(choices[:20]) + (", ..." if len(choices) > 20 else "")
        yield f"{key}: {value!r} is not defined; " + (
            f"did you mean {near[0]!r}?" if near else f"known: {shown}"
        )


def _twice(scenario: Scenario) -> Iterator[str]:
    """Things that may bear a name, or stand at an address, only once."""
    named: dict[str, list[str]] = {
        "parties": [party.id for party in scenario.parties],
        "facilities": [facility.id for facility in scenario.facilities],
        "products": [product.id for product in scenario.products],
        "products.model": [product.model for product in scenario.products],
        "schemes": [scheme.id for scheme in scenario.schemes],
        "permits": [permit.number for permit in scenario.permits],
        "sites (facility, product)": [f"{site.facility}, {site.product}" for site in scenario.sites],
        "routes (origin, destination)": [f"{route.origin}, {route.destination}" for route in scenario.routes],
        "nations.authority": [nation.authority for nation in scenario.nations.values()],
    }
    for kind, names in named.items():
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{kind}: {name!r} is defined twice; rename or remove one"


def _nations(scenario: Scenario) -> Iterator[str]:
    for code, nation in scenario.nations.items():
        yield from _unknown(f"nations.{code}", code, codes.COUNTRIES)
        bodies = [
            nation.anchor, nation.business, nation.facilities, nation.accreditation,
            nation.permits, nation.land, nation.customs,
        ]  # fmt: skip
        hosts = [body.host for body in bodies if body] + ["id"]
        hosts += [party.id for party in scenario.parties if party.nation == code]
        for host in sorted({host for host in hosts if hosts.count(host) > 1}):
            yield f"nations.{code}: host {host!r} is used twice; rename a party or a body"
        if code not in scenario.certifiers:
            yield f"certifiers: nation {code!r} has none; name the party that audits there"


def _parties(scenario: Scenario) -> Iterator[str]:
    parties = {party.id for party in scenario.parties}
    for party in scenario.parties:
        yield from _unknown(f"parties.{party.id}.nation", party.nation, scenario.nations)
    yield from _unknown("software", scenario.software[0], parties)
    users: dict[str, str] = {}
    for place, platform in enumerate(scenario.platforms):
        yield from _unknown(f"platforms.{place}.vendor", platform.vendor, parties)
        for user in platform.used_by:
            yield from _unknown(f"platforms.{place}.used_by", user, parties)
            if user in users:
                yield f"platforms.{place}.used_by: {user!r} uses {users[user]!r} already; name it once"
            users[user] = platform.product
    for code, certifier in scenario.certifiers.items():
        yield from _unknown("certifiers", code, scenario.nations)
        yield from _unknown(f"certifiers.{code}", certifier, parties)


def _facilities(scenario: Scenario) -> Iterator[str]:
    parties = {party.id: party for party in scenario.parties}
    for facility in scenario.facilities:
        yield from _unknown(f"facilities.{facility.id}.operator", facility.operator, parties)
        operator = parties.get(facility.operator)
        nation = scenario.nations.get(operator.nation) if operator else None
        if nation and operator:
            box = nation.bounds
            inside = (
                box.south <= facility.latitude <= box.north and box.west <= facility.longitude <= box.east
            )
            if not inside:
                place = f"{facility.latitude}, {facility.longitude}"
                yield f"facilities.{facility.id}.latitude: {place} is outside {operator.nation}; check latitude and longitude"
            if facility.earlier_record and facility.earlier_record >= scenario.start.date():
                yield f"facilities.{facility.id}.earlier_record: {facility.earlier_record} is not before start"
            if facility.alias and nation.permits is None:
                yield f"facilities.{facility.id}.alias: {operator.nation} has no permits body; add one or drop the alias"


def _sites(scenario: Scenario) -> Iterator[str]:
    facilities = {facility.id for facility in scenario.facilities}
    products = {product.id for product in scenario.products}
    sites = {(site.facility, product) for site in scenario.sites for product in site.products}
    ways = {(route.origin, route.destination) for route in scenario.routes}
    for site in scenario.sites:
        key = f"sites.{site.facility}"
        yield from _unknown(f"{key}.facility", site.facility, facilities)
        for product in site.products:
            yield from _unknown(f"{key}.product", product, products)
        if site.compound is not None:
            yield from _unknown(f"{key}.compound", site.compound, COMPOUNDS)
        yield from _content(key, site)
        if site.kind in ("mine", "brine", "supplier") and site.inputs:
            yield f"{key}.inputs: a {site.kind} buys nothing here; remove {sorted(site.inputs)}"
        for product, feed in site.feeds():
            origin = feed.origin
            yield from _unknown(f"{key}.inputs", product, products)
            yield from _unknown(f"{key}.inputs.{product}", origin, facilities)
            if (origin, product) not in sites:
                yield f"{key}.inputs.{product}: no site at {origin!r} makes it; add one or name another facility"
            if origin != site.facility and (origin, site.facility) not in ways:
                yield f"{key}.inputs.{product}: there is no route from {origin!r} to {site.facility!r}; add one"
    yield from _demands(scenario)


def _demands(scenario: Scenario) -> Iterator[str]:
    """What is asked for comes from a pack plant, or is a product that some site has."""
    if not scenario.wants:
        yield "missing key demand; say what the chain is for: packs and pack_kwh, or product and tonnes"
    packers = {site.facility for site in scenario.sites if site.kind == "pack"}
    for demand in scenario.wants:
        if demand.product is None:
            yield from _unknown("demand.facility", demand.facility, packers)
        else:
            holders = {site.facility for site in scenario.sites if demand.product in site.products}
            yield from _unknown("demand.facility", demand.facility, holders)


def _content(key: str, site: SiteEntry) -> Iterator[str]:
    """Stated grades: known elements, and no more than the whole."""
    if site.elements and site.kind not in ("supplier", "mine", "brine"):
        yield f"{key}.elements: only mines and suppliers state grades; a {site.kind} has them from its parameters"
    for element in site.elements:
        yield from _unknown(f"{key}.elements", element, ELEMENTS)
    grades = list(site.elements.values())
    if any(grade.value - grade.spread < 0 for grade in grades):
        yield f"{key}.elements: a grade may fall below zero; raise it"
    total = sum(grade.value + grade.spread for grade in grades)
    if total > 1:
        yield f"{key}.elements: grades add up to {total}, more than the whole; lower them"


def _routes(scenario: Scenario) -> Iterator[str]:
    facilities = {facility.id for facility in scenario.facilities}
    for number, route in enumerate(scenario.routes):
        for end in (route.origin, route.destination):
            yield from _unknown(f"routes.{number}", end, facilities)
        yield from _unknown(
            f"routes.{number}.carrier", route.carrier, (party.id for party in scenario.parties)
        )
        for leg in route.legs:
            if not 0 <= leg.days[0] <= leg.days[1] <= 365:
                yield f"routes.{number}.legs.days: {list(leg.days)} must be least and most, up to 365"
            yield from _unknown(f"routes.{number}.legs.mode (carbon)", leg.mode, scenario.carbon)


def _criteria(scheme: SchemeEntry, subject: str) -> list[str]:
    return [c.id for profile in scheme.profiles if profile.subject == subject for c in profile.criteria]


def _schemes(scenario: Scenario) -> Iterator[str]:
    owners = {party.id for party in scenario.parties}
    owners |= {f"permits:{code}" for code, nation in scenario.nations.items() if nation.permits}
    owners |= {f"customs:{code}" for code, nation in scenario.nations.items() if nation.customs}
    for scheme in scenario.schemes:
        key = f"schemes.{scheme.id}"
        yield from _unknown(f"{key}.owner", scheme.owner, owners)
        for profile in scheme.profiles:
            for criterion in profile.criteria:
                at = f"{key}.{profile.id}.{criterion.id}"
                yield from _unknown(f"{at}.topic", criterion.topic, codes.TOPICS)
                yield from _unknown(f"{at}.metric", criterion.metric, codes.METRICS)
                metric = codes.METRICS.get(criterion.metric)
                if metric is not None and metric.unit != criterion.unit:
                    yield f"{at}.unit: {criterion.unit!r} does not fit the metric; write {metric.unit!r}"
    yield from _unknown("scheme", scenario.scheme, (scheme.id for scheme in scenario.schemes))
    for scheme in scenario.schemes:
        if scheme.id != scenario.scheme:
            continue
        key = f"schemes.{scheme.id}"
        for name in _criteria(scheme, "product"):
            yield from _unknown(f"{key} (criteria of products)", name, PRODUCT_CRITERIA)
        for subject in ("product", "facility"):
            if sum(profile.subject == subject for profile in scheme.profiles) != 1:
                yield f"{key}.profiles: give exactly one profile with subject {subject!r}"
        known = _criteria(scheme, "facility")
        for site in scenario.sites:
            for name in site.performance:
                yield from _unknown(f"sites.{site.facility}.performance", name, known)
            missing = [name for name in known if site.performance and name not in site.performance]
            if missing:
                yield f"sites.{site.facility}.performance: {missing[0]!r} is missing; the scheme asks for it"


def _permits(scenario: Scenario) -> Iterator[str]:
    facilities = {facility.id: facility for facility in scenario.facilities}
    schemes = {scheme.id: scheme for scheme in scenario.schemes}
    for permit in scenario.permits:
        key = f"permits.{permit.number}"
        yield from _unknown(f"{key}.facility", permit.facility, facilities)
        yield from _unknown(f"{key}.scheme", permit.scheme, schemes)
        scheme = schemes.get(permit.scheme)
        if scheme is None:
            continue
        if not scheme.owner.startswith("permits:"):
            yield f"{key}.scheme: {permit.scheme!r} belongs to no permits body; set its owner to permits:<nation>"
        if sum(profile.subject == "facility" for profile in scheme.profiles) != 1:
            yield f"schemes.{scheme.id}.profiles: give exactly one profile with subject 'facility'"
        for name in _criteria(scheme, "facility"):
            if name not in permit.performance:
                yield f"{key}.performance: {name!r} is missing; the scheme asks for it"
        if permit.granted >= permit.expires or permit.expires <= scenario.as_of.date():
            yield f"{key}: granted {permit.granted}, expires {permit.expires}; it must be in force at as_of"
