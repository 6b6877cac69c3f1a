"""Any number of workers, any interruption and any format leave the same world behind, and memory holds only what is alive."""

from __future__ import annotations

import functools
import http.server
import json
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from assay.simulator import DatasetError, World, load_scenario, write_dataset
from assay.simulator.claims import Claim, claims_of
from assay.simulator.dataset import VersionError
from assay.simulator.facts import Fact
from assay.simulator.issuance import agenda
from assay.simulator.issuance.abouts import FacilityRecord, Wish
from assay.simulator.issuance.agenda import schedule
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.v0_7 import Renderer, fragments
from assay.simulator.operations import run
from assay.simulator.world import build_world
from tests.simulator.conftest import SEED

ALL = ("jwt", "jsonl", "parquet", "site")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default world in every format, in shards of twenty, by this process."""
    target = tmp_path_factory.mktemp("scale") / "world"
    write_dataset(world, target, formats=ALL, shard=20)
    return target


def test_two_workers_write_the_same_bytes_as_one(world: World, folder: Path, tmp_path: Path) -> None:
    write_dataset(world, tmp_path / "world", formats=ALL, shard=20, workers=2)
    assert contents(tmp_path / "world") == contents(folder)
    assert len(list((folder / "credentials").glob("part-*.jsonl"))) > 3


def test_a_stream_of_facts_writes_the_same_bytes_as_a_collected_world(folder: Path, tmp_path: Path) -> None:
    scenario = load_scenario()
    world = build_world(scenario, SEED)
    write_dataset(world, tmp_path / "world", facts=run(scenario, SEED), formats=ALL, shard=20)
    assert not world.ledger.facts
    assert contents(tmp_path / "world") == contents(folder)


_CUT_SHORT = """
import os, signal, sys
from assay.simulator import load_scenario, simulate, write_dataset

def kill(progress):
    if progress.credentials >= 60:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    world = simulate(load_scenario(), int(sys.argv[1]))
    formats = ("jwt", "jsonl", "parquet", "site")
    write_dataset(world, sys.argv[2], formats=formats, shard=20, workers=2, progress=kill)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run was killed half way."""
    place = tmp_path_factory.mktemp("killed")
    (place / "cut.py").write_text(_CUT_SHORT)
    call = [sys.executable, str(place / "cut.py"), str(SEED), str(place / "world")]
    assert subprocess.run(call, check=False).returncode == -signal.SIGKILL
    assert not (place / "world").exists()
    return place


def test_a_killed_run_is_not_taken_up_by_another_seed(killed: Path) -> None:
    scenario = load_scenario()
    other = build_world(scenario, SEED + 1)
    with pytest.raises(DatasetError, match="was begun by another scenario, seed, version or format"):
        write_dataset(
            other, killed / "world", facts=run(scenario, SEED + 1), formats=ALL, shard=20, resume=True
        )
    assert (killed / "world.partial").is_dir()


def test_a_killed_run_goes_on_where_it_was_and_gives_the_same_bytes(
    world: World, folder: Path, killed: Path
) -> None:
    done = killed / "world.partial" / "credentials" / "part-00001.jsonl"
    before = done.stat().st_mtime_ns
    write_dataset(world, killed / "world", formats=ALL, shard=20, workers=2, resume=True)
    assert (killed / "world/credentials/part-00001.jsonl").stat().st_mtime_ns == before
    assert contents(killed / "world") == contents(folder)
    assert not (killed / "world.partial").exists()


def test_a_scenario_that_fails_on_the_way_leaves_nothing(world: World, tmp_path: Path) -> None:
    def failing() -> Iterator[Fact]:
        yield from world.ledger.facts[:50]
        raise ValueError("starved")

    with pytest.raises(ValueError, match="starved"):
        write_dataset(world, tmp_path / "world", facts=failing())
    assert list(tmp_path.iterdir()) == []


def test_something_else_in_the_place_of_unfinished_work_is_left_alone(world: World, tmp_path: Path) -> None:
    (tmp_path / "world.partial").mkdir()
    (tmp_path / "world.partial" / "thesis.txt").write_text("years of work")
    with pytest.raises(DatasetError, match="none of ours; move it"):
        write_dataset(world, tmp_path / "world")
    assert (tmp_path / "world.partial" / "thesis.txt").read_text() == "years of work"


def test_formats_and_versions_that_nobody_writes_are_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="'xml' is unknown; choose from: jwt, jsonl, parquet, site"):
        write_dataset(world, tmp_path / "world", formats=("jwt", "xml"))
    with pytest.raises(VersionError, match=r"'0\.5' cannot be written; choose one of: 0\.7\.0"):
        write_dataset(world, tmp_path / "world", untp="0.5")
    assert list(tmp_path.iterdir()) == []


def test_lines_hold_the_same_tokens_as_files_in_the_same_order(folder: Path) -> None:
    files = [path.read_text() for path in sorted((folder / "credentials").glob("*.jwt"))]
    lines = [
        json.loads(line)
        for path in sorted((folder / "credentials").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    assert [line["token"] for line in lines] == files
    published = {
        entry["url"]: (folder / entry["file"]).read_text()
        for nation in ("AU", "KR", "DE")
        for entry in json.loads((folder / f"nodes/{nation}.json").read_bytes())["files"]
    }
    assert all(published[line["url"]] == line["token"] for line in lines)
    rest = {
        row["url"]: row["body"]
        for path in (folder / "resources").iterdir()
        for row in map(json.loads, path.read_text().splitlines())
    }
    assert rest == {url: body for url, body in published.items() if url not in {x["url"] for x in lines}}


def test_tables_agree_with_the_credentials(folder: Path) -> None:
    def query(text: str) -> list[tuple[object, ...]]:
        return duckdb.sql(text.format(folder=f"{folder}/tables")).fetchall()

    dataset = json.loads((folder / "dataset.json").read_bytes())
    kinds = dict(query("SELECT kind, COUNT(*) FROM '{folder}/credentials.parquet' GROUP BY kind"))
    assert kinds == {name: n for name, n in dataset["counts"].items() if name.startswith("Digital")}
    (part, line, url) = query("SELECT part, line, url FROM '{folder}/credentials.parquet' ORDER BY url")[0]
    found = (folder / "credentials" / str(part)).read_text().splitlines()[int(str(line)) - 1]
    assert json.loads(found)["url"] == url
    orphans = """
        SELECT t.credential FROM '{folder}/%s.parquet' t
        LEFT JOIN '{folder}/credentials.parquet' c ON c.url = t.credential WHERE c.url IS NULL
    """
    for table in ("events", "claims", "assessments"):
        assert query(f"SELECT COUNT(*) FROM '{{folder}}/{table}.parquet'")[0] > (30,)
        assert query(orphans % table) == []
    claims = "SELECT COUNT(*) FROM '{folder}/claims.parquet' WHERE criterion IS NULL OR value IS NULL"
    assert query(claims) == [(0,)]
    roots = {row[0] for row in query("SELECT DISTINCT identifier FROM '{folder}/links.parquet'")}
    assert set(dataset["roots"]) <= roots


def test_any_web_server_can_serve_a_node(folder: Path) -> None:
    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    site = folder / "site" / "KR"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def get(path: str) -> bytes:
        address = f"http://127.0.0.1:{server.server_address[1]}/{path}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            body: bytes = answer.read()
            return body

    try:
        node = json.loads((folder / "nodes/KR.json").read_bytes())
        assert b"Node of Republic of Korea" in get("")
        roles = set()
        for entry in node["files"]:
            role, path = entry["role"], entry["url"].removeprefix("https://")
            if role not in roles:
                roles.add(role)
                leaf = {"linkset": "/linkset.json", "scheme": "/vocabulary.jsonld"}.get(role, "")
                assert get(path + leaf) == (folder / entry["file"]).read_bytes(), entry
        assert roles >= {"credential", "status-list", "did", "linkset", "register", "resolver", "page"}
        item = node["resolvables"][0]
        page = get(item["uri"].removeprefix("https://") + "/").decode()
        assert item["default"] in page and item["linkset"] in page
        assert "application/vc+jwt" in (folder / "site" / "README.md").read_text()
    finally:
        server.shutdown()
        server.server_close()


def test_a_world_of_many_credentials_comes_as_lines_and_tables(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = write_dataset(world, tmp_path / "few", formats=None)
    monkeypatch.setattr("assay.simulator.dataset.MANY", 50)
    many = write_dataset(world, tmp_path / "many", formats=None)
    assert (few["formats"], many["formats"]) == (["jwt", "parquet"], ["jsonl", "parquet"])
    assert few["counts"] == many["counts"]
    assert not (tmp_path / "many" / "files").exists()


def test_digests_of_very_many_files_stand_in_a_file_of_their_own(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.simulator.finishing._MOST_LISTED", 50)
    dataset = write_dataset(world, tmp_path / "world")
    assert list(dataset["files"]) == ["SHA256SUMS"]
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "world", check=False
    )
    assert checked.returncode == 0
    listed = {line.split("  ", 1)[1] for line in (tmp_path / "world" / "SHA256SUMS").read_text().splitlines()}
    assert listed == set(contents(tmp_path / "world")) - {"dataset.json", "SHA256SUMS"}


def test_entries_come_in_order_of_issue_while_claims_still_come_in(world: World) -> None:
    seen = 0

    def counted(claims: Iterable[Claim]) -> Iterator[Claim]:
        nonlocal seen
        for claim in claims:
            seen += 1
            yield claim

    total = len(list(claims_of(world, world.ledger.facts)))
    at_first, last = 0, None
    for entry in schedule(world, counted(claims_of(world, world.ledger.facts))):
        at_first = at_first or seen
        assert last is None or (last.valid_from, last.key) < (entry.valid_from, entry.key)
        last = entry
    assert at_first < total / 2


def test_nobody_may_issue_what_was_due_long_ago(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late:
        def __init__(self, world: World) -> None:
            self._world = world

        def start(self) -> Iterator[Wish]:
            return iter(())

        def on(self, claim: Claim) -> Iterator[Wish]:
            return iter(())

        def end(self) -> Iterator[Wish]:
            facility = next(iter(self._world.facilities.values()))
            moment = self._world.scenario.start + timedelta(days=1)
            about = FacilityRecord(facility)
            yield Wish(about, "dfr", "late", facility.operator, moment, moment + timedelta(days=9))

    monkeypatch.setattr(agenda, "PLANNERS", (*agenda.PLANNERS, Late))
    with pytest.raises(RuntimeError, match="long after it was due"):
        list(schedule(world, claims_of(world, world.ledger.facts)))


def test_a_full_status_list_is_followed_by_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agenda, "STATUS_LIST_SIZE", 4)
    entries = list(schedule(world, claims_of(world, world.ledger.facts)))
    places = {(entry.list_url, entry.index) for entry in entries if entry.index < 4}
    assert len(places) == len({(entry.list_url, entry.index) for entry in entries}) == len(entries)
    numbers = {int(entry.list_url.rsplit("-", 1)[-1]) for entry in entries}
    assert len(numbers) > 2 and numbers == set(range(1, max(numbers) + 1))


def test_fragments_of_lots_are_forgotten_when_they_are_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fragments, "_MOST_KEPT", 10)
    renderer = Renderer(Book(world))
    entries = list(schedule(world, claims_of(world, world.ledger.facts)))
    remembered = [renderer.render(entry) for entry in entries]
    assert len(renderer._pieces._products) <= 10
    monkeypatch.undo()
    fresh = Renderer(Book(world))
    assert remembered == [fresh.render(entry) for entry in entries]
