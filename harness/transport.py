"""The only way out to the network: limits, an address guard, a host map, and a recorder.

Everything that a system under test says may be hostile, the addresses it points at included. A transport fetches http
and https only; never connects to loopback, private, link-local or metadata addresses unless the user's host map or
allow-list names the host; checks that again on every redirect and on the very address it connects to; and stops at
limits of size (also after decompression), time, redirects and header length.

``send`` answers with whatever the other end said. ``fetch`` is for material: a GET whose answer is 200, or the reason why
it could not be had. "Could not be looked at" (:class:`~assay.harness.material.Unavailable`, not ``definitive``) never reads as a
fault of the system under test.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import zlib
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from assay.harness.evidence import EvidenceStore, Exchange, Headers, Hop, Request, key_of, read_recording
from assay.harness.guard import Blocked, GuardedResolver, HostMap, mapped_to, refusal
from assay.harness.material import Unavailable

__all__ = [
    "HostMap",
    "HttpTransport",
    "Limits",
    "MemoryTransport",
    "OfflineTransport",
    "ReplayTransport",
    "Transport",
]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024
_AGENT = "assay (UNTP conformance test; +https://untp.unece.org/)"


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


class _TooLarge(Exception):
    """More octets than the limits allow."""


class _BadEncoding(Exception):
    """A body whose content coding cannot be undone."""


class HttpTransport(Transport):
    """HTTP over the network.

    ``host_map`` sends host names to addresses with their TLS names kept; ``ca`` is a PEM file trusted besides the
    system's roots; ``allow`` names hosts that may resolve to private addresses. No cookies, no environment proxies.
    """

    def __init__(
        self,
        *,
        store: EvidenceStore | None = None,
        host_map: HostMap | None = None,
        allow: Iterable[str] = (),
        ca: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(store)
        self.limits = limits or Limits()
        self._host_map = {name.lower(): target for name, target in (host_map or {}).items()}
        self._allowed = frozenset(name.lower() for name in allow)
        self._ca = ca
        self._session: aiohttp.ClientSession | None = None
        self._tls: dict[str, str] = {}

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            context = ssl.create_default_context()
            context.sslobject_class = _recorder(self._tls)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self._ca is not None:
                context.load_verify_locations(cafile=str(self._ca))
            connector = aiohttp.TCPConnector(
                resolver=GuardedResolver(self._host_map, self._allowed),
                use_dns_cache=False,
                limit=self.limits.concurrency,
                ssl=context,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(
                    total=self.limits.seconds,
                    connect=self.limits.seconds,
                    sock_connect=self.limits.connect_seconds,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                raise_for_status=False,
                max_line_size=self.limits.header_bytes,
                max_field_size=self.limits.header_bytes,
                skip_auto_headers=("Content-Type",),
                headers={"User-Agent": _AGENT, "Accept-Encoding": "gzip, deflate"},
            )
        return self._session

    def _refusal(self, url: str) -> Unavailable | None:
        """Why a URL is not fetched at all, judged by its text."""
        refused = refusal(url, self._host_map, self._allowed)
        return None if refused is None else Unavailable(url, *refused, definitive=True)

    async def _send(self, request: Request) -> Exchange | Unavailable:
        url, method, body = request.url, request.method, request.body
        headers: Headers = request.headers
        hops: list[Hop] = []
        seen = {url}
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.limits.seconds):
                while True:
                    refused = self._refusal(url)
                    if refused is not None:
                        return self._lost(request, hops, refused)
                    answer = await self._once(request, method, url, headers, body)
                    target = answer.location if answer.status in _REDIRECTS else ""
                    if not request.follow or not target:
                        return replace(answer, hops=tuple(hops), elapsed=time.perf_counter() - started)
                    hops.append(
                        Hop(
                            self.store.redactor.url(url),
                            answer.status,
                            self.store.redactor.url(target[:2000]),
                        )
                    )
                    next_url = urljoin(url, target)
                    if next_url in seen:
                        return self._redirect_trouble(
                            request, hops, "redirect-loop", f"{next_url} comes back to itself"
                        )
                    if len(hops) > self.limits.redirects:
                        what = f"more than {self.limits.redirects} redirects, the last to {next_url[:300]}"
                        return self._redirect_trouble(request, hops, "redirects", what)
                    if _origin(next_url) != _origin(url):
                        # Credentials are for the host they were given for.
                        headers = tuple((k, v) for k, v in headers if k.lower() not in _HOST_BOUND)
                    if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                        method, body = "GET", b""
                    seen.add(next_url)
                    url = next_url
        except TimeoutError:
            return Unavailable(request.url, "timeout", f"no full answer within {self.limits.seconds:g} s")
        except _TooLarge as error:
            return Unavailable(request.url, "too-large", str(error), definitive=True)
        except _BadEncoding as error:
            return Unavailable(request.url, "bad-encoding", str(error), definitive=True)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return self._lost(request, hops, _network_trouble(request.url, error))

    def _lost(self, request: Request, hops: list[Hop], lost: Unavailable) -> Unavailable:
        if not hops:
            return lost
        trail = " -> ".join([request.url, *(hop.location for hop in hops)])
        return replace(lost, url=request.url, detail=f"{lost.detail} (redirected: {trail[:600]})")

    def _redirect_trouble(self, request: Request, hops: list[Hop], reason: str, detail: str) -> Unavailable:
        return Unavailable(request.url, reason, f"{detail} (after {len(hops)} redirects)", definitive=True)

    async def _once(self, request: Request, method: str, url: str, headers: Headers, body: bytes) -> Exchange:
        red = self.store.redactor
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        mapped = mapped_to(self._host_map, parts.hostname or "", port)
        # "%" and "?" go out as they stand: a client that tidies addresses cannot test what servers make of untidy ones.
        address = URL(url.partition("#")[0].replace(" ", "%20"), encoded=True)
        async with self._open().request(
            method, address, headers=list(headers), data=body or None, allow_redirects=False
        ) as response:
            content = await self._read(response)
            return Exchange(
                method=request.method,
                url=red.url(request.url),
                status=response.status,
                request_headers=red.headers(request.headers),
                request_body=red.body(request.body),
                final_url=red.url(url),
                headers=red.headers((k, v) for k, v in response.headers.items()),
                body=content,
                tls=self._tls.get(parts.hostname or "", "") if parts.scheme == "https" else "",
                connect_to=f"{mapped[0]}:{mapped[1]}" if mapped else "",
            )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self.limits.bytes
        declared = response.headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) > limit:
            raise _TooLarge(f"the answer announces {int(declared):,} bytes, the limit is {limit:,}")
        unpack = _unpacker(response.headers.get("Content-Encoding", ""), limit)
        received = bytearray()
        raw = 0
        async for chunk in response.content.iter_chunked(_CHUNK):
            raw += len(chunk)
            received += unpack(chunk, limit + 1 - len(received))
            if raw > limit or len(received) > limit:
                raise _TooLarge(
                    f"the answer has more than {limit:,} bytes" + (", decompressed" if raw <= limit else "")
                )
        return bytes(received)


def _recorder(versions: dict[str, str]) -> type[ssl.SSLObject]:
    """A TLS object that writes down the version it negotiated, by host: aiohttp lets go of it too early to ask."""

    class Recorder(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            versions[self.server_hostname or ""] = self.version() or ""

    return Recorder


_HOST_BOUND = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"})


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _unpacker(encoding: str, limit: int) -> Callable[[bytes, int], bytes]:
    """A function that undoes the content coding of chunks, never giving out more than it is allowed to."""
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return lambda chunk, room: chunk[: max(room, 0)]
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise _BadEncoding(f"content coding '{coding[:40]}' was not asked for and cannot be undone")
    decoder = zlib.decompressobj(wbits=47 if coding != "deflate" else 15)

    def unpack(chunk: bytes, room: int) -> bytes:
        try:
            return decoder.decompress(chunk, max(room, 1))
        except zlib.error as error:
            raise _BadEncoding(f"the body is no {coding} data: {error}") from error

    return unpack


def _network_trouble(url: str, error: Exception) -> Unavailable:
    """Name what went wrong on the way. None of these is a verdict on the system, except where we refused to connect."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, Blocked):
            hint = "; add the host to 'allow' in the manifest if this is meant"
            return Unavailable(url, "blocked", f"{cause}{hint}", definitive=True)
        cause = cause.__cause__ or cause.__context__
    text = " ".join(str(error).split())[:300] or type(error).__name__
    if isinstance(error, aiohttp.InvalidURL | ValueError) and not isinstance(
        error, aiohttp.ClientConnectionError
    ):
        return Unavailable(url, "bad-url", text, definitive=True)
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return Unavailable(url, "dns", text)
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError | aiohttp.ServerFingerprintMismatch):
        return Unavailable(url, "tls", text)
    if isinstance(error, aiohttp.ClientConnectorError | ConnectionRefusedError):
        return Unavailable(url, "refused", text)
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | ConnectionResetError):
        return Unavailable(url, "reset", text)
    return Unavailable(url, "protocol", text)


# -- without the network -----------------------------------------------------------------------------------------------


class OfflineTransport(Transport):
    """Answers every request with :class:`Unavailable`, reason ``offline``: what ``--offline`` uses."""

    async def _send(self, request: Request) -> Exchange | Unavailable:
        return Unavailable(request.url, "offline", "nothing is fetched in an offline run")


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

    async def _send(self, request: Request) -> Exchange | Unavailable:
        red = self.store.redactor
        key = key_of(
            request.method, red.url(request.url), red.headers(request.headers), red.body(request.body)
        )
        waiting = self._answers.get(key)
        if not waiting:
            return Unavailable(request.url, "not-recorded", "the recording has no answer to this request")
        return waiting.popleft() if len(waiting) > 1 else waiting[0]
