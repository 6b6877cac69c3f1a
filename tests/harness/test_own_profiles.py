"""Judging under a profile of one's own: its rows and checks decide, and the next run in the process knows nothing of them."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assay.harness.checks import load_checks
from assay.harness.credential.intake import read
from assay.harness.engine import Engine, Settings
from assay.harness.forge.ring import Ring
from assay.harness.results import Outcome, RequirementResult, RunResult, Verdict
from assay.harness.selftest import load_bases
from assay.profiles.catalogue import CatalogueError, load_folder
from assay.reports.json_report import dumps

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "docs" / "example-profile"
BASES = load_bases()
RING = Ring.of("own profiles")
ROW = """
- id: {id}
  level: MUST
  status: pattern
  rule: Something of our own
  source: us
  role: [ISS]
  tier: '1'
  black_box: Y
  decided_from: document
  check: code
"""
CHECK = """
from assay.harness.checks import check
from assay.harness.material import Kind
from assay.harness.results import Finding

@check("{id}", kinds={{Kind.DPP}})
def ours(document):
    {body}
"""
SAYS = "yield Finding('this', 'that')"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a profile: head, rows, checks and whatever else by file name."""

    def written(name: str, head: str = "", rows: str = "", checks: str = "", **adopts: str) -> Path:
        folder = tmp_path / name
        (folder / "requirements").mkdir(parents=True)
        (folder / "profile.yaml").write_text(f"name: {name}\n{head}\n")
        text = (f"requirements:\n{rows}\n" if rows else "") + "".join(adopts.values())
        (folder / "requirements" / "rows.yaml").write_text(text)
        if checks:
            (folder / "checks.py").write_text(checks)
        return folder

    return written


def judged(*profiles: str | Path, bases: tuple[str, ...] = ("dpp",), **changes: Any) -> RunResult:
    documents = [
        read(f"{name}.jwt", RING.sign({**RING.adopt(BASES[name]), **(changes if not number else {})}))
        for number, name in enumerate(bases)
    ]
    settings = Settings(as_of=AS_OF, profiles=tuple(map(str, profiles)), advisory=(), companions=())
    return Engine(settings).judge(documents, RING.shelf())


def rows(run: RunResult) -> dict[tuple[str, str], RequirementResult]:
    return {(one.requirement.profile, one.requirement.id): one for one in run.results if one.basis is None}


def test_a_row_of_ones_own_decides_the_verdict() -> None:
    short = judged(EXAMPLE, validFrom="2026-05-20T00:00:00Z", validUntil="2026-06-20T00:00:00Z")
    assert rows(short)["house-rules", "HR-001"].outcome is Outcome.FAILED
    assert short.verdict is Verdict.NOT_CONFORMANT
    assert judged(EXAMPLE).verdict is Verdict.CONFORMANT


def test_rules_in_sql_of_ones_own_are_judged() -> None:
    run = judged(EXAMPLE, bases=("make",))
    assert rows(run)["house-rules", "HR-002"].outcome is Outcome.PASSED


def test_nothing_of_it_is_left_for_the_next_run() -> None:
    before = {name: tuple(checks) for name, checks in load_checks().items()}
    judged(EXAMPLE)
    assert {name: tuple(checks) for name, checks in load_checks().items()} == before
    engine = Engine(Settings(as_of=AS_OF))
    assert not [key for key in (*engine.checks, *engine.requirements) if key.startswith("HR-")]
    assert "house-rules" not in dict(judged("untp-0.7").profiles)


def test_two_profiles_of_one_id_do_not_meet_between_runs(write: Write) -> None:
    says = write("says", rows=ROW.format(id="XX-001"), checks=CHECK.format(id="XX-001", body=SAYS))
    mute = write("mute", rows=ROW.format(id="XX-001"), checks=CHECK.format(id="XX-001", body="yield from ()"))
    outcomes = [rows(judged(folder))[folder.name, "XX-001"].outcome for folder in (says, mute, says)]
    assert outcomes == [Outcome.FAILED, Outcome.PASSED, Outcome.FAILED]


def test_two_profiles_of_one_id_in_one_run_are_refused(write: Write) -> None:
    for name in ("one", "two"):
        write(name, rows=ROW.format(id="XX-001"), checks=CHECK.format(id="XX-001", body=SAYS))
    folder = write("three").parent
    with pytest.raises(CatalogueError, match=r"two/requirements/rows.yaml:3: XX-001 is also a row of one"):
        judged(folder / "one", folder / "two")


def test_a_check_that_crashes_is_an_error_of_that_row_and_never_a_pass(write: Write) -> None:
    folder = write(
        "crash", rows=ROW.format(id="XX-001"), checks=CHECK.format(id="XX-001", body="yield 1 / 0")
    )
    run = judged(folder)
    found = rows(run)["crash", "XX-001"]
    assert found.outcome is Outcome.ERROR
    assert found.note.startswith("a check of the user's own failed in profile:crash.ours: ZeroDivisionError")
    assert run.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise SystemExit(0); yield", "SystemExit: 0"),
        ("raise GeneratorExit; yield", "GeneratorExit"),
        ("yield 'the passport is bad'", "TypeError: expected a Finding or a Remark, received str"),
        ("yield Finding({1}, 'that')", "TypeError: expected text, received set"),
        ("yield Finding('this', 'that', at=None)", "TypeError: at: expected a Location, received NoneType"),
        ("yield Finding('this', 'that', hint=None)", "TypeError: expected text, received NoneType"),
    ],
)
def test_a_check_that_ends_the_program_or_says_what_is_no_finding_is_an_error(
    write: Write, body: str, told: str
) -> None:
    """Each of these ended the whole run or passed."""
    run = judged(write("odd", rows=ROW.format(id="XX-001"), checks=CHECK.format(id="XX-001", body=body)))
    found = rows(run)["odd", "XX-001"]
    assert (found.outcome, run.verdict) == (Outcome.ERROR, Verdict.INCONCLUSIVE)
    assert told in found.note


def test_texts_that_are_no_utf_8_reach_the_report_as_escapes(write: Write) -> None:
    check = CHECK.format(id="XX-001", body="yield Finding('\\ud800', 'that')")
    (finding,) = rows(judged(write("lone", rows=ROW.format(id="XX-001"), checks=check)))[
        "lone", "XX-001"
    ].findings
    assert finding.expected == "\\ud800"
    assert "XX-001" in dumps(judged(write("lone-2", rows=ROW.format(id="XX-001"), checks=check)))


@pytest.mark.parametrize("state", ["'FAIL'", "NULL"])
def test_a_rule_with_a_state_that_is_none_is_an_error(tmp_path: Path, state: str) -> None:
    """It judged nothing in silence."""
    folder = tmp_path / "strange"
    shutil.copytree(EXAMPLE, folder)
    rule = folder / "rules" / "make_without_input.sql"
    text = rule.read_text()
    assert "ELSE 'fail' END" in text
    rule.write_text(text.replace("THEN 'pass' ELSE 'fail' END", f"THEN {state} ELSE {state} END"))
    found = rows(judged(folder, bases=("make",)))["house-rules", "HR-002"]
    assert found.outcome is Outcome.ERROR
    assert "expected the states pass, fail and unknown" in found.note


@pytest.mark.parametrize("order", [1, -1])
def test_a_row_stated_anew_stands_in_place_of_the_one_that_is_extended(write: Write, order: int) -> None:
    folder = write(
        "anew", "extends: [untp-0.7]", ROW.format(id="DPP-010"), CHECK.format(id="DPP-010", body=SAYS)
    )
    found = rows(judged(*["untp-0.7", folder][::order]))
    assert found["anew", "DPP-010"].outcome is Outcome.FAILED
    assert ("untp-0.7", "DPP-010") not in found


def test_an_adopted_row_weighs_as_it_is_said_there(write: Write) -> None:
    failed = [
        row
        for (_, row), one in rows(judged("untp-0.7", name=5)).items()
        if one.outcome is Outcome.FAILED and one.requirement.decides_conformity
    ]
    assert failed, "the fault has to fail something that decides"
    adopts = "adopts:\n  untp-0.7:\n" + "".join(f"    {row}: {{level: SHOULD}}\n" for row in failed)
    run = judged(write("mild", "extends: [untp-0.7]", adopts=adopts), name=5)
    assert run.verdict is Verdict.CONFORMANT
    found = {row: profile for (profile, row), one in rows(run).items() if one.outcome is Outcome.FAILED}
    assert {row: found[row] for row in failed} == dict.fromkeys(failed, "mild")


def test_an_adopted_rule_in_sql_is_found_where_it_lies(write: Write) -> None:
    run = judged(write("minerals", adopts="adopts: {crm: {G-201: }}\n"), bases=("make", "dfr"))
    assert rows(run)["minerals", "G-201"].outcome in (Outcome.PASSED, Outcome.FAILED)


def test_a_profile_extends_another_folder_with_its_checks(write: Write) -> None:
    write("below", rows=ROW.format(id="XX-001"), checks=CHECK.format(id="XX-001", body=SAYS))
    above = write("above", "extends: [../below]")
    found = judged(above)
    assert rows(found)["below", "XX-001"].outcome is Outcome.FAILED
    assert [name for name, _ in found.profiles] == ["above", "below"]
    assert found.own_profiles == {"below": (), "above": ()}


@pytest.mark.parametrize(
    "file", ["profile.yaml", "requirements/house_rules.yaml", "rules/make_without_input.sql", "checks.py"]
)
def test_the_digest_covers_every_file(tmp_path: Path, file: str) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "copy"))
    before = load_folder(folder).digest
    assert before == load_folder(EXAMPLE).digest
    with (folder / file).open("a") as stream:
        stream.write("\n")
    assert load_folder(folder).digest != before


def test_reading_a_profile_writes_nothing_beside_it(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "copy"))
    before = sorted(folder.rglob("*"))
    judged(folder)
    assert sorted(folder.rglob("*")) == before


def test_settings_and_results_travel_to_worker_processes_and_back() -> None:
    settings = Settings(as_of=AS_OF, profiles=(str(EXAMPLE),))
    assert pickle.loads(pickle.dumps(settings)) == settings
    run = judged(EXAMPLE)
    assert pickle.loads(pickle.dumps(run)) == run
