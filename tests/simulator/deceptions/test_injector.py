"""Labels that say what was done, worlds that are made again byte for byte, and data that gives nothing away."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assay.profiles.deceptions.handbook import patterns
from assay.simulator.deceptions.injector import Injector
from assay.simulator.deceptions.registry import players
from assay.simulator.deceptions.taint import LEAST, Taint
from assay.simulator.facts import Conversion, Lot, Material, Portion
from assay.simulator.issuance.planners import Standing
from assay.simulator.scenario import parse_scenario
from assay.simulator.world import build_world
from tests.deceptions_worlds import Deceived, little, little_text

SCHEMA = Path(__file__).parents[3] / "profiles" / "contracts" / "labels.schema.json"
WORLD = """[
  {composite: forged-behind-look-alike, of: [F18, F36], severity: 0.2, at: [cathode-plant]},
  {pattern: F18, severity: 0.5, twins: 1}, {pattern: F21, twins: 1}, {pattern: F27, twins: 1}, {pattern: F38, twins: 1},
  {pattern: F40, twins: 1}, {look_alike: B23}, {pattern: F30, severity: 0.01},
]"""


@pytest.fixture(scope="module")
def world() -> Deceived:
    return little(WORLD)


def files(found: Deceived) -> dict[str, bytes]:
    return {
        str(path.relative_to(found.folder)): path.read_bytes()
        for path in sorted(found.folder.rglob("*")) if path.is_file()
    }  # fmt: skip


def test_labels_name_exactly_what_differs_from_the_honest_world(world: Deceived) -> None:
    assert world.differences(little()) == world.labelled("changed", "added", "absent")


def test_what_an_instance_makes_up_is_its_own() -> None:
    """A look-alike domain took over the papers of a circular trade, whose label then named roots that nobody published."""
    text = little_text("[{pattern: F38, twins: 1}]")
    deceptive = build_world(parse_scenario(text.encode(), "scenario.yaml"), 1)
    injector = Injector(deceptive)
    one, other = (injector.instance(part.instance) for part in deceptive.parts)
    wish = next(iter(Standing(deceptive).start()))
    one.added(wish)
    assert one.takes(wish.key)
    assert not other.takes(wish.key)


def test_every_label_is_valid_and_true_to_its_entry(world: Deceived) -> None:
    check = Draft202012Validator(
        json.loads(SCHEMA.read_bytes()), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    for label in world.labels.values():
        assert not list(check.iter_errors(label)), label["instance"]
        pattern = patterns()[label["code"]]
        assert (label["pattern"], label["scope"]) == (pattern.name, pattern.scope)
        assert label["from"] <= label["until"]
        assert set(label["root"]) <= set(world.tokens), "roots are published"
        assert set(label["told"]) >= {"claimed", "true", "unit"}
    assert list(world.labels) == [
        "forged-behind-look-alike-1-F18", "forged-behind-look-alike-1-F36", "F18-1", "F18-1t", "F21-1", "F21-1t",
        "F27-1", "F27-1t", "F38-1", "F38-1t", "F40-1", "F40-1t", "B23-1", "F30-1",
    ]  # fmt: skip


def test_an_instance_below_the_tolerance_of_its_profile_says_so(world: Deceived) -> None:
    spared = [name for name, label in world.labels.items() if label["below_tolerance"]]
    assert spared == ["F30-1"]
    assert world.labels["F30-1"]["added"], "it is there all the same"


def test_a_composite_is_one_deed_seen_as_several_patterns(world: Deceived) -> None:
    forged = world.labels["forged-behind-look-alike-1-F18"]
    alike = world.labels["forged-behind-look-alike-1-F36"]
    assert set(forged["root"]) <= set(alike["root"])
    assert forged["composite"] == alike["composite"] == "forged-behind-look-alike-1"
    for url in forged["root"]:
        issuer = world.document(url)["issuer"]["id"]
        assert issuer in alike["actors"]
        assert issuer in forged["actors"]
        assert issuer == f"did:web:{alike['told']['true']}"


def test_the_same_seed_writes_the_same_bytes(world: Deceived) -> None:
    again = little.__wrapped__(WORLD)
    assert files(again) == files(world)
    assert files(again) != files(little(WORLD, 2))


def test_another_entry_changes_nothing_about_an_instance() -> None:
    alone = little("[{pattern: F18, severity: 0.5, twins: 1}, {pattern: F38, twins: 1}]")
    beside = little("[{pattern: F18, severity: 0.5, twins: 1}, {pattern: F38, twins: 1}, {pattern: F41}]")
    for name, label in alone.labels.items():
        assert beside.labels[name] == label
        for url in {*label["root"], *label["changed"], *label["added"]}:
            assert body(beside.tokens[url]) == body(alone.tokens[url])


def body(token: str) -> dict[str, Any]:
    """A payload without its place in a status list: added credentials take places one after the other."""
    part = token.split(".")[1]
    document: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    document.pop("credentialStatus", None)
    return document


# what the data gives away

TELLING = re.compile(
    r"decepti|fraud|forge[dr]|honest|twin|look.?alike|impost|tamper|fake|synthetic|\b[FB]\d\d-\d|taint|instance|composite|culprit",
    re.IGNORECASE,
)


def published(found: Deceived) -> Iterator[tuple[str, str]]:
    """Every published text with its address: payloads of tokens, and resources as they are."""
    for part in ("credentials", "resources"):
        for path in sorted((found.folder / part).glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                text = row.get("token") or row.get("body")
                yield (
                    row["url"],
                    json.dumps(body(text)) if row.get("media_type", "vc+jwt").endswith("vc+jwt") else text,
                )


def test_no_word_of_a_label_stands_in_the_data(world: Deceived) -> None:
    seen = 0
    for url, text in published(world):
        seen += 1
        assert not TELLING.search(url), url
        assert not (found := TELLING.search(text)), (
            f"{url}: {text[max(0, found.start() - 60) : found.end() + 60]}"
        )
    assert seen > 1000


def test_truth_stands_beside_the_data_and_in_no_other_file(world: Deceived) -> None:
    names = {path.name for path in world.folder.iterdir()}
    assert {"labels.jsonl", "acts.jsonl", "ledger.jsonl", "accounts.jsonl"} <= names
    assert "labels.jsonl" not in {path.name for path in little().folder.iterdir()}
    assert b"deceptions" not in (world.folder / "dataset.json").read_bytes()


# taint


def lot(number: int, mass: int = 1000) -> Lot:
    return Lot(f"works/powder/{number:04d}", "powder", "works", "refine", number, 0, Material(mass))


def made(inputs: list[tuple[Lot, int]], *outputs: Lot) -> Conversion:
    return Conversion("works", 1, 0, 1, tuple(Portion(one, mass, {}) for one, mass in inputs), outputs, {})


def test_taint_follows_the_mass_through_conversions() -> None:
    taint, bad, good, mixed, product = Taint(), lot(1), lot(2), lot(3), lot(4)
    taint.begin("F18-1", bad, 1_000_000)
    assert list(taint.on(made([(bad, 250), (good, 750)], mixed))) == [("F18-1", mixed, 250_000)]
    assert list(taint.on(made([(mixed, 100), (good, 100)], product))) == [("F18-1", product, 125_000)]
    assert list(taint.on(made([(good, 100)], lot(5)))) == []


def test_two_deceptions_taint_a_lot_each_for_itself_and_traces_do_not_count() -> None:
    taint, one, two, good = Taint(), lot(1), lot(2), lot(3)
    taint.begin("F18-1", one, 1_000_000)
    taint.begin("F40-1", two, 500_000)
    both = list(taint.on(made([(one, 500), (two, 500)], lot(4))))
    assert [(name, part) for name, _, part in both] == [("F18-1", 500_000), ("F40-1", 250_000)]
    assert list(taint.on(made([(one, 1), (good, 1_000_000 // LEAST * 1000 + 1000)], lot(5)))) == []


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(LEAST, 1_000_000))
def test_what_is_tainted_is_never_more_than_what_went_in(bad: int, good: int, part: int) -> None:
    taint, source, other, out = Taint(), lot(1), lot(2), lot(3)
    taint.begin("F18-1", source, part)
    for _, _, found in taint.on(made([(source, bad), (other, good)], out)):
        assert found * (bad + good) <= part * bad < (found + 1) * (bad + good)


def test_labels_taint_what_was_made_of_a_certified_lot_and_twins_taint_nothing(world: Deceived) -> None:
    label = world.labels["F18-1"]
    kinds = {url.split("/credentials/")[1].split("/")[0] for url in label["tainted"]}
    assert kinds == {"dpp"}
    assert 1.0 in label["tainted"].values(), "the lots of the certificate itself"
    assert all(0.001 <= part <= 1 for part in label["tainted"].values())
    own = {one.url for target in label["targets"] for one in world.view.credentials("DigitalProductPassport")
           if world.truth.passport(target) == one.url}  # fmt: skip
    assert own
    assert {label["tainted"][url] for url in own} == {1.0}
    assert all(not one["tainted"] for one in world.labels.values() if one["honest"])


def test_every_pattern_of_the_registry_stands_in_the_handbook() -> None:
    assert players().keys() <= patterns().keys()
    assert all(player.code == code and player.__doc__ for code, player in players().items())
