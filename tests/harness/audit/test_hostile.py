"""Hostile documents: whatever they hold, an audit ends, says what it saw, and passes nothing for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.harness.audit.assumptions import Assumptions
from assay.harness.audit.extract import Extractor
from assay.harness.audit.judge import audit
from assay.harness.audit.store import Store
from assay.harness.audit.tally import Tally
from assay.harness.results import Outcome, Verdict

from .worlds import World, audited, failed

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.sampled_from(
        ["", "KGM", "2026-01-01", "9999-12-31T23:59:59Z", "0001-01-01", "CN", "46410", "\ud800", "a" * 3000]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "value", "unit", "code"]), inner, max_size=4)
    ),
    max_leaves=6,
)
SPOTS = [
    "validFrom", "validUntil", "issuer", "credentialSubject", "productionDate", "dimensions", "characteristics", "materialProvenance",
    "performanceClaim", "producedAtFacility", "locationInformation", "geoLocation", "geoBoundary", "plusCode", "materialUsage", "description",
    "conformityAssessment", "assessedFacility", "specifiedCondition", "eventDate", "inputProduct", "outputProduct", "movedProduct", "quantity",
    "product", "activityType", "fromFacility", "toFacility", "consignmentId", "massFraction", "mass", "elementGrades", "countryCode",
]  # fmt: skip


def _spoil(value: Any, spot: str, put: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == spot:
                value[key] = put
            else:
                _spoil(inner, spot, put)
    elif isinstance(value, list):
        for inner in value:
            _spoil(inner, spot, put)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SPOTS), VALUES, st.integers(0, 10_000))
def test_any_value_anywhere_is_read_without_a_crash(honest: World, spot: str, put: Any, which: int) -> None:
    document = json.loads(json.dumps(honest.documents[which % len(honest.documents)]))
    _spoil(document, spot, put)
    kept: list[tuple[Any, ...]] = []

    class Shelf:
        def add(self, table: str, *values: Any) -> None:
            kept.append((table, *values))

    extractor = Extractor(Shelf(), Tally(), Assumptions())  # type: ignore[arg-type]
    extractor.read("hostile", document)
    assert sum(extractor.kinds.values()) == 1
    assert kept[0][0] == "doc"


def test_rows_of_hostile_documents_fit_the_tables(honest: World, tmp_path: Path) -> None:
    world = honest.copy()
    for number, spot in enumerate(SPOTS):
        _spoil(
            world.documents[number * 3],
            spot,
            [{"value": 1e300, "unit": "KGM", "id": "x\u0000y", "code": "\u202e"}],
        )
        _spoil(world.documents[number * 3 + 1], spot, 10**25)
        _spoil(world.documents[number * 3 + 2], spot, None)
    run = audited(world, tmp_path)
    assert not {result for result in run.results if result.outcome is Outcome.ERROR}
    assert run.verdict is Verdict.NOT_CONFORMANT


def test_a_document_that_comes_twice_counts_once(honest: World, tmp_path: Path) -> None:
    world = honest.copy()
    world.documents += json.loads(json.dumps(world.documents))
    run = audited(world, tmp_path)
    assert failed(run) == set()
    assert f"{len(honest.documents)} repeated" in run.subjects[0].note


@pytest.mark.parametrize(
    "content", ["", "{}\n", "not json\n", json.dumps({"type": ["VerifiableCredential"]}) + "\n"]
)
def test_where_nothing_can_be_checked_nothing_passes(content: str, tmp_path: Path) -> None:
    path = tmp_path / "none.jsonl"
    path.write_text(content)
    run = audit(path, version="test")
    assert run.verdict is Verdict.INCONCLUSIVE
    assert {result.outcome for result in run.results} == {Outcome.NOT_APPLICABLE}


def test_rows_beyond_a_batch_all_arrive() -> None:
    with Store() as store:
        for number in range(25_000):
            store.add("alias", f"a{number}", "b")
        store.add("setting", 2**80, 1, -(2**63) - 1)
        store.finish()
        assert store.rows("SELECT COUNT(*), COUNT(DISTINCT alias) FROM alias") == [(25_000, 25_000)]
        assert store.rows("SELECT * FROM setting") == [(None, 1, None)]
