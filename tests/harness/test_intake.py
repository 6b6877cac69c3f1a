"""Reading material: nothing raises, everything odd is named, and the fast parser hides nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.harness.credential.intake import CODES, read, read_path
from assay.harness.credential.strict_json import (
    MAXIMUM_DEPTH,
    depth_within,
    guarded_loads,
    nesting,
    strict_loads,
    thorough_loads,
)
from assay.harness.forge.keys import b64url
from assay.harness.material import (
    Credential,
    DidDocument,
    Document,
    Kind,
    Linkset,
    Register,
    Scheme,
    SignatureState,
    StatusList,
)

V2 = "https://www.w3.org/ns/credentials/v2"
UNTP = "https://vocabulary.uncefact.org/untp/0.7.0/context/"


def codes(document: Document) -> list[str]:
    return [problem.code for problem in document.problems]


def as_json(value: Any) -> Document:
    return read("x.json", json.dumps(value).encode())


def passport(**members: Any) -> dict[str, Any]:
    return {
        "@context": [V2, UNTP],
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "issuer": {"id": "did:web:mine.example", "name": "Mine"},
        "credentialSubject": {"type": ["Product"], "id": "https://id.example/1"},
        **members,
    }


@given(st.binary(max_size=300))
@example(b"")
@example(b"ey")
@example(b"e30.e30.")
@example(b'{"id":"data:,","type":"EnvelopedVerifiableCredential"}')
@example(b"\xef\xbb\xbf{}")
@example(b'"\\ud800"')
@example(b'{"payload":"\xc3\xa9","signatures":[{"protected":"a","signature":"b"}]}')
@settings(max_examples=300)
def test_any_bytes_can_be_read_without_an_exception(raw: bytes) -> None:
    document = read("any", raw)
    assert set(codes(document)) <= CODES.keys()
    assert document.value is not None or document.problems


@given(st.binary(max_size=120), st.binary(max_size=120), st.binary(max_size=80))
@settings(max_examples=150)
def test_any_token_of_three_segments_can_be_read(header: bytes, payload: bytes, signature: bytes) -> None:
    document = read("any", b".".join(map(b64url, (header, payload, signature))))
    assert set(codes(document)) <= CODES.keys()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from('abc"\\é'), inner, max_size=3)
    ),
    max_leaves=12,
)


@st.composite
def json_texts(draw: st.DrawFn) -> bytes:
    """JSON text with any spacing, escapes and, now and then, duplicate names or odd numbers."""
    text = json.dumps(
        draw(json_values),
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": ")])),
    )
    if draw(st.booleans()):
        member = draw(
            st.sampled_from(
                ['"a":1', '"a":1,"a":2', '"\\u0061":1,"a":2', '"n":1e999', '"n":9' + "9" * 30, '"q\\u0022":0']
            )
        )
        text = "{" + member + ',"rest":' + text + "}"
    return text.encode("utf-8", "surrogatepass")


@given(json_texts())
@settings(max_examples=400)
def test_what_the_fast_parser_accepts_is_clean_and_equal(raw: bytes) -> None:
    try:
        fast = guarded_loads(raw)
    except ValueError:
        return
    value, problems = thorough_loads(raw)
    assert not problems
    assert orjson.dumps(fast) == orjson.dumps(value)
    assert strict_loads(raw) == (value, ())


def test_the_fast_parser_takes_compact_json_and_refuses_duplicates() -> None:
    assert guarded_loads(b'{"a":[1,2.5,"x"]}') == {"a": [1, 2.5, "x"]}
    for raw in (
        b'{"a":1,"a":2}',
        b'{"a": 1, "a": 2}',
        b'{"n":36893488147419103232}',
        b'{"q\\u0022": 1, "q\\u0022": 2}',
    ):
        with pytest.raises(ValueError):
            guarded_loads(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json"),
        (b'{"a":', "json"),
        (b'{"a":1}garbage', "json"),
        (b'{"a":1,"a":2}', "duplicate-key"),
        (b'{"o":{"\\u0061":1,"a":2}}', "duplicate-key"),
        (b'{"n":NaN}', "number"),
        (b'{"n":-Infinity}', "number"),
        (b'{"n":1e400}', "number"),
        (b'{"n":' + b"9" * 5000 + b"}", "number"),
        (b'{"s":"\xff"}', "utf8"),
        (b"\xff\xfe{\x00}\x00", "utf8"),
        (b"\xef\xbb\xbf{}", "bom"),
        (b'{"s":"\\ud83d"}', "surrogate"),
        (b"[" * 100_000 + b"]" * 100_000, "depth"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "depth"),
    ],
)
def test_strict_json_names_what_lenient_parsers_hide(raw: bytes, code: str) -> None:
    _, problems = strict_loads(raw)
    assert code in [problem.code for problem in problems]


def test_duplicate_keys_are_told_with_their_place() -> None:
    _, problems = strict_loads(b'{"list":[0,{"inner":{"k":1,"k":{"k":1,"k":2}}}]}')
    assert [problem.path for problem in problems] == [
        ("list", 1, "inner", "k"),
        ("list", 1, "inner", "k", "k"),
    ]


def test_depth_counts_no_brackets_inside_strings() -> None:
    assert nesting(b'{"a":"[[[[\\"[[["}') == 1
    assert nesting(b'"' + b"[" * 1000) == 0
    assert nesting(b'"["') == 0
    assert not strict_loads(b"[" * MAXIMUM_DEPTH + b"]" * MAXIMUM_DEPTH)[1]
    deeper = MAXIMUM_DEPTH + 1
    assert [found.code for found in strict_loads(b"[" * deeper + b"]" * deeper)[1]] == ["depth"]
    assert depth_within([[[]]], 3)
    assert not depth_within([[[]]], 2)


@given(json_values)
def test_both_ways_to_measure_depth_agree(value: Any) -> None:
    depth = nesting(json.dumps(value).encode())
    assert depth_within(value, depth)
    assert depth == 0 or not depth_within(value, depth - 1)


def test_a_file_of_200_megabytes_is_measured_and_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)
    document = read_path(path)
    assert codes(document) == ["size"]
    assert document.raw == b""


def test_a_missing_file_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    assert codes(read_path(tmp_path / "nothing.json")) == ["unreadable"]
    assert codes(read_path(tmp_path)) == ["unreadable"]


@pytest.mark.parametrize(
    ("value", "cls", "kind"),
    [
        (passport(), Credential, Kind.DPP),
        (passport(type=["VerifiableCredential"]), Credential, Kind.DPP),
        (passport(type=["DigitalIdentityAnchor"]), Credential, Kind.DIA),
        ({"linkset": [{"anchor": "https://id.example/1"}]}, Linkset, Kind.LINKSET),
        ({"id": "did:web:a.example", "verificationMethod": []}, DidDocument, Kind.DID_DOCUMENT),
        ({"type": ["ConformityScheme"], "id": "https://s.example"}, Scheme, Kind.SCHEME),
        ({"id": "https://r.example", "registrar": {}, "entries": []}, Register, Kind.REGISTER),
        (
            {
                "type": ["VerifiableCredential", "BitstringStatusListCredential"],
                "issuer": "did:web:a.example",
            },
            StatusList,
            Kind.STATUS_LIST,
        ),
        (
            {
                "type": ["VerifiableCredential"],
                "issuer": "did:web:a.example",
                "@context": [V2],
                "credentialSubject": {},
            },
            Credential,
            Kind.OTHER_CREDENTIAL,
        ),
    ],
)
def test_material_is_filed_by_what_it_is(value: Any, cls: type[Document], kind: Kind) -> None:
    document = as_json(value)
    assert type(document) is cls
    assert document.kind is kind
    assert not document.problems


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([passport()], "list"),
        ({"credentialSubject": {"type": ["Product"]}}, "bare-subject"),
        ({"type": ["Product"], "id": "https://id.example/1"}, "bare-subject"),
        ({"type": ["VerifiablePresentation"]}, "presentation"),
        ({"hello": "world"}, "unrecognised"),
        ("hello", "unrecognised"),
        ({"type": "EnvelopedVerifiableCredential", "id": "https://no.example"}, "data-url"),
        ({"payload": "e30", "signatures": [{}]}, "header"),
        (
            {
                "type": ["VerifiableCredential", "StatusList2021Credential"],
                "issuer": "x",
                "credentialSubject": {},
            },
            "old-status-list",
        ),
    ],
)
def test_what_is_no_single_credential_is_explained(value: Any, code: str) -> None:
    document = as_json(value)
    assert codes(document) == [code]
    assert document.problems[0].received


@pytest.mark.parametrize(
    ("context", "version", "code"),
    [
        ([V2, UNTP], "0.7.0", []),
        ([V2, "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"], "0.6.1", []),
        ([V2, "https://vocabulary.uncefact.org/untp/dpp/0.5.0/"], "0.5.0", ["context-host"]),
        ([V2, "https://test.uncefact.org/vocabulary/untp/dpp/working/"], None, ["context-host"]),
        ([V2, "http://vocabulary.uncefact.org/untp/0.7.0/context/"], "0.7.0", ["context-host"]),
        ([V2], "0.7.0", []),
    ],
)
def test_the_context_tells_the_version(context: list[str], version: str | None, code: list[str]) -> None:
    document = as_json({**passport(), "@context": context})
    assert document.untp == version
    assert codes(document) == code


def test_an_embedded_proof_is_foreign_and_its_signer_is_compared_with_the_issuer() -> None:
    proof = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022"}
    own = as_json(passport(proof={**proof, "verificationMethod": "did:web:mine.example#k"}))
    other = as_json(passport(proof=[{**proof, "verificationMethod": "did:web:other.example#k"}]))
    assert isinstance(own, Credential) and own.signature.state is SignatureState.FOREIGN
    assert codes(own) == []
    assert codes(other) == ["proof-issuer"]


def test_every_pilot_file_gets_a_definite_answer(artefacts: Path) -> None:
    found = {path.stem: read_path(path) for path in sorted((artefacts / "crm").rglob("*.json"))}
    assert len(found) >= 15
    assert codes(found["dpp_battery"]) == ["context-host"]
    assert found["dpp_battery"].untp == "0.5.0"
    assert codes(found["dcc_mines_act_permit_mine ordered"]) == ["proof-issuer"]
    assert codes(found["dcc_coppermark"]) == ["bare-subject"]
    assert codes(found["coppermark_assessment"]) == ["list"]
    for document in found.values():
        assert document.untp is not None or document.problems


def test_every_official_sample_is_recognised(artefacts: Path) -> None:
    for path in sorted((artefacts / "untp" / "0.7.0" / "samples").glob("*.json")):
        document = read_path(path)
        assert isinstance(document, Credential), path
        assert document.untp == "0.7.0"
        assert not document.problems
    for path in sorted((artefacts / "untp" / "0.6.x" / "samples").rglob("*.json")):
        assert read_path(path).untp == path.parent.name
