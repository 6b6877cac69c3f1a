"""DIDs, where their documents are, and the keys in them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.credential.did import (
    DidError,
    check_did,
    derived_document,
    did_of,
    did_web_url,
    find_method,
    method_of,
    methods,
    public_key,
)
from assay.harness.forge.did_document import did_document
from assay.harness.forge.keys import did_jwk, key_from_seed, multibase_key
from assay.harness.material import DidDocument, Kind


def document(value: Any, did: str = "did:web:mine.example") -> DidDocument:
    return DidDocument(source="did.json", raw=b"", value=value, kind=Kind.DID_DOCUMENT, did=did)


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:mine.example", "https://mine.example/.well-known/did.json"),
        ("did:web:mine.example%3A8443", "https://mine.example:8443/.well-known/did.json"),
        ("did:web:mine.example:plants:7", "https://mine.example/plants/7/did.json"),
        ("did:web:mine.example:12345", "https://mine.example/12345/did.json"),
        ("did:web:mine.example%3A8443:a%20b", "https://mine.example:8443/a%20b/did.json"),
    ],
)
def test_did_web_leads_to_a_url(did: str, url: str) -> None:
    assert did_web_url(did) == url


@pytest.mark.parametrize(
    ("did", "code"),
    [
        ("did:web:mine.example/7", "syntax"),
        ("did:web:", "syntax"),
        ("did:WEB:mine.example", "syntax"),
        ("mine.example", "syntax"),
        ("did:web:mine.example:8443", "port"),
        ("did:web:192.0.2.1", "ip-address"),
        ("did:web:2130706433", "ip-address"),
        ("did:web:0x7f.1", "ip-address"),
        ("did:web:%5B%3A%3A1%5D", "ip-address"),
        ("did:web:mine_example", "host"),
        ("did:web:user%40mine.example", "host"),
        ("did:web:mine.example%3A99999", "host"),
        ("did:web:" + "a" * 3000, "syntax"),
    ],
)
def test_bad_dids_are_refused_with_a_code(did: str, code: str) -> None:
    with pytest.raises(DidError) as caught:
        check_did(did)
    assert caught.value.code == code


@pytest.mark.parametrize("did", ["did:web:mine.example:..:etc", "did:web:mine.example:a%2Fb", "did:key:z6Mk"])
def test_paths_that_climb_and_other_methods_have_no_url(did: str) -> None:
    with pytest.raises(DidError):
        did_web_url(did)


@given(st.text(max_size=40))
def test_any_text_is_a_did_or_refused(text: str) -> None:
    try:
        check_did(text)
    except DidError as error:
        assert error.code in ("syntax", "port", "host", "ip-address")
    else:
        assert text.startswith("did:") and did_of(text + "#x") == text


def test_methods_are_named_and_recognised() -> None:
    assert [method_of(did) for did in ("did:web:a", "did:webvh:Qm:a", "https://a", "did:")] == [
        "web",
        "webvh",
        "",
        "",
    ]


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
def test_keys_come_out_of_jwk_multikey_and_self_describing_dids_alike(alg: Any) -> None:
    key = key_from_seed("did", alg)
    expected = key.private.public_key()
    assert public_key({"publicKeyJwk": key.public_jwk})[0] == expected
    assert public_key({"publicKeyMultibase": multibase_key(key)})[0] == expected
    for did in (f"did:key:{multibase_key(key)}", did_jwk(key)):
        found = derived_document(did)
        (method,) = methods(found)
        assert method.asserts
        assert public_key(method.value)[0] == expected


@pytest.mark.parametrize(
    ("material", "code"),
    [
        ({}, "no-key"),
        ({"publicKeyJwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}, "key-type"),
        ({"publicKeyJwk": {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}}, "key-type"),
        ({"publicKeyJwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, "bad-key"),
        ({"publicKeyJwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}}, "bad-key"),
        ({"publicKeyJwk": {"kty": "EC", "crv": ["P-256"]}}, "key-type"),
        ({"publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": "é"}}, "bad-key"),
        ({"publicKeyMultibase": "u123"}, "bad-key"),
        ({"publicKeyMultibase": "z0OIl"}, "bad-key"),
        ({"publicKeyMultibase": "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"}, "key-type"),
    ],
)
def test_unusable_keys_are_refused_with_a_code(material: dict[str, Any], code: str) -> None:
    with pytest.raises(DidError) as caught:
        public_key(material)
    assert caught.value.code == code


def test_methods_are_found_by_absolute_and_relative_names() -> None:
    key = key_from_seed("did")
    value = did_document("did:web:mine.example", {"key-1": key})
    for kid in ("did:web:mine.example#key-1", "#key-1", "key-1"):
        found = find_method(document(value), kid)
        assert found is not None and found.id == "did:web:mine.example#key-1" and found.asserts
    assert find_method(document(value), "did:web:mine.example#key-2") is None


def test_relative_references_inside_a_document_are_understood() -> None:
    value = {
        "id": "did:web:mine.example",
        "verificationMethod": [{"id": "#a", "publicKeyJwk": {}}],
        "assertionMethod": ["did:web:mine.example#a", {"id": "#b"}],
    }
    found = {method.id: method.asserts for method in methods(document(value))}
    assert found == {"did:web:mine.example#a": True, "did:web:mine.example#b": True}


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=6,
    )
)
def test_malformed_documents_have_no_methods_and_raise_nothing(odd: Any) -> None:
    assert list(methods(document({"verificationMethod": odd, "assertionMethod": odd}))) == []
    assert list(methods(document(odd))) == []


@pytest.mark.parametrize(
    "did", ["did:jwk:!!", "did:jwk:e30", "did:jwk:W10", "did:key:zzz", "did:key:abc", "did:web:a.example"]
)
def test_dids_that_describe_nothing_usable_are_refused(did: str) -> None:
    with pytest.raises(DidError):
        derived_document(did)
