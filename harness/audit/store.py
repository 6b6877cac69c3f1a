"""The tables of the audit in DuckDB, on disk, filled in batches: memory does not grow with the number of documents."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import orjson

__all__ = ["Store"]

_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*?)\);", re.S)
_COLUMN = re.compile(r"(\w+) (BIGINT|VARCHAR)")
_BATCH = 10_000
_SMALL = 20_000
"""Rows below which a second thread costs more than it brings."""
_MEMORY = "700MB"
_LARGEST = 2**63 - 1


@cache
def _ddl() -> str:
    text = (files("assay.profiles") / "world" / "tables.sql").read_text(encoding="utf-8")
    return re.sub(r"--[^\n]*", "", text)


@cache
def _columns() -> dict[str, tuple[tuple[str, str], ...]]:
    return {name: tuple(_COLUMN.findall(body)) for name, body in _TABLE.findall(_ddl())}


@cache
def _views() -> dict[str, str]:
    content = (files("assay.profiles") / "world" / "views.sql").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for part in content.split("-- view: ")[1:]:
        name, _, text = part.partition("\n")
        found[name.strip()] = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return found


class Store:
    """A database in a temporary folder; a context manager that removes it."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="assay-audit-")
        self._waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _columns()}
        self._rows = 0
        self.connection: Any = None

    def __enter__(self) -> Store:
        import duckdb

        folder = Path(self._folder.name)
        self.connection = duckdb.connect(
            str(folder / "audit.duckdb"),
            config={"memory_limit": _MEMORY, "temp_directory": str(folder / "spill"), "threads": 1},
        )
        # Nothing outlives the audit: the file only gives the tables room, so it is never brought in order.
        self.connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        self.connection.execute(_ddl())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()
        self._folder.cleanup()

    def add(self, table: str, *values: Any) -> None:
        """Append a row, its values in the order of the table's columns; whole numbers beyond 64 bits become NULL."""
        rows = self._waiting[table]
        rows.append(values)
        if len(rows) >= _BATCH:
            self._flush(table)

    def _flush(self, table: str) -> None:
        """Hand the rows over as lines of JSON in a file, which DuckDB reads many times faster than bound values."""
        rows, names = self._waiting[table], _columns()[table]
        if not rows:
            return
        file = Path(self._folder.name) / "rows.json"
        keys = [name for name, _ in names]
        with file.open("wb") as stream:
            for row in rows:
                values = [
                    None if isinstance(value, int) and abs(value) > _LARGEST else value for value in row
                ]
                stream.write(orjson.dumps(dict(zip(keys, values, strict=True))) + b"\n")
        shape = ", ".join(f"{name}: '{kind}'" for name, kind in names)
        self.connection.execute(
            f"INSERT INTO {table} SELECT * FROM read_json(?, format = 'newline_delimited', columns = {{{shape}}})",  # noqa: S608 - names come from our own DDL
            [str(file)],
        )
        self._rows += len(rows)
        rows.clear()

    def finish(self) -> None:
        """Write what still waits, and build the shared views as tables."""
        for table in self._waiting:
            self._flush(table)
        if self._rows > _SMALL:
            self.connection.execute("SET threads = 2")
        for name, text in _views().items():
            self.connection.execute(f"CREATE TABLE {name} AS {text}")

    def finish_holdings(self) -> None:
        """Write the ledger's rows, which come after the credentials."""
        self._flush("holding")
        self._flush("counted")

    def rows(self, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found: list[tuple[Any, ...]] = self.connection.execute(query, parameters or []).fetchall()
        return found
