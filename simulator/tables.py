"""Tables of a world: rows drawn from rendered documents, and their way into Parquet files. Streaming, in fixed order.

Rows are written as lines of JSON while shards are worked on, and turned into Parquet by DuckDB on one thread at the end,
so that memory stays bounded and the same rows give the same bytes (for one version of DuckDB).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assay.simulator.issuance.abouts import Entry, Shipment
from assay.simulator.issuance.book import stamp
from assay.simulator.trade import invoice_rows
from assay.simulator.world import World

__all__ = ["COLUMNS", "TABLES", "credential_rows", "entity_rows", "invoice_lines", "to_parquet"]

Row = dict[str, Any]

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "entities": {
        "kind": "VARCHAR", "id": "VARCHAR", "name": "VARCHAR", "nation": "VARCHAR", "role": "VARCHAR",
        "number": "VARCHAR", "uri": "VARCHAR", "operator": "VARCHAR", "latitude": "DOUBLE", "longitude": "DOUBLE",
    },
    "credentials": {
        "url": "VARCHAR", "kind": "VARCHAR", "issuer": "VARCHAR", "subject": "VARCHAR", "valid_from": "TIMESTAMP",
        "valid_until": "TIMESTAMP", "purpose": "VARCHAR", "status_list": "VARCHAR", "status_index": "INTEGER",
        "part": "VARCHAR", "line": "INTEGER",
    },
    "events": {
        "credential": "VARCHAR", "event": "VARCHAR", "type": "VARCHAR", "at": "TIMESTAMP", "activity": "VARCHAR",
        "facility": "VARCHAR", "from_facility": "VARCHAR", "to_facility": "VARCHAR", "consignment": "VARCHAR",
        "direction": "VARCHAR", "product": "VARCHAR", "quantity": "DOUBLE", "unit": "VARCHAR",
        "disposition": "VARCHAR",
    },
    "claims": {
        "credential": "VARCHAR", "claim": "VARCHAR", "subject": "VARCHAR", "criterion": "VARCHAR",
        "topic": "VARCHAR", "metric": "VARCHAR", "value": "DOUBLE", "unit": "VARCHAR", "date": "DATE",
        "evidence": "VARCHAR",
    },
    "assessments": {
        "credential": "VARCHAR", "assessment": "VARCHAR", "subject": "VARCHAR", "scheme": "VARCHAR",
        "criterion": "VARCHAR", "topic": "VARCHAR", "metric": "VARCHAR", "value": "DOUBLE", "unit": "VARCHAR",
        "date": "DATE", "conformance": "BOOLEAN", "holder": "VARCHAR",
    },
    "invoices": {
        "invoice": "VARCHAR", "line": "INTEGER", "consignment": "VARCHAR", "issued": "TIMESTAMP", "due": "TIMESTAMP",
        "seller": "VARCHAR", "buyer": "VARCHAR", "product": "VARCHAR", "hs": "VARCHAR", "grams": "BIGINT",
        "currency": "VARCHAR", "cents_per_tonne": "BIGINT", "cents": "BIGINT", "customs_origin": "VARCHAR",
        "exported": "BOOLEAN", "shipment": "VARCHAR",
    },
    "links": {
        "identifier": "VARCHAR", "nation": "VARCHAR", "relation": "VARCHAR", "url": "VARCHAR", "title": "VARCHAR",
    },
}  # fmt: skip
"""Columns and types of every table."""

TABLES = ("credentials", "events", "claims", "assessments", "invoices")
"""What a single credential adds rows to."""

_LINES = {
    "inputProduct": "in",
    "outputProduct": "out",
    "movedProduct": "moved",
    "modifiedProduct": "counted",
}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """One object or many, as a list."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, Mapping)]


def _first(value: Any) -> Mapping[str, Any]:
    return next(iter(_objects(value)), {})


def _performance(value: Any) -> Row:
    """Metric, value and unit of the first performance."""
    performance = _first(value)
    measured = _first(performance.get("measure"))
    return {
        "metric": _first(performance.get("metric")).get("id"),
        "value": measured.get("value"),
        "unit": measured.get("unit"),
    }


def credential_rows(
    entry: Entry, document: Mapping[str, Any], part: str, line: int
) -> Iterator[tuple[str, Row]]:
    """Rows of one credential: its own, and one for each product of an event, each claim, each assessment."""
    subjects = _objects(document.get("credentialSubject"))
    yield (
        "credentials",
        {
            "url": entry.url,
            "kind": document["type"][0],
            "issuer": entry.issuer.did,
            "subject": subjects[0].get("id") if len(subjects) == 1 else None,
            "valid_from": stamp(entry.valid_from),
            "valid_until": stamp(entry.valid_until),
            "purpose": entry.purpose,
            "status_list": entry.list_url,
            "status_index": entry.index,
            "part": part,
            "line": line,
        },
    )
    for subject in subjects:
        if entry.kind == "dte":
            yield from _event(entry, subject)
        for claim in _objects(subject.get("performanceClaim")):
            yield "claims", _claim(entry, subject, claim)
        for assessment in _objects(subject.get("conformityAssessment")):
            yield "assessments", _assessment(entry, subject, assessment)


def invoice_lines(world: World, entry: Entry) -> Iterator[tuple[str, Row]]:
    """Rows of the invoice that goes with a shipment, with the credential that links to it."""
    if isinstance(entry.about, Shipment):
        for row in invoice_rows(world, entry.about.move):
            yield "invoices", {**row, "shipment": entry.url}


def _event(entry: Entry, event: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    at = _first(event.get("madeAtFacility") or event.get("modifiedAtFacility")).get("id")
    head = {
        "credential": entry.url,
        "event": event.get("id"),
        "type": _type(event),
        "at": event.get("eventDate"),
        "activity": _first(event.get("activityType")).get("code"),
        "facility": at,
        "from_facility": _first(event.get("fromFacility")).get("id"),
        "to_facility": _first(event.get("toFacility")).get("id"),
        "consignment": event.get("consignmentId"),
    }
    for member, direction in _LINES.items():
        for item in _objects(event.get(member)):
            quantity = _first(item.get("quantity"))
            yield (
                "events",
                {
                    **head,
                    "direction": direction,
                    "product": _first(item.get("product")).get("id"),
                    "quantity": quantity.get("value"),
                    "unit": quantity.get("unit"),
                    "disposition": item.get("disposition"),
                },
            )


def _type(node: Mapping[str, Any]) -> Any:
    value = node.get("type")
    return value[0] if isinstance(value, list) and value else value


def _claim(entry: Entry, subject: Mapping[str, Any], claim: Mapping[str, Any]) -> Row:
    return {
        "credential": entry.url,
        "claim": claim.get("id"),
        "subject": subject.get("id"),
        "criterion": _first(claim.get("referenceCriteria")).get("id"),
        "topic": _first(claim.get("conformityTopic")).get("id"),
        **_performance(claim.get("claimedPerformance")),
        "date": claim.get("claimDate"),
        "evidence": _first(claim.get("evidence")).get("linkURL"),
    }


def _assessment(entry: Entry, subject: Mapping[str, Any], assessment: Mapping[str, Any]) -> Row:
    product = _first(_first(assessment.get("assessedProduct")).get("product"))
    facility = _first(_first(assessment.get("assessedFacility")).get("facility"))
    return {
        "credential": entry.url,
        "assessment": assessment.get("id"),
        "subject": product.get("id") or facility.get("id"),
        "scheme": _first(subject.get("referenceScheme")).get("id"),
        "criterion": _first(assessment.get("assessmentCriteria")).get("id"),
        "topic": _first(assessment.get("conformityTopic")).get("id"),
        **_performance(assessment.get("assessedPerformance")),
        "date": assessment.get("assessmentDate"),
        "conformance": assessment.get("conformance"),
        "holder": _first(subject.get("issuedToParty")).get("id"),
    }


def entity_rows(world: World) -> Iterator[Row]:
    """Organisations, facilities, kinds of product and schemes."""
    for organisation in world.organisations():
        yield {
            "kind": "organisation",
            "id": organisation.did,
            "name": organisation.name,
            "nation": organisation.nation,
            "role": organisation.role,
            "number": organisation.number,
            "uri": organisation.uri,
        }
    for facility in world.facilities.values():
        yield {
            "kind": "facility",
            "id": facility.uri,
            "name": facility.name,
            "nation": facility.nation,
            "role": facility.process[1],
            "number": facility.number,
            "uri": facility.uri,
            "operator": facility.operator.did,
            "latitude": facility.place.latitude / 1_000_000,
            "longitude": facility.place.longitude / 1_000_000,
        }
    for product in world.products.values():
        yield {"kind": "product", "id": product.id, "name": product.name, "number": product.model}
    for scheme in world.schemes.values():
        owner = world.owner(scheme)
        uri = f"{owner.origin}/scheme/{scheme.id}"
        yield {
            "kind": "scheme",
            "id": uri,
            "name": scheme.name,
            "nation": owner.nation,
            "operator": owner.did,
        }


_ROW_GROUP = 100_000
_MEMORY = "256MB"


def to_parquet(table: str, sources: Sequence[Path], target: Path) -> int:
    """Turn lines of JSON into one Parquet file, in order, on one thread. Returns the number of rows."""
    import duckdb

    target.parent.mkdir(parents=True, exist_ok=True)
    columns = COLUMNS[table]
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET threads = 1")
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        connection.execute("SET preserve_insertion_order = true")
        connection.execute("SET temp_directory = ''")
        names = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        filled = [str(source) for source in sources if source.stat().st_size]
        if not filled:
            connection.execute(f"CREATE TABLE rows ({names})")
            query, arguments = "SELECT * FROM rows", []
        else:
            typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
            query = f"SELECT * FROM read_json(?, format = 'newline_delimited', columns = {{{typed}}})"  # noqa: S608 - names of ours
            arguments = [filled]
        place = str(target).replace("'", "''")
        copied = connection.execute(
            f"COPY ({query}) TO '{place}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})",
            arguments,
        ).fetchone()
    return int(copied[0]) if copied else 0
