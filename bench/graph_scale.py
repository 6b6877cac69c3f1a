"""How long the graph rules take: a hundred credentials, and a hundred thousand event products.

Run ``python bench/graph_scale.py [event products]``. Prints seconds for reading documents into rows, for filling the
database, and for all rules; the rules must find exactly the one fault that was planted.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from assay.harness.graph.judge import judge_graph
from assay.harness.graph.load import database, read_set
from assay.harness.graph.selftest import graph_requirements, honest_set
from assay.harness.material import Credential, CredentialSet, Document, Kind
from assay.harness.results import Outcome

PER_CREDENTIAL = 100
MINE, WORKS = "https://facilities.example/mine", "https://facilities.example/works"


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    requirements = graph_requirements()
    honest = honest_set()
    started = time.perf_counter()
    judge_graph(honest, requirements)
    first = time.perf_counter() - started
    started = time.perf_counter()
    judge_graph(honest, requirements)
    again = time.perf_counter() - started
    print(f"{len(honest.documents)} credentials: {first:.2f} s with imports, {again:.2f} s without")

    credentials = CredentialSet(tuple(chains(lines // 7)), datetime(2026, 6, 1, tzinfo=UTC))
    started = time.perf_counter()
    rows = read_set(credentials)
    read = time.perf_counter() - started
    started = time.perf_counter()
    database(rows).close()
    filled = time.perf_counter() - started
    started = time.perf_counter()
    results = judge_graph(credentials, requirements)
    judged = time.perf_counter() - started
    print(
        f"{len(rows['event_product'])} event products, {len(credentials.documents)} documents: "
        f"read {read:.2f} s, fill {filled:.2f} s, all in all {judged:.2f} s"
    )
    balance = next(result for result in results if result.requirement.id == "G-101")
    assert balance.outcome is Outcome.FAILED and len(balance.findings) == 1, balance.note


def chains(count: int) -> list[Document]:
    """Ore, concentrate, shipment and metal, ``count`` times; the last smelter puts out more than went in."""
    events: list[dict[str, Any]] = []
    documents: list[Document] = []
    for n in range(count):
        ore, concentrate, metal = (
            f"https://products.example/{kind}/{n}" for kind in ("ore", "concentrate", "metal")
        )
        day = f"2026-0{1 + n % 4}-{1 + n % 25:02d}"
        much = 2.0 if n == count - 1 else 1.0
        events += [
            make(f"a{n}", MINE, day, [], [(ore, 100)]),
            make(f"b{n}", MINE, day, [(ore, 90)], [(concentrate, 10)]),
            {
                "id": f"https://events.example/c{n}",
                "eventDate": f"{day}T10:00:00Z",
                "movedProduct": [line(concentrate, 10)],
                "fromFacility": {"id": MINE},
                "toFacility": {"id": WORKS},
            },
            make(
                f"d{n}",
                WORKS,
                f"{day[:5]}{1 + int(day[5:7]):02d}-27",
                [(concentrate, 10)],
                [(metal, 2.9 * much)],
            ),
            {
                "id": f"https://events.example/e{n}",
                "modifiedProduct": [line(metal, 1)],
                "modifiedAtFacility": {"id": WORKS},
            },
        ]
        for product, grade, place in ((ore, 0.05, MINE), (concentrate, 0.3, MINE), (metal, 0.999, WORKS)):
            subject = {
                "id": product,
                "name": "batch",
                "idGranularity": "batch",
                "producedAtFacility": {"id": place},
                "characteristics": {"elementGrades": {"Cu": grade}},
            }
            documents.append(document(len(documents), Kind.DPP, subject))
    for start in range(0, len(events), PER_CREDENTIAL):
        documents.append(document(len(documents), Kind.DTE, events[start : start + PER_CREDENTIAL]))
    return documents


def make(
    name: str, place: str, day: str, inputs: list[tuple[str, float]], outputs: list[tuple[str, float]]
) -> Any:
    return {
        "id": f"https://events.example/{name}",
        "eventDate": f"{day}T0{'abcd'.index(name[0])}:00:00Z",
        "inputProduct": [line(product, mass) for product, mass in inputs],
        "outputProduct": [line(product, mass) for product, mass in outputs],
        "madeAtFacility": {"id": place},
    }


def line(product: str, tonnes: float) -> dict[str, Any]:
    return {"product": {"id": product}, "quantity": {"value": tonnes, "unit": "TNE"}}


def document(number: int, kind: Kind, subject: Any) -> Document:
    value = {
        "type": [kind.value, "VerifiableCredential"],
        "id": f"https://credentials.example/{number}",
        "issuer": {"id": "did:web:issuer.example"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": subject,
    }
    return Credential(source=str(number), raw=json.dumps(value).encode(), value=value, kind=kind)


if __name__ == "__main__":
    main()
