"""What proves that a check can fail: the mutants of every row, wherever they are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import assay
from assay.profiles.catalogue import CheckKind, Requirement

__all__ = ["CHECKOUT", "Proof", "proofs", "proofs_of"]

CHECKOUT = Path(assay.__file__).resolve().parent.parent
"""Root of the source tree; in an installed wheel there is neither ``docs`` nor ``tests`` below it."""

_AUDIT = Path("tests/harness/audit/mutants.py")
_AUDIT_MARK = re.compile(r'^@mutant\("([A-Z]-\d{3})"', re.M)


@dataclass(frozen=True, slots=True)
class Proof:
    """One mutant: where it stands, what kind it is, and its definition as written."""

    requirement: str
    kind: str
    """``document``, ``graph``, ``endpoint``, ``recorded`` or ``audit``."""
    where: str
    definition: Mapping[str, Any] = field(default_factory=dict)


@cache
def proofs() -> Mapping[str, tuple[Proof, ...]]:
    """All mutants by the row that they break."""
    found: dict[str, list[Proof]] = {}
    for proof in (*_documents(), *_endpoints(), *_graph(), *_audit()):
        found.setdefault(proof.requirement, []).append(proof)
    return {row: tuple(mutants) for row, mutants in found.items()}


def proofs_of(row: Requirement, rows: Iterable[Requirement]) -> tuple[Proof, ...]:
    """The mutants of a row: its own, those of the row whose check judges it, or those of rows that say the same."""
    known = proofs()
    if row.check is CheckKind.SAME:
        return known.get(row.same_as[0], ())
    if row.id in known:
        return known[row.id]
    return tuple(proof for other in rows if row.id in other.same_as for proof in known.get(other.id, ()))


def _documents() -> Iterable[Proof]:
    from assay.harness.selftest import load_mutants

    for mutant in load_mutants():
        yield Proof(mutant.requirement, "document", f"fixtures/mutants/{mutant.where}", mutant.definition)


def _endpoints() -> Iterable[Proof]:
    from assay.harness.live_proof import load_live
    from assay.harness.live_recorded import RECORDED

    for number, mutant in enumerate(load_live(), 1):
        definition = {"fault": list(mutant.faults), "role": mutant.role}
        yield Proof(mutant.requirement, "endpoint", f"fixtures/mutants/live.yaml, entry {number}", definition)
    for row, why in RECORDED.items():
        yield Proof(row, "recorded", "harness/live_recorded.py", {"because": why})


def _graph() -> Iterable[Proof]:
    from assay.harness.graph.selftest import mutants

    for number, mutant in enumerate(mutants(), 1):
        yield Proof(mutant["requirement"], "graph", f"fixtures/graph/mutants.yaml, entry {number}", mutant)


def _audit() -> Iterable[Proof]:
    """Mutants of worlds are functions among the tests; an installed wheel comes without them."""
    path = CHECKOUT / _AUDIT
    if path.is_file():
        for row in _AUDIT_MARK.findall(path.read_text(encoding="utf-8")):
            yield Proof(row, "audit", _AUDIT.as_posix())
