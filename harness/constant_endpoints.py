"""The self-test of trials against endpoints that know nothing: whatever is asked, the answer is the same, and nothing passes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assay.harness.checks import Check
from assay.harness.evidence import Exchange, Request
from assay.harness.exercise import exercise
from assay.harness.manifest import Manifest
from assay.harness.results import Outcome
from assay.harness.selftest import Failure, GroupReport, load_bases
from assay.harness.transport import MemoryTransport
from assay.profiles.catalogue import Requirement

__all__ = ["CONSTANT_REPLIES", "constant_endpoints", "passed_by"]

CONSTANT_REPLIES: tuple[tuple[int, str, bytes], ...] = (
    (200, "", b""),
    (200, "application/json", b"{}"),
    (200, "application/json", b"[]"),
    (200, "application/json", b"true"),
    (200, "application/json", b'{"verified":true}'),
    (200, "application/json", b'{"verified":true,"checks":["proof"],"warnings":[],"errors":[]}'),
    (200, "application/json", b'{"verified":false,"errors":["invalid"]}'),
    (400, "application/json", b'{"verified":false,"errors":["invalid"]}'),
    (201, "application/json", b'{"verifiableCredential":{}}'),
    (200, "application/linkset+json", b'{"linkset":[]}'),
    (200, "application/linkset+json", b'{"linkset":[{}]}'),
    (200, "text/html", b"<html>"),
    (204, "", b""),
    (404, "", b""),
    (500, "", b""),
    (401, "application/json", b"{}"),
)
"""Status, media type and body that an endpoint gives to every request."""

_AS_OF = datetime(2026, 11, 22, tzinfo=UTC)
_ENDPOINT = {"endpoint": "https://c.example", "auth": "env:T"}
_MANIFEST: Mapping[str, Any] = {
    "system": {
        "name": "constant",
        "identifiers": ["https://c.example/1", "did:web:c.example"],
        "features": ["verify-links", "verify-identity", "verify-graph", "verify-presentations", "untp-0.6"],
    },
    "roles": {
        "issuer": _ENDPOINT,
        "verifier": _ENDPOINT,
        "status": _ENDPOINT,
        "publisher": {"archives": ["https://c.example/copies?of={url}"]},
        "resolver": {"writes": True, "delegated": "https://c.example/delegated"},
    },
}


def passed_by(
    reply: tuple[int, str, bytes],
    requirements: Mapping[str, Requirement],
    checks: Mapping[str, Sequence[Check]],
) -> set[str]:
    """The rows that an endpoint passes in all roles together when it gives one reply to everything."""
    status, media_type, body = reply
    headers = (("Content-Type", media_type),) if media_type else ()

    async def answer(request: Request) -> Exchange:
        return Exchange(
            request.method, request.url, status, final_url=request.url, headers=headers, body=body
        )

    manifest = Manifest.model_validate(_MANIFEST).model_copy(update={"secrets": {"env:T": "token"}})
    harvest = asyncio.run(exercise(manifest, MemoryTransport(answer), load_bases(), _AS_OF, authority_log=[]))
    results = harvest.results(requirements, checks)(0)
    return {result.requirement.id for result in results if result.outcome is Outcome.PASSED}


def constant_endpoints(
    requirements: Mapping[str, Requirement], checks: Mapping[str, Sequence[Check]]
) -> GroupReport:
    """No reply that is always the same passes a row of any role."""
    failures = []
    for reply in CONSTANT_REPLIES:
        status, _, body = reply
        where = f"always {status} {body.decode()!r}"
        failures += [Failure(row, where, "passes") for row in sorted(passed_by(reply, requirements, checks))]
    count = len(CONSTANT_REPLIES)
    wrong = len({failure.where for failure in failures})
    return GroupReport("constant endpoints", count, count - wrong, count, tuple(failures))
