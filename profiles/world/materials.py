"""What the audit knows about materials: families by name, product codes, recoveries, and what cells are made of.

Everything stands in ``data/materials.yaml``, with its sources; this module reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

__all__ = [
    "CpcEntry",
    "Recovery",
    "compound",
    "cpc_entry",
    "family",
    "highest_grade",
    "never_in_cells",
    "per_kwh",
    "recoveries",
]

_FILE = Path(__file__).parent / "data" / "materials.yaml"
_LONGEST_NAME = 300


class CpcEntry(NamedTuple):
    """A class or group of CPC 2.1: its code or beginning, title, the families that belong there, and whether that was checked."""

    code: str
    title: str
    families: frozenset[str]
    verified: bool


class Recovery(NamedTuple):
    """Plausible recovery of an element between two families, as fractions."""

    source: str
    target: str
    element: str
    lowest: float
    highest: float


@cache
def _content() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: dict[str, Any] = yaml.load(_FILE.read_bytes(), Loader=loader)  # noqa: S506 - a safe loader
    return content


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(pattern)) for name, pattern in _content()["families"])


@cache
def family(name: str) -> str | None:
    """The family of a material by its name, or None where the name tells none."""
    folded = name[:_LONGEST_NAME].casefold()
    return next((found for found, pattern in _patterns() if pattern.search(folded)), None)


@cache
def _cpc() -> tuple[CpcEntry, ...]:
    rows = (CpcEntry(code, title, frozenset(held), flag) for code, title, held, flag in _content()["cpc"])
    return tuple(sorted(rows, key=lambda entry: -len(entry.code)))


def cpc_entry(code: str) -> CpcEntry | None:
    """The longest entry of the classification that a code begins with."""
    return next((entry for entry in _cpc() if code.startswith(entry.code)), None)


@cache
def recoveries() -> tuple[Recovery, ...]:
    """All plausible recoveries."""
    return tuple(Recovery(*row) for row in _content()["recovery"])


def highest_grade(name: str) -> float:
    """Highest mass fraction of the element that gives a family its name; 1 where nothing is known."""
    return float(_content()["highest_grade"].get(name, 1.0))


@cache
def never_in_cells() -> frozenset[str]:
    """Families of which no finished cell or pack consists."""
    return frozenset(_content()["never_in_cells"])


def per_kwh() -> Mapping[str, tuple[float, float]]:
    """Lowest and highest kilograms of an element per kilowatt-hour of a cell or pack."""
    return {element: (low, high) for element, (low, high) in _content()["per_kwh"].items()}


def compound(name: str) -> Mapping[str, float] | None:
    """Mass fractions of elements in a compound that a material's name begins with, such as ``Nickel sulphate``."""
    folded = name.casefold().replace("sulfate", "sulphate")
    found: Mapping[str, Mapping[str, float]] = _content()["compounds"]
    return next((shares for start, shares in found.items() if folded.startswith(start)), None)
