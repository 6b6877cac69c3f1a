"""Amounts that 0.7 documents state in objects of their own (custody, footprint), as declared values and sentences.

No context of 0.6 knows such objects. Numbers become declared values with speaking names; names, dates and identifiers become
sentences of the description. Nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assay.profiles.contracts.declared_values import FRACTION_UNIT
from assay.simulator.issuance.v0_6.pieces import Json, Untranslatable, measure, members

__all__ = ["Told", "declared", "footprint", "tell"]

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(slots=True)
class Told:
    """What was said: declared values and sentences."""

    values: list[Json] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def onto(self, declaration: Json) -> None:
        """Add it to a claim or an assessment of our own making."""
        declaration["declaredValue"] = [*declaration["declaredValue"], *self.values]
        parts = (declaration.get("description"), *self.sentences)
        text = " ".join(part for part in parts if part)
        if text:
            declaration["description"] = text


def declared(name: str, value: float | Json) -> Json:
    """A declared value: a measure as it is, a bare number as such."""
    if isinstance(value, dict):
        return {"metricName": name, "metricValue": measure(value)}
    return {"metricName": name, "metricValue": {"value": value, "unit": FRACTION_UNIT}}


def tell(topic: str, details: Json) -> Told:
    """Everything in an object, member by member."""
    told = Told()
    for label, value in _leaves("", details):
        words = f"{topic}: {label}"
        if isinstance(value, str):
            told.sentences.append(f"{words}: {value}.")
        else:
            told.values.append(declared(words, value))
    return told


def footprint(said: Json) -> Iterator[tuple[str, str, Told]]:
    """What a footprint says, by topic of 0.6: name, topic and content of each part."""
    members(said, "Footprint", ("carbon", "water", "energy", "recycled", "allocation"))
    shared = [f"Shared between products by {said['allocation']}."] if "allocation" in said else []
    told = ["Per kilogram as weighed.", *shared]
    if "carbon" in said:
        carbon = [_bounded("Carbon footprint", one) for one in said["carbon"]]
        yield "carbon-footprint", "environment.emissions", Told(carbon, told)
    for use, topic in (("water", "environment.water"), ("energy", "environment.energy")):
        if use in said:
            yield f"{use}-use", topic, Told([_bounded(f"{use.capitalize()} use", said[use])], told)
    if "recycled" in said:
        yield "recycled-content", "circularity.content", tell("Recycled", said["recycled"])


def _bounded(name: str, value: Json) -> Json:
    members(value, "Footprint", ("boundary", "value", "unit"))
    measured = {"value": value["value"], "unit": value["unit"]}
    return declared(f"{name}, {value['boundary'].replace('-', ' ')}", measured)


def _leaves(label: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Measures, numbers and texts with the way that leads to each, in words."""
    if isinstance(value, dict) and not (value.keys() <= {"value", "unit"}):
        for name, inner in value.items():
            yield from _leaves(f"{label}, {_words(name)}" if label else _words(name), inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value, 1):
            yield from _leaves(f"{label} {place}", inner)
    elif isinstance(value, bool) or not isinstance(value, str | int | float | dict):
        raise Untranslatable(f"no words for {label}: {value!r}")
    else:
        yield label, value


def _words(name: str) -> str:
    """``conformingShare`` as people write it; element symbols stay."""
    if len(name) <= 2:
        return name
    return " ".join(_CAPITAL.split(name)).lower()
