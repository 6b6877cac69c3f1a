"""``assay profile check DIR``: is a user's own profile one that can be judged by? One error with file and line, or none."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from assay.cli.errors import usage_errors
from assay.profiles.catalogue import (
    CatalogueError,
    CheckKind,
    Profile,
    Requirement,
    load_folder,
    load_profiles,
    profile_names,
)

__all__ = ["check_folder", "run_profile_check"]

_LINE = re.compile(r"^LINE (\d+):", re.M)
_COLUMN = re.compile(r"\{(\w+)\}")
_LONGEST_SQL = 200_000


def run_profile_check(folder: Path) -> int:
    """Check a profile and say what it holds."""
    with usage_errors(CatalogueError):
        profile = check_folder(folder)
    own = [row for row in profile.requirements.values() if row.profile == profile.name]
    judged = sum(1 for row in own if row.check is not None)
    extends = f", extending {', '.join(profile.extends)}" if profile.extends else ""
    sys.stdout.write(
        f"ok: {profile.name}: {len(own)} rows of its own, {judged} judged{extends}\n{profile.digest}\n"
    )
    return 0


def check_folder(folder: Path) -> Profile:
    """Load a profile and hold it against checks, rules and the rest of the catalogue.

    :raises CatalogueError: the first thing that is wrong, with file and line.
    """
    profile = load_folder(folder)
    known = {**load_profiles(tuple(profile_names())), **profile.requirements}
    own = [row for row in profile.requirements.values() if row.profile == profile.name]
    for row in own:
        _names_exist(folder, row, known)
    for row in own:
        for file in row.rules:
            _rule(folder, row, file)
    _code(folder, own, known)
    return profile


def _names_exist(folder: Path, row: Requirement, known: Mapping[str, Requirement]) -> None:
    ids = {other.id for other in known.values()}
    for key, names in (("implies", row.implies), ("same_as", row.same_as), ("stands_on", row.stands_on)):
        for name in names:
            if name not in ids:
                raise CatalogueError(f"{_where(folder, row)}: {row.id}: {key}: no profile has a row {name}")
    if row.check is CheckKind.SAME and known[row.same_as[0]].check not in (CheckKind.CODE, CheckKind.SCHEMA):
        told = f"check: same needs {row.same_as[0]} to have a check of code or schema"
        raise CatalogueError(f"{_where(folder, row)}: {row.id}: {told}")


def _where(folder: Path, row: Requirement) -> str:
    """File and line at which a row begins."""
    written = re.compile(rf"\bid:\s*['\"]?{re.escape(row.id)}\b")
    for path in sorted((folder / "requirements").glob("*.yaml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if written.search(line):
                return f"{path}:{number}"
    return f"{folder}:1"


def _rule(folder: Path, row: Requirement, file: str) -> None:
    """A rule in SQL: there, with its header, inside the subset, understood by DuckDB, with the columns that it quotes."""
    from assay.harness.graph.rules import parse_rule

    path = folder / "rules" / file
    if Path(file).name != file or not path.is_file():
        raise CatalogueError(f"{_where(folder, row)}: {row.id}: rules: there is no file {path}")
    content = path.read_text(encoding="utf-8")
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


def _sql_fault(path: Path, error: Exception) -> CatalogueError:
    told = str(error)
    line = _LINE.search(told)
    return CatalogueError(f"{path}:{line[1] if line else 1}: {told.splitlines()[0].strip()}")


def _prepared(path: Path, content: str) -> set[str]:
    """The columns that a rule returns over an empty graph."""
    import duckdb

    from assay.harness.graph.load import database, read_set
    from assay.harness.graph.rules import views
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


def _code(folder: Path, own: list[Requirement], known: Mapping[str, Requirement]) -> None:
    """Rows with ``check: code`` have a check, shipped or in the profile's ``checks.py``; and each check there a row."""
    ids = {row.id for row in known.values()}
    with _registered(folder / "checks.py") as (every, added):
        for name, function in added.items():
            if name not in ids:
                where = f"{folder / 'checks.py'}:{inspect.getsourcelines(function)[1]}"
                raise CatalogueError(f"{where}: a check is registered for {name}, and no row has this id")
        for row in own:
            if row.check is CheckKind.CODE and row.id not in every:
                told = f"check: code, and neither Assay nor {folder / 'checks.py'} registers a check for it"
                raise CatalogueError(f"{_where(folder, row)}: {row.id}: {told}")


@contextmanager
def _registered(path: Path) -> Iterator[tuple[frozenset[str], dict[str, Any]]]:
    """All registered checks with those of a file among them, and the file's own; afterwards the latter are gone again."""
    from assay.harness.checks import load_checks

    registry = load_checks()
    before = {name: list(checks) for name, checks in registry.items()}
    try:
        if path.is_file():
            _import(path)
        added = {
            name: checks[-1].function
            for name, checks in registry.items()
            if len(checks) > len(before.get(name, ()))
        }
        yield frozenset(registry), added
    finally:
        registry.clear()
        registry.update(before)


def _import(path: Path) -> None:
    spec = spec_from_file_location("assay_own_profile_checks", path)
    if spec is None or spec.loader is None:
        raise CatalogueError(f"{path}:1: cannot be imported")
    try:
        spec.loader.exec_module(module_from_spec(spec))
    except SyntaxError as error:
        raise CatalogueError(f"{path}:{error.lineno or 1}: {error.msg}") from error
    except Exception as error:  # whatever a user's own code raises is the user's to mend
        trace, line = error.__traceback__, 1
        while trace is not None:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path) else line
            trace = trace.tb_next
        raise CatalogueError(f"{path}:{line}: {type(error).__name__}: {error}") from error
