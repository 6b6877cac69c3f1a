"""The envelope of 0.6 around what is said: contexts of its own for every kind, a subject of the kind's form.

What a credential is about is put into words once, by the renderers of 0.7. They hand the subject to ``envelope``; here it
takes the form of 0.6. So both releases say the same, and new kinds of statements need no renderer of their own here. What
0.6 has no place for is left out by name; anything else raises :class:`Untranslatable`.
"""

from __future__ import annotations

from assay.profiles.untp_0_6.table import CONTEXT_URLS, KINDS
from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.book import Book, stamp
from assay.simulator.issuance.v0_6.declarations import attestation
from assay.simulator.issuance.v0_6.events import events
from assay.simulator.issuance.v0_6.facilities import facility_record
from assay.simulator.issuance.v0_6.identities import identity
from assay.simulator.issuance.v0_6.library import Library
from assay.simulator.issuance.v0_6.passports import passport
from assay.simulator.issuance.v0_6.pieces import Json, Untranslatable
from assay.simulator.issuance.v0_7.fragments import V2, Fragments
from assay.simulator.world import Organisation

__all__ = ["LegacyFragments"]

_TITLES = {
    "dpp": ("Product passport", "{{credentialSubject.product.name}}, {{credentialSubject.product.id}}"),
    "dcc": (
        "Conformity credential",
        "{{#each credentialSubject.assessment}}{{name}}: {{conformance}} {{/each}}",
    ),
    "dfr": ("Facility record", "{{credentialSubject.facility.name}}, {{credentialSubject.facility.id}}"),
    "dte": ("Traceability event", "{{#each credentialSubject}}{{processType}} {{eventTime}} {{/each}}"),
    "dia": ("Identity anchor", "{{credentialSubject.name}}, {{credentialSubject.registeredId}}"),
}


class LegacyFragments(Fragments):
    """Pieces for one book, put together in the form of 0.6.0 or 0.6.1."""

    def __init__(self, book: Book, version: str) -> None:
        super().__init__(book)
        self.library = Library(book.world, version)
        self.said: tuple[str, Json | list[Json]] = ("", [])
        """Address and subject of the last credential, as it was put into words: in the form of 0.7."""
        self._contexts = CONTEXT_URLS[version]
        self._types = {info.short: kind for kind, info in KINDS[version].items()}

    def envelope(self, entry: Entry, name: str, subject: Json | list[Json]) -> Json:
        """A whole credential around its subject. ``issuingSoftware`` has no place."""
        self.said = (entry.url, subject)
        kind = self._types[entry.kind]
        return {
            "@context": [V2, self._contexts[kind]],
            "type": [kind, "VerifiableCredential"],
            "id": entry.url,
            "issuer": self.issuer(entry.issuer),
            "validFrom": stamp(entry.valid_from),
            "validUntil": stamp(entry.valid_until),
            "name": name,
            "credentialStatus": {
                "id": f"{entry.list_url}#{entry.index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": entry.purpose,
                "statusListIndex": str(entry.index),
                "statusListCredential": entry.list_url,
            },
            "renderMethod": self.render(entry.kind),
            "credentialSubject": self._subject(entry, subject),
        }

    def _subject(self, entry: Entry, subject: Json | list[Json]) -> Json | list[Json]:
        if isinstance(subject, list):
            if entry.kind != "dte":
                raise Untranslatable(f"a {self._types[entry.kind]} has one subject")
            return events(self.library, subject)
        if entry.kind == "dpp":
            return passport(self.book, self.library, entry, subject)
        if entry.kind == "dcc":
            return attestation(self.library, subject)
        if entry.kind == "dfr":
            return facility_record(self.library, entry, subject)
        if entry.kind == "dia":
            return identity(subject)
        raise Untranslatable(f"a {self._types[entry.kind]} has a list of events")

    def issuer(self, organisation: Organisation) -> Json:
        known = self._issuers.get(organisation.id)
        if known is None:
            alias = {"id": organisation.uri, "name": organisation.name, "registeredId": organisation.number}
            known = self._issuers[organisation.id] = {
                "type": ["CredentialIssuer"],
                "id": organisation.did,
                "name": organisation.name,
                "issuerAlsoKnownAs": [alias],
            }
        return known

    def render(self, kind: str) -> list[Json]:
        known = self._renders.get(kind)
        if known is None:
            title, text = _TITLES[kind]
            html = (
                f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
                f"<body><h1>{{{{name}}}}</h1><p>{text}</p></body></html>\n"
            )
            vendor = self.world.parties[self.world.scenario.software[0]]
            page = self.book.file(f"{vendor.origin}/templates/0.6/{kind}/1.html", "text/html", html.encode())
            known = self._renders[kind] = [
                {
                    "type": ["RenderTemplate2024"],
                    "name": f"{title} for screens",
                    "mediaQuery": "screen",
                    "url": page.url,
                }
            ]
        return known
