"""``assay validate``: judge credentials and everything around them, from files, folders, URLs or standard input."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.errors import UsageError, usage_errors
from assay.cli.output import check_format, exit_code, show, write_reports
from assay.cli.sources import Sources, parse_time, read_assumptions, read_sources
from assay.harness.credential.intake import read
from assay.harness.engine import ADVISORY_PROFILES, DEFAULT_PROFILES, Engine, Settings
from assay.harness.lookup import Gathered, look_up, offline
from assay.harness.material import Document, Kind, Problem, Unavailable
from assay.profiles.artefacts import ArtefactError, Artefacts
from assay.profiles.catalogue import CatalogueError
from assay.reports.console import ProgressLine

if TYPE_CHECKING:
    from assay.harness.evidence import Exchange

__all__ = ["run_validate"]

_ACCEPT = "application/vc+jwt, application/linkset+json, application/did+json, application/vc, application/json;q=0.9, */*;q=0.1"


def run_validate(
    names: list[str],
    *,
    at: str,
    offline: bool,
    trust_anchors: list[str],
    require: str,
    profiles: list[str],
    artefacts: Path | None,
    assume: Path | None,
    output: str,
    out: Path | None,
    verbose: bool,
) -> int:
    """Judge what the user named; the arguments are those of the command line.

    :raises UsageError: a flag, file or profile that cannot be used.
    """
    check_format(output)
    if require not in ("", "secured"):
        raise UsageError(f"--require '{require}' is unknown; the only choice is: secured")
    with usage_errors(CatalogueError, ArtefactError):
        engine = Engine(
            Settings(
                as_of=parse_time(at),
                profiles=tuple(profiles) or DEFAULT_PROFILES,
                advisory=() if profiles else ADVISORY_PROFILES,
                require_secured=require == "secured",
                trust_anchors=frozenset(trust_anchors),
                assumed_grades=read_assumptions(assume),
                title=f"Validation of {', '.join(names[:3])}{' …' if len(names) > 3 else ''}",
                command="assay " + shlex.join(sys.argv[1:]),
            ),
            Artefacts.from_directory(artefacts) if artefacts is not None else None,
            ProgressLine(),
        )
    sources = read_sources(names)
    for path in sources.passed_over[:5]:
        sys.stderr.write(
            f"passed over: {path} (not a credential by its name; name the file itself to judge it)\n"
        )
    if len(sources.passed_over) > 5:
        sys.stderr.write(f"passed over: {len(sources.passed_over) - 5} more files\n")
    gathered = asyncio.run(_gather(sources, go_online=not offline))
    run = engine.judge(gathered.documents, gathered.shelf)
    if out is not None:
        write_reports(run, out, engine.requirements)
    show(run, output, engine.requirements, verbose=verbose)
    return exit_code(run)


async def _gather(sources: Sources, *, go_online: bool) -> Gathered:
    """Fetch what was named by URL, then what all documents rest on. The network is opened only when it is needed."""
    if not go_online:
        documents = [
            *sources.documents,
            *(_unread(url, Unavailable(url, "offline", "--offline was given")) for url in sources.urls),
        ]
        return await look_up(documents, offline)
    opened = []

    async def fetch(url: str, accept: str) -> Exchange | Unavailable:
        if not opened:
            from assay.harness.transport import HttpTransport

            opened.append(HttpTransport())
        return await opened[0].fetch(url, accept=accept)

    try:
        documents = list(sources.documents)
        for url in sources.urls:
            answer = await fetch(url, _ACCEPT)
            if isinstance(answer, Unavailable):
                documents.append(_unread(url, answer))
            else:
                documents.append(
                    read(url, answer.body, content_type=answer.media_type, evidence=(answer.digest,))
                )
        return await look_up(documents, fetch)
    finally:
        for transport in opened:
            await transport.close()


def _unread(url: str, why: Unavailable) -> Document:
    """A document that stands for a URL which could not be read: judged, with that as its finding."""
    problem = Problem(
        "unreadable",
        expected="an answer to a GET of this URL",
        received=f"{why.reason}: {why.detail}" if why.detail else why.reason,
        hint="Check the address and the network; nothing can be said about what was not read.",
    )
    return Document(url, b"", None, Kind.UNKNOWN, problems=(problem,), evidence=why.evidence)
