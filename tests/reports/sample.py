"""A small run with every outcome and a hostile string in every place that a vendor can fill."""

from __future__ import annotations

from assay.harness.results import (
    Finding,
    Location,
    MatrixCell,
    Outcome,
    RequirementResult,
    RunResult,
    Scope,
    Subject,
    Verdict,
)
from assay.profiles.catalogue import Requirement, load_profile

HOSTILE = "<script>alert(1)</script>\x00\"'&{{7*7}}"
DIGEST = "sha256:" + "ab" * 32


def row(identifier: str) -> Requirement:
    """A row of the shipped catalogue."""
    for name in ("untp-0.7", "trust-graph", "custody"):
        rows = load_profile(name).requirements
        if identifier in rows:
            return rows[identifier]
    raise KeyError(identifier)


def run(hostile: str = HOSTILE) -> RunResult:
    """The run; ``hostile`` stands wherever material under test can put a string."""
    finding = Finding(
        expected=f"a date {hostile}",
        received=hostile,
        hint=f"mend {hostile}",
        at=Location(
            artefact=DIGEST, pointer=f"/credentialSubject/{hostile}", source=f"https://a.example/{hostile}"
        ),
        evidence=(DIGEST,),
    )
    results = (
        RequirementResult(row("VCP-014"), Outcome.FAILED, (0,), (finding,)),
        RequirementResult(row("DPP-061"), Outcome.FAILED, (0, 1), (finding,)),
        RequirementResult(row("DPP-001"), Outcome.PASSED, (0, 1)),
        RequirementResult(row("VRF-001"), Outcome.ERROR, (2,), (), note=f"timed out {hostile}"),
        RequirementResult(row("STS-004"), Outcome.FAILED, (0,), (finding,), basis="schema"),
        RequirementResult(row("TG-020"), Outcome.NOT_APPLICABLE, ()),
    )
    subjects = (
        Subject(
            hostile,
            "DigitalProductPassport",
            "0.7.0",
            Scope.SECURED,
            None,
            Verdict.NOT_CONFORMANT,
            DIGEST,
            hostile,
        ),
        Subject("b.jwt", "DigitalFacilityRecord", "0.7.0", Scope.SECURED, 0, Verdict.CONFORMANT),
        Subject("https://node.example/credentials/verify", "verifier", None, Scope.ENDPOINT),
    )
    return RunResult(
        assay="0.1.0",
        as_of="2026-11-01T00:00:00Z",
        profiles=(("untp-0.7", DIGEST),),
        verdict=Verdict.NOT_CONFORMANT,
        subjects=subjects,
        results=results,
        title=f"Sample {hostile}",
        command="assay validate sample",
        chain={
            "root": "https://id.de.example/pack/1",
            "root_name": hostile,
            "sites": [
                {
                    "id": "m",
                    "name": hostile,
                    "country": "AU",
                    "process": "mine",
                    "operator": hostile,
                    "stage": 2,
                },
                {
                    "id": "r",
                    "name": "Refinery",
                    "country": "KR",
                    "process": "refinery",
                    "operator": "R Co",
                    "stage": 1,
                },
                {
                    "id": "p",
                    "name": "Pack plant",
                    "country": "DE",
                    "process": "pack",
                    "operator": "P Co",
                    "stage": 0,
                },
            ],
            "flows": [
                {
                    "source": "m",
                    "target": "r",
                    "product": hostile,
                    "mass_kg": 125000.0,
                    "elements": {"Li": 2870.0},
                    "consignments": 3,
                },
                {"source": "r", "target": "p", "product": "hydroxide", "consignments": 1},
            ],
            "unknown": [hostile],
        },
        exchanges={
            DIGEST: {
                "request": {"method": "GET", "url": hostile},
                "response": {"status": 200, "body": hostile},
                "command": "curl",
            }
        },
        matrix=(MatrixCell("AU", "KR", 5, 1, 0, 0, 3, (hostile,)), MatrixCell("KR", "AU", 6, 0, 0, 0, 3)),
    )
