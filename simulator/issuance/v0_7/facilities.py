"""Digital Facility Records: one per facility, issued by its operator."""

from __future__ import annotations

import json
from datetime import date, timedelta

from assay.simulator.governance import owners_above
from assay.simulator.issuance.agenda import Entry, FacilityRecord
from assay.simulator.issuance.book import number
from assay.simulator.issuance.governance import certified
from assay.simulator.issuance.names import alias_uri
from assay.simulator.issuance.v0_7.fragments import CPC, ISIC, Fragments, Json, classification, id_scheme
from assay.simulator.issuance.v0_7.ratings import rating
from assay.simulator.scenario import AddressEntry, CriterionEntry
from assay.simulator.world import Facility, Organisation, World

__all__ = ["facility_record", "reporting_year", "site_criteria"]

_MICRO = 1_000_000
_UNFC = (
    "https://unece.org/sustainable-energy/sustainable-resource-management/united-nations-framework-classification",
    "United Nations Framework Classification for Resources",
)


def reporting_year(world: World) -> tuple[date, date]:
    """First and last day of the twelve months that site figures are about: they end a quarter before the start."""
    end = (world.scenario.start - timedelta(days=90)).date().replace(day=1) - timedelta(days=1)
    first = end + timedelta(days=1)
    return first.replace(year=first.year - 1), end


def site_criteria(pieces: Fragments) -> list[CriterionEntry]:
    """Criteria of the facility profiles of the scenario's scheme."""
    scheme = pieces.world.schemes[pieces.world.scenario.scheme]
    return [c for profile in scheme.profiles if profile.subject == "facility" for c in profile.criteria]


def facility_record(pieces: Fragments, entry: Entry, about: FacilityRecord) -> Json:
    """The record of a facility."""
    world, facility = pieces.world, about.facility
    operator = facility.operator
    subject: Json = {
        "type": ["Facility"],
        "id": facility.uri,
        "name": facility.name,
        "description": facility.description,
        "registeredId": facility.number,
        "idScheme": id_scheme(facility.register.origin, facility.register.scheme),
        "countryOfOperation": pieces.country(facility.nation),
        "processCategory": [classification(*facility.process, CPC)],
        "relatedParty": [
            {
                "role": role,
                "party": {
                    **pieces.party(operator),
                    "description": operator.description,
                    "industryCategory": [classification(*operator.activity, ISIC)],
                },
            }
            for role in ("operator", "owner")
        ]
        + [pieces.role("owner", owner) for owner in _owners(world, operator)],
    }
    alias = alias_uri(world, facility.id)
    permits = world.nations[facility.nation].permits
    if alias is not None and permits is not None:
        subject["facilityAlsoKnownAs"] = [
            {
                "type": ["Facility"],
                "id": alias,
                "name": facility.name,
                "registeredId": facility.alias,
                "idScheme": id_scheme(permits.origin, permits.scheme),
            }
        ]
    place = facility.place
    subject["locationInformation"] = {
        "plusCode": f"https://plus.codes/{place.plus_code}",
        "geoLocation": _coordinate(place.latitude, place.longitude),
        "geoBoundary": [_coordinate(*corner) for corner in _boundary(pieces, facility)],
    }
    subject["address"] = _address(pieces, facility.address, facility.nation)
    if not about.earlier:
        _facts(pieces, about, subject)
    if about.site is not None and about.certificate is not None:
        values = about.site.values
        evidence = pieces.link(about.certificate, "Conformity credential of this facility", "dcc")
        period, claimed = reporting_year(world), entry.valid_from.date()
        subject["performanceClaim"] = [
            pieces.claim(
                f"{entry.url}#claim-{criterion.id}",
                criterion,
                float(values[criterion.id]),
                claimed,
                evidence,
                period,
            )
            for criterion in site_criteria(pieces)
            if criterion.id in values
        ]
    levels = [] if about.earlier else _levels(pieces, entry, facility)
    if levels:
        subject["performanceClaim"] = [*subject.get("performanceClaim", []), *levels]
    return pieces.envelope(entry, f"Facility record of {facility.name}", subject)


def _levels(pieces: Fragments, entry: Entry, facility: Facility) -> list[Json]:
    """Claims on the requirements that the facility's certificates found met, as valued and rated there."""
    claims = []
    for shown in certified(pieces.world, facility, entry.valid_from):
        visited = shown.audit.visited.date()  # auditors look at the twelve months before
        evidence = pieces.link(shown.url, f"Certificate, level {shown.audit.level}", "dcc")
        for finding in shown.found:
            if not finding.met:
                continue
            criterion, value = finding.criterion, finding.value
            figure = int(value) if value == value.to_integral_value() else float(value)
            claim = pieces.claim(
                f"{entry.url}#claim-{shown.scheme.id}-{criterion.id}",
                criterion,
                figure,
                entry.valid_from.date(),
                evidence,
                (visited - timedelta(days=365), visited),
                scheme=shown.scheme,
            )
            claim["claimedPerformance"] = [
                {**pieces.performance(criterion, figure), "score": rating(finding.rating)}
            ]
            claims.append(claim)
    return claims


def _owners(world: World, operator: Organisation) -> list[Organisation]:
    """Who owns the operator, the nearest first."""
    return [world.parties[name] for name in owners_above(world.scenario, operator.id)]


def _boundary(pieces: Fragments, facility: Facility) -> tuple[tuple[int, int], ...]:
    """The concession as a closed ring where one is stated, else the box around the facility. Micro-degrees."""
    facts = pieces.world.scenario.governance.sites.get(facility.id)
    if facts is None or facts.concession is None:
        return facility.place.ring
    ring = [(int(latitude * _MICRO), int(longitude * _MICRO)) for latitude, longitude in facts.concession]
    return tuple(ring if ring[0] == ring[-1] else [*ring, ring[0]])


def _facts(pieces: Fragments, about: FacilityRecord, subject: Json) -> None:
    """Add what is known of the resource: UNTP has no fields for it, so it stands in words, as a class, and in a linked file.

    The file has all of it for machines, with a digest in the link.
    """
    facility = about.facility
    facts = about.facts or pieces.world.scenario.governance.sites.get(facility.id)
    if facts is None:
        return
    stated: Json = {"facility": facility.uri, "operatingStatus": facts.status}
    if facts.since is not None:
        stated["since"] = facts.since.isoformat()
    words = [facility.description.rstrip(".")]
    if facts.capacity_t_per_year is not None:
        made = next(site.product for site in pieces.world.scenario.sites if site.facility == facility.id)
        product, tonnes = pieces.world.products[made].name.lower(), int(facts.capacity_t_per_year)
        stated["annualCapacity"] = {"value": tonnes, "unit": "TNE", "of": product}
        words.append(f"Annual capacity of {tonnes:,} tonnes of {product}")
    if facts.unfc is not None:
        stated["unfcClass"] = facts.unfc
        words.append(f"UNFC class {facts.unfc}")
        subject["processCategory"] = [
            *subject["processCategory"],
            classification(facts.unfc, "Class of the resource on the axes E, F and G", _UNFC),
        ]
    if facts.unrms:
        stated["unrmsPrinciples"] = dict(facts.unrms)
    if facts.concession is not None:
        stated["concession"] = [list(map(float, corner)) for corner in facts.concession]
    edition = f"-{about.edition}" if about.edition > 1 else ""
    url = f"{facility.operator.origin}/documents/resource/{facility.id}{edition}.json"
    body = json.dumps(stated, ensure_ascii=False, sort_keys=True, indent=1).encode()
    page = pieces.book.file(url, "application/json", body)
    subject["description"] = ". ".join(words) + "."
    subject["relatedDocument"] = [pieces.page_link(page, f"Resource statement of {facility.name}")]


def _coordinate(latitude: int, longitude: int) -> Json:
    return {"latitude": number(latitude, _MICRO), "longitude": number(longitude, _MICRO)}


def _address(pieces: Fragments, address: AddressEntry, nation: str) -> Json:
    return {
        "streetAddress": address.street,
        "postalCode": address.postcode,
        "addressLocality": address.locality,
        "addressRegion": address.region,
        "addressCountry": pieces.country(nation),
    }
