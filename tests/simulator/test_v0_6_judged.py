"""An honest world in UNTP 0.6.1 before the harness: nothing is fetched, everything is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.harness.audit.judge import audit
from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf
from assay.harness.engine import Engine, Settings
from assay.harness.material import DidDocument, StatusList
from assay.harness.results import Outcome, RunResult
from assay.simulator import World, publish
from assay.simulator.dataset import write_dataset


@pytest.fixture(scope="module")
def verdict(world: World) -> RunResult:
    """The default world in 0.6.1, judged as a whole."""
    publication = publish(world, "0.6.1")
    resources = [
        *publication.credentials(),
        *publication.status_lists(),
        *publication.did_documents(),
        *publication.schemes(),
        *publication.registers(),
    ]
    resources += [resource for resource, _ in publication.resolvers() if resource.role == "linkset"]
    documents = [read(r.url, r.body, content_type=r.media_type) for r in resources]
    shelf = Shelf(
        {document.did: document for document in documents if isinstance(document, DidDocument)},
        {document.source: document for document in documents if isinstance(document, StatusList)},
    )
    anchors = frozenset(nation.anchor.did for nation in world.nations.values())
    return Engine(Settings(as_of=world.scenario.as_of, trust_anchors=anchors)).judge(documents, shelf)


def test_an_honest_world_is_conformant(verdict: RunResult) -> None:
    assert str(verdict.verdict) == "conformant"


def test_an_honest_world_violates_nothing_but_contradictions_of_the_specification(verdict: RunResult) -> None:
    open_ = [
        result
        for result in verdict.results
        if result.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE) and not result.requirement.position
    ]
    assert open_ == []


def test_compact_relations_fit_the_text_and_not_the_schema(verdict: RunResult) -> None:
    """Linksets name no version: those of 0.6 are held against the schema of 0.7, which knows no compact relation (P-03)."""
    by_schema, by_text = (
        next(r for r in verdict.results if r.requirement.id == "IDR-037" and r.basis == basis)
        for basis in ("schema", "text")
    )
    assert by_text.outcome is Outcome.PASSED
    assert {finding.received for finding in by_schema.findings} == {
        f"untp:{kind}" for kind in ("dpp", "dcc", "dfr", "dte", "dia")
    }


def test_credentials_of_0_6_are_judged_by_the_rules_of_0_6(verdict: RunResult) -> None:
    passed = {r.requirement.id for r in verdict.results if r.outcome is Outcome.PASSED}
    assert passed >= {"SCH-17", "SCH-24", "SCH-35", "SCH-59", "LEG-001", "LEG-005", "LEG-007", "LEG-012"}


def test_an_audit_finds_the_same_world_in_both_versions(world: World, tmp_path: Path) -> None:
    outcomes = {}
    for version in ("0.7.0", "0.6.1"):
        write_dataset(world, tmp_path / version, untp=version)
        run = audit(tmp_path / version, version="test")
        assert str(run.verdict) == "conformant"
        outcomes[version] = {r.requirement.id for r in run.results if r.outcome is Outcome.PASSED}
    assert outcomes["0.6.1"] == outcomes["0.7.0"]
    assert {"W-113", "W-114"} <= outcomes["0.6.1"]  # masses and grades on paper are those of the ledger
