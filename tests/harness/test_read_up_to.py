"""Reading the beginning of a file: never more than asked for, and room only for what is there."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from assay.harness.credential.strict_json import read_up_to


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 5_000])
@pytest.mark.parametrize("most", [1, 10, 100_000])
def test_the_first_bytes_are_read_and_no_more(tmp_path: Path, size: int, most: int) -> None:
    data = bytes(place % 251 for place in range(size))
    path = tmp_path / "file"
    path.write_bytes(data)
    assert read_up_to(path, most) == data[:most]


def test_a_file_without_a_size_is_read_to_its_end() -> None:
    path = Path("/proc/self/status")
    if not path.exists():
        pytest.skip("this system has no /proc, whose files say that they are empty")
    assert path.stat().st_size == 0
    assert read_up_to(path, 1_000_000).count(b"\n") > 10


def test_room_is_made_for_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    tracemalloc.start()
    read_up_to(path, 16 * 1024 * 1024)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000
