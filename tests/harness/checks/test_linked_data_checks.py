"""Contexts, terms and types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.checks.terms import OLD_TERMS, core_terms, nearest
from assay.harness.results import Outcome
from assay.profiles.untp_0_7 import CLASSES
from tests.harness.rows import failing, findings, mutant, outcome

PROPERTIES = [
    (name, prop) for name, cls in CLASSES.items() if cls.vocab for prop in cls.by_name if len(prop) > 5
]


def test_a_misspelt_term_is_told_with_the_name_that_was_meant() -> None:
    found = mutant("dpp", ["ren", "/credentialSubject/productionDate", "produtionDate"])
    assert failing(found) == {"JLD-005", "JLD-008"}
    (only,) = findings(found, "JLD-008")
    assert (only.at.pointer, only.expected) == ("/credentialSubject/produtionDate", "'productionDate'")


def test_an_extra_term_without_a_near_name_is_undefined_but_not_misspelt() -> None:
    assert failing(mutant("dpp", ["set", "/credentialSubject/livestockBreed", "Merino"])) == {"JLD-005"}


def test_characteristics_take_any_term() -> None:
    found = mutant("dpp", ["set", "/credentialSubject/characteristics/livestockBreed", "Merino"])
    assert failing(found) == set()


@given(st.sampled_from(PROPERTIES), st.data())
def test_one_slip_of_the_keyboard_is_recognised(place: tuple[str, str], data: st.DataObject) -> None:
    cls, name = place
    at = data.draw(st.integers(1, len(name) - 2))
    slips = [
        name[:at] + name[at + 1 :],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        name[:at] + "x" + name[at:],
    ]
    slip = data.draw(st.sampled_from(slips))
    if slip not in CLASSES[cls].by_name:
        assert nearest(cls, slip) in CLASSES[cls].by_name


@pytest.mark.parametrize("word", ["livestockBreed", "landTitle", "zzz", "q", ""])
def test_a_word_of_its_own_is_near_to_nothing(word: str) -> None:
    assert nearest("Product", word) is None


def test_old_terms_are_gone_from_the_context_and_their_successors_are_in_it() -> None:
    assert not set(OLD_TERMS) & core_terms()
    assert set(OLD_TERMS.values()) <= core_terms()


def test_what_an_object_loses_without_its_type_is_told_once() -> None:
    found = mutant("dpp", ["del", "/credentialSubject/type"])
    assert len([term for term in found.terms if term.kind == "dropped"]) > 10
    assert failing(found) == {"JLD-009"}


@pytest.mark.parametrize(
    ("base", "pointer", "rows"),
    [
        ("dpp", "/credentialSubject/relatedParty/0/party/type", {"JLD-010"}),
        ("dpp", "/credentialSubject/performanceClaim/0/referenceCriteria/0/type", {"JLD-010"}),
        ("dcc", "/credentialSubject/issuedToParty/type", {"JLD-010"}),
        ("make", "/credentialSubject/0/outputProduct/0/product/type", {"JLD-010"}),
        ("make", "/credentialSubject/0/type", {"JLD-011"}),
        ("dfr", "/credentialSubject/performanceClaim/0/type", {"JLD-012"}),
        ("dfr", "/issuer/type", {"JLD-013"}),
        ("dpp", "/renderMethod/0/type", {"RND-004"}),
        ("dpp", "/credentialSubject/idScheme/type", set()),
    ],
)
def test_each_missing_type_fails_the_row_for_its_place(base: str, pointer: str, rows: set[str]) -> None:
    assert {name for name in failing(mutant(base, ["del", pointer])) if name[:3] in ("JLD", "RND")} == rows


def test_an_issuer_without_further_identities_may_leave_its_type_out() -> None:
    found = mutant("dia", ["del", "/issuer/type"], ["del", "/issuer/issuerAlsoKnownAs"])
    assert outcome(found, "JLD-013") is Outcome.PASSED


def test_a_type_written_as_json_ld_keyword_counts() -> None:
    found = mutant("dpp", ["ren", "/credentialSubject/producedAtFacility/type", "@type"])
    assert outcome(found, "JLD-010") is Outcome.PASSED


def test_a_context_that_we_do_not_hold_leaves_its_terms_undecided() -> None:
    found = mutant("dia", ["app", "/@context", "https://land.example/1.0/context.jsonld"])
    for row in ("JLD-005", "JLD-007", "JLD-008", "JLD-020", "EXT-007", "VSN-004"):
        assert outcome(found, row) is Outcome.INCONCLUSIVE
    assert failing(found) == set()


def test_an_unversioned_context_is_told_and_leaves_the_terms_undecided() -> None:
    found = mutant("dia", ["set", "/@context/1", "https://vocabulary.uncefact.org/untp/"])
    assert "JLD-001" in failing(found)
    assert outcome(found, "JLD-007") is Outcome.INCONCLUSIVE


def test_a_protected_term_that_is_redefined_stops_processing_and_is_told_once() -> None:
    found = mutant("dia", ["app", "/@context", {"Party": "https://land.example/terms#Party"}])
    assert len(findings(found, "JLD-006")) == 1
    assert outcome(found, "JLD-007") is Outcome.PASSED


def test_a_catch_all_below_the_root_is_found() -> None:
    found = mutant("dia", ["set", "/credentialSubject/registrar/@context", {"@vocab": "https://v.example/"}])
    (only,) = findings(found, "JLD-004")
    assert only.at.pointer == "/credentialSubject/registrar/@context/@vocab"


def test_switching_a_catch_all_off_is_no_catch_all() -> None:
    found = mutant("dia", ["app", "/@context", {"@vocab": None}])
    assert outcome(found, "JLD-004") is Outcome.PASSED


def test_a_term_that_vanishes_is_told_with_the_name_that_was_meant() -> None:
    found = mutant("dpp", ["set", "/credentialSubject/dimensions/wieght", {"value": 1, "unit": "KGM"}])
    (only,) = findings(found, "JLD-007")
    assert "weight" in only.hint
