"""Proofs of live rows that no running node can break: broken and sound exchanges, written down by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assay.harness.adapters import Answer, Reading
from assay.harness.checks import Check
from assay.harness.credential.intake import read
from assay.harness.evidence import Exchange
from assay.harness.leads import Lead, Want
from assay.harness.results import Outcome
from assay.harness.selftest import Failure
from assay.harness.trials import ApiTrial, Attempt, HttpTrial, Trial, run_check
from assay.profiles.catalogue import Requirement

__all__ = ["RECORDED", "Recorded", "prove_recorded", "recorded"]

RECORDED: Mapping[str, str] = {
    "DID-007": "no current TLS library offers TLS 1.1",
    "DAC-018": "the sandbox encrypts nothing",
    "IDR-047": "the sandbox encrypts nothing",
    "ISG-001": "the sandbox cannot issue without a proof",
}
"""Live rows whose mutants are recorded exchanges, and why."""


@dataclass(frozen=True)
class Recorded:
    """A trial in which a row fails, and the same without the fault, in which it does not fail."""

    requirement: str
    broken: Trial
    sound: Trial


def _got(body: bytes = b"{}", tls: str = "TLSv1.3") -> Exchange:
    headers = (("Content-Type", "application/json"),)
    return Exchange("GET", "https://a.example/x", 200, headers=headers, body=body, tls=tls)


def recorded(bases: Mapping[str, Any]) -> Iterator[Recorded]:
    """All recorded proofs. ``bases`` are documents without fault (``dpp`` is used)."""
    did = HttpTrial("published-did-document", 0, "did:web:a.example", {"get": _got(tls="TLSv1.1")})
    yield Recorded("DID-007", did, replace(did, answers={"get": _got()}))

    body = json.dumps({"cipherText": "AAAA", "iv": "AA", "tag": "AA"}).encode()
    lead = Lead(Want.CREDENTIAL, "https://a.example/x", relation="dte")
    hidden = HttpTrial(
        "published-credential", 0, lead.target, {"get": _got(body)}, None, {"lead": lead, "source": None}
    )
    marked = replace(hidden, about={"lead": replace(lead, encrypted=True), "source": None})
    yield Recorded("DAC-018", hidden, marked)
    yield Recorded("IDR-047", hidden, marked)

    control = Attempt("a request to issue", Answer(Reading.ACCEPTED))
    bare = read("issued", json.dumps(bases["dpp"]).encode())
    issuing = ApiTrial(
        "issuing", 0, "https://i.example", control, about={"issued": bare, "asked": bare.value}
    )
    yield Recorded("ISG-001", issuing, replace(issuing, about={}))


def prove_recorded(
    requirements: Mapping[str, Requirement], checks: Mapping[str, Sequence[Check]], bases: Mapping[str, Any]
) -> Iterator[Failure]:
    """What is wrong with the recorded proofs: nothing, when each row fails where it is broken and only there."""
    for proof in recorded(bases):
        row = requirements[proof.requirement]
        for trial, fails in ((proof.broken, True), (proof.sound, False)):
            (check,) = (one for one in checks[row.id] if one.trial == trial.name)
            outcome = run_check(check, row, trial).outcome
            if (outcome is Outcome.FAILED) is not fails:
                told = "the broken exchange" if fails else "the sound exchange"
                yield Failure(row.id, "recorded exchange", f"{told} comes to '{outcome.value}'")
