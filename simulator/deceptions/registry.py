"""Which class plays which pattern. Patterns stand in modules beside this one, loaded on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TypeVar

from assay.profiles.deceptions.terms import MODULES
from assay.simulator.deceptions.base import Deception

__all__ = ["pattern", "players"]

_Player = TypeVar("_Player", bound=Deception)
_PLAYERS: dict[str, type[Deception]] = {}


def pattern(code: str) -> Callable[[type[_Player]], type[_Player]]:
    """The class plays the pattern with this code."""

    def registered(player: type[_Player]) -> type[_Player]:
        if code in _PLAYERS:
            raise RuntimeError(f"{code} is played by {_PLAYERS[code].__name__} and {player.__name__}")
        player.code = code
        _PLAYERS[code] = player
        return player

    return registered


@cache
def players() -> Mapping[str, type[Deception]]:
    """Every pattern that can be played, by code."""
    for name in MODULES:
        import_module(f"{__package__}.{name}")
    return dict(sorted(_PLAYERS.items()))
