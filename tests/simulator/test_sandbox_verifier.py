"""The sandbox's verifier against a table of good and bad credentials, and against its own promises."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.simulator.sandbox import bitstring
from assay.simulator.sandbox.did import DidError, did_url
from assay.simulator.sandbox.example_tokens import bits, sign, status_list
from assay.simulator.sandbox.faults import HONEST, Faults
from assay.simulator.sandbox.inprocess import Web
from assay.simulator.sandbox.reasons import REASONS
from assay.simulator.sandbox.verifier import Verifier
from tests.simulator.sandbox_cases import MAIN, authority, cases, entry, passport

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def verifier(web: Web | None = None, faults: Faults = HONEST) -> Verifier:
    return Verifier(web or authority(Web()), lambda: NOW, faults)


@pytest.mark.parametrize("name", cases())
def test_every_case_gets_exactly_the_reasons_it_deserves(name: str) -> None:
    submitted, expected = cases()[name]

    verdict = asyncio.run(verifier().verify(submitted))

    assert {reason.code for reason in verdict.reasons} == expected, verdict.reasons
    assert verdict.verified is (not expected)


def test_every_reason_is_a_problem_with_type_title_and_detail() -> None:
    for submitted, expected in cases().values():
        for reason in asyncio.run(verifier().verify(submitted)).reasons:
            problem = reason.problem()
            assert problem["type"].startswith("https://") and problem["title"] and problem["detail"]
        assert expected <= set(REASONS)


def test_a_range_error_carries_the_type_of_the_recommendation() -> None:
    submitted, _ = cases()["index beyond the list"]

    (reason,) = asyncio.run(verifier().verify(submitted)).reasons

    assert reason.problem()["type"] == "https://www.w3.org/ns/credentials/status-list#RANGE_ERROR"


def test_a_revocation_is_seen_at_once_although_lists_are_remembered() -> None:
    web = authority(Web())
    judge = verifier(web)
    token = sign(passport(credentialStatus=entry(9)), MAIN)
    before = asyncio.run(judge.verify(token))

    url = entry(9)["statusListCredential"]
    web.say(url, sign(status_list(url, MAIN.kid.partition("#")[0], bits(9)), MAIN))
    after = asyncio.run(judge.verify(token))

    assert before.verified
    assert {reason.code for reason in after.reasons} == {"revoked"}


def test_a_key_taken_out_of_the_did_document_ends_what_it_signed() -> None:
    web = authority(Web())
    judge = verifier(web)
    token = sign(passport(), MAIN)
    assert asyncio.run(judge.verify(token)).verified

    url = next(address for address in web.extra if address.endswith("/.well-known/did.json"))
    document = json.loads(web.extra[url].body)  # type: ignore[union-attr]
    document["assertionMethod"].remove(MAIN.kid)
    web.say(url, document)
    codes = {reason.code for reason in asyncio.run(judge.verify(token)).reasons}

    assert codes == {"key-not-authorised", "status-list-invalid"}


def test_a_missing_extension_context_is_a_warning_that_names_it() -> None:
    submitted, _ = cases()["extension whose context is gone"]

    verdict = asyncio.run(verifier().verify(submitted))

    assert verdict.verified
    assert any("contexts/missing" in warning.detail for warning in verdict.warnings)


def test_only_the_issuer_and_the_status_list_are_looked_up_for_a_core_credential() -> None:
    web = authority(Web())

    asyncio.run(verifier(web).verify(cases()["good"][0]))

    assert {url.partition("://")[2] for url in web.asked} == {
        "harness.assay.example/.well-known/did.json",
        "harness.assay.example/status/1",
    }


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_single_changed_character_of_a_token_survives(data: st.DataObject) -> None:
    token = sign(passport(), MAIN)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCDEFabcdef0189-_."))
    changed = token[:at] + other + token[at + 1 :]

    verdict = asyncio.run(verifier().verify(changed))

    assert verdict.verified is (changed == token)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_whatever_is_submitted_gets_a_verdict_and_never_a_crash(submitted: object) -> None:
    verdict = asyncio.run(verifier().verify(submitted))
    assert not verdict.verified and verdict.reasons


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(passport())),
    st.none() | st.integers() | st.text(max_size=8) | st.just([]) | st.just({}),
)
def test_a_signed_credential_with_any_member_spoilt_gets_a_verdict(name: str, value: object) -> None:
    document = passport() | {name: value}

    verdict = asyncio.run(verifier().verify(sign(document, MAIN)))

    assert verdict.verified or verdict.reasons


@given(st.sets(st.integers(0, bitstring.MINIMUM_BITS - 1), max_size=12))
def test_bits_survive_encoding_and_count_from_the_left(indices: set[int]) -> None:
    field = bytes(bitstring.MINIMUM_BITS // 8)
    for index in indices:
        field = bitstring.put(field, index, True)

    decoded = bitstring.decode(bitstring.encode(field))

    assert all(bitstring.get(decoded, index) for index in indices)
    assert all(decoded[index // 8] & (128 >> index % 8) for index in indices)
    assert sum(byte.bit_count() for byte in decoded) == len(indices)


@pytest.mark.parametrize("encoded", [None, "", "H4sI", "uH4sI", "u####", "uAAAA", 17])
def test_what_is_no_bitstring_is_refused_in_words(encoded: object) -> None:
    with pytest.raises(bitstring.BitstringError, match=r"encodedList|GZIP"):
        bitstring.decode(encoded)


def test_a_list_that_expands_without_end_is_refused() -> None:
    with pytest.raises(bitstring.BitstringError, match="expands to more than"):
        bitstring.decode(bitstring.encode(bytes(17 * 1024 * 1024)))


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:x.example", "https://x.example/.well-known/did.json"),
        ("did:web:x.example:a:b", "https://x.example/a/b/did.json"),
        ("did:web:x.example%3A8443", "https://x.example:8443/.well-known/did.json"),
    ],
)
def test_a_did_leads_to_its_document(did: str, url: str) -> None:
    assert did_url(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:key:z6Mk",
        "did:web:",
        "did:web:127.0.0.1",
        "did:web:x.example/a",
        "did:web:x.example:..",
        "did:web:localhost",
    ],
)
def test_what_is_no_public_did_web_is_refused(did: str) -> None:
    with pytest.raises(DidError):
        did_url(did)
