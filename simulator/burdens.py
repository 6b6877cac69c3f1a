"""Burdens of goods as integers: carbon, water, energy and recycled matter, and how they are shared without a rest.

Totals are milligrams of CO2e, microlitres of water and milliwatt-hours, so that a factor in kilograms per kilogram,
litres per kilogram (which is cubic metres per tonne) or kilowatt-hours per kilogram, times milligrams of dry product,
needs no conversion. Whoever draws part of a lot takes that part of its burdens, and the last draw takes what is left:
nothing is rounded away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assay.simulator.chemistry import PPM

__all__ = ["NOTHING", "Burden", "Factors", "Recycled", "Stock", "allocate", "summed"]


class Recycled(NamedTuple):
    """Milligrams of one element that were scrap of making (``pre``) or came out of used products (``post``)."""

    pre: int = 0
    post: int = 0


_NONE: Mapping[str, Recycled] = {}  # a plain dict: burdens travel to other processes, and nobody changes it


class Burden(NamedTuple):
    """What some goods have caused so far: milligrams of CO2e, microlitres, milliwatt-hours; recycled parts by element.

    A named tuple, because several are made for every fact.
    """

    carbon: int = 0
    water: int = 0
    energy: int = 0
    recycled: Mapping[str, Recycled] = _NONE

    def part(self, amount: int, of: int) -> Burden:
        """The burdens of ``amount`` out of ``of``, rounded down."""
        if amount == of:
            return self
        recycled = self.recycled
        if recycled:
            recycled = {
                e: Recycled(pre * amount // of, post * amount // of) for e, (pre, post) in recycled.items()
            }
        return Burden(
            self.carbon * amount // of, self.water * amount // of, self.energy * amount // of, recycled
        )

    def less(self, other: Burden) -> Burden:
        """What is left when ``other`` is taken away."""
        recycled: Mapping[str, Recycled] = _NONE
        if self.recycled:
            left = {
                element: Recycled(mine.pre - taken.pre, mine.post - taken.post)
                for element, mine in self.recycled.items()
                if (taken := other.recycled.get(element, Recycled())) != mine
            }
            recycled = left or _NONE
        return Burden(
            self.carbon - other.carbon, self.water - other.water, self.energy - other.energy, recycled
        )


NOTHING = Burden()


def summed(burdens: Iterable[Burden]) -> Burden:
    """All burdens together."""
    carbon = water = energy = 0
    recycled: dict[str, Recycled] = {}
    for burden in burdens:
        carbon, water, energy = carbon + burden.carbon, water + burden.water, energy + burden.energy
        if burden.recycled:
            for element, (pre, post) in burden.recycled.items():
                known = recycled.get(element)
                recycled[element] = (
                    Recycled(pre, post) if known is None else Recycled(known.pre + pre, known.post + post)
                )
    return Burden(carbon, water, energy, recycled or _NONE)


def _split(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` in proportion to ``weights``, exactly: each part ends where the running share ends, rounded down."""
    whole, parts, running, before = sum(weights), [], 0, 0
    for weight in weights:
        running += weight
        reached = total * running // whole if whole else 0
        parts.append(reached - before)
        before = reached
    return parts


def allocate(
    total: Burden,
    weights: Sequence[int],
    contents: Sequence[Mapping[str, int]],
    losses: Mapping[str, int],
) -> list[Burden]:
    """Burdens of the outputs of one batch, whose sum is ``total`` but for the recycled matter that was lost.

    ``weights``: masses, or contained elements; ``contents``: milligrams by element of each output.
    """
    if len(weights) == 1 and not total.recycled:
        return [total]
    carbon, water, energy = (_split(part, weights) for part in (total.carbon, total.water, total.energy))
    recycled: list[dict[str, Recycled]] = [{} for _ in weights]
    for element, part in total.recycled.items():
        held = [content.get(element, 0) for content in contents]
        shares = [*held, losses.get(element, 0)]
        split = zip(_split(part.pre, shares), _split(part.post, shares), strict=True)
        for place, (pre, post) in enumerate(split):
            if place < len(recycled) and (pre or post):
                recycled[place][element] = Recycled(pre, post)
    return [
        Burden(mine, water[place], energy[place], recycled[place] or _NONE)
        for place, mine in enumerate(carbon)
    ]


@dataclass(slots=True)
class _Heap:
    mass: int
    burden: Burden


class Stock:
    """Burdens of what lies at each place, lot by lot. A heap that is used up is forgotten."""

    def __init__(self) -> None:
        self._heaps: dict[tuple[str, str], _Heap] = {}

    def __len__(self) -> int:
        return len(self._heaps)

    def put(self, place: str, lot: str, mass: int, burden: Burden) -> None:
        heap = self._heaps.get((place, lot))
        if heap is None:
            self._heaps[place, lot] = _Heap(mass, burden)
        else:
            heap.mass += mass
            heap.burden = summed((heap.burden, burden))

    def draw(self, place: str, lot: str, mass: int) -> Burden:
        """Take ``mass`` and its part of the burdens away. Overdrawing is a defect of whoever reports the facts."""
        heap = self._heaps.get((place, lot))
        if heap is None or not 0 <= mass <= heap.mass:
            raise ValueError(f"{mass} mg of {lot} do not lie at {place}")
        if mass == heap.mass:
            del self._heaps[place, lot]
            return heap.burden
        taken = heap.burden.part(mass, heap.mass)
        heap.mass -= mass
        heap.burden = heap.burden.less(taken)
        return taken

    def total(self) -> Burden:
        return summed(heap.burden for heap in self._heaps.values())


@dataclass(frozen=True, slots=True)
class Factors:
    """What a process causes for each kilogram of dry product, in millionths of kilogram CO2e, litre, kilowatt-hour."""

    carbon: int = 0
    water: int = 0
    energy: int = 0

    def of(self, mass: int) -> Burden:
        """Burdens of making ``mass`` milligrams."""
        return Burden(mass * self.carbon // PPM, mass * self.water // PPM, mass * self.energy // PPM)
