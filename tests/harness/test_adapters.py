"""The VC API adapter reads what vendors answer, in the ways they answer it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.adapters import AdapterError, Reading, adapter_names, load_adapter
from assay.harness.adapters.vc_api import VcApi, enveloped, read_issued, read_status_change, read_verification
from assay.harness.evidence import Exchange, Request
from assay.harness.material import Unavailable
from assay.harness.transport import MemoryTransport


def answered(status: int, body: Any) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("POST", "https://v.example/credentials/verify", status, body=raw)


@pytest.mark.parametrize(
    ("status", "body", "reading"),
    [
        (200, {"verified": True}, Reading.ACCEPTED),
        (200, {"verified": False}, Reading.REJECTED),
        (200, {"verified": "true", "errors": []}, Reading.ACCEPTED),
        (200, {"errors": []}, Reading.ACCEPTED),
        (200, {"errors": ["bad signature"]}, Reading.REJECTED),
        (200, {"verified": True, "errors": ["expired"]}, Reading.REJECTED),
        (
            200,
            {"verified": True, "problemDetails": [{"title": "old", "severity": "warning"}]},
            Reading.ACCEPTED,
        ),
        (
            200,
            {
                "valid": True,
                "checks": [{"check": "proof", "valid": True}, {"check": "status", "valid": False}],
            },
            Reading.REJECTED,
        ),
        (200, {"verified": True, "checks": ["proof"]}, Reading.ACCEPTED),
        (200, {"verificationResult": {"verified": True}}, Reading.ACCEPTED),
        (200, {"results": {"proof": {"verified": True}, "status": {"verified": False}}}, Reading.REJECTED),
        (200, True, Reading.ACCEPTED),
        (200, False, Reading.REJECTED),
        (200, "valid", Reading.ACCEPTED),
        (400, {"title": "invalid"}, Reading.REJECTED),
        (422, b"", Reading.REJECTED),
        (401, {}, Reading.MISCONFIGURED),
        (404, b"nothing here", Reading.MISCONFIGURED),
        (500, {"verified": False}, Reading.CRASHED),
        (503, {}, Reading.UNREACHABLE),
        (429, {}, Reading.UNREACHABLE),
        (200, b"<html>", Reading.UNREADABLE),
        (200, {"status": "ok"}, Reading.UNREADABLE),
        (200, [], Reading.UNREADABLE),
        (302, b"", Reading.UNREADABLE),
    ],
)
def test_how_an_answer_is_read(status: int, body: Any, reading: Reading) -> None:
    assert read_verification(answered(status, body)).reading is reading


def test_no_answer_is_no_verdict() -> None:
    answer = read_verification(Unavailable("https://v.example", "timeout", "no answer within 20 s"))
    assert answer.reading is Reading.UNREACHABLE and not answer.is_verdict


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda c: (
            st.lists(c)
            | st.dictionaries(st.sampled_from(["verified", "errors", "checks", "results", "a"]), c)
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_without_an_exception_and_refusals_never_become_approval(body: Any) -> None:
    answer = read_verification(answered(200, body))
    if isinstance(body, dict) and body.get("verified") is False:
        assert answer.reading is Reading.REJECTED


def test_reasons_are_collected_wherever_they_stand() -> None:
    body = {
        "verified": False,
        "errors": ["one"],
        "problemDetails": [{"title": "two", "detail": "three"}],
        "error": {"message": "four"},
    }
    assert set(read_verification(answered(200, body)).reasons) == {"one", "three: two", "four"}


@pytest.mark.parametrize(
    "body",
    [
        {"verifiableCredential": "e30.e30.AA"},
        {"verifiableCredential": enveloped("e30.e30.AA")},
        enveloped("e30.e30.AA"),
        {"credentialSubject": {}, "proof": {}},
        "e30.e30.AA",
        b"eyJ9.e30.AA",
    ],
)
def test_an_issued_credential_is_found(body: Any) -> None:
    answer = read_issued(answered(201, body))
    assert answer.reading is Reading.ACCEPTED and answer.material


@pytest.mark.parametrize(
    ("status", "reading"),
    [
        (400, Reading.REJECTED),
        (401, Reading.REJECTED),
        (403, Reading.REJECTED),
        (404, Reading.MISCONFIGURED),
        (500, Reading.CRASHED),
    ],
)
def test_a_refusal_to_issue_is_told_from_a_crash(status: int, reading: Reading) -> None:
    assert read_issued(answered(status, {})).reading is reading


def test_an_answer_without_a_credential_is_unreadable() -> None:
    assert read_issued(answered(200, {"ok": True})).reading is Reading.UNREADABLE


@pytest.mark.parametrize(
    ("status", "reading"), [(204, Reading.ACCEPTED), (409, Reading.REJECTED), (500, Reading.CRASHED)]
)
def test_a_status_change_is_read(status: int, reading: Reading) -> None:
    assert read_status_change(answered(status, b"")).reading is reading


def sent(
    call: str, *arguments: Any, form: Any = "enveloped", dialect: Any = "vc-api", **options: Any
) -> tuple[Request, Any]:
    transport = MemoryTransport({})
    adapter = VcApi(
        transport, "https://v.example/", {"Authorization": "Bearer t"}, form=form, dialect=dialect
    )
    asyncio.run(getattr(adapter, call)(*arguments, **options))
    request = transport.asked[0]
    return request, json.loads(request.body)


def test_what_is_sent_to_a_verifier() -> None:
    request, body = sent("verify", "a.b.c")
    assert request.url == "https://v.example/credentials/verify"
    assert dict(request.headers)["Authorization"] == "Bearer t"
    assert body["verifiableCredential"]["id"] == "data:application/vc+jwt,a.b.c"
    assert sent("verify", "a.b.c", form="token")[1]["verifiableCredential"] == "a.b.c"


def test_an_anonymous_request_carries_no_authorisation() -> None:
    request, body = sent("issue", None, authorised=False)
    assert "Authorization" not in dict(request.headers)
    assert "credential" not in body


def test_a_status_change_in_both_dialects() -> None:
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": 3}
    assert sent("set_status", "urn:x:1", entry, True)[1] == {
        "credentialId": "urn:x:1",
        "credentialStatus": entry,
        "status": True,
    }
    older = sent("set_status", "urn:x:1", entry, True, dialect="vc-api-2021")[1]
    assert older["credentialStatus"] == [{"type": "BitstringStatusListEntry", "status": "1"}]


def test_adapters_are_found_by_name() -> None:
    assert "vc-api" in adapter_names()
    assert isinstance(load_adapter("vc-api", MemoryTransport({}), "https://v.example", {}), VcApi)
    with pytest.raises(AdapterError, match="choose one of"):
        load_adapter("vcapi", MemoryTransport({}), "https://v.example", {})
