"""The whole promise of the project, step by step: style, types, imports, self-test, demo, wheel, tests.

Every step runs even if one before it failed, so that one run shows everything; the exit code is 1 if any failed. The wheel
is built and tried beside the short steps, which keep one core busy; what it says is shown when its turn comes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parent.parent

WHEEL = ("wheel", [sys.executable, "tools/wheel.py"])
BESIDE: list[tuple[str, list[str]]] = [
    ("style", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("imports", [str(BIN / "lint-imports")]),
    ("demo", [str(BIN / "assay"), "demo", "--out", "out/promise"]),
]
_TESTS = [str(BIN / "pytest"), "-n", "2", "--durations=20"]
_COVERED = ["-m", "not whole_worlds", "--cov", "--cov-report=term:skip-covered", "--cov-fail-under=85"]
AFTER: list[tuple[str, list[str]]] = [
    ("selftest", [str(BIN / "assay"), "selftest"]),
    ("tests", [*_TESTS, *_COVERED]),
    ("tests of whole worlds", [*_TESTS, "-m", "whole_worlds"]),  # coverage would double their time
]


def _told(name: str, command: list[str]) -> None:
    words = (Path(part).name if part.startswith("/") else part for part in command)
    print(f"\n=== {name}: {' '.join(words)}", flush=True)


def _ended(name: str, code: int, seconds: float) -> bool:
    print(f"=== {name}: {'ok' if code == 0 else f'FAILED ({code})'} in {seconds:.0f} s", flush=True)
    return code == 0


def _steps(steps: list[tuple[str, list[str]]]) -> list[str]:
    """Run steps one after the other; returns the names of those that failed."""
    failed: list[str] = []
    for name, command in steps:
        _told(name, command)
        start = time.monotonic()
        code = subprocess.run(command, cwd=ROOT).returncode
        if not _ended(name, code, time.monotonic() - start):
            failed.append(name)
    return failed


@contextmanager
def _background(command: list[str], output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A step beside others, that does not outlive them when they are interrupted."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def main() -> int:
    start = time.monotonic()
    name, command = WHEEL
    with tempfile.TemporaryFile() as output, _background(command, output) as wheel:
        failed = _steps(BESIDE)
        code = wheel.wait()
        output.seek(0)
        _told(name, command)
        print(output.read().decode(errors="replace"), end="")
        if not _ended(name, code, time.monotonic() - start):
            failed.append(name)
    failed += _steps(AFTER)
    print("\nPromise kept." if not failed else f"\nPromise broken: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
