"""The issuing half of a node: signs what it is asked to, hands out status indices, changes status bits.

The clock is the dataset's, handed in. The random source is handed in too: indices are drawn at random from what is free
(STS-023), so that a list does not tell in which order credentials were issued.
"""

from __future__ import annotations

import contextlib
import copy
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from joserfc import jwk

from assay.profiles import untp_0_7
from assay.simulator.sandbox import bitstring, status, tokens
from assay.simulator.sandbox.addresses import split_address
from assay.simulator.sandbox.documents import V2_CONTEXT, instant, schema_validator, token_text, untp_type
from assay.simulator.sandbox.faults import HONEST, Faults
from assay.simulator.sandbox.store import NodeStore, Published, SigningKey

__all__ = ["VC_JWT", "Issuer", "RequestError", "enveloped", "payload_of"]

VC_JWT = "application/vc+jwt"
_SPACE = uuid.UUID("6f2c1f6e-6d0b-5c1e-9a58-3f1f5a0c7d11")


class RequestError(ValueError):
    """A request that is not granted: HTTP ``status``, and what to change."""

    def __init__(self, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(slots=True)
class _List:
    """A status list as its issuer keeps it; ``used`` are the indices that are taken."""

    payload: dict[str, Any]
    key: SigningKey
    bits: bytes
    used: set[int]


class Issuer:
    """Issues and changes the status of credentials of the parties whose keys the node holds."""

    def __init__(
        self, store: NodeStore, now: Callable[[], datetime], random: Random, faults: Faults = HONEST
    ) -> None:
        self._store = store
        self._now = now
        self._random = random
        self._faults = faults
        self._count = 0
        self._entries: dict[str, list[status.StatusReference]] = {}

    # -- issuing -------------------------------------------------------------------------------------------------

    def issue(self, credential: Any) -> str:
        """Sign a credential and publish it if its ``id`` lies on this node. Returns the compact token.

        :raises RequestError: not a credential, not one of our issuers, or not fitting its schema.
        """
        if not isinstance(credential, dict):
            raise RequestError("'credential' has to be a JSON object")
        document = copy.deepcopy(credential)
        if "proof" in document:
            raise RequestError("'credential' already carries a proof; remove it")
        key = self._key_for(document)
        self._complete(document, key)
        if "issue-invalid" not in self._faults:
            self._validate(document)
        if "issue-without-status" in self._faults:
            document.pop("credentialStatus", None)
        if "issue-alters-subject" in self._faults:
            _alter(document)
        if "issue-expired" in self._faults:
            document["validFrom"], document["validUntil"] = self._stamp(days=-30), self._stamp(days=-1)
        token = self._sign(document, key)
        self._remember(document)
        host = (split_address(document["id"]).hostname or "").lower()
        if host in self._store.hosts:
            kind = untp_type(document) or "VerifiableCredential"
            self._store.publish(Published(document["id"], VC_JWT, "credential", kind, token.encode()))
        return token

    def _key_for(self, document: dict[str, Any]) -> SigningKey:
        issuer = document.get("issuer")
        did = issuer.get("id") if isinstance(issuer, dict) else issuer
        if did is None and self._store.keys:
            did = next(iter(self._store.keys))
            document["issuer"] = {"type": ["CredentialIssuer"], "id": did, "name": self._store.name}
        key = self._store.keys.get(did) if isinstance(did, str) else None
        if key is None:
            raise RequestError(
                f"issuer {did!r} is none of this node's issuers: {', '.join(self._store.keys) or 'none'}"
            )
        return key

    def _complete(self, document: dict[str, Any], key: SigningKey) -> None:
        self._count += 1
        document.setdefault("@context", [V2_CONTEXT, untp_0_7.CONTEXT_URL])
        if not isinstance(document.get("type"), list):
            raise RequestError("'credential.type' has to be an array that names VerifiableCredential")
        if "id" not in document:
            name = uuid.uuid5(_SPACE, f"{key.did}|{self._count}|{json.dumps(document, sort_keys=True)}")
            document["id"] = f"https://{self._store.hosts[0]}/issued/{name}"
        elif not isinstance(document["id"], str) or not split_address(document["id"]).scheme:
            raise RequestError("'credential.id' has to be an absolute URI; leave it out to have one made")
        elif document["id"] in self._entries:
            raise RequestError(f"a credential with id '{document['id']}' has been issued before", 409)
        document.setdefault("validFrom", self._stamp())
        if (
            document.pop("credentialStatus", None) is not None
            or "BitstringStatusListCredential" not in document["type"]
        ):
            document["credentialStatus"] = self._allocate(key)

    def _validate(self, document: dict[str, Any]) -> None:
        if not isinstance(document["@context"], list) or document["@context"][:1] != [V2_CONTEXT]:
            raise RequestError(f"'credential.@context' has to be an array that begins with {V2_CONTEXT}")
        if "VerifiableCredential" not in document["type"]:
            raise RequestError("'credential.type' has to name VerifiableCredential")
        if (
            not isinstance(document.get("credentialSubject"), dict | list)
            or not document["credentialSubject"]
        ):
            raise RequestError("'credential.credentialSubject' is missing or empty")
        bounds = [instant(document.get(name)) for name in ("validFrom", "validUntil")]
        for name, bound in zip(("validFrom", "validUntil"), bounds, strict=True):
            if name in document and bound is None:
                raise RequestError(f"'credential.{name}' has to be a date-time with zone")
        if bounds[0] and bounds[1] and bounds[1] < bounds[0]:
            raise RequestError("'credential.validUntil' lies before validFrom")
        kind = untp_type(document)
        if kind is None:
            return
        error = next(iter(schema_validator(kind).iter_errors(document)), None)
        if error is not None:
            where = "/".join(str(step) for step in error.instance_path)
            raise RequestError(
                f"'credential/{where}' does not fit the schema of {kind}: {error.message[:300]}"
            )

    def _sign(self, document: dict[str, Any], key: SigningKey) -> str:
        payload = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
        private = key.jwk
        if "issue-wrong-key" in self._faults:
            private = jwk.ECKey.generate_key("P-256").as_dict(private=True)
        typ = "JWT" if "issue-typ-jwt" in self._faults else "vc+jwt"
        return tokens.sign(
            payload, private, None if "issue-without-kid" in self._faults else key.kid, typ=typ
        )

    # -- status --------------------------------------------------------------------------------------------------

    def update(self, identifier: Any, purpose: Any, value: Any) -> dict[str, Any]:
        """Set or clear the status bit of a credential and publish the new list. Returns its status entry.

        :raises RequestError: unknown credential or purpose, or a revocation that is to be taken back.
        """
        if not isinstance(identifier, str) or not isinstance(purpose, str) or not isinstance(value, bool):
            raise RequestError(
                "'credentialId' and 'statusPurpose' have to be strings, 'status' true or false"
            )
        if identifier not in self._entries:
            self._find(identifier)
        known = self._entries.get(identifier)
        if known is None:
            raise RequestError(f"credential '{identifier}' was not issued here", 404)
        for wanted in known:
            held = self._lists.get(wanted.url)
            if wanted.purpose != purpose or held is None:
                continue
            index = wanted.index ^ 1 if "revoke-wrong-bit" in self._faults else wanted.index
            taken_back = purpose == "revocation" and not value and bitstring.get(held.bits, index)
            if taken_back and "revocation-reversible" not in self._faults:
                raise RequestError("a revocation is final and cannot be taken back", 409)
            held.bits = bitstring.put(held.bits, index, value)
            if "stale-status" not in self._faults:
                self._publish(wanted.url, held)
            return _entry(wanted)
        raise RequestError(f"credential '{identifier}' has no status for purpose '{purpose}'", 404)

    def _allocate(self, key: SigningKey) -> dict[str, Any]:
        url, held = next(
            (
                (url, held)
                for url, held in self._lists.items()
                if held.key.did == key.did and "revocation" in status.read_list(held.payload)[0]
            ),
            (None, None),
        )
        if url is None or held is None:
            url, held = self._new_list(key)
        size = len(held.bits) * 8
        if "issue-sequential-index" in self._faults:
            index = max(held.used, default=-1) + 1
        else:
            index = self._random.randrange(size)
            while index in held.used:
                index = self._random.randrange(size)
        held.used.add(index)
        return _entry(status.StatusReference("revocation", index, url))

    def _new_list(self, key: SigningKey) -> tuple[str, _List]:
        url = f"https://{self._store.hosts[0]}/status/{uuid.uuid5(_SPACE, key.did)}"
        payload = {
            "@context": [V2_CONTEXT],
            "id": url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": {"id": key.did, "name": self._store.name},
            "validFrom": self._stamp(),
            "credentialSubject": {
                "id": f"{url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": "revocation",
                "encodedList": bitstring.encode(bytes(bitstring.MINIMUM_BITS // 8)),
            },
        }
        held = _List(payload, key, bytes(bitstring.MINIMUM_BITS // 8), set())
        self._lists[url] = held
        self._publish(url, held)
        return url, held

    def _publish(self, url: str, held: _List) -> None:
        held.payload["credentialSubject"]["encodedList"] = bitstring.encode(held.bits)
        payload = json.dumps(held.payload, separators=(",", ":"), ensure_ascii=False).encode()
        token = tokens.sign(payload, held.key.jwk, held.key.kid)
        self._store.publish(
            Published(url, VC_JWT, "status-list", "BitstringStatusListCredential", token.encode())
        )

    @cached_property
    def _lists(self) -> dict[str, _List]:
        """The lists whose issuers' keys we hold, read when first needed, with the indices that credentials use."""
        lists: dict[str, _List] = {}
        for item in self._store.by_role("status-list"):
            payload = payload_of(item)
            issuer = payload.get("issuer")
            key = self._store.keys.get(issuer.get("id", "") if isinstance(issuer, dict) else str(issuer))
            if key is not None:
                lists[item.url] = _List(payload, key, status.read_list(payload)[1], set())
        for item in self._store.by_role("credential"):
            for wanted in _references(payload_of(item)):
                if wanted.url in lists:
                    lists[wanted.url].used.add(wanted.index)
        return lists

    def _find(self, identifier: str) -> None:
        for item in self._store.by_role("credential"):
            payload = payload_of(item)
            if payload.get("id") == identifier:
                self._remember(payload)
                return

    def _remember(self, document: dict[str, Any]) -> None:
        self._entries[document["id"]] = _references(document)

    def _stamp(self, days: int = 0) -> str:
        return (self._now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def enveloped(token: str) -> dict[str, Any]:
    """A compact token as EnvelopedVerifiableCredential (VCDM 2.0 section 4.13)."""
    return {"@context": [V2_CONTEXT], "id": f"data:{VC_JWT},{token}", "type": "EnvelopedVerifiableCredential"}


def _references(document: dict[str, Any]) -> list[status.StatusReference]:
    """The usable status entries of a credential; a deceiver's dataset may hold others."""
    found = []
    for entry in status.entries(document):
        with contextlib.suppress(status.StatusError):
            found.append(status.reference(entry))
    return found


def _entry(reference: status.StatusReference) -> dict[str, Any]:
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": reference.purpose,
        "statusListIndex": reference.index,
        "statusListCredential": reference.url,
    }


def payload_of(item: Published) -> dict[str, Any]:
    """The payload of a published credential, enveloped or bare, without believing it."""
    text = item.body.decode("utf-8").strip()
    if text.startswith("{"):
        value = json.loads(text)
        inner = token_text(value)
        if inner is None:
            return dict(value)
        text = inner
    return tokens.parse(text).payload


def _alter(document: dict[str, Any]) -> None:
    subject = document["credentialSubject"]
    first = subject[0] if isinstance(subject, list) else subject
    if isinstance(first, dict):
        first["name"] = f"{first.get('name', '')} (altered)"
