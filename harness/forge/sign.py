"""Signing, with every liberty: any header, any payload bytes, any signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from assay.harness.forge.keys import Key, b64url

__all__ = ["compact", "json_bytes", "sign"]


def json_bytes(value: Any) -> bytes:
    """Compact JSON, members in the order given."""
    return orjson.dumps(value)


def compact(header: bytes, payload: bytes, signature: bytes) -> bytes:
    """Join three byte strings as a JWS compact serialisation, whatever they hold."""
    return b".".join((b64url(header), b64url(payload), b64url(signature)))


def sign(
    payload: Mapping[str, Any] | bytes,
    key: Key,
    *,
    kid: str | None = None,
    typ: str | None = "vc+jwt",
    header: Mapping[str, Any] | None = None,
    header_bytes: bytes | None = None,
) -> bytes:
    """Secure a payload as ``vc+jwt`` (VC-JOSE-COSE 1.0, section 3.1.1).

    ``header`` adds or overrides members of the protected header, a value of None removes one; ``header_bytes``
    replaces it altogether. The signature is always made with ``key`` over what is really sent.
    """
    if header_bytes is None:
        members: dict[str, Any] = {"alg": key.alg, "typ": typ, "kid": kid, **(header or {})}
        header_bytes = json_bytes({name: value for name, value in members.items() if value is not None})
    body = payload if isinstance(payload, bytes) else json_bytes(payload)
    message = b64url(header_bytes) + b"." + b64url(body)
    return message + b"." + b64url(key.sign(message))
