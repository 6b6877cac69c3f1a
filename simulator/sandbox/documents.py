"""Reading a credential's members as hostile data: what kind it is, whose, since when, and the token inside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema_rs

from assay.profiles import untp_0_7
from assay.simulator.sandbox.tokens import TokenError

__all__ = [
    "UNTP_TYPES",
    "V2_CONTEXT",
    "instant",
    "issuer_of",
    "schema_validator",
    "token_text",
    "types_of",
    "untp_type",
]

UNTP_TYPES = (
    "DigitalProductPassport",
    "DigitalConformityCredential",
    "DigitalFacilityRecord",
    "DigitalTraceabilityEvent",
    "DigitalIdentityAnchor",
)
V2_CONTEXT = "https://www.w3.org/ns/credentials/v2"
_ENVELOPED = "EnvelopedVerifiableCredential"
_DATA_URL = re.compile(r"data:([^;,]*)(?:;[^,]*)?,(.*)", re.DOTALL)
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def token_text(submitted: Any) -> str | None:
    """The compact token in what was submitted, or None for a bare credential.

    :raises TokenError: an enveloped credential whose ``id`` is no data URL of a vc+jwt.
    """
    if isinstance(submitted, str):
        return submitted.strip()
    if not isinstance(submitted, dict) or _ENVELOPED not in types_of(submitted):
        return None
    match = _DATA_URL.fullmatch(str(submitted.get("id", "")))
    if match is None or match.group(1).lower() not in {"application/vc+jwt", "application/vc+ld+jwt"}:
        raise TokenError("an EnvelopedVerifiableCredential has a data: URL of application/vc+jwt for its id")
    return match.group(2).strip()


def instant(value: Any) -> datetime | None:
    """The moment that an ``xsd:dateTimeStamp`` names, or None for anything else."""
    if not isinstance(value, str) or not _STAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def types_of(document: Mapping[str, Any]) -> list[str]:
    """The names under ``type``, whether one string or several."""
    value = document.get("type")
    return [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]


def issuer_of(document: Mapping[str, Any]) -> str:
    """The issuer's identifier, or an empty string."""
    issuer = document.get("issuer")
    value = issuer.get("id") if isinstance(issuer, dict) else issuer
    return value if isinstance(value, str) else ""


def untp_type(document: Mapping[str, Any]) -> str | None:
    """The UNTP credential type that ``type`` names, or None."""
    named = types_of(document)
    return next((name for name in UNTP_TYPES if name in named), None)


@cache
def schema_validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The validator of one UNTP credential type, formats asserted, never fetching anything."""
    return jsonschema_rs.Draft202012Validator(untp_0_7.schema(kind), validate_formats=True, offline=True)
