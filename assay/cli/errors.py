"""Errors a user can mend, and the one place that turns the rooms' typed errors into them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["UsageError", "usage_errors"]


class UsageError(Exception):
    """Something in the call, a manifest, scenario, profile or flag is wrong; the message names key, value and mend."""


@contextmanager
def usage_errors(*kinds: type[Exception], prefix: str = "") -> Iterator[None]:
    """Turn the named typed errors into :class:`UsageError`, keeping their words, after ``prefix``."""
    try:
        yield
    except kinds as error:
        raise UsageError(prefix + str(error)) from error
