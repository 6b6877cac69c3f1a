"""Published schemas and contexts: generated ones built in, or the published files from a mirror directory or a cache.

What counts as published is pinned by digest in ``artefacts.lock.json``. Digests are of the minified JSON, so white space
does not matter. Nothing here opens a connection: :func:`pull` is given a function that fetches.

Errors: :class:`ArtefactError` only, naming the key (an artefact or a folder), the value that was met, and the mend.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from assay.profiles import untp_0_6
from assay.profiles.untp_0_7 import CONTEXT_URL, KINDS, context, schema

__all__ = [
    "MAX_ARTEFACT_BYTES",
    "ArtefactError",
    "ArtefactInfo",
    "Artefacts",
    "digest",
    "list_artefacts",
    "pull",
    "user_cache",
    "verify",
]

MAX_ARTEFACT_BYTES = 5_000_000
_LOCK = Path(__file__).parent / "artefacts.lock.json"
_MANIFEST = "MANIFEST.json"
_PULL = "run `assay artefacts pull`, or name a folder that holds it"


class ArtefactError(Exception):
    """An artefact that cannot be used: which (``key``), what was met (``value``), and what to do (``mend``)."""

    def __init__(self, key: str, value: str, mend: str) -> None:
        super().__init__(f"{key}: {value}; {mend}")
        self.key = key
        self.value = value
        self.mend = mend


@dataclass(frozen=True, slots=True)
class ArtefactInfo:
    """One line of the lock file."""

    name: str
    kind: str
    """``schema``, ``context`` or ``vocabulary``."""
    version: str | None
    """Version of UNTP it belongs to; None for those of the W3C."""
    url: str
    path: str
    """Where it stands in a mirror directory, unless the mirror's own manifest says otherwise."""
    sha256: str
    status: str
    """``verified``: equal to a digest that its publisher publishes; ``observed``: as it was fetched."""


@cache
def list_artefacts() -> tuple[ArtefactInfo, ...]:
    """Every published artefact that is pinned, in the order of the lock file."""
    rows = json.loads(_LOCK.read_text(encoding="utf-8"))["artefacts"]
    return tuple(ArtefactInfo(**row) for row in rows)


def user_cache() -> Path:
    """Where pulled artefacts go by default: ``ASSAY_CACHE``, else the user's cache folder."""
    named = os.environ.get("ASSAY_CACHE")
    if named:
        return Path(named) / "artefacts"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "assay" / "artefacts"


def digest(value: Any) -> str:
    """SHA-256, hexadecimal, of JSON as ``JSON.stringify`` writes it: no white space, members in file order."""
    text = json.dumps(_integral(value), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _integral(value: Any) -> Any:
    """``1.0`` is ``1`` in JavaScript."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _integral(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_integral(item) for item in value]
    return value


def _parse(info: ArtefactInfo, raw: bytes) -> dict[str, Any]:
    """The artefact behind the bytes, if it is the pinned one."""
    if len(raw) > MAX_ARTEFACT_BYTES:
        raise ArtefactError(
            info.name, f"{len(raw)} bytes", f"an artefact has at most {MAX_ARTEFACT_BYTES} bytes; {_PULL}"
        )
    try:
        value = json.loads(raw)
        found = digest(value)
    except (ValueError, RecursionError):
        raise ArtefactError(info.name, "not readable as JSON", _PULL) from None
    if found != info.sha256 or not isinstance(value, dict):
        raise ArtefactError(info.name, f"digest {found}", f"the lock file pins {info.sha256}; {_PULL}")
    return value


class _Mirror:
    """A folder of artefacts: files are found by the manifest's paths for their URLs, else where the lock says."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ArtefactError("artefacts", str(folder), "name a folder that exists")
        self.folder = folder.resolve()
        self.paths = self._manifest()

    def _manifest(self) -> Mapping[str, str]:
        file = self.folder / _MANIFEST
        if not file.is_file():
            return {}
        try:
            entries = json.loads(file.read_text(encoding="utf-8"))["files"]
            return {
                entry["url"]: entry["path"]
                for entry in entries
                if entry.get("url") and isinstance(entry.get("path"), str)
            }
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ArtefactError(
                "artefacts", str(file), "its manifest needs a list `files` of objects with `url` and `path`"
            ) from None

    def file(self, info: ArtefactInfo) -> Path:
        """Where the artefact should be; never outside the folder."""
        file = (self.folder / PurePosixPath(self.paths.get(info.url, info.path))).resolve()
        if not file.is_relative_to(self.folder):
            raise ArtefactError(info.name, str(file), f"keep it inside {self.folder}")
        return file

    def holds(self, info: ArtefactInfo) -> bool:
        return self.file(info).is_file()

    def load(self, info: ArtefactInfo) -> dict[str, Any]:
        file = self.file(info)
        if not file.is_file():
            raise ArtefactError(info.name, f"no file {file}", _PULL)
        with file.open("rb") as stream:
            return _parse(info, stream.read(MAX_ARTEFACT_BYTES + 1))


class Artefacts:
    """Schemas and contexts to judge by."""

    def __init__(self, mirror: _Mirror | None = None) -> None:
        self._mirror = mirror
        self._loaded: dict[str, dict[str, Any]] = {}

    @classmethod
    def builtin(cls) -> Artefacts:
        """Generated from the class table; needs no file and no network."""
        return cls()

    @classmethod
    def from_directory(cls, folder: str | Path) -> Artefacts:
        """The published files in a mirror directory or cache, every one checked against its pinned digest.

        The UNTP context and all schemas of 0.7.0 must be there; contexts of other publishers are used where present.
        Raises ArtefactError at once if something is missing or altered.
        """
        found = cls(_Mirror(Path(folder)))
        for kind in KINDS:
            found.schema(kind)
        found.contexts()
        return found

    @property
    def source(self) -> str:
        """``generated``, or the folder."""
        return "generated" if self._mirror is None else str(self._mirror.folder)

    def schema(self, kind: str, version: str = "0.7.0") -> dict[str, Any]:
        """The JSON Schema of a document kind in a version of UNTP. Shared: do not change it.

        KeyError for a kind or version without one. Those of 0.6 are generated where a mirror does not hold them.
        """
        if version == "0.7.0":
            if self._mirror is None:
                return schema(kind)
            return self._load(self._mirror, _by_url(KINDS[kind].schema_url))
        info = _by_url(untp_0_6.KINDS[version][kind].schema_url)
        if self._mirror is None or not self._mirror.holds(info):
            return untp_0_6.schema(kind, version)
        return self._load(self._mirror, info)

    def contexts(self) -> Mapping[str, dict[str, Any]]:
        """Context documents by URL, beside those that come with pyld. Shared: do not change them.

        Those of UNTP 0.6 are not among the built-in ones: whoever needs one generates it.
        """
        if self._mirror is None:
            return {CONTEXT_URL: context()}
        mirror = self._mirror
        return {
            info.url: self._load(mirror, info)
            for info in list_artefacts()
            if info.kind == "context" and (info.url == CONTEXT_URL or mirror.holds(info))
        }

    def _load(self, mirror: _Mirror, info: ArtefactInfo) -> dict[str, Any]:
        found = self._loaded.get(info.url)
        if found is None:
            found = self._loaded[info.url] = mirror.load(info)
        return found


def _by_url(url: str) -> ArtefactInfo:
    return next(info for info in list_artefacts() if info.url == url)


def _selected(versions: Iterable[str] | None) -> list[ArtefactInfo]:
    if versions is None:
        return list(list_artefacts())
    wanted = {*versions, None}
    return [info for info in list_artefacts() if info.version in wanted and info.status == "verified"]


def verify(folder: str | Path, versions: Iterable[str] | None = None) -> list[ArtefactError]:
    """Check a mirror directory or cache against the lock; one error for each artefact that is missing or altered.

    ``versions`` narrows the check to what :func:`pull` fetches for those versions of UNTP. Raises ArtefactError if the
    folder itself cannot be used.
    """
    mirror = _Mirror(Path(folder))
    problems: list[ArtefactError] = []
    for info in _selected(versions):
        try:
            mirror.load(info)
        except ArtefactError as problem:
            problems.append(problem)
    return problems


def pull(
    fetch: Callable[[str], bytes],
    target: str | Path | None = None,
    versions: Iterable[str] | None = ("0.7.0",),
) -> list[Path]:
    """Fetch the pinned artefacts into a folder (default: the user's cache) and return the files written.

    ``versions`` are versions of UNTP; the verified artefacts of the W3C come along, None fetches all there is.
    Everything is fetched and checked before anything is written; each file then appears whole. Raises ArtefactError for
    an artefact that is not the pinned one or cannot be written; what ``fetch`` raises passes through.
    """
    folder = user_cache() if target is None else Path(target)
    fetched = [(info, raw) for info in _selected(versions) for raw in [fetch(info.url)] if _parse(info, raw)]
    paths = dict(_Mirror(folder).paths) if folder.is_dir() else {}
    paths |= {info.url: info.path for info, _ in fetched}
    manifest = [{"url": url, "path": path} for url, path in paths.items()]
    files = [(folder / info.path, raw) for info, raw in fetched]
    files.append((folder / _MANIFEST, json.dumps({"files": manifest}, indent=1).encode()))
    for file, raw in files:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_name(file.name + ".part")
            part.write_bytes(raw)
            part.replace(file)
        except OSError as problem:
            raise ArtefactError(
                "artefacts", str(file), f"make it writable ({problem.strerror}) or name another folder"
            ) from None
    return [file for file, _ in files]
