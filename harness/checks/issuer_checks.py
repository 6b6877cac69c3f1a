"""Issuers: what they hand out on request, and what they must not (ISG rows, STS-023)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from assay.harness.adapters import Reading
from assay.harness.checks import Remark, Undecided, check
from assay.harness.credential.instants import instant
from assay.harness.credential.status import entries, index_of
from assay.harness.material import Credential, Document, SignatureState
from assay.harness.results import Finding
from assay.harness.trials import ApiTrial, Attempt, Unreachable, must_reject

__all__: list[str] = []

_SERIES = 4
"""Fewer indices than this say nothing about how they are drawn."""


def _issued(trial: ApiTrial) -> tuple[Attempt, Document]:
    """The control and what it was answered with.

    :raises Unreachable: no answer. :raises Undecided: refused, or an answer that holds no credential.
    """
    control, issued = trial.control, trial.about.get("issued")
    if control is None or (
        not control.answer.is_verdict and control.answer.reading is not Reading.UNREADABLE
    ):
        raise Unreachable(f"nothing was issued: {control.answer if control else 'nothing was asked'}")
    if not isinstance(issued, Document):
        raise Undecided(f"a request in good order was not granted: {control.answer}")
    return control, issued


@check("ISG-001", trial="issuing")
def issued_credentials_are_secured(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """What an issuer hands out is secured: enveloped, or with an embedded proof."""
    control, issued = _issued(trial)
    secured = isinstance(issued, Credential) and issued.signature.state is not SignatureState.UNSIGNED
    if not secured:
        yield Finding(
            at=trial.location(),
            expected="a credential as compact token, EnvelopedVerifiableCredential, or with a proof",
            received=f"{issued.kind.value} without proof",
            evidence=control.answer.evidence,
        )


@check("ISG-002", trial="issuing")
def subject_is_what_was_asked(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """An issuer signs the subject that it was asked to sign; it may add, it may not change."""
    control, issued = _issued(trial)
    asked = trial.about["asked"]["credentialSubject"]
    value = issued.value if isinstance(issued.value, dict) else {}
    where = _changed(asked, value.get("credentialSubject"), ("credentialSubject",))
    if where is not None:
        path, expected, received = where
        yield Finding(
            at=issued.at(*path),
            expected=str(expected)[:160],
            received=str(received)[:160],
            hint="Refuse what cannot be signed as asked, rather than sign something else.",
            evidence=control.answer.evidence,
        )


def _changed(
    asked: Any, got: Any, path: tuple[str | int, ...]
) -> tuple[tuple[str | int, ...], Any, Any] | None:
    """The first place where something that was asked for is missing or different."""
    if isinstance(asked, dict) and isinstance(got, dict):
        for name, member in asked.items():
            found = _changed(member, got.get(name), (*path, name))
            if found is not None:
                return found
        return None
    if isinstance(asked, list) and isinstance(got, list) and len(asked) == len(got):
        for place, (one, other) in enumerate(zip(asked, got, strict=True)):
            found = _changed(one, other, (*path, place))
            if found is not None:
                return found
        return None
    return None if asked == got else (path, asked, got)


@check("ISG-003", trial="issuing-refusals")
def nonsense_is_refused_or_mended(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """From a request that no credential in good order can come from, none comes: it is refused, or mended."""
    documents: tuple[Document | None, ...] = trial.about.get("documents", ())
    lost = None
    for attempt, document in zip(trial.attempts, documents, strict=False):
        if attempt.answer.reading is Reading.ACCEPTED:
            broken = _still_broken(document)
            if broken:
                yield Finding(
                    at=trial.location(),
                    expected="refused, or mended before it is signed",
                    received=f"{attempt.what}: issued, and {broken}",
                    hint="Check required properties before signing.",
                    evidence=attempt.answer.evidence,
                )
            else:
                yield Remark(f"{attempt.what}: mended by the issuer")
        elif not attempt.answer.is_verdict:
            lost = attempt
    if lost is not None:
        raise Unreachable(
            f"no verdict on {lost.what}: {lost.answer}; a refusal has to be an answer, not a failure"
        )


def _still_broken(document: Document | None) -> str:
    value = document.value if document is not None and isinstance(document.value, dict) else {}
    types = value.get("type")
    if not value.get("credentialSubject"):
        return "it has no credentialSubject"
    if "VerifiableCredential" not in (types if isinstance(types, list) else [types]):
        return "its type does not name VerifiableCredential"
    begins, ends = instant(value.get("validFrom")), instant(value.get("validUntil"))
    return "it ends before it begins" if begins and ends and ends < begins else ""


@check("ISG-004", trial="issuing-schema")
def schema_is_respected(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """An issuer of UNTP credentials does not sign what breaks the schema."""
    yield from must_reject(trial, "refused: the subject breaks the UNTP schema", "Validate before signing.")


@check("ISG-005", trial="issuing-anonymous")
def strangers_get_nothing(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Nobody has credentials issued in another's name without saying who he is."""
    yield from must_reject(trial, "401 or 403 without authorisation", "Ask for authorisation before issuing.")


@check("STS-023", trial="issuing-series")
def indices_are_drawn_at_random(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Status indices do not tell in which order credentials were issued."""
    by_list: dict[str, list[int]] = {}
    for document in trial.about.get("documents", ()):
        for _, entry in entries(document.value):
            index = index_of(entry)
            if index is not None:
                by_list.setdefault(str(entry.get("statusListCredential")), []).append(index)
    longest = max(by_list.values(), key=len, default=[])
    if len(longest) < _SERIES:
        raise Undecided(f"{len(longest)} status indices are too few to tell how they are drawn")
    steps = {later - earlier for earlier, later in pairwise(longest)}
    if len(steps) == 1 or all(0 <= step <= 8 for step in steps):
        yield Finding(
            at=trial.location(),
            expected="indices drawn at random",
            received=f"{', '.join(map(str, longest[:8]))}",
            hint="Draw each index from those that are free; a seeded permutation does.",
            evidence=tuple(digest for attempt in trial.attempts for digest in attempt.answer.evidence),
        )
