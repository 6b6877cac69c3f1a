"""The command line. Commands import what they need when they run, so that ``assay --help`` is quick.

Exit codes: 0 conformant (or document_valid where allowed), 1 not conformant, 2 usage, manifest, scenario or profile
error, 3 inconclusive. Material under test never causes 2.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from copy import copy
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from assay.cli.errors import UsageError
from assay.cli.patterns import patterns_app
from assay.cli.world import world_app

__all__ = ["app", "main"]

app = typer.Typer(
    name="assay",
    help="Test harness and simulation sandbox for the UN Transparency Protocol on critical raw materials.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
sandbox_app = typer.Typer(
    help="Run one node per nation on loopback.", no_args_is_help=True, rich_markup_mode=None
)
artefacts_app = typer.Typer(
    help="Published schemas and contexts, by digest.", no_args_is_help=True, rich_markup_mode=None
)
requirements_app = typer.Typer(
    help="List requirements, with how each is judged or why it is not.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
profile_app = typer.Typer(help="A profile of your own.", no_args_is_help=True, rich_markup_mode=None)
corpus_app = typer.Typer(help="Test vectors for verifiers.", no_args_is_help=True, rich_markup_mode=None)
forge_app = typer.Typer(help="The harness's own issuer.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(requirements_app, name="requirements")
app.add_typer(profile_app, name="profile")
app.add_typer(forge_app, name="forge")
app.add_typer(corpus_app, name="corpus")
app.add_typer(artefacts_app, name="artefacts")
app.add_typer(world_app, name="world")
app.add_typer(patterns_app, name="patterns")

FormatOption = Annotated[
    str, typer.Option("--format", help="console, json, junit or html, on standard output.")
]
AtOption = Annotated[
    str, typer.Option("--at", metavar="TIME", help="Judge as of this time (ISO 8601); default now.")
]
ProfileOption = Annotated[
    list[str] | None,
    typer.Option(
        "--profile",
        metavar="NAME|DIR",
        help="Profile to judge under, by name or the folder of your own; repeatable. Default untp-0.7 (untp-0.6 for credentials that speak 0.6) with trust-graph, "
        "custody and crm as advice.",
    ),
]
ReportOption = Annotated[
    Path | None,
    typer.Option("--out", help="Also write report.html, report.json and junit.xml into this folder."),
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show advice and every finding.")]
AnchorOption = Annotated[
    list[str] | None,
    typer.Option("--trust-anchor", metavar="DID", help="An issuer that is trusted as it stands; repeatable."),
]

SeedOption = Annotated[
    int, typer.Option("--seed", min=-(2**63), max=2**64 - 1, help="Same seed, same bytes.")
]
"""What fits the integers of a dataset's JSON."""


def _version(value: bool) -> None:
    if value:
        from assay import __version__

        typer.echo(f"assay {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the reports.")] = Path("out"),
    scenario: Annotated[
        str, typer.Option("--scenario", help="Shipped scenario name or a YAML file.")
    ] = "au-kr-de-nmc811",
    seed: SeedOption = 1,
) -> None:
    """Simulate three nations, run their nodes, judge everything, write the report."""
    from assay.cli.demo import run_demo

    raise typer.Exit(run_demo(out, scenario, seed))


@app.command()
def validate(
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE|FOLDER|URL|-…", help="What to judge; - reads standard input.")
    ],
    at: AtOption = "",
    offline: Annotated[bool, typer.Option("--offline", help="Look nothing up on the network.")] = False,
    trust_anchor: AnchorOption = None,
    require: Annotated[
        str, typer.Option("--require", help="'secured': an unsigned document is a failure.")
    ] = "",
    profile: ProfileOption = None,
    artefacts: Annotated[
        Path | None,
        typer.Option(
            "--artefacts", metavar="DIR", help="Use published schemas and contexts from this folder."
        ),
    ] = None,
    assume: Annotated[
        Path | None,
        typer.Option("--assume", metavar="FILE", help="Element grades where a passport states none (YAML)."),
    ] = None,
    resolver: Annotated[
        list[Path] | None,
        typer.Option(
            "--resolver",
            metavar="MAP",
            help="Answer the addresses in this JSON file from the files that it names; repeatable, the last one wins.",
        ),
    ] = None,
    output: FormatOption = "console",
    out: ReportOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Judge credentials and everything around them, from files or the web."""
    from assay.cli.validate import run_validate

    raise typer.Exit(
        run_validate(
            sources,
            at=at,
            offline=offline,
            trust_anchors=trust_anchor or [],
            require=require,
            profiles=profile or [],
            artefacts=artefacts,
            assume=assume,
            resolvers=resolver or [],
            output=output,
            out=out,
            verbose=verbose,
        )
    )


@app.command()
def run(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST", help="The assay.toml that describes the system under test.")
    ] = Path("assay.toml"),
    at: AtOption = "",
    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            metavar="NAME|DIR",
            help="Profile to judge under instead of those of the manifest, by name or the folder of your own; repeatable.",
        ),
    ] = None,
    output: FormatOption = "console",
    out: ReportOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Test an endpoint in every role its manifest names."""
    from assay.cli.run import run_manifest

    raise typer.Exit(
        run_manifest(manifest, at=at, output=output, out=out, verbose=verbose, profiles=profile or [])
    )


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write the manifest.")] = Path("assay.toml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented manifest to start from."""
    from assay.cli.run import write_template

    raise typer.Exit(write_template(path, force=force))


@app.command()
def simulate(
    scenario: Annotated[
        str, typer.Argument(help="Shipped scenario name or a YAML file.")
    ] = "au-kr-de-nmc811",
    out: Annotated[Path, typer.Option("--out", help="Folder for the dataset.")] = Path("world"),
    seed: SeedOption = 1,
    untp: Annotated[str, typer.Option("--untp", help="Version of the documents.")] = "0.7.0",
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="jwt, jsonl, parquet or site; repeatable. Default: jwt and parquet, for large worlds jsonl and parquet.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", help="Processes that sign; default: one for each processor.")
    ] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run, where there is one.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing dataset.")] = False,
    self_check: Annotated[
        bool,
        typer.Option(
            "--self-check",
            help="Show that every deception is there and visible, and that all else is honest.",
        ),
    ] = False,
    shipped: Annotated[bool, typer.Option("--list", help="List the shipped scenarios and stop.")] = False,
) -> None:
    """Make a synthetic world: facts, claims, signed credentials, ready to serve."""
    from assay.cli.simulate import list_scenarios, run_simulate

    if shipped:
        raise typer.Exit(list_scenarios())
    raise typer.Exit(
        run_simulate(
            scenario,
            out,
            seed,
            untp=untp,
            formats=formats or [],
            workers=workers,
            force=force,
            resume=resume,
            self_check=self_check,
        )
    )


@app.command()
def story(
    instance: Annotated[
        str,
        typer.Argument(
            metavar="[INSTANCE]", help="An instance of the labels, such as F18-1, or a composite."
        ),
    ] = "",
    data: Annotated[
        Path, typer.Option("--data", help="A dataset with deceptions, made by 'assay simulate'.")
    ] = Path("world"),
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("story.html"),
    honest: Annotated[
        Path | None,
        typer.Option("--honest", help="The same world without deceptions, to show values beside each other."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the instances and stop.")] = False,
    output: Annotated[
        str, typer.Option("--format", help="With --list: console or json, on standard output.")
    ] = "console",
) -> None:
    """Tell one case of a world with deceptions: the chain, the paper, the facts, and where they part."""
    from assay.cli.story import run_story, run_story_list

    if listed:
        raise typer.Exit(run_story_list(data, output=output))
    raise typer.Exit(run_story(instance, data, out, honest=honest))


@app.command()
def selftest(
    verbose: VerboseOption = False,
    live: Annotated[
        bool, typer.Option("--live/--no-live", help="Also test the live checks against a faulty node each.")
    ] = True,
) -> None:
    """Show that every check has a mutant that only it catches, and that no constant responder passes."""
    from assay.cli.selftest import run_selftest

    raise typer.Exit(run_selftest(verbose=verbose, live=live))


@app.command()
def explain(
    requirement: Annotated[
        str, typer.Argument(metavar="ID", help="A requirement or graph rule, such as STS-015 or G-001.")
    ],
) -> None:
    """Say what a requirement asks, where it comes from, and how it is decided."""
    from assay.cli.explain import run_explain

    raise typer.Exit(run_explain(requirement))


@requirements_app.callback()
def requirements(
    context: typer.Context,
    profile: ProfileOption = None,
    area: Annotated[str, typer.Option("--area", help="Only ids that start with this, such as STS.")] = "",
    profiles: Annotated[bool, typer.Option("--profiles", help="List the profiles instead.")] = False,
) -> None:
    """List requirements, with how each is judged or why it is not."""
    if context.invoked_subcommand is not None:
        return
    from assay.cli.explain import run_list

    raise typer.Exit(run_list(profile or [], area, only_profiles=profiles))


@requirements_app.command("coverage")
def requirements_coverage(
    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            metavar="NAME|DIR",
            help="Only rows of this profile, by name or the folder of your own; repeatable.",
        ),
    ] = None,
    output: Annotated[str, typer.Option("--format", help="text or json, on standard output.")] = "text",
    check: Annotated[
        bool, typer.Option("--check", help="Only tell what is wrong: gaps in checks, mutants and documents.")
    ] = False,
) -> None:
    """Show for every requirement its check and mutant, or why it has none."""
    from assay.cli.coverage import run_coverage

    raise typer.Exit(run_coverage(profile or [], output, check=check))


@profile_app.command("check")
def profile_check(
    folder: Annotated[Path, typer.Argument(help="Folder with profile.yaml, requirements and rules.")],
) -> None:
    """Check a profile of your own: rows, rules in SQL, checks; one error with file and line, or its digest."""
    from assay.cli.profile import run_profile_check

    raise typer.Exit(run_profile_check(folder))


@corpus_app.command("export")
def corpus_export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; must not hold anything.")],
) -> None:
    """Write signed test vectors, with and without fault, and what is to be said of each."""
    from assay.cli.corpus import run_export

    raise typer.Exit(run_export(folder))


@forge_app.command("publish")
def forge_publish(
    folder: Annotated[
        Path, typer.Argument(help="Folder to fill; serve it at the authority of the manifest.")
    ],
    manifest: Annotated[
        Path, typer.Option("--manifest", help="The manifest whose [harness] authority is published.")
    ] = Path("assay.toml"),
    at: AtOption = "",
) -> None:
    """Write the DID documents and status lists that a verifier needs to judge the harness's test credentials."""
    from assay.cli.run import run_forge_publish

    raise typer.Exit(run_forge_publish(manifest, folder, at=at))


@sandbox_app.command("up")
def sandbox_up(
    world: Annotated[
        Path | None, typer.Argument(help="A dataset made by 'assay simulate'; default: a fresh one.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option("--fault", help="[NATION:]NAME of a fault to switch on; repeatable.")
    ] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List the faults and stop.")] = False,
    manifest: Annotated[
        Path, typer.Option("--manifest", help="Where to write a ready manifest for 'assay run'.")
    ] = Path("assay.toml"),
) -> None:
    """Start the nodes and keep them running until interrupted."""
    from assay.cli.sandbox import run_sandbox

    raise typer.Exit(run_sandbox(world, fault or [], list_faults=list_faults, manifest=manifest))


@artefacts_app.command("list")
def artefacts_list() -> None:
    """List the published artefacts that Assay knows by digest."""
    from assay.cli.artefacts import run_list

    raise typer.Exit(run_list())


@artefacts_app.command("pull")
def artefacts_pull(
    target: Annotated[Path, typer.Argument(help="Folder to fill.")],
    mirror: Annotated[
        Path | None, typer.Option("--mirror", help="Take the files from this folder instead of the web.")
    ] = None,
) -> None:
    """Fetch the published artefacts, checking every digest."""
    from assay.cli.artefacts import run_pull

    raise typer.Exit(run_pull(target, mirror))


@artefacts_app.command("verify")
def artefacts_verify(folder: Annotated[Path, typer.Argument(help="Folder to check.")]) -> None:
    """Check the digests of a folder of published artefacts."""
    from assay.cli.artefacts import run_verify

    raise typer.Exit(run_verify(folder))


def _terminated(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends the process as Ctrl-C does: nodes are stopped, temporary folders with keys and tokens are removed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _only(name: str) -> typer.Typer:
    """The application with nothing but the command or group of this name; the whole where there is none.

    Making every command ready to be called takes 40 ms, and one is.
    """
    commands = [
        one
        for one in app.registered_commands
        if one.callback is not None and (one.name or one.callback.__name__.replace("_", "-")) == name
    ]
    groups = [one for one in app.registered_groups if one.name == name]
    if not commands and not groups:
        return app
    only = copy(app)
    only.registered_commands, only.registered_groups = commands, groups
    return only


def main() -> None:
    """Entry point: one clear line for anything the user can mend, a stack trace only for our own bugs.

    The garbage collector rests while modules are imported, and what they made is frozen before it works again and when
    the process ends: both together take 0.3 s off a start of 1 s.
    """
    gc.disable()
    signal.signal(signal.SIGTERM, _terminated)
    # looking for plugins of pydantic reads the metadata of every package installed; none has a say in our models
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    try:
        _only(sys.argv[1] if len(sys.argv) > 1 else "")()
    except UsageError as error:
        sys.stderr.write(f"assay: {error}\n")
        raise SystemExit(2) from None
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        sys.stderr.write(
            f"assay: '{str(error.filename)[:60]}…' is too long for the name of a file; give a shorter one\n"
        )
        raise SystemExit(2) from None
    except (KeyboardInterrupt, RuntimeError) as error:
        # DuckDB turns Ctrl-C during a query into a RuntimeError of its own.
        if isinstance(error, RuntimeError) and str(error) != "Query interrupted":
            raise
        sys.stderr.write("assay: interrupted\n")
        raise SystemExit(130) from None
    finally:
        gc.freeze()
