"""Random, seeded damage to UNTP documents, for agreement tests: what two judges must see alike."""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from assay.profiles.untp.notation import Property, Table
from assay.profiles.untp_0_7 import CLASSES, KINDS
from assay.profiles.untp_0_7.table import TABLE

__all__ = [
    "CREDENTIAL_KINDS",
    "MUTATIONS",
    "apply_ops",
    "corpus",
    "full_document",
    "kind_of",
    "mutant",
    "other_values",
    "places_of",
]

MUTATIONS = int(os.environ.get("ASSAY_MUTATIONS", "300"))
"""Mutants per document kind; the nightly run sets ASSAY_MUTATIONS=5000."""

CREDENTIAL_KINDS = tuple(kind for kind in KINDS if kind != "Linkset")

EXTERNAL = {
    "CountryId": "AU",
    "UnitMeasureCode": "KGM",
    "mimetype": "image/png",
    "Disp": "in_transit",
    "BizStep": "shipping",
    "BTT": "po",
}
"""A value of every external list."""

Steps = tuple[str | int, ...]

STRINGS = (
    *("", " ", "x", "not-an-iri", "../up", "#fragment", "?query", "//host/path", "a b", "\t", "é", "\ud7ff"),
    *(
        "//[bad",
        "http://[bad",
        "http://a b",
        "http://x\n",
        "https://ex ample.example/a",
        "https:",
        ":",
        ":x",
        "a:b",
    ),
    *(
        "@id",
        "@type",
        "@none",
        "@json",
        "@foo",
        "@",
        "_:b0",
        "_:",
        "untp:Thing",
        "untp://x",
        "schema:name",
        "id:x",
    ),
    *(
        "did:web:issuer.example",
        "urn:uuid:1",
        "mailto:",
        "1a:b",
        "a+b:c",
        "é:x",
        "http://é.example/ü",
        "tag:\u2028x",
    ),
    *(
        "http://x\u00a0y",
        "http://x\u001cy",
        "data:text/plain,hi",
        "unit:KGM",
        "name",
        "id",
        "type",
        "party",
        "product",
    ),
    *(
        "Product",
        "Party",
        "KGM",
        "kgm",
        "ZZZ",
        "DE",
        "XX",
        "3rdParty",
        "inTransit",
        "manufacturer",
        "12",
        "true",
    ),
    *("2024-01-01", "2024-02-30", "2024-01-01T00:00:00", "2024-01-01T00:00:00Z", "2024-13-01T00:00:00Z"),
)
OTHERS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.0, 1.5, -0.0, 90, 91, 180.5, 2**63, 10**30, 1e300),
    *([], {}, [[]], [None], [{}], [1], ["x"], {"a": 1}, {"id": "x"}, {"type": ["Product"]}, {"@value": "x"}),
)
STRANGE_NAMES = (
    *("colour", "foo:bar", "https://x.example/p", "untp:zap", "schema:x", "_:p", "a b", "naame", ""),
    *(
        "@id",
        "@type",
        "@value",
        "@language",
        "@list",
        "@set",
        "@graph",
        "@reverse",
        "@index",
        "@included",
        "@nest",
    ),
    *("@context", "@json", "@vocab", "@foo", "@none"),
)
NAMES = sorted({p.name for c in CLASSES.values() for p in c.properties} | {"id", "type", "@context"})
TYPES = [*sorted(CLASSES), "VerifiableCredential"]


def kind_of(document: Any) -> str | None:
    """The kind that ``type`` names, of those that have a credential schema."""
    types = document.get("type") if isinstance(document, dict) else None
    named = types if isinstance(types, list) else [types]
    return next((name for name in named if isinstance(name, str) and name in CREDENTIAL_KINDS), None)


def corpus(artefacts: Path, requirements: Path) -> list[tuple[str, str, Any]]:
    """Published samples and edited bases: (name, kind, document)."""
    files = sorted((artefacts / "untp/0.7.0/samples").glob("*.json")) + sorted(
        (requirements / "bases").glob("*.json")
    )
    found = [(file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in files]
    return [(name, kind, document) for name, document in found if (kind := kind_of(document)) is not None]


def full_document(
    kind: str, seed: int = 0, table: Table = TABLE, *, labels: bool = False, lossless: bool = False
) -> dict[str, Any]:
    """A document of our own with every member that the class table knows, references included.

    ``labels`` gives a ``type`` to value objects that may have one; ``lossless`` leaves out what no context knows.
    """
    maker = _Maker(table, random.Random(f"{kind}/{seed}"), labels, lossless)
    document = maker.node(kind, 0, (kind, "VerifiableCredential"))
    if kind == "ConformityScheme":
        document["type"] = ["ConformityScheme"]
    return {"@context": list(table.contexts[kind]), **document}


class _Maker:
    def __init__(self, table: Table, rng: random.Random, labels: bool, lossless: bool) -> None:
        self.table = table
        self.rng = rng
        self.labels = labels
        self.lossless = lossless

    def node(self, cls: str, depth: int, types: Sequence[str] = ()) -> dict[str, Any]:
        if cls == self.table.event_base:
            cls = self.rng.choice(self.table.events)
        definition = self.table.classes[cls]
        if cls == "Characteristics":
            return {
                "moistureContent": 8.1,
                "grade": "A",
                "assay": {"lithium": 0.06, "methods": ["ICP", "XRF"]},
            }
        node: dict[str, Any] = {}
        if types or definition.typed or (self.labels and definition.labelled):
            node["type"] = list(types or definition.types)
        if definition.has_id:
            node["id"] = f"https://{cls.lower()}.example/{self.rng.randrange(1000)}"
        for prop in definition.properties:
            known = prop.in_context or prop.range != "Characteristics"
            if (prop.required or depth < 5) and (known or not self.lossless):
                one = self.value(prop, depth + 1)
                node[prop.name] = [one] if prop.many else one
        return node

    def value(self, prop: Property, depth: int) -> Any:
        if prop.kind == "code":
            return self.rng.choice(self.table.code_lists[prop.range])
        if prop.kind == "const":
            return prop.range
        if prop.kind == "external":
            return EXTERNAL.get(prop.range, "sum")
        if prop.kind == "class":
            definition = self.table.classes[prop.range]
            if definition.array:
                return [self.value(definition.properties[0], depth) for _ in range(3)]
            return self.node(prop.range, depth)
        if prop.is_node:
            target = self.table.classes[prop.range]
            node: dict[str, Any] = {}
            if prop.kind == "ref":
                node = {
                    **({"type": list(target.types)} if self.table.typed_references else {}),
                    "id": f"https://{prop.range.lower()}.example/1",
                    "name": "name",
                }
            for member in prop.members:
                picked = target.by_name.get(member.name)
                node[member.name] = "https://vendor.example/" if picked is None else self.value(picked, depth)
            return node
        return {
            "uri": f"https://{prop.name.lower()}.example/{self.rng.randrange(1000)}",
            "party-uri": "https://party.example/7",
            "date": "2026-02-03",
            "date-time": "2026-02-03T04:05:06Z",
            "xsd-date-time": "2026-02-03T04:05:06Z",
            "number": 1.5,
            "float": 2.5,
            "integer": 1,
            "natural": 4242,
            "index": "4242",
            "boolean": True,
            "fraction": 0.25,
            "latitude": -33.5,
            "longitude": 151.25,
            "byte": "aGk=",
            "binary": "aGk=",
        }.get(prop.range, f"{prop.name} {self.rng.randrange(1000)}")


def places_of(value: Any) -> Iterator[tuple[Any, Steps]]:
    """Every value in a document with the steps that lead to it."""
    stack: list[tuple[Any, Steps]] = [(value, ())]
    while stack:
        item, steps = stack.pop()
        yield item, steps
        if isinstance(item, dict):
            stack.extend((member, (*steps, name)) for name, member in item.items())
        elif isinstance(item, list):
            stack.extend((member, (*steps, i)) for i, member in enumerate(item))


def _holder(document: Any, steps: Steps) -> Any:
    for step in steps[:-1]:
        document = document[step]
    return document


def _objects(document: Any) -> list[Any]:
    return [item for item, _ in places_of(document) if isinstance(item, dict)]


def _some(rng: random.Random, document: Any) -> Any:
    chance = rng.random()
    if chance < 0.45:
        return rng.choice(STRINGS)
    if chance < 0.7:
        return copy.deepcopy(rng.choice(OTHERS))
    if chance < 0.8:
        return rng.choice(TYPES)
    return copy.deepcopy(rng.choice(list(places_of(document)))[0])


Operation = Callable[[random.Random, Any, Steps], None]


def _delete(rng: random.Random, document: Any, steps: Steps) -> None:
    del _holder(document, steps)[steps[-1]]


def _replace(rng: random.Random, document: Any, steps: Steps) -> None:
    _holder(document, steps)[steps[-1]] = _some(rng, document)


def _add(rng: random.Random, document: Any, steps: Steps) -> None:
    name = rng.choice(NAMES) if rng.random() < 0.6 else rng.choice(STRANGE_NAMES)
    rng.choice(_objects(document))[name] = _some(rng, document)


def _retype(rng: random.Random, document: Any, steps: Steps) -> None:
    typed = [item for item in _objects(document) if "type" in item]
    if not typed:
        return _add(rng, document, steps)
    node = rng.choice(typed)
    old = node["type"] if isinstance(node["type"], list) else [node["type"]]
    choice = rng.randrange(6)
    if choice == 0:
        del node["type"]
    elif choice == 1:
        node["type"] = [*old, rng.choice((*TYPES, *STRINGS))]
    elif choice == 2:
        node["type"] = old[1:]
    elif choice == 3:
        node["type"] = rng.choice(TYPES)
    elif choice == 4:
        node["type"] = [*reversed(old), rng.choice(TYPES)]
    else:
        node["type"] = _some(rng, document)
    return None


def _rename(rng: random.Random, document: Any, steps: Steps) -> None:
    holder = _holder(document, steps)
    if isinstance(holder, dict):
        new = f"{steps[-1]}x" if rng.random() < 0.5 else rng.choice((*NAMES, *STRANGE_NAMES))
        holder[new] = holder.pop(steps[-1])


def _wrap(rng: random.Random, document: Any, steps: Steps) -> None:
    holder = _holder(document, steps)
    holder[steps[-1]] = [holder[steps[-1]]]


def _unwrap(rng: random.Random, document: Any, steps: Steps) -> None:
    holder = _holder(document, steps)
    value = holder[steps[-1]]
    if isinstance(value, list):
        holder[steps[-1]] = value[0] if value else {}
    else:
        holder[steps[-1]] = {"@value": value} if rng.random() < 0.3 else None


def _append(rng: random.Random, document: Any, steps: Steps) -> None:
    arrays = [item for item, _ in places_of(document) if isinstance(item, list)]
    if arrays:
        array = rng.choice(arrays)
        array.append(copy.deepcopy(array[0]) if array and rng.random() < 0.6 else _some(rng, document))


def _tweak(rng: random.Random, document: Any, steps: Steps) -> None:
    holder = _holder(document, steps)
    value = holder[steps[-1]]
    if isinstance(value, str):
        holder[steps[-1]] = rng.choice(
            (value + "x", value.upper(), value + " ", value[1:], value + "\n", rng.choice(STRINGS))
        )
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        holder[steps[-1]] = rng.choice((value + 1, -value, float(value), str(value), value * 1000))
    else:
        holder[steps[-1]] = None


_OPERATIONS: tuple[tuple[Operation, int], ...] = (
    *((_delete, 22), (_replace, 14), (_add, 14), (_retype, 12), (_rename, 8)),
    *((_wrap, 6), (_unwrap, 6), (_append, 6), (_tweak, 18)),
)


def mutant(rng: random.Random, document: Any, count: int | None = None) -> Any:
    """A damaged copy: one to five operations, mostly one."""
    damaged = copy.deepcopy(document)
    operations, weights = zip(*_OPERATIONS, strict=True)
    for _ in range(count or rng.choice((1, 1, 1, 2, 2, 3, 5))):
        targets = [steps for _, steps in places_of(damaged) if steps]
        if not targets:
            damaged["again"] = 1
            continue
        rng.choices(operations, weights)[0](rng, damaged, rng.choice(targets))
    return damaged


def other_values(rng: random.Random, document: Any, share: float) -> Any:
    """A copy with the same shape, in which some strings, numbers and booleans are others of the same kind."""
    changed = copy.deepcopy(document)
    for value, steps in list(places_of(changed)):
        if not steps or rng.random() > share or "@context" in steps:
            continue
        if isinstance(value, str):
            _holder(changed, steps)[steps[-1]] = rng.choice((rng.choice(STRINGS), value + rng.choice("x1/#")))
        elif isinstance(value, bool):
            _holder(changed, steps)[steps[-1]] = not value
        elif isinstance(value, (int, float)):
            _holder(changed, steps)[steps[-1]] = rng.choice((0, 1, 2.5, -7, 10**20))
    return changed


def apply_ops(document: Any, ops: Sequence[Sequence[Any]]) -> Any:
    """The ``set``, ``del``, ``app`` and ``ren`` operations of the requirement rows, on slash paths."""
    changed = copy.deepcopy(document)
    for op, path, *argument in ops:
        steps: list[Any] = [int(step) if step.isdigit() else step for step in path.strip("/").split("/")]
        holder = _holder(changed, tuple(steps))
        last = steps[-1]
        if op == "set":
            if isinstance(holder, list) and last == len(holder):
                holder.append(argument[0])
            else:
                holder[last] = argument[0]
        elif op == "del":
            del holder[last]
        elif op == "app":
            holder[last].append(argument[0])
        elif op == "ren":
            holder[argument[0]] = holder.pop(last)
        else:
            raise ValueError(f"unknown operation {op!r}")
    return changed
