"""Reading one status entry against its list, the sandbox verifier's way.

Source: W3C Bitstring Status List v1.0 section 3.2 (validate algorithm); UNTP 0.7.0 entry schema, in which the index is
an integer (position P-01: both forms are read).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.simulator.sandbox import bitstring
from assay.simulator.sandbox.reasons import Reason

__all__ = ["StatusError", "StatusReference", "entries", "judge_bit", "read_list", "reference"]

DENYING = {"revocation": "revoked", "suspension": "suspended"}
"""Purposes whose set bit makes a credential unusable; the others inform."""


class StatusError(ValueError):
    """An entry or list that gives no answer; ``code`` is a reason code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class StatusReference:
    """One usable ``credentialStatus`` entry."""

    purpose: str
    index: int
    url: str


def entries(document: Mapping[str, Any]) -> list[Any]:
    """The status entries of a credential: none, one, or the members of an array."""
    value = document.get("credentialStatus")
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def reference(entry: Any) -> StatusReference:
    """Read an entry. :raises StatusError: a member is missing or malformed."""
    if not isinstance(entry, dict):
        raise StatusError("status-entry", "credentialStatus is not an object")
    if entry.get("type") != "BitstringStatusListEntry":
        raise StatusError("status-entry", f"status type {entry.get('type')!r} is not supported")
    index, purpose, url = (
        entry.get(name) for name in ("statusListIndex", "statusPurpose", "statusListCredential")
    )
    if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 16:
        index = int(index)
    if not isinstance(index, int) or isinstance(index, bool):
        raise StatusError("status-entry", f"statusListIndex is {index!r}, expected a number from 0")
    if index < 0:
        raise StatusError("status-range", f"statusListIndex is {index}, expected a number from 0")
    if not isinstance(purpose, str) or not isinstance(url, str):
        raise StatusError("status-entry", "statusPurpose and statusListCredential have to be strings")
    if entry.get("statusSize", 1) != 1:
        raise StatusError("status-entry", "entries wider than one bit are not supported")
    return StatusReference(purpose, index, url)


def read_list(document: Mapping[str, Any]) -> tuple[tuple[str, ...], bytes]:
    """Purposes and bits of a status list credential's payload. :raises StatusError: not a usable list."""
    types = document.get("type")
    if not isinstance(types, list) or "BitstringStatusListCredential" not in types:
        raise StatusError("status-list-invalid", f"type is {types!r}, expected BitstringStatusListCredential")
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
        raise StatusError("status-list-invalid", "credentialSubject is not a BitstringStatusList")
    purpose = subject.get("statusPurpose")
    purposes = tuple(p for p in (purpose if isinstance(purpose, list) else [purpose]) if isinstance(p, str))
    try:
        bits = bitstring.decode(subject.get("encodedList"))
    except bitstring.BitstringError as error:
        raise StatusError("status-list-invalid", str(error)) from error
    return purposes, bits


def judge_bit(
    entry: StatusReference, purposes: tuple[str, ...], bits: bytes
) -> tuple[Reason | None, Reason | None]:
    """Reason against and warning, as the bit says. :raises StatusError: purpose, length or index do not fit."""
    if entry.purpose not in purposes:
        found = ", ".join(purposes) or "nothing"
        raise StatusError("status-list-invalid", f"the list is for {found}, the entry for {entry.purpose}")
    if len(bits) * 8 < bitstring.MINIMUM_BITS:
        raise StatusError(
            "status-list-length",
            f"the list has {len(bits) * 8} bits, expected {bitstring.MINIMUM_BITS} or more",
        )
    try:
        bit = bitstring.get(bits, entry.index)
    except IndexError:
        raise StatusError("status-range", f"index {entry.index} in a list of {len(bits) * 8} bits") from None
    where = f"bit {entry.index} of {entry.url} is set"
    if not bit:
        return None, None
    if entry.purpose in DENYING:
        return Reason(DENYING[entry.purpose], where), None
    return None, Reason("status-entry", f"{where} for purpose {entry.purpose}")
