"""The base documents of passports, certificates, facility records and events: complete, and without fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from assay.harness.credential.schema import SchemaJudge
from assay.profiles.untp_0_7 import CLASSES, event_class
from assay.profiles.untp_0_7.table import EVENT_CLASSES
from tests.harness.checks.bench import KINDS, base

SCHEMAS = {
    "dpp": "dpp",
    "dcc": "dcc",
    "dfr": "dfr",
    "make": "dte",
    "move": "dte",
    "modify": "dte",
    "receipt": "dte",
    "accreditation": "dia",
}
ROOTS = (
    "DigitalProductPassport",
    "DigitalConformityCredential",
    "DigitalFacilityRecord",
    "DigitalTraceabilityEvent",
)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_base_passes_the_certificate(name: str) -> None:
    judge = SchemaJudge()
    assert judge.errors(KINDS[name].value, base(name)) == ()
    assert judge.certified(KINDS[name].value, base(name))


@pytest.mark.artefacts
@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_base_is_valid_against_the_published_schema(name: str, artefacts: Path) -> None:
    path = artefacts / "untp" / "0.7.0" / "schema" / f"{SCHEMAS[name]}.json"
    validator = jsonschema_rs.Draft202012Validator(
        json.loads(path.read_bytes()), validate_formats=True, offline=True
    )
    assert [error.message for error in validator.iter_errors(base(name))] == []


def _asked(cls: str, seen: set[str]) -> Iterator[str]:
    """Every ``Class.property`` below a class, and ``Holder.property.member`` for the members that references pick."""
    if cls in seen:
        return
    seen.add(cls)
    if cls == "LifecycleEvent":
        for event in EVENT_CLASSES:
            yield from _asked(event, seen)
        return
    for prop in CLASSES[cls].properties:
        yield f"{cls}.{prop.name}"
        if prop.kind == "class":
            yield from _asked(prop.range, seen)
        elif prop.is_node:
            yield from (f"{cls}.{prop.name}.{member.name}" for member in prop.members)


def _used(cls: str, value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        actual = event_class(item) if cls == "LifecycleEvent" else cls
        for name, member in item.items():
            prop = CLASSES[actual].by_name.get(name)
            if prop is None:
                continue
            yield f"{actual}.{name}"
            if prop.kind == "class":
                yield from _used(prop.range, member)
            elif prop.is_node:
                for entry in member if isinstance(member, list) else [member]:
                    yield from (f"{actual}.{name}.{picked}" for picked in entry)


def test_the_bases_together_use_every_member_of_the_schemas() -> None:
    seen: set[str] = set()
    asked = {place for root in ROOTS for place in _asked(root, seen)}
    used = {
        place
        for name in ("dpp", "dcc", "dfr", "make", "move", "modify")
        for place in _used(KINDS[name].value, base(name))
    }
    assert len(asked) > 150
    assert asked - used == set()
