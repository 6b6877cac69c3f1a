"""A world rich in governance and trade is honest: nothing is found in its credentials, vocabularies and registers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assay.cli import app
from assay.simulator import simulate, write_dataset
from tests.simulator.governance_worlds import governed

PROFILES = ("untp-0.7", "trust-graph", "custody", "crm", "registers")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report on all credentials, published vocabularies and registers."""
    folder = tmp_path_factory.mktemp("governed") / "dataset"
    write_dataset(simulate(governed(), 7), folder)
    dataset = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    beside = folder.parent / "beside"
    beside.mkdir()
    published = [*(folder / "files").rglob("vocabulary.jsonld"), *_registers(folder)]
    for number, path in enumerate(sorted(published)):
        (beside / f"{number:03d}.json").write_bytes(path.read_bytes())
    arguments = ["validate", str(folder / "credentials"), str(beside), "--offline", "--at", dataset["as_of"]]
    for anchor in dataset["trust_anchors"]:
        arguments += ["--trust-anchor", anchor]
    for profile in PROFILES:
        arguments += ["--profile", profile]
    result = CliRunner().invoke(app, [*arguments, "--format", "json"])
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def _registers(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").glob("trust.*/registers/*") if path.is_file()]


def test_nothing_is_found_in_a_governed_world(judged: dict[str, Any]) -> None:
    failed = {
        row["requirement"]: row["findings"][:2]
        for row in judged["results"]
        if row["outcome"] in ("failed", "error") and row["basis"] is None
    }
    assert failed == {}
    assert all("failed" not in counts for levels in judged["counts"].values() for counts in levels.values())


def test_every_kind_of_material_was_judged(judged: dict[str, Any]) -> None:
    kinds = {subject["kind"] for subject in judged["subjects"]}
    assert {"DigitalConformityCredential", "DigitalIdentityAnchor", "ConformityScheme"} <= kinds
    assert judged["counts"]["registers"]["MUST"]["passed"] > 5
