"""One default world for all tests of the simulator: it is made once and never changed."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from assay.simulator import World, load_scenario, publish, simulate
from assay.simulator.dataset import Publication

SEED = 20260112


@pytest.fixture(scope="session")
def world() -> World:
    return simulate(load_scenario(), SEED)


@pytest.fixture(scope="session")
def publication(world: World) -> Publication:
    return publish(world)


@pytest.fixture(scope="session")
def documents(publication: Publication) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, key and document of every credential, as a reader would parse it."""
    return [
        (entry.kind, entry.key, orjson.loads(publication.payload(entry)))
        for entry in publication.book.agenda.entries
    ]
