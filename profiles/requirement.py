"""One row of the catalogue: what is asked, by whom, how gravely, and how it is decided or why it is not."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["CheckKind", "Level", "Reason", "Requirement", "Status"]


class Level(StrEnum):
    """How strongly a requirement binds (RFC 2119; negated rows carry ``negated``)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Status(StrEnum):
    """Where a requirement comes from. Only *normative* MUST rows decide conformity with UNTP."""

    NORMATIVE = "normative"
    PATTERN = "pattern"
    DERIVED = "derived"
    ADVISORY = "advisory"
    BINDS_UNTP = "binds-untp"


class Reason(StrEnum):
    """The closed list of reasons why a requirement has no check."""

    NOT_BLACK_BOX = "not-black-box"
    """Cannot be decided from files, HTTP answers or API answers."""
    NEEDS_ACCESS_CONTROL = "needs-access-control"
    """Needs keys, roles or logins that the harness and its sandbox do not speak."""
    NEEDS_WEBVH = "needs-webvh"
    """Needs the log of a did:webvh, which is not read."""
    NEEDS_EXTENSION_ARTEFACTS = "needs-extension-artefacts"
    """Speaks of the context, schema, vocabulary or site of an extension, none of which ships with Assay."""
    BINDS_UNTP = "binds-untp"
    """A duty of UNTP itself, never a verdict on a system."""
    PLANNED = "planned"
    """Could be decided; Assay does not do so in this release. Counts as uncovered."""


class CheckKind(StrEnum):
    """How a requirement is decided."""

    CODE = "code"
    """A function registered under the id in ``assay.harness.checks``. ``places`` then lists the schema errors that this
    row answers for, so that no other row repeats them; on a row with a basis they stay out of the verdict."""
    SCHEMA = "schema"
    """Errors of the generated JSON Schema at the places listed under ``places``."""
    GRAPH = "graph"
    """SQL rules over the credential graph listed under ``rules``."""
    SAME = "same"
    """Judged by the check of the first row under ``same_as``, which is the same rule elsewhere. Results stand under that row;
    where the user asked for this row's profile by name, it is judged under its own name too."""
    AUDIT = "audit"
    """Judged by ``assay world check``: SQL under the same id in ``rules``, or a function of ``assay.harness.audit``."""


class Requirement(BaseModel):
    """One row of the catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Z]{1,4}-(N-)?\d{2,3}$")
    level: Level
    negated: bool = False
    status: Status
    profile: str
    rule: str
    source: str
    cites: str = ""
    role: tuple[Literal["ISS", "PUB", "RES", "STA", "VER", "REG", "SCH", "ACH", "EXT"], ...] = Field(
        min_length=1
    )
    tier: Literal["1", "2", "3", "1-2", "—"]
    """1 technical, 2 schema and semantics, 3 graph; 1-2 both, — none."""
    black_box: Literal["Y", "P", "N"]
    decided_from: Literal["document", "documents", "http", "api", "extension"]
    basis: Literal["text", "schema", "conflict"] | None = None
    position: tuple[str, ...] = ()
    """Places where sources contradict each other that this row touches (``P-nn`` of ``profiles/positions.yaml``)."""
    follows: Literal["text", "schema"] | None = None
    """The side that the row itself takes, where text and published artefact contradict each other and the row enters the
    verdict. A check with a basis then gives the verdict of the other side, for information. Where neither side is taken,
    both verdicts have a basis and neither enters the verdict."""
    implies: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    check: CheckKind | None = None
    places: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    stands_on: tuple[str, ...] = ()
    not_checked: Reason | None = None
    note: str = ""
    adopted_from: str = ""
    """The profile that a row of an older version is taken from: same rule, same check, judged under its own profile."""
    decided_by: str = ""
    """Set when a row is judged by the check of another (``check: same``): the id under which that check is registered."""
    decisive: bool = False
    """Set when the user asked for this row's profile by name: its MUST rows then decide, patterns included."""

    @model_validator(mode="after")
    def _check_or_reason(self) -> Requirement:
        if (self.check is None) == (self.not_checked is None):
            raise ValueError(f"{self.id}: give either 'check' or 'not_checked', not both and not neither")
        if self.check is CheckKind.SCHEMA and not self.places:
            raise ValueError(f"{self.id}: 'places' is required for check: schema")
        if self.places and self.check not in (CheckKind.SCHEMA, CheckKind.CODE):
            raise ValueError(
                f"{self.id}: 'places' belongs to check: schema, or to a check: code that answers for them"
            )
        if self.check is CheckKind.SAME and not self.same_as:
            raise ValueError(f"{self.id}: 'same_as' is required for check: same; its first row has the check")
        if self.follows is not None and (not self.position or self.basis is not None):
            raise ValueError(f"{self.id}: 'follows' belongs to a row with a 'position' and without 'basis'")
        if (self.check is CheckKind.GRAPH) != bool(self.rules):
            raise ValueError(f"{self.id}: 'rules' belongs to check: graph, and is required there")
        return self

    @property
    def key(self) -> str:
        """What tells the row from all others: its id, and for an adopted one the profile too."""
        return f"{self.id}@{self.profile}" if self.adopted_from else self.id

    @property
    def check_id(self) -> str:
        """The id under which the check of the row is registered: its own, unless another row's check decides it."""
        return self.decided_by or self.id

    @property
    def decides_conformity(self) -> bool:
        """True for the rows whose failure makes a system not conformant with the row's profile."""
        if self.level is not Level.MUST or self.basis is not None:
            return False
        return self.status is Status.NORMATIVE or (self.decisive and self.status is Status.PATTERN)
