"""Digital Facility Records: one per facility, issued by its operator."""

from __future__ import annotations

from datetime import date, timedelta

from assay.simulator.issuance.agenda import Entry, FacilityRecord
from assay.simulator.issuance.book import number
from assay.simulator.issuance.names import alias_uri
from assay.simulator.issuance.v0_7.fragments import CPC, ISIC, Fragments, Json, classification, id_scheme
from assay.simulator.scenario import AddressEntry, CriterionEntry
from assay.simulator.world import World

__all__ = ["facility_record", "reporting_year", "site_criteria"]

_MICRO = 1_000_000


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
        ],
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
        "geoBoundary": [_coordinate(*corner) for corner in place.ring],
    }
    subject["address"] = _address(pieces, facility.address, facility.nation)
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
    return pieces.envelope(entry, f"Facility record of {facility.name}", subject)


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
