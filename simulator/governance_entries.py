"""What a scenario says about governance and trade: audits, titles, layers of land, export rules, licences, invoices.

The public bodies and schemes that it needs come from the library (see ``governance_library``)::

    governance:
      schemes: [quarrymark, furnace-check]
      seat: DE
      audits: [{scheme: quarrymark, facility: tinderbush-mine, level: "75", published: 2024-05-20}]
      titles: [{facility: tinderbush-mine, number: AU-LT-48213, granted: 2019-07-01, expires: 2040-06-30}]
      sites: {tinderbush-mine: {unfc: "E1;F1;G1", unrms: {reporting: quarterly}}}
      layers: [{name: Ridge country, kind: indigenous, nation: AU, people: Tinder people, corners: [[-21.2, 118.7], ...]}]
      consents: [{facility: tinderbush-mine, layer: Ridge country, agreed: 2019-03-01}]
      export_rules: [{nation: ZW, product: spodumene-concentrate, from: 2026-02-01, rule: banned}]
    trade: {invoices: true, origin_certificates: true, period_days: 91}
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from assay.simulator.sites import Entry, Name, Number, Parameter, Text

__all__ = [
    "AuditEntry",
    "ConsentEntry",
    "Corner",
    "ExportRule",
    "GovernanceEntry",
    "LayerEntry",
    "LicenceEntry",
    "Price",
    "SiteFacts",
    "TitleEntry",
    "TradeEntry",
]

Nation = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Corner = tuple[
    Annotated[Number, Field(ge=-90, le=90)],
    Annotated[Number, Field(ge=-180, le=180)],
]
"""Latitude and longitude, degrees."""
Corners = Annotated[list[Corner], Field(min_length=3, max_length=100)]
RegisterNumber = Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", min_length=3, max_length=30)]


class AuditEntry(Entry):
    """A facility under a scheme with an audit cycle: when its first certificate was published, and the level it reached.

    ``renewed_level`` is what the audits after three years say; ``corrective_days`` is how long the facility needed to mend
    what the first visit found, before anything was published.
    """

    scheme: Name
    facility: Name
    level: Annotated[str, Field(max_length=30)]
    published: date
    renewed_level: Annotated[str, Field(max_length=30)] | None = None
    corrective_days: int = Field(default=0, ge=0, le=366)
    certifier: Name | None = None
    """By default the one that audits in the facility's nation."""


class TitleEntry(Entry):
    """A mining title or concession in the land register. The holder is the facility's operator unless somebody else is named."""

    facility: Name
    number: RegisterNumber
    granted: date
    expires: date
    holder: Name | None = None

    @model_validator(mode="after")
    def _in_order(self) -> TitleEntry:
        if self.granted >= self.expires:
            raise ValueError(f"expires: {self.expires} is not after granted {self.granted}; set it later")
        return self


class SiteFacts(Entry):
    """Facts about a site for its facility record. ``unfc``: class on the axes E, F and G of UNFC, as ``E1;F1;G1``.

    ``unrms``: principles of resource management that the site follows, name and what it does. ``concession``: the boundary.
    """

    unfc: Annotated[str, Field(pattern=r"^E[1-3](\.[1-3])?;F[1-4](\.[1-3])?;G[1-4](\.[1-3])?$")] | None = None
    unrms: dict[Name, Text] = Field(default_factory=dict, max_length=12)
    concession: Corners | None = None
    capacity_t_per_year: Number | None = Field(default=None, gt=0, le=10**9)
    status: Literal["operating", "care-and-maintenance", "closed", "planned"] = "operating"
    since: date | None = None
    """First day of this status, where it is on record."""


class LayerEntry(Entry):
    """An area of a map: protected by law, land of an Indigenous people, or affected by conflict and of high risk (OECD)."""

    name: Text
    kind: Literal["protected", "indigenous", "high-risk"]
    nation: Nation
    corners: Corners
    people: Text | None = None


class ConsentEntry(Entry):
    """Free, prior and informed consent of the people of a layer to a site."""

    facility: Name
    layer: Text
    agreed: date


class ExportRule(Entry):
    """What a nation rules on exporting a product between two dates (``until`` included; absent means no end)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    nation: Nation
    product: Name
    start: date = Field(alias="from")
    until: date | None = None
    rule: Literal["banned", "licence"]

    @model_validator(mode="after")
    def _in_order(self) -> ExportRule:
        if self.until is not None and self.until < self.start:
            raise ValueError(f"until: {self.until} is before from {self.start}; set it later")
        return self

    def covers(self, nation: str, product: str, day: date) -> bool:
        return (
            (self.nation, self.product) == (nation, product)
            and self.start <= day
            and (self.until is None or day <= self.until)
        )


class LicenceEntry(Entry):
    """An export licence: who may export which product from where, between two dates (``until`` included)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    holder: Name
    nation: Nation
    product: Name
    number: RegisterNumber
    start: date = Field(alias="from")
    until: date
    tonnes: Number | None = Field(default=None, gt=0, le=10**9)

    @model_validator(mode="after")
    def _in_order(self) -> LicenceEntry:
        if self.until <= self.start:
            raise ValueError(f"until: {self.until} is not after from {self.start}; set it later")
        return self


class GovernanceEntry(Entry):
    """Who watches over the chain, beyond registers and permits."""

    schemes: list[Name] = Field(default_factory=list, max_length=20)
    """Schemes of the library that apply here."""
    seat: Nation | None = None
    """Where scheme owners of the library and the apex have their seat; by default in the last nation."""
    apex: bool = True
    """Whether an international body recognises the national accreditation bodies."""
    audits: list[AuditEntry] = Field(default_factory=list, max_length=200)
    titles: list[TitleEntry] = Field(default_factory=list, max_length=200)
    sites: dict[Name, SiteFacts] = Field(default_factory=dict, max_length=500)
    layers: list[LayerEntry] = Field(default_factory=list, max_length=100)
    consents: list[ConsentEntry] = Field(default_factory=list, max_length=200)
    export_rules: list[ExportRule] = Field(default_factory=list, max_length=100)
    licences: list[LicenceEntry] = Field(default_factory=list, max_length=200)


class Price(Entry):
    """The index price of a product per unit (tonne, or kilowatt-hour for cells and packs) and how far contracts stray from it."""

    price: Parameter
    band: Number = Field(default=Decimal("0.05"), ge=0, le=1)


class TradeEntry(Entry):
    """What is written about trade: invoices with every sale, certificates of origin per exporter, product and period."""

    invoices: bool = False
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    prices: dict[Name, Price] = Field(default_factory=dict, max_length=200)
    """Index prices that replace those of the library."""
    origin_certificates: bool = False
    period_days: int = Field(default=91, ge=1, le=366)
    """How long a certificate of origin holds."""
