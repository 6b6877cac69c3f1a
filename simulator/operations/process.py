"""The small interface behind which every kind of site stands: what a batch needs, and what becomes of it.

A process plans one batch at a time. It says what it must draw (by mass, or by contained element) and, once it has been
given that, what it made: the main product and its by-products. It never touches stores, clock or ledger; the kernel
does. Drawn without a stream, a batch is the least favourable one within the spreads: planning uses it, so that no site
ever starves by bad luck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from assay.simulator.chemistry import COMPOUNDS, LITHIUM_OXIDE, PPM, Compound
from assay.simulator.facts import Material
from assay.simulator.randomness import Stream
from assay.simulator.sites import Parameter, ScenarioError, SiteEntry

__all__ = [
    "KG",
    "Batch",
    "Feedstock",
    "Grades",
    "Leftovers",
    "Need",
    "Output",
    "Process",
    "check_content",
    "compound_of",
    "drawn",
    "feeds_of",
    "lot_size",
    "mass_parameter",
    "needs_of_element",
    "oxide_or_element",
    "parameter_or",
    "positive",
    "scaled",
    "share",
    "total_elements",
]

KG = 1_000_000
"""Milligrams."""

_SAFETY = Fraction(9, 10)
"""Part of the typical amount of a by-product that planning counts on: its element varies apart from the main one."""

Grades = Mapping[str, Fraction]
"""Dry mass fraction by element."""
Output = tuple[str, Material]
"""A product and what was made of it."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something to draw: ``amount`` milligrams of ``element`` contained in ``product``, or of the product itself.

    What lies ready of the products ``instead`` is taken first, up to ``most`` milligrams (None: no limit).
    """

    product: str
    amount: int
    element: str | None = None
    instead: tuple[str, ...] = ()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch needs, and what comes of it once the needs are met (inputs: material by product, summed over lots)."""

    needs: tuple[Need, ...]
    finish: Callable[[Mapping[str, Material]], tuple[Output, ...]]


@dataclass(frozen=True, slots=True)
class Feedstock:
    """What planning knows of the inputs of a site: least and typical grades by product. Empty where nobody knows."""

    least: Mapping[str, Grades] = field(default_factory=dict)
    typical: Mapping[str, Grades] = field(default_factory=dict)

    def ratio(self, product: str, element: str, to: str) -> Fraction:
        """Typical mass of ``element`` for each mass of element ``to`` in an input; zero where unknown."""
        grades = self.typical.get(product, {})
        return Fraction(grades.get(element, 0)) / grades[to] if grades.get(to) else Fraction(0)


class Process(Protocol):
    """One kind of site."""

    def batch(self, stream: Stream | None) -> Batch:
        """Plan a batch of the site's lot size."""

    def least(self) -> Mapping[str, int]:
        """Dry milligrams by product that a batch gives at least, as far as planning may count on it."""

    def grades(self, product: str, worst: int) -> Grades:
        """Grades of a product, dry: at least (``worst`` -1) or typically (0), for customers who buy by content."""


def lot_size(entry: SiteEntry) -> int:
    """Dry milligrams of a lot."""
    return int(entry.lot_kg * KG)


def share(entry: SiteEntry, name: str, *, required: bool = True) -> Parameter:
    """A parameter that is a fraction, varied or not: between 0 and 1. Raises :class:`ScenarioError`."""
    parameter = mass_parameter(entry, name, required=required)
    if parameter.value + parameter.spread > 1:
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


def parameter_or(entry: SiteEntry, name: str, default: Parameter) -> Parameter:
    """A fraction that need not be stated."""
    return share(entry, name) if name in entry.parameters else default


def positive(entry: SiteEntry, name: str) -> Parameter:
    """A fraction above zero: things are divided by it."""
    parameter = share(entry, name)
    if parameter.value - parameter.spread <= 0:
        raise ScenarioError(
            f"sites.{entry.facility}.parameters.{name}: {parameter.value} with spread {parameter.spread} may be zero; raise it"
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


def total_elements(inputs: Mapping[str, Material]) -> Counter[str]:
    """Milligrams by element over all inputs."""
    total: Counter[str] = Counter()
    for material in inputs.values():
        total.update(material.elements)
    return total


def compound_of(entry: SiteEntry) -> Compound:
    """The compound that a site makes. Raises :class:`ScenarioError` where it names none that we track."""
    compound = COMPOUNDS.get(entry.compound or "")
    if compound is None or not compound.tracked:
        raise ScenarioError(
            f"sites.{entry.facility}.compound: a {entry.kind} needs a compound, e.g. lithium-hydroxide"
        )
    return compound


def oxide_or_element(entry: SiteEntry) -> Fraction:
    """What part of ``grade`` is the element: the lithium trade states grades as Li2O unless the unit says otherwise."""
    unit = entry.parameters["grade"].unit
    if entry.element == "Li" and not unit.startswith("Li mass"):
        return LITHIUM_OXIDE.fraction("Li")
    return Fraction(1)


def feeds_of(entry: SiteEntry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Products that are planned upon, and those that are only taken when they lie ready.

    Where all feeds are secondary, the first product stands for all of them: the site works whenever enough lies ready.
    """
    planned = tuple(p for p, feeds in entry.inputs.items() if any(not feed.secondary for feed in feeds))
    ready = tuple(product for product in entry.inputs if product not in planned)
    return (planned, ready) if planned else (ready[:1], ready[1:])


def check_content(entry: SiteEntry, feed: Feedstock, element: str) -> None:
    """Raises :class:`ScenarioError` where an input is known to hold nothing of what the site is to get from it."""
    for product, grades in feed.typical.items():
        if grades and not grades.get(element):
            raise ScenarioError(
                f"sites.{entry.facility}: {product} holds no {element}, and a {entry.kind} cannot make "
                f"{entry.product} of it; mend compound, element or inputs"
            )


def needs_of_element(entry: SiteEntry, amount: int, element: str | None) -> tuple[Need, ...]:
    """Split an amount over the planned inputs: by parameters ``share_of_<product>``, evenly where there are none.

    Secondary inputs take the place of the first, up to ``secondary_share`` of the amount where that is stated.
    """
    planned, ready = feeds_of(entry)
    if not planned:
        raise ScenarioError(f"sites.{entry.facility}.inputs: a {entry.kind} needs an input; name one")
    weights = [
        share(entry, f"share_of_{product}").ppm if f"share_of_{product}" in entry.parameters else PPM
        for product in planned
    ]
    total, left, needs = sum(weights), amount, []
    if not total:
        raise ScenarioError(f"sites.{entry.facility}.parameters: every share_of_... is zero; raise one")
    for product, weight in zip(planned[1:], weights[1:], strict=True):
        needs.append(Need(product, amount * weight // total, element))
        left -= needs[-1].amount
    limit = entry.parameters.get("secondary_share")
    most = None if limit is None else amount * limit.ppm // PPM
    first = Need(planned[0], left, element, ready, most if most is None else min(most, left))
    return (first, *(need for need in needs if need.amount))


class Leftovers:
    """The by-products of a site: each takes its part of what the main product, and those before it, left over.

    Scrap is as heavy for its tracked elements as the main product is: neither water nor sulphate of the inputs is in it.
    """

    def __init__(self, entry: SiteEntry) -> None:
        self._items: list[tuple[str, Compound | None, Parameter, Parameter | None, Parameter | None]] = []
        for product, item in entry.by_products.items():
            key = f"sites.{entry.facility}.by_products.{product}"
            compound = None
            if item.compound is not None:
                compound = COMPOUNDS.get(item.compound)
                if compound is None or len(compound.tracked) != 1:
                    raise ScenarioError(
                        f"{key}.compound: {item.compound!r} has not exactly one element that is tracked; name a simple one"
                    )
            for name in ("recovery", "purity", "moisture"):
                parameter = getattr(item, name)
                if (
                    parameter
                    and not 0 <= parameter.value - parameter.spread <= parameter.value + parameter.spread <= 1
                ):
                    raise ScenarioError(f"{key}.{name}: {parameter.value} leaves 0 to 1; give a fraction")
            if item.purity is not None and item.purity.value - item.purity.spread <= 0:
                raise ScenarioError(f"{key}.purity: {item.purity.value} may be zero; raise it")
            self._items.append((product, compound, item.recovery, item.purity, item.moisture))

    def outputs(
        self, inputs: Mapping[str, Material], main: Output, stream: Stream | None
    ) -> tuple[Output, ...]:
        """The main product with what the by-products took of the rest. Draws always, so the stream stays in step."""
        if not self._items:
            return (main,)
        left = total_elements(inputs)
        left.subtract(main[1].elements)
        held = sum(main[1].elements.values())
        outputs = [main]
        for product, compound, recovery, purity, moisture in self._items:
            part = drawn(recovery, stream, worst=-1)
            pure = drawn(purity, stream, worst=1) if purity else PPM
            wet = drawn(moisture, stream, worst=0) if moisture else 0
            if compound is not None:
                element = compound.tracked[0]
                amount = compound.mass_for(element, left[element] * part // PPM)
                elements = {element: compound.contained(amount, element)}
                made = Material(amount * PPM // pure, wet, elements)
            else:
                elements = scaled(+left, part)
                total = sum(elements.values())
                mass = main[1].mass * total // held if held else total
                made = Material(max(mass, total), wet, elements)
            if made.mass and any(made.elements.values()):
                left.subtract(made.elements)
                outputs.append((product, made))
        return tuple(outputs)

    def least(self, left: Grades) -> dict[str, int]:
        """What may be counted on, by by-product, where ``left`` are milligrams by element that remain typically."""
        rest, result = dict(left), {}
        for product, compound, recovery, purity, _ in self._items:
            part = Fraction(drawn(recovery, None, worst=-1), PPM)
            if compound is not None:
                element = compound.tracked[0]
                amount = rest.get(element, Fraction(0)) * part
                pure = Fraction(drawn(purity, None, worst=1), PPM) if purity else Fraction(1)
                result[product] = int(amount / compound.fraction(element) / pure * _SAFETY)
                rest[element] = rest.get(element, Fraction(0)) - amount
            else:
                result[product] = int(sum(rest.values(), Fraction(0)) * part * _SAFETY)
                rest = {element: amount * (1 - part) for element, amount in rest.items()}
        return result

    def grades(self, product: str, worst: int) -> Grades:
        """Grades of a by-product that is a compound; scrap is what it is, nobody can count on it."""
        for name, compound, _, purity, _ in self._items:
            if name == product and compound is not None:
                pure = Fraction(drawn(purity, None, worst=worst), PPM) if purity else Fraction(1)
                return {element: compound.fraction(element) * pure for element in compound.tracked}
        return {}
