"""Worlds to spoil: documents and ledger rows of a simulated world as plain JSON, with ways to find what to change."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assay.harness.audit.assumptions import Assumptions
from assay.harness.audit.judge import audit
from assay.harness.results import Outcome, RunResult

Json = dict[str, Any]


class World:
    """Documents and ledger rows; edits happen on a copy."""

    def __init__(self, documents: list[Json], ledger: list[Json]) -> None:
        self.documents = documents
        self.ledger = ledger

    def copy(self) -> World:
        return World(copy.deepcopy(self.documents), copy.deepcopy(self.ledger))

    def of_kind(self, kind: str) -> list[Json]:
        return [document for document in self.documents if kind in document["type"]]

    def passports(self, name: str) -> list[Json]:
        """Passports of products whose name contains ``name``."""
        return _some(
            p for p in self.of_kind("DigitalProductPassport") if name in p["credentialSubject"]["name"]
        )

    def facility(self, name: str) -> Json:
        return _some(
            f for f in self.of_kind("DigitalFacilityRecord") if name in f["credentialSubject"]["name"]
        )[0]

    def moves(self, product: str, step: str) -> list[Json]:
        """Event credentials that ship or receive a product (``shipping``, ``receiving``)."""
        found = (
            d
            for d in self.of_kind("DigitalTraceabilityEvent")
            if d["credentialSubject"][0]["activityType"]["code"] == step
        )
        return _some(
            d
            for d in found
            if any(product in one["product"]["name"] for one in d["credentialSubject"][0]["movedProduct"])
        )

    def makes(self, product: str) -> list[Json]:
        """Make events that put out a product."""
        events = (event for d in self.of_kind("DigitalTraceabilityEvent") for event in d["credentialSubject"])
        made = (event for event in events if "outputProduct" in event)
        return _some(e for e in made if any(product in one["product"]["name"] for one in e["outputProduct"]))

    def certificates(self, words: str) -> list[Json]:
        return _some(d for d in self.of_kind("DigitalConformityCredential") if words in d["name"])

    def drop(self, *documents: Json) -> None:
        self.documents = [one for one in self.documents if not any(one is gone for gone in documents)]

    def drop_stocktakes(self) -> None:
        """On paper and in the ledger."""
        self.ledger = [row for row in self.ledger if row["fact"] != "stocktake"]
        counted = (
            d
            for d in self.of_kind("DigitalTraceabilityEvent")
            if d["credentialSubject"][0]["activityType"]["code"] == "stock_taking"
        )
        self.drop(*_some(counted))

    def drop_makes(self, product: str) -> None:
        wanted = self.makes(product)
        self.drop(
            *(
                d
                for d in self.of_kind("DigitalTraceabilityEvent")
                if any(e in wanted for e in d["credentialSubject"])
            )
        )

    def stocktakes(self, facility: str) -> list[Json]:
        """Event credentials that count the stock of a site, in order of time."""
        events = (
            d
            for d in self.of_kind("DigitalTraceabilityEvent")
            if "modifiedProduct" in d["credentialSubject"][0]
        )
        here = (d for d in events if facility in d["credentialSubject"][0]["modifiedAtFacility"]["name"])
        return sorted(_some(here), key=lambda d: str(d["credentialSubject"][0]["eventDate"]))

    def fact(self, kind: str, facility: str) -> Json:
        return _some(
            row
            for row in self.ledger
            if row["fact"] == kind and facility in (row.get("facility"), row.get("origin"))
        )[0]

    def replace(self, old: str, new: str) -> None:
        """Replace text everywhere."""
        self.documents = json.loads(json.dumps(self.documents, ensure_ascii=False).replace(old, new))


def _some(found: Iterator[Json]) -> list[Json]:
    listed = list(found)
    assert listed, "the world has nothing of the kind: the mutant does not fit it any more"
    return listed


def audited(
    world: World, folder: Path, *, ledger: bool = False, assumed: Assumptions | None = None
) -> RunResult:
    """The audit of a world that lies on disk as one file of unsigned documents."""
    path = folder / "world.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in world.documents))
    facts = folder / "ledger.jsonl"
    facts.unlink(missing_ok=True)
    if ledger:
        facts.write_text("".join(json.dumps(row) + "\n" for row in world.ledger))
    return audit(path, assumed, version="test")


def failed(run: RunResult) -> set[str]:
    return {result.requirement.id for result in run.results if result.outcome is Outcome.FAILED}


Edit = Callable[[World], None]
