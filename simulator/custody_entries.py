"""What a scenario says about custody and accounting: which models are kept where, and how burdens are stated.

One entry is one account: a model, the facilities and products that it covers, and the element it is kept in::

    accounting: {period_days: 30, boundaries: [cradle-to-gate, gate-to-gate], allocation: mass}
    custody:
      - model: mass-balance
        facilities: [saenal-refinery]
        products: [lithium-hydroxide]
        element: Li
        conforming: [tinderbush-concentrator]
        period_days: 90
        opening_kg: 120
        yield: {value: 0.86, unit: part of contained Li, source: "declared by the site", verified: false}
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from assay.profiles.contracts.characteristics import ELEMENTS
from assay.simulator.chemistry import PPM
from assay.simulator.custody import STRENGTH, Model
from assay.simulator.sites import Entry, Name, Number, Parameter

if TYPE_CHECKING:
    from assay.simulator.scenario import Scenario

__all__ = ["AccountingEntry", "Claimant", "CustodyEntry", "contradictions"]

Boundary = Literal["cradle-to-gate", "gate-to-gate"]
_KG = 1_000_000
_YIELD_MEND = "give the part of the input that may come out, above 0 and at most 1"


def _positive(value: int) -> int:
    if value < 1:
        raise ValueError(f"received {value}; a period has at least one day, write for instance 90")
    return value


Days = Annotated[int, AfterValidator(_positive), Field(le=3660)]


class AccountingEntry(Entry):
    """How the books are kept: days of an accounting period, boundaries that products state, allocation to co-products."""

    period_days: Days = 91
    """How often everybody counts what lies in stock."""
    boundaries: list[Boundary] = Field(default=["cradle-to-gate"], min_length=1, max_length=2)
    allocation: Literal["mass", "element"] = "mass"
    scheme: Name | None = None
    """The carbon scheme that footprints are certified under, one profile for each boundary; absent: they are only stated."""


class Claimant(Entry):
    """Who buys credits, and the product that they are retired for. ``share`` of its element is claimed."""

    facility: Name
    product: Name
    share: Number = Field(default=Decimal(1), gt=0, le=1)


class CustodyEntry(Entry):
    """One custody account. ``conforming`` are facilities whose goods meet the standard when they enter the account."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    model: Model
    facilities: list[Name] = Field(min_length=1, max_length=50)
    products: list[Name] = Field(min_length=1, max_length=50)
    element: str = Field(max_length=2)
    conforming: list[Name] = Field(default_factory=list, max_length=50)
    scheme: Name = "chain-of-custody"
    period_days: Days = 90
    opening_kg: Number = Field(default=Decimal(0), ge=0, le=10**9)
    """Mass balance: contained element that may be claimed when the scenario starts."""
    yield_: Parameter | None = Field(default=None, alias="yield")
    """Mass balance: the part of the conforming input that may be claimed as output."""
    minimum_share: Number | None = Field(default=None, gt=0, le=1)
    """Controlled blending: the least share of conforming material."""
    quota_kg: Number | None = Field(default=None, gt=0, le=10**9)
    """Book and claim: contained element that may be booked."""
    claimant: Claimant | None = None
    transfer_days: int = Field(default=2, ge=0, le=365)
    """Book and claim: from booking to the transfer to the buyer."""
    register_: Name | None = Field(default=None, alias="register")
    """Book and claim: the certifier that keeps the credit register; the producers' own by default."""

    @property
    def strength(self) -> int:
        return STRENGTH[self.model]

    @property
    def opening(self) -> int:
        """Milligrams."""
        return int(self.opening_kg * _KG)

    @property
    def quota(self) -> int:
        """Milligrams."""
        return int((self.quota_kg or 0) * _KG)

    @property
    def minimum_ppm(self) -> int:
        return int((self.minimum_share or 0) * PPM)


_NEEDS: dict[str, tuple[str, ...]] = {
    "mass-balance": ("yield",),
    "controlled-blending": ("minimum_share",),
    "book-and-claim": ("quota_kg", "claimant"),
}
_ONLY: dict[str, str] = {
    "yield": "mass-balance",
    "opening_kg": "mass-balance",
    "minimum_share": "controlled-blending",
    "quota_kg": "book-and-claim",
    "claimant": "book-and-claim",
    "register": "book-and-claim",
    "transfer_days": "book-and-claim",
}


def contradictions(scenario: Scenario) -> Iterator[str]:
    """What the custody entries say against the rest of the scenario or each other: key, value and mend, a line each."""
    accounting = scenario.accounting
    if accounting.scheme is not None:
        for boundary in accounting.boundaries:
            yield from _scheme(scenario, "accounting", accounting.scheme, boundary)
    made: dict[tuple[str, str], tuple[int, CustodyEntry]] = {}
    for place, entry in enumerate(scenario.custody):
        key = f"custody.{place}"
        yield from _own(key, entry)
        yield from _references(scenario, key, entry)
        for facility in entry.facilities:
            for product in entry.products:
                if (facility, product) in made:
                    other = made[facility, product][0]
                    yield (
                        f"{key}.facilities: {product} of {facility} has an account in custody.{other} already; "
                        "keep one model for each product of a facility"
                    )
                else:
                    made[facility, product] = (place, entry)
        if entry.claimant is not None:
            end = (entry.claimant.facility, entry.claimant.product)
            if end in made:
                yield (
                    f"{key}.claimant: {end[1]} of {end[0]} has an account in custody.{made[end][0]}; a product "
                    "of book and claim is not traced physically as well"
                )
    yield from _upgrades(scenario, made)


def _own(key: str, entry: CustodyEntry) -> Iterator[str]:
    """What an entry lacks, or says that its model has no use for."""
    said = {
        ("yield" if name == "yield_" else "register" if name == "register_" else name)
        for name in entry.model_fields_set
    }
    for name in _NEEDS.get(entry.model, ()):
        if name not in said:
            yield f"missing key {key}.{name}; {entry.model} needs it"
    for name, model in _ONLY.items():
        if name in said and entry.model != model:
            yield f"{key}.{name}: only {model} has it, received model {entry.model!r}; remove it or change the model"
    if entry.yield_ is not None and not 0 < entry.yield_.value <= 1:
        yield f"{key}.yield.value: received {entry.yield_.value}; {_YIELD_MEND}"
    if entry.element not in ELEMENTS:
        yield f"{key}.element: received {entry.element!r}; the ledger knows {', '.join(ELEMENTS)}"


def _references(scenario: Scenario, key: str, entry: CustodyEntry) -> Iterator[str]:
    known = {facility.id for facility in scenario.facilities}
    makers = {(site.facility, product) for site in scenario.sites for product in site.products}
    for place, facility in enumerate(entry.facilities):
        if facility not in known:
            yield f"{key}.facilities.{place}: no facility {facility!r}; known: {', '.join(sorted(known))}"
        elif not any((facility, product) in makers for product in entry.products):
            yield f"{key}.facilities.{place}: {facility} makes none of {', '.join(entry.products)}; name what it makes"
    for place, product in enumerate(entry.products):
        if not any((facility, product) in makers for facility in entry.facilities):
            yield f"{key}.products.{place}: {product!r} is made at none of the facilities; name one of their products"
    for place, facility in enumerate(entry.conforming):
        if facility not in known:
            yield f"{key}.conforming.{place}: no facility {facility!r}; known: {', '.join(sorted(known))}"
    if entry.claimant is not None and (entry.claimant.facility, entry.claimant.product) not in makers:
        made = sorted(product for facility, product in makers if facility == entry.claimant.facility)
        mend = f"it makes {', '.join(made)}" if made else "name a facility with a site"
        yield f"{key}.claimant: {entry.claimant.facility} does not make {entry.claimant.product}; {mend}"
    certifiers = set(scenario.certifiers.values())
    if entry.register_ is not None and entry.register_ not in certifiers:
        yield f"{key}.register: received {entry.register_!r}; name a certifier: {', '.join(sorted(certifiers))}"
    yield from _scheme(scenario, key, entry.scheme, entry.model)


def _scheme(scenario: Scenario, key: str, name: str, criterion: str) -> Iterator[str]:
    """The scheme exists and has the criterion, in a profile of its own: a certificate covers whole profiles."""
    scheme = next((scheme for scheme in scenario.schemes if scheme.id == name), None)
    if scheme is None:
        names = ", ".join(sorted(scheme.id for scheme in scenario.schemes))
        yield f"{key}.scheme: no scheme {name!r}; known: {names}"
    elif [criterion] not in [[c.id for c in profile.criteria] for profile in scheme.profiles]:
        yield (
            f"{key}.scheme: {name} has no profile with the criterion {criterion!r} alone; "
            "add one, or name a scheme that has"
        )


def _upgrades(scenario: Scenario, made: dict[tuple[str, str], tuple[int, CustodyEntry]]) -> Iterator[str]:
    """Accounts that would say more about the output than is said about the input, kept in the same element."""
    for site in scenario.sites:
        mine = made.get((site.facility, site.product))
        if mine is None:
            continue
        for product, feed in site.feeds():
            theirs = made.get((feed.origin, product))
            if theirs is None or theirs[1].element != mine[1].element:
                continue
            if theirs[1].strength < mine[1].strength:
                yield (
                    f"custody.{mine[0]}.model: {mine[1].model} at {site.facility} from {product} under "
                    f"{theirs[1].model}; models only weaken downstream: state {theirs[1].model} or a weaker one"
                )
