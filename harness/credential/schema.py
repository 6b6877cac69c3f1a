"""JSON Schema verdicts: errors with the places of the class table they touch, and the certificate.

Schemas are generated from the class table, or published ones when artefacts are given. Validators never load anything
and are compiled on first use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from assay.harness.credential.limits import MAX_DEPTH, count_values, without_surrogates
from assay.harness.credential.versions import DEFAULT_VERSION, LEGACY_VERSIONS, walker
from assay.harness.material import Path, SchemaError
from assay.profiles import untp_0_6
from assay.profiles.untp.walking import Walker
from assay.profiles.untp_0_7 import KINDS, certificate, places, schema

if TYPE_CHECKING:
    from assay.profiles.artefacts import Artefacts

__all__ = ["MAX_ERRORS", "MAX_VALUES", "SchemaJudge"]

MAX_ERRORS = 1_000
"""Errors of one document that are reported; a hostile document could produce millions."""

MAX_VALUES = 20_000
"""Values of one document whose errors are listed; in larger ones arrays are cut first."""

_WITH_ALTERNATIVES = frozenset({"DigitalTraceabilityEvent"})
_MAX_MESSAGE = 300
_MAX_UNEXPECTED = 20


def _validator(document: dict[str, Any], formats: bool) -> Any:
    draft7 = "draft-07" in str(document.get("$schema", ""))
    make = jsonschema_rs.Draft7Validator if draft7 else jsonschema_rs.Draft202012Validator
    return make(document, validate_formats=formats, offline=True)


@cache
def _certificate_validator(kind: str, version: str) -> Any:
    legacy = version in LEGACY_VERSIONS
    return _validator(untp_0_6.certificate(kind, version) if legacy else certificate(kind), formats=True)


def _has_schema(kind: str, version: str) -> bool:
    return kind in (untp_0_6.KINDS[version] if version in LEGACY_VERSIONS else KINDS)


class SchemaJudge:
    """Judges values against the schema of their kind; kinds without a schema have no errors and no certificate.

    With ``artefacts``, published schemas take the place of the generated ones for errors. The certificate is always
    ours: it implies both.
    """

    def __init__(self, artefacts: Artefacts | None = None) -> None:
        self._artefacts = artefacts
        self._schemas: dict[tuple[str, str], dict[str, Any]] = {}
        self._validators: dict[tuple[str, str, bool], Any] = {}

    def errors(self, kind: str, value: Any, version: str = DEFAULT_VERSION) -> tuple[SchemaError, ...]:
        """Every error with and without format assertion, at most ``MAX_ERRORS``; ``format_only`` tells them apart.

        Where an event matches none of the event classes, the errors of the class that it most likely is follow
        the ``oneOf`` error. A value nested deeper than ``MAX_DEPTH`` gets one error, keyword ``depth``.
        """
        if not _has_schema(kind, version):
            return ()
        size = count_values(value, MAX_DEPTH)
        if size is None:
            return (SchemaError((), "depth", f"nested deeper than {MAX_DEPTH} levels", (kind,)),)
        try:
            return self._errors(kind, version, value, size)
        except UnicodeEncodeError:
            # Half a surrogate pair cannot be passed on; that the text is broken is a matter of intake.
            return self._errors(kind, version, without_surrogates(value), size)

    def certified(self, kind: str, value: Any, version: str = DEFAULT_VERSION) -> bool:
        """Whether the certificate passes: valid (formats included), JSON-LD verdict empty, code lists respected.

        ``value`` must come from a JSON parser (which bounds its depth); it is not measured here.
        """
        if kind == "Linkset" or not _has_schema(kind, version):
            return False
        try:
            return bool(_certificate_validator(kind, version).is_valid(value))
        except UnicodeEncodeError:
            return False

    def _errors(self, kind: str, version: str, value: Any, size: int) -> tuple[SchemaError, ...]:
        # Only where a schema has alternatives can formats change any error but a format error.
        strict = self._validator(kind, version, True)
        lax = self._validator(kind, version, False) if kind in _WITH_ALTERNATIVES else None
        if strict.is_valid(value) and (lax is None or lax.is_valid(value)):
            return ()
        whole = value
        value, kept = (value, None) if size <= MAX_VALUES else _shortened(value)
        if kept == 0:
            return (
                _beyond(kind, f"invalid, and too large to list its errors: more than {MAX_VALUES} values"),
            )
        without_formats = (
            {} if lax is None else {_identity(raw): raw for raw in _first(lax.iter_errors(value))}
        )
        found: list[SchemaError] = []
        for raw in _first(strict.iter_errors(value)):
            if lax is None:
                format_only = raw.kind.name == "format"
            else:
                format_only = without_formats.pop(_identity(raw), None) is None
            found += self._unfold(kind, version, value, raw, format_only)
        # An object that matches two event classes only while formats are ignored is an error only then.
        for raw in without_formats.values():
            found += self._unfold(kind, version, value, raw, format_only=False)
        if not found and whole is not value:
            return (_beyond(kind, f"invalid beyond the first {kept} items of an array"),)
        return tuple(found[:MAX_ERRORS])

    def _unfold(
        self, kind: str, version: str, value: Any, raw: Any, format_only: bool
    ) -> Iterator[SchemaError]:
        """One error as it stands and, below a failed ``oneOf``, the errors of the branch that comes closest."""
        yield self._error(kind, version, value, raw, format_only)
        if raw.kind.name == "oneOf":
            for inner in _closest(walker(version), value, raw):
                inner_only = format_only or inner.kind.name == "format"
                yield self._error(kind, version, value, inner, inner_only)

    def _error(self, kind: str, version: str, value: Any, raw: Any, format_only: bool) -> SchemaError:
        path: Path = tuple(raw.instance_path)
        keyword: str = raw.kind.name
        names: Sequence[str] = ()
        if keyword == "required":
            names = (raw.kind.as_dict()["property"],)
        elif keyword == "additionalProperties":
            names = raw.kind.as_dict()["unexpected"][:_MAX_UNEXPECTED]
        found = [place for name in names for place in _places(kind, version, value, path, name)]
        if not names:
            found += _places(kind, version, value, path, inside=keyword == "oneOf")
        # The most specific place of every member first, then what holds them.
        found.sort(key=lambda place: not any(place.endswith("." + name) for name in names))
        message = self._message(kind, version, raw)
        return SchemaError(path, keyword, message, tuple(dict.fromkeys(found)), format_only)

    def _message(self, kind: str, version: str, raw: Any) -> str:
        if raw.kind.name == "contains":
            wanted: Any = self._schema(kind, version)
            for step in raw.schema_path:
                wanted = wanted[step]
            if "const" in wanted:
                return f"does not contain {wanted['const']!r}"
        message = str(raw.message)
        return message if len(message) <= _MAX_MESSAGE else message[: _MAX_MESSAGE - 1] + "…"

    def _schema(self, kind: str, version: str) -> dict[str, Any]:
        found = self._schemas.get((kind, version))
        if found is None:
            if self._artefacts is not None:
                found = self._artefacts.schema(kind, version)
            else:
                found = untp_0_6.schema(kind, version) if version in LEGACY_VERSIONS else schema(kind)
            self._schemas[kind, version] = found
        return found

    def _validator(self, kind: str, version: str, formats: bool) -> Any:
        validator = self._validators.get((kind, version, formats))
        if validator is None:
            validator = _validator(self._schema(kind, version), formats)
            self._validators[kind, version, formats] = validator
        return validator


def _places(
    kind: str, version: str, value: Any, path: Path, member: str | None = None, inside: bool = False
) -> tuple[str, ...]:
    if version in LEGACY_VERSIONS:
        return walker(version).places(kind, value, path, member, inside)
    return places(kind, value, path, member, inside)


def _beyond(kind: str, message: str) -> SchemaError:
    return SchemaError((), "size", message, (kind,))


def _shortened(value: Any) -> tuple[Any, int]:
    """A copy with arrays cut until it is small enough to list its errors (the library makes all of them at once).

    Beside it how many items arrays were cut to; 0 if no cut helps.
    """
    for keep in (1_000, 100, 10):
        shorter = _cut(value, keep)
        if (count_values(shorter) or 0) <= MAX_VALUES:
            return shorter, keep
    return None, 0


def _cut(value: Any, keep: int) -> Any:
    if isinstance(value, dict):
        return {name: _cut(member, keep) for name, member in value.items()}
    if isinstance(value, list):
        return [_cut(item, keep) for item in value[:keep]]
    return value


def _first(raws: Iterable[Any]) -> Iterable[Any]:
    return islice(raws, MAX_ERRORS)


def _identity(raw: Any) -> tuple[Path, str, Path]:
    """What makes an error the same with and without format assertion."""
    return tuple(raw.instance_path), raw.kind.name, tuple(raw.schema_path)


def _closest(way: Walker, value: Any, raw: Any) -> Sequence[Any]:
    """Errors of the event class that an object matching none of them most likely is; empty if two match."""
    item = value
    for step in raw.instance_path:
        item = item[step]
    branches: list[list[Any]] = raw.kind.as_dict()["context"]
    events = way.table.events
    if not isinstance(item, dict) or not all(branches) or len(branches) != len(events):
        return ()
    cls = way.event_class(item)
    return branches[events.index(cls)] if cls in events else ()
