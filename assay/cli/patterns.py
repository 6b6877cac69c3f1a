"""``assay patterns``: the handbook of deceptions and honest look-alikes, to read at a terminal."""

from __future__ import annotations

import json
import sys
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli.errors import UsageError, usage_errors

if TYPE_CHECKING:
    from assay.profiles.deceptions.handbook import LookAlike, Pattern

__all__ = ["patterns_app", "run_explain", "run_list"]

patterns_app = typer.Typer(
    help="The handbook of deceptions and honest look-alikes.", no_args_is_help=True, rich_markup_mode=None
)
_FORMATS = ("console", "json")
_WIDTH = 100

FormatOption = Annotated[str, typer.Option("--format", help="console or json, on standard output.")]


@patterns_app.callback()
def _root() -> None:
    pass


@patterns_app.command("list")
def _list(output: FormatOption = "console") -> None:
    """One line for each pattern, by family of crime, and for each honest look-alike."""
    raise typer.Exit(run_list(output=output))


@patterns_app.command("explain")
def _explain(
    pattern: Annotated[
        str, typer.Argument(metavar="PATTERN", help="Name or code, such as impossible-yield, F02 or B10.")
    ],
    output: FormatOption = "console",
) -> None:
    """Say who does it, how it looks in credentials, what decides, and what it must not be confused with."""
    raise typer.Exit(run_explain(pattern, output=output))


def run_list(*, output: str) -> int:
    """List the handbook.

    :raises UsageError: a format that there is none of.
    """
    from assay.profiles.deceptions.handbook import look_alikes, patterns
    from assay.profiles.deceptions.terms import FAMILIES

    _known_format(output)
    if output == "json":
        frauds, honest = patterns().values(), look_alikes().values()
        _write_json([*map(_as_json, frauds), *map(_as_json, honest)])
        return 0
    lines: list[str] = []
    for family, meaning in FAMILIES.items():
        lines.append(meaning)
        lines += [
            f"  {row.code}  {row.name:28} scope {row.scope}  difficulty {row.difficulty}  {row.title}"
            for row in patterns().values()
            if row.family == family
        ]
        lines.append("")
    lines.append("Honest look-alikes")
    lines += [f"  {row.code}  {row.name:28} {row.title}" for row in look_alikes().values()]
    lines += [
        "",
        "Scope: 1 one credential, C one chain, X across chains or registers. Difficulty: 1 easy to 5.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def run_explain(name: str, *, output: str) -> int:
    """One page of the handbook.

    :raises UsageError: no such pattern (the nearest names are offered), or no such format.
    """
    from assay.profiles.deceptions.handbook import Pattern, UnknownPattern, find

    _known_format(output)
    with usage_errors(UnknownPattern):
        entry = find(name)
    if output == "json":
        _write_json(_as_json(entry))
        return 0
    blocks = _pattern(entry) if isinstance(entry, Pattern) else _look_alike(entry)
    sys.stdout.write("\n".join(blocks) + "\n")
    return 0


def _pattern(row: Pattern) -> list[str]:
    from assay.profiles.deceptions.handbook import look_alikes
    from assay.profiles.deceptions.terms import DEPTHS, FAMILIES, REGISTERS, SCOPES

    twin = look_alikes()[row.twin]
    notes = [
        f"family      {FAMILIES[row.family]}",
        f"bends       {DEPTHS[row.depth]}",
        f"scope       {row.scope}: {SCOPES[row.scope]}",
        *(f"register    {name}: {REGISTERS[name]}" for name in row.registers),
        f"difficulty  {row.difficulty} of 5",
        f"severity    {row.dial}"
        + (f"; below {row.tolerance_ppm / 10_000:g} % not scored" if row.tolerance_ppm else ""),
    ]
    if row.metadata:
        notes.append("note        times, domains or the number of papers are its evidence")
    if row.technical:
        notes.append("note        its credentials may fail signature, validity or status")
    return [
        f"{row.code}  {row.name}: {row.title}",
        *notes,
        *_section(f"Who does it ({row.actor})", row.who),
        *_section("How it looks in credentials", row.how),
        *_section("What decides", row.check),
        *_section("Not to be confused with", row.confused_with),
        *_section(f"Its honest twin ({twin.code} {twin.name}: {twin.title})", row.twin_how),
        *_sources(row.sources),
    ]


def _look_alike(row: LookAlike) -> list[str]:
    from assay.profiles.deceptions.handbook import patterns

    mistaken = [f"{one.code} {one.name}" for one in patterns().values() if one.twin == row.code]
    return [
        f"{row.code}  {row.name}: {row.title}",
        *_section("What one sees", row.what),
        *_section("Why it is honest", row.why_honest),
        *_section("Easily mistaken for", ", ".join(mistaken)),
        *_sources(row.sources),
    ]


def _section(title: str, text: str) -> list[str]:
    wrapped = textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return ["", title, *wrapped]


def _sources(sources: tuple[str, ...]) -> list[str]:
    return ["", "Sources", *(f"  {source}" for source in sources)]


def _as_json(entry: Pattern | LookAlike) -> dict[str, Any]:
    return {"kind": "pattern" if entry.code.startswith("F") else "look-alike", **asdict(entry)}


def _write_json(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _known_format(output: str) -> None:
    if output not in _FORMATS:
        raise UsageError(f"--format '{output}' is unknown; choose one of: {', '.join(_FORMATS)}")
