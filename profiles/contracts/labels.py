"""Labels of a world with deceptions: what is a lie, and what honestly looks like one. One JSON object a line in ``labels.jsonl``.

Labels stand beside the data, never inside it. URLs are those of credentials.
"""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = ["Label"]

Label = TypedDict(
    "Label",
    {
        "instance": str,
        "code": str,
        "pattern": str,
        "honest": bool,
        "look_alike": str | None,
        "twin": str | None,
        "composite": str | None,
        "actors": list[str],
        "targets": list[str],
        "severity": float,
        "below_tolerance": bool,
        "scope": str,
        "registers": list[str],
        "from": str,
        "until": str,
        "root": list[str],
        "changed": list[str],
        "added": list[str],
        "absent": list[str],
        "tainted": dict[str, float],
        "told": dict[str, Any],
    },
)
