"""Deceptions at work: asked about every fact, claim and wish that is about their places, and their labels written.

What an instance changes is known exactly: each altered claim and wish is kept beside the honest one, and in the end both are
rendered and compared. So a label names the credentials that differ from the honest world, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import orjson

from assay.profiles.deceptions.handbook import patterns
from assay.simulator.claim_kinds import BatchClaim, Claim, MakeClaim, MoveClaim, SiteClaim, StockClaim
from assay.simulator.custody_claims import CreditClaim, RetirementClaim, StatementClaim
from assay.simulator.deceptions.acts import Acts
from assay.simulator.deceptions.base import Deception, Draft
from assay.simulator.deceptions.hooks import (
    PLACES,
    claim_fields,
    claims_through,
    facts_through,
    subjects,
    wishes_through,
)
from assay.simulator.deceptions.parts import NoOccasion
from assay.simulator.deceptions.registry import players
from assay.simulator.deceptions.taint import Taint
from assay.simulator.facts import Arrival, Conversion, Departure, Fact, Lot
from assay.simulator.issuance.abouts import (
    Entry,
    FacilityRecord,
    Identity,
    Passport,
    Wish,
)
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.names import credential_url, passport_url
from assay.simulator.publication import Office
from assay.simulator.world import World

if TYPE_CHECKING:
    from assay.profiles.contracts.labels import Label

__all__ = ["Injector"]

_PPM = 1_000_000
_Hook = Literal["on_fact", "on_claim", "on_wish"]
_LINKING = (Passport, FacilityRecord)
"""What links to certificates."""
_HOOKS: tuple[_Hook, ...] = ("on_fact", "on_claim", "on_wish")


@dataclass(frozen=True, slots=True)
class _Audience:
    """Who is asked about wishes of a kind, in order (nobody where none heeds it), and whose guest one of them is about."""

    instances: tuple[Deception, ...]
    host: Deception | None


@dataclass(slots=True, eq=False)
class _Change:
    """A wish that differs from the honest one: before, after, and the entry that came of it."""

    instances: dict[str, Deception]
    old: Wish | None
    new: Wish | None
    entry: Entry | None = None


class Injector:
    """All instances of one world. Good for one run of the stream: facts, then claims, then wishes.

    ``write`` is given what people really did, a row of ``acts.jsonl`` at a time; without it nobody hears of it.
    """

    def __init__(self, world: World, write: Callable[[bytes], object] | None = None) -> None:
        self.world = world
        self.acts = Acts(write)
        self._instances: list[Deception] = []
        self._facilities: dict[_Hook, dict[str, list[Deception]]] = {hook: {} for hook in _HOOKS}
        """By hook and facility: who has something to say there."""
        self._parties: dict[str, list[Deception]] = {}
        self._homes: dict[str, list[Deception]] = {}
        """By facility: whose target it is."""
        self._followed_up: set[str] = set()
        """Facilities of which somebody asks where a batch stands among all."""
        self._places: dict[str, int] = {}
        """By lot of such a facility: how many batches it had made with this one."""
        self._taken: dict[str, list[tuple[Deception, bool]]] = {}
        self._taint = Taint()
        self._claims: dict[int, tuple[Claim, Claim, Deception]] = {}
        """By identity of the altered claim: itself, the honest one, and whose it is."""
        self._said: dict[str, tuple[BatchClaim, BatchClaim]] = {}
        """By lot: the honest claim about a batch, and what is said instead."""
        self._wishes: dict[int, _Change] = {}
        self._changes: list[_Change] = []
        self._redirects: dict[str, tuple[str, Deception]] = {}
        self._really: dict[str, Wish] = {}
        """By key: what was done in place of what the honest wish would say."""
        self._started = False
        known = players()
        for part in world.parts:
            instance = known[part.code](part, world.seed)
            instance.bind(world, Draft(world, part), self)
            self._instances.append(instance)
            self._homes.setdefault(instance.target, []).append(instance)
            if instance.follows:
                self._followed_up.add(instance.target)
            hooks = [
                hook for hook in _HOOKS if getattr(known[part.code], hook) is not getattr(Deception, hook)
            ]
            for hook in hooks:
                for name in instance.facilities:
                    self._facilities[hook].setdefault(name, []).append(instance)
            if "on_wish" in hooks:
                for name in instance.parties:
                    self._parties.setdefault(name, []).append(instance)
        self._heard: dict[tuple[type, str | int | None], tuple[Deception, ...]] = {}
        """By kind of a claim and its facility or route: who is asked about it, in order."""
        self._audiences: dict[tuple[type, Any, Any], _Audience] = {}
        """By kind of what a wish is about, and its facilities and parties, or what they follow from."""
        self._by_name = {instance.part.instance: instance for instance in self._instances}

    def instance(self, name: str) -> Deception:
        """The instance of this name. Raises :class:`KeyError` where none has it."""
        return self._by_name[name]

    # what instances ask for

    def takes(self, instance: Deception, name: str, alone: bool) -> bool:
        aspects = set(instance.entry.touches)
        mine = instance.part.composite
        for other, only in self._taken.get(name, ()):
            if other is instance or (mine is not None and other.part.composite == mine):
                continue
            if alone or only or aspects & set(other.entry.touches):
                return False
        self._taken.setdefault(name, []).append((instance, alone))
        return True

    def taint(self, instance: Deception, lot: Lot, part: int) -> None:
        if not instance.honest:
            self._taint.begin(instance.part.instance, lot, part)
            instance.label.tainted[passport_url(self.world, lot)] = part

    def instead(self, instance: Deception, old: Claim, new: Claim) -> None:
        known = self._claims.get(id(old))
        honest = known[1] if known is not None else old
        self._claims[id(new)] = (new, honest, instance)
        if isinstance(new, BatchClaim) and isinstance(honest, BatchClaim):
            self._said[new.lot.id] = (honest, new)

    def place(self, lot: Lot) -> int | None:
        """How many batches its facility had made with this one, where an instance that asks plays there."""
        return self._places.get(lot.id)

    def said(self, lot: Lot) -> tuple[BatchClaim, BatchClaim] | None:
        """The honest claim about a batch and what is said instead, where somebody altered it."""
        return self._said.get(lot.id)

    def replaced(self, instance: Deception, old: Wish, new: Wish) -> None:
        change = self._wishes.pop(id(old), None)
        if change is None:
            change = _Change({}, old, new)
            self._changes.append(change)
        change.new = new
        change.instances[instance.part.instance] = instance
        self._wishes[id(new)] = change

    def moved(self, instance: Deception, old: Wish | None, new: Wish | None) -> None:
        change = self._wishes.pop(id(old), None) if old is not None else None
        honest = change.old if change is not None else old
        if change is not None:
            self._changes.remove(change)
        owners = {**(change.instances if change is not None else {}), instance.part.instance: instance}
        found = _Change(owners, honest, new)
        self._changes.append(found)
        if new is not None:
            self._wishes[id(new)] = found

    def redirect(self, instance: Deception, old: str, new: str) -> None:
        self._redirects[old] = (new, instance)

    # the stream

    def facts(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """What really happened."""
        known = self._facilities["on_fact"]
        for fact in facts:
            instances: Sequence[Deception]
            if isinstance(fact, Departure | Arrival):
                instances = (*known.get(fact.origin, ()), *known.get(fact.destination, ()))
            else:
                instances = known.get(fact.facility, ())
            for happened in facts_through((fact,), instances) if instances else (fact,):
                if type(happened) is Conversion:
                    for name, lot, part in self._taint.on(happened):
                        self._by_name[name].label.tainted[passport_url(self.world, lot)] = part
                yield happened

    def claims(self, claims: Iterable[Claim]) -> Iterator[Claim]:
        """What is said."""
        for claim in claims:
            if isinstance(claim, BatchClaim):
                home = claim.lot.facility
                for instance in self._homes.get(home, ()):
                    instance.seen += 1
                if home in self._followed_up:
                    self._places[claim.lot.id] = self._homes[home][0].seen
            instances = self._hearers(claim)
            if instances:
                yield from claims_through((claim,), instances)
            else:
                yield claim

    def wishes(self, wishes: Iterable[Wish]) -> Iterator[Wish]:
        """What is issued."""
        if not self._started:
            self._started = True
            for instance in self._instances:
                yield from instance.start()
        for honest in wishes:
            audience = self._audience(honest)
            wish = honest
            if self._claims and self._speaks_of_altered(wish.about):
                self._mark(wish)
            if self._redirects and isinstance(wish.about, _LINKING):
                wish = self._followed(wish)
            if audience.host is not None:
                wish = self._welcomed(wish, audience.host)
            found = wishes_through((wish,), audience.instances) if audience.instances else (wish,)
            if self._tells_now(honest, found):
                self.done(self._really.pop(honest.key, honest))
            yield from found

    def _tells_now(self, honest: Wish, found: Sequence[Wish]) -> bool:
        """Whether acts must be told of now: of what stays as it is, they are when it is entered; of what is void, never."""
        changes = self._wishes
        for one in found:
            if one is honest:
                return id(one) in changes
            if one.void and one.key == honest.key:
                return False
        return True

    def really(self, wish: Wish) -> None:
        self._really[wish.key] = wish

    def done(self, wish: Wish) -> None:
        """Write down what was really done so that this can be issued."""
        self.acts.done(self.world, wish, credential_url(self.world, wish.issuer, wish.kind, wish.key))

    def _welcomed(self, wish: Wish, host: Deception) -> Wish:
        """What is issued by or about guests would not be there otherwise."""
        new = replace(wish, spare=True)
        self.moved(host, None, new)
        return new

    def last(self) -> Iterator[Wish]:
        for instance in self._instances:
            yield from instance.end()

    def entered(self, wish: Wish, entry: Entry) -> None:
        change = self._wishes.get(id(wish))
        if change is not None:
            change.entry = entry
        else:
            self.acts.done(self.world, wish, entry.url)

    # behind it

    def _hearers(self, claim: Claim) -> tuple[Deception, ...]:
        """Who is asked about a claim; nobody where none at its facilities hears of its kind.

        Where one does, all are asked: what it says instead may be of another kind.
        """
        kind = type(claim)
        place = claim.route if isinstance(claim, MoveClaim) else _place_of(claim)
        asked = self._heard.get((kind, place))
        if asked is None:
            places = [place] if isinstance(place, str) else []
            if isinstance(claim, MoveClaim):
                route = self.world.scenario.routes[claim.route]
                places = [route.origin, route.destination]
            asked = tuple(self._at(places, "on_claim"))
            if not any(one.hears is None or kind in one.hears for one in asked):
                asked = ()
            self._heard[kind, place] = asked
        return asked

    def _audience(self, wish: Wish) -> _Audience:
        kind = type(wish.about)
        place = PLACES.get(kind)
        if place is None:
            places, parties = subjects(wish, self.world)
            key: tuple[type, Any, Any] = kind, places, parties
        else:  # most
            key = kind, place(wish.about), wish.issuer.id
        known = self._audiences.get(key)
        if known is None:
            places, parties = subjects(wish, self.world)
            of = (one for party in parties for one in self._parties.get(party, ()))
            asked = tuple(dict.fromkeys((*self._at(places, "on_wish"), *of)))
            if not any(one.heeds is None or kind in one.heeds for one in asked):
                asked = ()
            known = self._audiences[key] = _Audience(asked, self._host(wish, places))
        return known

    def _host(self, wish: Wish, places: tuple[str, ...]) -> Deception | None:
        """Because of whom somebody is there by whom, or about whom or whose place, this is issued."""
        guests = self.world.guests
        about = wish.about.organisation.id if isinstance(wish.about, Identity) else wish.issuer.id
        name = next((name for name in (about, wish.issuer.id, *places) if name in guests), None)
        return self._by_name[guests[name]] if name is not None else None

    def _at(self, places: Iterable[str], hook: _Hook) -> list[Deception]:
        known = self._facilities[hook]
        return [one for place in places for one in known.get(place, ())]

    def _mark(self, wish: Wish) -> None:
        """Note that a wish speaks of altered claims: what would have been issued honestly is kept beside it."""
        owners: dict[str, Deception] = {}
        about = self._honest(wish.about, owners)
        change = _Change(owners, replace(wish, about=about), wish)
        self._changes.append(change)
        self._wishes[id(wish)] = change

    def _honest(self, about: Any, owners: dict[str, Deception]) -> Any:
        """What a credential is about, with the honest claims in place of altered ones."""
        changed: dict[str, Any] = {}
        for name in claim_fields(type(about)):
            value = getattr(about, name)
            if isinstance(value, tuple):
                honest = tuple(self._before(item, owners) for item in value)
                if any(one is not two for one, two in zip(honest, value, strict=True)):
                    changed[name] = honest
            elif (before := self._before(value, owners)) is not value:
                changed[name] = before
        return replace(about, **changed) if changed else about

    def _speaks_of_altered(self, about: Any) -> bool:
        """Nearly no wish does."""
        altered = self._claims
        for name in claim_fields(type(about)):
            value = getattr(about, name)
            if id(value) in altered:
                return True
            if type(value) is tuple:
                for item in value:
                    if id(item) in altered:
                        return True
        return False

    def _before(self, claim: Any, owners: dict[str, Deception]) -> Any:
        known = self._claims.get(id(claim))
        if known is None:
            return claim
        owners[known[2].part.instance] = known[2]
        inner = self._claims.get(id(known[1]))
        return known[1] if inner is None else self._before(known[1], owners)

    def _followed(self, wish: Wish) -> Wish:
        """Links that lead elsewhere now."""
        about, owners = wish.about, []
        if about.certificate in self._redirects:
            url, owner = self._redirects[about.certificate]
            about, owners = replace(about, certificate=url), [owner]
        if isinstance(about, Passport):
            if about.custody in self._redirects:
                url, owner = self._redirects[about.custody]
                about, owners = replace(about, custody=url), [*owners, owner]
            if any(url in self._redirects for _, url in about.footprints):
                links = []
                for boundary, url in about.footprints:
                    if url in self._redirects:
                        owners.append(self._redirects[url][1])
                    links.append((boundary, self._redirects[url][0] if url in self._redirects else url))
                about = replace(about, footprints=tuple(links))
        if about is wish.about:
            return wish
        new = replace(wish, about=about)
        for owner in owners:
            self.replaced(owner, wish, new)
            wish = new
        return new

    # labels

    def labels(self) -> list[Label]:
        """Every label, in the order of the scenario. Raises :class:`NoOccasion` for an instance that never had its chance."""
        idle = [one for one in self._instances if not one.struck]
        if idle:
            raise NoOccasion(self._idle(idle[0], len(idle)), tuple(one.part.instance for one in idle))
        office = Office(self.world)
        for change in self._changes:
            self._compare(office, change)
        gone = {url for one in self._instances for url in one.label.absent}
        for one in self._instances:  # what another instance never issued carries nothing any more
            one.label.roots = [url for url in one.label.roots if url not in gone] or one.label.roots
        return [self._label(one) for one in self._instances]

    def _idle(self, one: Deception, many: int) -> str:
        name = patterns()[one.code].name
        what = f"the twin of {name}" if one.honest else name
        more = f" (nor did {many - 1} more)" if many > 1 else ""
        return (
            f"deceptions.{one.part.entry}: {what} found no occasion at {one.target}{more}; "
            "ask for fewer instances, name another target with at, or lengthen the scenario"
        )

    def _compare(self, office: Office, change: _Change) -> None:
        drafts = [one.label for one in change.instances.values()]
        old = drafts[0].url(change.old) if change.old is not None else None
        new = drafts[0].url(change.new) if change.new is not None else None
        if old is not None and old == new and change.entry is not None and change.old is not None:
            entry, before = change.entry, change.old
            honest = replace(
                entry, about=before.about, edits=before.edits, seal=before.seal, issuer=before.issuer,
                valid_from=before.valid_from, valid_until=before.valid_until, purpose=before.purpose,
            )  # fmt: skip
            moved = change.new is not None and change.new.spare
            same = (
                not moved
                and honest.seal == entry.seal
                and _alike(_document(office, honest), _document(office, entry))
            )
            for draft in drafts:
                if not same:
                    draft.changed[old] = None
            return
        for draft in drafts:
            if old is not None and old != new:
                draft.absent[old] = None
            if new is not None and new != old:
                draft.added[new] = None

    def _label(self, one: Deception) -> Label:
        draft, part, pattern = one.label, one.part, one.entry
        start = draft.start or self.world.scenario.start
        tolerance = pattern.tolerance_ppm
        below = not part.honest and (draft.spared or (tolerance is not None and part.severity < tolerance))
        return {
            "instance": part.instance,
            "code": part.code,
            "pattern": pattern.name,
            "honest": part.honest,
            "look_alike": part.look_alike,
            "twin": part.twin,
            "composite": part.composite,
            "actors": draft.actors,
            "targets": draft.targets,
            "severity": part.severity / _PPM,
            "below_tolerance": below,
            "scope": pattern.scope,
            "registers": list(pattern.registers),
            "from": stamp(start),
            "until": stamp(draft.end or start),
            "root": draft.roots,
            "changed": sorted(draft.changed),
            "added": sorted(draft.added),
            "absent": sorted(draft.absent),
            "tainted": {url: ppm / _PPM for url, ppm in sorted(draft.tainted.items())},
            "told": draft.facts,
        }


def _document(office: Office, entry: Entry) -> dict[str, Any]:
    document = office.document(entry)
    office.book.passing()
    return document


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two documents are the same bytes. Most are not, and that is seen sooner than written down."""
    return one == other and orjson.dumps(one) == orjson.dumps(other)


def _place_of(claim: Claim) -> str | None:
    """The facility that a claim is about."""
    if isinstance(claim, BatchClaim):
        return claim.lot.facility
    if isinstance(claim, MakeClaim | StockClaim | SiteClaim | StatementClaim):
        return claim.facility
    if isinstance(claim, CreditClaim | RetirementClaim) and claim.lot is not None:
        return claim.lot.facility
    return None
