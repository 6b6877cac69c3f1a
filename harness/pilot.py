"""Record once, verify everywhere: every verifier judges every credential that was found, and a forgery of each issuer.

The matrix says who accepts whose credentials. An acceptance counts for something only beside forgeries that the same
verifier rejected over the same channel; a crash or an unreachable verifier is an error, never a rejection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from assay.harness.adapters import Adapter, Reading, load_adapter
from assay.harness.credential.envelope import looks_like_token
from assay.harness.events import Event, Progress
from assay.harness.manifest import Manifest
from assay.harness.material import UNTP_KINDS, Credential, Document
from assay.harness.results import MatrixCell
from assay.harness.transport import Transport

__all__ = ["country_of", "cross_verify", "tampered"]

_AT_ONCE = 2
"""Requests under way per verifier; more only queue behind its one process."""
_NOTES_KEPT = 3


def country_of(document: Document) -> str:
    """The label of an issuer in the matrix: the country suffix of its DID's host under ``.example``, else the host."""
    issuer = document.issuer_id if isinstance(document, Credential) else ""
    host = issuer.removeprefix("did:web:").partition(":")[0].partition("%3A")[0]
    labels = host.split(".")
    if len(labels) >= 3 and labels[-1] == "example" and len(labels[-2]) == 2:
        return labels[-2].upper()
    return host or "unknown issuer"


def tampered(token: str) -> str:
    """The same token with one character of its payload changed: well formed, and no longer what was signed."""
    header, payload, signature = token.split(".")
    middle = len(payload) // 2
    changed = "A" if payload[middle] != "A" else "B"
    return f"{header}.{payload[:middle]}{changed}{payload[middle + 1 :]}.{signature}"


@dataclass
class _Count:
    accepted: int = 0
    rejected: int = 0
    errors: int = 0
    forgeries_accepted: int = 0
    forgeries_rejected: int = 0
    notes: list[str] = field(default_factory=list)


async def cross_verify(
    manifest: Manifest,
    transport: Transport,
    documents: Sequence[Document],
    label: Callable[[Document], str] = country_of,
    listener: Callable[[Event], None] = lambda event: None,
) -> tuple[MatrixCell, ...]:
    """Submit every signed UNTP credential to every verifier of the manifest, with one forgery per issuer label."""
    tokens = [
        (label(document), document.source, document.raw.decode().strip())
        for document in documents
        if isinstance(document, Credential) and document.kind in UNTP_KINDS and looks_like_token(document.raw)
    ]
    verifiers = [
        (
            verifier.name or verifier.endpoint,
            load_adapter(
                verifier.adapter, transport, verifier.endpoint, manifest.headers(verifier), form=verifier.form
            ),
        )
        for verifier in manifest.roles.verifier
    ]
    progress = _Counter(len(verifiers) * len(tokens), listener)
    columns = await asyncio.gather(*(_column(adapter, tokens, progress) for _, adapter in verifiers))
    return tuple(
        MatrixCell(
            issuer,
            name,
            count.accepted,
            count.rejected,
            count.errors,
            count.forgeries_accepted,
            count.forgeries_rejected,
            tuple(count.notes),
        )
        for (name, _), column in zip(verifiers, columns, strict=True)
        for issuer, count in sorted(column.items())
    )


class _Counter:
    def __init__(self, total: int, listener: Callable[[Event], None]) -> None:
        self._done, self._total, self._listener = 0, total, listener

    def step(self, what: str) -> None:
        self._done += 1
        self._listener(Progress("cross-verify", self._done, self._total, what))


async def _column(
    adapter: Adapter, tokens: Iterable[tuple[str, str, str]], progress: _Counter
) -> dict[str, _Count]:
    counts: dict[str, _Count] = {}
    turn = asyncio.Semaphore(_AT_ONCE)

    async def genuine(issuer: str, source: str, token: str) -> None:
        async with turn:
            answer = await adapter.verify(token)
        progress.step(source)
        count = counts[issuer]
        if answer.reading is Reading.ACCEPTED:
            count.accepted += 1
            return
        if answer.reading is Reading.REJECTED:
            count.rejected += 1
        else:
            count.errors += 1
        if len(count.notes) < _NOTES_KEPT:
            count.notes.append(f"{source}: {answer}")

    async def forged(issuer: str, token: str) -> None:
        async with turn:
            answer = await adapter.verify(tampered(token))
        count = counts[issuer]
        if answer.reading is Reading.ACCEPTED:
            count.forgeries_accepted += 1
            count.notes.insert(0, "accepted a credential that had been tampered with")
        elif answer.reading is Reading.REJECTED:
            count.forgeries_rejected += 1
        else:
            count.errors += 1

    work = []
    for issuer, source, token in tokens:
        if issuer not in counts:
            counts[issuer] = _Count()
            work.append(forged(issuer, token))
        work.append(genuine(issuer, source, token))
    await asyncio.gather(*work)
    return counts
