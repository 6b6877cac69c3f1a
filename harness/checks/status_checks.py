"""Status entries, and the lists they point into (STS rows; Bitstring Status List v1.0)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assay.harness.checks import NotApplicable, Undecided, check
from assay.harness.checks._proofs import SECURABLE, unavailable_words
from assay.harness.credential.instants import instant
from assay.harness.credential.status import MINIMUM_BITS, entries
from assay.harness.material import UNTP_KINDS, Credential, Kind, SignatureState, StatusEntry, StatusList
from assay.harness.results import Finding

__all__: list[str] = []

_LISTS = frozenset({Kind.STATUS_LIST})
_DIGITS = re.compile(r"(?:0|[1-9][0-9]*)\Z")


@check("STS-001", kinds=UNTP_KINDS)
def status_is_managed(credential: Credential) -> Iterator[Finding]:
    """A secured credential can be revoked: it has a status entry of a Bitstring Status List."""
    if credential.signature.state is SignatureState.UNSIGNED:
        raise NotApplicable("the payload came without a proof; its status may be added when it is secured")
    if not any(entry.get("type") == "BitstringStatusListEntry" for _, entry in entries(credential.value)):
        found = [str(entry.get("type")) for _, entry in entries(credential.value)]
        yield Finding(
            at=credential.at("credentialStatus"),
            expected="credentialStatus of type BitstringStatusListEntry",
            received=", ".join(found)[:120] if found else "no credentialStatus",
            hint="Without a status entry the credential can never be withdrawn.",
        )


@check("STS-005", kinds=UNTP_KINDS, basis="text")
def index_is_a_string(credential: Credential) -> Iterator[Finding]:
    """As W3C and the UNTP page have it, ``statusListIndex`` is a string of digits (P-01)."""
    for path, entry in _entries(credential):
        index = entry.get("statusListIndex")
        if not isinstance(index, str) or not _DIGITS.match(index):
            yield Finding(
                at=credential.at(*path, "statusListIndex"),
                expected="a string of decimal digits",
                received=repr(index)[:80],
                basis="text",
            )


@check("STS-005", kinds=UNTP_KINDS, basis="schema")
def index_is_an_integer(credential: Credential) -> Iterator[Finding]:
    """As the UNTP schema has it, ``statusListIndex`` is an integer (P-01)."""
    for path, entry in _entries(credential):
        index = entry.get("statusListIndex")
        if not isinstance(index, int) or isinstance(index, bool):
            yield Finding(
                at=credential.at(*path, "statusListIndex"),
                expected="an integer",
                received=repr(index)[:80],
                basis="schema",
            )


@check("STS-008", kinds=UNTP_KINDS)
def entry_is_not_the_list(credential: Credential) -> Iterator[Finding]:
    """The id of an entry, if it has one, is not the URL of the list."""
    for path, entry in _entries(credential):
        identifier, url = entry.get("id"), entry.get("statusListCredential")
        if identifier is not None and identifier == url:
            yield Finding(
                at=credential.at(*path, "id"),
                expected="an identifier of the entry, such as the list URL with the index as fragment, or no id",
                received=repr(identifier)[:120],
            )


@check("STS-010", kinds=UNTP_KINDS, basis="schema")
def entry_stands_alone(credential: Credential) -> Iterator[Finding]:
    """As the UNTP schema has it, ``credentialStatus`` is one object (P-02)."""
    found = credential.value.get("credentialStatus") if isinstance(credential.value, dict) else None
    if found is not None and not isinstance(found, dict):
        received = f"an array of {len(found)}" if isinstance(found, list) else type(found).__name__
        yield Finding(
            at=credential.at("credentialStatus"), expected="one object", received=received, basis="schema"
        )


@check("STS-010", kinds=UNTP_KINDS, basis="text")
def entries_are_objects(credential: Credential) -> Iterator[Finding]:
    """As VCDM 2.0 has it, ``credentialStatus`` is one object or several (P-02)."""
    found = credential.value.get("credentialStatus") if isinstance(credential.value, dict) else None
    several = found if isinstance(found, list) else [found]
    if found is not None and (not several or not all(isinstance(entry, dict) for entry in several)):
        yield Finding(
            at=credential.at("credentialStatus"),
            expected="one or more objects",
            received=repr(found)[:80],
            basis="text",
        )


@check("STS-020", kinds=UNTP_KINDS, basis="text")
def messages_are_listed(credential: Credential) -> Iterator[Finding]:
    """As W3C has it, an entry of purpose ``message`` says its size and its messages."""
    for path, entry in _entries(credential):
        if entry.get("statusPurpose") == "message" and not (
            "statusSize" in entry and "statusMessage" in entry
        ):
            yield Finding(
                at=credential.at(*path),
                expected="statusSize and statusMessage beside statusPurpose 'message'",
                received="not both",
                basis="text",
            )


@check("STS-020", kinds=UNTP_KINDS, basis="schema")
def messages_cannot_be_listed(credential: Credential) -> Iterator[Finding]:
    """As the closed UNTP schema has it, an entry has no room for size and messages."""
    for path, entry in _entries(credential):
        for name in ("statusSize", "statusMessage"):
            if name in entry:
                yield Finding(
                    at=credential.at(*path, name), expected="no such member", received=name, basis="schema"
                )


def _entries(credential: Credential) -> list[tuple[tuple[str | int, ...], Any]]:
    found = list(entries(credential.value))
    if not found:
        raise NotApplicable("the credential has no status entry")
    return found


def _read(credential: Credential) -> Iterator[StatusEntry]:
    """Status entries whose list could be looked at.

    :raises Undecided: after the readable ones, for lists that could not.
    """
    if not credential.status:
        raise NotApplicable("the credential has no status entry")
    unread = None
    for entry in credential.status:
        if entry.code == "unavailable":
            unread = entry
        else:
            yield entry
    if unread is not None and credential.signature.state is SignatureState.UNSIGNED:
        # Nothing vouches for an unsigned document, so its verdict does not wait for a list.
        raise NotApplicable("unsigned, and its status list could not be looked at")
    if unread is not None:
        raise Undecided(unavailable_words(f"the status list {unread.url}", unread.unavailable))


@check("STS-017", kinds=SECURABLE)
def purposes_agree(credential: Credential) -> Iterator[Finding]:
    """The list serves the purpose of the entry."""
    for entry in _read(credential):
        if entry.code == "purpose":
            yield Finding(
                at=credential.at(*entry.path, "statusPurpose"),
                expected=f"a list whose statusPurpose covers {entry.purpose!r}",
                received=f"the list at {entry.url} serves another purpose",
                hint="A bit of another purpose says nothing about this one.",
            )


@check("STS-018", kinds=SECURABLE)
def index_is_in_the_list(credential: Credential) -> Iterator[Finding]:
    """The index lies within the list."""
    for entry in _read(credential):
        if entry.code == "range":
            yield Finding(
                at=credential.at(*entry.path, "statusListIndex"),
                expected=f"an index within the list at {entry.url}",
                received=str(entry.index),
                hint="Lists keep their length; an index beyond it can never be set.",
            )


def _types(value: Any) -> frozenset[str]:
    found = value.get("type") if isinstance(value, dict) else None
    return frozenset(
        name for name in (found if isinstance(found, list) else [found]) if isinstance(name, str)
    )


def _subject(status_list: StatusList) -> Any:
    return status_list.value.get("credentialSubject") if isinstance(status_list.value, dict) else None


@check("STS-011", kinds=_LISTS)
def list_is_typed(status_list: StatusList) -> Iterator[Finding]:
    """What the list URL leads to is a credential typed BitstringStatusListCredential."""
    wanted = {"VerifiableCredential", "BitstringStatusListCredential"}
    if not wanted <= _types(status_list.value):
        yield Finding(
            at=status_list.at("type"),
            expected="VerifiableCredential and BitstringStatusListCredential",
            received=", ".join(sorted(_types(status_list.value)))[:120] or "no type",
        )


@check("STS-012", kinds=_LISTS)
def list_verifies(status_list: StatusList) -> Iterator[Finding]:
    """The list is itself a credential that verifies, inside its own validity."""
    signature = status_list.signature
    if signature.state is SignatureState.UNCHECKED:
        raise Undecided(unavailable_words("the DID document of the list's issuer", signature.unavailable))
    if signature.state is SignatureState.FOREIGN:
        raise Undecided(f"secured by {signature.detail}, which is not verified here")
    if signature.state is not SignatureState.VALID:
        yield Finding(
            at=status_list.at(),
            expected="a status list credential whose signature verifies",
            received="no proof"
            if signature.state is SignatureState.UNSIGNED
            else f"{signature.code}: {signature.detail}",
            hint="Whoever can swap the list can undo a revocation; sign it like any credential.",
        )
    value = status_list.value if isinstance(status_list.value, dict) else {}
    begins, ends = instant(value.get("validFrom")), instant(value.get("validUntil"))
    if status_list.as_of is not None and (
        (begins is not None and status_list.as_of < begins) or (ends is not None and status_list.as_of > ends)
    ):
        yield Finding(
            at=status_list.at("validUntil" if ends is not None and status_list.as_of > ends else "validFrom"),
            expected=f"a list that is valid at {status_list.as_of.isoformat()}",
            received=f"valid from {value.get('validFrom')} until {value.get('validUntil', 'further notice')}",
            hint="Publish the list anew before it runs out.",
        )


@check("STS-013", kinds=_LISTS)
def list_subject_is_typed(status_list: StatusList) -> Iterator[Finding]:
    """The subject of the list is typed BitstringStatusList."""
    found = _types(_subject(status_list))
    if "BitstringStatusList" not in found:
        yield Finding(
            at=status_list.at("credentialSubject", "type"),
            expected="BitstringStatusList",
            received=", ".join(sorted(found))[:120] or "no type",
        )


@check("STS-014", kinds=_LISTS)
def list_can_be_expanded(status_list: StatusList) -> Iterator[Finding]:
    """``encodedList`` is multibase base64url, without padding, of GZIP data."""
    if status_list.expansion_problem:
        yield Finding(
            at=status_list.at("credentialSubject", "encodedList"),
            expected="'u', then base64url without padding, of GZIP data",
            received=status_list.expansion_problem,
        )


@check("STS-015", kinds=_LISTS)
def list_is_long_enough(status_list: StatusList) -> Iterator[Finding]:
    """A status list hides its entries in a herd: at least 131,072 bits after decompression."""
    if status_list.expansion_problem:
        raise Undecided("the list could not be expanded (STS-014)")
    if status_list.size < MINIMUM_BITS:
        yield Finding(
            at=status_list.at("credentialSubject", "encodedList"),
            expected=f"at least {MINIMUM_BITS} bits",
            received=f"{status_list.size} bits",
            hint="Pad the bitstring before compressing it; unused entries stay 0.",
        )


@check("STS-021", kinds=_LISTS)
def list_is_secured_alike(status_list: StatusList) -> Iterator[Finding]:
    """The list is secured as the credentials are: an enveloping JOSE proof of type ``vc+jwt``."""
    if status_list.envelope is None:
        if status_list.signature.state is SignatureState.UNSIGNED:
            raise NotApplicable("the list has no proof at all (STS-012)")
        yield Finding(
            at=status_list.at("proof"),
            expected="an enveloping JOSE proof, as on UNTP credentials",
            received=status_list.signature.detail,
            hint="Verifiers of UNTP credentials need not know other proofs.",
        )
    elif status_list.envelope.header.get("typ") not in ("vc+jwt", "application/vc+jwt"):
        yield Finding(
            at=status_list.at(),
            expected="typ: 'vc+jwt'",
            received=f"typ: {status_list.envelope.header.get('typ')!r}"[:80],
        )
