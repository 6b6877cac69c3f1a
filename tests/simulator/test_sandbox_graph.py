"""The sandbox's graph verifier: sets it may not accept, and sets that may not break it. The rules are proven by the self-test."""

from __future__ import annotations

import asyncio
import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.simulator.sandbox.example_tokens import sign
from assay.simulator.sandbox.faults import HONEST, Faults
from assay.simulator.sandbox.graph import MAX_MEMBERS, GraphRequestError, verify_graph
from assay.simulator.sandbox.graph_reading import kilometres
from assay.simulator.sandbox.inprocess import Web
from assay.simulator.sandbox.reasons import REASONS
from assay.simulator.sandbox.verifier import Verifier
from tests.simulator.sandbox_cases import MAIN, authority, passport

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ISSUER = passport()["issuer"]["id"]


def judged(
    credentials: list[Any], *, vocabularies: list[Any] | None = None, faults: Faults = HONEST
) -> set[str]:
    body = {
        "graph": {"credentials": credentials, "vocabularies": vocabularies or []},
        "options": {"trustAnchors": [ISSUER]},
    }
    verdict = asyncio.run(verify_graph(body, Verifier(authority(Web()), lambda: NOW, faults), faults))
    return {reason.code for reason in verdict.reasons}


def plain(**changes: Any) -> dict[str, Any]:
    """A passport without claims: nothing has to stand behind it but its issuer."""
    made = copy.deepcopy(passport(**changes))
    made["credentialSubject"].pop("performanceClaim", None)
    return made


def test_a_passport_that_claims_nothing_needs_nothing_else() -> None:
    assert judged([sign(plain(), MAIN)]) == set()


def test_a_bad_signature_is_seen_although_proofs_are_remembered() -> None:
    token = sign(plain(), MAIN)
    head, _, signature = token.rpartition(".")
    spoilt = f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"

    assert judged([token]) == set()
    assert judged([spoilt]) == {"graph-member"}
    assert judged([spoilt], faults=Faults(["accept-bad-signature"])) == set()
    assert judged([spoilt]) == {"graph-member"}


def test_what_is_not_signed_proves_nothing() -> None:
    assert judged([plain()]) == {"graph-unsigned"}


def test_expiry_is_looked_at_every_time() -> None:
    assert judged(
        [sign(plain(validFrom="2025-01-01T00:00:00Z", validUntil="2026-01-01T00:00:00Z"), MAIN)]
    ) == {"graph-outdated"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "graph.credentials"),
        ({"graph": {"credentials": "x"}}, "graph.credentials"),
        ({"graph": {"credentials": []}}, "nothing of nothing"),
        ({"graph": {"credentials": [1], "vocabularies": [2]}}, "graph.vocabularies"),
        ({"graph": {"credentials": [1]}, "options": {"trustAnchors": "x"}}, "options.trustAnchors"),
        ({"graph": {"credentials": [0] * (MAX_MEMBERS + 1)}}, "more than"),
    ],
)
def test_a_request_of_another_form_is_said_to_be_one(body: dict[str, Any], told: str) -> None:
    with pytest.raises(GraphRequestError, match=r"nothing|graph|options|more than") as error:
        asyncio.run(verify_graph(body, Verifier(authority(Web()), lambda: NOW)))
    assert told.split()[0] in str(error.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = (
    *("performanceClaim", "producedAtFacility", "relatedParty", "characteristics", "materialProvenance"),
    *("conformityAssessment", "authorisation", "registrationScope", "locationInformation", "id", "type"),
    *("inputProduct", "outputProduct", "movedProduct", "eventDate", "consignmentId", "madeAtFacility"),
)
KINDS = ("ProductPassport", "ConformityCredential", "FacilityRecord", "IdentityAnchor", "TraceabilityEvent")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda kind, subject, event: {
                "type": [f"Digital{kind}"],
                "issuer": {"id": ISSUER},
                "credentialSubject": {"type": [event], **subject},
            },
            st.sampled_from(KINDS),
            st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=5),
            st.sampled_from(("MakeEvent", "MoveEvent")),
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.dictionaries(st.sampled_from(("includedProfile", "endorsementLevel")), JSON), max_size=2),
)
def test_nothing_that_can_be_sent_breaks_it(credentials: list[Any], vocabularies: list[Any]) -> None:
    codes = judged(credentials, vocabularies=vocabularies)

    assert "graph-unsigned" in codes
    assert codes <= set(REASONS)


def test_distances_are_those_of_a_globe() -> None:
    assert kilometres((0.0, 0.0), (0.0, 180.0)) == pytest.approx(20_015, abs=1)
    assert kilometres((51.5, 0.0), (51.5, 0.0)) == 0
