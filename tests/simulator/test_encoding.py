"""Our encoders are read back by other people's decoders."""

from __future__ import annotations

import base64
import gzip
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator.issuance.encoding import b64url, digest_multibase, gzip_runs
from assay.simulator.issuance.status import encoded_list

runs = st.lists(st.tuples(st.integers(0, 255), st.integers(1, 600)), max_size=12)


@given(runs)
def test_runs_survive_gzip(parts: list[tuple[int, int]]) -> None:
    data = b"".join(bytes([byte]) * length for byte, length in parts)
    assert gzip.decompress(gzip_runs(data)) == data


@given(st.binary(max_size=400))
def test_any_bytes_survive_gzip(data: bytes) -> None:
    assert gzip.decompress(gzip_runs(data)) == data


@pytest.mark.parametrize("length", range(263))
def test_every_run_length_survives_gzip(length: int) -> None:
    assert gzip.decompress(gzip_runs(b"\x07" * length)) == b"\x07" * length


def test_an_empty_status_list_always_has_the_same_bytes() -> None:
    packed = gzip_runs(bytes(16_384))
    assert (
        hashlib.sha256(packed).hexdigest()
        == "cbe152aac4408897392104c9d769607cae06edeafda7266f4588b084d8ced836"
    )
    assert len(packed) < 200


@given(st.binary(max_size=200))
def test_base64url_has_no_padding_and_reads_back(data: bytes) -> None:
    text = b64url(data)
    assert b"=" not in text
    assert base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)) == data


@given(st.binary(max_size=200))
def test_digests_are_base58_multihashes_of_sha256(data: bytes) -> None:
    text = digest_multibase(data)
    number = 0
    for character in text[1:]:
        number = number * 58 + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".index(character)
    assert text[0] == "z"
    assert number.to_bytes(34, "big") == b"\x12\x20" + hashlib.sha256(data).digest()


@given(st.sets(st.integers(0, 131_071), max_size=40))
def test_set_bits_are_found_from_the_left(positions: set[int]) -> None:
    text = encoded_list(positions)
    assert text[0] == "u"
    bits = gzip.decompress(base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))
    assert len(bits) == 16_384
    assert int.from_bytes(bits, "big") == sum(1 << (131_071 - position) for position in positions)


def test_a_position_outside_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="outside a list"):
        encoded_list([131_072])
