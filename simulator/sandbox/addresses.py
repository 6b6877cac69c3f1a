"""Addresses from strangers: taking one apart never raises."""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

__all__ = ["join_address", "split_address"]

_NOTHING = SplitResult("", "", "", "", "")


def split_address(url: str) -> SplitResult:
    """The parts of a URL; all of them empty for what is no URL at all (``https://[``, a port of 99999)."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        return _NOTHING
    return parts


def join_address(base: str, reference: str) -> str:
    """A reference resolved against the address it was found at; empty when that gives no URL."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return ""
