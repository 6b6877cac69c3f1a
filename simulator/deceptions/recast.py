"""Cast a world again in which some instances found no occasion: they look for it from the start, and then elsewhere.

Turns are drawn from plans, and plans are not always met. So a world with hundreds of instances does not fail for one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from assay.simulator.deceptions.parts import NoOccasion
from assay.simulator.sites import ScenarioError
from assay.simulator.world import World, build_world

__all__ = ["Casting", "again", "recast"]

_MOST_AVOIDED = 40
"""Targets; a scenario that wants more of them than there are is refused."""


@dataclass(frozen=True, slots=True)
class Casting:
    """How a world is cast that is not the first: turns by instance and its target, and patterns (code) with targets to avoid.

    Who plays elsewhere after all draws a turn there.
    """

    turns: Mapping[tuple[str, str], int] = field(default_factory=dict)
    avoided: frozenset[tuple[str, str]] = frozenset()

    def written(self) -> bytes:
        """As JSON, for whoever takes up an interrupted run."""
        turns = [[*whose, turn] for whose, turn in self.turns.items()]
        return orjson.dumps({"turns": turns, "avoided": sorted(self.avoided)})

    @classmethod
    def read(cls, raw: bytes) -> Casting:
        row = orjson.loads(raw)
        turns = {(instance, target): turn for instance, target, turn in row["turns"]}
        return cls(turns, frozenset((code, target) for code, target in row["avoided"]))


def again(world: World, idle: NoOccasion) -> Casting:
    """How to cast the world next.

    :raises NoOccasion: the idle played from the start, and there is nowhere else: an entry names the target, no other is free,
        or too many were tried.
    """
    idlers = [part for part in world.parts if part.instance in idle.instances]
    turns = {(part.instance, part.target): part.turn for part in world.parts}
    turns |= {(part.instance, part.target): 0 for part in idlers}
    lost = [part for part in idlers if not part.turn]
    if not lost:
        return Casting(turns, world.avoided)
    avoided = world.avoided | {(part.code, part.target) for part in lost}
    if world.told is None or len(avoided) > _MOST_AVOIDED:
        raise idle
    if any(world.told.deceptions[part.entry].at for part in lost):
        raise idle
    try:
        build_world(world.told, world.seed, avoided)
    except ScenarioError:
        raise idle from None
    return Casting(turns, avoided)


def recast(world: World, casting: Casting) -> World:
    """The world cast so. Raises :class:`ScenarioError` where the scenario has become another in the meantime."""
    if casting.avoided != world.avoided and world.told is not None:
        world = build_world(world.told, world.seed, casting.avoided)
    parts = (
        replace(part, turn=casting.turns.get((part.instance, part.target), part.turn)) for part in world.parts
    )
    return replace(world, parts=tuple(parts))
