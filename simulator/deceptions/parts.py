"""Who plays which deception where, as plain data that travels to every worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assay.simulator.sites import ScenarioError

__all__ = ["Key", "NoOccasion", "Part"]


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
