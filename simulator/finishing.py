"""What can be written only when every credential has been: linksets, registers, DID documents, shared pages, indexes, tables.

Works through what shards have left below ``work/``, file by file, so that memory does not grow with the world.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from assay.profiles.contracts.dataset import Resolvable
from assay.simulator.issuance.book import Page
from assay.simulator.issuance.discovery import Directory, Linked, LinkedIdentifier, gather
from assay.simulator.publication import Office, Resource, StatusLists, linkset, page_resource
from assay.simulator.shards import (
    BUCKETS,
    Output,
    Settings,
    digest_line,
    index_line,
    resource_files,
    resource_line,
    write_file,
)
from assay.simulator.site import README, identifier_page, node_index
from assay.simulator.tables import TABLES, entity_rows, to_parquet
from assay.simulator.world import World

__all__ = ["Finish"]

_MOST_LISTED = 5000
"""Most files whose digests stand in ``dataset.json`` itself."""


class Finish:
    """The last part of writing a world."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        folder: Path,
        counts: dict[str, int],
        directory: Directory,
        lists: StatusLists,
    ) -> None:
        self._world = world
        self._settings = settings
        self._folder = folder
        self._counts = counts
        self._directory = directory
        self._lists = lists
        self._office = Office(world, settings.untp)
        self._nations = {
            host: code
            for code, nation in world.nations.items()
            for host in (nation.resolver, *(o.host for o in world.organisations() if o.nation == code))
        }
        self._digests = Output(folder, "work/digests/99999")
        self._index = Output(folder, "work/index/99999")

    def note(self, name: str, digest: str) -> None:
        """Remember the digest of a file."""
        self._digests.write(digest_line(digest, name))

    def _file(self, name: str, body: bytes) -> None:
        write_file(self._folder, name, body)
        self.note(name, hashlib.sha256(body).hexdigest())

    def _output(self, name: str) -> Output | None:
        return Output(self._folder, name) if "jsonl" in self._settings.formats else None

    def _close(self, output: Output | None) -> None:
        if output is not None:
            self.note(output.name, output.close())

    def _publish(self, resource: Resource, lines: Output | None) -> None:
        """Write one resource in every format."""
        self._counts[resource.role] = self._counts.get(resource.role, 0) + 1
        if lines is not None:
            lines.write(resource_line(resource))
        if self._settings.files:
            for name in resource_files(resource, self._settings, self._nations):
                self._file(name, resource.body)
            self._index.write(index_line(resource, self._nations))

    def steps(self) -> Iterator[str]:
        """Do everything, saying before each part what comes."""
        yield "linksets"
        self._linksets()
        yield "registers"
        self._standing()
        for nation in self._world.nations:
            self._file(f"keys/{nation}.json", _pretty(self._office.keys(nation)))
        yield "indexes"
        self._index.close()
        if "jwt" in self._settings.formats:
            for nation in self._world.nations:
                self._node(nation)
        if "site" in self._settings.formats:
            self._site()
        if "parquet" in self._settings.formats:
            yield "tables"
            self._tables()
        yield "digests"
        self._digests.close()

    def _spilled(self, kind: str) -> list[Path]:
        """What shards have left, in their order."""
        folder = self._folder / "work" / kind
        return sorted(folder.iterdir()) if folder.is_dir() else []

    # linksets

    def _linksets(self) -> None:
        self._spread()
        lines = self._output("resources/linksets.jsonl")
        table = (
            Output(self._folder, "work/tables/links/00000") if "parquet" in self._settings.formats else None
        )
        resolvables = (
            {nation: Output(self._folder, f"work/resolvables/{nation}") for nation in self._world.nations}
            if "jwt" in self._settings.formats
            else {}
        )
        for identifier in self._identifiers():
            resource, resolvable = linkset(identifier, self._office.version)
            self._publish(resource, lines)
            if identifier.nation in resolvables:
                resolvables[identifier.nation].write(orjson.dumps(resolvable) + b"\n")
            if "site" in self._settings.formats:
                self._identifier_page(identifier, resolvable)
            if table is not None:
                for link in identifier.links:
                    row = {
                        "identifier": identifier.uri,
                        "nation": identifier.nation,
                        "relation": link.relation,
                    }
                    table.write(
                        orjson.dumps({**row, "url": link.url, "title": link.target()["title"]}) + b"\n"
                    )
        for output in (table, *resolvables.values()):
            if output is not None:
                output.close()
        self._close(lines)

    def _spread(self) -> None:
        """Links by what they are links of, so that each identifier's are together in one file that fits into memory."""
        outputs = [Output(self._folder, f"work/buckets/{number:02d}") for number in range(BUCKETS)]
        for path in self._spilled("links"):
            with path.open("rb") as stream:
                for line in stream:
                    outputs[int(line[:2])].write(line[2:])
        for output in outputs:
            output.close()

    def _identifiers(self) -> Iterator[LinkedIdentifier]:
        for path in self._spilled("buckets"):
            with path.open("rb") as stream:
                yield from gather(Linked.read(orjson.loads(line)) for line in stream)
        yield from gather(self._directory.anchors(self._office.book))

    def _identifier_page(self, identifier: LinkedIdentifier, resolvable: Resolvable) -> None:
        path, body = identifier_page(identifier)
        host = resolvable["linkset"].split("/", 3)[2]
        self._file(f"site/{self._nations[host]}/{host}/{path}", body)

    # what stands once

    def _standing(self) -> None:
        office, lines = self._office, self._output("resources/standing.jsonl")
        once: tuple[Iterable[Resource], ...] = (
            self._lists.resources(office),
            office.did_documents(self._directory),
            office.schemes(),
            office.registers(self._directory),
            office.open_data(),
            office.resolver_descriptions(),
            office.archive(self._directory, self._lists) if self._world.parts else (),
        )
        for resources in once:
            for resource in resources:
                self._publish(resource, lines)
        for page in self._shared_pages():
            self._publish(page_resource(page), lines)
        self._close(lines)

    def _shared_pages(self) -> list[Page]:
        """Pages that many documents link to, from every shard and from this process."""
        pages: dict[str, Page] = dict(self._office.book.pages)
        for path in self._spilled("shared"):
            with path.open("rb") as stream:
                for line in stream:
                    url, media_type, body, digest = orjson.loads(line)
                    pages[url] = Page(url, media_type, body.encode(), digest)
        return [pages[url] for url in sorted(pages)]

    # indexes

    def _node(self, code: str) -> None:
        """The index of one node, written line by line."""
        world, nation = self._world, self._world.nations[code]
        ours = [o for o in world.organisations() if o.nation == code]
        output = Output(self._folder, f"nodes/{code}.json")
        head: dict[str, Any] = {
            "nation": code,
            "name": nation.name,
            "hosts": sorted({nation.resolver, *(organisation.host for organisation in ours)}),
            "resolver_host": nation.resolver,
            "issuers": [organisation.did for organisation in ours],
        }
        output.write(orjson.dumps(head)[:-1] + b',\n"files": [')
        mark, comma = code.encode(), b"\n"
        for path in self._spilled("index"):
            with path.open("rb") as stream:
                for line in stream:
                    if line.startswith(mark):
                        output.write(comma + line[len(mark) : -1])
                        comma = b",\n"
        output.write(b'\n],\n"resolvables": [')
        comma = b"\n"
        with (self._folder / "work" / "resolvables" / code).open("rb") as stream:
            for line in stream:
                output.write(comma + line[:-1])
                comma = b",\n"
        output.write(b"\n]}\n")
        self.note(output.name, output.close())

    def _site(self) -> None:
        self._file("site/README.md", README.format(folder="site").encode())
        for code, nation in self._world.nations.items():
            self._file(f"site/{code}/index.html", node_index(self._world, nation))

    # tables

    def _tables(self) -> None:
        entities = Output(self._folder, "work/tables/entities/00000")
        for row in entity_rows(self._world):
            entities.write(orjson.dumps(row) + b"\n")
        entities.close()
        for table in ("entities", *TABLES, "links"):
            name = f"tables/{table}.parquet"
            to_parquet(table, self._spilled(f"tables/{table}"), self._folder / name)
            with (self._folder / name).open("rb") as stream:
                self.note(name, hashlib.file_digest(stream, "sha256").hexdigest())

    # digests

    def digests(self) -> dict[str, str]:
        """Digest of every file by name; where there are very many, they stand in a file of their own, whose digest this is."""
        listed: dict[str, str] = {}
        for line in self._digest_lines():
            digest, name = line.decode()[:-1].split("  ", 1)
            listed[name] = f"sha256:{digest}"
            if len(listed) > _MOST_LISTED:
                return self._sums()
        return dict(sorted(listed.items()))

    def _digest_lines(self) -> Iterator[bytes]:
        for path in self._spilled("digests"):
            with path.open("rb") as stream:
                yield from stream

    def _sums(self) -> dict[str, str]:
        sums = Output(self._folder, "SHA256SUMS")
        for line in self._digest_lines():
            sums.write(line)
        return {sums.name: f"sha256:{sums.close()}"}


def _pretty(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
