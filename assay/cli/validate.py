"""``assay validate``: judge credentials and everything around them, from files, folders, URLs or standard input."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from assay.cli.errors import UsageError, usage_errors
from assay.cli.output import check_folder, check_format, exit_code, show, write_reports
from assay.cli.sources import Sources, parse_time, read_assumptions, read_sources
from assay.cli.start import imports_done
from assay.harness.credential.intake import read
from assay.harness.discovery import Discovery, look_up
from assay.harness.engine import (
    ADVISORY_PROFILES,
    COMPANION_PROFILES,
    DEFAULT_PROFILES,
    Engine,
    Settings,
)
from assay.harness.material import Document, Kind, Problem, Unavailable
from assay.harness.resolver_map import Answer, MappedTransport, ResolverMapError, read_resolver_map
from assay.harness.transport import LazyTransport, OfflineTransport
from assay.profiles.artefacts import ArtefactError, Artefacts
from assay.profiles.catalogue import CatalogueError
from assay.reports.console import ProgressLine

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
    resolvers: list[Path],
    output: str,
    out: Path | None,
    verbose: bool,
) -> int:
    """Judge what the user named; the arguments are those of the command line.

    :raises UsageError: a flag, file or profile that cannot be used.
    """
    imports_done()
    check_format(output)
    check_folder(out)
    if require not in ("", "secured"):
        raise UsageError(f"--require '{require}' is unknown; the only choice is: secured")
    for anchor in trust_anchors:
        if not re.match(r"did:[a-z0-9]+:[^/?#\s]+\Z", anchor):
            raise UsageError(
                f"--trust-anchor '{anchor}' is no DID; write for example did:web:register.example"
            )
    with usage_errors(CatalogueError, ArtefactError):
        engine = Engine(
            Settings(
                as_of=parse_time(at),
                profiles=tuple(profiles) or DEFAULT_PROFILES,
                advisory=() if profiles else ADVISORY_PROFILES,
                companions=() if profiles else COMPANION_PROFILES,
                require_secured=require == "secured",
                trust_anchors=frozenset(trust_anchors),
                assumed_grades=read_assumptions(assume),
                title=f"Validation of {', '.join(names[:3])}{' …' if len(names) > 3 else ''}",
                command="assay " + shlex.join(sys.argv[1:]),
            ),
            Artefacts.from_directory(artefacts) if artefacts is not None else None,
            ProgressLine(),
        )
    answers: dict[str, Answer] = {}
    with usage_errors(ResolverMapError, prefix="--resolver: "):
        for resolver in resolvers:
            answers |= read_resolver_map(resolver)
    sources = read_sources(names)
    for name in names:
        if (Path(name) / "dataset.json").is_file() and (Path(name) / "ledger.jsonl").is_file():
            sys.stderr.write(
                f"hint: {name} is a world of 'assay simulate', whose books and keys are no credentials; 'assay world check {name}' "
                f"audits it, 'assay validate {Path(name) / 'credentials'}' judges what was issued\n"
            )
    for path in sources.passed_over[:5]:
        sys.stderr.write(
            f"passed over: {path} (not a credential by its name; name the file itself to judge it)\n"
        )
    if len(sources.passed_over) > 5:
        sys.stderr.write(f"passed over: {len(sources.passed_over) - 5} more files\n")
    if not sources.documents and not sources.urls:
        sys.stderr.write(
            f"nothing to judge in {', '.join(names)}: no file there has the name of a credential (.json, .jwt, …)\n"
        )
    found = asyncio.run(_gather(sources, answers, go_online=not offline))
    run = engine.judge(found.documents, found.shelf)
    if out is not None:
        write_reports(run, out, engine.requirements)
    show(run, output, engine.requirements, verbose=verbose)
    return exit_code(run)


async def _gather(sources: Sources, answers: Mapping[str, Answer], *, go_online: bool) -> Discovery:
    """Fetch what was named by URL, then what all documents rest on. The network is opened only when it is needed."""
    behind = LazyTransport() if go_online else OfflineTransport()
    async with MappedTransport(answers, behind) if answers else behind as transport:
        documents = list(sources.documents)
        for url in sources.urls:
            answer = await transport.fetch(url, accept=_ACCEPT)
            if isinstance(answer, Unavailable):
                documents.append(_unread(url, answer))
            else:
                documents.append(
                    read(url, answer.body, content_type=answer.media_type, evidence=(answer.digest,))
                )
        return await look_up(documents, transport)


def _unread(url: str, why: Unavailable) -> Document:
    """A document that stands for a URL which could not be read: judged, with that as its finding."""
    # That we refuse to connect to an address says nothing about what is there.
    told = why.definitive and why.reason != "blocked"
    problem = Problem(
        "unreadable" if told else "unreached",
        expected="an answer to a GET of this URL",
        received=f"{why.reason}: {why.detail}" if why.detail else why.reason,
        hint="Check the address; whoever publishes the material has to make it reachable there."
        if told
        else "Check the address and the network; nothing can be said about what was not read.",
    )
    return Document(url, b"", None, Kind.UNKNOWN, problems=(problem,), evidence=why.evidence)
