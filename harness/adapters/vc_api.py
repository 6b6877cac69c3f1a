"""The VC API (W3C CCG): issuing, verifying and status changes over HTTP, and the many ways in which vendors answer it.

How an answer is read is written down in ``docs/endpoints.md``; the functions here are that table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from assay.harness.adapters import Answer, Reading
from assay.harness.evidence import Exchange
from assay.harness.forge.envelopes import enveloped
from assay.harness.material import Unavailable
from assay.harness.transport import Transport

__all__ = ["VcApi", "enveloped", "read_issued", "read_status_change", "read_verification"]

_REJECTING = frozenset({400, 406, 409, 410, 413, 415, 422})
_MISCONFIGURED = frozenset({401, 403, 404, 405, 421})
_NO_SUCH_API = frozenset({404, 405, 421})
_VERDICT_NAMES = ("verified", "valid", "verificationResult", "isValid", "result", "success")
_REASON_NAMES = (
    "errors",
    "problemDetails",
    "warnings",
    "error",
    "detail",
    "title",
    "message",
    "reason",
    "description",
)
_CREDENTIAL_NAMES = ("verifiableCredential", "vc", "credential", "jwt", "token")
_REASONS_KEPT = 20
_TRUE = frozenset({"true", "valid", "verified", "success", "ok"})
_FALSE = frozenset({"false", "invalid", "failed", "failure", "error", "revoked", "expired"})


class VcApi:
    """One endpoint that speaks the VC API."""

    def __init__(
        self,
        transport: Transport,
        endpoint: str,
        headers: Mapping[str, str] | None = None,
        *,
        form: Literal["enveloped", "token"] = "enveloped",
        dialect: Literal["vc-api", "vc-api-2021"] = "vc-api",
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint.rstrip("/")
        self._headers = dict(headers or {})
        self._form = form
        self._dialect = dialect

    async def issue(self, credential: Mapping[str, Any] | None, *, authorised: bool = True) -> Answer:
        """``POST /credentials/issue``; without a credential the member is left out."""
        body: dict[str, Any] = {"options": {}}
        if credential is not None:
            body = {"credential": credential, "options": {}}
        return read_issued(await self._post("issue", body, authorised))

    async def verify(self, token: str, **options: Any) -> Answer:
        """``POST /credentials/verify`` with a compact token."""
        body = {"verifiableCredential": self._shaped(token), "options": options}
        return read_verification(await self._post("verify", body))

    async def verify_document(self, document: Mapping[str, Any]) -> Answer:
        """``POST /credentials/verify`` with a JSON document as it stands (embedded proof, or none)."""
        return read_verification(
            await self._post("verify", {"verifiableCredential": document, "options": {}})
        )

    async def verify_link(self, href: str, relation: str, media_type: str = "") -> Answer:
        """The extension ``verify-links``: follow a link and judge what is there."""
        link = {"href": href, "rel": relation} | ({"type": media_type} if media_type else {})
        return read_verification(await self._post("verify", {"link": link, "options": {}}))

    async def verify_identity(self, token: str, anchor: str, trusted: tuple[str, ...]) -> Answer:
        """The extension ``verify-identity``: is the issuer of a credential anchored by this DIA?"""
        body = {
            "verifiableCredential": self._shaped(token),
            "identityAnchor": self._shaped(anchor),
            "options": {"trustedRegisters": list(trusted)},
        }
        return read_verification(await self._post("verify", body))

    async def verify_presentation(self, tokens: Sequence[str]) -> Answer:
        """``POST /presentations/verify`` with a presentation of compact tokens that has no proof of its own."""
        presentation = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [enveloped(token) for token in tokens],
        }
        body = {"verifiablePresentation": presentation, "options": {}}
        return read_verification(await self._post("verify", body, of="presentations"))

    async def verify_graph(
        self,
        credentials: Sequence[str | Mapping[str, Any]],
        vocabularies: Sequence[Mapping[str, Any]],
        anchors: Sequence[str],
    ) -> Answer:
        """The extension ``verify-graph``: do these credentials hold together?"""
        members = [self._shaped(one) if isinstance(one, str) else one for one in credentials]
        body = {
            "graph": {"credentials": members, "vocabularies": list(vocabularies)},
            "options": {"trustAnchors": list(anchors)},
        }
        return read_verification(await self._post("verify", body))

    async def set_status(
        self, credential_id: str, entry: Mapping[str, Any], value: bool, *, authorised: bool = True
    ) -> Answer:
        """``POST /credentials/status``: set (or clear) the bit that a status entry names."""
        kept = {name: entry[name] for name in _ENTRY_MEMBERS if name in entry}
        if self._dialect == "vc-api-2021":
            body: dict[str, Any] = {
                "credentialId": credential_id,
                "credentialStatus": [{"type": entry.get("type"), "status": "1" if value else "0"}],
            }
        else:
            body = {"credentialId": credential_id, "credentialStatus": kept, "status": value}
        return read_status_change(await self._post("status", body, authorised))

    def _shaped(self, token: str) -> Any:
        return enveloped(token) if self._form == "enveloped" else token

    async def _post(
        self, action: str, body: Mapping[str, Any], authorised: bool = True, *, of: str = "credentials"
    ) -> Exchange | Unavailable:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return await self._transport.send(
            "POST",
            f"{self._endpoint}/{of}/{action}",
            headers=headers | (self._headers if authorised else {}),
            body=json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(),
        )


_ENTRY_MEMBERS = ("id", "type", "statusPurpose", "statusListIndex", "statusListCredential")


def read_verification(answer: Exchange | Unavailable) -> Answer:
    """What a verifier's answer says. A 200 with ``verified: false`` and a 400 are both a rejection."""
    if isinstance(answer, Unavailable):
        return _unreachable(answer)
    early = _no_verdict(answer, _MISCONFIGURED)
    if early is not None:
        return early
    content = answer.json()
    reasons = tuple(dict.fromkeys(_reasons(content)))[:_REASONS_KEPT]
    about: dict[str, Any] = {"reasons": reasons, "status": answer.status, "evidence": (answer.digest,)}
    if answer.status in _REJECTING:
        return Answer(Reading.REJECTED, **about)
    if not 200 <= answer.status < 300:
        return Answer(Reading.UNREADABLE, detail=f"the answer is {answer.status}", **about)
    verdict = _verdict(content)
    if verdict is None:
        shown = answer.body[:120].decode("utf-8", "replace")
        return Answer(Reading.UNREADABLE, detail=f"no verdict found in: {shown}", **about)
    return Answer(Reading.ACCEPTED if verdict else Reading.REJECTED, **about)


def read_issued(answer: Exchange | Unavailable) -> Answer:
    """What an issuer's answer says, with the credential it handed out."""
    if isinstance(answer, Unavailable):
        return _unreachable(answer)
    early = _no_verdict(answer, _NO_SUCH_API)
    if early is not None:
        return early
    content = answer.json()
    about: dict[str, Any] = {"status": answer.status, "evidence": (answer.digest,)}
    if 400 <= answer.status < 500:
        return Answer(
            Reading.REJECTED, reasons=tuple(dict.fromkeys(_reasons(content)))[:_REASONS_KEPT], **about
        )
    if not 200 <= answer.status < 300:
        return Answer(Reading.UNREADABLE, detail=f"the answer is {answer.status}", **about)
    material = _credential(content, answer.body)
    if material is None:
        return Answer(Reading.UNREADABLE, detail="no credential found in the answer", **about)
    return Answer(Reading.ACCEPTED, material=material, **about)


def read_status_change(answer: Exchange | Unavailable) -> Answer:
    """What a status provider's answer says."""
    if isinstance(answer, Unavailable):
        return _unreachable(answer)
    early = _no_verdict(answer, _NO_SUCH_API)
    if early is not None:
        return early
    reasons = tuple(dict.fromkeys(_reasons(answer.json())))[:_REASONS_KEPT]
    done = 200 <= answer.status < 300
    reading = Reading.ACCEPTED if done else Reading.REJECTED if answer.status >= 400 else Reading.UNREADABLE
    return Answer(reading, reasons=() if done else reasons, status=answer.status, evidence=(answer.digest,))


def _unreachable(answer: Unavailable) -> Answer:
    return Answer(Reading.UNREACHABLE, detail=f"{answer.reason}: {answer.detail}", evidence=answer.evidence)


def _no_verdict(answer: Exchange, misconfigured: frozenset[int]) -> Answer | None:
    """Answers that say nothing about what was sent."""
    about: dict[str, Any] = {
        "status": answer.status,
        "evidence": (answer.digest,),
        "reasons": tuple(dict.fromkeys(_reasons(answer.json())))[:_REASONS_KEPT],
    }
    if answer.status == 429 or answer.status in (502, 503, 504):
        return Answer(Reading.UNREACHABLE, detail=f"the answer is {answer.status}", **about)
    if answer.status >= 500:
        return Answer(Reading.CRASHED, detail=f"the answer is {answer.status}", **about)
    if answer.status in misconfigured:
        return Answer(Reading.MISCONFIGURED, detail=f"the answer is {answer.status}", **about)
    return None


def _verdict(content: Any) -> bool | None:
    """True, False, or None where nothing of the kind can be found. Anything that says no outweighs what says yes."""
    if isinstance(content, bool):
        return content
    if isinstance(content, str):
        return _spoken(content)
    if not isinstance(content, Mapping):
        return None
    said = [verdict for name in _VERDICT_NAMES if (verdict := _verdict(content.get(name))) is not None]
    for name in ("errors", "problemDetails"):
        listed = content.get(name)
        if isinstance(listed, list):
            said.append(not any(_is_error(item) for item in listed))
    for name in ("checks", "results", "verificationResults"):
        listed = content.get(name)
        if isinstance(listed, list):
            said += [
                v for item in listed if isinstance(item, Mapping | bool) and (v := _verdict(item)) is not None
            ]
        elif isinstance(listed, Mapping):
            said += [v for item in listed.values() if (v := _verdict(item)) is not None]
    return all(said) if said else None


def _is_error(item: Any) -> bool:
    """Problem details may be warnings; everything else in a list of errors is one."""
    return not (isinstance(item, Mapping) and str(item.get("severity", "")).lower() in ("warning", "info"))


def _spoken(text: str) -> bool | None:
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _reasons(content: Any, depth: int = 0) -> Iterator[str]:
    """Words that say why, from wherever vendors put them."""
    if depth > 4:
        return
    if isinstance(content, str):
        if content.strip():
            yield " ".join(content.split())[:300]
    elif isinstance(content, list):
        for item in content[:_REASONS_KEPT]:
            yield from _reasons(item, depth + 1)
    elif isinstance(content, Mapping):
        told = [content[name] for name in _REASON_NAMES if name in content]
        texts = [item for item in told if isinstance(item, str)]
        if texts:
            yield ": ".join(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))[:300]
        for item in told:
            if not isinstance(item, str):
                yield from _reasons(item, depth + 1)
        for name in ("checks", "results", "verificationResult"):
            yield from _reasons(content.get(name), depth + 1)


def _credential(content: Any, body: bytes) -> bytes | None:
    """The credential in an issuer's answer: a member, or the whole body; a token or JSON."""
    text = body.decode("utf-8", "replace").strip()
    if content is None:
        return text.encode() if text.count(".") == 2 and text.startswith("ey") else None
    if isinstance(content, str):
        return content.encode() if content.count(".") == 2 else None
    if not isinstance(content, Mapping):
        return None
    if (
        "EnvelopedVerifiableCredential" in _types(content)
        or "proof" in content
        or "credentialSubject" in content
    ):
        return body
    for name in _CREDENTIAL_NAMES:
        value = content.get(name)
        if isinstance(value, str):
            return value.encode()
        if isinstance(value, Mapping):
            return json.dumps(value, ensure_ascii=False).encode()
    return None


def _types(value: Mapping[str, Any]) -> list[Any]:
    types = value.get("type")
    return types if isinstance(types, list) else [types]
