"""Requests to an ASGI app in this process, without sockets: how the self-test and tests question a node."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from assay.simulator.sandbox.addresses import split_address
from assay.simulator.sandbox.fetch import Answer, FetchError

__all__ = ["Reply", "Web", "ask"]


@dataclass
class Reply:
    """What an app answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


async def ask(
    app: Any,
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    json_body: Any = None,
    body: bytes = b"",
) -> Reply:
    """Send one request to an ASGI app, without sockets."""
    parts = split_address(url)
    sent = {"host": parts.hostname or "", **{k.lower(): v for k, v in (headers or {}).items()}}
    if json_body is not None:
        body = json.dumps(json_body).encode()
        sent.setdefault("content-type", "application/json")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in sent.items()],
        "server": (parts.hostname, 443),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    got: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        got.append(message)

    try:
        await app(scope, receive, send)
    except Exception:
        if not got:
            raise
    start = got[0]
    found = {k.decode().lower(): v.decode("latin-1") for k, v in start["headers"]}
    return Reply(start["status"], found, b"".join(m.get("body", b"") for m in got[1:]))


@dataclass
class Web:
    """Stands for the network: apps by host, and single addresses that answer something special."""

    apps: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Answer | FetchError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def say(
        self, url: str, body: str | bytes | dict[str, Any], *, status: int = 200, media_type: str = ""
    ) -> None:
        if isinstance(body, dict):
            body = json.dumps(body)
        self.extra[url] = Answer(url, status, media_type, body.encode() if isinstance(body, str) else body)

    async def __call__(self, url: str) -> Answer:
        self.asked.append(url)
        special = self.extra.get(url)
        if isinstance(special, FetchError):
            raise special
        if special is not None:
            return special
        app = self.apps.get(str(split_address(url).hostname))
        if app is None:
            raise FetchError(f"{url}: no such host")
        reply = await ask(app, "GET", url)
        return Answer(url, reply.status, reply.media_type, reply.body)
