"""Certificates that nobody was entitled to issue, or to use any longer, or for this place (F18 to F23, F27)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time

from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Attestation
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import ANCHOR, CERTIFICATE, FACILITY, View

__all__ = [
    "captive_certifier",
    "expired_certificate",
    "facility_mismatch",
    "forged_certificate",
    "out_of_scope_accreditation",
    "revoked_certificate",
    "unaccredited_certifier",
]

_MOST_STEPS = 8
"""From an accreditation to a trust anchor."""


def _third_party(view: View) -> Iterator[tuple[Credential, Attestation]]:
    """Attestations that claim to be a third party's."""
    for credential in view.credentials(CERTIFICATE):
        attestation = credential.attestation
        if attestation is not None and attestation.assessor_level == "3rdParty":
            yield credential, attestation


def _about_itself(credential: Credential, attestation: Attestation) -> bool:
    """Is the issuer the party that was assessed, or that it was issued to?"""
    assessed = {one.organisation for one in attestation.assessments}
    return credential.issuer in {attestation.issued_to, *assessed}


# F18


def _accredited_names(view: View) -> dict[str, set[str]]:
    """DIDs by the name under which an accreditation body knows them."""
    known: dict[str, set[str]] = {}
    for anchor in view.credentials(ANCHOR):
        identity = anchor.identity
        if identity is not None and identity.register_type == "accreditation":
            known.setdefault(identity.name, set()).add(identity.subject)
    return known


def _pretenders(view: View) -> Iterator[tuple[Credential, str]]:
    """Third-party attestations by the holder, or under the name of an accredited party with another DID; and which it is."""
    names = _accredited_names(view)
    for credential, attestation in _third_party(view):
        issuer = credential.issuer
        known = names.get(credential.issuer_name, {issuer})
        if _about_itself(credential, attestation):
            yield credential, "issued by the party that it is about"
        elif issuer not in known:
            yield credential, f"issued under the name of {min(known)} by another"


@oracle("F18")
def forged_certificate(view: View) -> Iterator[Sighting]:
    """Third-party assurance from the subject itself, or under the name of a certifier with another DID."""
    for credential, why in _pretenders(view):
        yield Sighting((credential.url,), why, (credential.issuer,))


@decisive("F18")
def nobody_came(truth: Truth, view: View) -> Iterator[Sighting]:
    """A third-party certificate of which no act tells, issued by the holder or in somebody else's name."""
    done = {row["url"] for row in truth.acts() if "url" in row}
    for credential, _ in _pretenders(view):
        if credential.url not in done:
            yield Sighting((credential.url,), "nobody else assessed this", (credential.issuer,))


# F19, F20


def _rooted(view: View, did: str, steps: int = _MOST_STEPS) -> bool:
    """Does a chain of accreditations lead from a party to a trust anchor?"""
    if did in view.anchors:
        return True
    if not steps:
        return False
    return any(
        anchor.issuer != did and _rooted(view, anchor.issuer, steps - 1)
        for anchor in _accreditations(view, did)
    )


def _accreditations(view: View, did: str) -> list[Credential]:
    return [
        anchor
        for anchor in view.identities(did)
        if (identity := anchor.identity) is not None and identity.register_type == "accreditation"
    ]


@oracle("F19")
def unaccredited_certifier(view: View) -> Iterator[Sighting]:
    """No accreditation leads from the certifier to a trust anchor."""
    known: dict[str, bool] = {}
    for credential, attestation in _third_party(view):
        issuer = credential.issuer
        if _about_itself(credential, attestation) or not attestation.authorisations:
            continue
        if issuer not in known:
            known[issuer] = _rooted(view, issuer)
        if not known[issuer]:
            yield Sighting((credential.url,), "no accreditation leads to a trust anchor", (issuer,))


@decisive("F19")
def never_accredited(truth: Truth, view: View) -> Iterator[Sighting]:
    """It certified, and nobody ever accredited or mandated it."""
    entitled = {
        row["of"] for kind in ("accredited", "mandated", "recognised") for row in truth.acts(kind)
    } | set(view.anchors)
    for row in truth.acts("certified"):
        if row["by"] not in entitled and view.get(row["url"]) is not None:
            yield Sighting((row["url"],), "nobody accredited whoever certified this", (row["by"],))


def _covers(scope: set[str], attestation: Attestation) -> bool:
    """Is every criterion covered: itself, its profile or its scheme?"""
    if attestation.scheme in scope or attestation.profile in scope:
        return True
    return all(
        criterion in scope or any(criterion.startswith(f"{one}/") for one in scope)
        for criterion in attestation.criteria
    )


@oracle("F20")
def out_of_scope_accreditation(view: View) -> Iterator[Sighting]:
    """Accredited, but neither for the criterion nor for its profile nor for its scheme."""
    for credential, attestation in _third_party(view):
        papers = _accreditations(view, credential.issuer)
        scope = {one for paper in papers if (who := paper.identity) is not None for one in who.scope}
        if papers and attestation.criteria and not _covers(scope, attestation):
            yield Sighting(
                (credential.url,), "the scope of accreditation does not cover this", (credential.issuer,)
            )


@decisive("F20")
def accredited_for_something_else(truth: Truth, view: View) -> Iterator[Sighting]:
    """What accreditation bodies granted to whoever certified does not cover the scheme that was certified."""
    scopes: dict[str, set[str]] = {}
    for kind in ("accredited", "mandated"):
        for row in truth.acts(kind):
            scopes.setdefault(row["of"], set()).update(row["scope"])
    for row in truth.acts("certified"):
        scope = scopes.get(row["by"])
        if scope is None or "scheme" not in row or view.get(row["url"]) is None:
            continue
        if not any(one == row["scheme"] or one.startswith(f"{row['scheme']}/") for one in scope):
            yield Sighting((row["url"],), "accredited, but not for this scheme", (row["by"],))


# F21, F22, F23


def _relied_on(view: View) -> Iterator[tuple[Credential, Credential, datetime]]:
    """Records with every certificate that a claim of theirs relies on, and the first moment of the day of the claim."""
    for record in view.credentials(FACILITY):
        seen = set()
        for claim in record.claims:
            for url in claim.evidence:
                paper = view.get(url)
                if url in seen or paper is None or paper.attestation is None or claim.date is None:
                    continue
                seen.add(url)
                yield record, paper, datetime.combine(claim.date, time(), UTC)


@oracle("F21")
def expired_certificate(view: View) -> Iterator[Sighting]:
    """A claim relies on a certificate that had ended on the day of the claim."""
    for record, paper, claimed in _relied_on(view):
        end = paper.valid_until
        if end is not None and end < claimed:
            yield Sighting(
                (record.url, paper.url), f"the certificate ended on {end:%Y-%m-%d}", (record.issuer,)
            )


@decisive("F21")
def certificate_had_ended(truth: Truth, view: View) -> Iterator[Sighting]:
    """What the certifier granted had ended before the holder wrote its record."""
    for record, paper, _ in _relied_on(view):
        granted = [row for row in truth.about(paper.url) if row.get("url") == paper.url and "until" in row]
        written = [row["time"] for row in truth.about(record.url) if row.get("act") == "recorded"]
        if granted and written and max(row["until"] for row in granted) < min(written):
            yield Sighting((record.url, paper.url), "granted until before it was used", (record.issuer,))


def _in_force(view: View, record: Credential, paper: Credential, at: datetime) -> bool:
    """Does the site have another certificate for the same scheme that held at a moment and holds now?"""
    attestation = paper.attestation
    return any(
        other.url != paper.url
        and (found := other.attestation) is not None
        and attestation is not None
        and (found.scheme, found.profile) == (attestation.scheme, attestation.profile)
        and other.valid_at(at)
        and not view.status(other)
        for other in view.certificates(facility=record.facility)
    )


@oracle("F22")
def revoked_certificate(view: View) -> Iterator[Sighting]:
    """The archive has the bit set on a day after which goods were made here, it is set still, and nothing took its place."""
    for record, paper, _ in _relied_on(view):
        days = [day for day, bit in view.status_history(paper) if bit]
        if not days or not view.status(paper) or _in_force(view, record, paper, days[0]):
            continue
        first = days[0]
        made = (e.time for e in view.events("make", facility=record.facility))
        born = (
            one.valid_from
            for one in view.mentions(record.facility, "DigitalProductPassport")
            if one.facility == record.facility
        )
        if any(moment is not None and moment > first for moments in (made, born) for moment in moments):
            yield Sighting((record.url, paper.url), f"withdrawn by {first:%Y-%m-%d}", (record.issuer,))


@decisive("F22")
def withdrawn_before_production(truth: Truth, view: View) -> Iterator[Sighting]:
    """The certifier withdrew for good what the site goes on to show, gave nothing in its place, and the site worked on."""
    revoked = {row["url"]: row for row in truth.acts("revoked") if "url" in row}
    for record, paper, _ in _relied_on(view):
        row = revoked.get(paper.url)
        site = truth.site(record.facility)
        if row is None or site is None or not view.status(paper):
            continue  # whose bit was cleared again deceives about the list (F41)
        granted = [one for one in truth.about(record.facility) if one.get("act") == "certified"]
        scheme = next((one["scheme"] for one in granted if one["url"] == paper.url), None)
        again = any(
            one["scheme"] == scheme and one["url"] not in revoked and one.get("kind") == "SiteCertificate"
            for one in granted
        )
        since = datetime.fromisoformat(row["time"])
        worked = any(
            fact["fact"] in ("source", "conversion")
            and fact["facility"] == site
            and truth.moment(fact["time"]) > since
            for fact in truth.at(site)
        )
        if worked and not again:
            yield Sighting((record.url, paper.url), "withdrawn before goods were made", (record.issuer,))


@oracle("F23")
def facility_mismatch(view: View) -> Iterator[Sighting]:
    """A record relies on a certificate that assessed other sites, and not this one under any of its names."""
    for record, paper, _ in _relied_on(view):
        attestation, site = paper.attestation, record.site
        assert attestation is not None  # it was relied on
        names = {record.facility, *(site.aliases if site is not None else ())}
        if attestation.facilities and not names & set(attestation.facilities):
            yield Sighting((record.url,), "the certificate assessed another site", (record.issuer,))


@decisive("F23")
def certifier_was_elsewhere(truth: Truth, view: View) -> Iterator[Sighting]:
    """The certifier was at other sites when it gave the certificate that this one shows."""
    for record, paper, _ in _relied_on(view):
        places = {
            row["facility"]
            for row in truth.about(paper.url)
            if row.get("url") == paper.url and row.get("act") == "certified" and row.get("facility")
        }
        if places and record.facility not in places:
            yield Sighting((record.url,), "nobody certified this site", (record.issuer,))


# F27

_OWNED = re.compile(r"Owned by [^<>]{1,200}?, number ([A-Z]{2}-\d{10})\.")


def _owners(view: View, did: str) -> tuple[str, set[str]]:
    """The number of a party in its business register, and the numbers of everybody above it, as its public page says."""
    for anchor in view.identities(did):
        identity = anchor.identity
        subject = anchor.subject
        page = subject.get("publicInformation") if isinstance(subject, dict) else None
        if identity is None or identity.register_type != "business" or not isinstance(page, str):
            continue
        found = view.resource(page)
        text = found.body.decode(errors="replace") if found is not None else ""
        return identity.registered_id, set(_OWNED.findall(text))
    return "", set()


@oracle("F27")
def captive_certifier(view: View) -> Iterator[Sighting]:
    """Business registers show that the certifier belongs to the holder, or that one owner stands above both."""
    for credential, attestation in _third_party(view):
        if _about_itself(credential, attestation):
            continue
        mine, above = _owners(view, credential.issuer)
        holder, over = _owners(view, attestation.issued_to)
        if mine and holder and ({holder} | over) & above:
            yield Sighting(
                (credential.url,),
                "certifier and holder have one owner",
                (credential.issuer, attestation.issued_to),
            )


@decisive("F27")
def owned_by_whom_it_certifies(truth: Truth, view: View) -> Iterator[Sighting]:
    """Somebody certified its own owner."""
    owners: dict[str, set[str]] = {}
    for row in truth.acts("owns"):
        if row.get("share", 0) > 0.5:
            owners.setdefault(row["of"], set()).add(row["by"])
    for row in truth.acts("certified"):
        credential = view.get(row["url"]) if row["by"] in owners else None
        attestation = credential.attestation if credential is not None else None
        if attestation is not None and attestation.issued_to in owners[row["by"]]:
            yield Sighting((row["url"],), "certified its owner", (row["by"], attestation.issued_to))
