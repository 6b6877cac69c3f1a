"""The catalogue of requirements: what is asked, by whom, how gravely, and how it is decided.

Requirements live in ``<profile folder>/requirements/*.yaml``; a profile is ``<folder>/profile.yaml`` with a name, a
title and the profiles it extends. Level and status live here and never in a check, so that the same check can be
grave under one profile and advice under another.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

__all__ = [
    "COMPILED",
    "CatalogueError",
    "CheckKind",
    "Level",
    "Profile",
    "Reason",
    "Requirement",
    "Status",
    "load_profile",
    "load_profiles",
    "profile_names",
    "read_yaml",
]

_ROOM = Path(__file__).parent


class CatalogueError(ValueError):
    """A profile that cannot be used; the message names file, key, value and mend."""


class Level(StrEnum):
    """How strongly a requirement binds (RFC 2119; negated rows carry ``negated``)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Status(StrEnum):
    """Where a requirement comes from. Only *normative* MUST rows decide conformity with UNTP."""

    NORMATIVE = "normative"
    PATTERN = "pattern"
    DERIVED = "derived"
    ADVISORY = "advisory"
    BINDS_UNTP = "binds-untp"


class Reason(StrEnum):
    """The closed list of reasons why a requirement has no check."""

    NOT_BLACK_BOX = "not-black-box"
    """Cannot be decided from files, HTTP answers or API answers."""
    NEEDS_ACCESS_CONTROL = "needs-access-control"
    """Needs keys, roles or logins that the harness and its sandbox do not speak."""
    NEEDS_WEBVH = "needs-webvh"
    """Needs the log of a did:webvh, which is not read."""
    NEEDS_EXTENSION_ARTEFACTS = "needs-extension-artefacts"
    """Speaks of the context, schema, vocabulary or site of an extension, none of which ships with Assay."""
    BINDS_UNTP = "binds-untp"
    """A duty of UNTP itself, never a verdict on a system."""
    PLANNED = "planned"
    """Could be decided; Assay does not do so in this release. Counts as uncovered."""


class CheckKind(StrEnum):
    """How a requirement is decided."""

    CODE = "code"
    """A function registered under the id in ``assay.harness.checks``. ``places`` then lists the schema errors that this
    row answers for, so that no other row repeats them; on a row with a basis they stay out of the verdict."""
    SCHEMA = "schema"
    """Errors of the generated JSON Schema at the places listed under ``places``."""
    GRAPH = "graph"
    """SQL rules over the credential graph listed under ``rules``."""
    AUDIT = "audit"
    """Judged by ``assay world check``: SQL under the same id in ``rules``, or a function of ``assay.harness.audit``."""


class Requirement(BaseModel):
    """One row of the catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Z]{1,4}-\d{2,3}$")
    level: Level
    negated: bool = False
    status: Status
    profile: str
    rule: str
    source: str
    cites: str = ""
    role: tuple[Literal["ISS", "PUB", "RES", "STA", "VER", "REG", "SCH", "ACH", "EXT"], ...]
    tier: str
    black_box: Literal["Y", "P", "N"]
    decided_from: Literal["document", "documents", "http", "api", "extension"]
    basis: Literal["text", "schema", "conflict"] | None = None
    position: tuple[str, ...] = ()
    implies: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    check: CheckKind | None = None
    places: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    stands_on: tuple[str, ...] = ()
    not_checked: Reason | None = None
    note: str = ""
    adopted_from: str = ""
    """The profile that a row of an older version is taken from: same rule, same check, judged under its own profile."""
    decisive: bool = False
    """Set when the user asked for this row's profile by name: its MUST rows then decide, patterns included."""

    @model_validator(mode="after")
    def _check_or_reason(self) -> Requirement:
        if (self.check is None) == (self.not_checked is None):
            raise ValueError(f"{self.id}: give either 'check' or 'not_checked', not both and not neither")
        if self.check is CheckKind.SCHEMA and not self.places:
            raise ValueError(f"{self.id}: 'places' is required for check: schema")
        if self.places and self.check not in (CheckKind.SCHEMA, CheckKind.CODE):
            raise ValueError(
                f"{self.id}: 'places' belongs to check: schema, or to a check: code that answers for them"
            )
        if (self.check is CheckKind.GRAPH) != bool(self.rules):
            raise ValueError(f"{self.id}: 'rules' belongs to check: graph, and is required there")
        return self

    @property
    def key(self) -> str:
        """What tells the row from all others: its id, and for an adopted one the profile too."""
        return f"{self.id}@{self.profile}" if self.adopted_from else self.id

    @property
    def decides_conformity(self) -> bool:
        """True for the rows whose failure makes a system not conformant with the row's profile."""
        if self.level is not Level.MUST or self.basis is not None:
            return False
        return self.status is Status.NORMATIVE or (self.decisive and self.status is Status.PATTERN)


class Profile(BaseModel):
    """A named set of requirements by :attr:`Requirement.key`, with everything it extends merged in (own rows win)."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    extends: tuple[str, ...]
    requirements: dict[str, Requirement]
    digest: str


def _folders() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for manifest in sorted(_ROOM.glob("*/profile.yaml")):
        match = re.search(r"^name:\s*(\S+)", manifest.read_text(encoding="utf-8"), re.M)
        if match:
            found[match.group(1)] = manifest.parent
    return found


def profile_names() -> list[str]:
    """Names of the profiles that ship with Assay."""
    return sorted(_folders())


COMPILED = _ROOM / "compiled.json"
"""YAML files already read, with the digest of their bytes: reading 700 rows of YAML costs 0.4 s of every start.

Written by ``tools/compile_catalogue.py``, checked by a test; a file that was changed since is simply read as YAML.
"""


@cache
def _compiled() -> dict[str, Any]:
    import orjson

    if not COMPILED.is_file():
        return {}
    content: dict[str, Any] = orjson.loads(COMPILED.read_bytes())
    return content


def read_yaml(path: Path, raw: bytes | None = None) -> Any:
    """A YAML file of the catalogue.

    :raises CatalogueError: not YAML.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_bytes() if raw is None else raw, Loader=loader)  # noqa: S506 - a safe loader, in C where built
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path.name}: not valid YAML: {error}") from error


def _read(path: Path, digest: Any) -> Any:
    raw = path.read_bytes()
    digest.update(raw)
    known = _compiled().get(path.relative_to(_ROOM).as_posix())
    if known is None or known["sha256"] != hashlib.sha256(raw).hexdigest():
        return read_yaml(path, raw)
    return known["content"]


@cache
def load_profile(name: str) -> Profile:
    """Load a profile by name, with its layers.

    :raises CatalogueError: unknown name, unreadable file, or a row that does not fit the model.
    """
    folders = _folders()
    if name not in folders:
        raise CatalogueError(f"profile '{name}' is unknown; choose one of: {', '.join(sorted(folders))}")
    folder = folders[name]
    digest = hashlib.sha256()
    head = _read(folder / "profile.yaml", digest)
    extends = tuple(head.get("extends", ()))
    merged: dict[str, Requirement] = {}
    for parent in extends:
        layer = load_profile(parent)
        merged.update(layer.requirements)
        digest.update(layer.digest.encode())
    for path in sorted((folder / "requirements").glob("*.yaml")):
        content = _read(path, digest) or {}
        defaults = content.get("defaults", {})
        for row in content.get("requirements", ()):
            try:
                requirement = Requirement(**_with_defaults(defaults, row))
            except ValidationError as error:
                raise CatalogueError(f"{path.name}: {row.get('id', row)}: {error}") from error
            merged[requirement.key] = requirement
        for other, changes in content.get("adopts", {}).items():
            merged.update(_adopted(name, other, changes, path.name))
            digest.update(load_profile(other).digest.encode())
    return Profile(
        name=name,
        title=str(head.get("title", name)),
        extends=extends,
        requirements=merged,
        digest="sha256:" + digest.hexdigest(),
    )


def _with_defaults(defaults: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """A row with what its file says for all; a default reason does not hold for a row that has a check, nor the reverse."""
    told = {**defaults, **row}
    if "check" in row and "not_checked" not in row:
        told.pop("not_checked", None)
    if "not_checked" in row and "check" not in row:
        told.pop("check", None)
    return told


def _adopted(
    name: str, other: str, changes: dict[str, dict[str, Any] | None], file: str
) -> dict[str, Requirement]:
    """Rows of another profile that hold in this one, with what is different here (``adopts`` in a file of rows)."""
    rows = load_profile(other).requirements
    found: dict[str, Requirement] = {}
    for identifier, change in changes.items():
        if identifier not in rows:
            raise CatalogueError(f"{file}: adopts {identifier!r}, which {other} does not have")
        told = rows[identifier].model_dump(exclude={"decisive"})
        try:
            row = Requirement(**{**told, **(change or {}), "profile": name, "adopted_from": other})
        except ValidationError as error:
            raise CatalogueError(f"{file}: {identifier}: {error}") from error
        found[row.key] = row
    return found


def load_profiles(names: tuple[str, ...], decisive: tuple[str, ...] = ()) -> dict[str, Requirement]:
    """The union of the requirements of several profiles, keyed by :attr:`Requirement.key`.

    ``decisive`` names the profiles the user asked for: their MUST rows decide even where they come from a design
    pattern (see :attr:`Requirement.decides_conformity`).
    """
    merged: dict[str, Requirement] = {}
    for name in names:
        merged.update(load_profile(name).requirements)
    return {
        identifier: row.model_copy(update={"decisive": True}) if row.profile in decisive else row
        for identifier, row in merged.items()
    }
