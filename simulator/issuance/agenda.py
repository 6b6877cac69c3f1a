"""What is to be issued, in order of issue: every credential with its issuer, address, validity and place in a status list.

Free of any UNTP version. A version's renderer turns an entry into a document; nothing needs to be rendered to know
where another credential will stand, so shards can be rendered apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import chain
from typing import Protocol

from assay.simulator.claim_kinds import Claim
from assay.simulator.issuance.abouts import (
    STATUS_LIST_SIZE,
    Entry,
    FacilityRecord,
    Identity,
    Kind,
    Makes,
    Passport,
    Permit,
    Planner,
    ProductCertificate,
    Purpose,
    Receipt,
    Shipment,
    SiteCertificate,
    Stocktake,
    Wish,
    place_in_list,
)
from assay.simulator.issuance.custody import CustodyPlans
from assay.simulator.issuance.governance import Governance
from assay.simulator.issuance.names import credential_url
from assay.simulator.issuance.planners import Batches, Movements, Standing
from assay.simulator.issuance.trade import Origins
from assay.simulator.randomness import Permutation
from assay.simulator.world import World

__all__ = [
    "LAG",
    "PLANNERS",
    "STATUS_LIST_SIZE",
    "Agenda",
    "Entry",
    "FacilityRecord",
    "Identity",
    "Kind",
    "Makes",
    "Passport",
    "Permit",
    "Planner",
    "ProductCertificate",
    "Purpose",
    "Receipt",
    "Shipment",
    "SiteCertificate",
    "Stocktake",
    "Wish",
    "Witness",
    "schedule",
]

LAG = timedelta(days=3)
"""How long after the fact something may be said or issued with an earlier date: what the buffer holds."""

PLANNERS = (Standing, Batches, Movements, CustodyPlans, Governance, Origins)
"""Everybody who issues, in the order in which they are asked: called with the world, each a :class:`Planner`."""


_SPARE = 128
"""One in so many places, at the end of every status list, is left free by the usual run of credentials."""


class Witness(Protocol):
    """Sees every wish before it is planned, may put others in its place, and hears what entry became of each."""

    def wishes(self, wishes: Iterable[Wish]) -> Iterable[Wish]:
        """What is planned instead."""

    def entered(self, wish: Wish, entry: Entry) -> None:
        """A wish became an entry."""

    def last(self) -> Iterable[Wish]:
        """What is issued beyond everything else."""


class _Nobody:
    def wishes(self, wishes: Iterable[Wish]) -> Iterable[Wish]:
        return wishes

    def entered(self, wish: Wish, entry: Entry) -> None:
        pass

    def last(self) -> Iterable[Wish]:
        return ()


def schedule(world: World, claims: Iterable[Claim], witness: Witness | None = None) -> Iterator[Entry]:
    """Everything that is issued because of claims, ordered by ``valid_from`` and key. Holds :data:`LAG` of entries, not more."""
    witness = witness or _Nobody()
    planners: list[Planner] = [make(world) for make in PLANNERS]
    places = _Places(world)
    heap: list[tuple[datetime, str, bool, str, str, Wish]] = []
    """By time and key; where a deception moves a wish, two may share both."""
    released = world.scenario.start
    """What was valid before this has been handed out. Until then stock from before the start may still be told of."""

    def plan(wishes: Iterable[Wish]) -> None:
        for wish in wishes:
            if wish.valid_from < released and released > world.scenario.start:
                raise RuntimeError(f"{wish.key} is issued {wish.valid_from}, long after it was due")
            heappush(heap, (wish.valid_from, wish.key, wish.void, wish.issuer.id, wish.kind, wish))

    def due(until: datetime | None) -> Iterator[Entry]:
        while heap and (until is None or heap[0][0] < until):
            wish = heappop(heap)[-1]
            entry = places.entry(wish)
            if not wish.void:
                witness.entered(wish, entry)
                yield entry

    for planner in planners:
        plan(witness.wishes(planner.start()))
    for claim in claims:
        plan(witness.wishes(chain.from_iterable(planner.on(claim) for planner in planners)))
        if claim.time - LAG > released:
            released = claim.time - LAG
            yield from due(released)
    for planner in planners:
        plan(witness.wishes(planner.end()))
    plan(witness.last())
    yield from due(None)


@dataclass(slots=True)
class _List:
    """The status list that an issuer is filling: its number, how many places are taken, and the order of places."""

    url: str
    order: Permutation
    number: int = 1
    taken: int = 0
    spared: int = 0


class _Places:
    """Gives every credential its address and the next place in its issuer's status list. A full list is followed by another."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lists: dict[tuple[str, Purpose], _List] = {}

    def _start(self, issuer: str, purpose: Purpose, number: int) -> _List:
        url = f"{issuer}/status/{purpose}-{number}"
        started = _List(url, Permutation(self._world.seed, url, "status-index", STATUS_LIST_SIZE), number)
        self._lists[issuer, purpose] = started
        return started

    def entry(self, wish: Wish) -> Entry:
        if wish.place is not None:
            list_url, index = place_in_list(self._world, wish.issuer, wish.place)
        else:
            list_url, index = self._next(wish)
        url = credential_url(self._world, wish.issuer, wish.kind, wish.key)
        return Entry(
            wish.about, wish.kind, wish.key, wish.issuer, url, wish.valid_from, wish.valid_until,
            wish.purpose, list_url, index, wish.edits, wish.seal, wish.ended,
        )  # fmt: skip

    def _next(self, wish: Wish) -> tuple[str, int]:
        issuer = wish.issuer.origin
        here = self._lists.get((issuer, wish.purpose)) or self._start(issuer, wish.purpose, 1)
        if wish.spare:
            here.spared += 1
            if here.spared > STATUS_LIST_SIZE // _SPARE:
                raise RuntimeError(f"{here.url} has no spare places left")
            return here.url, here.order[STATUS_LIST_SIZE - here.spared]
        if here.taken == STATUS_LIST_SIZE - STATUS_LIST_SIZE // _SPARE:
            here = self._start(issuer, wish.purpose, here.number + 1)
        here.taken += 1
        return here.url, here.order[here.taken - 1]


class Agenda:
    """All entries of a small world, in order of issue."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.passports = {
            entry.about.batch.lot.id: entry.url for entry in entries if isinstance(entry.about, Passport)
        }
        """Lot: its passport."""
