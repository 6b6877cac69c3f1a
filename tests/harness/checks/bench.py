"""Small tools for tests of checks: a document from plain data, and what the checks of one row say about it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import assay.fixtures
from assay.harness.checks import load_checks
from assay.harness.credential.schema import SchemaJudge
from assay.harness.forge.operations import apply
from assay.harness.material import CREDENTIAL_KINDS, Credential, CredentialSet, Document, Kind, Scheme
from assay.harness.results import Finding

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
KINDS = {
    "dpp": Kind.DPP,
    "dcc": Kind.DCC,
    "dfr": Kind.DFR,
    "make": Kind.DTE,
    "move": Kind.DTE,
    "modify": Kind.DTE,
    "receipt": Kind.DTE,
    "accreditation": Kind.DIA,
    "scheme": Kind.SCHEME,
}


@cache
def _base(name: str) -> Any:
    path = Path(assay.fixtures.__file__).parent / "bases" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def _schemas() -> SchemaJudge:
    return SchemaJudge()


def base(name: str) -> Any:
    """A fresh copy of a base document."""
    return copy.deepcopy(_base(name))


def document(kind: Kind, value: Any, source: str = "test", *, schema: bool = False) -> Document:
    """A document that was not verified; with ``schema`` its schema errors are filled in."""
    made = Scheme if kind is Kind.SCHEME else Credential if kind in CREDENTIAL_KINDS else Document
    found = made(
        source=source, raw=json.dumps(value).encode(), value=value, kind=kind, untp="0.7.0", as_of=AS_OF
    )
    if schema:
        found.schema_errors = _schemas().errors(kind.value, value)
    return found


def changed(name: str, *operations: list[Any], schema: bool = False) -> Document:
    """A base document after some operations (``[set, pointer, value]``, ``[del, pointer]``, ...)."""
    return document(KINDS[name], apply(_base(name), operations), name, schema=schema)


def _said(row: str, subject: Document) -> Iterator[Finding]:
    of_row = load_checks()[row]
    one_side = any(check.basis is None for check in of_row)
    for check in of_row:
        if check.series not in (None, "0.7") or (one_side and check.basis is not None):
            continue  # of another version, or the side that the row does not follow
        if check.whole_set or (check.kinds and subject.kind not in check.kinds):
            continue
        for target in subject.nodes(*check.cls) if check.cls else (subject,):
            yield from (said for said in check.function(target) if isinstance(said, Finding))


def findings(row: str, subject: Document) -> list[Finding]:
    """What the checks of one row find in one document."""
    return list(_said(row, subject))


def pointers(row: str, subject: Document) -> list[str]:
    """Where the checks of one row find something in one document."""
    return [finding.at.pointer for finding in findings(row, subject)]


def set_findings(row: str, *subjects: Document) -> list[Finding]:
    """What the checks of one row find in a set."""
    material = CredentialSet(documents=subjects, as_of=AS_OF)
    return [
        said
        for check in load_checks()[row]
        if check.whole_set
        for said in check.function(material)
        if isinstance(said, Finding)
    ]
