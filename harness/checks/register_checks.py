"""Registers of UNTP: identifier schemes (IDR), conformity vocabularies (CVC) and software implementers (SWI).

The shapes below re-state the register schemas of April 2026; a register of another kind is not judged by its entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from assay.harness.checks import NotApplicable, Remark, Undecided, check
from assay.harness.checks._values import as_date, as_text, host, mappings, related, short
from assay.harness.material import Kind, Path, Register
from assay.harness.results import Finding
from assay.profiles.untp_0_7.table import CODE_LISTS

__all__ = ["register_kind"]

_REGISTER = frozenset({Kind.REGISTER})
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_UN_HOST, _UN_REGISTERS = "uncefact.org", "registers.uncefact.org"
_COUNTRY = re.compile(r"[A-Z]{3}\Z")
"""ISO 3166-1 alpha-3, or GLO for schemes that are used everywhere."""
_REGEX_BYTES = 1_000_000
"""Compiled size of a pattern from a register that is still tried; the engine runs in linear time."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Members of one kind of object in a register."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def missing(self, value: Mapping[str, Any]) -> list[str]:
        return [name for name in self.required if value.get(name) is None]

    def unknown(self, value: Mapping[str, Any]) -> list[str]:
        return sorted(set(value) - {*self.required, *self.optional})


_TOP = _Shape(("id", "name", "lastUpdated", "registrar", "entries"), ("description",))
_ENTRIES: Mapping[str, _Shape] = {
    "IDR": _Shape(
        ("id", "name", "registerType", "registrarName", "registrarId"),
        (
            *("description", "legalBasis", "registeredIdPattern", "registeredIdExample", "countryCode"),
            *("registeredIdUriTemplate", "queryEndpoint", "resolverEndpoint", "documentation"),
        ),
    ),
    "CVC": _Shape(
        ("id", "name", "owner", "endorsementLevel", "documentation"),
        (
            *("type", "description", "endorsement", "vocabularyURL", "licenseType", "establishedDate"),
            *("geographicScope", "industryScope", "trustmark"),
        ),
    ),
    "SWI": _Shape(
        ("id", "name", "website", "commitmentDate", "untpScope", "status", "products"),
        ("description", "registrationCountry", "operatingCountries", "pilotParticipation", "industryFocus"),
    ),
}
_PRODUCT = _Shape(("name", "untpScope"), ("url", "description", "untpVersions", "testResults"))
_RESULT = _Shape(
    ("softwareVersion", "untpVersion", "result"), ("testDate", "testSuite", "evidenceCredentialURL")
)
_TELLTALES: Mapping[str, tuple[str, ...]] = {
    "IDR": ("registrarName", "registrarId", "registerType", "registeredIdPattern"),
    "CVC": ("endorsementLevel", "owner", "vocabularyURL"),
    "SWI": ("products", "untpScope", "commitmentDate", "website"),
}
_IDR_TYPES = ("organisation", "product", "facility", "location", "consignment")
_SWI_STATUS = ("planned", "active", "conformant")
_SWI_SCOPE = ("VCP", "DPP", "DTE", "DCC", "DFR", "IDR", "DIA", "DAC", "SVC")
_RESULTS = ("pass", "fail", "partial")
_TEMPLATES = ("registeredIdUriTemplate", "queryEndpoint", "resolverEndpoint")


def _entries(register: Register) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for place, entry in mappings(register.value.get("entries")):
        yield ("entries", place), entry


def register_kind(register: Register) -> str:
    """``IDR``, ``CVC`` or ``SWI``, by what its entries talk about; empty where they talk of nothing known."""
    votes = {
        kind: sum(name in entry for _, entry in _entries(register) for name in names)
        for kind, names in _TELLTALES.items()
    }
    best = max(votes, key=lambda kind: votes[kind])
    return best if votes[best] else ""


@check("REG-019", kinds=_REGISTER)
def un_registers_stand_at_their_place(register: Register) -> Iterator[Finding]:
    """Registers of UN/CEFACT stand under /untp/swi, /untp/ext, /untp/cvc or /untp/idr of its register host."""
    name = as_text(register.value.get("id"))
    at = host(name)
    if at != _UN_HOST and not at.endswith(f".{_UN_HOST}"):
        raise NotApplicable("not a register of UN/CEFACT")
    kind = register_kind(register)
    wanted = f"https://{_UN_REGISTERS}/untp/{kind.lower() or 'ext'}"
    if name.rstrip("/") != wanted:
        yield Finding(at=register.at("id"), expected=wanted, received=short(name))


def _of(register: Register, kind: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The entries of a register of this kind.

    :raises NotApplicable: the register is of another kind.
    """
    if register_kind(register) != kind:
        raise NotApplicable(f"not a register of kind {kind}")
    yield from _entries(register)


def _products(register: Register) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path, entry in _of(register, "SWI"):
        for place, product in mappings(entry.get("products")):
            yield (*path, "products", place), product


def _results(product: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    return list(mappings(product.get("testResults")))


def _lacks(register: Register, path: Path, missing: list[str]) -> Iterator[Finding]:
    for name in missing:
        yield Finding(at=register.at(*path), expected=f"a member '{name}'", received="no such member")


def _not_of(register: Register, path: Path, value: object, allowed: tuple[str, ...]) -> Iterator[Finding]:
    if value is not None and value not in allowed:
        yield Finding(at=register.at(*path), expected="one of " + ", ".join(allowed), received=short(value))


@check("REG-001", kinds=_REGISTER)
def register_says_what_it_is(register: Register) -> Iterator[Finding]:
    """A register has id, name, date of its last update, registrar and entries."""
    yield from _lacks(register, (), _TOP.missing(register.value))
    updated = register.value.get("lastUpdated")
    if updated is not None and as_date(updated) is None:
        yield Finding(at=register.at("lastUpdated"), expected="a date", received=short(updated))
    entries = register.value.get("entries")
    if entries and not register_kind(register):
        # Without a kind no further row would apply, and saying nothing would read as praise.
        yield Finding(
            at=register.at("entries"),
            expected="entries on identifier schemes, conformity vocabularies or software",
            received=short(entries),
            hint="Name the members that the register's schema gives an entry.",
        )


@check("REG-002", kinds=_REGISTER)
def registrar_is_named(register: Register) -> Iterator[Finding]:
    """The registrar has id and name."""
    registrar = register.value.get("registrar")
    if isinstance(registrar, Mapping):
        yield from _lacks(register, ("registrar",), _Shape(("id", "name")).missing(registrar))
    elif registrar is not None:
        yield Finding(
            at=register.at("registrar"), expected="an object with id and name", received=short(registrar)
        )


@check("REG-003", kinds=_REGISTER)
def register_has_known_members_only(register: Register) -> Iterator[Finding]:
    """Register, entries, products and results have no members that the register schemas do not know."""
    found: list[tuple[Path, str]] = [((), name) for name in _TOP.unknown(register.value)]
    shape = _ENTRIES.get(register_kind(register))
    for path, entry in _entries(register):
        found += [(path, name) for name in (shape.unknown(entry) if shape else ())]
        for i, product in mappings(entry.get("products")):
            below = (*path, "products", i)
            found += [(below, name) for name in _PRODUCT.unknown(product)]
            for j, result in _results(product):
                found += [((*below, "testResults", j), name) for name in _RESULT.unknown(result)]
    for path, name in found:
        yield Finding(
            at=register.at(*path, name),
            expected="no such member",
            received=f"'{short(name)}'",
            hint="Correct the spelling, or remove the member; these objects are closed.",
        )


@check("REG-004", kinds=_REGISTER)
def identifier_scheme_is_described(register: Register) -> Iterator[Finding]:
    """An identifier scheme has id, name, type of register and its registrar."""
    for path, entry in _of(register, "IDR"):
        yield from _lacks(register, path, _ENTRIES["IDR"].missing(entry))


@check("REG-005", kinds=_REGISTER)
def identifier_scheme_has_a_known_type(register: Register) -> Iterator[Finding]:
    """The type of an identifier scheme is one of the list, which is not the list of anchors."""
    for path, entry in _of(register, "IDR"):
        yield from _not_of(register, (*path, "registerType"), entry.get("registerType"), _IDR_TYPES)


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern of a register matches, in linear time whatever the pattern.

    :raises Undecided: a pattern that the engine cannot run (look-around, back-references, too large).
    :raises ValueError: no regular expression.
    """
    limits = jsonschema_rs.RegexOptions(size_limit=_REGEX_BYTES)
    try:
        validator = jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=limits)
    except jsonschema_rs.ValidationError as error:
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            raise ValueError("no regular expression") from error
        raise Undecided(f"the pattern {short(pattern)} cannot be run in linear time") from error
    return bool(validator.is_valid(text))


@check("REG-006", kinds=_REGISTER)
def example_matches_its_pattern(register: Register) -> Iterator[Finding]:
    """The example of an identifier matches the pattern of its scheme."""
    for path, entry in _of(register, "IDR"):
        pattern, example = entry.get("registeredIdPattern"), entry.get("registeredIdExample")
        if not isinstance(pattern, str) or not isinstance(example, str):
            continue
        try:
            if _matches(pattern, example):
                continue
            received = short(example)
        except ValueError as error:
            received = f"a pattern that is {error}"
        yield Finding(
            at=register.at(*path, "registeredIdExample"),
            expected=f"a match for {short(pattern)}",
            received=received,
            hint="Correct example or pattern; users test their identifiers with them.",
        )


@check("REG-007", kinds=_REGISTER)
def templates_make_addresses(register: Register) -> Iterator[Finding]:
    """URI templates hold the placeholder {id} and become absolute URIs when it is filled in."""
    for path, entry in _of(register, "IDR"):
        for name in _TEMPLATES:
            template = entry.get(name)
            if not isinstance(template, str):
                continue
            example = quote(as_text(entry.get("registeredIdExample")) or "1", safe="")
            if "{id}" not in template or not _ABSOLUTE.match(template.replace("{id}", example)):
                yield Finding(
                    at=register.at(*path, name),
                    expected="an absolute URI with {id} in it",
                    received=short(template),
                    hint="Put {id} where the identifier goes.",
                )


@check("REG-009", kinds=_REGISTER)
def country_of_a_scheme_is_alpha_3(register: Register) -> Iterator[Finding]:
    """Registers write countries with three letters, or GLO, while credentials write them with two."""
    for path, entry in _of(register, "IDR"):
        code = entry.get("countryCode")
        if code is not None and not (isinstance(code, str) and _COUNTRY.match(code)):
            yield Finding(
                at=register.at(*path, "countryCode"),
                expected="an ISO 3166-1 alpha-3 code, or GLO",
                received=short(code),
            )


@check("REG-010", kinds=_REGISTER)
def vocabulary_is_described(register: Register) -> Iterator[Finding]:
    """A conformity vocabulary has id, name, owner, level of endorsement and documentation."""
    for path, entry in _of(register, "CVC"):
        yield from _lacks(register, path, _ENTRIES["CVC"].missing(entry))
        if isinstance(entry.get("owner"), Mapping):
            owner = related(entry, "owner")
            yield from _lacks(register, (*path, "owner"), _Shape(("id", "name")).missing(owner))


@check("REG-011", kinds=_REGISTER)
def vocabulary_has_a_known_endorsement(register: Register) -> Iterator[Finding]:
    """The level of endorsement of a conformity vocabulary is one of the list."""
    for path, entry in _of(register, "CVC"):
        levels = CODE_LISTS["SchemeEndorsementLevel"]
        yield from _not_of(register, (*path, "endorsementLevel"), entry.get("endorsementLevel"), levels)


@check("REG-013", kinds=_REGISTER)
def implementer_is_described(register: Register) -> Iterator[Finding]:
    """An implementer has id, name, website, date of commitment, scope, status and products."""
    for path, entry in _of(register, "SWI"):
        yield from _lacks(register, path, _ENTRIES["SWI"].missing(entry))


@check("REG-014", kinds=_REGISTER)
def implementer_has_known_status_and_scope(register: Register) -> Iterator[Finding | Remark]:
    """Status and scope of an implementer come from their lists; CVC is accepted for SVC, its former name."""
    for path, entry in _of(register, "SWI"):
        yield from _not_of(register, (*path, "status"), entry.get("status"), _SWI_STATUS)
        scope = entry.get("untpScope")
        for place, code in enumerate(scope if isinstance(scope, list) else ()):
            if code == "CVC":
                yield Remark("the register schema still calls the scope CVC by its former name SVC")
            else:
                yield from _not_of(register, (*path, "untpScope", place), code, _SWI_SCOPE)


@check("REG-015", kinds=_REGISTER)
def software_product_is_described(register: Register) -> Iterator[Finding]:
    """A software product has a name and a scope."""
    for path, product in _products(register):
        yield from _lacks(register, path, _PRODUCT.missing(product))


@check("REG-016", kinds=_REGISTER)
def test_result_is_complete(register: Register) -> Iterator[Finding]:
    """A test result names the versions of software and UNTP, and a result of the list."""
    for path, product in _products(register):
        for place, result in _results(product):
            below = (*path, "testResults", place)
            yield from _lacks(register, below, _RESULT.missing(result))
            yield from _not_of(register, (*below, "result"), result.get("result"), _RESULTS)


@check("REG-018", kinds=_REGISTER)
def conformant_status_is_backed(register: Register) -> Iterator[Finding]:
    """An implementer whose status is conformant has passed a test with one of its products."""
    for path, entry in _of(register, "SWI"):
        products = [product for _, product in mappings(entry.get("products"))]
        passed = any(
            result.get("result") == "pass" for product in products for _, result in _results(product)
        )
        if entry.get("status") == "conformant" and not passed:
            yield Finding(
                at=register.at(*path, "status"),
                expected="a test result 'pass' of one of the products",
                received="conformant without one",
                hint="Add the result, or set the status to active.",
            )


@check("CVC-044", kinds=_REGISTER)
def vocabulary_can_be_looked_up(register: Register) -> Iterator[Finding]:
    """A register of vocabularies leads to each of them, so that anybody can look a criterion up."""
    for path, entry in _of(register, "CVC"):
        if not as_text(entry.get("vocabularyURL")).startswith(("https://", "http://")):
            yield Finding(
                at=register.at(*path, "vocabularyURL"),
                expected="the address of the vocabulary",
                received=short(entry.get("vocabularyURL")) if "vocabularyURL" in entry else "none",
                hint="Add vocabularyURL; assessors and suppliers find the criteria through the register.",
            )
