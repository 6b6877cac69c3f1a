"""Trials of an issuer and of the status provider beside it: what is handed out, what is refused, what a revocation does."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from assay.harness.adapters import Adapter, Answer, Reading
from assay.harness.authority import stamp
from assay.harness.credential.intake import read
from assay.harness.credential.status import entries, index_of
from assay.harness.evidence import Exchange
from assay.harness.leads import ACCEPT, Want
from assay.harness.material import Document, StatusList, Unavailable
from assay.harness.transport import Transport
from assay.harness.trials import ApiTrial, Attempt

__all__ = ["IssuerBench", "anonymous_status_trial", "issuer_trials", "request_for", "revocation_trial"]

_DAYS = timedelta(days=365)
SERIES = 6
"""Credentials issued to see how status indices are drawn: six consecutive numbers by chance are one in 10^25."""


def request_for(base: Mapping[str, Any], issuer: str | None, as_of: datetime) -> dict[str, Any]:
    """A credential to have issued, on the pattern of a base: without what the issuer adds."""
    made = copy.deepcopy(dict(base))
    for name in ("id", "credentialStatus"):
        made.pop(name, None)
    made["name"] = "Assay test credential"
    made["validFrom"], made["validUntil"] = stamp(as_of), stamp(as_of + _DAYS)
    if issuer is not None:
        name = "Issuer under test"
        known_as = {"type": ["Party"], "id": issuer, "name": name, "registeredId": "ASSAY-TEST-1"}
        made["issuer"] = {
            "type": ["CredentialIssuer"],
            "id": issuer,
            "name": name,
            "issuerAlsoKnownAs": [known_as],
        }
    else:
        made.pop("issuer", None)
    return made


@dataclass(frozen=True)
class IssuerBench:
    """What the trials of one issuer need. ``has_auth`` when the manifest names credentials that can be left out."""

    adapter: Adapter
    request: Mapping[str, Any]
    subject: int
    target: str
    has_auth: bool = False

    def trial(self, name: str) -> ApiTrial:
        return ApiTrial(name, self.subject, self.target)

    async def issue(
        self, what: str, credential: Mapping[str, Any] | None, *, authorised: bool = True
    ) -> Attempt:
        return Attempt(what, await self.adapter.issue(credential, authorised=authorised))


def _read(answer: Answer, target: str) -> Document | None:
    if answer.material is None:
        return None
    return read(f"issued by {target}", answer.material, evidence=answer.evidence)


async def issuer_trials(bench: IssuerBench) -> tuple[list[ApiTrial], list[Document]]:
    """Hold the trials of an issuer. Returns them, and the credentials it issued in good order, to be judged like any."""
    asked = bench.request
    control = await bench.issue("a good request", asked)
    issued = _read(control.answer, bench.target)
    trials = [replace(bench.trial("issuing"), control=control, about={"asked": asked, "issued": issued})]
    if control.answer.reading is not Reading.ACCEPTED:
        return trials, []
    trials.append(await _refusals(bench, control))
    broken = copy.deepcopy(dict(asked))
    broken["credentialSubject"].pop("name", None)
    broken["credentialSubject"]["idGranularity"] = "pallet"
    attempt = await bench.issue("a product without name, granularity 'pallet'", broken)
    trials.append(replace(bench.trial("issuing-schema"), control=control, attempts=(attempt,)))
    if bench.has_auth:
        attempt = await bench.issue("a good request without authorisation", asked, authorised=False)
        trials.append(replace(bench.trial("issuing-anonymous"), control=control, attempts=(attempt,)))
    series = [await bench.issue(f"good request {number}", asked) for number in range(2, SERIES + 1)]
    documents = [issued, *(_read(attempt.answer, bench.target) for attempt in series)]
    about = {"documents": tuple(document for document in documents if document is not None)}
    trials.append(
        replace(bench.trial("issuing-series"), control=control, attempts=tuple(series), about=about)
    )
    return trials, [issued] if issued is not None else []


async def _refusals(bench: IssuerBench, control: Attempt) -> ApiTrial:
    """Requests that no credential in good order can come from."""
    asked = dict(bench.request)
    upside_down = {**asked, "validFrom": asked["validUntil"], "validUntil": asked["validFrom"]}
    attempts = (
        await bench.issue("a request without 'credential'", None),
        await bench.issue(
            "no credentialSubject", {k: v for k, v in asked.items() if k != "credentialSubject"}
        ),
        await bench.issue("type without VerifiableCredential", {**asked, "type": ["DigitalProductPassport"]}),
        await bench.issue("validUntil before validFrom", upside_down),
    )
    documents = tuple(_read(attempt.answer, bench.target) for attempt in attempts)
    return replace(
        bench.trial("issuing-refusals"), control=control, attempts=attempts, about={"documents": documents}
    )


# -- status ----------------------------------------------------------------------------------------------------------


async def revocation_trial(
    issuer: IssuerBench, status: Adapter, subject: int, target: str, transport: Transport
) -> ApiTrial:
    """Issue, look at the bit, revoke, look again, try to take it back, look a third time."""
    control = await issuer.issue("a good request", issuer.request)
    issued = _read(control.answer, issuer.target)
    trial = ApiTrial("revocation", subject, target, control, about={"issued": issued})
    entry = _revocation_entry(issued)
    if issued is None or entry is None or control.answer.reading is not Reading.ACCEPTED:
        return trial
    url, index, identifier = (
        str(entry.get("statusListCredential")),
        index_of(entry),
        str(issued.value.get("id")),
    )
    before = await _list(transport, url)
    revoke = Attempt("revoke it", await status.set_status(identifier, entry, True))
    after = await _list(transport, url)
    back = Attempt("take the revocation back", await status.set_status(identifier, entry, False))
    last = await _list(transport, url)
    about = {"issued": issued, "url": url, "index": index, "before": before, "after": after, "last": last}
    return replace(trial, attempts=(revoke, back), about=about)


async def anonymous_status_trial(issuer: IssuerBench, status: Adapter, subject: int, target: str) -> ApiTrial:
    """Ask for a revocation without saying who asks; then, as control, with authorisation."""
    made = await issuer.issue("a good request", issuer.request)
    issued = _read(made.answer, issuer.target)
    trial = ApiTrial("status-anonymous", subject, target)
    entry = _revocation_entry(issued)
    if issued is None or entry is None:
        return trial
    identifier = str(issued.value.get("id"))
    attempt = Attempt(
        "revoke without authorisation", await status.set_status(identifier, entry, True, authorised=False)
    )
    # The control comes last here: a revocation cannot be repeated on the same credential.
    control = Attempt("revoke with authorisation", await status.set_status(identifier, entry, True))
    return replace(trial, control=control, attempts=(attempt,))


def _revocation_entry(issued: Document | None) -> Mapping[str, Any] | None:
    if issued is None or not isinstance(issued.value, dict):
        return None
    found = (entry for _, entry in entries(issued.value) if entry.get("statusPurpose") == "revocation")
    return next(found, None)


async def _list(transport: Transport, url: str) -> StatusList | Unavailable:
    answer: Exchange | Unavailable = await transport.fetch(url, accept=ACCEPT[Want.STATUS])
    if isinstance(answer, Unavailable):
        return answer
    found = read(
        url, answer.body, content_type=answer.header("content-type") or None, evidence=(answer.digest,)
    )
    if isinstance(found, StatusList):
        return found
    return Unavailable(url, "wrong-body", "what is served there is no status list", True, (answer.digest,))
