"""What the sandbox says JSON-LD would drop, against stock pyld, which remembers nothing between documents."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld
from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

from assay.profiles import untp_0_7
from assay.simulator.sandbox.example import base
from assay.simulator.sandbox.example_tokens import V2
from assay.simulator.sandbox.linked_data import LinkedData

BASES = ("dpp", "dcc", "dfr", "dia", "make", "move", "modify")
LOADER = FrozenDocumentLoader(documents={**BUNDLED_CONTEXTS, untp_0_7.CONTEXT_URL: untp_0_7.context()})
REMEMBERING = LinkedData()


def stock(document: Any) -> tuple[str, ...]:
    dropped: list[str | None] = []
    jsonld.expand(
        copy.deepcopy(document), {"documentLoader": LOADER, "base": ""}, on_property_dropped=dropped.append
    )
    return tuple(f"JSON-LD expansion drops {name or 'a member without meaning'}" for name in dropped)


def objects(value: Any) -> list[dict[str, Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ([value] if isinstance(value, dict) else []) + [found for item in inner for found in objects(item)]


@pytest.mark.parametrize("name", BASES)
def test_good_documents_lose_nothing(name: str) -> None:
    assert REMEMBERING.losses(base(name)) == stock(base(name)) == ()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_remembered_contexts_change_no_verdict(data: st.DataObject) -> None:
    document = base(data.draw(st.sampled_from(BASES)))
    place = data.draw(st.integers(0, len(objects(document)) - 1))
    victim = objects(document)[place]
    if data.draw(st.booleans()) and len(victim) > 1:
        victim.pop(data.draw(st.sampled_from(sorted(set(victim) - {"@context"}))))
    else:
        victim[data.draw(st.sampled_from(["nonsense", "type", "x:y", "name", "@id"]))] = "text"

    try:
        expected = set(stock(document))
    except jsonld.JsonLdError as error:
        expected = {f"JSON-LD expansion fails: {error.code or error.type}: {error.args[0]}"}

    # A list of equal shapes is looked at once, so only what is lost counts, not how often.
    assert set(REMEMBERING.losses(document)) == expected


def test_an_extension_context_is_read_as_it_is_now_and_not_as_it_was() -> None:
    url = "https://x.example/context"
    document = {"@context": [V2, url], "type": ["VerifiableCredential"], "note": "seen"}

    with_term = REMEMBERING.losses(document, {url: {"@context": {"note": "https://x.example/note"}}})
    without = REMEMBERING.losses(document, {url: {"@context": {}}})

    assert with_term == ()
    assert without == ("JSON-LD expansion drops note",)


def test_a_context_served_elsewhere_does_not_replace_a_pinned_one() -> None:
    document = base("dpp")
    assert REMEMBERING.losses(document, {V2: {"@context": {}}, untp_0_7.CONTEXT_URL: {"@context": {}}}) == ()


def test_a_context_that_nobody_has_is_a_failure_in_words() -> None:
    (loss,) = REMEMBERING.losses({"@context": ["https://nowhere.example/c"], "type": ["A"]})
    assert loss.startswith("JSON-LD expansion fails: loading")


def test_the_memo_does_not_grow_without_end() -> None:
    judge = LinkedData()
    for number in range(600):
        judge.losses(
            {"@context": [V2], "type": ["VerifiableCredential"], f"member{number}": json.dumps(number)}
        )
    assert len(judge._memo) <= 512
