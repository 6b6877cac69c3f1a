"""Mines and their permits: what may be mined, when and how much, and where nothing is mined any more (F08)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from assay.harness.graph.reading import member, text
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import day
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import PASSPORT, View

__all__ = ["lapsed_permit"]

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


def _granted(truth: Truth) -> dict[str, list[dict[str, str]]]:
    """What offices granted, by site."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in truth.acts("permitted"):
        site = truth.site(row["facility"])
        if site is not None:
            found.setdefault(site, []).append(row)
    return found


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
