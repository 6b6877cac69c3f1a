"""The scenario: what a user writes to describe a corridor, read strictly and with errors that say what to mend.

A scenario names nations, parties, facilities, products, sites with their process parameters, routes and schemes. Every
number from outside carries unit and source; ``verified: false`` marks plausible engineering values without a citation.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationError

from assay.simulator.custody_entries import AccountingEntry, CustodyEntry
from assay.simulator.deceptions.entries import DeceptionEntry
from assay.simulator.governance_entries import GovernanceEntry, TradeEntry
from assay.simulator.located import Block, line_of, named_steps
from assay.simulator.sites import (
    Demand,
    Entry,
    Leg,
    Name,
    Number,
    Parameter,
    Route,
    ScenarioError,
    SiteEntry,
    Text,
)

__all__ = [
    "DEFAULT_SCENARIO",
    "DataSheet",
    "Demand",
    "FacilityEntry",
    "Leg",
    "NationEntry",
    "Parameter",
    "PartyEntry",
    "ProductEntry",
    "Register",
    "Route",
    "Scenario",
    "ScenarioError",
    "SchemeEntry",
    "SiteEntry",
    "load_scenario",
    "parse_scenario",
    "scenario_names",
    "scenario_titles",
]

DEFAULT_SCENARIO = "au-kr-de-nmc811"
_FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "scenarios"
_MAX_BYTES = 1_000_000

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
"""ISO 639-1 code."""
Host = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=200)]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a scenario was written: the file, and its content with the line of each key."""

    source: str
    data: Block

    def tell(self, problems: Iterable[str]) -> str:
        """Each problem, which begins with its key, with file and line before it."""
        return "\n".join(f"{self.source}:{line_of(self.data, _steps(text))}: {text}" for text in problems)


def _steps(text: str) -> list[str]:
    """The key that a message begins with, as steps: ``missing key sites.mill.parameters.yield; ...``."""
    for opening in ("missing key ", "unknown key "):
        text = text.removeprefix(opening)
    key = text.partition(": ")[0].partition(";")[0].partition(",")[0].partition(" (")[0]
    return key.split(".")


class Register(Entry):
    """A body of a nation: its name, its host below the nation's authority, and what its identifiers are called."""

    name: Text
    host: Name
    scheme: Text
    registered: date = date(2001, 7, 1)


class Bounds(Entry):
    """A box that holds the nation's territory, degrees; coordinates outside it are refused."""

    south: Number
    north: Number
    west: Number
    east: Number


class NationEntry(Entry):
    """One nation: its names, its part of the name space, and the bodies that people there trust."""

    name: Text
    alpha3: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 3166-1 alpha-3 code, which registers use."""
    authority: Host
    bounds: Bounds
    anchor: Register
    business: Register
    facilities: Register
    accreditation: Register
    permits: Register | None = None
    land: Register | None = None
    """The register of land, mining titles and concessions."""
    customs: Register | None = None


class AddressEntry(Entry):
    street: Text
    postcode: Text
    locality: Text
    region: Text


class PartyEntry(Entry):
    """An organisation. ``activity`` is an ISIC class (code and name)."""

    id: Name
    name: Text
    nation: str
    kind: Literal["operator", "supplier", "carrier", "certifier", "scheme-owner", "software-vendor", "apex"]
    description: Text
    activity: tuple[str, str]
    address: AddressEntry
    registered: date
    owner: Name | None = None
    """The party that owns this one."""


class PlatformEntry(Entry):
    """Issuing software beside the scenario's own: who sells it, its name and version, and the parties that use it."""

    vendor: Name
    product: Text
    version: Annotated[str, Field(pattern=r"^\d+(\.\d+){0,3}$")]
    used_by: list[Name] = Field(min_length=1, max_length=500)


class FacilityEntry(Entry):
    """A place. ``process`` is a CPC class; latitude and longitude are degrees, the boundary a box around them."""

    id: Name
    name: Text
    operator: Name
    description: Text
    process: tuple[str, str]
    latitude: Number
    longitude: Number
    reach: Number = Decimal("0.01")
    address: AddressEntry
    alias: str | None = None
    earlier_record: date | None = None
    """When an earlier facility record was issued, which the present one replaces."""


class DataSheet(Entry):
    """A data sheet in one language."""

    title: Text
    text: Text


class ProductEntry(Entry):
    """A kind of product. ``category`` is a CPC class; ``hazardous`` goods come with a safety data sheet.

    ``data_sheets`` are those beside the English one, by language.
    """

    id: Name
    name: Text
    model: Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=30)]
    description: Text
    category: tuple[str, str]
    composition: Text
    hs: Annotated[str, Field(pattern=r"^\d{4}\.\d{2}$")] | None = None
    """Heading of the Harmonised System, six digits."""
    codes_source: Text = "stated by the scenario"
    codes_verified: bool = False
    hazardous: bool = False
    data_sheets: dict[Language, DataSheet] = Field(default_factory=dict, max_length=20)


class CriterionEntry(Entry):
    """One criterion of a profile: topic and metric of the UN taxonomies (slug), threshold and its unit."""

    id: Name
    name: Text
    description: Text
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    topic: Name
    metric: Name
    threshold: Number
    unit: str = Field(max_length=3)
    tags: list[Name] = Field(min_length=1, max_length=10)
    recognises: list[str] = Field(default_factory=list, max_length=20)
    """Criteria of other schemes, ``scheme/criterion``, whose assessment it accepts; those of the scenario are published."""


class ProfileEntry(Entry):
    id: Name
    name: Text
    description: Text
    subject: Literal["product", "facility", "organisation"]
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    valid_from: date
    standard: tuple[str, str]
    criteria: list[CriterionEntry] = Field(min_length=1, max_length=40)


class ScoreEntry(Entry):
    """A level of a scheme. ``least_share``: the part of the criteria of each area (first tag after the subject) that are met.

    ``critical``: every criterion with the tag ``critical`` is met as well.
    """

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+(-[a-z0-9]+)*$", max_length=30)]
    rank: int = Field(ge=1, le=20)
    definition: Text
    least_share: Number = Field(default=Decimal(1), ge=0, le=1)
    critical: bool = True


class AuditCycle(Entry):
    """When audits are due, in months after publication of the certificate. A corrective plan may take ``corrective_months``."""

    valid_months: int = Field(ge=1, le=120)
    surveillance_months: tuple[int, int] | None = None
    corrective_months: int = Field(default=0, ge=0, le=24)
    source: Text


class SchemeEntry(Entry):
    """A conformity scheme and the party, or the public body (``permits:AU``, ``customs:AU``), that owns it.

    ``scores`` are its levels, best first; without them a profile is met or met with a plan.
    """

    id: Name
    name: Text
    description: Text
    owner: str
    established: date
    industry: tuple[str, str]
    scores: list[ScoreEntry] = Field(default_factory=list, max_length=10)
    cycle: AuditCycle | None = None
    profiles: list[ProfileEntry] = Field(min_length=1, max_length=10)


class PermitEntry(Entry):
    """A mining permit: facility, scheme of the permit authority, yearly limit and the performance it records."""

    facility: Name
    scheme: Name
    number: str = Field(pattern=r"^[A-Z0-9-]{3,30}$")
    granted: date
    expires: date
    annual_limit_t: int = Field(gt=0)
    performance: dict[Name, Parameter]


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value


Moment = Annotated[datetime, AfterValidator(_utc)]


class Scenario(Entry):
    """A corridor: everything that a simulation needs besides the seed."""

    name: Name
    title: Text
    description: Text
    as_of: Moment
    start: Moment
    margin: Parameter
    demand: Demand | None = None
    demands: list[Demand] = Field(default_factory=list, max_length=100)
    """Further demands, or all of them."""
    nations: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], NationEntry] = Field(
        min_length=1, max_length=20
    )
    parties: list[PartyEntry] = Field(min_length=1, max_length=500)
    facilities: list[FacilityEntry] = Field(min_length=1, max_length=500)
    products: list[ProductEntry] = Field(min_length=1, max_length=200)
    sites: list[SiteEntry] = Field(min_length=1, max_length=500)
    routes: list[Route] = Field(min_length=1, max_length=2000)
    schemes: list[SchemeEntry] = Field(min_length=1, max_length=100)
    permits: list[PermitEntry] = Field(default_factory=list, max_length=100)
    certifiers: dict[str, Name]
    """Nation: the conformity assessment body that audits there."""
    scheme: Name
    """The scheme that sites and products are certified against."""
    software: tuple[Name, str, str]
    """The issuing software: vendor, product, version."""
    platforms: list[PlatformEntry] = Field(default_factory=list, max_length=50)
    carbon: dict[str, Parameter]
    """Emission factors of transport by mode, grams of CO2e per tonne-kilometre."""
    accounting: AccountingEntry = AccountingEntry()
    custody: list[CustodyEntry] = Field(default_factory=list, max_length=100)
    governance: GovernanceEntry = GovernanceEntry()
    trade: TradeEntry = TradeEntry()
    deceptions: list[DeceptionEntry] = Field(default_factory=list, max_length=500)
    digest: str = ""

    @property
    def wants(self) -> tuple[Demand, ...]:
        """Everything that is asked for."""
        return (self.demand, *self.demands) if self.demand is not None else tuple(self.demands)

    _origin: Origin | None = PrivateAttr(default=None)

    def telling(self) -> AbstractContextManager[None]:
        """A context in which every :class:`ScenarioError` says in which file and line its key stands."""
        return _told(self._origin)

    def nations_of_facilities(self) -> dict[str, str]:
        """Nation of every facility: its operator's."""
        parties = {party.id: party.nation for party in self.parties}
        return {place.id: parties[place.operator] for place in self.facilities}

    def all_software(self) -> tuple[tuple[str, str, str], ...]:
        """Vendor, product and version of every software that somebody issues with, each once."""
        others = ((platform.vendor, platform.product, platform.version) for platform in self.platforms)
        return tuple(dict.fromkeys((self.software, *others)))

    def software_of(self, party: str) -> tuple[str, str, str]:
        """Vendor, product and version of the software that a party issues credentials with."""
        for platform in self.platforms:
            if party in platform.used_by:
                return platform.vendor, platform.product, platform.version
        return self.software


def scenario_names() -> list[str]:
    """Names of the scenarios that come with the product."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def scenario_titles() -> dict[str, str]:
    """Name and title of each scenario that comes with the product."""
    titles = {}
    for name in scenario_names():
        with (_FOLDER / f"{name}.yaml").open(encoding="utf-8") as stream:
            titles[name] = next(line[6:].strip() for line in stream if line.startswith("title:"))
    return titles


def _shipped(name: str) -> bytes:
    return (_FOLDER / f"{name}.yaml").read_bytes()


def load_scenario(source: str | Path = DEFAULT_SCENARIO) -> Scenario:
    """A scenario by name (one of ours) or by path of a YAML file. Raises :class:`ScenarioError`."""
    path = Path(source)
    if isinstance(source, str) and source in scenario_names():
        path = _FOLDER / f"{source}.yaml"
    elif path.suffix not in {".yaml", ".yml"}:
        close = difflib.get_close_matches(str(source), scenario_names(), n=1)
        mend = f"did you mean '{close[0]}'? " if close else ""
        raise ScenarioError(
            f"scenario '{source}' is no .yaml file and none of ours; {mend}choose from: {', '.join(scenario_names())}"
        )
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ScenarioError(
            f"scenario {str(source)!r} cannot be read: {error.strerror}; give a readable file"
        ) from None
    return parse_scenario(raw, str(source))


def parse_scenario(raw: bytes, source: str = "scenario") -> Scenario:
    """Read a scenario, short or long, from YAML bytes (at most 1 MB, no aliases). Raises :class:`ScenarioError`."""
    from assay.simulator.based_on import resolved
    from assay.simulator.compact import expanded
    from assay.simulator.governance_library import with_governance
    from assay.simulator.scenario_checks import contradictions  # it needs the model above

    if len(raw) > _MAX_BYTES:
        raise ScenarioError(f"{source}: larger than {_MAX_BYTES} bytes; split it or shorten it")
    short, digest = resolved(raw, source, scenario_names(), _shipped)
    with _told(Origin(source, short)):
        data = with_governance(expanded(short))
    origin = Origin(source, data)
    try:
        scenario = Scenario.model_validate({**data, "digest": digest})
    except ValidationError as error:
        raise ScenarioError(origin.tell(_explain(error, data))) from None
    problems = list(contradictions(scenario))
    if problems:
        raise ScenarioError(origin.tell(problems))
    scenario._origin = origin
    return scenario


@contextmanager
def _told(origin: Origin | None) -> Iterator[None]:
    """Say file and line in every :class:`ScenarioError` from inside."""
    try:
        yield
    except ScenarioError as error:
        if origin is None:
            raise
        raise ScenarioError(origin.tell(str(error).splitlines())) from None


def _explain(error: ValidationError, data: Block) -> Iterator[str]:
    """One line for each problem; a key that is missing because it was misspelt is told once.

    After a misspelt key at the top nothing else is told: without it the short form may be taken for the long one.
    """
    meant: set[tuple[int | str, ...]] = set()
    for item in sorted(error.errors(), key=lambda item: item["type"] != "extra_forbidden")[:20]:
        if item["type"] != "extra_forbidden" and any(len(path) == 1 for path in meant):
            return
        key = ".".join(named_steps(data, item["loc"]))
        received = str(item["input"])[:80]
        message = str(item["msg"]).removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            known = _known_keys(item["loc"][:-1])
            near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1)
            meant |= {(*item["loc"][:-1], name) for name in near}
            mend = f"did you mean {near[0]!r}?" if near else f"known keys here: {', '.join(sorted(known))}"
            yield f"unknown key {key}, received {received!r}; {mend}"
        elif item["loc"] in meant:
            continue
        elif item["type"] == "missing":
            mend = "give the distance as travelled, in kilometres" if item["loc"][-1] == "km" else "add it"
            yield f"missing key {key}; {mend}"
        elif item["type"] == "value_error":
            at, _, told = message.partition(": ")
            is_key = bool(told) and " " not in at
            yield f"{key}.{at}: {told}" if is_key else f"{key}: {message}"
        elif item["type"] == "model_type":
            number = item.get("ctx", {}).get("class_name") == "Parameter"
            wanted = "a number, or keys with value, unit and source" if number else "keys with values"
            yield f"{key}: received {received!r}; give {wanted}"
        else:
            yield f"{key}: received {received!r}; {_mend(message)}"


def _mend(message: str) -> str:
    """What pydantic says, as a request."""
    for said, wanted in (
        ("Input should ", "it must "),
        ("String should ", "the text must "),
        ("List should ", "the list must "),
    ):
        if message.startswith(said):
            return wanted + message.removeprefix(said)
    return message[:1].lower() + message[1:]


def _known_keys(path: Iterable[int | str]) -> list[str]:
    """Field names of the model that stands at ``path`` of the scenario."""
    model: Any = Scenario
    for step in path:
        is_model = isinstance(model, type) and issubclass(model, BaseModel)
        field = model.model_fields.get(str(step)) if is_model else None
        annotation = field.annotation if field is not None else model
        model = next(_models(annotation), model)
    return [name for name in getattr(model, "model_fields", {}) if name != "digest"]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
