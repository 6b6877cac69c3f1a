"""``assay explain``: one requirement in full."""

from __future__ import annotations

import sys
from difflib import get_close_matches

from assay.cli.errors import UsageError, usage_errors
from assay.profiles.catalogue import CatalogueError, load_profile, profile_names

__all__ = ["run_explain", "run_list"]


def run_explain(identifier: str) -> int:
    """Print the row, how it is decided, and what else fails with it."""
    rows = {row.id: row for name in profile_names() for row in load_profile(name).requirements.values()}
    row = rows.get(identifier.upper())
    if row is None:
        near = get_close_matches(identifier.upper(), rows, n=3)
        mend = f"did you mean {', '.join(near)}?" if near else "'assay requirements' lists all"
        raise UsageError(f"requirement '{identifier}' is unknown; {mend}")
    level = f"{row.level.value} NOT" if row.negated else row.level.value
    lines = [
        f"{row.id}  {level}  ({row.status.value}, profile {row.profile})",
        f"  {row.rule}",
        f"  binds: {', '.join(row.role)}; decided from: {row.decided_from}",
        f"  source: {row.source}" + (f" ({row.cites})" if row.cites else ""),
    ]
    if row.check is not None:
        lines.append(
            f"  judged by: {row.check.value}"
            + (f" at {', '.join(row.places or row.rules)}" if row.places or row.rules else "")
        )
    else:
        lines.append(f"  not judged: {row.not_checked.value if row.not_checked else ''}")
    for title, values in (("implies", row.implies), ("same as", row.same_as), ("stands on", row.stands_on)):
        if values:
            lines.append(f"  {title}: {', '.join(values)}")
    if row.position:
        lines.append(f"  contradiction: {', '.join(row.position)}")
    if row.note:
        lines.append(f"  note: {row.note}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def run_list(names: list[str], area: str, *, only_profiles: bool) -> int:
    """One line for each requirement of the named profiles (default: all), or for each profile."""
    with usage_errors(CatalogueError):
        chosen = [load_profile(name) for name in (names or profile_names())]
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
