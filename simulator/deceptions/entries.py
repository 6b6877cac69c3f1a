"""What a scenario says about deceptions::

    deceptions:
      - {pattern: mass-balance-overclaim, severity: 0.1, count: 5, twins: 5}
      - {pattern: F25, at: [tinderbush-mine]}
      - {look_alike: B07, count: 3}
      - {composite: forged-behind-look-alike, of: [forged-certificate, look-alike-domain]}

``severity`` is what the pattern makes of it (``assay patterns explain``), by default a tenth. ``twins`` are honest
situations that differ from the fraud in the decisive fact only; ``at`` names targets, in the order of instances.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from assay.profiles.deceptions.handbook import LookAlike, Pattern, UnknownPattern, find
from assay.simulator.sites import Entry, Name, Number, Text

__all__ = ["MOST_INSTANCES", "DeceptionEntry"]

MOST_INSTANCES = 10_000
LEAST_SEVERITY = Decimal("0.000001")
"""Severities are kept in parts per million."""
Target = Annotated[str, Field(min_length=1, max_length=200)]


class DeceptionEntry(Entry):
    """So many instances of one pattern with so many honest twins; or of a kind of honesty alone; or of several patterns together."""

    pattern: Text | None = None
    look_alike: Text | None = None
    composite: Name | None = None
    of: list[Text] = Field(default_factory=list, max_length=5)
    severity: Number = Field(default=Decimal("0.1"), ge=LEAST_SEVERITY, le=1)
    count: int = Field(default=1, strict=True, ge=0, le=MOST_INSTANCES)
    twins: int = Field(default=0, strict=True, ge=0, le=MOST_INSTANCES)
    at: list[Target] = Field(default_factory=list, max_length=1000)

    @model_validator(mode="after")
    def _one_kind(self) -> DeceptionEntry:
        if sum(name is not None for name in (self.pattern, self.look_alike, self.composite)) != 1:
            raise ValueError("give exactly one of pattern, look_alike and composite")
        if (self.composite is not None) != bool(self.of):
            raise ValueError("of: a composite names the patterns that it is made of, and nothing else does")
        if self.look_alike is not None and self.twins:
            raise ValueError("twins: a look-alike is honest already; leave twins out and use count")
        if not self.count and not self.twins:
            raise ValueError("count: neither instances nor twins are asked for; raise count or twins")
        for key, name in (("pattern", self.pattern), ("look_alike", self.look_alike)):
            if name is not None:
                _known(key, name, Pattern if key == "pattern" else LookAlike)
        for name in self.of:
            _known("of", name, Pattern)
        if self.of and len({pattern.code for pattern in self.patterns()}) < 2:
            raise ValueError("of: a composite is made of two patterns or more; for one alone write pattern")
        return self

    def patterns(self) -> list[Pattern]:
        """The patterns that play; of a look-alike the one whose twin it is."""
        if self.look_alike is not None:
            kind = find(self.look_alike)
            assert isinstance(kind, LookAlike)
            named = [kind.stands_for]
        else:
            named = [self.pattern] if self.pattern is not None else list(self.of)
        found = [find(name) for name in named]
        return [pattern for pattern in found if isinstance(pattern, Pattern)]


def _known(key: str, name: str, kind: type[Pattern] | type[LookAlike]) -> None:
    try:
        found = find(name)
    except UnknownPattern as error:
        raise ValueError(f"{key}: {error}") from None
    if not isinstance(found, kind):
        other = (
            "a look-alike; write look_alike" if isinstance(found, LookAlike) else "a pattern; write pattern"
        )
        raise ValueError(f"{key}: {name!r} is {other}: {name} instead")
