"""Reading the beginning of a file: never more than asked for, and room only for what is there."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest

from assay.harness.credential import strict_json
from assay.harness.credential.strict_json import read_up_to


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 5_000])
@pytest.mark.parametrize("most", [1, 10, 100_000])
def test_the_first_bytes_are_read_and_no_more(tmp_path: Path, size: int, most: int) -> None:
    data = bytes(place % 251 for place in range(size))
    path = tmp_path / "file"
    path.write_bytes(data)
    assert read_up_to(path, most) == data[:most]


def test_a_file_that_says_it_is_empty_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 5_000)
    monkeypatch.setattr(strict_json.os, "fstat", lambda _: SimpleNamespace(st_size=0))  # as files of /proc do
    assert read_up_to(path, 100_000) == b"x" * 5_000
    assert read_up_to(path, 10) == b"x" * 10


def test_room_is_made_for_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    tracemalloc.start()
    read_up_to(path, 16 * 1024 * 1024)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000
