"""Trials of verifiers that judge credentials together: the honest chain of ``fixtures/graph``, and the chain with one thing changed.

The sets stand in ``fixtures/graph/trials.yaml``; which row each trial decides stands in :mod:`assay.harness.checks.graph_verifier_checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assay.harness.adapters import Reading
from assay.harness.graph.signed import SetOfTrial, graph_set, graph_trials
from assay.harness.trials import ApiTrial, Attempt
from assay.harness.verifier_trials import Bench, trial

__all__: list[str] = []

FEATURE = "verify-graph"


async def _sent(bench: Bench, what: str, changes: SetOfTrial) -> Attempt:
    made = graph_set(bench.authority, changes)
    return await bench.sent(
        what, bench.adapter.verify_graph(made.credentials, made.vocabularies, made.anchors)
    )


async def _held(bench: Bench, written: Mapping[str, Any]) -> ApiTrial:
    """Control, then the foil of a trial that has one, then the sets. Without an accepted control the rest would tell nothing."""
    control = await _sent(bench, "a set of credentials without fault", {})
    held = replace(bench.trial(written["name"]), control=control)
    if control.answer.reading is not Reading.ACCEPTED:
        return held
    if "foil" in written:
        held = replace(held, foil=await _sent(bench, written["foil"]["what"], written["foil"]))
    sets = written.get("refused") or written["accepted"]
    attempts = [await _sent(bench, one["what"], one) for one in sets]
    return replace(held, attempts=tuple(attempts), about={"names": [one.get("names", []) for one in sets]})


def _register(written: Mapping[str, Any]) -> None:
    async def make(bench: Bench) -> ApiTrial:
        return await _held(bench, written)

    trial(written["name"], feature=FEATURE)(make)


for _written in graph_trials():
    _register(_written)
