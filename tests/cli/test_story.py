"""``assay story``: cases of a world with deceptions, listed and told, for frauds, twins, look-alikes and composites."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assay.cli import app
from assay.cli.errors import UsageError
from assay.cli.story import run_story, run_story_list
from assay.harness.story.gather import Cases
from assay.harness.story.labels import UnknownCase
from assay.profiles.contracts.story import Story
from assay.profiles.deceptions.handbook import patterns
from assay.reports.story.page import render
from assay.simulator.dataset import write_dataset
from assay.simulator.operations import run
from assay.simulator.scenario import parse_scenario
from assay.simulator.world import build_world
from tests.cli.test_bad_input import assay
from tests.deceptions_worlds import Deceived

CASES = (
    "[{composite: forged-behind-look-alike, of: [forged-certificate, look-alike-domain], severity: 0.5, count: 1}, "
    "{pattern: F40, severity: 0.5, count: 1, twins: 1}, {look_alike: B07, count: 1}]"
)
COMPOSITE = "forged-behind-look-alike-1"
SCENARIO = Path(__file__).parents[2] / "fixtures" / "scenarios" / "cl-kr-de.yaml"


def written(folder: Path, *more: str) -> Deceived:
    """The world of Chile, Korea and Germany with few packs."""
    text = SCENARIO.read_text(encoding="utf-8").replace("packs: 400", "packs: 30")
    world = build_world(parse_scenario("\n".join([text, *more, ""]).encode(), "small.yaml"), 1)
    write_dataset(world, folder, facts=run(world.scenario, 1), formats=("jsonl",))
    return Deceived(folder)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("story") / "honest").folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Deceived:
    return written(tmp_path_factory.mktemp("story") / "world", f"deceptions: {CASES}")


@pytest.fixture(scope="module")
def cases(world: Deceived) -> Cases:
    return Cases.open(world.folder)


@pytest.fixture(scope="module")
def fraud(cases: Cases) -> Story:
    return cases.story("F40-1")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)


def test_people_are_named_by_credentials_and_actors_come_first(fraud: Story, world: Deceived) -> None:
    (did,) = world.labels["F40-1"]["actors"]
    first = fraud.people[0]
    assert (first.did, first.actor) == (did, True)
    registered = [one.identity.name for one in world.view.identities(did) if one.identity]
    assert first.name in registered and first.name != did
    assert first.part.startswith("deceives; issued 1–2")


def test_the_chain_marks_root_and_taint_as_the_label_has_them(fraud: Story, world: Deceived) -> None:
    label = world.labels["F40-1"]
    lots = {lot.id: lot for site in fraud.chain.sites for lot in site.lots}
    roots = {world.document(url)["credentialSubject"]["id"] for url in label["root"]}
    assert {lot.id for lot in lots.values() if lot.root} == roots
    shares = {
        world.document(url)["credentialSubject"]["id"]: share for url, share in label["tainted"].items()
    }
    drawn = {name: lot.share for name, lot in lots.items() if lot.share}
    assert drawn and all(shares[name] == share for name, share in drawn.items())
    (root,) = roots
    assert world.view.upstream(root) & lots.keys() and world.view.downstream(root) & lots.keys()


def test_suppliers_stand_before_those_whom_they_supply(fraud: Story) -> None:
    ranks = {site.id: site.rank for site in fraud.chain.sites}
    assert sorted(ranks.values()) == list(range(len(ranks)))
    assert fraud.chain.flows and all(ranks[flow.source] < ranks[flow.target] for flow in fraud.chain.flows)


def test_a_paper_shows_pointers_values_and_what_the_twin_says_there(fraud: Story, world: Deceived) -> None:
    label = world.labels["F40-1"]
    told = {line.mark: line for paper in fraud.papers for line in paper.lines if line.mark}
    assert told["claimed"].says == str(label["told"]["claimed"])
    assert told["true"].says == str(label["told"]["true"])
    assert fraud.papers[0].beside == "F40-1t" and any(line.beside for line in fraud.papers[0].lines)
    for paper in fraud.papers:
        document = world.document(paper.url)
        for line in paper.lines:
            value: Any = document
            for part in line.pointer.split("/")[1:]:
                value = value[int(part)] if isinstance(value, list) else value[part]
            assert line.says in (str(value), str(value).removesuffix(".0"), "yes", "no")
    assert {paper.state for paper in fraud.papers} == {"", "added"}


def test_the_facts_come_from_ledger_and_acts_in_the_order_of_time(fraud: Story) -> None:
    assert {one.source for one in fraud.happenings} == {"ledger", "acts"}
    assert any(" made " in f" {one.what} " for one in fraud.happenings)
    assert any(one.what.startswith("issued (1)") for one in fraud.happenings)


def test_fraud_and_twin_stand_side_by_side_and_only_the_fraud_is_spoken_of(
    fraud: Story, cases: Cases
) -> None:
    (part,) = fraud.parts
    assert part.side.decided and part.side.seen
    assert part.counterpart is not None and part.counterpart.honest
    assert part.counterpart.decided == part.counterpart.seen == ()
    assert {row.what for row in part.compared if row.differs} >= {"Apart", "The decisive check"}
    assert part.check == patterns()["F40"].check and len(part.sources) >= len(patterns()["F40"].sources)
    (mirror,) = cases.story("f40-1T").parts
    assert (mirror.side.instance, mirror.counterpart and mirror.counterpart.instance) == ("F40-1t", "F40-1")


def test_how_to_find_it_names_scope_and_chain_from_credentials_only(fraud: Story, cases: Cases) -> None:
    steps = fraud.parts[0].steps
    assert fraud.parts[0].scope == "X" and steps[0].startswith("Start at https://id.")
    assert "product passports" in steps[1] and "One chain does not show it" in steps[2]
    registers = [step for step in cases.story(COMPOSITE).parts[0].steps if step.startswith("Ask the ")]
    assert len(registers) == 1 and "accreditation register" in registers[0]


def test_a_composite_is_one_story_of_all_its_parts(cases: Cases) -> None:
    story = cases.story(COMPOSITE)
    assert story.name == COMPOSITE and [part.code for part in story.parts] == ["F18", "F36"]
    assert len(story.papers) == len({paper.url for paper in story.papers})
    assert all(set(paper.instances) == {f"{COMPOSITE}-F18", f"{COMPOSITE}-F36"} for paper in story.papers)
    assert any(person.part.startswith("issues in the honest world") for person in story.people)
    assert [part.code for part in cases.story(f"{COMPOSITE}-F36").parts] == ["F36"]


def test_a_look_alike_alone_is_told_as_honest_without_a_counterpart(cases: Cases) -> None:
    story = cases.story("B07-1")
    (part,) = story.parts
    assert (
        story.honest
        and part.counterpart is None
        and part.code == "F21"
        and part.look_alike.startswith("B07 ")
    )
    assert "holds no counterpart" in render(story)


def test_with_the_honest_world_at_hand_the_paper_shows_what_was_changed(cases: Cases, honest: Path) -> None:
    cases.compare_with(honest)
    try:
        story = cases.story(f"{COMPOSITE}-F18")
    finally:
        cases.honest = None
    root = story.papers[0]
    assert root.beside == "the honest world" and root.stands_for
    changed = {line.pointer: line for line in root.lines if line.mark == "changed"}
    assert "/issuer/id" in changed and changed["/issuer/id"].says != changed["/issuer/id"].beside
    assert not any("digestMultibase" in pointer for pointer in changed)
    assert story.touched and all(paper.lines for paper in story.touched)


def test_no_string_of_a_story_is_long(fraud: Story) -> None:
    assert max(map(len, strings(asdict(fraud)))) < 2000


def test_the_list_names_every_instance(world: Deceived, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_story_list(world.folder, output="json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["instance"] for row in rows] == list(world.labels)
    assert run_story_list(world.folder, output="console") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(world.labels) and all("\x1b" not in line for line in lines)


def test_the_command_writes_the_page_and_always_the_same(
    world: Deceived, cases: Cases, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "case.html"
    done = CliRunner().invoke(app, ["story", "b07-1", "--data", str(world.folder), "--out", str(out)])
    assert done.exit_code == 0 and "B07-1 (honest)" in done.output
    assert out.read_text(encoding="utf-8") == render(cases.story("B07-1"))


def test_a_wrong_name_offers_the_nearest_and_writes_nothing(world: Deceived, tmp_path: Path) -> None:
    code, _, err = assay(
        "story", "F4O-1", "--data", str(world.folder), "--out", str(tmp_path / "a" / "b.html")
    )
    assert code == 2 and err.count("\n") == 1 and "did you mean F40-1" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("F40", ("F40-1", "F40-1t")), ("look-alike", (COMPOSITE,)), ("zzz\x1b[2J", ())],
)
def test_names_are_offered_by_how_they_begin_and_by_what_is_in_them(
    cases: Cases, asked: str, nearest: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownCase) as caught:
        cases.story(asked)
    assert set(nearest) <= {name.removesuffix("-F18").removesuffix("-F36") for name in caught.value.nearest}
    assert "\x1b" not in str(caught.value)
    assert nearest or "'assay story --list' names all" in str(caught.value)


def test_a_world_without_labels_is_one_clear_error(honest: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no labels\.jsonl.*simulate a scenario with 'deceptions:'"):
        run_story("F40-1", honest, tmp_path / "story.html", honest=None)
    with pytest.raises(UsageError, match="is no folder"):
        run_story_list(tmp_path / "missing", output="json")
    assert list(tmp_path.iterdir()) == []


def test_labels_that_break_their_schema_are_refused_by_line_and_member(
    world: Deceived, tmp_path: Path
) -> None:
    for name in ("dataset.json", "ledger.jsonl"):
        shutil.copy(world.folder / name, tmp_path / name)
    row = {**world.labels["F40-1"], "severity": "<b>high</b>"}
    (tmp_path / "labels.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"labels\.jsonl line 1: severity"):
        run_story("F40-1", tmp_path, tmp_path / "out" / "story.html", honest=None)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"instance": " "}, "name an instance"),
        ({"out": "folder"}, "is a folder; name a file"),
        ({"honest": "other-seed"}, "has seed"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_written(
    world: Deceived, honest: Path, tmp_path: Path, arguments: dict[str, str], told: str
) -> None:
    (tmp_path / "folder").mkdir()
    other = tmp_path / "other-seed"
    other.mkdir()
    for name in ("credentials", "resources"):
        (other / name).symlink_to(honest / name)
    dataset = json.loads((honest / "dataset.json").read_text())
    (other / "dataset.json").write_text(json.dumps({**dataset, "seed": 99}))
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(UsageError, match=told):
        run_story(
            arguments.get("instance", "F40-1"),
            world.folder,
            tmp_path / arguments.get("out", "story.html"),
            honest=tmp_path / arguments["honest"] if "honest" in arguments else None,
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_honest_world_must_be_of_the_same_scenario_and_without_deceptions(
    world: Deceived, honest: Path, tmp_path: Path
) -> None:
    """Names follow the scenario's, so another one would show differences that are none."""
    other = tmp_path / "other"
    other.mkdir()
    for path in honest.iterdir():
        (other / path.name).symlink_to(path)
    (other / "dataset.json").unlink()
    dataset = json.loads((honest / "dataset.json").read_text())
    (other / "dataset.json").write_text(json.dumps({**dataset, "scenario": "elsewhere"}))
    for beside, told in ((other, "has scenario elsewhere"), (world.folder, "has deceptions of its own")):
        with pytest.raises(UsageError, match=told):
            run_story("F40-1", world.folder, tmp_path / "story.html", honest=beside)
    assert not (tmp_path / "story.html").exists()
