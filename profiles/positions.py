"""Positions: where text, schema and practice of UNTP contradict each other, and what Assay does about it.

The list is data (``positions.yaml``). Which rows touch a position, and which side a row takes, stands in the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from assay.profiles.catalogue import read_yaml

__all__ = ["OneVerdict", "Position", "positions"]

_FILE = Path(__file__).parent / "positions.yaml"


class OneVerdict(StrEnum):
    """The closed list of reasons why no row gives two verdicts on a position."""

    TEXT_AGAINST_TEXT = "text-against-text"
    TEXT_AGAINST_PRACTICE = "text-against-practice"
    NOTHING_PUBLISHED = "nothing-published"
    NEEDS_ACCESS_CONTROL = "needs-access-control"
    NEEDS_WEBVH = "needs-webvh"
    EXAMPLES_ONLY = "examples-only"


class Position(BaseModel):
    """One contradiction: what either side says and what Assay does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^P-[0-9]{2}$")
    about: str
    text: str
    artefact: str
    stance: str
    one_verdict: OneVerdict | None = None


@cache
def positions() -> Mapping[str, Position]:
    """All positions by id, in their order."""
    told = (Position(**entry) for entry in read_yaml(_FILE)["positions"])
    return MappingProxyType({one.id: one for one in told})
