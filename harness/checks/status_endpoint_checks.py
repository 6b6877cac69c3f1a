"""Status lists as they are served, and what a revocation does to them (STS rows decided by HTTP and API)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assay.harness.adapters import Reading
from assay.harness.checks import NotApplicable, Remark, Undecided, check
from assay.harness.credential.status import bit_at
from assay.harness.material import Credential, Document, StatusList, Unavailable
from assay.harness.results import Finding, Location
from assay.harness.trials import ApiTrial, HttpTrial, Unreachable, must_reject, reached

__all__: list[str] = []

_MAX_AGE = re.compile(r"(?:^|[,\s])(?:s-maxage|max-age)\s*=\s*\"?(\d+)", re.I)


@check("STS-022", trial="published-status-list")
def caching_agrees_with_ttl(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """HTTP caches keep a list no longer than its ``ttl`` (milliseconds) allows."""
    answer = reached(trial, "get")
    subject = (
        trial.document.value.get("credentialSubject") if isinstance(trial.document, StatusList) else None
    )
    ttl = subject.get("ttl") if isinstance(subject, dict) else None
    if not isinstance(ttl, int) or isinstance(ttl, bool) or ttl <= 0:
        raise NotApplicable("the list states no ttl")
    ages = [int(age) for age in _MAX_AGE.findall(answer.header("cache-control"))]
    if ages and max(ages) * 1000 > ttl:
        yield Finding(
            at=trial.location(),
            expected=f"max-age of at most {ttl // 1000} s (ttl is {ttl} ms)",
            received=f"Cache-Control: {answer.header('cache-control')[:120]}",
            hint="A cached list hides revocations.",
            evidence=(answer.digest,),
        )


@check("STS-011", trial="published-status-list")
def list_is_there(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """The address of a status list leads to a status list credential."""
    answer = trial.answers.get("get")
    if isinstance(answer, Unavailable):
        if not answer.definitive:
            raise Unreachable(f"{answer.url}: {answer.reason}, {answer.detail}")
        received, evidence = answer.detail, answer.evidence
    elif isinstance(trial.document, StatusList):
        return
    else:
        # What is a credential and lacks the type is judged as a document; here it is something else altogether.
        if isinstance(trial.document, Credential):
            raise NotApplicable("a credential is served there; its type is judged with the document")
        received, evidence = "no credential", (answer.digest,) if answer is not None else ()
    yield Finding(
        at=trial.location(),
        expected="200 with a BitstringStatusListCredential",
        received=received,
        hint="Without its list nobody can tell whether a credential has been revoked.",
        evidence=evidence,
    )


@check("STS-021", trial="published-status-list")
def list_media_type(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A status list secured like the credentials it speaks of is served with their media type."""
    answer = reached(trial, "get")
    if not isinstance(trial.document, StatusList) or trial.document.envelope is None:
        raise NotApplicable("no enveloped status list is served there")
    if answer.media_type != "application/vc+jwt":
        yield Finding(
            at=trial.location(),
            expected="Content-Type: application/vc+jwt",
            received=answer.header("content-type")[:80] or "no Content-Type",
            evidence=(answer.digest,),
        )


def _list(trial: ApiTrial, name: str) -> StatusList:
    found: StatusList | Unavailable | None = trial.about.get(name)
    if isinstance(found, StatusList):
        if found.expansion_problem:
            raise Undecided(f"the status list cannot be expanded: {found.expansion_problem}")
        return found
    if found is None:
        raise Undecided(_why_not(trial))
    if not found.definitive:
        raise Unreachable(f"{found.url}: {found.reason}, {found.detail}")
    raise Undecided(f"{found.url}: {found.detail}")


def _why_not(trial: ApiTrial) -> str:
    control = trial.control
    if control is None or control.answer.reading is not Reading.ACCEPTED:
        return (
            f"no credential could be issued to revoke: {control.answer if control else 'nothing was tried'}"
        )
    return "the issued credential has no status entry for revocation"


def _index(trial: ApiTrial) -> int:
    index: Any = trial.about.get("index")
    if not isinstance(index, int):
        raise Undecided("the status entry of the issued credential has no usable index")
    return index


def _revoked(trial: ApiTrial) -> None:
    """The provider has acknowledged the revocation; otherwise nothing follows from the list.

    :raises Undecided: it refused. :raises Unreachable: it gave no answer.
    """
    if not trial.attempts:
        raise Undecided(_why_not(trial))
    answer = trial.attempts[0].answer
    if answer.reading is Reading.REJECTED:
        raise Undecided(f"the revocation was refused: {answer}")
    if answer.reading is not Reading.ACCEPTED:
        raise Unreachable(f"the revocation was not acknowledged: {answer}")


def _bit(status_list: StatusList, index: int) -> bool | None:
    return bit_at(status_list.bits, index) if index < status_list.size else None


def _evidence(trial: ApiTrial, *lists: Document) -> tuple[str, ...]:
    sent = tuple(digest for attempt in trial.attempts for digest in attempt.answer.evidence)
    return (*sent, *(digest for document in lists for digest in document.evidence))


def _changed(before: bytes, after: bytes) -> list[int]:
    """Positions that differ, the first few."""
    if len(before) != len(after):
        return []
    found = []
    for place, (one, other) in enumerate(zip(before, after, strict=True)):
        if one != other:
            found += [place * 8 + bit for bit in range(8) if (one ^ other) >> (7 - bit) & 1]
            if len(found) > 16:
                break
    return found


@check("STS-025", trial="revocation")
def revocation_shows(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """A revocation that was acknowledged can be seen in the list at once."""
    _revoked(trial)
    index, before, after = _index(trial), _list(trial, "before"), _list(trial, "after")
    if _bit(before, index):
        raise Undecided(f"bit {index} was set before the credential was revoked")
    if before.bits == after.bits:
        yield Finding(
            at=Location(source=str(trial.about.get("url", trial.target))),
            expected=f"a changed bit after the revocation of index {index} was acknowledged",
            received="the list is what it was before",
            hint="Publish the new list before acknowledging, and keep caches from serving the old one.",
            evidence=_evidence(trial, before, after),
        )


@check("STS-016", trial="revocation")
def index_counts_from_the_left(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Index 0 is the left-most bit: a revocation changes the bit of its own index and no other."""
    _revoked(trial)
    index, before, after = _index(trial), _list(trial, "before"), _list(trial, "after")
    changed = _changed(before.bits, after.bits)
    if not changed:
        raise Undecided("the revocation changed nothing that could be compared")
    if changed != [index]:
        mirrored = [(place & ~7) | (7 - (place & 7)) for place in changed]
        yield Finding(
            at=Location(source=str(trial.about.get("url", trial.target))),
            expected=f"bit {index} changes, counted from the left",
            received=f"changed: {', '.join(map(str, changed[:8]))}",
            hint="Bits are counted from the right within each byte." if mirrored == [index] else "",
            evidence=_evidence(trial, before, after),
        )


@check("STS-019", trial="revocation")
def revocation_is_final(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """A revocation is not taken back."""
    _revoked(trial)
    after, last = _list(trial, "after"), _list(trial, "last")
    changed = _changed(_list(trial, "before").bits, after.bits)
    if not changed:
        raise Undecided("the revocation changed nothing, so nothing could be taken back")
    cleared = [place for place in changed if bit_at(after.bits, place) and not _bit(last, place)]
    if cleared:
        yield Finding(
            at=Location(source=str(trial.about.get("url", trial.target))),
            expected="the bit stays set",
            received=f"bit {cleared[0]} was cleared on request ({trial.attempts[-1].answer})",
            hint="Use suspension for what may be undone.",
            evidence=_evidence(trial, after, last),
        )


@check("ISG-006", trial="status-anonymous")
def strangers_change_no_status(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Nobody changes a status without saying who he is."""
    yield from must_reject(
        trial, "401 or 403 without authorisation", "Ask for authorisation before changing a status."
    )
