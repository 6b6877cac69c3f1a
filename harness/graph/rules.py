"""Graph rules: SQL files in ``profiles/*/rules``, each with a header that says what it judges and how to word it.

A rule is one SELECT over the tables and views of ``profiles/contracts``. It returns one row per thing judged, with

``state``
    ``pass``, ``fail`` or ``unknown`` (the credentials do not say enough)
``doc``, ``pointer``
    where it stands
``assumed``
    optional; 1 when the judgement rests on figures that the user supplied

and any further columns, which the ``expected``, ``received``, ``hint`` and ``missing`` lines of the header quote as
``{column}``. Columns named ``*_mg`` read as masses, ``*_ppm`` as percentages, ``*_s`` as instants.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from assay.harness.graph.rows import columns

__all__ = ["Rule", "outside_subset", "parse_rule", "rule", "views", "word"]

_FOLDERS = {"trust-graph": "trust_graph", "custody": "custody", "crm": "crm"}
_HEADER = re.compile(r"^-- ([a-z ]+): (.*)$")
_FIELD = re.compile(r"\{(\w+)\}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_BANNED = {
    "recursion": r"\bRECURSIVE\b",
    "QUALIFY": r"\bQUALIFY\b",
    "a double-quoted name": r"\"",
    "LATERAL": r"\bLATERAL\b",
    "a cast with ::": r"::",
    "integer division //": r"//",
    "SELECT * EXCLUDE or REPLACE": r"\*\s*(EXCLUDE|REPLACE)\b",
    "GROUP BY ALL or ORDER BY ALL": r"\bBY\s+ALL\b",
    "an as-of or positional join": r"\b(ASOF|POSITIONAL)\b",
    "a list, struct or lambda": r"\[|\]|\{|\}|->",
    "FILTER on an aggregate": r"\bFILTER\s*\(",
    "PIVOT": r"\bPIVOT\b",
}
_CALLS = (
    "SUM MIN MAX COUNT AVG ABS COALESCE NULLIF CAST ROW_NUMBER LAG LEAD LOWER UPPER LENGTH "
    "SUBSTR TRIM CONCAT GREATEST LEAST FLOOR "
)
_KEYWORDS = (
    "EXISTS IN AND OR NOT ON AS CASE WHEN THEN ELSE OVER VALUES UNION ALL SELECT FROM WHERE "
    "HAVING BY JOIN DISTINCT LIKE BETWEEN WITH "
)
_KNOWN = frozenset((_CALLS + _KEYWORDS).split())


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file: identity, wording and the SELECT."""

    id: str
    title: str
    stands_on: tuple[str, ...]
    judges: str
    expected: str
    received: str
    hint: str
    missing: str
    sql: str
    file: str


@cache
def rule(profile: str, file: str) -> Rule:
    """The rule of a profile by file name.

    :raises ValueError: the header lacks a line or the text leaves the SQL subset.
    """
    folder = _FOLDERS.get(profile, profile.replace("-", "_"))
    content = (files("assay.profiles") / folder / "rules" / file).read_text(encoding="utf-8")
    return parse_rule(content, f"{folder}/rules/{file}")


def parse_rule(content: str, name: str) -> Rule:
    """A rule from the text of its file; ``name`` is what errors call it.

    :raises ValueError: the header lacks a line or the text leaves the SQL subset.
    """
    header, sql = _split(content)
    lacking = {
        "id",
        "title",
        "stands on",
        "judges",
        "expected",
        "received",
        "hint",
        "missing",
    } - header.keys()
    problems = outside_subset(sql)
    if lacking or problems:
        raise ValueError(f"{name}: header lacks {sorted(lacking)}; outside the subset: {problems}")
    return Rule(
        id=header["id"],
        title=header["title"],
        stands_on=tuple(header["stands on"].replace(",", " ").split()),
        judges=header["judges"],
        expected=header["expected"],
        received=header["received"],
        hint=header["hint"],
        missing=header["missing"],
        sql=sql,
        file=name.rpartition("/")[2],
    )


def _split(content: str) -> tuple[dict[str, str], str]:
    header: dict[str, str] = {}
    key = ""
    body: list[str] = []
    for line in content.splitlines():
        match = _HEADER.match(line)
        if match and not body:
            key = match.group(1)
            header[key] = match.group(2).strip()
        elif line.startswith("--   ") and key and not body:
            header[key] += " " + line[5:].strip()
        elif line.strip() and not line.lstrip().startswith("--"):
            body.append(line)
    return header, "\n".join(body)


@cache
def views() -> dict[str, str]:
    """The shared views by name, in the order in which they build on each other."""
    content = (files("assay.profiles") / "contracts" / "graph_views.sql").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for part in content.split("-- view: ")[1:]:
        name, _, text = part.partition("\n")
        found[name.strip()] = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return found


def outside_subset(sql: str) -> list[str]:
    """What in a text is not in the subset that DuckDB and Spark both run (empty when all is)."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", sql))
    found = [name for name, pattern in _BANNED.items() if re.search(pattern, bare, re.I)]
    called = {name.upper() for name in re.findall(r"\b(\w+)\s*\(", bare)}
    known = _KNOWN | {name.upper() for name in columns()} | {n.upper() for n in _subqueries(bare)}
    found += [f"the function {name}" for name in sorted(called - known) if not name.isdigit()]
    return found


def _subqueries(bare: str) -> list[str]:
    return re.findall(r"\b(\w+)\s+AS\s*\(", bare, re.I)


def word(template: str, row: Mapping[str, Any]) -> str:
    """A header line with its columns filled in, in units people read."""
    return _FIELD.sub(lambda match: _show(match.group(1), row[match.group(1)]), template)


def _show(name: str, value: Any) -> str:
    if value is None:
        return "unknown"
    if name.endswith("_mg"):
        return f"{_trim(Decimal(int(value)) / 1_000_000)} kg"
    if name.endswith("_ppm"):
        return f"{_trim(Decimal(int(value)) / 10_000)} %"
    if name.endswith("_permille"):
        return f"{_trim(Decimal(int(value)) / 10)} %"
    if name.endswith("_e6"):
        return _trim(Decimal(int(value)) / 1_000_000)
    if name.endswith("_s"):
        try:
            return (_EPOCH + timedelta(seconds=int(value))).strftime("%Y-%m-%dT%H:%M:%SZ")
        except OverflowError:
            return f"{value} s"
    return str(value)


def _trim(number: Decimal) -> str:
    shown = f"{number:,.6f}".rstrip("0").rstrip(".") if number % 1 else f"{number:,.0f}"
    return shown or "0"
