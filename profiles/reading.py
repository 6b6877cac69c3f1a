"""Reading the files of a profile: YAML with the line of everything that is wrong in it, SQL, and digests over both."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assay.profiles.located import line_of, syntax_error, twice_named

__all__ = [
    "COMPILED",
    "ROOM",
    "CatalogueError",
    "ProfileFile",
    "catalogue_digest",
    "read_bytes",
    "read_file",
    "read_yaml",
    "shown",
]

ROOM = Path(__file__).parent
"""Where the profiles lie that ship with Assay."""

COMPILED = ROOM / "compiled.json"
"""YAML files already read, with the digest of their bytes: reading 1,000 rows of YAML costs 0.5 s of every start.

Written by ``tools/compile_catalogue.py``, checked by a test; a file that was changed since is simply read as YAML.
"""

_LARGEST = 4 * 1024 * 1024
"""Bytes; the largest file of the shipped catalogue has 40 KB."""


class CatalogueError(ValueError):
    """A profile that cannot be used; the message names file, line, key, value and mend."""


@cache
def _compiled() -> dict[str, Any]:
    import orjson

    if not COMPILED.is_file():
        return {}
    content: dict[str, Any] = orjson.loads(COMPILED.read_bytes())
    return content


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A file of a profile: its bytes, what they say, and how to point into it."""

    path: Path
    raw: bytes
    content: dict[str, Any]

    def fault(self, steps: Sequence[str | int], words: str) -> CatalogueError:
        """An error at a place of the file, with its line."""
        return CatalogueError(f"{self.at(steps)}: {words}")

    def at(self, steps: Sequence[str | int]) -> str:
        """``file:line`` of a place."""
        return f"{shown(self.path)}:{line_of(self.raw, steps)}"


def shown(path: Path) -> str:
    """A path as errors write it: shipped files from the room on, others as the user named them."""
    return path.relative_to(ROOM).as_posix() if path.is_relative_to(ROOM) else str(path)


def read_yaml(path: Path, raw: bytes | None = None) -> Any:
    """A YAML file of the catalogue.

    :raises CatalogueError: not YAML, nested without end, or a mapping with the same key twice.
    """
    import yaml

    raw = path.read_bytes() if raw is None else raw
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(raw, Loader=loader)  # noqa: S506 - a safe loader, in C where built
        twice = twice_named(raw)
    except yaml.YAMLError as error:
        line, words = syntax_error(error)
        raise CatalogueError(f"{shown(path)}:{line}: not valid YAML: {words}") from error
    except (RecursionError, ValueError) as error:
        told = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise CatalogueError(f"{shown(path)}:1: not valid YAML: {told}") from error
    if twice is not None:
        raise CatalogueError(f"{shown(path)}:{twice[0]}: '{twice[1]}' is given twice; keep one")
    return content


def read_bytes(path: Path, digest: Any, within: Path) -> bytes:
    """The bytes of a file of a profile, taken into its digest with length and name below the folder of the profile.

    :raises CatalogueError: unreadable, or larger than any file of a profile has to be.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise CatalogueError(f"{shown(path)}:1: larger than {_LARGEST} bytes; split it")
        raw = path.read_bytes()
    except OSError as error:
        raise CatalogueError(f"{shown(path)}:1: cannot be read: {error.strerror}") from error
    digest.update(f"{path.relative_to(within).as_posix()} {len(raw)}\n".encode())
    digest.update(raw)
    return raw


def read_file(path: Path, digest: Any, within: Path) -> ProfileFile:
    """A YAML file of a profile, taken into the digest of the profile.

    :raises CatalogueError: as :func:`read_yaml` and :func:`read_bytes`; or no mapping.
    """
    raw = read_bytes(path, digest, within)
    known = _compiled().get(shown(path))
    compiled = known is not None and known["sha256"] == hashlib.sha256(raw).hexdigest()
    content = known["content"] if known is not None and compiled else read_yaml(path, raw)
    file = ProfileFile(path, raw, {} if content is None else content)
    if not isinstance(file.content, dict):
        raise file.fault((), "has to be a mapping")
    return file


@cache
def catalogue_digest() -> str:
    """``sha256:…`` over everything that the shipped profiles are written in: their heads, rows and rules in SQL."""
    digest = hashlib.sha256()
    for pattern in ("*/profile.yaml", "*/requirements/*.yaml", "*/rules/*.sql"):
        for path in sorted(ROOM.glob(pattern)):
            read_bytes(path, digest, ROOM)
    return "sha256:" + digest.hexdigest()
