"""What happens in a synthetic supply chain, and what is said about it. Imports profiles, never the harness."""

from __future__ import annotations

from assay.simulator.dataset import DatasetError, publish, write_dataset
from assay.simulator.operations import run
from assay.simulator.scenario import Scenario, ScenarioError, load_scenario
from assay.simulator.world import World, build_world

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


def simulate(scenario: Scenario, seed: int) -> World:
    """Let a scenario happen. Equal scenarios and seeds give equal worlds. Raises :class:`ScenarioError`."""
    ledger, stores, plan = run(scenario, seed)
    return build_world(scenario, seed, ledger, plan, stores)
