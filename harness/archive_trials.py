"""Trials of archives: is what was published still to be had when issuer or provider are gone? (UNTP Durable Storage pattern)"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from assay.harness.discovery import Discovery
from assay.harness.evidence import Exchange
from assay.harness.leads import Want
from assay.harness.material import UNTP_KINDS, Unavailable
from assay.harness.published_trials import SubjectOf
from assay.harness.transport import Transport
from assay.harness.trials import HttpTrial

__all__ = ["PLACE", "archive_trials"]

PLACE = "{url}"
"""Where the address of a credential goes in the address of its copy, percent-encoded."""

_ASKED = 8
"""Credentials whose copies are asked for; more say the same again."""


async def archive_trials(
    discovery: Discovery, archives: Sequence[str], transport: Transport, subject_of: SubjectOf
) -> list[HttpTrial]:
    """One trial per credential that was found: its original, and what each archive has of it."""
    trials = []
    told: set[str] = set()
    for visit in discovery.visits if archives else ():
        if visit.document is None or visit.lead.want is not Want.CREDENTIAL or len(told) >= _ASKED:
            continue
        document = discovery.documents[visit.document]
        if not isinstance(visit.answer, Exchange):
            continue
        # Where it stands in the end: a link may have led through a resolver.
        url = visit.answer.final_url or visit.lead.url
        if document.kind not in UNTP_KINDS or url in told:
            continue
        told.add(url)
        answers: dict[str, Exchange | Unavailable] = {"get": visit.answer}
        for archive in archives:
            copy = archive.replace(PLACE, quote(url, safe=""))
            answers[f"archive:{copy}"] = await transport.send("GET", copy, follow=True)
        trials.append(HttpTrial("archived", subject_of(url), url, answers, document))
    return trials
