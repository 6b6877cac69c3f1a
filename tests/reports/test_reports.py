"""Reports from one run: the machine interface keeps its schema, JUnit is well formed, HTML escapes everything."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.harness.results import (
    Outcome,
    RequirementResult,
    Scope,
    Subject,
    Verdict,
    overall_verdict,
    subject_verdicts,
)
from assay.profiles.catalogue import load_profile
from assay.reports import html, json_report, junit
from tests.reports.sample import HOSTILE, row, run

SCHEMA = jsonschema_rs.Draft202012Validator(
    json.loads(json_report.SCHEMA_FILE.read_text()), validate_formats=True
)


def test_the_json_report_keeps_its_published_schema() -> None:
    assert [error.message for error in SCHEMA.iter_errors(json.loads(json_report.dumps(run())))] == []


def test_the_schema_refuses_an_outcome_outside_the_closed_set() -> None:
    report = json.loads(json_report.dumps(run()))
    report["results"][0]["outcome"] = "warning"
    assert not SCHEMA.is_valid(report)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_junit_stays_well_formed_whatever_a_vendor_wrote(text: str) -> None:
    tree = ElementTree.fromstring(junit.dumps(run(text)).encode())
    suites = tree.findall("testsuite")
    assert sum(int(suite.get("tests", "0")) for suite in suites) == len(tree.findall(".//testcase")) == 6


def test_junit_counts_only_deciding_requirements_as_failures() -> None:
    tree = ElementTree.fromstring(junit.dumps(run()).encode())
    failed = [case.get("name") for case in tree.iter("testcase") if case.find("failure") is not None]
    assert failed == ["VCP-014 MUST"]
    errors = [case.get("name") for case in tree.iter("testcase") if case.find("error") is not None]
    assert errors == ["VRF-001 MUST"]


def test_html_escapes_hostile_text_everywhere() -> None:
    page = html.render(run(), load_profile("untp-0.7").requirements)
    assert page.count("<script>") == 1
    assert HOSTILE not in page
    assert "{{7*7}}" in page


def test_html_has_no_outside_asset() -> None:
    page = html.render(run("plain"), load_profile("untp-0.7").requirements)
    assert re.findall(r"(?:src|url\()\s*=?\s*[\"']?https?:", page) == []
    assert "default-src 'none'" in page


def test_html_shows_rows_that_were_not_judged_with_their_reason() -> None:
    page = html.render(run("plain"), load_profile("untp-0.7").requirements)
    assert 'data-outcome="not_judged"' in page


def test_a_failed_must_beats_error_and_error_beats_conformant() -> None:
    subject = Subject("a", "x", scope=Scope.SECURED, verdict=Verdict.CONFORMANT)
    failed = RequirementResult(row("VCP-014"), Outcome.FAILED, (0,))
    error = RequirementResult(row("VRF-001"), Outcome.ERROR, (0,))
    passed = RequirementResult(row("DPP-001"), Outcome.PASSED, (0,))
    assert overall_verdict([subject], [passed, error, failed]) is Verdict.NOT_CONFORMANT
    assert overall_verdict([subject], [passed, error]) is Verdict.INCONCLUSIVE
    assert overall_verdict([subject], [passed]) is Verdict.CONFORMANT
    assert overall_verdict([], []) is Verdict.INCONCLUSIVE


def test_unsigned_documents_can_at_best_be_valid_and_a_gate_refuses_them() -> None:
    passed = RequirementResult(row("DPP-001"), Outcome.PASSED, (0,))
    assert subject_verdicts([Scope.DOCUMENT], [passed]) == (Verdict.DOCUMENT_VALID,)
    subject = Subject("a", "x", scope=Scope.DOCUMENT, verdict=Verdict.DOCUMENT_VALID)
    assert overall_verdict([subject], [passed]) is Verdict.DOCUMENT_VALID
    assert overall_verdict([subject], [passed], require_secured=True) is Verdict.NOT_CONFORMANT


def test_advice_and_rows_with_two_bases_never_decide() -> None:
    advice = RequirementResult(row("DPP-061"), Outcome.FAILED, (0,))
    conflict = RequirementResult(row("STS-004"), Outcome.FAILED, (0,), basis="schema")
    passed = RequirementResult(row("DPP-001"), Outcome.PASSED, (0,))
    assert subject_verdicts([Scope.SECURED], [passed, advice, conflict]) == (Verdict.CONFORMANT,)
