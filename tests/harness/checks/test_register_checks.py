"""Registers of identifier schemes, vocabularies and software."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.harness.checks.register_checks import register_kind
from assay.harness.material import Register
from assay.harness.results import Outcome
from tests.harness.rows import BASES, document, failing, findings, mutant, outcome, results_on


@pytest.mark.parametrize("kind", ["IDR", "CVC", "SWI"])
def test_a_register_is_known_by_its_entries(kind: str) -> None:
    found = document(BASES[f"register_{kind.lower()}"])
    assert isinstance(found, Register)
    assert register_kind(found) == kind


def test_an_empty_register_is_of_no_kind_and_judged_by_its_head_only() -> None:
    found = document({**BASES["register_idr"], "entries": []})
    assert isinstance(found, Register)
    assert register_kind(found) == ""
    assert outcome(found, "REG-001") is Outcome.PASSED
    assert outcome(found, "REG-004") is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("pattern", [r"^(?!KR)\d+$", r"^(KR)-\1$"])
def test_a_pattern_that_needs_more_than_linear_time_is_undecided(pattern: str) -> None:
    found = mutant("register_idr", ["set", "/entries/0/registeredIdPattern", pattern])
    assert outcome(found, "REG-006") is Outcome.INCONCLUSIVE


def test_a_catastrophic_pattern_is_decided_at_once() -> None:
    found = mutant(
        "register_idr",
        ["set", "/entries/0/registeredIdPattern", "^(a+)+$"],
        ["set", "/entries/0/registeredIdExample", "a" * 5_000 + "!"],
    )
    assert outcome(found, "REG-006") is Outcome.FAILED


@pytest.mark.parametrize(
    "template", ["https://id.example/", "{id}", "https://id.example/{number}", "http:// {id}"]
)
def test_templates_without_placeholder_or_scheme_are_told(template: str) -> None:
    found = mutant("register_idr", ["set", "/entries/0/resolverEndpoint", template])
    assert [one.at.pointer for one in findings(found, "REG-007")] == ["/entries/0/resolverEndpoint"]


def test_the_new_name_of_the_scope_is_accepted_with_a_remark() -> None:
    found = mutant("register_swi", ["app", "/entries/0/untpScope", "CVC"])
    result = results_on(found)["REG-014"]
    assert result.outcome is Outcome.PASSED
    assert "SVC" in result.note


@pytest.mark.parametrize("name", ["cvc", "idr", "swi"])
def test_the_published_registers_fail_nothing(artefacts: Path, name: str) -> None:
    found = document((artefacts / "registers" / f"{name}-register.json").read_bytes())
    assert isinstance(found, Register)
    assert failing(found) == set()
