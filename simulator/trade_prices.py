"""Index prices: our own synthetic table, and what a scenario puts in its place. They stand for no market."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from assay.simulator.governance_entries import Price, TradeEntry

__all__ = ["price_table"]


@cache
def _library() -> Mapping[str, Price]:
    text = (files("assay.simulator") / "library" / "prices.yaml").read_text(encoding="utf-8")
    return {name: Price.model_validate(entry) for name, entry in yaml.safe_load(text).items()}


def price_table(trade: TradeEntry) -> dict[str, Price]:
    """Price by product: the scenario's own where it states one, else the library's."""
    return {**_library(), **trade.prices}
