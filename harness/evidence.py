"""Evidence: every exchange that was had, redacted, addressed by its digest, and kept on disk as it happens.

An :class:`Exchange` is what one request was answered with. Its digest covers what was asked and what was answered,
not when, how fast, or over which port. Secrets are struck out before anything is stored: what never enters the store
cannot leave it in a report.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote, urlsplit

from assay.harness.material import Unavailable, sha256

__all__ = [
    "REDACTED",
    "EvidenceError",
    "EvidenceStore",
    "Exchange",
    "Headers",
    "Hop",
    "Redactor",
    "Request",
    "command",
    "key_of",
    "read_notes",
    "read_recording",
]

REDACTED = "[redacted]"
Headers = tuple[tuple[str, str], ...]

_SHOWN_BODY = 64 * 1024
_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
        "x-amz-security-token",
    }
)
# What differs between two equal answers and says nothing about the system.
_VOLATILE_HEADERS = frozenset(
    {
        "age",
        "alt-svc",
        "cf-cache-status",
        "cf-ray",
        "connection",
        "date",
        "expires",
        "keep-alive",
        "nel",
        "report-to",
    }
    | {
        "server-timing",
        "traceparent",
        "x-amz-cf-id",
        "x-amz-request-id",
        "x-request-id",
        "x-runtime",
        "x-trace-id",
    }
)
_SECRET_QUERY = re.compile(
    r"(?i)(?<=[?&])(access_token|api[_-]?key|code|decryptionkey|key|password|secret|sig|signature|token)=[^&#]*"
)
_USER_INFO = re.compile(r"(?<=//)[^/@?#\s]+@")


class EvidenceError(ValueError):
    """A recording that cannot be read or does not answer what is asked."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it is sent, secrets included; it never leaves the transport."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    follow: bool = True
    """Whether redirects are followed."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed."""

    url: str
    status: int
    location: str


@dataclass(frozen=True)
class Exchange:
    """One request (already redacted) and its answer. ``url`` is what was asked for, ``final_url`` what answered."""

    method: str
    url: str
    status: int
    request_headers: Headers = ()
    request_body: bytes = b""
    final_url: str = ""
    headers: Headers = ()
    body: bytes = b""
    hops: tuple[Hop, ...] = ()
    tls: str = ""
    """The TLS version that was negotiated (``TLSv1.3``), empty for plain http."""
    connect_to: str = field(default="", compare=False)
    """``address:port`` of the host map, where the host was mapped."""
    elapsed: float = field(default=0.0, compare=False)
    """Seconds from sending to the last byte; in no digest."""

    def header(self, name: str) -> str:
        """The first value of a response header, or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def media_type(self) -> str:
        """Media type of the answer without parameters, lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def location(self) -> str:
        return self.header("location")

    def json(self) -> Any:
        """The body as JSON, or None when it is no JSON. (Strict reading is the intake's task.)"""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def digest(self) -> str:
        """Digest of what was asked and answered, without times and volatile headers."""
        kept = sorted((k.lower(), v) for k, v in self.headers if k.lower() not in _VOLATILE_HEADERS)
        parts = [
            *(
                self.method,
                self.url,
                sorted((k.lower(), v) for k, v in self.request_headers),
                sha256(self.request_body),
            ),
            *(
                self.status,
                kept,
                sha256(self.body),
                [[hop.url, hop.status, hop.location] for hop in self.hops],
            ),
        ]
        return sha256(json.dumps(parts, separators=(",", ":"), ensure_ascii=True).encode())


class Redactor:
    """Strikes out authorisation headers, tokens in addresses, user info, and secrets that the user named."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= 4}
        # A secret may be echoed as it is, percent-encoded, or as basic credentials.
        spelled = (
            known
            | {quote(s, safe="") for s in known}
            | {base64.b64encode(s.encode()).decode() for s in known}
        )
        longest_first = sorted(spelled, key=lambda s: (-len(s), s))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if spelled else None

    def text(self, text: str) -> str:
        return self._pattern.sub(REDACTED, text) if self._pattern else text

    def url(self, url: str) -> str:
        return self.text(_SECRET_QUERY.sub(rf"\1={REDACTED}", _USER_INFO.sub(f"{REDACTED}@", url)))

    def headers(self, headers: Iterable[tuple[str, str]]) -> Headers:
        return tuple((k, REDACTED if k.lower() in _SECRET_HEADERS else self.text(v)) for k, v in headers)

    def body(self, body: bytes) -> bytes:
        if self._pattern is None or not body:
            return body
        return self._pattern.sub(REDACTED, body.decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )


def key_of(method: str, url: str, headers: Headers, body: bytes, follow: bool = False) -> str:
    """What makes two requests the same for a recording: method, address, headers that shape the answer, body, and
    whether redirects are followed."""
    shaping = sorted(
        (k.lower(), v) for k, v in headers if k.lower() in {"accept", "accept-language", "authorization"}
    )
    parts = [method, url, shaping, sha256(body), follow]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


class EvidenceStore:
    """Exchanges by digest. With a directory, each is appended to ``exchanges.jsonl`` before anything is made of it.

    A run that is killed loses nothing that was measured: every line is complete and flushed when the request returns.
    """

    def __init__(self, directory: Path | None = None, redactor: Redactor | None = None) -> None:
        self.redactor = redactor or Redactor()
        self._exchanges: dict[str, Exchange] = {}
        self._file: TextIO | None = None
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = (directory / "exchanges.jsonl").open("a", encoding="utf-8")

    def __enter__(self) -> EvidenceStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __len__(self) -> int:
        return len(self._exchanges)

    def __contains__(self, digest: object) -> bool:
        return digest in self._exchanges

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges.values())

    def record(self, request: Request, answer: Exchange | Unavailable) -> None:
        """Keep an answer, or that there was none."""
        if isinstance(answer, Exchange):
            self._exchanges.setdefault(answer.digest, answer)
        self._write(self._line(request, answer))

    def note(self, name: str, lines: Sequence[str]) -> None:
        """Keep something that was observed and is no answer to a request of ours."""
        self._write({"note": name, "lines": list(lines)})

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line, separators=(",", ":"), ensure_ascii=True) + "\n")
            self._file.flush()

    def _line(self, request: Request, answer: Exchange | Unavailable) -> dict[str, Any]:
        red = self.redactor
        asked = (request.method, red.url(request.url), red.headers(request.headers), red.body(request.body))
        line: dict[str, Any] = {"key": key_of(*asked, request.follow), "method": asked[0], "url": asked[1]}
        if isinstance(answer, Unavailable):
            return {**line, "unavailable": asdict(answer)}
        return {
            **line,
            "digest": answer.digest,
            "elapsed": round(answer.elapsed, 6),
            "request": {"headers": answer.request_headers, "body": _armour(answer.request_body)},
            "response": {
                "status": answer.status,
                "url": answer.final_url,
                "headers": answer.headers,
                "body": _armour(red.body(answer.body)),
            },
            "hops": [[hop.url, hop.status, hop.location] for hop in answer.hops],
            "tls": answer.tls,
        }

    def shown(self, digests: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Exchanges as reports show them: request, response, and the command that reproduces the request."""
        found = ((digest, self._exchanges.get(digest)) for digest in dict.fromkeys(digests))
        return {digest: self._shown(exchange) for digest, exchange in found if exchange is not None}

    def _shown(self, exchange: Exchange) -> dict[str, Any]:
        request: dict[str, Any] = {
            "method": exchange.method,
            "url": exchange.url,
            "headers": dict(exchange.request_headers),
        }
        if exchange.request_body:
            request["body"] = _readable(exchange.request_body)
        response: dict[str, Any] = {"status": exchange.status, "headers": dict(exchange.headers)}
        if exchange.hops:
            response["redirects"] = [f"{hop.status} {hop.location}" for hop in exchange.hops]
        if exchange.tls:
            response["tls"] = exchange.tls
        response["body_digest"] = sha256(exchange.body)
        response["body"] = _readable(self.redactor.body(exchange.body))
        return {"request": request, "response": response, "command": command(exchange)}


def command(exchange: Exchange) -> str:
    """The curl line that sends the request again; what was redacted stands there as ``$SECRET``."""
    parts = ["curl", "--silent", "--show-error", "--include"]
    if exchange.method != "GET":
        parts += ["--request", exchange.method]
    if exchange.hops:
        parts += ["--location"]
    if exchange.connect_to:
        split = urlsplit(exchange.url)
        port = split.port or (443 if split.scheme == "https" else 80)
        parts += ["--connect-to", f"{split.hostname}:{port}:{exchange.connect_to}"]
    for name, value in exchange.request_headers:
        if name.lower() not in {"accept-encoding", "user-agent", "content-length", "host"}:
            parts += ["--header", f"{name}: {value}"]
    if exchange.request_body:
        parts += ["--data-binary", exchange.request_body.decode("utf-8", "replace")]
    parts.append(exchange.url)
    line = " ".join(shlex.quote(part) for part in parts)
    return line.replace(REDACTED, "'\"$SECRET\"'") if REDACTED in line else line


def read_recording(path: Path) -> Iterator[tuple[str, Exchange | Unavailable]]:
    """Request keys and answers of a recording, in order; a last line cut short by a kill is left out.

    :raises EvidenceError: a line that is no record.
    """
    for key, found in _records(path):
        if not isinstance(found, tuple):
            yield key, found


def read_notes(path: Path) -> dict[str, tuple[str, ...]]:
    """What a recording has noted besides exchanges, by name.

    :raises EvidenceError: a line that is no record.
    """
    return {name: found for name, found in _records(path) if isinstance(found, tuple)}


def _records(path: Path) -> Iterator[tuple[str, Exchange | Unavailable | tuple[str, ...]]]:
    file = path / "exchanges.jsonl" if path.is_dir() else path
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"{file}: cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            record = json.loads(line)
            if "note" in record:
                yield str(record["note"]), tuple(map(str, record["lines"]))
            else:
                yield record["key"], _answer(record)
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                return
            raise EvidenceError(f"{file}, line {number}: no record of an exchange ({error})") from error


def _answer(record: Mapping[str, Any]) -> Exchange | Unavailable:
    if "unavailable" in record:
        lost = dict(record["unavailable"])
        lost["evidence"] = tuple(lost.get("evidence", ()))
        return Unavailable(**lost)
    request, response = record["request"], record["response"]
    exchange = Exchange(
        method=record["method"],
        url=record["url"],
        status=int(response["status"]),
        request_headers=_pairs(request["headers"]),
        request_body=_disarm(request["body"]),
        final_url=response["url"],
        headers=_pairs(response["headers"]),
        body=_disarm(response["body"]),
        hops=tuple(Hop(str(url), int(status), str(to)) for url, status, to in record.get("hops", ())),
        tls=record.get("tls", ""),
        elapsed=float(record.get("elapsed", 0.0)),
    )
    # The digest was taken before an echoed secret was struck out of the body; findings point at that one.
    exchange.__dict__["digest"] = str(record["digest"])
    return exchange


def _pairs(value: Iterable[Iterable[str]]) -> Headers:
    return tuple((str(key), str(content)) for key, content in value)


def _armour(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _disarm(body: Mapping[str, str]) -> bytes:
    return body["text"].encode("utf-8") if "text" in body else base64.b64decode(body["base64"])


def _readable(body: bytes) -> str:
    if len(body) > _SHOWN_BODY:
        return body[:_SHOWN_BODY].decode("utf-8", "replace") + f"\n[{len(body) - _SHOWN_BODY:,} more bytes]"
    return body.decode("utf-8", "replace")
