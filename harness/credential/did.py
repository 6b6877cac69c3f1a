"""Decentralised identifiers: syntax, did:web locations, DID documents and the keys in them.

Sources: DID Core 1.0, the did:web method specification, RFC 7517 and RFC 8037 for JSON Web Keys, Controlled
Identifiers 1.0 for Multikey. did:webvh is recognised; its log is not replayed here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assay.harness.credential.envelope import PublicKey, b64url_decode
from assay.harness.credential.strict_json import strict_loads
from assay.harness.material import DidDocument, Kind, Path

__all__ = [
    "MAXIMUM_DID",
    "PRIVATE_MEMBERS",
    "DidError",
    "Method",
    "check_did",
    "derived_document",
    "did_of",
    "did_web_url",
    "find_method",
    "method_of",
    "methods",
    "public_key",
    "reads_as_path",
    "self_describing",
]

PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
"""JWK members that must never be published (RFC 7518, section 6)."""

_DID = re.compile(
    r"did:[a-z0-9]+:(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+\Z"
)
_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\Z"
)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MULTICODEC = {b"\xed\x01": "Ed25519", b"\x80\x24": "P-256", b"\x81\x24": "P-384"}
_CURVES: dict[str, tuple[SECP256R1 | SECP384R1, int]] = {
    "P-256": (SECP256R1(), 32),
    "P-384": (SECP384R1(), 48),
}
_MAXIMUM_KEY = 4096
MAXIMUM_DID = 2048
"""Characters of a DID that are looked at; longer ones are refused."""


class DidError(ValueError):
    """A DID or key that cannot be used; ``code`` says which way."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Method:
    """One verification method of a DID document, with its place and whether it may make assertions."""

    id: str
    path: Path
    value: Mapping[str, Any]
    asserts: bool


def did_of(did_url: str) -> str:
    """The DID of a DID URL: everything before path, query or fragment."""
    return re.split(r"[/?#]", did_url, maxsplit=1)[0]


def method_of(did: str) -> str:
    """The method name (``web``, ``key``, ...), or an empty string."""
    parts = did.split(":", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "did" else ""


def check_did(did: str) -> None:
    """Check DID syntax (DID Core 3.1), and the extra rules of did:web.

    :raises DidError: ``syntax``, ``ip-address``, ``port`` or ``host``.
    """
    fault = _fault(did) if len(did) <= MAXIMUM_DID else ("syntax", f"a DID of {len(did):,} characters")
    if fault is not None:
        raise DidError(*fault)


_NUMBER = re.compile(r"did:web:[^:/]+:(\d{1,5})(?=[:/]|\Z)")
_PORTS = frozenset(
    {"80", "443", "3000", "3001", "4000", "4443", "5000", "5001", "7000", "7001"}
    | {"8000", "8001", "8008", "8080", "8081", "8082", "8088", "8443", "8888", "9000", "9001", "9090", "9443"}
)
"""Numbers that services on the web listen on: an unencoded one after the host is a port whose colon was not encoded."""


def reads_as_path(did: str) -> str | None:
    """The number right after the host of a did:web that could be meant as a port, and is the first step of its path.

    The grammar of did:web tells no port from a path here (section 3.1), so only numbers that are ports in practice count
    as ports.
    """
    number = _NUMBER.match(did)
    return number[1] if number is not None and number[1] not in _PORTS else None


@lru_cache(maxsize=4096)
def _fault(did: str) -> tuple[str, str] | None:
    number = _NUMBER.match(did)
    if number is not None and number[1] in _PORTS:
        return "port", f"{did}: the colon before a port is written %3A"
    if not _DID.match(did):
        return "syntax", f"{did!r} does not follow the syntax of a DID"
    if method_of(did) == "web":
        host = unquote(did.split(":")[2])
        name, _, port = host.partition(":")
        if _is_address(host) or _is_address(name):
            return "ip-address", f"{did}: did:web takes a domain name, no IP address"
        if not _HOST.match(name) or (":" in host and not (port.isdigit() and 0 < int(port) < 65536)):
            return "host", f"{did}: {host!r} is no domain name"
    return None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        # inet_aton also reads 127.1 and 2130706433
        return bool(re.fullmatch(r"(?:0[xX][0-9a-fA-F]+|\d+)(?:\.(?:0[xX][0-9a-fA-F]+|\d+)){0,3}", host))
    return True


def did_web_url(did: str) -> str:
    """Where the document of a did:web DID is served (did:web, section 2.5.2).

    :raises DidError: another method, or a DID that :func:`check_did` refuses.
    """
    if method_of(did) != "web":
        raise DidError("method", f"{did} is not a did:web DID")
    check_did(did)
    return _web_url(did)


@lru_cache(maxsize=4096)
def _web_url(did: str) -> str:
    host, *path = (unquote(part) for part in did.split(":")[2:])
    if any(part in ("", ".", "..") or "/" in part for part in path):
        raise DidError("syntax", f"{did}: its path has an empty or relative step")
    folder = "/".join(quote(part, safe="") for part in path) or ".well-known"
    return f"https://{host}/{folder}/did.json"


def methods(document: DidDocument) -> Iterator[Method]:
    """Verification methods of a DID document, also those embedded in ``assertionMethod``; tolerant of malformed data."""
    value = document.value if isinstance(document.value, dict) else {}
    named = value.get("id")
    base = named if isinstance(named, str) else document.did
    asserting: set[str] = set()
    embedded: list[tuple[Path, Mapping[str, Any]]] = []
    for place, entry in enumerate(_entries(value.get("assertionMethod"))):
        if isinstance(entry, str):
            asserting.add(_absolute(entry, base))
        elif isinstance(entry, dict):
            embedded.append((("assertionMethod", place), entry))
    for place, entry in enumerate(_entries(value.get("verificationMethod"))):
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            identifier = _absolute(entry["id"], base)
            yield Method(identifier, ("verificationMethod", place), entry, identifier in asserting)
    for path, entry in embedded:
        if isinstance(entry.get("id"), str):
            yield Method(_absolute(entry["id"], base), path, entry, True)


def _entries(value: Any) -> list[Any]:
    return value[:1000] if isinstance(value, list) else []


def _absolute(reference: str, base: str) -> str:
    return base + reference if reference.startswith("#") else reference


def find_method(document: DidDocument, kid: str) -> Method | None:
    """The verification method that a ``kid`` names (absolute, ``#fragment``, or the bare fragment), or None."""
    wanted = {kid, f"{document.did}{kid}"} if kid.startswith("#") else {kid, f"{document.did}#{kid}"}
    return next((method for method in methods(document) if method.id in wanted), None)


def public_key(method: Mapping[str, Any]) -> tuple[PublicKey, str]:
    """Key material of a verification method and the ``alg`` its JWK insists on (empty if it does not).

    :raises DidError: ``no-key``, ``bad-key`` or ``key-type``.
    """
    jwk = method.get("publicKeyJwk")
    if isinstance(jwk, dict):
        alg = jwk.get("alg")
        return _from_jwk(jwk), alg if isinstance(alg, str) else ""
    multibase = method.get("publicKeyMultibase")
    if isinstance(multibase, str):
        return _from_multibase(multibase), ""
    raise DidError("no-key", "the method has neither publicKeyJwk nor publicKeyMultibase")


def _from_jwk(jwk: Mapping[str, Any]) -> PublicKey:
    kind, curve = jwk.get("kty"), jwk.get("crv")
    try:
        if kind == "OKP" and curve == "Ed25519":
            return Ed25519PublicKey.from_public_bytes(_coordinate(jwk, "x", 32))
        if kind == "EC" and isinstance(curve, str) and curve in _CURVES:
            group, width = _CURVES[curve]
            x, y = (int.from_bytes(_coordinate(jwk, name, width), "big") for name in ("x", "y"))
            return EllipticCurvePublicNumbers(x, y, group).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise DidError("bad-key", f"publicKeyJwk: {error}") from error
    raise DidError("key-type", f"kty {kind!r} with crv {curve!r}; P-256, P-384 and Ed25519 are used here")


def _coordinate(jwk: Mapping[str, Any], name: str, width: int) -> bytes:
    value = jwk.get(name)
    if not isinstance(value, str) or not value.isascii():
        raise ValueError(f"member {name!r} is missing")
    raw = b64url_decode(value.encode())
    if len(raw) != width:
        raise ValueError(f"member {name!r} has {len(raw)} bytes, not {width}")
    return raw


def _from_multibase(text: str) -> PublicKey:
    if not text.startswith("z") or len(text) > _MAXIMUM_KEY:
        raise DidError("bad-key", "publicKeyMultibase is base58btc and starts with 'z'")
    number = 0
    for letter in text[1:]:
        digit = _BASE58.find(letter)
        if digit < 0:
            raise DidError("bad-key", f"publicKeyMultibase: {letter!r} is no base58 character")
        number = number * 58 + digit
    body = text[1:]
    zeros = len(body) - len(body.lstrip("1"))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    kind = _MULTICODEC.get(raw[:2])
    try:
        if kind == "Ed25519":
            return Ed25519PublicKey.from_public_bytes(raw[2:])
        if kind is not None:
            return EllipticCurvePublicKey.from_encoded_point(_CURVES[kind][0], raw[2:])
    except (ValueError, UnsupportedAlgorithm) as error:
        raise DidError("bad-key", f"publicKeyMultibase: {error}") from error
    raise DidError("key-type", "publicKeyMultibase holds a key of another type than P-256, P-384 or Ed25519")


def self_describing(did: str) -> bool:
    """True for methods whose document follows from the DID itself (did:key, did:jwk)."""
    return method_of(did) in ("key", "jwk")


def derived_document(did: str) -> DidDocument:
    """The document of a did:key or did:jwk DID.

    :raises DidError: another method, or a key that cannot be read.
    """
    method, identifier = method_of(did), did.split(":", 2)[-1]
    if method == "jwk":
        try:
            jwk, problems = strict_loads(b64url_decode(identifier.encode()), limit=_MAXIMUM_KEY)
        except ValueError as error:
            raise DidError("bad-key", f"{did[:60]}: {error}") from error
        if problems or not isinstance(jwk, dict):
            raise DidError("bad-key", f"{did[:60]} does not hold a JSON Web Key")
        fragment, material = "0", {"type": "JsonWebKey", "publicKeyJwk": jwk}
    elif method == "key":
        fragment, material = identifier, {"type": "Multikey", "publicKeyMultibase": identifier}
    else:
        raise DidError("method", f"{did[:60]} does not describe itself")
    public_key(material)
    name = f"{did}#{fragment}"
    value = {
        "id": did,
        "verificationMethod": [{"id": name, "controller": did, **material}],
        "assertionMethod": [name],
    }
    return DidDocument(source=did, raw=b"", value=value, kind=Kind.DID_DOCUMENT, did=did)
