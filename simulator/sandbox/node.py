"""One nation's node: an ASGI app that publishes, resolves, issues and verifies, told apart by ``Host`` header and path."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from assay.simulator.sandbox import tokens
from assay.simulator.sandbox.damage import damage_credential, damage_did, damage_linkset, damage_status_list
from assay.simulator.sandbox.faults import HONEST, Faults
from assay.simulator.sandbox.fetch import Fetch
from assay.simulator.sandbox.graph import GraphRequestError, verify_graph
from assay.simulator.sandbox.inquiries import Crash, follow_link, verify_identity
from assay.simulator.sandbox.issuer import Issuer, RequestError, enveloped, payload_of
from assay.simulator.sandbox.openapi import describe
from assay.simulator.sandbox.reasons import Reason, Verdict
from assay.simulator.sandbox.resolving import Resolving
from assay.simulator.sandbox.store import NodeStore, Published
from assay.simulator.sandbox.tokens import TokenError
from assay.simulator.sandbox.verifier import Verifier

__all__ = ["MAX_BODY", "create_app"]

MAX_BODY = 4 * 1024 * 1024
"""Largest request body read, in bytes."""

_TURNS = 8
"""Verifications under way at the same time."""
_PRESENTED = 50
"""Most credentials in one presentation."""
_PROBLEM = "application/problem+json"


def create_app(
    store: NodeStore,
    fetch: Fetch,
    *,
    token: str | None = None,
    faults: Faults = HONEST,
    random: Random | None = None,
) -> Starlette:
    """Assemble the app of one node.

    ``fetch`` is how it looks things up elsewhere, ``token`` the bearer token that owners present (None: no login asked),
    ``random`` draws status indices.
    """
    node = _Node(store, fetch, token, faults, random or Random())  # noqa: S311 - indices are no secrets
    return Starlette(
        routes=[
            Route("/health", node.health, methods=["GET"]),
            Route("/openapi.json", node.openapi, methods=["GET"]),
            Route("/credentials/issue", node.issue, methods=["POST"]),
            Route("/credentials/verify", node.verify, methods=["POST"]),
            Route("/presentations/verify", node.verify_presentation, methods=["POST"]),
            Route("/credentials/status", node.update_status, methods=["POST"]),
            Route("/{path:path}", node.publish, methods=["GET"]),
            Route("/{path:path}", node.add_link, methods=["POST"]),
        ],
        exception_handlers={HTTPException: _problem, Exception: _crashed},
    )


class _Node:
    """The handlers of one node over its store."""

    def __init__(
        self, store: NodeStore, fetch: Fetch, token: str | None, faults: Faults, random: Random
    ) -> None:
        self._store = store
        self._fetch = fetch
        self._token = token
        self._faults = faults
        self._verifier = Verifier(fetch, lambda: store.as_of, faults)
        self._issuer = Issuer(store, lambda: store.as_of, random, faults)
        self._resolving = Resolving(store, faults)
        # A crowd of verifications at once would only make each other's look-ups late.
        self._turns = asyncio.Semaphore(_TURNS)
        self._templates = _template_urls(store) if "template-404" in faults else frozenset()

    # -- about the node ------------------------------------------------------------------------------------------

    async def health(self, request: Request) -> Response:
        self._host(request)
        return JSONResponse(
            {"status": "ok", "nation": self._store.nation, "as_of": self._store.as_of.isoformat()}
        )

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(describe(self._store.name, self._host(request)))

    # -- API -----------------------------------------------------------------------------------------------------

    async def issue(self, request: Request) -> Response:
        self._host(request)
        self._owner(request, unless="issue-anonymous")
        body = await _json(request)
        options = body.get("options")
        try:
            credential = body["credential"]
            if isinstance(options, dict) and isinstance(credential, dict) and "id" not in credential:
                credential = credential | (
                    {"id": options["credentialId"]} if "credentialId" in options else {}
                )
            issued = self._issuer.issue(credential)
        except KeyError as error:
            raise HTTPException(400, "'credential' is missing") from error
        except RequestError as error:
            raise HTTPException(error.status, str(error)) from error
        return JSONResponse({"verifiableCredential": enveloped(issued)}, 201)

    async def update_status(self, request: Request) -> Response:
        self._host(request)
        self._owner(request, unless="anonymous-update-accepted")
        identifier, purpose, value = _status_request(await _json(request))
        try:
            entry = self._issuer.update(identifier, purpose, value)
        except RequestError as error:
            raise HTTPException(error.status, str(error)) from error
        return JSONResponse({"credentialId": identifier, "credentialStatus": entry, "status": value})

    async def verify(self, request: Request) -> Response:
        self._host(request)
        body = await _json(request)
        try:
            async with self._turns:
                verdict = await self._judge(body)
        except Crash as error:
            raise HTTPException(500, "internal error") from error
        return self._told(verdict, silent=self._silent(body))

    def _told(self, verdict: Verdict, *, silent: bool) -> Response:
        if "always-valid" in self._faults:
            verdict = Verdict()
        if "always-invalid" in self._faults:
            verdict = Verdict(
                (*verdict.reasons, Reason("refused", "refused without looking")), verdict.warnings
            )
        if "verifier-crashes" in self._faults and not verdict.verified:
            raise HTTPException(500, "internal error")
        return JSONResponse(_answer(verdict, silent=silent))

    async def verify_presentation(self, request: Request) -> Response:
        """A presentation is accepted when every credential in it is; its own proof is not asked for."""
        self._host(request)
        presented = (await _json(request)).get("verifiablePresentation")
        held = presented.get("verifiableCredential") if isinstance(presented, dict) else None
        held = held if isinstance(held, list) else [held]
        if not isinstance(presented, dict) or not 0 < len(held) <= _PRESENTED or None in held:
            raise HTTPException(400, f"'verifiablePresentation' has to hold one to {_PRESENTED} credentials")
        async with self._turns:
            reasons = [reason for one in held for reason in (await self._verifier.verify(one)).reasons]
        if "reject-presentations" in self._faults:
            reasons.append(Reason("refused", "presentations are not taken"))
        return self._told(Verdict(tuple(reasons)), silent="no-reasons" in self._faults)

    async def _judge(self, body: Mapping[str, Any]) -> Verdict:
        if "link" in body:
            if not isinstance(body["link"], dict):
                raise HTTPException(400, "'link' has to be an object with href and rel")
            return await follow_link(body["link"], self._fetch, self._verifier, self._faults)
        if "graph" in body:
            try:
                return await verify_graph(body, self._verifier, self._faults)
            except GraphRequestError as error:
                raise HTTPException(400, str(error)) from error
        if "verifiableCredential" not in body:
            raise HTTPException(400, "'verifiableCredential' is missing")
        if "identityAnchor" not in body:
            return await self._verifier.verify(body["verifiableCredential"])
        options = body.get("options")
        listed = options.get("trustedRegisters", []) if isinstance(options, dict) else []
        if not isinstance(listed, list):
            raise HTTPException(400, "'options.trustedRegisters' has to be an array of DIDs")
        trusted = self._store.trust_anchors | {did for did in listed if isinstance(did, str)}
        return await verify_identity(
            body["verifiableCredential"], body["identityAnchor"], trusted, self._verifier, self._faults
        )

    def _silent(self, body: Mapping[str, Any]) -> bool:
        submitted = body.get("verifiableCredential")
        foreign = isinstance(submitted, dict) and "proof" in submitted
        return "no-reasons" in self._faults or (foreign and "reject-other-proofs-silently" in self._faults)

    # -- publishing ----------------------------------------------------------------------------------------------

    async def publish(self, request: Request) -> Response:
        host, path = self._host(request), _raw_path(request)
        resolved = self._resolving.answer(
            host, path, request.query_params, request.headers.get("accept-language", ""), str(request.url)
        )
        if resolved is not None:
            return resolved
        query = request.url.query
        item = (self._store.files.get((host, f"{path}?{query}")) if query else None) or self._store.files.get(
            (host, path)
        )
        if item is not None:
            return self._serve(item)
        if "listing-on" in self._faults:
            listing = self._listing(host, path)
            if listing is not None:
                return listing
        return self._resolving.unknown(host, path, query)

    async def add_link(self, request: Request) -> Response:
        host, path = self._host(request), _raw_path(request)
        if not self._resolving.knows(host, path):
            raise HTTPException(405, "nothing can be posted here", {"Allow": "GET, HEAD"})
        self._owner(request, unless="anonymous-link-accepted")
        body = await _json(request)
        try:
            self._resolving.add(host, path, body.get("relation"), body.get("target"))
        except RequestError as error:
            raise HTTPException(error.status, str(error)) from error
        return JSONResponse({"anchor": f"https://{host}{path}"}, 201)

    def _serve(self, item: Published) -> Response:
        faults, headers = self._faults, {"Access-Control-Allow-Origin": "*"}
        if item.role == "did":
            if "did-http-404" in faults:
                raise HTTPException(404, "no such document")
            item = damage_did(item, faults, self._store.keys)
        elif item.role == "status-list":
            if "list-404" in faults:
                raise HTTPException(404, "no such document")
            headers["Cache-Control"] = _cache_control(item, faults)
            item = damage_status_list(item, faults, self._store.keys)
        elif item.role == "credential":
            if "credential-401" in faults:
                raise HTTPException(401, "log in to read credentials", {"WWW-Authenticate": "Bearer"})
            item = damage_credential(item, faults, self._store.keys)
        elif item.role.startswith("copy at "):
            if "archives-gone" in faults or ("second-archive-gone" in faults and "second" in item.role):
                raise HTTPException(404, "no copy is kept here")
            if "copies-altered" in faults:
                item = damage_credential(item, Faults(["credential-altered"]), self._store.keys)
        elif item.role == "linkset":
            content = damage_linkset(json.loads(item.body), faults)
            return self._resolving.linkset_response(content, headers)
        elif item.url in self._templates:
            raise HTTPException(404, "no such document")
        return Response(item.body, media_type=None, headers={**headers, "Content-Type": item.media_type})

    def _listing(self, host: str, path: str) -> Response | None:
        folder = path if path.endswith("/") else f"{path}/"
        inside = sorted(
            target for at, target in self._store.files if at == host and target.startswith(folder)
        )
        if not inside:
            return None
        rows = "".join(f'<li><a href="{target}">{target}</a></li>' for target in inside)
        return HTMLResponse(f"<!doctype html><title>Index of {folder}</title><ul>{rows}</ul>")

    # -- who asks ------------------------------------------------------------------------------------------------

    def _host(self, request: Request) -> str:
        host = (request.headers.get("host") or "").rpartition(":")[0] or request.headers.get("host") or ""
        host = host.lower()
        if host not in self._store.hosts:
            raise HTTPException(421, f"this node does not answer for host '{host}'")
        return host

    def _owner(self, request: Request, *, unless: str) -> None:
        if self._token is None or unless in self._faults:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            given.strip().encode(), self._token.encode()
        ):
            raise HTTPException(401, "an owner's bearer token is required", {"WWW-Authenticate": "Bearer"})


def _raw_path(request: Request) -> str:
    raw = request.scope.get("raw_path")
    return raw.decode("ascii", "replace").partition("?")[0] if isinstance(raw, bytes) else request.url.path


async def _json(request: Request) -> dict[str, Any]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise HTTPException(415, "the request has to be application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"the request is larger than {MAX_BODY} bytes")
    try:
        content = tokens.parse_json(bytes(body), "request")
    except TokenError as error:
        raise HTTPException(400, str(error)) from error
    if not isinstance(content, dict):
        raise HTTPException(400, "the request has to be a JSON object")
    return content


def _status_request(body: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Credential, purpose and value from the current body and from the older one with an array of statuses."""
    wanted, value = body.get("credentialStatus"), body.get("status", True)
    if isinstance(wanted, list):
        wanted = wanted[0] if len(wanted) == 1 else None
        if isinstance(wanted, dict) and wanted.get("status") in ("0", "1"):
            value = wanted["status"] == "1"
    if not isinstance(wanted, dict):
        raise HTTPException(400, "'credentialStatus' has to be an object with statusPurpose")
    return body.get("credentialId"), wanted.get("statusPurpose", "revocation"), value


def _answer(verdict: Verdict, *, silent: bool) -> dict[str, Any]:
    problems = [] if silent else [reason.problem() for reason in verdict.reasons]
    return {
        "verified": verdict.verified,
        "problemDetails": problems,
        "errors": [f"{problem['title']}: {problem['detail']}" for problem in problems],
        "warnings": [warning.problem() for warning in verdict.warnings],
    }


def _cache_control(item: Published, faults: Faults) -> str:
    if "list-cache-forever" in faults:
        return "public, max-age=31536000"
    subject = payload_of(item).get("credentialSubject")
    ttl = subject.get("ttl") if isinstance(subject, dict) else None
    return f"public, max-age={ttl // 1000}" if isinstance(ttl, int) and ttl > 0 else "no-cache"


def _template_urls(store: NodeStore) -> frozenset[str]:
    found = set()
    for item in store.by_role("credential"):
        methods = payload_of(item).get("renderMethod")
        for method in methods if isinstance(methods, list) else []:
            found.add(str(method.get("url")))
    return frozenset(found)


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    content = {
        "type": "about:blank",
        "status": error.status_code,
        "title": _title(error),
        "detail": error.detail,
    }
    return JSONResponse(content, error.status_code, dict(error.headers or {}), media_type=_PROBLEM)


async def _crashed(request: Request, error: Exception) -> Response:
    content = {
        "type": "about:blank",
        "status": 500,
        "title": "Internal Server Error",
        "detail": "internal error",
    }
    return JSONResponse(content, 500, media_type=_PROBLEM)


def _title(error: HTTPException) -> str:
    return HTTPException(error.status_code).detail
