"""The catalogue of requirements: what is asked, by whom, how gravely, and how it is decided.

Requirements live in ``<profile folder>/requirements/*.yaml``; a profile is ``<folder>/profile.yaml`` with a name, a
title and the profiles it extends. Level and status live here and never in a check, so that the same check can be
grave under one profile and advice under another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from assay.profiles.located import line_of, syntax_error, twice_named
from assay.profiles.requirement import CheckKind, Level, Reason, Requirement, Status

__all__ = [
    "COMPILED",
    "CatalogueError",
    "CheckKind",
    "Level",
    "Profile",
    "Reason",
    "Requirement",
    "Status",
    "load_folder",
    "load_profile",
    "load_profiles",
    "profile_names",
    "read_yaml",
]

_ROOM = Path(__file__).parent


class CatalogueError(ValueError):
    """A profile that cannot be used; the message names file, line, key, value and mend."""


class Profile(BaseModel):
    """A named set of requirements by :attr:`Requirement.key`, with everything it extends merged in (own rows win)."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    extends: tuple[str, ...]
    requirements: dict[str, Requirement]
    digest: str


def _named(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders of profiles by the name that their ``profile.yaml`` gives."""
    found: dict[str, Path] = {}
    for folder in folders:
        match = re.search(r"^name:\s*(\S+)", (folder / "profile.yaml").read_text(encoding="utf-8"), re.M)
        if match:
            found[match.group(1)] = folder
    return found


def _folders() -> dict[str, Path]:
    return _named([manifest.parent for manifest in sorted(_ROOM.glob("*/profile.yaml"))])


def profile_names() -> list[str]:
    """Names of the profiles that ship with Assay."""
    return sorted(_folders())


COMPILED = _ROOM / "compiled.json"
"""YAML files already read, with the digest of their bytes: reading 1,000 rows of YAML costs 0.5 s of every start.

Written by ``tools/compile_catalogue.py``, checked by a test; a file that was changed since is simply read as YAML.
"""


@cache
def _compiled() -> dict[str, Any]:
    import orjson

    if not COMPILED.is_file():
        return {}
    content: dict[str, Any] = orjson.loads(COMPILED.read_bytes())
    return content


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a profile: its bytes, what they say, and how to point into it."""

    path: Path
    raw: bytes
    content: dict[str, Any]

    def fault(self, steps: Sequence[str | int], words: str) -> CatalogueError:
        """An error at a place of the file, with its line."""
        return CatalogueError(f"{self.at(steps)}: {words}")

    def at(self, steps: Sequence[str | int]) -> str:
        """``file:line`` of a place."""
        return f"{_shown(self.path)}:{line_of(self.raw, steps)}"


def _shown(path: Path) -> str:
    return path.relative_to(_ROOM).as_posix() if path.is_relative_to(_ROOM) else str(path)


def read_yaml(path: Path, raw: bytes | None = None) -> Any:
    """A YAML file of the catalogue.

    :raises CatalogueError: not YAML, or a mapping with the same key twice.
    """
    import yaml

    raw = path.read_bytes() if raw is None else raw
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(raw, Loader=loader)  # noqa: S506 - a safe loader, in C where built
        twice = twice_named(raw)
    except yaml.YAMLError as error:
        line, words = syntax_error(error)
        raise CatalogueError(f"{_shown(path)}:{line}: not valid YAML: {words}") from error
    if twice is not None:
        raise CatalogueError(f"{_shown(path)}:{twice[0]}: '{twice[1]}' is given twice; keep one")
    return content


def _read(path: Path, digest: Any) -> _File:
    if path.stat().st_size > _LARGEST:
        raise CatalogueError(f"{_shown(path)}:1: larger than {_LARGEST} bytes; split it")
    raw = path.read_bytes()
    digest.update(raw)
    known = _compiled().get(_shown(path))
    compiled = known is not None and known["sha256"] == hashlib.sha256(raw).hexdigest()
    content = known["content"] if known is not None and compiled else read_yaml(path, raw)
    file = _File(path, raw, {} if content is None else content)
    if not isinstance(file.content, dict):
        raise file.fault((), "has to be a mapping")
    return file


_LARGEST = 4 * 1024 * 1024
"""Bytes; the largest file of the shipped catalogue has 40 KB."""


@cache
def load_profile(name: str) -> Profile:
    """Load a profile by name, with its layers.

    :raises CatalogueError: unknown name, unreadable file, profiles that extend each other in a circle, an id given
        twice, or a row that does not fit the model.
    """
    folders = _folders()
    if name not in folders:
        raise CatalogueError(f"profile '{name}' is unknown; choose one of: {', '.join(sorted(folders))}")
    return _load(name, folders, ())


def load_folder(folder: Path) -> Profile:
    """Load a user's own profile from its folder; it may extend shipped profiles, and others that lie beside it.

    :raises CatalogueError: as :func:`load_profile`; also no ``profile.yaml``, or the name of a shipped profile.
    """
    manifest = folder / "profile.yaml"
    if not manifest.is_file():
        raise CatalogueError(
            f"{manifest}:1: there is no such file; a profile is a folder with a profile.yaml"
        )
    head = _read(manifest, hashlib.sha256())
    name, shipped = head.content.get("name"), _folders()
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        raise head.fault(("name",), "'name' has to be lower-case letters, digits, '.', '_' and '-'")
    if name in shipped:
        raise head.fault(
            ("name",), f"'{name}' is the name of a profile that ships with Assay; choose another"
        )
    beside = _named([found.parent for found in sorted(folder.resolve().parent.glob("*/profile.yaml"))])
    return _load(name, {**beside, name: folder, **shipped}, ())


_LOADED: dict[Path, Profile] = {}
"""Shipped profiles that were loaded as a layer of another."""


def _load(name: str, folders: Mapping[str, Path], above: tuple[str, ...]) -> Profile:
    """A profile with its layers; ``above`` are those that extend it, outermost first."""
    folder = folders[name]
    if folder in _LOADED:
        return _LOADED[folder]
    digest = hashlib.sha256()
    head = _read(folder / "profile.yaml", digest)
    above = (*above, name)
    merged: dict[str, Requirement] = {}
    extends = head.content.get("extends") or ()
    if not isinstance(extends, (list, tuple)):
        raise head.fault(("extends",), "'extends' has to be a list of profile names")
    for place, parent in enumerate(extends):
        layer = _layer(parent, folders, above, head, ("extends", place))
        merged.update(layer.requirements)
        digest.update(layer.digest.encode())
    told: dict[str, str] = {}
    for path in sorted((folder / "requirements").glob("*.yaml")):
        file = _read(path, digest)
        merged.update(_rows(file, told))
        for other, changes in _mapping(file, "adopts").items():
            base = _layer(other, folders, above, file, ("adopts", other))
            merged.update(_adopted(name, base, changes or {}, file))
            digest.update(base.digest.encode())
    profile = Profile(
        name=name,
        title=str(head.content.get("title", name)),
        extends=tuple(extends),
        requirements=merged,
        digest="sha256:" + digest.hexdigest(),
    )
    if folder.parent == _ROOM:
        _LOADED[folder] = profile
    return profile


def _layer(
    name: Any, folders: Mapping[str, Path], above: tuple[str, ...], file: _File, steps: tuple[str | int, ...]
) -> Profile:
    """A profile that another one names, loaded once it is known not to lead back."""
    if name in above:
        raise file.fault(steps, f"profiles extend each other in a circle: {' -> '.join((*above, name))}")
    if not isinstance(name, str) or name not in folders:
        raise file.fault(steps, f"profile {name!r} is unknown; choose one of: {', '.join(sorted(folders))}")
    return _load(name, folders, above)


def _mapping(file: _File, key: str) -> dict[str, Any]:
    found = file.content.get(key) or {}
    if not isinstance(found, dict):
        raise file.fault((key,), f"'{key}' has to be a mapping")
    return found


def _rows(file: _File, told: dict[str, str]) -> dict[str, Requirement]:
    """The rows of a file; ``told`` says where the ids of the profile's earlier rows stand."""
    defaults, entries = _mapping(file, "defaults"), file.content.get("requirements") or ()
    if not isinstance(entries, (list, tuple)):
        raise file.fault(("requirements",), "'requirements' has to be a list")
    found: dict[str, Requirement] = {}
    for place, row in enumerate(entries):
        steps = ("requirements", place)
        if not isinstance(row, dict):
            raise file.fault(steps, "a requirement has to be a mapping with an id")
        try:
            requirement = Requirement(**_with_defaults(defaults, row))
        except ValidationError as error:
            raise _misfit(file, steps, row.get("id"), error) from error
        if requirement.id in told:
            first = told[requirement.id]
            raise file.fault(
                (*steps, "id"), f"{requirement.id} stands here for the second time; first at {first}"
            )
        told[requirement.id] = f"{_shown(file.path)}, row {place + 1}"
        found[requirement.key] = requirement
    return found


def _misfit(
    file: _File, steps: tuple[str | int, ...], identifier: Any, error: ValidationError
) -> CatalogueError:
    """The first thing wrong with a row, in one line."""
    wrong = error.errors(include_url=False)[0]
    key, words = ".".join(str(step) for step in wrong["loc"]), wrong["msg"]
    if wrong["type"] in ("enum", "literal_error"):
        words = f"{wrong['input']!r} is unknown; choose {wrong['ctx']['expected']}"
    elif wrong["type"] == "extra_forbidden":
        words = f"is no field of a requirement; choose from {', '.join(Requirement.model_fields)}"
    elif wrong["type"] == "missing":
        words = "is missing"
    elif wrong["type"] == "value_error":
        words = str(wrong["ctx"]["error"]).removeprefix(f"{identifier}: ")
    place = (*steps, *wrong["loc"])
    if not key or wrong["loc"][0] not in _at(file.content, steps):
        place = steps
    named = f"{identifier or 'a row without id'}: "
    return file.fault(place, named + (f"{key}: {words}" if key else words))


def _at(content: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        content = content[step]
    return content or {}


def _with_defaults(defaults: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """A row with what its file says for all; a default reason does not hold for a row that has a check, nor the reverse."""
    told = {**defaults, **row}
    if "check" in row and "not_checked" not in row:
        told.pop("not_checked", None)
    if "not_checked" in row and "check" not in row:
        told.pop("check", None)
    return told


def _adopted(
    name: str, base: Profile, changes: dict[str, dict[str, Any] | None], file: _File
) -> dict[str, Requirement]:
    """Rows of another profile that hold in this one, with what is different here (``adopts`` in a file of rows)."""
    found: dict[str, Requirement] = {}
    for identifier, change in changes.items():
        steps = ("adopts", base.name, identifier)
        if identifier not in base.requirements:
            raise file.fault(steps, f"adopts {identifier!r}, which {base.name} does not have")
        told = base.requirements[identifier].model_dump(exclude={"decisive"})
        try:
            row = Requirement(**{**told, **(change or {}), "profile": name, "adopted_from": base.name})
        except ValidationError as error:
            raise _misfit(file, steps, identifier, error) from error
        found[row.key] = row
    return found


def load_profiles(names: tuple[str, ...], decisive: tuple[str, ...] = ()) -> dict[str, Requirement]:
    """The union of the requirements of several profiles, keyed by :attr:`Requirement.key`.

    ``decisive`` names the profiles the user asked for: their MUST rows decide even where they come from a design
    pattern (see :attr:`Requirement.decides_conformity`), and their rows that are the same as rows elsewhere are
    judged under their own name.
    """
    merged: dict[str, Requirement] = {}
    for name in names:
        merged.update(load_profile(name).requirements)
    return {identifier: _asked(row) if row.profile in decisive else row for identifier, row in merged.items()}


def _asked(row: Requirement) -> Requirement:
    changes: dict[str, Any] = {"decisive": True}
    if row.check is CheckKind.SAME:
        other = _everywhere()[row.same_as[0]]
        changes |= {
            "check": other.check,
            "places": other.places,
            "basis": other.basis,
            "decided_by": other.id,
        }
    return row.model_copy(update=changes)


@cache
def _everywhere() -> dict[str, Requirement]:
    return {
        row.id: row
        for name in profile_names()
        for row in load_profile(name).requirements.values()
        if not row.adopted_from
    }
