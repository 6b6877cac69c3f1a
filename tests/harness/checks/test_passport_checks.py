"""Identification, parties, size, dates, labels and documents of passports."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.material import Kind
from tests.harness.checks.bench import changed, document, findings, pointers

SUBJECT = "/credentialSubject"


def passport(**members: Any) -> Any:
    return document(Kind.DPP, {"credentialSubject": members})


@pytest.mark.parametrize(
    ("granularity", "member"), [("item", "itemNumber"), ("batch", "batchNumber"), ("model", "modelNumber")]
)
def test_each_granularity_asks_for_its_own_number_only(granularity: str, member: str) -> None:
    assert findings("DPP-009", passport(idGranularity=granularity, **{member: "4711"})) == []
    assert pointers("DPP-009", passport(idGranularity=granularity)) == [f"{SUBJECT}/idGranularity"]


def test_a_number_of_another_granularity_does_not_count() -> None:
    assert len(findings("DPP-009", passport(idGranularity="item", batchNumber="B", modelNumber="M"))) == 1


def test_an_unknown_granularity_is_left_to_the_schema() -> None:
    assert findings("DPP-009", passport(idGranularity="unit")) == []
    assert findings("DPP-009", passport(idGranularity=["item"])) == []


def test_an_absent_classification_is_left_to_the_schema_and_an_empty_one_is_not() -> None:
    assert findings("DPP-011", passport()) == []
    assert pointers("DPP-011", passport(productCategory=[])) == [f"{SUBJECT}/productCategory"]


@pytest.mark.parametrize("role", ["manufacturer", "producer", "brandOwner", "recycler"])
def test_a_maker_with_a_did_is_named(role: str) -> None:
    party = {"role": role, "party": {"id": "did:web:maker.example", "name": "Maker"}}
    assert findings("DPP-020", passport(relatedParty=[party])) == []


@pytest.mark.parametrize(
    "parties",
    [
        [],
        None,
        "manufacturer",
        [{"role": "carrier", "party": {"id": "did:web:carrier.example"}}],
        [{"role": "manufacturer", "party": {"id": "urn:nbn:4711"}}],
        [{"role": "manufacturer", "party": "did:web:maker.example"}],
        [{"role": ["manufacturer"], "party": {"id": "did:web:maker.example"}}],
    ],
)
def test_a_maker_that_nobody_can_look_up_is_missed(parties: Any) -> None:
    assert len(findings("DPP-020", passport(relatedParty=parties))) == 1


def test_an_issuer_without_registered_identities_is_told() -> None:
    assert findings("DPP-021", changed("dcc")) == []
    for operation in (["del", "/issuer/issuerAlsoKnownAs"], ["set", "/issuer/issuerAlsoKnownAs", []]):
        assert pointers("DPP-021", changed("dcc", operation)) == ["/issuer"]


def test_identity_anchors_and_bare_issuers_are_not_asked_for_aliases() -> None:
    assert findings("DPP-021", changed("accreditation", ["del", "/issuer/issuerAlsoKnownAs"])) == []
    assert findings("DPP-021", document(Kind.DPP, {"issuer": "did:web:x.example"})) == []
    assert findings("DPP-021", document(Kind.DPP, ["no", "object"])) == []


def test_either_weight_or_volume_is_enough() -> None:
    measure = {"value": 1, "unit": "KGM"}
    assert findings("DPP-024", passport(dimensions={"weight": measure})) == []
    assert findings("DPP-024", passport(dimensions={"volume": measure})) == []
    assert pointers("DPP-024", passport(dimensions={"length": measure})) == [f"{SUBJECT}/dimensions"]
    assert len(findings("DPP-024", passport())) == 1


def image(data: object, media_type: object = "image/png") -> Any:
    return passport(productLabel=[{"name": "Mark", "imageData": data, "mediaType": media_type}])


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"<svg/>", "image/svg+xml"),
        (b"\x89PNG\r\n\x1a\n....", "IMAGE/PNG; charset=binary"),
    ],
)
def test_images_of_their_declared_type_are_accepted(data: bytes, media_type: str) -> None:
    assert findings("DPP-035", image(encoded(data), media_type)) == []


@pytest.mark.parametrize(
    "data",
    [
        "***",
        "abc",
        "data:image/png;base64,iVBORw0KGgo=",
        "iVBORw0KGgo=\n",
        "ümlaut",
        "",
        encoded(b"rba-logo"),
    ],
)
def test_data_that_are_no_such_image_are_told(data: str) -> None:
    assert pointers("DPP-035", image(data)) == [f"{SUBJECT}/productLabel/0/imageData"]


def test_image_data_that_are_no_string_are_left_to_the_schema() -> None:
    assert findings("DPP-035", image(17)) == []
    assert findings("DPP-035", image(encoded(b"anything"), 17)) == []


@given(st.binary(min_size=1, max_size=200))
def test_whatever_is_encoded_can_be_decoded_again(data: bytes) -> None:
    assert findings("DPP-035", image(encoded(data), "application/octet-stream")) == []


@pytest.mark.parametrize(
    "link_type", ["dcc", "untp:dcc", "https://test.uncefact.org/vocabulary/linkTypes/dcc"]
)
def test_certificates_among_related_documents_are_told(link_type: str) -> None:
    links = [
        {"linkURL": "https://x.example/1", "linkType": "dpp"},
        {"linkURL": "https://x.example/2", "linkType": link_type},
    ]
    assert pointers("DPP-059", passport(relatedDocument=links)) == [f"{SUBJECT}/relatedDocument/1"]


@given(st.dates(), st.dates())
def test_expiry_is_told_exactly_when_it_comes_before_production(produced: date, expires: date) -> None:
    subject = passport(productionDate=produced.isoformat(), expiryDate=expires.isoformat())
    assert bool(findings("DPP-062", subject)) == (expires < produced)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "20260101", 20260101, None, "2026-W01-1"])
def test_dates_that_cannot_be_read_are_left_to_the_schema(text: Any) -> None:
    assert findings("DPP-062", passport(productionDate="2026-01-01", expiryDate=text)) == []
