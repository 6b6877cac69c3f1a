"""Shards on many processes, in order: any number of workers writes the same bytes, and memory does not grow with the world."""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import fields, is_dataclass
from itertools import chain, islice
from multiprocessing.process import BaseProcess
from operator import attrgetter
from pathlib import Path
from typing import Any

from assay.simulator.issuance.abouts import Entry
from assay.simulator.shards import Settings, ShardDone, ShardWriter, shard_done
from assay.simulator.world import World

__all__ = ["write_shards"]

_WAITING = 2
"""Shards for each worker process that are in work or wait for it; what comes then is written by the process that hands out."""
_AHEAD = 8
"""Finished shards for each worker that may wait for an earlier one."""


_PROTOCOL = 3
"""Of pickle: later ones count remembered objects from the start of a stream, and cannot go back to where the world ended."""


class _Reducers(dict[type, Callable[[Any], Any]]):
    """How to take objects apart for pickling: dataclasses into their fields, several times as fast as by themselves."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        reducer = _by_fields(kind) if is_dataclass(kind) else _by_itself
        self[kind] = reducer
        return reducer


def _by_fields(kind: type) -> Callable[[Any], Any]:
    names = [field.name for field in fields(kind)]
    if len(names) == 1:
        return lambda value: (kind, (getattr(value, names[0]),))
    values = attrgetter(*names)
    return lambda value: (kind, values(value))


def _by_itself(value: Any) -> Any:
    return value.__reduce_ex__(_PROTOCOL)


_REDUCERS = _Reducers()


class _Packer:
    """Pickles entries, leaving out the world: whatever belongs to it is named, not copied. Both sides hold the same world."""

    def __init__(self, world: World) -> None:
        buffer = io.BytesIO()
        self._world = pickle.Pickler(buffer, _PROTOCOL)
        self._world.dump(_static(world))
        self.head = buffer.getvalue()

    def pack(self, entries: list[Entry]) -> bytes:
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, _PROTOCOL)
        pickler.dispatch_table = _REDUCERS
        pickler.memo = self._world.memo
        pickler.dump(entries)
        return buffer.getvalue()


class _Unpacker:
    """The other side of :class:`_Packer`."""

    def __init__(self, head: bytes) -> None:
        self._world = pickle.Unpickler(io.BytesIO(head))  # noqa: S301 - from our own parent process
        self.world = World(**self._world.load())

    def unpack(self, packed: bytes) -> list[Entry]:
        unpickler = pickle.Unpickler(io.BytesIO(packed))  # noqa: S301 - from our own parent process
        unpickler.memo = self._world.memo
        entries: list[Entry] = unpickler.load()
        return entries


def _static(world: World) -> dict[str, Any]:
    """The world without what happened in it."""
    return {name: getattr(world, name) for name in World.__dataclass_fields__ if name != "ledger"}


_worker: tuple[_Unpacker, ShardWriter] | None = None


def _start(head: bytes, settings: Settings, folder: str) -> None:
    global _worker
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    unpacker = _Unpacker(head)
    _worker = unpacker, ShardWriter(unpacker.world, settings, Path(folder))


def _end_with(parent: BaseProcess) -> None:
    """No worker outlives the process that started it, however that ends."""
    parent.join()
    os._exit(1)


def _work(number: int, packed: bytes) -> ShardDone:
    assert _worker is not None  # every worker starts with _start
    unpacker, writer = _worker
    gc.disable()  # entries hold no cycles either
    try:
        return writer.write(number, unpacker.unpack(packed))
    finally:
        gc.enable()


def write_shards(
    world: World, entries: Iterable[Entry], settings: Settings, folder: Path, workers: int, *, resume: bool
) -> Iterator[ShardDone]:
    """Write all entries below ``folder``, shard by shard; what an earlier run finished is left as it is with ``resume``.

    This process is one of the workers: it writes a shard itself when the others have enough to do, or when there are none,
    which saves half of the pickling between two. Results come in the order of shards.
    """
    shards = _shards(entries, settings.shard)
    begin = list(islice(shards, 2))
    writer = ShardWriter(world, settings, folder)
    others = workers - 1 if len(begin) > 1 else 0
    waiting: deque[Future[ShardDone]] = deque()
    with _Pool(world, settings, folder, others) as pool:
        for number, shard in chain(begin, shards):
            done = _earlier(folder, number, shard) if resume else None
            if done is None and pool.has_room():
                waiting.append(pool.submit(number, shard))
            else:
                waiting.append(_finished(done or writer.write(number, shard)))
            while waiting and (waiting[0].done() or len(waiting) > workers * _AHEAD):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _finished(done: ShardDone) -> Future[ShardDone]:
    future: Future[ShardDone] = Future()
    future.set_result(done)
    return future


class _Pool:
    """Worker processes with a short queue; none at all where none are asked for."""

    def __init__(self, world: World, settings: Settings, folder: Path, processes: int) -> None:
        self._room = processes * _WAITING
        self._busy: list[Future[ShardDone]] = []
        self._packer: _Packer | None = None
        self._executor: ProcessPoolExecutor | None = None
        if processes:
            self._packer = _Packer(world)
            context = multiprocessing.get_context("spawn")
            start = (self._packer.head, settings, str(folder))
            self._executor = ProcessPoolExecutor(processes, context, _start, start)

    def has_room(self) -> bool:
        self._busy = [future for future in self._busy if not future.done()]
        return len(self._busy) < self._room

    def submit(self, number: int, shard: list[Entry]) -> Future[ShardDone]:
        assert self._executor and self._packer  # has_room says no where there are no processes
        future = self._executor.submit(_work, number, self._packer.pack(shard))
        self._busy.append(future)
        return future

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)


def _shards(entries: Iterable[Entry], size: int) -> Iterator[tuple[int, list[Entry]]]:
    stream, number = iter(entries), 0
    while shard := list(islice(stream, size)):
        number += 1
        yield number, shard


def _earlier(folder: Path, number: int, shard: list[Entry]) -> ShardDone | None:
    done = shard_done(folder, number)
    return done if done and (done.entries, done.first) == (len(shard), shard[0].key) else None
