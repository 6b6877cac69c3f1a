"""Who is asked what: hooks of instances one after the other, and what facts, claims and wishes are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import Any

from assay.simulator.claim_kinds import Claim
from assay.simulator.deceptions.base import Deception
from assay.simulator.facts import Fact
from assay.simulator.issuance.abouts import Identity, Makes, Passport, Receipt, Shipment, Wish
from assay.simulator.world import Facility, World

__all__ = ["PLACES", "claim_fields", "claims_through", "facts_through", "subjects", "wishes_through"]


def facts_through(items: Sequence[Fact], instances: Iterable[Deception]) -> Sequence[Fact]:
    """Facts as they come out of the hooks of all instances, one after the other."""
    for instance in instances:
        items = [out for item in items for out in instance.on_fact(item)]
    return items


def claims_through(items: Sequence[Claim], instances: Iterable[Deception]) -> Sequence[Claim]:
    """Claims as they come out of the hooks of all instances that hear of their kind, one after the other."""
    for instance in instances:
        kinds = instance.hears
        if len(items) == 1:  # nearly always
            (item,) = items
            if kinds is None or type(item) in kinds:
                items = tuple(instance.on_claim(item))
        elif kinds is None or not kinds.isdisjoint([type(item) for item in items]):
            items = [out for item in items for out in instance.on_claim(item)]
    return items


def wishes_through(items: Sequence[Wish], instances: Iterable[Deception]) -> Sequence[Wish]:
    """Wishes as they come out of the hooks of all instances that heed their kind. What is void concerns nobody."""
    for instance in instances:
        kinds = instance.heeds
        if len(items) == 1:  # nearly always
            (item,) = items
            if not item.void and (kinds is None or type(item.about) in kinds):
                items = tuple(instance.on_wish(item))
        elif kinds is None or not kinds.isdisjoint([type(item.about) for item in items]):
            items = [out for item in items for out in ((item,) if item.void else instance.on_wish(item))]
    return items


_NAMES = {"batch", "batches", "make", "makes", "move", "stock", "site", "claim"}
_FIELDS: dict[type, tuple[str, ...]] = {}


def claim_fields(kind: type) -> tuple[str, ...]:
    """Fields of an about that hold claims."""
    known = _FIELDS.get(kind)
    if known is None:
        names = (one.name for one in fields(kind)) if is_dataclass(kind) else ()
        known = _FIELDS[kind] = tuple(name for name in names if name in _NAMES)
    return known


PLACES: Mapping[type, Callable[[Any], str]] = {
    Passport: attrgetter("batch.lot.facility"),
    Shipment: attrgetter("move.route"),
    Receipt: attrgetter("move.route"),
    Makes: attrgetter("facility.id"),
}
"""Of the kinds that most wishes are about: what their facilities follow from. Their only party is the issuer."""


def subjects(wish: Wish, world: World) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Facilities that a wish is about, and parties that issue it or that it is about."""
    about = wish.about
    if isinstance(about, Passport):
        return (about.batch.lot.facility,), (wish.issuer.id,)
    if isinstance(about, Shipment | Receipt):
        route = world.scenario.routes[about.move.route]
        return (route.origin, route.destination), (wish.issuer.id,)
    if isinstance(about, Identity):
        return (), (wish.issuer.id, about.organisation.id)
    facility = getattr(about, "facility", None)
    if isinstance(facility, Facility):
        return (facility.id,), (wish.issuer.id,)
    claim: Any = getattr(about, "stock", None) or getattr(about, "claim", None)
    place = getattr(claim, "facility", None)
    if place is None and getattr(claim, "lot", None) is not None:
        place = claim.lot.facility
    parties = [wish.issuer.id]
    for holder in (getattr(about, "holder", None), getattr(claim, "holder", None)):
        if holder is not None:
            parties.append(holder.id)
    return ((place,) if isinstance(place, str) else ()), tuple(dict.fromkeys(parties))
