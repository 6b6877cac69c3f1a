"""Observations of a sandbox node, each of one behaviour: what the fault tests compare between nodes."""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from assay.simulator.sandbox import bitstring
from assay.simulator.sandbox.example import (
    ARCHIVES,
    CLASS,
    DELEGATED,
    ITEM,
    KEYS,
    PASSPORT_INDEX,
    REFINER,
    REGISTER,
    RESOLVER,
    STATUS,
    base,
)
from assay.simulator.sandbox.example_tokens import sign, unb64
from assay.simulator.sandbox.faults import HONEST, Faults
from assay.simulator.sandbox.inprocess import Reply, Web, ask
from assay.simulator.sandbox.node import create_app
from assay.simulator.sandbox.store import NodeStore, split
from assay.simulator.sandbox.tokens import CredentialToken, parse
from tests.simulator.sandbox_cases import HOST, ISSUER, MAIN, authority, cases, passport

API = "https://saebyeok-lithium.example"
OWNER = {"Authorization": "Bearer owner"}
TEMPLATE = "https://templates.ledgerwren.example/product-passport/print.svg"
PASSPORT = base("dpp")["id"]
COPY = f"https://{{}}/copies?of={quote(PASSPORT, safe='')}"


@dataclass
class Scene:
    """A node under observation; the nodes that it looks things up at are honest."""

    store: NodeStore
    web: Web
    app: Any

    @classmethod
    def of(cls, store: NodeStore, faults: Faults = HONEST, web: Web | None = None) -> Scene:
        """A fresh node over a copy of the store, which its probes may change."""
        own = replace(store, files=dict(store.files), resolvables=dict(store.resolvables))
        if web is None:
            web = authority(Web())
            honest = create_app(store, web, token="owner")
            web.apps |= dict.fromkeys(store.hosts, honest)
        return cls(own, web, create_app(own, web, token="owner", faults=faults, random=Random(7)))

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        return await ask(self.app, "GET", url, headers=dict(headers or {}))

    async def post(self, path: str, body: Any, *, owner: bool = True) -> Reply:
        return await ask(self.app, "POST", f"{API}{path}", json_body=body, headers=OWNER if owner else {})

    async def verdict(self, body: Mapping[str, Any], path: str = "/credentials/verify") -> Any:
        """Status, or verdict with reason codes."""
        reply = await self.post(path, body, owner=False)
        if reply.status != 200:
            return reply.status
        return reply.json["verified"], sorted(problem["code"] for problem in reply.json["problemDetails"])

    async def contexts(self) -> list[dict[str, Any]]:
        """The contexts of the item's linkset; empty where none is served."""
        reply = await self.get(f"{ITEM}?linkType=linkset")
        if reply.status != 200 or reply.body[:1] != b"{":
            return []
        content = reply.json
        return list(content.get("linkset") or content.get("links") or [])

    async def targets(self) -> list[dict[str, Any]]:
        return [
            target
            for context in await self.contexts()
            for value in context.values()
            if isinstance(value, list)
            for target in value
        ]

    async def status_list(self) -> dict[str, Any]:
        """The payload of the status list as served; empty where there is none."""
        reply = await self.get(STATUS)
        if reply.status != 200:
            return {}
        return reply.json if reply.body[:1] == b"{" else parse(reply.body.decode()).payload

    async def bits(self) -> bytes:
        encoded = (await self.status_list()).get("credentialSubject", {}).get("encodedList")
        return bitstring.decode("u" + encoded.removeprefix("u")) if encoded else b""

    async def issue(self, **changes: Any) -> CredentialToken | None:
        document = {k: v for k, v in (base("dpp") | changes).items() if k not in ("id", "credentialStatus")}
        reply = await self.post("/credentials/issue", {"credential": document})
        if reply.status != 201:
            return None
        return parse(reply.json["verifiableCredential"]["id"].partition(",")[2])

    async def issued(self) -> CredentialToken:
        token = await self.issue()
        assert token is not None
        return token


Probe = Callable[[Scene], Awaitable[Any]]


def _asks(body: Mapping[str, Any]) -> Probe:
    return lambda scene: scene.verdict(body)


def _verifications() -> dict[str, Probe]:
    found: dict[str, Probe] = {}
    for name, (submitted, _) in cases().items():
        found[f"verify: {name}"] = _asks({"verifiableCredential": submitted})
    at = f"https://{HOST}"
    for name, path, rel in (
        ("passport as dpp", "/links/passport", "dpp"),
        ("certificate as dpp", "/links/certificate", "dpp"),
        ("page as dpp", "/links/page", "dpp"),
        ("server error", "/links/crash", "dpp"),
        ("loop", "/links/loop", "dpp"),
        ("linkset", "/01/1", "linkset"),
        ("shop page as linkset", "/01/2", "linkset"),
    ):
        found[f"link: {name}"] = _asks(
            {"link": {"href": at + path, "rel": rel, "type": "application/vc+jwt"}}
        )
    stranger = copy.deepcopy(base("dia")) | {
        "issuer": {"type": ["CredentialIssuer"], "id": ISSUER, "name": "Stranger"}
    }
    del stranger["credentialStatus"]
    ours, anchor = sign(base("dpp"), KEYS[REFINER]), sign(base("dia"), KEYS[REGISTER])
    for name, credential, anchored in (
        ("anchored", ours, anchor),
        ("anchor of another", sign(passport(), MAIN), anchor),
        ("anchor by a stranger", ours, sign(stranger, MAIN)),
        ("anchor of another kind", ours, ours),
    ):
        found[f"identity: {name}"] = _asks({"verifiableCredential": credential, "identityAnchor": anchored})
    found["present: good"] = _presents(sign(passport(), MAIN))
    found["present: not a token"] = _presents("x")
    found["link: well-known asked"] = _well_known_asked
    return found


def _presents(token: str) -> Probe:
    held = {"type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{token}"}
    body = {"verifiablePresentation": {"type": ["VerifiablePresentation"], "verifiableCredential": [held]}}

    async def look(scene: Scene) -> Any:
        return await scene.verdict(body, "/presentations/verify")

    return look


async def _well_known_asked(scene: Scene) -> Any:
    scene.web.asked.clear()
    await scene.verdict({"link": {"href": f"https://{HOST}/01/1", "rel": "linkset"}})
    return f"https://{HOST}/.well-known/resolver" in scene.web.asked


def _resolves(url: str, headers: Mapping[str, str] | None = None) -> Probe:
    async def look(scene: Scene) -> Any:
        reply = await scene.get(url, headers)
        return reply.status, reply.headers.get("location")

    return look


def _resolutions() -> dict[str, Probe]:
    return {
        "resolve: default": _resolves(ITEM),
        "resolve: default of the class": _resolves(CLASS),
        "resolve: dpp": _resolves(f"{ITEM}?linkType=dpp"),
        "resolve: of the class above": _resolves(f"{ITEM}?linkType=dfr"),
        "resolve: unknown relation": _resolves(f"{ITEM}?linkType=assay-no-such-relation"),
        "resolve: linkset": _resolves(f"{ITEM}?linkType=linkset"),
        "resolve: all": _resolves(f"{ITEM}?linkType=all"),
        "resolve: language by header": _resolves(ITEM, {"Accept-Language": "de;q=0.2, ko"}),
        "resolve: language by query": _resolves(f"{ITEM}?language=ko", {"Accept-Language": "en"}),
        "resolve: malformed": _resolves(f"{CLASS}/batch/%3Cnot%20an%20identifier%3E"),
        "resolve: unknown": _resolves(f"{CLASS}/batch/assay-unknown-0000"),
        "resolve: delegated": _resolves(f"{DELEGATED}?linkType=all"),
        "resolve: well-known": _resolves(f"https://{RESOLVER}/.well-known/resolver"),
    }


async def _linkset_media_type(scene: Scene) -> Any:
    return (await scene.get(f"{ITEM}?linkType=linkset")).media_type


async def _linkset_member(scene: Scene) -> Any:
    reply = await scene.get(f"{ITEM}?linkType=linkset")
    return sorted(reply.json) if reply.body[:1] == b"{" else None


async def _anchors(scene: Scene) -> Any:
    return [context.get("anchor") for context in await scene.contexts()]


async def _relations(scene: Scene) -> Any:
    return [
        sorted(k for k, v in context.items() if isinstance(v, list)) for context in await scene.contexts()
    ]


def _target_member(name: str) -> Probe:
    async def look(scene: Scene) -> Any:
        return [target.get(name) for target in await scene.targets()]

    return look


async def _anonymous_link(scene: Scene) -> Any:
    body = {"relation": "dte", "target": {"href": "https://x.example/e", "title": "Event"}}
    return (await ask(scene.app, "POST", ITEM, json_body=body)).status


def _linksets() -> dict[str, Probe]:
    members = ("href", "title", "type", "hreflang", "rel", "method", "accessRole", "size")
    return {
        "linkset: media type": _linkset_media_type,
        "linkset: member": _linkset_member,
        "linkset: anchors": _anchors,
        "linkset: relations": _relations,
        **{f"linkset: {name}": _target_member(name) for name in members},
    }


def _served(url: str, what: str) -> Probe:
    async def look(scene: Scene) -> Any:
        reply = await scene.get(url)
        if what == "status":
            return reply.status
        if reply.status != 200:
            return None
        return reply.body if what == "body" else reply.headers.get(what)

    return look


async def _list_proof(scene: Scene) -> Any:
    reply = await scene.get(STATUS)
    if reply.body[:2] != b"ey":
        return None
    return _signed_by(parse(reply.body.decode()), REFINER)


def _list_member(*path: str) -> Probe:
    async def look(scene: Scene) -> Any:
        value: Any = await scene.status_list()
        for name in path:
            value = value.get(name, {})
        return value

    return look


async def _list_prefix(scene: Scene) -> Any:
    encoded = (await scene.status_list()).get("credentialSubject", {}).get("encodedList", "")
    return encoded[:1]


async def _list_start(scene: Scene) -> Any:
    return (await scene.bits())[:64]


async def _list_length(scene: Scene) -> Any:
    return len(await scene.bits())


def _lists() -> dict[str, Probe]:
    return {
        "list: status": _served(STATUS, "status"),
        "list: media type": _served(STATUS, "content-type"),
        "list: caching": _served(STATUS, "cache-control"),
        "list: proof": _list_proof,
        "list: type": _list_member("type"),
        "list: subject type": _list_member("credentialSubject", "type"),
        "list: purpose": _list_member("credentialSubject", "statusPurpose"),
        "list: prefix": _list_prefix,
        "list: start": _list_start,
        "list: length": _list_length,
    }


def _did_documents() -> dict[str, Probe]:
    url = f"{API}/.well-known/did.json"

    def member(name: str, inner: str = "") -> Probe:
        async def look(scene: Scene) -> Any:
            reply = await scene.get(url)
            found = reply.json.get(name) if reply.status == 200 else None
            return [item.get(inner) for item in found] if inner and found else found

        return look

    return {
        "did: status": _served(url, "status"),
        "did: media type": _served(url, "content-type"),
        "did: id": member("id"),
        "did: assertion": member("assertionMethod"),
        "did: methods": member("verificationMethod", "id"),
        "did: keys": member("verificationMethod", "publicKeyJwk"),
        "did: service": member("service"),
    }


def _publications() -> dict[str, Probe]:
    return {
        "credential: status": _served(PASSPORT, "status"),
        "credential: media type": _served(PASSPORT, "content-type"),
        "credential: body": _served(PASSPORT, "body"),
        "copy: first": _served(COPY.format(ARCHIVES[0]), "body"),
        "copy: second": _served(COPY.format(ARCHIVES[1]), "body"),
        "page: template": _served(TEMPLATE, "status"),
        "page: folder": _served(f"{API}/credentials/", "status"),
    }


def _wanted(value: bool = True) -> dict[str, Any]:
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    return {"credentialId": PASSPORT, "credentialStatus": entry, "status": value}


async def _anonymous_update(scene: Scene) -> Any:
    return (await scene.post("/credentials/status", _wanted(), owner=False)).status


async def _update_effect(scene: Scene) -> Any:
    """Status and the byte of the list in which the passport's bit stands, from the node's own shelf."""
    reply = await scene.post("/credentials/status", _wanted())
    payload = parse(scene.store.files[split(STATUS)].body.decode()).payload
    return reply.status, bitstring.decode(payload["credentialSubject"]["encodedList"])[PASSPORT_INDEX // 8]


async def _taken_back(scene: Scene) -> Any:
    await scene.post("/credentials/status", _wanted())
    return (await scene.post("/credentials/status", _wanted(False))).status


async def _anonymous_issue(scene: Scene) -> Any:
    return (await scene.post("/credentials/issue", {"credential": base("dpp")}, owner=False)).status


async def _backwards_issue(scene: Scene) -> Any:
    return await scene.issue(validUntil="2020-01-01T00:00:00Z") is None


async def _issued_header(scene: Scene) -> Any:
    return dict((await scene.issued()).header)


async def _issued_by(scene: Scene) -> Any:
    return _signed_by(await scene.issued(), REFINER)


def _issued_member(*names: str) -> Probe:
    async def look(scene: Scene) -> Any:
        payload = (await scene.issued()).payload
        return [payload.get(name) for name in names]

    return look


async def _issued_indices(scene: Scene) -> Any:
    """Whether three indices in a row follow each other; None where there are none."""
    entries = [(await scene.issued()).payload.get("credentialStatus") for _ in range(3)]
    found = [entry["statusListIndex"] for entry in entries if entry]
    return found == list(range(found[0], found[0] + 3)) if found else None


async def _issued_has_status(scene: Scene) -> Any:
    return "credentialStatus" in (await scene.issued()).payload


def _changes() -> dict[str, Probe]:
    return {
        "links: anonymous": _anonymous_link,
        "update: anonymous": _anonymous_update,
        "update: effect": _update_effect,
        "update: taken back": _taken_back,
        "issue: anonymous": _anonymous_issue,
        "issue: backwards validity": _backwards_issue,
        "issue: header": _issued_header,
        "issue: key": _issued_by,
        "issue: subject": _issued_member("credentialSubject"),
        "issue: validity": _issued_member("validFrom", "validUntil"),
        "issue: status": _issued_has_status,
        "issue: indices": _issued_indices,
    }


def _signed_by(token: CredentialToken, did: str) -> bool:
    head, _, signature = token.text.rpartition(".")
    raw = unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public = KEYS[did].private.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    try:
        public.verify(der, head.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


VERIFYING = _verifications()
READING = {**_resolutions(), **_linksets(), **_lists(), **_did_documents(), **_publications()}
CHANGING = _changes()
PROBES: dict[str, Probe] = {**VERIFYING, **READING, **CHANGING}
SAMPLE = (
    "verify: good",
    "verify: revoked",
    "verify: tampered payload",
    "link: passport as dpp",
    "identity: anchored",
)
"""Verifications that are repeated for faults of the other roles."""
OTHERS = ("resolve: default", "linkset: href", "list: start", "did: id", "credential: body", "issue: key")
"""What the other roles do, repeated for faults of the verifier."""


def dumped(observations: Mapping[str, Any]) -> dict[str, str]:
    """Observations as text, comparable."""
    return {name: json.dumps(value, default=str, sort_keys=True) for name, value in observations.items()}
