"""JOSE for the sandbox: taking tokens apart, verifying and signing them, all by ``joserfc``.

This is deliberately another library than the harness uses. What joserfc leaves open (duplicate member names, its limit
of 512 header bytes, embedded keys, ``crit``) is decided here.
"""

from __future__ import annotations

import base64
import binascii
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwk, jws
from joserfc.errors import JoseError, SecurityWarning

__all__ = [
    "ALGORITHMS",
    "MAX_DEPTH",
    "MAX_TOKEN",
    "CredentialToken",
    "TokenError",
    "parse",
    "parse_json",
    "sign",
    "signature_holds",
]

ALGORITHMS = ("ES256", "ES384", "EdDSA", "Ed25519")
MAX_TOKEN = 4 * 1024 * 1024
"""Longest token read, in bytes; the largest passport of the published samples has 16 kB."""
MAX_DEPTH = 100
"""Deepest JSON read; pyld recurses out between 200 and 300 levels."""

# Which key types go with which algorithm (RFC 7518, RFC 8037, RFC 9864): the header does not get to choose freely.
_CURVES = {"ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}
_MEDIA_TYPES = {"vc+jwt", "application/vc+jwt", "vc+ld+jwt", "application/vc+ld+jwt"}


class TokenError(ValueError):
    """Bytes that are no acceptable token; ``code`` is a reason code."""

    def __init__(self, detail: str, code: str = "malformed") -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class CredentialToken:
    """A compact serialisation taken apart, not yet believed."""

    text: str
    header: Mapping[str, Any]
    payload: dict[str, Any]

    @property
    def alg(self) -> str:
        value = self.header.get("alg")
        return value if isinstance(value, str) else ""

    @property
    def kid(self) -> str:
        value = self.header.get("kid")
        return value if isinstance(value, str) else ""

    def header_faults(self) -> list[tuple[str, str]]:
        """What is wrong with the header before any key is looked up, as (reason code, detail)."""
        faults: list[tuple[str, str]] = []
        if self.alg.lower() == "none":
            faults.append(("alg-none", "alg is none: nothing protects the credential"))
        elif self.alg not in ALGORITHMS:
            faults.append(
                ("alg-not-allowed", f"alg is {self.header.get('alg')!r}; accepted: {', '.join(ALGORITHMS)}")
            )
        if "crit" in self.header:
            faults.append(
                ("crit", f"crit names extensions this verifier does not know: {self.header['crit']!r}")
            )
        if "b64" in self.header:
            faults.append(("header", "b64 (unencoded payload) is not supported"))
        typ = self.header.get("typ")
        if typ is not None and (not isinstance(typ, str) or typ.lower() not in _MEDIA_TYPES | {"jwt"}):
            faults.append(("header", f"typ is {typ!r}, expected vc+jwt"))
        if not self.kid:
            faults.append(
                ("header", "kid is missing: the issuer is a DID, so the key has to be named (VC-JOSE-COSE)")
            )
        elif not self.kid.startswith("did:") or "#" not in self.kid:
            faults.append(("header", f"kid {self.kid!r} is not an absolute DID URL with a fragment"))
        for claim in ("vc", "vp"):
            if claim in self.payload:
                faults.append(("data-model", f"the payload wraps the credential in a '{claim}' claim"))
        return faults


def parse(text: str) -> CredentialToken:
    """Take a token apart.

    :raises TokenError: not three base64url segments of JSON objects, too large, or with duplicate member names.
    """
    if len(text) > MAX_TOKEN:
        raise TokenError(f"the token is longer than {MAX_TOKEN} bytes")
    parts = text.split(".")
    if len(parts) != 3:
        raise TokenError(f"a compact JWS has three segments, this has {len(parts)}")
    header = parse_json(_segment(parts[0], "header"), "header")
    payload = parse_json(_segment(parts[1], "payload"), "payload")
    _segment(parts[2], "signature")
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise TokenError("header and payload have to be JSON objects")
    return CredentialToken(text, header, payload)


def signature_holds(token: CredentialToken, public_jwk: Mapping[str, Any]) -> bool:
    """Whether the signature verifies under the given key and the header's algorithm."""
    if _CURVES.get(token.alg) != public_jwk.get("crv"):
        return False
    public = {name: public_jwk[name] for name in ("kty", "crv", "x", "y") if name in public_jwk}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # EdDSA under its older name is wanted here
            jws.deserialize_compact(token.text, jwk.import_key(public), [token.alg], _registry(token.alg))
    except (JoseError, ValueError, TypeError, KeyError, binascii.Error):
        return False
    return True


def sign(
    payload: bytes, private_jwk: Mapping[str, Any], kid: str | None, *, typ: str = "vc+jwt", cty: str = "vc"
) -> str:
    """Sign with the algorithm that belongs to the key's curve."""
    curve = private_jwk.get("crv")
    alg = {"P-256": "ES256", "P-384": "ES384", "Ed25519": "EdDSA"}.get(str(curve))
    if alg is None:
        raise TokenError(f"no signature algorithm for a key on curve {curve!r}")
    key = jwk.import_key(
        {name: private_jwk[name] for name in ("kty", "crv", "x", "y", "d") if name in private_jwk}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        header = {"alg": alg, "typ": typ, "cty": cty} | ({"kid": kid} if kid is not None else {})
        return jws.serialize_compact(header, payload, key, [alg], _registry(alg))


def parse_json(raw: bytes | str, what: str = "document") -> Any:
    """Parse JSON strictly: UTF-8, no duplicate members, no NaN, no deeper than :data:`MAX_DEPTH`.

    :raises TokenError: with what is wrong.
    """
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    except UnicodeDecodeError as error:
        raise TokenError(f"the {what} is not UTF-8") from error
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except TokenError:
        raise
    except ValueError as error:
        raise TokenError(f"the {what} is not JSON: {error}") from error
    except RecursionError:
        value = None
        too_deep = True
    else:
        too_deep = _too_deep(value)
    if too_deep:
        raise TokenError(f"the {what} is nested deeper than {MAX_DEPTH} levels")
    return value


def _registry(alg: str) -> jws.JWSRegistry:
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    registry.max_header_length = 16_384
    registry.max_payload_length = MAX_TOKEN
    return registry


def _segment(text: str, what: str) -> bytes:
    if not text.isascii() or set(text) & set("+/="):
        raise TokenError(f"the {what} is not base64url without padding")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise TokenError(f"the {what} is not base64url: {error}") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
        raise TokenError(f"the {what} is not canonical base64url")
    return raw


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise TokenError(f"duplicate member names: {', '.join(twice[:5])}")
    return found


def _no_constant(name: str) -> None:
    raise TokenError(f"{name} is not JSON")


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if not level:
            return False
        inner = [item for item in level if isinstance(item, dict | list)]
        level = [part for item in inner for part in (item.values() if isinstance(item, dict) else item)]
    return any(isinstance(item, dict | list) for item in level)
