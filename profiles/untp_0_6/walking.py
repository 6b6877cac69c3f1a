"""Walk documents of UNTP 0.6 by their position in the class table, and name places in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assay.profiles.untp.walking import Visit, Walker
from assay.profiles.untp_0_6.table import TABLES

__all__ = ["WALKERS", "event_class", "places", "walk"]

WALKERS: Mapping[str, Walker] = {version: Walker(table) for version, table in TABLES.items()}

event_class = WALKERS["0.6.1"].event_class


def walk(kind: str, version: str, value: Any) -> Iterator[Visit]:
    """Visit every object of a known class in a document: see :meth:`assay.profiles.untp.walking.Walker.walk`."""
    return WALKERS[version].walk(kind, value)


def places(
    kind: str,
    version: str,
    value: Any,
    path: Sequence[str | int],
    member: str | None = None,
    inside: bool = False,
) -> tuple[str, ...]:
    """The table places that a path touches: see :meth:`assay.profiles.untp.walking.Walker.places`."""
    return WALKERS[version].places(kind, value, path, member, inside)
