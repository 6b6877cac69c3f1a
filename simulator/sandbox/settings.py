"""What the process of a node is told by the one that starts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["NodeSettings"]


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """One node: whose it is, how it reaches the others, and with what it proves who it is."""

    dataset: Path
    nation: str
    host_map: Mapping[str, str]
    ca_pem: str
    certificate: Path
    key: Path
    token: str
    faults: tuple[str, ...]
