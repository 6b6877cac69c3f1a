"""One case of a deceptive world as an investigator would read it: plain records between whoever gathers and whoever draws.

All text is as found and for people to read: nothing is escaped here. Numbers of papers start at 1 and name the same
credential in every part of a story.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Chain",
    "Compared",
    "Flow",
    "Happening",
    "Line",
    "Lot",
    "Paper",
    "Part",
    "Person",
    "Reason",
    "Register",
    "Side",
    "Site",
    "Source",
    "Story",
    "Told",
]


@dataclass(frozen=True, slots=True)
class Person:
    """A party that plays a part. ``name`` is what credentials call it, ``registered`` what registers say of it."""

    did: str
    name: str
    part: str
    registered: tuple[str, ...] = ()
    actor: bool = False


@dataclass(frozen=True, slots=True)
class Lot:
    """A batch or item in the chain. ``share`` is the tainted fraction of its mass (0: clean), ``root`` what the case is about."""

    id: str
    product: str
    number: str
    root: bool
    share: float


@dataclass(frozen=True, slots=True)
class Site:
    """A facility of the chain with its lots; ``rank`` puts suppliers before those whom they supply."""

    id: str
    name: str
    party: str
    country: str
    rank: int
    lots: tuple[Lot, ...]
    papers: tuple[int, ...] = ()
    more: int = 0
    """Lots that are not listed."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Goods of the chain that went from one site to another; ``kg`` is None where no mass is stated."""

    source: str
    target: str
    kg: float | None
    consignments: int
    papers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Sites and flows; ``left_out`` sites lie further away than is drawn."""

    sites: tuple[Site, ...]
    flows: tuple[Flow, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a credential by JSON pointer. ``beside`` is the value to hold against it; ``mark`` is ``changed``,
    ``claimed`` or ``true`` (what the label says of it) or empty."""

    pointer: str
    says: str
    beside: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A credential of the case. ``state`` is ``changed``, ``added`` or empty (the same bytes as in the honest world)."""

    number: int
    url: str
    kind: str
    title: str
    issuer: str
    did: str
    dates: str
    status: str
    state: str
    instances: tuple[str, ...]
    stands_for: str = ""
    """URL of the credential that the honest world has in its place."""
    beside: str = ""
    """Whose values stand in ``Line.beside``; empty where there are none."""
    lines: tuple[Line, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """A row of ledger or acts, told: when, who, what. ``source`` is the file; ``about`` says of what it is a fact."""

    time: str
    who: str
    what: str
    source: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What was said and what is true, in words; ``apart`` is how far, where both are numbers or moments."""

    claimed: str = ""
    true: str = ""
    unit: str = ""
    apart: str = ""
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """What a decider says, and of which papers (numbers; none of those of a twin)."""

    text: str
    papers: tuple[int, ...] = ()
    times: int = 1


@dataclass(frozen=True, slots=True)
class Side:
    """One instance, as it stands beside its counterpart. ``decided`` and ``seen`` are empty where deciders are silent."""

    instance: str
    title: str
    honest: bool
    severity: float
    where: str
    who: str
    when: str
    told: Told
    papers: str
    tainted: int
    decided: tuple[Reason, ...]
    seen: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One row of the table that holds two instances side by side."""

    what: str
    this: str
    other: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Register:
    """A register that is needed, and what it holds."""

    name: str
    holds: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a page of the handbook stands on."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One label: the instance, what decides, what it must not be confused with, and how to find it."""

    side: Side
    code: str
    pattern: str
    family: str
    depth: str
    scope: str
    scope_means: str
    dial: str
    below_tolerance: bool
    who: str
    how: str
    check: str
    confused_with: str
    twin_how: str
    look_alike: str
    why_honest: str
    counterpart: Side | None
    compared: tuple[Compared, ...]
    registers: tuple[Register, ...]
    steps: tuple[str, ...]
    known_deciders: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A case: one instance, or all of a composite, in a world of some name, seed and date."""

    name: str
    title: str
    lead: str
    honest: bool
    world: str
    seed: str
    as_of: str
    people: tuple[Person, ...]
    chain: Chain
    papers: tuple[Paper, ...]
    papers_more: int
    touched: tuple[Paper, ...]
    touched_more: int
    happenings: tuple[Happening, ...]
    happenings_more: int
    parts: tuple[Part, ...]
