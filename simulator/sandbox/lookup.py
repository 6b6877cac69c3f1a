"""What a verifier looks up: DID documents and status lists, fetched anew every time, verified once per content."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from assay.simulator.sandbox import did, status, tokens
from assay.simulator.sandbox.documents import instant, issuer_of, token_text
from assay.simulator.sandbox.fetch import Answer, Fetch, FetchError
from assay.simulator.sandbox.tokens import CredentialToken, TokenError

__all__ = ["Lookup"]

_MEMO = 256


class Lookup:
    """Looks things up through ``fetch``, as of ``now``."""

    def __init__(self, fetch: Fetch, now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._now = now
        # What a list says after its proof was checked, by digest of the list and of its issuer's DID document: the
        # bytes are fetched anew for every credential, so that a revocation is seen at once.
        self._lists: OrderedDict[str, tuple[tuple[str, ...], bytes]] = OrderedDict()

    async def did_document(self, identifier: str) -> Mapping[str, Any]:
        """The DID document of a did:web. :raises DidError: it cannot be had, or is another's."""
        url = did.did_url(identifier)
        try:
            answer = await self._fetch(url)
        except FetchError as error:
            raise did.DidError("did-unresolvable", f"{identifier}: {error}") from error
        if answer.status != 200:
            raise did.DidError("did-unresolvable", f"{url} answers {answer.status}")
        try:
            document = tokens.parse_json(answer.body, "DID document")
        except TokenError as error:
            raise did.DidError("did-unresolvable", f"{url}: {error}") from error
        fault = did.document_fault(document, identifier)
        if fault is not None or not isinstance(document, dict):
            raise did.DidError("did-unresolvable", f"{url}: {fault}")
        return document

    async def status_list(self, url: str) -> tuple[tuple[str, ...], bytes]:
        """Purposes and bits of a status list. :raises StatusError: it cannot be had, or does not verify."""
        try:
            answer = await self._fetch(url)
        except FetchError as error:
            raise status.StatusError("status-unavailable", str(error)) from error
        if answer.status != 200:
            raise status.StatusError("status-unavailable", f"{url} answers {answer.status}")
        try:
            token = _token_of(answer)
            issuer = issuer_of(token.payload)
            document = await self.did_document(issuer)
        except (TokenError, did.DidError) as error:
            raise status.StatusError("status-list-invalid", f"{url}: {error}") from error
        key = hashlib.sha256(
            repr((token.text, document, token.payload.get("validUntil"))).encode()
        ).hexdigest()
        known = self._lists.get(key)
        if known is None:
            known = self._check_list(token, document, url)
            self._lists[key] = known
            if len(self._lists) > _MEMO:
                self._lists.popitem(last=False)
        # Time passes while bytes stay: the window is looked at every time.
        starts, ends, now = (
            instant(token.payload.get("validFrom")),
            instant(token.payload.get("validUntil")),
            self._now(),
        )
        if (starts and now < starts) or (ends and now > ends):
            raise status.StatusError("status-list-invalid", f"{url} is not valid at {now.isoformat()}")
        return known

    def _check_list(
        self, token: CredentialToken, document: Mapping[str, Any], url: str
    ) -> tuple[tuple[str, ...], bytes]:
        faults = token.header_faults()
        if faults:
            raise status.StatusError("status-list-invalid", f"{url}: {faults[0][1]}")
        try:
            key, authorised = did.signing_key(document, token.kid)
        except did.DidError as error:
            raise status.StatusError("status-list-invalid", f"{url}: {error}") from error
        if not authorised or not tokens.signature_holds(token, key):
            raise status.StatusError("status-list-invalid", f"the proof of {url} does not verify")
        return status.read_list(token.payload)


def _token_of(answer: Answer) -> CredentialToken:
    text = answer.body.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        enveloped = token_text(tokens.parse_json(text))
        if enveloped is None:
            raise TokenError("the status list credential is not secured by an envelope")
        text = enveloped
    return tokens.parse(text)
