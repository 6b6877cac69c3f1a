"""What the schemas of UNTP 0.6 leave out of the envelope and of its objects: types, status entries, DID method, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import as_date, identifier, related, short
from assay.harness.checks.terms import named_types
from assay.harness.credential.instants import instant
from assay.harness.credential.status import entries
from assay.harness.credential.versions import table
from assay.harness.material import UNTP_KINDS, Credential, Document, Kind, Node
from assay.harness.results import Finding
from assay.profiles.untp_0_6 import EVENT_CLASSES, TABLES

__all__: list[str] = []

_ROOTS = frozenset(kind.value for kind in UNTP_KINDS)
_TYPED = tuple(
    dict.fromkeys(
        name
        for known in TABLES.values()
        for name, cls in known.classes.items()
        if cls.typed and name not in _ROOTS
    )
)
_DIGITS = re.compile(r"(?:0|[1-9][0-9]*)\Z")
_DATES = {"Product": "productionDate", "Claim": "assessmentDate", "ConformityAssessment": "assessmentDate"}


@check("LEG-002", cls=_TYPED, series="0.6", silent_when_certified=True)
def classes_are_stated(node: Node) -> Iterator[Finding]:
    """An object of a class that the contexts define says so in ``type``: its own class, and the parent's."""
    wanted = table(node.document.untp).classes[node.cls].types
    stated = named_types(node)
    if not set(wanted) <= set(stated) and not _told_by_schema(node):
        yield Finding(
            at=node.at() if not stated else node.at("type"),
            expected=f"type with {' and '.join(wanted)}",
            received=", ".join(stated) or "no type",
            hint="Without its type JSON-LD drops what the class defines, and readers of the graph never see it.",
        )


def _told_by_schema(node: Node) -> bool:
    """Whether the schema already says what is wrong with the type."""
    path = (*node.path, "type")
    return any(error.path[: len(path)] == path for error in node.document.schema_errors)


def _wrong_index(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return True
    return value < 0 if isinstance(value, int) else not _DIGITS.match(value)


@check("LEG-009", kinds=UNTP_KINDS, series="0.6", silent_when_certified=True)
def status_entries_can_be_read(credential: Credential) -> Iterator[Finding]:
    """A Bitstring Status List entry has purpose, index and list; the index may be a string or an integer (P-01)."""
    for path, entry in entries(credential.value):
        if entry.get("type") != "BitstringStatusListEntry":
            continue  # STS-001 asks for the type
        purpose, index, url = (
            entry.get(name) for name in ("statusPurpose", "statusListIndex", "statusListCredential")
        )
        wrong = []
        if not isinstance(purpose, str) or not purpose:
            wrong.append(("statusPurpose", "revocation, suspension, refresh or message", purpose))
        if _wrong_index(index):
            wrong.append(("statusListIndex", "a number that is not negative", index))
        if not isinstance(url, str) or not url.startswith(("https:", "http:")):
            wrong.append(("statusListCredential", "the URL of a status list credential", url))
        for member, expected, found in wrong:
            yield Finding(
                at=credential.at(*path, member),
                expected=expected,
                received="nothing" if found is None else short(found),
                hint="A verifier that cannot read the entry cannot tell whether the credential was revoked.",
            )


@check("LEG-014", kinds=UNTP_KINDS, series="0.6")
def issuers_use_did_web(credential: Credential) -> Iterator[Finding]:
    """The specification of 0.6 knows did:web; did:webvh came with 0.7 (P-07)."""
    if credential.issuer_id.startswith("did:webvh:"):
        yield Finding(
            at=credential.at("issuer", "id"),
            expected="a did:web DID",
            received=short(credential.issuer_id),
            hint="Publish the same keys under did:web as well, or issue version 0.7.",
        )


def _issued(document: Document) -> datetime:
    found = instant(related(document.value).get("validFrom"))
    if found is None:
        raise NotApplicable("validFrom says no date")
    return found


@check("LEG-012", cls=EVENT_CLASSES, series="0.6")
def events_precede_their_record(node: Node) -> Iterator[Finding]:
    """An event is recorded after it happened."""
    issued, happened = _issued(node.document), instant(node.value.get("eventTime"))
    if happened is not None and happened > issued:
        yield Finding(
            at=node.at("eventTime"),
            expected=f"not after validFrom ({issued.isoformat()})",
            received=short(node.value.get("eventTime")),
            hint="Nobody can attest what has not happened yet; check both dates.",
        )


@check("LEG-012", cls=tuple(_DATES), series="0.6")
def dates_precede_the_credential(node: Node) -> Iterator[Finding]:
    """A product is made, and a value assessed, before the credential that says so is issued."""
    member = _DATES[node.cls]
    issued, done = _issued(node.document), as_date(node.value.get(member))
    if done is not None and datetime.combine(done, time(), UTC) > issued.astimezone(UTC):
        yield Finding(
            at=node.at(member),
            expected=f"not after validFrom ({issued.isoformat()})",
            received=done.isoformat(),
            hint="Nobody can attest what has not happened yet; check both dates.",
        )


@check("DFR-015", kinds=(Kind.DFR,), series="0.6")
def issuer_operates_the_facility(document: Document) -> Iterator[Finding]:
    """The issuer of a facility record is the operator of the facility, by DID or by a registered alias."""
    issuer = related(document.value, "issuer")
    aliases = issuer.get("issuerAlsoKnownAs")
    names = {identifier(issuer), *map(identifier, aliases if isinstance(aliases, list) else ())} - {""}
    operator = identifier(related(document.value, "credentialSubject", "facility").get("operatedByParty"))
    if names and operator and operator not in names:
        yield Finding(
            at=document.at("issuer", "id"),
            expected=f"the operator, {short(operator)}",
            received=short(identifier(issuer)),
            hint="Let the operator issue the record, or list the DID that it also has.",
        )
