"""Who waits too long for an occasion looks for one from the start; who then finds none is an error that leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assay.simulator.dataset import write_dataset
from assay.simulator.deceptions.parts import NoOccasion
from assay.simulator.deceptions.recast import Casting, again, recast
from assay.simulator.operations import run
from assay.simulator.scenario import parse_scenario
from assay.simulator.world import World, build_world
from tests.deceptions_worlds import little_text

TEXT = little_text("[{pattern: F18, count: 1, twins: 1}]")


def waiting(turn: int) -> World:
    world = build_world(parse_scenario(TEXT.encode()), 1)
    return recast(world, at(world, turn))


def at(world: World, turn: int) -> Casting:
    return Casting({(part.instance, part.target): turn for part in world.parts})


def written(world: World, folder: Path) -> dict[str, bytes]:
    write_dataset(world, folder, facts=run(world.scenario, 1), formats=("jsonl",))
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_who_waits_too_long_plays_from_the_start(tmp_path: Path) -> None:
    assert written(waiting(10_000), tmp_path / "late") == written(waiting(0), tmp_path / "soon")


def test_who_finds_nothing_from_the_start_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    world = replace(waiting(0), told=None)
    nowhere = replace(world, parts=tuple(replace(part, target="nowhere") for part in world.parts))
    with pytest.raises(NoOccasion, match="found no occasion at nowhere"):
        write_dataset(nowhere, tmp_path / "world", facts=run(world.scenario, 1))
    assert list(tmp_path.iterdir()) == []


def test_only_the_idle_begin_sooner() -> None:
    world = waiting(7)
    fraud, twin = ((part.instance, part.target) for part in world.parts)
    assert again(world, NoOccasion("told", (fraud[0],))).turns == {fraud: 0, twin: 7}


def test_who_stays_where_another_moves_keeps_a_turn_that_was_mended() -> None:
    world = build_world(parse_scenario(little_text("[{pattern: F18}, {pattern: F19}]").encode()), 1)
    world = recast(world, at(world, 7))
    stays, moves = world.parts
    world = replace(world, parts=(stays, replace(moves, turn=0)))
    moved = recast(world, again(world, NoOccasion("told", (stays.instance, moves.instance))))
    assert [part.turn for part in moved.parts if part.instance == stays.instance] == [0]
    assert [part.target != moves.target for part in moved.parts if part.instance == moves.instance] == [True]


def test_how_a_world_was_cast_is_read_as_it_was_written() -> None:
    casting = Casting({("F18-1", "somewhere"): 0}, frozenset({("F18", "somewhere"), ("F02", "elsewhere")}))
    assert Casting.read(casting.written()) == casting


def test_an_interrupted_run_is_taken_up_as_it_was_cast(tmp_path: Path) -> None:
    world = waiting(10_000)
    begun = tmp_path / "world.partial" / "work" / "begun.json"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(at(world, 0).written())
    facts = run(world.scenario, 1)
    write_dataset(world, tmp_path / "world", facts=facts, formats=("jsonl",), resume=True)
    soon = written(waiting(0), tmp_path / "soon")
    assert (tmp_path / "world" / "labels.jsonl").read_bytes() == soon["labels.jsonl"]


def test_who_finds_nothing_at_a_target_plays_at_another(tmp_path: Path) -> None:
    world = waiting(0)
    part = world.parts[0]
    assert part.target != "nowhere"
    lost = replace(world, parts=(replace(part, target="nowhere"), *world.parts[1:]))
    lost = replace(lost, told=world.told)
    write_dataset(lost, tmp_path / "world", facts=run(world.scenario, 1), formats=("jsonl",))
    labels = (tmp_path / "world" / "labels.jsonl").read_text(encoding="utf-8")
    assert part.instance in labels
    assert "nowhere" not in labels


def test_an_avoided_target_is_not_given_out_unless_it_is_named() -> None:
    scenario = parse_scenario(TEXT.encode())
    first = build_world(scenario, 1).parts[0]
    other = build_world(scenario, 1, frozenset({(first.code, first.target)}))
    assert first.target not in {part.target for part in other.parts}
    named = parse_scenario(little_text(f"[{{pattern: F18, at: [{first.target}]}}]").encode())
    assert build_world(named, 1, frozenset({(first.code, first.target)})).parts[0].target == first.target
