"""Performance claims, wherever they stand: in passports, on packaging, in facility records."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import check
from assay.harness.checks._schema import below
from assay.harness.checks._values import as_date, mappings, related
from assay.harness.checks.links import link_kind
from assay.harness.material import Document, Kind, Node
from assay.harness.results import Finding

__all__: list[str] = []


@check("DPP-044", cls="Claim")
def claim_names_a_criterion(node: Node) -> Iterator[Finding]:
    """A claim is made against at least one criterion; the schema lets an empty list pass."""
    if node.value.get("referenceCriteria") == []:
        yield Finding(
            at=node.at("referenceCriteria"),
            expected="at least one criterion",
            received="an empty list",
            hint="A claim without a criterion cannot be verified by any certificate.",
        )


@check("DPP-049", cls="Performance")
def performance_says_something(node: Node) -> Iterator[Finding]:
    """A performance carries a measure or a score; the schema lets an empty one pass."""
    if node.document.kind is Kind.SCHEME or "measure" in node.value or "score" in node.value:
        return
    yield Finding(
        at=node.at(),
        expected="a measure or a score",
        received="neither",
        hint="State the measured value with its unit, or the score reached in the scheme.",
    )


@check("DPP-058", cls="Claim", series="0.7")
def claim_has_a_certificate(node: Node) -> Iterator[Finding]:
    """A claim links a conformity credential among its evidence."""
    links = [link for _, link in mappings(node.value.get("evidence"))]
    if not any(link_kind(link) == "dcc" for link in links):
        yield Finding(
            at=node.at("evidence") if links else node.at(),
            expected="evidence with a link of type dcc",
            received=f"{len(links)} links, none to a conformity credential" if links else "no evidence",
            hint="Link the certificate that assessed the criterion, and give the link its type.",
        )


@check("DPP-061", cls="Period")
def period_runs_forward(node: Node) -> Iterator[Finding]:
    """A period does not end before it starts."""
    start, end = as_date(node.value.get("startDate")), as_date(node.value.get("endDate"))
    if start is not None and end is not None and end < start:
        yield Finding(
            at=node.at("endDate"),
            expected=f"not before {start.isoformat()}",
            received=end.isoformat(),
            hint="Check whether the two dates were swapped.",
        )


@check("DFR-020", kinds=(Kind.DFR,), silent_when_certified=True)
def facility_claims_are_well_formed(document: Document) -> Iterator[Finding]:
    """Claims in a facility record have the form that the schema asks of claims in passports."""
    yield from below(
        document,
        ("credentialSubject",),
        "performanceClaim",
        "a claim as the 0.7.0 schema defines it",
        "The rules for claims in passports hold for facilities unchanged.",
    )


@check("DFR-021", cls="Facility")
def facility_claims_have_periods(node: Node) -> Iterator[Finding]:
    """Each claim about a facility says which reporting period it speaks of."""
    for position, claim in mappings(node.value.get("performanceClaim")):
        if not related(claim, "applicablePeriod"):
            yield Finding(
                at=node.at("performanceClaim", position),
                expected="applicablePeriod",
                received="none",
                hint="Performance of a site changes; a figure without its period cannot be compared.",
            )
