"""Issuing software and versions of UNTP."""

from __future__ import annotations

import pytest

from assay.harness.checks.terms import OLD_TERMS
from assay.harness.results import Outcome
from tests.harness.rows import failing, findings, mutant, outcome


@pytest.mark.parametrize(
    ("identifier", "version", "expected"),
    [
        ("https://v.example/software/p/1.2.0", "1.2.0", Outcome.PASSED),
        ("https://v.example/software/p/v1.2.0", "1.2.0", Outcome.PASSED),
        ("https://v.example/software/p/1.2.0", "v1.2.0", Outcome.PASSED),
        ("urn:software:p@1.2.0-rc.1", "1.2.0-rc.1", Outcome.PASSED),
        ("https://v.example/software/p/1.2.0", "1.3.0", Outcome.FAILED),
        ("https://v.example/software/p", "1.3.0", Outcome.NOT_APPLICABLE),
        ("https://v.example/software/2024/p", "1.3.0", Outcome.NOT_APPLICABLE),
    ],
)
def test_the_version_is_compared_with_the_one_in_the_id(
    identifier: str, version: str, expected: Outcome
) -> None:
    found = mutant(
        "dia", ["set", "/issuingSoftware/id", identifier], ["set", "/issuingSoftware/version", version]
    )
    assert outcome(found, "ENV-008") is expected


def test_without_software_its_rows_do_not_apply() -> None:
    found = mutant("dia", ["del", "/issuingSoftware"])
    assert {outcome(found, f"ENV-00{n}") for n in (2, 3, 4, 5, 6, 8, 9)} == {Outcome.NOT_APPLICABLE}
    assert failing(found) == set()


@pytest.mark.parametrize("term", sorted(set(OLD_TERMS) - {"schemeID", "IDverifiedByCAB"}))
def test_every_term_of_0_6_is_told_with_its_successor(term: str) -> None:
    found = mutant("dpp", ["set", f"/credentialSubject/{term}", "x"])
    (only,) = findings(found, "VSN-004")
    assert OLD_TERMS[term] in only.expected
