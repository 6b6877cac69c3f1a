"""Rule files: in the SQL subset, worded in full, in step with the catalogue, and each proven by a mutant."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from assay.harness.graph.rows import DDL, columns
from assay.harness.graph.rules import outside_subset, rule, views, word
from assay.harness.graph.selftest import (
    graph_requirements,
    graph_selftest,
    honest_set,
    judge_mutant,
    mutant_set,
    mutants,
)
from assay.harness.results import Outcome
from assay.profiles.catalogue import load_profiles, profile_names

from .graph_material import judged

ROWS = graph_requirements()
CLOSED = {name: {*row.implies, *row.same_as, name} for name, row in ROWS.items()}


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_a_rule_file_and_its_catalogue_row_say_the_same(row: Any) -> None:
    for file in row.rules:
        found = rule(row.profile, file)
        assert (found.id, found.stands_on) == (row.id, row.stands_on)


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_a_rule_stays_in_the_subset_that_duckdb_and_spark_run(row: Any) -> None:
    for file in row.rules:
        assert outside_subset(rule(row.profile, file).sql) == []


def test_the_views_stay_in_the_subset_too() -> None:
    assert {name: outside_subset(text) for name, text in views().items()} == {name: [] for name in views()}


@pytest.mark.parametrize(
    "text",
    [
        "WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t",
        "SELECT a FROM t QUALIFY ROW_NUMBER() OVER () = 1",
        'SELECT "a" FROM t',
        "SELECT * FROM t, LATERAL (SELECT t.a)",
        "SELECT a::BIGINT FROM t",
        "SELECT 7 // 2",
        "SELECT * EXCLUDE (a) FROM t",
        "SELECT a, SUM(b) FROM t GROUP BY ALL",
        "SELECT LIST_AGGREGATE(a) FROM t",
        "SELECT [1, 2]",
        "SELECT SUM(a) FILTER (WHERE b) FROM t",
        "SELECT STRFTIME(a) FROM t",
        "SELECT * FROM t ASOF JOIN u USING (a)",
    ],
)
def test_the_subset_checker_sees_what_spark_would_refuse(text: str) -> None:
    assert outside_subset(text)


def test_the_subset_checker_does_not_read_strings_and_comments() -> None:
    assert outside_subset("SELECT 'RECURSIVE \" ::' AS a -- QUALIFY\n FROM t") == []


def test_every_rule_file_belongs_to_exactly_one_row_and_stands_on_known_rows() -> None:
    known = load_profiles(tuple(profile_names()))
    listed = [(row.profile, file) for row in ROWS.values() for file in row.rules]
    shipped = [
        (profile, found.name)
        for profile, folder in (("trust-graph", "trust_graph"), ("custody", "custody"), ("crm", "crm"))
        for found in (files("assay.profiles") / folder / "rules").iterdir()
        if found.name.endswith(".sql")
    ]
    assert sorted(listed) == sorted(shipped)
    assert len(ROWS) >= 18
    assert [name for row in ROWS.values() for name in row.stands_on if name not in known] == []


def test_the_table_definitions_use_two_types_only_and_say_what_they_hold() -> None:
    ddl = DDL.read_text(encoding="utf-8")
    bare = re.sub(r"--[^\n]*", "", ddl)
    assert len(columns()) == bare.count("CREATE TABLE") >= 25
    assert {kind for table in columns().values() for _, kind in table} == {"BIGINT", "VARCHAR"}
    assert outside_subset(re.sub(r"CREATE TABLE \w+", "", bare).replace(";", "")) == []


def test_values_are_worded_in_units_people_read() -> None:
    row = {"a_mg": 9_180_000_000, "b_ppm": 80_000, "c_s": 0, "d_e6": 9_400_000, "e": None, "f_permille": 20}
    assert word("{a_mg}, {b_ppm}, {c_s}, {d_e6}, {e}, {f_permille}", row) == (
        "9,180 kg, 8 %, 1970-01-01T00:00:00Z, 9.4, unknown, 2 %"
    )


def test_the_honest_chain_gives_every_rule_something_to_pass() -> None:
    outcomes = {name: (result.outcome, result.note) for name, result in judged(honest_set()).items()}
    assert {name: found for name, found in outcomes.items() if found[0] is not Outcome.PASSED} == {}


@pytest.mark.parametrize(
    "mutant",
    mutants(),
    ids=[f"{number}-{mutant['requirement']}" for number, mutant in enumerate(mutants(), 1)],
)
def test_a_mutant_fails_its_rule_and_only_what_that_implies(mutant: dict[str, Any]) -> None:
    results = {result.requirement.id: result for result in judge_mutant(mutant)}
    failed = {name for name, result in results.items() if result.outcome is Outcome.FAILED}
    allowed = CLOSED[mutant["requirement"]].union(*(CLOSED[name] for name in mutant.get("also", ())))
    assert mutant["requirement"] in failed
    assert failed <= allowed
    for finding in results[mutant["requirement"]].findings:
        assert finding.rule == mutant["requirement"]
        assert finding.expected and finding.received and finding.hint
        assert finding.at.source and finding.at.artefact


@pytest.mark.parametrize(
    "mutant", [mutants()[0], {"drop": ["move-soda"]}, {"broken": {"dcc-carbon": "revoked"}}]
)
def test_rules_that_read_no_changed_table_judge_as_before(mutant: dict[str, Any]) -> None:
    told = {result.requirement.id: result for result in judge_mutant(mutant)}
    full = judged(mutant_set(mutant))
    assert 0 < len(told) < len(full) or "drop" in mutant
    for name, result in full.items():
        assert (
            (told[name].outcome, told[name].findings) == (result.outcome, result.findings)
            if name in told
            else True
        )
        assert name in told or result.outcome is Outcome.PASSED


def test_every_rule_has_a_mutant() -> None:
    assert {mutant["requirement"] for mutant in mutants()} == set(ROWS)


def test_the_self_test_reports_a_mutant_that_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "assay.harness.graph.selftest.mutants",
        lambda: [{"requirement": "G-101"}, {"requirement": "G-203", "drop": ["no-such-document"]}],
    )
    problems = graph_selftest()
    assert "fixtures/graph/mutants.yaml, entry 1 (G-101): its rule does not fail" in problems
    assert any("no document named ['no-such-document']" in problem for problem in problems)
    assert "G-203: no mutant makes it fail" in problems


def test_the_self_test_reports_an_honest_set_that_fails() -> None:
    faulty = mutant_set(
        {"edit": {"dpp-lioh": [["set", "/credentialSubject/countryOfProduction/countryCode", "DE"]]}}
    )
    problems = [problem for problem in graph_selftest([faulty], only=()) if problem.startswith("set 1")]
    assert [problem.split()[2] for problem in problems] == ["G-203"]
