"""Which versions of UNTP documents can be rendered for, and by what."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.book import Book

__all__ = ["DEFAULT_VERSION", "Renderer", "VersionError", "renderer_for", "versions"]

DEFAULT_VERSION = "0.7.0"
_HOMES = {
    "0.7.0": "assay.simulator.issuance.v0_7",
    "0.6.1": "assay.simulator.issuance.v0_6",
    "0.6.0": "assay.simulator.issuance.v0_6",
}


class VersionError(ValueError):
    """A version of UNTP that nothing can be rendered for."""


class Renderer(Protocol):
    """Turns entries into documents. Fragments are shared between documents: treat what comes back as frozen."""

    def render(self, entry: Entry) -> dict[str, Any]:
        """The unsigned document of an entry."""

    def plain(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document that was rendered last with its subject in the form of 0.7, for whoever reads it in any version."""

    def schemes(self) -> list[dict[str, Any]]:
        """The published conformity vocabularies."""


def versions() -> tuple[str, ...]:
    """Every version that can be rendered for, newest first."""
    return tuple(version for version, home in _HOMES.items() if find_spec(home) is not None)


def renderer_for(version: str, book: Book) -> Renderer:
    """The renderer of a version. Raises :class:`VersionError`."""
    if version not in versions():
        raise VersionError(
            f"UNTP version '{version}' cannot be written; choose one of: {', '.join(versions())}"
        )
    home = import_module(_HOMES[version])
    renderer: Renderer = home.Renderer(book) if version == home.VERSION else home.Renderer(book, version)
    return renderer
