"""Who plays what where: instances and twins get their targets before the world is built, and say what must be prepared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assay.profiles.deceptions.handbook import Pattern, find
from assay.simulator.deceptions.entries import DeceptionEntry
from assay.simulator.deceptions.parts import Key, Part
from assay.simulator.deceptions.plans import demanded_lots, planned_lots, shares_of_blends, sure_part
from assay.simulator.deceptions.registry import players
from assay.simulator.randomness import Permutation, Stream
from assay.simulator.scenario import Scenario, ScenarioError

__all__ = ["Cast", "cast"]

_LEFT = 8
"""One in so many sure batches, the last ones, begins no turn: what waits there for a consignment or a customer would miss it."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The parts, the scenario that they need, and the further keys of organisations."""

    scenario: Scenario
    parts: tuple[Part, ...]
    keys: Mapping[str, tuple[Key, ...]]
    guests: Mapping[str, str]
    """Parties and facilities that would not be there otherwise, and the instance that brings them."""


def cast(scenario: Scenario, seed: int, avoided: frozenset[tuple[str, str]] = frozenset()) -> Cast:
    """Give out the parts of a scenario's deceptions. Raises :class:`ScenarioError`: too few targets, or a contradiction.

    ``avoided`` are codes of patterns with targets that they are not given, unless an entry names them.
    """
    casting = _Casting(scenario, seed, avoided)
    casting.planned()
    for place, entry in enumerate(scenario.deceptions):
        casting.entry(place, entry)
    prepared, keys, guests = scenario, dict[str, tuple[Key, ...]](), dict[str, str]()
    for part in casting.parts:
        player = players()[part.code](part, seed)
        for organisation, key in player.keys(prepared):
            keys[organisation] = (*keys.get(organisation, ()), key)
        before, prepared = prepared, player.prepare(prepared)
        for there, now in ((before.parties, prepared.parties), (before.facilities, prepared.facilities)):
            guests.update({one.id: part.instance for one in now[len(there) :]})
    return Cast(prepared, tuple(casting.parts), keys, guests)


@dataclass(slots=True)
class _Casting:
    scenario: Scenario
    seed: int
    avoided: frozenset[tuple[str, str]] = frozenset()
    parts: list[Part] = field(default_factory=list)
    _lots: Counter[str] = field(default_factory=Counter)
    """By facility: batches that begin a turn of what comes after the batch."""
    _sure: Counter[str] = field(default_factory=Counter)
    """By facility: batches that it makes at the least."""
    _numbers: Counter[str] = field(default_factory=Counter)
    _used: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By code and target: instances that play there."""
    _touched: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)
    """By target and aspect: the pattern that touches it, and the composite that it belongs to."""
    _orders: dict[str, list[str]] = field(default_factory=dict)
    _crowds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By what is scarce and target: instances that want it there."""

    def planned(self) -> None:
        """Ask the plan how many batches, with those of by-products, every facility will make at the least."""
        shares = shares_of_blends(self.scenario)
        together = {site.facility: len(site.products) for site in self.scenario.sites}
        demanded = demanded_lots(self.scenario)
        for (facility, product), lots in planned_lots(self.scenario).items():
            many = together[facility]
            sure = lots * many * sure_part(shares.get(facility), many) // 100
            sure = max(sure, demanded.get((facility, product), 0) * many)
            self._sure[facility] += max(1, sure)
            self._lots[facility] += max(1, sure - max(many - 1, sure // _LEFT))

    def entry(self, place: int, entry: DeceptionEntry) -> None:
        chosen = entry.patterns()
        if entry.composite is not None:
            for _ in range(entry.count):
                self._together(place, entry, chosen)
            if entry.twins:
                raise ScenarioError(
                    f"deceptions.{place}.twins: a composite has no twin of its own; ask for twins of its patterns"
                )
            return
        (pattern,) = chosen
        look_alike = pattern.twin
        if entry.look_alike is not None:
            kind = find(entry.look_alike)
            look_alike = kind.code
            wanted = [True] * entry.count
        else:
            wanted = [False] * entry.count + [True] * entry.twins
        targets = self._targets(place, entry, pattern, len(wanted))
        names = [
            self._name(kind.code if entry.look_alike else pattern.code)
            for _ in range(max(entry.count, entry.twins))
        ]
        for number, (honest, target) in enumerate(zip(wanted, targets, strict=True)):
            twin: str | None = None
            if entry.look_alike is not None:
                name = names[number]
            elif not honest:
                name = names[number]
                twin = f"{name}t" if number < entry.twins else None
            else:
                pair = number - entry.count
                name, twin = f"{names[pair]}t", names[pair] if pair < entry.count else None
            self._part(
                place, entry, pattern, name, target, honest, twin, look_alike if honest else None, None
            )

    def _together(self, place: int, entry: DeceptionEntry, chosen: list[Pattern]) -> None:
        """All patterns of a composite at one target, or where they have none in common along one chain of supply."""
        assert entry.composite is not None
        name, chosen = self._name(entry.composite), sorted(chosen, key=lambda pattern: pattern.code)
        casts = list(self._casts(chosen))
        for target in entry.at:
            if not any(target in cast.values() for cast in casts):
                some = (
                    ", ".join(dict.fromkeys(target for cast in casts for target in cast.values())) or "none"
                )
                raise ScenarioError(
                    f"deceptions.{place}.at: {target!r} is no target of all patterns of {entry.composite}; targets: {some[:300]}"
                )
        for cast in casts:
            if not set(entry.at) & set(cast.values()) if entry.at else self.avoided & set(cast.items()):
                continue
            if all(self._free(pattern, cast[pattern.code], name) is None for pattern in chosen):
                for pattern in chosen:
                    instance = f"{name}-{pattern.code}"
                    self._part(place, entry, pattern, instance, cast[pattern.code], False, None, None, name)
                return
        names = " and ".join(pattern.name for pattern in chosen)
        raise ScenarioError(
            f"deceptions.{place}: {names} find no target together in this scenario; lower count or add one: {self._need(chosen[0])}"
        )

    def _casts(self, chosen: list[Pattern]) -> Iterator[dict[str, str]]:
        """Targets by code: first all that are one for all patterns, then those along one chain (some may share one)."""
        orders = {pattern.code: self._order(pattern) for pattern in chosen}
        first, *others = (pattern.code for pattern in chosen)
        for target in orders[first]:
            if all(target in orders[code] for code in others):
                yield dict.fromkeys(orders, target)
        upstream = _upstream(self.scenario)
        for target in orders[first]:
            near = {target} | {name for name, above in upstream.items() if target in above}
            near |= upstream.get(target, set())
            found = {code: next((one for one in orders[code] if one in near), None) for code in others}
            if all(found.values()):
                yield {first: target, **{code: one for code, one in found.items() if one is not None}}

    def _targets(self, place: int, entry: DeceptionEntry, pattern: Pattern, wanted: int) -> list[str]:
        order, found = self._order(pattern), list[str]()
        if entry.at:
            for target in entry.at:
                if target not in order:
                    some = ", ".join(order[:8]) or "none"
                    raise ScenarioError(
                        f"deceptions.{place}.at: {target!r} is no target of {pattern.name}; targets: {some}"
                    )
        order = [target for target in order if (pattern.code, target) not in self.avoided]
        repeat, scarce = players()[pattern.code].repeat, players()[pattern.code].scarce
        order = sorted(order, key=lambda target: self._crowds[scarce, target]) if scarce else order
        unsure = players()[pattern.code].unsure(self.scenario)
        order = sorted(order, key=lambda target: target in unsure) if unsure else order
        if _streaming(pattern):  # better where nobody bends the whole of what it bends a part of
            order = sorted(order, key=lambda target: self._standing(pattern, target) is not None)
        clash = ""
        for turn in range(repeat):
            for target in entry.at or order:
                if len(found) == wanted:
                    return found
                if self._used[pattern.code, target] + found.count(target) > turn:
                    continue
                other = self._free(pattern, target, None)
                if other is not None:
                    clash = f"; {other} plays at {target} already and contradicts it"
                    if entry.at:
                        raise ScenarioError(
                            f"deceptions.{place}.at: {pattern.name} contradicts {other} at {target}; choose another target for one"
                        )
                    continue
                found.append(target)
        if len(found) < wanted:
            many = _many(entry.count, "instance") + (
                f" and {_many(entry.twins, 'twin')}" if entry.twins else ""
            )
            needed = f"need {wanted} targets" if wanted > 1 else "needs a target"
            raise ScenarioError(
                f"deceptions.{place}.count: {many} of {pattern.name} {needed}, and {len(found) or 'none'} are free "
                f"({self._need(pattern)}){clash}; lower count or twins, or add targets to the scenario"
            )
        return found

    def _need(self, pattern: Pattern) -> str:
        return players()[pattern.code].needs or f"it plays at a {pattern.target}"

    def _order(self, pattern: Pattern) -> list[str]:
        """The targets of a pattern, in an order drawn for it."""
        known = self._orders.get(pattern.code)
        if known is None:
            listed = list(dict.fromkeys(players()[pattern.code].targets(self.scenario)))
            mixed = Permutation(self.seed, f"deception|{pattern.code}", "targets", max(1, len(listed)))
            known = self._orders[pattern.code] = [listed[mixed[n]] for n in range(len(listed))]
        return known

    def _free(self, pattern: Pattern, target: str, composite: str | None) -> str | None:
        """The name of a pattern that contradicts this one at a target; None where it is free.

        Instances that take single batches and consignments leave those that are taken, so that nothing contradicts them.
        """
        return None if _streaming(pattern) else self._standing(pattern, target, composite)

    def _standing(self, pattern: Pattern, target: str, composite: str | None = None) -> str | None:
        """The name of a pattern of the whole target that touches what this one touches."""
        for aspect in pattern.touches:
            other = self._touched.get((target, aspect))
            if other is not None and (composite is None or other[1] != composite):
                return other[0]
        return None

    def _part(
        self, place: int, entry: DeceptionEntry, pattern: Pattern, name: str, target: str, honest: bool,
        twin: str | None, look_alike: str | None, composite: str | None,
    ) -> None:  # fmt: skip
        self._used[pattern.code, target] += 1
        self._crowds[players()[pattern.code].scarce, target] += 1
        if not _streaming(pattern):
            self._touched.update({(target, aspect): (pattern.name, composite) for aspect in pattern.touches})
        severity = int(entry.severity * 1_000_000)
        turn = self._turn(pattern, name, target)
        self.parts.append(
            Part(name, pattern.code, honest, target, severity, turn, twin, look_alike, composite, place)
        )

    def _turn(self, pattern: Pattern, name: str, target: str) -> int:
        """After how many batches of the target facility the instance begins: drawn, so that no time of the year is suspect.

        The batches after the last sure one begin no turn. For each of them that is missing, the later of two drawn turns is taken
        more often: the mean lies near the middle of the year all the same.
        """
        batches = (self._lots if players()[pattern.code].waits else self._sure)[target]
        if not batches:
            return 0
        drawn, sure = Stream(self.seed, f"deception|{name}", "turn"), self._sure[target]
        turn, other = drawn.below(batches), drawn.below(batches)
        turn = max(turn, other) if drawn.below(sure) < 3 * (sure - batches) else turn
        return max(turn, 1) if players()[pattern.code].counts else turn

    def _name(self, base: str) -> str:
        self._numbers[base] += 1
        return f"{base}-{self._numbers[base]}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _upstream(scenario: Scenario) -> dict[str, set[str]]:
    """By facility, all from which goods come to it, however far."""
    feeds = {site.facility: {feed.origin for _, feed in site.feeds()} for site in scenario.sites}
    found: dict[str, set[str]] = {}
    for name, near in feeds.items():
        above, new = set[str](), set(near)
        while new:
            above |= new
            new = set[str]().union(*(feeds.get(one, set()) for one in new)) - above
        found[name] = above
    return found


def _streaming(pattern: Pattern) -> bool:
    """Whether its instances look for single batches, consignments or credits, of which a target has many."""
    return players()[pattern.code].repeat > 1
