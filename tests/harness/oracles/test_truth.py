"""What really happened, as it stands beside the data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assay.harness.oracles.store import OracleError
from assay.harness.oracles.truth import Truth
from tests.deceptions_worlds import Deceived, little
from tests.simulator.deceptions.test_acts import WORLD


@pytest.fixture(scope="module")
def world() -> Deceived:
    return little(WORLD)


def test_facts_and_accounts_are_the_rows_of_their_files(world: Deceived) -> None:
    truth = world.truth
    rows = [
        json.loads(line) for line in (world.folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert list(truth.facts()) == rows
    assert list(truth.facts("departure")) == [row for row in rows if row["fact"] == "departure"]
    assert {row["account"] for row in truth.accounts("footprint")} == {"footprint"}
    assert {row["instance"] for row in truth.labels()} == set(world.labels)


def test_rows_are_found_by_whatever_they_name(world: Deceived) -> None:
    truth = world.truth
    conversion = next(iter(truth.facts("conversion")))
    lot = conversion["outputs"][0]["lot"]
    assert conversion in truth.lot(lot)
    assert all(lot in json.dumps(row) for row in truth.lot(lot))
    assert conversion in truth.at(conversion["facility"])
    assert truth.lot("nothing/of-that-name/0001") == []
    assert truth.account(lot)


def test_a_passport_is_known_by_its_lot_and_a_site_by_its_uri(world: Deceived) -> None:
    truth, view = world.truth, world.view
    seen = 0
    bent = {url for label in world.labels.values() for url in label["root"]}
    for passport in view.credentials("DigitalProductPassport"):
        if passport.url in bent:
            continue
        (lot,) = truth.lots(passport.url)
        assert truth.passport(lot) == passport.url
        site = truth.site(passport.facility)
        assert site == lot.split("/")[0]
        assert truth.facility(site) == passport.facility
        seen += 1
    assert seen > 20
    assert truth.site("https://nowhere.example/1") is None
    assert truth.passport("nothing/of-that-name/0001") is None
    assert truth.lots("https://nowhere.example/credentials/dpp/1") == ()


def test_minutes_of_the_ledger_are_moments_of_events(world: Deceived) -> None:
    truth, view = world.truth, world.view
    checked = 0
    for event in view.events("make")[:40]:
        for lot in truth.lots(event.url):
            made = [row for row in truth.lot(lot) if row["fact"] == "conversion" and any(o["lot"] == lot for o in row["outputs"])]  # fmt: skip
            times = {truth.moment(row["time"]) for row in made}
            checked += event.time in times
    assert checked >= 40


def test_a_folder_without_ledger_is_no_truth(tmp_path: Path) -> None:
    with pytest.raises(OracleError, match=r"holds no ledger\.jsonl"):
        Truth.open(tmp_path)


@pytest.mark.parametrize(("line", "told"), [("{not json", "that is no JSON"), ("[1]", "that is no object")])
def test_a_broken_line_is_named_by_its_byte(line: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text(f'{{"fact": "source"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(OracleError, match=f"byte 19 {told}"):
        list(Truth.open(tmp_path).facts())
