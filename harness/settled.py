"""What can be proved of a whole document before its rows are asked, and which checks need not be called then.

Three looks at a document of the current version, each far cheaper than the checks that it stands for: the silence schema
(:mod:`.credential.silence`), the quiet conditions (:mod:`.credential.quiet`), and a clean envelope (:func:`is_clean`). Each is
sufficient and none is necessary: where one does not hold, every check is called as if this module did not exist.

The fast path asks for less: there it is enough that a row has nothing to say. Here rows that pass must be told from rows
that do not apply, so a check is left out only if it *passes* wherever the proof holds, or *never applies* there and always
gives the same reason. Tests hold both to account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from assay.harness.checks import Check, load_checks
from assay.harness.checks.intake_checks import ROWS
from assay.harness.credential import did as dids
from assay.harness.credential.quiet import QUIET, is_quiet
from assay.harness.credential.silence import COVERED, is_silent
from assay.harness.credential.versions import DEFAULT_VERSION
from assay.harness.material import UNTP_KINDS, Credential, DidDocument, Document, Kind, SignatureState

__all__ = [
    "INAPPLICABLE",
    "NOTHING",
    "SILENT_WHEN_CLEAN",
    "Proofs",
    "is_clean",
    "left_to_call",
    "never_applies",
    "proofs_of",
    "subject_is_well_named",
]

SILENT_WHEN_CLEAN = frozenset(
    [*ROWS, "IN-016", "IN-017"]
    + [f"VCP-{number:03}" for number in (10, *range(18, 32), 33)]
    + ["DID-001", "DID-002", "DID-003", "DID-004", "DID-005", "DID-015", "STS-001", "STS-017", "STS-018"]
    + ["IN-020", "DIA-012"]
)
"""Rows on the envelope that have nothing to say of a clean one: a plain header, a valid signature by a did:web issuer, no
problems while reading, no JWT claims beside the credential, a well-formed DID for the subject of an anchor, and at least
one status entry, all of them read and not set."""

INAPPLICABLE: Mapping[str, str] = {
    "IDR-019": "the identifier is no URN",
    "IDR-020": "the identifier is no URN",
}
"""Rows of the silence schema that do not apply where it holds, with the reason that their checks give: it lets through https
URLs and DIDs only."""

_TWO_SIDED: Mapping[str, frozenset[tuple[str, str]]] = {
    "silent": frozenset({("DPP-051", "text"), ("DPP-056", "text")}),
    "quiet": frozenset(
        {("STS-005", "schema"), ("STS-010", "schema"), ("STS-010", "text")}
        | {("STS-020", "schema"), ("STS-020", "text")}
    ),
    "clean": frozenset({("VCP-010", "text")}),
}
"""Rows that text and schema contradict each other on, with the side whose check passes too: what it finds is a part of what
the check without basis finds, or it looks at a status entry that is plain."""

_MAY_NOT_APPLY = frozenset(
    {"IDR-019", "IDR-020", "IDR-021", "RND-007", "ENV-008", "IN-016", "IN-017", "IN-020"}
)
"""Rows that have nothing to say where their proof holds, but may do so because they do not apply."""

_CLAIMS = frozenset({"vc", "vp", "iss", "sub", "jti", "exp", "nbf"})
_HEADER = frozenset({"alg", "typ", "kid"})


class Proofs(NamedTuple):
    """What holds of a document."""

    silent: bool = False
    quiet: bool = False
    clean: bool = False


NOTHING = Proofs()


def proofs_of(document: Document) -> Proofs:
    """What can be proved of a document that :func:`~assay.harness.credential.verify.verify` has filled in."""
    if document.untp != DEFAULT_VERSION or document.kind not in UNTP_KINDS:
        return NOTHING
    clean = isinstance(document, Credential) and is_clean(document)
    if not document.certified or document.as_of is None:
        return Proofs(clean=clean)
    kind, value = document.kind.value, document.value
    envelope = document.envelope if isinstance(document, Credential) else None
    text = document.raw if envelope is None else envelope.payload
    return Proofs(is_silent(kind, value), is_quiet(kind, value, text, document.as_of), clean)


def is_clean(credential: Credential) -> bool:
    """Whether the envelope of a credential leaves nothing to :data:`SILENT_WHEN_CLEAN`."""
    envelope, value, issuer = credential.envelope, credential.value, credential.issuer_id
    return (
        credential.signature.state is SignatureState.VALID
        and not credential.problems
        and envelope is not None
        and envelope.header.keys() == _HEADER
        and envelope.header["typ"] == "vc+jwt"
        and envelope.media_type == "application/vc+jwt"
        and bool(envelope.kid)
        and isinstance(credential.issuer_document, DidDocument)
        and issuer.startswith(("did:web:", "did:webvh:"))
        and _is_well_formed(issuer)
        and bool(credential.status)
        and all(entry.bit is False for entry in credential.status)
        and _CLAIMS.isdisjoint(value)
        and (credential.kind is not Kind.DIA or subject_is_well_named(value))
    )


def subject_is_well_named(value: Mapping[str, Any]) -> bool:
    """Whether the subject of an identity anchor is named by a DID that no rule on DIDs objects to."""
    subject = value.get("credentialSubject")
    did = subject.get("id") if isinstance(subject, dict) else None
    return isinstance(did, str) and _is_well_formed(did)


def _is_well_formed(did: str) -> bool:
    try:
        dids.check_did(did)
    except dids.DidError:
        return False
    return dids.reads_as_path(did) is None


_Function = Callable[[Any], Any]


@cache
def _settled(proofs: Proofs) -> Mapping[str, frozenset[_Function]]:
    """The check functions that proofs stand for, by class of node, or kind for those on whole documents."""
    covered: Mapping[str, Mapping[str, frozenset[str]]] = {
        "silent": COVERED,
        "quiet": QUIET,
        "clean": {kind.value: SILENT_WHEN_CLEAN for kind in UNTP_KINDS},
    }
    registered = load_checks()
    found: dict[str, set[_Function]] = {}
    for proof, holds in proofs._asdict().items():
        sides = _TWO_SIDED[proof]
        for label, named in covered[proof].items() if holds else ():
            rows = named | {row for row, _ in sides} if label in UNTP_KINDS else named
            found.setdefault(label, set()).update(
                check.function
                for row in rows
                for check in registered.get(row, ())
                if (label in check.cls if check.cls else label in check.kinds)
                and ((row, check.basis) in sides or (check.basis is None and row in named))
            )
    return {label: frozenset(functions) for label, functions in found.items()}


def left_to_call(check: Check, names: tuple[str, ...], kind: str, proofs: Proofs) -> tuple[str, ...] | None:
    """The classes of nodes that a check still has to be called with; None where all that is left to say is that it passes.

    No class means the document itself, as in ``names``. Functions are compared, and not ids: a check of a user's own
    profile is never left out.
    """
    if proofs == NOTHING or check.id in _MAY_NOT_APPLY:
        return names
    settled = _settled(proofs)
    if not names:
        return None if check.function in settled.get(kind, ()) else names
    return tuple(name for name in names if check.function not in settled.get(name, ())) or None


def never_applies(check: Check, names: tuple[str, ...], proofs: Proofs) -> str | None:
    """The reason that a check gives for not applying to any node of these classes; None where it may have more to say."""
    told = INAPPLICABLE.get(check.id) if proofs.silent and names else None
    if told is None or not all(check.function in _settled(proofs).get(name, ()) for name in names):
        return None
    return told
