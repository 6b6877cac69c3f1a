"""The catalogue: what is asked, by whom, how gravely, and how it is decided.

Requirements live in ``<profile folder>/requirements/*.yaml``; a profile is ``<folder>/profile.yaml`` with a name, a
title and the profiles it extends. Level and status live here and never in a check, so that the same check can be
grave under one profile and advice under another.

A profile is named, if it ships with Assay, or it is a folder of the user's own (:func:`load_reference` tells which). A
user's profile with ``nations`` is an *overlay*: its own rows hold only for documents of those nations.
"""

from __future__ import annotations

import hashlib
import os
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assay.profiles.own import ADOPTABLE, NATION_OF, ROWS, Steps, nations_of, only, ours, own_head
from assay.profiles.reading import (
    COMPILED,
    ROOM,
    CatalogueError,
    ProfileFile,
    catalogue_digest,
    read_bytes,
    read_file,
    read_yaml,
    shown,
)
from assay.profiles.requirement import CheckKind, Level, Reason, Requirement, Status

__all__ = [
    "COMPILED",
    "NATION_OF",
    "CatalogueError",
    "CheckKind",
    "Level",
    "Profile",
    "Reason",
    "Requirement",
    "Status",
    "asked_by_name",
    "catalogue_digest",
    "is_folder",
    "is_path",
    "load_folder",
    "load_profile",
    "load_profiles",
    "load_reference",
    "profile_names",
    "read_yaml",
    "united",
]


class Profile(BaseModel):
    """A named set of requirements by :attr:`Requirement.key`, with everything it extends merged in (own rows win)."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    extends: tuple[str, ...]
    requirements: dict[str, Requirement]
    digest: str
    """``sha256:…`` over its head, rows, rules in SQL and, for a user's own, ``checks.py``, with the digests of its layers."""
    layers: tuple[Profile, ...] = ()
    """The profiles that it extends, in the order given."""
    bases: tuple[Profile, ...] = ()
    """Other profiles of the user's own that it adopts rows of."""
    folder: Path | None = None
    """Where a user's own profile lies; None for a shipped one."""
    nations: tuple[str, ...] = ()
    """Of an overlay: the nations (ISO 3166-1 alpha-2) whose documents its own rows hold for."""
    nation_of: tuple[str, ...] = ()
    """Of an overlay: whose nation counts, of :data:`NATION_OF`."""
    stands: dict[str, tuple[Path, Steps]] = Field(default_factory=dict, repr=False)
    """Of a user's own profile: file and place of each of its rows."""

    def family(self) -> Iterator[Profile]:
        """The profile and everything that it extends, once each."""
        waiting, seen = [self], set()
        while waiting:
            one = waiting.pop(0)
            if one.name not in seen:
                seen.add(one.name)
                yield one
                waiting += one.layers

    def own_rows(self) -> list[Requirement]:
        """The rows that the profile itself states or adopts."""
        return [row for row in self.requirements.values() if row.profile == self.name]

    def at(self, row: Requirement) -> str:
        """``file:line`` of a row that a user's own profile states or adopts."""
        path, steps = self.stands[row.key]
        return read_file(path, hashlib.sha256(), path.parent).at(steps)


@cache
def _folders() -> Mapping[str, Path]:
    """Folders of the shipped profiles by the name that their ``profile.yaml`` gives."""
    return {name: path.parent for path in sorted(ROOM.glob("*/profile.yaml")) if (name := _name_in(path))}


def _name_in(path: Path) -> str:
    """The name that a ``profile.yaml`` gives, or nothing where it cannot be read."""
    try:
        match = re.search(r"^name:\s*(\S+)", path.read_text(encoding="utf-8", errors="replace"), re.M)
    except OSError:
        return ""
    return match.group(1) if match else ""


def profile_names() -> list[str]:
    """Names of the profiles that ship with Assay."""
    return sorted(_folders())


@cache
def load_profile(name: str) -> Profile:
    """Load a shipped profile by name, with its layers.

    :raises CatalogueError: unknown name, unreadable file, profiles that extend each other in a circle, an id given
        twice, or a row that does not fit the model.
    """
    folders = _folders()
    if name not in folders:
        raise CatalogueError(f"profile '{name}' is unknown; choose one of: {', '.join(sorted(folders))}")
    return _load(folders[name], ())


def is_path(reference: str) -> bool:
    """Whether a reference to a profile is written as the path of a folder, and not as a name."""
    return os.sep in reference or "/" in reference or reference in (".", "..")


def is_folder(reference: str) -> bool:
    """Whether what a user gave as a profile is the folder of one: it is written as a path, or is a folder and no name."""
    return is_path(reference) or (reference not in _folders() and Path(reference).is_dir())


def load_reference(reference: str) -> Profile:
    """A shipped profile by its name, or a user's own by its folder.

    :raises CatalogueError: as :func:`load_profile` and :func:`load_folder`.
    """
    if is_folder(reference):
        return load_folder(Path(reference))
    if reference in _folders():
        return load_profile(reference)
    names = ", ".join(profile_names())
    raise CatalogueError(
        f"profile '{reference}' is unknown; choose one of: {names}; or give the folder of your own, such as ./my-profile"
    )


def load_folder(folder: Path) -> Profile:
    """Load a user's own profile from its folder; it may extend shipped profiles, others beside it, and other folders.

    :raises CatalogueError: as :func:`load_profile`; also no ``profile.yaml``, a key that a profile does not have, or the
        name of a shipped profile.
    """
    return _load(folder, ())


_LOADED: dict[Path, Profile] = {}
"""Shipped profiles that were loaded, also as a layer of another."""

_Above = tuple[tuple[Path, str], ...]


def _load(folder: Path, above: _Above) -> Profile:
    """A profile with its layers; ``above`` are folders and names of those that extend it, outermost first."""
    if folder in _LOADED:
        return _LOADED[folder]
    own = folder.parent != ROOM
    manifest, digest = folder / "profile.yaml", hashlib.sha256()
    if not manifest.is_file():
        raise CatalogueError(
            f"{manifest}:1: there is no such file; a profile is a folder with a profile.yaml"
        )
    head = read_file(manifest, digest, folder)
    name = own_head(head, [one for _, one in above], _folders()) if own else str(head.content["name"])
    above = (*above, (folder.resolve(), name))
    extends = _list(head, "extends", "a list of profile names, or of folders")
    merged: dict[str, Requirement] = {}
    layers = tuple(_layer(parent, above, head, ("extends", place)) for place, parent in enumerate(extends))
    for layer in layers:
        digest.update(layer.digest.encode())
    united(layers, merged)
    nations, nation_of = nations_of(head) if own else ((), ())
    told: dict[str, str] = {}
    bases: list[Profile] = []
    stands: dict[str, tuple[Path, Steps]] = {}
    for path in sorted((folder / "requirements").glob("*.yaml")):
        file = read_file(path, digest, folder)
        if own:
            only(file, (), file.content, ROWS, "a file of rows")
        for key, row, steps in _rows(file, told, name if own else ""):
            if nations and key in merged:
                raise file.fault(
                    (*steps, "id"),
                    f"{row.id} is a row of {merged[key].profile}; say under 'adopts' what is different in {', '.join(nations)}",
                )
            merged[key] = row
            stands[key] = (path, steps)
        for other, changes in _mapping(file, "adopts").items():
            base = _layer(other, above, file, ("adopts", other))
            digest.update(base.digest.encode())
            bases += [base] if base.folder is not None else []
            for row, steps in _adopted(name, base, changes, file, other, own=own):
                if own and not nations:
                    merged.pop(row.id, None)  # it stands in place of the row that was extended
                if own and row.id in told:
                    raise file.fault(
                        steps, f"{row.id} stands here for the second time; first at {told[row.id]}"
                    )
                if own:
                    told[row.id] = f"{shown(path)}, under 'adopts'"
                merged[row.key] = row
                stands[row.key] = (path, steps)
    for path in sorted((folder / "rules").glob("*.sql")):
        read_bytes(path, digest, folder)
    if own and (folder / "checks.py").is_file():
        read_bytes(folder / "checks.py", digest, folder)
    profile = Profile(
        name=name,
        title=str(head.content.get("title", name)),
        extends=tuple(layer.name for layer in layers),
        requirements=merged,
        digest="sha256:" + digest.hexdigest(),
        layers=layers,
        bases=tuple(bases),
        folder=folder if own else None,
        nations=nations,
        nation_of=nation_of,
        stands=stands if own else {},
    )
    if not own:
        _LOADED[folder] = profile
    return profile


def _layer(reference: Any, above: _Above, file: ProfileFile, steps: Steps) -> Profile:
    """A profile that another one names, loaded once it is known not to lead back."""
    folder = _found(reference, above, file, steps)
    if folder.resolve() in (path for path, _ in above):
        chain = " -> ".join((*(name for _, name in above), _name_in(folder / "profile.yaml")))
        raise file.fault(steps, f"profiles extend each other in a circle: {chain}")
    return _load(folder, above)


def _found(reference: Any, above: _Above, file: ProfileFile, steps: Steps) -> Path:
    """The folder of a profile that another one names: shipped, beside it, or at a path from its own folder."""
    here, own_name = above[-1]
    if isinstance(reference, str):
        folders = _folders()
        if reference in folders:
            return folders[reference]
        if reference == own_name:
            return here
        if is_path(reference):
            # as the user wrote it, from the folder of the file that says so
            near = file.path.parent if file.path.name == "profile.yaml" else file.path.parent.parent
            folder = Path(os.path.normpath(near / reference))
            if (folder / "profile.yaml").is_file():
                return folder
            raise file.fault(steps, f"{reference!r} leads to {folder}, where there is no profile.yaml")
        for path in sorted(here.parent.glob("*/profile.yaml")):
            if _name_in(path) == reference:
                return path.parent
    names = ", ".join(profile_names())
    raise file.fault(
        steps, f"profile {reference!r} is unknown; choose one of: {names}; or name a folder by its path"
    )


def _mapping(file: ProfileFile, key: str) -> dict[str, Any]:
    """The mapping under a key; empty where the key is missing, or has nothing after it."""
    found = file.content.get(key)
    if not isinstance(found, dict | None):
        raise file.fault((key,), f"{key}: has to be a mapping, not {reprlib.repr(found)}")
    return found or {}


def _list(file: ProfileFile, key: str, what: str) -> list[Any]:
    """The list under a key; empty where the key is missing, or has nothing after it."""
    found = file.content.get(key)
    if not isinstance(found, list | None):
        raise file.fault((key,), f"{key}: has to be {what}, not {reprlib.repr(found)}")
    return found or []


def _rows(file: ProfileFile, told: dict[str, str], own: str) -> Iterator[tuple[str, Requirement, Steps]]:
    """Key, row and place of the rows of a file; ``told`` says where the ids of the profile's earlier rows stand.

    ``own`` is the name of a user's profile, which its rows carry; empty for shipped ones.
    """
    defaults, entries = _mapping(file, "defaults"), _list(file, "requirements", "a list of rows")
    if own:
        defaults = {"profile": own, **defaults}
    file_name = shown(file.path)
    for place, row in enumerate(entries):
        steps = ("requirements", place)
        if not isinstance(row, dict):
            raise file.fault(steps, "a requirement has to be a mapping with an id")
        try:
            requirement = Requirement(**_with_defaults(defaults, row))
        except ValidationError as error:
            raise _misfit(file, steps, row.get("id"), error) from error
        except TypeError as error:
            raise file.fault(steps, "the keys of a requirement have to be words") from error
        if own:
            ours(file, steps, requirement, own)
        if requirement.id in told:
            first = told[requirement.id]
            raise file.fault(
                (*steps, "id"), f"{requirement.id} stands here for the second time; first at {first}"
            )
        told[requirement.id] = f"{file_name}, row {place + 1}"
        yield requirement.key, requirement, steps


def _misfit(file: ProfileFile, steps: Steps, identifier: Any, error: ValidationError) -> CatalogueError:
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
    name: str, base: Profile, changes: Any, file: ProfileFile, other: str, *, own: bool
) -> Iterator[tuple[Requirement, Steps]]:
    """Rows of another profile that hold in this one, with what is different here (``adopts`` in a file of rows)."""
    if not isinstance(changes, dict):
        raise file.fault(
            ("adopts", other), f"name the rows of {base.name} as keys, each with what is different here"
        )
    for identifier, change in changes.items():
        steps: Steps = ("adopts", other, identifier)
        row = base.requirements.get(identifier) or base.requirements.get(f"{identifier}@{base.name}")
        if row is None:
            raise file.fault(steps, f"adopts {identifier!r}, which {base.name} does not have")
        if change is not None and not isinstance(change, dict):
            raise file.fault(steps, f"{identifier}: has to be a mapping of what is different, or empty")
        if own:
            only(file, steps, change or {}, ADOPTABLE, "an adopted row")
        told = row.model_dump(exclude={"decisive"})
        source = _source(row, base) if own else base.name
        try:
            adopted = Requirement(**{**told, **(change or {}), "profile": name, "adopted_from": source})
        except ValidationError as error:
            raise _misfit(file, steps, identifier, error) from error
        yield adopted, steps


def _source(row: Requirement, base: Profile) -> str:
    """The profile that a row is written for: the one that states it, however many profiles of a user's hand it on."""
    handed_on = any(one.name == row.profile and one.folder is not None for one in base.family())
    return row.adopted_from if handed_on and row.adopted_from else row.profile


def united(profiles: Iterable[Profile], into: dict[str, Requirement] | None = None) -> dict[str, Requirement]:
    """The rows of several profiles by key. A profile's own row stands in place of one that it extends, in whatever order.

    :raises CatalogueError: two profiles of a user's, neither of which extends the other, state a row of one id; or two
        have one name.
    """
    merged = {} if into is None else into
    met: dict[str, Profile] = {}
    for profile in profiles:
        for one in profile.family():
            known = met.setdefault(one.name, one)
            if known.digest != one.digest:
                raise CatalogueError(
                    f"{one.folder}/profile.yaml:1: '{one.name}' is also the name of {known.folder}; choose another"
                )
        for key, row in profile.requirements.items():
            standing = merged.get(key)
            if standing is None or standing.profile == row.profile or _replaces(row, standing, met):
                merged[key] = row
            elif not _replaces(standing, row, met):
                ours, other = (row, standing) if _own(row, met) else (standing, row)
                if _own(ours, met) is None:
                    merged[key] = row  # both are shipped: the later one
                    continue
                raise CatalogueError(
                    f"{met[ours.profile].at(ours)}: {ours.id} is also a row of {other.profile}, which {ours.profile} "
                    "does not extend; choose another id, or extend it"
                )
    return merged


def _own(row: Requirement, met: Mapping[str, Profile]) -> Profile | None:
    """The user's own profile that states a row, if one does."""
    profile = met.get(row.profile)
    return profile if profile is not None and profile.folder is not None else None


def _replaces(row: Requirement, other: Requirement, met: Mapping[str, Profile]) -> bool:
    """Whether a row is stated by a user's profile that extends one with the other row."""
    profile = _own(row, met)
    if profile is None:
        return False
    below = (one.requirements.get(other.key) for one in profile.family() if one is not profile)
    return any(found is not None and found.profile == other.profile for found in below)


def load_profiles(names: tuple[str, ...], decisive: tuple[str, ...] = ()) -> dict[str, Requirement]:
    """The union of the requirements of several shipped profiles, keyed by :attr:`Requirement.key`.

    ``decisive`` names the profiles the user asked for: see :func:`asked_by_name`.
    """
    merged = united([load_profile(name) for name in names])
    return {key: asked_by_name(row) if row.profile in decisive else row for key, row in merged.items()}


def asked_by_name(row: Requirement) -> Requirement:
    """A row of a profile that the user asked for: MUST rows decide even where they come from a design pattern (see
    :attr:`Requirement.decides_conformity`), and one that is the same as a row elsewhere is judged under its own name."""
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
