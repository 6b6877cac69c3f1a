"""The self-test passes, and it would notice if it should not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from assay.harness.checks import Check
from assay.harness.forge.ring import MutantError, default_judges
from assay.harness.judge import judge_set
from assay.harness.material import UNTP_KINDS, CredentialSet, Document
from assay.harness.results import Finding, Outcome
from assay.harness.selftest import (
    Bench,
    GroupReport,
    Mutant,
    SelftestReport,
    closure,
    constant_answers,
    documents,
    load_bases,
    load_mutants,
    selftest,
)
from assay.profiles.catalogue import Requirement
from tests.harness.bending import bend
from tests.harness.rows import AS_OF, BASES, document, mutant, row


def name_is(document: Document) -> Iterator[Finding]:
    """Fails on documents that are called Wrong."""
    if document.value.get("name") == "Wrong":
        yield Finding(expected="another name", received="Wrong")


def long_name(document: Document) -> Iterator[Finding]:
    """Fails on documents whose name is Wrong or Long."""
    if document.value.get("name") in ("Wrong", "Long"):
        yield Finding(expected="another name", received="a long one")


def always(document: Document) -> Iterator[Finding]:
    """Fails on everything."""
    yield Finding(expected="that", received="this")


def crashes(document: Document) -> Iterator[Finding]:
    """Our own mistake."""
    raise KeyError("x")
    yield


def bench(*checked: tuple[Requirement, Any], bases: Sequence[str] = ("dia",)) -> Bench:
    return Bench(
        {requirement.id: requirement for requirement, _ in checked},
        {
            requirement.id: [Check(requirement.id, function, kinds=UNTP_KINDS)]
            for requirement, function in checked
        },
        {name: BASES[name] for name in bases},
    )


WRONG = Mutant("ZZ-001", {"base": "dia", "ops": [["set", "/name", "Wrong"]]}, "here")


def problems(report: GroupReport) -> list[tuple[str, str]]:
    return [(failure.requirement, failure.problem) for failure in report.failures]


def test_the_self_test_passes() -> None:
    report = selftest()
    assert [str(failure) for failure in report.failures] == []
    by_name = {group.name: group for group in report.groups}
    assert by_name["documents"].rows == by_name["documents"].proven > 300
    assert by_name["documents"].mutants >= by_name["documents"].rows
    assert by_name["constant answers"].proven == by_name["constant answers"].rows


def test_a_check_with_its_mutant_is_proven() -> None:
    report = documents(bench((row(), name_is)), [WRONG])
    assert (report.rows, report.proven, report.failures) == (1, 1, ())


def test_a_row_without_mutant_is_noticed() -> None:
    report = documents(bench((row(), name_is)), [])
    assert problems(report) == [("ZZ-001", "no mutant makes this row fail")]


def test_a_mutant_that_its_row_does_not_see_is_noticed() -> None:
    blind = Mutant("ZZ-001", {"base": "dia", "ops": [["set", "/name", "Fine"]]}, "here")
    report = documents(bench((row(), name_is)), [blind])
    assert ("ZZ-001", "its row does not fail: passed") in problems(report)


def test_a_row_that_fails_along_undeclared_is_noticed_and_declared_is_not() -> None:
    other = (row("ZZ-002"), long_name)
    long = Mutant("ZZ-002", {"base": "dia", "ops": [["set", "/name", "Long"]]}, "there")
    silent = documents(bench((row(), name_is), other), [WRONG, long])
    assert problems(silent) == [("ZZ-001", "ZZ-002 fails too, and ZZ-001 does not say that it implies it")]
    for declared in ({"implies": ("ZZ-002",)}, {"same_as": ("ZZ-002",)}):
        assert documents(bench((row(**declared), name_is), other), [WRONG, long]).failures == ()


def test_what_is_implied_is_implied_all_the_way() -> None:
    rows = {"ZZ-001": row(implies=("ZZ-002",)), "ZZ-002": row("ZZ-002", same_as=("ZZ-003",))}
    assert closure(rows, "ZZ-001") == {"ZZ-001", "ZZ-002", "ZZ-003"}


def test_a_check_that_fails_on_everything_is_noticed() -> None:
    report = documents(bench((row(), always)), [WRONG])
    assert [failure.where for failure in report.failures] == ["bases/dia.json"]


def test_a_check_that_crashes_is_noticed() -> None:
    report = documents(bench((row(), crashes)), [WRONG])
    assert any("Assay failed in" in problem for _, problem in problems(report))


@pytest.mark.parametrize(
    ("definition", "word"),
    [
        ({"base": "nobody"}, "nobody"),
        ({"base": "dia", "ops": [["set", "/no/where", 1]]}, "/no/where"),
        ({"base": "dia", "ops": [["twist", "/name"]]}, "twist"),
        ({"base": "dia", "colour": "red"}, "colour"),
        ({"base": "dia", "with": ["nobody"]}, "nobody"),
    ],
)
def test_a_mutant_that_cannot_be_built_is_told_with_the_key(definition: dict[str, Any], word: str) -> None:
    report = documents(bench((row(), name_is)), [Mutant("ZZ-001", definition, "here"), WRONG])
    assert [failure.where for failure in report.failures] == ["here"]
    assert word in report.failures[0].problem


def test_a_mutant_of_an_unknown_row_is_noticed() -> None:
    lost = Mutant("ZZ-009", WRONG.definition, "here")
    assert ("ZZ-009", "the catalogue has no such row") in problems(
        documents(bench((row(), name_is)), [WRONG, lost])
    )


def test_a_row_that_passes_on_nothing_is_noticed() -> None:
    lenient = Bench({"ZZ-001": row()}, {"ZZ-001": [Check("ZZ-001", name_is_missing)]}, {"dia": BASES["dia"]})
    assert any(problem == "passes" for _, problem in problems(constant_answers(lenient)))


def name_is_missing(document: Document) -> Iterator[Finding]:
    """Passes on whatever is no object."""
    if isinstance(document.value, dict) and "name" not in document.value:
        yield Finding(expected="a name", received="none")


def test_groups_of_other_rooms_are_reported_beside_ours() -> None:
    def group() -> GroupReport:
        return GroupReport("graph", 3, 2, 2, ())

    report = selftest([group], bench=bench((row(), name_is)))
    assert report.groups[-1].name == "graph"
    assert isinstance(report, SelftestReport)


@pytest.mark.parametrize("content", ["requirement: DIA-001", "- base: dia", "- [1]"])
def test_a_file_that_holds_no_mutants_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.yaml").write_text(content)
    with pytest.raises(MutantError, match=r"broken\.yaml"):
        load_mutants(tmp_path)


def test_mutants_stand_with_their_file_and_place(tmp_path: Path) -> None:
    (tmp_path / "area.yaml").write_text("- requirement: DIA-001\n  base: dia\n")
    assert [found.where for found in load_mutants(tmp_path)] == ["area.yaml, entry 1"]


def test_bases_of_a_folder_are_named_by_their_files(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps({"a": 1}))
    assert load_bases(tmp_path) == {"one": {"a": 1}}


@pytest.mark.parametrize("base", sorted(BASES))
def test_no_check_crashes_on_bent_documents_and_silent_checks_keep_their_promise(base: str) -> None:
    """Whatever is bent, nothing of ours breaks; what a certificate rules out is not there."""
    judge = Bench.default()
    for seed in range(30):
        found = document(bend(BASES[base], seed))
        together = CredentialSet(documents=(found,), as_of=AS_OF)
        results = [*judge.judge.judge(found), *judge_set(together, judge.requirements, judge.checks)]
        assert [r.note for r in results if r.outcome is Outcome.ERROR] == []
        if found.certified:
            assert _said_by_silent_checks(judge, found) == []


def _said_by_silent_checks(bench: Bench, found: Document) -> list[tuple[str, Any]]:
    said = []
    for identifier, checks in bench.checks.items():
        for check in checks:
            if not check.silent_when_certified or (check.kinds and found.kind not in check.kinds):
                continue
            if check.series is not None and not str(found.untp).startswith(check.series):
                continue
            for target in found.nodes(*check.cls) if check.cls else (found,):
                said += [(identifier, finding) for finding in _quietly(check, target)]
    return said


def _quietly(check: Check, target: Any) -> list[Finding]:
    from assay.harness.checks import NotApplicable, Undecided

    try:
        return [finding for finding in check.function(target) if isinstance(finding, Finding)]
    except (NotApplicable, Undecided):
        return []


def test_silent_checks_keep_their_promise_on_mutants_that_are_still_certified() -> None:
    bench = Bench.default()
    certified = 0
    for definition in load_mutants()[::4]:
        found = bench.build(definition.definition)
        if found.certified and found.kind in UNTP_KINDS:
            certified += 1
            assert _said_by_silent_checks(bench, found) == [], definition.where
    assert certified > 10


def test_every_base_is_certified_and_signed() -> None:
    for name, value in BASES.items():
        found = mutant(name)
        extended = len(value.get("@context", ())) > 2  # its terms stand in a context that nobody has seen
        if ("credentialSubject" in value and not extended) or name == "scheme":
            assert found.certified, name
    assert default_judges() is default_judges()
