"""Dates within one document: validity, and the things that must come first (W-121 needs others, see the SQL rules)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from assay.harness.audit.tally import Tally
from assay.harness.graph.reading import day, instant, member, members

__all__ = ["judge_dates", "shown"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400


def shown(second: int) -> str:
    """An instant for people."""
    try:
        return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return f"{second} s"


def judge_dates(tally: Tally, doc: int, kind: str, value: Any) -> None:
    """W-161 on every credential, W-123 on certificates, W-128 on event credentials."""
    start, end = instant(member(value, "validFrom")), instant(member(value, "validUntil"))
    if start is not None and end is not None:
        tally.judge(
            "W-161",
            end >= start,
            doc,
            "/validUntil",
            f"an end of validity after {shown(start)}",
            shown(end),
            "Mend validFrom or validUntil.",
        )
    if kind == "DigitalConformityCredential":
        for path, assessment in members(value, "credentialSubject", "conformityAssessment"):
            assessed = day(assessment.get("assessmentDate"))
            if start is None or assessed is None:
                tally.undecide("W-123", "the date of the assessment or the start of validity")
                continue
            tally.judge(
                "W-123",
                start >= assessed[0] - _DAY,
                doc,
                "/" + "/".join(map(str, path)) + "/assessmentDate",
                f"an assessment on or before {shown(start)}, from when the certificate is valid",
                shown(assessed[0]),
                "Certify after assessing.",
            )
    elif kind == "DigitalTraceabilityEvent":
        for path, event in members(value, "credentialSubject"):
            at = instant(event.get("eventDate"))
            if start is None or at is None:
                tally.undecide("W-128", "the date of the event or the start of validity")
                continue
            tally.judge(
                "W-128",
                start >= at - _DAY,
                doc,
                "/" + "/".join(map(str, path)) + "/eventDate",
                f"an event on or before {shown(start)}, from when the credential is valid (a day for time zones)",
                shown(at),
                "Record events when they have happened.",
            )
