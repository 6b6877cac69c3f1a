"""What a scenario says about operations: sites with their processes and feeds, routes, and what the chain is for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from assay.simulator.chemistry import PPM
from assay.simulator.process_types import with_defaults

__all__ = [
    "ByProduct",
    "Demand",
    "Entry",
    "Feed",
    "Leg",
    "Name",
    "Number",
    "Parameter",
    "Route",
    "ScenarioError",
    "SiteEntry",
    "SiteKind",
    "Text",
]

Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=63)]
"""Lower-case words joined by hyphens: they become host names and path segments."""
Text = Annotated[str, Field(min_length=1, max_length=400)]
Number = Annotated[
    Decimal,
    BeforeValidator(lambda value: Decimal(repr(value)) if isinstance(value, float) else value),
    Field(ge=-(10**15), le=10**15),
]


class ScenarioError(ValueError):
    """A scenario that cannot be used. Each line names the key, the value and the mend."""


class Entry(BaseModel):
    """Base of everything in a scenario: frozen, and no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Parameter(Entry):
    """A process value with its unit and source. ``spread`` is the half-width of its natural variation, same unit."""

    value: Number
    unit: str = Field(max_length=80)
    source: str = Field(min_length=3, max_length=300)
    verified: bool = True
    spread: Number = Decimal(0)

    @property
    def ppm(self) -> int:
        """The value in parts per million (or millionths of its unit)."""
        return int(self.value * PPM)

    @property
    def spread_ppm(self) -> int:
        return int(self.spread * PPM)


SiteKind = Literal[
    "mine", "brine", "concentrator", "refinery", "smelter", "foil", "anode", "cathode", "cell", "pack",
    "supplier", "recycler", "hydromet", "terminal", "market",
]  # fmt: skip


class Feed(BaseModel):
    """One place that a product is bought from. ``share`` of what is wanted, 1 where it is the only one.

    A ``secondary`` feed (scrap, recycled salts, stock that comes back) is taken when it lies ready and never planned on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    origin: Name = Field(alias="from")
    share: Number | None = Field(default=None, gt=0, le=1)
    secondary: bool = False


def _feeds(value: Any) -> Any:
    """``facility``, ``{from: facility}`` and lists of these are ways to write a list of feeds."""
    if isinstance(value, str):
        return [{"from": value}]
    return [value] if isinstance(value, dict) else value


class ByProduct(Entry):
    """What else a site makes of the same batch: a compound of its own, or (without one) scrap of all that is left over.

    ``recovery`` is the part of what the main product and earlier by-products left: of the compound's element, or of
    everything. Scrap is the mixture as it is.
    """

    compound: str | None = None
    recovery: Parameter
    purity: Parameter | None = None
    moisture: Parameter | None = None


class SiteEntry(Entry):
    """What happens at a facility: the kind of process, its product, its lot size and its parameters.

    ``process`` names a type of ``library/processes.yaml``: what the entry does not say is taken from there. Masses are
    dry. ``lot_kg`` is the product of a batch (recyclers: the feed).
    """

    @model_validator(mode="before")
    @classmethod
    def _from_library(cls, data: Any) -> Any:
        return with_defaults(data)

    facility: Name
    kind: SiteKind
    product: Name
    process: Name | None = None
    lot_kg: Number = Field(gt=0, le=10**9)
    days_per_lot: int = Field(ge=0, le=800)
    start_day: int = Field(default=0, ge=0, le=3650)
    lines: int | None = Field(default=None, ge=1, le=10_000)
    """Lots that can be in work at the same time; absent means as many as the demand needs."""
    inputs: dict[Name, Annotated[list[Feed], BeforeValidator(_feeds), Field(min_length=1, max_length=20)]] = (
        Field(default_factory=dict, max_length=20)
    )
    """Product: the facilities that it is bought from."""
    parameters: dict[str, Parameter] = Field(default_factory=dict, max_length=40)
    elements: dict[str, Parameter] = Field(default_factory=dict, max_length=12)
    """Suppliers and mines: grade of the product, by element."""
    compound: str | None = None
    """The compound that the product is."""
    element: str = "Li"
    """Mines and concentrators: the element that ``grade`` and ``recovery`` speak of."""
    by_products: dict[Name, ByProduct] = Field(default_factory=dict, max_length=12)
    capacity_t_per_year: Number | None = Field(default=None, gt=0)
    """Most that is made in a calendar year, dry tonnes in lots of ``lot_kg``."""
    opening_kg: Number = Field(default=Decimal(0), ge=0, le=10**9)
    """Stock of the product on the first day."""
    toll_for: Name | None = None
    """The party that owns the material while the site's operator processes it for a fee."""
    granularity: Literal["batch", "item"] | None = None
    """What gets an identity: each batch, or each item (packs, unless stated otherwise)."""
    performance: dict[Name, Parameter] = Field(default_factory=dict, max_length=12)
    """Facility claims: measured value by criterion of the scheme."""

    def feeds(self) -> Iterator[tuple[str, Feed]]:
        """Every product that the site buys, with each place that it buys it from."""
        for product, feeds in self.inputs.items():
            for feed in feeds:
                yield product, feed

    @property
    def products(self) -> tuple[str, ...]:
        """The main product, then the by-products."""
        return (self.product, *self.by_products)

    @property
    def passes_on(self) -> bool:
        """Whether goods only lie here: a terminal or a market changes nothing."""
        return self.kind in ("terminal", "market")


class Leg(Entry):
    """One stretch of a route: kilometres as travelled, days door to door (least and most)."""

    mode: Literal["sea", "rail", "road", "conveyor", "barge", "air"]
    km: int = Field(ge=1, le=50_000)
    days: tuple[int, int]
    source: Text
    verified: bool = True


class Route(Entry):
    """How goods get from one facility to another, and with whom."""

    origin: Name
    destination: Name
    carrier: Name
    legs: list[Leg] = Field(min_length=1, max_length=10)
    parcel_kg: Number | None = Field(default=None, gt=0)
    """Most that one consignment carries (dry); absent means that everything travels at once."""


class Demand(Entry):
    """What the chain is for: finished packs from the plant that makes them, or tonnes of any product at a facility.

    With ``days`` it is called for evenly over that time, as soon as the chain can answer; without, as fast as it can.
    """

    facility: Name
    packs: int | None = Field(default=None, ge=1, le=1_000_000)
    pack_kwh: Parameter | None = None
    product: Name | None = None
    tonnes: Number | None = Field(default=None, gt=0, le=10**9)
    days: int | None = Field(default=None, ge=1, le=36_500)

    @model_validator(mode="after")
    def _either(self) -> Demand:
        packs = self.packs is not None and self.pack_kwh is not None
        tonnes = self.tonnes is not None and self.product is not None
        if packs == tonnes:
            raise ValueError("give packs and pack_kwh, or product and tonnes")
        return self
