"""The handbook: 43 patterns of deception (F01 to F43) and 24 honest look-alikes (B01 to B24).

``patterns.yaml`` and ``look_alikes.yaml`` hold the entries, ``sources.yaml`` what they stand on. An entry without a
source, with a word that is not in :mod:`~assay.profiles.deceptions.terms`, or with an empty sentence is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, TypeVar

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from assay.profiles.deceptions.terms import Aspect, Depth, Family, Register, Scope, Target

__all__ = [
    "HandbookError",
    "LookAlike",
    "Pattern",
    "UnknownPattern",
    "contradiction",
    "find",
    "load",
    "look_alikes",
    "patterns",
    "sources",
]

_FOLDER = Path(__file__).parent
_LONGEST_QUERY = 200

Sentence = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
FraudCode = Annotated[str, Field(pattern=r"^F[0-9]{2}$")]
HonestCode = Annotated[str, Field(pattern=r"^B[0-9]{2}$")]
Sources = Annotated[tuple[Sentence, ...], Field(min_length=1)]


class HandbookError(ValueError):
    """A handbook that cannot be used; the message names file, entry, key and mend."""


class UnknownPattern(LookupError):
    """No entry has this name or code; ``nearest`` are the names most like it (none may be)."""

    def __init__(self, asked: str, nearest: tuple[str, ...]) -> None:
        self.asked = asked
        self.nearest = nearest
        mend = f"did you mean {', '.join(nearest)}?" if nearest else "'assay patterns list' names all"
        shown = "".join(sign for sign in asked[:_LONGEST_QUERY] if sign.isprintable())
        super().__init__(f"pattern '{shown}' is unknown; {mend}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern of deception, as an investigator would explain it.

    ``tolerance_ppm``: an instance with a severity below it is labelled ``below_tolerance``; ``None``: any severity counts.
    ``metadata``: issue times, domains or numbers of documents are the evidence themselves, so the leak test leaves it out.
    ``technical``: its credentials may fail signature, validity or status. ``touches``: what of its target it bends.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=False)

    code: FraudCode
    name: Name
    title: Sentence
    actor: Sentence
    family: Family
    depth: Depth
    scope: Scope
    difficulty: Annotated[int, Field(ge=1, le=5)]
    dial: Sentence
    tolerance_ppm: Annotated[int, Field(ge=0, lt=1_000_000)] | None
    metadata: bool
    technical: bool
    target: Target
    touches: Annotated[tuple[Aspect, ...], Field(min_length=1)]
    registers: tuple[Register, ...]
    who: Sentence
    how: Sentence
    check: Sentence
    confused_with: Sentence
    twin: HonestCode
    twin_how: Sentence
    sources: Sources


@dataclass(frozen=True, slots=True)
class LookAlike:
    """One kind of honesty that looks like a deception. Asked for alone, it is the twin of ``stands_for``."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=False)

    code: HonestCode
    name: Name
    title: Sentence
    what: Sentence
    why_honest: Sentence
    stands_for: FraudCode
    sources: Sources


_E = TypeVar("_E", Pattern, LookAlike)


@cache
def sources() -> Mapping[str, str]:
    """What entries stand on, by key."""
    return MappingProxyType(_read(_FOLDER / "sources.yaml"))


@cache
def patterns() -> Mapping[str, Pattern]:
    """All patterns by code, in order."""
    return load()[0]


@cache
def look_alikes() -> Mapping[str, LookAlike]:
    """All look-alikes by code, in order."""
    return load()[1]


def find(name_or_code: str) -> Pattern | LookAlike:
    """The entry of that name or code, in any case.

    :raises UnknownPattern: there is none.
    """
    asked = re.sub(r"[\s_]+", "-", name_or_code[:_LONGEST_QUERY].strip()).lower()
    entries: dict[str, Pattern | LookAlike] = {}
    every: tuple[Pattern | LookAlike, ...] = (*patterns().values(), *look_alikes().values())
    for entry in every:
        entries[entry.code.lower()] = entries[entry.name] = entry
    if asked in entries:
        return entries[asked]
    # Part of a name is the likeliest mistake, then a slip of the keys.
    parts = [key for key in entries if len(asked) > 3 and asked in key]
    near = dict.fromkeys([*parts, *get_close_matches(asked, entries, n=3)])
    shown = (key.upper() if re.fullmatch(r"[fb][0-9]{2}", key) else key for key in near)
    raise UnknownPattern(name_or_code, tuple(shown)[:3])


def contradiction(first: Pattern, second: Pattern) -> tuple[Aspect, ...]:
    """What both would bend on one target; empty where they can strike together.

    Parts of one composite are exempt: there the second builds upon what the first has bent.
    """
    return tuple(aspect for aspect in first.touches if aspect in second.touches)


def load(folder: Path = _FOLDER) -> tuple[Mapping[str, Pattern], Mapping[str, LookAlike]]:
    """Patterns and look-alikes of a folder, by code.

    :raises HandbookError: an entry is incomplete, has no source, an unknown word, a name twice, or no such counterpart.
    """
    known = _read(folder / "sources.yaml")
    frauds = _entries(folder / "patterns.yaml", known, TypeAdapter(dict[FraudCode, Pattern]))
    honest = _entries(folder / "look_alikes.yaml", known, TypeAdapter(dict[HonestCode, LookAlike]))
    names: dict[str, str] = {}
    every: tuple[Pattern | LookAlike, ...] = (*frauds.values(), *honest.values())
    for entry in every:
        if entry.name in names:
            raise HandbookError(
                f"{entry.code}: name '{entry.name}' is that of {names[entry.name]}; choose another"
            )
        names[entry.name] = entry.code
    for pattern in frauds.values():
        if pattern.twin not in honest:
            raise HandbookError(f"patterns.yaml: {pattern.code}.twin: look-alike '{pattern.twin}' is unknown")
    for other in honest.values():
        if other.stands_for not in frauds or frauds[other.stands_for].twin != other.code:
            raise HandbookError(
                f"look_alikes.yaml: {other.code}.stands_for: '{other.stands_for}' must be a pattern whose twin is {other.code}"
            )
    return MappingProxyType(frauds), MappingProxyType(honest)


def _entries(path: Path, known: Mapping[str, str], adapter: TypeAdapter[dict[str, _E]]) -> dict[str, _E]:
    """Entries of a file, sources spelt out, in order of code."""
    raw = _read(path)
    for code, entry in raw.items():
        if not isinstance(entry, dict):
            raise HandbookError(f"{path.name}: {code}: a mapping is wanted")
        keys = entry.get("sources")
        if not isinstance(keys, list) or not keys:
            raise HandbookError(f"{path.name}: {code}.sources: name at least one source of sources.yaml")
        missing = [key for key in keys if key not in known]
        if missing:
            raise HandbookError(f"{path.name}: {code}.sources: '{missing[0]}' is not in sources.yaml")
        entry["code"] = code
        entry["sources"] = [known[key] for key in keys]
    try:
        entries = adapter.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HandbookError(f"{path.name}: {place}: {first['msg']}") from None
    return dict(sorted(entries.items()))


def _read(path: Path) -> dict[str, Any]:
    """A YAML mapping in which no key stands twice."""
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise HandbookError(f"{path.name}: {error}") from None
    if not isinstance(content, dict):
        raise HandbookError(f"{path.name}: a mapping is wanted")
    return content


_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]  # built in C where yaml was
    """A safe loader that refuses a key that stands twice."""


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    if not all(isinstance(key, str) for key in keys):
        raise yaml.YAMLError("every key must be a text")
    twice = [key for index, key in enumerate(keys) if key in keys[:index]]
    if twice:
        raise yaml.YAMLError(f"key '{twice[0]}' stands twice")
    return {
        key: loader.construct_object(value, deep=True)
        for key, (_, value) in zip(keys, node.value, strict=True)
    }


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
