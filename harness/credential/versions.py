"""Which release of UNTP a document speaks, told by its context URL and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assay.harness.material import Problem

__all__ = ["DEFAULT_VERSION", "untp_version"]

DEFAULT_VERSION = "0.7.0"
"""Assumed for UNTP material that no context places."""

_RELEASED = re.compile(r"https://vocabulary\.uncefact\.org/untp/(\d+\.\d+\.\d+)/context/\Z")
"""From 0.7.0 on one context serves all credential types."""
_PER_TYPE = re.compile(r"https://test\.uncefact\.org/vocabulary/untp/[a-z]+/(\d+\.\d+\.\d+)/\Z")
"""Up to 0.6.x every credential type had a context of its own, on another host."""
_NEAR = re.compile(r"\A(?:https?:)?//[^/]*uncefact\.org/.*untp|\Ahttps?://untp\.unece\.org/.*context", re.I)
_NUMBER = re.compile(r"/(?:v|untp-)?(\d+\.\d+\.\d+)(?=[/.]|\Z)")


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
