"""Identity anchors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.checks.dia_checks import same_authority
from assay.harness.results import Outcome
from tests.harness.rows import failing, mutant, outcome

LABEL = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("register.example", "register.example"),
        ("register.example", "www.register.example"),
        ("dia.register.example", "www.register.example"),
        ("REGISTER.example", "register.example."),
        ("cadastre.gov.zm", "id.cadastre.gov.zm"),
        ("id.register.gov.au", "www.register.gov.au"),
    ],
)
def test_hosts_of_one_authority(one: str, other: str) -> None:
    assert same_authority(one, other)
    assert same_authority(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("register.example", "reg1ster.example"),
        ("cadastre.gov.zm", "tax.gov.zm"),
        ("register.co.jp", "other.co.jp"),
        ("register.example", "register.example.evil.test"),
        ("example", "register.example"),
        ("", "register.example"),
    ],
)
def test_hosts_of_different_authorities(one: str, other: str) -> None:
    assert not same_authority(one, other)
    assert not same_authority(other, one)


@given(st.lists(LABEL, min_size=2, max_size=4), st.lists(LABEL, max_size=2))
def test_a_host_and_everything_below_it_are_one_authority(host: list[str], below: list[str]) -> None:
    assert same_authority(".".join(host), ".".join([*below, *host]))


@pytest.mark.parametrize("method", ["did:web:korea.example", "did:webvh:QmScid:korea.example"])
def test_both_domain_methods_are_supported(method: str) -> None:
    found = mutant("dia", did={"issuer": method})
    assert outcome(found, "DIA-012") is Outcome.PASSED


def test_an_authority_without_a_domain_leaves_the_comparison_undecided() -> None:
    found = mutant(
        "dia",
        ["set", "/credentialSubject/registrar/id", "urn:registrar:7"],
        ["set", "/credentialSubject/idScheme/id", "urn:scheme:7"],
    )
    assert outcome(found, "DIA-013") is Outcome.INCONCLUSIVE


def test_either_registrar_or_scheme_may_show_the_domain() -> None:
    found = mutant("dia", ["set", "/credentialSubject/registrar/id", "https://ministry.example"])
    assert outcome(found, "DIA-013") is Outcome.PASSED


@pytest.mark.parametrize(
    "did", ["did:web:a.example", "did:web:a.example:b:c", "did:key:z6Mk", "did:web:a%3A8443"]
)
def test_a_did_of_any_method_can_be_anchored(did: str) -> None:
    assert outcome(mutant("dia", ["set", "/credentialSubject/id", did]), "DIA-002") is Outcome.PASSED


def test_a_missing_subject_is_told_by_the_row_that_asks_for_a_did() -> None:
    assert failing(mutant("dia", ["del", "/credentialSubject/id"])) >= {"DIA-002"}
    assert outcome(mutant("dia", ["del", "/credentialSubject/id"]), "DIA-017") is Outcome.PASSED
