"""Small catalogues and documents for tests of the judge and the self-test."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf, verify
from assay.harness.forge.ring import default_judges
from assay.harness.material import Document
from assay.harness.results import Finding, Outcome, RequirementResult
from assay.harness.selftest import Bench, load_bases
from assay.profiles.catalogue import Requirement

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
BASES = load_bases()


def row(identifier: str = "ZZ-001", **changes: Any) -> Requirement:
    """A requirement decided by code, unless told otherwise."""
    about: dict[str, Any] = {
        "id": identifier,
        "level": "MUST",
        "status": "normative",
        "profile": "untp-0.7",
        "rule": "A rule.",
        "source": "https://rules.example",
        "role": ("ISS",),
        "tier": "1",
        "black_box": "Y",
        "decided_from": "document",
        "check": "code",
    }
    return Requirement(**{**about, **changes})


def document(value: Any) -> Document:
    """A plain document, read and verified without any look-up."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    found = read("test", raw)
    verify(found, Shelf(), AS_OF, default_judges())
    return found


def mutant(base: str, *operations: list[Any], **more: Any) -> Document:
    """A bent base, signed and verified."""
    return Bench.default().build({"base": base, "ops": list(operations), **more})


def results_on(found: Document) -> dict[str, RequirementResult]:
    """Results without basis, by row."""
    return {r.requirement.id: r for r in Bench.default().judge.judge(found) if r.basis is None}


def outcome(found: Document, identifier: str) -> Outcome:
    return results_on(found)[identifier].outcome


def findings(found: Document, identifier: str) -> tuple[Finding, ...]:
    return results_on(found)[identifier].findings


def failing(found: Document) -> set[str]:
    """Rows that fail, those that contradicting sources judge differently left out."""
    return {name for name, result in results_on(found).items() if result.outcome is Outcome.FAILED}
