"""``assay simulate`` as a user calls it: versions, formats, workers, resuming, and one line for what cannot work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "assay.cli", "simulate"]


def simulate(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_summary_says_what_was_made(tmp_path: Path) -> None:
    code, out, err = simulate("--out", str(tmp_path / "world"), "--format", "jsonl", "--workers", "1")
    assert (code, err) == (0, "")
    dataset = json.loads((tmp_path / "world" / "dataset.json").read_bytes())
    issued = sum(number for name, number in dataset["counts"].items() if name.startswith("Digital"))
    assert f"{issued} credentials as jsonl (UNTP 0.7.0, seed 1" in out
    assert not (tmp_path / "world" / "files").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--untp", "0.5"], "UNTP version '0.5' cannot be written; choose one of: 0.7.0"),
        (["--format", "xml"], "format 'xml' is unknown; choose from: jwt, jsonl, parquet, site"),
        (["--workers", "-2"], "--workers -2 cannot be; give a number from 1"),
    ],
)
def test_what_cannot_work_is_one_line_and_writes_nothing(
    arguments: list[str], told: str, tmp_path: Path
) -> None:
    code, out, err = simulate("--out", str(tmp_path / "world"), *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_can_be_taken_up(tmp_path: Path) -> None:
    world, partial = tmp_path / "world", tmp_path / "world.partial"
    run = subprocess.Popen([*COMMAND, "--out", str(world), "--format", "site"], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (partial / "work" / "done" / "00001").exists():
        assert run.poll() is None and time.monotonic() < deadline
        os.sched_yield()
    run.send_signal(signal.SIGSTOP)
    run.send_signal(signal.SIGTERM)
    run.send_signal(signal.SIGCONT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 143 and b"go on with --resume" in err
    assert partial.is_dir() and not world.exists()
    assert simulate("--out", str(world), "--format", "site", "--resume")[0] == 0
    assert (world / "dataset.json").is_file() and not partial.exists()
