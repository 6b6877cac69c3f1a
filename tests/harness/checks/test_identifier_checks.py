"""Identifiers: what is taken and what is told."""

from __future__ import annotations

import copy
import json

import pytest

from assay.harness.checks import load_checks
from assay.harness.credential.intake import read
from assay.harness.results import Outcome
from assay.harness.selftest import Bench, load_bases
from assay.profiles.catalogue import load_profile


def outcome(row: str, identifier: str) -> Outcome:
    """The outcome of a row for a passport that names its issuer's other identity by an identifier."""
    document = copy.deepcopy(load_bases()["dpp"])
    document["issuer"]["issuerAlsoKnownAs"][0]["id"] = identifier
    results = Bench.default().judge.judge(read("x", json.dumps(document).encode()))
    return next(result.outcome for result in results if result.requirement.id == row)


@pytest.mark.parametrize(
    ("row", "identifier", "expected"),
    [
        ("IDR-001", "did:web:a.example", Outcome.PASSED),
        ("IDR-001", "urn:gtr:a.example:7", Outcome.PASSED),
        ("IDR-001", "tag:a.example,2026:7", Outcome.PASSED),
        ("IDR-001", "0007", Outcome.FAILED),
        ("IDR-001", "", Outcome.FAILED),
        ("IDR-001", "https://a.example/with space", Outcome.FAILED),
        ("IDR-019", "urn:gtr:nlis.com.au:QDBH0132", Outcome.PASSED),
        ("IDR-019", "urn:gtr:a.example:x%2Fy", Outcome.PASSED),
        ("IDR-019", "urn:gtr:a.example:x/y", Outcome.FAILED),
        ("IDR-019", "urn:gtr:nlis:7", Outcome.FAILED),
        ("IDR-019", "urn:gtr:a.example:", Outcome.FAILED),
        ("IDR-020", "urn:epc:id:sgtin:1.2.3", Outcome.PASSED),
        ("IDR-020", "urn:epc:7", Outcome.FAILED),
        ("IDR-021", "https://a.example/01/123", Outcome.PASSED),
        ("IDR-021", "HTTPS://A.EXAMPLE/01/123", Outcome.PASSED),
        ("IDR-021", "https://a.example/01/123?linkType=dpp", Outcome.FAILED),
    ],
)
def test_an_identifier_is_judged_by_its_form(row: str, identifier: str, expected: Outcome) -> None:
    assert outcome(row, identifier) is expected


def test_uuids_of_parties_are_nobody_s_business() -> None:
    assert outcome("IDR-024", "urn:uuid:6f2c1f6e-6d0b-4c1e-9a58-3f1f5a0c7d11") is Outcome.PASSED


def versions(first: dict[str, object], second: dict[str, object]) -> Outcome:
    target = {"href": "https://a.example/1", "title": "t", "type": "application/vc+jwt"}
    document = {"linkset": [{"anchor": "https://a.example/x", "dpp": [target | first, target | second]}]}
    results = Bench.default().judge.judge(read("x", json.dumps(document).encode()))
    return next(result.outcome for result in results if result.requirement.id == "IDR-010")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({}, {}, Outcome.FAILED),
        ({"hreflang": ["en"]}, {"hreflang": ["en"]}, Outcome.FAILED),
        ({"hreflang": ["en"]}, {}, Outcome.FAILED),
        ({"hreflang": ["en"]}, {"hreflang": ["de"]}, Outcome.PASSED),
        ({}, {"rel": ["predecessor-version"]}, Outcome.PASSED),
        ({}, {"href": "https://b.example/1"}, Outcome.PASSED),
        ({}, {"accessRole": ["untp:accessRole#Owner"]}, Outcome.PASSED),
        ({}, {"type": "text/html"}, Outcome.PASSED),
    ],
)
def test_two_targets_for_the_same_readers_are_two_versions(
    first: dict[str, object], second: dict[str, object], expected: Outcome
) -> None:
    assert versions(first, second) is expected


def test_rows_of_the_resolver_page_are_checked_or_say_why_not() -> None:
    rows = {
        row.id: row for row in load_profile("untp-0.7").requirements.values() if row.id.startswith("IDR-")
    }
    checked = [row for row in rows.values() if row.check is not None]
    assert len(checked) >= 35
    assert {row.id for row in checked if row.check == "code"} <= load_checks().keys()
