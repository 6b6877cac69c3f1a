"""Custody models as accounts: what each of the five allows to be said about material that was mixed or not.

Pure bookkeeping on amounts in milligrams of one contained element, as measured; nothing here knows facts, documents
or dates. An account refuses by raising :class:`Refused`, which names the rule it stands on; it never says less than
happened. The rules are those of the chain-of-custody page of specification 0.6, with controlled blending beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from assay.simulator.chemistry import PPM

__all__ = [
    "MODELS",
    "STRENGTH",
    "Credit",
    "CreditRegister",
    "Input",
    "Model",
    "PeriodAccount",
    "PeriodBalance",
    "Piece",
    "Refused",
    "Retired",
    "Roots",
    "blended_share",
    "merged_roots",
    "physical",
    "segregated",
    "shares_elements",
    "single_source",
]

Model = Literal["identity-preserved", "segregated", "controlled-blending", "mass-balance", "book-and-claim"]
MODELS: tuple[Model, ...] = get_args(Model)
STRENGTH: Mapping[Model, int] = {model: len(MODELS) - place for place, model in enumerate(MODELS)}
"""How much a model says about the very atoms: 5 identity preserved to 1 book and claim. It only falls downstream."""

Roots = Mapping[str, frozenset[str]]
"""Facilities where the lineage of a lot begins, with the elements that came from there; no elements: not assayed."""


class Refused(ValueError):
    """A custody account does not allow what was asked. ``rule`` is the row of the custody profile that forbids it."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"{why} ({rule})")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Input:
    """A material of a lot, as its receiver knows it: milligrams of the element, those that conform, and what is stated.

    ``shared`` says that material and lot have an element in common (or that one of them was never assayed): only such
    materials carry custody from one to the other. ``begins``: a lineage starts here, with a certified site.
    """

    amount: int
    conforming: int
    stated: Model | None
    roots: Roots
    shared: bool = True
    begins: bool = False


def shares_elements(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two materials have an element in common; what was not assayed may hold anything."""
    first, second = frozenset(one), frozenset(other)
    return not first or not second or not first.isdisjoint(second)


def merged_roots(found: Iterable[Roots]) -> dict[str, frozenset[str]]:
    """Roots of a lot by those of its materials. A root that was not assayed stays so, whatever else came from there."""
    merged: dict[str, frozenset[str]] = {}
    for roots in found:
        for facility, elements in roots.items():
            known = merged.get(facility)
            if known is None:
                merged[facility] = elements
            else:
                merged[facility] = known | elements if known and elements else frozenset()
    return merged


def physical(inputs: Iterable[Input], model: Model) -> None:
    """Refuse ``model`` where a material of the lot states a weaker one: custody never grows downstream."""
    for item in inputs:
        if item.shared and item.stated is not None and STRENGTH[item.stated] < STRENGTH[model]:
            raise Refused("COC-26", f"a material states {item.stated}, which is weaker than {model}")


def segregated(inputs: Iterable[Input]) -> None:
    """Refuse where any material does not conform whole: all inputs meet the same standard, from however many origins."""
    items = [item for item in inputs if item.shared]
    physical(items, "segregated")
    for item in items:
        if item.conforming < item.amount:
            raise Refused("COC-04", f"{item.amount - item.conforming} mg of a material do not conform")
        if not item.begins and item.stated is None:
            raise Refused("COC-04", "a material states no custody model of its own")


def single_source(elements: Iterable[str], inputs: Iterable[Input]) -> None:
    """Refuse where materials do not conform whole, or come from more than one place, certified or not."""
    items = list(inputs)
    shared = [item for item in items if item.shared]
    physical(shared, "identity-preserved")
    segregated(shared)
    own = frozenset(elements)
    roots = {
        facility for item in items for facility, held in item.roots.items() if shares_elements(own, held)
    }
    if len(roots) > 1:
        raise Refused("COC-02", f"material of {len(roots)} sources was mixed: {', '.join(sorted(roots))}")


def blended_share(inputs: Iterable[Input], minimum_ppm: int) -> int:
    """Share of conforming material (ppm, rounded down); refuse one below the declared minimum."""
    items = [item for item in inputs if item.shared]
    physical(items, "controlled-blending")
    total = sum(item.amount for item in items)
    share = sum(item.conforming for item in items) * PPM // total if total else 0
    if share < minimum_ppm or not share:
        raise Refused("COC-05", f"{share} ppm conform, the declared minimum is {minimum_ppm} ppm")
    return share


@dataclass(frozen=True, slots=True)
class PeriodBalance:
    """The account of one period, closed: ``opening + conforming x yield - claimed = closing``, rounded down once.

    ``fed`` is all of the element that went into the process, ``made`` all that came out; ``conforming`` and ``claimed``
    are their parts under the standard. Opening and closing are amounts that may still be claimed.
    """

    number: int
    opening: int
    fed: int
    conforming: int
    made: int
    claimed: int
    closing: int
    yield_ppm: int
    lots: int
    """Lots that were claimed."""
    refused: int
    """Lots of which nothing was claimed."""


@dataclass(slots=True)
class PeriodAccount:
    """Mass balance at one site for one element: claims never run ahead of conforming input, not even within a period."""

    yield_ppm: int
    opening: int = 0
    number: int = 0
    _fed: int = 0
    _conforming: int = 0
    _made: int = 0
    _claimed: int = 0
    _lots: int = 0
    _refused: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.yield_ppm <= PPM:
            raise ValueError(f"a yield lies above 0 and at most at 1, not at {self.yield_ppm} ppm")
        if self.opening < 0:
            raise ValueError(f"an opening stock is not negative, not even {self.opening}")

    @property
    def room(self) -> int:
        """How much may still be claimed."""
        return self.opening + self._conforming * self.yield_ppm // PPM - self._claimed

    def feed(self, amount: int, conforming: int) -> None:
        """Material went into the process."""
        if not 0 <= conforming <= amount:
            raise ValueError(f"{conforming} of {amount} cannot conform")
        self._fed += amount
        self._conforming += conforming

    def claim(self, amount: int) -> None:
        """Call a lot conforming, whole; refused where the account does not cover it."""
        self._made += amount
        if amount <= 0 or amount > self.room:
            self._refused += 1
            raise Refused("COC-06", f"{amount} mg are more than the {max(self.room, 0)} mg left")
        self._claimed += amount
        self._lots += 1

    def report(self, amount: int, claimed: int) -> None:
        """Count a lot that other rules than this balance decided on; ``claimed`` is zero where they refused."""
        self._made += amount
        self._claimed += claimed
        if claimed:
            self._lots += 1
        else:
            self._refused += 1

    def close(self) -> PeriodBalance:
        """End the period; what is left opens the next one."""
        closed = PeriodBalance(
            number=self.number,
            opening=self.opening,
            fed=self._fed,
            conforming=self._conforming,
            made=self._made,
            claimed=self._claimed,
            closing=self.room,
            yield_ppm=self.yield_ppm,
            lots=self._lots,
            refused=self._refused,
        )
        self.number, self.opening = self.number + 1, closed.closing
        self._fed = self._conforming = self._made = self._claimed = self._lots = self._refused = 0
        return closed


@dataclass(frozen=True, slots=True)
class Credit:
    """So many milligrams of the element that ``holder`` may claim once, apart from any material.

    ``evidence`` is the production that it was booked against, ``parent`` the credit that it replaced.
    """

    id: str
    number: int
    """Counted from 1 in its register."""
    holder: str
    amount: int
    evidence: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a credit that was retired."""

    credit: str
    amount: int


@dataclass(frozen=True, slots=True)
class Retired:
    """Credits that were given up for one product, for good. ``replaced`` is what remained of the last one, anew."""

    use: str
    holder: str
    pieces: tuple[Piece, ...]
    revoked: tuple[Credit, ...]
    replaced: Credit | None

    @property
    def amount(self) -> int:
        return sum(piece.amount for piece in self.pieces)


@dataclass(slots=True)
class CreditRegister:
    """Book and claim: credits are booked against production up to a quota, change hands whole, and end when retired.

    Only credits that still stand are kept. At every moment: booked = standing + retired.
    """

    name: str
    quota: int
    booked: int = 0
    retired: int = 0
    _standing: dict[str, Credit] = field(default_factory=dict)
    _evidence: set[str] = field(default_factory=set)
    _uses: set[str] = field(default_factory=set)
    _numbers: int = 0

    def standing(self, holder: str | None = None) -> Iterator[Credit]:
        """Credits in force, oldest first: of one holder, or all."""
        return (credit for credit in self._standing.values() if holder in (None, credit.holder))

    def book(self, holder: str, evidence: str, amount: int) -> Credit:
        """Book a credit against evidence of production, which serves once."""
        if amount <= 0:
            raise Refused("COC-19", "a credit has a quantity")
        if evidence in self._evidence:
            raise Refused("COC-18", f"{evidence} has served a booking before")
        if self.booked + amount > self.quota:
            raise Refused(
                "COC-17", f"{amount} mg are more than the {self.quota - self.booked} mg left of the quota"
            )
        self._evidence.add(evidence)
        self.booked += amount
        return self._stand(holder, amount, evidence, None)

    def transfer(self, credit: str, requester: str, buyer: str) -> tuple[Credit, Credit]:
        """Give a credit to a buyer at its holder's request: the old one ends, a new one of equal quantity stands."""
        old = self._standing.get(credit)
        if old is None:
            raise Refused("COC-22", f"credit {credit} does not stand: sold, retired or never booked")
        if old.holder != requester:
            raise Refused("COC-20", f"{requester} asks to transfer what {old.holder} holds")
        if buyer == requester:
            raise Refused("COC-20", f"{buyer} is buyer and holder at once")
        del self._standing[credit]
        return old, self._stand(buyer, old.amount, old.evidence, old.id)

    def retire(self, holder: str, amount: int, use: str) -> Retired:
        """Give up ``amount`` of the holder's credits for one product, oldest first; all of it or nothing."""
        if use in self._uses:
            raise Refused("COC-24", f"credits were retired for {use} before")
        if amount <= 0:
            raise Refused("COC-24", "what is retired has a quantity")
        held = list(self.standing(holder))
        if sum(credit.amount for credit in held) < amount:
            raise Refused("COC-23", f"{holder} holds less than {amount} mg")
        pieces: list[Piece] = []
        revoked: list[Credit] = []
        replaced, left = None, amount
        for credit in held:
            taken = min(left, credit.amount)
            pieces.append(Piece(credit.id, taken))
            revoked.append(credit)
            del self._standing[credit.id]
            left -= taken
            if taken < credit.amount:
                replaced = self._stand(holder, credit.amount - taken, credit.evidence, credit.id)
            if not left:
                break
        self.retired += amount
        self._uses.add(use)
        return Retired(use, holder, tuple(pieces), tuple(revoked), replaced)

    def forget(self, lot: str) -> None:
        """A lot has left the world: nobody can book it, or retire for it, again."""
        self._evidence.discard(lot)
        self._uses.discard(lot)

    def _stand(self, holder: str, amount: int, evidence: str, parent: str | None) -> Credit:
        self._numbers += 1
        name = f"{self.name}-{self._numbers:06d}"
        credit = Credit(name, self._numbers, holder, amount, evidence, parent)
        self._standing[credit.id] = credit
        return credit
