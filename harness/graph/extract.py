"""From UNTP documents to rows: one function per kind, tolerant of anything that is not as the schema wants it.

Positions are those of the class table of UNTP 0.7.0; documents of 0.6 come as views of that form (see :mod:`.legacy`). What
cannot be read is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assay.harness.graph.fields import (
    brokenness,
    custody_model,
    degrees_e6,
    event_kind,
    flag,
    is_permit,
    measured,
    pointer,
    topics,
)
from assay.harness.graph.names import Names
from assay.harness.graph.reading import day, identifier, instant, member, members, slug, text
from assay.harness.graph.rows import Rows
from assay.harness.graph.transport import fastest
from assay.harness.graph.units import decimal, integer, mass_mg, measure_kind, unit_code
from assay.harness.material import Credential, Document, Kind, Path

__all__ = ["Extractor"]

_SUBJECT: Path = ("credentialSubject",)
_FACTS = frozenset({Kind.DPP, Kind.DFR, Kind.DTE})
"""Kinds of which nothing is believed once they are revoked, suspended or forged; the others keep the reason beside them."""
_EVENT_LINES = {
    "make": (("in", "inputProduct"), ("out", "outputProduct")),
    "move": (("moved", "movedProduct"),),
    "modify": (("modified", "modifiedProduct"),),
}


class Extractor:
    """Collects the rows of documents one by one.

    ``weights`` are milligrams of one piece by product key; ``measures`` the quantities of ``event_product``, row by
    row, which become masses once all passports, and so all weights, are known; ``digests`` those of ``link``;
    ``contents`` where a passport states its content.
    """

    def __init__(self, rows: Rows, names: Names) -> None:
        self.rows = rows
        self.names = names
        self.weights: dict[str, int] = {}
        self.measures: list[Any] = []
        self.digests: list[str | None] = []
        self.facilities: dict[str, dict[str, Any]] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.parties: set[str] = set()
        self.events: set[str] = set()
        self.consignments: dict[tuple[str, ...], tuple[str | None, bool]] = {}
        self.contents: dict[str, str] = {}
        self._origin: Callable[[Path], Path] | None = None

    def _pointer(self, path: Path) -> str:
        """The pointer to a place of the view in the document itself."""
        return pointer(path if self._origin is None else self._origin(path))

    def credential(self, doc: int, document: Document, origin: Callable[[Path], Path] | None = None) -> None:
        """The credential itself, then what its kind holds.

        ``origin`` tells where a part of the value stands in the document as it was received, if that is another place.
        """
        self._origin = origin
        value = document.value
        issuer = self._party(doc, member(value, "issuer"), ("issuer",))
        head = {
            "issuer": issuer,
            "from_s": instant(member(value, "validFrom")),
            "until_s": instant(member(value, "validUntil")),
            "broken": brokenness(document),
        }
        self.rows.add(
            "credential",
            doc=doc,
            id=text(member(value, "id")),
            kind=document.kind.value,
            issuer_name=text(member(value, "issuer", "name")),
            **head,
        )
        if isinstance(document, Credential):
            for entry in document.status:
                bit = None if entry.bit is None else int(entry.bit)
                self.rows.add("status", doc=doc, purpose=text(entry.purpose), bit=bit, code=text(entry.code))
        subject = member(value, "credentialSubject")
        if head["broken"] is not None and document.kind in _FACTS:
            self.rows.notes.append(f"{document.source} is left out ({head['broken']})")
        elif document.kind is Kind.DPP:
            self._passport(doc, subject, head)
        elif document.kind is Kind.DFR:
            self._record(doc, subject, head)
        elif document.kind is Kind.DCC:
            self._attestation(doc, subject, head)
        elif document.kind is Kind.DIA:
            self._identity(doc, subject, head)
        elif document.kind is Kind.DTE:
            for path, event in members(value, "credentialSubject"):
                self._event(doc, path, event, head)

    # passports and facility records

    def _passport(self, doc: int, subject: Any, head: dict[str, Any]) -> None:
        product = self._product(doc, subject, _SUBJECT)
        if product is None:
            return
        row = self.products[product]
        if row.get("passport"):
            self.rows.notes.append(f"more than one passport describes {product}; the first is used")
        else:
            produced = day(member(subject, "productionDate"))
            row.update(
                granularity=text(member(subject, "idGranularity")),
                produced_at=self._facility(
                    doc, member(subject, "producedAtFacility"), (*_SUBJECT, "producedAtFacility")
                ),
                produced_from_s=produced[0] if produced else None,
                produced_until_s=produced[1] if produced else None,
                country=text(member(subject, "countryOfProduction", "countryCode")),
                weight_mg=mass_mg(member(subject, "dimensions", "weight")),
                issuer=head["issuer"],
                passport=1,
                doc=doc,
                pointer=self._pointer(_SUBJECT),
            )
            self.contents[product] = self._pointer((*_SUBJECT, "characteristics", "elementGrades"))
            if row["weight_mg"] is not None:
                self.weights[product] = row["weight_mg"]
            self._categories("product", product, subject, "productCategory")
            self._materials(doc, product, subject)
        self._roles(doc, "product", product, subject, _SUBJECT)
        self._claims(doc, "product", product, subject, _SUBJECT, head)
        packaging = member(subject, "packaging")
        self._claims(doc, "product", product, packaging, (*_SUBJECT, "packaging"), head)
        self._links(doc, subject, _SUBJECT, "relatedDocument")

    def _materials(self, doc: int, product: str, subject: Any) -> None:
        for path, material in members(subject, "materialProvenance"):
            share = decimal(material.get("massFraction"))
            self.rows.add(
                "material",
                product=product,
                name=text(material.get("name")),
                code=text(member(material, "materialType", "code")),
                origin_country=text(member(material, "originCountry", "countryCode")),
                share_ppm=None if share is None or not 0 <= share <= 1 else integer(share * 1_000_000),
                doc=doc,
                pointer=self._pointer((*_SUBJECT, *path)),
            )

    def _record(self, doc: int, subject: Any, head: dict[str, Any]) -> None:
        facility = self._facility(doc, subject, _SUBJECT)
        if facility is None:
            return
        row = self.facilities[facility]
        if not row.get("recorded"):
            place = member(subject, "locationInformation", "geoLocation")
            row.update(
                name=text(member(subject, "name")) or row.get("name"),
                country=text(member(subject, "countryOfOperation", "countryCode")),
                latitude_e6=degrees_e6(member(place, "latitude"), 90),
                longitude_e6=degrees_e6(member(place, "longitude"), 180),
                recorded=1,
                issuer=head["issuer"],
                doc=doc,
                pointer=self._pointer(_SUBJECT),
            )
            self._categories("facility", facility, subject, "processCategory")
        self._roles(doc, "facility", facility, subject, _SUBJECT)
        self._claims(doc, "facility", facility, subject, _SUBJECT, head)
        self._links(doc, subject, _SUBJECT, "relatedDocument")

    def _claims(self, doc: int, kind: str, key: str, holder: Any, base: Path, head: dict[str, Any]) -> None:
        for path, claim in members(holder, "performanceClaim"):
            place = (*base, *path)
            date = day(claim.get("claimDate")) or (head["from_s"], head["from_s"])
            no = self.rows.add(
                "claim",
                no=len(self.rows["claim"]),
                id=text(claim.get("id")),
                subject_kind=kind,
                subject=key,
                from_s=date[0],
                until_s=date[1],
                issuer=head["issuer"],
                doc=doc,
                pointer=self._pointer(place),
            )
            for topic in sorted(topics(claim, "referenceCriteria")):
                self.rows.add("claim_topic", claim=no, topic=topic)
            for inner, criterion in members(claim, "referenceCriteria"):
                name = identifier(criterion)
                if name is not None:
                    self.rows.add(
                        "claim_criterion", claim=no, criterion=name, pointer=self._pointer((*place, *inner))
                    )
                    self._custody(key if kind == "product" else None, name, "claim", doc, (*place, *inner))
            self._links(doc, claim, place, "evidence")
            for inner, performance in members(claim, "claimedPerformance"):
                self._performance("claim", no, performance, (*place, *inner))

    def _performance(self, table: str, no: int, performance: dict[str, Any], place: Path) -> None:
        """Measure and score of a claim, or (without a place to point at) of an assessment."""
        points = table == "claim"
        found = measured(performance)
        if found is not None:
            metric, unit, value = found
            at = {"pointer": self._pointer((*place, "measure"))} if points else {}
            self.rows.add(f"{table}_value", **{table: no}, metric=metric, unit=unit, value_e6=value, **at)
        code = text(member(performance, "score", "code"))
        if code is not None:
            at = {"pointer": self._pointer((*place, "score"))} if points else {}
            self.rows.add(f"{table}_score", **{table: no}, code=code, **at)

    # attestations and identities

    def _attestation(self, doc: int, subject: Any, head: dict[str, Any]) -> None:
        issued_to = self._party(doc, member(subject, "issuedToParty"), (*_SUBJECT, "issuedToParty"))
        for path, assessment in members(subject, "conformityAssessment"):
            place = (*_SUBJECT, *path)
            conformance, date = assessment.get("conformance"), day(assessment.get("assessmentDate"))
            no = self.rows.add(
                "assessment",
                no=len(self.rows["assessment"]),
                id=text(assessment.get("id")),
                conformance=int(conformance) if isinstance(conformance, bool) else None,
                scheme=identifier(member(subject, "referenceScheme")),
                profile=identifier(member(subject, "referenceProfile")),
                issued_to=issued_to,
                assessor_level=text(member(subject, "assessorLevel")),
                assessment_level=text(member(subject, "assessmentLevel")),
                permit=int(is_permit(subject, assessment)),
                date_s=date[0] if date else None,
                doc=doc,
                pointer=self._pointer(place),
                **head,
            )
            products = self._assessed(doc, no, place, assessment)
            for topic in sorted(topics(assessment, "assessmentCriteria")):
                self.rows.add("assessment_topic", assessment=no, topic=topic)
            for inner, criterion in members(assessment, "assessmentCriteria"):
                name = identifier(criterion)
                if name is not None:
                    self.rows.add("assessment_criterion", assessment=no, criterion=name)
                    for product in products if conformance is True and head["broken"] is None else ():
                        self._custody(product, name, "assessment", doc, (*place, *inner))
            self._links(doc, assessment, place, "evidence")
            for inner, performance in members(assessment, "assessedPerformance"):
                self._performance("assessment", no, performance, (*place, *inner))
        self._links(doc, subject, _SUBJECT, "auditableEvidence", "conformityCertificate")

    def _assessed(self, doc: int, no: int, place: Path, assessment: Any) -> list[str]:
        products: list[str] = []
        for path, line in members(assessment, "assessedProduct"):
            self._product(doc, line.get("product"), (*place, *path, "product"))
            for key in self.names.covered(line.get("product")):
                products.append(key)
                verified = flag(line.get("idVerifiedByCAB"))
                self.rows.add(
                    "assessed_subject",
                    assessment=no,
                    subject_kind="product",
                    subject=key,
                    verified_by_cab=verified,
                )
        for path, line in members(assessment, "assessedFacility"):
            site = self._facility(doc, line.get("facility"), (*place, *path, "facility"))
            verified = flag(line.get("idVerifiedByCAB"))
            if site is not None:
                self.rows.add(
                    "assessed_subject",
                    assessment=no,
                    subject_kind="facility",
                    subject=site,
                    verified_by_cab=verified,
                )
        return products

    def _custody(self, product: str | None, criterion: str, source: str, doc: int, place: Path) -> None:
        model = custody_model(criterion)
        if product is not None and model is not None:
            name, strength = model
            at = self._pointer(place)
            self.rows.add(
                "custody", product=product, model=name, strength=strength, source=source, doc=doc, pointer=at
            )

    def _identity(self, doc: int, subject: Any, head: dict[str, Any]) -> None:
        party = self.names.party(subject)
        if party is None or party == head["issuer"]:
            return
        no = self.rows.add(
            "identity",
            no=len(self.rows["identity"]),
            subject=party,
            register_type=text(member(subject, "registerType")),
            registered_id=text(member(subject, "registeredId")),
            scheme=identifier(member(subject, "idScheme")),
            doc=doc,
            pointer=self._pointer(_SUBJECT),
            **head,
        )
        scopes = member(subject, "registrationScope")
        for scope in scopes if isinstance(scopes, list) else ():
            name = identifier(scope)
            if name is not None:
                self.rows.add("identity_scope", identity=no, scope=name)

    # events

    def _event(self, doc: int, path: Path, event: dict[str, Any], head: dict[str, Any]) -> None:
        kind = event_kind(event)
        name = text(event.get("id"))
        if kind is None or (name is not None and name in self.events):
            return
        if name is not None:
            self.events.add(name)
        places = {
            column: self._facility(doc, event.get(key), (*path, key))
            for column, key in (("from_facility", "fromFacility"), ("to_facility", "toFacility"))
        }
        at = "madeAtFacility" if kind == "make" else "modifiedAtFacility"
        places["facility"] = self._facility(doc, event.get(at), (*path, at))
        words = [text(event.get(key)) or "" for key in ("name", "description", "consignmentId")]
        transport, limit = fastest(" ".join([*words, text(member(event, "activityType", "name")) or ""]))
        no = self.rows.add(
            "event",
            no=len(self.rows["event"]),
            id=name,
            kind=kind,
            at_s=instant(event.get("eventDate")),
            consignment=text(event.get("consignmentId")),
            activity=text(member(event, "activityType", "code")),
            transport=transport if kind == "move" else None,
            limit_kmh=limit if kind == "move" else None,
            issuer=head["issuer"],
            doc=doc,
            pointer=self._pointer(path),
            **places,
        )
        keys = self._lines(doc, no, kind, path, event)
        self.rows["event"][no]["counted"] = self._counted(kind, self.rows["event"][no], keys)
        if name is not None:
            self._roles(doc, "event", name, event, path)
        self._links(doc, event, path, "relatedDocument")

    def _lines(self, doc: int, no: int, kind: str, path: Path, event: dict[str, Any]) -> list[str]:
        keys: list[str] = []
        for direction, key in _EVENT_LINES[kind]:
            for inner, line in members(event, key):
                product = self._product(doc, line.get("product"), (*path, *inner, "product"))
                if product is None:
                    continue
                keys.append(product)
                quantity = member(line, "quantity")
                self.measures.append(quantity)
                stated = decimal(member(quantity, "value"))
                self.rows.add(
                    "event_product",
                    event=no,
                    direction=direction,
                    product=product,
                    measured=None if stated is None else measure_kind(quantity),
                    quantity=None if stated is None else f"{stated} {unit_code(member(quantity, 'unit'))}",
                    disposition=text(line.get("disposition")),
                    doc=doc,
                    pointer=self._pointer((*path, *inner)),
                )
        return keys

    def _counted(self, kind: str, row: dict[str, Any], keys: list[str]) -> int:
        """0 for a second record of a consignment, so that nothing is counted twice: by the other party, or of its receipt
        by whoever also sent it."""
        if kind != "move" or row["consignment"] is None:
            return 1
        same = (row["consignment"], row["from_facility"] or "", row["to_facility"] or "", *sorted(keys))
        teller = (row["issuer"], row["activity"] == "receiving")
        return int(self.consignments.setdefault(same, teller) == teller)

    # things that many documents mention

    def _party(self, doc: int, value: Any, path: Path) -> str | None:
        party = self.names.party(value)
        if party is not None and party not in self.parties:
            self.parties.add(party)
            self.rows.add(
                "party", id=party, name=text(member(value, "name")), doc=doc, pointer=self._pointer(path)
            )
        return party

    def _facility(self, doc: int, value: Any, path: Path) -> str | None:
        facility = self.names.facility(value)
        if facility is not None and facility not in self.facilities:
            row = {
                "id": facility,
                "name": text(member(value, "name")),
                "recorded": 0,
                "doc": doc,
                "pointer": self._pointer(path),
            }
            self.facilities[facility] = row
            self.rows["facility"].append(row)
        return facility

    def _product(self, doc: int, value: Any, path: Path) -> str | None:
        product = self.names.product(value)
        if product is not None and product not in self.products:
            row = {
                "id": product,
                "name": text(member(value, "name")),
                "passport": 0,
                "graded": 0,
                "doc": doc,
                "pointer": self._pointer(path),
            }
            self.products[product] = row
            self.rows["product"].append(row)
        return product

    def _roles(self, doc: int, kind: str, key: str, holder: Any, base: Path) -> None:
        for path, role in members(holder, "relatedParty"):
            party = self._party(doc, role.get("party"), (*base, *path, "party"))
            if party is not None:
                self.rows.add(
                    "party_role",
                    subject_kind=kind,
                    subject=key,
                    role=text(role.get("role")),
                    party=party,
                    doc=doc,
                    pointer=self._pointer((*base, *path)),
                )

    def _categories(self, kind: str, key: str, holder: Any, name: str) -> None:
        for _, category in members(holder, name):
            code = text(category.get("code"))
            if code is not None:
                self.rows.add(
                    "category",
                    subject_kind=kind,
                    subject=key,
                    code=code,
                    name=text(category.get("name")),
                    scheme=text(category.get("schemeId")),
                )

    def _links(self, doc: int, holder: Any, base: Path, *names: str) -> None:
        for name in names:
            for path, link in members(holder, name):
                url = text(link.get("linkURL"))
                if url is not None:
                    kind = slug(text(link.get("linkType")))
                    self.rows.add("link", doc=doc, pointer=self._pointer((*base, *path)), url=url, type=kind)
                    self.digests.append(text(link.get("digestMultibase")))
