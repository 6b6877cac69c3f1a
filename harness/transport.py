"""The only way out: limits, an address guard, a host map, and a recorder (the network itself is in ``network``).

Everything that a system under test says may be hostile, the addresses it points at included. A transport fetches http
and https only; never connects to loopback, private, link-local or metadata addresses unless the user's host map or
allow-list names the host; checks that again on every redirect and on the very address it connects to; and stops at
limits of size (also after decompression), time, redirects and header length.

``send`` answers with whatever the other end said. ``fetch`` is for material: a GET whose answer is 200, or the reason why
it could not be had. "Could not be looked at" (:class:`~assay.harness.material.Unavailable`, not ``definitive``) never reads as a
fault of the system under test.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from assay.harness.evidence import EvidenceStore, Exchange, Request, key_of, read_notes, read_recording
from assay.harness.guard import HostMap
from assay.harness.material import Unavailable

__all__ = [
    "HostMap",
    "LazyTransport",
    "Limits",
    "MemoryTransport",
    "OfflineTransport",
    "ReplayTransport",
    "Transport",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost."""

    bytes: int = 16 * 1024 * 1024
    """Octets of the body, before and after decompression."""
    seconds: float = 20.0
    connect_seconds: float = 5.0
    redirects: int = 5
    header_bytes: int = 32 * 1024
    concurrency: int = 16


class Transport(ABC):
    """Sends requests and keeps what came back in its evidence store."""

    def __init__(self, store: EvidenceStore | None = None) -> None:
        self.store = EvidenceStore() if store is None else store

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:  # noqa: B027 - most transports hold nothing
        """Give back what the transport holds; the evidence store stays open."""

    @abstractmethod
    async def _send(self, request: Request) -> Exchange | Unavailable:
        """Send one request, follow redirects if it says so."""

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        follow: bool = False,
    ) -> Exchange | Unavailable:
        """Send and record. Every HTTP status is an :class:`Exchange`; no answer is an :class:`Unavailable`."""
        request = Request(method, url, tuple((headers or {}).items()), body, follow)
        answer = await self._send(request)
        self.store.record(request, answer)
        return answer

    def remember(self, name: str, lines: Sequence[str]) -> tuple[str, ...]:
        """Record something observed that is no answer to a request; a replay gives back what was recorded then."""
        self.store.note(name, lines)
        return tuple(lines)

    async def fetch(
        self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Exchange | Unavailable:
        """GET with redirects, for material. Anything but 200 is an :class:`Unavailable` with its evidence.

        429 and 5xx say nothing about the material; 4xx are a definitive answer.
        """
        answer = await self.send("GET", url, headers={"Accept": accept, **(headers or {})}, follow=True)
        if isinstance(answer, Unavailable) or answer.status == 200:
            return answer
        reason = {401: "denied", 403: "denied", 404: "not-found", 410: "not-found", 429: "throttled"}.get(
            answer.status
        )
        if reason is None:
            reason = "server-error" if answer.status >= 500 else "status"
        definitive = answer.status != 429 and answer.status < 500
        return Unavailable(url, reason, f"the answer is {answer.status}", definitive, (answer.digest,))


# -- the network -------------------------------------------------------------------------------------------------------


class OfflineTransport(Transport):
    """Answers every request with :class:`Unavailable`, reason ``offline``: what ``--offline`` uses."""

    async def _send(self, request: Request) -> Exchange | Unavailable:
        return Unavailable(request.url, "offline", "nothing is fetched in an offline run")


class LazyTransport(Transport):
    """The network, opened at the first request: a run that finds everything in its own set never pays for it."""

    def __init__(self, store: EvidenceStore | None = None) -> None:
        super().__init__(store)
        self._network: Transport | None = None

    async def _send(self, request: Request) -> Exchange | Unavailable:
        if self._network is None:
            from assay.harness.network import HttpTransport

            self._network = HttpTransport(store=self.store)
        return await self._network._send(request)

    async def close(self) -> None:
        if self._network is not None:
            await self._network.close()


Handler = Callable[[Request], Exchange | Unavailable | Awaitable[Exchange | Unavailable]]


class MemoryTransport(Transport):
    """Answers from a function or a table of URL to (status, media type, body): for tests and for replaying by hand."""

    def __init__(
        self,
        answers: Handler | Mapping[str, tuple[int, str, bytes]],
        *,
        store: EvidenceStore | None = None,
    ) -> None:
        super().__init__(store)
        self._answers = answers
        self.asked: list[Request] = []

    async def _send(self, request: Request) -> Exchange | Unavailable:
        self.asked.append(request)
        if callable(self._answers):
            answer = self._answers(request)
            return answer if isinstance(answer, Exchange | Unavailable) else await answer
        known = self._answers.get(request.url)
        status, media_type, body = known or (404, "text/plain", b"not found")
        red = self.store.redactor
        return Exchange(
            method=request.method,
            url=red.url(request.url),
            status=status,
            request_headers=red.headers(request.headers),
            request_body=red.body(request.body),
            final_url=red.url(request.url),
            headers=(("Content-Type", media_type),),
            body=body,
        )


class ReplayTransport(Transport):
    """Answers from a recording, request by request: the same run again, byte for byte, without the network."""

    def __init__(self, recording: Path, *, store: EvidenceStore | None = None) -> None:
        super().__init__(store)
        self._answers: dict[str, deque[Exchange | Unavailable]] = defaultdict(deque)
        for key, answer in read_recording(recording):
            self._answers[key].append(answer)
        self._notes = read_notes(recording)

    def remember(self, name: str, lines: Sequence[str]) -> tuple[str, ...]:
        return super().remember(name, self._notes.get(name, tuple(lines)))

    async def _send(self, request: Request) -> Exchange | Unavailable:
        red = self.store.redactor
        key = key_of(
            request.method,
            red.url(request.url),
            red.headers(request.headers),
            red.body(request.body),
            request.follow,
        )
        waiting = self._answers.get(key)
        if not waiting:
            return Unavailable(request.url, "not-recorded", "the recording has no answer to this request")
        return waiting.popleft() if len(waiting) > 1 else waiting[0]
