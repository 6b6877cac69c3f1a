"""Every position gives two verdicts, or says why there is only one; reports hide neither."""

from __future__ import annotations

import io
import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.cli import app
from assay.harness.results import Outcome, RunResult, Verdict, contradictions
from assay.harness.selftest import Bench
from assay.profiles.catalogue import load_profiles, profile_names
from assay.profiles.positions import OneVerdict, positions
from assay.reports.console import summary
from assay.reports.html import render
from assay.reports.json_report import as_object
from tests.harness.rows import BASES, mutant

P, F = Outcome.PASSED, Outcome.FAILED
_IPFS = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
_PLACE = "/credentialSubject/facility/locationInformation/geoLocation/coordinates"
_CHILD = {"type": ["Item"], "id": "https://id.hanul-lithium.example/bag/1", "name": "Bag"}

# position, row, base, operations, verdict by the text, verdict by the published artefact
TWO_VERDICTS: list[tuple[str, str, str, list[list[Any]], Outcome, Outcome]] = [
    ("P-01", "STS-005", "dpp", [], F, P),
    ("P-01", "STS-005", "dpp", [["set", "/credentialStatus/statusListIndex", "4711"]], P, F),
    ("P-01", "STS-020", "dpp", [["set", "/credentialStatus/statusPurpose", "message"]], F, P),
    ("P-02", "STS-010", "dpp", [["set", "/credentialStatus", [{"type": "BitstringStatusListEntry"}]]], P, F),
    ("P-03", "IDR-037", "linkset", [["ren", "/linkset/1/dcc", "untp:dcc"]], P, F),
    ("P-03", "IDR-027", "linkset", [["set", "/linkset/0/anchor", "did:web:goods.example"]], P, F),
    ("P-04", "IDR-029", "linkset", [["set", "/linkset/1/dcc/0/href", _IPFS]], P, F),
    ("P-06", "JLD-005", "dpp", [["set", "/credentialSubject/colourOfBag", "blue"]], F, P),
    ("P-06", "JLD-008", "dpp", [["ren", "/credentialSubject/description", "descripton"]], F, P),
    ("P-07", "VCP-010", "dpp", [["set", "/issuer/id", "https://issuer.example"]], P, F),
    ("P-10", "DAC-019", "linkset", [["set", "/linkset/0/dte/0/encryptionMethod", "ROT13"]], F, P),
    ("P-12", "IDR-034", "linkset", [["set", "/linkset/0/dte/1/method", "POST"]], P, F),
    ("P-12", "IDR-036", "linkset", [["set", "/linkset/0/dpp/0/lang", "en"]], P, F),
    ("P-13", "DIA-006", "dia", [["ren", "/credentialSubject/idScheme", "schemeId"]], P, F),
    ("P-13", "DPP-013", "dpp", [["ren", "/credentialSubject/productCategory/0/schemeId", "schemeID"]], P, F),
    ("P-14", "DPP-056", "dcc", [["set", "/credentialSubject/conformityAssessment/0/conformityTopic/0/id",
                                 "https://vocabulary.uncefact.org/conformity-topic/water-conservation"]], P, F),
    ("P-14", "DPP-051", "dcc", [["set", "/credentialSubject/conformityAssessment/0/assessedPerformance/0/metric/id",
                                 "https://vocabulary.uncefact.org/performance-metric/water-intensity"]], P, F),
    ("P-14", "CVC-046", "scheme", [["set", "/includedProfile/0/criterion/0/conformityTopic/0/id",
        "https://vocabulary.uncefact.org/conformity-topic/greenhouse-gas-emissions"]], P, F),
    ("P-15", "JLD-001", "dpp", [["set", "/@context/1", "https://vocabulary.uncefact.org/untp/"]], P, F),
    ("P-15", "JLD-001", "dpp", [["set", "/@context/1",
                                 "https://test.uncefact.org/vocabulary/untp/dpp/0.7.0/"]], P, F),
    ("P-15", "IN-012", "dpp", [["set", "/@context/1", "https://test.uncefact.org/untp/0.7.0/context/"]], P, F),
    ("P-17", "DCC-026", "dcc", [["del", "/credentialSubject/conformityAssessment/0/conformance"]], F, P),
    ("P-19", "DTE-022", "move", [["set", "/credentialSubject/0/movedProduct/0/disposition", "in_transit"]], P, F),
    ("P-20", "DPP-018", "dpp", [["set", "/credentialSubject/relatedParty/0/role", "shipper"]], P, F),
    ("P-21", "DIA-009", "dia", [["del", "/credentialSubject/registrationScope"]], F, P),
    ("P-21", "DIA-009", "dia-0.6", [["del", "/credentialSubject/registrationScopeList"]], F, P),
    ("P-22", "DPP-009", "dpp", [["del", "/credentialSubject/itemNumber"]], F, P),
    ("P-22", "DPP-009", "dpp-0.6", [["del", "/credentialSubject/product/batchNumber"]], F, P),
    ("P-23", "LEG-010", "dfr-0.6", [], F, P),
    ("P-23", "LEG-010", "dfr-0.6", [["set", _PLACE, [-31.4375, 119.6125]]], P, F),
    ("P-24", "LEG-015", "dte-0.6", [["set", "/credentialSubject", [
        {"type": ["AggregationEvent", "Event"], "eventTime": "2026-01-01T00:00:00Z", "action": "add",
         "childEPCs": [_CHILD]}]]], P, F),
    ("P-29", "RND-003", "dia", [["set", "/renderMethod/1/type", ["TemplateRenderMethod"]]], P, F),
    ("P-30", "VCP-002", "dpp", [["del", "/type"]], F, P),
    ("P-32", "VBD-014", "dpp", [["set", "/credentialSubject/performanceClaim/0", {
        "type": ["Claim"], "id": "https://issuer.example/claims/1", "name": "Stub", "accessRole": ["customs"],
        "conformityTopic": [{"id": "https://vocabulary.uncefact.org/conformity-topics/water-conservation"}]}]],
     P, F),
]  # fmt: skip

_WRONG_BY_BOTH: list[tuple[str, str, list[Any]]] = [
    ("STS-005", "dpp", ["set", "/credentialStatus/statusListIndex", True]),
    ("VCP-002", "dpp", ["set", "/type", "DigitalProductPassport"]),
    ("VCP-010", "dpp", ["set", "/issuer/id", "issuer"]),
    ("DAC-019", "linkset", ["set", "/linkset/0/dte/0/encryptionMethod", 17]),
    ("IDR-034", "linkset", ["set", "/linkset/0/dte/1/method", 5]),
    ("IDR-036", "linkset", ["set", "/linkset/0/dpp/0/size", 12]),
    ("DIA-006", "dia", ["del", "/credentialSubject/idScheme"]),
    ("DPP-013", "dpp", ["del", "/credentialSubject/productCategory/0/schemeId"]),
    ("JLD-001", "dpp", ["set", "/@context/1", "https://untp.example/"]),
    ("DTE-022", "move", ["set", "/credentialSubject/0/movedProduct/0/disposition", "lost"]),
    ("DPP-018", "dpp", ["set", "/credentialSubject/relatedParty/0/role", "friend"]),
    ("DIA-009", "dia", ["set", "/credentialSubject/registrationScope", ""]),
    ("DPP-056", "dpp", ["set", "/credentialSubject/performanceClaim/0/conformityTopic/0/id", "https://x.example/t"]),
    ("DPP-051", "dpp", ["set", "/credentialSubject/performanceClaim/0/claimedPerformance/0/metric/id",
                        "https://x.example/m"]),
]  # fmt: skip
"""Rows with two verdicts, on documents that neither side lets pass."""


def judged(base: str, operations: list[list[Any]]) -> RunResult:
    found = mutant(base, *operations)
    results = tuple(replace(one, subjects=()) for one in Bench.default().judge.judge(found))
    return RunResult("0", "2026-06-01T00:00:00Z", (), Verdict.INCONCLUSIVE, (), results)


def sides(run: RunResult, identifier: str) -> tuple[Outcome, Outcome, str | None]:
    found = [one for one in contradictions(run.results) if one.requirement.id == identifier]
    assert len(found) == 1, f"{identifier} gives no two verdicts"
    return found[0].text, found[0].schema, found[0].follows


def test_every_position_gives_two_verdicts_or_says_why_not() -> None:
    with_two = {name for name, *_ in TWO_VERDICTS}
    with_one = {one.id for one in positions().values() if one.one_verdict is not None}
    assert list(positions()) == [f"P-{number:02}" for number in range(1, 38)]
    assert not with_two & with_one
    assert with_two | with_one == set(positions())
    assert {one.one_verdict for one in positions().values()} - {None} == set(OneVerdict)


def test_rows_name_known_positions_and_those_with_two_sides_name_one() -> None:
    rows = load_profiles(tuple(profile_names()))
    named = {(row.id, position) for row in rows.values() for position in row.position}
    assert {position for _, position in named} <= set(positions())
    checks = Bench.default().checks
    two_sided = {row for row, of_row in checks.items() if any(one.basis for one in of_row)}
    assert two_sided == {row for _, row, *_ in TWO_VERDICTS}
    assert {(row, name) for name, row, *_ in TWO_VERDICTS} <= named
    for row in rows.values():
        if row.follows is not None:
            assert {one.basis for one in checks[row.check_id] if one.basis} == {"text", "schema"} - {
                row.follows
            }


@pytest.mark.parametrize(
    ("position", "row", "base", "operations", "text", "artefact"),
    TWO_VERDICTS,
    ids=[f"{name}-{row}-{text.value}" for name, row, _, _, text, _ in TWO_VERDICTS],
)
def test_both_verdicts_are_given_and_shown(
    position: str, row: str, base: str, operations: list[list[Any]], text: Outcome, artefact: Outcome
) -> None:
    run = judged(base, operations)

    by_text, by_artefact, follows = sides(run, row)

    assert (by_text, by_artefact) == (text, artefact)
    entering = [one.outcome for one in run.results if one.requirement.id == row and one.basis is None]
    assert entering == ([] if follows is None else [text if follows == "text" else artefact])
    told = [one for one in as_object(run)["contradictions"] if one["requirement"] == row]
    assert [(position in one["positions"], one["text"], one["schema"], one["follows"]) for one in told] == [
        (True, text.value, artefact.value, follows)
    ]
    out = io.StringIO()
    summary(run, out, verbose=True)
    line = next(
        line for line in out.getvalue().splitlines() if line.startswith(position) and f" {row} " in line
    )
    assert f"{text.value} by the text, {artefact.value} by the schema" in line
    assert (f"the verdict follows the {follows}" if follows else "neither enters the verdict") in line
    quiet = io.StringIO()
    summary(run, quiet)
    assert position in quiet.getvalue()


@pytest.mark.parametrize(("row", "base", "operation"), _WRONG_BY_BOTH, ids=[one[0] for one in _WRONG_BY_BOTH])
def test_what_is_wrong_by_both_sides_fails_by_both(row: str, base: str, operation: list[Any]) -> None:
    run = judged(base, [operation])
    results = [one for one in run.results if one.requirement.id == row]
    assert F in [one.outcome for one in results if one.basis is None]
    if row not in ("DAC-019", "DIA-009"):
        assert {one.outcome for one in results} == {F}
    else:
        assert {one.outcome for one in results if one.basis == "schema"} == {F}


def test_the_page_shows_both_verdicts_of_what_differs_and_of_what_agrees() -> None:
    page = render(judged("dpp", [["del", "/type"]]))
    table = page[page.index('id="contradictions"') : page.index('id="requirements"')]
    differing, agreeing = table.split("<details>")
    assert "<strong>P-30</strong>" in differing and "VCP-002" in differing
    assert "<strong>P-07</strong>" in agreeing and "VCP-010" in agreeing


def test_a_side_that_was_not_looked_at_never_reads_as_passed() -> None:
    unheard = mutant("dpp", ["set", "/@context/1", "https://vocabulary.uncefact.org/untp/"])
    results = [replace(one, subjects=(0,)) for one in Bench.default().judge.judge(unheard)]
    told = {one.requirement.id: one for one in contradictions(results)}
    assert (told["DPP-018"].text, told["DPP-018"].schema) == (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE)


def test_the_other_side_enters_neither_counts_nor_advice() -> None:
    run = judged("dpp", [["set", "/credentialSubject/relatedParty/0/role", "friend"]])
    out = io.StringIO()
    summary(run, out)
    assert "DPP-018 MUST by text" not in out.getvalue()
    assert out.getvalue().count("DPP-018") == 1


def test_the_page_of_contradictions_says_what_the_catalogue_says() -> None:
    tool = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "positions_page.py"))
    page = tool["PAGE"].read_text(encoding="utf-8")
    assert page == tool["page"](page), "run python tools/positions_page.py"
    assert all(f"| `{reason}` |" in page for reason in OneVerdict)


def test_validate_tells_both_sides_of_a_clean_document_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passport = tmp_path / "passport.json"
    passport.write_text(json.dumps(BASES["dpp"]), encoding="utf-8")
    app(
        ["validate", str(passport), "--offline", "--at", "2026-06-01", "--format", "json"],
        standalone_mode=False,
    )
    told = {one["requirement"]: one for one in json.loads(capsys.readouterr().out)["contradictions"]}
    assert (told["STS-005"]["text"], told["STS-005"]["schema"], told["STS-005"]["subjects"]) == (
        "failed",
        "passed",
        [0],
    )
    agreeing = {name for name, one in told.items() if one["text"] == one["schema"] == "passed"}
    assert {"VCP-002", "VCP-010", "JLD-001", "JLD-005", "DPP-018"} <= agreeing
