"""The example world: two nations, three issuers, one product with its class above it, made from the base documents.

It is written down by hand, not simulated: small enough to be known by heart and rich enough that every fault of a node shows.
The self-test breaks nodes over it one fault at a time; the tests of the sandbox use it too.
"""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import assay.fixtures
from assay.simulator.sandbox.example_tokens import (
    b64,
    bits,
    did_document,
    key,
    sign,
    status_list,
    unb64,
)
from assay.simulator.sandbox.store import NodeStore, Published, load_node, split

__all__ = [
    "ARCHIVES",
    "AS_OF",
    "CLASS",
    "DELEGATED",
    "ITEM",
    "KEYS",
    "PACKER",
    "PASSPORT_INDEX",
    "REFINER",
    "REGISTER",
    "RESOLVER",
    "STATUS",
    "base",
    "build",
    "linksets",
    "target",
    "whole_node",
    "with_neighbours",
]

AS_OF = "2026-11-22T00:00:00Z"
REFINER = "did:web:saebyeok-lithium.example"
REGISTER = "did:web:business-register.korea.example"
PACKER = "did:web:pack.example"
RESOLVER = "id.saebyeok-lithium.example"
ITEM = f"https://{RESOLVER}/product/lioh-56/batch/L26-0412/item/BB-0007"
ARCHIVES = ("first-archive.example", "second-archive.example")
DELEGATED = f"https://{RESOLVER}/elsewhere/spodumene-concentrate"
CLASS = f"https://{RESOLVER}/product/lioh-56"
STATUS = "https://saebyeok-lithium.example/status/1"
PASSPORT_INDEX = 4711

_BASES = Path(assay.fixtures.__file__).parent / "bases"
_FACILITY = "https://saebyeok-lithium.example/facility"
_EVENT_INDEX = 50_001


def base(name: str) -> dict[str, Any]:
    """A base document by name, fresh each time."""
    return cast(dict[str, Any], json.loads((_BASES / f"{name}.json").read_bytes()))


KEYS = {did: key(f"{did}#key-1", 101 + n) for n, did in enumerate((REFINER, REGISTER, PACKER))}


def target(href: str, title: str, **members: Any) -> dict[str, Any]:
    """A link target of a linkset; ``members`` override."""
    return {"href": href, "title": title, "type": "application/vc+jwt", "rel": ["item"], **members}


def linksets() -> dict[str, Any]:
    """The linksets of the item and of its class, by identifier."""
    passport = base("dpp")["id"]
    return {
        ITEM: {
            "linkset": [
                {
                    "anchor": ITEM,
                    "dpp": [
                        target(passport, "Passport", hreflang=["en"]),
                        target(f"{passport}-ko", "Passport (Korean)", hreflang=["ko"]),
                        target(f"{passport}-old", "Passport, first version", rel=["predecessor-version"]),
                    ],
                    "dte": [
                        target(
                            ITEM,
                            "Add an event",
                            rel=["edit"],
                            method=["POST", "Authorization"],
                            accessRole=["untp:accessRole#Owner"],
                        )
                    ],
                }
            ]
        },
        CLASS: {"linkset": [{"anchor": CLASS, "dfr": [target(_FACILITY, "Facility")]}]},
    }


def build(folder: Path) -> Path:
    """Write the dataset and return its folder."""
    passport, anchor = base("dpp"), base("dia")
    korean = {**copy.deepcopy(passport), "id": f"{passport['id']}-ko"}
    old = {**copy.deepcopy(passport), "id": f"{passport['id']}-old", "validFrom": "2026-03-12T08:00:00Z"}
    jwt = "application/vc+jwt"
    korea: list[tuple[str, str, str, str, bytes]] = [
        (passport["id"], jwt, "credential", "DigitalProductPassport", sign(passport, KEYS[REFINER]).encode()),
        (korean["id"], jwt, "credential", "DigitalProductPassport", sign(korean, KEYS[REFINER]).encode()),
        (old["id"], jwt, "credential", "DigitalProductPassport", sign(old, KEYS[REFINER]).encode()),
        (anchor["id"], jwt, "credential", "DigitalIdentityAnchor", sign(anchor, KEYS[REGISTER]).encode()),
        (STATUS, jwt, "status-list", "", sign(status_list(STATUS, REFINER, bits(7)), KEYS[REFINER]).encode()),
        (
            "https://business-register.korea.example/status/1",
            jwt,
            "status-list",
            "",
            sign(
                status_list("https://business-register.korea.example/status/1", REGISTER, bits()),
                KEYS[REGISTER],
            ).encode(),
        ),
    ]
    service = {
        "id": f"{REFINER}#dia",
        "type": "dia",
        "serviceEndpoint": target(anchor["id"], "Identity anchor"),
    }
    for did in (REFINER, REGISTER):
        document = did_document(did, KEYS[did])
        if did == REFINER:
            document["service"] = [service]
        url = f"https://{did.removeprefix('did:web:')}/.well-known/did.json"
        korea.append((url, "application/did+json", "did", "", json.dumps(document).encode()))
    for uri, content in linksets().items():
        url = f"{uri}?linkType=linkset"
        korea.append((url, "application/linkset+json", "linkset", "", json.dumps(content).encode()))
    template = next(m["url"] for m in passport["renderMethod"] if "url" in m)
    korea.append((template, "image/svg+xml", "page", "", b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
    germany = [
        (
            "https://pack.example/.well-known/did.json",
            "application/did+json",
            "did",
            "",
            json.dumps(did_document(PACKER, KEYS[PACKER])).encode(),
        )
    ]
    _write_node(
        folder,
        "KR",
        korea,
        RESOLVER,
        [REFINER, REGISTER],
        [
            {"uri": ITEM, "linkset": f"{ITEM}?linkType=linkset", "default": passport["id"]},
            {
                "uri": CLASS,
                "linkset": f"{CLASS}?linkType=linkset",
                "default": _FACILITY,
            },
        ],
    )
    _write_node(folder, "DE", germany, "pack.example", [PACKER], [])
    dataset = {
        "as_of": AS_OF,
        "nations": ["KR", "DE"],
        "roots": [ITEM],
        "trust_anchors": [REGISTER],
        "seed": 1,
    }
    (folder / "dataset.json").write_text(json.dumps(dataset))
    return folder


def _write_node(
    folder: Path, nation: str, files: list[Any], resolver: str, issuers: list[str], resolvables: list[Any]
) -> None:
    entries = []
    for number, (url, media_type, role, kind, body) in enumerate(files):
        name = f"files/{nation}-{number}"
        (folder / "files").mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
        entries.append({"url": url, "file": name, "media_type": media_type, "role": role, "kind": kind})
    hosts = sorted({str(urlsplit(entry["url"]).hostname) for entry in entries} | {resolver})
    index = {
        "nation": nation,
        "name": f"Node {nation}",
        "hosts": hosts,
        "resolver_host": resolver,
        "files": entries,
        "resolvables": resolvables,
        "issuers": issuers,
    }
    for part, content in (("nodes", index), ("keys", {did: KEYS[did].private_jwk for did in issuers})):
        (folder / part).mkdir(exist_ok=True)
        (folder / part / f"{nation}.json").write_text(json.dumps(content))


def whole_node(folder: Path) -> NodeStore:
    """The Korean node of the example world, with the things its documents point to published as well.

    ``folder`` is where the dataset is written on the way.
    """
    dataset = build(folder)
    facility, event, anchor = base("dfr"), base("make"), base("dia")
    _link_event(dataset, event["id"])
    store = load_node(dataset, "KR")
    for url, document in ((_FACILITY, facility), (event["id"], event)):
        _publish(store, url, document)
    _correct_digests(store)
    for method in [*anchor["renderMethod"], *facility["renderMethod"], *event["renderMethod"]]:
        if "url" in method and urlsplit(method["url"]).hostname in store.hosts:
            store.publish(Published(method["url"], method["mediaType"], "page", "", b"<svg/>"))
    return with_neighbours(store)


def with_neighbours(store: NodeStore) -> NodeStore:
    """A node that knows of an identifier elsewhere, and that plays two archives with copies of what it publishes."""
    for archive in ARCHIVES:
        for item in store.by_role("credential"):
            copy = f"https://{archive}/copies?of={quote(item.url, safe='')}"
            store.publish(replace(item, url=copy, role=f"copy at {archive}"))
    elsewhere = {split(DELEGATED): "https://id.kurrajong-ridge.example/product/spodumene-concentrate"}
    return replace(store, hosts=(*store.hosts, *ARCHIVES), delegated=elsewhere)


def _link_event(dataset: Path, href: str) -> None:
    """Put a link to an event beside the edit link of the item."""
    index = json.loads((dataset / "nodes/KR.json").read_text())
    (file,) = (entry["file"] for entry in index["files"] if entry["url"] == f"{ITEM}?linkType=linkset")
    content = json.loads((dataset / file).read_text())
    event = {"href": href, "title": "Where it was made", "type": "application/vc+jwt", "hreflang": ["en"]}
    content["linkset"][0]["dte"].append(event)
    (dataset / file).write_text(json.dumps(content))


def _publish(store: NodeStore, url: str, document: dict[str, Any]) -> None:
    """Publish a base document as a credential of the refiner, with an entry in its status list."""
    entry = {**document["credentialStatus"], "statusListCredential": STATUS, "id": f"{STATUS}#{_EVENT_INDEX}"}
    entry["statusListIndex"] = _EVENT_INDEX
    subjects = document["credentialSubject"]
    for subject in subjects if isinstance(subjects, list) else ():
        # It links to the passport that links to it: only one of the two can state a digest.
        for link in subject.get("relatedDocument", ()):
            link.pop("digestMultibase", None)
    document |= {"issuer": {**document["issuer"], "id": REFINER}, "id": url, "credentialStatus": entry}
    body = sign(document, KEYS[REFINER]).encode()
    store.publish(Published(url, "application/vc+jwt", "credential", "", body))


def _correct_digests(store: NodeStore) -> None:
    """Sign the passports anew with the digests of what their links really lead to."""
    for item in store.by_role("credential"):
        if item.kind != "DigitalProductPassport":
            continue
        payload = json.loads(unb64(item.body.decode().split(".")[1]))
        links = payload["credentialSubject"].get("relatedDocument", ())
        for link in links:
            found = store.files.get(split(link["linkURL"]))
            if found is not None:
                link["digestMultibase"] = "u" + b64(b"\x12\x20" + hashlib.sha256(found.body).digest())
        if links:
            store.publish(replace(item, body=sign(payload, KEYS[payload["issuer"]["id"]]).encode()))
