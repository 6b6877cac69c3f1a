"""One shard: a run of entries, rendered, signed and written by one worker that needs to talk to nobody.

Everything that a shard writes depends on its entries alone, never on what the worker did before, so any number of
workers writes the same bytes. What has to be brought together later (links, digests, rows of tables, pages that many
documents share) goes into files below ``work/``, one per shard. The last file that a shard writes says that it is done.
"""

from __future__ import annotations

import gc
import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from assay.simulator.issuance.abouts import Entry
from assay.simulator.issuance.discovery import Linked, Linker
from assay.simulator.publication import Office, Resource, page_resource
from assay.simulator.tables import TABLES, credential_rows, invoice_lines
from assay.simulator.world import World

__all__ = ["BUCKETS", "FORMATS", "Output", "Settings", "ShardDone", "ShardWriter", "shard_done", "write_file"]

FORMATS = ("jwt", "jsonl", "parquet", "site")
BUCKETS = 64
"""Links are spread over so many files, by what they are links of, before they are brought together."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a world is written. ``formats`` in the order of :data:`FORMATS`; ``shard`` is the number of entries of a shard."""

    formats: tuple[str, ...] = ("jwt",)
    untp: str = "0.7.0"
    shard: int = 2000

    @property
    def files(self) -> bool:
        """Is every published resource a file of its own?"""
        return "jwt" in self.formats or "site" in self.formats


@dataclass(slots=True)
class ShardDone:
    """What a shard has written: entries, counts by kind, and the size of each file that is not a resource of its own."""

    number: int
    entries: int
    first: str
    """Key of the first entry, so that another run's shard is not taken for this one's."""
    counts: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    tokens: int = 0
    """Bytes of tokens."""


def write_file(folder: Path, name: str, body: bytes) -> None:
    """Write one file below ``folder``, with the folders that it needs."""
    path = folder / name
    try:
        path.write_bytes(body)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


_BUFFER = 1 << 18


class Output:
    """One file of lines, with its digest. Written under another name until it is whole."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.size = 0
        self._path = folder / name
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._partial = self._path.with_name(self._path.name + ".part")
        self._digest = hashlib.sha256()
        self._stream: BinaryIO = self._partial.open("wb", buffering=0)
        self._held: list[bytes] = []
        self._holding = 0

    def write(self, data: bytes) -> None:
        self._held.append(data)
        self._holding += len(data)
        if self._holding > _BUFFER:
            self._flush()

    def _flush(self) -> None:
        data = memoryview(b"".join(self._held))
        self._digest.update(data)
        while data:
            data = data[self._stream.write(data) :]
        self.size += self._holding
        self._held, self._holding = [], 0

    def close(self) -> str:
        """Finish the file; returns its digest."""
        self._flush()
        self._stream.close()
        self._partial.replace(self._path)
        return self._digest.hexdigest()


class ShardWriter:
    """Writes shards of one world below a folder."""

    def __init__(self, world: World, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._office = Office(world, settings.untp)
        self._nations = {
            host: nation.code
            for nation in world.nations.values()
            for host in (
                nation.resolver,
                *(o.host for o in world.organisations() if o.nation == nation.code),
            )
        }
        self._shared: set[str] = set()

    def write(self, number: int, entries: Sequence[Entry]) -> ShardDone:
        """Render, sign and write a shard.

        The garbage collector rests meanwhile: documents hold no cycles, and looking for some would take two thirds of the
        time of rendering.
        """
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self._write(number, entries)
        finally:
            if collecting:
                gc.enable()

    def _write(self, number: int, entries: Sequence[Entry]) -> ShardDone:
        done = ShardDone(number, len(entries), entries[0].key)
        office, settings = self._office, self._settings
        book, dumps = office.book, orjson.dumps
        linker = Linker(book)
        part = f"part-{number:05d}.jsonl"
        digests = Output(self._folder, f"work/digests/{number:05d}")
        links = Output(self._folder, f"work/links/{number:05d}")
        index = Output(self._folder, f"work/index/{number:05d}") if settings.files else None
        lines = Output(self._folder, f"credentials/{part}") if "jsonl" in settings.formats else None
        pages = Output(self._folder, f"resources/{part}") if "jsonl" in settings.formats else None
        rows = (
            {table: Output(self._folder, f"work/tables/{table}/{number:05d}") for table in TABLES}
            if "parquet" in settings.formats
            else {}
        )
        heads: dict[str, bytes] = {}
        order = (number - 1) * settings.shard
        for line, entry in enumerate(entries, 1):
            order += 1
            document = office.document(entry)
            credential = office.credential(entry, dumps(document), order)
            done.tokens += len(credential.body)
            done.counts[credential.kind] = done.counts.get(credential.kind, 0) + 1
            if lines is not None:
                lines.write(_line(entry, credential, document))
            own = [page_resource(page) for page in book.passing()]
            if pages is not None:
                for page in own:
                    pages.write(resource_line(page))
            if index is not None:
                self._files((credential, *own), digests, index)
            if own:
                done.counts["page"] = done.counts.get("page", 0) + len(own)
            for linked in linker.links(entry):
                links.write(_link_line(linked, heads))
            if rows:
                told = credential_rows(entry, office.renderer.plain(document), part, line)
                for table, row in chain(told, invoice_lines(book.world, entry)):
                    rows[table].write(dumps(row) + b"\n")
        self._finish(done, digests, (lines, pages), (index, links, *rows.values()))
        return done

    def _files(self, resources: Iterable[Resource], digests: Output, index: Output) -> None:
        for resource in resources:
            for name in resource_files(resource, self._settings, self._nations):
                write_file(self._folder, name, resource.body)
                digests.write(digest_line(hashlib.sha256(resource.body).hexdigest(), name))
            index.write(index_line(resource, self._nations))

    def _finish(
        self,
        done: ShardDone,
        digests: Output,
        kept: Iterable[Output | None],
        spilled: Iterable[Output | None],
    ) -> None:
        """Close every file, write down pages that are new to this worker, and say that the shard is done."""
        for output in kept:
            if output is not None:
                digests.write(digest_line(output.close(), output.name))
                done.sizes[output.name] = output.size
        book = self._office.book
        fresh = [page for url, page in book.pages.items() if url not in self._shared]
        self._shared.update(page.url for page in fresh)
        shared = Output(self._folder, f"work/shared/{done.number:05d}")
        for page in fresh:
            shared.write(orjson.dumps([page.url, page.media_type, page.body.decode(), page.digest]) + b"\n")
        for output in (shared, digests, *spilled):
            if output is not None:
                output.close()
                done.sizes[output.name] = output.size
        body = orjson.dumps([done.number, done.entries, done.first, done.counts, done.sizes, done.tokens])
        path = self._folder / f"work/done/{done.number:05d}"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(body)
        partial.replace(path)


def shard_done(folder: Path, number: int) -> ShardDone | None:
    """What an earlier run wrote for a shard, if it finished and everything is still there."""
    try:
        done = ShardDone(*orjson.loads((folder / f"work/done/{number:05d}").read_bytes()))
        if all((folder / name).stat().st_size == size for name, size in done.sizes.items()):
            return done
    except (OSError, orjson.JSONDecodeError, TypeError):
        return None
    return None


def _link_line(linked: Linked, heads: dict[str, bytes]) -> bytes:
    """A line below ``work/links``: its bucket, then the link. ``heads`` keeps what is the same for all links of an identifier."""
    head = heads.get(linked.uri)
    if head is None:
        bucket = zlib.crc32(linked.uri.encode()) % BUCKETS
        fixed = orjson.dumps([linked.uri, linked.nation, linked.description])
        head = heads[linked.uri] = b"%02d" % bucket + fixed[:-1]
    link = linked.link
    if link.title or link.superseded:
        return head + b"," + orjson.dumps(linked.row()[3:])[1:] + b"\n"
    editable = "true" if linked.editable else "false"
    tail = f',{linked.rank},{editable},"{link.relation}","{link.url}","",false,"{link.language}"]\n'
    return head + tail.encode()


def _line(entry: Entry, credential: Resource, document: Mapping[str, Any]) -> bytes:
    """A line of ``credentials/part-*.jsonl``. Nothing in it needs escaping, so it is put together by hand."""
    return (
        (
            f'{{"url":"{entry.url}","kind":"{credential.kind}","issuer":"{entry.issuer.did}",'
            f'"valid_from":"{document["validFrom"]}","valid_until":"{document["validUntil"]}","token":"'
        ).encode()
        + credential.body
        + b'"}\n'
    )


def resource_line(resource: Resource) -> bytes:
    """A line of ``resources/part-*.jsonl``: all bodies are text."""
    row: dict[str, Any] = {"url": resource.url, "media_type": resource.media_type, "role": resource.role}
    if resource.kind:
        row["kind"] = resource.kind
    return orjson.dumps({**row, "body": resource.body.decode()}) + b"\n"


def resource_files(resource: Resource, settings: Settings, nations: dict[str, str]) -> list[str]:
    """Every file that holds a resource, by the formats that are written."""
    names = []
    if "jwt" in settings.formats:
        names.append(resource.file)
        if resource.role == "credential":
            names.append(f"credentials/{resource.order:06d}.jwt")
    if "site" in settings.formats:
        names.append(f"site/{nations[resource.host]}/{resource.host}/{resource.site_path}")
    return names


def index_line(resource: Resource, nations: dict[str, str]) -> bytes:
    """What a node's index says of a resource, after the node that publishes it."""
    entry = {
        "url": resource.url,
        "file": resource.file,
        "media_type": resource.media_type,
        "role": resource.role,
    }
    if resource.kind:
        entry["kind"] = resource.kind
    return nations[resource.host].encode() + orjson.dumps(entry) + b"\n"


def digest_line(digest: str, name: str) -> bytes:
    """A line as ``sha256sum`` writes and checks them."""
    return f"{digest}  {name}\n".encode()
