"""One node of the example world in this process, put to the harness's trials: requests go to its ASGI app, none to a socket.

The node is the simulator's, the trials are the harness's; the command is where the two may meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urljoin, urlsplit

from assay.harness.authority import Authority, PublishedFile
from assay.harness.checks import load_checks
from assay.harness.credential.verify import verify
from assay.harness.evidence import EvidenceStore, Exchange, Hop, Request
from assay.harness.exercise import Harvest, authority_of, exercise
from assay.harness.forge.ring import default_judges
from assay.harness.judge import DocumentJudge
from assay.harness.manifest import Manifest
from assay.harness.material import Unavailable
from assay.harness.results import RequirementResult
from assay.harness.selftest import load_bases
from assay.harness.transport import Transport
from assay.harness.verifier_trials import TestCredentials, link_tokens
from assay.profiles.catalogue import Requirement, load_profiles, profile_names
from assay.simulator.sandbox.example import ARCHIVES, AS_OF, DELEGATED, ITEM, REFINER, whole_node
from assay.simulator.sandbox.faults import Faults
from assay.simulator.sandbox.fetch import Answer, FetchError
from assay.simulator.sandbox.inprocess import ask
from assay.simulator.sandbox.node import create_app

__all__ = ["AS_OF_INSTANT", "TOKEN", "InProcess", "catalogue", "harvest", "manifest", "observed", "results"]

AS_OF_INSTANT = datetime.fromisoformat(AS_OF.replace("Z", "+00:00")).astimezone(UTC)
TOKEN = "owner-of-the-node"  # noqa: S105 - of a node that nobody can reach
_ENDPOINT = "https://saebyeok-lithium.example"
_AUTHORITY = "harness.assay.example"
_REDIRECTS = 5
_PLAYED = {"graph": "verifier", "crawl": "publisher"}
"""What the manifest calls a role that is exercised in a way of its own."""


@dataclass
class InProcess(Transport):
    """A transport to one node and to the harness's own published files."""

    hosts: frozenset[str]
    authority: Authority
    files: Mapping[str, PublishedFile]
    evidence: EvidenceStore | None = None
    app: Any = None
    """Set once the node is made, because the node looks things up through this transport."""
    log: list[str] = field(default_factory=list)
    """Paths of the harness's files that were asked for, in order."""

    def __post_init__(self) -> None:
        Transport.__init__(self, self.evidence)

    async def _send(self, request: Request) -> Exchange | Unavailable:
        url, hops = request.url, list[Hop]()
        while True:
            answer = await self._once(request, url)
            if isinstance(answer, Unavailable) or not request.follow or not answer.location:
                return answer if isinstance(answer, Unavailable) else replace(answer, hops=tuple(hops))
            hops.append(Hop(url, answer.status, answer.location))
            url = urljoin(url, answer.location)
            if len(hops) > _REDIRECTS:
                return Unavailable(request.url, "redirect-loop", "too many redirects", definitive=True)

    async def _once(self, request: Request, url: str) -> Exchange | Unavailable:
        host = (urlsplit(url).hostname or "").lower()
        if host == self.authority.host:
            status, headers, body = self._own(urlsplit(url).path)
        elif host in self.hosts:
            reply = await ask(self.app, request.method, url, headers=dict(request.headers), body=request.body)
            status, headers, body = reply.status, reply.headers, reply.body
        else:
            return Unavailable(request.url, "dns", f"no such host: {host}")
        asked = self.store.redactor.headers(request.headers)
        return Exchange(
            request.method,
            request.url,
            status,
            asked,
            request.body,
            url,
            tuple(headers.items()),
            body,
            tls="TLSv1.3",
        )

    def _own(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.log.append(path)
        if path == "/links/loop":
            return 307, {"Location": path}, b""
        if path == "/links/broken":
            return 500, {}, b""
        file = self.files.get(path)
        return (404, {}, b"") if file is None else (200, {"Content-Type": file.media_type}, file.body)

    async def look(self, url: str) -> Answer:
        """How the node itself looks things up."""
        answer = await self._send(Request("GET", url))
        if isinstance(answer, Unavailable):
            raise FetchError(f"{url}: {answer.reason}")
        return Answer(answer.final_url, answer.status, answer.media_type, answer.body)


def manifest(*roles: str) -> Manifest:
    """A manifest that names the node in the given roles."""
    auth = {"auth": "env:OWNER"}
    tables: dict[str, Any] = {
        "issuer": {"endpoint": _ENDPOINT, "issuer": REFINER, **auth},
        "status": {"endpoint": _ENDPOINT, **auth},
        "verifier": {"endpoint": _ENDPOINT},
        "graph": {"endpoint": _ENDPOINT},
        "crawl": {"archives": [f"https://{archive}/copies?of={{url}}" for archive in ARCHIVES]},
        "resolver": {"identifiers": [ITEM], "writes": True, "delegated": DELEGATED},
    }
    system: dict[str, Any] = {
        "name": "node",
        "features": ["verify-graph"]
        if "graph" in roles
        else ["verify-links", "verify-identity", "verify-presentations", "untp-0.6"],
        "identifiers": [ITEM, REFINER] if "crawl" in roles else [],
    }
    made = Manifest.model_validate(
        {
            "system": system,
            "roles": {_PLAYED.get(role, role): tables[role] for role in roles if role in tables},
            "harness": {"authority": _AUTHORITY},
        }
    )
    return made.model_copy(update={"secrets": {"env:OWNER": TOKEN}})


@cache
def catalogue() -> dict[str, Requirement]:
    """The rows of all profiles."""
    return load_profiles(tuple(profile_names()))


async def harvest(
    folder: Path,
    faults: Iterable[str],
    roles: Iterable[str],
    rows: Iterable[str] | None = None,
    store: EvidenceStore | None = None,
) -> Harvest:
    """Exercise a fresh node with faults in some roles; ``rows`` limits trials of the verifier to those that these need."""
    node, asked = whole_node(folder), manifest(*roles)
    authority = authority_of(asked, AS_OF_INSTANT)
    files = authority.with_links(link_tokens(TestCredentials(authority, load_bases())))
    transport = InProcess(frozenset(node.hosts), authority, files, store)
    random = Random(7)  # noqa: S311 - the same positions in status lists every time
    transport.app = create_app(node, transport.look, token=TOKEN, faults=Faults(faults), random=random)
    if rows is None and "graph" in roles:
        # What a verifier says of single credentials is the business of the role "verifier".
        rows = [
            row for row, checks in load_checks().items() if any(_of_graph(check.trial) for check in checks)
        ]
    wanted = None if rows is None else {row: catalogue()[row] for row in rows}
    return await exercise(
        asked, transport, load_bases(), AS_OF_INSTANT, requirements=wanted, authority_log=transport.log
    )


def _of_graph(trial: str | None) -> bool:
    return trial is not None and trial.startswith("graph-")


@cache
def _judge() -> DocumentJudge:
    return DocumentJudge(catalogue(), load_checks())


def results(found: Harvest, select: Callable[[str], bool] = lambda row: True) -> list[RequirementResult]:
    """Judge everything that was brought in, documents and trials."""
    judge, told = _judge(), []
    for document in found.documents:
        verify(document, found.shelf, AS_OF_INSTANT, default_judges())
        told += judge.judge(document)
    told += found.results(catalogue(), load_checks())(0)
    return [result for result in told if select(result.requirement.id)]


def observed(
    folder: Path, faults: Iterable[str], roles: Iterable[str], rows: Iterable[str] | None = None
) -> list[RequirementResult]:
    """Results of one exercise of one node."""
    return results(asyncio.run(harvest(folder, faults, roles, rows)))
