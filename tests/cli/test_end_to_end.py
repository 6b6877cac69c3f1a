"""Three nations over real HTTPS on loopback: an honest run, one with a faulty verifier, and what the report then shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cli.run import judge_system
from assay.cli.sandbox import make_dataset
from assay.cli.sources import parse_time
from assay.harness.manifest import load
from assay.harness.results import Outcome, RunResult, Scope, Verdict
from assay.reports import html
from assay.simulator.sandbox import Sandbox


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "dataset"
    make_dataset("au-kr-de-nmc811", folder, 1)
    return folder


def run(world: Path, *faults: str, evidence: Path | None = None) -> tuple[RunResult, str]:
    with Sandbox(world, faults) as sandbox:
        manifest = load(sandbox.manifest)
        result, catalogue = judge_system(
            manifest,
            parse_time(sandbox.as_of),
            listener=lambda event: None,
            evidence=evidence,
            matrix=not faults,
        )
        token = sandbox.token
    page = html.render(result, catalogue)
    assert token not in page
    return result, page


def test_an_honest_world_is_conformant_traced_to_its_mine_and_accepted_everywhere(world: Path) -> None:
    result, page = run(world)
    failed = [
        row.requirement.id for row in result.results if row.outcome is Outcome.FAILED and row.basis is None
    ]
    assert (result.verdict, failed) == (Verdict.CONFORMANT, [])
    assert not [row for row in result.results if row.outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE)]
    assert result.chain is not None
    assert {site["country"] for site in result.chain["sites"]} == {"AU", "KR", "DE"}
    assert max(site["stage"] for site in result.chain["sites"]) >= 5
    lithium = [flow["elements"]["Li"] for flow in result.chain["flows"] if "Li" in flow.get("elements", {})]
    assert len(lithium) >= 4
    assert len(result.matrix) == 9
    assert all(cell.accepted >= 20 and not cell.rejected and not cell.errors for cell in result.matrix)
    assert all(cell.forgeries_rejected and not cell.forgeries_accepted for cell in result.matrix)
    kinds = {subject.kind for subject in result.subjects if subject.scope is Scope.ENDPOINT}
    assert kinds >= {"Issuer", "Verifier", "Resolver", "StatusProvider", "Publisher"}
    assert "Supply chain" in page and "Who accepts whom" in page


def test_a_faulty_verifier_is_named_with_evidence_and_the_command_that_shows_it(
    world: Path, tmp_path: Path
) -> None:
    result, page = run(world, "KR:accept-alg-none", evidence=tmp_path / "evidence")
    assert result.verdict is Verdict.NOT_CONFORMANT
    failed = {
        row.requirement.id: row
        for row in result.results
        if row.outcome is Outcome.FAILED and row.basis is None
    }
    assert set(failed) == {"VRF-002"}
    (subject,) = failed["VRF-002"].subjects
    assert result.subjects[subject].kind == "Verifier"
    assert result.subjects[subject].note == "Republic of Korea"
    findings = failed["VRF-002"].findings
    shown = [result.exchanges[digest] for finding in findings for digest in finding.evidence]
    assert shown and all("curl" in exchange["command"] for exchange in shown)
    assert any(path.stat().st_size for path in (tmp_path / "evidence").iterdir())
    assert "curl" in page


def test_the_same_run_gives_the_same_verdicts_in_the_same_order(world: Path) -> None:
    first, _ = run(world, "AU:stale-status")
    second, _ = run(world, "AU:stale-status")

    def told(result: RunResult) -> list[tuple[str, str, tuple[int, ...]]]:
        return [(row.requirement.id, row.outcome.value, row.subjects) for row in result.results]

    assert told(first) == told(second)
    assert [subject.source for subject in first.subjects] == [subject.source for subject in second.subjects]
