"""Looking up what documents rest on: DID documents and status lists, first in the set itself, then over a transport.

What is found joins the material and is judged like the rest (``via`` says which document led to it); what is not found
stands on the shelf as :class:`~assay.harness.material.Unavailable` with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assay.harness.credential.did import DidError, check_did, did_web_url, self_describing
from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf, needs
from assay.harness.material import DidDocument, Document, StatusList, Unavailable

if TYPE_CHECKING:
    from assay.harness.evidence import Exchange

__all__ = ["Fetch", "Gathered", "look_up", "offline"]

Fetch = Callable[[str, str], Awaitable["Exchange | Unavailable"]]
"""Gets a URL, given what is acceptable (the ``Accept`` header)."""

_ACCEPT_DID = "application/did+ld+json, application/did+json, application/json;q=0.9"
_ACCEPT_CREDENTIAL = "application/vc+jwt, application/vc, application/json;q=0.9"
_MAXIMUM = 2_000
"""DID documents and status lists fetched in one run; more is *unavailable*, with that reason."""


async def offline(url: str, accept: str) -> Exchange | Unavailable:
    """A fetch that goes nowhere."""
    return Unavailable(url, "offline", "nothing is looked up on the network in this run")


@dataclass
class Gathered:
    """All documents, those that were named first, and what was looked up for them."""

    documents: list[Document]
    dids: dict[str, DidDocument | Unavailable] = field(default_factory=dict)
    status_lists: dict[str, StatusList | Unavailable] = field(default_factory=dict)
    fetched: int = 0

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.dids, self.status_lists)


async def look_up(documents: Sequence[Document], fetch: Fetch) -> Gathered:
    """Find the DID documents and status lists that the documents need, and those that they need in turn."""
    found = Gathered(list(documents))
    for document in documents:
        _shelve(found, document)
    waiting = list(range(len(found.documents)))
    while waiting:
        before = len(found.documents)
        tasks = []
        for index in waiting:
            wanted = needs(found.documents[index])
            for did in wanted.dids:
                if did not in found.dids:
                    found.dids[did] = Unavailable(did, "pending")
                    tasks.append(_did_document(found, did, index, fetch))
            for url in wanted.status_lists:
                if url not in found.status_lists:
                    found.status_lists[url] = Unavailable(url, "pending")
                    tasks.append(_status_list(found, url, index, fetch))
        # Results are added in the order in which they were asked for, whatever came back first.
        for document in await asyncio.gather(*tasks):
            if document is not None:
                found.documents.append(document)
        waiting = list(range(before, len(found.documents)))
    return found


def _shelve(found: Gathered, document: Document) -> None:
    if isinstance(document, DidDocument) and isinstance(document.value, dict):
        identifier = document.value.get("id")
        if isinstance(identifier, str):
            document.did = document.did or identifier
            found.dids.setdefault(identifier, document)
    elif isinstance(document, StatusList):
        for name in (document.source, _identifier(document.value)):
            if name:
                found.status_lists.setdefault(name, document)


def _identifier(value: Any) -> str:
    identifier = value.get("id") if isinstance(value, dict) else None
    return identifier if isinstance(identifier, str) else ""


async def _get(found: Gathered, url: str, accept: str, fetch: Fetch) -> Exchange | Unavailable:
    if found.fetched >= _MAXIMUM:
        return Unavailable(url, "limit", f"more than {_MAXIMUM} look-ups in one run")
    found.fetched += 1
    return await fetch(url, accept)


async def _did_document(found: Gathered, did: str, index: int, fetch: Fetch) -> Document | None:
    try:
        check_did(did)
        if self_describing(did):
            del found.dids[did]
            return None
        url = did_web_url(did)
    except DidError as error:
        found.dids[did] = Unavailable(did, "unresolvable", str(error), definitive=True)
        return None
    answer = await _get(found, url, _ACCEPT_DID, fetch)
    if isinstance(answer, Unavailable):
        found.dids[did] = answer
        return None
    document = read(url, answer.body, content_type=answer.media_type, via=index, evidence=(answer.digest,))
    if not isinstance(document, DidDocument):
        found.dids[did] = Unavailable(
            url, "not-a-did-document", "the answer is no DID document", True, (answer.digest,)
        )
        return document
    document.did = did
    found.dids[did] = document
    return document


async def _status_list(found: Gathered, url: str, index: int, fetch: Fetch) -> Document | None:
    answer = await _get(found, url, _ACCEPT_CREDENTIAL, fetch)
    if isinstance(answer, Unavailable):
        found.status_lists[url] = answer
        return None
    document = read(url, answer.body, content_type=answer.media_type, via=index, evidence=(answer.digest,))
    if isinstance(document, StatusList):
        found.status_lists[url] = document
    else:
        found.status_lists[url] = Unavailable(
            url, "not-a-status-list", "the answer is no status list credential", True, (answer.digest,)
        )
    return document
