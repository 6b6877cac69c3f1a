"""The truth about deceptions in a dataset: ``labels.jsonl``, one JSON object a line, never published with the data.

A deception and its honest twin have a line each and name each other. ``labels.schema.json`` beside this module says what
each member means; :func:`label_problems` holds a line against it and against the handbook.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from assay.profiles.deceptions.handbook import look_alikes, patterns

__all__ = ["LABELS", "SCHEMA", "Label", "label_problems"]

LABELS = "labels.jsonl"
"""Name of the file in a dataset."""

SCHEMA = Path(__file__).parent / "labels.schema.json"
"""JSON Schema (2020-12) of one line."""

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
"""One instance. Times end in ``Z``; URLs are those under which credentials are published."""


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8")), validate_formats=True
    )


def label_problems(row: object) -> list[str]:
    """What is wrong with one label, each with its place; empty where nothing is."""
    problems = [
        f"{'/'.join(map(str, error.instance_path)) or 'label'}: {error.message}"
        for error in _validator().iter_errors(row)
    ]
    if problems or not isinstance(row, dict):
        return problems
    return [*_against_handbook(row), *_within_itself(row)]


def _against_handbook(row: dict[str, Any]) -> list[str]:
    pattern = patterns().get(row["code"])
    if pattern is None:
        return [f"code: '{row['code']}' is not in the handbook"]
    problems = []
    for key, known in (("pattern", pattern.name), ("scope", pattern.scope)):
        if row[key] != known:
            problems.append(f"{key}: {pattern.code} has '{known}', not '{row[key]}'")
    if set(row["registers"]) != set(pattern.registers):
        problems.append(
            f"registers: {pattern.code} needs {sorted(pattern.registers)}, not {row['registers']}"
        )
    if row["honest"] and row["look_alike"] not in look_alikes():
        problems.append(f"look_alike: '{row['look_alike']}' is not in the handbook")
    small = pattern.tolerance_ppm is not None and round(row["severity"] * 1_000_000) < pattern.tolerance_ppm
    if row["honest"] and row["below_tolerance"]:
        problems.append("below_tolerance: an honest instance has nothing to tolerate")
    if small and not row["honest"] and not row["below_tolerance"]:
        problems.append(f"below_tolerance: a severity of {row['severity']} is below that of {pattern.code}")
    return problems


def _within_itself(row: dict[str, Any]) -> list[str]:
    problems = []
    if row["from"] > row["until"]:
        problems.append("until: lies before 'from'")
    if row["twin"] == row["instance"]:
        problems.append("twin: an instance is no twin of itself")
    for first, second in (("changed", "added"), ("changed", "absent"), ("added", "absent")):
        both = sorted(set(row[first]) & set(row[second]))
        if both:
            problems.append(f"{first}: {both[0]} also stands under '{second}'")
    gone = sorted(set(row["root"]) & set(row["absent"]))
    if gone:
        problems.append(f"root: {gone[0]} is not in the dataset, says 'absent'")
    return problems
