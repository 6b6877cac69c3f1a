"""A profile of a user's own, held against checks, rules and the rest of the catalogue before anything is judged by it.

``checks.py`` of a profile is code. It runs because the user named the folder, with the user's rights, and what it registers
is known to that run only. It is compiled from the bytes that the digest of the profile covers; nothing is written beside it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from assay.harness.checks import Check, load_checks, registering
from assay.harness.graph.rules import Rule, parse_rule, views
from assay.profiles.catalogue import (
    CatalogueError,
    CheckKind,
    Profile,
    Requirement,
    load_profiles,
    profile_names,
)

__all__ = ["OwnProfile", "own_profiles"]

_LINE = re.compile(r"^LINE (\d+):", re.M)
_COLUMN = re.compile(r"\{(\w+)\}")
_LONGEST_SQL = 200_000
_OF_LINKSETS = frozenset({"Linkset", "LinkContext", "LinkTarget"})


@dataclass(frozen=True)
class OwnProfile:
    """A profile that was found good, with its checks by id and its rules by file."""

    profile: Profile
    checks: Mapping[str, Sequence[Check]]
    rules: Mapping[str, Rule]


def own_profiles(profile: Profile) -> list[OwnProfile]:
    """The user's own profiles that a profile consists of, each held against all that it names; none for a shipped one.

    :raises CatalogueError: the first thing that is wrong, with file and line.
    """
    found: dict[str, OwnProfile] = {}
    for one in _own_parts(profile):
        if one.name not in found:
            found[one.name] = _held(one, found)
    return list(found.values())


def _own_parts(profile: Profile) -> Iterator[Profile]:
    """What a profile rests on before itself."""
    for one in (*profile.layers, *profile.bases):
        yield from _own_parts(one)
    if profile.folder is not None:
        yield profile


def _held(profile: Profile, below: Mapping[str, OwnProfile]) -> OwnProfile:
    assert profile.folder is not None
    own = profile.own_rows()
    for row in own:
        _names_exist(profile, row)
    rules: dict[str, Rule] = {}
    for row in own:
        for file in () if row.adopted_from else row.rules:
            if file in rules:
                told = f"rules: {file} decides {rules[file].id} already"
                raise CatalogueError(f"{profile.at(row)}: {row.id}: {told}")
            rules[file] = _rule(profile, profile.folder, row, file)
    return OwnProfile(profile, _checks(profile, profile.folder, own, below), rules)


def _names_exist(profile: Profile, row: Requirement) -> None:
    named = (("implies", row.implies), ("same_as", row.same_as), ("stands_on", row.stands_on))
    if not any(names for _, names in named):
        return
    shipped = load_profiles(tuple(profile_names()))
    ids = {other.id for other in (*shipped.values(), *profile.requirements.values())}
    for key, names in named:
        for name in names:
            if name not in ids:
                raise CatalogueError(f"{profile.at(row)}: {row.id}: {key}: no profile has a row {name}")
    if row.check is CheckKind.SAME:
        other = shipped.get(row.same_as[0])
        if other is None or other.check not in (CheckKind.CODE, CheckKind.SCHEMA):
            told = f"check: same needs {row.same_as[0]} to be a row of Assay with a check of code or schema"
            raise CatalogueError(f"{profile.at(row)}: {row.id}: {told}")


def _rule(profile: Profile, folder: Path, row: Requirement, file: str) -> Rule:
    """A rule in SQL: there, with its header, inside the subset, understood by DuckDB, with the columns that it quotes."""
    path = folder / "rules" / file
    if Path(file).name != file or not path.is_file():
        raise CatalogueError(f"{profile.at(row)}: {row.id}: rules: there is no file {path}")
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}:1: cannot be read as text: {error}") from error
    if len(content) > _LONGEST_SQL:
        raise CatalogueError(f"{path}:1: longer than {_LONGEST_SQL} characters")
    _one_select(path, content)
    try:
        rule = parse_rule(content, file)
    except ValueError as error:
        raise CatalogueError(f"{path}:1: {str(error).removeprefix(file + ': ')}") from error
    if rule.id != row.id:
        raise CatalogueError(
            f"{path}:{_line_with(content, '-- id:')}: the header names {rule.id}, the row is {row.id}"
        )
    columns = _prepared(path, content)
    for key in ("expected", "received", "hint", "missing"):
        for column in _COLUMN.findall(getattr(rule, key)):
            if column not in columns:
                told = f"'{key}' quotes {{{column}}}, which the rule does not return"
                raise CatalogueError(f"{path}:{_line_with(content, f'-- {key}:')}: {told}")
    if not {"state", "doc", "pointer"} <= columns:
        raise CatalogueError(f"{path}:1: a rule returns the columns state, doc and pointer")
    return rule


def _line_with(content: str, start: str) -> int:
    lines = content.splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(start)), 1)


def _one_select(path: Path, content: str) -> None:
    """Parsed and not run: one statement, and that a SELECT."""
    import duckdb

    try:
        statements = duckdb.extract_statements(content)
    except duckdb.Error as error:
        raise _sql_fault(path, error) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise CatalogueError(f"{path}:1: a rule is one SELECT and nothing else")
    if content.rstrip().endswith(";"):
        line = content.rstrip().count("\n") + 1
        raise CatalogueError(f"{path}:{line}: a rule ends without a semicolon")


def _sql_fault(path: Path, error: Exception) -> CatalogueError:
    told = str(error)
    line = _LINE.search(told)
    return CatalogueError(f"{path}:{line[1] if line else 1}: {told.splitlines()[0].strip()}")


def _prepared(path: Path, content: str) -> set[str]:
    """The columns that a rule returns over an empty graph."""
    import duckdb

    from assay.harness.graph.load import database, read_set
    from assay.harness.material import CredentialSet

    connection: Any = database(read_set(CredentialSet((), datetime(2026, 1, 1, tzinfo=UTC))))
    try:
        for name, text in views().items():
            connection.execute(f"CREATE TABLE {name} AS {text}")
        # The comment lines stay in, so that DuckDB counts lines as the file does.
        connection.execute(f"CREATE TEMP TABLE judged AS {content}")
        found = connection.execute("SELECT * FROM judged LIMIT 0")
        return {column[0] for column in found.description}
    except duckdb.Error as error:
        raise _sql_fault(path, error) from error
    finally:
        connection.close()


def _checks(
    profile: Profile, folder: Path, own: Sequence[Requirement], below: Mapping[str, OwnProfile]
) -> dict[str, list[Check]]:
    """Rows with ``check: code`` have a check, shipped or in the profile's ``checks.py``; and each check there a row."""
    path, rows = folder / "checks.py", {row.id: row for row in own if not row.adopted_from}
    with registering() as added:
        if path.is_file():
            _run(path, profile.name)
    for name, checks in added.items():
        for check in checks:
            if problem := _misplaced(profile, rows.get(name), check):
                raise CatalogueError(f"{path}:{_line_of(check)}: {problem}")
    shipped = load_checks()
    for row in own:
        base = below.get(row.adopted_from)
        known = base.checks if base is not None else added if not row.adopted_from else {}
        if row.check is CheckKind.CODE and row.id not in known and row.id not in shipped:
            told = f"check: code, and neither Assay nor {path} registers a check for it"
            raise CatalogueError(f"{profile.at(row)}: {row.id}: {told}")
    return added


def _misplaced(profile: Profile, row: Requirement | None, check: Check) -> str:
    """What is wrong with a registered check; nothing where all is well."""
    if row is None:
        other = next((one for one in profile.requirements.values() if one.id == check.id), None)
        if other is None:
            return f"a check is registered for {check.id}, and no row has this id"
        return f"{check.id} is a row of {other.profile}; give the check a row of this profile"
    if row.check is not CheckKind.CODE:
        return f"a check is registered for {check.id}, whose row does not say check: code"
    if check.trial is not None:
        return _unknown(
            "trial", check.trial, {one.trial or "" for all_ in load_checks().values() for one in all_}
        )
    for name in check.cls:
        if told := _unknown("class", name, _classes()):
            return told
    return ""


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    if name in known:
        return ""
    near = get_close_matches(name, [one for one in known if one], n=1)
    return f"{what} '{name}' is unknown" + (f"; did you mean '{near[0]}'?" if near else "")


def _classes() -> frozenset[str]:
    """What the index of a document can hold: the classes of all versions, and references to them."""
    from assay.harness.credential.versions import JUDGED_VERSIONS, table

    names = {name for version in JUDGED_VERSIONS for name in table(version).classes}
    return frozenset({*names, *(f"{name}Reference" for name in names), *_OF_LINKSETS})


def _line_of(check: Check) -> int:
    try:
        return inspect.getsourcelines(check.function)[1]
    except (OSError, TypeError):
        return 1


def _run(path: Path, profile: str) -> None:
    module = ModuleType(f"profile:{profile}")
    module.__file__ = str(path)
    try:
        exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - named by the user
    except SyntaxError as error:
        where = path if error.filename in (None, str(path)) else error.filename
        raise CatalogueError(f"{where}:{error.lineno or 1}: {error.msg}") from error
    except (Exception, SystemExit) as error:  # whatever a user's own code raises is the user's to mend
        trace, line = error.__traceback__, 1
        while trace is not None:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path) else line
            trace = trace.tb_next
        raise CatalogueError(f"{path}:{line}: {type(error).__name__}: {str(error)[:200]}") from error
