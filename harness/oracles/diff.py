"""What differs between a world with deceptions and the same world without, and what of it no label accounts for.

Credentials are compared by the bytes of their tokens: changed, added and absent ones must be exactly those that the labels
name; tainted ones may differ. Documents that many share (status lists, linksets, DID documents, registers, pages) may differ
by what belongs to labelled credentials, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from assay.harness.credential.status import entries, expand, index_of
from assay.harness.graph.reading import identifier, member, text
from assay.harness.oracles.archive import original_of
from assay.harness.oracles.store import CREDENTIAL, Store, payload
from assay.harness.oracles.view import did_url, host_of

__all__ = ["Named", "compare"]

SNAPSHOT = "snapshot"
Label = Mapping[str, Any]


@dataclass(slots=True)
class Named:
    """What labels account for: credentials, and everything that follows from them."""

    changed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    tainted: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    """Every address that a labelled credential names, in either world."""
    bits: dict[str, set[int]] = field(default_factory=dict)
    """By status list, places of labelled credentials."""
    hosts: set[str] = field(default_factory=set)
    """Hosts of actors, and of whoever issues a labelled credential."""
    known: set[str] = field(default_factory=set)
    """Those, and hosts of every party that a labelled credential names: they may be new in the world."""

    @property
    def credentials(self) -> set[str]:
        return self.changed | self.added | self.absent | self.tainted


def compare(deceptive: Store, honest: Store, labels: Iterable[Label]) -> list[str]:
    """Every difference that no label accounts for, and every labelled one that is not there, as sentences."""
    named = _named(deceptive, honest, labels)
    return [*_credentials(deceptive, honest, named), *_shared(deceptive, honest, named)]


def _named(deceptive: Store, honest: Store, labels: Iterable[Label]) -> Named:
    named, roots = Named(), set[str]()
    for label in labels:
        named.changed |= set(label["changed"])
        named.added |= set(label["added"])
        named.absent |= set(label["absent"])
        named.tainted |= set(label["tainted"])
        roots |= set(label["root"])
        named.hosts |= {host_of(did_url(did)) for did in label["actors"]}
    for url in sorted(named.credentials | roots):
        for store in (deceptive, honest):
            place = store.places.get(url)
            if place is None or place.role != CREDENTIAL:
                continue
            document = store.document(url)
            named.addresses |= set(_addresses(document))
            named.known |= {host_of(did_url(did)) for did in _strings(document) if did.startswith("did:web:")}
            named.hosts.add(host_of(did_url(identifier(document.get("issuer")) or "")))
            for _, entry in entries(document):
                address, index = text(entry.get("statusListCredential")), index_of(entry)
                if address is not None and index is not None:
                    named.bits.setdefault(address, set()).add(index)
    named.known |= named.hosts
    return named


def _addresses(value: Any) -> Iterator[str]:
    """Every web address at any depth."""
    return (text.partition("#")[0] for text in _strings(value) if text.startswith("https://"))


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


# credentials


def _credentials(deceptive: Store, honest: Store, named: Named) -> Iterator[str]:
    now, then = set(deceptive.urls), set(honest.urls)
    added, absent = now - then, then - now
    changed = {url for url in now & then if deceptive.body(url) != honest.body(url)}
    for found, labelled, what in (
        (added, named.added, "added"),
        (absent, named.absent, "absent"),
        (changed, named.changed, "changed"),
    ):
        for url in sorted(found - labelled - (named.tainted if what == "changed" else set())):
            yield f"{url} is {what} compared with the honest world, and no label says so"
        for url in sorted(labelled - found):
            yield f"{url} is labelled as {what}, and it is not"


# what is shared


def _shared(deceptive: Store, honest: Store, named: Named) -> Iterator[str]:
    for url in sorted(deceptive.places.keys() | honest.places.keys()):
        role = (deceptive.places.get(url) or honest.places[url]).role
        if role == CREDENTIAL:
            continue
        before, after = honest.body(url), deceptive.body(url)
        if role == SNAPSHOT:
            yield from _snapshot(url, after or b"", honest, named)
        elif before != after:
            yield from _resource(url, role, before, after, named)


def _resource(url: str, role: str, before: bytes | None, after: bytes | None, named: Named) -> Iterator[str]:
    """One document that differs, or is there in one world only."""
    if url in named.addresses and role == "page":
        return  # the page of a labelled credential
    if role == "status-list":
        yield from _bits(url, _list(before), _list(after), named)
        if (before is None or after is None) and host_of(url) not in named.known:
            yield f"the status list {url} {_how(before, after)}, and no label leads to it"
        if before is not None and after is not None and _frame(before) != _frame(after):
            yield f"the status list {url} differs in more than its bits"
    elif role in ("linkset", "did", "register", "open-data"):
        yield from _entries(url, role, _json(before), _json(after), named)
    elif host_of(url) not in named.known or (before is not None and after is not None):
        yield f"the {role} {url} {_how(before, after)}, and no label leads to it"


def _how(before: bytes | None, after: bytes | None) -> str:
    return "is new" if before is None else "is gone" if after is None else "differs"


def _bits(url: str, before: bytes, after: bytes, named: Named) -> Iterator[str]:
    size, mine = max(len(before), len(after)), named.bits.get(url, set())
    flipped = int.from_bytes(before.ljust(size, b"\0")) ^ int.from_bytes(after.ljust(size, b"\0"))
    places = {size * 8 - bit.bit_length() for bit in _single(flipped)}
    for place in sorted(places - mine):
        yield f"bit {place} of the status list {url} differs, and no labelled credential has this place"


def _single(number: int) -> Iterator[int]:
    """The bits that are set, each as a number of its own."""
    while number:
        lowest = number & -number
        yield lowest
        number ^= lowest


def _snapshot(url: str, after: bytes, honest: Store, named: Named) -> Iterator[str]:
    """A dated copy: its bits are set honestly in the end, or belong to labelled credentials."""
    original, at = original_of(url)
    if at is None:
        yield f"the snapshot {url} has no date in its address"
        return
    ends = honest.body(original)
    if after.startswith(b"{"):
        keys = set(_keys(_json(after))) - set(_keys(_json(ends)))
        if keys and host_of(original) not in (named.known if ends is None else named.hosts):
            yield f"the snapshot {url} holds keys that its honest original does not, and no label names its host"
        return
    before, now = _list(ends), _list(after)
    size = max(len(before), len(now))
    more = int.from_bytes(now.ljust(size, b"\0")) & ~int.from_bytes(before.ljust(size, b"\0"))
    for place in sorted(
        {size * 8 - bit.bit_length() for bit in _single(more)} - named.bits.get(original, set())
    ):
        yield f"bit {place} of the snapshot {url} is set, and no labelled credential has this place"


def _entries(url: str, role: str, before: Any, after: Any, named: Named) -> Iterator[str]:
    """A linkset, DID document or register: entries that came, went or changed, apart from labelled ones."""
    then, now = _parts(role, before), _parts(role, after)
    frames = [frame for value in (before, after) if (frame := _rest(role, value)) is not None]
    if len(frames) == 2 and frames[0] != frames[1]:
        yield f"the {role} {url} differs in more than its entries"
    for entry in sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name)):
        if role == "did" and (before is None or after is None) and host_of(url) in named.known:
            continue  # the document of a party that comes with a label
        if role == "linkset" and _overtaken(entry, then, now, named):
            continue
        if not _accounted(role, url, entry, now.get(entry, then.get(entry)), named):
            yield f"the {role} {url} differs by {entry}, and no label leads to it"


def _overtaken(entry: str, then: Mapping[str, Any], now: Mapping[str, Any], named: Named) -> bool:
    """Is a link marked as that of an earlier version, and nothing else, because a labelled one of its kind came after it?"""
    before, after = then.get(entry), now.get(entry)
    if before is None or after is None or after != {**before, "rel": ["predecessor-version"]}:
        return False
    relation = entry.split(" ", 1)[0]
    return any(
        name.startswith(f"{relation} ") and set(_addresses(now[name])) & named.added
        for name in now.keys() - then.keys()
    )


def _accounted(role: str, url: str, entry: str, value: Any, named: Named) -> bool:
    """Does an entry belong to something labelled? Keys may be those of a party of a label."""
    found = set(_addresses(value)) | {entry}
    if found & named.credentials:
        return True
    if role == "linkset":
        # What is said of an identifier that only labelled credentials name, its edit link and data sheets for instance.
        return url.replace("/linkset/", "/", 1) in named.addresses and not any(
            "/credentials/" in one for one in found
        )
    if role == "did":
        return entry.startswith("key ") and host_of(url) in named.hosts
    return bool({host_of(one) for one in found} & named.hosts)


def _parts(role: str, value: Any) -> dict[str, Any]:
    """The entries of a document by what tells them apart."""
    if role == "linkset":
        return {
            f"{relation} {link.get('href')}": link
            for one in _list_of(value, "linkset")
            for relation, links in one.items()
            if isinstance(links, list)
            for link in links
            if isinstance(link, dict)
        }
    if role == "did":
        found = {f"service {member(s, 'serviceEndpoint', 'href')}": s for s in _list_of(value, "service")}
        return {**found, **{f"key {one}": one for one in _keys(value)}}
    return {orjson.dumps(entry).decode(): entry for entry in _list_of(value, "entries")}


def _rest(role: str, value: Any) -> Any:
    """The document without its entries."""
    if not isinstance(value, dict):
        return None
    if role == "linkset":
        rests = [
            {k: v for k, v in one.items() if not isinstance(v, list)} for one in _list_of(value, "linkset")
        ]
        return {**value, "linkset": rests}
    gone = (
        {"service", "verificationMethod", "assertionMethod", "authentication"}
        if role == "did"
        else {"entries"}
    )
    return {key: item for key, item in value.items() if key not in gone}


def _keys(value: Any) -> list[str]:
    """Keys of a DID document as text, with what says that one was revoked."""
    return [
        orjson.dumps(method, option=orjson.OPT_SORT_KEYS).decode()
        for method in _list_of(value, "verificationMethod")
    ]


def _list_of(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _list(token: bytes | None) -> bytes:
    """The bits of a status list; none where there is no list."""
    if token is None:
        return b""
    return expand(member(payload(token), "credentialSubject", "encodedList"))[0]


def _frame(token: bytes) -> Any:
    """A status list without its bits."""
    document = payload(token)
    subject = document.get("credentialSubject")
    inner = {k: v for k, v in subject.items() if k != "encodedList"} if isinstance(subject, dict) else subject
    return {**document, "credentialSubject": inner}


def _json(body: bytes | None) -> Any:
    try:
        return None if body is None else orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
