"""Everybody's credentials before everybody's verifier."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from assay.harness.adapters.vc_api import VcApi
from assay.harness.credential.intake import read
from assay.harness.evidence import Exchange, Request
from assay.harness.forge.ring import Ring
from assay.harness.material import Credential, Document
from assay.harness.pilot import cross_verify, forged, issuer_domain, token_of
from assay.harness.selftest import load_bases
from assay.harness.transport import MemoryTransport


def credential(did: str, name: str = "dpp") -> Credential:
    ring = Ring.of(did, did)
    found = read(f"{did}/{name}", ring.secure(load_bases()[name]))
    assert isinstance(found, Credential)
    return found


def verifier(judge: Callable[[str], int | bool]) -> VcApi:
    """A verifier that judges tokens by a function: True, False, or a status."""

    def answer(request: Request) -> Exchange:
        verdict = judge(json.loads(request.body)["verifiableCredential"])
        status = 200 if isinstance(verdict, bool) else verdict
        body = json.dumps({"verified": verdict is True}).encode()
        return Exchange("POST", request.url, status, body=body)

    return VcApi(MemoryTransport(answer), "https://v.example", form="token")


A, B = "did:web:mine.au.example", "did:web:refinery.kr.example"
DOCUMENTS: list[Document] = [credential(A), credential(A, "dcc"), credential(B), read("plain", b"{}")]


def test_a_token_survives_taking_apart_and_a_forgery_differs_in_its_signature_only() -> None:
    token = Ring.of(A, A).secure(load_bases()["dpp"]).decode()
    found = read("x", token.encode())
    assert isinstance(found, Credential) and found.envelope is not None
    assert token_of(found.envelope) == token
    assert forged(found.envelope).rpartition(".")[0] == token.rpartition(".")[0]
    assert forged(found.envelope) != token


def test_every_issuer_meets_every_verifier() -> None:
    good = {token_of(d.envelope) for d in DOCUMENTS if isinstance(d, Credential) and d.envelope}
    verifiers = {"honest": verifier(lambda token: token in good), "gullible": verifier(lambda token: True)}
    cells = asyncio.run(cross_verify(verifiers, DOCUMENTS))
    told = {
        (c.issuer, c.verifier): (c.accepted, c.rejected, c.forgeries_accepted, c.forgeries_rejected)
        for c in cells
    }
    assert told == {
        ("au.example", "honest"): (2, 0, 0, 1),
        ("au.example", "gullible"): (2, 0, 1, 0),
        ("kr.example", "honest"): (1, 0, 0, 1),
        ("kr.example", "gullible"): (1, 0, 1, 0),
    }


@pytest.mark.parametrize(("answer", "counted"), [(False, (0, 2, 0)), (500, (0, 0, 3)), (503, (0, 0, 3))])
def test_a_crash_is_no_refusal(answer: int | bool, counted: tuple[int, int, int]) -> None:
    (cell, _) = asyncio.run(cross_verify({"v": verifier(lambda token: answer)}, DOCUMENTS))
    assert (cell.accepted, cell.rejected, cell.errors) == counted
    assert cell.notes


def test_the_number_of_credentials_can_be_limited() -> None:
    cells = asyncio.run(cross_verify({"v": verifier(lambda token: True)}, DOCUMENTS, each=1))
    assert [cell.accepted for cell in cells] == [1, 1]


@pytest.mark.parametrize(
    ("did", "name"),
    [
        (A, "au.example"),
        ("did:web:issuer.example", "issuer.example"),
        ("did:web:x.de.example%3A8443:a", "de.example"),
    ],
)
def test_issuers_are_grouped_by_domain(did: str, name: str) -> None:
    assert issuer_domain(Credential("s", b"", {"issuer": {"id": did}})) == name
    assert issuer_domain(Credential("s", b"", {"issuer": "did:key:z6Mk"})) == "did:key:z6Mk"
