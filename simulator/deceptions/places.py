"""Where things come from and where sites lie, as papers tell it and as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from assay.simulator.claim_kinds import BatchClaim, Claim
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.plans import planned_lots
from assay.simulator.deceptions.registry import pattern
from assay.simulator.facts import Fact, Source
from assay.simulator.governance_entries import Corner, LayerEntry
from assay.simulator.issuance.abouts import FacilityRecord, Wish
from assay.simulator.issuance.book import number
from assay.simulator.issuance.edits import Edit
from assay.simulator.issuance.governance import CONSENT_PROFILE, CONSENT_SCHEME, Attested, certified
from assay.simulator.issuance.names import passport_url
from assay.simulator.pluscode import plus_code
from assay.simulator.scenario import Scenario

__all__ = ["LabourOmission", "MisplacedFacility", "MissingConsent", "OriginLaundering"]


# F09


@pattern("F09")
class OriginLaundering(Deception):
    """A share of a plant's batches (severity) name a country of origin in which nothing upstream was mined or made.

    Of each, the largest material from abroad is renamed. The twin names the country of the plant instead of the supplier's:
    that of the last substantial transformation.
    """

    needs = "plants that make something of goods from another country, in a scenario with one that none of them is from"
    hears = frozenset({BatchClaim})
    waits = False
    sooner = 95

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        nation, upstream = scenario.nations_of_facilities(), _Upstream(scenario)
        passing = {site.facility: site for site in scenario.sites if site.passes_on}

        def made_in(origin: str) -> set[str]:
            """Nations of the plants that goods from a place were made at; terminals only pass them on."""
            site = passing.get(origin)
            return (
                {nation[origin]}
                if site is None
                else {code for _, feed in site.feeds() for code in made_in(feed.origin)}
            )

        return dict.fromkeys(
            site.facility
            for site in scenario.sites
            if not site.passes_on
            and any(made_in(feed.origin) - {nation[site.facility]} for _, feed in site.feeds())
            and any(upstream.elsewhere(site.facility))
        )

    def setup(self) -> None:
        self._counted = 0
        self._country = ""

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if not isinstance(claim, BatchClaim) or claim.lot.facility != self.target or not claim.upstream:
            yield claim
            return
        foreign = self._foreign(claim)
        if (
            not self.ready
            or foreign is None
            or claim.made < claim.time
            or not self._chosen()
            or not self.takes(claim.lot.id)
        ):
            yield claim
            return
        true = claim.ingredients[foreign]
        if not self._country:
            self._country = self._home if self.honest else self._elsewhere(claim)
        said = replace(true, country=self._country)
        ingredients = (*claim.ingredients[:foreign], said, *claim.ingredients[foreign + 1 :])
        if not self.struck:
            self.label.told(claimed=said.country, true=true.country, unit="country of origin")
        self.label.root(passport_url(self.world, claim.lot))
        self.label.target(claim.lot.id)
        self.label.span(claim.time, claim.time)
        self.taint(claim.lot)
        yield self.instead(claim, replace(claim, ingredients=ingredients))

    @property
    def _home(self) -> str:
        return self.world.facilities[self.target].nation

    def _chosen(self) -> bool:
        """Whether the next batch is one of the share that severity asks for; the first is."""
        place, self._counted = self._counted, self._counted + 1
        share = self.severity
        return place == 0 or (place + 1) * share // WHOLE > place * share // WHOLE

    def _foreign(self, claim: BatchClaim) -> int | None:
        """Place of the largest material from abroad that the plant's own country brings none of."""
        own = {(one.product, one.element) for one in claim.ingredients if one.country == self._home}
        found = [
            (one.share, -place)
            for place, one in enumerate(claim.ingredients)
            if one.country != self._home and (one.product, one.element) not in own
        ]
        return -max(found)[1] if found else None

    def _elsewhere(self, claim: BatchClaim) -> str:
        """A country that nothing upstream comes from: one that goods pass through on the way, or another that looks good."""
        passed, others = _Upstream(self.world.scenario).elsewhere(self.target)
        named = {one.country for one in claim.ingredients}
        choice = sorted(passed - named or others - named or others)
        return choice[self.stream("country").below(len(choice))]


class _Upstream:
    """Where the goods of a plant come from, however many plants ago."""

    def __init__(self, scenario: Scenario) -> None:
        self._nation, self._every = scenario.nations_of_facilities(), set(scenario.nations)
        self._passing = {site.facility for site in scenario.sites if site.passes_on}
        self._suppliers: dict[str, list[str]] = {}
        for site in scenario.sites:
            self._suppliers.setdefault(site.facility, []).extend(feed.origin for _, feed in site.feeds())

    def elsewhere(self, facility: str) -> tuple[set[str], set[str]]:
        """Nations in which nothing of it is mined or made: those of them that it passes through, and all of them."""
        waiting, found = [facility], set[str]()
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += self._suppliers.get(place, ())
        others = self._every - {self._nation[place] for place in found - self._passing}
        return others & {self._nation[place] for place in found & self._passing}, others


# F33

_FIRST = timedelta(days=60)
"""By then every mine has dug something."""
_ABOUT = 28
"""Days within which an agreement is reached, so that it is no suspect day of the week."""
_NEVER = WHOLE * 9 // 10
"""Severity from which consent never came."""


@pattern("F33")
class MissingConsent(Deception):
    """A mine digs on Indigenous land before its people agreed: for a part of the time by severity, or without ever asking.

    The consent credential bears the late date. The twin's is issued as late, after another look at an agreement that is
    older than the mine's first batch. Both rate it as not met in full.
    """

    needs = "mines with a consent on record"
    hears = frozenset({BatchClaim})
    heeds = frozenset({FacilityRecord, Attested})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        titled = {title.facility for title in scenario.governance.titles}
        stated = {name for name, facts in scenario.governance.sites.items() if facts.concession is not None}
        digging = {site.facility for site in scenario.sites if not site.inputs}
        consents = [consent.facility for consent in scenario.governance.consents]
        possible = titled & stated & digging
        return [name for name in consents if name in possible and consents.count(name) == 1]

    @property
    def _agreed(self) -> datetime | None:
        """When the people agreed, at midnight; None: never."""
        if self.severity >= _NEVER and not self.honest:
            return None
        scenario = self.world.scenario
        late = (scenario.as_of - scenario.start - _FIRST) * min(self.severity, _NEVER) // WHOLE
        drawn = self.stream("day").below(_ABOUT)
        return min(
            scenario.start + timedelta(days=(_FIRST + late).days + drawn), scenario.as_of - timedelta(days=2)
        )

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        if isinstance(claim, BatchClaim) and claim.lot.facility == self.target:
            agreed = self._agreed
            if agreed is None or claim.made < agreed:
                self.taint(claim.lot)
        yield claim

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, FacilityRecord) and about.facility.id == self.target and not about.earlier:
            self.label.root(wish)
        if not isinstance(about, Attested) or (about.scheme, about.profile) != (
            CONSENT_SCHEME,
            CONSENT_PROFILE,
        ):
            yield wish
            return
        if about.facility is None or about.facility.id != self.target:
            yield wish
            return
        agreed, scenario = self._agreed, self.world.scenario
        self.label.span(scenario.start, agreed or scenario.as_of)
        if agreed is None:
            self.label.told(claimed="nothing", true="never", unit="consent")
            yield self.dropped(wish)
            return
        on_record, *land = about.conditions
        if not self.honest:
            on_record = f"Agreement recorded on {(agreed - timedelta(days=7)).date().isoformat()}"
        said = replace(about, assessed=agreed - timedelta(days=3), conditions=(on_record, *land))
        scores = sorted(self.world.schemes[about.scheme].scores, key=lambda score: score.rank)
        found = tuple(replace(one, rating="substantially") for one in about.found)
        said = replace(said, found=found, level=scores[1].code if len(scores) > 1 else about.level)
        date = on_record.rsplit(" ", 1)[-1]
        self.label.told(claimed=date, true=date, unit="day of the agreement")
        self.label.root(wish)
        yield from self.moved(wish, self.done(replace(wish, about=said, valid_from=agreed)))


# F34

LABOUR = ("child-labour", "forced-labour")
_LEAST_SHARE = WHOLE // 10
"""Less than a tenth of the feed is lost in what a mine digs more in one year than in another."""


@pattern("F34")
class LabourOmission(Deception):
    """A mine in a high-risk area sells as its own what others dug by hand: a share of its batches by severity, more than it can dig.

    Its audits leave the criteria on child and forced labour out, and its record declares them itself, without a certificate behind
    it. Those of the twin do so too, and it digs what it delivers.
    """

    needs = (
        "industrial mines with an audit that asks about labour and a stated capacity, in an area of high risk"
    )
    heeds = frozenset({FacilityRecord, Attested})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        governance = scenario.governance
        risky = [_box(layer) for layer in governance.layers if layer.kind == "high-risk"]
        asking = {
            scheme.id
            for scheme in scenario.schemes
            if set(LABOUR) <= {criterion.id for profile in scheme.profiles for criterion in profile.criteria}
        }
        audited = {audit.facility for audit in governance.audits if audit.scheme in asking}
        places = {place.id: _micro((place.latitude, place.longitude)) for place in scenario.facilities}
        return dict.fromkeys(
            site.facility
            for site in scenario.sites
            if not site.inputs
            and site.facility in audited
            and any(_within(places[site.facility], box) for box in risky)
            and (facts := governance.sites.get(site.facility)) is not None
            and facts.capacity_t_per_year is not None
        )

    def setup(self) -> None:
        self._share = max(self.severity, _LEAST_SHARE)
        self._counted = 0

    def on_fact(self, fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Source) and fact.facility == self.target and not self.honest:
            place, self._counted = self._counted, self._counted + 1
            if (place + 1) * self._share // WHOLE > place * self._share // WHOLE:
                self.taint(fact.lot)
                self.label.target(fact.lot.id)
                fact = replace(fact, origin="unrecorded")
        yield fact

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, FacilityRecord) and about.facility.id == self.target and not about.earlier:
            self.label.root(wish)
            yield self.replaced(wish, self._recorded(wish, about))
        elif isinstance(about, Attested) and about.facility is not None and about.facility.id == self.target:
            found = tuple(one for one in about.found if one.criterion.id not in LABOUR)
            if len(found) == len(about.found):
                yield wish
                return
            self.label.root(wish)
            yield self.replaced(wish, replace(wish, about=replace(about, found=found)))
        else:
            yield wish

    def _recorded(self, wish: Wish, about: FacilityRecord) -> Wish:
        """The record with nothing behind its claims on labour; of the fraud, with what the mine can really dig."""
        scenario = self.world.scenario
        facts = about.facts or scenario.governance.sites[self.target]
        capacity = int(facts.capacity_t_per_year or 0)
        names = [
            criterion.name
            for shown in certified(self.world, about.facility, wish.valid_from)
            for criterion in (one.criterion for one in shown.found if one.met)
            if criterion.id in LABOUR
        ]
        self.label.span(scenario.start, scenario.as_of)
        claims = (f"/credentialSubject/performanceClaim/?name~{name}" for name in names)
        edits = (*wish.edits, *(Edit(f"{claim}/evidence", drop=True) for claim in claims))
        if self.honest:
            self.label.told(claimed=capacity, true=capacity, unit="tonnes a year")
            return replace(wish, edits=edits)
        years = scenario.as_of.year - scenario.start.year + 1
        lots = planned_lots(scenario)
        planned = sum(
            count * int(self.world.site(self.target, product).lot_kg) // 1000
            for (facility, product), count in lots.items()
            if facility == self.target
        )
        true = max(1, planned * (WHOLE - self._share) * 9 // (10 * WHOLE * years))
        self.label.told(claimed=capacity, true=true, unit="tonnes a year")
        facts = facts.model_copy(update={"capacity_t_per_year": Decimal(true)})
        return replace(wish, about=replace(about, facts=facts), edits=edits)


# F35

_MICRO = 1_000_000
_STEP = 10_000
"""Micro-degrees between coordinates as records write them: two decimals."""
_WHOLE_DEGREE = 1_000_000
Point = tuple[int, int]


@pattern("F35")
class MisplacedFacility(Deception):
    """A mine digs outside its title, in a protected area, and its record has the coordinates of that place.

    Severity is how far inside the area: at 0 at its edge, at 1 in its middle. The twin digs within its title; the coordinates in its
    record are swapped, or (where those would be none) rounded to whole degrees.
    """

    needs = "mines with a title and a stated concession, in a nation whose map has a protected area"
    heeds = frozenset({FacilityRecord})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        governance = scenario.governance
        nation = scenario.nations_of_facilities()
        mapped = {layer.nation for layer in governance.layers if layer.kind == "protected"}
        sourced = {site.facility for site in scenario.sites if not site.inputs}
        return dict.fromkeys(
            title.facility
            for title in governance.titles
            if nation[title.facility] in mapped
            and title.facility in sourced
            and (facts := governance.sites.get(title.facility)) is not None
            and facts.concession is not None
        )

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if not isinstance(about, FacilityRecord) or about.facility.id != self.target:
            yield wish
            return
        place = about.facility.place
        true = (place.latitude, place.longitude)
        facts = self.world.scenario.governance.sites[self.target]
        assert facts.concession is not None
        ring = [_micro(corner) for corner in facts.concession]
        ring = ring if ring[0] == ring[-1] else [*ring, ring[0]]
        if not self.honest:
            said = self._inside()
            away = (said[0] - true[0], said[1] - true[1])
            edits = _placed(said, [(one[0] + away[0], one[1] + away[1]) for one in ring])
        elif abs(true[1]) <= 90 * _MICRO:
            said = (true[1], true[0])
            edits = _placed(said, [(longitude, latitude) for latitude, longitude in ring])
        else:
            said = (_rounded(true[0]), _rounded(true[1]))
            half = _WHOLE_DEGREE // 2
            corners = [(-half, -half), (-half, half), (half, half), (half, -half), (-half, -half)]
            edits = _placed(said, [(said[0] + one[0], said[1] + one[1]) for one in corners], digits=4)
        new = replace(wish, edits=(*wish.edits, *edits))
        if not self.struck:
            dug = true if self.honest else said
            facility = about.facility
            self.act(
                "dug-at", self.world.scenario.start, facility.operator,
                facility=facility.uri, place=[number(dug[0], _MICRO), number(dug[1], _MICRO)],
            )  # fmt: skip
            self.label.told(claimed=_written(said), true=_written(true), unit="latitude, longitude")
            self.label.span(self.world.scenario.start, self.world.scenario.as_of)
        self.label.root(wish)
        yield self.replaced(wish, new)

    def _inside(self) -> Point:
        """A point inside the nearest protected area: severity is how far it lies between the edge and the middle."""
        facility = self.world.facilities[self.target]
        here = facility.place
        areas = [
            _box(layer)
            for layer in self.world.scenario.governance.layers
            if layer.kind == "protected" and layer.nation == facility.nation
        ]
        low, high = min(
            areas,
            key=lambda box: sum(
                abs(box[0][n] + box[1][n] - 2 * (here.latitude, here.longitude)[n]) for n in (0, 1)
            ),
        )
        way = self.stream("way")
        found = []
        true = here.latitude, here.longitude
        for least, most, own in zip(low, high, true, strict=True):
            half = (most - least) // 2
            deep = max(half * self.severity // WHOLE, 2 * _STEP)
            along = least + deep if way.below(2) else most - deep
            # as many decimals as the true place has: their number would tell
            along = along // _STEP * _STEP + own % _STEP
            found.append(along if along % (10 * _STEP) else along + _STEP)
        return found[0], found[1]


def _micro(corner: Corner) -> Point:
    return int(corner[0] * _MICRO), int(corner[1] * _MICRO)


def _within(point: Point, box: tuple[Point, Point]) -> bool:
    low, high = box
    return all(low[axis] <= point[axis] <= high[axis] for axis in (0, 1))


def _box(layer: LayerEntry) -> tuple[Point, Point]:
    corners = [_micro(corner) for corner in layer.corners]
    latitudes, longitudes = [one[0] for one in corners], [one[1] for one in corners]
    return (min(latitudes), min(longitudes)), (max(latitudes), max(longitudes))


def _rounded(degrees: int) -> int:
    return (degrees + _WHOLE_DEGREE // 2) // _WHOLE_DEGREE * _WHOLE_DEGREE


def _written(point: Point) -> list[int | float]:
    return [number(point[0], _MICRO), number(point[1], _MICRO)]


def _placed(point: Point, ring: list[Point], digits: int = 10) -> tuple[Edit, ...]:
    """The edits of a record's location. ``digits`` of the plus code: the rest is filled up with noughts."""
    at, code = "/credentialSubject/locationInformation", plus_code(*point)
    code = code if digits == 10 else f"{code[:digits].ljust(8, '0')}+"

    def coordinate(one: Point) -> dict[str, int | float]:
        return {"latitude": number(one[0], _MICRO), "longitude": number(one[1], _MICRO)}

    return (
        Edit(f"{at}/plusCode", f"https://plus.codes/{code}"),
        Edit(f"{at}/geoLocation", coordinate(point)),
        Edit(f"{at}/geoBoundary", [coordinate(one) for one in ring]),
    )
