"""The engine: from material to the verdict of a run, the same for the same input, with events in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from assay.harness.credential.intake import read
from assay.harness.engine import Engine, Settings
from assay.harness.events import Event, RunFinished, RunStarted, SubjectJudged
from assay.harness.forge.ring import REVOKED_INDEX, Ring
from assay.harness.material import Document
from assay.harness.results import Outcome, RunResult, Scope, Verdict
from assay.harness.selftest import load_bases
from assay.profiles.catalogue import CatalogueError
from assay.reports.json_report import dumps

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
RING = Ring.of("engine")
BASES = load_bases()


def signed(base: str = "dpp", **options: int) -> Document:
    return read(f"{base}.jwt", RING.sign(RING.adopt(BASES[base], **options)))


def plain(base: str = "dpp") -> Document:
    import json

    return read(f"{base}.json", json.dumps(BASES[base]).encode())


def judged(documents: Sequence[Document], events: list[Event] | None = None, **settings: object) -> RunResult:
    engine = Engine(
        Settings(as_of=AS_OF, **settings),  # type: ignore[arg-type]
        listener=events.append if events is not None else lambda event: None,
    )
    return engine.judge(documents, RING.shelf())


def test_a_signed_flawless_passport_is_conformant_and_secured() -> None:
    run = judged([signed()], require_secured=True)
    assert run.verdict is Verdict.CONFORMANT
    assert run.subjects[0].scope is Scope.SECURED


def test_an_unsigned_one_is_at_best_valid_and_fails_where_a_proof_is_required() -> None:
    assert judged([plain()]).verdict is Verdict.DOCUMENT_VALID
    assert judged([plain()], require_secured=True).verdict is Verdict.NOT_CONFORMANT


def test_a_revoked_credential_is_not_conformant() -> None:
    run = judged([signed(index=REVOKED_INDEX)])
    failed = [
        row.requirement.id for row in run.results if row.outcome is Outcome.FAILED and row.basis is None
    ]
    assert (run.verdict, failed) == (Verdict.NOT_CONFORMANT, ["IN-016"])


def test_a_key_that_cannot_be_looked_up_makes_a_run_inconclusive_never_failed() -> None:
    stranger = Ring.of("stranger", did="did:web:nowhere.example")
    document = read("x.jwt", stranger.sign(stranger.adopt(BASES["dpp"])))
    run = judged([document])
    assert run.verdict is Verdict.INCONCLUSIVE
    failed = [row for row in run.results if row.outcome is Outcome.FAILED and row.basis is None]
    assert not [row for row in failed if row.requirement.decides_conformity]


def test_nothing_to_judge_is_inconclusive() -> None:
    assert judged([]).verdict is Verdict.INCONCLUSIVE


def test_a_version_that_is_not_judged_is_never_conformant() -> None:
    payload = dict(BASES["dpp"])
    payload["@context"] = [
        "https://www.w3.org/ns/credentials/v2",
        "https://test.uncefact.org/vocabulary/untp/dpp/0.5.0/",
    ]
    run = judged([read("old.jwt", RING.sign(RING.adopt(payload)))])
    assert run.subjects[0].verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_CONFORMANT)
    assert "not judged in this release" in run.subjects[0].note


def test_the_same_material_gives_the_same_report_byte_for_byte() -> None:
    def report() -> str:
        return dumps(judged([signed("dpp"), signed("dfr"), signed("make"), plain("dcc")]))

    assert report() == report()


def test_events_begin_and_end_with_the_run_and_name_every_subject_in_order() -> None:
    events: list[Event] = []
    run = judged([signed("dpp"), plain("dia")], events)
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].result is run
    assert [event.index for event in events if isinstance(event, SubjectJudged)] == [0, 1]


def test_documents_set_aside_are_judged_but_join_nothing() -> None:
    engine = Engine(Settings(as_of=AS_OF))
    run = engine.judge([signed("dpp"), signed("dfr")], RING.shelf(), aside=1)
    assert len(run.subjects) == 2
    graph = [row for row in run.results if row.requirement.id.startswith("G-")]
    assert graph
    assert {row.outcome for row in graph} == {Outcome.NOT_APPLICABLE}


def test_a_profile_that_was_asked_for_is_judged_even_on_one_credential() -> None:
    asked = judged([signed("dpp")], profiles=("untp-0.7", "trust-graph"), advisory=())
    advised = judged([signed("dpp")])
    assert advised.verdict is Verdict.CONFORMANT
    assert {name for name, _ in asked.profiles} == {"untp-0.7", "trust-graph"}
    looked_at = {row.outcome for row in asked.results if row.requirement.id.startswith("G-")}
    assert looked_at - {Outcome.NOT_APPLICABLE}
    assert all(row.requirement.decisive for row in asked.results if row.requirement.id.startswith("G-"))


def test_an_unknown_profile_is_refused_before_anything_is_judged() -> None:
    with pytest.raises(CatalogueError, match="untp-9"):
        Engine(Settings(as_of=AS_OF, profiles=("untp-9",)))
