"""A third verifier, independent of the harness: joserfc, plain pyld, the generated schemas, and its own reading of the rules.

It judges one credential completely and says every reason it found, not only the first. Everything that it looks up goes
through a ``fetch`` function; its clock is handed in. Deliberate faults are small filters on what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assay.profiles import untp_0_7
from assay.simulator.sandbox import did, status, tokens
from assay.simulator.sandbox.documents import (
    V2_CONTEXT,
    instant,
    issuer_of,
    schema_validator,
    token_text,
    types_of,
    untp_type,
)
from assay.simulator.sandbox.faults import HONEST, Faults
from assay.simulator.sandbox.fetch import Answer, Fetch, FetchError
from assay.simulator.sandbox.linked_data import context_urls, shared
from assay.simulator.sandbox.lookup import Lookup
from assay.simulator.sandbox.reasons import Reason, Verdict
from assay.simulator.sandbox.tokens import CredentialToken, TokenError

__all__ = ["Verifier"]

_OTHER_UNTP = re.compile(r"https://(?:test\.uncefact\.org/vocabulary|vocabulary\.uncefact\.org)/untp/")

# A fault that makes the verifier blind for some reasons: fault name -> reason codes it no longer sees.
_BLIND: Mapping[str, frozenset[str]] = {
    "accept-alg-none": frozenset({"alg-none"}),
    "accept-any-alg": frozenset({"alg-not-allowed"}),
    "accept-bad-signature": frozenset({"bad-signature"}),
    "accept-foreign-key": frozenset({"issuer-mismatch"}),
    "accept-unlisted-key": frozenset({"key-not-found"}),
    "accept-unauthorised-key": frozenset({"key-not-authorised"}),
    "accept-unresolvable-issuer": frozenset({"did-unresolvable"}),
    "accept-expired": frozenset({"expired"}),
    "accept-not-yet-valid": frozenset({"not-yet-valid"}),
    "accept-revoked": frozenset({"revoked"}),
    "accept-suspended": frozenset({"suspended"}),
    "ignore-status-unavailable": frozenset({"status-unavailable"}),
    "ignore-status-invalid": frozenset({"status-list-invalid", "status-list-length"}),
    "ignore-status-range": frozenset({"status-range"}),
    "ignore-schema": frozenset({"schema"}),
    "ignore-dropped-terms": frozenset({"json-ld"}),
    "accept-unsigned": frozenset({"unsigned", "unsupported-proof"}),
    "ignore-crit": frozenset({"crit"}),
}


@dataclass(slots=True)
class _Case:
    """One verification under way."""

    document: dict[str, Any]
    token: CredentialToken | None = None
    reasons: list[Reason] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)

    def against(self, code: str, detail: str) -> None:
        self.reasons.append(Reason(code, detail))

    def warn(self, code: str, detail: str) -> None:
        self.warnings.append(Reason(code, detail))


class Verifier:
    """Verifies credentials; one per node and process."""

    def __init__(self, fetch: Fetch, now: Callable[[], datetime], faults: Faults = HONEST) -> None:
        self._fetch = fetch
        self._now = now
        self._lookup = Lookup(fetch, now)
        self._faults = faults
        self._blind = frozenset[str]().union(*(codes for name, codes in _BLIND.items() if name in faults))
        self._linked_data = shared()

    async def verify(self, submitted: Any) -> Verdict:
        """Judge what was submitted: a compact token, an EnvelopedVerifiableCredential, or a bare credential."""
        verdict = await self._judge(submitted)
        reasons = tuple(reason for reason in verdict.reasons if reason.code not in self._blind)
        return Verdict(reasons, verdict.warnings, verdict.document)

    async def _judge(self, submitted: Any) -> Verdict:
        try:
            text = token_text(submitted)
            token = tokens.parse(text) if text is not None else None
        except TokenError as error:
            return Verdict((Reason(error.code, str(error)),))
        if token is None and not isinstance(submitted, dict):
            return Verdict((Reason("malformed", "expected a compact token or a JSON object"),))
        case = _Case(token.payload if token else submitted, token)
        await self._proof(case)
        self._data_model(case)
        self._validity(case)
        await self._status(case)
        self._schema(case)
        await self._terms(case)
        self._prejudices(case)
        return Verdict(tuple(case.reasons), tuple(case.warnings), case.document)

    @property
    def sees_all(self) -> bool:
        """Whether no fault makes this verifier overlook a reason."""
        return not self._blind

    async def standing(self, token: CredentialToken, *, proven: bool = False) -> tuple[Reason, ...]:
        """What speaks against a token as a member of a set: proof (unless known to hold), time and status, not content."""
        case = _Case(token.payload, token)
        if not proven:
            await self._proof(case)
        self._validity(case)
        await self._status(case)
        return tuple(reason for reason in case.reasons if reason.code not in self._blind)

    # -- proof ---------------------------------------------------------------------------------------------------

    async def _proof(self, case: _Case) -> None:
        token = case.token
        if token is None:
            proof = case.document.get("proof")
            if proof is None:
                case.against("unsigned", "neither an envelope nor a proof member")
            else:
                kind = (
                    proof.get("cryptosuite", proof.get("type"))
                    if isinstance(proof, dict)
                    else "a list of proofs"
                )
                case.against(
                    "unsupported-proof", f"embedded proof {kind!r}; this verifier checks vc+jwt only"
                )
            return
        for code, detail in token.header_faults():
            case.against(code, detail)
        if token.header.get("typ") is None or str(token.header["typ"]).lower() == "jwt":
            case.warn("header", "typ is not vc+jwt")
        issuer = issuer_of(case.document)
        iss = case.document.get("iss")
        if iss is not None and iss != issuer:
            case.against("issuer-mismatch", f"iss is {iss!r}, the issuer {issuer!r}")
        if not issuer.startswith("did:"):
            case.against("issuer", f"issuer {issuer!r} is not a DID")
        elif token.kid.startswith("did:") and token.kid.partition("#")[0] != issuer:
            case.against("issuer-mismatch", f"kid {token.kid!r} is not a key of {issuer!r}")
        if case.reasons:
            return
        try:
            document = await self._lookup.did_document(issuer)
            key, authorised = did.signing_key(document, token.kid)
        except did.DidError as error:
            case.against(error.code, str(error))
            return
        if not authorised:
            case.against("key-not-authorised", f"{token.kid!r} is not authorised under assertionMethod")
        if not tokens.signature_holds(token, key):
            case.against("bad-signature", f"the signature does not verify with {token.kid!r}")

    # -- data model, time ----------------------------------------------------------------------------------------

    def _data_model(self, case: _Case) -> None:
        document = case.document
        contexts = document.get("@context")
        if not isinstance(contexts, list) or not contexts or contexts[0] != V2_CONTEXT:
            case.against("data-model", f"the first @context entry is not {V2_CONTEXT}")
        if "VerifiableCredential" not in types_of(document):
            case.against("data-model", "type does not name VerifiableCredential")
        if not issuer_of(document):
            case.against("data-model", "the issuer is missing")
        subject = document.get("credentialSubject")
        if not isinstance(subject, dict | list) or not subject:
            case.against("data-model", "credentialSubject is missing or empty")

    def _validity(self, case: _Case) -> None:
        now = self._now()
        bounds: dict[str, datetime | None] = {}
        for name in ("validFrom", "validUntil"):
            value = case.document.get(name)
            bounds[name] = instant(value)
            if value is not None and bounds[name] is None:
                case.against("data-model", f"{name} {value!r} is not a date-time with zone")
        starts, ends = bounds["validFrom"], bounds["validUntil"]
        if starts and ends and ends < starts:
            case.against("data-model", "validUntil lies before validFrom")
        for claim, seconds in (("nbf", _seconds(case, "nbf")), ("exp", _seconds(case, "exp"))):
            if seconds is not None and claim == "nbf" and now.timestamp() < seconds:
                case.against("not-yet-valid", "nbf lies ahead")
            if seconds is not None and claim == "exp" and now.timestamp() >= seconds:
                case.against("expired", "exp has passed")
        if starts and now < starts:
            case.against(
                "not-yet-valid", f"valid from {case.document['validFrom']}, now is {now.isoformat()}"
            )
        if ends and now > ends:
            case.against("expired", f"valid until {case.document['validUntil']}, now is {now.isoformat()}")

    # -- status --------------------------------------------------------------------------------------------------

    async def _status(self, case: _Case) -> None:
        for entry in status.entries(case.document):
            try:
                wanted = status.reference(entry)
                purposes, bits = await self._lookup.status_list(wanted.url)
                reason, warning = status.judge_bit(wanted, purposes, bits)
            except status.StatusError as error:
                case.against(error.code, str(error))
                continue
            case.reasons.extend([reason] if reason else [])
            case.warnings.extend([warning] if warning else [])

    # -- schema and linked data ----------------------------------------------------------------------------------

    def _schema(self, case: _Case) -> None:
        kind = untp_type(case.document)
        if kind is None:
            return
        urls = context_urls(case.document)
        if "accept-mixed-versions" in self._faults and _looks_old(case.document):
            return
        if untp_0_7.CONTEXT_URL not in urls and any(_OTHER_UNTP.match(url) for url in urls):
            case.warn("schema", "another version of UNTP: content was not checked against its schema")
            return
        for error in schema_validator(kind).iter_errors(case.document):
            path = [str(step) for step in error.instance_path]
            detail = f"/{'/'.join(path)}: {error.message[:300]}"
            # Text and schema contradict each other on the status entry (P-01, P-02): a liberal reader takes both.
            if path[:1] == ["credentialStatus"] and _conflict(case.document, path):
                case.warn("schema", detail)
            else:
                case.against("schema", detail)

    async def _terms(self, case: _Case) -> None:
        if "accept-mixed-versions" in self._faults and _looks_old(case.document):
            return
        known, unknown, extra = True, [], {}
        for url in dict.fromkeys(context_urls(case.document)):
            if self._linked_data.knows(url):
                continue
            try:
                extra[url] = _context_of(await self._fetch(url))
            except (FetchError, TokenError) as error:
                known = False
                unknown.append(url)
                case.warn("json-ld", f"context {url} cannot be had: {error}")
        document = case.document
        if not known:
            contexts = [entry for entry in document["@context"] if entry not in unknown] or [V2_CONTEXT]
            document = {**document, "@context": contexts}
        for loss in self._linked_data.losses(document, extra):
            if known:
                case.against("json-ld", loss)
            else:
                case.warn("json-ld", loss)

    # -- faults that refuse --------------------------------------------------------------------------------------

    def _prejudices(self, case: _Case) -> None:
        if "reject-without-issuing-software" in self._faults and "issuingSoftware" not in case.document:
            case.against("refused", "issuingSoftware is missing")
        if "reject-older-versions" in self._faults and any(
            _OTHER_UNTP.match(url) and url != untp_0_7.CONTEXT_URL for url in context_urls(case.document)
        ):
            case.against("refused", "the credential is of another version of UNTP")
        if "reject-extensions" in self._faults and _extended(case.document):
            case.against("refused", "the credential carries properties outside UNTP")
        subject = case.document.get("credentialSubject")
        subject = subject if isinstance(subject, dict) else {}
        characteristics = subject.get("characteristics")
        unknown = isinstance(characteristics, dict) and "sieve" in characteristics
        if "reject-open-characteristics" in self._faults and unknown:
            case.against("refused", "characteristics has members that are not known")
        if "reject-urns" in self._faults and str(subject.get("id", "")).startswith("urn:"):
            case.against("refused", "the product is not named by an http address")
        if "reject-company-terms" in self._faults and _extended(case.document, contexts=False):
            case.against("refused", "the credential has terms of its own")
        if "reject-bindings" in self._faults and "relatedResource" in case.document:
            case.against("refused", "the credential names related resources")
        if "reject-variants" in self._faults and "otherVariants" in case.document:
            case.against("refused", "the credential is one of several")
        if "reject-eddsa" in self._faults and case.token and case.token.alg in {"EdDSA", "Ed25519"}:
            case.against("alg-not-allowed", f"alg is {case.token.alg}")


def _context_of(answer: Answer) -> dict[str, Any]:
    if answer.status != 200:
        raise TokenError(f"the address answers {answer.status}")
    document = tokens.parse_json(answer.body, "context")
    if not isinstance(document, dict) or "@context" not in document:
        raise TokenError("no @context in what the address answers")
    return document


def _seconds(case: _Case, claim: str) -> float | None:
    value = case.document.get(claim) if case.token else None
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        case.against("data-model", f"{claim} {value!r} is not a number of seconds")
        return None
    return float(value)


def _conflict(document: Mapping[str, Any], path: list[str]) -> bool:
    entry = document.get("credentialStatus")
    if isinstance(entry, list):
        return path == ["credentialStatus"]
    index = entry.get("statusListIndex") if isinstance(entry, dict) else None
    return path == ["credentialStatus", "statusListIndex"] and isinstance(index, str) and index.isdigit()


def _extended(document: Mapping[str, Any], *, contexts: bool = True) -> bool:
    """Whether a credential goes beyond the core: more contexts, other types, or members that its classes do not have.

    Without ``contexts``, one that brings a context for what it adds is let pass.
    """
    others = set(context_urls(document)) - {V2_CONTEXT, untp_0_7.CONTEXT_URL}
    if others and not contexts:
        return False
    if others:
        return not all(_OTHER_UNTP.match(url) for url in others)
    kind = untp_type(document)
    if kind is None or set(types_of(document)) - {"VerifiableCredential", kind}:
        return True
    return any(
        set(visit.value) - set(untp_0_7.CLASSES[visit.cls].by_name) - _EVERYWHERE
        for visit in untp_0_7.walk(kind, document)
        if visit.cls in untp_0_7.CLASSES and visit.cls != "Characteristics"
    )


def _looks_old(document: Mapping[str, Any]) -> bool:
    """Whether the subject is of the model of 0.6."""
    subject = document.get("credentialSubject")
    return isinstance(subject, dict) and "ProductPassport" in types_of(subject)


_EVERYWHERE = frozenset(
    {"@context", "type", "id", "description", "iss", "exp", "nbf", "iat", "jti", "sub", "vc", "proof"}
)
