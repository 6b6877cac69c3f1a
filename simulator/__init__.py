"""What happens in a synthetic supply chain, and what is said about it. Imports profiles, never the harness.

Names load on first use: a sandbox node imports this package too, and has no need of the simulation.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.simulator.dataset import DatasetError, publish, write_dataset
    from assay.simulator.scenario import Scenario, ScenarioError, load_scenario
    from assay.simulator.world import World

__all__ = [
    "DatasetError",
    "Scenario",
    "ScenarioError",
    "World",
    "load_scenario",
    "publish",
    "simulate",
    "write_dataset",
]

_HOME = {
    "DatasetError": "dataset",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "World": "world",
    "load_scenario": "scenario",
    "publish": "dataset",
    "write_dataset": "dataset",
}


def simulate(scenario: Scenario, seed: int) -> World:
    """Let a scenario happen, and collect what happened. Equal scenarios and seeds give equal worlds. Raises :class:`ScenarioError`."""
    from assay.simulator.operations import run
    from assay.simulator.world import build_world

    world = build_world(scenario, seed)
    for fact in run(world.scenario, seed):
        world.ledger.add(fact)
    return world


def __getattr__(name: str) -> Any:
    """Import the module behind a public name when the name is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
