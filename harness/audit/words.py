"""Figures that UNTP has no field for and that documents state in words: routes, yearly capacities, limits of permits."""

from __future__ import annotations

import re
from typing import NamedTuple

from assay.profiles.world.materials import family
from assay.profiles.world.transport import FASTEST_KMH

__all__ = ["Capacity", "Route", "capacity_in", "fastest_kmh", "route_in", "yearly_limit_mg"]

_MODES = {
    "sea": {"sea", "ocean", "vessel", "ship", "maritime", "seafreight"},
    "air": {"air", "airfreight", "aircraft", "plane", "flight"},
    "rail": {"rail", "railway", "train"},
    "road": {"road", "truck", "lorry", "haulage", "trucking", "drive"},
    "river": {"river", "barge", "canal"},
    "conveyor": {"conveyor", "pipeline"},
}
_LEG = re.compile(rf"\b({'|'.join(FASTEST_KMH)})\s+(\d[\d,]{{0,8}}(?:\.\d+)?)\s*km\b", re.I)
_WORD = re.compile(r"[a-z]+")
_LONGEST = 8192
_YEARLY = r"(?:\b(?:annual|yearly)\b|\b(?:a|per) year\b|/ ?y\b|\bp\.?a\b)"
_AMOUNT = r"(\d[\d, ]{0,14}(?:\.\d+)?)\s*(kilotonnes|kt|tonnes|tons|kg|t)\b"
_CAPACITY = re.compile(
    rf"capacity of (?:approximately |about |up to |around |ca\.? )?{_AMOUNT}(?: (?:a|per) year)?(?: of ([a-z][a-z -]{{1,60}}))?",
    re.I,
)
_LIMIT = re.compile(rf"\b(?:no|not) more than {_AMOUNT}[^.;]{{0,60}}?{_YEARLY}", re.I)
_TONNES = {"kilotonnes": 1000.0, "kt": 1000.0, "tonnes": 1.0, "tons": 1.0, "t": 1.0, "kg": 0.001}
_ELEMENTS = {
    "lithium": "Li",
    "nickel": "Ni",
    "cobalt": "Co",
    "manganese": "Mn",
    "copper": "Cu",
    "aluminium": "Al",
    "graphite": "C",
}
_MG_PER_TONNE = 1_000_000_000
_LARGEST_TONNES = 5e9


class Route(NamedTuple):
    """What words say of a journey: modes; total length in km and least time in seconds of the stated legs."""

    modes: frozenset[str]
    km: int | None
    seconds: int | None


class Capacity(NamedTuple):
    """A yearly output: milligrams of ``of``, an element, a family of materials, or '' for whatever is made."""

    mg: int
    of: str


def route_in(words: str, assumed: str | None = None) -> Route:
    """Modes and legs named in words; an assumed mode takes the place of what words say."""
    if assumed is not None:
        return Route(frozenset({assumed}), None, None)
    words = words[:_LONGEST].lower()
    found = set(_WORD.findall(words))
    modes = frozenset(mode for mode, signs in _MODES.items() if found & signs)
    legs = [(mode, float(km.replace(",", ""))) for mode, km in _LEG.findall(words)]
    if not legs:
        return Route(modes, None, None)
    seconds = sum(km / FASTEST_KMH[mode] for mode, km in legs) * 3600
    return Route(modes, int(sum(km for _, km in legs)), int(seconds))


def fastest_kmh(modes: frozenset[str]) -> int | None:
    """Speed of the fastest of some modes, None where there is none."""
    return max((FASTEST_KMH[mode] for mode in modes), default=None)


def _tonnes(number: str, unit: str) -> float | None:
    try:
        found = float(number.replace(",", "").replace(" ", "")) * _TONNES[unit.lower()]
    except ValueError:
        return None
    return found if 0 < found <= _LARGEST_TONNES else None


def capacity_in(words: str) -> Capacity | None:
    """A yearly capacity that a description states, such as ``annual capacity of 450,000 tonnes``."""
    words = words[:_LONGEST]
    found = _CAPACITY.search(words)
    if found is None or not re.search(_YEARLY, words[max(0, found.start() - 60) : found.end() + 40], re.I):
        return None
    tonnes = _tonnes(found.group(1), found.group(2))
    if tonnes is None:
        return None
    return Capacity(int(tonnes * _MG_PER_TONNE), _meant(found.group(3) or ""))


def _meant(thing: str) -> str:
    contained = re.match(r"(?:contained )?(\w+) in \w+", thing.strip(), re.I)
    element = contained.group(1).lower() if contained else thing.strip().lower()
    if element in _ELEMENTS:
        return _ELEMENTS[element]
    return family(thing) or ""


def yearly_limit_mg(condition: str) -> int | None:
    """The limit in a permit's condition such as ``No more than 1200000 tonnes of ore a year``, in milligrams."""
    found = _LIMIT.search(condition[:_LONGEST])
    if found is None:
        return None
    tonnes = _tonnes(found.group(1), found.group(2))
    return None if tonnes is None else int(tonnes * _MG_PER_TONNE)
