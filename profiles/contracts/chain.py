"""The supply chain as reports draw it: sites, flows between them, and what each flow carries.

Plain JSON data, so that it can stand in a report file. Masses are kilograms of product; ``elements`` are kilograms of
contained element, or absent where the credentials do not say (content is then *unknown*, never zero).
"""

from __future__ import annotations

from typing import TypedDict

__all__ = ["Chain", "Flow", "Site"]


class Site(TypedDict, total=False):
    """One facility. ``id`` is the facility identifier, ``country`` ISO 3166-1 alpha-2, ``stage`` its distance from the end."""

    id: str
    name: str
    country: str
    process: str
    operator: str
    latitude: float
    longitude: float
    stage: int
    subjects: list[int]


class Flow(TypedDict, total=False):
    """Product that went from one site to another (``source``, ``target``: site ids), summed over consignments."""

    source: str
    target: str
    product: str
    mass_kg: float
    elements: dict[str, float]
    consignments: int
    first: str
    last: str
    subjects: list[int]


class Chain(TypedDict, total=False):
    """The whole map, from the product that was asked for back to its mines."""

    root: str
    root_name: str
    sites: list[Site]
    flows: list[Flow]
    unknown: list[str]
