"""The labels of a dataset as a story needs them: held against their schema before anything is told of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from assay.harness.oracles.store import OracleError
from assay.harness.oracles.truth import Truth
from assay.harness.story.words import shown
from assay.profiles.contracts.labels import LABELS, SCHEMA
from assay.profiles.deceptions.handbook import look_alikes, patterns

__all__ = ["Label", "UnknownCase", "labels_of", "listed", "names_of"]

Label = dict[str, Any]

_MOST_LABELS = 100_000
_LONGEST_NAME = 200
_LISTED = (
    "instance", "code", "pattern", "honest", "look_alike", "twin", "composite", "severity", "below_tolerance",
    "scope", "from", "until", "targets", "actors",
)  # fmt: skip


class UnknownCase(LookupError):
    """No instance or composite has this name; the message offers the nearest."""

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        short = asked[:_LONGEST_NAME]
        lowered = {name.lower(): name for name in known}
        begin = [name for name in known if short and name.lower().startswith(short.lower())]
        parts = [name for name in known if len(short) > 2 and short.lower() in name.lower()]
        close = [lowered[name] for name in get_close_matches(short.lower(), lowered, n=3, cutoff=0.4)]
        self.nearest = tuple(dict.fromkeys([*begin, *close, *parts]))[:3]
        mend = (
            f"did you mean {', '.join(self.nearest)}?" if self.nearest else "'assay story --list' names all"
        )
        clean = "".join(sign for sign in short if sign.isprintable())
        super().__init__(f"instance '{clean}' is not in the labels; {mend}")


def labels_of(folder: Path) -> list[Label]:
    """The labels of a dataset, held against their schema and the handbook's codes.

    :raises OracleError: none, or one that breaks the schema.
    """
    import jsonschema_rs

    if not folder.is_dir():
        raise OracleError(f"'{folder}' is no folder; name one that 'assay simulate' wrote")
    if not (folder / "dataset.json").is_file():
        raise OracleError(f"'{folder}' is no dataset: dataset.json is missing")
    if not (folder / LABELS).is_file():
        raise OracleError(
            f"'{folder}' has no {LABELS}, so there is no case to tell; simulate a scenario with 'deceptions:'"
        )
    validator = jsonschema_rs.Draft202012Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8")), validate_formats=True
    )
    found: list[Label] = []
    # Truth reads rows within limits of size; it asks for a ledger, which every dataset with labels has.
    for number, row in enumerate(Truth.open(folder).labels(), 1):
        error = next(iter(validator.iter_errors(row)), None)
        if error is not None:
            where = "/".join(map(str, error.instance_path)) or "label"
            raise OracleError(f"{LABELS} line {number}: {shown(where)}: {shown(error.message)}")
        if row["code"] not in patterns() or (row["look_alike"] and row["look_alike"] not in look_alikes()):
            raise OracleError(f"{LABELS} line {number}: code or look_alike is not in the handbook")
        found.append(row)
        if number > _MOST_LABELS:
            raise OracleError(f"{LABELS} holds more than {_MOST_LABELS:,} labels")
    if not found:
        raise OracleError(f"'{folder}/{LABELS}' is empty, so there is no case to tell")
    return found


def names_of(labels: Sequence[Label]) -> list[str]:
    """Every name that a case can be asked by: instances, then composites."""
    composites = dict.fromkeys(str(row["composite"]) for row in labels if row["composite"])
    return [*(str(row["instance"]) for row in labels), *composites]


def listed(labels: Sequence[Label]) -> list[dict[str, Any]]:
    """Instances as rows of a list, as plain data."""
    return [{key: row[key] for key in _LISTED} for row in labels]
