"""Errors of the JSON Schema, told as failures of the requirement that asks for the place they touch.

A row names places under ``places``; a place is written

``Product.batchNumber``
    a property of a class (``PartyReference.name``: of a reference to that class)
``Product``
    anything else in nodes of the class
``Product.batchNumber#type``, ``Link#additionalProperties``
    the same, for one keyword of JSON Schema only
``Credential.name``
    the same property in all five UNTP credentials
``ConformityScheme:Score.code``
    the same, in one kind of document only
``*``
    whatever no other row asks for; :data:`CATCH_ALL` is the one row that has it

An error goes to the row with the most specific place: the places of an error come most specific first; for each, a
place for the kind of document beats one for all, and with a keyword beats without. The catch-all fails whenever there is an error that can decide conformity, so that "valid
against the schema" is a result of its own; it spells out only what no other row tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from assay.harness.credential.versions import DEFAULT_VERSION, JUDGED_VERSIONS
from assay.harness.material import UNTP_KINDS, Document, Path, SchemaError
from assay.harness.results import Finding
from assay.profiles.catalogue import Requirement

__all__ = ["CATCH_ALL", "Attribution", "describe", "is_held", "place_labels", "short", "value_at"]

CATCH_ALL = "EXT-004"
"""The row that asks for validity against the core schema; every row decided by the schema implies it."""

_MISSING = object()
_HINTS = {
    "additionalProperties": "Remove the member, or correct its spelling; the class is closed.",
    "required": "Add the member.",
    "enum": "Use one of the codes of the list.",
    "format": "Write the value in the form that the schema names.",
    "minItems": "Add an entry.",
    "uniqueItems": "Remove the repeated entry.",
    "contains": "Add the class name to the array.",
}

_WANTED = tuple(
    (re.compile(pattern + r"\Z", re.S), words)
    for pattern, words in (
        (r'(".*") is a required property', r"the member \1"),
        (r'.* is not of types? (".*")', r"a value of type \1"),
        (r".* is not one of (.*)", r"one of \1"),
        (r"(.*) was expected", r"\1"),
        (r"does not contain (.*)", r"an entry \1"),
        (r'.* does not match (".*")', r"text that matches \1"),
        (r"Additional properties are not allowed \((.*) (?:was|were) unexpected\)", r"no member \1"),
        (r".* has less than (\d+ items?)", r"at least \1"),
        (r".* has more than (\d+ items?)", r"at most \1"),
        (r".* is shorter than (\d+ characters?)", r"at least \1"),
        (r".* is longer than (\d+ characters?)", r"at most \1"),
        (r".* is less than the minimum of (.*)", r"at least \1"),
        (r".* is greater than the maximum of (.*)", r"at most \1"),
        (r".* has non-unique elements", r"no entry twice"),
        (r'.* is not a "(.*)"', r"the form '\1'"),
    )
)
"""The validator's words for what is wrong, and ours for what is wanted; "expected" must not precede the former."""


def _wanted(message: str) -> str:
    for pattern, words in _WANTED:
        fits = pattern.match(message)
        if fits is not None:
            return fits.expand(words)
    return f"a valid value: {message}"


def short(value: Any, limit: int = 80) -> str:
    """A value as JSON on one line, cut to ``limit`` characters; a huge value costs no more than a small one."""
    text = json.dumps(_beginning(value, limit, [limit]), ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _beginning(value: Any, limit: int, left: list[int]) -> Any:
    """As much of a value as can show in ``limit`` characters: every value takes at least one."""
    left[0] -= 1
    if left[0] < 0:
        return "…"
    if isinstance(value, str):
        return value[: limit + 1]
    if isinstance(value, dict):
        return {
            key[: limit + 1]: _beginning(member, limit, left) for key, member in islice(value.items(), limit)
        }
    if isinstance(value, list):
        return [_beginning(member, limit, left) for member in islice(value, limit)]
    return value


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path, or a private marker when nothing does."""
    for step in path:
        inside = step in value if isinstance(value, dict) else _has_index(value, step)
        if not inside:
            return _MISSING
        value = value[step]
    return value


def _has_index(value: Any, step: str | int) -> bool:
    return isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)


def is_held(document: Document) -> bool:
    """Whether a document was held against the schema of its version of UNTP, so that no error means valid."""
    spoken = JUDGED_VERSIONS if document.kind in UNTP_KINDS else (DEFAULT_VERSION,)
    return document.as_of is not None and document.untp in spoken


def describe(document: Document, error: SchemaError) -> Finding:
    """A schema error as a finding, with what stands there now."""
    if error.keyword in ("required", "dependentRequired"):
        received = "no such member"
    else:
        found = value_at(document.value, error.path)
        received = "nothing" if found is _MISSING else short(found)
    return Finding(
        at=document.at(*error.path),
        expected=_wanted(error.message),
        received=received,
        hint=_HINTS.get(error.keyword, ""),
    )


class Attribution:
    """Which row answers for which schema error, compiled once from the rows of a catalogue."""

    def __init__(self, requirements: Iterable[Requirement], contradicted: Collection[str] = ()) -> None:
        """``contradicted`` names rows on which text and schema disagree: their errors stay out of the catch-all."""
        self._rows: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self._aside: set[str] = set(contradicted)
        for row in requirements:
            if row.basis is not None:
                self._aside.add(row.id)
            for place in row.places:
                for key in _keys(place):
                    self._rows[key] = (*self._rows.get(key, ()), row.id)
        self._catch_all = self._rows.pop(("", "*", ""), ())

    def rows_of(self, kind: str, error: SchemaError) -> tuple[str, ...]:
        """The rows that ask for the most specific place of an error; none if only the catch-all is left."""
        for place in error.places:
            for only in (kind, ""):
                for keyword in (error.keyword, ""):
                    if found := self._rows.get((only, place, keyword)):
                        return found
        return ()

    def findings(self, document: Document) -> Mapping[str, tuple[Finding, ...]]:
        """Findings of every row that the schema errors of a document fail, by row id."""
        found: dict[str, list[Finding]] = {}
        told = 0
        for error in document.schema_errors:
            rows = self.rows_of(document.kind.value, error)
            finding = describe(document, error)
            for row in rows:
                found.setdefault(row, []).append(finding)
            if not rows:
                for row in self._catch_all:
                    found.setdefault(row, []).append(finding)
            elif not error.format_only and not self._aside.issuperset(rows):
                told += 1
        if told:
            summary = Finding(
                at=document.at(),
                expected="a document that is valid against the published schema",
                received=f"{told} schema error{'s' if told > 1 else ''} told under the requirements they touch",
            )
            for row in self._catch_all:
                found.setdefault(row, []).append(summary)
        return {row: tuple(findings) for row, findings in found.items()}


def _keys(place: str) -> Iterator[tuple[str, str, str]]:
    """Kind of document, class and property, keyword of a place; empty where it names none."""
    where, _, keyword = place.partition("#")
    only, colon, where = where.rpartition(":")
    cls, _, member = where.partition(".")
    if cls != "Credential" or colon:
        yield only, where, keyword
        return
    for kind in sorted(UNTP_KINDS):
        yield "", f"{kind}.{member}" if member else kind.value, keyword


def place_labels(places: Iterable[str], kind: str) -> frozenset[str]:
    """The classes that places speak of in a kind of document, as the index of a document names them."""
    return frozenset(
        where.partition(".")[0] for place in places for only, where, _ in _keys(place) if only in ("", kind)
    )
