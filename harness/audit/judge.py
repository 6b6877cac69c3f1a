"""One audit: read, store, judge, and say what was found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Timer
from typing import Any

import orjson

from assay.harness.audit.assumptions import Assumptions
from assay.harness.audit.extract import Extractor
from assay.harness.audit.in_work import judge_in_work
from assay.harness.audit.ledger import judge_ledger
from assay.harness.audit.meters import ASSAY_PPM, CONTENT_PPM, SCALE_PPM
from assay.harness.audit.published import ledger_of, published
from assay.harness.audit.store import Store
from assay.harness.audit.tally import MOST_FINDINGS, Tally
from assay.harness.audit.travel import judge_travel
from assay.harness.events import Listener, Progress
from assay.harness.graph.rules import Rule, rule, word
from assay.harness.results import Outcome, RequirementResult, RunResult, Scope, Subject, Verdict
from assay.profiles.catalogue import Requirement, load_profile, load_profiles
from assay.profiles.world.materials import recoveries

__all__ = ["LONGEST_S", "PROFILE", "audit", "audit_requirements"]

PROFILE = "world"
LONGEST_S = 1800
"""Seconds after which joining is given up."""
_STEP = 500
_MOST_BYTES = 10_000_000
_SELECT = "SELECT * FROM judged WHERE state = 'fail' ORDER BY ALL LIMIT ?"


@cache
def audit_requirements() -> dict[str, Requirement]:
    """The rules of the audit by id; all of them decide."""
    return load_profiles((PROFILE,), decisive=(PROFILE,))


@cache
def _rules() -> tuple[Rule, ...]:
    folder = files("assay.profiles") / "world" / "rules"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(rule(PROFILE, name) for name in names)


def audit(
    path: Path,
    assumptions: Assumptions | None = None,
    *,
    version: str,
    command: str = "",
    listener: Listener | None = None,
) -> RunResult:
    """Audit the credentials at a path, and the ledger beside them where there is one.

    :raises SourceError: nothing there, or not readable.
    """
    tally = Tally()
    description = _description(path)
    with Store() as store:
        extractor = Extractor(store, tally, assumptions or Assumptions())
        for number, (source, value) in enumerate(published(path), 1):
            extractor.read(source, value)
            if listener is not None and number % _STEP == 0:
                listener(Progress("read", number, None, "documents"))
        ledger = ledger_of(path)
        _constants(store)
        store.finish()
        clock = Timer(LONGEST_S, store.connection.interrupt)
        clock.daemon = True
        clock.start()
        try:
            problem = _judge(store, tally, ledger, description.get("as_of"), listener)
        finally:
            clock.cancel()
        sources = _sources(store, tally.documents())
    results = tuple(_results(tally, sources, ledger is not None, problem))
    kinds = (
        ", ".join(f"{number} {kind}" for kind, number in sorted(extractor.kinds.items())) or "nothing to read"
    )
    verdict = _verdict(results)
    return RunResult(
        assay=version,
        as_of=_as_of(description),
        profiles=((PROFILE, load_profile(PROFILE).digest),),
        verdict=verdict,
        subjects=(
            Subject(
                str(path),
                "world",
                scope=Scope.DOCUMENT,
                verdict=verdict,
                note=kinds + ("; with ledger" if ledger is not None else "; no ledger"),
            ),
        ),
        results=results,
        title=f"Audit of {path}",
        command=command,
    )


def _description(path: Path) -> dict[str, Any]:
    """``dataset.json``, where there is one that can be read."""
    file = path / "dataset.json"
    if not file.is_file():
        return {}
    with file.open("rb") as stream:
        raw = stream.read(_MOST_BYTES)
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _as_of(description: dict[str, Any]) -> str:
    stated = description.get("as_of")
    if isinstance(stated, str) and len(stated) < 40:
        return stated
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _constants(store: Store) -> None:
    from assay.profiles.geography import landlocked
    from assay.profiles.untp_0_7.codes import COUNTRIES

    store.add("setting", SCALE_PPM, ASSAY_PPM, CONTENT_PPM)
    for row in recoveries():
        store.add(
            "recovery", row.source, row.target, row.element, round(row.lowest * 1e6), round(row.highest * 1e6)
        )
    for code in sorted(COUNTRIES):
        if landlocked(code):
            store.add("landlocked", code)
    for year in range(1970, 2101):
        first, after = (int(datetime(one, 1, 1, tzinfo=UTC).timestamp()) for one in (year, year + 1))
        store.add("calendar", year, first, after - 1)


def _judge(
    store: Store, tally: Tally, ledger: Path | None, as_of: Any, listener: Listener | None
) -> str | None:
    """Everything that needs more than one document; returns why it could not be finished, if so."""
    import duckdb

    try:
        if ledger is not None:
            judge_ledger(store, tally, ledger, as_of if isinstance(as_of, str) else None)
            store.finish_holdings()
        judge_travel(store, tally)
        for number, one in enumerate(_rules(), 1):
            if listener is not None:
                listener(Progress("join", number, len(_rules()), one.title))
            _run(store, tally, one)
    except (duckdb.OutOfMemoryException, duckdb.InterruptException) as error:
        return f"the set is beyond what Assay joins in memory and {LONGEST_S} s: {type(error).__name__}"
    return None


def _run(store: Store, tally: Tally, one: Rule) -> None:
    connection = store.connection
    connection.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {one.sql}")
    counts = dict(store.rows("SELECT state, COUNT(*) FROM judged GROUP BY state"))
    tally.passed[one.id] += counts.get("pass", 0)
    if counts.get("fail"):
        cursor = connection.execute(_SELECT, [MOST_FINDINGS])
        names = [column[0] for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            tally.judge(
                one.id,
                False,
                row["doc"],
                row["pointer"] or "",
                word(one.expected, row),
                word(one.received, row),
                word(one.hint, row),
                assumed=bool(row.get("assumed")),
            )
        tally.failed[one.id] += counts["fail"] - min(counts["fail"], MOST_FINDINGS)
    if counts.get("work"):
        judge_in_work(store, tally, one)
    if counts.get("unknown"):
        cursor = connection.execute("SELECT * FROM judged WHERE state = 'unknown' ORDER BY ALL LIMIT 1")
        names = [column[0] for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
        tally.undecide(one.id, word(one.missing, row), counts["unknown"])


def _sources(store: Store, documents: set[int]) -> dict[int, tuple[str, str, int]]:
    """Name, kind and whether it is of an older version, of the documents that findings point at."""
    found: dict[int, tuple[str, str, int]] = {}
    wanted = sorted(documents)
    for start in range(0, len(wanted), 1000):
        some = wanted[start : start + 1000]
        marks = ", ".join("?" * len(some))
        rows = store.rows(f"SELECT no, source, kind, older FROM doc WHERE no IN ({marks})", some)  # noqa: S608 - marks only
        found.update({no: (source, kind, older) for no, source, kind, older in rows})
    return found


def _results(
    tally: Tally, sources: dict[int, tuple[str, str, int]], with_ledger: bool, problem: str | None
) -> Iterator[RequirementResult]:
    for requirement in audit_requirements().values():
        name = requirement.id
        failed, passed, undecided = tally.failed[name], tally.passed[name], tally.undecided[name]
        findings = tally.findings(name, sources)
        notes = [
            f"{failed + passed + undecided} judged" if failed + passed + undecided else "nothing to judge"
        ]
        if failed > len(findings):
            notes.append(f"{failed} fail, the first {len(findings)} are shown")
        if undecided:
            notes.append(f"{undecided} undecided, for want of " + "; ".join(tally.reasons[name]))
        if failed:
            outcome = Outcome.FAILED
        elif problem is not None:
            outcome, notes = Outcome.ERROR, [problem]
        elif undecided:
            outcome = Outcome.INCONCLUSIVE
        elif passed:
            outcome = Outcome.PASSED
        else:
            outcome = Outcome.NOT_APPLICABLE
            if requirement.decided_from == "extension" and not with_ledger:
                notes = ["no ledger lies beside the credentials"]
        yield RequirementResult(requirement, outcome, findings=findings, note=". ".join(notes))


def _verdict(results: tuple[RequirementResult, ...]) -> Verdict:
    """Inconsistent with one finding; consistent where something was judged and nothing failed; otherwise inconclusive."""
    outcomes = {result.outcome for result in results}
    if Outcome.FAILED in outcomes:
        return Verdict.NOT_CONFORMANT
    if Outcome.ERROR in outcomes or Outcome.PASSED not in outcomes:
        return Verdict.INCONCLUSIVE
    return Verdict.CONFORMANT
