"""JSON Schemas of UNTP 0.6.0 and 0.6.1, generated from the class table."""

from __future__ import annotations

from functools import cache

from assay.profiles.untp.schemas import Schema, SchemaBuilder
from assay.profiles.untp_0_6.table import TABLES

__all__ = ["schema"]


@cache
def schema(kind: str, version: str) -> Schema:
    """The JSON Schema of a document kind. Shared: do not change it.

    Raises KeyError for a kind or version that has none.
    """
    table = TABLES[version]
    if kind not in table.kinds:
        raise KeyError(kind)
    return SchemaBuilder(table, kind, typed_references=False).document()
