"""What is wrong with the bytes, and whether a credential is in force: rows of profile ``intake``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from assay.harness.checks import NotApplicable, Undecided, check
from assay.harness.checks._proofs import SECURABLE, embedded, unavailable_words
from assay.harness.credential.instants import instant
from assay.harness.credential.versions import JUDGED_VERSIONS
from assay.harness.material import (
    CREDENTIAL_KINDS,
    UNTP_KINDS,
    Credential,
    Document,
    Kind,
    Path,
    SignatureState,
)
from assay.harness.results import Finding

__all__ = ["ROWS"]

_ANY = frozenset(Kind)

ROWS: dict[str, tuple[str, ...]] = {
    "IN-001": ("segments",),
    "IN-002": ("base64",),
    "IN-003": ("header",),
    "IN-004": ("utf8", "bom", "surrogate"),
    "IN-005": ("json",),
    "IN-006": ("duplicate-key",),
    "IN-007": ("depth",),
    "IN-008": ("size", "unreadable"),
    "IN-009": ("number",),
    "IN-010": ("unrecognised", "bare-subject", "list", "presentation", "old-status-list"),
    "IN-011": ("data-url",),
    "IN-012": ("context-host",),
    "IN-013": ("proof-issuer",),
    "IN-019": ("link",),
}
"""Which row answers for which problem code of :mod:`assay.harness.credential.intake`."""


def _problems(codes: tuple[str, ...]) -> Callable[[Document], Iterator[Finding]]:
    def told(document: Document) -> Iterator[Finding]:
        for problem in document.problems:
            if problem.code in codes:
                yield Finding(
                    at=document.at(*problem.path),
                    expected=problem.expected,
                    received=problem.received,
                    hint=problem.hint,
                    evidence=document.evidence,
                )

    return told


for _row, _codes in ROWS.items():
    check(_row, kinds=_ANY)(_problems(_codes))


@check("IN-008", kinds=_ANY)
def material_was_looked_at(document: Document) -> Iterator[Finding]:
    """A host that cannot be reached says nothing about the material: no verdict, whoever asked."""
    for problem in document.problems:
        if problem.code == "unreached":
            raise Undecided(f"{document.source} could not be looked at: {problem.received}. {problem.hint}")
    yield from ()


_LOCAL_START = re.compile(rb"//(?:[\[0-9]|(?i:localhost))")
_LOCAL_AFTER_USER = re.compile(rb"@(?:[\[0-9]|(?i:localhost))")
_ESCAPED = re.compile(rb"\\[/u]")
_LOCAL_HOST = re.compile(
    r"(?:localhost|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+|0\.0\.0\.0|::1|f[cd][0-9a-f:]+)\Z"
)
_DIGEST_LENGTHS = {"SHA-256": 64, "SHA256": 64, "SHA-384": 96, "SHA-512": 128, "SHA512": 128, "SHA-1": 40}


def _strings(value: Any) -> Iterator[tuple[Path, str]]:
    """All strings of a document with their paths; depth is bounded by the reader."""
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, dict):
            stack.extend(((*path, key), child) for key, child in reversed(item.items()))
        elif isinstance(item, list):
            stack.extend(((*path, place), child) for place, child in reversed(list(enumerate(item))))
        elif isinstance(item, str):
            yield path, item


def _text(document: Document) -> bytes:
    envelope = document.envelope if isinstance(document, Credential) else None
    return envelope.payload if envelope is not None else document.raw


@check("IN-014", kinds=CREDENTIAL_KINDS | {Kind.LINKSET, Kind.DID_DOCUMENT, Kind.SCHEME})
def links_leave_the_house(document: Document) -> Iterator[Finding]:
    """Links lead somewhere that others can reach, not to the author's own machine or network."""
    if not _may_be_local(_text(document)):
        return
    for path, text in _strings(document.value):
        if text[:4].lower() == "http" and _LOCAL_HOST.match(_host(text)):
            yield Finding(
                at=document.at(*path),
                expected="an address that others can reach",
                received=text[:160],
                hint="Replace the development address before issuing.",
            )


def _may_be_local(text: bytes) -> bool:
    """A cheap test before every string is looked at: the names and digits that a local address needs."""
    if _LOCAL_START.search(text):
        return True
    if text.count(b"@") > 1 and _LOCAL_AFTER_USER.search(text):
        return True
    return b"\\" in text and _ESCAPED.search(text) is not None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


@check("IN-015", kinds=CREDENTIAL_KINDS)
def digests_are_whole(document: Document) -> Iterator[Finding]:
    """A ``hashDigest`` (UNTP before 0.7) is as long as its method makes it."""
    if b"hashDigest" not in _text(document):
        return
    for path, text in _strings(document.value):
        if path[-1:] == ("hashDigest",):
            holder: Any = document.value
            for step in path[:-1]:
                holder = holder[step]
            method = str(holder.get("hashMethod", "SHA-256")).upper()
            length = _DIGEST_LENGTHS.get(method, 64)
            if len(text) != length or not re.fullmatch(r"[0-9a-fA-F]+", text):
                yield Finding(
                    at=document.at(*path),
                    expected=f"{length} hexadecimal digits ({method[:20]})",
                    received=text[:160] if len(text) != length else f"{text[:20]}..., not hexadecimal",
                    hint="Compute the digest over the linked file's bytes; nobody can compare part of one.",
                )


def _bits(credential: Credential, purpose: str, what: str) -> Iterator[Finding]:
    """Findings for set bits of a purpose."""
    found = [entry for entry in credential.status if entry.purpose == purpose]
    if not found:
        raise NotApplicable(f"there is no status entry of purpose {purpose!r}")
    for entry in found:
        if entry.code == "unavailable":
            if credential.signature.state is SignatureState.UNSIGNED:
                # Nothing vouches for an unsigned document, so its verdict does not wait for a list.
                raise NotApplicable("unsigned, and its status list could not be looked at")
            raise Undecided(unavailable_words(f"the status list {entry.url}", entry.unavailable))
        if entry.code == "list-invalid":
            yield Finding(
                at=credential.at(*entry.path),
                expected="a status list that verifies",
                received=f"the list at {entry.url} does not, so nobody can tell whether the credential is {what}",
                hint="See the findings on the list itself.",
            )
        if entry.bit:
            yield Finding(
                at=credential.at(*entry.path),
                expected=f"a credential that is not {what}",
                received=f"{what}: bit {entry.index} of {entry.url} is set",
                hint="Ask the issuer for the credential that replaces it.",
            )


@check("IN-020", kinds=UNTP_KINDS)
def older_versions_are_enveloped_too(credential: Credential) -> Iterator[Finding]:
    """Versions before 0.7 ask for an enveloping proof as well; VCP-019 tells it of 0.7."""
    if credential.untp in JUDGED_VERSIONS:
        raise NotApplicable(f"UNTP {credential.untp}: see VCP-019")
    yield from embedded(credential)


@check("IN-016", kinds=SECURABLE)
def is_not_revoked(credential: Credential) -> Iterator[Finding]:
    """The credential has not been revoked."""
    yield from _bits(credential, "revocation", "revoked")


@check("IN-017", kinds=SECURABLE)
def is_not_suspended(credential: Credential) -> Iterator[Finding]:
    """The credential is not suspended."""
    yield from _bits(credential, "suspension", "suspended")


@check("IN-018", kinds=SECURABLE)
def is_in_force(credential: Credential) -> Iterator[Finding]:
    """The date of the run lies within the validity that the credential states."""
    if credential.as_of is None or not isinstance(credential.value, dict):
        raise Undecided("no date to judge at")
    begins, ends = instant(credential.value.get("validFrom")), instant(credential.value.get("validUntil"))
    if begins is not None and credential.as_of < begins:
        yield Finding(
            at=credential.at("validFrom"),
            expected=f"valid at {credential.as_of.isoformat()}",
            received=f"valid from {credential.value['validFrom']}",
            hint="Judge at another date with --at, or wait.",
        )
    if ends is not None and credential.as_of > ends and not (begins is not None and ends < begins):
        yield Finding(
            at=credential.at("validUntil"),
            expected=f"valid at {credential.as_of.isoformat()}",
            received=f"expired {credential.value['validUntil']}",
            hint="Judge at another date with --at, or ask for a fresh credential.",
        )
