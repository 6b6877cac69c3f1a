"""Trials of publishers: what discovery saw on the way, put as questions about each published thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlunsplit

from assay.harness.addresses import split
from assay.harness.checks.by_schema import value_at
from assay.harness.discovery import Discovery, Visit
from assay.harness.evidence import Exchange
from assay.harness.leads import Lead, Want
from assay.harness.material import Document, Kind, Linkset, Unavailable
from assay.harness.resolver_trials import links_of, same_url
from assay.harness.transport import Transport
from assay.harness.trials import HttpTrial

__all__ = ["listing_trials", "published_trials"]

SubjectOf = Callable[[str], int]
"""Index of the endpoint subject for a URL (one per host)."""

SubjectFor = Callable[[Visit], int]
"""Index of the endpoint subject that answers for a visit."""

_NAMES = {
    Want.CREDENTIAL: "published-credential",
    Want.STATUS: "published-status-list",
    Want.DID: "published-did-document",
    Want.FILE: "published-file",
}
_PRODUCTS = frozenset({Kind.DPP, Kind.DTE})


def published_trials(discovery: Discovery, subject_of: SubjectOf, issued: int = 0) -> list[HttpTrial]:
    """One trial per address that a document led to, and one per product that a passport or event names.

    The first ``issued`` documents are credentials made for the test: nobody has to find them by their product.
    """
    answering = {split(visit.lead.url).netloc for visit in discovery.visits if _answered(visit)}

    def subject(visit: Visit) -> int:
        """The host itself; for a host that never answered, the one that links there: its link leads nowhere today."""
        source = discovery.documents[visit.lead.via].source if visit.lead.via is not None else ""
        silent = split(visit.lead.url).netloc not in answering
        return subject_of(source if silent and split(source).netloc in answering else visit.lead.url)

    return [
        *_addresses(discovery, subject),
        *_products(discovery, subject, issued),
        *_carriers(discovery, subject),
    ]


def _answered(visit: Visit) -> bool:
    """Whether the host at the other end said anything: an answer, or a definitive refusal."""
    return isinstance(visit.answer, Exchange) or visit.answer.definitive


def _addresses(discovery: Discovery, subject: SubjectFor) -> Iterator[HttpTrial]:
    told: set[tuple[str, ...]] = set()
    for visit in discovery.visits:
        lead = visit.lead
        name = _NAMES.get(lead.want)
        # A crawl meets the same link in many documents; what is judged is the address under a relation.
        mark = (str(name), lead.url, lead.relation, lead.media_type, _digest(discovery, lead))
        if name is None or mark in told or not lead.url.startswith("http"):
            continue
        told.add(mark)
        document = discovery.documents[visit.document] if visit.document is not None else None
        about = {"lead": lead, "source": discovery.documents[lead.via] if lead.via is not None else None}
        yield HttpTrial(name, subject(visit), lead.target, {"get": visit.answer}, document, about)


def _digest(discovery: Discovery, lead: Lead) -> str:
    """The digest stated beside a link: links that state different ones are different questions."""
    if lead.via is None:
        return ""
    holder = value_at(discovery.documents[lead.via].value, lead.path[:-1])
    return str(holder.get("digestMultibase", "")) if isinstance(holder, dict) else ""


def _products(discovery: Discovery, subject: SubjectFor, issued: int) -> Iterator[HttpTrial]:
    """For every product a passport is about or an event made, moved or modified: what its identifier leads to."""
    visits = {(visit.lead.want, visit.lead.target): visit for visit in discovery.visits}
    for index, document in enumerate(discovery.documents):
        if index < issued or document.kind not in _PRODUCTS:
            continue
        cls, name = (
            ("Product", "passport-by-product")
            if document.kind is Kind.DPP
            else ("EventProduct", "event-by-product")
        )
        for node in document.nodes(cls):
            identifier = _identifier(node.value)
            visit = visits.get((Want.LINKSET, identifier))
            if not identifier or visit is None or (cls == "Product" and node.path != ("credentialSubject",)):
                continue
            found = discovery.documents[visit.document] if visit.document is not None else None
            about = {
                "credential": document,
                "path": node.path,
                "leads_here": _leads_to(discovery, found, index),
            }
            yield HttpTrial(name, subject(visit), identifier, {"linkset": visit.answer}, found, about)


def _carriers(discovery: Discovery, subject: SubjectFor) -> Iterator[HttpTrial]:
    """For every identifier that the manifest names, as a carrier would: the passports that its linkset leads to."""
    scanned = {
        visit.document: visit.lead.target
        for visit in discovery.visits
        if visit.lead.relation == "start" and visit.lead.want is Want.LINKSET and visit.document is not None
    }
    for visit in discovery.visits:
        lead = visit.lead
        if lead.via in scanned and lead.relation == "dpp" and visit.document is not None:
            found = discovery.documents[visit.document]
            yield HttpTrial(
                "passport-by-carrier", subject(visit), scanned[lead.via], {"get": visit.answer}, found
            )


def _identifier(value: Any) -> str:
    inner = value.get("product") if isinstance(value.get("product"), dict) else value
    identifier = inner.get("id")
    return identifier if isinstance(identifier, str) and identifier.startswith("http") else ""


def _leads_to(discovery: Discovery, linkset: Document | None, index: int) -> bool:
    """Whether some link of a linkset came to the document at an index."""
    if not isinstance(linkset, Linkset):
        return False
    hrefs = [link.href for link in links_of(linkset)]
    arrived = [visit.lead.target for visit in discovery.visits if visit.document == index]
    return any(same_url(href, target) for href in hrefs for target in arrived)


async def listing_trials(
    discovery: Discovery, transport: Transport, subject_of: SubjectOf
) -> list[HttpTrial]:
    """For every host that serves credentials: does the folder above one of them list its files?"""
    folders: dict[str, tuple[str, Visit]] = {}
    for visit in discovery.visits:
        if (
            visit.lead.want is Want.CREDENTIAL
            and isinstance(visit.answer, Exchange)
            and visit.document is not None
        ):
            parts = split(visit.lead.url)
            folder = urlunsplit((parts.scheme, parts.netloc, parts.path.rpartition("/")[0] + "/", "", ""))
            folders.setdefault(parts.netloc, (folder, visit))
    trials = []
    for folder, visit in folders.values():
        answer: Exchange | Unavailable = await transport.send("GET", folder, follow=True)
        trials.append(
            HttpTrial(
                "folder",
                subject_of(folder),
                folder,
                {"get": visit.answer, "folder": answer},
                None,
                {"file": visit.lead.url},
            )
        )
    return trials
