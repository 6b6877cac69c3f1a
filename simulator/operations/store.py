"""What lies at one facility: heaps of lots, oldest first. Draws are proportional and exact; used-up heaps are dropped."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import simpy

from assay.simulator.facts import Imbalance, Lot, Portion
from assay.simulator.operations.process import Need

__all__ = ["Store", "aside"]

_Steps = Generator[Any, Any, None]


@dataclass(slots=True)
class _Heap:
    lot: Lot
    mass: int
    elements: dict[str, int]


@dataclass(slots=True)
class _Shelf:
    """The heaps of one product, with their totals kept."""

    heaps: deque[_Heap]
    mass: int
    elements: dict[str, int]


def aside(product: str) -> str:
    """The shelf of a product that is off specification: nobody draws from it unawares."""
    return f"{product}, set aside"


class Store:
    """The stock of a facility. What is ``sold`` has left the chain at a market: counted, not kept."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._shelves: dict[str, _Shelf] = {}
        self._added: simpy.Event | None = None
        self._taken: simpy.Event | None = None
        self.sold: Counter[str] = Counter()

    def add(self, portion: Portion, shelf: str | None = None) -> None:
        """Put goods down, on the shelf of their product unless told otherwise."""
        key = portion.lot.product if shelf is None else shelf
        place = self._shelves.get(key)
        if place is None:
            place = self._shelves[key] = _Shelf(deque(), 0, {})
        place.heaps.append(_Heap(portion.lot, portion.mass, dict(portion.elements)))
        place.mass += portion.mass
        totals = place.elements
        for name, amount in portion.elements.items():
            totals[name] = totals.get(name, 0) + amount
        if self._added is not None:
            event, self._added = self._added, None
            event.succeed()

    def added(self) -> simpy.Event:
        """Comes true when something is next put down."""
        if self._added is None:
            self._added = self._env.event()
        return self._added

    def taken(self) -> simpy.Event:
        """Comes true when something is next taken away."""
        if self._taken is None:
            self._taken = self._env.event()
        return self._taken

    def held(self, shelf: str, element: str | None = None) -> int:
        """Milligrams of product, or of one element in it."""
        place = self._shelves.get(shelf)
        if place is None:
            return 0
        return place.mass if element is None else place.elements.get(element, 0)

    def meets(self, need: Need) -> bool:
        """Whether a need can be met from what lies here now."""
        have = self.held(need.product, need.element)
        if have >= need.amount:
            return True
        if need.instead:
            ready = sum(self.held(product, need.element) for product in need.instead)
            have += ready if need.most is None else min(ready, need.most)
        return have >= need.amount

    def wait(self, needs: Iterable[Need]) -> _Steps:
        """Wait until every need can be met at once."""
        wanted = tuple(needs)
        while not all(map(self.meets, wanted)):
            yield self.added()

    def take(self, need: Need) -> list[Portion]:
        """Draw from the oldest heaps, from stand-ins first. The last heap gives the smallest mass that holds enough."""
        taken: list[Portion] = []
        left = need.amount
        room = left if need.most is None else min(left, need.most)
        for product in need.instead:
            wanted = min(room, self.held(product, need.element))
            if wanted > 0:
                portions = self._draw(product, wanted, need.element)
                taken += portions
                got = sum(
                    p.mass if need.element is None else p.elements.get(need.element, 0) for p in portions
                )
                room, left = room - got, left - got
        if left > 0:
            taken += self._draw(need.product, left, need.element)
        if taken and self._taken is not None:
            event, self._taken = self._taken, None
            event.succeed()
        return taken

    def _draw(self, product: str, left: int, element: str | None) -> list[Portion]:
        taken: list[Portion] = []
        place = self._shelves.get(product)
        while left > 0:
            if place is None or not place.heaps:
                raise Imbalance(f"{product}: {left} more wanted than there is")
            heap, totals = place.heaps[0], place.elements
            content = heap.mass if element is None else heap.elements.get(element, 0)
            if content <= left:
                place.heaps.popleft()
                portion = Portion(heap.lot, heap.mass, heap.elements)
                left -= content
            else:
                mass = left if element is None else -(-left * heap.mass // content)
                drawn = {name: amount * mass // heap.mass for name, amount in heap.elements.items()}
                heap.mass -= mass
                for name, amount in drawn.items():
                    heap.elements[name] -= amount
                portion = Portion(heap.lot, mass, drawn)
                left = 0
            place.mass -= portion.mass
            for name, amount in portion.elements.items():
                totals[name] -= amount
            taken.append(portion)
        return _by_lot(taken)

    def first(self, shelf: str) -> int:
        """Mass of the oldest heap on a shelf, zero where there is none."""
        place = self._shelves.get(shelf)
        return place.heaps[0].mass if place and place.heaps else 0

    def contents(self) -> Iterator[Portion]:
        """Everything that lies here: one portion for each lot, in order of their names."""
        held: dict[str, tuple[Lot, int, Counter[str]]] = {}
        for place in self._shelves.values():
            for heap in place.heaps:
                known = held.get(heap.lot.id)
                if known is None:
                    held[heap.lot.id] = (heap.lot, heap.mass, Counter(heap.elements))
                else:
                    known[2].update(heap.elements)
                    held[heap.lot.id] = (heap.lot, known[1] + heap.mass, known[2])
        for _, (lot, mass, elements) in sorted(held.items()):
            yield Portion(lot, mass, dict(elements))

    def elements(self) -> Counter[str]:
        """Milligrams by element over everything that lies here or was sold from here."""
        total = Counter(self.sold)
        for place in self._shelves.values():
            total.update(place.elements)
        return total


def _by_lot(portions: list[Portion]) -> list[Portion]:
    """One portion for each lot, in the order in which lots were met: a delivery in parts is one line on paper."""
    if len({portion.lot.id for portion in portions}) == len(portions):
        return portions
    held: dict[str, Portion] = {}
    for portion in portions:
        known = held.get(portion.lot.id)
        if known is not None:
            elements = Counter(known.elements)
            elements.update(portion.elements)
            portion = Portion(portion.lot, known.mass + portion.mass, dict(elements))
        held[portion.lot.id] = portion
    return list(held.values())
