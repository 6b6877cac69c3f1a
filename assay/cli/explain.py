"""``assay explain``: one requirement in full, and the list of all."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.resources import files
from typing import TYPE_CHECKING

from assay.cli.errors import UsageError, usage_errors
from assay.cli.example import Example, example, hints_of, smallest, words_of
from assay.cli.proofs import proofs_of
from assay.harness.rulebook import rulebook
from assay.profiles.catalogue import (
    CatalogueError,
    CheckKind,
    Reason,
    Requirement,
    load_profile,
    load_reference,
    profile_names,
)

if TYPE_CHECKING:
    from assay.harness.graph.rules import Rule

__all__ = ["run_explain", "run_list"]


def run_explain(identifier: str) -> int:
    """Print the row, what its check looks at, how to mend a failure, and an example that fails beside one that passes."""
    rows = _rows()
    row = rows.get(identifier.upper())
    if row is None:
        near = get_close_matches(identifier.upper(), rows, n=3)
        mend = f"did you mean {', '.join(near)}?" if near else "'assay requirements' lists all"
        raise UsageError(f"requirement '{identifier}' is unknown; {mend}")
    lines = [*_asked(row), *_related(row, rows), *_judged(row, rows)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _rows() -> dict[str, Requirement]:
    """All rows by id; where another version has adopted one, the row as it was first stated."""
    found: dict[str, Requirement] = {}
    for name in profile_names():
        for row in load_profile(name).requirements.values():
            if row.id not in found or not row.adopted_from:
                found[row.id] = row
    return found


def _asked(row: Requirement) -> Iterator[str]:
    level = f"{row.level.value} NOT" if row.negated else row.level.value
    yield f"{row.id}  {level}  ({row.status.value}, profile {row.profile})"
    yield f"  {row.rule}"
    yield f"  binds: {', '.join(row.role)}; decided from: {row.decided_from}; testable from outside: {_GRADES[row.black_box]}"
    yield f"  source: {row.source}" + (f" ({row.cites})" if row.cites else "")


_GRADES = {"Y": "yes", "P": "in part", "N": "no"}


def _related(row: Requirement, rows: Mapping[str, Requirement]) -> Iterator[str]:
    alike = sorted(
        {*row.same_as, *(other.id for other in rows.values() if row.id in other.same_as)} - {row.id}
    )
    for title, values in (("implies", row.implies), ("same rule", alike), ("stands on", row.stands_on)):
        if values:
            yield f"  {title}: {', '.join(values)}"
    if row.position:
        yield f"  contradiction: {', '.join(row.position)}"
    if row.note:
        yield f"  note: {row.note}"


def _judged(row: Requirement, rows: Mapping[str, Requirement]) -> Iterator[str]:
    """How a row is judged, with an example; the row whose check decides where that is another."""
    if row.check is None:
        yield f"  not judged: {row.not_checked.value if row.not_checked else ''}: {_REASONS[row.not_checked]}"
        return
    if row.check is CheckKind.SAME:
        row = rows[row.same_as[0]]
        yield f"  judged by: the check of {row.id}"
    else:
        at = f" at {', '.join(row.places or row.rules)}" if row.places or row.rules else ""
        yield f"  judged by: {row.check.value}{at}"
    known = proofs_of(row, tuple(rows.values()))
    shown = example(smallest(known)) if known else None
    looks, mends = _looks_at(row)
    yield from (f"  looks at: {words}" for words in looks)
    if shown is not None and shown.finding is not None:
        after = (
            f" (after the {shown.finding.basis}, which the other side contradicts)"
            if shown.finding.basis
            else ""
        )
        mends = [(shown.finding.hint or f"have {shown.finding.expected}") + after]
    mends = mends or ["no standing hint; each finding says what was expected and what came instead"]
    yield from (f"  to mend it: {words}" for words in dict.fromkeys(mends))
    if shown is not None:
        yield from _example(shown)


def _looks_at(row: Requirement) -> tuple[list[str], list[str]]:
    """What the check looks at, in its own words, and the hints that it gives."""
    if row.check is CheckKind.SCHEMA:
        return [f"errors of the JSON Schema at {', '.join(row.places)}"], []
    if row.check in (CheckKind.GRAPH, CheckKind.AUDIT):
        known = _rules(row)
        if not known:
            return ["all documents of the world together, joined by the audit in code"], []
        return [rule.judges for rule in known], [rule.hint for rule in known]
    from assay.harness.checks import load_checks

    checks = load_checks().get(row.check_id, ())
    told = [
        f"the trial '{check.trial}' of an endpoint: {words_of(check.function)}"
        if check.trial
        else words_of(check.function)
        for check in checks
    ]
    return [words for words in dict.fromkeys(told) if words], list(hints_of(c.function for c in checks))


def _rules(row: Requirement) -> list[Rule]:
    from assay.harness.graph.rules import rule

    names = row.rules
    if not names:
        folder = files("assay.profiles") / row.profile.replace("-", "_") / "rules"
        names = tuple(sorted(path.name for path in folder.iterdir() if path.name.endswith(".sql")))
    return [found for found in (rule(row.profile, name) for name in names) if row.rules or found.id == row.id]


def _example(shown: Example) -> Iterator[str]:
    yield f"  fails ({shown.where}):"
    yield from (f"    {line}" for line in shown.fault)
    if shown.finding is not None:
        at = shown.finding.at.pointer or "/"
        yield f"    then at {at}: expected {shown.finding.expected}; received {shown.finding.received}"
    if shown.passing:
        yield "  passes, with this in the same places:"
        yield from (f"    {line}" for line in shown.passing)


_REASONS = {
    Reason.NOT_BLACK_BOX: "files, HTTP answers and API answers do not show it",
    Reason.NEEDS_ACCESS_CONTROL: "it needs keys, roles or logins that Assay does not speak",
    Reason.NEEDS_WEBVH: "it needs the log of a did:webvh, which Assay does not read",
    Reason.NEEDS_EXTENSION_ARTEFACTS: "it speaks of the artefacts of an extension, none of which ships with Assay",
    Reason.BINDS_UNTP: "it is a duty of UNTP itself",
    Reason.PLANNED: "it could be decided, and this release does not do so",
    None: "",
}


def run_list(names: list[str], area: str, *, only_profiles: bool) -> int:
    """One line for each requirement of the named profiles (default: all), or for each profile."""
    with usage_errors(CatalogueError):
        chosen = [load_reference(name) for name in (names or profile_names())]
        if any(profile.folder is not None for profile in chosen):
            rulebook(chosen)  # a profile that nothing can be judged by is refused here too
    if only_profiles:
        for profile in chosen:
            judged = sum(1 for row in profile.requirements.values() if row.check is not None)
            sys.stdout.write(
                f"{profile.name:16} {judged:4} of {len(profile.requirements):4} judged  {profile.title}\n"
            )
        return 0
    rows = {row.id: row for profile in chosen for row in profile.requirements.values()}
    if not any(row.startswith(area.upper()) for row in rows):
        areas = ", ".join(sorted({row.split("-")[0] for row in rows}))
        raise UsageError(f"--area '{area}' has no requirement; choose one of: {areas}")
    for row in sorted(rows.values(), key=lambda row: row.id):
        if row.id.startswith(area.upper()):
            how = (
                row.check.value
                if row.check is not None
                else f"({row.not_checked.value if row.not_checked else ''})"
            )
            sys.stdout.write(f"{row.id:8} {row.level.value:6} {how:14} {row.rule}\n")
    return 0
