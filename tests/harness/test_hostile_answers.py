"""Whatever a resolver, publisher or DID host serves, reading it and judging it ends in a verdict, never in an exception."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.harness.checks import load_checks
from assay.harness.credential.intake import read
from assay.harness.evidence import Exchange, Request
from assay.harness.exercise import exercise
from assay.harness.forge.ring import Ring
from assay.harness.leads import leads
from assay.harness.manifest import Manifest
from assay.harness.material import Unavailable
from assay.harness.results import Outcome
from assay.harness.selftest import Bench, load_bases
from assay.harness.transport import MemoryTransport
from assay.profiles.catalogue import load_profiles, profile_names

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
CATALOGUE = load_profiles(tuple(profile_names()))
RING = Ring()
SERVICE = {
    "id": f"{RING.did}#dia",
    "type": "dia",
    "serviceEndpoint": {"href": "https://a.example/dia", "title": "t"},
}
MATERIAL: dict[str, Any] = {
    "linkset": load_bases()["linkset"],
    "did": {**RING.did_value(), "service": [SERVICE]},
}
ODD: list[Any] = [
    None, True, -1, 10**400, 1e308, "", "\ud800", "did:web:", "https://[", "https://a.example:99999/", "http://[::1", "%", "a" * 9000,
    [], [[]], [None], [{}], {}, {"id": {}}, {"linkset": []}, [{"href": []}], ["predecessor-version", 5], {"href": "https://[x"},
    "https://a.example/\x00", "//a.example", "?", "https://user:pw@a.example/", "https://a.example/%zz",
]  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in steps:
        yield from paths(item, (*path, step))


PLACES = [(name, path) for name, value in MATERIAL.items() for path in paths(value)]
CHANGES = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD)), min_size=1, max_size=3)


def bent(name: str, changes: list[tuple[tuple[str, tuple[Any, ...]], Any]]) -> bytes:
    """The material with odd values put in some places, as bytes."""
    value = copy.deepcopy(MATERIAL[name])
    for (other, path), odd in changes:
        holder = value if other == name else None
        for step in path[:-1]:
            inside = isinstance(holder, dict) and step in holder
            inside = inside or (isinstance(holder, list) and isinstance(step, int) and step < len(holder))
            holder = holder[step] if inside and holder is not None else None
        last = path[-1]
        fits = isinstance(last, int) and isinstance(holder, list) and last < len(holder)
        if holder is not None and (fits or (isinstance(holder, dict) and isinstance(last, str))):
            holder[last] = odd
    return json.dumps(value).encode("utf-8", "surrogatepass")


@settings(max_examples=150, deadline=None)
@given(CHANGES)
def test_odd_linksets_and_did_documents_break_no_check(changes: list[Any]) -> None:
    for name in MATERIAL:
        document = read(name, bent(name, changes))
        assert all(lead.key for lead in leads(document, 0))
        results = Bench.default().judge.judge(document)
        assert [result.note for result in results if result.outcome is Outcome.ERROR] == []


MANIFEST = Manifest.model_validate(
    {
        "system": {"name": "x", "identifiers": ["https://id.a.example/item/1", "did:web:issuer.example"]},
        "roles": {"resolver": {"writes": True}},
    }
)


@settings(max_examples=40, deadline=None)
@given(
    CHANGES,
    st.sampled_from([200, 200, 307, 404, 500]),
    st.sampled_from([None, *(o for o in ODD if isinstance(o, str))]),
)
def test_an_exercise_of_an_odd_resolver_ends_in_results(
    changes: list[Any], status: int, location: str | None
) -> None:
    def answer(request: Request) -> Exchange | Unavailable:
        body = bent("did" if request.url.endswith("did.json") else "linkset", changes)
        plain = request.url.endswith("did.json") or "linkType=linkset" in request.url
        headers = () if location is None or plain else (("Location", location),)
        return Exchange(
            request.method,
            request.url,
            200 if plain else status,
            final_url=request.url,
            headers=headers,
            body=body,
        )

    harvest = asyncio.run(exercise(MANIFEST, MemoryTransport(answer), load_bases(), AS_OF))
    assert list(harvest.results(CATALOGUE, load_checks())(0)) != []
