"""Sandbox nodes: one ASGI app per nation over HTTPS on loopback, honest or with named faults.

``Sandbox`` and ``run_forever`` start processes; they are imported on first use, so that a listing of faults costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from assay.simulator.sandbox.faults import FAULTS, Fault, FaultError

if TYPE_CHECKING:
    from assay.simulator.sandbox.serve import NodeAddress, Sandbox, SandboxError, run_forever
    from assay.simulator.sandbox.store import DatasetError

__all__ = [
    "FAULTS",
    "DatasetError",
    "Fault",
    "FaultError",
    "NodeAddress",
    "Sandbox",
    "SandboxError",
    "run_forever",
]

_HOME = {
    "DatasetError": "store",
    "NodeAddress": "serve",
    "Sandbox": "serve",
    "SandboxError": "serve",
    "run_forever": "serve",
}


def __getattr__(name: str) -> Any:
    """Import what starts processes when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
