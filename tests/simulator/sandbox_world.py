"""A dataset made by hand for the tests of the sandbox: two nations, three issuers, one product with its class above it.

It is signed with ``cryptography`` directly, so that a mistake in the sandbox's own signing cannot hide.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from assay.simulator.sandbox.fetch import Answer, FetchError

BASES = Path(__file__).resolve().parents[2] / "fixtures" / "bases"
AS_OF = "2026-11-22T00:00:00Z"
V2 = "https://www.w3.org/ns/credentials/v2"
REFINER = "did:web:saebyeok-lithium.example"
REGISTER = "did:web:business-register.korea.example"
PACKER = "did:web:pack.example"
RESOLVER = "id.saebyeok-lithium.example"
ITEM = f"https://{RESOLVER}/product/lioh-56/batch/L26-0412/item/BB-0007"
CLASS = f"https://{RESOLVER}/product/lioh-56"
STATUS = "https://saebyeok-lithium.example/status/1"
PASSPORT_INDEX = 4711
TTL = 300_000


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base(name: str) -> dict[str, Any]:
    return json.loads((BASES / f"{name}.json").read_bytes())


@dataclass
class Key:
    """A P-256 or Ed25519 test key under a DID URL."""

    kid: str
    private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

    @property
    def public_jwk(self) -> dict[str, str]:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(self.private.public_key().public_bytes_raw())}
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": b64(numbers.x.to_bytes(32)),
            "y": b64(numbers.y.to_bytes(32)),
        }

    @property
    def private_jwk(self) -> dict[str, str]:
        assert isinstance(self.private, ec.EllipticCurvePrivateKey)
        return {**self.public_jwk, "d": b64(self.private.private_numbers().private_value.to_bytes(32))}

    def raw_signature(self, data: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(data)
        r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def key(kid: str, number: int) -> Key:
    return Key(kid, ec.derive_private_key(number, ec.SECP256R1()))


def sign(payload: Any, by: Key, **header: Any) -> str:
    """A compact token; ``header`` members override, None removes one."""
    alg = "EdDSA" if isinstance(by.private, ed25519.Ed25519PrivateKey) else "ES256"
    full = {"alg": alg, "kid": by.kid, "typ": "vc+jwt", "cty": "vc", **header}
    head = b64(json.dumps({k: v for k, v in full.items() if v is not None}).encode())
    body = b64(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    return f"{head}.{body}.{b64(by.raw_signature(f'{head}.{body}'.encode()))}"


def bits(*indices: int, size: int = 131_072) -> str:
    field_ = bytearray(size // 8)
    for index in indices:
        field_[index // 8] |= 0x80 >> (index % 8)
    return "u" + b64(gzip.compress(bytes(field_), mtime=0))


def status_list(url: str, issuer: str, encoded: str, purpose: str = "revocation") -> dict[str, Any]:
    return {
        "@context": [V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "ttl": TTL,
            "encodedList": encoded,
        },
    }


def did_document(did: str, *keys: Key, assertion: bool = True, **members: Any) -> dict[str, Any]:
    methods = [
        {"id": k.kid, "type": "JsonWebKey", "controller": did, "publicKeyJwk": k.public_jwk} for k in keys
    ]
    document = {"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "verificationMethod": methods}
    if assertion:
        document["assertionMethod"] = [k.kid for k in keys]
    return document | members


KEYS = {did: key(f"{did}#key-1", 101 + n) for n, did in enumerate((REFINER, REGISTER, PACKER))}


def target(href: str, title: str, **members: Any) -> dict[str, Any]:
    return {"href": href, "title": title, "type": "application/vc+jwt", "rel": ["item"], **members}


def linksets() -> dict[str, Any]:
    passport = base("dpp")["id"]
    return {
        ITEM: {
            "linkset": [
                {
                    "anchor": ITEM,
                    "dpp": [
                        target(passport, "Passport", hreflang=["en"]),
                        target(f"{passport}-ko", "Passport (Korean)", hreflang=["ko"]),
                        target(f"{passport}-old", "Passport, first version", rel=["predecessor-version"]),
                    ],
                    "dte": [
                        target(
                            ITEM,
                            "Add an event",
                            rel=["edit"],
                            method=["POST", "Authorization"],
                            accessRole=["untp:accessRole#Owner"],
                        )
                    ],
                }
            ]
        },
        CLASS: {
            "linkset": [
                {"anchor": CLASS, "dfr": [target("https://saebyeok-lithium.example/facility", "Facility")]}
            ]
        },
    }


def build(folder: Path) -> Path:
    """Write the dataset and return its folder."""
    passport, anchor = base("dpp"), base("dia")
    korean = {**copy.deepcopy(passport), "id": f"{passport['id']}-ko"}
    old = {**copy.deepcopy(passport), "id": f"{passport['id']}-old", "validFrom": "2026-03-12T08:00:00Z"}
    jwt = "application/vc+jwt"
    korea: list[tuple[str, str, str, str, bytes]] = [
        (passport["id"], jwt, "credential", "DigitalProductPassport", sign(passport, KEYS[REFINER]).encode()),
        (korean["id"], jwt, "credential", "DigitalProductPassport", sign(korean, KEYS[REFINER]).encode()),
        (old["id"], jwt, "credential", "DigitalProductPassport", sign(old, KEYS[REFINER]).encode()),
        (anchor["id"], jwt, "credential", "DigitalIdentityAnchor", sign(anchor, KEYS[REGISTER]).encode()),
        (STATUS, jwt, "status-list", "", sign(status_list(STATUS, REFINER, bits(7)), KEYS[REFINER]).encode()),
        (
            "https://business-register.korea.example/status/1",
            jwt,
            "status-list",
            "",
            sign(
                status_list("https://business-register.korea.example/status/1", REGISTER, bits()),
                KEYS[REGISTER],
            ).encode(),
        ),
    ]
    service = {
        "id": f"{REFINER}#dia",
        "type": "dia",
        "serviceEndpoint": target(anchor["id"], "Identity anchor"),
    }
    for did in (REFINER, REGISTER):
        document = did_document(did, KEYS[did], **({"service": [service]} if did == REFINER else {}))
        url = f"https://{did.removeprefix('did:web:')}/.well-known/did.json"
        korea.append((url, "application/did+json", "did", "", json.dumps(document).encode()))
    for uri, content in linksets().items():
        url = f"{uri}?linkType=linkset"
        korea.append((url, "application/linkset+json", "linkset", "", json.dumps(content).encode()))
    template = next(m["url"] for m in passport["renderMethod"] if "url" in m)
    korea.append((template, "image/svg+xml", "page", "", b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
    germany = [
        (
            "https://pack.example/.well-known/did.json",
            "application/did+json",
            "did",
            "",
            json.dumps(did_document(PACKER, KEYS[PACKER])).encode(),
        )
    ]
    _write_node(
        folder,
        "KR",
        korea,
        RESOLVER,
        [REFINER, REGISTER],
        [
            {"uri": ITEM, "linkset": f"{ITEM}?linkType=linkset", "default": passport["id"]},
            {
                "uri": CLASS,
                "linkset": f"{CLASS}?linkType=linkset",
                "default": "https://saebyeok-lithium.example/facility",
            },
        ],
    )
    _write_node(folder, "DE", germany, "pack.example", [PACKER], [])
    dataset = {
        "as_of": AS_OF,
        "nations": ["KR", "DE"],
        "roots": [ITEM],
        "trust_anchors": [REGISTER],
        "seed": 1,
    }
    (folder / "dataset.json").write_text(json.dumps(dataset))
    return folder


def _write_node(
    folder: Path, nation: str, files: list[Any], resolver: str, issuers: list[str], resolvables: list[Any]
) -> None:
    entries = []
    for number, (url, media_type, role, kind, body) in enumerate(files):
        name = f"files/{nation}-{number}"
        (folder / "files").mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
        entries.append({"url": url, "file": name, "media_type": media_type, "role": role, "kind": kind})
    hosts = sorted({str(urlsplit(entry["url"]).hostname) for entry in entries} | {resolver})
    index = {
        "nation": nation,
        "name": f"Node {nation}",
        "hosts": hosts,
        "resolver_host": resolver,
        "files": entries,
        "resolvables": resolvables,
        "issuers": issuers,
    }
    for part, content in (("nodes", index), ("keys", {did: KEYS[did].private_jwk for did in issuers})):
        (folder / part).mkdir(exist_ok=True)
        (folder / part / f"{nation}.json").write_text(json.dumps(content))


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
    parts = urlsplit(url)
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
        app = self.apps.get(str(urlsplit(url).hostname))
        if app is None:
            raise FetchError(f"{url}: no such host")
        reply = await ask(app, "GET", url)
        return Answer(url, reply.status, reply.media_type, reply.body)


Fetch = Callable[[str], Awaitable[Answer]]
