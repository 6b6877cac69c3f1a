"""A dataset is the same to the byte for equal seeds, complete, verifiable with other libraries, and never half-written."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from assay.simulator import DatasetError, World, load_scenario, simulate, write_dataset


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dataset") / "world"
    write_dataset(world, target)
    return target


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def load(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_bytes())


def test_equal_seeds_give_equal_bytes(world: World, folder: Path, tmp_path: Path) -> None:
    write_dataset(simulate(load_scenario(), world.seed), tmp_path / "again")
    assert contents(tmp_path / "again") == contents(folder)


def test_bytes_do_not_depend_on_the_order_of_sets(world: World, folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from assay.simulator import load_scenario, simulate, write_dataset; "
        "write_dataset(simulate(load_scenario(), int(sys.argv[1])), sys.argv[2])"
    )
    target = tmp_path / "again"
    hashing = str(int(os.environ.get("PYTHONHASHSEED", "0") == "4711") or 4711)
    environment = {**os.environ, "PYTHONHASHSEED": hashing}
    subprocess.run([sys.executable, "-c", script, str(world.seed), str(target)], env=environment, check=True)
    assert (target / "dataset.json").read_bytes() == (folder / "dataset.json").read_bytes()


def test_another_seed_gives_another_world(world: World, folder: Path, tmp_path: Path) -> None:
    write_dataset(simulate(load_scenario(), world.seed + 1), tmp_path / "other")
    ours, theirs = load(folder, "dataset.json"), load(tmp_path / "other", "dataset.json")
    assert ours["scenario_digest"] == theirs["scenario_digest"]
    assert ours["counts"].keys() == theirs["counts"].keys()
    assert ours["roots"] != theirs["roots"]
    shared = {name for name in ours["files"] if name.startswith("credentials/")} & set(theirs["files"])
    assert all(ours["files"][name] != theirs["files"][name] for name in shared)


def test_a_world_is_made_and_written_in_a_few_seconds(tmp_path: Path) -> None:
    start = time.process_time()
    write_dataset(simulate(load_scenario(), 5), tmp_path / "world")
    assert time.process_time() - start < 3


def test_every_file_is_listed_with_its_digest(folder: Path) -> None:
    listed = load(folder, "dataset.json")["files"]
    there = {name: "sha256:" + hashlib.sha256(body).hexdigest() for name, body in contents(folder).items()}
    there.pop("dataset.json")
    assert listed == there


def test_the_dataset_says_what_it_is(world: World, folder: Path) -> None:
    dataset = load(folder, "dataset.json")
    assert dataset["scenario"] == "au-kr-de-nmc811"
    assert dataset["scenario_digest"] == world.scenario.digest
    assert dataset["seed"] == world.seed
    assert dataset["as_of"] == "2026-11-01T00:00:00Z"
    assert dataset["untp"] == "0.7.0"
    assert dataset["nations"] == ["AU", "KR", "DE"]
    assert len(dataset["roots"]) == 3
    assert all(root.startswith("https://id.de.example/product/tbp-75/item/") for root in dataset["roots"])
    assert dataset["trust_anchors"] == [f"did:web:trust.{nation}.example" for nation in ("au", "kr", "de")]


def test_each_resource_belongs_to_exactly_one_node_and_its_file_is_there(folder: Path) -> None:
    urls: list[str] = []
    for nation in ("AU", "KR", "DE"):
        node = load(folder, f"nodes/{nation}.json")
        assert node["resolver_host"] in node["hosts"]
        for entry in node["files"]:
            assert entry["url"].split("/")[2] in node["hosts"]
            assert (folder / entry["file"]).is_file()
            urls.append(entry["url"])
        published = {entry["url"] for entry in node["files"]}
        for item in node["resolvables"]:
            assert item["linkset"] in published
            assert item["uri"].startswith(f"https://{node['resolver_host']}/")
    assert len(urls) == len(set(urls))
    served = {str(path.relative_to(folder)) for path in (folder / "files").rglob("*") if path.is_file()}
    listed = {
        e["file"] for nation in ("AU", "KR", "DE") for e in load(folder, f"nodes/{nation}.json")["files"]
    }
    assert served == listed


def test_default_links_and_roots_lead_to_credentials(folder: Path) -> None:
    nodes = [load(folder, f"nodes/{nation}.json") for nation in ("AU", "KR", "DE")]
    published = {entry["url"] for node in nodes for entry in node["files"]}
    resolvables = {item["uri"]: item for node in nodes for item in node["resolvables"]}
    assert all(item["default"] in published for item in resolvables.values())
    assert all(root in resolvables for root in load(folder, "dataset.json")["roots"])


def test_tokens_verify_with_another_library_under_the_published_keys(folder: Path) -> None:
    tokens = sorted((folder / "credentials").glob("*.jwt"))
    assert tokens
    for path in tokens:
        token = path.read_text()
        issuer = jws.extract_compact(token.encode()).headers()["kid"].partition("#")[0]
        document = load(folder, f"files/{issuer.removeprefix('did:web:')}/.well-known/did.json")
        method = document["verificationMethod"][0]
        assert document["assertionMethod"] == [method["id"]]
        checked = jws.deserialize_compact(
            token, ECKey.import_key(method["publicKeyJwk"]), algorithms=["ES256"]
        )
        payload = json.loads(checked.payload)
        assert payload["issuer"]["id"] == issuer
        assert checked.headers() == {"alg": "ES256", "kid": method["id"], "typ": "vc+jwt"}


def test_private_keys_stand_apart_and_fit_the_published_ones(folder: Path) -> None:
    for nation in ("AU", "KR", "DE"):
        for did, key in load(folder, f"keys/{nation}.json").items():
            document = load(folder, f"files/{did.removeprefix('did:web:')}/.well-known/did.json")
            published = document["verificationMethod"][0]["publicKeyJwk"]
            assert "d" not in published
            assert {name: key[name] for name in ("x", "y")} == {name: published[name] for name in ("x", "y")}
            assert ECKey.import_key(key).is_private


def test_nothing_published_says_that_it_is_synthetic_or_what_really_happened(folder: Path) -> None:
    for path in (folder / "files").rglob("*"):
        if path.is_file() and path.suffix != ".jwt":
            text = path.read_bytes().lower()
            assert not any(word in text for word in (b"simulat", b"synthetic", b"assay"))


def test_an_earlier_dataset_is_replaced(world: World, tmp_path: Path) -> None:
    target = tmp_path / "world"
    write_dataset(world, target)
    (target / "stray").write_text("x")
    write_dataset(world, target)
    assert not (target / "stray").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_a_folder_that_is_no_dataset_is_left_alone(world: World, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DatasetError, match="is no dataset; name a new or empty folder"):
        write_dataset(world, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left_behind(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatasetError, match="cannot write"):
        write_dataset(world, tmp_path / "file" / "below" / "world")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
