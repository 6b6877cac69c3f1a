"""Rows of the credential graph, in the columns that ``profiles/contracts/graph.sql`` declares."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["DDL", "Rows", "columns"]

DDL = files("assay.profiles") / "contracts" / "graph.sql"
"""The table definitions; the only place where columns are named."""

_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*?)\);", re.S)
_COLUMN = re.compile(r"(\w+) (BIGINT|VARCHAR)")


@cache
def columns() -> dict[str, tuple[tuple[str, str], ...]]:
    """Tables in declared order, each with its ``(name, type)`` columns."""
    text = re.sub(r"--[^\n]*", "", DDL.read_text(encoding="utf-8"))
    return {name: tuple(_COLUMN.findall(body)) for name, body in _TABLE.findall(text)}


class Rows:
    """Rows by table, in the order they were found. ``notes`` says what was left out, and why."""

    def __init__(self) -> None:
        self.tables: dict[str, list[dict[str, Any]]] = {name: [] for name in columns()}
        self.notes: list[str] = []

    def add(self, table: str, **values: Any) -> int:
        """Append a row and return its position; columns that are not given are NULL."""
        rows = self.tables[table]
        rows.append(values)
        return len(rows) - 1

    def __getitem__(self, table: str) -> list[dict[str, Any]]:
        return self.tables[table]
