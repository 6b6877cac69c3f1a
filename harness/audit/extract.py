"""From one document to rows, and to the verdicts that need no other document. Nothing is kept from one to the next."""

from __future__ import annotations

from collections import Counter
from typing import Any

from assay.harness.audit.assumptions import Assumptions
from assay.harness.audit.codes import judge_codes
from assay.harness.audit.dates import judge_dates
from assay.harness.audit.legacy import AT, modern
from assay.harness.audit.meters import mass_slack_mg
from assay.harness.audit.packs import energy_wh, judge_pack
from assay.harness.audit.places import judge_place
from assay.harness.audit.sites import judge_capacity, stated_capacity
from assay.harness.audit.store import Store
from assay.harness.audit.tally import Tally
from assay.harness.audit.words import fastest_kmh, route_in, yearly_limit_mg
from assay.harness.graph.fields import degrees_e6, is_permit, pointer
from assay.harness.graph.reading import day, identifier, instant, member, members, text
from assay.harness.graph.units import COUNT_UNITS, decimal, integer, mass_mg, unit_code
from assay.profiles.world.materials import family

__all__ = ["Extractor"]

_KINDS = (
    "DigitalProductPassport",
    "DigitalFacilityRecord",
    "DigitalConformityCredential",
    "DigitalTraceabilityEvent",
    "DigitalIdentityAnchor",
)
_BILLION = 1_000_000_000
_MILLION = 1_000_000
_AT = "/credentialSubject"
_LISTS = (
    ("in", "inputProduct"),
    ("out", "outputProduct"),
    ("moved", "movedProduct"),
    ("counted", "modifiedProduct"),
)


class Extractor:
    """Reads documents one after the other into a store and a tally. ``kinds`` counts them."""

    def __init__(self, store: Store, tally: Tally, assumptions: Assumptions) -> None:
        self.store = store
        self.tally = tally
        self.assumptions = assumptions
        self.kinds: Counter[str] = Counter()
        self.documents = 0
        self._events = 0
        self._known: set[int] = set()

    def read(self, source: str, value: Any) -> None:
        """One document; what is no UNTP credential is counted and passed over, as is one that came before."""
        types = member(value, "type")
        kind = next((kind for kind in _KINDS if isinstance(types, list) and kind in types), None)
        if kind is None:
            self.kinds["other"] += 1
            return
        name = text(value.get("id"))
        if name is not None:
            mark = hash((name, kind))
            if mark in self._known:
                self.kinds["repeated"] += 1
                return
            self._known.add(mark)
        self.kinds[kind] += 1
        self.documents += 1
        older = modern(kind, value)
        if older is not None:
            value = older
        doc, start = self.documents, instant(value.get("validFrom"))
        end, issuer = instant(value.get("validUntil")), identifier(value.get("issuer"))
        self.store.add("doc", doc, source, name, kind, int(older is not None), issuer, start, end)
        judge_dates(self.tally, doc, kind, value)
        judge_codes(self.tally, doc, value)
        subject = value.get("credentialSubject")
        if kind == "DigitalProductPassport":
            self._passport(doc, value, subject, start)
        elif kind == "DigitalFacilityRecord":
            self._facility(doc, subject)
        elif kind == "DigitalConformityCredential":
            self._certificate(doc, subject, start, end)
        elif kind == "DigitalTraceabilityEvent":
            for path, event in members(value, "credentialSubject"):
                self._event(doc, pointer(path), event)
        else:
            self.store.add("identity", identifier(subject), start, end, doc)

    def _passport(self, doc: int, value: Any, subject: Any, start: int | None) -> None:
        key = identifier(subject)
        if key is None:
            return
        name, combo = text(member(subject, "name")), _combination(subject)
        produced, weight = (
            day(member(subject, "productionDate")),
            mass_mg(member(subject, "dimensions", "weight")),
        )
        self.store.add(
            "product",
            key,
            combo,
            name,
            family(name or ""),
            text(member(subject, "idGranularity")),
            identifier(member(subject, "producedAtFacility")),
            produced[0] if produced else None,
            produced[1] if produced else None,
            text(member(subject, "countryOfProduction", "countryCode")),
            weight,
            None if weight is None else mass_slack_mg(weight),
            energy_wh(subject),
            start,
            doc,
            _AT,
        )
        codes = [text(category.get("code")) or "" for _, category in members(subject, "productCategory")]
        grade = self.assumptions.grade(key, name, codes, value)
        shares = None if grade is None else {e: float(share) for e, share in grade.contained.items()}
        for element, share in (shares or {}).items():
            assumed = int(grade is not None and grade.assumed)
            self.store.add("grade", key, combo, element, round(share * _BILLION), assumed)
        for path, material in members(subject, "materialProvenance"):
            part = decimal(material.get("massFraction"))
            ppm = None if part is None or not 0 <= part <= 1 else integer(part * _MILLION)
            called = text(material.get("name"))
            self.store.add(
                "material", key, combo, called, family(called or ""), ppm, doc, f"{_AT}{pointer(path)}"
            )
        self._footprint(doc, key, combo, subject)
        judge_pack(self.tally, doc, subject, shares, self.assumptions)

    def _footprint(self, doc: int, key: str, combo: str, subject: Any) -> None:
        """Claims whose words say both where the footprint begins and that it is one kilogram's."""
        for path, claim in members(subject, "performanceClaim"):
            words = f"{text(claim.get('name')) or ''} {text(claim.get('description')) or ''}".lower()
            if "cradle-to-gate" not in words.replace("cradle to gate", "cradle-to-gate"):
                continue
            if "per kilogram" not in words and "per kg" not in words:
                continue
            for inner, performance in members(claim, "claimedPerformance"):
                metric = identifier(performance.get("metric")) or ""
                amount = mass_mg(performance.get("measure"))
                if metric.endswith("/product-carbon-footprint") and amount is not None:
                    self.store.add(
                        "carbon", key, combo, amount, doc, f"{_AT}{pointer(path)}{pointer(inner)}/measure"
                    )

    def _facility(self, doc: int, subject: Any) -> None:
        key = identifier(subject)
        if key is None:
            return
        name = text(member(subject, "name"))
        place = member(subject, "locationInformation", "geoLocation")
        capacity, assumed = stated_capacity(subject, key, name, self.assumptions)
        self.store.add(
            "facility",
            key,
            name,
            text(member(subject, "countryOfOperation", "countryCode")),
            degrees_e6(member(place, "latitude"), 90),
            degrees_e6(member(place, "longitude"), 180),
            capacity.mg if capacity else None,
            capacity.of if capacity else None,
            int(assumed),
            doc,
            _AT,
        )
        for _, other in members(subject, "facilityAlsoKnownAs"):
            alias = identifier(other)
            if alias is not None and alias != key:
                self.store.add("alias", alias, key)
        judge_place(self.tally, doc, subject)
        judge_capacity(self.tally, doc, subject, capacity, assumed=assumed)

    def _certificate(self, doc: int, subject: Any, start: int | None, end: int | None) -> None:
        for path, assessment in members(subject, "conformityAssessment"):
            if not is_permit(subject, assessment):
                continue
            conditions = assessment.get("specifiedCondition")
            texts = [text(one) or "" for one in conditions] if isinstance(conditions, list) else []
            caps = [cap for words in texts if (cap := yearly_limit_mg(words)) is not None]
            for _, line in members(assessment, "assessedFacility"):
                site = identifier(line.get("facility"))
                if site is not None:
                    cap = min(caps) if caps else None
                    called = text(member(subject, "name"))
                    self.store.add("permit", site, called, cap, start, end, doc, f"{_AT}{pointer(path)}")

    def _event(self, doc: int, path: str, event: dict[str, Any]) -> None:
        step = (text(member(event, "activityType", "code")) or "").lower()
        if "outputProduct" in event:
            kind, facility = "make", event.get("madeAtFacility")
        elif "movedProduct" in event:
            kind = "received" if step in ("receiving", "arriving", "accepting") else "sent"
            facility = event.get("fromFacility")
        elif "modifiedProduct" in event and step == "stock_taking":
            kind, facility = "counted", event.get("modifiedAtFacility")
        else:
            return
        self._events += 1
        key, name = text(event.get("id")), text(event.get("name"))
        assumed = self.assumptions.figure(key or "", name, "transport")
        words = [name, text(event.get("description")), text(member(event, "activityType", "name"))]
        route = route_in(" ".join(word or "" for word in words), assumed)
        self.store.add(
            "event",
            self._events,
            key,
            name,
            kind,
            instant(event.get("eventDate")),
            identifier(facility),
            identifier(event.get("toFacility")),
            text(event.get("consignmentId")) or key or f"document {doc}{path}",
            ", ".join(sorted(route.modes)) or None,
            fastest_kmh(route.modes),
            route.km,
            route.seconds,
            int(route.modes == {"sea"}),
            int(assumed is not None),
            doc,
            path,
        )
        place = 0
        for direction, list_name in _LISTS:
            for inner, line in members(event, list_name):
                place += 1
                self._line(doc, line.get(AT, f"{path}{pointer(inner)}"), direction, place, line)

    def _line(self, doc: int, path: str, direction: str, place: int, line: dict[str, Any]) -> None:
        product, quantity = line.get("product"), line.get("quantity")
        key = identifier(product)
        if key is None:
            return
        mass = mass_mg(quantity)
        pieces = None
        if mass is None and unit_code(member(quantity, "unit")) in COUNT_UNITS:
            number = decimal(member(quantity, "value"))
            pieces = None if number is None or not 0 <= number < _BILLION else integer(number * _MILLION)
        name = text(member(product, "name"))
        self.store.add(
            "line",
            self._events,
            direction,
            key,
            _combination(product),
            name,
            family(name or ""),
            mass,
            None if mass is None else mass_slack_mg(mass),
            pieces,
            place,
            doc,
            path,
        )


def _combination(product: Any) -> str:
    batch, item = text(member(product, "batchNumber")), text(member(product, "itemNumber"))
    return " ".join([*([f"batch {batch}"] if batch else []), *([f"item {item}"] if item else [])])
