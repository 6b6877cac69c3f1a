"""Worlds with deceptions for tests, each written once a session: datasets, labels, and what differs from the honest world."""

from __future__ import annotations

import json
import shutil
from atexit import register
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from assay.harness.oracles.registry import Sighting, decisives, oracles
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View
from assay.simulator.dataset import write_dataset
from assay.simulator.operations import run
from assay.simulator.scenario import parse_scenario
from assay.simulator.world import build_world

__all__ = ["Deceived", "deceived", "little", "little_text", "touched"]

_SCENARIOS = Path(__file__).resolve().parents[1] / "fixtures" / "scenarios"


@dataclass(frozen=True)
class Deceived:
    """A written dataset."""

    folder: Path

    @cached_property
    def labels(self) -> dict[str, dict[str, Any]]:
        """Labels by instance; none in an honest world."""
        path = self.folder / "labels.jsonl"
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()
        return {row["instance"]: row for row in rows}

    @cached_property
    def tokens(self) -> Mapping[str, str]:
        """Tokens by URL."""
        return {
            row["url"]: row["token"]
            for path in sorted((self.folder / "credentials").glob("*.jsonl"))
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        }

    @cached_property
    def view(self) -> View:
        return View.open(self.folder)

    @cached_property
    def truth(self) -> Truth:
        return Truth.open(self.folder)

    def document(self, url: str) -> dict[str, Any]:
        """The payload of a credential."""
        found = self.view.get(url)
        assert found is not None
        return found.document

    def seen(self, code: str) -> list[Sighting]:
        """What the oracle of a pattern sees in the whole world."""
        return list(oracles()[code](self.view))

    def seen_in_scope(self, instance: str) -> list[Sighting]:
        """What the oracle sees of an instance at the scope of its label, on its root credentials."""
        label = self.labels[instance]
        roots = label["root"]
        view = {"1": self.view.only, "C": self.view.chain}.get(label["scope"], lambda *_: self.view)(*roots)
        return [one for one in oracles()[label["code"]](view) if set(one.subjects) & set(roots)]

    def decided(self, code: str) -> list[Sighting]:
        """What the decisive check of a pattern finds in the whole world."""
        return list(decisives()[code](self.truth, self.view))

    def roots(self, code: str, *, honest: bool) -> set[str]:
        """Root credentials of a pattern's instances, or of its twins."""
        labels = self.labels.values()
        return {
            url for one in labels if one["code"] == code and one["honest"] == honest for url in one["root"]
        }

    def differences(self, honest: Deceived) -> tuple[set[str], set[str], set[str]]:
        """Credentials that were changed, added and left out."""
        mine, before = self.tokens, honest.tokens
        changed = {url for url in mine.keys() & before.keys() if mine[url] != before[url]}
        return changed, set(mine.keys() - before.keys()), set(before.keys() - mine.keys())

    def labelled(self, *names: str) -> tuple[set[str], ...]:
        """What labels say of that: ``labelled("changed", "added", "absent")``."""
        return tuple({url for label in self.labels.values() for url in label[name]} for name in names)


@cache
def deceived(text: str = "", seed: int = 1) -> Deceived:
    """The crossroads with these ``deceptions`` (YAML, as under the key), or the honest one."""
    return _written((_SCENARIOS / "crossroads.yaml").read_text(encoding="utf-8"), text, seed)


@cache
def little(text: str = "", seed: int = 1) -> Deceived:
    """A world a sixth as large (Chile, Korea and Germany, few packs): for what no pattern of the crossroads' own needs."""
    return _written(little_text(), text, seed)


def little_text(deceptions: str = "") -> str:
    """The scenario of the little world."""
    text = (_SCENARIOS / "cl-kr-de.yaml").read_text(encoding="utf-8").replace("packs: 400", "packs: 30")
    return f"{text}\ndeceptions: {deceptions}\n" if deceptions else text


def _written(base: str, deceptions: str, seed: int) -> Deceived:
    more = f"\ndeceptions: {deceptions}\n" if deceptions else ""
    scenario = parse_scenario((base + more).encode(), "scenario.yaml")
    world = build_world(scenario, seed)
    folder = Path(mkdtemp(prefix="assay-deceived-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    write_dataset(world, folder / "world", facts=run(world.scenario, seed), formats=("jsonl",))
    return Deceived(folder / "world")


def touched(sightings: Iterable[Sighting]) -> set[str]:
    """Every credential that sightings name."""
    return {url for one in sightings for url in one.subjects}
