"""Published artefacts: pinned by digest, found in a mirror, pulled whole or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assay.profiles.artefacts import (
    MAX_ARTEFACT_BYTES,
    ArtefactError,
    Artefacts,
    digest,
    list_artefacts,
    pull,
    user_cache,
    verify,
)
from assay.profiles.untp_0_7 import CONTEXT_URL, KINDS, context, schema

DPP = "DigitalProductPassport"


@pytest.fixture
def mirror(artefacts: Path, tmp_path: Path) -> Path:
    """A copy of the mirror's UNTP 0.7.0 part, without a manifest."""
    folder = tmp_path / "mirror"
    shutil.copytree(artefacts / "untp/0.7.0", folder / "untp/0.7.0", copy_function=shutil.copyfile)
    for file in folder.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    return folder


def test_the_lock_pins_every_schema_and_the_context_of_0_7() -> None:
    pinned = {info.url for info in list_artefacts() if info.version == "0.7.0"}
    assert {CONTEXT_URL, *(kind.schema_url for kind in KINDS.values())} <= pinned
    assert len({info.name for info in list_artefacts()}) == len(list_artefacts())
    assert all(len(info.sha256) == 64 for info in list_artefacts())


def test_digests_are_of_minified_json_as_javascript_writes_it() -> None:
    assert digest({"b": 1.0, "a": [1.5, "é"]}) == digest(json.loads('{ "b": 1, "a": [ 1.5, "\\u00e9" ] }'))
    assert digest({"a": 1, "b": 2}) != digest({"b": 2, "a": 1})


def test_built_in_artefacts_are_the_generated_ones() -> None:
    builtin = Artefacts.builtin()
    assert builtin.source == "generated"
    assert builtin.schema(DPP) is schema(DPP)
    assert builtin.contexts() == {CONTEXT_URL: context()}


@pytest.mark.artefacts
def test_a_mirror_with_a_manifest_is_used_whole(artefacts: Path) -> None:
    assert verify(artefacts) == []
    published = Artefacts.from_directory(artefacts)
    assert published.source == str(artefacts.resolve())
    assert "description" in json.dumps(published.schema(DPP))
    assert {CONTEXT_URL, "https://w3id.org/security/data-integrity/v2"} <= set(published.contexts())


@pytest.mark.artefacts
def test_a_mirror_without_a_manifest_is_used_by_the_paths_of_the_lock(mirror: Path) -> None:
    assert set(Artefacts.from_directory(mirror).contexts()) == {CONTEXT_URL}


@pytest.mark.artefacts
def test_white_space_does_not_matter_but_an_altered_member_does(mirror: Path) -> None:
    file = mirror / "untp/0.7.0/schema/dpp.json"
    value = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(value, indent=7), encoding="utf-8")
    Artefacts.from_directory(mirror)
    value["required"].remove("issuer")
    file.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"untp-0\.7\.0-dpp: digest .* the lock file pins"):
        Artefacts.from_directory(mirror)
    altered = [problem.key for problem in verify(mirror) if problem.value.startswith("digest")]
    assert altered == ["untp-0.7.0-dpp"]


@pytest.mark.artefacts
@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b"\xff\xfe", b" " * (MAX_ARTEFACT_BYTES + 1)])
def test_an_unreadable_or_huge_artefact_is_named(mirror: Path, content: bytes) -> None:
    (mirror / "untp/0.7.0/schema/dte.json").write_bytes(content)
    with pytest.raises(ArtefactError, match=r"untp-0\.7\.0-dte"):
        Artefacts.from_directory(mirror)


def test_a_folder_that_does_not_exist_or_lacks_artefacts_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="name a folder that exists"):
        Artefacts.from_directory(tmp_path / "none")
    with pytest.raises(ArtefactError, match="assay artefacts pull"):
        Artefacts.from_directory(tmp_path)
    assert len(verify(tmp_path)) == len(list_artefacts())


@pytest.mark.parametrize("manifest", ["{", "[]", '{"files": 3}', '{"files": [3]}'])
def test_a_broken_manifest_is_named(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "MANIFEST.json").write_text(manifest)
    with pytest.raises(ArtefactError, match="manifest needs a list"):
        verify(tmp_path)


def test_a_manifest_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    entry = {"url": KINDS[DPP].schema_url, "path": "../../etc/passwd"}
    (tmp_path / "MANIFEST.json").write_text(json.dumps({"files": [entry]}))
    problems = {problem.key: problem.mend for problem in verify(tmp_path)}
    assert problems["untp-0.7.0-dpp"].startswith("keep it inside")


@pytest.mark.artefacts
def test_what_is_pulled_can_be_used_and_verified(artefacts: Path, tmp_path: Path) -> None:
    by_url = {info.url: artefacts / info.path for info in list_artefacts()}
    target = tmp_path / "cache"
    written = pull(lambda url: by_url[url].read_bytes(), target)
    assert all(file.is_file() for file in written)
    assert verify(target, ["0.7.0"]) == []
    assert Artefacts.from_directory(target).schema(DPP)["$schema"].endswith("2020-12/schema")
    again = pull(lambda url: by_url[url].read_bytes(), target, versions=["0.6.1"])
    assert set(again) - set(written)
    assert verify(target, ["0.6.1", "0.7.0"]) == []


def test_a_pull_that_meets_a_wrong_artefact_writes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "cache"
    with pytest.raises(ArtefactError, match="digest"):
        pull(lambda url: b"{}", target)
    assert not target.exists()


@pytest.mark.artefacts
def test_a_folder_that_cannot_be_written_is_named(artefacts: Path, tmp_path: Path) -> None:
    by_url = {info.url: artefacts / info.path for info in list_artefacts()}
    (tmp_path / "untp").write_text("a file where a folder belongs")
    with pytest.raises(ArtefactError, match="name another folder"):
        pull(lambda url: by_url[url].read_bytes(), tmp_path)


def test_the_cache_folder_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path))
    assert user_cache() == tmp_path / "artefacts"
    monkeypatch.delenv("ASSAY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache() == tmp_path / "assay" / "artefacts"
