"""Taking addresses apart that somebody else wrote: nothing here raises, whatever the text."""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

__all__ = ["join", "split"]

_NOTHING = SplitResult("", "", "", "", "")


def split(url: str) -> SplitResult:
    """The parts of a URL; empty ones for text that is none (``https://[``, a port of letters)."""
    try:
        parts = urlsplit(url)
        # Reading the port is what finds out that it is none.
        return parts if parts.port is None or parts.port >= 0 else _NOTHING
    except ValueError:
        return _NOTHING


def join(base: str, reference: str) -> str:
    """The address that a reference (``Location``) leads to from a base, or an empty string for text that is none."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return ""
