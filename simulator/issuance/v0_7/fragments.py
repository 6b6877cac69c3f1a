"""Pieces that UNTP 0.7.0 documents share: references, classifications, links, the envelope. Built once, used often.

Fragments are shared between documents, so nobody may change them; renderers only put them together.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from assay.profiles.untp_0_7 import codes
from assay.simulator.facts import Lot
from assay.simulator.issuance.agenda import Entry
from assay.simulator.issuance.book import Book, Page, number, stamp
from assay.simulator.issuance.names import passport_url, scheme_uris
from assay.simulator.scenario import CriterionEntry, ProfileEntry, SchemeEntry
from assay.simulator.world import Facility, Nation, Organisation

__all__ = ["CONTEXT", "CPC", "ISIC", "Fragments", "Json", "measure"]

Json = dict[str, Any]

CONTEXT = "https://vocabulary.uncefact.org/untp/0.7.0/context/"
V2 = "https://www.w3.org/ns/credentials/v2"
_LINK_TYPES = "https://test.uncefact.org/vocabulary/linkTypes"
CPC = ("https://unstats.un.org/unsd/classifications/Econ/cpc/", "UN Central Product Classification")
ISIC = (
    "https://unstats.un.org/unsd/classifications/Econ/isic/",
    "International Standard Industrial Classification",
)
CBV = ("https://ref.gs1.org/cbv/BizStep", "GS1 CBV Business Step")

_TYPES = {
    "dpp": "DigitalProductPassport",
    "dcc": "DigitalConformityCredential",
    "dfr": "DigitalFacilityRecord",
    "dte": "DigitalTraceabilityEvent",
    "dia": "DigitalIdentityAnchor",
}
_TITLES = {
    "dpp": ("Product passport", "{{#each credentialSubject.performanceClaim}}<li>{{name}}</li>{{/each}}"),
    "dcc": (
        "Conformity credential",
        "{{#each credentialSubject.conformityAssessment}}<li>{{name}}: {{conformance}}</li>{{/each}}",
    ),
    "dfr": ("Facility record", "{{#each credentialSubject.performanceClaim}}<li>{{name}}</li>{{/each}}"),
    "dte": ("Traceability event", "{{#each credentialSubject}}<li>{{name}} {{eventDate}}</li>{{/each}}"),
    "dia": ("Identity anchor", "<li>{{credentialSubject.registeredId}}</li>"),
}


_MOST_KEPT = 20_000
"""Most fragments of lots that are remembered."""


def _trim(cache: dict[str, Json]) -> None:
    """Forget the older half of a cache that has grown too large: lots are spoken of for a while, then never again."""
    if len(cache) > _MOST_KEPT:
        for key in list(cache)[: _MOST_KEPT // 2]:
            del cache[key]


def measure(value: int | float, unit: str) -> Json:
    return {"value": value, "unit": unit}


def classification(code: str, name: str, scheme: tuple[str, str]) -> Json:
    return {"code": code, "name": name, "schemeId": scheme[0], "schemeName": scheme[1]}


def words(slug: str) -> str:
    """A taxonomy slug as people write it."""
    return slug.replace("-", " ").capitalize()


class Fragments:
    """Shared pieces for one book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.world = book.world
        self._issuers: dict[str, Json] = {}
        self._parties: dict[str, Json] = {}
        self._software: dict[tuple[str, str, str], Json] = {}
        self._facilities: dict[str, Json] = {}
        self._products: dict[str, Json] = {}
        self._passports: dict[str, Json] = {}
        self._schemes: dict[str, str] = {}
        self._renders: dict[str, list[Json]] = {}
        self._journeys: dict[int, str] = {}
        self._criteria: dict[tuple[str, str], Json] = {}

    # the envelope

    def envelope(self, entry: Entry, name: str, subject: Json | list[Json]) -> Json:
        """A whole credential around its subject."""
        return {
            "@context": [V2, CONTEXT],
            "type": [_TYPES[entry.kind], "VerifiableCredential"],
            "id": entry.url,
            "issuer": self.issuer(entry.issuer),
            "validFrom": stamp(entry.valid_from),
            "validUntil": stamp(entry.valid_until),
            "name": name,
            "credentialStatus": {
                "id": f"{entry.list_url}#{entry.index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": entry.purpose,
                "statusListIndex": entry.index,
                "statusListCredential": entry.list_url,
            },
            "renderMethod": self.render(entry.kind),
            "issuingSoftware": self.software(entry.issuer.id),
            "credentialSubject": subject,
        }

    def issuer(self, organisation: Organisation) -> Json:
        known = self._issuers.get(organisation.id)
        if known is None:
            alias = {
                "type": ["Party"],
                "id": organisation.uri,
                "name": organisation.name,
                "registeredId": organisation.number,
                "idScheme": self.register_scheme(organisation),
            }
            known = self._issuers[organisation.id] = {
                "type": ["CredentialIssuer"],
                "id": organisation.did,
                "name": organisation.name,
                "issuerAlsoKnownAs": [alias],
            }
        return known

    def software(self, issuer: str) -> Json:
        """The software that a party issues with."""
        chosen = self.world.scenario.software_of(issuer)
        known = self._software.get(chosen)
        if known is None:
            known = self._software[chosen] = self._described(chosen)
        return known

    def all_software(self) -> list[Json]:
        """Every software of the scenario; the pages that registers of software lead to are published with it."""
        return [self._described(chosen) for chosen in self.world.scenario.all_software()]

    def _described(self, software: tuple[str, str, str]) -> Json:
        vendor_id, product, version = software
        vendor = self.world.parties[vendor_id]
        url = f"{vendor.origin}/.well-known/untp/software/{product}/{version}"
        self.book.page(
            url, f"{product} {version}", f"Credential issuing software of {vendor.name}, version {version}."
        )
        name = words(product)
        return {
            "id": url,
            "name": name,
            "version": version,
            "vendor": {"id": vendor.did, "name": vendor.name},
        }

    def render(self, kind: str) -> list[Json]:
        known = self._renders.get(kind)
        if known is None:
            title, items = _TITLES[kind]
            heading = (
                "{{name}}"
                if kind == "dte"
                else f"{{{{credentialSubject.{'registeredName' if kind == 'dia' else 'name'}}}}}"
            )
            html = (
                f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
                f"<body><h1>{heading}</h1><ul>{items}</ul></body></html>\n"
            )
            vendor = self.world.parties[self.world.scenario.software[0]]
            page = self.book.file(f"{vendor.origin}/templates/{kind}/1.html", "text/html", html.encode())
            known = self._renders[kind] = [
                {
                    "type": ["RenderTemplate2024"],
                    "name": f"{title} for screens",
                    "mediaQuery": "screen",
                    "url": page.url,
                    "mediaType": "text/html",
                    "digestMultibase": page.digest,
                }
            ]
        return known

    # references

    def register_scheme(self, organisation: Organisation) -> Json:
        return id_scheme(f"https://{organisation.register_host}", organisation.register_name)

    def party(self, organisation: Organisation) -> Json:
        """A Party as it stands in a role."""
        known = self._parties.get(organisation.id)
        if known is None:
            nation = self.world.nations[organisation.nation]
            known = self._parties[organisation.id] = {
                "type": ["Party"],
                "id": organisation.did,
                "name": organisation.name,
                "registeredId": organisation.number,
                "idScheme": self.register_scheme(organisation),
                "registrationCountry": country(nation.code, nation.name),
            }
        return known

    def role(self, role: str, organisation: Organisation) -> Json:
        return {"role": role, "party": self.party(organisation)}

    def facility(self, facility: Facility) -> Json:
        known = self._facilities.get(facility.id)
        if known is None:
            known = self._facilities[facility.id] = {
                "type": ["Facility"],
                "id": facility.uri,
                "name": facility.name,
                "registeredId": facility.number,
            }
        return known

    def journey(self, route: int) -> str:
        """The legs of a route in words."""
        known = self._journeys.get(route)
        if known is None:
            legs = self.world.scenario.routes[route].legs
            known = self._journeys[route] = f"Route: {', '.join(f'{leg.mode} {leg.km} km' for leg in legs)}."
        return known

    def country(self, code: str) -> Json:
        return country(code, self.world.nations[code].name)

    def product(self, lot: Lot) -> Json:
        """A reference to a batch or item, as events and passports make it."""
        known = self._products.get(lot.id)
        if known is None:
            entry, item = self.world.products[lot.product], lot.granularity == "item"
            known = self._products[lot.id] = {
                "type": ["Product"],
                "id": self.world.product_uri(lot),
                "name": entry.name,
                "idGranularity": lot.granularity,
                "modelNumber": entry.model,
                "itemNumber" if item else "batchNumber": self.world.lot_number(lot),
            }
            _trim(self._products)
        return known

    def product_scheme(self, nation: Nation) -> Json:
        """The scheme of product identifiers that a nation's resolver keeps, with a page about it."""
        url, name = f"https://{nation.resolver}/product", f"Product identifiers, {nation.name}"
        self.book.page(url, name, "Paths: /product/{model}/batch/{batch} and /product/{model}/item/{item}.")
        return id_scheme(url, name)

    def lot_number(self, lot: Lot) -> str:
        """The number on the bag or pack."""
        known = self.product(lot)
        return str(known["itemNumber" if lot.granularity == "item" else "batchNumber"])

    def category(self, product: str) -> Json:
        return classification(*self.world.products[product].category, CPC)

    # links

    def link(self, url: str, name: str, kind: str) -> Json:
        """A link to a credential of ours."""
        return {
            "linkURL": url,
            "linkName": name,
            "mediaType": "application/vc+jwt",
            "linkType": f"{_LINK_TYPES}/{kind}",
        }

    def passport_link(self, lot: Lot) -> Json:
        """A link to the passport of a batch or item."""
        known = self._passports.get(lot.id)
        if known is None:
            name = f"Product passport of {self.world.products[lot.product].name}"
            known = self._passports[lot.id] = self.link(passport_url(self.world, lot), name, "dpp")
            _trim(self._passports)
        return known

    def page_link(self, page: Page, name: str) -> Json:
        return {
            "linkURL": page.url,
            "linkName": name,
            "digestMultibase": page.digest,
            "mediaType": page.media_type,
            "linkType": "describedby",
        }

    # schemes

    def scheme_uri(self, scheme: SchemeEntry) -> str:
        known = self._schemes.get(scheme.id)
        if known is None:
            known = self._schemes[scheme.id] = scheme_uris(self.world, scheme.id)[0]
        return known

    def scheme(self, scheme: SchemeEntry) -> Json:
        return {"type": ["ConformityScheme"], "id": self.scheme_uri(scheme), "name": scheme.name}

    def profile(self, scheme: SchemeEntry, profile: ProfileEntry) -> Json:
        base = self.scheme_uri(scheme)
        return {
            "type": ["ConformityProfile"],
            "id": f"{base}/profile/{profile.id}/{profile.version}",
            "name": f"{profile.name} {profile.version}",
        }

    def criterion_uri(self, scheme: SchemeEntry, criterion: CriterionEntry) -> str:
        return f"{self.scheme_uri(scheme)}/criterion/{criterion.id}/{criterion.version}"

    def criterion(self, scheme: SchemeEntry, criterion: CriterionEntry) -> Json:
        known = self._criteria.get((scheme.id, criterion.id))
        if known is None:
            uri = self.criterion_uri(scheme, criterion)
            known = {"type": ["Criterion"], "id": uri, "name": criterion.name}
            self._criteria[scheme.id, criterion.id] = known
        return known

    def claim(
        self,
        claim_id: str,
        criterion: CriterionEntry,
        value: int | float,
        claimed: date,
        evidence: Json,
        period: tuple[date, date] | None = None,
        scheme: SchemeEntry | None = None,
    ) -> Json:
        """A claim under the scenario's scheme, or another, with its certificate as evidence."""
        scheme = scheme or self.world.schemes[self.world.scenario.scheme]
        document: Json = {
            "type": ["Claim"],
            "id": claim_id,
            "name": criterion.name,
            "description": criterion.description,
            "referenceCriteria": [self.criterion(scheme, criterion)],
            "claimDate": claimed.isoformat(),
            "claimedPerformance": [self.performance(criterion, value)],
            "evidence": [evidence],
            "conformityTopic": [topic(criterion.topic)],
        }
        if period is not None:
            document["applicablePeriod"] = {
                "startDate": period[0].isoformat(),
                "endDate": period[1].isoformat(),
            }
        return document

    def performance(self, criterion: CriterionEntry, value: int | float) -> Json:
        return {"metric": metric(criterion.metric), "measure": measure(value, criterion.unit)}


def country(code: str, name: str) -> Json:
    return {"countryCode": code, "countryName": name}


def id_scheme(uri: str, name: str) -> Json:
    return {"type": ["IdentifierScheme"], "id": uri, "name": name}


@cache
def topic(slug: str) -> Json:
    return {"type": ["ConformityTopic"], "id": codes.TOPIC_PREFIX + slug, "name": codes.TOPICS[slug].label}


@cache
def metric(slug: str) -> Json:
    return {
        "type": ["PerformanceMetric"],
        "id": codes.METRIC_PREFIX + slug,
        "name": codes.METRICS[slug].label,
    }


def business_step(code: str, name: str) -> Json:
    return classification(code, name, CBV)


def kilograms(grams: int) -> Json:
    return measure(number(grams, 1000), "KGM")
