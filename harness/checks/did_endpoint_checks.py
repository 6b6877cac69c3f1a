"""DID documents as they are served (DID rows decided by HTTP)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import NotApplicable, Remark, Undecided, check
from assay.harness.material import DidDocument
from assay.harness.results import Finding
from assay.harness.trials import HttpTrial, reached

__all__: list[str] = []

_MODERN = frozenset({"TLSv1.2", "TLSv1.3"})
_TYPES = frozenset({"application/did+json", "application/did+ld+json", "application/did", "application/json"})


@check("DID-007", trial="published-did-document")
def modern_tls(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """DID documents are served over TLS 1.2 or later."""
    answer = reached(trial, "get")
    if not answer.tls and answer.url.startswith("https:"):
        raise NotApplicable("the TLS version was not recorded")
    if answer.tls not in _MODERN:
        yield Finding(
            at=trial.location(),
            expected="TLS 1.2 or 1.3",
            received=answer.tls or "plain http",
            hint="did:web resolves over HTTPS.",
            evidence=(answer.digest,),
        )


@check("DID-016", trial="published-did-document")
def did_media_type(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A DID document is served with a media type that says so, or as JSON."""
    answer = reached(trial, "get")
    if answer.status != 200:
        raise NotApplicable(f"no document was served: {answer.status}")
    if answer.media_type not in _TYPES and not answer.media_type.endswith("+json"):
        yield Finding(
            at=trial.location(),
            expected="application/did or application/json",
            received=answer.header("content-type")[:80] or "no Content-Type",
            hint="Browser-style clients refuse to read JSON under other types.",
            evidence=(answer.digest,),
        )
    if not (isinstance(trial.document, DidDocument) and _has_id(trial.document.value)):
        raise Undecided("what was served is no DID document, so its media type says nothing")


def _has_id(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str)
