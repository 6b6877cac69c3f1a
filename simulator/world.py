"""The world that a scenario describes: nations and their bodies, parties, facilities, schemes, and what they are called.

Identifiers follow ISO/IEC 18975 structured paths below the resolver host ``id.<authority>`` of the nation; parties and
bodies have ``did:web`` on a host of their own below the authority.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal

from assay.simulator.deceptions.parts import Key, Part
from assay.simulator.facts import Ledger, Lot
from assay.simulator.pluscode import plus_code
from assay.simulator.randomness import Permutation, Stream
from assay.simulator.scenario import (
    AddressEntry,
    FacilityEntry,
    NationEntry,
    PartyEntry,
    ProductEntry,
    Register,
    Scenario,
    SchemeEntry,
    SiteEntry,
)

__all__ = ["Facility", "Nation", "Organisation", "Place", "World", "build_world"]

_MICRO = 1_000_000

Role = Literal[
    "anchor", "business", "facilities", "accreditation", "permits", "land", "customs",
    "operator", "supplier", "carrier", "certifier", "scheme-owner", "software-vendor", "apex",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Nation:
    """One nation and its bodies."""

    code: str
    alpha3: str
    name: str
    authority: str
    anchor: Organisation
    business: Organisation
    facilities: Organisation
    accreditation: Organisation
    permits: Organisation | None
    land: Organisation | None = None
    customs: Organisation | None = None

    @property
    def resolver(self) -> str:
        """Host of the nation's identity resolver."""
        return f"id.{self.authority}"

    def bodies(self) -> Iterator[Organisation]:
        """Everybody who is somebody by law: anchor, registers, accreditation, permits, land, customs."""
        yield from (self.anchor, self.business, self.facilities, self.accreditation)
        for body in (self.permits, self.land, self.customs):
            if body is not None:
                yield body


@dataclass(frozen=True, slots=True)
class Organisation:
    """A party or a public body. ``number`` is its number in the register that knows it, ``uri`` that number as a URI."""

    id: str
    role: Role
    nation: str
    name: str
    description: str
    host: str
    number: str
    uri: str
    register_host: str
    register_name: str
    registered: date
    activity: tuple[str, str]
    address: AddressEntry | None = None
    scheme: str = ""
    """Bodies: the name of the identifiers that they give out."""

    @property
    def did(self) -> str:
        return f"did:web:{self.host}"

    @property
    def origin(self) -> str:
        return f"https://{self.host}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a facility stands: micro-degrees, full plus code, closed ring of corners (latitude, longitude)."""

    latitude: int
    longitude: int
    plus_code: str
    ring: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility, its number in the facility register, and that number as a URI."""

    id: str
    name: str
    description: str
    operator: Organisation
    nation: str
    number: str
    uri: str
    register: Organisation
    process: tuple[str, str]
    address: AddressEntry
    place: Place
    alias: str | None
    earlier_record: date | None


@dataclass(frozen=True)
class World:
    """Who and where: what a scenario says and what follows from it. The ledger of what happened may be collected too."""

    scenario: Scenario
    seed: int
    nations: Mapping[str, Nation]
    parties: Mapping[str, Organisation]
    facilities: Mapping[str, Facility]
    products: Mapping[str, ProductEntry]
    schemes: Mapping[str, SchemeEntry]
    ledger: Ledger = field(default_factory=Ledger)
    """Empty unless the facts were collected (see ``simulate``)."""
    parts: tuple[Part, ...] = ()
    """Who plays which deception or honest twin where."""
    keys: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    """Organisations that have more than their first key, and those keys."""
    guests: Mapping[str, str] = field(default_factory=dict)
    """Parties and facilities that are there for a deception or twin only, and its instance."""
    told: Scenario | None = None
    """The scenario before its deceptions were prepared in it."""
    avoided: frozenset[tuple[str, str]] = frozenset()
    """Codes of patterns with targets at which they found no occasion."""

    def organisations(self) -> Iterator[Organisation]:
        """Every organisation: the bodies of each nation, then its parties."""
        for nation in self.nations.values():
            yield from nation.bodies()
        yield from self.parties.values()

    def moment(self, minutes: int) -> datetime:
        """The date and time ``minutes`` after the scenario's start."""
        return self.scenario.start + timedelta(minutes=minutes)

    def owner(self, scheme: SchemeEntry) -> Organisation:
        """The party or public body that owns a scheme."""
        office, _, nation = scheme.owner.partition(":")
        if not nation:
            return self.parties[scheme.owner]
        body = self.nations[nation].permits if office == "permits" else self.nations[nation].customs
        assert body is not None  # the scenario was checked
        return body

    def site(self, facility: str, product: str) -> SiteEntry:
        """The process that makes a product, or has it as a by-product, at a facility."""
        return self._sites[facility, product]

    @cached_property
    def tolled(self) -> Mapping[str, Sequence[SiteEntry]]:
        """By facility: its processes that work for somebody else, in the order of the scenario."""
        found: dict[str, list[SiteEntry]] = {}
        for site in self.scenario.sites:
            if site.toll_for:
                found.setdefault(site.facility, []).append(site)
        return found

    @cached_property
    def _sites(self) -> dict[tuple[str, str], SiteEntry]:
        return {(site.facility, name): site for site in self.scenario.sites for name in site.products}

    def product_uri(self, lot: Lot) -> str:
        """Identifier of a batch, or of an item."""
        nation = self.nations[self.facilities[lot.facility].nation]
        model = self.products[lot.product].model.lower()
        return f"https://{nation.resolver}/product/{model}/{lot.granularity}/{self.lot_number(lot)}"

    def lot_number(self, lot: Lot) -> str:
        """The number that people print on bags and packs: facility digits, week of making, sequence."""
        year, week, _ = self.moment(lot.made).isocalendar()
        digits = self.facilities[lot.facility].number.rsplit("-", 1)[-1]
        return f"{digits}-{year % 100:02d}{week:02d}-{lot.number:04d}"


def build_world(scenario: Scenario, seed: int, avoided: frozenset[tuple[str, str]] = frozenset()) -> World:
    """Give everybody and everything in the scenario a name, a number and an address. Nothing has happened yet.

    Where there are deceptions they get their parts, and the world's scenario is the one in which they are prepared;
    no pattern plays at a target that is ``avoided`` for it. Raises
    :class:`ScenarioError` where there are more of them than targets, or where two contradict each other.
    """
    if not scenario.deceptions:
        return _built(scenario, seed)
    from assay.simulator.deceptions.cast import cast  # patterns need the world

    with scenario.telling():
        chosen = cast(scenario, seed, avoided)
    return replace(
        _built(chosen.scenario, seed), parts=chosen.parts, keys=chosen.keys, guests=chosen.guests, told=scenario,
        avoided=avoided,
    )  # fmt: skip


def _built(scenario: Scenario, seed: int) -> World:
    nations = {code: _nation(code, entry) for code, entry in scenario.nations.items()}
    parties = {entry.id: _party(entry, scenario.nations[entry.nation], seed) for entry in scenario.parties}
    numbers = Permutation(seed, "facilities", "facility-number", 90_000)
    facilities = {
        entry.id: _facility(
            entry, parties[entry.operator], nations[parties[entry.operator].nation], numbers[place]
        )
        for place, entry in enumerate(scenario.facilities)
    }
    return World(
        scenario=scenario,
        seed=seed,
        nations=nations,
        parties=parties,
        facilities=facilities,
        products={entry.id: entry for entry in scenario.products},
        schemes={entry.id: entry for entry in scenario.schemes},
    )


def _nation(code: str, entry: NationEntry) -> Nation:
    def body(role: Role, register: Register) -> Organisation:
        number = f"{code}-AUTH-{register.host}"
        return Organisation(
            id=f"{code.lower()}-{register.host}",
            role=role,
            nation=code,
            name=register.name,
            description=f"{register.name}: keeps the {register.scheme}.",
            host=f"{register.host}.{entry.authority}",
            number=number,
            uri=f"https://id.{entry.authority}/authority/{number}",
            register_host=f"{entry.anchor.host}.{entry.authority}",
            register_name=entry.anchor.scheme,
            registered=register.registered,
            activity=("8411", "General public administration activities"),
            scheme=register.scheme,
        )

    return Nation(
        code=code,
        alpha3=entry.alpha3,
        name=entry.name,
        authority=entry.authority,
        anchor=body("anchor", entry.anchor),
        business=body("business", entry.business),
        facilities=body("facilities", entry.facilities),
        accreditation=body("accreditation", entry.accreditation),
        permits=body("permits", entry.permits) if entry.permits else None,
        land=body("land", entry.land) if entry.land else None,
        customs=body("customs", entry.customs) if entry.customs else None,
    )


def _party(entry: PartyEntry, nation: NationEntry, seed: int) -> Organisation:
    number = f"{entry.nation}-{Stream(seed, entry.id, 'business-number').between(10**9, 10**10 - 1)}"
    return Organisation(
        id=entry.id,
        role=entry.kind,
        nation=entry.nation,
        name=entry.name,
        description=entry.description,
        host=f"{entry.id}.{nation.authority}",
        number=number,
        uri=f"https://id.{nation.authority}/business/{number}",
        register_host=f"{nation.business.host}.{nation.authority}",
        register_name=nation.business.scheme,
        registered=entry.registered,
        activity=entry.activity,
        address=entry.address,
    )


def _facility(entry: FacilityEntry, operator: Organisation, nation: Nation, number_: int) -> Facility:
    number = f"{nation.code}-F-{10_000 + number_}"
    latitude, longitude = int(entry.latitude * _MICRO), int(entry.longitude * _MICRO)
    reach = int(entry.reach * _MICRO)
    south, north, west, east = latitude - reach, latitude + reach, longitude - reach, longitude + reach
    ring = ((south, west), (south, east), (north, east), (north, west), (south, west))
    return Facility(
        id=entry.id,
        name=entry.name,
        description=entry.description,
        operator=operator,
        nation=nation.code,
        number=number,
        uri=f"https://{nation.resolver}/facility/{number}",
        register=nation.facilities,
        process=entry.process,
        address=entry.address,
        place=Place(latitude, longitude, plus_code(latitude, longitude), ring),
        alias=entry.alias,
        earlier_record=entry.earlier_record,
    )
