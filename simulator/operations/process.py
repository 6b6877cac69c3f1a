"""The small interface behind which every kind of site stands: what a batch needs, and what becomes of it.

A process plans one batch at a time. Given the dry mass of product that it is to make, it says what it must draw (by
mass, or by contained element) and, once it has been given that, what it made. It never touches stores, clock or
ledger; the kernel does. Drawn without a stream, a batch is the least favourable one within the spreads: planning uses
it, so that no site ever starves by bad luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Material
from assay.simulator.randomness import Stream
from assay.simulator.scenario import Parameter, ScenarioError, SiteEntry

__all__ = ["Batch", "Need", "Process", "drawn", "mass_parameter", "scaled", "share"]


@dataclass(frozen=True, slots=True)
class Need:
    """Something to draw: ``amount`` milligrams of ``element`` contained in ``product``, or of the product itself."""

    product: str
    amount: int
    element: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch needs, and what comes of it once the needs are met (inputs: material by product, summed over lots)."""

    needs: tuple[Need, ...]
    finish: Callable[[Mapping[str, Material]], Material]


class Process(Protocol):
    """One kind of site."""

    def batch(self, output: int, stream: Stream | None) -> Batch:
        """Plan a batch of ``output`` dry milligrams of product."""

    def grades(self) -> Mapping[str, Fraction]:
        """Least grade of the product by element, dry, for customers who buy by content."""


def share(entry: SiteEntry, name: str, *, required: bool = True) -> Parameter:
    """A parameter that is a fraction, varied or not: between 0 and 1. Raises :class:`ScenarioError`."""
    parameter = mass_parameter(entry, name, required=required)
    if not parameter.value - parameter.spread >= 0 or parameter.value + parameter.spread > 1:
        raise ScenarioError(
            f"sites.{entry.facility}.parameters.{name}: {parameter.value} with spread {parameter.spread} leaves 0 to 1; "
            "give a fraction"
        )
    return parameter


def mass_parameter(entry: SiteEntry, name: str, *, required: bool = True) -> Parameter:
    """A parameter that may not be negative. Raises :class:`ScenarioError` where it is missing."""
    parameter = entry.parameters.get(name)
    if parameter is None:
        if required:
            raise ScenarioError(
                f"missing key sites.{entry.facility}.parameters.{name}; a {entry.kind} needs it"
            )
        return Parameter(value=0, unit="1", source="absent means none")
    if parameter.value - parameter.spread < 0:
        raise ScenarioError(
            f"sites.{entry.facility}.parameters.{name}: {parameter.value} may fall below zero; raise it"
        )
    return parameter


def drawn(parameter: Parameter, stream: Stream | None, *, worst: int) -> int:
    """The parameter in parts per million: drawn from its spread, or without a stream its ``worst`` end (-1, 0 or 1)."""
    if stream is None or not parameter.spread_ppm:
        return parameter.ppm + worst * parameter.spread_ppm
    return stream.around(parameter.ppm, parameter.spread_ppm)


def scaled(elements: Mapping[str, int], ppm: int) -> dict[str, int]:
    """Each element's part, rounded down; zeros are left out."""
    kept = {element: amount * ppm // PPM for element, amount in elements.items()}
    return {element: amount for element, amount in kept.items() if amount}
