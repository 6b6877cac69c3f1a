"""Verifying one document: which key, which list, and what is said when something cannot be looked at."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assay import fixtures
from assay.harness.credential.instants import instant
from assay.harness.credential.intake import read
from assay.harness.credential.verify import Judges, Shelf, needs, verify
from assay.harness.forge.did_document import did_document
from assay.harness.forge.keys import key_from_seed
from assay.harness.forge.ring import REVOKED_INDEX, Ring, default_judges, material_for
from assay.harness.forge.sign import json_bytes, sign
from assay.harness.material import Credential, DidDocument, Kind, SignatureState, StatusList, Unavailable

BASES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(fixtures.__file__).parent / "bases").glob("*.json"))
}
AT = datetime(2026, 6, 1, tzinfo=UTC)
RING = Ring()


def judged(token: bytes, shelf: Shelf, at: datetime = AT) -> Credential:
    document = read("x.jwt", token)
    assert isinstance(document, Credential)
    verify(document, shelf, at, default_judges())
    return document


def secured(**more: Any) -> bytes:
    return RING.sign({**RING.adopt(BASES["dia"]), **more})


def did_shelf(*operations: Any) -> Shelf:
    return RING.shelf(dids={RING.did: RING.did_material(operations=operations)})


def test_needs_names_what_to_look_up_once() -> None:
    payload = RING.adopt(BASES["dia"])
    payload["credentialStatus"] = [payload["credentialStatus"], payload["credentialStatus"]]
    wanted = needs(read("x", RING.sign(payload)))
    assert wanted.dids == (RING.did,)
    assert wanted.status_lists == (RING.list_url("revocation"),)


def test_nothing_needs_looking_up_for_plain_payloads_and_dids_that_are_keys() -> None:
    plain = needs(read("x.json", json_bytes(RING.adopt(BASES["dia"]))))
    assert plain.dids == () and plain.status_lists
    by_key = material_for({"did": {"issuer": "key"}}, BASES)
    assert needs(by_key).dids == ()
    assert needs(read("x", b'{"linkset":[]}')) == needs(read("y", b"nonsense"))


def test_a_good_credential_is_valid_under_the_method_that_signed() -> None:
    document = judged(secured(), RING.shelf())
    assert document.signature.state is SignatureState.VALID
    assert document.signature.method == RING.kid
    assert isinstance(document.issuer_document, DidDocument)
    assert document.as_of == AT
    assert not document.schema_errors and not document.terms


@pytest.mark.parametrize(
    ("operations", "code"),
    [
        ([["set", "/id", "did:web:other.example"]], "did-mismatch"),
        ([["set", "/verificationMethod/0/id", "did:web:issuer.example#key-2"]], "key-not-found"),
        ([["del", "/assertionMethod"]], "not-assertion-method"),
        ([["set", "/verificationMethod/0/controller", "did:web:other.example"]], "controller"),
        ([["del", "/verificationMethod/0/publicKeyJwk"]], "bad-key"),
        ([["set", "/verificationMethod/0/publicKeyJwk/alg", "ES384"]], "key-alg-mismatch"),
        ([["set", "/verificationMethod/0/publicKeyJwk", key_from_seed("other").public_jwk]], "bad-signature"),
        (
            [["set", "/verificationMethod/0/publicKeyJwk", key_from_seed("x", "EdDSA").public_jwk]],
            "key-alg-mismatch",
        ),
    ],
)
def test_a_bent_did_document_invalidates_the_signature_for_its_own_reason(operations: Any, code: str) -> None:
    document = judged(secured(), did_shelf(*operations))
    assert document.signature.state is SignatureState.INVALID
    assert document.signature.code == code


def test_a_missing_did_document_leaves_the_signature_unchecked() -> None:
    for shelf in (Shelf(), Shelf({RING.did: Unavailable(RING.did, "timeout")})):
        document = judged(secured(), shelf)
        assert document.signature.state is SignatureState.UNCHECKED
        assert document.signature.unavailable is not None
        assert [entry.code for entry in document.status] == ["unavailable"]


def test_without_kid_every_asserting_key_of_the_issuer_is_tried() -> None:
    value = did_document(RING.did, {"old": key_from_seed("old"), "key-1": RING.key})
    found = DidDocument(source="did", raw=b"", value=value, kind=Kind.DID_DOCUMENT, did=RING.did)
    token = sign(RING.adopt(BASES["dia"]), RING.key)
    assert judged(token, RING.shelf(dids={RING.did: found})).signature.method == f"{RING.did}#key-1"
    value["assertionMethod"] = [f"{RING.did}#old"]
    assert judged(token, RING.shelf(dids={RING.did: found})).signature.code == "bad-signature"


def test_an_issuer_that_is_no_did_cannot_be_verified() -> None:
    assert (
        judged(secured(issuer={"id": "https://a.example"}), RING.shelf()).signature.code == "issuer-not-did"
    )
    assert judged(secured(issuer="did:web:a.example/7"), RING.shelf()).signature.code == "did-syntax"
    assert judged(secured(issuer=7), RING.shelf()).signature.code == "issuer-not-did"


@pytest.mark.parametrize("purpose", ["revocation", "suspension"])
def test_set_bits_are_read_for_their_purpose(purpose: str) -> None:
    index = {"revocation": REVOKED_INDEX, "suspension": 77_777}[purpose]
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": RING.list_url(purpose),
    }
    other = {**entry, "statusListIndex": "12"}
    document = judged(secured(credentialStatus=[entry, other]), RING.shelf())
    assert [(found.bit, found.index) for found in document.status] == [(True, index), (False, 12)]


@pytest.mark.parametrize(
    "status",
    [
        {"forge": "signature-by-stranger"},
        {"forge": "plain-json"},
        {"ops": [["set", "/validUntil", "2021-01-01T00:00:00Z"]]},
        {"ops": [["set", "/credentialSubject/encodedList", "u"]]},
    ],
)
def test_a_list_that_does_not_hold_gives_no_bit(status: dict[str, Any]) -> None:
    document = material_for({"base": "dia", "status": {**status, "subject": "credential"}}, BASES)
    assert isinstance(document, Credential)
    assert [(entry.bit, entry.code) for entry in document.status] == [(None, "list-invalid")]


def test_a_list_whose_issuer_cannot_be_looked_up_is_not_believed_and_not_condemned() -> None:
    listed = RING.list_material("revocation")
    assert isinstance(listed, StatusList)
    listed.value["issuer"] = "did:web:elsewhere.example"
    document = judged(secured(), RING.shelf(status_lists={RING.list_url("revocation"): listed}))
    assert [entry.code for entry in document.status] == ["unavailable"]


def test_a_list_is_checked_anew_where_another_key_is_published() -> None:
    listed = RING.list_material("revocation")
    bent = did_shelf(["set", "/verificationMethod/0/publicKeyJwk", key_from_seed("other").public_jwk])
    for shelf, state in (
        (RING.shelf(), SignatureState.VALID),
        (bent, SignatureState.INVALID),
        (RING.shelf(), SignatureState.VALID),
    ):
        verify(listed, shelf, AT, default_judges())
        assert isinstance(listed, StatusList) and listed.signature.state is state


class Silent:
    """A judge that must not be asked."""

    def errors(self, kind: str, value: Any) -> Any:
        raise AssertionError("asked for schema errors")

    def certified(self, kind: str, value: Any) -> bool:
        raise AssertionError("asked for a certificate")

    def findings(self, value: Any) -> Any:
        raise AssertionError("asked for terms")


def test_other_versions_and_other_material_are_not_held_against_the_current_schema() -> None:
    old = {
        **BASES["dpp"],
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://test.uncefact.org/vocabulary/untp/dpp/0.5.0/",
        ],
    }
    for raw in (json_bytes(old), RING.list_token("revocation"), json_bytes(RING.did_value()), b"nonsense"):
        document = read("x", raw)
        verify(document, Shelf(), AT, Judges(Silent(), Silent()))
        assert document.as_of == AT and not document.schema_errors


def test_uncertified_content_gets_errors_and_terms() -> None:
    payload = {**RING.adopt(BASES["dia"]), "unheardOf": 1}
    del payload["name"]
    document = judged(RING.sign(payload), RING.shelf())
    assert not document.certified
    assert [error.keyword for error in document.schema_errors] == ["required"]
    assert [(term.path, term.kind) for term in document.terms] == [(("unheardOf",), "vocab")]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("2026-06-01T00:00:00Z", True),
        ("2026-06-01T00:00:00.123456789+09:00", True),
        ("2026-06-01T00:00:00", False),
        ("2026-06-01", False),
        ("2026-02-30T00:00:00Z", False),
        ("2026-06-01T24:00:00Z", False),
        (7, False),
        ("２０２６-06-01T00:00:00Z", False),
    ],
)
def test_instants_need_a_zone(text: Any, known: bool) -> None:
    assert (instant(text) is not None) is known
