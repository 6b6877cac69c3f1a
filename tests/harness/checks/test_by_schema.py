"""Attribution of schema errors to requirements."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.harness.checks.by_schema import CATCH_ALL, Attribution, short
from assay.harness.material import UNTP_KINDS, Kind, SchemaError
from assay.harness.results import Outcome
from assay.harness.selftest import Bench
from assay.profiles.catalogue import Requirement
from assay.profiles.untp_0_6 import TABLES
from assay.profiles.untp_0_7 import CLASSES
from tests.harness.bending import bend
from tests.harness.rows import BASES, document, failing, findings, mutant, outcome, row


def error(*places: str, keyword: str = "type", format_only: bool = False) -> SchemaError:
    return SchemaError(("credentialSubject",), keyword, "wrong", places, format_only)


def schema_row(identifier: str, *places: str, **more: object) -> Requirement:
    return row(identifier, check="schema", places=places, **more)


def told(rows: list[Requirement], found: SchemaError, kind: str = Kind.DIA) -> tuple[str, ...]:
    return Attribution(rows).rows_of(kind, found)


def test_the_most_specific_place_wins() -> None:
    rows = [schema_row("ZZ-001", "Product"), schema_row("ZZ-002", "Product.batchNumber")]
    assert told(rows, error("Product.batchNumber", "Product")) == ("ZZ-002",)
    assert told(rows, error("Product.name", "Product")) == ("ZZ-001",)


def test_a_keyword_beats_none_at_the_same_place_but_not_a_nearer_place() -> None:
    rows = [
        schema_row("ZZ-001", "Product.name"),
        schema_row("ZZ-002", "Product.name#type"),
        schema_row("ZZ-003", "Product#type"),
    ]
    assert told(rows, error("Product.name", "Product")) == ("ZZ-002",)
    assert told(rows, error("Product.name", "Product", keyword="required")) == ("ZZ-001",)
    assert told(rows, error("Product.id", "Product")) == ("ZZ-003",)


def test_a_place_of_one_kind_of_document_beats_the_same_place_anywhere() -> None:
    rows = [schema_row("ZZ-001", "Score.code"), schema_row("ZZ-002", "ConformityScheme:Score.code")]
    assert told(rows, error("Score.code"), Kind.SCHEME) == ("ZZ-002",)
    assert told(rows, error("Score.code"), Kind.DCC) == ("ZZ-001",)


@pytest.mark.parametrize("kind", sorted(UNTP_KINDS))
def test_credential_stands_for_all_five_credentials(kind: Kind) -> None:
    assert told([schema_row("ZZ-001", "Credential.name")], error(f"{kind.value}.name"), kind) == ("ZZ-001",)


def test_an_error_that_no_row_asks_for_is_spelt_out_by_the_catch_all() -> None:
    found = mutant("dia", ["set", "/renderMethod/0/mediaQuery", 600])
    assert failing(found) == {CATCH_ALL}
    (only,) = findings(found, CATCH_ALL)
    assert only.at.pointer == "/renderMethod/0/mediaQuery"
    assert only.received == "600"


def test_an_error_that_a_row_asks_for_is_only_counted_by_the_catch_all() -> None:
    found = mutant("dia", ["del", "/credentialSubject/registeredName"])
    assert failing(found) == {"DIA-003", CATCH_ALL}
    (only,) = findings(found, CATCH_ALL)
    assert only.received.startswith("1 schema error ")
    (specific,) = findings(found, "DIA-003")
    assert (specific.received, specific.hint) == ("no such member", "Add the member.")


def test_contradicted_rows_keep_their_schema_errors_out_of_the_verdict() -> None:
    found = mutant("dia", ["set", "/renderMethod/1/type", ["TemplateRenderMethod"]])
    assert found.schema_errors
    assert outcome(found, CATCH_ALL) is Outcome.PASSED


def test_a_wrong_form_that_only_format_assertion_sees_fails_its_own_row_alone() -> None:
    found = mutant("dia", ["set", "/credentialSubject/registeredDate", "yesterday"])
    assert failing(found) == {"DIA-005"}


@pytest.mark.parametrize(
    "base", sorted(name for name, base in BASES.items() if "credentialSubject" in base or name == "scheme")
)
def test_no_schema_error_is_lost(base: str) -> None:
    """Whatever is bent: if the schema objects, some row fails, and every error is told somewhere."""
    bench = Bench.default()
    contradicted = {name for name, checks in bench.checks.items() if any(check.basis for check in checks)}
    attribution = Attribution((r for r in bench.requirements.values() if r.places), contradicted)
    objected = 0
    for seed in range(50):
        found = document(bend(BASES[base], seed))
        if not found.schema_errors:
            continue
        objected += 1
        spread = attribution.findings(found)
        pointers = {finding.at.pointer for told in spread.values() for finding in told}
        assert all(found.at(*one.path).pointer in pointers for one in found.schema_errors)
        aside = all(
            contradicted.intersection(attribution.rows_of(found.kind.value, one))
            for one in found.schema_errors
        )
        assert aside or CATCH_ALL in spread or all(one.format_only for one in found.schema_errors)
    assert objected > 12


def _members(profile: str) -> dict[str, set[str]]:
    """Names of properties by class: of the current version, or of both releases of 0.6."""
    found: dict[str, set[str]] = {}
    for classes in [table.classes for table in TABLES.values()] if profile == "untp-0.6" else [CLASSES]:
        for name, definition in classes.items():
            found.setdefault(name, set()).update(definition.by_name)
    return found


def _labels(members: dict[str, set[str]]) -> set[str]:
    return {
        *members,
        *(f"{name}Reference" for name in members),
        "Credential",
        "Linkset",
        "LinkContext",
        "LinkTarget",
    }


def test_every_place_of_the_catalogue_exists_in_the_class_table() -> None:
    wrong = []
    for requirement in Bench.default().requirements.values():
        members = _members(requirement.profile)
        for place in requirement.places:
            where = place.partition("#")[0].rpartition(":")[2]
            label, _, member = where.partition(".")
            if place == "*":
                continue
            known = {"type", "id", "@context", *members.get(label.removesuffix("Reference"), ())}
            if label == "Credential":
                known |= members["Envelope"] | {"credentialSubject", "validUntil"}
            linkset = label.startswith("Link") and label != "Link"
            if label not in _labels(members) or (member and member not in known and not linkset):
                wrong.append((requirement.key, place))
    assert wrong == []


def test_two_rows_share_a_place_only_when_they_are_the_same_rule() -> None:
    owners: dict[tuple[bool, str], set[str]] = {}
    rows = Bench.default().requirements
    for requirement in rows.values():
        for place in requirement.places:
            owners.setdefault((requirement.profile == "untp-0.6", place), set()).add(requirement.id)
    shared = {
        place: names
        for place, names in owners.items()
        if any(names - {name, *rows[name].same_as, *rows[name].implies} for name in names)
    }
    assert shared == {}


@settings(max_examples=40)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))  # fmt: skip
def test_what_stands_there_is_shown_in_full_or_cut_to_the_limit(value: object) -> None:
    shown, full = short(value, 40), json.dumps(value, ensure_ascii=False)
    assert shown == full if len(full) <= 40 else len(shown) == 40


def test_showing_a_huge_value_costs_no_more_than_showing_its_beginning() -> None:
    huge: object = ["x" * 1_000_000] * 10_000
    for _ in range(50):
        huge = [huge, {"y": huge}]
    assert short(huge, 60).endswith("…")
