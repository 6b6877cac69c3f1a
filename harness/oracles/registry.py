"""Which functions decide which pattern: by credentials and registers alone (*oracle*), or against the truth (*decisive*).

::

    @oracle("F02")
    def impossible_yield(view: View) -> Iterator[Sighting]:
        for event in view.events("make"):
            ...
            yield Sighting((event.url,), "more lithium out than in")

    @decisive("F02")
    def more_out_than_in(truth: Truth, view: View) -> Iterator[Sighting]: ...

Both scan whatever view they are given, and are silent in an honest world and on every twin. An oracle that finds nothing
because its evidence lies beyond the view is silent too: it never guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TypeVar

from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View
from assay.profiles.deceptions.terms import MODULES

__all__ = ["Decisive", "Oracle", "Sighting", "decisive", "decisives", "oracle", "oracles"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing seen. ``subjects`` are URLs of credentials, the most telling first; ``actors`` are DIDs."""

    subjects: tuple[str, ...]
    reason: str
    actors: tuple[str, ...] = ()


Oracle = Callable[[View], Iterable[Sighting]]
Decisive = Callable[[Truth, View], Iterable[Sighting]]

_F = TypeVar("_F", Oracle, Decisive)
_oracles: dict[str, Oracle] = {}
_decisives: dict[str, Decisive] = {}


def oracle(code: str) -> Callable[[Oracle], Oracle]:
    """Register the function that decides a pattern from what is published."""

    def register(function: Oracle) -> Oracle:
        _once(_oracles, code, function)
        return function

    return register


def decisive(code: str) -> Callable[[Decisive], Decisive]:
    """Register the function that decides a pattern from what really happened."""

    def register(function: Decisive) -> Decisive:
        _once(_decisives, code, function)
        return function

    return register


def oracles() -> Mapping[str, Oracle]:
    """All oracles by code of their pattern."""
    _load()
    return MappingProxyType(_oracles)


def decisives() -> Mapping[str, Decisive]:
    """All decisive checks by code of their pattern."""
    _load()
    return MappingProxyType(_decisives)


def _once(known: dict[str, _F], code: str, function: _F) -> None:
    if code in known and known[code].__qualname__ != function.__qualname__:
        raise ValueError(f"two functions decide {code}: {known[code].__qualname__}, {function.__qualname__}")
    known[code] = function


@cache
def _load() -> None:
    """Import the deciders; importing registers them."""
    for name in MODULES:
        import_module(f"{__package__}.{name}")
