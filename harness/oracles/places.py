"""Where things come from and where sites lie: countries upstream, and what the map of the land register says (F09, F33, F34, F35)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assay.harness.audit.words import capacity_in
from assay.harness.graph.reading import member, members, text
from assay.harness.graph.units import mass_mg
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import day
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import FACILITY, PASSPORT, View
from assay.profiles.geography import Point, inside

__all__ = ["labour_omission", "misplaced_facility", "missing_consent", "origin_laundering"]


# F09


def _declared(passport: Credential) -> set[str]:
    """Countries that a passport names as origins of its materials."""
    return {
        code
        for _, material in members(passport.subject, "materialProvenance")
        if (code := text(member(material, "originCountry", "countryCode")))
    }


def _made_in(passport: Credential) -> str:
    return text(member(passport.subject, "countryOfProduction", "countryCode")) or ""


class _Lineage:
    """What every product of a view was made of, and where: read once, asked about many products."""

    def __init__(self, view: View) -> None:
        self._inputs: dict[str, set[str]] = {}
        for event in view.events("make"):
            for out in event.outputs:
                self._inputs.setdefault(out.product, set()).update(line.product for line in event.inputs)
        self._countries: dict[str, set[str] | None] = {}
        self._view = view

    def countries(self, product: str) -> set[str] | None:
        """Countries of the mines and plants upstream; None where the lineage has a gap, or nobody told of any.

        What was there before events were kept counts with the origins that its own passport names.
        """
        waiting = list(self._inputs.get(product, ()))
        if not waiting:
            return None
        seen, found = set[str](), set[str]()
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                own = self._own(one)
                if own is None:
                    return None
                found |= own
                waiting += self._inputs.get(one, ())
        return found

    def _own(self, product: str) -> set[str] | None:
        if product not in self._countries:
            known = self._view.passport(product)
            found = None if known is None else {_made_in(known)}
            if known is not None and found is not None and product not in self._inputs:
                found |= _declared(known)
            self._countries[product] = found
        return self._countries[product]


@oracle("F09")
def origin_laundering(view: View) -> Iterator[Sighting]:
    """A declared country of origin that is none of those of the mines and plants upstream."""
    lineage = _Lineage(view)
    for passport in view.credentials(PASSPORT):
        foreign = _declared(passport) - {_made_in(passport)}
        reachable = lineage.countries(passport.product) if foreign else None
        if reachable is not None and foreign - reachable:
            names = ", ".join(sorted(foreign - reachable))
            yield Sighting((passport.url,), f"nothing upstream comes from {names}", (passport.issuer,))


@decisive("F09")
def from_elsewhere(truth: Truth, view: View) -> Iterator[Sighting]:
    """A declared country of origin in which, by the ledger, nothing in the lot was ever dug, bought or made."""
    nations: dict[str, str] = {}
    for passport in view.credentials(PASSPORT):
        declared = _declared(passport)
        lots = truth.lots(passport.url)
        if not declared or not lots:
            continue
        places = {place for lot in lots for place in _places(truth, lot)}
        for place in places - nations.keys():
            nations[place] = _nation(truth, view, place)
        true = {nations[place] for place in places}
        if declared - true:
            yield Sighting((passport.url,), f"it comes from {', '.join(sorted(true))}", (passport.issuer,))


def _places(truth: Truth, lot: str) -> set[str]:
    """Sites at which a lot or anything in it came into being."""
    waiting, seen, places = [lot], set[str](), set[str]()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for row in truth.lot(one):
            if any(out["lot"] == one for out in row.get("outputs", ())):
                places.add(row["facility"])
                waiting += [item["lot"] for item in row.get("inputs", ())]
    return places


def _nation(truth: Truth, view: View, site: str) -> str:
    records = view.facility_records(truth.facility(site) or "")
    return next((one.site.country for one in records if one.site is not None), "")


# the map


@dataclass(frozen=True, slots=True)
class _Area:
    """An area of a land register: its kind, corners, and of concessions the facility."""

    name: str
    kind: str
    corners: tuple[Point, ...]
    facility: str


def _areas(view: View) -> list[_Area]:
    """What the land registers of the world publish as open data."""
    found = []
    for resource in view.resources("open-data"):
        for _, entry in members(resource.json, "entries"):
            kind, corners = text(entry.get("kind")), entry.get("corners")
            if kind is None or not isinstance(corners, list):
                continue
            ring = tuple(point for one in corners[:1000] if (point := _corner(one)) is not None)
            if len(ring) >= 3:
                name, facility = text(entry.get("name")) or "", text(entry.get("facility")) or ""
                found.append(_Area(name, kind, ring, facility))
    return found


def _corner(value: object) -> Point | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, int | float) for one in value):
        return Point(float(value[0]), float(value[1]))
    return None


# F33

_AGREED = re.compile(r"Agreement recorded on (\d{4}-\d{2}-\d{2})")
_LAND = re.compile(r"Land: (.{1,200})")


def _consented(conditions: Iterable[str]) -> tuple[date | None, str]:
    """When a consent says that it was agreed, and on which land."""
    words = "\n".join(conditions)
    agreed, land = _AGREED.search(words), _LAND.search(words)
    return (day(agreed[1]) if agreed else None), (land[1] if land else "")


def _on_land(areas: list[_Area]) -> Iterator[tuple[str, _Area]]:
    """Facilities whose concession lies on the land of an Indigenous people, wholly or in part."""
    for title in areas:
        for land in areas:
            if (
                title.kind == "concession"
                and land.kind == "indigenous"
                and any(inside(p, land.corners) for p in title.corners)
            ):
                yield title.facility, land


def _first_batch(view: View, facility: str) -> date | None:
    """The day of the oldest batch of a facility that a passport describes."""
    days = (
        day(member(one.subject, "productionDate"))
        for one in view.mentions(facility, PASSPORT)
        if one.facility == facility
    )
    return min((one for one in days if one is not None), default=None)


@oracle("F33")
def missing_consent(view: View) -> Iterator[Sighting]:
    """A mine on Indigenous land that made a batch before any consent of that people was recorded."""
    for facility, land in _on_land(_areas(view)):
        first = _first_batch(view, facility)
        if first is None:
            continue
        late: list[str] = []
        for paper in view.certificates(facility=facility):
            attestation = paper.attestation
            if attestation is None or not any("consent" in one for one in attestation.criteria):
                continue
            agreed, where = _consented(c for a in attestation.assessments for c in a.conditions)
            if where == land.name and not view.status(paper):
                if agreed is not None and agreed <= first:
                    break
                late.append(paper.url)
        else:
            records = [one.url for one in view.facility_records(facility)]
            if records:
                yield Sighting((*records, *late), f"no consent for {land.name} on {first}")


@decisive("F33")
def dug_before_they_agreed(truth: Truth, view: View) -> Iterator[Sighting]:
    """By the ledger, ore came out of Indigenous land before its people agreed, by the acts."""
    for facility, land in _on_land(_areas(view)):
        dug = [row["time"] for row in truth.at(truth.site(facility) or "") if row["fact"] == "source"]
        if not dug:
            continue
        agreements = [
            agreed
            for row in truth.about(facility)
            if row.get("profile") == "consent"
            for agreed, where in [_consented(row["conditions"])]
            if agreed is not None and where == land.name
        ]
        if not any(agreed <= truth.moment(min(dug)).date() for agreed in agreements):
            records = tuple(one.url for one in view.facility_records(facility))
            yield Sighting(records, f"dug on {land.name} before consent")


# F34

_LABOUR = ("child-labour", "forced-labour")
_SCALES = 1.02
"""Scales err, and moisture is not known to the gram."""


def _risky(view: View) -> Iterator[tuple[Credential, list[Credential]]]:
    """Records of sites in an area of high risk that were audited on several criteria and never on labour, with those audits."""
    areas = [area for area in _areas(view) if area.kind == "high-risk"]
    for record in view.credentials(FACILITY) if areas else ():
        site = record.site
        if site is None or site.place is None:
            continue
        if not any(inside(Point(*site.place), area.corners) for area in areas):
            continue
        audits = [
            (paper, found.criteria)
            for paper in view.certificates(facility=record.facility)
            if (found := paper.attestation) is not None and not found.permit and _broad(found.criteria)
        ]
        asked = any(word in one for _, criteria in audits for one in criteria for word in _LABOUR)
        if audits and not asked:
            yield record, [paper for paper, _ in audits]


def _broad(criteria: Sequence[str]) -> bool:
    """Does an assessment look at a site as a whole, and not at one figure or one question?"""
    return len(criteria) > 5


@oracle("F34")
def labour_omission(view: View) -> Iterator[Sighting]:
    """In an area of high risk, audits that ask nothing about labour, and more ore in a year than the site can dig."""
    for record, audits in _risky(view):
        found = capacity_in(text(member(record.subject, "description")) or "")
        if found is None:
            continue
        years: dict[int, float] = {}
        for passport in view.mentions(record.facility, PASSPORT):
            made = day(member(passport.subject, "productionDate"))
            mass = mass_mg(member(passport.subject, "dimensions", "weight"))
            if passport.facility == record.facility and made is not None and mass is not None:
                years[made.year] = years.get(made.year, 0) + mass
        most = max(years.values(), default=0)
        if most > found.mg * _SCALES:
            told = f"{most / 1e9:,.0f} t in a year, of {found.mg / 1e9:,.0f} t that it can dig"
            yield Sighting((record.url, *(one.url for one in audits)), told, (record.issuer,))


@decisive("F34")
def dug_by_hand(truth: Truth, view: View) -> Iterator[Sighting]:
    """In an area of high risk, audits that ask nothing about labour, and ore that by the ledger the site never dug."""
    for record, audits in _risky(view):
        rows = truth.at(truth.site(record.facility) or "")
        if any(row["fact"] == "source" and row["origin"] == "unrecorded" for row in rows):
            yield Sighting(
                (record.url, *(one.url for one in audits)), "it sold ore that it never dug", (record.issuer,)
            )


# F35

_CLOSED = "protected"


def _slip(place: Point, ring: Sequence[Point]) -> bool:
    """May a place be a slip of notation for one in the ring: coordinates swapped, or fewer decimals than would tell?"""
    if inside(Point(place.longitude, place.latitude), ring):
        return True
    half = 0.5 * 10.0 ** -max(map(_decimals, place))
    return all(
        least - half <= value <= most + half
        for value, least, most in (
            (place.latitude, min(p.latitude for p in ring), max(p.latitude for p in ring)),
            (place.longitude, min(p.longitude for p in ring), max(p.longitude for p in ring)),
        )
    )


def _decimals(degrees: float) -> int:
    return 0 if degrees == int(degrees) else len(f"{degrees:.6f}".rstrip("0").split(".")[1])


@oracle("F35")
def misplaced_facility(view: View) -> Iterator[Sighting]:
    """A site outside the concession that the land register has of it, or in a closed area, and no slip of notation explains it."""
    areas = _areas(view)
    titles = {area.facility: area.corners for area in areas if area.kind == "concession"}
    closed = [area for area in areas if area.kind == _CLOSED]
    for record in view.credentials(FACILITY):
        site = record.site
        if site is None or site.place is None:
            continue
        place = Point(*site.place)
        names = (record.facility, *site.aliases)
        title = next((titles[name] for name in names if name in titles), None)
        if title is not None and (inside(place, title) or _slip(place, title)):
            continue
        inner = next((area.name for area in closed if inside(place, area.corners)), "")
        if title is None and not inner:
            continue
        why = f"in {inner}" if inner else "outside its concession"
        yield Sighting((record.url,), f"{site.name} lies {why}", (record.issuer,))


@decisive("F35")
def dug_where_none_may(truth: Truth, view: View) -> Iterator[Sighting]:
    """Ore was dug outside the title or inside a closed area, by the acts."""
    areas = _areas(view)
    titles = {area.facility: area.corners for area in areas if area.kind == "concession"}
    closed = [area for area in areas if area.kind == _CLOSED]
    for row in truth.acts("dug-at"):
        facility, place = row["facility"], Point(*row["place"])
        title = titles.get(facility)
        outside = title is not None and not inside(place, title)
        if outside or any(inside(place, area.corners) for area in closed):
            records = tuple(one.url for one in view.facility_records(facility))
            yield Sighting(records, f"dug at {place.latitude}, {place.longitude}", (row["by"],))
