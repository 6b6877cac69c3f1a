"""Code lists that the schemas leave open: countries, units, UN topics and metrics, activity types, link types."""

from __future__ import annotations

from collections.abc import Container, Iterator

from assay.harness.checks import check
from assay.harness.checks._values import as_text, identifier, related, short, slug
from assay.harness.checks.links import is_controlled
from assay.harness.material import Kind, Node
from assay.harness.results import Finding
from assay.profiles.untp_0_7 import codes

__all__: list[str] = []

UN_VOCABULARY = "https://vocabulary.uncefact.org/"

ACTIVITY_SCHEMES = (
    "https://ref.gs1.org/cbv",
    "urn:epcglobal:cbv:bizstep",
    "https://unstats.un.org/unsd/classifications/Econ/isic",
    "https://unstats.un.org/unsd/classifications/Econ/cpc",
    "http://data.europa.eu/ux2/nace",
    "https://data.europa.eu/ux2/nace",
    UN_VOCABULARY,
)
"""Lists of business activities that are maintained by a standards body: GS1 CBV business steps, ISIC, CPC, NACE, UN/CEFACT."""


@check("DPP-017", cls="Country", silent_when_certified=True)
def country_is_registered(node: Node) -> Iterator[Finding]:
    """A country code is one of ISO 3166-1 alpha-2."""
    code = node.value.get("countryCode")
    if isinstance(code, str) and code not in codes.COUNTRIES:
        yield Finding(
            at=node.at("countryCode"),
            expected="an ISO 3166-1 alpha-2 country code, upper case",
            received=short(code),
            hint="Use two letters, such as AU, KR or DE.",
        )


@check("DPP-023", cls="Measure", silent_when_certified=True)
def unit_is_registered(node: Node) -> Iterator[Finding]:
    """A unit of measure is a code of UNECE Recommendation 20."""
    unit = node.value.get("unit")
    if isinstance(unit, str) and unit not in codes.UNITS:
        yield Finding(
            at=node.at("unit"),
            expected="a unit code of UNECE Recommendation 20",
            received=short(unit),
            hint="Codes are not symbols: KGM for kilogram, TNE for tonne, MTQ for cubic metre, P1 for per cent.",
        )


@check("DPP-039", cls="Link")
def link_type_is_controlled(node: Node) -> Iterator[Finding]:
    """A link type, where given, is a registered relation name or an IRI of a vocabulary, not free text."""
    link_type = node.value.get("linkType")
    if isinstance(link_type, str) and not is_controlled(link_type):
        yield Finding(
            at=node.at("linkType"),
            expected="a UNTP or IANA link relation name, or the IRI of one",
            received=short(link_type),
            hint="For UNTP credentials use dpp, dcc, dfr, dte or dia; describedby fits most other documents.",
        )


@check("DPP-051", cls="Performance")
def metric_is_in_the_taxonomy(node: Node) -> Iterator[Finding]:
    """The metric of a claimed or assessed performance is a concept of the UN performance metrics."""
    iri = identifier(node.value.get("metric"))
    if iri and node.document.kind is not Kind.SCHEME and codes.metric_slug(iri) is None:
        yield Finding(
            at=node.at("metric", "id"),
            expected=f"the IRI of a concept below {codes.METRIC_PREFIX}",
            received=short(iri),
            hint=_taxonomy_hint(codes.METRIC_PREFIX, slug(iri), codes.METRICS),
        )


@check("DPP-056", cls="ConformityTopic")
def topic_is_in_the_taxonomy(node: Node) -> Iterator[Finding]:
    """A conformity topic is a concept of the UN conformity topics."""
    iri = identifier(node.value)
    if iri and node.document.kind is not Kind.SCHEME and codes.topic_slug(iri) is None:
        yield Finding(
            at=node.at("id"),
            expected=f"the IRI of a concept below {codes.TOPIC_PREFIX}",
            received=short(iri),
            hint=_taxonomy_hint(codes.TOPIC_PREFIX, slug(iri), codes.TOPICS),
        )


def _taxonomy_hint(prefix: str, name: str, concepts: Container[str]) -> str:
    if name in concepts:
        return f"The concept is published as {prefix}{name} (mind the plural)."
    return "Choose the nearest concept of the published taxonomy; a finer one can stand in the criterion."


@check("DPP-052", cls="Performance")
def unit_is_the_metrics_own(node: Node) -> Iterator[Finding]:
    """A performance is measured in the unit that its UN metric prescribes.

    The metric is recognised by the last part of its IRI, so that the common singular path (P-14) hides nothing.
    """
    iri = identifier(node.value.get("metric"))
    metric = codes.METRICS.get(slug(iri)) if iri.startswith(UN_VOCABULARY) else None
    unit = as_text(related(node.value, "measure").get("unit"))
    if unit and metric is not None and metric.unit is not None and unit != metric.unit:
        yield Finding(
            at=node.at("measure", "unit"),
            expected=f"{metric.unit}, the unit of the metric",
            received=short(unit),
            hint="Convert the value and state it in the metric's unit.",
        )


@check("DTE-008", cls=("MakeEvent", "MoveEvent", "ModifyEvent"))
def activity_scheme_is_recognised(node: Node) -> Iterator[Finding]:
    """The activity type of an event comes from a list that others know, such as the GS1 business steps."""
    scheme = as_text(related(node.value, "activityType").get("schemeId"))
    if scheme and not scheme.startswith(ACTIVITY_SCHEMES):
        yield Finding(
            at=node.at("activityType", "schemeId"),
            expected="the GS1 CBV business steps or a classification of a standards body",
            received=short(scheme),
            hint="https://ref.gs1.org/cbv/BizStep has commissioning, shipping, repairing and others.",
        )
