"""Copies of a written world in which single lines are changed, added or taken away by hand."""

from __future__ import annotations

import json
import shutil
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assay.harness.forge.status_list import bitstring, encoded_list


def payload(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def token(old: str, document: dict[str, Any]) -> str:
    """A token with another payload; nobody who reads here checks signatures."""
    head, _, seal = old.split(".")
    part = urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).decode().rstrip("=")
    return f"{head}.{part}.{seal}"


Change = Callable[[dict[str, Any]], dict[str, Any] | None]
"""From a row (with ``token`` or ``body``) to another, to the same, or to none."""


class Copied:
    """A copy of a jsonl world whose rows can be changed, added and taken away."""

    def __init__(self, original: Path, folder: Path) -> None:
        shutil.copytree(original, folder)
        self.folder = folder

    def rows(self, part: str) -> list[dict[str, Any]]:
        found = []
        for path in sorted((self.folder / part).glob("*.jsonl")):
            found += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return found

    def change(self, url: str, change: Change) -> None:
        """Replace the row of one URL."""
        part = "credentials" if "/credentials/" in url else "resources"
        for path in sorted((self.folder / part).glob("*.jsonl")):
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines):
                row = json.loads(line)
                if row["url"] == url:
                    new = change(row)
                    lines[number : number + 1] = [] if new is None else [json.dumps(new)]
                    path.write_text("".join(one + "\n" for one in lines), encoding="utf-8")
                    return
        raise LookupError(url)

    def edit(self, url: str, edit: Callable[[dict[str, Any]], None]) -> None:
        """Change the payload of a credential or list, or the JSON of another resource."""

        def changed(row: dict[str, Any]) -> dict[str, Any]:
            key = "token" if "token" in row else "body"
            signed = key == "token" or row["role"] == "status-list"
            document = payload(row[key]) if signed else json.loads(row[key])
            edit(document)
            row[key] = token(row[key], document) if signed else json.dumps(document)
            return row

        self.change(url, changed)

    def add(self, part: str, row: dict[str, Any]) -> None:
        with (self.folder / part / "part-00001.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")

    def set_bit(self, url: str, *places: int) -> None:
        """A status list with these bits set and no others."""

        def edit(document: dict[str, Any]) -> None:
            document["credentialSubject"]["encodedList"] = encoded_list(bitstring(places))

        self.edit(url, edit)

    def write(self, name: str, *rows: dict[str, Any]) -> None:
        """A file of rows beside the data."""
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (self.folder / name).write_text(text, encoding="utf-8")
