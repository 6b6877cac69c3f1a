"""How a node looks things up at other nodes: HTTPS by host map, within limits, nowhere else."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType

import aiohttp
from yarl import URL

from assay.simulator.sandbox.addresses import join_address, split_address

__all__ = ["Answer", "Fetch", "FetchError", "HostMapFetcher", "HostMapSource"]

_LIMIT = 4 * 1024 * 1024
_REDIRECTS = 5
_TIMEOUT = aiohttp.ClientTimeout(total=20, connect=10)
"""Generous: on a busy machine three nodes share two cores with whoever asks them."""


class FetchError(OSError):
    """Nothing could be had from an address: unknown host, refused, too slow, too large, too many redirects."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered: final ``url``, ``status``, ``media_type`` without parameters, ``body``."""

    url: str
    status: int
    media_type: str
    body: bytes


Fetch = Callable[[str], Awaitable[Answer]]
HostMapSource = Callable[[], Mapping[str, str]]
"""Gives the host map of the moment: host name (portless, lower case) to ``address:port``."""


class HostMapFetcher:
    """GET over HTTPS to the hosts of a host map; every other host is out of reach, whatever a credential says."""

    def __init__(self, host_map: HostMapSource, trust: Callable[[], ssl.SSLContext]) -> None:
        self._host_map = host_map
        self._trust = trust
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> HostMapFetcher:
        self._session = aiohttp.ClientSession(
            timeout=_TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=128, keepalive_timeout=60),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def __call__(self, url: str) -> Answer:
        """Fetch, following redirects within the world.

        :raises FetchError: nothing could be had.
        """
        for _ in range(_REDIRECTS + 1):
            answer, location = await self._get(url)
            if location is None:
                return answer
            url = join_address(url, location)
        raise FetchError(f"more than {_REDIRECTS} redirects")

    async def _get(self, url: str) -> tuple[Answer, str | None]:
        if self._session is None:
            raise FetchError("the fetcher is not open")
        parts = split_address(url)
        host = (parts.hostname or "").lower()
        if parts.scheme != "https" or not host:
            raise FetchError(f"{url!r} is not an https URL")
        target = self._host_map().get(host if parts.port in (None, 443) else f"{host}:{parts.port}")
        if target is None:
            raise FetchError(f"host {host!r} is not part of this sandbox")
        address = URL(
            f"https://{target}{parts.path or '/'}{'?' + parts.query if parts.query else ''}", encoded=True
        )
        try:
            async with self._session.get(
                address,
                headers={"Host": host},
                ssl=self._trust(),
                server_hostname=host,
                allow_redirects=False,
            ) as response:
                location = (
                    response.headers.get("Location") if response.status in (301, 302, 303, 307, 308) else None
                )
                body = bytearray()
                async for chunk in response.content.iter_chunked(65_536):
                    body += chunk
                    if len(body) > _LIMIT:
                        raise FetchError(f"{url!r} answers with more than {_LIMIT} bytes")
                media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                return Answer(url, response.status, media_type, bytes(body)), location
        except (TimeoutError, aiohttp.ClientError, ssl.SSLError, ValueError) as error:
            raise FetchError(f"{url!r}: {type(error).__name__}") from error
