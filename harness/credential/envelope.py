"""JWS compact serialisation, taken apart strictly (RFC 7515, VC-JOSE-COSE 1.0).

Our own thin codec on ``cryptography``: no JOSE library refuses duplicate header names, and a harness must see every
other liberty a token takes as well. Nothing here trusts a key that a token brings along.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

import pybase64
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from assay.harness.credential.strict_json import strict_loads
from assay.harness.material import Envelope, Problem

__all__ = [
    "ALGORITHMS",
    "EMBEDDED_KEYS",
    "PublicKey",
    "b64url_decode",
    "checker",
    "looks_like_token",
    "parse_token",
    "refusal",
    "verify_bytes",
]

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey

ALGORITHMS = ("ES256", "ES384", "EdDSA", "Ed25519")
"""Signature algorithms accepted here (RFC 7518, RFC 8037, RFC 9864)."""

EMBEDDED_KEYS = ("jwk", "jku", "x5u", "x5c")
"""Header members that bring a key along; never used, since the issuer's DID document decides."""

MAXIMUM_HEADER = 16 * 1024

_TOKEN = re.compile(rb"[A-Za-z0-9_\-=+/]{2,}(?:\.[A-Za-z0-9_\-=+/]*)+\s*\Z")
_LAST = {2: frozenset(b"AQgw"), 3: frozenset(b"AEIMQUYcgkosw048")}
_EC = {"ES256": (SECP256R1.name, 32, ECDSA(SHA256())), "ES384": (SECP384R1.name, 48, ECDSA(SHA384()))}


_STANDARD = bytes.maketrans(b"-_", b"+/")
_SHORT = 200
"""Below so many bytes the standard library is faster than what is made for long texts."""


def b64url_decode(data: bytes) -> bytes:
    """Decode base64url without padding (RFC 7515, section 2).

    :raises ValueError: other characters, padding, an impossible length, or trailing bits that are not zero.
    """
    rest = len(data) % 4
    # pybase64 lets "+", "/" and padding through
    if rest == 1 or b"=" in data or b"+" in data or b"/" in data:
        raise ValueError(_alien(data))
    if rest and data[-1] not in _LAST[rest]:
        raise ValueError(_alien(data))
    try:
        if len(data) < _SHORT:
            return binascii.a2b_base64(data.translate(_STANDARD) + b"=" * (-len(data) % 4), strict_mode=True)
        return bytes(pybase64.b64decode(data + b"=" * (-len(data) % 4), altchars=b"-_", validate=True))
    except ValueError as error:
        raise ValueError(_alien(data)) from error


def _alien(data: bytes) -> str:
    if b"=" in data:
        return "it is padded with '='"
    match = re.search(rb"[^A-Za-z0-9_-]", data)
    if match:
        return f"it contains {match.group().decode('latin-1')!r}"
    if len(data) % 4 == 1:
        return "its length is impossible"
    return "its last character carries bits that are thrown away"


def looks_like_token(data: bytes) -> bool:
    """True for bytes that are meant as a JWS compact serialisation, complete or not."""
    return data[:2] in (b"ey", b"e3", b"ew") or bool(data[:4096].count(b".") and _TOKEN.match(data))


def parse_token(
    token: bytes, media_type: str = "application/vc+jwt"
) -> tuple[Envelope | None, tuple[Problem, ...]]:
    """Take a compact serialisation apart; the signature is not looked at.

    An :class:`Envelope` comes back as soon as header and payload can be read, even where the signature segment cannot
    (it is then empty, so that nothing can verify it). Problem codes: ``segments``, ``base64``, ``header``,
    ``duplicate-key`` and the other codes of :func:`strict_loads` with a path that starts with ``header``.
    """
    segments = token.split(b".")
    problems: list[Problem] = []
    if len(segments) != 3:
        hint = (
            "The token was cut off; copy all of it."
            if len(segments) < 3
            else "Five segments are an encrypted JWE; a credential is a signed JWS."
            if len(segments) == 5
            else "A compact serialisation is header.payload.signature."
        )
        problems.append(Problem("segments", (), "three segments joined by dots", f"{len(segments)}", hint))
    decoded: list[bytes | None] = []
    for name, segment in zip(("header", "payload", "signature"), segments, strict=False):
        try:
            decoded.append(b64url_decode(segment))
        except ValueError as error:
            decoded.append(None)
            problems.append(
                Problem(
                    "base64",
                    (name,),
                    "base64url without padding (RFC 7515)",
                    f"{name}: {error}",
                    "Encode it anew, or copy all of it.",
                )
            )
    header_bytes = decoded[0]
    header: Any = None
    if header_bytes is not None:
        header, found = strict_loads(header_bytes, limit=MAXIMUM_HEADER)
        problems += (Problem(p.code, ("header", *p.path), p.expected, p.received, p.hint) for p in found)
        if not found and not isinstance(header, dict):
            problems.append(Problem("header", (), "a JSON object as protected header", type(header).__name__))
    if len(decoded) < 2 or decoded[1] is None or not isinstance(header, dict):
        return None, tuple(problems)
    broken = (
        len(segments) != 3
        or decoded[2] is None
        or any(problem.path[:1] == ("header",) for problem in problems)
    )
    return (
        Envelope(
            header=header,
            payload=decoded[1],
            signing_input=token[: len(segments[0]) + 1 + len(segments[1])],
            signature=b"" if broken else decoded[2] or b"",
            media_type=media_type,
        ),
        tuple(problems),
    )


def refusal(header: Mapping[str, Any]) -> tuple[str, str] | None:
    """Why a protected header rules a token out before any key is looked at: ``(code, detail)``, or None.

    Codes: ``alg-none``, ``alg-not-allowed``, ``crit``, ``b64``, ``header-type``.
    """
    alg = header.get("alg")
    if not isinstance(alg, str):
        return (
            "alg-not-allowed",
            "no 'alg'" if alg is None else f"'alg' is {type(alg).__name__}, not a string",
        )
    if alg.lower() == "none":
        return "alg-none", "alg 'none' signs nothing"
    if alg not in ALGORITHMS:
        return "alg-not-allowed", f"alg {alg!r}"
    if "crit" in header:
        return "crit", f"'crit' lists {header['crit']!r}, and no extension is understood here"
    if "b64" in header:
        return "b64", "'b64' changes how the payload is read (RFC 7797); credentials do not use it"
    for name in ("typ", "cty", "kid"):
        if name in header and not isinstance(header[name], str):
            return "header-type", f"'{name}' is {type(header[name]).__name__}, not a string"
    return None


def checker(key: PublicKey, alg: str) -> Callable[[bytes, bytes], str] | None:
    """A function that checks signatures (signature, message) under one key; None if key and ``alg`` do not fit.

    It answers with an empty string where the signature holds, else with ``bad-signature``.
    """
    if isinstance(key, Ed25519PublicKey):
        return _guarded(key.verify) if alg in ("EdDSA", "Ed25519") else None
    curve, width, scheme = _EC.get(alg, ("", 0, None))
    if scheme is None or key.curve.name != curve:
        return None
    verify = key.verify

    def check(signature: bytes, message: bytes) -> str:
        if len(signature) != 2 * width:
            return "bad-signature"
        try:
            verify(_der(signature, width), message, scheme)
        except InvalidSignature:
            return "bad-signature"
        return ""

    return check


def _guarded(verify: Callable[[bytes, bytes], None]) -> Callable[[bytes, bytes], str]:
    def check(signature: bytes, message: bytes) -> str:
        try:
            verify(signature, message)
        except InvalidSignature:
            return "bad-signature"
        return ""

    return check


def _der(signature: bytes, width: int) -> bytes:
    """ASN.1 of ``r || s``: two INTEGERs in a SEQUENCE; up to P-384 every length fits one byte."""
    first, second = _integer(signature[:width]), _integer(signature[width:])
    one, two = len(first), len(second)
    return b"\x30%c\x02%c%b\x02%c%b" % (one + two + 4, one, first, two, second)


def _integer(half: bytes) -> bytes:
    """The shortest big-endian form with a sign bit of zero."""
    if 0 < half[0] < 0x80:
        return half
    half = half.lstrip(b"\0")
    return half if half and half[0] < 0x80 else b"\0" + half


def verify_bytes(key: PublicKey, alg: str, signature: bytes, signing_input: bytes) -> str:
    """Check a signature over exact bytes: an empty string when it holds, else ``key-alg-mismatch`` or ``bad-signature``."""
    check = checker(key, alg)
    return "key-alg-mismatch" if check is None else check(signature, signing_input)
