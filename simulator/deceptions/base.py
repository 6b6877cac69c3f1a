"""What every pattern has: its part, its own random stream, the draft of its label, and hooks into the stream of a world.

A pattern class serves the fraud and its honest twin (``self.honest``): both are made in the same way on different targets
and differ in the decisive fact only. It hooks in where the lie belongs: a smuggler changes facts and claims, a
greenwasher only claims, a forger only credentials. What really happened goes to the ledger (facts) and to the acts;
nothing ever says "this is a fraud" but the label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from assay.profiles.deceptions.handbook import Pattern, patterns
from assay.simulator.claim_kinds import BatchClaim, Claim
from assay.simulator.deceptions.parts import Key, Part
from assay.simulator.deceptions.plans import planned_at, planned_deliveries
from assay.simulator.facts import Fact, Lot
from assay.simulator.issuance.abouts import Wish
from assay.simulator.issuance.names import credential_url
from assay.simulator.randomness import Stream
from assay.simulator.scenario import Scenario
from assay.simulator.world import Organisation, World

if TYPE_CHECKING:
    from assay.simulator.deceptions.injector import Injector

__all__ = ["WHOLE", "Deception", "Draft", "void"]

WHOLE = 1_000_000
"""Parts per million of everything."""


_LUMP = 2
"""Batches by which the oldest of a consignment may lie behind the newest: where stocks go in lumps, no turn would come."""
_SURE = 88
"""Hundredths of the planned consignments of a place, among which the first is that is played with."""


def void(wish: Wish) -> Wish:
    """The wish keeps its place in the status list, but nothing is issued."""
    return replace(wish, void=True)


@dataclass(slots=True)
class Draft:
    """A label that is being written: what an instance did, while it does it."""

    world: World
    part: Part
    roots: list[str] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    changed: dict[str, None] = field(default_factory=dict)
    added: dict[str, None] = field(default_factory=dict)
    absent: dict[str, None] = field(default_factory=dict)
    tainted: dict[str, int] = field(default_factory=dict)
    """Passport: parts per million of its lot."""
    facts: dict[str, Any] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    spared: bool = False
    """Below the tolerance, whatever the severity says."""

    def root(self, *credentials: Wish | str) -> None:
        """The credentials that carry the lie (of a twin: those that correspond)."""
        for credential in credentials:
            url = credential if isinstance(credential, str) else self.url(credential)
            if url not in self.roots:
                self.roots.append(url)

    def url(self, wish: Wish) -> str:
        """Where the credential of a wish stands."""
        return credential_url(self.world, wish.issuer, wish.kind, wish.key)

    def actor(self, *organisations: Organisation) -> None:
        """Who deceives (or, of a twin, does the same honestly)."""
        for organisation in organisations:
            if organisation.did not in self.actors:
                self.actors.append(organisation.did)

    def target(self, *names: str) -> None:
        """What it happened to, beside the target of the part: lots, consignments, permits, facilities."""
        self.targets += [name for name in names if name not in self.targets]

    def told(self, **facts: Any) -> None:
        """Numbers and names for whoever tells the case: ``claimed``, ``true``, ``unit`` and others, plain JSON values."""
        self.facts.update(facts)

    def span(self, start: datetime, end: datetime) -> None:
        """When it happened; asked again, the span grows."""
        self.start = start if self.start is None else min(self.start, start)
        self.end = end if self.end is None else max(self.end, end)


class Deception:
    """One instance of a pattern, or its twin. Hooks yield what happens, is said or is wished for instead.

    Hooks are asked only about the instance's own ``facilities`` and ``parties``, and claims and wishes of the kinds that they name
    (``hears``, ``heeds``). By default they change nothing.
    """

    code: ClassVar[str] = ""
    """Set by the decorator ``pattern``."""
    needs: ClassVar[str] = ""
    """What a scenario must have to give this pattern targets, for the error message."""
    repeat: ClassVar[int] = 1
    """How many instances may play at one target. Patterns of batches and consignments allow several."""

    sooner: ClassVar[int] = 100
    """Hundredths of its turn after which it begins: as late as leaves an occasion, so that no time of the year is suspect."""
    waits: ClassVar[bool] = True
    """Whether what it acts on comes after the batch of its turn: a consignment, a customer. Then the last batches are no turn."""
    follows: ClassVar[bool] = False
    """Whether it asks ``reached`` about batches of its target that are under way."""
    counts: ClassVar[bool] = False
    """Whether its turn is that of a consignment (``left``), not of a batch. It has one all the same, unless it plays from the start."""
    scarce: ClassVar[str] = ""
    """What it takes for itself at its target, where there may be few: others that take it too play elsewhere while they can."""

    hears: ClassVar[frozenset[type] | None] = None
    """Kinds of claims that ``on_claim`` does something about; it is not asked about others. None: all."""
    heeds: ClassVar[frozenset[type] | None] = None
    """What a wish must be about (its kinds) that ``on_wish`` does something about; it is not asked about others. None: all."""

    def __init__(self, part: Part, seed: int) -> None:
        self.part = part
        self.seed = seed
        self.facilities: set[str] = set()
        self.parties: set[str] = set()
        self._last_leaving: datetime | None = None
        """When the last consignment left of which it was asked."""
        self._leavings = 0
        """How many did."""
        self.seen = 0
        """Batches that its target facility has told of."""
        self.world: World = None  # type: ignore[assignment]  # bound before any hook is asked
        self.label: Draft = None  # type: ignore[assignment]
        self._injector: Injector = None  # type: ignore[assignment]

    # what the class says before anything is built

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        """Every target of a scenario, in its order: names of facilities, permits (number), parties or others."""
        raise NotImplementedError

    @classmethod
    def unsure(cls, scenario: Scenario) -> frozenset[str]:
        """Targets where it may find no occasion, as far as the plan tells: they are taken last."""
        return frozenset()

    def prepare(self, scenario: Scenario) -> Scenario:
        """The scenario with what must be in place before the world is built: parties added, a place, a limit, an owner.

        Nothing that is issued honestly may come, go or change its order through it. Added parties come last.
        """
        return scenario

    def keys(self, scenario: Scenario) -> Iterable[tuple[str, Key]]:
        """Further keys of organisations: the organisation's id, and the key."""
        return ()

    # what an instance knows

    @property
    def honest(self) -> bool:
        return self.part.honest

    @property
    def target(self) -> str:
        return self.part.target

    @property
    def severity(self) -> int:
        """Parts per million."""
        return self.part.severity

    @property
    def ready(self) -> bool:
        """Whether its turn has come. Standing papers do not wait for it."""
        return self.seen * 100 > self.part.turn * self.sooner or not self.part.turn

    def reached(self, moment: datetime, *lots: Lot) -> bool:
        """Whether its turn has come for goods on their way at a moment: what its target made of them came after its turn.

        They may leave long after the batch of the turn was made.
        Mostly the oldest of them counts, for one instance in three the newest: neither large nor small consignments are chosen
        more often.
        """
        places = [place for lot in lots if (place := self._injector.place(lot)) is not None]
        if places:
            place = max(places) if self._newest else max(min(places), max(places) - _LUMP)
            return place * 100 > self.part.turn * self.sooner or not self.part.turn
        return self.left(moment)

    def left(self, moment: datetime, *lots: Lot) -> bool:
        """Whether its turn has come for a consignment that leaves its target at a moment: so many left before, of those planned.

        It counts those that it is asked about, each at a moment of its own. Where none is planned, since goods are fetched as they
        come, their batches decide (``reached``).
        """
        if lots and not self._planned_to_leave:
            return self.reached(moment, *lots)
        if moment != self._last_leaving:
            self._last_leaving, self._leavings = moment, self._leavings + 1
        return self._leavings > self._first_to_leave or (not self.part.turn and self._makes_goods)

    @cached_property
    def _makes_goods(self) -> bool:
        """Whether its target makes something. Then no turn means that it plays from the start."""
        return planned_at(self.world.scenario, self.target) > 0

    @cached_property
    def _newest(self) -> bool:
        return self.stream("newest").below(3) == 0

    @cached_property
    def _planned_to_leave(self) -> int:
        return planned_deliveries(self.world.scenario, self.target)

    @cached_property
    def _first_to_leave(self) -> int:
        """After how many consignments its turn comes."""
        return self.stream("leaving").below(max(1, self._planned_to_leave * _SURE // 100))

    @property
    def entry(self) -> Pattern:
        """What the handbook says of the pattern."""
        return patterns()[self.code]

    @property
    def guests(self) -> list[Organisation]:
        """Parties that are there for it, in the order in which ``prepare`` added them."""
        parties = self.world.parties
        mine = (name for name, of in self.world.guests.items() if of == self.part.instance)
        return [parties[name] for name in mine if name in parties]

    @property
    def struck(self) -> bool:
        """Whether it has happened: there is a root credential."""
        return bool(self.label.roots)

    def stream(self, purpose: str) -> Stream:
        """A random stream of the instance's own. A twin draws the same numbers as its fraud would at its place."""
        return Stream(self.seed, f"deception|{self.code}|{self.target}|{self.part.instance}", purpose)

    # what it may do

    def bind(self, world: World, label: Draft, injector: Injector) -> None:
        """Take its place in a world."""
        self.world, self.label, self._injector = world, label, injector
        label.target(self.target)
        if self.target in world.facilities:
            self.facilities.add(self.target)
            label.actor(world.facilities[self.target].operator)
        elif self.target in world.parties:
            self.parties.add(self.target)
            label.actor(world.parties[self.target])
        self.setup()

    def setup(self) -> None:
        """Choose facilities and parties to listen to, once the world is there."""

    def takes(self, name: str, *, alone: bool = False) -> bool:
        """Take a lot, consignment, credential or credit for itself. False where an instance has it that it contradicts.

        ``alone``: whoever has it contradicts it. So for what is issued elsewhere, under another URL, or sealed otherwise.
        """
        return self._injector.takes(self, name, alone)

    def taint(self, lot: Lot, part: int = WHOLE) -> None:
        """So much of a lot (ppm) is not what its papers say; what is made of it is tainted in proportion."""
        self._injector.taint(self, lot, part)

    def instead(self, old: Claim, new: Claim) -> Claim:
        """Say ``new`` in place of ``old``; returns ``new``. What is issued because of it is compared with the honest."""
        self._injector.instead(self, old, new)
        return new

    def said(self, lot: Lot) -> tuple[BatchClaim, BatchClaim] | None:
        """The honest claim about a batch and what is said instead, where an instance altered it before."""
        return self._injector.said(lot)

    def replaced(self, old: Wish, new: Wish) -> Wish:
        """Issue ``new`` in place of ``old``: same issuer, kind, key and time, so that it takes its very place. Returns ``new``."""
        self._injector.replaced(self, old, new)
        return new

    def moved(self, old: Wish, new: Wish) -> tuple[Wish, Wish]:
        """Issue ``new`` in place of ``old`` elsewhere: by another issuer, at another time, under another key.

        Yield both: the old keeps its place in the status list, the new takes a spare one. Links follow if you ``redirect``.
        """
        spare = replace(new, spare=True)
        self._injector.moved(self, old, spare)
        return void(old), spare

    def dropped(self, old: Wish) -> Wish:
        """Never issue ``old``. Yield what comes back."""
        self._injector.moved(self, old, None)
        return void(old)

    def added(self, new: Wish) -> Wish:
        """Issue something that nobody would issue otherwise. Yield what comes back. No instance that contradicts it may take it."""
        self.takes(new.key, alone=True)
        spare = replace(new, spare=True)
        self._injector.moved(self, None, spare)
        return spare

    def done(self, wish: Wish) -> Wish:
        """What a wish of its own says was really done: write the acts down. Returns the wish.

        Acts of honest wishes are written down by themselves, unless the wish is moved or dropped.
        """
        self._injector.done(wish)
        return wish

    def really(self, wish: Wish) -> Wish:
        """What was really done is what this wish says, not what the honest one that it stands for would have said. Returns it."""
        self._injector.really(wish)
        return wish

    def redirect(self, old: str, new: str) -> None:
        """Passports and records that link to one credential link to another instead (certificate, custody, footprint)."""
        self._injector.redirect(self, old, new)

    def changes(self, *urls: str) -> None:
        """Credentials that differ from the honest world for a reason that nobody else can see. The last resort."""
        self.label.changed.update(dict.fromkeys(urls))

    def act(self, act: str, time: datetime, by: Organisation | str, **more: Any) -> None:
        """Write down what somebody really did: a row of ``acts.jsonl``. Values are plain JSON."""
        self._injector.acts.add(act, time, by if isinstance(by, str) else by.did, more)

    # hooks

    def start(self) -> Iterable[Wish]:
        """What is issued before anything happens; what does not depend on facts."""
        return ()

    def on_fact(self, fact: Fact) -> Iterator[Fact]:
        """What really happened at one of its facilities."""
        yield fact

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        """What is said about one of its facilities."""
        yield claim

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        """What is issued about one of its facilities, or by or about one of its parties."""
        yield wish

    def end(self) -> Iterable[Wish]:
        """What is issued when nothing will follow."""
        return ()
