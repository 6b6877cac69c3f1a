"""Names and numbers for people: who a DID is, which facility a URI is, masses, dates, values of credentials."""

from __future__ import annotations

import math
from datetime import datetime
from functools import cached_property
from typing import Any

from assay.harness.graph.reading import member, text
from assay.harness.oracles.reading import moment
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View

__all__ = ["KINDS", "Names", "day", "kilograms", "many", "shown", "span", "stamp"]

LONGEST = 240
"""Characters of a value from a dataset that are shown."""
KINDS = {
    "DigitalProductPassport": "product passport",
    "DigitalFacilityRecord": "facility record",
    "DigitalConformityCredential": "conformity credential",
    "DigitalTraceabilityEvent": "traceability event",
    "DigitalIdentityAnchor": "identity anchor",
}


def shown(value: Any) -> str:
    """A value of a document or label as text, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        value = int(value)
    text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def kilograms(milligrams: object) -> str:
    """A mass of the ledger: kilograms below a tonne, tonnes above."""
    if not isinstance(milligrams, int) or isinstance(milligrams, bool):
        return "unknown mass"
    kg = milligrams / 1_000_000
    if abs(kg) >= 1000:
        return f"{kg / 1000:,.2f} t"
    return f"{kg:,.1f} kg" if abs(kg) >= 10 else f"{kg:,.3g} kg"


def day(at: datetime | None) -> str:
    """A date: 9 Apr 2025."""
    return "no date" if at is None else f"{at.day} {at:%b %Y}"


def stamp(at: datetime | None) -> str:
    """A moment to the minute, in UTC."""
    return "no time" if at is None else f"{at.day} {at:%b %Y, %H:%M}"


def span(start: str, end: str) -> str:
    """Two moments of a label as dates; one where both are the same day."""
    first, last = day(moment(start)), day(moment(end))
    return first if first == last else f"{first} to {last}"


def many(number: int, name: str) -> str:
    """A number of things."""
    if number == 1:
        return f"1 {name}"
    return f"{number:,} {name[:-1]}ies" if name.endswith(("ty", "py")) else f"{number:,} {name}s"


class Names:
    """What credentials call parties, facilities, products and lots; an identifier where they have no name for it."""

    def __init__(self, view: View, truth: Truth) -> None:
        self._view = view
        self._truth = truth
        self._parties: dict[str, str] = {}
        self._facilities: dict[str, str] = {}
        self._lots: dict[str, tuple[str, str]] = {}

    def party(self, did: str) -> str:
        """The name of a party: that of its registration, or else the one that it gives itself."""
        if did not in self._parties:
            self._parties[did] = shown(self._party(did) or did or "nobody")
        return self._parties[did]

    def registrations(self, did: str) -> list[str]:
        """Who registered a party, as what; one line each."""
        found = []
        for one in self._view.identities(did):
            known = one.identity
            if known is not None and known.registered_id:
                scheme = text(member(member(one.subject, "idScheme"), "name")) or known.register_type
                found.append(
                    shown(f"{scheme or 'registered'} {known.registered_id}, by {self.party(one.issuer)}")
                )
        return found

    def facility(self, uri: str) -> str:
        """The name of a facility by its URI."""
        if uri not in self._facilities:
            records = self._view.facility_records(uri)
            site = records[0].site if records else None
            self._facilities[uri] = shown((site.name if site else "") or uri.rsplit("/", 1)[-1] or uri)
        return self._facilities[uri]

    def site(self, name: str) -> str:
        """The name of a facility by what ledger and scenario call it."""
        uri = self._truth.facility(name)
        return self.facility(uri) if uri else shown(name)

    def place(self, name: str) -> str:
        """Name and country of a facility by what ledger and scenario call it."""
        uri = self._truth.facility(name)
        records = self._view.facility_records(uri) if uri else []
        site = records[0].site if records else None
        return f"{self.site(name)} ({site.country})" if site and site.country else self.site(name)

    def lot(self, name: str) -> str:
        """The product of a lot of the ledger, with the number that its passport gives it."""
        return " ".join(filter(None, self.product(name)))

    def product(self, name: str) -> tuple[str, str]:
        """Product and number of a lot of the ledger; its name there where no passport describes it."""
        if name not in self._lots:
            url = self._truth.passport(name)
            passport = self._view.get(url) if url else None
            title = text(member(passport.subject, "name")) if passport else None
            number = passport.product.rsplit("/", 1)[-1] if passport else ""
            self._lots[name] = (shown(title), shown(number)) if title else (shown(name), "")
        return self._lots[name]

    def anything(self, text: str) -> str:
        """A DID, facility, site or lot by its name; anything else as it is."""
        if text.startswith("did:"):
            return self.party(text)
        if text in self._facility_uris:
            return self.facility(text)
        if text in self._site_names:
            return self.site(text)
        return self.lot(text) if text.count("/") == 2 and "://" not in text else shown(text)

    @cached_property
    def _facility_uris(self) -> frozenset[str]:
        return frozenset(str(row.get("facility")) for row in self._truth.acts("recorded"))

    @cached_property
    def _site_names(self) -> frozenset[str]:
        return frozenset(str(row.get("site")) for row in self._truth.acts("recorded"))

    def _party(self, did: str) -> str:
        for one in self._view.identities(did):
            if (known := one.identity) is not None and known.name:
                return known.name
        for one in self._view.mentions(did)[:50]:
            if one.issuer == did and one.issuer_name:
                return one.issuer_name
        return ""
