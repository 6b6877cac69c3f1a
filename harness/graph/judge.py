"""Judging a set of credentials by the graph rules of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Timer
from typing import TYPE_CHECKING, Any

from assay.harness.crashes import crashed
from assay.harness.graph.load import TOLERANCE_PERMILLE, database, read_set, rows_of
from assay.harness.graph.rows import Rows
from assay.harness.graph.rules import Rule, rule, views, word
from assay.harness.material import CredentialSet, Document
from assay.harness.results import Finding, Location, Outcome, RequirementResult
from assay.profiles.catalogue import CheckKind, Requirement

if TYPE_CHECKING:
    from assay.harness.overlays import Scope

__all__ = ["LONGEST_S", "MOST_FINDINGS", "judge_graph"]

LONGEST_S = 300
"""Seconds after which joining is given up; nobody's set may occupy Assay for ever."""
MOST_FINDINGS = 200
"""Findings shown per rule; the note gives the full number."""


@dataclass(frozen=True, slots=True)
class _Judged:
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    in_doubt: int = 0
    """Things in documents of which nobody can tell whether the row holds for them."""


def judge_graph(
    credentials: CredentialSet,
    requirements: Iterable[Requirement] | Mapping[str, Requirement],
    *,
    tolerance_permille: int = TOLERANCE_PERMILLE,
    own_rules: Mapping[tuple[str, str], Rule] | None = None,
    scope: Callable[[Requirement], Scope | None] = lambda row: None,
) -> list[RequirementResult]:
    """One result per requirement with ``check: graph``, over the set as a whole (no subject indices).

    *error* when the set is too large to be joined, *failed* with findings, *inconclusive* with a note of what is missing,
    *passed* when everything that was judged holds, *not_applicable* when there was nothing to judge. ``own_rules`` are those
    of a user's profiles, by profile and file; ``scope`` says which documents a row speaks of, where not of all.
    """
    rows_asked = requirements.values() if isinstance(requirements, Mapping) else requirements
    wanted = [requirement for requirement in rows_asked if requirement.check is CheckKind.GRAPH]
    if not wanted:
        return []
    import duckdb

    given_up = (duckdb.OutOfMemoryException, duckdb.InterruptException)
    try:
        rows = (
            rows_of(credentials)
            if tolerance_permille == TOLERANCE_PERMILLE
            else read_set(credentials, tolerance_permille=tolerance_permille)
        )
        connection = database(rows)
    except Exception as error:  # noqa: BLE001 - whatever a set does to us is no verdict on it
        return [crashed(requirement, error, "joining the set") for requirement in wanted]
    clock = Timer(LONGEST_S, connection.interrupt)
    clock.daemon = True
    clock.start()
    try:
        for name, text in views().items():
            connection.execute(f"CREATE TABLE {name} AS {text}")
        results = []
        for requirement in wanted:
            try:
                found = _result(
                    connection, requirement, credentials, rows, own_rules or {}, scope(requirement)
                )
            except given_up:
                raise
            except Exception as error:  # noqa: BLE001 - one rule that fails takes none of the others with it
                found = crashed(requirement, error, f"the rule {', '.join(requirement.rules)}")
            results.append(found)
        return results
    except given_up as error:
        note = f"the set is beyond what Assay joins in memory and {LONGEST_S} s: {type(error).__name__}"
        return [RequirementResult(requirement, Outcome.ERROR, note=note) for requirement in wanted]
    except Exception as error:  # noqa: BLE001 - whatever a set does to us is no verdict on it
        return [crashed(requirement, error, "joining the set") for requirement in wanted]
    finally:
        clock.cancel()
        connection.close()


_STATES = {"pass", "fail", "unknown"}


def _result(
    connection: Any,
    requirement: Requirement,
    credentials: CredentialSet,
    rows: Rows,
    own_rules: Mapping[tuple[str, str], Rule],
    scope: Scope | None,
) -> RequirementResult:
    counts: dict[str, int] = {}
    findings: list[Finding] = []
    missing: list[str] = []
    in_doubt = 0
    # the rule of an adopted row lies with the profile that it is taken from
    source = requirement.adopted_from or requirement.profile
    for file in requirement.rules:
        judged_by = own_rules.get((source, file)) or rule(source, file)
        judged = _run(connection, judged_by, credentials.documents, scope)
        in_doubt += judged.in_doubt
        for state, number in judged.counts.items():
            counts[state] = counts.get(state, 0) + number
        findings += judged.findings
        missing += judged.missing
    failed, unknown, passed = counts.get("fail", 0), counts.get("unknown", 0), counts.get("pass", 0)
    notes = [f"{failed + unknown + passed} judged"] if counts else ["nothing to judge"]
    if failed > len(findings):
        notes.append(f"{failed} fail, the first {len(findings)} are shown")
    if unknown:
        notes.append(f"{unknown} undecided: " + "; ".join(missing))
    if failed:
        outcome = Outcome.FAILED
    elif unknown:
        outcome = Outcome.INCONCLUSIVE
    else:
        outcome = Outcome.PASSED if passed else Outcome.NOT_APPLICABLE
    result = RequirementResult(
        requirement=requirement,
        outcome=outcome,
        findings=tuple(findings),
        note=". ".join(notes + rows.notes[:3]),
    )
    return result if scope is None else scope.settled(result, in_doubt=in_doubt)


def _within(connection: Any, scope: Scope) -> int:
    """Leave in what was judged only what stands in documents of a scope; returns how much nobody can tell of."""
    connection.execute("CREATE OR REPLACE TEMP TABLE held (doc BIGINT, known BOOLEAN)")
    marks = [[doc, True] for doc in sorted(scope.held)] + [[doc, False] for doc in sorted(scope.unknown)]
    if marks:
        connection.executemany("INSERT INTO held VALUES (?, ?)", marks)
    doubtful = connection.execute(
        "SELECT COUNT(*) FROM judged WHERE doc IN (SELECT doc FROM held WHERE NOT known)"
    ).fetchone()[0]
    connection.execute("DELETE FROM judged WHERE doc NOT IN (SELECT doc FROM held WHERE known)")
    if not scope.held:
        connection.execute("DELETE FROM judged")  # what stands in no document speaks of the set as a whole
    return int(doubtful)


def _run(connection: Any, judged_by: Rule, documents: tuple[Document, ...], scope: Scope | None) -> _Judged:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {judged_by.sql}")
    in_doubt = 0 if scope is None else _within(connection, scope)
    counts = dict(connection.execute("SELECT state, COUNT(*) FROM judged GROUP BY state").fetchall())
    if strange := counts.keys() - _STATES:
        shown = ", ".join(sorted(map(repr, strange))[:3])
        raise ValueError(f"expected the states pass, fail and unknown, received {shown}")
    failing = _fetch(connection, "fail", MOST_FINDINGS) if "fail" in counts else []
    unknown = _fetch(connection, "unknown", 3) if "unknown" in counts else []
    return _Judged(
        counts=counts,
        findings=tuple(_finding(judged_by, row, documents) for row in failing),
        missing=tuple(dict.fromkeys(word(judged_by.missing, row) for row in unknown)),
        in_doubt=in_doubt,
    )


def _fetch(connection: Any, state: str, most: int) -> list[dict[str, Any]]:
    cursor = connection.execute("SELECT * FROM judged WHERE state = ? ORDER BY ALL LIMIT ?", [state, most])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _finding(judged_by: Rule, row: dict[str, Any], documents: tuple[Document, ...]) -> Finding:
    place, evidence = Location(), ()
    if row["doc"] is not None:
        document = documents[row["doc"]]
        place = replace(document.at(), pointer=row["pointer"] or "")
        evidence = document.evidence
    return Finding(
        expected=word(judged_by.expected, row),
        received=word(judged_by.received, row),
        hint=word(judged_by.hint, row),
        at=place,
        evidence=evidence,
        rule=judged_by.id,
        assumed=bool(row.get("assumed")),
    )
