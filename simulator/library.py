"""The short form of a scenario, written out in full from the library."""

from __future__ import annotations

from assay.simulator.located import Block

__all__ = ["expanded"]


def expanded(data: Block) -> Block:
    """The scenario in full."""
    return data
