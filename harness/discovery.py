"""Discovery: from one identifier to everything that the protocol leads to from there.

Identifier → linkset → credentials → DID documents, status lists, vocabularies, further identifiers. Breadth first, in
rounds: a round is fetched concurrently and read in the order in which it was found, so that indices do not depend on who
answers first. Every address is asked once. What cannot be had is kept beside what can, and the rest goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from assay.harness.credential import did as dids
from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf
from assay.harness.events import Event, Listener, Progress
from assay.harness.evidence import Exchange
from assay.harness.leads import ACCEPT, Lead, Want, leads, needed
from assay.harness.material import (
    DidDocument,
    Document,
    Kind,
    Problem,
    StatusList,
    Unavailable,
)
from assay.harness.transport import Transport

__all__ = ["Bounds", "Discovery", "Visit", "crawl", "look_up"]

_REFUSED = frozenset(
    {"bad-encoding", "bad-url", "blocked", "redirect-loop", "redirects", "scheme", "too-large"}
)
"""Reasons that speak against the document that gave the address, not against the address's owner."""

_KEPT_ANYWAY = frozenset({Want.DID, Want.STATUS})
"""What is kept as a document even when it turns out to be something else: the protocol relies on it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a crawl goes."""

    addresses: int = 2000
    depth: int = 12
    bytes: int = 1024 * 1024 * 1024
    concurrency: int = 16


@dataclass(frozen=True, slots=True)
class Visit:
    """One lead and what came of it: the answer, and the index of the document it was read as, if it was."""

    lead: Lead
    answer: Exchange | Unavailable
    document: int | None = None


# Without repr: asyncio shows the result of a finished task, and this one holds everything.
@dataclass(frozen=True, slots=True, repr=False)
class Discovery:
    """Everything that was found, in a fixed order, and how it hangs together."""

    documents: tuple[Document, ...]
    shelf: Shelf
    visits: tuple[Visit, ...]
    left_out: int = 0
    """Addresses that were known but not asked for, because a bound was reached."""

    @property
    def lost(self) -> Iterator[Visit]:
        """Leads that came to nothing."""
        return (visit for visit in self.visits if isinstance(visit.answer, Unavailable))


D = TypeVar("D", bound=Document)
Answers = dict[tuple[str, str], tuple[Exchange | Unavailable, int | None]]


def _nobody(event: Event) -> None:
    """A listener that hears nothing."""


class _Crawl:
    """A crawl under way."""

    def __init__(
        self,
        transport: Transport,
        bounds: Bounds,
        listener: Listener,
        find: Callable[[Document, int], Iterable[Lead]],
    ) -> None:
        self._transport = transport
        self._bounds = bounds
        self._listener = listener
        self._find = find
        self._gate = asyncio.Semaphore(bounds.concurrency)
        self.documents: list[Document] = []
        self._by_digest: dict[str, int] = {}
        self._answers: Answers = {}
        self._seen: list[Lead] = []
        self._asked = 0
        self._bytes = 0
        self._left_out: set[tuple[str, str]] = set()
        self.shelf_dids: dict[str, DidDocument | Unavailable] = {}
        self.shelf_lists: dict[str, StatusList | Unavailable] = {}

    async def run(self, first: Iterable[Lead]) -> Discovery:
        frontier = list(first)
        for _ in range(self._bounds.depth + 1):
            if not frontier:
                break
            frontier = await self._round(frontier)
        self._left_out |= {lead.key for lead in frontier if lead.key not in self._answers}
        visits = tuple(
            Visit(lead, *self._answers[lead.key])
            for lead in dict.fromkeys(self._seen)
            if lead.key in self._answers
        )
        return Discovery(
            tuple(self.documents), Shelf(self.shelf_dids, self.shelf_lists), visits, len(self._left_out)
        )

    async def _round(self, frontier: Sequence[Lead]) -> list[Lead]:
        """Fetch what is new in the frontier, read it, and return the leads found in it."""
        new: dict[tuple[str, str], Lead] = {}
        for lead in frontier:
            if lead.key not in self._answers:
                new.setdefault(lead.key, lead)
        chosen = list(new.values())
        room = max(self._bounds.addresses - self._asked, 0) if self._bytes < self._bounds.bytes else 0
        self._left_out |= {lead.key for lead in chosen[room:]}
        chosen = chosen[:room]
        self._asked += len(chosen)
        answers = await asyncio.gather(*(self._fetch(lead) for lead in chosen))
        before = len(self.documents)
        for lead, answer in zip(chosen, answers, strict=True):
            self._answers[lead.key] = (answer, self._read(lead, answer))
        for lead in frontier:
            self._settle(lead)
        self._seen.extend(frontier)
        found = (
            lead
            for index in range(before, len(self.documents))
            for lead in self._find(self.documents[index], index)
        )
        return list(found)

    async def _fetch(self, lead: Lead) -> Exchange | Unavailable:
        if not lead.url.startswith("http") and lead.want is Want.DID:
            return _unresolvable(lead.target)
        async with self._gate:
            answer = await self._transport.fetch(lead.url, accept=ACCEPT[lead.want])
        self._bytes += len(answer.body) if isinstance(answer, Exchange) else 0
        self._listener(Progress("look up", len(self._answers) + 1, None, lead.url))
        return answer

    def _read(self, lead: Lead, answer: Exchange | Unavailable) -> int | None:
        """Read an answer as a document; None for what is none (pages, files)."""
        if isinstance(answer, Unavailable) or lead.want is Want.FILE:
            return None
        document = read(
            lead.url,
            answer.body,
            content_type=answer.header("content-type") or None,
            via=lead.via,
            evidence=(answer.digest,),
        )
        if lead.want is Want.DID and isinstance(document, DidDocument):
            document.did = lead.target
        known = self._by_digest.get(document.digest)
        if known is not None and lead.want is not Want.DID:
            return known
        if document.kind is Kind.UNKNOWN and not self._worth_keeping(lead, answer):
            return None
        return self._keep(document)

    def _worth_keeping(self, lead: Lead, answer: Exchange) -> bool:
        """Whether something that is no known kind of document is a failure of its own, and not just another page."""
        if lead.want in _KEPT_ANYWAY or lead.via is None:
            return True
        return lead.want is Want.CREDENTIAL and answer.media_type in ("application/vc+jwt", "application/vc")

    def _keep(self, document: Document) -> int:
        self.documents.append(document)
        self._by_digest.setdefault(document.digest, len(self.documents) - 1)
        return len(self.documents) - 1

    def _settle(self, lead: Lead) -> None:
        """Put what a lead came to on the shelf, and note on its source what must not be followed."""
        known = self._answers.get(lead.key)
        if known is None:
            return
        answer, index = known
        document = self.documents[index] if index is not None else None
        if lead.want is Want.DID:
            self.shelf_dids[lead.target] = _found(DidDocument, document, answer, lead.target)
        elif lead.want is Want.STATUS:
            self.shelf_lists[lead.target] = _found(StatusList, document, answer, lead.target)
        if isinstance(answer, Unavailable) and answer.reason in _REFUSED and lead.via is not None:
            source = self.documents[lead.via]
            problem = Problem(
                "link",
                lead.path,
                "an address that can be fetched over http(s) from a public place",
                f"{lead.target[:200]}: {answer.detail}",
                "Publish the target at a public https address, without loops, and link to that.",
            )
            if problem not in source.problems:
                source.problems = (*source.problems, problem)


def _found(
    wanted: type[D], document: Document | None, answer: Exchange | Unavailable, target: str
) -> D | Unavailable:
    if isinstance(document, wanted):
        return document
    if isinstance(answer, Unavailable):
        return answer if answer.url == target else replace(answer, url=target)
    what = "DID document" if wanted is DidDocument else "status list credential"
    return Unavailable(target, "wrong-body", f"what is served there is no {what}", True, (answer.digest,))


def _unresolvable(did: str) -> Unavailable:
    try:
        dids.check_did(did)
    except dids.DidError as error:
        return Unavailable(did, "bad-did", str(error), definitive=True)
    return Unavailable(did, "method-unsupported", f"DIDs of method '{dids.method_of(did)}' are not looked up")


async def crawl(
    start: Iterable[Lead],
    transport: Transport,
    bounds: Bounds | None = None,
    listener: Listener = _nobody,
    *,
    documents: Sequence[Document] = (),
    follow: Callable[[Lead], bool] = lambda lead: True,
) -> Discovery:
    """Follow leads until nothing new is found or a bound is reached.

    ``documents`` are read already (their ``via`` indices stay valid, they come first in the result) and are followed
    as well; ``follow`` chooses among the leads found in documents.
    """

    def find(document: Document, index: int) -> Iterator[Lead]:
        return (lead for lead in leads(document, index) if follow(lead))

    return await _crawl(list(start), documents, _Crawl(transport, bounds or Bounds(), listener, find))


async def _crawl(first: list[Lead], documents: Sequence[Document], crawling: _Crawl) -> Discovery:
    for document in documents:
        index = crawling._keep(document)
        first.extend(crawling._find(document, index))
    return await crawling.run(first)


async def look_up(
    documents: Sequence[Document],
    transport: Transport,
    bounds: Bounds | None = None,
    listener: Listener = _nobody,
) -> Discovery:
    """Fetch only what judging the documents needs: DID documents and status lists, and those of the lists themselves."""
    return await _crawl([], documents, _Crawl(transport, bounds or Bounds(), listener, needed))
