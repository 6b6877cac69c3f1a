"""The machine interface: one JSON object per run, stable, with a published schema.

The shape is fixed by ``reports/templates/report.schema.json``; a test validates every report against it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assay.harness.results import (
    Contradiction,
    Finding,
    RequirementResult,
    RunResult,
    Subject,
    contradictions,
    counts,
)

__all__ = ["SCHEMA_FILE", "as_object", "dumps"]

SCHEMA_FILE = Path(__file__).parent / "templates" / "report.schema.json"


def _profile(run: RunResult, name: str, digest: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": name, "digest": digest}
    if name in run.own_profiles:
        shown["own"] = True
        if run.own_profiles[name]:
            shown["nations"] = list(run.own_profiles[name])
    return shown


def _subject(subject: Subject) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "source": subject.source,
        "kind": subject.kind,
        "scope": subject.scope.value,
        "verdict": subject.verdict.value,
    }
    if subject.untp is not None:
        shown["untp"] = subject.untp
    if subject.via is not None:
        shown["via"] = subject.via
    if subject.digest is not None:
        shown["digest"] = subject.digest
    if subject.note:
        shown["note"] = subject.note
    return shown


def _finding(finding: Finding, requirement: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "at": {"artefact": finding.at.artefact, "pointer": finding.at.pointer, "source": finding.at.source},
        "expected": finding.expected,
        "received": finding.received,
        "hint": finding.hint,
        "evidence": list(finding.evidence),
        "fingerprint": finding.fingerprint(requirement),
    }
    if finding.rule is not None:
        shown["rule"] = finding.rule
    if finding.assumed:
        shown["assumed"] = True
    return shown


def _result(result: RequirementResult) -> dict[str, Any]:
    row = result.requirement
    shown: dict[str, Any] = {
        "requirement": row.id,
        "profile": row.profile,
        "level": row.level.value,
        "status": row.status.value,
        "basis": result.basis,
        "rule": row.rule,
        "source": row.source,
        "outcome": result.outcome.value,
        "subjects": list(result.subjects),
        "findings": [_finding(finding, row.id) for finding in result.findings],
    }
    if row.negated:
        shown["negated"] = True
    if row.position:
        shown["positions"] = list(row.position)
        shown["follows"] = row.follows
    if row.stands_on:
        shown["stands_on"] = list(row.stands_on)
    if result.note:
        shown["note"] = result.note
    return shown


def _contradiction(told: Contradiction) -> dict[str, Any]:
    row = told.requirement
    return {
        "positions": list(row.position),
        "requirement": row.id,
        "profile": row.profile,
        "text": told.text.value,
        "schema": told.schema.value,
        "differs": told.differs,
        "follows": told.follows,
        "subjects": list(told.subjects),
    }


def as_object(run: RunResult) -> dict[str, Any]:
    """The run as plain JSON data, in a fixed order of keys."""
    shown: dict[str, Any] = {
        "assay": run.assay,
        "as_of": run.as_of,
        "title": run.title,
        "command": run.command,
        "profiles": [_profile(run, name, digest) for name, digest in run.profiles],
        "catalogue": run.catalogue,
        "verdict": run.verdict.value,
        "counts": counts(run.results),
        "subjects": [_subject(subject) for subject in run.subjects],
        "results": [_result(result) for result in run.results],
    }
    if told := [_contradiction(one) for one in contradictions(run.results)]:
        shown["contradictions"] = told
    if run.chain is not None:
        shown["chain"] = run.chain
    if run.matrix:
        shown["matrix"] = [asdict(cell) for cell in run.matrix]
    if run.exchanges:
        shown["exchanges"] = run.exchanges
    return shown


def dumps(run: RunResult) -> str:
    """The run as JSON text: a line for each subject, result and contradiction, one newline at the end."""
    shown = as_object(run)
    numbers: dict[tuple[int, ...], str] = {}
    lines = {"results": [_line(result, numbers) for result in shown["results"]]}
    return (
        "{\n"
        + ",\n".join(f" {_text(key)}: {_member(value, lines.get(key))}" for key, value in shown.items())
        + "\n}\n"
    )


def _member(value: Any, lines: list[str] | None = None) -> str:
    if not isinstance(value, list) or not value:
        return _text(value)
    return "[\n  " + ",\n  ".join(map(_text, value) if lines is None else lines) + "\n ]"


def _line(result: dict[str, Any], numbers: dict[tuple[int, ...], str]) -> str:
    """A result as text; ``numbers`` keeps the text of subjects, since most rows are asked of the same documents."""
    subjects = tuple(result["subjects"])
    listed = numbers.get(subjects)
    if listed is None:
        listed = numbers[subjects] = _text(result["subjects"])
    names = list(result)
    at = names.index("subjects")
    before = _text({name: result[name] for name in names[:at]})
    after = _text({name: result[name] for name in names[at + 1 :]})
    return f'{before[:-1]}, "subjects": {listed}, {after[1:]}'


_text = json.JSONEncoder(ensure_ascii=False).encode
