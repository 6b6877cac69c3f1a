"""Custody accounts kept along the stream of facts: what may be said of each lot, period statements, credits.

Amounts are measured, never true: what scales and laboratory said of a lot decides what its holder may claim. Only lots
that still exist, open periods and standing credits are remembered.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assay.simulator.chemistry import PPM
from assay.simulator.custody import (
    CreditRegister,
    Input,
    PeriodAccount,
    Refused,
    Roots,
    blended_share,
    merged_roots,
    physical,
    segregated,
    shares_elements,
    single_source,
)
from assay.simulator.custody_claims import (
    CreditClaim,
    CustodyClaim,
    CustodyEvent,
    Measuring,
    Papers,
    RetirementClaim,
    StatementClaim,
)
from assay.simulator.custody_entries import CustodyEntry
from assay.simulator.facts import Arrival, Conversion, Fact, Lot, Portion, Source
from assay.simulator.world import Organisation, World

__all__ = ["CustodyBooks"]

_DAY = 1440


@dataclass(slots=True)
class _Known:
    """What is remembered of a lot that exists: dry milligrams left, and what was said of it."""

    lot: Lot
    left: int
    roots: Roots
    begins: bool
    sold: bool
    """Credits were booked against it or its materials: it conforms nowhere else."""
    claim: CustodyClaim | None = None


@dataclass(slots=True)
class _Batch:
    """One conversion (or one lot from outside, without inputs) while its outputs are looked at."""

    event: str
    time: int
    inputs: tuple[tuple[Portion, _Known], ...]
    fed: bool = False
    """Its inputs were counted."""


@dataclass(slots=True)
class _Account:
    """One entry at one facility."""

    entry: CustodyEntry
    number: int
    facility: str
    period: PeriodAccount
    length: int

    @property
    def start(self) -> int:
        return self.period.number * self.length

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(slots=True)
class _Register:
    """One credit register with who keeps it and who buys."""

    entry: CustodyEntry
    number: int
    keeper: Organisation
    buyer: Organisation
    credits: CreditRegister
    waiting: list[tuple[int, str, str]] = field(default_factory=list)
    """Transfers to come: minutes, credit, seller."""


class CustodyBooks:
    """All custody accounts of a world. Feed it facts in order; ask for the claim of a lot once its fact was fed."""

    def __init__(self, world: World, measuring: Measuring | None = None) -> None:
        self._world = world
        self._measuring: Measuring = measuring if measuring is not None else Papers(world.seed)
        self._lots: dict[str, _Known] = {}
        self._accounts: dict[tuple[str, str], _Account] = {}
        self._producers: dict[tuple[str, str], _Register] = {}
        self._claimants: dict[tuple[str, str], _Register] = {}
        self._registers: list[_Register] = []
        self._markets = {site.facility for site in world.scenario.sites if site.kind == "market"}
        for number, entry in enumerate(world.scenario.custody, 1):
            if entry.model == "book-and-claim":
                self._open_register(number, entry)
            else:
                self._open_accounts(number, entry)
        self.active = bool(world.scenario.custody)
        self._next = self._end()
        """When the next period of an account ends."""

    def _open_accounts(self, number: int, entry: CustodyEntry) -> None:
        share = entry.yield_.ppm if entry.yield_ is not None else PPM
        opening = _split(entry.opening, len(entry.facilities))
        for facility, stock in zip(entry.facilities, opening, strict=True):
            account = _Account(entry, number, facility, PeriodAccount(share, stock), entry.period_days * _DAY)
            for product in entry.products:
                self._accounts[facility, product] = account

    def _open_register(self, number: int, entry: CustodyEntry) -> None:
        world, claimant = self._world, entry.claimant
        assert claimant is not None  # the scenario was checked
        nation = world.facilities[entry.facilities[0]].nation
        keeper = world.parties[entry.register_ or world.scenario.certifiers[nation]]
        buyer = world.facilities[claimant.facility].operator
        register = _Register(
            entry, number, keeper, buyer, CreditRegister(f"{keeper.id}-{number}", entry.quota)
        )
        self._registers.append(register)
        for facility in entry.facilities:
            for product in entry.products:
                self._producers[facility, product] = register
        self._claimants[claimant.facility, claimant.product] = register

    def on(self, fact: Fact) -> Iterator[CustodyEvent]:
        """Take one fact in, and say what happened to accounts and credits since the one before."""
        if not self.active:
            return
        yield from self._until(fact.time)
        if isinstance(fact, Source):
            yield from self._source(fact)
        elif isinstance(fact, Conversion):
            yield from self._conversion(fact)
        elif isinstance(fact, Arrival) and fact.destination in self._markets:
            for portion in fact.items:
                self._use(portion)

    def end(self, time: int) -> Iterator[CustodyEvent]:
        """Nothing happens any more until ``time``: close the periods that end by then."""
        if self.active:
            yield from self._until(time)

    def claim(self, lot: Lot) -> CustodyClaim | None:
        """What may be said of a lot that exists."""
        known = self._lots.get(lot.id)
        return known.claim if known is not None else None

    def remembered(self) -> int:
        """How many lots are remembered."""
        return len(self._lots)

    # time

    def _until(self, time: int) -> Iterator[CustodyEvent]:
        """Period ends and transfers up to a moment, in order."""
        due: list[tuple[int, int, CustodyEvent]] = []
        if self._next <= time:
            accounts = {id(account): account for account in self._accounts.values()}.values()
            for account in accounts:
                while account.end <= time:
                    end, statement = account.end, self._close(account)
                    if statement is not None:
                        due.append((end, len(due), statement))
            self._next = self._end()
        for register in self._registers:
            while register.waiting and register.waiting[0][0] <= time:
                moment, credit, seller = heapq.heappop(register.waiting)
                due += [
                    (moment, len(due), event) for event in self._transfer(register, credit, seller, moment)
                ]
        due.sort(key=lambda item: item[:2])
        yield from (event for _, _, event in due)

    def _end(self) -> float:
        return min((account.end for account in self._accounts.values()), default=math.inf)

    def _close(self, account: _Account) -> StatementClaim | None:
        """End a period; nothing is said of one in which nothing happened."""
        moment = self._world.moment
        start, end = moment(account.start), moment(account.end)
        balance = account.period.close()
        if account.entry.model != "mass-balance":
            account.period.opening = 0  # only a balance carries anything over
        if not balance.fed and not balance.made:
            return None
        return StatementClaim(account.entry, account.number, account.facility, start, end, balance)

    # facts

    def _source(self, fact: Source) -> Iterator[CustodyEvent]:
        lot = fact.lot
        roots = {lot.facility: _elements(lot)}
        known = _Known(lot, lot.material.mass, roots, begins=True, sold=False)
        self._lots[lot.id] = known
        yield from self._decide(known, _Batch(lot.id, fact.time, ()))

    def _conversion(self, fact: Conversion) -> Iterator[CustodyEvent]:
        inputs = [(portion, self._find(portion.lot)) for portion in fact.inputs]
        roots = merged_roots(known.roots for _, known in inputs)
        sold = any(known.sold for _, known in inputs)
        batch = _Batch(fact.outputs[0].id if fact.outputs else "", fact.time, tuple(inputs))
        for lot in fact.outputs:
            known = _Known(lot, lot.material.mass, roots, begins=not inputs, sold=sold)
            self._lots[lot.id] = known
            yield from self._decide(known, batch)
        for portion in fact.inputs:
            self._use(portion)

    def _find(self, lot: Lot) -> _Known:
        """What is remembered of a lot; of used goods that come back from customers nothing is."""
        known = self._lots.get(lot.id)
        if known is None:
            known = _Known(lot, 0, {lot.facility: _elements(lot)}, begins=False, sold=True)
        return known

    def _use(self, portion: Portion) -> None:
        known = self._lots.get(portion.lot.id)
        if known is None:
            return
        known.left -= portion.mass
        if known.left <= 0:
            del self._lots[portion.lot.id]
            self._measuring.forget(portion.lot.id)
            for register in self._registers:
                register.credits.forget(portion.lot.id)

    # decisions

    def _decide(self, known: _Known, batch: _Batch) -> Iterator[CustodyEvent]:
        """Say what the account of a new lot's product allows."""
        key = known.lot.facility, known.lot.product
        if key in self._accounts:
            known.claim = self._state(self._accounts[key], known, batch)
        elif key in self._producers:
            yield from self._book(self._producers[key], known, batch)
        if key in self._claimants:
            yield from self._retire(self._claimants[key], known, batch.time)

    def _state(self, account: _Account, known: _Known, batch: _Batch) -> CustodyClaim | None:
        entry, period = account.entry, account.period
        items = self._items(entry, known, batch)
        amount = self._measuring.made(known.lot, entry.element)
        if not batch.fed:
            batch.fed = True
            period.feed(sum(item.amount for item in items), sum(item.conforming for item in items))
        try:
            conforming = self._allowed(account, known, items, amount)
        except Refused:
            return None
        moment = self._world.moment
        start, end = moment(account.start), moment(account.end)
        return CustodyClaim(entry.model, entry.scheme, entry.element, amount, conforming, start, end)

    def _allowed(self, account: _Account, known: _Known, items: Sequence[Input], amount: int) -> int:
        """Milligrams of the lot that conform under the account's model; the account counts the lot either way."""
        entry, period = account.entry, account.period
        try:
            physical(items, entry.model)
            conforming = _whole_or_part(entry, known, items, amount)
        except Refused:
            period.report(amount, 0)
            raise
        if entry.model == "mass-balance":
            period.claim(amount)
        else:
            period.report(amount, conforming)
        return conforming

    def _items(self, entry: CustodyEntry, known: _Known, batch: _Batch) -> list[Input]:
        if not batch.inputs:  # what enters the world is its own material
            return [self._item(entry, known, known, self._measuring.made(known.lot, entry.element))]
        return [
            self._item(entry, known, source, self._measuring.used(portion, batch.event, entry.element))
            for portion, source in batch.inputs
        ]

    def _item(self, entry: CustodyEntry, known: _Known, source: _Known, amount: int) -> Input:
        return Input(
            amount=amount,
            conforming=_conforming(entry, source, amount),
            stated=source.claim.model if source.claim is not None else None,
            roots=source.roots,
            shared=shares_elements(_elements(known.lot), _elements(source.lot)),
            begins=source.begins,
        )

    # credits

    def _book(self, register: _Register, known: _Known, batch: _Batch) -> Iterator[CustodyEvent]:
        entry, lot = register.entry, known.lot
        if known.sold:
            return
        amount = self._measuring.made(lot, entry.element)
        if lot.facility not in entry.conforming:
            items = self._items(entry, known, batch)
            total = sum(item.amount for item in items)
            amount = amount * sum(item.conforming for item in items) // total if total else 0
        amount = min(amount, register.credits.quota - register.credits.booked)
        if amount <= 0:
            return
        holder = self._world.facilities[lot.facility].operator
        credit = register.credits.book(holder.id, lot.id, amount)
        known.sold = True
        yield CreditClaim(
            entry, register.number, register.keeper, credit, holder, self._world.moment(batch.time), lot
        )
        if holder.id != register.buyer.id:
            moment = batch.time + entry.transfer_days * _DAY
            heapq.heappush(register.waiting, (moment, credit.id, holder.id))

    def _transfer(self, register: _Register, credit: str, seller: str, time: int) -> Iterator[CustodyEvent]:
        old, new = register.credits.transfer(credit, seller, register.buyer.id)
        moment = self._world.moment(time)
        yield CreditClaim(
            register.entry, register.number, register.keeper, new, register.buyer, moment, None, (old,)
        )

    def _retire(self, register: _Register, known: _Known, time: int) -> Iterator[CustodyEvent]:
        entry, lot, claimant = register.entry, known.lot, register.entry.claimant
        assert claimant is not None
        amount = self._measuring.made(lot, entry.element)
        wanted = amount * int(claimant.share * PPM) // PPM
        try:
            retired = register.credits.retire(register.buyer.id, wanted, lot.id)
        except Refused:
            return  # not enough credits: nothing is claimed of this lot
        length = entry.period_days * _DAY
        start = time // length * length
        moment = self._world.moment
        known.claim = CustodyClaim(
            model=entry.model,
            scheme=entry.scheme,
            element=entry.element,
            amount=amount,
            conforming=wanted,
            start=moment(start),
            end=moment(start + length),
            register=register.keeper,
        )
        yield RetirementClaim(
            entry=entry,
            number=register.number,
            register=register.keeper,
            retired=retired,
            holder=register.buyer,
            lot=lot,
            share=known.claim.share,
            time=moment(time),
        )
        if retired.replaced is not None:
            left = retired.replaced
            yield CreditClaim(
                entry, register.number, register.keeper, left, register.buyer, moment(time), None
            )


def _split(amount: int, parts: int) -> list[int]:
    return [amount * (place + 1) // parts - amount * place // parts for place in range(parts)]


def _elements(lot: Lot) -> frozenset[str]:
    return frozenset(element for element, amount in lot.material.elements.items() if amount)


def _whole_or_part(entry: CustodyEntry, known: _Known, items: Sequence[Input], amount: int) -> int:
    """What of a lot conforms under a model, as far as its materials decide; refused where it is nothing."""
    if entry.model == "identity-preserved":
        single_source(_elements(known.lot), items)
    elif entry.model == "segregated":
        segregated(items)
    elif entry.model == "controlled-blending":
        amount = amount * blended_share(items, entry.minimum_ppm) // PPM
    if amount <= 0:
        raise Refused("COC-01", f"the lot holds no {entry.element}")
    return amount


def _conforming(entry: CustodyEntry, source: _Known, amount: int) -> int:
    """How much of an input's element meets the standard: what is stated of it, or all where its maker's goods conform."""
    claim = source.claim
    if claim is not None and claim.element == entry.element and claim.scheme == entry.scheme:
        return amount * claim.share // PPM if claim.model != "book-and-claim" else 0
    if source.sold or claim is not None:
        return 0
    return amount if source.lot.facility in entry.conforming else 0
