"""Material for the tests of the graph: documents from values, sets, and single rules judged alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assay.harness.graph.judge import judge_graph
from assay.harness.graph.selftest import graph_requirements
from assay.harness.material import Credential, CredentialSet, Document, Kind
from assay.harness.results import RequirementResult

AS_OF = datetime(2025, 6, 1, tzinfo=UTC)
"""A date inside the validity of the official samples."""
GRADES = {"concentrate": {"Cu": 0.30}, "cathode": {"Cu": 0.9999}}
MINE, WORKS = "https://facilities.example/mine", "https://facilities.example/works"


def document(value: Any, source: str = "document") -> Document:
    types = value.get("type") if isinstance(value, dict) else None
    kind = next((kind for kind in Kind if isinstance(types, list) and kind.value in types), Kind.UNKNOWN)
    return Credential(source=source, raw=json.dumps(value).encode(), value=value, kind=kind, untp="0.7.0")


def credential(kind: Kind, subject: Any, issuer: str = "did:web:issuer.example") -> Document:
    value = {
        "type": [kind.value, "VerifiableCredential"],
        "id": f"https://credentials.example/{abs(hash(json.dumps(subject, sort_keys=True))) % 10**9}",
        "issuer": {"id": issuer, "name": "Issuer"},
        "validFrom": "2025-01-01T00:00:00Z",
        "credentialSubject": subject,
    }
    return document(value)


def passport(product: str, place: str, grades: Mapping[str, float] | None = None, **more: Any) -> Document:
    subject = {"id": product, "name": product.rsplit("/", 1)[-1], "idGranularity": "batch", **more}
    subject["producedAtFacility"] = {"id": place, "name": "Place"}
    if grades is not None:
        subject["characteristics"] = {"elementGrades": dict(grades)}
    return credential(Kind.DPP, subject)


def line(product: str, mass: Any, unit: str = "TNE", **more: Any) -> dict[str, Any]:
    return {"product": {"id": product, "name": product, **more}, "quantity": {"value": mass, "unit": unit}}


def make(name: str, place: str, date: str, inputs: list[Any], outputs: list[Any]) -> dict[str, Any]:
    return {
        "id": f"https://events.example/{name}",
        "eventDate": date,
        "inputProduct": inputs,
        "outputProduct": outputs,
        "madeAtFacility": {"id": place, "name": "Place"},
    }


def move(name: str, start: str, end: str, date: str, lines: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "id": f"https://events.example/{name}",
        "eventDate": date,
        "movedProduct": lines,
        "fromFacility": {"id": start},
        "toFacility": {"id": end},
        **more,
    }


def events(*found: dict[str, Any], issuer: str = "did:web:issuer.example") -> Document:
    return credential(Kind.DTE, list(found), issuer)


def together(*documents: Document, **more: Any) -> CredentialSet:
    return CredentialSet(documents=documents, as_of=more.pop("as_of", AS_OF), **more)


def judged(credentials: CredentialSet, *rules: str) -> dict[str, RequirementResult]:
    """Results by rule id: of all graph rules, or of the named ones."""
    rows = graph_requirements()
    wanted: Iterable[str] = rules or rows
    return {
        result.requirement.id: result for result in judge_graph(credentials, [rows[name] for name in wanted])
    }


def samples(artefacts: Path) -> tuple[Document, ...]:
    folder = artefacts / "untp" / "0.7.0" / "samples"
    return tuple(document(json.loads(path.read_bytes()), path.name) for path in sorted(folder.glob("*.json")))
