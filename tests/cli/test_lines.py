"""Files with a document on each line, as large worlds are written."""

from __future__ import annotations

import json
from pathlib import Path

from assay.cli.sources import read_sources
from assay.harness.material import Credential
from assay.simulator import load_scenario, simulate, write_dataset

LEDGER = '{"fact": "source"}\n'


def test_every_line_of_a_streamed_world_is_a_credential_of_its_own(tmp_path: Path) -> None:
    dataset = write_dataset(simulate(load_scenario(), 1), tmp_path / "world", formats=("jsonl",), workers=1)
    issued = sum(number for name, number in dataset["counts"].items() if name.startswith("Digital"))
    found = read_sources([str(tmp_path / "world" / "credentials")])
    assert len(found.documents) == issued > 100
    assert all(isinstance(document, Credential) for document in found.documents)
    assert found.documents[16].source.endswith("part-00001.jsonl:17")


def test_lines_may_be_documents_or_rubbish_and_ledgers_are_passed_over(tmp_path: Path) -> None:
    page = {"url": "https://a.example/", "media_type": "text/html", "body": "<p>Hello</p>"}
    lines = [
        b'{"type": "VerifiableCredential"}',
        b"",
        b"no JSON",
        b"[1, 2]",
        b"\xff\xfe",
        json.dumps(page).encode(),
    ]
    (tmp_path / "mixed.jsonl").write_bytes(b"\n".join(lines))
    (tmp_path / "ledger.jsonl").write_text(LEDGER)
    found = read_sources([str(tmp_path)])
    assert [document.source.rsplit(":", 1)[1] for document in found.documents] == ["1", "3", "4", "5"]
    assert [Path(name).name for name in found.passed_over] == ["ledger.jsonl", "mixed.jsonl:6"]
