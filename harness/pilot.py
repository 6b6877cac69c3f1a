"""Everybody's credentials before everybody's verifier: who accepts whose, and what becomes of paired forgeries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from assay.harness.adapters import Adapter, Reading
from assay.harness.credential import did as dids
from assay.harness.events import Event, Listener, Progress
from assay.harness.forge.keys import b64url
from assay.harness.material import UNTP_KINDS, Credential, Document, Envelope
from assay.harness.results import MatrixCell

__all__ = ["cross_verify", "forged", "issuer_domain", "token_of"]

_NOTES = 5


def issuer_domain(credential: Credential) -> str:
    """A name to group issuers by: the domain of a did:web issuer without its first label where three or more are there
    (``trust.kr.example`` is ``kr.example``); the DID itself for other methods."""
    did = credential.issuer_id
    if dids.method_of(did) != "web":
        return did or "unknown"
    labels = unquote(did.split(":")[2]).partition(":")[0].lower().split(".")
    return ".".join(labels[1:] if len(labels) > 2 else labels)


def token_of(envelope: Envelope) -> str:
    """The compact token that an envelope was taken from."""
    return (envelope.signing_input + b"." + b64url(envelope.signature)).decode("ascii")


def forged(envelope: Envelope) -> str:
    """The same token with one bit of its signature changed: well formed, and wrong."""
    place = len(envelope.signature) // 2
    flipped = bytes([envelope.signature[place] ^ 1]) if envelope.signature else b"\0"
    return token_of(
        replace(envelope, signature=envelope.signature[:place] + flipped + envelope.signature[place + 1 :])
    )


@dataclass
class _Cell:
    """Counts of one issuer before one verifier."""

    accepted: int = 0
    rejected: int = 0
    errors: int = 0
    forgeries_accepted: int = 0
    forgeries_rejected: int = 0
    notes: list[str] = field(default_factory=list)


def _nobody(event: Event) -> None:
    """A listener that hears nothing."""


async def cross_verify(
    verifiers: Mapping[str, Adapter],
    documents: Sequence[Document],
    *,
    group: Callable[[Credential], str] = issuer_domain,
    each: int | None = None,
    listener: Listener = _nobody,
) -> tuple[MatrixCell, ...]:
    """Send every signed UNTP credential to every verifier; one cell per issuer group and verifier.

    ``verifiers`` by the name that the matrix shows; ``each`` limits the credentials per group, spread evenly. One forgery per
    group and verifier goes along, made from the group's first credential: a row of acceptances means something only beside
    refused forgeries. Verifiers are asked at the same time, each strictly in sequence.
    """
    by_group: dict[str, list[tuple[Credential, Envelope]]] = {}
    for document in documents:
        if isinstance(document, Credential) and document.kind in UNTP_KINDS and document.envelope is not None:
            by_group.setdefault(group(document), []).append((document, document.envelope))
    chosen = {name: _spread(members, each) for name, members in sorted(by_group.items())}
    total, done = len(verifiers) * sum(map(len, chosen.values())), 0

    async def ask(adapter: Adapter) -> dict[str, _Cell]:
        nonlocal done
        cells: dict[str, _Cell] = {}
        for name, members in chosen.items():
            cell = cells[name] = _Cell()
            for credential, envelope in members:
                await _judge(adapter, credential, envelope, cell)
                done += 1
                listener(Progress("exercise", done, total, f"{name}'s credentials before every verifier"))
            if members:
                await _forgery(adapter, members[0][1], cell)
        return cells

    found = await asyncio.gather(*(ask(adapter) for adapter in verifiers.values()))
    return tuple(
        MatrixCell(
            issuer,
            verifier,
            cell.accepted,
            cell.rejected,
            cell.errors,
            cell.forgeries_accepted,
            cell.forgeries_rejected,
            tuple(cell.notes),
        )
        for issuer in chosen
        for verifier, cells in zip(verifiers, found, strict=True)
        for cell in (cells[issuer],)
    )


async def _judge(adapter: Adapter, credential: Credential, envelope: Envelope, cell: _Cell) -> None:
    answer = await adapter.verify(token_of(envelope))
    if answer.reading is Reading.ACCEPTED:
        cell.accepted += 1
        return
    if answer.reading is Reading.REJECTED:
        cell.rejected += 1
    else:
        cell.errors += 1
    if len(cell.notes) < _NOTES:
        cell.notes.append(f"{credential.source}: {answer}")


async def _forgery(adapter: Adapter, envelope: Envelope, cell: _Cell) -> None:
    answer = await adapter.verify(forged(envelope))
    if answer.reading is Reading.ACCEPTED:
        cell.forgeries_accepted += 1
    elif answer.reading is Reading.REJECTED:
        cell.forgeries_rejected += 1
    else:
        cell.errors += 1


def _spread(
    members: list[tuple[Credential, Envelope]], limit: int | None
) -> list[tuple[Credential, Envelope]]:
    """At most ``limit`` members, evenly over the list."""
    if limit is None or len(members) <= limit:
        return members
    return [members[place * len(members) // limit] for place in range(limit)]
