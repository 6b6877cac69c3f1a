"""Addresses from strangers never stop a node."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator.sandbox.addresses import join_address, split_address
from assay.simulator.sandbox.fetch import FetchError, HostMapFetcher

ODD = st.one_of(
    st.text(max_size=40), st.sampled_from(["https://[", "https://a:99999/", "//[::1", "https://a]b/"])
)


@given(ODD)
def test_anything_can_be_taken_apart(url: str) -> None:
    parts = split_address(url)
    assert parts.port is None or 0 <= parts.port <= 65535


@given(ODD, ODD)
def test_anything_can_be_joined(base: str, reference: str) -> None:
    assert isinstance(join_address(base, reference), str)


@pytest.mark.parametrize(
    "url", ["https://[", "https://a:99999/", "http://node.example/", "file:///etc/passwd", ""]
)
def test_what_is_no_https_url_cannot_be_fetched(url: str) -> None:
    async def fetch() -> None:
        async with HostMapFetcher(dict, ssl.create_default_context) as fetcher:
            await fetcher(url)

    with pytest.raises(FetchError):
        asyncio.run(fetch())
