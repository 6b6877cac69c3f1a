"""The transport: limits, guard, host map, errors that are no verdicts, redaction, recording and replay."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.evidence import (
    REDACTED,
    EvidenceError,
    EvidenceStore,
    Exchange,
    Redactor,
    Request,
    read_recording,
)
from assay.harness.guard import address_problem
from assay.harness.material import Unavailable
from assay.harness.network import HttpTransport
from assay.harness.transport import Limits, MemoryTransport, OfflineTransport, ReplayTransport
from tests.harness.local_server import Handler, serving


def ask(handler: Handler, path: str = "/", **options: object) -> Exchange | Unavailable:
    """GET a path from a server that answers with ``handler``, over the host map."""
    follow = bool(options.pop("follow", True))

    async def run() -> Exchange | Unavailable:
        async with serving(handler) as port:
            transport = HttpTransport(host_map={"node.example": ("127.0.0.1", port)}, **options)  # type: ignore[arg-type]
            async with transport:
                return await transport.send("GET", "http://node.example" + path, follow=follow)

    return asyncio.run(run())


def fetch_alone(url: str, **options: object) -> Exchange | Unavailable:
    async def run() -> Exchange | Unavailable:
        async with HttpTransport(limits=Limits(seconds=3, connect_seconds=1), **options) as transport:  # type: ignore[arg-type]
            return await transport.fetch(url)

    return asyncio.run(run())


async def hello(request: web.Request) -> web.Response:
    return web.json_response({"host": request.host, "path": request.raw_path})


def test_a_mapped_host_keeps_its_name_and_an_untidy_path() -> None:
    answer = ask(hello, "/a/%3Cb%3E?x=%20y")
    assert isinstance(answer, Exchange)
    assert answer.json() == {"host": "node.example", "path": "/a/%3Cb%3E?x=%20y"}
    assert answer.connect_to.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://10.1.2.3/",
        "http://localhost:1/",
        "http://metadata.google.internal/",
        "http://app.localhost/",
    ],
)
def test_addresses_inside_are_blocked_for_good(url: str) -> None:
    answer = fetch_alone(url)
    assert isinstance(answer, Unavailable)
    assert (answer.reason, answer.definitive) == ("blocked", True), answer


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/", "gopher://a.example/", "data:text/plain,x"]
)
def test_other_schemes_are_not_fetched(url: str) -> None:
    answer = fetch_alone(url)
    assert isinstance(answer, Unavailable) and answer.reason == "scheme"


def test_a_url_without_a_host_is_named_as_such() -> None:
    answer = fetch_alone("https:///path")
    assert isinstance(answer, Unavailable) and answer.reason == "bad-url"


@given(st.ip_addresses())
def test_only_global_addresses_pass_the_guard(address: object) -> None:
    import ipaddress

    ip = ipaddress.ip_address(str(address))
    if address_problem(str(ip)) is None:
        assert ip.is_global and not ip.is_loopback and not ip.is_link_local


def test_a_redirect_to_the_metadata_address_is_blocked_and_tells_the_trail() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/"})

    answer = ask(handler)
    assert isinstance(answer, Unavailable)
    assert answer.reason == "blocked" and "node.example" in answer.detail


def test_a_redirect_to_itself_is_a_loop() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": request.path})

    answer = ask(handler)
    assert isinstance(answer, Unavailable)
    assert (answer.reason, answer.definitive) == ("redirect-loop", True)


def test_a_redirect_that_never_ends_stops_at_the_limit() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": request.path + "x"})

    answer = ask(handler)
    assert isinstance(answer, Unavailable) and answer.reason == "redirects"


def test_redirects_can_be_looked_at_instead_of_followed() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/b"})

    answer = ask(handler, follow=False)
    assert isinstance(answer, Exchange)
    assert (answer.status, answer.location) == (307, "/b")


def test_a_long_answer_is_cut_off() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(64):
            await response.write(b"x" * 65_536)
        return response

    answer = ask(handler, limits=Limits(bytes=100_000))
    assert isinstance(answer, Unavailable) and answer.reason == "too-large"


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    answer = ask(handler, limits=Limits(bytes=1_000_000))
    assert isinstance(answer, Unavailable)
    assert answer.reason == "too-large" and "decompressed" in answer.detail


def test_gzip_is_undone() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"plain"), headers={"Content-Encoding": "gzip"})

    answer = ask(handler)
    assert isinstance(answer, Exchange) and answer.body == b"plain"


def test_a_body_that_is_not_what_its_coding_says_is_definitive() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"not gzip", headers={"Content-Encoding": "gzip"})

    answer = ask(handler)
    assert isinstance(answer, Unavailable) and answer.reason == "bad-encoding" and answer.definitive


def test_an_endless_answer_times_out_and_is_no_verdict() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    answer = ask(handler, limits=Limits(seconds=0.3))
    assert isinstance(answer, Unavailable)
    assert (answer.reason, answer.definitive) == ("timeout", False)


def test_a_refused_connection_is_no_verdict() -> None:
    async def run() -> Exchange | Unavailable:
        async with serving(hello) as port:
            pass
        async with HttpTransport(host_map={"gone.example": ("127.0.0.1", port)}) as transport:
            return await transport.fetch("http://gone.example/")

    answer = asyncio.run(run())
    assert isinstance(answer, Unavailable)
    assert (answer.reason, answer.definitive) == ("refused", False)


@pytest.mark.parametrize(
    ("status", "reason", "definitive"),
    [
        (404, "not-found", True),
        (410, "not-found", True),
        (401, "denied", True),
        (418, "status", True),
        (429, "throttled", False),
        (500, "server-error", False),
        (503, "server-error", False),
    ],
)
def test_which_statuses_are_an_answer(status: int, reason: str, definitive: bool) -> None:
    transport = MemoryTransport({"https://a.example/": (status, "text/plain", b"")})
    answer = asyncio.run(transport.fetch("https://a.example/"))
    assert isinstance(answer, Unavailable)
    assert (answer.reason, answer.definitive) == (reason, definitive)
    assert answer.evidence[0] in transport.store


def test_credentials_stay_with_the_host_they_were_given_for() -> None:
    seen: dict[str, str | None] = {}

    async def handler(request: web.Request) -> web.Response:
        seen[request.host] = request.headers.get("Authorization")
        if request.host == "node.example":
            return web.Response(status=307, headers={"Location": "http://other.example/"})
        return web.Response(text="ok")

    async def run() -> None:
        async with serving(handler) as port:
            hosts = {"node.example": ("127.0.0.1", port), "other.example": ("127.0.0.1", port)}
            async with HttpTransport(host_map=hosts) as transport:
                await transport.fetch("http://node.example/", headers={"Authorization": "Bearer t0ken"})

    asyncio.run(run())
    assert seen == {"node.example": "Bearer t0ken", "other.example": None}


def test_cookies_are_not_kept() -> None:
    cookies: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "a=1"})

    async def run() -> None:
        async with (
            serving(handler) as port,
            HttpTransport(host_map={"n.example": ("127.0.0.1", port)}) as transport,
        ):
            await transport.fetch("http://n.example/")
            await transport.fetch("http://n.example/")

    asyncio.run(run())
    assert cookies == [None, None]


def test_an_offline_transport_says_offline() -> None:
    answer = asyncio.run(OfflineTransport().fetch("https://a.example/"))
    assert isinstance(answer, Unavailable) and answer.reason == "offline" and not answer.definitive


def test_secrets_never_reach_the_store(tmp_path: Path) -> None:
    secret = "s3cr3t-value"

    async def run() -> EvidenceStore:
        async with serving(echo) as port:
            store = EvidenceStore(tmp_path, Redactor([secret]))
            async with HttpTransport(store=store, host_map={"n.example": ("127.0.0.1", port)}) as transport:
                await transport.send(
                    "POST",
                    f"http://n.example/?token=abcdef&note={secret}",
                    headers={"Authorization": f"Bearer {secret}", "X-Note": secret, "Cookie": "sid=12345"},
                    body=json.dumps({"password": secret}).encode(),
                )
            store.close()
            return store

    async def echo(request: web.Request) -> web.Response:
        return web.Response(
            text=f"you sent {request.headers['Authorization']}", headers={"Set-Cookie": "sid=12345"}
        )

    store = asyncio.run(run())
    written = (tmp_path / "exchanges.jsonl").read_text()
    digest = next(iter(store)).digest
    shown = json.dumps(store.shown([digest]))
    for text in (written, shown):
        assert REDACTED in text
        for leak in (secret, "12345", "abcdef"):
            assert leak not in text
    assert "curl" in shown and "$SECRET" in shown


def test_times_and_ports_are_in_no_digest() -> None:
    first = Exchange(
        "GET", "https://a.example/", 200, headers=(("Date", "now"),), elapsed=1.0, connect_to="127.0.0.1:1"
    )
    later = Exchange(
        "GET", "https://a.example/", 200, headers=(("Date", "then"),), elapsed=2.0, connect_to="127.0.0.1:2"
    )
    other = Exchange("GET", "https://a.example/", 200, body=b"x")
    assert first.digest == later.digest != other.digest


def test_a_recording_answers_the_same_bytes_again(tmp_path: Path) -> None:
    bodies = iter([b"first \xff", b"second"])

    def answer(request: Request) -> Exchange | Unavailable:
        if request.url.endswith("/gone"):
            return Unavailable(request.url, "timeout")
        return Exchange("GET", request.url, 200, final_url=request.url, body=next(bodies), tls="TLSv1.3")

    async def run(transport: MemoryTransport | ReplayTransport) -> list[Exchange | Unavailable]:
        return [
            await transport.fetch(url)
            for url in ("https://a.example/x", "https://a.example/x", "https://a.example/gone")
        ]

    with EvidenceStore(tmp_path) as store:
        had = asyncio.run(run(MemoryTransport(answer, store=store)))
    again = asyncio.run(run(ReplayTransport(tmp_path)))
    assert [repr(item) for item in again] == [repr(item) for item in had]
    lost = asyncio.run(ReplayTransport(tmp_path).fetch("https://a.example/other"))
    assert isinstance(lost, Unavailable) and lost.reason == "not-recorded"


def test_a_run_that_was_killed_keeps_what_it_had(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    transport = MemoryTransport({"https://a.example/": (200, "text/plain", b"kept")}, store=store)
    asyncio.run(transport.fetch("https://a.example/"))
    file = tmp_path / "exchanges.jsonl"
    file.write_text(file.read_text() + '{"key": "cut sho')
    (record,) = read_recording(tmp_path)
    assert isinstance(record[1], Exchange) and record[1].body == b"kept"
    store.close()


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "exchanges.jsonl").write_text('{"a": 1}\n{"b": 2}\n')
    with pytest.raises(EvidenceError, match="line 1"):
        list(read_recording(tmp_path))
