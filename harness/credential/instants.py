"""Points in time as credentials write them (XML Schema ``dateTimeStamp``: a zone is required)."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

__all__ = ["instant"]

_STAMP = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d{1,12}))?"
    r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)\Z"
)


def instant(text: Any) -> datetime | None:
    """Read a ``dateTimeStamp``; None for anything else, also for a date alone or a time without a zone.

    Fractions beyond microseconds are cut off.
    """
    return _read(text) if isinstance(text, str) and len(text) < 48 else None


@lru_cache(maxsize=4096)
def _read(text: str) -> datetime | None:
    match = _STAMP.match(text)
    if match is None:
        return None
    fraction = match.group(1)
    if fraction is not None:
        text = text.replace("." + fraction, "." + fraction[:6].ljust(6, "0"), 1)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
