"""What belongs into a passport and what into events beside it: history is linked, and flows stay with the site (LLD, MB rows)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import identifier, mappings, related, short, slug
from assay.harness.material import Credential, CredentialSet, Document, Kind, Path, SignatureState
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
_EVENT_KINDS = frozenset({Kind.DTE})
_STOCKTAKES = frozenset({"stocktaking", "stocktake", "inventorycheck", "stockcount"})
"""Codes of the activity, without separators; ``stock_taking`` is that of the GS1 Core Business Vocabulary."""
_STATE = ("characteristics", "performanceClaim", "dimensions", "materialProvenance")
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


@check("DPP-064", whole_set=True)
def use_makes_no_new_editions(material: CredentialSet) -> Iterator[Finding]:
    """Of one item there is one passport of its issuer: what use changes stands in modify events.

    Variants of one edition, which share its date, and passports of models and batches are left alone.
    """
    first: dict[tuple[str, str], Document] = {}
    for document in sorted(material.documents, key=lambda one: str(related(one.value).get("validFrom"))):
        product = related(document.value, "credentialSubject")
        if document.kind is not Kind.DPP or product.get("idGranularity") != "item":
            continue
        key = (identifier(product), identifier(related(document.value, "issuer")))
        known = first.setdefault(key, document)
        later = known.value.get("validFrom") != document.value.get("validFrom")
        if all(key) and later and any(_state(known, name) != _state(document, name) for name in _STATE):
            yield Finding(
                at=document.at("credentialSubject"),
                expected=f"a modify event beside the passport {short(identifier(known.value))}",
                received="a later passport of the same item with another state",
                hint="Leave the passport as the item left the works; tell repair and use by events.",
            )


def _state(document: Document, name: str) -> Any:
    return related(document.value, "credentialSubject").get(name)


@check("DID-014", whole_set=True)
def old_credentials_outlive_a_change_of_keys(material: CredentialSet) -> Iterator[Finding]:
    """Whoever changes keys leaves the old one in the DID document, so that what it has signed still verifies."""
    credentials = [one for one in material.documents if isinstance(one, Credential)]
    sound = {one.issuer_id for one in credentials if one.signature.state is SignatureState.VALID}
    if not sound:
        raise NotApplicable("no credential of the set verifies")
    for document in credentials:
        if document.issuer_id in sound and document.signature.code == "key-not-found":
            yield Finding(
                at=document.at(),
                expected=f"the key that signed, in the DID document of {short(document.issuer_id)}",
                received="it is gone, while other credentials of the issuer verify",
                hint="Keep retired keys in verificationMethod and assertionMethod as long as credentials rest on them.",
            )


@check("MB-019", kinds=_EVENT_KINDS)
def stocktakes_say_what_was_found(document: Document) -> Iterator[Finding]:
    """An event that counts stock gives the quantity of every product, and the place."""
    subject = document.value.get("credentialSubject")
    for place, event in mappings(subject if isinstance(subject, list) else [subject]):
        code = str(related(event, "activityType").get("code")).lower().replace("_", "").replace("-", "")
        if code not in _STOCKTAKES:
            continue
        products = [
            (name, position, item)
            for name in ("movedProduct", "modifiedProduct", "inputProduct", "outputProduct")
            for position, item in mappings(event.get(name))
        ]
        path: Path = ("credentialSubject", place) if isinstance(subject, list) else ("credentialSubject",)
        missing = [(*path, name, position) for name, position, item in products if not item.get("quantity")]
        if not any(name.endswith("Facility") and event[name] for name in event):
            missing.append(path)
        for where in missing:
            yield Finding(
                at=document.at(*where),
                expected="quantity and place of the stock that was found",
                received="no facility" if where == path else "no quantity",
                hint="Opening and closing stock of a period are what a balance begins and ends with.",
            )


@check("LLD-002", kinds=_PASSPORT)
def events_are_linked_not_embedded(document: Document) -> Iterator[Finding]:
    """What others do with a product is added as a link at the resolver; the passport holds no events."""
    for chain, value in _objects(related(document.value, "credentialSubject"), ((), "credentialSubject")):
        found = value.get("type")
        if found is None:
            continue
        types = {name for name in (found if isinstance(found, list) else [found]) if isinstance(name, str)}
        if types & _EVENTS:
            path = _path(chain)
            yield Finding(
                at=document.at(*path),
                expected="a link to the event",
                received=f"the event itself ({', '.join(sorted(types & _EVENTS))})",
                hint="Issue the event as a credential of its own and register it with the product's resolver.",
            )


_Chain = tuple[()] | tuple[Any, str | int]
"""What leads to the parent of a value, and one step further; a path is put together only where one is told."""


def _objects(value: Any, chain: _Chain) -> Iterator[tuple[_Chain, Mapping[str, Any]]]:
    """The objects below a value, the first twenty thousand."""
    waiting: list[tuple[_Chain, Any]] = [(chain, value)]
    for _ in range(_MAXIMUM_OBJECTS):
        if not waiting:
            return
        where, item = waiting.pop()
        if isinstance(item, dict):
            yield where, item
            waiting += [((where, name), member) for name, member in item.items()]
        elif isinstance(item, list):
            waiting += [((where, place), member) for place, member in enumerate(item)]


def _path(chain: _Chain) -> Path:
    steps: list[str | int] = []
    while chain:
        chain, step = chain
        steps.append(step)
    return tuple(reversed(steps))


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
