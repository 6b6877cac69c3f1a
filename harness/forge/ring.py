"""A ring of our own: one issuer with DID document, status lists and keys, so that any document can be signed anew.

A negative fixture has to be wrong in one place only. After a payload has been bent, everything around it (issuer,
status, signature, DID document) is made right again, offline.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from assay.harness.credential.instants import instant
from assay.harness.credential.intake import read
from assay.harness.credential.verify import Judges, Shelf, verify
from assay.harness.forge.did_document import did_document
from assay.harness.forge.keys import Key, did_jwk, key_from_seed, multibase_key
from assay.harness.forge.malformations import DEVIATIONS, MALFORMATIONS, Draft
from assay.harness.forge.operations import apply
from assay.harness.forge.sign import json_bytes, sign
from assay.harness.forge.status_list import bitstring, status_list
from assay.harness.material import (
    DidDocument,
    Document,
    Kind,
    StatusList,
    Unavailable,
)

__all__ = [
    "GOOD_INDEX",
    "REVOKED_INDEX",
    "SUSPENDED_INDEX",
    "Assembly",
    "MutantError",
    "Ring",
    "assemble",
    "default_judges",
    "material_for",
]

GOOD_INDEX = 94_567
REVOKED_INDEX = 4_242
SUSPENDED_INDEX = 77_777
_FRAGMENT = "key-1"
_FALLBACK_DATE = datetime(2026, 6, 1, tzinfo=UTC)


class MutantError(ValueError):
    """A mutant definition that cannot be built; the message names what is wrong with it."""


@dataclass(frozen=True)
class Ring:
    """An offline issuer. All bytes follow from ``seed``, ``did`` and the algorithm."""

    seed: str = "ring"
    did: str = "did:web:issuer.example"
    key: Key = field(default_factory=lambda: key_from_seed("ring"))
    host: str = "https://status.issuer.example"

    @classmethod
    def of(cls, seed: str, did: str = "did:web:issuer.example", alg: Any = "ES256") -> Ring:
        """A ring with a key of its own."""
        return cls(seed=seed, did=did, key=key_from_seed(seed, alg))

    @property
    def kid(self) -> str:
        return self.kid_for(self.did)

    def kid_for(self, did: str) -> str:
        """The DID URL of the ring's key under another DID (did:key and did:jwk fix the fragment themselves)."""
        if did.startswith("did:jwk:"):
            return f"{did}#0"
        return f"{did}#{did.split(':', 2)[2]}" if did.startswith("did:key:") else f"{did}#{_FRAGMENT}"

    def did_value(self, did: str | None = None) -> dict[str, Any]:
        """The DID document as JSON, for the ring's DID or for another one with the same key."""
        return did_document(did or self.did, {_FRAGMENT: self.key})

    def did_material(self, did: str | None = None, operations: Sequence[Sequence[Any]] = ()) -> DidDocument:
        """The DID document as material, mutated on request."""
        name = did or self.did
        raw = json_bytes(apply(self.did_value(name), operations))
        found = read(f"{name} (DID document)", raw)
        value = found.value if isinstance(found.value, dict) else {}
        return DidDocument(
            source=found.source,
            raw=raw,
            value=value,
            kind=Kind.DID_DOCUMENT,
            problems=found.problems,
            did=name,
        )

    def list_url(self, purpose: str) -> str:
        return f"{self.host}/{purpose}/1"

    def list_payload(self, purpose: str) -> dict[str, Any]:
        """The payload of the ring's list for a purpose, with one bit set for revocation and one for suspension."""
        marked = {"revocation": [REVOKED_INDEX], "suspension": [SUSPENDED_INDEX]}.get(purpose, [])
        return status_list(self.list_url(purpose), self.did, bitstring(marked), purpose=purpose)

    def list_token(
        self, purpose: str, operations: Sequence[Sequence[Any]] = (), forge: str | None = None
    ) -> bytes:
        """The signed list, mutated on request, or spoilt by a named malformation."""
        payload = apply(self.list_payload(purpose), operations)
        if forge is not None:
            return self.spoil(forge, payload)
        return self.sign(payload)

    def adopt(
        self, payload: Mapping[str, Any], *, index: int = GOOD_INDEX, keep_issuer: bool = False
    ) -> dict[str, Any]:
        """A copy of a payload as the ring would issue it: its own DID as issuer, its own status list.

        ``keep_issuer`` leaves a DID that the payload names; the ring then signs under that name.
        """
        adopted = copy.deepcopy(dict(payload))
        issuer = adopted.get("issuer")
        did = _issuer(adopted) if keep_issuer and _issuer(adopted).startswith("did:") else self.did
        adopted["issuer"] = {**issuer, "id": did} if isinstance(issuer, dict) else did
        entry = adopted.get("credentialStatus")
        entry = entry if isinstance(entry, dict) else {"type": "BitstringStatusListEntry"}
        purpose = entry.get("statusPurpose", "revocation")
        url = self.list_url(purpose)
        adopted["credentialStatus"] = {
            **entry,
            "id": f"{url}#{index}",
            "statusPurpose": purpose,
            "statusListIndex": index,
            "statusListCredential": url,
        }
        return adopted

    def sign(self, payload: Mapping[str, Any] | bytes, **header: Any) -> bytes:
        """Sign under the DID that the payload names as issuer (the ring's own if it names none)."""
        issuer = _issuer(payload) if isinstance(payload, Mapping) else ""
        return sign(
            payload,
            self.key,
            kid=self.kid_for(issuer if issuer.startswith("did:") else self.did),
            header=header,
        )

    def secure(self, payload: Mapping[str, Any], *, adopt: bool = True, index: int = GOOD_INDEX) -> bytes:
        """A token for a payload; with ``adopt=False`` the payload is signed as it stands."""
        return self.sign(self.adopt(payload, index=index) if adopt else payload)

    def spoil(self, name: str, payload: Mapping[str, Any]) -> bytes:
        """A token with a named malformation or deviation.

        :raises MutantError: an unknown name.
        """
        make = MALFORMATIONS.get(name) or DEVIATIONS.get(name)
        if make is None:
            raise MutantError(
                f"forge: {name!r} is unknown; choose one of {', '.join((*MALFORMATIONS, *DEVIATIONS))}"
            )
        issuer = _issuer(payload)
        return make(Draft(payload, self.key, self.kid_for(issuer if issuer.startswith("did:") else self.did)))

    def shelf(
        self,
        *issuers: str,
        dids: Mapping[str, DidDocument | Unavailable] | None = None,
        status_lists: Mapping[str, StatusList | Unavailable] | None = None,
    ) -> Shelf:
        """Everything a verifier would look up: documents for the ring's DID and further issuers, and the lists."""
        documents: dict[str, DidDocument | Unavailable] = {
            did: self.did_material(did) for did in (self.did, *issuers)
        }
        purposes = ("revocation", "suspension", "refresh", "message")
        found = {self.list_url(purpose): self.list_material(purpose) for purpose in purposes}
        return Shelf({**documents, **(dids or {})}, {**found, **(status_lists or {})})

    def list_material(
        self, purpose: str, operations: Sequence[Sequence[Any]] = (), forge: str | None = None
    ) -> StatusList | Unavailable:
        """The status list as material; unavailable where its bytes are no status list at all."""
        url = self.list_url(purpose)
        found = read(url, self.list_token(purpose, operations, forge))
        if isinstance(found, StatusList):
            return found
        return Unavailable(url, "wrong-body", "what is served there is no status list", definitive=True)


def _issuer(payload: Mapping[str, Any]) -> str:
    issuer = payload.get("issuer")
    found = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    return found if isinstance(found, str) else ""


@cache
def default_judges() -> Judges:
    """Judges with the generated schemas and contexts."""
    from assay.harness.credential.linked_data import LinkedDataJudge
    from assay.harness.credential.schema import SchemaJudge

    return Judges(SchemaJudge(), LinkedDataJudge())


_SECURED = frozenset({"issuer", "credentialSubject"})
_KEYS = frozenset(
    {"requirement", "base", "ops", "note", "forge", "unsigned", "index", "did", "status", "at", "via"}
)
_DID_KEYS = frozenset({"ops", "issuer", "unavailable", "subject"})
_STATUS_KEYS = frozenset({"ops", "bits", "forge", "unavailable", "subject", "purpose"})


@dataclass(frozen=True, slots=True)
class Assembly:
    """A mutant put together and not yet judged: what is handed over, and what stands around it."""

    document: Document
    shelf: Shelf
    as_of: datetime
    base: Any
    """The content of the base as the ring would issue it, before anything is bent."""
    operations: tuple[Sequence[Any], ...] = ()
    """What leads from ``base`` to the content that was signed, the choice of issuer and status position included."""
    subject: str = ""
    """The DID or the address of the status list that the row is about; empty for the document itself."""


def assemble(mutant: Mapping[str, Any], bases: Mapping[str, Any], *, ring: Ring | None = None) -> Assembly:
    """Put together what a mutant describes (see :func:`material_for` for its keys), without judging it.

    :raises MutantError: an unknown key, base or name.
    """
    ring = ring or Ring()
    _known(mutant, _KEYS, "mutant")
    base = mutant.get("base", "dpp")
    if base not in bases:
        raise MutantError(f"base: {base!r} is unknown; choose one of {', '.join(sorted(bases))}")
    operations = [*mutant.get("ops", ())]
    if not isinstance(bases[base], dict) or not bases[base].keys() >= _SECURED:
        raw = json_bytes(apply(bases[base], operations))
        plain = read(f"{base}.json", raw, via=mutant.get("via"))
        return Assembly(plain, Shelf(), _date(bases[base], mutant), bases[base], tuple(operations))
    about_did, about_list = dict(mutant.get("did", {})), dict(mutant.get("status", {}))
    _known(about_did, _DID_KEYS, "did")
    _known(about_list, _STATUS_KEYS, "status")
    issued = ring.adopt(bases[base], keep_issuer=True)
    if "issuer" in about_did:
        operations.insert(0, ["set", "/issuer/id", _other_issuer(ring, about_did["issuer"])])
    if "index" in mutant:
        entry = issued["credentialStatus"]
        address = f"{entry['statusListCredential']}#{mutant['index']}"
        operations[:0] = [
            ["set", "/credentialStatus/id", address],
            ["set", "/credentialStatus/statusListIndex", mutant["index"]],
        ]
    payload = apply(issued, operations)
    token = _token(ring, payload, mutant)
    document = read(f"{base}.json" if mutant.get("unsigned") else f"{base}.jwt", token, via=mutant.get("via"))
    shelf = _shelf(ring, payload, about_did, about_list)
    subject = ""
    if about_list and about_list.get("subject", "list") == "list":
        subject = ring.list_url(about_list.get("purpose", "revocation"))
    elif about_did.get("subject", "document") == "document" and "ops" in about_did:
        subject = _issuer(payload)
    return Assembly(document, shelf, _date(payload, mutant), issued, tuple(operations), subject)


def material_for(
    mutant: Mapping[str, Any],
    bases: Mapping[str, Any],
    *,
    judges: Judges | None = None,
    ring: Ring | None = None,
) -> Document:
    """Build the verified document that a mutant describes.

    ``ops`` bend the payload after the ring has adopted it and before it is signed. ``forge`` names a token
    malformation. ``unsigned: true`` leaves the payload plain. ``index`` chooses the status position. ``did`` has ``ops``
    on the issuer's DID document, another ``issuer`` (``key``, ``jwk`` or a DID), or ``unavailable`` with a reason (``not-found`` is a verdict);
    ``status`` has ``ops`` on the list's payload, ``bits`` (bytes of the list), ``forge`` for its token, or
    ``unavailable``. In both, ``subject: credential`` hands back the credential instead of the DID document or list.

    :raises MutantError: an unknown key, base or name.
    """
    judges = judges or default_judges()
    built = assemble(mutant, bases, ring=ring)
    verify(built.document, built.shelf, built.as_of, judges)
    if not built.subject:
        return built.document
    if built.subject in built.shelf.status_lists:
        subject = _other(built.shelf.status_lists[built.subject], "status")
    else:
        subject = _other(built.shelf.dids[built.subject], "did")
    verify(subject, built.shelf, built.as_of, judges)
    return subject


def _token(ring: Ring, payload: Any, mutant: Mapping[str, Any]) -> bytes:
    if mutant.get("unsigned"):
        return json_bytes(payload)
    if "forge" in mutant:
        return ring.spoil(mutant["forge"], payload)
    return ring.sign(payload)


def _shelf(ring: Ring, payload: Any, about_did: Mapping[str, Any], about_list: Mapping[str, Any]) -> Shelf:
    issuer = _issuer(payload) if isinstance(payload, dict) else ""
    issuers = (issuer,) if issuer.startswith("did:") else ()
    dids: dict[str, DidDocument | Unavailable] = {}
    status_lists: dict[str, StatusList | Unavailable] = {}
    if "unavailable" in about_did:
        reason = about_did["unavailable"]
        dids[issuer] = Unavailable(issuer, reason, definitive=reason == "not-found")
    elif "ops" in about_did:
        dids[issuer] = ring.did_material(issuer, about_did["ops"])
    if about_list:
        purpose = about_list.get("purpose", "revocation")
        operations = [*about_list.get("ops", ())]
        if "bits" in about_list:
            encoded = status_list("", "", bitstring([REVOKED_INDEX], about_list["bits"]))[
                "credentialSubject"
            ]["encodedList"]
            operations.insert(0, ["set", "/credentialSubject/encodedList", encoded])
        status_lists[ring.list_url(purpose)] = (
            Unavailable(ring.list_url(purpose), about_list["unavailable"])
            if "unavailable" in about_list
            else ring.list_material(purpose, operations, about_list.get("forge"))
        )
    return ring.shelf(*issuers, dids=dids, status_lists=status_lists)


def _other(found: Document | Unavailable, key: str) -> Document:
    if isinstance(found, Unavailable):
        raise MutantError(f"{key}: what was built cannot be judged ({found.reason}); set subject: credential")
    return found


def _other_issuer(ring: Ring, wanted: str) -> str:
    if wanted == "key":
        return f"did:key:{multibase_key(ring.key)}"
    return did_jwk(ring.key) if wanted == "jwk" else wanted


def _known(found: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for key in found:
        if key not in known:
            raise MutantError(f"{where}: {key!r} is unknown; choose one of {', '.join(sorted(known))}")


def _date(payload: Any, mutant: Mapping[str, Any]) -> datetime:
    """The date to judge at: the one that the mutant gives, or a day after the base begins to be valid."""
    if "at" in mutant:
        given = instant(str(mutant["at"]))
        if given is None:
            raise MutantError(f"at: {mutant['at']!r} is no date-time with zone")
        return given
    begins = instant(payload.get("validFrom")) if isinstance(payload, dict) else None
    return begins + timedelta(days=1) if begins is not None else _FALLBACK_DATE
