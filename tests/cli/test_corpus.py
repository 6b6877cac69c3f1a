"""``assay corpus export``: every row has its vector, the bytes are always the same, and ``assay validate`` agrees with the manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assay.cli import app
from assay.cli import corpus as exporting
from assay.cli.corpus import export_corpus
from assay.cli.errors import UsageError
from assay.harness.corpus import NO_FILE, Corpus, CorpusError, build, expectation
from assay.harness.selftest import Bench
from assay.profiles.catalogue import CheckKind
from bench.corpus import differences, expected, judged, tree

SAMPLE = frozenset(
    {
        "DCC-039/1",  # judged beside another credential, whose subject's DID document is looked up
        "DFR-024/1",  # about dates, decided from the set
        "DID-005/1",  # an address that answers 404
        "DID-006/1",  # a DID document that is bent
        "DPP-017/1",
        "DPP-046/1",  # judged beside a scheme
        "DTE-005/1",
        "IDR-028/1",  # a linkset
        "IN-001/1",
        "IN-016/1",  # revoked
        "LEG-012/1",  # UNTP 0.6
        "REG-009/1",  # a register
        "STS-012/1",  # a status list signed by a stranger
        "STS-015/1",
        "VBD-005/1",  # a profile that is asked for by name
        "VCP-014/1",  # judged at a date of its own
        "VCP-021/1",
        "WAL-005/1",  # a DID that describes itself
    }
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """All vectors, not judged."""
    return build()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of the sample and of everything without fault, on disk."""
    made = tmp_path_factory.mktemp("corpus") / "made"
    export_corpus(made, SAMPLE)
    return made


def vectors(folder: Path) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in json.loads((folder / "manifest.json").read_bytes())["vectors"]}


def patched(value: Any, patch: list[Mapping[str, Any]]) -> Any:
    """RFC 6902, as far as the corpus uses it."""
    root = [json.loads(json.dumps(value))]

    def parent(pointer: str) -> tuple[Any, Any]:
        here: Any = root
        key: Any = 0
        for step in pointer.split("/")[1:]:
            here, key = here[key], step.replace("~1", "/").replace("~0", "~")
            key = int(key) if isinstance(here, list) and key.isdigit() else key
        return here, key

    for step in patch:
        value = step.get("value")
        if step["op"] == "move":
            there, key = parent(step["from"])
            value = there.pop(key)
        there, key = parent(step["path"])
        if step["op"] == "remove":
            del there[key]
        elif isinstance(there, list) and step["op"] == "add":
            there.insert(len(there) if key == "-" else key, value)
        else:
            there[key] = value
    return root[0]


def test_every_row_that_is_decided_from_documents_has_a_vector_or_a_reason(corpus: Corpus) -> None:
    bench = Bench.default()
    shown = {
        row
        for vector in corpus.vectors
        if vector.row
        for row in (vector.row, *bench.requirements[vector.row].same_as)
    }
    assert bench.needing_proof() - shown == corpus.left_out.keys() == NO_FILE.keys()
    assert len(bench.needing_proof() & shown) > 400


def test_every_checked_row_stands_in_the_manifest_with_its_vectors_or_with_a_reason(folder: Path) -> None:
    bench = Bench.default()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    checked = {row.id for row in bench.requirements.values() if row.check is not None}
    named = bench.needing_proof() | manifest["not_represented"].keys()
    assert checked == named
    assert all(manifest["not_represented"].values())
    same = {row.id for row in bench.requirements.values() if row.check is CheckKind.SAME}
    assert same <= manifest["not_represented"].keys()


def test_names_of_vectors_are_unique_and_bases_come_first(corpus: Corpus) -> None:
    names = [vector.name for vector in corpus.vectors]
    assert len(names) == len(set(names))
    assert names[: len(Bench.default().bases)] == [f"valid/{base}" for base in sorted(Bench.default().bases)]


def test_each_run_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    export_corpus(tmp_path / "again", SAMPLE)
    once, again = tree(folder), tree(tmp_path / "again")
    assert once == again
    assert len(once) > 100


def test_assay_validate_says_what_the_manifest_says(folder: Path) -> None:
    assert vectors(folder).keys() >= SAMPLE
    positive = {"valid/dpp", "valid/dte-0.6", "valid/dpp_variant", "valid/linkset", "valid/did_member"}
    assert list(differences(folder, SAMPLE | positive)) == []


def test_a_vector_judged_without_its_own_answers_is_noticed(folder: Path) -> None:
    """The comparison can fail: the status list of a stranger is what makes the difference."""
    vector = vectors(folder)["STS-012/1"]
    command = vector["command"].replace(" --resolver vectors/STS-012/1.resolver.json", "")
    assert judged(folder, vector["command"]) == expected(vector)
    assert judged(folder, command) != expected(vector)


def test_documents_without_fault_verify_and_nothing_of_theirs_fails(folder: Path) -> None:
    positive = [one for name, one in vectors(folder).items() if name.startswith("valid/")]
    assert len(positive) == len(Bench.default().bases)
    for one in positive:
        assert one["expected"]["rows"] == []
        assert one["expected"]["verification"] == ("verified" if one["file"].endswith(".jwt") else "none")


def test_what_a_verifier_must_refuse_is_told_apart_from_bad_content(folder: Path) -> None:
    said = {name: one["expected"]["verification"] for name, one in vectors(folder).items()}
    refused = {name for name, word in said.items() if word == "refused"}
    assert refused == {
        *("DFR-024/1", "DID-005/1", "DID-006/1", "IN-001/1", "IN-016/1", "STS-012/1", "STS-015/1"),
        *("VCP-014/1", "VCP-021/1"),
    }
    assert (said["DPP-017/1"], said["WAL-005/1"]) == ("verified", "either")


def test_the_patch_leads_from_the_base_to_what_was_signed(folder: Path) -> None:
    compared = 0
    for one in vectors(folder).values():
        base = json.loads((folder / one["base"]).read_bytes())
        content = one.get("payload") or (one["file"] if one["file"].endswith(".json") else "")
        if content and "forged" not in one:
            assert patched(base, one.get("patch", [])) == json.loads((folder / content).read_bytes()), one[
                "id"
            ]
            compared += 1
    assert compared > 30


def test_every_file_that_the_manifest_names_is_there_with_its_digest(folder: Path) -> None:
    for one in vectors(folder).values():
        assert hashlib.sha256((folder / one["file"]).read_bytes()).hexdigest() == one["sha256"]
        for name in (*one["resolver"], *one.get("together_with", ())):
            assert (folder / name).is_file()
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "never trust it outside a test" in text
    assert "VCP-018" in text


def test_a_vector_that_does_not_do_what_it_is_for_stops_the_export(corpus: Corpus) -> None:
    honest, broken = corpus.named("valid/dia"), corpus.named("DIA-003/1")
    with pytest.raises(CorpusError, match="DIA-003 does not fail"):
        expectation(replace(honest, row="DIA-003"), corpus)
    with pytest.raises(CorpusError, match="DIA-003 fails too, which a vector without fault"):
        expectation(replace(broken, row=""), corpus)


@pytest.mark.parametrize("occupied", ["full", "file"])
def test_a_place_that_is_taken_is_refused_and_nothing_is_written(occupied: str, tmp_path: Path) -> None:
    target = tmp_path / "there"
    if occupied == "full":
        target.mkdir()
        (target / "kept.txt").write_text("mine")
    else:
        target.write_text("mine")
    before = tree(tmp_path)
    done = CliRunner().invoke(app, ["corpus", "export", str(target)])
    assert isinstance(done.exception, UsageError)
    assert "is not an empty folder; name another one" in str(done.exception)
    assert tree(tmp_path) == before


def test_a_partial_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "there.partial").mkdir()
    (tmp_path / "there.partial" / "kept.txt").write_text("mine")
    with pytest.raises(UsageError, match="none of ours"):
        export_corpus(tmp_path / "there", frozenset())
    assert tree(tmp_path) == {"there.partial/kept.txt": b"mine"}


def test_what_an_interrupted_run_left_is_replaced_and_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there.partial").mkdir()
    (tmp_path / "there.partial" / ".assay-corpus").touch()
    (tmp_path / "there.partial" / "half.jwt").touch()
    export_corpus(tmp_path / "there", frozenset())
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert not {"half.jwt", ".assay-corpus"} & tree(tmp_path / "there").keys()
    assert len(vectors(tmp_path / "there")) == len(Bench.default().bases)


@pytest.mark.parametrize("trouble", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_export_that_breaks_off_leaves_nothing(
    trouble: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise trouble

    monkeypatch.setattr(exporting, "expectation", fail)
    with pytest.raises(UsageError if isinstance(trouble, OSError) else KeyboardInterrupt) as raised:
        export_corpus(tmp_path / "there", frozenset())
    if isinstance(trouble, OSError):
        assert "cannot be written: No space left on device" in str(raised.value)
    assert list(tmp_path.iterdir()) == []
