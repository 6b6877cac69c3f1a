"""From bytes to material: strict reading, unwrapping, and saying what the material is.

:func:`read` never raises for any bytes. What is wrong with the bytes themselves becomes a
:class:`~assay.harness.material.Problem`, whose code the rows of profile ``intake`` pick up; what is wrong with the
content is left to the checks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import unquote_to_bytes

import pybase64

from assay.harness.credential.envelope import looks_like_token, parse_token
from assay.harness.credential.status import expand
from assay.harness.credential.strict_json import MAXIMUM_BYTES, read_up_to, strict_loads
from assay.harness.credential.versions import DEFAULT_VERSION, untp_version
from assay.harness.material import (
    Credential,
    DidDocument,
    Document,
    Envelope,
    Kind,
    Linkset,
    Problem,
    Register,
    Scheme,
    Signature,
    SignatureState,
    StatusList,
)
from assay.harness.results import writable

__all__ = ["CODES", "read", "read_path"]

CODES: Mapping[str, str] = {
    "base64": "a segment is not base64url without padding",
    "bare-subject": "a credential subject without the credential around it",
    "bom": "a byte order mark",
    "context-host": "a UNTP context at an address where UNTP never published it",
    "data-url": "an enveloped credential whose data: URL cannot be used",
    "depth": "nested too deeply",
    "duplicate-key": "a name twice in one object",
    "header": "the protected header is no JSON object",
    "json": "not JSON",
    "link": "an address that must not or cannot be fetched, found while following it",
    "list": "a list of things instead of one",
    "number": "a number that readers change or refuse",
    "old-status-list": "a StatusList2021 credential",
    "presentation": "a presentation instead of a credential",
    "proof-issuer": "the embedded proof names a key of somebody else than the issuer",
    "segments": "not three segments",
    "size": "too large",
    "surrogate": "half of a surrogate pair",
    "unreached": "could not be looked at, which says nothing about the material",
    "unreadable": "the file could not be read",
    "unrecognised": "nothing that UNTP knows",
    "utf8": "not UTF-8",
}
"""Problem codes and what they mean, in words."""

_UNTP_TYPES = {kind.value: kind for kind in (Kind.DPP, Kind.DCC, Kind.DFR, Kind.DTE, Kind.DIA)}
_SUBJECT_TYPES = {
    "Product": Kind.DPP,
    "ConformityAttestation": Kind.DCC,
    "Facility": Kind.DFR,
    "RegisteredIdentity": Kind.DIA,
    "MakeEvent": Kind.DTE,
    "MoveEvent": Kind.DTE,
    "ModifyEvent": Kind.DTE,
    "LifecycleEvent": Kind.DTE,
}
_OLD_STATUS_TYPES = frozenset({"StatusList2021Credential", "RevocationList2020Credential"})
_CREDENTIAL_MEMBERS = frozenset({"credentialSubject", "issuer", "validFrom", "credentialStatus", "proof"})
_SCHEME_MEMBERS = frozenset({"includedProfile", "endorsementLevel", "schemeScoringFramework"})
"""Members that only a scheme document has; one of them is enough where ``type`` was forgotten."""
_DATA_URL = re.compile(r"data:([^,;]*)((?:;[^,]*)?),(.*)\Z", re.S)


def read_path(
    path: FilePath, *, source: str | None = None, limit: int = MAXIMUM_BYTES, via: int | None = None
) -> Document:
    """Read a file as material; a file above ``limit`` bytes is measured, not loaded. Never raises for any file."""
    name = writable(source or str(path))
    try:
        size = path.stat().st_size
        if size > limit:
            found = Problem(
                "size",
                (),
                f"at most {limit:,} bytes",
                f"{size:,} bytes",
                "Give a smaller document.",
            )
            return Document(source=name, raw=b"", value=None, problems=(found,), via=via)
        raw = read_up_to(path, limit + 1)
    except OSError as error:
        found = Problem(
            "unreadable",
            (),
            "a readable file",
            error.strerror or type(error).__name__,
            "Check path and permissions.",
        )
        return Document(source=name, raw=b"", value=None, problems=(found,), via=via)
    return read(name, raw, via=via, limit=limit)


def read(
    source: str,
    raw: bytes,
    *,
    content_type: str | None = None,
    via: int | None = None,
    evidence: tuple[str, ...] = (),
    limit: int = MAXIMUM_BYTES,
) -> Document:
    """Read one piece of material and file it under the right class; problems with the bytes are inside.

    Knows signed credentials (JWS compact), plain JSON credentials, ``EnvelopedVerifiableCredential``, credentials with
    an embedded proof, status lists, linksets, DID documents, conformity vocabularies and registers.
    """
    about: dict[str, Any] = {
        "source": writable(source),
        "raw": raw,
        "content_type": content_type,
        "via": via,
        "evidence": evidence,
    }
    if len(raw) > limit:
        found = Problem(
            "size",
            (),
            f"at most {limit:,} bytes",
            f"{len(raw):,} bytes",
            "Give a smaller document.",
        )
        return Document(value=None, problems=(found,), **about)
    body = raw.strip(b" \t\r\n")
    if looks_like_token(body):
        return _token(body, "application/vc+jwt", (), about, limit)
    value, problems = strict_loads(raw, limit=limit)
    if isinstance(value, str) and looks_like_token(value.encode("utf-8", "replace")):
        # a token delivered as a JSON string, as some APIs do
        return _token(value.encode(), "application/vc+jwt", problems, about, limit)
    if (
        isinstance(value, dict)
        and isinstance(value.get("payload"), str)
        and value.keys() & {"signature", "signatures"}
    ):
        return _json_serialisation(value, problems, about, limit)
    if isinstance(value, dict) and _is_enveloped(value):
        return _enveloped(value, problems, about, limit)
    return _classified(value, problems, None, about)


def _token(
    token: bytes, media_type: str, before: tuple[Problem, ...], about: dict[str, Any], limit: int
) -> Document:
    envelope, problems = parse_token(token, media_type)
    problems = before + problems
    if envelope is None:
        return Document(value=None, problems=problems, **about)
    value, found = strict_loads(envelope.payload, limit=limit)
    problems += found
    if not isinstance(value, dict):
        if not found:
            received = f"JSON of type {_json_type(value)}"
            problems += (Problem("unrecognised", (), "a JSON object as payload", received, ""),)
        return Credential(value=None, problems=problems, envelope=envelope, **about)
    if not (_CREDENTIAL_MEMBERS | {"vc"}) & value.keys():
        received = f"an object with {_names(value)}"
        problems += (Problem("unrecognised", (), "a credential as payload", received, ""),)
    return _classified(value, problems, envelope, about)


def _json_serialisation(
    value: Mapping[str, Any], problems: tuple[Problem, ...], about: dict[str, Any], limit: int
) -> Document:
    """JWS JSON serialisation (RFC 7515, section 7.2): the first signature is taken, as if it had come compact."""
    signatures = value.get("signatures")
    first = signatures[0] if isinstance(signatures, list) and signatures else value
    parts = (
        (first.get("protected"), value["payload"], first.get("signature")) if isinstance(first, dict) else ()
    )
    if len(parts) != 3 or not all(isinstance(part, str) for part in parts):
        expected = "'protected', 'payload' and 'signature' (RFC 7515, section 7.2)"
        found = Problem("header", (), expected, _names(value), "Use the compact serialisation.")
        return Document(value=value, problems=(*problems, found), **about)
    token = b".".join(str(part).encode("utf-8", "replace") for part in parts)
    return _token(token, "application/jose+json", problems, about, limit)


def _is_enveloped(value: Mapping[str, Any]) -> bool:
    identifier = value.get("id")
    return "EnvelopedVerifiableCredential" in _types(value) or (
        isinstance(identifier, str) and identifier.startswith("data:") and "credentialSubject" not in value
    )


def _enveloped(
    value: dict[str, Any], problems: tuple[Problem, ...], about: dict[str, Any], limit: int
) -> Document:
    expected = "a data: URL of media type application/vc+jwt (VCDM 2.0, section 4.13.2)"
    match = _DATA_URL.match(value["id"]) if isinstance(value.get("id"), str) else None
    if match is None:
        received = repr(value.get("id"))[:80]
        found = Problem(
            "data-url", ("id",), expected, received, "Put the signed credential into 'id' as a data: URL."
        )
        return Document(value=value, problems=(*problems, found), **about)
    media_type, parameters, data = match.groups()
    token = unquote_to_bytes(data)
    if parameters.endswith(";base64"):
        try:
            token = pybase64.b64decode(token, validate=True)
        except ValueError:
            found = Problem("data-url", ("id",), expected, "a data: URL whose base64 does not decode", "")
            return Document(value=value, problems=(*problems, found), **about)
    return _token(token, media_type or "text/plain", problems, about, limit)


def _classified(
    value: Any, problems: tuple[Problem, ...], envelope: Envelope | None, about: dict[str, Any]
) -> Document:
    """File parsed JSON under the class that its members and types ask for."""
    if isinstance(value, list):
        problems += (_list_problem(value),)
    if not isinstance(value, dict):
        if not problems:
            problems = (
                Problem("unrecognised", (), "a JSON object", f"JSON of type {_json_type(value)}", ""),
            )
        return Document(value=value, problems=problems, **about)
    types = _types(value)
    if envelope is None and isinstance(value.get("linkset"), list):
        return Linkset(value=value, kind=Kind.LINKSET, untp=DEFAULT_VERSION, problems=problems, **about)
    if envelope is None and _is_did_document(value):
        did = value["id"] if isinstance(value.get("id"), str) else ""
        return DidDocument(value=value, kind=Kind.DID_DOCUMENT, problems=problems, did=did, **about)
    version, context_problem = untp_version(value)
    if context_problem is not None:
        problems += (context_problem,)
    if (_SCHEME_MEMBERS & value.keys() or "ConformityScheme" in types) and "credentialSubject" not in value:
        return Scheme(
            value=value, kind=Kind.SCHEME, untp=version or DEFAULT_VERSION, problems=problems, **about
        )
    if envelope is None and isinstance(value.get("entries"), list) and "registrar" in value:
        return Register(value=value, kind=Kind.REGISTER, untp=DEFAULT_VERSION, problems=problems, **about)
    if "VerifiablePresentation" in types or "EnvelopedVerifiablePresentation" in types:
        found = Problem(
            "presentation",
            ("type",),
            "a credential",
            "a presentation",
            "Give the credentials that it holds one by one.",
        )
        return Document(value=value, problems=(*problems, found), **about)
    kind = _credential_kind(value, types, version)
    if envelope is None and kind is None:
        return Document(value=value, untp=version, problems=(*problems, _unrecognised(value, types)), **about)
    return _credential(value, kind or Kind.OTHER_CREDENTIAL, version, problems, envelope, about)


def _credential(
    value: dict[str, Any],
    kind: Kind,
    version: str | None,
    problems: tuple[Problem, ...],
    envelope: Envelope | None,
    about: dict[str, Any],
) -> Credential:
    if _OLD_STATUS_TYPES & _types(value):
        problems += (
            Problem(
                "old-status-list",
                ("type",),
                "BitstringStatusListCredential",
                ", ".join(sorted(_OLD_STATUS_TYPES & _types(value))),
                "StatusList2021 was a draft; publish a Bitstring Status List v1.0.",
            ),
        )
    signature, found = (
        _embedded_proof(value)
        if envelope is None
        else (Signature(SignatureState.UNCHECKED, "not-looked-at"), ())
    )
    shared = {"problems": problems + found, "envelope": envelope, "signature": signature, **about}
    if kind is Kind.STATUS_LIST:
        subject = value.get("credentialSubject")
        bits, trouble = expand(subject.get("encodedList") if isinstance(subject, dict) else None)
        return StatusList(value=value, kind=kind, untp=None, bits=bits, expansion_problem=trouble, **shared)
    if version is None and kind in _UNTP_TYPES.values() and not _speaks_of_untp(value):
        version = DEFAULT_VERSION
    return Credential(value=value, kind=kind, untp=version, **shared)


def _speaks_of_untp(value: Mapping[str, Any]) -> bool:
    """True when some context speaks of UNTP, but of no version that could be told."""
    context = value.get("@context")
    entries = context if isinstance(context, list) else [context]
    return any(isinstance(entry, str) and "untp" in entry.lower() for entry in entries)


def _embedded_proof(value: Mapping[str, Any]) -> tuple[Signature, tuple[Problem, ...]]:
    proofs = value.get("proof")
    first = next((p for p in (proofs if isinstance(proofs, list) else [proofs]) if isinstance(p, dict)), None)
    if first is None:
        return Signature(SignatureState.UNSIGNED, "unsigned"), ()
    name = first.get("cryptosuite") or first.get("type")
    method = first.get("verificationMethod")
    method = method if isinstance(method, str) else ""
    signature = Signature(
        SignatureState.FOREIGN, "embedded-proof", f"embedded proof {str(name)[:60]!r}", method
    )
    issuer = value.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    if isinstance(issuer_id, str) and method.startswith("did:") and method.split("#")[0] != issuer_id:
        found = Problem(
            "proof-issuer",
            ("issuer", "id"),
            f"the DID of the key that signed ({method.split('#')[0]})",
            issuer_id,
            "Sign with a key of the issuer, or name the signer as issuer.",
        )
        return signature, (found,)
    return signature, ()


def _credential_kind(value: Mapping[str, Any], types: frozenset[str], version: str | None) -> Kind | None:
    if "BitstringStatusListCredential" in types:
        return Kind.STATUS_LIST
    named = next((kind for name, kind in _UNTP_TYPES.items() if name in types), None)
    if named is not None:
        return named if _CREDENTIAL_MEMBERS & value.keys() else None
    subject = value.get("credentialSubject")
    first = subject[0] if isinstance(subject, list) and subject else subject
    speaks_untp = version is not None or "@context" not in value
    if isinstance(first, dict) and "issuer" in value and speaks_untp:
        for name in _types(first):
            if name in _SUBJECT_TYPES:
                return _SUBJECT_TYPES[name]
    is_credential = "VerifiableCredential" in types or {"issuer", "credentialSubject"} <= value.keys()
    if is_credential and isinstance(first, dict) and "BitstringStatusList" in _types(first):
        return Kind.STATUS_LIST
    return Kind.OTHER_CREDENTIAL if is_credential else None


def _is_did_document(value: Mapping[str, Any]) -> bool:
    if "credentialSubject" in value or "issuer" in value:
        return False
    identifier = value.get("id")
    names_did = isinstance(identifier, str) and identifier.startswith("did:")
    return "verificationMethod" in value or (
        names_did
        and bool({"assertionMethod", "authentication", "service", "controller", "alsoKnownAs"} & value.keys())
    )


def _unrecognised(value: Mapping[str, Any], types: frozenset[str]) -> Problem:
    bare = "credentialSubject" in value or any(name in _SUBJECT_TYPES for name in types)
    if bare:
        return Problem(
            "bare-subject",
            (),
            "a credential with '@context', 'type', 'issuer' and 'credentialSubject'",
            f"a subject alone ({_names(value)})",
            "Put the subject into a credential, and sign it.",
        )
    received = (
        f"an object of type {', '.join(sorted(types))[:80]}" if types else f"an object with {_names(value)}"
    )
    hint = (
        "Known are credentials, status lists, linksets, DID documents, conformity vocabularies and registers."
    )
    return Problem("unrecognised", (), "material that UNTP knows", received, hint)


def _json_type(value: Any) -> str:
    """The name that JSON, not Python, has for the type of a value."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    names = ((dict, "object"), (list, "array"), (str, "string"), (int | float, "number"))
    return next(name for kind, name in names if isinstance(value, kind))


def _list_problem(value: list[Any]) -> Problem:
    first = value[0] if value else None
    what = ", ".join(sorted(_types(first))) if isinstance(first, dict) else _json_type(first)
    received = f"a list of {len(value)} entries, the first of type {what[:80]}" if value else "an empty list"
    return Problem("list", (), "one JSON object", received, "Give each credential as a file of its own.")


def _names(value: Mapping[str, Any]) -> str:
    names = [repr(name[:40]) for name in list(value)[:6]]
    return ", ".join(names) + (", ..." if len(value) > 6 else "") if names else "no members"


def _types(value: Mapping[str, Any]) -> frozenset[str]:
    found = value.get("type", value.get("@type"))
    entries = found if isinstance(found, list) else [found]
    return frozenset(entry for entry in entries if isinstance(entry, str))
