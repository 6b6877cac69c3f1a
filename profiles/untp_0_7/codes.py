"""Code lists that stand outside the UNTP schemas: countries, units, conformity topics, performance metrics, and a few more.

The lists are data files beside this module, with their sources in the first line. UNTP's own closed lists are
``table.CODE_LISTS``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from assay.profiles.untp_0_7.table import CODE_LISTS

__all__ = [
    "ACCESS_ROLES",
    "ACCESS_ROLE_PREFIX",
    "BUSINESS_STEPS",
    "CODE_LISTS",
    "COUNTRIES",
    "DELETED_UNITS",
    "METRICS",
    "METRIC_PREFIX",
    "TOPICS",
    "TOPIC_PREFIX",
    "UNITS",
    "Metric",
    "Topic",
    "Unit",
    "country_name",
    "metric_slug",
    "topic_slug",
    "unit",
]

_DATA = Path(__file__).parent / "data"

TOPIC_PREFIX = "https://vocabulary.uncefact.org/conformity-topics/"
METRIC_PREFIX = "https://vocabulary.uncefact.org/performance-metrics/"
ACCESS_ROLE_PREFIX = "untp:accessRole#"


class Unit(NamedTuple):
    """A unit of UNECE Recommendation 20."""

    code: str
    status: str
    """``A`` active, ``D`` deprecated, ``X`` deleted."""
    symbol: str
    name: str
    factor: str
    """Factor to the SI unit as the recommendation prints it (``10³ kg``); empty where it gives none."""


class Topic(NamedTuple):
    """A concept of the UNTP conformity topic classification."""

    slug: str
    notation: str
    parent: str | None
    label: str

    @property
    def iri(self) -> str:
        return TOPIC_PREFIX + self.slug


class Metric(NamedTuple):
    """A concept of the UNTP performance metrics vocabulary; groups of metrics have neither unit nor aggregation."""

    slug: str
    notation: str
    parent: str | None
    unit: str | None
    """Allowed unit, a Recommendation 20 code."""
    aggregation: str | None
    """``sum``, ``weighted-average``, ``average``, ``latest``, ``maximum``, ``minimum`` or ``count``."""
    direction: str | None
    """Which way is better: ``higher``, ``lower`` or ``context-dependent``."""
    label: str

    @property
    def iri(self) -> str:
        return METRIC_PREFIX + self.slug


def _rows(name: str) -> Iterator[list[str]]:
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def _known(value: str) -> str | None:
    return None if value == "-" else value


def _topic(row: list[str]) -> Topic:
    slug, notation, parent, label = row
    return Topic(slug, notation, _known(parent), label)


def _metric(row: list[str]) -> Metric:
    slug, notation, parent, allowed, aggregation, direction, label = row
    return Metric(
        slug, notation, _known(parent), _known(allowed), _known(aggregation), _known(direction), label
    )


_COUNTRY_NAMES: Mapping[str, str] = dict(_rows("countries.tsv"))
_UNIT_STATUS: Mapping[str, str] = {row[0]: row[1] for row in _rows("units.tsv")}

COUNTRIES = frozenset(_COUNTRY_NAMES)
"""ISO 3166-1 alpha-2 codes."""

TOPICS: Mapping[str, Topic] = {row[0]: _topic(row) for row in _rows("topics.tsv")}
"""Conformity topics by slug."""

METRICS: Mapping[str, Metric] = {row[0]: _metric(row) for row in _rows("metrics.tsv")}
"""Performance metrics by slug."""

UNITS = frozenset(code for code, status in _UNIT_STATUS.items() if status != "X") | frozenset(
    metric.unit for metric in METRICS.values() if metric.unit is not None
)
"""Recommendation 20 codes in use, deprecated ones included, and the units that UNTP's own metrics ask for: six of them
ask for MK, which the recommendation has deleted."""

DELETED_UNITS = frozenset(_UNIT_STATUS) - UNITS
"""Codes that Recommendation 20 lists as deleted: no longer valid, but recognisable."""

ACCESS_ROLES = frozenset({"Anonymous", "Customer", "Owner", "Recycler", "Regulator", "Auditor"})
"""Roles that the UNTP pages use; no closed list is published."""

_BUSINESS_STEPS = """
accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
unloading unpacking void_shipping
"""

BUSINESS_STEPS = frozenset(_BUSINESS_STEPS.split())
"""Business steps of the GS1 Core Business Vocabulary 2.0."""


@cache
def _units() -> Mapping[str, Unit]:
    return {row[0]: Unit(*row) for row in _rows("units.tsv")}


def unit(code: str) -> Unit | None:
    """The unit behind a Recommendation 20 code, deleted ones included; None for an unknown code."""
    return _units().get(code)


def country_name(code: str) -> str | None:
    """English short name of an ISO 3166-1 alpha-2 code; None for an unknown one."""
    return _COUNTRY_NAMES.get(code)


def topic_slug(iri: str) -> str | None:
    """Slug of a topic IRI in the published form; None for any other string."""
    slug = iri.removeprefix(TOPIC_PREFIX)
    return slug if slug != iri and slug in TOPICS else None


def metric_slug(iri: str) -> str | None:
    """Slug of a metric IRI in the published form; None for any other string."""
    slug = iri.removeprefix(METRIC_PREFIX)
    return slug if slug != iri and slug in METRICS else None
