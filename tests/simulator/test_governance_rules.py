"""Levels, audit cycles, areas of a map, export rules and owners, as plain rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.profiles.untp_0_7 import codes
from assay.simulator.governance import (
    Exports,
    areas,
    audits_due,
    export_refusal,
    findings,
    level_reached,
    months_after,
    owners_above,
    within,
)
from assay.simulator.governance_entries import AuditEntry
from assay.simulator.governance_library import library_schemes
from assay.simulator.scenario import Scenario, SchemeEntry

from .governance_worlds import governed, governed_data

LEVELS = {"quarrymark": ["100", "75", "50", "transparency"], "steady-hands": ["AAA", "AA", "A", "B", "C"]}
DAYS = st.dates(date(2010, 1, 1), date(2035, 12, 31))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return governed()


@pytest.fixture(scope="module")
def schemes(scenario: Scenario) -> dict[str, SchemeEntry]:
    return {scheme.id: scheme for scheme in scenario.schemes}


def test_the_library_has_a_scheme_of_every_kind(schemes: dict[str, SchemeEntry]) -> None:
    assert {"quarrymark", "steady-hands", "furnace-check", "chain-of-custody", "even-carbon"} == set(
        library_schemes()
    )
    models = [[c.id for c in profile.criteria] for profile in schemes["chain-of-custody"].profiles]
    assert models == [
        ["identity-preserved"],
        ["segregated"],
        ["controlled-blending"],
        ["mass-balance"],
        ["book-and-claim"],
    ]
    boundaries = [profile.id for profile in schemes["even-carbon"].profiles]
    assert boundaries == ["cradle-to-gate", "gate-to-gate"]


def test_the_library_speaks_of_topics_and_metrics_of_the_un_only(schemes: dict[str, SchemeEntry]) -> None:
    for scheme in schemes.values():
        for profile in scheme.profiles:
            for criterion in profile.criteria:
                assert criterion.topic in codes.TOPICS
                assert codes.METRICS[criterion.metric].unit == criterion.unit


@pytest.mark.parametrize(("name", "level"), [(name, level) for name in LEVELS for level in LEVELS[name]])
@given(seed=st.integers(0, 2**32), entity=st.text("abc/", max_size=6))
def test_findings_reach_exactly_the_level_that_is_wanted(
    schemes: dict[str, SchemeEntry], name: str, level: str, seed: int, entity: str
) -> None:
    scheme = schemes[name]
    found = findings(scheme, scheme.profiles[0].criteria, level, seed, entity)
    reached = level_reached(scheme, found)
    assert reached is not None
    assert reached.code == level


@given(seed=st.integers(0, 2**32))
def test_a_value_reaches_its_threshold_exactly_where_the_criterion_is_met(
    schemes: dict[str, SchemeEntry], seed: int
) -> None:
    scheme = schemes["quarrymark"]
    for level in LEVELS["quarrymark"]:
        for finding in findings(scheme, scheme.profiles[0].criteria, level, seed, "site"):
            criterion = finding.criterion
            lower = codes.METRICS[criterion.metric].direction == "lower"
            reached = finding.value <= criterion.threshold if lower else finding.value >= criterion.threshold
            assert reached is finding.met
            assert finding.value >= 0
            assert criterion.unit != "P1" or finding.value <= 100


def test_one_missed_critical_criterion_costs_every_level_but_the_lowest(
    schemes: dict[str, SchemeEntry],
) -> None:
    scheme = schemes["quarrymark"]
    found = findings(scheme, scheme.profiles[0].criteria, "75", 1, "site")
    critical = next(f for f in found if "critical" in f.criterion.tags)
    missed = [f if f is not critical else type(f)(f.criterion, "partly", Decimal(0)) for f in found]
    reached = level_reached(scheme, missed)
    assert reached is not None
    assert reached.code == "transparency"


def test_the_mining_scheme_has_four_areas_each_with_a_critical_requirement(
    schemes: dict[str, SchemeEntry],
) -> None:
    by_area = areas(schemes["quarrymark"].profiles[0].criteria)
    assert list(by_area) == ["integrity", "legacies", "social", "environment"]
    assert all(any("critical" in c.tags for c in members) for members in by_area.values())


@given(published=DAYS, as_of=DAYS, seed=st.integers(0, 2**32), corrective=st.integers(0, 366))
def test_audits_come_when_the_cycle_wants_them(
    schemes: dict[str, SchemeEntry], published: date, as_of: date, seed: int, corrective: int
) -> None:
    cycle = schemes["quarrymark"].cycle
    assert cycle is not None
    entry = AuditEntry(
        scheme="quarrymark",
        facility="mine",
        level="50",
        renewed_level="75",
        published=published,
        corrective_days=corrective,
    )
    due = audits_due(entry, cycle, as_of, seed)
    assert [audit.published for audit in due] == sorted(audit.published for audit in due)
    assert all(audit.visited < audit.published <= audit.until for audit in due)
    assert all(audit.published.date() <= as_of for audit in due)
    certificates = [audit for audit in due if audit.stage != "surveillance"]
    assert [audit.stage for audit in certificates] == ["initial", *["renewal"] * (len(certificates) - 1)][
        : len(certificates)
    ]
    assert all(audit.level == ("50" if audit.number == 1 else "75") for audit in due)
    for earlier, later in pairwise(certificates):
        due_on = months_after(earlier.published.date(), 36)
        assert due_on - timedelta(days=45) < later.published.date() <= due_on
    for watch in (audit for audit in due if audit.stage == "surveillance"):
        certificate = next(c for c in certificates if c.number == watch.number)
        day = certificate.published.date()
        assert months_after(day, 12) <= watch.published.date() <= months_after(day, 18)


@given(day=DAYS, months=st.integers(0, 600))
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(
    latitude=st.decimals(-3, 3, places=3),
    longitude=st.decimals(-3, 3, places=3),
)
def test_a_point_is_in_a_box_where_both_coordinates_are(latitude: Decimal, longitude: Decimal) -> None:
    corners = [(Decimal(a), Decimal(b)) for a, b in ((-1, -2), (-1, 2), (1, 2), (1, -2))]
    on_edge = abs(latitude) == 1 or abs(longitude) == 2
    if not on_edge:
        assert within(latitude, longitude, corners) is (abs(latitude) < 1 and abs(longitude) < 2)


def test_export_rules_hold_on_their_days_and_across_borders_only(scenario: Scenario) -> None:
    ship = ("tinderbush-concentrator", "saenal-refinery", "spodumene-concentrate")
    assert export_refusal(scenario, *ship, date(2024, 12, 31)) is None  # before the rule
    assert export_refusal(scenario, *ship, date(2026, 3, 1)) is None  # with a licence
    refusal = export_refusal(scenario, *ship, date(2028, 1, 1))
    assert refusal is not None
    assert "no licence" in refusal
    at_home = Exports(scenario).refusal(
        "tinderbush-mine", "tinderbush-concentrator", "spodumene-ore", date(2026, 3, 1)
    )
    assert at_home is None
    abroad = export_refusal(scenario, "tinderbush-mine", "saenal-refinery", "spodumene-ore", date(2026, 3, 1))
    assert abroad is not None
    assert "bans the export of spodumene-ore" in abroad


def test_owners_are_told_up_to_the_last(scenario: Scenario) -> None:
    assert list(owners_above(scenario, "tinderbush-lithium")) == ["wirralong-metals", "falkenau-zellen"]
    assert list(owners_above(scenario, "falkenau-zellen")) == []


def test_bodies_of_the_library_stand_in_only_where_the_scenario_has_none() -> None:
    data = governed_data()
    own = {"name": "Own Land Office", "host": "own-land", "scheme": "Own title"}
    data["nations"]["AU"]["land"] = own
    scenario = governed(data)
    au, kr = scenario.nations["AU"], scenario.nations["KR"]
    assert au.land is not None
    assert kr.land is not None
    assert (au.land.name, kr.land.host) == ("Own Land Office", "land-register")
    assert [party.id for party in scenario.parties if party.kind == "apex"] == [
        "worldwide-accreditation-compact"
    ]
