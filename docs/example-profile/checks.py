"""Checks of the profile house-rules, registered by id as the shipped ones are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from assay.harness.checks import Undecided, check
from assay.harness.credential.instants import instant
from assay.harness.material import Credential, Kind
from assay.harness.results import Finding

LEAST = timedelta(days=90)


@check("HR-001", kinds={Kind.DPP})
def outlives_the_journey(credential: Credential) -> Iterator[Finding]:
    """A passport is valid for at least 90 days."""
    value = credential.value if isinstance(credential.value, dict) else {}
    begins, ends = instant(value.get("validFrom")), instant(value.get("validUntil"))
    if begins is None or ends is None:
        raise Undecided("the passport does not say from when until when it is valid")
    if ends - begins < LEAST:
        yield Finding(
            at=credential.at("validUntil"),
            expected="a passport that is valid for 90 days",
            received=f"valid for {(ends - begins).days} days",
            hint="Issue passports with a longer validity.",
        )
