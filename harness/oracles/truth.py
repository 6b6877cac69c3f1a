"""What really happened in a simulated world, as its simulator wrote it down: never published, read by decisive checks only.

::

    truth = Truth.open(Path("world"))
    for row in truth.facts("conversion"): ...        # rows of ledger.jsonl; masses in mg of contained element
    truth.lot("refinery/lithium-hydroxide/0003")      # every fact that names the lot, in the order of the ledger
    truth.at("refinery")                              # every fact at a facility
    truth.acts("certified")                           # rows of acts.jsonl: what people did
    truth.about(credential.url)                       # acts that name the credential
    truth.lots(passport.url)                          # ("refinery/lithium-hydroxide/0003",), by what was honestly issued
    truth.passport("refinery/lithium-hydroxide/0003") # the other way round
    truth.site(passport.facility)                     # "refinery": the facility's name in the ledger
    truth.moment(row["time"])                         # minutes of the ledger as a moment

Times in ledger and accounts are whole minutes since the start of the scenario; those of acts are UTC stamps.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from assay.harness.credential.strict_json import MAXIMUM_BYTES
from assay.harness.oracles.store import OracleError

__all__ = ["Truth"]

Row = dict[str, Any]


_PASSPORT = "/dpp/"


class Truth:
    """Rows of the ledger, the accounts, the acts and the labels. Rows are read when asked for; indexes hold offsets."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ledger = _Rows(folder / "ledger.jsonl")
        self._accounts = _Rows(folder / "accounts.jsonl")
        self._acts = _Rows(folder / "acts.jsonl")
        self._labels = _Rows(folder / "labels.jsonl")

    @classmethod
    def open(cls, folder: Path | str) -> Truth:
        """The truth of a dataset. Raises :class:`OracleError` where there is no ledger."""
        path = Path(folder)
        if not (path / "ledger.jsonl").is_file():
            raise OracleError(f"'{path}' holds no ledger.jsonl, so nobody knows what happened")
        return cls(path)

    def facts(self, kind: str | None = None) -> Iterator[Row]:
        """Rows of the ledger: ``source``, ``conversion``, ``departure``, ``arrival``, ``stocktake``."""
        return (row for row in self._ledger if kind is None or row.get("fact") == kind)

    def accounts(self, kind: str | None = None) -> Iterator[Row]:
        """Rows of the accounts: ``footprint``, ``custody``, ``credit``..."""
        return (row for row in self._accounts if kind is None or row.get("account") == kind)

    def acts(self, kind: str | None = None) -> Iterator[Row]:
        """What people did, in the order of the file; none where no acts were written."""
        return (row for row in self._acts if kind is None or row.get("act") == kind)

    def labels(self) -> list[Row]:
        """The labels of the world's deceptions and twins."""
        return list(self._labels)

    def lot(self, lot: str) -> list[Row]:
        """Facts that name a lot."""
        return self._ledger.of(lot)

    def at(self, facility: str) -> list[Row]:
        """Facts at a facility, or of goods that left or reached it."""
        return self._ledger.of(facility)

    def account(self, lot: str) -> list[Row]:
        """Accounts of a lot or facility."""
        return self._accounts.of(lot)

    def about(self, name: str) -> list[Row]:
        """Acts that name a credential's URL, a party's DID, a facility, a lot or a number, at any place."""
        return self._acts.of(name)

    def lots(self, url: str) -> tuple[str, ...]:
        """Lots that a credential is about, as far as acts tell; of make events what came out."""
        found: dict[str, None] = {}
        for row in self.about(url):
            if row.get("url") == url:
                found.update(dict.fromkeys(row.get("lots") or ()))
        return tuple(found)

    def passport(self, lot: str) -> str | None:
        """URL of the passport that was honestly issued for a lot."""
        rows = (
            row for row in self.about(lot) if row.get("act") == "issued" and _PASSPORT in str(row.get("url"))
        )
        return next((str(row["url"]) for row in rows), None)

    def site(self, facility: str) -> str | None:
        """The name in ledger and scenario of a facility that is published under a URI; None where acts do not tell."""
        return self._sites.get(facility)

    def facility(self, site: str) -> str | None:
        """The URI under which a facility of the ledger is published."""
        return next((uri for uri, name in self._sites.items() if name == site), None)

    def moment(self, minutes: int) -> datetime:
        """Minutes of ledger and accounts as a moment in UTC."""
        return self.start + timedelta(minutes=minutes)

    @cached_property
    def start(self) -> datetime:
        """Minute 0."""
        try:
            return datetime.fromisoformat(
                orjson.loads((self._folder / "dataset.json").read_bytes())["start"]
            ).astimezone(UTC)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OracleError(
                f"'{self._folder}/dataset.json' does not say when minute 0 of the ledger was"
            ) from error

    @cached_property
    def _sites(self) -> dict[str, str]:
        return {row["facility"]: row["site"] for row in self.acts("recorded") if "site" in row}


class _Rows:
    """The rows of one file of JSON lines, none where it is missing; those that name something by offset."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets: dict[str, array[int]] | None = None

    def __iter__(self) -> Iterator[Row]:
        for _, row in self._numbered():
            yield row

    def of(self, name: str) -> list[Row]:
        """Rows with a string of this value anywhere in them, in the order of the file."""
        if self._offsets is None:
            self._offsets = {}
            for offset, row in self._numbered():
                for text in set(_strings(row)):
                    self._offsets.setdefault(text, array("Q")).append(offset)
        offsets = self._offsets.get(name)
        if offsets is None:
            return []
        with self._path.open("rb") as stream:
            rows = []
            for offset in offsets:
                stream.seek(offset)
                rows.append(orjson.loads(stream.readline(MAXIMUM_BYTES)))
            return rows

    def _numbered(self) -> Iterator[tuple[int, Row]]:
        if not self._path.is_file():
            return
        with self._path.open("rb") as stream:
            offset = 0
            while line := stream.readline(MAXIMUM_BYTES):
                try:
                    row = orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    raise OracleError(
                        f"'{self._path}' has a line at byte {offset} that is no JSON"
                    ) from error
                if not isinstance(row, dict):
                    raise OracleError(f"'{self._path}' has a line at byte {offset} that is no object")
                yield offset, row
                offset += len(line)


def _strings(value: Any) -> Iterator[str]:
    """Every string at any depth, keys apart."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
