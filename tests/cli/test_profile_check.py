"""``assay profile check``: what is wrong in a profile of one's own is told with file and line, and nothing else passes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assay.cli import app
from assay.cli.errors import UsageError
from assay.cli.profile import run_profile_check
from assay.harness.checks import load_checks

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-profile"
ROWS, RULE, CODE = "requirements/house_rules.yaml", "rules/make_without_input.sql", "checks.py"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A copy of the example, to be broken."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "profile"))


def told(folder: Path) -> str:
    """The one line of an error."""
    with pytest.raises(UsageError) as raised:
        run_profile_check(folder)
    lines = str(raised.value).splitlines()
    assert len(lines) == 1
    return lines[0]


def edit(path: Path, old: str, new: str) -> int:
    """Replace what stands once; returns its line."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_example_of_the_docs_is_right() -> None:
    result = CliRunner().invoke(app, ["profile", "check", str(EXAMPLE)])
    assert result.exit_code == 0, result.output
    assert "ok: house-rules" in result.output
    assert "sha256:" in result.output


def test_an_id_that_stands_twice(profile: Path) -> None:
    line = edit(profile / ROWS, "- id: HR-003", "- id: HR-001")
    assert f"{ROWS}:{line}: HR-001 stands here for the second time" in told(profile)


def test_an_unknown_level(profile: Path) -> None:
    line = edit(profile / ROWS, "  level: MUST\n  rule: A passport", "  level: SHALL\n  rule: A passport")
    assert f"{ROWS}:{line}: HR-001: level: 'SHALL' is unknown; choose" in told(profile)


@pytest.mark.parametrize("value", ["''", "{}", "false", "untp-0.7"])
def test_what_it_extends_is_a_list(profile: Path, value: str) -> None:
    line = edit(profile / "profile.yaml", "extends: [untp-0.7]", f"extends: {value}")
    assert f"profile.yaml:{line}: extends: has to be a list of profile names" in told(profile)


@pytest.mark.parametrize("value", ["''", "{}", "0"])
def test_rows_are_a_list(profile: Path, value: str) -> None:
    (profile / ROWS).write_text(f"defaults: {{}}\nrequirements: {value}\n", encoding="utf-8")
    assert f"{ROWS}:2: requirements: has to be a list of rows" in told(profile)


@pytest.mark.parametrize("key", ["adopts", "defaults"])
@pytest.mark.parametrize("value", ["''", "[]", "0"])
def test_what_is_adopted_and_by_default_is_a_mapping(profile: Path, key: str, value: str) -> None:
    (profile / ROWS).write_text(f"requirements: []\n{key}: {value}\n", encoding="utf-8")
    assert f"{ROWS}:2: {key}: has to be a mapping" in told(profile)


@pytest.mark.parametrize(
    ("value", "key"), [("[]", "role"), ("[BUYER]", "role"), ("4", "tier"), ("high", "tier")]
)
def test_role_and_tier_are_of_those_there_are(profile: Path, value: str, key: str) -> None:
    old = {"role": "  role: [ISS]", "tier": "  tier: '3'"}[key]
    edit(profile / ROWS, old, f"  {key}: {value}")
    assert f": {key}" in told(profile)


def test_a_rule_that_is_no_sql(profile: Path) -> None:
    line = edit(profile / RULE, "GROUP BY", "GRUOP BY")
    assert f"{RULE}:{line}: Parser Error" in told(profile)


def test_a_rule_over_a_column_that_is_not_there(profile: Path) -> None:
    line = edit(profile / RULE, "p.event = e.no", "p.event = e.number")
    assert f"{RULE}:{line}: Binder Error" in told(profile)


@pytest.mark.parametrize("sql", ["DROP TABLE event", "SELECT 1 AS state; SELECT 2", "ATTACH '/tmp/x.db'"])
def test_a_rule_that_is_more_than_a_question(profile: Path, sql: str) -> None:
    path = profile / RULE
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("--")]
    path.write_text("\n".join([*head, sql]), encoding="utf-8")
    assert f"{RULE}:1: a rule is one SELECT and nothing else" in told(profile)


def test_a_rule_that_reads_a_file_of_the_machine(profile: Path) -> None:
    edit(profile / RULE, "FROM event e", "FROM read_csv('/etc/passwd') x, event e")
    assert RULE in told(profile)


def test_a_rule_for_another_row(profile: Path) -> None:
    edit(profile / RULE, "-- id: HR-002", "-- id: HR-001")
    assert f"{RULE}:1: the header names HR-001, the row is HR-002" in told(profile)


def test_a_message_that_quotes_what_the_rule_does_not_return(profile: Path) -> None:
    line = edit(profile / RULE, "{inputs} inputs", "{many} inputs")
    assert f"{RULE}:{line}: 'received' quotes {{many}}, which the rule does not return" in told(profile)


def test_a_check_that_no_row_asks_for(profile: Path) -> None:
    line = edit(profile / CODE, '"HR-001"', '"HR-009"')
    assert f"{CODE}:{line}: a check is registered for HR-009, and no row has this id" in told(profile)


def test_a_row_whose_check_is_not_there(profile: Path) -> None:
    (profile / CODE).unlink()
    assert "HR-001: check: code, and neither Assay nor" in told(profile)


def test_code_that_does_not_run(profile: Path) -> None:
    line = edit(profile / CODE, "LEAST = timedelta(days=90)", "LEAST = timedelta(days=90) +")
    assert f"{CODE}:{line}" in told(profile)


def test_profiles_that_extend_each_other(profile: Path) -> None:
    edit(profile / "profile.yaml", "extends: [untp-0.7]", "extends: [house-rules]")
    assert "profile.yaml:3: profiles extend each other in a circle" in told(profile)


def test_no_profile_at_all(tmp_path: Path) -> None:
    assert str(tmp_path) in told(tmp_path)


def test_checks_of_a_profile_are_gone_afterwards() -> None:
    CliRunner().invoke(app, ["profile", "check", str(EXAMPLE)])
    assert "HR-001" not in load_checks()
