"""The live part of the self-test runs from the package, in two processes, and tells who watches how far it is."""

from __future__ import annotations

import io
import sys

import pytest

from assay.cli import live_selftest
from assay.cli.live_selftest import EXERCISED, constant_group, live_group
from assay.harness import live_proof
from assay.harness.live_proof import ROLES, LiveMutant

SOUND = LiveMutant("VRF-001", ("accept-bad-signature",), "verifier")
WRONG = LiveMutant("DID-016", ("list-cache-forever",), "did")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_every_role_of_a_mutant_is_exercised() -> None:
    assert set(EXERCISED) == set(ROLES)


def test_a_mutant_that_breaks_nothing_and_rows_without_one_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Terminal()
    monkeypatch.setattr(live_selftest, "load_live", lambda: (SOUND, WRONG))
    monkeypatch.setattr(live_proof, "load_live", lambda: (SOUND, WRONG))
    monkeypatch.setattr(sys, "stderr", watched)

    report = live_group(processes=2)

    told = {(failure.requirement, failure.problem) for failure in report.failures}
    assert ("DID-016", "the faulty endpoint does not fail the row") in told
    assert ("DID-016", "STS-022 fails too, and nothing declares it") in told
    assert ("VRF-002", "no mutant shows that the check can fail") in told
    assert "VRF-001" not in {row for row, _ in told}
    assert report.proven == 5  # VRF-001 and the four recorded ones
    assert "faulty nodes: 9 of 9" in watched.getvalue()


def test_no_endpoint_that_always_answers_the_same_passes_a_row() -> None:
    report = constant_group()
    assert report.failures == () and report.proven == report.rows >= 16
