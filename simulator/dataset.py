"""Writing a world to disk in the layout of ``profiles.contracts.dataset``: signed, published, byte-identical per seed.

Facts stream in, credentials stream out; memory does not grow with the world. Everything goes into a folder beside the
target until it is whole, and a run that was cut short can be taken up again: facts happen anew (they are cheap), shards
that were finished stay.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from assay import __version__
from assay.profiles.contracts.dataset import Dataset
from assay.profiles.contracts.labels import Label
from assay.simulator.account_rows import account_row
from assay.simulator.claim_kinds import Claim
from assay.simulator.claims import claims_of
from assay.simulator.deceptions.injector import Injector
from assay.simulator.deceptions.parts import NoOccasion
from assay.simulator.deceptions.recast import Casting, again, recast
from assay.simulator.facts import Fact, fact_row
from assay.simulator.finishing import Finish
from assay.simulator.issuance.abouts import Entry, Passport
from assay.simulator.issuance.agenda import schedule
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.discovery import Directory
from assay.simulator.issuance.versions import DEFAULT_VERSION, VersionError, renderer_for, versions
from assay.simulator.operations import run
from assay.simulator.publication import Publication, Resource, StatusLists, publish
from assay.simulator.scale import write_shards
from assay.simulator.shards import FORMATS, Output, Settings
from assay.simulator.world import World

__all__ = [
    "FORMATS",
    "DatasetError",
    "Progress",
    "Publication",
    "Resource",
    "VersionError",
    "publish",
    "renderer_for",
    "versions",
    "write_dataset",
]

MANY = 5000
"""From so many credentials on, no file of its own for each of them, unless asked for."""
FEW_FORMATS = ("jwt", "parquet")
MANY_FORMATS = ("jsonl", "parquet")
_BEGUN = "begun.json"
"""How the world was cast that is being written, where it is not the first."""
_MOST_ROOTS = 1000


class DatasetError(OSError):
    """A dataset that cannot be written where the user wants it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the writing is: credentials written, and the share of simulated time that has passed (0 to 1)."""

    credentials: int
    share: float
    phase: str = "credentials"


@dataclass(slots=True)
class Watch:
    """What is noted while entries pass: whom they make known, which status lists they use, where to start reading."""

    world: World
    directory: Directory
    lists: StatusLists
    plants: frozenset[str]
    """Facilities whose products are what the chain is for."""
    roots: list[str]
    last: datetime

    def entries(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self.directory.see(entry)
            self.lists.see(entry)
            if isinstance(entry.about, Passport) and len(self.roots) < _MOST_ROOTS:
                lot = entry.about.batch.lot
                if lot.granularity == "item" or lot.facility in self.plants:
                    self.roots.append(self.world.product_uri(lot))
            self.last = entry.valid_from
            yield entry


def write_dataset(
    world: World,
    target: str | Path,
    *,
    facts: Iterable[Fact] | None = None,
    formats: Iterable[str] | None = ("jwt",),
    untp: str = DEFAULT_VERSION,
    workers: int = 1,
    resume: bool = False,
    shard: int = 2000,
    progress: Callable[[Progress], None] | None = None,
) -> Dataset:
    """Render, sign and write a world to ``target``, all or nothing. Raises :class:`DatasetError`, :class:`VersionError`.

    ``facts`` are what happened, by default what the world's ledger has collected. ``formats`` left to us (None) are
    :data:`FEW_FORMATS`, or from :data:`MANY` credentials on :data:`MANY_FORMATS`. ``target`` may be missing or an earlier
    dataset, which is replaced; anything else is left alone. An interrupted run leaves ``<target>.partial``, and ``resume``
    takes it up. ``shard`` is the number of credentials that a worker writes in one go.
    """
    _check(formats, untp)
    if world.parts and untp != DEFAULT_VERSION:
        raise VersionError(
            f"deceptions are written as UNTP {DEFAULT_VERSION} only, not {untp}; leave out --untp, or the deceptions"
        )
    folder = Path(target)
    if _foreign(folder):
        raise DatasetError(f"{folder} exists and is no dataset; name a new or empty folder")
    stream = iter(world.ledger.facts if facts is None else facts)
    first = next(stream, None)  # a scenario that cannot work fails here, before anything is written
    happened = stream if first is None else chain((first,), stream)
    work = folder.with_name(folder.name + ".partial")
    try:
        _open(work, resume=resume)
    except DatasetError:
        raise
    except OSError as error:
        raise DatasetError(f"cannot write {folder}: {error.strerror or error}") from error
    keep, settings = False, Settings(untp=untp, shard=shard)
    try:
        begun = work / "work" / _BEGUN
        if world.parts and begun.is_file():
            world = recast(world, Casting.read(begun.read_bytes()))
        while True:
            try:
                dataset = _write(world, happened, formats, settings, work, workers, resume, progress)
                break
            except NoOccasion as idle:
                casting = again(world, idle)
                world = recast(world, casting)
                shutil.rmtree(work)  # what was written of the other
                _open(work, resume=False)
                begun.write_bytes(casting.written())
                happened = run(world.scenario, world.seed)
        _replace(work, folder)
    except DatasetError:
        keep = resume
        raise
    except OSError as error:
        raise DatasetError(f"cannot write {folder}: {error.strerror or error}") from error
    except (KeyboardInterrupt, SystemExit):
        keep = any((work / "work" / "done").glob("*"))
        raise
    finally:
        if not keep:
            shutil.rmtree(work, ignore_errors=True)
    return dataset


def _check(formats: Iterable[str] | None, untp: str) -> None:
    """Refuse what nobody can write, before anything happens."""
    if unknown := set(formats or ()) - set(FORMATS):
        raise DatasetError(f"format '{min(unknown)}' is unknown; choose from: {', '.join(FORMATS)}")
    if untp not in versions():
        raise VersionError(f"UNTP version '{untp}' cannot be written; choose one of: {', '.join(versions())}")


def _settings(formats: Iterable[str], chosen: Settings) -> Settings:
    """Settings with formats, in their order."""
    wanted = set(formats)
    if not wanted & {"jwt", "jsonl"}:
        wanted.add("jsonl")  # tables and a website alone would hold no list of the tokens
    return replace(chosen, formats=tuple(name for name in FORMATS if name in wanted))


def _foreign(folder: Path) -> bool:
    """Is there something that is no dataset of ours?"""
    if not folder.exists() or (folder / "dataset.json").is_file():
        return False
    return not folder.is_dir() or any(folder.iterdir())


def _plan(world: World, settings: Settings) -> bytes:
    """What a run writes: a run that is taken up again must write the same."""
    plan = {
        "assay": __version__,
        "scenario": world.scenario.name,
        "scenario_digest": world.scenario.digest,
        "packs": _demand(world),
        "parts": hashlib.sha256(repr(world.parts).encode()).hexdigest(),
        "seed": world.seed,
        "untp": settings.untp,
        "formats": settings.formats,
        "shard": settings.shard,
    }
    return orjson.dumps(plan)


def _demand(world: World) -> str:
    """A digest of the demand, which callers may change after a scenario was read."""
    return hashlib.sha256(b"|".join(w.model_dump_json().encode() for w in world.scenario.wants)).hexdigest()


def _open(work: Path, *, resume: bool) -> None:
    """Have a folder to write into: a new one, or with ``resume`` the one that an earlier run left."""
    if work.exists() and not (work / "work").is_dir():
        raise DatasetError(f"{work} is in the way and none of ours; move it")
    if work.exists() and not resume:
        shutil.rmtree(work)
    (work / "work").mkdir(parents=True, exist_ok=True)


def _agree(work: Path, plan: bytes) -> None:
    """See that an earlier run wrote the same, or write down what this one writes."""
    there = work / "work" / "plan.json"
    if not there.is_file():
        there.write_bytes(plan)
    elif there.read_bytes() != plan:
        raise DatasetError(
            f"{work} was begun by another scenario, seed, version or format; give the same ones, or leave out --resume"
        )


def _replace(work: Path, folder: Path) -> None:
    """Put the finished folder in place of an earlier one."""
    if folder.exists():
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        folder.replace(old)
        work.replace(folder)
        shutil.rmtree(old)
    else:
        work.replace(folder)


def _write(
    world: World,
    facts: Iterable[Fact],
    formats: Iterable[str] | None,
    chosen: Settings,
    folder: Path,
    workers: int,
    resume: bool,
    progress: Callable[[Progress], None] | None,
) -> Dataset:
    scenario = world.scenario
    watch = Watch(
        world,
        Directory(world),
        StatusLists(world),
        frozenset(want.facility for want in scenario.wants),
        [],
        scenario.start,
    )
    facts = _ahead(facts)
    ledger, accounts = Output(folder, "ledger.jsonl"), Output(folder, "accounts.jsonl")
    acts = Output(folder, "acts.jsonl") if world.parts else None
    injector = Injector(world, acts.write) if acts is not None else None
    if injector is not None:
        told = injector.claims(claims_of(world, _noted(injector.facts(facts), ledger)))
        scheduled = schedule(world, _accounted(told, accounts), injector)
    else:
        scheduled = schedule(world, _accounted(claims_of(world, _noted(facts, ledger)), accounts))
    entries = watch.entries(scheduled)
    if formats is None:
        begin = list(islice(entries, MANY))
        formats = MANY_FORMATS if len(begin) == MANY else FEW_FORMATS
        entries = chain(begin, entries)
    settings = _settings(formats, chosen)
    _agree(folder, _plan(world, settings))
    counts: dict[str, int] = {}
    written, span = 0, (scenario.as_of - scenario.start).total_seconds()
    for done in write_shards(world, entries, settings, folder, workers, resume=resume):
        written += done.entries
        for name, number in done.counts.items():
            counts[name] = counts.get(name, 0) + number
        if progress is not None:
            passed = (watch.last - scenario.start).total_seconds() / span
            progress(Progress(written, min(1.0, max(0.0, passed))))
    labels = injector.labels() if injector is not None else []
    finish = Finish(world, settings, folder, counts, watch.directory, watch.lists)
    finish.note("ledger.jsonl", ledger.close())
    finish.note("accounts.jsonl", accounts.close())
    if injector is not None and acts is not None:
        finish.note("acts.jsonl", acts.close())
        finish.note("labels.jsonl", _labelled(labels, folder))
    for phase in finish.steps():
        if progress is not None:
            progress(Progress(written, 1.0, phase))
    dataset: Dataset = {
        "assay": __version__,
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "seed": world.seed,
        "start": stamp(scenario.start),
        "as_of": stamp(scenario.as_of),
        "untp": settings.untp,
        "formats": list(settings.formats),
        "nations": list(world.nations),
        "roots": watch.roots,
        "trust_anchors": [nation.anchor.did for nation in world.nations.values()],
        "counts": dict(sorted(counts.items())),
        "files": finish.digests(),
    }
    (folder / "dataset.json").write_bytes(pretty(dataset))
    shutil.rmtree(folder / "work")
    return dataset


_AHEAD = 512
"""Facts that happen before the first of them is told of. Taking turns fact by fact cost an eighth of the planning: the
working sets of the plants and of those who issue push each other out of the processor's caches."""


def _ahead(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The same facts, made to happen before they are asked for. They follow from the scenario alone, so nobody can tell."""
    stream = iter(facts)
    while some := list(islice(stream, _AHEAD)):
        yield from some


def _noted(facts: Iterable[Fact], ledger: Output) -> Iterator[Fact]:
    """Facts, written down as they pass."""
    for fact in facts:
        ledger.write(orjson.dumps(fact_row(fact)) + b"\n")
        yield fact


def _labelled(labels: Iterable[Label], folder: Path) -> str:
    """Write the labels down; returns the digest of the file."""
    output = Output(folder, "labels.jsonl")
    for label in labels:
        output.write(orjson.dumps(label) + b"\n")
    return output.close()


def _accounted(claims: Iterable[Claim], accounts: Output) -> Iterator[Claim]:
    """Claims, with the accounts that they rest on written down as they pass."""
    for claim in claims:
        row = account_row(claim)
        if row is not None:
            accounts.write(orjson.dumps(row) + b"\n")
        yield claim


def pretty(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
