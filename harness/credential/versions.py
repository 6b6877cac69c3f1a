"""Which release of UNTP a document speaks, told by its context URL and by nothing else, and what is known of that release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assay.harness.material import Problem
from assay.profiles import untp_0_6
from assay.profiles.untp.notation import Table
from assay.profiles.untp.walking import Walker
from assay.profiles.untp_0_7.table import TABLE
from assay.profiles.untp_0_7.walking import WALKER

__all__ = [
    "DEFAULT_VERSION",
    "JUDGED_VERSIONS",
    "LEGACY_VERSIONS",
    "context_urls",
    "table",
    "untp_version",
    "walker",
]

DEFAULT_VERSION = "0.7.0"
"""Assumed for UNTP material that no context places."""

LEGACY_VERSIONS = frozenset({"0.6.0", "0.6.1"})
"""Releases before the current one that are judged too."""

JUDGED_VERSIONS = frozenset({DEFAULT_VERSION}) | LEGACY_VERSIONS
"""Releases whose rules Assay knows; documents of any other are recognised and not judged."""

_RELEASED = re.compile(r"https://vocabulary\.uncefact\.org/untp/(\d+\.\d+\.\d+)/context/\Z")
"""From 0.7.0 on one context serves all credential types."""
_PER_TYPE = re.compile(r"https://test\.uncefact\.org/vocabulary/untp/[a-z]+/(\d+\.\d+\.\d+)/\Z")
"""Up to 0.6.x every credential type had a context of its own, on another host."""
_NEAR = re.compile(r"\A(?:https?:)?//[^/]*uncefact\.org/.*untp|\Ahttps?://untp\.unece\.org/.*context", re.I)
_NUMBER = re.compile(r"/(?:v|untp-)?(\d+\.\d+\.\d+)(?=[/.]|\Z)")


def table(version: str | None) -> Table:
    """The class table of a release; that of the current one where the version is unknown."""
    if version in LEGACY_VERSIONS:
        return untp_0_6.TABLES[version]
    return TABLE


def walker(version: str | None) -> Walker:
    """The way through documents of a release; that of the current one where the version is unknown."""
    if version in LEGACY_VERSIONS:
        return untp_0_6.WALKERS[version]
    return WALKER


def context_urls(version: str | None, kind: str) -> tuple[str, ...]:
    """What ``@context`` of a kind of document begins with; empty for a kind without UNTP context."""
    return table(version).contexts.get(kind, ())


def untp_version(value: Mapping[str, Any]) -> tuple[str | None, Problem | None]:
    """The UNTP release of a document (None where no context names one), with a problem if the URL is not a released one."""
    context = value.get("@context")
    entries = context if isinstance(context, list) else [context]
    near: tuple[int, str] | None = None
    for place, entry in enumerate(entries):
        if not isinstance(entry, str):
            continue
        match = _RELEASED.match(entry) or _PER_TYPE.match(entry)
        if match:
            return match.group(1), None
        if near is None and _NEAR.search(entry):
            near = (place, entry)
    if near is None:
        return None, None
    place, entry = near
    number = _NUMBER.search(entry)
    version = number.group(1) if number else None
    old = version is not None and tuple(int(part) for part in version.split(".")) < (0, 7, 0)
    expected = (
        f"https://test.uncefact.org/vocabulary/untp/<type>/{version}/"
        if old
        else f"https://vocabulary.uncefact.org/untp/{DEFAULT_VERSION}/context/"
    )
    path = ("@context", place) if isinstance(context, list) else ("@context",)
    problem = Problem(
        "context-host",
        path,
        expected,
        entry[:200],
        "UNTP never published a context there; JSON-LD processors cannot load it, or load something else.",
    )
    return version, problem
