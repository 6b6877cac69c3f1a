"""What belongs into a passport and what into events beside it: history is linked, and flows stay with the site (LLD, MB rows)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import identifier, mappings, related, short, slug
from assay.harness.material import Credential, CredentialSet, Document, Kind, Path
from assay.harness.results import Finding

__all__: list[str] = []

_PASSPORT = frozenset({Kind.DPP})
_EVENTS = frozenset(
    {"DigitalTraceabilityEvent", "LifecycleEvent", "MakeEvent", "ModifyEvent", "MoveEvent"}
    | {"AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent"}
)
_FLOWS = frozenset(
    {
        "scope-1-ghg-emissions",
        "scope-2-ghg-emissions",
        "scope-3-upstream-emissions",
        "scope-3-downstream-emissions",
    }
    | {"total-ghg-emissions", "total-energy-consumption", "non-renewable-energy-consumption"}
    | {"onsite-renewable-generation", "total-water-withdrawal", "water-consumption", "water-discharge"}
    | {
        "water-stress-area-withdrawal",
        "total-waste-generated",
        "hazardous-waste-generated",
        "waste-to-landfill",
    }
)
"""UN performance metrics that add up what went through a site in a period; the intensities beside them describe a product."""
_MAXIMUM_OBJECTS = 20_000


@check("LLD-001", whole_set=True)
def a_passport_is_never_rewritten(material: CredentialSet) -> Iterator[Finding]:
    """Under one identifier there is one passport: what changes later stands in events, not in the passport anew."""
    first: dict[str, Document] = {}
    passports = [one for one in material.documents if one.kind is Kind.DPP and isinstance(one, Credential)]
    if not passports:
        raise NotApplicable("no passport is part of the set")
    for document in passports:
        name = identifier(document.value)
        known = first.setdefault(name, document) if name else document
        if known.value != document.value:
            yield Finding(
                at=document.at("id"),
                expected=f"the passport that {short(known.source)} shows under this identifier",
                received="another content",
                hint="Issue a new credential under a new id, or an event; whoever kept the first must not be misled.",
            )


@check("LLD-002", kinds=_PASSPORT)
def events_are_linked_not_embedded(document: Document) -> Iterator[Finding]:
    """What others do with a product is added as a link at the resolver; the passport holds no events."""
    for path, value in _objects(related(document.value, "credentialSubject"), ("credentialSubject",)):
        found = value.get("type")
        types = {name for name in (found if isinstance(found, list) else [found]) if isinstance(name, str)}
        if types & _EVENTS:
            yield Finding(
                at=document.at(*path),
                expected="a link to the event",
                received=f"the event itself ({', '.join(sorted(types & _EVENTS))})",
                hint="Issue the event as a credential of its own and register it with the product's resolver.",
            )


def _objects(value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The objects below a value, the first twenty thousand."""
    waiting: list[tuple[Path, Any]] = [(path, value)]
    for _ in range(_MAXIMUM_OBJECTS):
        if not waiting:
            return
        where, item = waiting.pop()
        if isinstance(item, dict):
            yield where, item
            waiting += [((*where, name), member) for name, member in item.items()]
        elif isinstance(item, list):
            waiting += [((*where, place), member) for place, member in enumerate(item)]


@check("MB-018", kinds=_PASSPORT)
def passport_gives_intensities(document: Document) -> Iterator[Finding]:
    """A passport tells what a unit of product stands for, not how much went through the site in a year."""
    for node in document.nodes("Claim"):
        for position, performance in mappings(node.value.get("claimedPerformance")):
            metric = slug(identifier(performance.get("metric")))
            if metric in _FLOWS:
                yield Finding(
                    at=node.at("claimedPerformance", position, "metric"),
                    expected="an intensity or a share, per unit of product",
                    received=f"{metric}, a flow of the site",
                    hint="Put totals into the facility record; divide by output for the passport.",
                )
