"""Element content of products: as the passport states it, or as the user assumes it, otherwise unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assay.harness.graph.reading import member
from assay.profiles.contracts.characteristics import dry_grades

__all__ = ["Grade", "grade_of"]

_ELEMENT = re.compile(r"[A-Z][a-z]?")
_WORD = re.compile(r"\w+")
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Grade:
    """``contained``: kilogram of element per kilogram as weighed; ``ppm`` the same, rounded, for people to read."""

    contained: dict[str, Decimal]
    assumed: bool

    @property
    def ppm(self) -> dict[str, int]:
        return {
            element: int((share * _MILLION).to_integral_value()) for element, share in self.contained.items()
        }


def grade_of(
    key: str,
    name: str | None,
    categories: Iterable[str],
    passport: Any,
    assumed: Mapping[str, Mapping[str, float]],
) -> Grade | None:
    """Grade of one product. What a passport states wins over what the user assumes.

    An assumption applies by product identifier, by name, by category code, or by a word of the name, in that order.
    """
    stated = dry_grades(member(passport, "credentialSubject", "characteristics"))
    if stated is not None:
        grades, moisture = stated
        dry = 1 - Decimal(str(moisture))
        contained = {e: Decimal(str(g)) * dry for e, g in grades.items() if _ELEMENT.fullmatch(e)}
        return Grade(contained, False) if contained else None
    found = _assumption(key, name or "", set(categories), assumed)
    if found is None:
        return None
    return Grade({element: Decimal(str(share)) for element, share in found.items()}, True)


def _assumption(
    key: str, name: str, categories: set[str], assumed: Mapping[str, Mapping[str, float]]
) -> Mapping[str, float] | None:
    if key in assumed:
        return assumed[key]
    folded = name.casefold()
    words = _WORD.findall(folded)
    for wanted in sorted(assumed):
        if wanted.casefold() == folded:
            return assumed[wanted]
    for wanted in sorted(assumed):
        if wanted in categories:
            return assumed[wanted]
    for wanted in sorted(assumed, key=lambda text: (-len(text), text)):
        if _within(_WORD.findall(wanted.casefold()), words):
            return assumed[wanted]
    return None


def _within(sought: list[str], words: list[str]) -> bool:
    size = len(sought)
    return size > 0 and any(words[start : start + size] == sought for start in range(len(words) - size + 1))
