"""``assay world check`` from the command line: exit codes, formats, and one clear line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from assay.cli import app
from assay.cli.errors import UsageError
from assay.cli.sandbox import make_dataset
from assay.reports.json_report import SCHEMA_FILE


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world-check") / "world"
    make_dataset("au-kr-de-nmc811", folder, 7)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["world", "check", *arguments])


def refusal(*arguments: str) -> str:
    """The one line that a user reads; exit code 2 follows from the type (``assay.cli.main``)."""
    error = run(*arguments).exception
    assert isinstance(error, UsageError)
    assert "\n" not in str(error)
    return str(error)


def test_a_simulated_world_is_consistent(dataset: Path) -> None:
    result = run(str(dataset))
    assert result.exit_code == 0, result.output
    assert "Verdict: consistent" in result.output
    assert "with ledger" in result.output
    assert "W-110" in result.output


def test_the_official_samples_are_not(artefacts: Path) -> None:
    result = run(str(artefacts / "untp" / "0.7.0" / "samples"))
    assert result.exit_code == 1
    assert "Verdict: INCONSISTENT" in result.output
    assert "1,482 km away" in result.output
    assert "mend: Encode the plus code anew" in result.output


def test_an_empty_folder_is_inconclusive(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 3
    assert "nothing could be checked" in result.output


def test_json_is_one_report_after_its_schema(artefacts: Path, dataset: Path) -> None:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    for path, verdict in (
        (artefacts / "untp" / "0.7.0" / "samples", "not_conformant"),
        (dataset, "conformant"),
    ):
        report = json.loads(run(str(path), "--format", "json").output)
        jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)
        assert report["verdict"] == verdict
        assert {row["requirement"] for row in report["results"]} >= {"W-101", "W-143", "W-180"}


def test_assumed_grades_are_marked(artefacts: Path, tmp_path: Path) -> None:
    path = tmp_path / "assume.yaml"
    path.write_text("concentrate: {Cu: 0.30}\ncathode: {Cu: 0.9999}\n")
    result = run(str(artefacts / "untp" / "0.7.0" / "samples"), "--assume", str(path))
    assert result.exit_code == 1
    assert "111.1 % (rests on your assumptions)" in result.output


def test_a_wrong_assumption_is_refused(dataset: Path, tmp_path: Path) -> None:
    path = tmp_path / "assume.yaml"
    path.write_text("Pack: {voltage: high}\n")
    told = refusal(str(dataset), "--assume", str(path))
    assert told.startswith(f"--assume '{path}': key 'Pack.voltage': 'high' is no number of volts")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), "'nowhere' is no file and no folder; check the path"),
        ((".", "--format", "xml"), "--format 'xml' is unknown; choose one of: console, json"),
        ((".", "--assume", "nowhere.yaml"), "--assume 'nowhere.yaml' cannot be read"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(arguments: tuple[str, ...], words: str) -> None:
    assert words in refusal(*arguments)
