"""A folder as ``--profile`` or in a manifest: every command judges by it, quotes its digest, or tells one thing that is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from typer.testing import CliRunner

from assay.cli import app
from assay.cli.errors import UsageError
from assay.profiles.catalogue import catalogue_digest, load_folder, load_profile
from assay.reports.json_report import SCHEMA_FILE

ROOT = Path(__file__).parents[2]
EXAMPLE, OVERLAY = ROOT / "docs" / "example-profile", ROOT / "docs" / "example-overlay"
PASSPORT = str(ROOT / "fixtures" / "bases" / "dpp.json")
AT = ("--at", "2026-06-01", "--offline")
ROWS, RULE, CODE = "requirements/house_rules.yaml", "rules/make_without_input.sql", "checks.py"

Break = Callable[[Path], int]


def edit(file: str, old: str, new: str) -> Break:
    """Replace what stands once; the damage returns its line."""

    def broken(folder: Path) -> int:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return broken


def circle(folder: Path) -> int:
    """Another folder that this one extends by its path, and that leads back."""
    other = folder.parent / "other"
    other.mkdir()
    (other / "profile.yaml").write_text("name: other\nextends: [../profile]\n")
    edit("profile.yaml", "extends: [untp-0.7]", "extends: [untp-0.7, ../other]")(folder)
    return 2


def remove(folder: Path) -> int:
    shutil.rmtree(folder)
    return 1


FAULTS: dict[str, tuple[Break, str]] = {
    "an id twice": (edit(ROWS, "- id: HR-003", "- id: HR-001"), f"{ROWS}:{{line}}: HR-001 stands here for the second time"),
    "a check without row": (edit(CODE, '"HR-001"', '"HR-009"'), f"{CODE}:{{line}}: a check is registered for HR-009"),
    "no SQL": (edit(RULE, "GROUP BY", "GRUOP BY"), f"{RULE}:{{line}}: Parser Error"),
    "an unknown level": (edit(ROWS, "level: MUST\n  rule: A", "level: SHALL\n  rule: A"), f"{ROWS}:{{line}}: HR-001: level: 'SHALL'"),
    "a circle": (circle, "other/profile.yaml:{line}: profiles extend each other in a circle: house-rules -> other -> house-rules"),
    "an unknown layer": (edit("profile.yaml", "[untp-0.7]", "[untp-9]"), "profile.yaml:{line}: profile 'untp-9' is unknown"),
    "a layer that is not there": (edit("profile.yaml", "[untp-0.7]", "[../nowhere]"), "profile.yaml:{line}: '../nowhere' leads to"),
    "no folder": (remove, "profile/profile.yaml:{line}: there is no such file"),
    "code that exits": (edit(CODE, "LEAST = timedelta(days=90)", "raise SystemExit(0)"), f"{CODE}:{{line}}: SystemExit: 0"),
    "a key that nobody reads": (edit(ROWS, "adopts:", "adopt:"), f"{ROWS}:{{line}}: 'adopt' is no key of a file of rows"),
    "a row of others": (edit(ROWS, "profile: house-rules", "profile: untp-0.7"), f"{ROWS}:10: HR-001: profile: has to be 'house-rules'"),
}  # fmt: skip


def told(*arguments: str) -> str:
    """The one line in which a command says what is wrong."""
    result = CliRunner().invoke(app, list(arguments))
    assert isinstance(result.exception, UsageError), (result.exception, result.output)
    lines = str(result.exception).splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def manifest(folder: Path, profile: str) -> str:
    path = folder / "assay.toml"
    path.write_text(f'[system]\nname = "x"\nprofiles = ["untp-0.7", "{profile}"]\n')
    return str(path)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_command_tells_what_is_wrong_with_file_and_line(tmp_path: Path, fault: str) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "profile"))
    damage, told_of = FAULTS[fault]
    words = told_of.format(line=damage(folder))
    where, out = str(folder), tmp_path / "out"
    if fault == "no folder":
        assert "there is no profile.yaml in" in told("run", manifest(tmp_path, "./profile"))
    else:
        assert words in told("run", manifest(tmp_path, "./profile"), "--out", str(out))
    (tmp_path / "plain").mkdir()
    plain = manifest(tmp_path / "plain", "w3c")
    assert words in told("run", plain, "--profile", where)
    assert words in told("validate", PASSPORT, *AT, "--profile", where, "--out", str(out))
    assert words in told("requirements", "--profile", where)
    assert words in told("requirements", "coverage", "--profile", where)
    assert words in told("profile", "check", where)
    assert not out.exists()


def test_a_profile_that_does_not_ship_is_unknown_everywhere(tmp_path: Path) -> None:
    for arguments in (
        ("validate", PASSPORT, *AT, "--profile", "untp-9"),
        ("requirements", "--profile", "untp-9"),
        ("requirements", "coverage", "--profile", "untp-9"),
        ("run", manifest(tmp_path, "untp-9")),
    ):
        line = told(*arguments)
        assert "profile 'untp-9' is unknown" in line
        assert "folder of your own" in line


def test_it_is_exit_code_2_and_no_trace(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "profile"))
    line = FAULTS["no SQL"][0](folder)
    done = subprocess.run(
        [sys.executable, "-m", "assay.cli", "validate", PASSPORT, *AT, "--profile", "./profile"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"assay: profile/{RULE}:{line}: Parser Error")
    assert done.stderr.count("\n") == 1


def test_every_report_quotes_the_digests(tmp_path: Path) -> None:
    ours, overlay, shipped = load_folder(EXAMPLE), load_folder(OVERLAY), load_profile("untp-0.7")
    profiles = ("--profile", str(EXAMPLE), "--profile", str(OVERLAY))
    shown = CliRunner().invoke(app, ["validate", PASSPORT, *AT, *profiles, "--out", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    digests = {ours.digest, overlay.digest, shipped.digest, catalogue_digest()}
    assert len(digests) == 4
    for text in (shown.output, *(path.read_text() for path in sorted(tmp_path.iterdir()))):
        assert not [digest for digest in digests if digest not in text]
    assert len(list(tmp_path.iterdir())) == 3
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["catalogue"] == catalogue_digest()
    assert report["profiles"] == [
        {"name": "house-rules", "digest": ours.digest, "own": True},
        {"name": "zw-lithium", "digest": overlay.digest, "own": True, "nations": ["ZW"]},
        {"name": "untp-0.7", "digest": shipped.digest},
    ]
    jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text())).validate(report)
    suites = ElementTree.parse(tmp_path / "junit.xml").getroot()
    for suite in suites:
        quoted = {one.get("name"): one.get("value") for one in suite.findall("properties/property")}
        assert quoted["zw-lithium (own, for ZW)"] == overlay.digest


def test_a_manifest_names_a_folder_from_where_it_lies(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "profile")
    result = CliRunner().invoke(app, ["run", manifest(tmp_path, "./profile"), "--format", "json", *AT[:2]])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    report = json.loads(result.stdout)
    named = {one["name"]: one for one in report["profiles"]}
    assert named["house-rules"]["own"] is True
    assert named["untp-0.7"]["digest"] == load_profile("untp-0.7").digest
