"""Durable storage: copies of credentials that outlive issuer and provider (DUR rows). Archives are named in the manifest."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import NotApplicable, Remark, check
from assay.harness.checks._values import as_text, host, related
from assay.harness.credential.instants import instant
from assay.harness.evidence import Exchange
from assay.harness.material import Credential, SignatureState, Unavailable
from assay.harness.results import Finding
from assay.harness.trials import HttpTrial, Unreachable

__all__: list[str] = []

_PREFIX = "archive:"
_LONG_DAYS = 4 * 365
"""From this validity on a credential counts as long-lived; the pattern gives no number, this is Assay's."""


def _copies(trial: HttpTrial) -> dict[str, Exchange]:
    """Copies that archives on other hosts than the original's serve, by host.

    :raises Unreachable: an archive gave no answer.
    """
    own = {host(trial.target)}
    if isinstance(trial.document, Credential):
        own.add(host(trial.document.issuer_id))
    found: dict[str, Exchange] = {}
    for name, answer in trial.answers.items():
        if not name.startswith(_PREFIX):
            continue
        if isinstance(answer, Unavailable) or answer.status in (429, 502, 503, 504):
            raise Unreachable(f"{name.removeprefix(_PREFIX)} gave no answer")
        at = host(answer.url)
        if answer.status == 200 and answer.body and at not in own:
            found.setdefault(at, answer)
    return found


def _finding(trial: HttpTrial, expected: str, received: str, hint: str) -> Finding:
    evidence = tuple(answer.digest for answer in trial.answers.values() if isinstance(answer, Exchange))
    return Finding(at=trial.location(), expected=expected, received=received, hint=hint, evidence=evidence)


@check("DUR-001", trial="archived")
def outlives_its_issuer(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A copy is to be had from a host that is neither the issuer's nor the publisher's."""
    if not _copies(trial):
        yield _finding(
            trial,
            "a copy with an archive",
            "none",
            "Leave a copy with an archive that does not end with you.",
        )


@check("DUR-002", trial="archived")
def outlives_its_provider(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """Copies are to be had from two archives, so that one of them may end as well."""
    if len(_copies(trial)) < 2:
        received = ", ".join(_copies(trial)) or "none"
        yield _finding(trial, "copies with two archives", received, "Leave copies with a second archive.")


@check("DUR-005", trial="archived")
def long_lives_have_two_archives(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """What is valid for years, or without end, is kept by independent archives; hosting it oneself is for pilots."""
    value = related(trial.document.value) if trial.document is not None else {}
    starts, ends = instant(as_text(value.get("validFrom"))), instant(as_text(value.get("validUntil")))
    if starts is None or (ends is not None and (ends - starts).days < _LONG_DAYS):
        raise NotApplicable("the credential is valid for a short time, or nobody knows")
    if len(_copies(trial)) < 2:
        received = f"valid until {value.get('validUntil', 'for ever')}, with {len(_copies(trial))} copies"
        yield _finding(
            trial,
            "two independent archives for a long-lived credential",
            received,
            "Move from hosting it yourself to content-addressed storage with several keepers.",
        )


@check("DUR-007", trial="archived")
def copies_are_the_original(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A copy has the bytes of the original, so that it verifies as the original does."""
    original, copies = trial.answers.get("get"), _copies(trial)
    if not isinstance(original, Exchange) or not copies:
        raise NotApplicable("there is no copy")
    if (
        not isinstance(trial.document, Credential)
        or trial.document.signature.state is not SignatureState.VALID
    ):
        raise NotApplicable("the original does not verify itself")
    for at, copy in copies.items():
        if copy.body.strip() != original.body.strip():
            yield _finding(
                trial,
                "the bytes of the original",
                f"{at} serves something else ({len(copy.body)} bytes, the original has {len(original.body)})",
                "Store and serve the token as it was issued.",
            )
