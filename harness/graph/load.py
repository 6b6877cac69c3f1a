"""From a credential set to the tables of the graph, in DuckDB.

The order of rows depends only on the order of documents; two documents with the same bytes count once.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from assay.harness.checks.digests import DigestError, matches
from assay.harness.graph import closure
from assay.harness.graph.extract import Extractor
from assay.harness.graph.fields import brokenness
from assay.harness.graph.legacy import upgraded
from assay.harness.graph.names import Names
from assay.harness.graph.reading import identifier, member, members, text
from assay.harness.graph.rows import DDL, Rows, columns
from assay.harness.material import UNTP_KINDS, Credential, CredentialSet, Document, Kind, pointer

__all__ = ["TOLERANCE_PERMILLE", "VALUE_PERMILLE", "database", "read_set", "rows_of"]

TOLERANCE_PERMILLE = 20
"""Two per cent of what went in: UNTP gives no number, its own sample criterion says 2 % (position P-25)."""
VALUE_PERMILLE = 50
"""Claimed and assessed values may differ by rounding and method; five per cent is our declared limit."""

_MEMORY = "2GB"
_SMALL = 20_000
"""Rows below which a second thread costs more than it brings."""


_READ: WeakKeyDictionary[CredentialSet, Rows] = WeakKeyDictionary()


def rows_of(credentials: CredentialSet) -> Rows:
    """As :func:`read_set` with the usual tolerance, read once for all who ask for the same set; not to be changed."""
    known = _READ.get(credentials)
    if known is None:
        known = _READ[credentials] = read_set(credentials)
    return known


def read_set(credentials: CredentialSet, *, tolerance_permille: int = TOLERANCE_PERMILLE) -> Rows:
    """Rows of every table for one set of documents."""
    rows = Rows()
    views = upgraded(credentials.documents)
    seen = tuple(
        views[place].document if place in views else one for place, one in enumerate(credentials.documents)
    )
    documents = _distinct(seen)
    extractor = Extractor(rows, Names(document for _, document in documents if brokenness(document) is None))
    for doc, document in documents:
        if document.kind in UNTP_KINDS:
            extractor.credential(doc, document, views[doc].origin if doc in views else None)
        elif document.kind is Kind.SCHEME:
            _scheme(rows, doc, document.value)
    closure.content(extractor, seen, credentials.assumed_grades)
    as_of = int(credentials.as_of.timestamp())
    closure.anchor(rows, credentials.trust_anchors, as_of)
    closure.lineage(rows)
    closure.legs(rows, extractor.facilities)
    _links(extractor, documents)
    kinds = [row["kind"] for row in rows["credential"]]
    rows.add(
        "setting",
        tolerance_permille=tolerance_permille,
        value_permille=VALUE_PERMILLE,
        as_of_s=as_of,
        anchors=len(credentials.trust_anchors),
        passports=kinds.count(Kind.DPP.value),
        records=kinds.count(Kind.DFR.value),
        attestations=kinds.count(Kind.DCC.value),
        identities=kinds.count(Kind.DIA.value),
        schemes=len(rows["scheme"]),
    )
    return rows


def _distinct(documents: tuple[Document, ...]) -> list[tuple[int, Document]]:
    seen: set[str] = set()
    found = []
    for doc, document in enumerate(documents):
        if document.digest not in seen:
            seen.add(document.digest)
            found.append((doc, document))
    return found


def _scheme(rows: Rows, doc: int, value: Any) -> None:
    scheme = identifier(value) if isinstance(value, dict) else None
    if scheme is None:
        return
    level = text(member(value, "endorsementLevel"))
    endorsed = int(level not in (None, "endorsed_self"))
    rows.add("scheme", id=scheme, name=text(member(value, "name")), endorsed=endorsed, doc=doc, pointer="")
    for path, profile in members(value, "includedProfile"):
        for inner, criterion in members(profile, "criterion"):
            name = identifier(criterion)
            if name is not None:
                rows.add(
                    "criterion",
                    id=name,
                    scheme=scheme,
                    profile=identifier(profile),
                    state=text(criterion.get("status")),
                    doc=doc,
                    pointer=pointer((*path, *inner)),
                )


def _links(extractor: Extractor, documents: list[tuple[int, Document]]) -> None:
    """Which links lead to documents of the set, and whether their digests fit.

    A document that was not received as a token may have been written anew, so that only a fitting digest says
    something about it.
    """
    known: dict[str, Document] = {}
    for _, document in documents:
        for name in (document.source, text(member(document.value, "id"))):
            if name is not None:
                known.setdefault(name, document)
    for row, digest in zip(extractor.rows["link"], extractor.digests, strict=True):
        target = known.get(row["url"])
        row["in_set"], row["digest_stated"] = int(target is not None), int(digest is not None)
        if target is not None and digest is not None:
            row["digest_ok"] = _fits(digest, target)


def _fits(digest: str, target: Document) -> int | None:
    try:
        if matches(digest, target.raw) or matches(digest, target.raw.strip()):
            return 1
    except DigestError:
        return 0
    return 0 if isinstance(target, Credential) and target.envelope is not None else None


def database(rows: Rows) -> Any:
    """An in-memory DuckDB connection with the tables filled; from then on it can reach neither files nor network.

    Rows go in as one array of JSON for each table, in a temporary folder: two and a half times faster than lines of
    JSON, about as fast as JSON text as a parameter in small sets and faster in large ones, and a hundred times faster
    than bound lists, without Arrow.
    """
    import duckdb

    size = sum(len(found) for found in rows.tables.values())
    connection = duckdb.connect(
        ":memory:",
        config={"memory_limit": _MEMORY, "temp_directory": "", "threads": 1 if size < _SMALL else 2},
    )
    connection.execute(DDL.read_text(encoding="utf-8"))
    with TemporaryDirectory(prefix="assay-graph-") as folder:
        for table, names in columns().items():
            if rows[table]:
                file = Path(folder) / f"{table}.json"
                file.write_bytes(orjson.dumps(rows[table]))
                shape = ", ".join(f"{name}: '{kind}'" for name, kind in names)
                connection.execute(
                    f"INSERT INTO {table} SELECT * FROM "  # noqa: S608 - names come from our own DDL
                    f"read_json(?, format = 'array', columns = {{{shape}}})",
                    [str(file)],
                )
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
