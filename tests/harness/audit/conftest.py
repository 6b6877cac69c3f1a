"""One simulated world for all tests of the audit: made once by the command line's own function, read as an outsider would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assay.cli.sandbox import make_dataset
from assay.harness.audit.published import published

from .worlds import World


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "world"
    make_dataset("au-kr-de-nmc811", folder, 1)
    return folder


@pytest.fixture(scope="session")
def honest(dataset: Path) -> World:
    documents = [found.value for found in published(dataset)]
    rows = [json.loads(line) for line in (dataset / "ledger.jsonl").read_text().splitlines()]
    return World(documents, rows)
