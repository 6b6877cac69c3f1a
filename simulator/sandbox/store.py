"""One nation's part of a dataset in memory: what is published where, who issues, and with which keys.

Reads the layout of :mod:`assay.profiles.contracts.dataset`. A node serves bytes as they stand; it renders nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from assay.profiles.contracts.dataset import Dataset, NodeIndex, PublishedFile
from assay.simulator.sandbox.addresses import split_address

__all__ = [
    "DatasetError",
    "NodeStore",
    "Published",
    "Resolvable",
    "SigningKey",
    "load_dataset",
    "load_node",
    "split",
]


class DatasetError(ValueError):
    """A folder that is no usable dataset; the message names file, key and mend."""


@dataclass(frozen=True, slots=True)
class Published:
    """One published resource."""

    url: str
    media_type: str
    role: str
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Resolvable:
    """One identifier: its URI, the contexts of its linkset (parsed) and the address of its default link."""

    uri: str
    contexts: tuple[dict[str, Any], ...]
    default: str


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A party's private key and the DID URL under which its DID document lists it."""

    did: str
    kid: str
    jwk: Mapping[str, Any]


@dataclass(eq=False)
class NodeStore:
    """Everything one node knows. Places are ``(host, path with query)``, hosts in lower case."""

    nation: str
    name: str
    hosts: tuple[str, ...]
    resolver_host: str
    as_of: datetime
    files: dict[tuple[str, str], Published] = field(default_factory=dict)
    resolvables: dict[tuple[str, str], Resolvable] = field(default_factory=dict)
    issuers: tuple[str, ...] = ()
    keys: dict[str, SigningKey] = field(default_factory=dict)
    trust_anchors: frozenset[str] = frozenset()
    delegated: dict[tuple[str, str], str] = field(default_factory=dict)
    """Identifiers that another resolver answers for, by place: the same identifier there."""

    def by_role(self, role: str) -> list[Published]:
        """Published resources of one role, in the order of the index."""
        return [item for item in self.files.values() if item.role == role]

    def publish(self, item: Published) -> None:
        """Publish a resource, or replace what stood at its address."""
        self.files[split(item.url)] = item


def split(url: str) -> tuple[str, str]:
    """``(host, path with query)`` of a URL."""
    parts = split_address(url)
    return (parts.hostname or "").lower(), (parts.path or "/") + ("?" + parts.query if parts.query else "")


def load_dataset(folder: Path) -> Dataset:
    """``dataset.json`` of a dataset folder. :raises DatasetError: not there, or not readable."""
    content = _read(folder, "dataset.json")
    if not isinstance(content, dict) or not content.get("nations") or "as_of" not in content:
        raise DatasetError(
            f"{folder / 'dataset.json'}: 'nations' and 'as_of' are required; simulate the dataset anew"
        )
    return cast(Dataset, content)


def load_node(folder: Path, nation: str) -> NodeStore:
    """Read one nation's node.

    :raises DatasetError: unknown nation, missing file, or an index that does not fit the layout.
    """
    dataset = load_dataset(folder)
    if nation not in dataset["nations"]:
        raise DatasetError(
            f"nation '{nation}' is not in the dataset; choose one of: {', '.join(dataset['nations'])}"
        )
    name = f"nodes/{nation}.json"
    index = cast(NodeIndex, _read(folder, name))
    missing = [key for key in ("hosts", "files") if key not in index]
    if missing:
        raise DatasetError(f"{folder / name}: '{missing[0]}' is missing; simulate the dataset anew")
    store = NodeStore(
        nation=nation,
        name=index.get("name", nation),
        hosts=tuple(host.lower() for host in index["hosts"]),
        resolver_host=index.get("resolver_host", index["hosts"][0]).lower(),
        as_of=_as_of(dataset["as_of"], folder),
        issuers=tuple(index.get("issuers", ())),
        trust_anchors=frozenset(dataset.get("trust_anchors", ())),
    )
    for entry in index["files"]:
        store.publish(_published(folder, entry))
    for item in index.get("resolvables", ()):
        resolvable = _resolvable(store, item.get("uri", ""), item.get("linkset", ""), item.get("default", ""))
        # A URN cannot be dereferenced: there the resolver's template made the linkset's address, which stands for it.
        uri = item.get("uri", "")
        host, target = split(uri if uri.startswith(("https:", "http:")) else item.get("linkset", ""))
        store.resolvables[(host, target.partition("?")[0])] = resolvable
    store.keys.update(_keys(folder, nation, store))
    return store


def _published(folder: Path, entry: PublishedFile) -> Published:
    path = (folder / entry["file"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DatasetError(f"file '{entry['file']}' of {entry['url']} lies outside the dataset")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); simulate the dataset anew") from error
    return Published(
        entry["url"], entry["media_type"], entry.get("role", "page"), entry.get("kind", ""), body
    )


def _resolvable(store: NodeStore, uri: str, linkset: str, default: str) -> Resolvable:
    published = store.files.get(split(linkset))
    if published is None:
        raise DatasetError(f"the linkset '{linkset}' of '{uri}' is not among the node's files")
    content = json.loads(published.body)
    contexts = content.get("linkset") if isinstance(content, dict) else None
    if not isinstance(contexts, list):
        raise DatasetError(f"'{linkset}' is not a linkset")
    return Resolvable(uri, tuple(item for item in contexts if isinstance(item, dict)), default)


def _keys(folder: Path, nation: str, store: NodeStore) -> dict[str, SigningKey]:
    if not (folder / f"keys/{nation}.json").is_file():
        return {}  # a dataset without private keys can be served, but nothing can be issued from it
    content = _read(folder, f"keys/{nation}.json")
    documents = {}
    for item in store.by_role("did"):
        document = json.loads(item.body)
        documents[document.get("id")] = document
    found = {}
    for did, value in content.items():
        candidates = value.get("keys", [value]) if isinstance(value, dict) else value
        for method in documents.get(did, {}).get("verificationMethod", ()):
            public = method.get("publicKeyJwk", {})
            for jwk in candidates:
                if jwk.get("x") == public.get("x") and did not in found:
                    found[did] = SigningKey(did, method["id"], jwk)
    return found


def _as_of(value: str, folder: Path) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise DatasetError(f"{folder / 'dataset.json'}: as_of '{value}' is not a date-time") from error
    if moment.tzinfo is None:
        raise DatasetError(f"{folder / 'dataset.json'}: as_of '{value}' has no time zone; append Z")
    return moment


def _read(folder: Path, name: str) -> Any:
    path = folder / name
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); is '{folder}' a dataset?") from error
    except ValueError as error:
        raise DatasetError(f"{path}: not valid JSON: {error}") from error
