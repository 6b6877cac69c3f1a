"""Schemes, profiles, criteria."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.checks.vocabulary_checks import SEMANTIC_VERSION
from assay.harness.results import Outcome
from tests.harness.rows import failing, mutant, outcome, results_on

CRITERION = "/includedProfile/0/criterion/0"
NUMBER = st.integers(0, 10**6)


@given(NUMBER, NUMBER, NUMBER, st.sampled_from(["", "-rc.1", "+build.7", "-alpha+001"]))
def test_three_numbers_make_a_semantic_version(major: int, minor: int, patch: int, tail: str) -> None:
    assert SEMANTIC_VERSION.match(f"{major}.{minor}.{patch}{tail}")
    assert not SEMANTIC_VERSION.match(f"{major}.{minor}")
    assert not SEMANTIC_VERSION.match(f"0{major}.{minor}.{patch}")


@pytest.mark.parametrize(
    "uri",
    [
        "https://scheme.example/criteria/tailings/1.0.0",
        "https://scheme.example/v2/criteria/tailings",
        "https://scheme.example/criteria/tailings-v1.2",
        "https://scheme.example/2.1/criteria#tailings",
        "urn:scheme:criteria:tailings:3",
    ],
)
def test_versions_are_seen_in_criterion_uris(uri: str) -> None:
    assert outcome(mutant("scheme", ["set", f"{CRITERION}/id", uri]), "CVC-029") is Outcome.PASSED


@pytest.mark.parametrize(
    "uri", ["https://scheme.example/criteria/tailings", "https://v2.example/criteria/iso9001ish"]
)
def test_a_number_in_the_host_or_in_a_word_is_no_version(uri: str) -> None:
    assert outcome(mutant("scheme", ["set", f"{CRITERION}/id", uri]), "CVC-029") is Outcome.FAILED


@pytest.mark.parametrize(
    "path", ["conformity-topic/greenhouse-gas-emissions", "untp/conformity-topic/greenhouse-gas-emissions"]
)
def test_topics_with_the_path_of_the_samples_are_accepted_with_a_remark(path: str) -> None:
    iri = "https://vocabulary.uncefact.org/" + path
    found = mutant("scheme", ["set", f"{CRITERION}/conformityTopic/0/id", iri])
    result = results_on(found)["CVC-046"]
    assert result.outcome is Outcome.PASSED
    assert "conformity-topics/greenhouse-gas-emissions" in result.note


@pytest.mark.parametrize(("code", "passes"), [("001", True), ("AU", True), ("AU-WA", True), ("AUS", True), ("World", False), ("XX", False), ("AUX9", False)])  # fmt: skip
def test_geographic_scope(code: str, passes: bool) -> None:
    found = mutant("scheme", ["set", "/geographicScope/0/code", code])
    assert (outcome(found, "CVC-014") is Outcome.PASSED) is passes


@pytest.mark.parametrize(("code", "passes"), [("B", True), ("07", True), ("0729", True), ("B0729", True), ("ZZ", False), ("72901", False)])  # fmt: skip
def test_industry_scope(code: str, passes: bool) -> None:
    found = mutant("scheme", ["set", "/industryScope/0/code", code])
    assert (outcome(found, "CVC-015") is Outcome.PASSED) is passes


def test_a_framework_may_be_repeated_unchanged_in_two_profiles() -> None:
    from tests.harness.rows import BASES

    framework = BASES["scheme"]["includedProfile"][0]["criterionScoringFramework"][0]
    found = mutant("scheme", ["app", "/includedProfile/1/criterionScoringFramework", framework])
    assert outcome(found, "CVC-012") is Outcome.PASSED


def test_a_criterion_may_stand_unchanged_in_two_profiles() -> None:
    from tests.harness.rows import BASES

    criterion = BASES["scheme"]["includedProfile"][0]["criterion"][4]
    found = mutant("scheme", ["app", "/includedProfile/1/criterion", criterion])
    assert outcome(found, "CVC-038") is Outcome.PASSED


def test_a_self_endorsed_scheme_needs_no_endorsement() -> None:
    found = mutant("scheme", ["set", "/endorsementLevel", "endorsed_self"], ["del", "/endorsement"])
    assert failing(found) == set()


def test_a_scheme_of_its_own_needs_no_w3c_context() -> None:
    assert failing(mutant("scheme")) == set()
