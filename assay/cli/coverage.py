"""``assay requirements coverage``: for every row who is bound, how it is judged and what proves that, or why it is not."""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from assay.cli.errors import UsageError, usage_errors
from assay.cli.proofs import CHECKOUT, proofs, proofs_of
from assay.harness.rulebook import rulebook
from assay.profiles.catalogue import (
    CatalogueError,
    CheckKind,
    Profile,
    Requirement,
    load_profile,
    load_reference,
    profile_names,
)

__all__ = ["SHARES", "Line", "Share", "lines_of", "problems", "run_coverage", "shares", "untp_rows"]

UNTP_AREAS = frozenset(
    [
        "VCP",
        "VRF",
        "STS",
        "DID",
        "JLD",
        "RND",
        "DPP",
        "DCC",
        "DFR",
        "DTE",
        "DIA",
        "CVC",
        "IDR",
        "DAC",
        "VBD",
        "MB",
        "TG",
        "EXT",
        "ENV",
        "LLD",
        "DUR",
        "WAL",
        "REG",
        "VSN",
    ]
)
"""The areas of the 626 rows taken from the pages, schemas and registers of UNTP 0.7; the shares count these."""

_SINGLE_OR_SERVED = ("document", "documents", "http")


@dataclass(frozen=True, slots=True)
class Share:
    """One of the three shares of rows with a check, and the least that a release may have of it."""

    title: str
    target_percent: int

    def counts(self, row: Requirement) -> bool:
        """Whether a row belongs to the rows of which the share is taken."""
        if self is Y_DECIDED:
            return row.black_box == "Y" and row.decided_from in _SINGLE_OR_SERVED
        if self is P_GRADED:
            return row.black_box == "P"
        return row.decided_from == "api" and not {"ISS", "VER"}.isdisjoint(row.role)


Y_DECIDED = Share("graded Y, decided from a document, from documents or over http", 90)
P_GRADED = Share("graded P", 60)
API_ASKED = Share("decided by asking an API, binding issuers or verifiers", 60)
SHARES = (Y_DECIDED, P_GRADED, API_ASKED)


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the coverage report shows it."""

    id: str
    level: str
    status: str
    role: tuple[str, ...]
    tier: str
    black_box: str
    decided_from: str
    check: str
    """``code``, ``schema``, ``graph``, ``audit``, or ``same as ID``; empty without check."""
    mutants: int
    mutant: str
    """Where the first mutant stands."""
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A share as it stands."""

    title: str
    checked: int
    rows: int
    target_percent: int

    @property
    def percent(self) -> float:
        """Rows with a check in percent, rounded down to a tenth, so that no share looks reached that is not."""
        return math.floor(1000 * self.checked / self.rows) / 10 if self.rows else 100.0

    @property
    def short(self) -> int:
        """Rows that still need a check."""
        return max(0, math.ceil(self.rows * self.target_percent / 100) - self.checked)


@cache
def _rows() -> tuple[Requirement, ...]:
    """Every row once, under the profile that states it first; adopted rows apart."""
    found: dict[str, Requirement] = {}
    for name in profile_names():
        found.update(load_profile(name).requirements)
    return tuple(found.values())


def untp_rows() -> list[Requirement]:
    """The rows taken from UNTP 0.7."""
    return [
        row
        for row in _rows()
        if row.id.split("-")[0] in UNTP_AREAS and row.profile != "w3c" and not row.adopted_from
    ]


def shares(rows: Iterable[Requirement]) -> list[Reached]:
    """The three shares of some rows."""
    rows = list(rows)
    found = []
    for share in SHARES:
        counted = [row for row in rows if share.counts(row)]
        checked = sum(1 for row in counted if row.check is not None)
        found.append(Reached(share.title, checked, len(counted), share.target_percent))
    return found


def lines_of(rows: Iterable[Requirement]) -> list[Line]:
    """The lines of some rows, in the order of their ids."""
    return [_line(row) for row in sorted(rows, key=lambda row: row.id)]


def _line(row: Requirement) -> Line:
    known = proofs_of(row, _rows()) if row.check is not None else ()
    same = row.check is CheckKind.SAME
    return Line(
        id=row.id,
        level=f"{row.level.value} NOT" if row.negated else row.level.value,
        status=row.status.value,
        role=tuple(row.role),
        tier=row.tier,
        black_box=row.black_box,
        decided_from=row.decided_from,
        check=f"same as {row.same_as[0]}" if same else row.check.value if row.check else "",
        mutants=len(known),
        mutant=known[0].where if known else "",
        reason=row.not_checked.value if row.not_checked else "",
        rule=row.rule,
    )


def problems(folder: Path = CHECKOUT) -> list[str]:
    """What CI refuses: gaps between rows, checks and mutants, and documents that quote ids which do not exist."""
    from assay.harness.checks import load_checks

    rows = {row.id: row for row in _rows()}
    return [
        *_unfounded(rows),
        *(f"check {name}: no row has this id" for name in sorted(load_checks().keys() - rows.keys())),
        *_orphaned_rules(rows),
        *(f"mutant of {name}: no row has this id" for name in sorted(proofs().keys() - rows.keys())),
        *_unproven(folder),
        *_misquoted(folder, rows),
    ]


def _unfounded(rows: Mapping[str, Requirement]) -> Iterator[str]:
    from assay.harness.checks import load_checks

    registered = load_checks()
    for row in rows.values():
        if row.check is None and row.not_checked is None:
            yield f"{row.id}: has neither a check nor a reason"
        if row.check is CheckKind.CODE and row.id not in registered:
            yield f"{row.id}: says check: code, and no check is registered under it"
        if row.check is CheckKind.SAME:
            other = rows.get(row.same_as[0])
            if other is None or other.check not in (CheckKind.CODE, CheckKind.SCHEMA):
                yield f"{row.id}: says check: same, and {row.same_as[0]} has no check of code or schema"


def _orphaned_rules(rows: Mapping[str, Requirement]) -> Iterator[str]:
    """Rules in SQL that no row names; those of the audit are named by the id in their header."""
    used = {(row.profile.replace("-", "_"), file) for row in rows.values() for file in row.rules}
    for folder in sorted(files("assay.profiles").iterdir(), key=lambda entry: entry.name):
        for path in sorted(Path(str(folder / "rules")).glob("*.sql")):
            match = re.search(r"^-- id: (\S+)", path.read_text(encoding="utf-8"), re.M)
            audited = match is not None and match[1] in rows and rows[match[1]].check is CheckKind.AUDIT
            if not audited and (folder.name, path.name) not in used:
                yield f"profiles/{folder.name}/rules/{path.name}: no row names this rule"


def _unproven(folder: Path) -> Iterator[str]:
    for row in _rows():
        if row.check is None or row.adopted_from or proofs_of(row, _rows()):
            continue
        if row.check is CheckKind.AUDIT and not (folder / "tests").is_dir():
            continue  # mutants of worlds are kept with the tests, which a wheel does not bring
        yield f"{row.id}: has a check, and no mutant shows that it can fail"


def _misquoted(folder: Path, rows: Mapping[str, Requirement]) -> Iterator[str]:
    """Ids in the documentation whose area exists and whose number does not."""
    areas = {name.rpartition("-")[0] for name in rows}
    written = re.compile(r"(?<![\w-])([A-Z]{1,4}(?:-N)?)-(\d{2,3})(?![\w-]|\.\d)")
    for path in [*sorted(folder.glob("*.md")), *sorted((folder / "docs").rglob("*.md"))]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for area, digits in written.findall(line):
                if area in areas and f"{area}-{digits}" not in rows:
                    where = path.relative_to(folder).as_posix()
                    yield f"{where}:{number}: quotes {area}-{digits}, which is no requirement"


def run_coverage(names: Sequence[str], output: str, *, check: bool) -> int:
    """Print the coverage of the named profiles (default: all); with ``check`` only what is wrong, and 1 if anything is."""
    if output not in ("text", "json"):
        raise UsageError(f"--format '{output}' is unknown; choose one of: text, json")
    with usage_errors(CatalogueError):
        chosen = [load_reference(name) for name in names]
        if any(profile.folder is not None for profile in chosen):
            rulebook(chosen)  # a profile that nothing can be judged by is refused here too
        wrong = problems() if check else []
        if output == "json":
            sys.stdout.write(json.dumps(_as_json(chosen, wrong if check else None), indent=1) + "\n")
        else:
            sys.stdout.write("\n".join(_told(wrong) if check else _as_text(chosen)) + "\n")
    return 1 if wrong else 0


def _told(wrong: Sequence[str]) -> list[str]:
    if not wrong:
        return [
            "ok: every row has a check with a mutant, or a reason; every check has a row; every quoted id exists"
        ]
    return [*wrong, f"{len(wrong)} problems"]


def _by_profile(chosen: Sequence[Profile]) -> dict[str, list[Requirement]]:
    """Rows by the profile that they count under."""
    names = {profile.name for profile in chosen}
    found = {profile.name: profile.own_rows() for profile in chosen if profile.folder is not None}
    for row in _rows():
        if not names or row.profile in names:
            found.setdefault(row.profile, []).append(row)
    return dict(sorted(found.items()))


def _as_json(chosen: Sequence[Profile], wrong: Sequence[str] | None) -> dict[str, Any]:
    content: dict[str, Any] = {
        "profiles": [
            {
                "name": name,
                "rows": len(rows),
                "checked": sum(1 for row in rows if row.check is not None),
                "reasons": _reasons(rows),
                "requirements": [asdict(line) for line in lines_of(rows)],
            }
            for name, rows in _by_profile(chosen).items()
        ],
        "shares": [
            {**asdict(reached), "percent": reached.percent, "short": reached.short}
            for reached in shares(untp_rows())
        ],
    }
    return content if wrong is None else {**content, "problems": list(wrong)}


def _reasons(rows: Iterable[Requirement]) -> dict[str, int]:
    return dict(sorted(Counter(row.not_checked.value for row in rows if row.not_checked).items()))


def _as_text(chosen: Sequence[Profile]) -> Iterator[str]:
    profiles = _by_profile(chosen)
    for name, rows in profiles.items():
        yield f"{name}"
        for line in lines_of(rows):
            how = line.check or f"- ({line.reason})"
            proof = f"{line.mutants} mutants, {line.mutant}" if line.mutants else "-"
            yield (
                f"  {line.id:10} {line.level:10} {','.join(line.role):11} tier {line.tier:3} "
                f"{line.black_box} {line.decided_from:9}  {how:30} {proof}"
            )
        yield ""
    yield f"{'profile':16} {'rows':>5} {'checked':>8}  without check"
    for name, rows in profiles.items():
        checked = sum(1 for row in rows if row.check is not None)
        reasons = ", ".join(f"{count} {reason}" for reason, count in _reasons(rows).items()) or "-"
        yield f"{name:16} {len(rows):5} {checked:8}  {reasons}"
    yield ""
    yield "Shares of the rows of UNTP 0.7 with a check (every reason counts as uncovered)"
    for reached in shares(untp_rows()):
        told = f"{reached.short} rows short" if reached.short else "reached"
        yield (
            f"  {reached.percent:5.1f} %  {reached.checked:4} of {reached.rows:4}  target {reached.target_percent} %: {told:14}"
            f"  {reached.title}"
        )
