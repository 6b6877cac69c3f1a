"""Random bending of JSON documents, seeded: what a careless or hostile author might do to a base."""

from __future__ import annotations

import copy
import random
from typing import Any

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, 10**30, 1e300, "", "x", " ", "did:", "did:web:", "did:web:%", "https://", "//h/p",
    "http://[", "urn:", "2026-02-30", "2026-01-01", "2026-01-01T00:00:00Z", "KGM", "DE", "@type", "@id", "\ud7ff", "0", "²",
    [], {}, [[]], [None], [{}], [1], ["x"], {"a": 1}, {"id": 5}, {"id": "x", "name": 5}, {"type": "Product"},
    {"type": ["Product", 5]}, {"@type": "Party"}, {"@context": {"@vocab": "https://v.example/"}}, {"value": "x", "unit": 5},
)  # fmt: skip
NAMES = (
    "type",
    "id",
    "name",
    "@context",
    "@id",
    "extra",
    "renderTemplate2024",
    "conformityClaim",
    "nmae",
    "schemeID",
    "",
    "a/b~c",
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        entries = item.items() if isinstance(item, dict) else enumerate(item)
        for key, member in list(entries):
            found.append((item, key))
            if isinstance(member, (dict, list)):
                waiting.append(member)
    return found


def bend(base: Any, seed: int, times: int | None = None) -> Any:
    """A copy of a document, bent in one to four random places."""
    dice = random.Random(seed)
    value = copy.deepcopy(base)
    for _ in range(times or dice.choice((1, 1, 1, 2, 4))):
        spots = places(value)
        if not spots:
            return value
        container, key = dice.choice(spots)
        what = dice.random()
        if what < 0.25:
            del container[key]
        elif what < 0.55:
            container[key] = copy.deepcopy(dice.choice(STRANGE))
        elif what < 0.7:
            other, name = dice.choice(spots)
            container[key] = copy.deepcopy(other[name]) if other is not container else None
        elif what < 0.8 and isinstance(container, dict):
            container[dice.choice(NAMES)] = container.pop(key)
        elif what < 0.9 and isinstance(container, dict):
            container[dice.choice(NAMES)] = copy.deepcopy(dice.choice(STRANGE))
        elif isinstance(container[key], list):
            container[key] = container[key][0] if container[key] else {}
        else:
            container[key] = [container[key]]
    return value
