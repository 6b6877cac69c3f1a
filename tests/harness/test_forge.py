"""Forging: equal bytes on every machine, signatures that hold, and mutants that are wrong in one place."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto import jwk

from assay import fixtures
from assay.harness.credential.intake import read
from assay.harness.forge.keys import Key, key_from_seed
from assay.harness.forge.malformations import DEVIATIONS, MALFORMATIONS
from assay.harness.forge.operations import OperationError, apply
from assay.harness.forge.ring import GOOD_INDEX, REVOKED_INDEX, MutantError, Ring, material_for
from assay.harness.forge.sign import sign
from assay.harness.forge.status_list import bitstring, encoded_list
from assay.harness.material import Credential, DidDocument, Kind, SignatureState, StatusList

BASES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(fixtures.__file__).parent / "bases").glob("*.json"))
}


def test_ecdsa_follows_rfc_6979() -> None:
    # RFC 6979, appendix A.2.5: P-256, SHA-256, message "sample"
    scalar = int("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", 16)
    signature = Key("ES256", ec.derive_private_key(scalar, ec.SECP256R1())).sign(b"sample")
    assert signature.hex().upper() == (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )


@pytest.mark.parametrize(
    ("alg", "digest"),
    [
        ("ES256", "20985746bc3573a3"),
        ("ES384", "1b4982f54eca843c"),
        ("EdDSA", "61dd5ca6f85ca5b9"),
    ],
)
def test_the_same_seed_gives_the_same_token_everywhere(alg: Any, digest: str) -> None:
    token = sign({"id": "https://a.example"}, key_from_seed("golden", alg), kid="did:web:a.example#key-1")
    assert hashlib.sha256(token).hexdigest()[:16] == digest


def test_the_same_bits_give_the_same_list_everywhere() -> None:
    text = encoded_list(bitstring([0, 5, 131_071]))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "a6fa55715681f52b"


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
def test_keys_and_thumbprints_agree_with_jwcrypto(alg: Any) -> None:
    key = key_from_seed("thumb", alg)
    assert jwk.JWK(**key.private_jwk).thumbprint() == key.thumbprint
    assert "d" not in key.public_jwk


def test_there_are_enough_malformations_and_none_has_two_names() -> None:
    assert len(MALFORMATIONS) >= 20
    assert not MALFORMATIONS.keys() & DEVIATIONS.keys()


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
@pytest.mark.parametrize("name", sorted(MALFORMATIONS))
def test_no_malformed_token_ends_up_clean(name: str, alg: Any) -> None:
    document = material_for({"base": "dia", "forge": name}, BASES, ring=Ring.of("malformed", alg=alg))
    valid = isinstance(document, Credential) and document.signature.state is SignatureState.VALID
    assert document.problems or not valid


@pytest.mark.parametrize("base", ["dpp", "dcc", "dfr", "make", "move", "modify", "dia"])
@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "ES384"])
def test_a_secured_base_verifies(base: str, alg: Any) -> None:
    document = material_for({"base": base}, BASES, ring=Ring.of("bases", alg=alg))
    assert isinstance(document, Credential)
    assert document.signature.state is SignatureState.VALID
    assert [entry.bit for entry in document.status] == [False]
    assert not document.problems


def test_the_ring_marks_what_it_says_it_marks() -> None:
    ring = Ring()
    revoked = read("x", ring.secure(BASES["dpp"], index=REVOKED_INDEX))
    assert revoked.value["credentialStatus"]["statusListIndex"] == REVOKED_INDEX != GOOD_INDEX
    document = material_for({"base": "dpp", "index": REVOKED_INDEX}, BASES)
    assert isinstance(document, Credential) and document.status[0].bit is True


def test_a_payload_can_be_left_alone() -> None:
    ring = Ring()
    token = ring.secure({"issuer": {"id": "did:web:other.example"}, "credentialSubject": {}}, adopt=False)
    document = read("x", token)
    assert isinstance(document, Credential) and document.envelope is not None
    assert document.issuer_id == "did:web:other.example"
    assert document.envelope.kid == "did:web:other.example#key-1"
    assert "credentialStatus" not in document.value


def test_mutants_hand_back_what_they_bend() -> None:
    assert isinstance(material_for({"status": {"bits": 8192}}, BASES), StatusList)
    assert isinstance(material_for({"did": {"ops": [["del", "/assertionMethod"]]}}, BASES), DidDocument)
    credential = material_for({"did": {"ops": [["del", "/assertionMethod"]], "subject": "credential"}}, BASES)
    assert isinstance(credential, Credential) and credential.signature.code == "not-assertion-method"
    plain = material_for({"unsigned": True}, BASES)
    assert isinstance(plain, Credential) and plain.signature.state is SignatureState.UNSIGNED
    assert material_for({"base": "scheme"}, BASES).kind is Kind.SCHEME


@pytest.mark.parametrize("issuer", ["key", "jwk", "did:web:elsewhere.example:a"])
def test_other_issuers_get_a_document_that_fits(issuer: str) -> None:
    document = material_for({"did": {"issuer": issuer}}, BASES)
    assert isinstance(document, Credential)
    assert document.signature.state is SignatureState.VALID


@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        ({"bass": "dpp"}, "bass"),
        ({"base": "nothing"}, "nothing"),
        ({"forge": "nothing"}, "nothing"),
        ({"did": {"op": []}}, "op"),
        ({"status": {"unavailable": "timeout"}}, "subject: credential"),
        ({"at": "yesterday"}, "yesterday"),
    ],
)
def test_wrong_mutants_say_what_is_wrong(mutant: dict[str, Any], words: str) -> None:
    with pytest.raises(MutantError, match=words):
        material_for(mutant, BASES)


def test_operations_bend_a_copy() -> None:
    value = {"a": {"b": [1, 2]}, "c/d": 0}
    bent = apply(
        value,
        [
            ["set", "/a/b/1", 9],
            ["app", "/a/b", 3],
            ["ren", "/c~1d", "e"],
            ["set", "/new", {}],
            ["del", "/a/b/0"],
        ],
    )
    assert bent == {"a": {"b": [9, 3]}, "e": 0, "new": {}}
    assert value == {"a": {"b": [1, 2]}, "c/d": 0}


@pytest.mark.parametrize(
    "operation",
    [
        ["set", "a", 1],
        ["set", "/x/y", 1],
        ["del", "/x"],
        ["app", "/a", 1],
        ["turn", "/a"],
        ["set", "/l/x", 1],
    ],
)
def test_operations_that_do_not_fit_are_refused(operation: list[Any]) -> None:
    with pytest.raises(OperationError):
        apply({"a": {}, "l": []}, [operation])
