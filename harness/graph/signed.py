"""The honest chain of ``fixtures/graph`` as signed credentials, for graph verifiers: every party of it is a DID of the harness's authority."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from assay.harness.authority import REVOKED, Authority
from assay.harness.authority import chain_party as party_of
from assay.harness.graph.selftest import changed_chain, honest_chain

__all__ = ["GraphSet", "SetOfTrial", "graph_set", "graph_trials"]

_DIGEST = re.compile(r"\{digest of ([\w-]+)\}")
_DID = re.compile(r"did:web:([a-z0-9.-]+)\.example")
_KEPT = 256


@dataclass(frozen=True, slots=True)
class GraphSet:
    """What a graph verifier is sent: tokens (a JSON object where one is not signed), vocabularies and trust anchors."""

    credentials: tuple[str | Mapping[str, Any], ...]
    vocabularies: tuple[Mapping[str, Any], ...]
    anchors: tuple[str, ...]


SetOfTrial = Mapping[str, Any]
"""One set of a trial as ``fixtures/graph/trials.yaml`` writes it."""


@cache
def graph_trials() -> tuple[Mapping[str, Any], ...]:
    """The trials as written."""
    text = (files("assay.fixtures") / "graph" / "trials.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text))


@lru_cache(maxsize=_KEPT)
def _token(authority: Authority, text: str, spoilt: bool) -> str:
    payload = json.loads(text)
    did = payload["issuer"]["id"]
    token = authority.token(payload, key=authority.key_of(did.rpartition(":")[2]), kid=f"{did}#key-1")
    if not spoilt:
        return token
    head, _, signature = token.rpartition(".")
    # The first character carries six whole bits, so another one is another signature.
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def graph_set(authority: Authority, changes: SetOfTrial) -> GraphSet:
    """The chain with a set's changes, signed. Digests of documents that are left out are those of the honest ones.

    :raises OperationError: changes that do not fit the chain.
    """
    content = honest_chain()
    values = changed_chain(content, changes)
    broken, unsigned = changes.get("broken", {}), set(changes.get("unsigned", ()))
    credentials: list[str | Mapping[str, Any]] = []
    vocabularies: list[Mapping[str, Any]] = []

    def ours(value: Mapping[str, Any]) -> str:
        return _DID.sub(lambda found: party_of(authority, found.group(1)), json.dumps(value))

    def secured(name: str) -> str:
        value = dict(values.get(name, content["documents"].get(name, {})))
        if broken.get(name) == "revoked":
            value["credentialStatus"] = authority.entry("revocation", REVOKED)
        text = _DIGEST.sub(lambda found: _digest(secured(found.group(1))), ours(value))
        return _token(authority, text, broken.get(name) == "signature")

    for name, value in values.items():
        if "issuer" not in value:
            vocabularies.append(json.loads(ours(value)))
        elif name in unsigned:
            credentials.append(json.loads(ours(value)))
        else:
            credentials.append(secured(name))
    anchors = changes.get("anchors", content["trust_anchors"])
    return GraphSet(
        tuple(credentials),
        tuple(vocabularies),
        tuple(_DID.sub(lambda found: party_of(authority, found.group(1)), did) for did in anchors),
    )


def _digest(token: str) -> str:
    """``digestMultibase`` of a token: SHA-256 as a multihash, in base64url."""
    hashed = b"\x12\x20" + hashlib.sha256(token.encode()).digest()
    return "u" + urlsafe_b64encode(hashed).decode().rstrip("=")
