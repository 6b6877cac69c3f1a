"""Status entries and lists: which bit, how large, and what a hostile list can do."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.credential.intake import read
from assay.harness.credential.status import MINIMUM_BITS, bit_at, entries, expand, index_of, look_up
from assay.harness.forge.keys import b64url
from assay.harness.forge.sign import json_bytes
from assay.harness.forge.status_list import bitstring, encoded_list, gzip_stored, status_list
from assay.harness.material import StatusList, Unavailable

URL = "https://status.example/1"


def a_list(*marked: int, purpose: Any = "revocation", size: int = 16384) -> StatusList:
    document = read(
        URL, json_bytes(status_list(URL, "did:web:a.example", bitstring(marked, size), purpose=purpose))
    )
    assert isinstance(document, StatusList)
    return document


def entry(index: Any = 7, **more: Any) -> dict[str, Any]:
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index,
        "statusListCredential": URL,
        **more,
    }


@given(st.sets(st.integers(0, MINIMUM_BITS - 1), max_size=20))
def test_exactly_the_marked_bits_are_set(marked: set[int]) -> None:
    bits, problem = expand(encoded_list(bitstring(marked)))
    assert not problem
    assert len(bits) * 8 == MINIMUM_BITS
    assert {index for index in marked if bit_at(bits, index)} == marked
    assert sum(byte.bit_count() for byte in bits) == len(marked)


def test_index_zero_is_the_left_most_bit() -> None:
    assert bit_at(b"\x80\x00", 0)
    assert not bit_at(b"\x01\x00", 0)
    assert bit_at(b"\x01\x00", 7)
    with pytest.raises(IndexError):
        bit_at(b"\x01", -1)
    with pytest.raises(IndexError):
        bit_at(b"\x01", 8)


@given(st.binary(max_size=70_000))
def test_stored_gzip_is_gzip(data: bytes) -> None:
    assert gzip.decompress(gzip_stored(data)) == data


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    bomb = zlib.compressobj(wbits=31)
    packed = bomb.compress(bytes(18 * 1024 * 1024)) + bomb.flush()
    assert len(packed) < 20_000
    bits, problem = expand("u" + b64url(packed).decode())
    assert bits == b""
    assert "more than" in problem


@pytest.mark.parametrize(
    ("encoded", "words"),
    [
        (None, "no encodedList"),
        (7, "no string"),
        ("zabc", "prefix"),
        ("", "prefix"),
        ("uQQ==", "padding"),
        ("u\u00e9", "base64url"),
        ("uQUJD", "GZIP"),
        ("u" + b64url(gzip_stored(b"abc")[:-5]).decode(), "too early"),
        ("u" + b64url(gzip_stored(b"abc") + b"x").decode(), "follow"),
        ("u" + b64url(gzip_stored(b"abc")[:-8] + bytes(8)).decode(), "GZIP"),
    ],
)
def test_lists_that_cannot_be_expanded_say_why(encoded: Any, words: str) -> None:
    bits, problem = expand(encoded)
    assert bits == b""
    assert words in problem


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), ("0", 0), ("94567", 94567), (94567, 94567), (-1, None), ("-1", None), ("007", None), ("1.0", None), (1.0, None),
     (True, None), (None, None), ("9" * 40, None)],
)  # fmt: skip
def test_an_index_is_read_as_integer_and_as_string_of_digits(value: Any, expected: int | None) -> None:
    assert index_of({"statusListIndex": value}) == expected


def test_one_entry_several_entries_and_nonsense_are_told_apart() -> None:
    assert [path for path, _ in entries({"credentialStatus": entry()})] == [("credentialStatus",)]
    several = {"credentialStatus": [entry(), 7, entry(8)]}
    assert [path for path, _ in entries(several)] == [("credentialStatus", 0), ("credentialStatus", 2)]
    assert list(entries({"credentialStatus": "x"})) == list(entries([])) == []


@pytest.mark.parametrize(
    ("found", "status", "code", "bit"),
    [
        (entry(7), a_list(7), "", True),
        (entry("7"), a_list(7), "", True),
        (entry(8), a_list(7), "", False),
        (entry(7), a_list(7, purpose=["suspension", "revocation"]), "", True),
        (entry(7), a_list(7, purpose="suspension"), "purpose", None),
        (entry(MINIMUM_BITS), a_list(7), "range", None),
        (entry(-1), a_list(7), "malformed", None),
        (entry(type="StatusList2021Entry"), a_list(7), "malformed", None),
        (entry(7), Unavailable(URL, "timeout"), "unavailable", None),
        (entry(7), None, "unavailable", None),
    ],
)
def test_an_entry_is_read_against_its_list(found: Any, status: Any, code: str, bit: bool | None) -> None:
    result = look_up(("credentialStatus",), found, status)
    assert (result.code, result.bit) == (code, bit)


def test_a_list_that_does_not_verify_says_nothing() -> None:
    assert look_up((), entry(7), a_list(7), list_valid=False).code == "list-invalid"
