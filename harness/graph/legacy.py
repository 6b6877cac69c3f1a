"""Credentials of UNTP 0.6 seen as ones of 0.7, so that one reading of the graph does for both.

Only what the graph looks at is carried over, and every object remembers where in the document it stands, so that findings
point there. What 0.6 says in another way:

* TransformationEvent is a make event. An ObjectEvent that adds things is one without inputs; things that are then
  aggregated to or associated with what it added are its inputs.
* TransactionEvent is a move event. It names one place: where goods left or where they arrived. The other end is taken from
  the other party's record of the same consignment, where the set has one.
* Every other event is a modify event.
* Content is stated by declared values (:mod:`assay.profiles.contracts.declared_values`), or as characteristics.
* A claim whose criteria all stand on the issuer's own host declares values by its own method. 0.7 keeps such values under
  ``characteristics``, where they are no claims; here they are none either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from assay.harness.checks._values import host
from assay.harness.credential.versions import LEGACY_VERSIONS
from assay.harness.graph.reading import identifier, member, members, text
from assay.harness.material import UNTP_KINDS, Document, Kind, Path
from assay.profiles.contracts.declared_values import declared_grades
from assay.profiles.untp_0_7.codes import METRICS

__all__ = ["View", "upgraded"]

_SUBJECT: Path = ("credentialSubject",)
_METRICS = {metric.label.lower(): metric.iri for metric in METRICS.values()}
_CBV = "https://ref.gs1.org/cbv/"
_SENDING = frozenset({"shipping", "departing", "consigning", "loading", "staging_outbound"})
_DISPOSITIONS = {
    "in_transit": "inTransit",
    "destroyed": "consumed",
    "disposed": "disposed",
    "expired": "expired",
    "recalled": "recalled",
}
"""Dispositions of 0.7 for those of GS1 CBV; everything else is ``active``."""

_Value = dict[str, Any]
Ends = dict[tuple[str, ...], dict[str, Any]]
"""Places by consignment: ``from`` and ``to``, as far as any record names them."""


class View:
    """A document as the graph reads it, and where its parts stand in the document as it is."""

    def __init__(self, document: Document, value: Any, origins: dict[Path, Path]) -> None:
        self.document: Document = replace(document, value=value)
        self._origins = origins

    def origin(self, path: Path) -> Path:
        """The place in the document of 0.6 of a place in its view."""
        for length in range(len(path), 0, -1):
            found = self._origins.get(path[:length])
            if found is not None:
                return (*found, *path[length:])
        return path


def upgraded(documents: Sequence[Document]) -> dict[int, View]:
    """Views of the credentials of 0.6 among documents, by position."""
    found = {
        place: one
        for place, one in enumerate(documents)
        if one.untp in LEGACY_VERSIONS and one.kind in UNTP_KINDS and isinstance(one.value, dict)
    }
    ends: Ends = {}
    for document in found.values():
        if document.kind is Kind.DTE:
            for _, event in members(document.value, "credentialSubject"):
                _note_ends(event, ends)
    return {place: _view(document, ends) for place, document in found.items()}


def _view(document: Document, ends: Ends) -> View:
    writer = _Writer(host(identifier(member(document.value, "issuer")) or ""))
    value, subject = document.value, member(document.value, "credentialSubject")
    if document.kind is Kind.DTE:
        seen: Any = list(writer.events(value, ends))
    elif document.kind is Kind.DPP:
        seen = writer.passport(subject)
    elif document.kind is Kind.DFR:
        seen = writer.record(subject)
    elif document.kind is Kind.DCC:
        seen = writer.attestation(subject)
    else:
        seen = writer.identity(subject)
    return View(document, {**value, "credentialSubject": seen}, writer.origins)


def _named(value: Any) -> _Value | None:
    """A thing of which only the identifier is told, or None."""
    name = identifier(value)
    return None if name is None else {"id": name}


def _country(code: Any) -> _Value:
    return {"countryCode": code}


def _kept(value: Any, *names: str) -> _Value:
    return {name: value[name] for name in names if isinstance(value, dict) and name in value}


def _categories(value: Any, name: str) -> list[_Value]:
    return [
        {**_kept(one, "code", "name"), "schemeId": one.get("schemeID")} for _, one in members(value, name)
    ]


def _link(value: Any) -> _Value:
    digest = text(member(value, "hashDigest"))
    sha256 = digest is not None and member(value, "hashMethod") in (None, "SHA-256")
    # multibase f: hexadecimal; multihash 12 20: SHA-256 of 32 bytes
    return {
        **_kept(value, "linkURL", "linkType"),
        **({"digestMultibase": f"f1220{digest}"} if sha256 else {}),
    }


def _product(value: Any, *, serial: bool = True) -> _Value:
    said = _kept(value, "id", "name", "batchNumber")
    number = member(value, "serialNumber")
    return {**said, "itemNumber": number} if serial and number is not None else said


def _term(value: Any) -> str:
    """A term of GS1 CBV without the vocabulary that it may stand in."""
    return (text(value) or "").removeprefix(_CBV).rpartition("-")[2]


def _consignment(event: _Value) -> tuple[str, ...]:
    """What two records of one consignment have in common: parties, and what is moved, by the unit that holds it if there
    is one."""
    goods = {text(line.get("productId")) or "" for _, line in members(event, "quantityList")}
    units = [name for _, item in members(event, "epcList") if (name := identifier(item)) is not None]
    unit = next((name for name in units if name not in goods), None)
    moved = (unit,) if unit is not None else tuple(sorted(goods | set(units)))
    return (text(event.get("sourceParty")) or "", text(event.get("destinationParty")) or "", *moved)


def _end(event: _Value) -> str:
    """Which end of a journey a transaction event tells of."""
    sent = _term(event.get("bizStep")) in _SENDING or _term(event.get("bizTransaction")) == "desadv"
    return "from" if sent else "to"


def _note_ends(event: _Value, ends: Ends) -> None:
    place = text(event.get("bizLocation"))
    if _class(event) == "TransactionEvent" and place is not None:
        ends.setdefault(_consignment(event), {}).setdefault(_end(event), place)


_ALL = ("epcList", "quantityList")
_CHILDREN = ("childEPCList", "childQuantityList")
_SIDES = {
    "TransformationEvent": (("inputEPCList", "inputQuantityList"), ("outputEPCList", "outputQuantityList"))
}
_OWN_MEMBERS = {
    "TransactionEvent": ("sourceParty", "destinationParty", "bizTransaction"),
    "TransformationEvent": ("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList"),
    "AggregationEvent": ("parentEPC", "childEPCList", "childQuantityList"),
}


def _class(event: _Value) -> str:
    types = event.get("type")
    for name in (*_OWN_MEMBERS, "AssociationEvent", "ObjectEvent"):
        if isinstance(types, list) and name in types:
            return name
    return next(
        (name for name, own in _OWN_MEMBERS.items() if any(one in event for one in own)), "ObjectEvent"
    )


class _Writer:
    """Writes the view of one document and notes where each part comes from."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        """Host that the issuer's DID stands on."""
        self.origins: dict[Path, Path] = {}

    def passport(self, subject: Any) -> _Value:
        product = member(subject, "product")
        self.origins[_SUBJECT] = (*_SUBJECT, "product")
        by_item = member(subject, "granularityLevel") == "item"
        seen = {
            **_product(product, serial=by_item),
            **_kept(product, "productionDate", "dimensions", "producedAtFacility"),
            "idGranularity": member(subject, "granularityLevel"),
            "countryOfProduction": _country(member(product, "countryOfProduction")),
            "productCategory": _categories(product, "productCategory"),
            "characteristics": self._characteristics(subject, product),
            "performanceClaim": self._claims(subject),
            "materialProvenance": [],
            "relatedDocument": [],
        }
        for path, material in members(subject, "materialsProvenance"):
            self._from((*_SUBJECT, "materialProvenance", len(seen["materialProvenance"])), (*_SUBJECT, *path))
            country = _country(material.get("originCountry"))
            seen["materialProvenance"].append({**material, "originCountry": country})
        for path, trace in members(subject, "traceabilityInformation"):
            for inner, link in members(trace, "traceabilityEvent"):
                at = (*_SUBJECT, "relatedDocument", len(seen["relatedDocument"]))
                self._from(at, (*_SUBJECT, *path, *inner))
                seen["relatedDocument"].append(_link(link))
        for path, link in members(product, "furtherInformation"):
            at = (*_SUBJECT, "relatedDocument", len(seen["relatedDocument"]))
            self._from(at, (*_SUBJECT, "product", *path))
            seen["relatedDocument"].append(_link(link))
        producer = _named(member(product, "producedByParty"))
        if producer is not None:
            self._from((*_SUBJECT, "relatedParty"), (*_SUBJECT, "product", "producedByParty"), "party")
            seen["relatedParty"] = {
                "role": "manufacturer",
                "party": {**producer, **_kept(product["producedByParty"], "name")},
            }
        return seen

    def _characteristics(self, subject: Any, product: Any) -> Any:
        claims = member(subject, "conformityClaim")
        stated = member(product, "characteristics")
        grades = declared_grades(claims)
        if grades is None or isinstance(stated, dict):
            return stated
        for position, claim in enumerate(claims):
            if declared_grades([claim]) is not None:
                at = (*_SUBJECT, "conformityClaim", position, "declaredValue")
                self._from((*_SUBJECT, "characteristics", "elementGrades"), at)
        return {"elementGrades": grades[0], "gradeBasis": "dry", "moisture": grades[1]}

    def record(self, subject: Any) -> _Value:
        facility = member(subject, "facility")
        self.origins[_SUBJECT] = (*_SUBJECT, "facility")
        position = member(facility, "locationInformation", "geoLocation", "coordinates")
        pair = position if isinstance(position, list) and len(position) >= 2 else (None, None)
        seen = {
            **_kept(facility, "id", "name", "registeredId", "facilityAlsoKnownAs"),
            "countryOfOperation": _country(member(facility, "countryOfOperation")),
            "processCategory": _categories(facility, "processCategory"),
            # GeoJSON: longitude first (P-23)
            "locationInformation": {"geoLocation": {"longitude": pair[0], "latitude": pair[1]}},
            "performanceClaim": self._claims(subject),
        }
        operator = _named(member(facility, "operatedByParty"))
        if operator is not None:
            self._from((*_SUBJECT, "relatedParty"), (*_SUBJECT, "facility", "operatedByParty"), "party")
            seen["relatedParty"] = {
                "role": "operator",
                "party": {**operator, **_kept(facility["operatedByParty"], "name")},
            }
        return seen

    def _claims(self, subject: Any) -> list[_Value]:
        seen: list[_Value] = []
        for path, claim in members(subject, "conformityClaim"):
            if self._declares(claim):
                continue
            here, there = (*_SUBJECT, "performanceClaim", len(seen)), (*_SUBJECT, *path)
            seen.append(
                {
                    **_kept(claim, "id"),
                    "claimDate": claim.get("assessmentDate"),
                    **self._declared(claim, here, there, "referenceCriteria", "claimedPerformance"),
                    "evidence": self._evidence(claim, here, there),
                }
            )
        return seen

    def _declares(self, claim: _Value) -> bool:
        """Whether a claim states values by the issuer's own method only."""
        criteria = [identifier(one) or "" for _, one in members(claim, "assessmentCriteria")]
        return bool(criteria and self.issuer) and all(host(one) == self.issuer for one in criteria)

    def _evidence(self, claim: _Value, here: Path, there: Path) -> list[_Value]:
        evidence = claim.get("conformityEvidence")
        if not isinstance(evidence, dict):
            return []
        self._from((*here, "evidence", 0), (*there, "conformityEvidence"))
        return [_link(evidence)]

    def _declared(self, value: _Value, here: Path, there: Path, criteria: str, performances: str) -> _Value:
        """What claims and assessments have in common: topic, criteria, declared values."""
        self._from(here, there)
        seen: _Value = {
            "conformityTopic": [{"id": value.get("conformityTopic")}],
            criteria: [],
            performances: [],
        }
        for path, criterion in members(value, "assessmentCriteria"):
            self._from((*here, criteria, len(seen[criteria])), (*there, *path))
            topic = [{"id": criterion.get("conformityTopic")}]
            seen[criteria].append({**_kept(criterion, "id", "name"), "conformityTopic": topic})
        for path, metric in members(value, "declaredValue"):
            at = (*here, performances, len(seen[performances]))
            self._from(at, (*there, *path))
            self._from((*at, "measure"), (*there, *path, "metricValue"))
            name = text(metric.get("metricName")) or ""
            score = metric.get("score")
            seen[performances].append(
                {
                    "metric": {"id": _METRICS.get(name.lower(), name)},
                    "measure": metric.get("metricValue"),
                    **({"score": {"code": score}} if score is not None else {}),
                }
            )
        return seen

    def attestation(self, subject: Any) -> _Value:
        level = text(member(subject, "assessorLevel"))
        seen = {
            **_kept(subject, "id", "name", "issuedToParty", "assessmentLevel"),
            "assessorLevel": None if level is None else level[:1].lower() + level[1:],
            "referenceScheme": member(subject, "scope"),
            "conformityAssessment": [],
        }
        for name in ("auditableEvidence", "conformityCertificate"):
            if isinstance(member(subject, name), dict):
                seen[name] = _link(subject[name])
        for path, assessment in members(subject, "assessment"):
            here = (*_SUBJECT, "conformityAssessment", len(seen["conformityAssessment"]))
            there = (*_SUBJECT, *path)
            seen["conformityAssessment"].append(
                {
                    **_kept(assessment, "id", "name", "conformance", "assessmentDate"),
                    **self._declared(assessment, here, there, "assessmentCriteria", "assessedPerformance"),
                    **{
                        name: [_verified(one, thing) for _, one in members(assessment, name)]
                        for name, thing in (("assessedProduct", "product"), ("assessedFacility", "facility"))
                    },
                }
            )
        return seen

    def identity(self, subject: Any) -> _Value:
        kind = text(member(subject, "registerType"))
        return {
            **_kept(subject, "id", "registeredId", "idScheme"),
            "registeredName": member(subject, "name"),
            "registerType": None if kind is None else kind.lower(),
            "registrationScope": member(subject, "registrationScopeList"),
        }

    # events

    def events(self, value: Any, ends: Ends) -> Iterator[_Value]:
        found = list(members(value, "credentialSubject"))
        parts = {identifier(one.get("parentEPC")): (path, one) for path, one in found if _joins(one)}
        used: set[Path] = set()
        made: dict[Path, tuple[Path, _Value]] = {}
        for path, event in found:
            if _adds(event):
                for _, name in _goods(event, "epcList", "quantityList"):
                    if name in parts and parts[name][0] not in used:
                        made[path] = parts[name]
                        used.add(parts[name][0])
        place = 0
        for path, event in found:
            if path not in used:
                yield self._event((*_SUBJECT, place), path, event, made.get(path), ends)
                place += 1

    def _event(
        self, here: Path, there: Path, event: _Value, parts: tuple[Path, _Value] | None, ends: Ends
    ) -> _Value:
        self._from(here, there)
        cls = _class(event)
        seen: _Value = {
            **_kept(event, "id"),
            "eventDate": event.get("eventTime"),
            "name": event.get("processType"),
            "activityType": {"code": _term(event.get("bizStep")), "name": event.get("processType")},
        }
        place = _named(event.get("bizLocation"))
        if place is not None:
            for name in ("madeAtFacility", "modifiedAtFacility", "fromFacility", "toFacility"):
                self._from((*here, name), (*there, "bizLocation"))
        if cls == "TransactionEvent":
            return {**seen, **self._move(here, there, event, ends)}
        if cls == "TransformationEvent" or _adds(event):
            before, after = _SIDES.get(cls, (None, _ALL))
            inputs: list[_Value] = []
            if before is not None:
                inputs = self._lines((*here, "inputProduct"), there, event, *before, "consumed")
            elif parts is not None:
                inputs = self._lines((*here, "inputProduct"), *parts, *_CHILDREN, "consumed")
            outputs = self._lines((*here, "outputProduct"), there, event, *after, "new")
            return {**seen, "inputProduct": inputs, "outputProduct": outputs, "madeAtFacility": place}
        disposition = _DISPOSITIONS.get(_term(event.get("disposition")), "active")
        goods = _CHILDREN if _joins(event) else _ALL
        modified = self._lines((*here, "modifiedProduct"), there, event, *goods, disposition)
        return {**seen, "modifiedProduct": modified, "modifiedAtFacility": place}

    def _move(self, here: Path, there: Path, event: _Value, ends: Ends) -> _Value:
        key = _consignment(event)
        known = ends.get(key, {})
        own = _end(event)
        other = "to" if own == "from" else "from"
        places = {own: event.get("bizLocation"), other: known.get(other)}
        goods = {text(line.get("productId")) for _, line in members(event, "quantityList")}
        # where quantities are told, what has none is the unit that holds the goods
        items = "" if goods else "epcList"
        roles = {"consignor": "sourceParty", "consignee": "destinationParty"}
        for place, name in enumerate(roles.values()):
            self._from((*here, "relatedParty", place), (*there, name), "party")
        return {
            "fromFacility": _named(places["from"]),
            "toFacility": _named(places["to"]),
            "consignmentId": key[2] if len(key) == 3 and key[2] not in goods else None,
            "movedProduct": self._lines(
                (*here, "movedProduct"), there, event, items, "quantityList", "inTransit"
            ),
            "relatedParty": [
                {"role": role, "party": _named(event.get(name))} for role, name in roles.items()
            ],
        }

    def _lines(
        self, here: Path, there: Path, event: _Value, items: str, quantities: str, disposition: str
    ) -> list[_Value]:
        """Products of an event: quantities, and things without one."""
        lines: list[_Value] = []
        told: set[str] = set()
        for path, line in members(event, quantities):
            name = text(line.get("productId"))
            if name is not None:
                told.add(name)
                self._from((*here, len(lines)), (*there, *path), "product")
                quantity = {"value": line.get("quantity"), "unit": line.get("uom")}
                product = {"id": name, "name": line.get("productName")}
                lines.append({"product": product, "quantity": quantity, "disposition": disposition})
        for path, item in members(event, items):
            name = identifier(item)
            if name is not None and name not in told:
                self._from((*here, len(lines)), (*there, *path), "product")
                lines.append({"product": _kept(item, "id", "name"), "disposition": disposition})
        return lines

    def _from(self, here: Path, there: Path, same: str = "") -> None:
        """Note where a part comes from; ``same`` names a member of it that stands at the same place."""
        self.origins[here] = there
        if same:
            self.origins[(*here, same)] = there


def _verified(value: _Value, thing: str) -> _Value:
    subject = value.get(thing)
    seen = _product(subject) if thing == "product" else _kept(subject, "id", "name")
    return {thing: seen, "idVerifiedByCAB": value.get("IDverifiedByCAB")}


def _joins(event: _Value) -> bool:
    return _class(event) in ("AggregationEvent", "AssociationEvent")


def _adds(event: _Value) -> bool:
    """Whether an object event brings things into being."""
    return _class(event) == "ObjectEvent" and event.get("action") == "add"


def _goods(event: _Value, items: str, quantities: str) -> Iterator[tuple[Path, str]]:
    for path, item in members(event, items):
        if (name := identifier(item)) is not None:
            yield path, name
    for path, line in members(event, quantities):
        if (name := text(line.get("productId"))) is not None:
            yield path, name
