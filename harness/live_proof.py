"""The self-test of live rows: an endpoint with one fault fails the row that says so, and besides it only what is declared.

The mutants stand in ``fixtures/mutants/live.yaml``; who runs a faulty endpoint is handed in, because the harness knows no
sandbox. What a faulty endpoint fails is compared with what an honest one fails in the same world.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import assay.fixtures
from assay.harness.checks import Check
from assay.harness.forge.ring import MutantError
from assay.harness.live_recorded import RECORDED, prove_recorded
from assay.harness.results import Outcome, RequirementResult
from assay.harness.selftest import LIVE, Failure, GroupReport, closure, load_bases
from assay.profiles.catalogue import CheckKind, Requirement

__all__ = [
    "ROLES",
    "LiveMutant",
    "Run",
    "allowed",
    "live_rows",
    "load_live",
    "prove",
    "prove_all",
]

ROLES = ("verifier", "graph", "resolver", "status", "did", "publisher", "issuer")
"""What a mutant damages, and so what has to be exercised to see it."""

_FILE = Path(assay.fixtures.__file__).parent / "mutants" / LIVE
_KEYS = frozenset({"requirement", "fault", "role", "along", "note"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Run = Callable[[tuple[str, ...], str, Collection[str] | None], Sequence[RequirementResult]]
"""``run(faults, role, rows)``: exercise an endpoint with these faults in this role and judge it. ``rows`` are those that have to
be judged; None means all."""


@dataclass(frozen=True, slots=True)
class LiveMutant:
    """One endpoint with one fault (or a few), and the row that it breaks."""

    requirement: str
    faults: tuple[str, ...]
    role: str
    along: frozenset[str] = frozenset()


def load_live(path: Path = _FILE) -> tuple[LiveMutant, ...]:
    """All live mutants, in order.

    :raises MutantError: an entry that is none; the message says which and what is wrong.
    """
    entries = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 - a safe loader, C variant where built
    return tuple(_mutant(entry, f"{path.name}, entry {number}") for number, entry in enumerate(entries, 1))


def _mutant(entry: Any, where: str) -> LiveMutant:
    if not isinstance(entry, dict) or not {"requirement", "fault", "role"} <= entry.keys() <= _KEYS:
        raise MutantError(
            f"{where}: has to have requirement, fault and role, and besides them only along and note"
        )
    if entry["role"] not in ROLES:
        raise MutantError(f"{where}: role {entry['role']!r} is unknown; choose one of: {', '.join(ROLES)}")
    fault = entry["fault"]
    faults = tuple(fault) if isinstance(fault, list) else (fault,)
    return LiveMutant(entry["requirement"], faults, entry["role"], frozenset(entry.get("along", ())))


def allowed(
    mutant: LiveMutant, mutants: Iterable[LiveMutant], requirements: Mapping[str, Requirement]
) -> frozenset[str]:
    """The rows that may fail under a mutant: declared for the row, for the fault, and what these imply."""
    rows = {mutant.requirement, *mutant.along}
    for other in mutants:
        if other.faults == mutant.faults and other.role == mutant.role:
            rows |= {other.requirement, *other.along}
    return frozenset().union(*(closure(requirements, row) for row in rows))


def _failed(results: Iterable[RequirementResult]) -> set[str]:
    return {result.requirement.id for result in results if result.outcome is Outcome.FAILED}


def prove(
    mutant: LiveMutant,
    mutants: Sequence[LiveMutant],
    requirements: Mapping[str, Requirement],
    run: Run,
    honest: Collection[str],
    rows: Collection[str] | None = None,
) -> list[Failure]:
    """What is wrong with a mutant: nothing, when its row fails and nothing undeclared fails beside it."""
    where = f"{'+'.join(mutant.faults)} ({mutant.role})"
    if mutant.requirement not in requirements:
        return [Failure(mutant.requirement, where, "the catalogue has no such row")]
    failed = _failed(run(mutant.faults, mutant.role, rows)) - set(honest)
    failures = []
    if mutant.requirement not in failed:
        failures.append(Failure(mutant.requirement, where, "the faulty endpoint does not fail the row"))
    extra = sorted(failed - allowed(mutant, mutants, requirements))
    if extra:
        failures.append(
            Failure(mutant.requirement, where, f"{', '.join(extra)} fails too, and nothing declares it")
        )
    return failures


def prove_all(
    requirements: Mapping[str, Requirement], checks: Mapping[str, Sequence[Check]], run: Run
) -> GroupReport:
    """Prove every live mutant, faulty endpoints and recorded ones, and that every row decided by a trial has one."""
    mutants, failures = load_live(), []
    honest = {role: _failed(run((), role, None)) for role in dict.fromkeys(mutant.role for mutant in mutants)}
    proven: set[str] = set()
    known: dict[tuple[tuple[str, ...], str], Sequence[RequirementResult]] = {}

    def once(faults: tuple[str, ...], role: str, rows: Collection[str] | None) -> Sequence[RequirementResult]:
        if (faults, role) not in known:
            known[faults, role] = run(faults, role, rows)
        return known[faults, role]

    for mutant in mutants:
        found = prove(mutant, mutants, requirements, once, honest[mutant.role])
        failures += found
        if not found:
            proven.add(mutant.requirement)
    wrong = list(prove_recorded(requirements, checks, load_bases()))
    failures += wrong
    proven |= RECORDED.keys() - {failure.requirement for failure in wrong}
    rows = live_rows(requirements, checks)
    for row in sorted(rows - {mutant.requirement for mutant in mutants} - RECORDED.keys()):
        failures.append(Failure(row, LIVE, "no mutant shows that the check can fail"))
    count = len(mutants) + len(RECORDED)
    return GroupReport("endpoints", len(rows), len(proven & rows), count, tuple(failures))


def live_rows(requirements: Mapping[str, Requirement], checks: Mapping[str, Sequence[Check]]) -> set[str]:
    """The rows that are decided by trials of endpoints."""
    return {
        row.id
        for row in requirements.values()
        if row.check is CheckKind.CODE and any(check.trial for check in checks.get(row.check_id, ()))
    }
