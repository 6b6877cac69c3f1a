"""What is said and what is true in an instance, what deciders make of it, and two instances side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from assay.harness.oracles.reading import moment
from assay.harness.oracles.registry import Sighting
from assay.harness.story.words import Names, many, shown
from assay.profiles.contracts.story import Compared, Reason, Side, Told

__all__ = ["compared", "reasons", "told_of"]


def told_of(told: Mapping[str, Any], names: Names) -> Told:
    """What a label tells, in words."""
    claimed, true = told.get("claimed"), told.get("true")
    rest = [(key, value) for key, value in told.items() if key not in ("claimed", "true", "unit")][:8]
    return Told(
        claimed=_value(claimed, names) if "claimed" in told else "",
        true=_value(true, names) if "true" in told else "",
        unit=shown(told["unit"]) if told.get("unit") is not None else "",
        apart=_apart(claimed, true),
        more=tuple((shown(key), _value(value, names)) for key, value in rest),
    )


def _value(value: Any, names: Names) -> str:
    if isinstance(value, list):
        return shown(", ".join(_value(one, names) for one in value[:8]))
    if isinstance(value, dict):
        return shown(json.dumps(value, ensure_ascii=False))
    if isinstance(value, int | float) and not isinstance(value, bool) and 1000 <= abs(value) < 1e15:
        return f"{value:,.6g}" if value != int(value) else f"{int(value):,}"
    return names.anything(value) if isinstance(value, str) else shown(value)


def _apart(claimed: Any, true: Any) -> str:
    """How far two numbers or moments lie apart; empty where they are neither, or equal."""
    numbers = [one for one in (claimed, true) if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) == 2:
        rest = claimed - true
        if not rest:
            return ""
        share = f" ({rest / true:+.0%})" if true and abs(rest / true) < 100 else ""
        return f"{rest:+,.6g}{share}".replace("-", "−")
    first, second = moment(claimed), moment(true)
    if first is None or second is None or first == second:
        return ""
    hours = abs((first - second).total_seconds()) / 3600
    return many(round(hours / 24), "day") if hours >= 48 else f"{hours:.0f} hours"


def reasons(
    sightings: Sequence[Sighting], roots: Sequence[str], numbers: Mapping[str, int]
) -> tuple[Reason, ...]:
    """Sightings of root credentials; those with the same words together."""
    found: dict[str, tuple[set[int], int]] = {}
    for one in sightings:
        if set(roots) & set(one.subjects):
            papers, times = found.get(one.reason, (set(), 0))
            papers |= {numbers[url] for url in one.subjects if url in numbers}
            found[one.reason] = (papers, times + 1)
    return tuple(
        Reason(shown(text), tuple(sorted(papers)), times) for text, (papers, times) in list(found.items())[:6]
    )


def compared(this: Side, other: Side) -> list[Compared]:
    rows = [
        ("What it is", this.title, other.title),
        ("Where", this.where, other.where),
        ("Who", this.who, other.who),
        ("When", this.when, other.when),
        ("Root papers", this.papers, other.papers),
        (
            "Said",
            _with_unit(this.told.claimed, this.told.unit),
            _with_unit(other.told.claimed, other.told.unit),
        ),
        ("True", _with_unit(this.told.true, this.told.unit), _with_unit(other.told.true, other.told.unit)),
        ("Apart", this.told.apart or "nothing", other.told.apart or "nothing"),
        ("Passports tainted", f"{this.tainted:,}", f"{other.tainted:,}"),
        ("The decisive check", _voice(this.decided), _voice(other.decided)),
        ("The oracle at this scope", _voice(this.seen), _voice(other.seen)),
    ]
    telling = {"True", "Apart", "Passports tainted", "The decisive check", "The oracle at this scope"}
    if this.told.true == other.told.true:
        telling.add("Said")  # the same happened; what is said of it differs
    return [
        Compared(what, left, right, what in telling and left != right)
        for what, left, right in rows
        if (left or right) and not (what == "Apart" and left == right)
    ]


def _with_unit(value: str, unit: str) -> str:
    return f"{value} ({unit})" if value and unit else value


def _voice(reasons: Sequence[Reason]) -> str:
    return "; ".join(one.text for one in reasons) if reasons else "is silent"
