"""Transport over the network, on aiohttp: the one module that opens connections.

It stands apart from :mod:`assay.harness.transport` because importing aiohttp takes half a second, which a run that stays
offline need not wait for.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from assay.harness.evidence import EvidenceStore, Exchange, Headers, Hop, Request
from assay.harness.guard import Blocked, HostMap, address_problem, mapped_to, refusal
from assay.harness.material import Unavailable
from assay.harness.transport import Limits, Transport

__all__ = ["GuardedResolver", "HttpTransport"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024
_AGENT = "assay (UNTP conformance test; +https://untp.unece.org/)"


class GuardedResolver(AbstractResolver):
    """Resolves names by host map first, by the system after, and hands out only addresses that may be connected to.

    What it returns is what is connected to: a name that resolves differently a moment later gains nothing.
    """

    def __init__(self, host_map: HostMap, allowed: frozenset[str]) -> None:
        self._host_map = host_map
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        mapped = mapped_to(self._host_map, host, port)
        if mapped is not None:
            return [_resolved(host, mapped[0], mapped[1])]
        infos = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, family=family
        )
        addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        if host.lower() not in self._allowed:
            for address in addresses:
                problem = address_problem(address)
                if problem is not None:
                    raise Blocked(f"{host} resolves to {address} ({problem})")
        return [_resolved(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Nothing is held."""


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return {"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}


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
