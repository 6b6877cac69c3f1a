"""One credential of a view: where it stands, and what its document says, parsed when asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assay.harness.credential.status import entries, index_of
from assay.harness.graph.reading import identifier, member, text
from assay.harness.oracles.reading import (
    Attestation,
    Claim,
    Event,
    Identity,
    Site,
    attestation_of,
    claims_of,
    events_of,
    identity_of,
    moment,
    parties_of,
    site_of,
)
from assay.harness.oracles.store import Store, part
from assay.profiles.contracts.characteristics import CUSTODY, FOOTPRINT, dry_grades

__all__ = ["Credential"]


class Credential:
    """A credential by its URL. Two of the same URL are equal; nothing is held but the URL."""

    __slots__ = ("_store", "url")

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self.url = url

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Credential) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.url}>"

    # envelope

    @property
    def kind(self) -> str:
        """Its type, as it was published under: ``DigitalProductPassport`` and so on."""
        return self._store.places[self.url].kind

    @property
    def token(self) -> bytes:
        """The compact JWT as served."""
        return (self._store.body(self.url) or b"").strip()

    @property
    def header(self) -> dict[str, Any]:
        """The header of the token; empty where it cannot be read."""
        return part(self.token.split(b".", 1)[0])

    @property
    def document(self) -> dict[str, Any]:
        """The payload; empty where it cannot be read. Shared: not to be changed."""
        return self._store.document(self.url)

    @property
    def subject(self) -> Any:
        """``credentialSubject``: an object, or the list of events."""
        return self.document.get("credentialSubject")

    @property
    def issuer(self) -> str:
        """The issuer's DID, or an empty string."""
        return identifier(self.document.get("issuer")) or ""

    @property
    def issuer_name(self) -> str:
        """The name that the issuer gives itself here."""
        return text(member(self.document.get("issuer"), "name")) or ""

    @property
    def name(self) -> str:
        """The title of the credential."""
        return text(self.document.get("name")) or ""

    @property
    def valid_from(self) -> datetime | None:
        """From when it holds, in UTC."""
        return moment(self.document.get("validFrom"))

    @property
    def valid_until(self) -> datetime | None:
        """Until when it holds, in UTC; None: for ever."""
        return moment(self.document.get("validUntil"))

    def valid_at(self, at: datetime) -> bool:
        """Does a moment lie within its dates? Says nothing of its status."""
        start, end = self.valid_from, self.valid_until
        return (start is None or start <= at) and (end is None or at <= end)

    def age(self) -> tuple[float, str]:
        """Sorting key: by when it begins to hold, then by URL."""
        start = self.valid_from
        return (start.timestamp() if start else 0.0), self.url

    @property
    def status_entries(self) -> list[tuple[str, str, int]]:
        """Purpose, URL of the list and index of every status entry that is whole."""
        found = []
        for _, entry in entries(self.document):
            url, index = text(entry.get("statusListCredential")), index_of(entry)
            if url is not None and index is not None:
                found.append((text(entry.get("statusPurpose")) or "", url, index))
        return found

    # what it says

    @property
    def product(self) -> str:
        """Passports: the product's identifier. Otherwise an empty string."""
        return (identifier(self.subject) or "") if self.kind == "DigitalProductPassport" else ""

    @property
    def facility(self) -> str:
        """Passports: where it was made. Facility records: the facility. Otherwise an empty string."""
        if self.kind == "DigitalFacilityRecord":
            return identifier(self.subject) or ""
        return identifier(member(self.subject, "producedAtFacility")) or ""

    @property
    def parties(self) -> tuple[tuple[str, str], ...]:
        """Roles and DIDs of the parties that its subject names."""
        return parties_of(self.subject)

    @property
    def events(self) -> tuple[Event, ...]:
        """Traceability credentials: their events."""
        return tuple(events_of(self.url, self.document)) if self.kind == "DigitalTraceabilityEvent" else ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Passports and facility records: what is claimed."""
        return self._store.read(self.url, claims_of)

    @property
    def attestation(self) -> Attestation | None:
        """Conformity credentials: what is attested."""
        return self._store.read(self.url, attestation_of)

    @property
    def identity(self) -> Identity | None:
        """Identity anchors: who is registered where, and for what."""
        return self._store.read(self.url, identity_of) if self.kind == "DigitalIdentityAnchor" else None

    @property
    def site(self) -> Site | None:
        """Facility records: the place, its boundary, its other names and its parties."""
        return site_of(self.document) if self.kind == "DigitalFacilityRecord" else None

    @property
    def characteristics(self) -> dict[str, Any]:
        """Passports: ``characteristics`` (see ``profiles.contracts.characteristics``); empty where there are none."""
        found = member(self.subject, "characteristics")
        return found if isinstance(found, dict) else {}

    @property
    def grades(self) -> tuple[dict[str, float], float] | None:
        """Passports: mass fractions of elements in dry matter, and moisture; None where they are not stated or make no sense."""
        return dry_grades(self.characteristics)

    def contained_kg(self, kg: float, element: str) -> float | None:
        """Kilograms of an element in so many kilograms as weighed; None where no grades are stated."""
        grades = self.grades
        return None if grades is None else kg * (1 - grades[1]) * grades[0].get(element, 0.0)

    @property
    def custody(self) -> dict[str, Any]:
        """Passports: model of custody, scheme, element and share as stated; empty where none is."""
        found = self.characteristics.get(CUSTODY)
        return found if isinstance(found, dict) else {}

    @property
    def footprint(self) -> dict[str, Any]:
        """Passports: footprint per kilogram as stated; empty where none is."""
        found = self.characteristics.get(FOOTPRINT)
        return found if isinstance(found, dict) else {}

    def carbon(self, boundary: str = "cradle-to-gate") -> float | None:
        """Passports: kilograms of carbon dioxide equivalent per kilogram as weighed, within a boundary."""
        rows = self.footprint.get("carbon")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("boundary") == boundary:
                value = row.get("value")
                if isinstance(value, int | float) and not isinstance(value, bool):
                    return float(value)
        return None
