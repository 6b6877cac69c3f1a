"""Mines and their permits: what may be mined, when and how much, and where nothing is mined any more (F06, F07, F08, F28)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from assay.harness.audit.words import capacity_in
from assay.harness.graph.reading import member, members, text
from assay.harness.graph.units import mass_mg
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import day
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import CERTIFICATE, PASSPORT, View

__all__ = ["bribed_permit", "dormant_site_output", "lapsed_permit", "licensed_mine_laundering"]

_TERM = re.compile(r"\bfrom (\d{4}-\d\d-\d\d) until (\d{4}-\d\d-\d\d)")


class _Permits:
    """Permits by facility, with the first and last day that each states."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, list[tuple[date, date, Credential]]] = {}

    def of(self, facility: str) -> list[tuple[date, date, Credential]]:
        """First day, last day and credential of every permit of a facility, in the order of first days."""
        known = self._known.get(facility)
        if known is None:
            found = self._view.permits(facility) if facility else []
            terms = [(*_term(permit), permit) for permit in found]
            known = self._known[facility] = sorted(terms, key=lambda term: (term[0], term[2].url))
        return known

    def in_force(self, facility: str, at: date) -> list[Credential]:
        """Those in force on a day, the newest last."""
        return [permit for first, last, permit in self.of(facility) if first <= at <= last]


def _term(permit: Credential) -> tuple[date, date]:
    """First and last day of a permit: as its words say, or from when until when the credential holds."""
    words = _TERM.search((text(member(permit.subject, "description")) or "")[:8192])
    stated = (day(words.group(1)), day(words.group(2))) if words else (None, None)
    start, end = permit.valid_from, permit.valid_until
    return (
        stated[0] or (start.date() if start else date.min),
        stated[1] or (end.date() if end else date.max),
    )


def _mined(view: View, permits: _Permits) -> Iterator[tuple[Credential, date]]:
    """Passports of what comes from sites with permits, and the day of production, in the order of days."""
    found = []
    for passport in view.credentials(PASSPORT):
        made = day(member(passport.subject, "productionDate"))
        if made is not None and permits.of(passport.facility):
            found.append((passport, made))
    yield from sorted(found, key=lambda one: (one[1], one[0].url))


def _granted(truth: Truth) -> dict[str, list[dict[str, Any]]]:
    """What offices granted, by site."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in truth.acts("permitted"):
        site = truth.site(row["facility"])
        if site is not None:
            found.setdefault(site, []).append(row)
    return found


# F06

_TOLERANCE = 0.015
"""Of a yearly limit or capacity: scales and moisture are not exact to the gram. Less than the 2 % from which it counts."""


@oracle("F06")
def licensed_mine_laundering(view: View) -> Iterator[Sighting]:
    """With this batch, a site has sold more in the calendar year than the permit of that day allows, or than it can dig."""
    permits, sums, counted = _Permits(view), dict[tuple[str, int], int](), set[str]()
    for passport, made in _mined(view, permits):
        mass = mass_mg(member(passport.subject, "dimensions", "weight"))
        if mass is None or passport.product in counted:
            continue
        counted.add(passport.product)
        key = passport.facility, made.year
        sums[key] = sums.get(key, 0) + mass
        for limit, url in _most(view, permits, passport.facility, made):
            if sums[key] > limit * (1 + _TOLERANCE):
                told = f"{sums[key] / 1e9:,.1f} t in {made.year}, of {limit / 1e9:,.1f} t"
                yield Sighting((passport.url, url), told, (passport.issuer,))


def _most(view: View, permits: _Permits, facility: str, at: date) -> Iterator[tuple[int, str]]:
    """Milligrams that may be, and can be, produced in the year of a day, and who says so."""
    for permit in permits.in_force(facility, at)[-1:]:  # a later one amends those before
        limit = permit.attestation.yearly_limit_mg if permit.attestation is not None else None
        if limit is not None:
            yield limit, permit.url
    record = _record(view, facility, at)
    if record is not None and (capacity := _capacity(record)) is not None:
        yield capacity, record.url


def _record(view: View, facility: str, at: date) -> Credential | None:
    """The newest record of a facility on a day; where there was none yet, the first."""
    records = sorted(view.facility_records(facility), key=Credential.age)
    known = [one for one in records if (start := one.valid_from) is None or start.date() <= at]
    return next(iter(known[-1:] or records[:1]), None)


def _capacity(record: Credential) -> int | None:
    """What a record says that its site can produce in a year, milligrams."""
    found = capacity_in(text(member(record.subject, "description")) or "")
    return None if found is None else found.mg


@decisive("F06")
def more_than_was_granted(truth: Truth, view: View) -> Iterator[Sighting]:
    """Ore from elsewhere, sold as a mine's own when it had sold in that year what it was granted."""
    granted, sums = _granted(truth), dict[tuple[str, int], int]()
    for row in truth.facts("source"):
        grants = granted.get(row["facility"], [])
        at = truth.moment(row["time"]).date()
        held = [one for one in grants if one["from"] <= at.isoformat() <= one["until"]]
        for lot in row["outputs"]:
            key = row["facility"], at.year
            sums[key] = sums.get(key, 0) + lot["mass"] * 1_000_000 // (1_000_000 - lot["moisture"])
            passport = truth.passport(lot["lot"])
            if not held or row["origin"] != "unrecorded" or passport is None or not view.shows(passport):
                continue
            limit = max(held, key=lambda one: str(one["from"]))["limit_t"]
            if sums[key] > limit * 10**9:
                yield Sighting((passport,), f"from elsewhere, beyond {limit:,} t in {at.year}")


# F07

_REST = frozenset({"care-and-maintenance", "closed", "planned"})


def _rests(view: View, facility: str) -> list[tuple[date, date, str]]:
    """From and until when nothing is produced at a facility, as its records say one after the other, and the URL that says so."""
    found: list[tuple[date, date, str]] = []
    for record in sorted(view.facility_records(facility), key=Credential.age):
        for _, link in members(record.subject, "relatedDocument"):
            page = view.resource(text(link.get("linkURL")) or "")
            stated = page.json if page is not None else None
            if not isinstance(stated, dict):
                continue
            status, since = text(stated.get("operatingStatus")), day(stated.get("since"))
            resting = bool(found) and found[-1][1] == date.max
            if status in _REST and since is not None and not resting:
                found.append((since, date.max, record.url))
            elif (
                status == "operating" and found
            ):  # without a day, from that of the record; a later one may name it
                issued = record.valid_from.date() if record.valid_from else date.max
                begun, ended, url = found[-1]
                found[-1] = (begun, min(ended, max(since or issued, begun)), url)
    return found


@oracle("F07")
def dormant_site_output(view: View) -> Iterator[Sighting]:
    """A batch that was won on a day on which its site was at rest, as the site's records say."""
    rests: dict[str, list[tuple[date, date, str]]] = {}
    for passport in view.credentials(PASSPORT):
        facility = passport.facility
        if facility not in rests:
            rests[facility] = _rests(view, facility)
        made = day(member(passport.subject, "productionDate"))
        for since, again, url in rests[facility]:
            if made is not None and since <= made < again:
                yield Sighting(
                    (passport.url, url), f"won on {made}, at rest since {since}", (passport.issuer,)
                )


@decisive("F07")
def won_nowhere_near(truth: Truth, view: View) -> Iterator[Sighting]:
    """Not won at the site that its passport names, which had been closed before and had not been opened again."""
    closed = {row["site"]: datetime.fromisoformat(row["time"]) for row in truth.acts("closed")}
    opened = {row["site"]: datetime.fromisoformat(row["time"]) for row in truth.acts("reopened")}
    for row in truth.facts("source"):
        since, moment = closed.get(row["facility"]), truth.moment(row["time"])
        if since is None or row["origin"] != "unrecorded" or moment < since:
            continue
        if row["facility"] in opened and moment >= opened[row["facility"]]:
            continue
        for lot in row["outputs"]:
            passport = truth.passport(lot["lot"])
            if passport is not None and view.shows(passport):
                yield Sighting((passport,), f"the site was closed on {since:%Y-%m-%d}")


# F08


@oracle("F08")
def lapsed_permit(view: View) -> Iterator[Sighting]:
    """Mined on a day on which no permit of the site was in force, although it had one before or after."""
    permits = _Permits(view)
    for passport, made in _mined(view, permits):
        if not permits.in_force(passport.facility, made):
            urls = (permit.url for *_, permit in permits.of(passport.facility))
            yield Sighting((passport.url, *urls), f"no permit on {made}", (passport.issuer,))


@decisive("F08")
def mined_without_permit(truth: Truth, view: View) -> Iterator[Sighting]:
    """Brought out by a mine on a day for which no office had granted it anything, and sold with a passport."""
    granted = _granted(truth)
    for row in truth.facts("source"):
        grants = granted.get(row["facility"], [])
        came = truth.moment(row["time"]).date().isoformat()
        if not grants or any(one["from"] <= came <= one["until"] for one in grants):
            continue
        for lot in row["outputs"]:
            passport = truth.passport(lot["lot"])
            if passport is not None and view.shows(passport):
                yield Sighting((passport,), f"mined on {came} without a permit")


# F28


@oracle("F28")
def bribed_permit(view: View) -> Iterator[Sighting]:
    """A permit for more than its site can produce, as the record says that stood on the first day of the permit."""
    for permit in view.credentials(CERTIFICATE):
        told = permit.attestation
        limit = told.yearly_limit_mg if told is not None and told.permit else None
        if told is None or limit is None:
            continue
        for facility in told.facilities:
            record = _record(view, facility, _term(permit)[0])
            capacity = _capacity(record) if record is not None else None
            if record is not None and capacity is not None and limit > capacity * (1 + _TOLERANCE):
                said = f"{limit / 1e9:,.0f} t a year for a site that yields {capacity / 1e9:,.0f} t"
                yield Sighting((permit.url, record.url), said, (permit.issuer, told.issued_to))


@decisive("F28")
def paid_for(truth: Truth, view: View) -> Iterator[Sighting]:
    """A genuine permit of an office, for which somebody paid the office, beyond what the record of its site bears out."""
    granted = {row["url"]: row for row in truth.acts("permitted")}
    for row in truth.acts("paid"):
        grant = granted.get(str(row.get("for")))
        if grant is None or grant["by"] != row.get("to") or not view.shows(grant["url"]):
            continue
        record = _record(view, grant["facility"], date.fromisoformat(grant["from"]))
        capacity = _capacity(record) if record is not None else None
        if capacity is None or grant["limit_t"] * 10**9 > capacity:
            yield Sighting((grant["url"],), "somebody paid for it", (grant["by"], row["by"]))
