"""Who plays which deception where, as plain data that travels to every worker."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from assay.simulator.sites import ScenarioError

__all__ = ["Key", "NoOccasion", "Part", "sooner", "with_turns"]


@dataclass(frozen=True, slots=True)
class Part:
    """One instance of a pattern, or its honest twin.

    ``severity`` in parts per million. ``turn`` is the number of lots of its facility after which it begins to look for its
    chance; ``look_alike`` the kind of honesty that a twin shows; ``composite`` what the instances of one composite share.
    """

    instance: str
    code: str
    honest: bool
    target: str
    severity: int
    turn: int = 0
    twin: str | None = None
    look_alike: str | None = None
    composite: str | None = None
    entry: int = 0
    """Place of its entry in the scenario."""


@dataclass(frozen=True, slots=True)
class Key:
    """A further key of an organisation: its generation (the first is 1), since when it is listed, when it was revoked."""

    generation: int
    since: datetime
    revoked: datetime | None = None


class NoOccasion(ScenarioError):
    """Some instances waited for their turn, and then nothing came that they could take."""

    def __init__(self, told: str, instances: tuple[str, ...]) -> None:
        super().__init__(told)
        self.instances = instances


def sooner(parts: Collection[Part], idle: Collection[str]) -> dict[str, int] | None:
    """Turns by which those that were idle begin at once. None where one of them did so already: it will never play."""
    turns = {part.instance: part.turn for part in parts}
    if any(turns[name] == 0 for name in idle):
        return None
    return turns | dict.fromkeys(idle, 0)


def with_turns(parts: Collection[Part], turns: Mapping[str, int]) -> tuple[Part, ...]:
    """The same parts with other turns."""
    return tuple(replace(part, turn=turns.get(part.instance, part.turn)) for part in parts)
