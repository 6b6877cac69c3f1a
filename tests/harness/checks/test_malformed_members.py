"""Whatever stands in the place of a member, the checks say something about it or nothing, and never break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.harness.judge import judge_set
from assay.harness.material import CredentialSet
from assay.harness.results import Outcome
from assay.harness.selftest import Bench
from tests.harness.checks.bench import AS_OF, KINDS, base, document

NAMES = ("dpp", "dcc", "dfr", "make", "move", "modify")
AREAS = ("DPP-", "DCC-", "DFR-", "DTE-")
ODD: list[Any] = [
    None, True, 0, -1, 10**400, 1.7e308, -1.7e308, 5e-324, "", "x", "\ud800", "did:web:", "https://[", "data:,", "%", "+", "*" * 70,
    [], [[]], [None], [{}], {}, {"id": []}, {"id": {"id": {}}}, [{"id": None}, 5, "x"], {"value": [], "unit": {}},
    [{"latitude": 1e308, "longitude": -1e308}] * 5, {"latitude": 1e308, "longitude": 1e308}, {"linkURL": 5, "linkType": []},
]  # fmt: skip


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in steps:
        yield from _paths(item, (*path, step))


PLACES = [
    (name, path) for name in NAMES for path in _paths(base(name)["credentialSubject"], ("credentialSubject",))
]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD)), min_size=1, max_size=3))
def test_odd_values_anywhere_in_a_subject_break_no_check(
    changes: list[tuple[tuple[str, tuple[Any, ...]], Any]],
) -> None:
    bench = Bench.default()
    name = changes[0][0][0]
    value = base(name)
    for (other, path), odd in changes:
        if other == name:
            _put(value, path, odd)
    subject = document(KINDS[name], value)
    company = (subject, document(KINDS["scheme"], base("scheme"), "scheme"))
    results = bench.judge.judge(subject)
    results += judge_set(CredentialSet(documents=company, as_of=AS_OF), bench.requirements, bench.checks)
    broken = [r.note for r in results if r.requirement.id.startswith(AREAS) and r.outcome is Outcome.ERROR]
    assert broken == []


def _put(value: Any, path: tuple[Any, ...], odd: Any) -> None:
    """Replace what stands at a path, unless an earlier change has taken the path away."""
    for step in path[:-1]:
        inside = isinstance(value, dict) and step in value
        if not inside and not (isinstance(value, list) and isinstance(step, int) and step < len(value)):
            return
        value = value[step]
    if isinstance(value, dict) or (
        isinstance(value, list) and isinstance(path[-1], int) and path[-1] < len(value)
    ):
        value[path[-1]] = odd
