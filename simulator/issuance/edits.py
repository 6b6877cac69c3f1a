"""Changes to a rendered document, as data: entries carry them, whoever renders applies them. And how a token is sealed.

Pointers are RFC 6901 with two more kinds of step: ``*`` is every element, ``?member~text`` is the first element whose
member holds the text. They are of UNTP 0.7 documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

__all__ = ["Edit", "EditError", "Seal", "Span", "edited"]

_PPM = 1_000_000
Span = tuple[datetime, datetime | None]
"""From a moment until another, or for good."""


class EditError(LookupError):
    """A pointer that leads nowhere: a defect of whoever made the edit."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``value`` at ``pointer``; with ``drop`` take away what stands there; with ``scale`` (ppm) multiply the number there.

    A scaled number keeps as many decimals as it had, so that its size says nothing.
    """

    pointer: str
    value: Any = None
    drop: bool = False
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """How a token is signed: with which generation of the issuer's keys, and what was changed in it after it was signed.

    With ``turn`` the parties of its events stand in the opposite order.
    """

    generation: int = 1
    tamper: tuple[Edit, ...] = ()
    turn: bool = False


def edited(document: dict[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """The document with all edits applied, one after the other. What it shares with other documents stays as it is.

    :raises EditError: a pointer that leads nowhere.
    """
    for edit in edits:
        steps = [_unescaped(step) for step in edit.pointer.split("/")[1:]]
        changed = _at(document, steps, edit)
        assert isinstance(changed, dict)  # the root stays what it is
        document = changed
    return document


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~") if not step.startswith("?") else step


def _at(value: Any, steps: list[str], edit: Edit) -> Any:
    """A copy of ``value`` with the edit applied below it."""
    step, rest = steps[0], steps[1:]
    change: Callable[[Any], Any] = (
        (lambda old: _at(old, rest, edit)) if rest else (lambda old: _new(old, edit))
    )
    if isinstance(value, list):
        places = _places(value, step, edit)
        if edit.drop and not rest:
            return [item for place, item in enumerate(value) if place not in places]
        copy = list(value)
        for place in places:
            if place == len(copy):
                copy.append(edit.value)
            else:
                copy[place] = change(copy[place])
        return copy
    if not isinstance(value, dict) or (step not in value and (rest or edit.drop or edit.scale is not None)):
        raise EditError(f"{edit.pointer}: there is no {step!r}")
    if edit.drop and not rest:
        return {name: item for name, item in value.items() if name != step}
    return {**value, step: change(value.get(step))}


def _places(items: list[Any], step: str, edit: Edit) -> list[int]:
    if step == "*":
        return list(range(len(items)))
    if step == "-":
        return [len(items)]
    if step.startswith("?"):
        member, _, text = step[1:].partition("~")
        for place, item in enumerate(items):
            if isinstance(item, dict) and text in str(item.get(member, "")):
                return [place]
    elif step.isdigit() and int(step) < len(items):
        return [int(step)]
    raise EditError(f"{edit.pointer}: no element {step!r} among {len(items)}")


def _new(old: Any, edit: Edit) -> Any:
    if edit.scale is None:
        return edit.value
    if isinstance(old, bool) or not isinstance(old, int | float):
        raise EditError(f"{edit.pointer}: {old!r} is no number")
    exact = Decimal(str(old))
    scaled = (exact * edit.scale / _PPM).quantize(exact if exact.as_tuple().exponent else Decimal(1))
    return int(scaled) if isinstance(old, int) else float(scaled)
