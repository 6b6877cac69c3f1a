"""Rules of governance as plain functions: levels of schemes, audit cycles, areas of a map, export rules, owners, origins.

Nothing here knows any credential format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from assay.profiles.untp_0_7 import codes
from assay.simulator.randomness import Stream

if TYPE_CHECKING:
    from assay.simulator.governance_entries import AuditEntry, Corner, ExportRule, LicenceEntry
    from assay.simulator.scenario import AuditCycle, CriterionEntry, Scenario, SchemeEntry, ScoreEntry

__all__ = [
    "CRITICAL",
    "Audit",
    "Exports",
    "Finding",
    "areas",
    "audits_due",
    "covers",
    "export_refusal",
    "findings",
    "level_reached",
    "licence_for",
    "months_after",
    "owners_above",
    "within",
]

CRITICAL = "critical"
Rating = Literal["fully", "substantially", "partly"]
Stage = Literal["initial", "surveillance", "renewal"]
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """What an auditor found on one criterion. ``value`` is of the criterion's metric; met means that it reaches the threshold."""

    criterion: CriterionEntry
    rating: Rating
    value: Decimal

    @property
    def met(self) -> bool:
        return self.rating != "partly"


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit of a cycle: when the visit ended, when its result was published, until when it holds, and the level."""

    stage: Stage
    number: int
    """Cycle, from 1."""
    visited: datetime
    published: datetime
    until: datetime
    level: str


def areas(criteria: Sequence[CriterionEntry]) -> dict[str, list[CriterionEntry]]:
    """Criteria by area: the second tag (the first says what kind of site they are for)."""
    found: dict[str, list[CriterionEntry]] = {}
    for criterion in criteria:
        found.setdefault(criterion.tags[1] if len(criterion.tags) > 1 else "all", []).append(criterion)
    return found


def level_reached(scheme: SchemeEntry, found: Sequence[Finding]) -> ScoreEntry | None:
    """The best level whose conditions hold: critical criteria at least substantially met, and the least share per area.

    The best level of all asks for full marks where its share is 1.
    """
    by_area: dict[str, list[Finding]] = {}
    for finding in found:
        area = finding.criterion.tags[1] if len(finding.criterion.tags) > 1 else "all"
        by_area.setdefault(area, []).append(finding)
    critical = all(finding.met for finding in found if CRITICAL in finding.criterion.tags)
    for score in sorted(scheme.scores, key=lambda score: score.rank):
        if score.critical and not critical:
            continue
        if score.least_share == 1 and any(finding.rating != "fully" for finding in found):
            continue
        if all(
            sum(finding.met for finding in members) >= score.least_share * len(members)
            for members in by_area.values()
        ):
            return score
    return None


def findings(
    scheme: SchemeEntry, criteria: Sequence[CriterionEntry], level: str, seed: int, entity: str
) -> list[Finding]:
    """Findings of an audit that reaches exactly this level: as few criteria met as it allows, those first that must be.

    Which of the others fail is drawn by lot, from the stream of ``entity``; so are the values.
    """
    scores = sorted(scheme.scores, key=lambda score: score.rank)
    score = next(score for score in scores if score.code == level)
    rated: dict[str, Rating] = {}
    for members in areas(criteria).values():
        due = int((score.least_share * len(members)).to_integral_value(rounding="ROUND_CEILING"))
        must = [c for c in members if (CRITICAL in c.tags and score.critical) or _certain(c)]
        rest = sorted(
            (c for c in members if c not in must),
            key=lambda c: _draw(seed, f"{entity}|{c.id}", "audit-order", _THOUSAND),
        )
        kept = max(due - len(must), 0)
        for place, criterion in enumerate([*must, *rest]):
            passed = place < len(must) + kept
            full = score.least_share == 1 or _certain(criterion)
            rated[criterion.id] = ("fully" if full else "substantially") if passed else "partly"
    return [Finding(c, rated[c.id], _value(c, rated[c.id], seed, f"{entity}|{c.id}")) for c in criteria]


def _certain(criterion: CriterionEntry) -> bool:
    """Whether only one value will do: a threshold of nothing, or of everything."""
    metric = codes.METRICS[criterion.metric]
    return criterion.threshold == (0 if metric.direction == "lower" else 100)


def _draw(seed: int, entity: str, purpose: str, bound: int) -> int:
    return Stream(seed, entity, purpose).below(bound)


def _value(criterion: CriterionEntry, rating: Rating, seed: int, entity: str) -> Decimal:
    """A value that fits the rating: thousandths of the threshold, better by up to a tenth or worse by a third to a half."""
    if _certain(criterion):
        return criterion.threshold
    lower = codes.METRICS[criterion.metric].direction == "lower"
    least, most = {"fully": (100, 200), "substantially": (0, 90), "partly": (-500, -333)}[rating]
    change = least + _draw(seed, entity, "audit-value", most - least + 1)
    value = criterion.threshold * (_THOUSAND - change if lower else _THOUSAND + change) / _THOUSAND
    if criterion.unit == "P1":
        value = min(value, Decimal(100))
    return value.quantize(
        Decimal("0.1"), rounding="ROUND_FLOOR" if (rating != "partly") == lower else "ROUND_CEILING"
    )


def months_after(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def audits_due(entry: AuditEntry, cycle: AuditCycle, as_of: date, seed: int) -> list[Audit]:
    """Every audit published up to ``as_of``, in order: certificate, surveillance in its window after publication, renewal.

    A certificate stays in force for the corrective months after its three years, so that a renewal may come late.
    """
    name = f"{entry.scheme}|{entry.facility}"
    found: list[Audit] = []
    published, number, level = entry.published, 1, entry.level
    while published <= as_of:
        until = months_after(published, cycle.valid_months + cycle.corrective_months)
        stage: Stage = "initial" if number == 1 else "renewal"
        visit = published - timedelta(days=60 + (entry.corrective_days if number == 1 else 0))
        found.append(Audit(stage, number, _at(visit), _at(published), _at(until), level))
        if cycle.surveillance_months is not None:
            least, most = (months_after(published, months) for months in cycle.surveillance_months)
            day = least + timedelta(
                days=_draw(seed, f"{name}|{number}", "surveillance", (most - least).days + 1)
            )
            if day <= as_of:
                watched = _at(day - timedelta(days=30))
                found.append(Audit("surveillance", number, watched, _at(day), _at(until), level))
        following = months_after(published, cycle.valid_months)
        published = following - timedelta(days=_draw(seed, f"{name}|{number}", "renewal", 45))
        level, number = entry.renewed_level or level, number + 1
    return found


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)


def within(latitude: Decimal, longitude: Decimal, corners: Sequence[Corner]) -> bool:
    """Whether a point lies in a polygon (ray casting; exact decimals, edges of the west and south count as inside)."""
    inside = False
    for (lat1, lon1), (lat2, lon2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (lat1 > latitude) != (lat2 > latitude):
            crossing = lon1 + (latitude - lat1) * (lon2 - lon1) / (lat2 - lat1)
            if longitude < crossing:
                inside = not inside
    return inside


def covers(rules: Sequence[ExportRule], nation: str, product: str, day: date) -> ExportRule | None:
    """The rule on exporting a product on a day: a ban before a licence; None where export is free."""
    found = [rule for rule in rules if rule.covers(nation, product, day)]
    return min(found, key=lambda rule: rule.rule, default=None)


def licence_for(
    licences: Sequence[LicenceEntry], holder: str, nation: str, product: str, day: date
) -> LicenceEntry | None:
    """The licence under which somebody may export a product on a day."""
    for licence in licences:
        same = (licence.holder, licence.nation, licence.product) == (holder, nation, product)
        if same and licence.start <= day <= licence.until:
            return licence
    return None


class Exports:
    """The export rules of a scenario, ready to be asked often. Facilities and their operators are those of the scenario."""

    def __init__(self, scenario: Scenario) -> None:
        nations = {party.id: party.nation for party in scenario.parties}
        self._governance = scenario.governance
        self._operators = {facility.id: facility.operator for facility in scenario.facilities}
        self._nations = {name: nations.get(holder, "") for name, holder in self._operators.items()}
        self._ruled = {(rule.nation, rule.product) for rule in scenario.governance.export_rules}

    def refusal(self, origin: str, destination: str, product: str, day: date) -> str | None:
        """Why a product may not leave for another facility on a day, with the mend; None where it may.

        Movements inside a nation are no exports.
        """
        nation = self._nations[origin]
        if (nation, product) not in self._ruled or nation == self._nations[destination]:
            return None
        rule = covers(self._governance.export_rules, nation, product, day)
        if rule is None:
            return None
        if rule.rule == "banned":
            return f"{nation} bans the export of {product} on {day}; ship before {rule.start}, or process it in {nation}"
        holder = self._operators[origin]
        if licence_for(self._governance.licences, holder, nation, product, day) is None:
            return f"{holder} has no licence to export {product} from {nation} on {day}; add one to governance.licences"
        return None


def export_refusal(scenario: Scenario, origin: str, destination: str, product: str, day: date) -> str | None:
    """:meth:`Exports.refusal`, for a single question."""
    return Exports(scenario).refusal(origin, destination, product, day)


def owners_above(scenario: Scenario, party: str) -> Iterator[str]:
    """Who owns a party, then who owns that one, up to the last. Ends where ownership goes in a circle."""
    owners = {entry.id: entry.owner for entry in scenario.parties}
    seen = {party}
    owner = owners.get(party)
    while owner is not None and owner not in seen:
        yield owner
        seen.add(owner)
        owner = owners.get(owner)
