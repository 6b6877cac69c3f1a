"""Two questions beyond a single credential: what is behind a link, and is an issuer who it says it is.

Sources: UNTP 0.7.0 Identity Resolver page (validate after dereferencing, never trust link type, media type or the shape of a
URL alone; look at ``/.well-known/resolver`` before taking a domain for a resolver) and Digital Identity Anchor page (the
subject is the issuer's DID, the anchor's issuer is a trusted register).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from assay.simulator.sandbox import tokens
from assay.simulator.sandbox.addresses import split_address
from assay.simulator.sandbox.faults import HONEST, Faults
from assay.simulator.sandbox.fetch import Answer, Fetch, FetchError
from assay.simulator.sandbox.reasons import Reason, Verdict
from assay.simulator.sandbox.resolver import relation_name
from assay.simulator.sandbox.tokens import TokenError
from assay.simulator.sandbox.verifier import Verifier

__all__ = ["LINK_KINDS", "Crash", "follow_link", "verify_identity"]

LINK_KINDS: Mapping[str, str] = {
    "dpp": "DigitalProductPassport",
    "dcc": "DigitalConformityCredential",
    "dfr": "DigitalFacilityRecord",
    "dte": "DigitalTraceabilityEvent",
    "dia": "DigitalIdentityAnchor",
}


class Crash(RuntimeError):
    """A fault that makes the node fail with 500."""


async def follow_link(
    link: Mapping[str, Any], fetch: Fetch, verifier: Verifier, faults: Faults = HONEST
) -> Verdict:
    """Follow a link (``href``, ``rel``, ``type``) and judge what is there as what ``rel`` announces."""
    href, rel = link.get("href"), relation_name(str(link.get("rel", "")))
    if not isinstance(href, str):
        return Verdict((Reason("link", "'link.href' has to be a string"),))
    if rel == "linkset":
        return await _follow_resolver(href, fetch, faults)
    try:
        answer = await fetch(href)
    except FetchError as error:
        if "links-crash" in faults:
            raise Crash(str(error)) from error
        return Verdict((Reason("link", str(error)),))
    if answer.status != 200:
        if "links-crash" in faults and answer.status >= 500:
            raise Crash(f"{href} answers {answer.status}")
        return Verdict((Reason("link", f"{href} answers {answer.status}"),))
    if "links-trusted" in faults:
        return Verdict()
    submitted = _credential_in(answer)
    if submitted is None:
        return Verdict(
            (Reason("link", f"there is no credential at {href}, but {answer.media_type or 'something'}"),)
        )
    verdict = await verifier.verify(submitted)
    types = verdict.document.get("type") if isinstance(verdict.document, dict) else None
    wanted = LINK_KINDS.get(rel)
    if wanted is not None and wanted not in (types if isinstance(types, list) else [types]):
        reason = Reason("wrong-kind", f"rel {rel} promises a {wanted}, at {href} is {types!r}")
        return Verdict((*verdict.reasons, reason), verdict.warnings, verdict.document)
    return verdict


async def _follow_resolver(href: str, fetch: Fetch, faults: Faults) -> Verdict:
    warnings: tuple[Reason, ...] = ()
    parts = split_address(href)
    if "well-known-not-read" not in faults:
        described = f"{parts.scheme}://{parts.netloc}/.well-known/resolver"
        try:
            answer = await fetch(described)
            if answer.status != 200 or not isinstance(tokens.parse_json(answer.body), dict):
                warnings = (Reason("link", f"{described} answers {answer.status}: this may be no resolver"),)
        except (FetchError, TokenError) as error:
            warnings = (Reason("link", f"{described}: {error}"),)
    asked = href if "linkType=" in parts.query else f"{href}{'&' if parts.query else '?'}linkType=linkset"
    try:
        answer = await fetch(asked)
    except FetchError as error:
        if "links-crash" in faults:
            raise Crash(str(error)) from error
        return Verdict((Reason("link", str(error)),), warnings)
    if answer.status != 200:
        if "links-crash" in faults and answer.status >= 500:
            raise Crash(f"{asked} answers {answer.status}")
        return Verdict((Reason("link", f"{asked} answers {answer.status}"),), warnings)
    fault = _linkset_fault(answer)
    if fault is None:
        return Verdict((), warnings)
    if "links-assumed-resolver" in faults:
        raise Crash(fault)
    return Verdict((Reason("link", f"no linkset at {asked}: {fault}"),), warnings)


def _linkset_fault(answer: Answer) -> str | None:
    try:
        content = tokens.parse_json(answer.body, "linkset")
    except TokenError as error:
        return f"{answer.media_type or 'no media type'}, {error}"
    contexts = content.get("linkset") if isinstance(content, dict) else None
    if not isinstance(contexts, list) or not all(isinstance(c, dict) and "anchor" in c for c in contexts):
        return "not an object with a linkset array of contexts with anchors"
    return None


def _credential_in(answer: Answer) -> Any:
    """What the bytes are, whatever the media type claims: a compact token, a JSON object, or None."""
    text = answer.body.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        try:
            return tokens.parse_json(text)
        except TokenError:
            return None
    return text if text.count(".") == 2 and not text.startswith("<") else None


async def verify_identity(
    credential: Any, anchor: Any, trusted: Collection[str], verifier: Verifier, faults: Faults = HONEST
) -> Verdict:
    """Whether the issuer of ``credential`` is anchored by the identity credential ``anchor`` of a trusted register."""
    judged, anchored = await verifier.verify(credential), await verifier.verify(anchor)
    reasons = [*judged.reasons, *anchored.reasons]
    warnings = (*judged.warnings, *anchored.warnings)
    subject = _member(anchored.document, "credentialSubject", "id")
    issuer, register = _member(judged.document, "issuer", "id"), _member(anchored.document, "issuer", "id")
    if LINK_KINDS["dia"] not in (_member(anchored.document, "type") or ()):
        reasons.append(Reason("wrong-kind", "the identity anchor is not a DigitalIdentityAnchor"))
    if subject != issuer and "accept-any-identity" not in faults:
        reasons.append(Reason("not-anchored", f"the anchor is about {subject!r}, the issuer is {issuer!r}"))
    if register not in trusted and "accept-any-register" not in faults:
        reasons.append(
            Reason("not-anchored", f"the anchor is issued by {register!r}, which no trusted register lists")
        )
    return Verdict(tuple(reasons), warnings, judged.document)


def _member(document: Any, *names: str) -> Any:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document
