"""What every page does with text that came from elsewhere, on top of jinja2's escaping."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

__all__ = ["visible"]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(value: Any) -> Any:
    """Characters that HTML cannot carry, or that turn the order of a line round, become replacement characters."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _CONTROL.sub("\ufffd", value)
    return value
